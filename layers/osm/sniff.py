"""Which of OpenStreetMap's formats a file is in, told by its content; compressed text is unpacked once."""

from __future__ import annotations

import bz2
import gzip
import zlib
from pathlib import Path

from geo.errors import LayerError, UnsafeFileError
from layers.reading.limits import Limits

HEAD_BYTES = 4096
CHUNK_BYTES = 1 << 20
SMALL_BYTES = 64 << 20  # what unpacks to less than this is never refused for its ratio
PBF, XML = "pbf", "osm"


def readable(path: Path, folder: Path, limits: Limits) -> tuple[Path, str]:
    """A file that osmium reads as it is, and its format (``pbf`` or ``osm``); unpacked into the folder.

    Raises:
        UnsafeFileError: it unpacks to more than the limits allow.
        LayerError: it is no OpenStreetMap file, or damaged.
    """
    head = _head(path)
    if head.startswith((b"\x1f\x8b", b"BZh")):
        opener = gzip.open if head.startswith(b"\x1f") else bz2.open
        with opener(path, "rb") as packed:
            path = _unpacked(packed, path, folder / "extract.osm", limits)
        head = _head(path)
    return path, _format(head, path.name)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _format(head: bytes, name: str) -> str:
    if head[4:15] == b"\x0a\x09OSMHeader":
        return PBF
    if b"<osm" in head and b"<osmChange" not in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return XML
    what = "a change file, not an extract" if b"<osmChange" in head else "not an OpenStreetMap file"
    raise LayerError(f"{name!r} is {what}.", fix="Give an .osm.pbf, .osm, .osm.gz or .osm.bz2 extract.")


def _unpacked(packed: gzip.GzipFile | bz2.BZ2File, path: Path, to: Path, limits: Limits) -> Path:
    most = min(limits.file_bytes, max(SMALL_BYTES, limits.zip_ratio * path.stat().st_size))
    written = 0
    try:
        with to.open("wb") as out:
            while chunk := packed.read(CHUNK_BYTES):
                written += len(chunk)
                if written > most:
                    raise UnsafeFileError(
                        f"{path.name!r} unpacks to more than {most:,} bytes.",
                        fix="Take a smaller extract, or .osm.pbf.",
                    )
                out.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LayerError(f"{path.name!r} is cut off or damaged: {error}.", fix="Fetch it again.") from error
    return to
