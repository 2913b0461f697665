"""Columns of reports as numbers and texts, whatever their type: what a CSV says and Arrow holds alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.errors import LayerError
from layers.coded import Coded

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Times = NDArray[np.datetime64]

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_QUARTER_US = 900_000_000  # since 1972 no clock was ever put forward or back within one
_STANDARD = 63_072_000_000_000  # 1972, in microseconds


def column_of(table: pd.DataFrame | pa.Table, name: str) -> pa.Array:
    """A column of a table in one piece, dictionaries dissolved into texts by those who need it."""
    if isinstance(table, pd.DataFrame):
        texts = table[name]
        return pa.array(texts, pa.string()) if texts.dtype == object else _whole(pa.array(texts))
    return _whole(table.column(name))


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # of dictionaries, or of none
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    return column


def check_readable(name: str, kind: pa.DataType) -> None:
    """Refuse a column that holds neither texts nor numbers nor times.

    Raises:
        LayerError: it is nested, or of bytes.
    """
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (is_text(value) or is_number(value) or _is_time(value) or pa.types.is_null(value)
            or pa.types.is_boolean(value)):  # fmt: skip
        raise LayerError(
            f"Column {name!r} holds {str(kind)[:60]}.", fix="Name a column of texts, numbers or times."
        )


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is one of texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_number(kind: pa.DataType) -> bool:
    """Whether a type is one of numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def numbers(column: pa.Array) -> Floats:
    """The values as doubles, NaN where they are no finite decimal numbers; texts may have blanks around."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if is_text(column.type):
        text = pc.utf8_trim_whitespace(column)
        column = pc.if_else(pc.match_substring_regex(text, _NUMBER), text, pa.scalar(None, text.type))
    elif not is_number(column.type):
        return np.full(len(column), np.nan)
    values = column.cast(pa.float64(), safe=False)
    if values.null_count:
        values = values.fill_null(float("nan"))
    return np.array(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def blank(column: pa.Array) -> Bools:
    """Which rows say nothing: null, NaN, or a text of blanks."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not is_text(column.type):
        return np.asarray(column.is_null(nan_is_null=True).to_numpy(zero_copy_only=False), dtype=bool)
    empty = pc.equal(pc.utf8_trim_whitespace(column), "").fill_null(True)
    return np.asarray(empty.to_numpy(zero_copy_only=False), dtype=bool)


def words(column: pa.Array) -> Coded:
    """The values as texts as they are written, empty ones for null."""
    if pa.types.is_nested(column.type):
        column = text_of(column)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = text_of(column.dictionary).fill_null("").to_numpy(zero_copy_only=False)
    codes = column.indices.cast(pa.int64())
    codes = codes.fill_null(-1) if codes.null_count else codes
    return Coded(codes.to_numpy(zero_copy_only=False).astype(np.intp), np.append(values, ""))


def text_of(column: pa.Array) -> pa.Array:
    """Every value as text, null where there is none; bytes in hexadecimal digits, nested values as Arrow
    prints them.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return pc.take(text_of(column.dictionary), column.indices)
    if is_text(kind):
        return column if pa.types.is_string(kind) else column.cast(pa.large_string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array([None if v is None else v.hex() for v in column.to_pylist()], pa.large_string())
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.large_string())


def instants(column: pa.Array, time_zone: str) -> tuple[Times, Bools] | None:
    """Times in UTC, NaT for null, and which cannot be told; None where the column holds texts instead."""
    if not _is_time(column.type):
        return None
    is_utc = pa.types.is_timestamp(column.type) and column.type.tz is not None
    micros = column.cast(pa.timestamp("us", column.type.tz if is_utc else None), safe=False).cast(pa.int64())
    known = np.asarray(micros.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    values = np.array(micros.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
    odd = np.zeros(len(values), dtype=bool)
    if not is_utc:
        shift, odd = _offsets(values, ZoneInfo(time_zone))
        values = values - shift
    times = values.astype("datetime64[us]")
    times[~known | odd] = np.datetime64("NaT")
    return times, odd & known


def _offsets(local_us: NDArray[np.int64], zone: ZoneInfo) -> tuple[NDArray[np.int64], Bools]:
    """How far the clock of a zone is ahead of UTC at local times, and which are beyond any calendar."""
    step = np.where(local_us >= _STANDARD, local_us // _QUARTER_US * _QUARTER_US, local_us)
    which, distinct = pd.factorize(step)
    ahead: list[Any] = [_offset(int(at), zone) for at in distinct]
    odd = np.array([one is None for one in ahead], dtype=bool)
    shift = np.array([one or 0 for one in ahead], dtype=np.int64)
    return shift[which], odd[which]


def _offset(local_us: int, zone: ZoneInfo) -> int | None:
    try:
        seconds, rest = divmod(local_us, 1_000_000)
        naive = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=rest)
        back = naive.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    return round((naive - back).total_seconds() * 1_000_000)
