"""Arrow streams and CSVs that strangers send: read in memory that is bounded before it is used."""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import LayerError, UnsafeFileError
from layers.reading.columns import safe_names
from layers.reading.csv_stream import open_csv
from layers.report_values import is_number, is_text

_RECORD_BATCH, _DICTIONARY_BATCH = "record batch", "dictionary"
_LESS = "Send less at a time."


@dataclass(frozen=True, slots=True)
class Room:
    """How much a table may hold.

    Attributes:
        rows, columns: at most.
        cells: rows times columns.
        text_bytes: of all texts, where each stands as often as it is used.
    """

    rows: int = 500_000
    columns: int = 1_000
    cells: int = 10_000_000
    text_bytes: int = 200_000_000


def read_arrow_stream(body: bytes, room: Room | None = None) -> pa.Table:
    """The table of an Arrow stream, its columns flat and under safe names.

    Raises:
        LayerError: it is no whole and valid Arrow stream, has no columns, or nested ones.
        UnsafeFileError: it is compressed, or larger than there is room for.
    """
    room = room or Room()
    try:
        _refuse_compressed(body)
        reader = pa.ipc.open_stream(pa.py_buffer(body))
        schema = _flat(reader.schema, room)
        batches = []
        rows = 0
        for batch in reader:
            rows += batch.num_rows
            _check_room(rows, len(schema), room)
            batch.validate(full=True)
            batches.append(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        table = pa.Table.from_batches(batches, schema=schema)
        _check_texts(table, room)
        return table
    # Whatever Arrow raises of a stream that it cannot read; nothing else happens in between.
    except (pa.ArrowException, OSError, EOFError, ValueError, struct.error, KeyError, TypeError) as error:
        shown = str(error).partition("\n")[0][:200]
        raise LayerError(f"This is no Arrow stream: {shown}.", fix="Write it again, as a stream.") from error


def _refuse_compressed(body: bytes) -> None:
    """A few compressed bytes may hold more than there is memory."""
    for message in pa.ipc.MessageReader.open_stream(pa.py_buffer(body)):
        is_dictionary = message.type == _DICTIONARY_BATCH
        if not (is_dictionary or message.type == _RECORD_BATCH):
            continue
        if _is_compressed(message.metadata.to_pybytes(), is_dictionary):
            raise UnsafeFileError(
                "The buffers of this Arrow stream are compressed.",
                fix="Write it without compression (IpcWriteOptions(compression=None)).",
            )


def _is_compressed(metadata: bytes, is_dictionary: bool) -> bool:
    """Whether a message (Message.fbs of the Arrow format) names a compression of its body."""
    header = _member(metadata, struct.unpack_from("<I", metadata, 0)[0], 2)
    if header is not None and is_dictionary:
        header = _member(metadata, header, 1)
    return header is not None and _member(metadata, header, 3) is not None


def _member(data: bytes, table: int, number: int) -> int | None:
    """Where the table lies that is a member of a flatbuffer's table, None where there is none."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    if 4 + 2 * number >= struct.unpack_from("<H", data, vtable)[0]:
        return None
    at = struct.unpack_from("<H", data, vtable + 4 + 2 * number)[0]
    if not at:
        return None
    found: int = table + at + struct.unpack_from("<I", data, table + at)[0]
    return found


def _flat(schema: pa.Schema, room: Room) -> pa.Schema:
    """The schema under safe names; what is nested is refused."""
    if not 0 < len(schema) <= room.columns:
        raise LayerError(f"The table has {len(schema):,} columns.", fix=f"Send 1 to {room.columns:,}.")
    names, _ = safe_names(schema.names, ())
    for name, field in zip(names, schema, strict=True):
        if not _is_flat(field.type):
            shown = str(field.type)[:60]
            raise LayerError(
                f"Column {name[:60]!r} holds {shown}.", fix="Send texts, numbers, times, booleans or bytes."
            )
    return pa.schema([pa.field(name, field.type) for name, field in zip(names, schema, strict=True)])


def _is_flat(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type) or is_number(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return False
    return (
        (is_text(kind) and not pa.types.is_string_view(kind))
        or is_number(kind)
        or pa.types.is_temporal(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _check_room(rows: int, columns: int, room: Room) -> None:
    if rows > room.rows:
        raise UnsafeFileError(f"The table has more than {room.rows:,} rows.", fix=_LESS)
    if rows * columns > room.cells:
        raise UnsafeFileError(f"The table has more than {room.cells:,} values.", fix=_LESS)


def _check_texts(table: pa.Table, room: Room) -> None:
    """Refuse texts that are short as dictionaries and would not be as texts."""
    total = 0
    for column in table.columns:
        if pa.types.is_dictionary(column.type) and is_text(column.type.value_type):
            for chunk in column.chunks:
                total += pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
    if total > room.text_bytes:
        raise UnsafeFileError(f"The texts have more than {room.text_bytes:,} bytes.", fix=_LESS)


def read_csv_body(path: Path, encoding: str = "", room: Room | None = None) -> pa.Table:
    """The table of a CSV, of texts; see `layers.reading.csv_stream`.

    Args:
        path: where its bytes were put.
        encoding: where it is said.
        room: what it may hold.

    Raises:
        LayerError: it cannot be read.
        UnsafeFileError: it is larger than there is room for.
    """
    room = room or Room()
    try:
        stream = open_csv(path, "The body", encoding or None)
        if len(stream.names) > room.columns:
            raise LayerError(
                f"The table has {len(stream.names):,} columns.", fix=f"Send 1 to {room.columns:,}."
            )
        return pa.Table.from_batches(_within(stream.batches(), len(stream.names), room), schema=stream.schema)
    except (pa.ArrowException, csv.Error, UnicodeError) as error:
        raise LayerError(f"This is no CSV: {str(error)[:200]}.", fix="Export it again.") from error


def _within(batches: Iterator[pa.RecordBatch], columns: int, room: Room) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        _check_room(rows, columns, room)
        yield batch


def check_short(table: pa.Table, names: dict[str, int]) -> None:
    """Refuse texts that are longer than they may be.

    Args:
        table: of any types.
        names: how many bytes a text may have, by column.

    Raises:
        UnsafeFileError: one is longer; names the column.
    """
    for name, most in names.items():
        for chunk in table.column(name).chunks:
            values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
            if is_text(values.type) and (pc.max(pc.binary_length(values)).as_py() or 0) > most:
                raise UnsafeFileError(
                    f"Column {name[:60]!r} has a text of more than {most:,} bytes.", fix=_LESS
                )
