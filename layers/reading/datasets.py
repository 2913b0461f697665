"""One or more datasets behind a path: the file itself, or what a zip holds, under plain private names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo.errors import LayerError
from layers.reading.archives import unpack
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


@dataclass(frozen=True, slots=True)
class Dataset:
    """Something that is opened as a whole: its format, what a person calls it, where it lies now."""

    form: Format
    name: str
    path: Path


def open_datasets(path: Path, private: Path, limits: Limits) -> list[Dataset]:
    """The datasets behind a path, linked or unpacked into the folder ``private``.

    Nothing is opened under a name that a stranger chose, so no name can mean anything to GDAL.

    Raises:
        LayerError: the path holds nothing that is read.
        UnsafeFileError: it asks for what no layer needs.
    """
    form = sniff(path)
    if form != Format.ZIP:
        return [_link(form, path, path.stem, private)]
    members = unpack(path, private / "unpacked", limits)
    found = [(sniff_member(member), member) for member in members]
    datasets = [(form, member) for form, member in found if form is not None]
    if not datasets:
        raise LayerError(f"{path.name!r} holds no layer.", fix="Zip the layer's own files.")
    numbered = enumerate(datasets)
    return [_link(form, member, member.stem, private / str(number)) for number, (form, member) in numbered]


def sniff_member(path: Path) -> Format | None:
    """The format of an unpacked file that may be a layer, None for what lies beside layers."""
    if path.is_dir() or path.suffix.lower() in _LAYER_SUFFIXES:
        return sniff(path)
    return None


_LAYER_SUFFIXES = {".shp", ".json", *_SUFFIX.values()}


def _link(form: Format, path: Path, name: str, private: Path) -> Dataset:
    folder = private / "dataset"
    folder.mkdir(parents=True)
    if form == Format.SHAPEFILE or form == Format.DBASE:
        return Dataset(form, name, gather(path, folder))
    if form == Format.GEOPACKAGE:
        check_geopackage(path, path.name)
    if form == Format.FILEGDB:
        _check_folder(path)
    link = folder / f"source{_SUFFIX[form]}"
    link.symlink_to(path.resolve())
    return Dataset(form, name, link)


def _check_folder(path: Path) -> None:
    odd = next((file for file in path.iterdir() if file.is_symlink() or not file.is_file()), None)
    if odd is not None:
        raise LayerError(f"{odd.name!r} in {path.name!r} is no regular file.", fix="Copy the .gdb again.")
