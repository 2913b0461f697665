"""Reports from a file of any kind, piece by piece, and where their positions stand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geo.crs import Reference, parse_reference, to_wgs84
from geo.types import Datum
from layers.batch import renamed
from layers.findings import Finding
from layers.reading.references import choose, parse_own
from layers.reading.streaming import RowStream, stream_rows, streamed_form
from layers.report_table import POSITION, read_rows

Extents = NDArray[np.object_]

_SLICE = 1 << 16  # rows of a layer that are answered together


@dataclass(frozen=True)
class Piece:
    """Some rows of a file.

    Attributes:
        table: as `layers.report_rows.read_report_rows` takes it.
        extents: what a layer's rows cover in degrees, None for a point; None for all of a table.
    """

    table: pa.Table
    extents: Extents | None = None


@dataclass(frozen=True)
class Reports:
    """A file of reports.

    Attributes:
        first: the first rows, from which the columns are told.
        rest: the others.
        rows: how many there are, None where that is not known beforehand.
        in_degrees: whether positions are in the columns `POSITION`, in WGS-84 degrees, for they came from
            geometries.
        geometry: the column that they came from, where the pieces hold it.
        findings: what was noticed so far; grows.
    """

    first: Piece
    rest: Iterator[Piece]
    rows: int | None
    in_degrees: bool = False
    geometry: str = ""
    findings: list[Finding] = field(default_factory=list)

    def pieces(self) -> Iterator[Piece]:
        """All rows in their order."""
        return itertools.chain([self.first], self.rest)


@contextmanager
def open_reports(
    path: Path, *, named: bool = False, datum: str = "", encoding: str = "", as_layer: bool = False
) -> Iterator[Reports]:
    """A CSV, Parquet or Arrow file, in constant memory; or a layer in any other format.

    Args:
        named: whether columns of coordinates are named; else a geometry has the positions.
        datum: of the coordinates; wins over a geometry that says it is WGS 84.
        encoding: of a CSV, where it is not told by trying.
        as_layer: whether the file is to be read at once, with its lines and areas.

    Raises:
        LayerError: it cannot be read; `HoldsShapesError`, here or while it is read, where it must be read as
            a layer.
    """
    if as_layer or not streamed_form(path):
        yield _layer(path, datum, encoding)
        return
    with stream_rows(path, encoding=encoding, named=named) as stream:
        yield _streamed(stream, datum)


def _streamed(stream: RowStream, datum: str) -> Reports:
    batches = stream.pieces()
    first = next(batches, None)
    empty = pa.schema([*stream.schema]).empty_table()
    table = empty if first is None else pa.Table.from_batches([first])
    if not stream.geometry:
        rest = (Piece(pa.Table.from_batches([batch])) for batch in batches)
        return Reports(Piece(table), rest, stream.rows, findings=stream.findings)
    x, y = _doubles(table, -2), _doubles(table, -1)
    declared = parse_reference(datum) if datum else None
    sample = np.isfinite(x) & np.isfinite(y)
    reference, noticed = choose(parse_own(stream.reference), declared, x[sample], y[sample])
    stream.findings += noticed
    used = reference or Datum.WGS84
    pieces = (Piece(_placed(pa.Table.from_batches([batch]), used)) for batch in batches)
    return Reports(
        Piece(_placed(table, used)), pieces, stream.rows, True, stream.geometry, findings=stream.findings
    )


def _placed(table: pa.Table, reference: Reference) -> pa.Table:
    """The table with degrees in the place of x and y; its own columns of these names set aside."""
    names = table.column_names[:-2]
    lng, lat = _in_degrees(_doubles(table, -2), _doubles(table, -1), reference)
    own = table.select(range(len(names)))
    taken = {name: f"input_{name}" for name in POSITION if name in names}
    own = own.drop_columns([old for old in taken.values() if old in names])
    own = renamed(own, [taken.get(name, name) for name in own.column_names])
    for name, values in zip(POSITION, (lng, lat), strict=True):
        own = own.append_column(name, pa.array(values, from_pandas=True))
    return own


def _in_degrees(
    x: NDArray[np.float64], y: NDArray[np.float64], reference: Reference
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    fits = np.isfinite(x) & np.isfinite(y)
    if isinstance(reference, Datum) or reference.is_geographic:
        fits &= (np.abs(x) <= 180) & (np.abs(y) <= 90)
    lng, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lng[fits], lat[fits] = to_wgs84(x[fits], y[fits], reference)
    return lng, lat


def _doubles(table: pa.Table, at: int) -> NDArray[np.float64]:
    return np.asarray(table.column(table.num_columns + at).to_numpy(), dtype=np.float64)


def _layer(path: Path, datum: str, encoding: str) -> Reports:
    frame, extents, noticed = read_rows(path, datum=datum, encoding=encoding)
    pieces = (_slice(frame, extents, start) for start in range(0, max(len(frame), 1), _SLICE))
    return Reports(next(pieces), pieces, len(frame), extents is not None, findings=list(noticed))


def _slice(frame: pd.DataFrame, extents: Extents | None, start: int) -> Piece:
    rows = slice(start, start + _SLICE)
    table = pa.Table.from_pandas(frame.iloc[rows], preserve_index=False).replace_schema_metadata(None)
    return Piece(table, None if extents is None else extents[rows])
