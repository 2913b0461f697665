"""Photos: only pictures get in, only the picture stays, and what it said of place and time is kept apart."""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from geo.errors import PhotoError, StoreUnavailableError
from geo.types import Datum
from layers import photos
from layers.photo_pixels import LONG_SIDE
from layers.photos import Photo, read_photo, store_photo
from tests.photo_files import (
    CORNERS,
    HEIGHT,
    SECRETS,
    TAKEN_US,
    TRAILER,
    WIDTH,
    Entry,
    corners,
    exif,
    heic,
    jpeg,
    mutated,
    png,
    png_chunk,
    webp,
)

MAKERS: dict[str, Callable[..., bytes]] = {"jpeg": jpeg, "png": png, "webp": webp, "heic": heic}

every_format = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def _opened(photo: Photo) -> Image.Image:
    return Image.open(io.BytesIO(photo.data))


def _quarters(image: Image.Image, count: int = 4) -> list[int]:
    """Which corner's colour each quarter has: upper left, upper right, lower left, lower right."""
    width, height = image.size
    seen = [image.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3)][:count]
    apart = np.abs(np.array(seen)[:, None] - np.array(CORNERS)[None]).sum(axis=2)
    assert (apart.min(axis=1) < 30).all(), seen
    return [int(n) for n in apart.argmin(axis=1)]


# What is kept.


@pytest.mark.parametrize("form", MAKERS)
def test_each_format_becomes_a_jpeg_with_the_same_picture(form: str) -> None:
    photo = read_photo(MAKERS[form]())
    assert (photo.format, photo.width, photo.height) == (form, WIDTH, HEIGHT)
    assert (_opened(photo).format, _opened(photo).size) == ("JPEG", (WIDTH, HEIGHT))
    assert _quarters(_opened(photo)) == [0, 1, 2, 3]
    assert not photo.first_of_several


