"""POST /v1/locate for tables: which columns hold what, and the rows with their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import numpy as np
import pyarrow as pa
from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from api.report_model import MOST_TEXT, MOST_WORD
from api.tables import answer_table
from geo.crs import parse_reference
from layers.answers import ANSWER_COLUMNS
from layers.batch import coordinate_columns, locate_piece
from layers.generation import Generation
from layers.reading.arrow_bodies import check_short
from layers.reading.columns import find_column
from layers.report_rows import ReportColumns
from layers.report_values import check_readable

TOGETHER = 1 << 15  # rows that are answered at once: it bounds the memory
_BYTES_A_LETTER = 4

_Column = Annotated[str, Field(max_length=MOST_WORD)]
Word = Annotated[str, Field(max_length=MOST_WORD)]


class TableQuery(BaseModel):
    """Which columns of a table hold what; only for bodies of CSV or Arrow."""

    lng: _Column = Field("", description="Column of longitudes or eastings; else told by its name.")
    lat: _Column = Field("", description="Column of latitudes or northings.")
    datum: Word = Field(
        "wgs84", description="Of rows that name none: wgs84, gcj02, bd09, cgcs2000 or EPSG:n."
    )
    category_col: _Column = Field("", description="Column of categories; else `category`, if there is one.")
    accuracy_col: _Column = Field("", description="Column of accuracies in metres; else `accuracy_m`.")
    level_col: _Column = Field("", description="Column of their levels in percent; else `level`.")
    datum_col: _Column = Field("", description="Column of datums; else `datum`.")
    text_col: _Column = Field("", description="Column of texts; else `text`.")
    time_col: _Column = Field("", description="Column of times; else `occurred_at`.")
    channel_col: _Column = Field("", description="Column of channels; else `channel`.")


# Of the query's names those of `ReportColumns`, which are those of a report's fields.
_FIELDS = {
    "category_col": "category", "accuracy_col": "accuracy_m", "level_col": "level", "datum_col": "datum",
    "text_col": "text", "time_col": "occurred_at", "channel_col": "channel",
}  # fmt: skip


async def locate_rows(
    request: Request, generation: Generation, query: TableQuery, now_us: int
) -> StreamingResponse:
    """The rows of a table with their answers; raises what `api.tables.answer_table` raises.

    Raises:
        CoordinateError: its positions cannot be in the datum.
    """
    now = _now(generation, now_us)
    return await answer_table(request, lambda table: _located(generation, table, query, now), ANSWER_COLUMNS)


def _located(
    generation: Generation, table: pa.Table, query: TableQuery, now: np.datetime64
) -> Iterator[pa.Table]:
    """The answers, some rows at a time."""
    columns = _columns(table, query)
    for start in range(0, max(table.num_rows, 1), TOGETHER):
        yield locate_piece(generation, table.slice(start, TOGETHER), columns, now=now).table
        columns = replace(columns, is_checked=True)


def _columns(table: pa.Table, query: TableQuery) -> ReportColumns:
    """What the columns hold."""
    reference, names = parse_reference(query.datum or "wgs84"), table.column_names
    lng, lat = query.lng, query.lat
    if not (lng and lat):
        lng, lat = coordinate_columns(table.slice(0, TOGETHER), reference)
    found = {field: _column(names, getattr(query, option), field) for option, field in _FIELDS.items()}
    columns = ReportColumns(find_column(names, lng), find_column(names, lat), reference=reference, **found)  # type: ignore[arg-type]
    used = {columns.lng, columns.lat, *found.values()} - {""}
    for name in sorted(used):
        check_readable(name, table.schema.field(name).type)
    most = dict.fromkeys(used, MOST_WORD * _BYTES_A_LETTER)
    check_short(table, most | ({columns.text: MOST_TEXT * _BYTES_A_LETTER} if columns.text else {}))
    return columns


def _column(names: list[str], given: str, field: str) -> str:
    if given:
        return find_column(names, given)
    return field if field in names else ""


def _now(generation: Generation, now_us: int) -> np.datetime64:
    """The time of rows that name none: now, if a rule asks for it."""
    asked = any(rule.asks_for_time for rule in generation.config.rules)
    return np.datetime64(now_us, "us") if asked else np.datetime64("NaT", "us")


TableColumns = Annotated[TableQuery, Query()]
