"""One or more datasets behind a path: the file itself, or what a zip holds, under plain private names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo.errors import LayerError
from layers.reading.archives import unpack
from layers.reading.encodings import TORN, decode, torn_share
from layers.reading.geopackage import check_geopackage
from layers.reading.limits import Limits
from layers.reading.shapefile import gather
from layers.reading.sniff import Format, sniff

_SUFFIX = {
    Format.GEOPACKAGE: ".gpkg",
    Format.GEOJSON: ".geojson",
    Format.GEOJSONSEQ: ".geojsonl",
    Format.TOPOJSON: ".topojson",
    Format.KML: ".kml",
    Format.FLATGEOBUF: ".fgb",
    Format.FILEGDB: ".gdb",
    Format.PARQUET: ".parquet",
    Format.CSV: ".csv",
}


_JSON = (Format.GEOJSON, Format.GEOJSONSEQ, Format.TOPOJSON)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Something that is opened as a whole: its format, what a person calls it, where it lies now."""

    form: Format
    name: str
    path: Path


def open_datasets(path: Path, private: Path, encoding: str | None, limits: Limits) -> list[Dataset]:
    """The datasets behind a path, linked or unpacked into the folder ``private``.

    Nothing is opened under a name that a stranger chose, so no name can mean anything to GDAL.

    Raises:
        LayerError: the path holds nothing that is read.
        UnsafeFileError: it asks for what no layer needs.
    """
    form = sniff(path)
    if form != Format.ZIP:
        return [_link(form, path, path.stem, private, encoding)]
    members = unpack(path, private / "unpacked", limits)
    found = [(sniff_member(member), member) for member in members]
    datasets = [(form, member) for form, member in found if form is not None]
    if not datasets:
        raise LayerError(f"{path.name!r} holds no layer.", fix="Zip the layer's own files.")
    return [
        _link(form, member, member.stem, private / str(number), encoding)
        for number, (form, member) in enumerate(datasets)
    ]


def sniff_member(path: Path) -> Format | None:
    """The format of an unpacked file that may be a layer, None for what lies beside layers."""
    if path.is_dir() or path.suffix.lower() in _LAYER_SUFFIXES:
        return sniff(path)
    return None


_LAYER_SUFFIXES = {".shp", ".json", *_SUFFIX.values()}


def _link(form: Format, path: Path, name: str, private: Path, encoding: str | None) -> Dataset:
    folder = private / "dataset"
    folder.mkdir(parents=True)
    if form == Format.SHAPEFILE or form == Format.DBASE:
        return Dataset(form, name, gather(path, folder))
    if form == Format.GEOPACKAGE:
        check_geopackage(path, path.name)
    if form == Format.FILEGDB:
        _check_folder(path)
    link = folder / f"source{_SUFFIX[form]}"
    text = _not_utf8(path, encoding) if form in _JSON else None
    if text is None:
        link.symlink_to(path.resolve())
    else:
        link.write_text(text, "utf-8")
    return Dataset(form, name, link)


def _not_utf8(path: Path, encoding: str | None) -> str | None:
    """The text of a file in another encoding (JSON in GBK does circulate), None if it is in UTF-8."""
    data = path.read_bytes()
    if torn_share(data, "utf-8") <= TORN:
        return None
    return decode(data, encoding, path.name)[0]


def _check_folder(path: Path) -> None:
    odd = next((file for file in path.iterdir() if file.is_symlink() or not file.is_file()), None)
    if odd is not None:
        raise LayerError(f"{odd.name!r} in {path.name!r} is no regular file.", fix="Copy the .gdb again.")
