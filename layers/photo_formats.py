"""What kind of picture bytes are, how large, and what in them is picture: told from their structure alone.

Nothing is decoded here. What a decoder gets afterwards (`Source.picture`) begins with its magic bytes and
holds no EXIF, XMP, comments, thumbnails, further pictures or bytes behind the end (HEIC excepted: its decoder
needs the whole container).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from geo.errors import PhotoError

JPEG, PNG, WEBP, HEIC = "jpeg", "png", "webp", "heic"
TAKEN = "JPEG, PNG, WebP and HEIC are taken."
MAX_ICC = 4_000_000
MAX_SCANS = 100
"""Scans of a progressive JPEG: cameras write about ten; each costs a pass over the whole picture."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture before it is decoded.

    Attributes:
        size: width and height as stored, or None where only the decoder can tell (HEIC).
        picture: what the decoder needs.
        exif, icc: the raw blocks, empty if there are none.
        first_of_several: further frames follow and are left out.
    """

    format: str
    picture: bytes
    size: tuple[int, int] | None = None
    exif: bytes = b""
    icc: bytes = b""
    first_of_several: bool = False


def open_source(data: bytes) -> Source:
    """The picture in the bytes.

    Raises:
        PhotoError: not one of the four formats, cut off, or without its parts.
    """
    for magic, read in _READERS:
        if magic.match(data):
            return read(data)
    what = next((name for magic, name in _OTHERS if magic.match(data)), "")
    if what:
        raise PhotoError(f"This file is {what}, not a photo.", fix=TAKEN)
    raise PhotoError(f"This file begins with {data[:12]!r} and is no photo.", fix=TAKEN)


def damaged(what: str) -> PhotoError:
    """The error for a file that says what it is and is not whole."""
    return PhotoError(f"The photo is damaged: {what}.", fix="Send the original file again.")


# The next marker in coded data: neither a stuffed zero, nor a restart, nor filling.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDD})
_SCAN, _END = 0xDA, 0xD9
_JFIF, _ADOBE, _EXIF, _ICC = (0xE0, b"JFIF\0"), (0xEE, b"Adobe"), (0xE1, b"Exif\0"), (0xE2, b"ICC_PROFILE\0")


def _jpeg(data: bytes) -> Source:
    parts, exif, icc = [b"\xff\xd8"], b"", b""
    size, scans = None, 0
    for marker, start, end in _segments(data):
        body = data[start + 4 : end]
        if marker in _FRAMES:
            if size is not None or len(body) < 6:
                raise damaged("it has no single frame")
            size = (int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
        scans += marker == _SCAN
        if scans > MAX_SCANS:
            raise damaged(f"it has more than {MAX_SCANS} scans")
        head = (marker, body)
        if marker in _FRAMES | _TABLES | {_SCAN} or _is(head, _JFIF) or _is(head, _ADOBE):
            parts.append(data[start:end])
        elif _is(head, _EXIF) and not exif:
            exif = body
        elif _is(head, _ICC) and len(icc) < MAX_ICC:
            icc += body[14:]
    if size is None or not scans:
        raise damaged("it has no picture")
    return Source(JPEG, b"".join([*parts, b"\xff\xd9"]), size, exif, icc)


def _is(head: tuple[int, bytes], kind: tuple[int, bytes]) -> bool:
    return head[0] == kind[0] and head[1].startswith(kind[1])


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, begin and end of each segment up to the end of the picture; a scan has its coded data."""
    at = 2
    while True:
        found = _MARKER.search(data, at)
        if found is None or found.end() + 2 > len(data):
            if found is not None and data[found.start() + 1] == _END:
                return
            raise damaged("it ends before the picture does")
        marker, start = data[found.start() + 1], found.start()
        if marker == _END:
            return
        if marker == 0x01:  # stands alone
            at = start + 2
            continue
        at = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if at < start + 4 or at > len(data):
            raise damaged("it ends before the picture does")
        if marker == _SCAN:
            following = _MARKER.search(data, at)
            at = len(data) if following is None else following.start()
        yield marker, start, at


