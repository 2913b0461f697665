"""POST /v1/locate for tables: CSV or an Arrow stream in, the same rows with their answers out."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import orjson
import pyarrow as pa
from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.bodies import media_type, read_body
from api.report_model import MOST_TEXT, MOST_WORD
from geo.crs import parse_reference
from layers.answers import ANSWER_COLUMNS
from layers.batch import coordinate_columns, locate_piece
from layers.generation import Generation
from layers.reading.arrow_bodies import Room, check_short, read_arrow_stream, read_csv_body
from layers.reading.columns import find_column
from layers.report_rows import ReportColumns
from layers.report_sinks import csv_header, csv_rows, plain_schema, plain_table
from layers.report_values import check_readable

CSV, ARROW, JSON = "text/csv", "application/vnd.apache.arrow.stream", "application/json"
TABLES = (CSV, ARROW)
MOST_BYTES = 50_000_000
WITHIN_S = 120.0
ROOM = Room()
TOGETHER = 1 << 15  # rows that are answered at once: it bounds the memory
AT_ONCE = 2  # tables; each takes some hundreds of megabytes while it is answered
OURS = frozenset(ANSWER_COLUMNS)
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


async def answer_table(
    request: Request, generation: Generation, query: TableQuery, now_us: int
) -> StreamingResponse:
    """The rows of a table with their answers, in the form that the request accepts; else in its own.

    Raises:
        LargeBodyError, SlowBodyError, MediaTypeError: as `read_body`.
        LayerError: it cannot be read, or its columns cannot be told.
        UnsafeFileError: it is compressed, or too large.
        CoordinateError: its positions cannot be in the datum.
    """
    body = await read_body(request, MOST_BYTES, WITHIN_S)
    form, turn = _accepted(request), _turn(request)
    async with turn:
        table = await run_in_threadpool(_read, request, body)
        del body
        columns = await run_in_threadpool(_columns, table, query)
        parts = _answers(generation, table, columns, _now(generation, now_us), form)
        first = await run_in_threadpool(next, parts)  # what cannot be answered at all is refused
    return StreamingResponse(_sent(first, parts, turn), media_type=form)


def _turn(request: Request) -> asyncio.Semaphore:
    """Bounds how many tables an app works on at a time."""
    state = request.app.state
    if not hasattr(state, "tables_turn"):
        state.tables_turn = asyncio.Semaphore(AT_ONCE)
    turn: asyncio.Semaphore = state.tables_turn
    return turn


async def _sent(first: bytes, rest: Iterator[bytes], turn: asyncio.Semaphore) -> AsyncIterator[bytes]:
    """The parts, each made when the one before is sent; who receives slowly holds nobody's turn."""
    part: bytes | None = first
    while part is not None:
        yield part
        async with turn:
            part = await run_in_threadpool(next, rest, None)


def _read(request: Request, body: bytes) -> pa.Table:
    if media_type(request) == ARROW:
        return read_arrow_stream(body, ROOM)
    said = request.headers.get("content-type", "").partition("charset=")[2].partition(";")[0].strip(' "')
    with tempfile.TemporaryDirectory(prefix="woodpecker-") as folder:
        path = Path(folder) / "body.csv"
        path.write_bytes(body)
        return read_csv_body(path, said, ROOM)


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


def _accepted(request: Request) -> str:
    """The first form that the request accepts and there is; else its own."""
    for said in request.headers.get("accept", "").split(","):
        kind = said.partition(";")[0].strip().lower()
        if kind in (*TABLES, JSON):
            return kind
    return media_type(request)


def _answers(
    generation: Generation, table: pa.Table, columns: ReportColumns, now: np.datetime64, form: str
) -> Iterator[bytes]:
    """The answers as bytes, some rows at a time."""
    write = _WRITERS[form]()
    for start in range(0, max(table.num_rows, 1), TOGETHER):
        located = locate_piece(generation, table.slice(start, TOGETHER), columns, now=now)
        columns = replace(columns, is_checked=True)
        yield write.rows(located.table)
    yield write.end()


class _CsvWriter:
    """Lines, a header first."""

    def __init__(self) -> None:
        self._begun = False

    def rows(self, table: pa.Table) -> bytes:
        head = b"" if self._begun else csv_header(table.schema)
        self._begun = True
        return head + bytes(csv_rows(table))

    def end(self) -> bytes:
        return b""


class _ArrowWriter:
    """An Arrow stream; the answers are plain texts."""

    def __init__(self) -> None:
        self._out = _Bytes()
        self._writer: Any = None

    def rows(self, table: pa.Table) -> bytes:
        if self._writer is None:
            self._writer = pa.ipc.new_stream(self._out, plain_schema(table.schema, OURS))
        self._writer.write_table(plain_table(table, OURS))
        return self._out.taken()

    def end(self) -> bytes:
        self._writer.close()
        return self._out.taken()


class _Bytes:
    """A file that hands out what was written to it."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """It stays open for what is still to be handed out."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


class _JsonWriter:
    """`{"answers":[…]}` of the answers alone."""

    def __init__(self) -> None:
        self._begun = False

    def rows(self, table: pa.Table) -> bytes:
        rows = table.select(list(ANSWER_COLUMNS)).to_pylist()
        head = b"," if self._begun and rows else b"" if self._begun else b'{"answers":['
        self._begun = True
        return head + b",".join(map(orjson.dumps, rows))

    def end(self) -> bytes:
        return b"]}"


_WRITERS: Mapping[str, Callable[[], Any]] = {CSV: _CsvWriter, ARROW: _ArrowWriter, JSON: _JsonWriter}

TableColumns = Annotated[TableQuery, Query()]
