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


def _names(record: Any) -> list[str]:
    return list(record.__dataclass_fields__)
