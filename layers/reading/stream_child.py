"""The process that reads a stranger's table of reports in pieces and hands them on by its standard output.

Started by `layers.reading.streaming`. What it writes is an Arrow stream; the schema carries, under ``KEY``,
what is known beforehand, every batch what is known by then. An error stands in ``answer.json`` afterwards.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import LayerError
from layers.findings import Finding
from layers.reading.child import serve
from layers.reading.columns import safe_names
from layers.reading.csv_stream import open_csv
from layers.reading.geometry_columns import GeometryColumn, NotPointsError, geometry_column, points_of
from layers.reading.limits import Limits

Json = dict[str, Any]
KEY = b"woodpecker"
MOST_BYTES = 128 * 2**20  # of rows that are handed on together


@dataclass
class _Source:
    """A table that is read from front to back."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    rows: int | None
    findings: list[Finding]
    geometry: GeometryColumn | None = None


def main(folder: Path) -> None:
    """Streams the table that the request in a folder names."""
    serve(folder, _stream)


def _stream(request: Json, folder: Path, limits: Limits) -> Json:  # noqa: ARG001 (as `serve` calls it)
    path = Path(request["path"])
    source = _OPEN[request["form"]](path, request)
    if request["named"]:
        source.geometry = None
    try:
        _write(source, request["rows"])
    except NotPointsError:
        return {"not_points": True}
    return {"rows": source.rows}


def _write(source: _Source, rows: int) -> None:
    schema = source.schema
    if source.geometry is not None:
        schema = schema.append(pa.field("x", pa.float64())).append(pa.field("y", pa.float64()))
    meta = {**(schema.metadata or {}), KEY: _known(source)}
    schema = schema.with_metadata(meta)
    told = len(source.findings)
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as writer:
        for table in _pieces(source, rows):
            for batch in table.to_batches():
                said = {b"findings": _findings(source.findings[told:])}
                told = len(source.findings)
                arrays = _with_points(batch, source.geometry)
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema), custom_metadata=said)


def _known(source: _Source) -> bytes:
    geometry = source.geometry
    known = {
        "rows": source.rows,
        "geometry": None if geometry is None else {"name": geometry.name, "reference": geometry.reference},
    }
    return json.dumps({**known, "findings": json.loads(_findings(source.findings))}).encode()


def _findings(findings: list[Finding]) -> bytes:
    named = ("code", "severity", "row", "column", "value", "count")
    said = [{**{name: getattr(f, name) for name in named}, "detail": dict(f.detail)} for f in findings]
    return json.dumps(said, default=str).encode()


def _with_points(batch: pa.RecordBatch, geometry: GeometryColumn | None) -> list[pa.Array]:
    if geometry is None:
        return list(batch.columns)
    x, y = points_of(batch.column(geometry.name), geometry.encoding)
    return [*batch.columns, pa.array(x), pa.array(y)]


def _pieces(source: _Source, rows: int) -> Iterator[pa.Table]:
    """Tables of one chunk and ``rows`` rows each, fewer where rows are large and at the end."""
    waiting: list[pa.RecordBatch] = []
    for batch in source.batches:
        batch.validate(full=True)
        for start in range(0, max(batch.num_rows, 1), rows):
            waiting.append(batch.slice(start, rows))
            if sum(b.num_rows for b in waiting) >= rows or sum(b.nbytes for b in waiting) >= MOST_BYTES:
                table = _joined(waiting, source.schema)
                yield table.slice(0, rows)
                waiting = table.slice(rows).to_batches()
    if waiting:
        yield _joined(waiting, source.schema)


def _joined(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    table = pa.Table.from_batches(batches, schema=schema).unify_dictionaries()
    return table if len(batches) == 1 else table.combine_chunks()


def _csv(path: Path, request: Json) -> _Source:
    stream = open_csv(path, request["name"], request["encoding"] or None)
    batches = stream.batches()
    first = next((batch for batch in batches if batch.num_rows), None)
    if first is None:
        raise LayerError(f"{request['name']!r} has a header and no rows.", fix="Export it again.")
    return _Source(stream.schema, _chained(first, batches), None, stream.findings)


def _chained(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _parquet(path: Path, _request: Json) -> _Source:
    file = pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    batches = file.iter_batches(batch_size=1 << 16, use_threads=False)
    return _named(file.schema_arrow, batches, file.metadata.num_rows)


def _arrow_file(path: Path, _request: Json) -> _Source:
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    batches = (reader.get_batch(at) for at in range(reader.num_record_batches))
    return _named(reader.schema, batches, None)


def _arrow_stream(path: Path, _request: Json) -> _Source:
    reader = pa.ipc.open_stream(pa.OSFile(str(path)))
    return _named(reader.schema, iter(reader), None)


def _named(schema: pa.Schema, batches: Iterator[pa.RecordBatch], rows: int | None) -> _Source:
    """The source with safe names for its columns."""
    geometry = geometry_column(schema)
    names, findings = safe_names(schema.names, ())
    if geometry is not None:
        at = schema.names.index(geometry.name)
        geometry = GeometryColumn(names[at], geometry.encoding, geometry.reference)
    fields = [field.with_name(name) for field, name in zip(schema, names, strict=True)]
    safe = pa.schema(fields, schema.metadata)
    renamed = (pa.RecordBatch.from_arrays(batch.columns, schema=safe) for batch in batches)
    return _Source(safe, renamed, rows, findings, geometry)


_OPEN = {"csv": _csv, "parquet": _parquet, "arrow_file": _arrow_file, "arrow_stream": _arrow_stream}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
