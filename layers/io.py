"""The door for every file with places in it: any layer in, valid WGS-84 geometries and findings out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import geopandas
import pandas as pd
import pyarrow as pa
import shapely

from geo.types import Bbox
from layers.findings import Finding
from layers.reading.limits import Limits
from layers.reading.messages import REJECTS
from layers.reading.sandbox import asked, read_arrow, sandbox_status

__all__ = ["Limits", "SourceInfo", "SourceLayer", "list_layers", "read_layer", "read_table", "sandbox_status"]

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where a layer came from and how it was read.

    Attributes:
        path: as given.
        driver: the format, by GDAL's name where it has one.
        reference: what its coordinates were in: a datum's word, EPSG:n, or the name of a CRS.
        read: rows in the source, kept or not.
    """

    path: str
    driver: str
    layer: str
    reference: str
    encoding: str
    read: int


@dataclass(frozen=True)
class SourceLayer:
    """A layer ready for use.

    Attributes:
        frame: WGS-84 geometries, valid, two-dimensional, none missing, with all attributes; the index
            ``row`` is the 1-based row of the source.
        findings: all that was guessed, assumed, repaired, dropped or looks wrong.
    """

    frame: geopandas.GeoDataFrame
    findings: tuple[Finding, ...]
    source: SourceInfo

    @property
    def rejects(self) -> tuple[Finding, ...]:
        """The rows that are not in the frame, each with row, column, value, reason and fix."""
        return tuple(finding for finding in self.findings if finding.code in REJECTS)


def list_layers(path: PathLike, *, limits: Limits | None = None) -> list[str]:
    """The names of the layers in a file; one that has no name of its own is called as the file.

    Raises:
        LayerError: the file is in no format that is read.
    """
    with asked("layers", path, limits or Limits()) as (answer, _):
        return list(answer["layers"])


def read_layer(
    path: PathLike,
    *,
    layer: str | None = None,
    lng: str | None = None,
    lat: str | None = None,
    reference: str | None = None,
    encoding: str | None = None,
    accept: frozenset[str] | None = None,
    near: Bbox | None = None,
    limits: Limits | None = None,
) -> SourceLayer:
    """One layer of any file, as valid WGS-84 geometries with all attributes.

    Args:
        path: GeoPackage, GeoJSON, TopoJSON, shapefile, KML/KMZ, FlatGeobuf, FileGDB, GeoParquet or CSV,
            also zipped. What it is, is told by its content.
        layer: needed where there are several.
        lng: the column of longitudes or eastings, for tables; guessed from names if not given.
        lat: the column of latitudes or northings.
        reference: wgs84, gcj02, bd09, cgcs2000 or EPSG:n. Fills in what the file lacks, and wins over a file
            that says WGS 84; any other reference in the file wins over it.
        encoding: of the text, where the format leaves it open; else it is told by trying.
        accept: of "Point", "LineString", "Polygon" (their Multi forms belong to them); others are rejected.
        near: the rest of the city; what lies far from it is a finding.
        limits: what the file may cost.

    Raises:
        LayerError: it cannot be read, is empty, or leaves a choice open (layer, columns, reference).
        UnsafeFileError: it asks for other files, the network, or more than the limits.
        CrsError: ``reference`` is no datum and no EPSG code.
    """
    wishes: dict[str, Any] = {
        "layer": layer,
        "lng": lng,
        "lat": lat,
        "reference": reference,
        "encoding": encoding,
        "accept": sorted(accept) if accept else None,
        "near": [near.west, near.south, near.east, near.north] if near else None,
    }
    with asked("layer", path, limits or Limits(), **wishes) as (answer, out):
        frame = _frame(read_arrow(out))
    findings = tuple(_finding(said, answer["layer"]) for said in answer["findings"])
    return SourceLayer(frame, findings, _info(path, answer))


def read_table(
    path: PathLike, *, layer: str | None = None, encoding: str | None = None, limits: Limits | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """A table of text ("" = missing) and what was noticed: an encoding that was guessed, uneven rows.

    Takes CSV, and the attributes of every format that `read_layer` takes. Rows are in the order of the file;
    those shorter than the header are filled up, longer ones cut.

    Raises:
        LayerError: it cannot be read or has no rows.
    """
    with asked("table", path, limits or Limits(), layer=layer, encoding=encoding) as (answer, out):
        table = read_arrow(out)
    findings = tuple(_finding(said, answer["layer"]) for said in answer["findings"])
    return table.to_pandas().astype("str"), findings


def _frame(table: pa.Table) -> geopandas.GeoDataFrame:
    """The child's table (attributes, WKB, rows) as a frame."""
    count = table.num_columns - 2
    fields = table.select(range(count))
    attributes = fields.to_pandas()
    for name in _ints_with_gaps(fields):
        attributes[name] = pd.array(table[name].to_pylist(), dtype="Int64")
    geometry = shapely.from_wkb(table.column(count).to_numpy())
    attributes.index = pd.Index(table.column(count + 1).to_numpy(), name="row")
    return geopandas.GeoDataFrame(attributes, geometry=geometry, crs="EPSG:4326")


def _ints_with_gaps(table: pa.Table) -> list[str]:
    """Integer columns with missing values, which pandas would otherwise turn into doubles."""
    return [
        field.name
        for field, column in zip(table.schema, table.columns, strict=True)
        if pa.types.is_integer(field.type) and column.null_count
    ]


def _finding(said: dict[str, Any], layer: str) -> Finding:
    return Finding(layer=layer, **said)


def _info(path: PathLike, answer: dict[str, Any]) -> SourceInfo:
    facts = {name: answer[name] for name in ("driver", "layer", "reference", "encoding", "read")}
    return SourceInfo(path=os.fspath(path), **facts)