@every_format
def test_nothing_of_what_was_planted_is_in_the_output(make: Callable[..., bytes]) -> None:
    """Serial, comment, XMP, IPTC and what lies behind the end; the blocks themselves are gone as well."""
    data = make()
    for secret in SECRETS:
        assert secret in data
    kept = read_photo(data).data
    for trace in (*SECRETS, b"Exif", b"http:", b"Photoshop", b"ICC_PROFILE", b"II*\0", b"2026:06:30"):
        assert trace not in kept
    assert set(_opened(read_photo(data)).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert kept.endswith(b"\xff\xd9")


@given(serial=st.text("ABCDEFGHJK0123456789", min_size=8, max_size=60), form=st.sampled_from(list(MAKERS)))
@settings(max_examples=30)
def test_no_serial_number_gets_out(serial: str, form: str) -> None:
    camera: dict[int, Entry] = {0xA431: (7, serial.encode())}
    assert serial.encode() not in read_photo(MAKERS[form](block=exif(camera=camera))).data


def test_a_photo_in_a_photo_and_a_film_behind_it_are_gone() -> None:
    """Previews, gain maps and motion photos: a JPEG in EXIF, a JPEG and an MP4 behind the end."""
    preview = exif(camera={0x927C: (7, jpeg())})
    data = jpeg(block=preview) + jpeg() + b"\0\0\0\x18ftypmp42" + TRAILER
    kept = read_photo(data).data
    assert kept.count(b"\xff\xd8\xff") == 1
    assert TRAILER not in kept
    assert b"ftyp" not in kept


@pytest.mark.parametrize("hidden", [b"<script>alert(1)</script>", b"PK\x03\x04hidden", b"%PDF-1.7 hidden"])
@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_of_a_polyglot_only_the_picture_is_left(make: Callable[..., bytes], hidden: bytes) -> None:
    assert hidden not in read_photo(make() + hidden).data


def test_the_name_is_the_hash_of_what_is_kept_and_the_same_each_time() -> None:
    first, again = read_photo(jpeg()), read_photo(jpeg(block=b""))
    assert first.sha256 == again.sha256  # the same picture
    assert first.sha256 == hashlib.sha256(first.data).hexdigest()
    assert first.file_name == f"{first.sha256}.jpg"
    assert first.position is not None
    assert again.position is None
    assert "data=" not in repr(first)


# Which way up.

# Which corner each quarter shows once a picture with that orientation is upright (EXIF 2.32, 4.6.4 A).
UPRIGHT = {
    1: [0, 1, 2, 3], 2: [1, 0, 3, 2], 3: [3, 2, 1, 0], 4: [2, 3, 0, 1],
    5: [0, 2, 1, 3], 6: [2, 0, 3, 1], 7: [3, 1, 2, 0], 8: [1, 3, 0, 2],
}  # fmt: skip


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_every_orientation_comes_upright(make: Callable[..., bytes], orientation: int) -> None:
    photo = read_photo(make(block=exif(orientation=orientation)))
    assert (photo.width > photo.height) == (orientation < 5)
    assert _quarters(_opened(photo)) == UPRIGHT[orientation]


@pytest.mark.parametrize(("turns", "mirror", "orientation"), [
    (0, None, 1), (0, 1, 2), (2, None, 3), (0, 0, 4), (1, 0, 5), (3, None, 6), (1, 1, 7), (1, None, 8),
])  # fmt: skip
def test_heic_says_itself_which_way_up(turns: int, mirror: int | None, orientation: int) -> None:
    """Its own turn is made once; EXIF repeats it for old readers and must not turn it again."""
    photo = read_photo(heic(block=exif(orientation=orientation), turns=turns, mirror=mirror))
    assert _quarters(_opened(photo)) == UPRIGHT[orientation]


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_that_does_not_exist_is_none(orientation: int) -> None:
    assert _quarters(_opened(read_photo(jpeg(block=exif(orientation=orientation))))) == [0, 1, 2, 3]


# How large.


@pytest.mark.parametrize(("size", "kept"), [
    ((5120, 100), (2560, 50)), ((100, 5120), (50, 2560)), ((2560, 40), (2560, 40)), ((2561, 3), (2560, 3)),
    ((30_000, 1), (2560, 1)), ((1, 1), (1, 1)),
])  # fmt: skip
@pytest.mark.parametrize("make", [jpeg, png])
def test_the_long_side_is_bounded(
    make: Callable[..., bytes], size: tuple[int, int], kept: tuple[int, int]
) -> None:
    photo = read_photo(make(Image.new("RGB", size, (200, 30, 30))))
    assert (photo.width, photo.height) == kept
    assert max(kept) <= LONG_SIDE


def test_a_large_jpeg_decodes_smaller_and_upright() -> None:
    photo = read_photo(jpeg(corners(6000, 4000), block=exif(orientation=6)))
    assert (photo.width, photo.height) == (1707, 2560)
    assert _quarters(_opened(photo)) == UPRIGHT[6]


def _png_of(width: int, height: int) -> bytes:
    """A PNG that says a size, and has a few bytes of data."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IDAT", zlib.compress(b"\0" * 100)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + body


def _jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _webp_of(width: int, height: int) -> bytes:
    data = bytearray(webp())
    assert data[12:16] == b"VP8X"
    data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


def _heic_of(width: int, height: int) -> bytes:
    return heic(said_size=(width, height))


@pytest.mark.parametrize("bomb", [_png_of, _jpeg_of, _webp_of, _heic_of])
def test_pixel_bombs_are_refused_before_they_are_decoded(
    bomb: Callable[[int, int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message shows the size; no decoder is even asked (HEIC's knows the size before it decodes)."""
    monkeypatch.setattr(photos, "_CLASSES", {})
    with pytest.raises(PhotoError, match="9000 × 9000 pixels, more than 40 megapixels"):
        read_photo(bomb(9000, 9000))


@pytest.mark.parametrize("bomb", [_png_of, _jpeg_of, _heic_of])
def test_a_picture_without_extent_is_refused(bomb: Callable[[int, int], bytes]) -> None:
    with pytest.raises(PhotoError):
        read_photo(bomb(0, 10))


def test_a_heic_whose_frame_is_larger_than_it_says_is_refused() -> None:
    with pytest.raises(PhotoError):
        read_photo(heic(said_size=(16, 16)))


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    """Each costs a pass over the whole picture."""
    data = jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last : data.index(b"\xff\xd9", last)]
    with pytest.raises(PhotoError, match="more than 100 scans"):
        read_photo(data[:last] + scan * 200 + b"\xff\xd9")


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PhotoError, match=r"25\.1 MB, more than 25 MB"):
        read_photo(jpeg() + b"\0" * 25_100_000)


