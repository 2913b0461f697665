"""Reports from a file: its columns by the names that reports use, located and ready for a map."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import parse_reference
from geo.errors import LayerError
from layers.batch import Located, coordinate_columns, locate_table, set_aside
from layers.findings import Finding
from layers.generation import Generation
from layers.io import SourceLayer, read_layer, read_table
from layers.reading.columns import column_called, find_column
from layers.reading.sniff import Format, sniff
from layers.report_rows import ReportColumns

Extents = NDArray[np.object_]

POSITION = ("lng", "lat")  # columns that a layer's rows get

# What a report may say, and the column names that are taken for it where none is named.
REPORT_COLUMNS = {
    "category": ("category", "类别", "案件类别"),
    "text": ("text", "description", "描述", "问题描述"),
    "status": ("status", "状态"),
    "occurred_at": ("occurred_at", "created", "creation_date", "时间", "上报时间"),
    "datum": ("datum", "坐标系"),
    "accuracy_m": ("accuracy_m", "accuracy", "精度"),
    "channel": ("channel", "渠道", "来源"),
    "level": ("accuracy_level", "精度百分比"),
}


def read_reports(
    generation: Generation, path: Path, *, lng: str = "", lat: str = "", datum: str = "",
    encoding: str = "", named: Mapping[str, str] | None = None,
) -> Located:  # fmt: skip
    """Locate the reports of a CSV, or of a point layer in any format.

    Args:
        lng, lat: coordinate columns of a CSV; guessed where not given.
        datum: of the coordinates, where no column says it.
        named: report column → the file's column; the rest is found by its name.

    Returns:
        the located table; its ``answers`` also carry category, text, status and occurred_at.
    """
    table, extents, said, columns = read_places(
        path, lng=lng, lat=lat, datum=datum, encoding=encoding, named=named
    )
    located = locate_table(generation, table, said, extents=extents)
    for name in ("text", "status", "occurred_at"):
        located.answers[name] = table[columns[name]].to_numpy() if columns[name] else ""
    return located


def read_places(
    path: Path, *, lng: str = "", lat: str = "", datum: str = "", encoding: str = "",
    named: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, Extents | None, ReportColumns, dict[str, str]]:  # fmt: skip
    """The rows of a CSV, or of a layer in any format, as texts, and what they cover, as `read_rows` has
    them; what `locate_table` asks of their columns; and the file's column, or an empty text, for each of
    `REPORT_COLUMNS`. Else as `read_reports`.
    """
    table, extents, _ = read_rows(path, datum=datum, encoding=encoding)
    if extents is not None:  # in degrees by now
        lng, lat, datum = lng or POSITION[0], lat or POSITION[1], ""
    return table, extents, *said_columns(table, lng=lng, lat=lat, datum=datum, named=named)


def said_columns(
    table: pd.DataFrame, *, lng: str = "", lat: str = "", datum: str = "",
    named: Mapping[str, str] | None = None,
) -> tuple[ReportColumns, dict[str, str]]:  # fmt: skip
    """The columns of a table of reports by what they say, as `read_places` has them."""
    reference = parse_reference(datum or "wgs84")
    columns = {name: _column(table, name, (named or {}).get(name, "")) for name in REPORT_COLUMNS}
    if not (lng and lat):
        lng, lat = coordinate_columns(table, reference)
    names = list(table.columns)
    said = ReportColumns(
        find_column(names, lng), find_column(names, lat), columns["category"],
        columns["accuracy_m"], columns["datum"], reference,
        level=columns["level"], text=columns["text"], channel=columns["channel"],
        occurred_at=columns["occurred_at"], lenient_times=True,
    )  # fmt: skip
    return said, columns


def read_rows(
    path: Path, *, datum: str = "", encoding: str = ""
) -> tuple[pd.DataFrame, Extents | None, tuple[Finding, ...]]:
    """Every row of a CSV, or of a layer in any format, as texts and in order; a layer's with ``lng`` and
    ``lat`` in WGS-84 degrees, empty where a row has no usable geometry. Columns of these names that a layer
    already has are called ``input_lng`` and ``input_lat``.

    Returns:
        the rows, what a layer's rows cover in degrees (None for a point or nothing; nothing at all for a
        CSV), and what the reader noticed.

    Raises:
        LayerError: it cannot be read, or its coordinates cannot be in the reference it declares.
    """
    if sniff(path) is Format.CSV:
        table, noticed = read_table(path, encoding=encoding or None)
        return table, None, noticed
    layer = read_layer(path, reference=datum or None, encoding=encoding or None)
    for finding in layer.findings:
        if finding.severity == "error" and finding.code != "nothing_left":
            raise LayerError(f"{path.name}: {finding.reason('en')}", fix=finding.fix("en"))
    table = pd.DataFrame(index=range(layer.source.read))
    if len(layer.frame.columns) > 1:  # else there is nothing but geometry
        table, _ = read_table(path, encoding=encoding or None)
    shapes, table = _shapes(layer, len(table)), set_aside(table, POSITION)
    points = shapely.point_on_surface(shapes)
    for name, values in zip(POSITION, (shapely.get_x(points), shapely.get_y(points)), strict=True):
        table[name] = [repr(value) if value == value else "" for value in values.tolist()]
    is_point = (shapely.get_dimensions(shapes) == 0) & (shapely.get_num_geometries(shapes) == 1)
    shapes[is_point] = None
    return table, shapes, tuple(f for f in layer.findings if f.code != "duplicate_feature")


def _shapes(layer: SourceLayer, count: int) -> Extents:
    """The geometry of each of ``count`` rows, None where it was none; two alike are two reports."""
    shapes = np.full(count, None, dtype=object)
    shapes[layer.frame.index.to_numpy(dtype=np.intp) - 1] = layer.frame.geometry.to_numpy()
    for finding in layer.findings:
        if finding.code == "duplicate_feature" and finding.row is not None:
            shapes[finding.row - 1] = shapes[finding.detail["first"] - 1]
    return shapes


def _column(table: pd.DataFrame, name: str, given: str) -> str:
    names = list(table.columns)
    if given:
        return find_column(names, given)
    return column_called(names, REPORT_COLUMNS[name])
