"""What a file is, told by its content; its name is only a hint between texts."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path

from geo.errors import LayerError, UnsafeFileError

HEAD = 65_536
LINE = 16 * 2**20


class Format(StrEnum):
    """The formats that are read; the value names the only GDAL driver that may open it ('' = none)."""

    GEOPACKAGE = "GPKG"
    SHAPEFILE = "ESRI Shapefile"
    DBASE = "dBase"
    GEOJSON = "GeoJSON"
    GEOJSONSEQ = "GeoJSONSeq"
    TOPOJSON = "TopoJSON"
    KML = "LIBKML"
    FLATGEOBUF = "FlatGeobuf"
    FILEGDB = "OpenFileGDB"
    PARQUET = "GeoParquet"
    ZIP = "zip"
    CSV = "CSV"


READ_FORMATS = "GeoPackage, GeoJSON, TopoJSON, shapefile, KML/KMZ, FlatGeobuf, FileGDB, GeoParquet or CSV"

_MAGIC = {
    b"SQLite format 3\0": Format.GEOPACKAGE,
    b"\x00\x00\x27\x0a": Format.SHAPEFILE,
    b"fgb": Format.FLATGEOBUF,
    b"PAR1": Format.PARQUET,
    b"PK\x03\x04": Format.ZIP,
    b"PK\x05\x06": Format.ZIP,
}

# Content that is recognised only to be refused with a sentence that helps.
_REFUSED = {
    b"\x1f\x8b": ("gzip", "Unpack it first."),
    b"7z\xbc\xaf": ("a 7z archive", "Unpack it, or pack it as .zip."),
    b"Rar!": ("a RAR archive", "Unpack it, or pack it as .zip."),
    b"BZh": ("bzip2", "Unpack it first."),
    b"%PDF": ("a PDF", "Ask for the data it was made from."),
    b"\xd0\xcf\x11\xe0": ("an old Office document", "Save the table as CSV UTF-8."),
}


def sniff(path: Path) -> Format:
    """The format of an existing file or FileGDB folder.

    Raises:
        LayerError: it is none of the formats that are read.
        UnsafeFileError: it is a recipe that names other files or services (VRT, WFS, GDALG …).
    """
    if path.is_dir():
        return _sniff_folder(path)
    with path.open("rb") as file:
        head = file.read(HEAD)
    for magic, form in _MAGIC.items():
        if head.startswith(magic):
            return form
    _refuse_known(path, head)
    return _sniff_text(path, head)


def _sniff_folder(path: Path) -> Format:
    if any(path.glob("*.gdbtable")):
        return Format.FILEGDB
    raise LayerError(
        f"{path.name!r} is a folder and no FileGDB.", fix="Name one file in it, or the .gdb folder itself."
    )


def _refuse_known(path: Path, head: bytes) -> None:
    if not head.strip():
        raise LayerError(f"{path.name!r} is empty.", fix="Export it again.")
    for magic, (what, fix) in _REFUSED.items():
        if head.startswith(magic):
            raise LayerError(f"{path.name!r} is {what}, not a layer.", fix=fix)
    if b"OSMHeader" in head[:64]:
        raise LayerError(
            f"{path.name!r} is OpenStreetMap data (.osm.pbf).",
            fix="Use: woodpecker import osm FILE --city DIR",
        )


def _sniff_text(path: Path, head: bytes) -> Format:
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body.startswith(b"<"):
        return _sniff_xml(path, body)
    if body.startswith((b"{", b"\x1e")):
        return _sniff_json(path, body)
    if is_dbase(head):
        return Format.DBASE
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise LayerError(f"{path.name!r} is in no format that is read.", fix=f"Export it as {READ_FORMATS}.")
    return Format.CSV


def is_dbase(head: bytes) -> bool:
    """Whether a file begins like a dBase table: version, date, and a header size that fits its fields."""
    if len(head) < 33 or head[0] not in (0x03, 0x30, 0x83, 0x8B, 0xF5):
        return False
    header = int.from_bytes(head[8:10], "little")
    return header > 32 and 1 <= head[2] <= 12 and 1 <= head[3] <= 31


def _sniff_xml(path: Path, body: bytes) -> Format:
    """KML, or a refusal. A DTD can name other files and grow without end; no KML needs one.

    A DTD stands before the root element, so what comes after the root needs no look.
    """
    if re.search(rb"<html[\s>]", body[:2048], re.IGNORECASE):
        raise LayerError(f"{path.name!r} is a web page.", fix="Download the layer itself.")
    body = re.sub(rb"<!--.*?-->|<\?.*?\?>", b"", body, flags=re.DOTALL).lstrip()
    if re.match(rb"<!(DOCTYPE|ENTITY)", body, re.IGNORECASE):
        raise UnsafeFileError(f"{path.name!r} holds a DTD.", fix="Remove the <!DOCTYPE …> part.")
    root = re.match(rb"<([A-Za-z_][\w.:-]*)", body)
    name = root.group(1).decode().rpartition(":")[2] if root else "?"
    if name == "kml":
        return Format.KML
    if name == "osm":
        raise LayerError(
            f"{path.name!r} is OpenStreetMap data.", fix="Use: woodpecker import osm FILE --city DIR"
        )
    raise UnsafeFileError(
        f"{path.name!r} is XML (<{name}>), which can name other files and services.",
        fix=f"Export it as {READ_FORMATS}.",
    )


def _sniff_json(path: Path, body: bytes) -> Format:
    types = set(re.findall(rb'"type"\s*:\s*"(\w+)"', body))
    if b"Topology" in types:
        return Format.TOPOJSON
    if not types & {b"FeatureCollection", b"Feature", b"GeometryCollection"} | _geometry_types(types):
        raise UnsafeFileError(
            f"{path.name!r} is JSON, but neither GeoJSON nor TopoJSON.", fix=f"Export it as {READ_FORMATS}."
        )
    return Format.GEOJSONSEQ if _is_sequence(path) else Format.GEOJSON


def _geometry_types(types: set[bytes]) -> set[bytes]:
    return {t for t in types if t.removeprefix(b"Multi") in (b"Point", b"LineString", b"Polygon")}


def _is_sequence(path: Path) -> bool:
    """Whether a JSON file holds one feature per line."""
    with path.open("rb") as file:
        first = file.readline(LINE).removeprefix(b"\xef\xbb\xbf")
        second = file.readline(HEAD).lstrip()
    if first.startswith(b"\x1e"):
        return True
    if not second.startswith(b"{"):
        return False
    try:
        return bool(json.loads(first).get("type") == "Feature")
    except (ValueError, AttributeError, RecursionError):
        return False
