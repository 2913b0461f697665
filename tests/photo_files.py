"""Photos for the tests, byte by byte: EXIF that should not get out, corners that tell turns."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from layers.photos import Photo, read_photo

SECRETS = (b"SERIAL-4711-8812", b"COMMENT-of-somebody", b"XMP-37.7749-secret", b"TRAILER-behind-the-end")
SERIAL, COMMENT, XMP, TRAILER = SECRETS
CORNERS = (
    (220, 30, 30),
    (30, 200, 30),
    (30, 30, 220),
    (230, 230, 60),
)  # upper left and right, lower left, right
WIDTH, HEIGHT = 96, 64

# A frame of 96 × 64 pixels with the four corners, HEVC: its configuration and its data.
_HVCC = base64.b64decode(
    "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbq"
    "SSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQA=="
)
_FRAME = base64.b64decode(
    "AAAAyCgBrwng4wucuq///kEf//4xG5D+BOakglJ5793p/tPn/+c2K6ij3ayjBBF6ZRdQ60m8bWvUpcT/jHMjfl8cgToevHQpqFQUBQAGm2+K"
    "wJk8T+QZeHH5Q0wKB0eDvYn/9/CDx/Esjf/rryV9SUI1jDoWEjbA6vR0CGm9NPEMXB8HYd7qrpnjNY4ncz5Yv8KA1ScYkkJGTkWfKqLDyGT5"
    "wc1/2FLT+HlPp/8lxh/LWwDxD9h1X4+uDHGndfg7P8r/IJfIR1//pYf4"
)

Entry = tuple[int, Any]
Fractions = list[tuple[int, int]]
TAKEN_US = 1_782_792_306_000_000  # what these say: 2026-06-30T04:05:06Z
GPS: dict[int, Entry] = {
    1: (2, b"N\0"),
    2: (5, [(32, 1), (0, 1), (3636, 100)]),
    3: (2, b"E\0"),
    4: (5, [(120, 1), (51, 1), (3600, 100)]),
    7: (5, [(4, 1), (5, 1), (6, 1)]),
    29: (2, b"2026:06:30\0"),
    31: (5, [(65, 10)]),
}
CAMERA: dict[int, Entry] = {
    0x9003: (2, b"2026:06:30 12:05:07\0"),
    0x9011: (2, b"+08:00\0"),
    0xA431: (2, SERIAL + b"\0"),
}


def corners(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """A picture whose four quarters differ."""
    image = Image.new("RGB", (width, height))
    for n, colour in enumerate(CORNERS):
        image.paste(colour, (n % 2 * width // 2, n // 2 * height // 2, width, height))
    return image


def exif(
    gps: Mapping[int, Entry] | None = None,
    camera: Mapping[int, Entry] | None = None,
    orientation: int = 1,
    order: str = "<",
) -> bytes:
    """A TIFF block; None leaves the usual directory, an empty mapping makes an empty one."""
    gps, camera = GPS if gps is None else gps, CAMERA if camera is None else camera
    main: dict[int, Entry] = {
        0x010F: (2, b"Maker\0"), 0x0112: (3, [orientation]), 0x8769: (4, [0]), 0x8825: (4, [0]),
    }  # fmt: skip
    sizes = [len(_directory(part, 0, order)) for part in (main, camera, gps)]
    main[0x8769], main[0x8825] = (4, [8 + sizes[0]]), (4, [8 + sizes[0] + sizes[1]])
    starts = (8, 8 + sizes[0], 8 + sizes[0] + sizes[1])
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    parts = (_directory(part, at, order) for part, at in zip((main, camera, gps), starts, strict=True))
    return head + b"".join(parts)


def _directory(entries: Mapping[int, Entry], start: int, order: str) -> bytes:
    """A directory with its values behind it."""
    rows, behind = b"", b""
    room = start + 2 + 12 * len(entries) + 4
    for tag, (kind, value) in sorted(entries.items()):
        raw, count = _value(kind, value, order)
        if len(raw) > 4:
            place, behind = (
                struct.pack(order + "I", room + len(behind)),
                behind + raw + b"\0" * (len(raw) % 2),
            )
        else:
            place = raw.ljust(4, b"\0")
        rows += struct.pack(order + "HHI", tag, kind, count) + place
    return struct.pack(order + "H", len(entries)) + rows + b"\0\0\0\0" + behind


def _value(kind: int, value: Any, order: str) -> tuple[bytes, int]:
    if kind in (2, 7):
        return value, len(value)
    if kind in (5, 10):
        layout = order + ("II" if kind == 5 else "ii")
        return b"".join(struct.pack(layout, *pair) for pair in value), len(value)
    letter = {3: "H", 4: "I", 11: "f", 12: "d"}[kind]
    return struct.pack(f"{order}{len(value)}{letter}", *value), len(value)


def jpeg(image: Image.Image | None = None, block: bytes | None = None, **options: Any) -> bytes:
    """A JPEG with EXIF, XMP, IPTC, a comment and bytes behind its end."""
    out = io.BytesIO()
    (image or corners()).save(out, "JPEG", quality=95, comment=COMMENT, **options)
    plain = out.getvalue()
    app1 = _segment(0xE1, b"Exif\0\0" + (exif() if block is None else block))
    xmp = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    iptc = _segment(0xED, b"Photoshop 3.0\0" + SERIAL)
    return plain[:2] + app1 + xmp + iptc + plain[2:] + TRAILER


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def png(image: Image.Image | None = None, block: bytes | None = None, **options: Any) -> bytes:
    """A PNG with eXIf, texts and bytes behind its end."""
    info = PngInfo()
    info.add_text("Comment", COMMENT.decode())
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=False)
    out = io.BytesIO()
    block = exif() if block is None else block
    (image or corners()).save(out, "PNG", pnginfo=info, **options)
    plain, end = out.getvalue(), 8 + 25
    return plain[:end] + png_chunk(b"eXIf", block) + plain[end:] + TRAILER


def png_chunk(name: bytes, body: bytes) -> bytes:
    """A chunk with its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def webp(image: Image.Image | None = None, block: bytes | None = None, **options: Any) -> bytes:
    """A WebP with EXIF, XMP and bytes behind its end."""
    out = io.BytesIO()
    options = {"lossless": True, **options}
    block = exif() if block is None else block
    (image or corners()).save(out, "WEBP", exif=b"Exif\0\0" + block, xmp=XMP + COMMENT, **options)
    return out.getvalue() + TRAILER


