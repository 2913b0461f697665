"""Records of columns: frozen dataclasses whose fields are arrays of one length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Record = TypeVar("Record")


def take(record: Record, entries: NDArray[Any] | slice) -> Record:
    """Some of the entries, by position or by a mask."""
    columns: dict[str, Any] = {name: getattr(record, name)[entries] for name in _names(record)}
    return type(record)(**columns)


def concatenated(records: Sequence[Record]) -> Record:
    """All entries of all records, in their order; there is one record at least."""
    columns = {name: np.concatenate([getattr(r, name) for r in records]) for name in _names(records[0])}
    return type(records[0])(**columns)


def starts(row: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where each report's entries begin in a column of reports, which is sorted."""
    return np.flatnonzero(_is_new(row)[:-1])


def is_alone(row: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which entries of a sorted column of reports are the only one of their report."""
    new = _is_new(row)
    alone: NDArray[np.bool_] = new[:-1] & new[1:]
    return alone


def _is_new(row: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each entry differs from the one before it; one more for the end."""
    new = np.ones(len(row) + 1, dtype=np.bool_)
    if len(row):
        np.not_equal(row[1:], row[:-1], out=new[1:-1])
    return new


def _names(record: Any) -> list[str]:
    return list(record.__dataclass_fields__)
