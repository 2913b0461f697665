"""Files that answers are written to, piece by piece: CSV, Parquet, Arrow. They appear when they are whole."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.errors import LayerError
from layers.coded import coded_numbers
from layers.report_values import is_text, text_of

_ENDINGS = {
    **dict.fromkeys((".csv", ".txt", ""), "csv"), ".tsv": "tsv",
    **dict.fromkeys((".parquet", ".geoparquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "arrow_file"), ".arrows": "arrow_stream",
}  # fmt: skip
_SPECIAL = r'[",\t\r\n]'


class Sink(Protocol):
    """What takes tables one after the other; all have the columns of the first."""

    def write(self, table: pa.Table) -> None:
        """Take some more rows."""

    def close(self) -> None:
        """There are no more."""


def sink_form(path: Path) -> str:
    """What a file is written as, by the ending of its name: csv, tsv, parquet, arrow_file or arrow_stream.

    Raises:
        LayerError: there is no such format.
    """
    form = _ENDINGS.get(path.suffix.lower())
    if form is None:
        raise LayerError(
            f"{path.name!r} ends in no format that answers are written in.",
            fix="End it in .csv, .parquet, .arrow or .feather.",
        )
    return form


def plain_schema(schema: pa.Schema, ours: frozenset[str]) -> pa.Schema:
    """The schema with plain texts for columns of ours that are dictionaries."""
    fields = [
        f.with_type(f.type.value_type) if f.name in ours and pa.types.is_dictionary(f.type) else f
        for f in schema
    ]
    return pa.schema(fields, schema.metadata)


def plain_table(table: pa.Table, ours: frozenset[str]) -> pa.Table:
    """The table with plain texts for columns of ours that are dictionaries."""
    columns = [
        column.cast(column.type.value_type)
        if name in ours and pa.types.is_dictionary(column.type)
        else column
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return pa.table(columns, schema=plain_schema(table.schema, ours))


class ParquetSink:
    """Parquet; columns of ours are written as the dictionaries they are, and read as plain texts."""

    def __init__(self, path: Path, schema: pa.Schema, ours: frozenset[str]) -> None:
        read_as = base64.b64encode(plain_schema(schema, ours).serialize().to_pybytes())
        schema = schema.with_metadata({**(schema.metadata or {}), b"ARROW:schema": read_as})
        self._schema = schema
        texts = [f.name for f in schema if is_text(f.type) or pa.types.is_dictionary(f.type)]
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, store_schema=False, use_dictionary=texts,
            write_statistics=[f.name for f in schema if f.name not in texts],
        )  # fmt: skip

    def write(self, table: pa.Table) -> None:
        """Take some more rows."""
        self._writer.write_table(table.replace_schema_metadata(self._schema.metadata))

    def close(self) -> None:
        """There are no more."""
        self._writer.add_key_value_metadata(self._schema.metadata)
        self._writer.close()


class ArrowSink:
    """Arrow, as a file or a stream; columns of ours are plain texts."""

    def __init__(self, path: Path, schema: pa.Schema, ours: frozenset[str], *, is_stream: bool) -> None:
        self._ours = ours
        options = pa.ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=not is_stream)
        make = pa.ipc.new_stream if is_stream else pa.ipc.new_file
        self._schema = plain_schema(schema, ours)
        if not is_stream:
            self._schema = _no_dictionaries(self._schema)
        self._writer = make(str(path), self._schema, options=options)

    def write(self, table: pa.Table) -> None:
        """Take some more rows."""
        self._writer.write_table(plain_table(table, self._ours).cast(self._schema))

    def close(self) -> None:
        """There are no more."""
        self._writer.close()


def _no_dictionaries(schema: pa.Schema) -> pa.Schema:
    """Of a file all batches share their dictionaries, and nobody knows them beforehand."""
    fields = [f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in schema]
    return pa.schema(fields, schema.metadata)


class CsvSink:
    """CSV in UTF-8, a header first."""

    def __init__(self, path: Path, schema: pa.Schema, *, separator: str = ",") -> None:
        self._file = path.open("wb")
        self._separator = separator
        self._file.write(csv_header(schema, separator))

    def write(self, table: pa.Table) -> None:
        """Take some more rows."""
        self._file.write(csv_rows(table, self._separator))

    def close(self) -> None:
        """There are no more."""
        self._file.close()


def csv_header(schema: pa.Schema, separator: str = ",") -> bytes:
    """The line of names."""
    names = _quoted(pa.array(schema.names, pa.large_string())).to_pylist()
    return (separator.join(names) + "\n").encode()


def csv_rows(table: pa.Table, separator: str = ",") -> pa.Buffer:
    """The lines of a table; what is missing is empty."""
    if not table.num_rows:
        return pa.py_buffer(b"")
    columns = [_written(_whole(column)) for column in table.columns]
    lines = pc.binary_join_element_wise(
        *columns, pa.scalar(separator, pa.large_string()), null_handling="replace", null_replacement=""
    )
    ended = pc.binary_join_element_wise(
        lines, pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string())
    )
    return ended.buffers()[2]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def _written(column: pa.Array) -> pa.Array:
    """Values as they stand in a CSV."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return pc.take(_written(column.dictionary), column.indices)
    if pa.types.is_floating(kind):
        return _numbers(column)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string()).cast(pa.large_string())
    return _quoted(text_of(column).cast(pa.large_string()))


def _numbers(column: pa.Array) -> pa.Array:
    """Doubles as the shortest texts that are read as the same."""
    values = column.cast(pa.float64()).fill_null(float("nan")).to_numpy(zero_copy_only=False)
    return coded_numbers(values).arrow().dictionary_decode().cast(pa.large_string())


def _quoted(texts: pa.Array) -> pa.Array:
    """Texts in quotation marks where they need them."""
    odd = pc.match_substring_regex(texts, _SPECIAL)
    if not pc.any(odd).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    mark = pa.scalar('"', pa.large_string())
    quoted = pc.binary_join_element_wise(mark, doubled, mark, pa.scalar("", pa.large_string()))
    return pc.if_else(odd, quoted, texts)


def open_sink(path: Path, form: str, schema: pa.Schema, ours: frozenset[str]) -> Sink:
    """A file of a form (see `sink_form`) that takes tables.

    Args:
        path: where it is written.
        schema: of the tables.
        ours: columns that are read as plain texts, though the tables hold dictionaries.
    """
    if form == "parquet":
        return ParquetSink(path, schema, ours)
    if form in ("arrow_file", "arrow_stream"):
        return ArrowSink(path, schema, ours, is_stream=form == "arrow_stream")
    return CsvSink(path, schema, separator="\t" if form == "tsv" else ",")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what shall stand at ``path`` once it is whole; nothing is left where that fails."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.unlink(missing_ok=True)
    try:
        yield beside
        if beside.exists():
            with beside.open("rb") as file:
                os.fsync(file.fileno())
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