# What is no photo.


@pytest.mark.parametrize(("data", "says"), [
    (b"", "empty"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    (b"<?xml version='1.0'?>\n<svg onload='alert(1)'/>", "an SVG drawing"),
    (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "HTML or XML"),
    (b"GIF89a\1\0\1\0", "a GIF"),
    (b"BM" + b"\0" * 60, "a BMP"),
    (b"II*\0\x08\0\0\0", "a TIFF"),
    (b"%PDF-1.7", "a PDF"),
    (b"PK\x03\x04\x14", "a ZIP"),
    (b"\0\0\0\x18ftypmp42\0\0\0\0", "a video"),
    (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF"),
    (b"hello, this is no photo", "is no photo"),
    (b"\n" + b"\xff\xd8\xff\xe0", "is no photo"),  # a photo begins with its magic bytes
])  # fmt: skip
def test_other_files_are_refused_by_name(data: bytes, says: str) -> None:
    with pytest.raises(PhotoError, match=says) as caught:
        read_photo(data)
    assert "JPEG, PNG, WebP and HEIC" in caught.value.fix


@pytest.mark.parametrize("make", [jpeg, png, webp, heic])
def test_what_is_cut_off_is_refused(make: Callable[..., bytes]) -> None:
    """Wherever it is cut, down to its magic bytes: not the half of a picture with grey below."""
    data = make()
    whole = data[: -len(TRAILER) - (8 if make is heic else 0)]
    assert read_photo(whole)
    for end in {*range(12, len(whole) - 4, 23), len(whole) // 2, len(whole) - 40}:
        if make is heic and end > len(whole) - 60:  # the XMP at the end is not missed
            continue
        with pytest.raises(PhotoError):
            read_photo(whole[:end])


# Several pictures.


def _frames(form: str) -> bytes:
    out = io.BytesIO()
    later = Image.new("RGB", (WIDTH, HEIGHT), "black")
    corners().save(out, form, save_all=True, append_images=[later], duration=100, lossless=True)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_kept_and_said(form: str) -> None:
    photo = read_photo(_frames(form))
    assert photo.first_of_several
    assert _quarters(_opened(photo)) == [0, 1, 2, 3]


# Colours.


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    image = corners().convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
    image = image if mode == "I;16" else corners().convert(mode)
    seen = _opened(read_photo(png(image))).convert("L")
    usual = corners().convert("L")
    if mode != "1":  # the palette has the nearest of 216 colours
        assert abs(seen.getpixel((20, 15)) - usual.getpixel((20, 15))) < 12


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert _opened(read_photo(png(clear))).getpixel((9, 9)) == (255, 255, 255)
    palette = Image.new("P", (20, 20), 0)
    assert _opened(read_photo(png(palette, transparency=0))).getpixel((9, 9)) == (255, 255, 255)


def test_a_profile_is_turned_into_srgb_and_left_out() -> None:
    """The profile of a space whose red and blue are exchanged: the picture must come out exchanged."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table = {srgb[at : at + 4]: at for at in range(132, 132 + 12 * srgb[131], 12)}
    swapped = bytearray(srgb)
    red, blue = table[b"rXYZ"], table[b"bXYZ"]
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    same, other = (read_photo(jpeg(icc_profile=icc)) for icc in (srgb, bytes(swapped)))
    assert b"ICC_PROFILE" not in other.data
    assert _quarters(_opened(same)) == [0, 1, 2, 3]
    assert _quarters(_opened(other), 3) == [2, 1, 0]


@pytest.mark.parametrize("profile", [b"", b"junk", b"\0" * 128, b"\xff" * 5000])
@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_a_broken_profile_is_left_out_of_account(make: Callable[..., bytes], profile: bytes) -> None:
    photo = read_photo(make(icc_profile=profile))
    assert _quarters(_opened(photo)) == [0, 1, 2, 3]


def test_printers_colours_are_read() -> None:
    photo = read_photo(jpeg(corners().convert("CMYK")))
    assert _opened(photo).mode == "RGB"
    assert _quarters(_opened(photo)) == [0, 1, 2, 3]


# Where and when.


@every_format
@pytest.mark.parametrize("order", ["<", ">"])
def test_place_accuracy_and_time_are_read(make: Callable[..., bytes], order: str) -> None:
    photo = read_photo(make(block=exif(order=order)))
    assert photo.position is not None
    assert photo.position.lng == pytest.approx(120.86)
    assert photo.position.lat == pytest.approx(32.0101)
    assert photo.position.accuracy_m == 6.5
    assert photo.position.datum is Datum.WGS84
    assert photo.taken_at_us == TAKEN_US


# Whatever comes.


def _read_or_refused(data: bytes) -> Photo | None:
    try:
        return read_photo(data)
    except PhotoError:
        return None


MAGIC = (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBPVP8X")


@given(magic=st.sampled_from(MAGIC), data=st.binary(max_size=400))
@settings(max_examples=300)
def test_random_bytes_raise_nothing_but_a_photo_error(magic: bytes, data: bytes) -> None:
    _read_or_refused(magic + data)


SEEDS: dict[str, bytes] = {
    "jpeg": jpeg(),
    "png": png(),
    "webp": webp(),
    "progressive": jpeg(progressive=True),
    "palette": png(corners().convert("P")),
    "transparent": png(corners().convert("RGBA")),
    "lossy": webp(lossless=False),
    "animated png": _frames("PNG"),
    "animated webp": _frames("WEBP"),
}


@given(data=st.data())
@settings(max_examples=400)
def test_damaged_photos_raise_nothing_but_a_photo_error(data: st.DataObject) -> None:
    """And where a picture is still found, nothing of what was planted gets out with it."""
    _check_damaged(mutated(data.draw(st.sampled_from(list(SEEDS.values()))), data))


@given(data=st.data(), turns=st.integers(0, 3))
@settings(max_examples=40)
def test_a_damaged_heic_raises_nothing_but_a_photo_error(data: st.DataObject, turns: int) -> None:
    """Whatever it does to its decoder."""
    _check_damaged(mutated(heic(turns=turns), data))


def _check_damaged(damaged: bytes) -> None:
    photo = _read_or_refused(damaged)
    if photo is not None:
        assert not [secret for secret in SECRETS if secret in photo.data]
        assert max(photo.width, photo.height) <= LONG_SIDE


def test_a_heic_that_kills_its_decoder_is_refused() -> None:
    """A type of metadata that is not UTF-8 ends the process that reads it (pi_heif 1.4)."""
    with pytest.raises(PhotoError, match="decoder could not go on"):
        read_photo(heic(content_type=b"appl\xffcation/rdf+xml"))


def test_a_heic_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.photo_heic.WALL_S", 0.001)
    with pytest.raises(PhotoError, match=r"more than 0\.001 seconds"):
        read_photo(heic())


def test_threads_read_and_store_the_same_photos_alike(tmp_path: Path) -> None:
    alone = {name: read_photo(data).sha256 for name, data in SEEDS.items()}
    seen: list[dict[str, str]] = []

    def work() -> None:
        mine = {}
        for name, data in SEEDS.items():
            photo = read_photo(data)
            mine[name] = store_photo(tmp_path, photo).stem
        seen.append(mine)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [alone] * 6
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.jpg" for name in alone.values()}


# Stored.


def test_a_photo_is_stored_under_its_name_once(tmp_path: Path) -> None:
    photo = read_photo(jpeg())
    path = store_photo(tmp_path / "photos", photo)
    assert path == tmp_path / "photos" / photo.file_name
    assert path.read_bytes() == photo.data
    before = path.stat()
    assert store_photo(tmp_path / "photos", photo) == path
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the file, then the rename, then the folder."""
    done: list[str] = []
    fsync, replace = photos.os.fsync, Path.replace

    def synced(handle: int) -> None:
        done.append("fsync")
        fsync(handle)

    def replaced(self: Path, target: Path) -> Any:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(photos.os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    store_photo(tmp_path, read_photo(jpeg()))
    assert done == ["fsync", "rename", "fsync"]


def test_a_disk_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(photos.os, "fsync", full)
    with pytest.raises(StoreUnavailableError, match="No space"):
        store_photo(tmp_path, read_photo(jpeg()))
    assert not list(tmp_path.iterdir())
