"""Photos as they are kept: checked, turned upright, made smaller, and rid of everything but the picture."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tempfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from geo.errors import PhotoError, StoreUnavailableError
from layers.photo_exif import Exif, PhotoPosition, read_exif
from layers.photo_formats import HEIC, JPEG, PNG, WEBP, Source, damaged, open_source
from layers.photo_heic import decode_heic
from layers.photo_pixels import UPRIGHT, check_size, encoded, kept_size, shrunk, to_srgb

MAX_BYTES = 25_000_000
# What Pillow raises on files that are not whole.
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, RuntimeError, MemoryError, ArithmeticError, LookupError,
    TypeError, AttributeError, AssertionError, struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is kept, and what it said about itself before.

    Attributes:
        data: a JPEG without any metadata, upright, in sRGB.
        sha256: of ``data``, in hexadecimal; the photo's name.
        width, height: of ``data``.
        format: what was sent: jpeg, png, webp or heic.
        position: where it says that it was taken; personal, as long as the report is.
        taken_at_us: when, in UTC microseconds.
        first_of_several: it was animated or held several pictures; only the first (or main) one is kept.
    """

    data: bytes = field(repr=False)
    sha256: str
    width: int
    height: int
    format: str
    position: PhotoPosition | None = None
    taken_at_us: int | None = None
    first_of_several: bool = False

    @property
    def file_name(self) -> str:
        """The name under which it is stored."""
        return f"{self.sha256}.jpg"


def read_photo(data: bytes) -> Photo:
    """The photo in the bytes that somebody sent, re-encoded.

    Told by its magic bytes, never by a name. What lies behind the picture or beside it (another file in
    the same bytes, a film of it, previews) is gone afterwards. The same bytes give the same photo on the same
    machine. Safe to call from several threads; a call takes up to 700 MB for the largest photos (a WebP of
    40 megapixels; a PNG 400, a JPEG 90 to 280). HEIC is decoded in a child process, which takes 0.2 s longer.

    Raises:
        PhotoError: no JPEG, PNG, WebP or HEIC, damaged, or above 25 MB or 40 megapixels.
    """
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1e6:.1f} MB"
        raise PhotoError(
            f"The photo has {size}, more than {MAX_BYTES / 1e6:.0f} MB.", fix="Send a smaller one."
        )
    source = open_source(data)
    if source.size is not None:
        check_size(*source.size)
    try:
        image, exif, first_of_several = _decoded(source)
        kept = encoded(image)
    except _DECODER_ERRORS as error:
        raise damaged(str(error) or type(error).__name__) from error
    sha256 = hashlib.sha256(kept).hexdigest()
    at, place = exif.taken_at_us, exif.position
    return Photo(kept, sha256, *image.size, source.format, place, at, first_of_several)


def store_photo(folder: Path, photo: Photo) -> Path:
    """Where the photo now lies, on the disk itself; a photo that is there already stays as it is.

    Any number of threads and processes may store the same photo at once.

    Raises:
        StoreUnavailableError: the folder cannot be written.
    """
    try:
        return _store(folder, photo)
    except OSError as error:
        fix = "Nothing was stored of this request; send it again when there is space and the disk works."
        raise StoreUnavailableError(f"The photo cannot be stored: {error.strerror}.", fix=fix) from error


def _store(folder: Path, photo: Photo) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / photo.file_name
    if not path.exists():
        handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=folder)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(photo.data)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    _sync(folder)  # also where another has just put it there and not yet synced
    return path


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _decoded(source: Source) -> tuple[Image.Image, Exif, bool]:
    """The picture upright, at the size it is kept and in sRGB; what it says; whether more were there.

    The formats' own classes, not ``Image.open``: it would warn, try further formats, and change with what
    other code registers.
    """
    if source.format == HEIC:
        heic = decode_heic(source.picture)
        # EXIF only repeats for old readers how the file was turned.
        return (
            to_srgb(heic.image, heic.icc),
            replace(read_exif(heic.exif), orientation=1),
            heic.first_of_several,
        )
    exif = read_exif(source.exif)
    with _CLASSES[source.format](io.BytesIO(source.picture)) as file:
        check_size(*file.size)
        file.draft(None, kept_size(file.size))  # a JPEG is decoded at 1/2, 1/4 or 1/8 where that is enough
        image = to_srgb(shrunk(file), source.icc)
    turn = UPRIGHT.get(exif.orientation)
    return (image if turn is None else image.transpose(turn)), exif, source.first_of_several


_CLASSES: dict[str, type[ImageFile]] = {JPEG: JpegImageFile, PNG: PngImageFile, WEBP: WebPImageFile}
