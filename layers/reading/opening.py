"""One layer of one dataset as its file tells it, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geo.crs import Reference
from geo.errors import UnsafeFileError
from layers.findings import Finding
from layers.reading.attributes import plain_columns
from layers.reading.columns import safe_names
from layers.reading.datasets import Dataset
from layers.reading.delimited import read_delimited
from layers.reading.limits import Limits, RawLayer
from layers.reading.parquet import read_parquet
from layers.reading.points import points_of_table
from layers.reading.references import is_wgs84, parse_own
from layers.reading.shapefile import check_table, table_encoding
from layers.reading.sniff import Format
from layers.reading.vector import layer_names, read_vector

_OURS = (Format.CSV, Format.PARQUET)  # one layer each, and no business of GDAL's
_GEOJSON = (Format.GEOJSON, Format.GEOJSONSEQ)


@dataclass(frozen=True, slots=True)
class Choice:
    """A layer: the dataset it is in, its name there, and what a person calls it."""

    source: Dataset
    inner: str
    shown: str


def choices(sources: list[Dataset], *, drawn: bool = False) -> list[Choice]:
    """Every layer of the datasets; only those with geometry if ``drawn`` and there are any."""
    return [
        Choice(source, inner, source.name if inner == "source" else inner)
        for source in sources
        for inner in _inner(source, drawn=drawn)
    ]


def _inner(source: Dataset, *, drawn: bool) -> list[str]:
    return ["source"] if source.form in _OURS else layer_names(source.path, drawn=drawn)


def open_layer(
    choice: Choice,
    declared: Reference | None,
    columns: tuple[str | None, str | None],
    encoding: str | None,
    limits: Limits,
) -> RawLayer:
    """A layer with its geometries, its columns under safe names."""
    source = choice.source
    if source.form == Format.CSV:
        table = read_delimited(source.path, source.name, encoding)
        _refuse_long(table.table.num_rows, choice, limits)
        return points_of_table(table, *columns, declared)
    if source.form == Format.PARQUET:
        return _tidy(read_parquet(source.path, source.name, limits))
    return _tidy(_from_gdal(choice, encoding, limits))


def open_table(choice: Choice, encoding: str | None, limits: Limits) -> RawLayer:
    """A layer's attributes alone; a geometry column of a CSV is an attribute like others."""
    source = choice.source
    if source.form == Format.CSV:
        read = read_delimited(source.path, source.name, encoding, taken=())
        _refuse_long(read.table.num_rows, choice, limits)
        nothing = np.full(read.table.num_rows, None, dtype=object)
        return RawLayer(
            read.table, nothing, "CSV", "", None, read.encoding, read.findings, np.zeros(len(nothing), bool)
        )
    if source.form == Format.PARQUET:
        return _tidy(read_parquet(source.path, source.name, limits, geometry=False))
    return _tidy(_from_gdal(choice, encoding, limits, geometry=False))


def _refuse_long(rows: int, choice: Choice, limits: Limits) -> None:
    if rows > limits.features:
        raise UnsafeFileError(f"{choice.shown!r} has more than {limits.features:,} rows.", fix="Split it.")


def _tidy(raw: RawLayer) -> RawLayer:
    names, renamed = safe_names(raw.table.column_names)
    table, mended = plain_columns(raw.table.rename_columns(names))
    return replace(raw, table=table, findings=(*raw.findings, *renamed, *mended))


def _from_gdal(choice: Choice, encoding: str | None, limits: Limits, *, geometry: bool = True) -> RawLayer:
    source, findings = choice.source, list[Finding]()
    if source.form in (Format.SHAPEFILE, Format.DBASE):
        encoding, findings = table_encoding(source.path, encoding)
        findings += check_table(source.path)
    elif source.form != Format.FILEGDB:
        encoding = None  # the others are UTF-8 by definition
    raw = read_vector(source.path, source.form, choice.inner, encoding, limits, geometry=geometry)
    own = None if _says_nothing(source, raw.reference) else raw.reference
    return replace(raw, reference=own, findings=(*findings, *raw.findings))


def _says_nothing(source: Dataset, reference: str | None) -> bool:
    """Whether a WGS 84 is the format's default and not the file's word."""
    if source.form == Format.KML:
        return True
    crs = parse_own(reference)
    return source.form in _GEOJSON and crs is not None and is_wgs84(crs) and not _has_crs_member(source.path)


def _has_crs_member(path: Path) -> bool:
    with path.open("rb") as file:
        return b'"crs"' in file.read(4096)
