"""Points (or WKT) out of a table of text: which columns, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import LayerError
from geo.types import Datum
from layers.findings import Finding
from layers.reading.columns import coordinate_pairs, find_column, named_backwards, wkt_column
from layers.reading.delimited import Delimited
from layers.reading.limits import RawLayer

Floats = NDArray[np.float64]
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_WKT = r"(?i)^\s*(SRID=\d+;)?\s*(POINT|LINESTRING|POLYGON|MULTI|GEOMETRYCOLLECTION)"


class Pair(NamedTuple):
    """Two columns of coordinates and their numbers (NaN where there is none)."""

    x_name: str
    y_name: str
    x: Floats
    y: Floats

    @property
    def in_degrees(self) -> bool:
        """Whether most of the numbers could be longitude and latitude."""
        given = np.isfinite(self.x) & np.isfinite(self.y)
        fits = (np.abs(self.x) <= 180) & (np.abs(self.y) <= 90)
        return bool(fits.sum() * 2 >= given.sum())

    def same_as(self, other: Pair) -> bool:
        """Whether two pairs hold the same numbers."""
        both = np.array([self.x, self.y]), np.array([other.x, other.y])
        return bool(np.allclose(*both, rtol=1e-9, atol=1e-9, equal_nan=True))


def points_of_table(
    source: Delimited, lng: str | None, lat: str | None, reference: Datum | CRS | None
) -> RawLayer:
    """The table as a layer of points, or of whatever its WKT column draws.

    Raises:
        LayerError: no columns look like coordinates, several pairs do, or a named one is missing.
    """
    table = source.table
    wkt = wkt_column(table.column_names) if lng is None and lat is None else None
    if wkt and _holds_wkt(table[wkt]):
        return _from_wkt(source, wkt)
    pair = _named_pair(source, lng, lat) if lng or lat else guessed_pair(source, reference)
    findings = [*source.findings, *_about_columns(pair, guessed=not lng)]
    bad = _bad_numbers(source, pair)
    usable = np.isfinite(pair.x) & np.isfinite(pair.y)
    geometry = np.full(table.num_rows, None, dtype=object)
    geometry[usable] = shapely.points(pair.x[usable], pair.y[usable])
    return RawLayer(table, geometry, "CSV", "", None, source.encoding, (*findings, *bad), ~usable)


def _about_columns(pair: Pair, *, guessed: bool) -> list[Finding]:
    names = f"{pair.x_name}, {pair.y_name}"
    findings = [Finding("columns_guessed", "note", value=names)] if guessed else []
    if named_backwards(pair.x_name, pair.y_name):
        findings.append(Finding("axes_swapped", "error", column=pair.x_name, value=names))
    return findings


def _named_pair(source: Delimited, lng: str | None, lat: str | None) -> Pair:
    if not (lng and lat):
        raise LayerError(
            f"Only one coordinate column is named ({lng or lat!r}).", fix="Give --lng and --lat."
        )
    names = source.table.column_names
    return _pair(source, find_column(names, lng), find_column(names, lat))


def _pair(source: Delimited, x: str, y: str) -> Pair:
    return Pair(x, y, numbers(source.table[x], source.separator), numbers(source.table[y], source.separator))


def guessed_pair(source: Delimited, reference: Datum | CRS | None) -> Pair:
    """The pair that fits the declared reference, if all that do hold the same numbers."""
    pairs = [_pair(source, x, y) for x, y in coordinate_pairs(source.table.column_names)]
    projected = isinstance(reference, CRS) and reference.is_projected
    fitting = [pair for pair in pairs if pair.in_degrees != projected] or pairs
    if not fitting:
        raise LayerError(
            "No columns look like coordinates.",
            fix=f"Name them with --lng and --lat. Columns: {', '.join(source.table.column_names)}.",
        )
    if not all(pair.same_as(fitting[0]) for pair in fitting[1:]):
        listed = "; ".join(_example(pair) for pair in fitting)
        raise LayerError(
            f"Several pairs of columns look like coordinates: {listed}.",
            fix="Name one pair with --lng and --lat.",
        )
    return fitting[0]


def _example(pair: Pair) -> str:
    usable = np.flatnonzero(np.isfinite(pair.x) & np.isfinite(pair.y))
    shown = f" (such as {pair.x[usable[0]]:.10g}, {pair.y[usable[0]]:.10g})" if usable.size else ""
    return f"{pair.x_name}, {pair.y_name}{shown}"


def numbers(column: pa.ChunkedArray, separator: str = ",") -> Floats:
    """Text as doubles, NaN where it is no plain number; 1,5 is 1.5 where "," separates nothing."""
    text = pc.utf8_trim_whitespace(column)
    if separator != ",":
        text = pc.if_else(pc.match_substring(text, "."), text, pc.replace_substring(text, ",", "."))
    plain = pc.if_else(pc.match_substring_regex(text, _NUMBER), text, pa.scalar(None, pa.string()))
    return np.asarray(pc.cast(plain, pa.float64()).fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _bad_numbers(source: Delimited, pair: Pair) -> list[Finding]:
    """One finding for each row whose coordinates cannot be read; it names the first column that fails."""
    bad_x, bad_y = ~np.isfinite(pair.x), ~np.isfinite(pair.y)
    columns = [(pair.x_name, bad_x), (pair.y_name, bad_y & ~bad_x)]
    return [f for name, bad in columns for f in _bad_values(source.table[name], name, np.flatnonzero(bad))]


def _bad_values(column: pa.ChunkedArray, name: str, rows: NDArray[np.intp]) -> list[Finding]:
    values: Sequence[str] = column.take(pa.array(rows)).to_pylist() if rows.size else []
    return [
        Finding(_number_code(value), row=int(row) + 1, column=name, value=value.strip()[:80])
        for row, value in zip(rows, values, strict=True)
    ]


def _number_code(value: str) -> str:
    if not value.strip():
        return "coordinate_missing"
    try:
        number = float(value)
    except ValueError:
        return "coordinate_not_number"
    return "coordinate_not_number" if np.isfinite(number) else "coordinate_not_finite"


def _holds_wkt(column: pa.ChunkedArray) -> bool:
    filled = pc.sum(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py()
    return bool(filled) and pc.sum(pc.match_substring_regex(column, _WKT)).as_py() * 2 > filled


def _from_wkt(source: Delimited, name: str) -> RawLayer:
    texts = pc.replace_substring_regex(source.table[name], r"(?i)^\s*SRID=\d+;", "")
    values = np.array(texts.to_pylist(), dtype=object)
    values[np.array([not value.strip() for value in values])] = None
    geometry = shapely.from_wkt(values, on_invalid="ignore")
    broken = np.flatnonzero(shapely.is_missing(geometry) & (values != None))  # noqa: E711 (elementwise)
    bad = [
        Finding("geometry_unreadable", row=int(row) + 1, column=name, value=str(values[row])[:80])
        for row in broken
    ]
    findings = (*source.findings, Finding("columns_guessed", "note", value=name), *bad)
    reported = np.zeros(len(geometry), dtype=bool)
    reported[broken] = True
    table = source.table.drop_columns([name])
    return RawLayer(table, geometry, "CSV", "", None, source.encoding, findings, reported)