_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_PICTURE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def _png(data: bytes) -> Source:
    parts, at, end = [_PNG_MAGIC], len(_PNG_MAGIC), False
    others: dict[bytes, bytes] = {}
    while not end:
        if at + 12 > len(data):
            raise damaged("it ends before the picture does")
        length, name = struct.unpack_from(">I4s", data, at)
        after = at + 12 + length
        if after > len(data):
            raise damaged("it ends before the picture does")
        if name in _PNG_PICTURE:
            parts.append(data[at:after])
        elif name in (b"eXIf", b"iCCP", b"acTL"):
            others.setdefault(name, data[at + 8 : after - 4])
        at, end = after, name == b"IEND"
    if parts[1][4:8] != b"IHDR" or len(parts[1]) != 25:
        raise damaged("it does not begin with its size")
    width, height = struct.unpack_from(">II", parts[1], 8)
    several = int.from_bytes(others.get(b"acTL", b"")[:4], "big") > 1
    icc = _inflated(others.get(b"iCCP", b""))
    return Source(PNG, b"".join(parts), (width, height), others.get(b"eXIf", b""), icc, several)


def _inflated(profile: bytes) -> bytes:
    """The profile of an iCCP chunk (name, zero, method, deflated); nothing if it is broken or too large."""
    packed = profile.partition(b"\0")[2][1:]
    try:
        unpack = zlib.decompressobj()
        icc = unpack.decompress(packed, MAX_ICC)
    except zlib.error:
        return b""
    return icc if unpack.eof else b""


def _webp(data: bytes) -> Source:
    whole = 8 + int.from_bytes(data[4:8], "little")
    if whole > len(data):
        raise damaged("it ends before the picture does")
    picture = data[:whole]
    chunks = dict(_chunks(picture))
    size = _webp_size(chunks)
    several = bool(chunks.get(b"VP8X", b"\0")[0] & 0x02)
    icc = chunks.get(b"ICCP", b"")[:MAX_ICC]
    return Source(WEBP, picture, size, chunks.get(b"EXIF", b""), icc, several)


def _chunks(riff: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each chunk, the last first, so that the first of a name stays in a dict."""
    found: list[tuple[bytes, bytes]] = []
    at = 12
    while at + 8 <= len(riff):
        name, length = struct.unpack_from("<4sI", riff, at)
        found.append((name, riff[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return reversed(found)


def _webp_size(chunks: dict[bytes, bytes]) -> tuple[int, int]:
    """Of the canvas; else of the lossy or lossless frame (RFC 9649)."""
    canvas, lossy, lossless = (chunks.get(name, b"") for name in (b"VP8X", b"VP8 ", b"VP8L"))
    if len(canvas) >= 10:
        return int.from_bytes(canvas[4:7], "little") + 1, int.from_bytes(canvas[7:10], "little") + 1
    if len(lossy) >= 10 and lossy[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", lossy, 6)
        return width & 0x3FFF, height & 0x3FFF
    if len(lossless) >= 5 and lossless[0] == 0x2F:
        bits = int.from_bytes(lossless[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise damaged("it has no picture")


def _heic(data: bytes) -> Source:
    return Source(HEIC, data)


_READERS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], Source]], ...] = (
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(re.escape(_PNG_MAGIC)), _png),
    (re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL), _webp),
    (re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL), _heic),
)
_OTHERS = tuple(
    (re.compile(magic, re.DOTALL | re.IGNORECASE), name)
    for magic, name in (
        (rb"$", "empty"),
        (rb"GIF8", "a GIF"),
        (rb"BM", "a BMP"),
        (rb"II\*\0|MM\0\*", "a TIFF or a raw photo"),
        (rb"....ftypavi[fs]", "an AVIF"),
        (rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", "a video"),
        (rb"%PDF", "a PDF"),
        (rb"PK\x03\x04", "a ZIP"),
        (rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml.{0,500})?\s*<svg", "an SVG drawing"),
        (rb"\s*(?:\xef\xbb\xbf)?\s*<", "HTML or XML"),
    )
)
