"""Photos as they are kept: checked, turned upright, made smaller, and rid of everything but the picture."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pi_heif
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from geo.errors import PhotoError
from layers.photo_exif import Exif, PhotoPosition, read_exif
from layers.photo_formats import HEIC, JPEG, PNG, Source, damaged, open_source

MAX_BYTES = 25_000_000
MAX_PIXELS = 40_000_000
LONG_SIDE = 2560
QUALITY = 85

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow and pi_heif raise on files that are not whole.
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
    machine. Safe to call from several threads; each call needs up to half a gigabyte for the largest photos.

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
        _check_size(*source.size)
    try:
        image, source, exif = _decoded(source)
        image = _to_srgb(image, source.icc)
        turn = _UPRIGHT.get(exif.orientation)
        upright = image if turn is None else image.transpose(turn)
        kept = _encoded(upright)
    except _DECODER_ERRORS as error:
        raise damaged(str(error) or type(error).__name__) from error
    return Photo(
        kept,
        hashlib.sha256(kept).hexdigest(),
        *upright.size,
        source.format,
        exif.position,
        exif.taken_at_us,
        source.first_of_several,
    )


def store_photo(folder: Path, photo: Photo) -> Path:
    """Where the photo now lies, on the disk itself; a photo that is there already stays as it is.

    Any number of threads and processes may store the same photo at once.

    Raises:
        OSError: the folder cannot be written.
    """
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


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise damaged(f"it has {width} × {height} pixels")
    if width * height > MAX_PIXELS:
        what = f"The photo has {width} × {height} pixels, more than {MAX_PIXELS // 1_000_000} megapixels."
        raise PhotoError(what, fix="Send a smaller one.")


def _decoded(source: Source) -> tuple[Image.Image, Source, Exif]:
    """The picture at the size it is kept, not yet upright; for HEIC also what its decoder found.

    The formats' own classes, not ``Image.open``: it would warn, try further formats, and change with what
    other code registers.
    """
    if source.format == HEIC:
        return _decoded_heic(source)
    exif = read_exif(source.exif)
    stream = io.BytesIO(source.picture)
    if source.format == JPEG:
        with JpegImageFile(stream) as jpeg:
            _check_size(*jpeg.size)
            jpeg.draft(None, _kept_size(jpeg.size))  # decodes at 1/2, 1/4 or 1/8 where that is enough
            return _shrunk(jpeg), source, exif
    if source.format == PNG:
        with PngImageFile(stream) as png:
            _check_size(*png.size)
            return _shrunk(png), source, exif
    with WebPImageFile(stream) as webp:
        _check_size(*webp.size)
        return _shrunk(webp), source, exif


def _decoded_heic(source: Source) -> tuple[Image.Image, Source, Exif]:
    """The decoder turns it upright itself (``irot``, ``imir``); EXIF only repeats that: not followed."""
    pictures = pi_heif.open_heif(source.picture, convert_hdr_to_8bit=True)
    main = pictures[pictures.primary_index]
    _check_size(*main.size)
    exif = read_exif(main.info.get("exif") or b"")
    found = Source(HEIC, b"", main.size, b"", main.info.get("icc_profile") or b"", len(pictures) > 1)
    image: Image.Image = main.to_pillow()
    return _shrunk(image), found, Exif(1, exif.position, exif.taken_at_us)


def _kept_size(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, LONG_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrunk(image: Image.Image) -> Image.Image:
    """Grey, RGB or CMYK at the size it is kept; what is transparent becomes white."""
    plain = _plain(image)
    if plain.size != _kept_size(plain.size):
        plain = plain.resize(_kept_size(plain.size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if plain.mode != "RGBA":
        return plain
    white = Image.new("RGB", plain.size, "white")
    white.paste(plain, mask=plain.getchannel("A"))
    return white


def _plain(image: Image.Image) -> Image.Image:
    """One of the modes L, RGB, RGBA and CMYK."""
    image.load()
    if image.mode.startswith("I"):  # 16 bits: Pillow would clip instead of scaling
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBa"):
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """In sRGB; a profile that is broken or made for another kind of picture is left out of account."""
    if icc and image.mode in ("L", "RGB", "CMYK"):
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            turned = ImageCms.profileToProfile(
                image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            turned = None
        image = turned or image
    return image.convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    image.info.clear()  # Pillow writes a comment that it finds there
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
