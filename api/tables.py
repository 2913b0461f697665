"""Tables over HTTP: CSV or an Arrow stream in, the same rows with their answers out."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.bodies import media_type, read_body
from layers.reading.arrow_bodies import Room, read_arrow_stream, read_csv_body
from layers.report_sinks import csv_header, csv_rows, plain_schema, plain_table

CSV, ARROW, JSON = "text/csv", "application/vnd.apache.arrow.stream", "application/json"
TABLES = (CSV, ARROW)
MOST_BYTES = 50_000_000
WITHIN_S = 120.0
AT_ONCE = 2  # tables; each takes some hundreds of megabytes while it is answered
Answer = Callable[[pa.Table], Iterator[pa.Table]]


async def answer_table(
    request: Request, answer: Answer, ours: Collection[str], room: Room | None = None
) -> StreamingResponse:
    """The rows of a table with their answers, in the form that the request accepts; else in its own.

    Args:
        answer: the rows with their answers, some at a time, at least once; what it raises before its first
            rows refuses the table.
        ours: names of the columns that it adds.
        room: what the table may hold.

    Raises:
        LargeBodyError, SlowBodyError, MediaTypeError: as `read_body`.
        LayerError: it cannot be read, or its columns cannot be told.
        UnsafeFileError: it is compressed, or too large.
    """
    body = await read_body(request, MOST_BYTES, WITHIN_S)
    form, turn = _accepted(request), table_turn(request)
    async with turn:
        table = await run_in_threadpool(_read, request, body, room or Room())
        del body
        parts = _written(answer(table), _WRITERS[form](tuple(ours)))
        first = await run_in_threadpool(next, parts)  # what cannot be answered at all is refused
    return StreamingResponse(sent(first, parts, turn), media_type=form)


def table_turn(request: Request) -> asyncio.Semaphore:
    """Bounds how many tables an app works on at a time."""
    state = request.app.state
    if not hasattr(state, "tables_turn"):
        state.tables_turn = asyncio.Semaphore(AT_ONCE)
    turn: asyncio.Semaphore = state.tables_turn
    return turn


async def sent(first: bytes, rest: Iterator[bytes], turn: asyncio.Semaphore) -> AsyncIterator[bytes]:
    """The parts, each made when the one before is sent; who receives slowly holds nobody's turn."""
    part: bytes | None = first
    while part is not None:
        yield part
        async with turn:
            part = await run_in_threadpool(next, rest, None)


def _read(request: Request, body: bytes, room: Room) -> pa.Table:
    if media_type(request) == ARROW:
        return read_arrow_stream(body, room)
    said = request.headers.get("content-type", "").partition("charset=")[2].partition(";")[0].strip(' "')
    with tempfile.TemporaryDirectory(prefix="woodpecker-") as folder:
        path = Path(folder) / "body.csv"
        path.write_bytes(body)
        return read_csv_body(path, said, room)


def _accepted(request: Request) -> str:
    """The first form that the request accepts and there is; else its own."""
    for said in request.headers.get("accept", "").split(","):
        kind = said.partition(";")[0].strip().lower()
        if kind in (*TABLES, JSON):
            return kind
    return media_type(request)


def _written(tables: Iterator[pa.Table], writer: Any) -> Iterator[bytes]:
    for table in tables:
        yield writer.rows(table)
    yield writer.end()


class _CsvWriter:
    """Lines, a header first."""

    def __init__(self, _ours: Collection[str]) -> None:
        self._begun = False

    def rows(self, table: pa.Table) -> bytes:
        head = b"" if self._begun else csv_header(table.schema)
        self._begun = True
        return head + bytes(csv_rows(table))

    def end(self) -> bytes:
        return b""


class _ArrowWriter:
    """An Arrow stream; the answers are plain texts."""

    def __init__(self, ours: Collection[str]) -> None:
        self._ours = frozenset(ours)
        self._out = _Bytes()
        self._writer: Any = None

    def rows(self, table: pa.Table) -> bytes:
        if self._writer is None:
            self._writer = pa.ipc.new_stream(self._out, plain_schema(table.schema, self._ours))
        self._writer.write_table(plain_table(table, self._ours))
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

    def __init__(self, ours: Collection[str]) -> None:
        self._ours = list(ours)
        self._begun = False

    def rows(self, table: pa.Table) -> bytes:
        rows = table.select(self._ours).to_pylist()
        head = b"," if self._begun and rows else b"" if self._begun else b'{"answers":['
        self._begun = True
        return head + b",".join(map(orjson.dumps, rows))

    def end(self) -> bytes:
        return b"]}"


_WRITERS: Mapping[str, Callable[[Collection[str]], Any]] = {
    CSV: _CsvWriter,
    ARROW: _ArrowWriter,
    JSON: _JsonWriter,
}
