"""Attribute columns in types that every later step understands, and rows that say the same twice."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layers.findings import Finding

Positions = NDArray[np.intp]


def plain_columns(table: pa.Table) -> tuple[pa.Table, list[Finding]]:
    """Nested columns as JSON text, decimals as doubles, times as text, broken text mended (and noted)."""
    plain = [_plain(column) for column in table.columns]
    broken = [name for name, column in zip(table.column_names, table.columns, strict=True) if _broken(column)]
    findings = [Finding("text_mended", "note", column=name) for name in broken]
    return (pa.table(plain, names=table.column_names) if plain else table), findings


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        return _json_text(column)
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        return column.cast(pa.float64())
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        return pa.chunked_array([[None if v is None else str(v) for v in column.to_pylist()]], pa.string())
    if _is_text(kind):
        return _sound_text(column)
    return column


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def as_text(table: pa.Table) -> pa.Table:
    """Every value as text, "" where there is none."""
    return pa.table([_as_text(column) for column in table.columns], names=table.column_names)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = pa.chunked_array([[None if v is None else v.hex() for v in column.to_pylist()]], pa.string())
    return column.cast(pa.string()).fill_null("")


def _json_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str)
        for value in column.to_pylist()
    ]
    return pa.chunked_array([texts], pa.string())


def _sound_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text that is valid UTF-8; broken bytes become U+FFFD."""
    if not _broken(column):
        return column
    raw = column.cast(pa.binary()).to_pylist()
    mended = [None if value is None else value.decode("utf-8", errors="replace") for value in raw]
    return pa.chunked_array([mended], pa.string())


def _broken(column: pa.ChunkedArray) -> bool:
    """Whether a text column holds bytes that are no UTF-8."""
    try:
        column.validate(full=_is_text(column.type))
    except pa.ArrowInvalid:
        return True
    return False


def beside(table: pa.Table, **columns: pa.Array) -> pa.Table:
    """The table with more columns at its end; it may have had none."""
    names = [*table.column_names, *columns]
    return pa.Table.from_arrays([*table.columns, *columns.values()], names=names)


def duplicates(table: pa.Table, wkb: NDArray[np.object_]) -> tuple[Positions, Positions]:
    """Positions of rows equal to an earlier one in geometry and all attributes, and of that earlier one."""
    shapes = pa.array(wkb, pa.binary()).dictionary_encode().indices
    codes = np.asarray(shapes.to_numpy(zero_copy_only=False))
    often = np.bincount(codes)[codes] > 1 if codes.size else np.zeros(0, dtype=bool)
    suspects = np.flatnonzero(often)
    if not suspects.size:
        return suspects, suspects
    firsts = _first_equal(table.take(pa.array(suspects)), codes[suspects])
    again = firsts != np.arange(len(suspects))
    return suspects[again], suspects[firsts[again]]


def _first_equal(table: pa.Table, codes: NDArray[np.int32]) -> Positions:
    """For each row the first row that equals it."""
    keys = [f"k{i}" for i in range(table.num_columns)]
    numbered = beside(table.rename_columns(keys), shape=pa.array(codes), at=pa.array(np.arange(len(codes))))
    groups = numbered.group_by([*keys, "shape"], use_threads=False).aggregate([("at", "list")])
    members = groups["at_list"].combine_chunks()
    at = members.flatten().to_numpy()
    sizes = pc.list_value_length(members).to_numpy()
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    firsts = np.empty(len(at), dtype=np.intp)
    firsts[at] = np.repeat(at[starts], sizes)
    return firsts