def heic(
    block: bytes | None = None,
    turns: int = 0,
    mirror: int | None = None,
    said_size: tuple[int, int] = (WIDTH, HEIGHT),
    brand: bytes = b"heic",
    content_type: bytes = b"application/rdf+xml",
) -> bytes:
    """A HEIC with an EXIF and an XMP item.

    Args:
        turns: quarter turns against the clock that a reader has to make (``irot``).
        mirror: then mirror about the vertical (0) or the horizontal (1) axis (``imir``).
        said_size: what ``ispe`` says.
        content_type: of the XMP item.
    """
    properties = [_box(b"hvcC", _HVCC), _full(b"ispe", struct.pack(">II", *said_size))]
    properties += [_full(b"pixi", bytes([3, 8, 8, 8]))]
    properties += [_box(b"irot", bytes([turns]))] if turns else []
    properties += [_box(b"imir", bytes([mirror]))] if mirror is not None else []
    marks = bytes([0x81, 2, 3, *(0x80 | n for n in range(4, len(properties) + 1))])
    items = (
        _FRAME,
        b"\0\0\0\6Exif\0\0" + (exif() if block is None else block),
        XMP + COMMENT,
    )
    ftyp = _box(b"ftyp", brand + b"\0\0\0\0mif1heic")
    infos = _info(1, b"hvc1") + _info(2, b"Exif") + _info(3, b"mime", content_type + b"\0")
    refs = b"".join(_box(b"cdsc", struct.pack(">HHH", item, 1, 1)) for item in (2, 3))
    association = struct.pack(">IHB", 1, 1, len(properties)) + marks

    def meta(at: int) -> bytes:
        where = struct.pack(">HH", 0x4400, 3)
        for number, item in enumerate(items, 1):
            where += struct.pack(">HHHII", number, 0, 1, at, len(item))
            at += len(item)
        return _full(
            b"meta",
            _full(b"hdlr", b"\0\0\0\0pict" + b"\0" * 13)
            + _full(b"pitm", struct.pack(">H", 1))
            + _full(b"iloc", where)
            + _full(b"iinf", struct.pack(">H", 3) + infos)
            + _full(b"iref", refs)
            + _box(b"iprp", _box(b"ipco", b"".join(properties)) + _full(b"ipma", association)),
        )

    at = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(at) + _box(b"mdat", b"".join(items)) + _box(b"free", TRAILER)


def _info(number: int, kind: bytes, more: bytes = b"") -> bytes:
    return _box(b"infe", b"\2\0\0\0" + struct.pack(">HH", number, 0) + kind + b"\0" + more)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def _full(name: bytes, body: bytes) -> bytes:
    return _box(name, b"\0\0\0\0" + body)


def photo_at(lng: float, lat: float, accuracy_m: float = 6.5) -> Photo:
    """A photo taken at a place."""

    def parts(degrees: float) -> Fractions:
        return [(round(degrees * 10_000_000), 10_000_000), (0, 1), (0, 1)]

    error = (5, [(round(accuracy_m * 10), 10)])
    gps = {**GPS, 1: (2, b"N\0"), 2: (5, parts(lat)), 3: (2, b"E\0"), 4: (5, parts(lng)), 31: error}
    return read_photo(jpeg(block=exif(gps=gps)))


def mutated(original: bytes, data: st.DataObject) -> bytes:
    """The bytes with some set, cut out, put in, or cut off."""
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        how = data.draw(st.sampled_from(("set", "cut", "insert", "end")))
        new = data.draw(st.binary(min_size=1, max_size=6))
        if how == "set":
            changed[at : at + len(new)] = new
        elif how == "insert":
            changed[at:at] = new
        elif how == "cut":
            del changed[at : at + 5 * len(new)]
        else:
            del changed[max(at, 1) :]
    return bytes(changed)
