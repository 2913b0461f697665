"""Open issues as frozen columns: what tiles, counts and lists are made of without holding up who writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.issue_features import Names
from layers.open_rows import Entry, Floats, OpenRows, Rows, number_key
from layers.open_words import Bools
from layers.store.values import Issue

Codes = NDArray[np.int32]
Times = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Words:
    """A column of few different words.

    Attributes:
        codes: for each row the place of its word among the words.
        words: words by code, also some that no row has; None is no owner.
    """

    codes: Codes
    words: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str | None:
        """The word of a row."""
        return self.words[int(self.codes[row])]

    def counts(self) -> dict[str | None, int]:
        """How many rows have each word that there is."""
        counts = np.bincount(self.codes, minlength=len(self.words))
        return {self.words[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}


@dataclass(frozen=True, eq=False, slots=True)
class OpenView:
    """Open issues that passed a filter, sorted by the seq of their last event; a snapshot, without a lock.

    Attributes:
        version: the greatest seq that memory had taken in.
        now_us: when it was looked.
        lng, lat: WGS-84, NaN where there is no position.
        due_us: NaN where there is no limit.
        overdue: whether the limit was over at ``now_us`` and somebody still at work.
        number: sorts as the numbers do.
        cell: paths, codes from the top joined by ``/``; empty outside.
        flags: codes joined by ``,``.
    """

    version: int
    now_us: int
    seq: Times
    number: Times
    lng: Floats
    lat: Floats
    due_us: Floats
    overdue: Bools
    created_us: Times
    updated_us: Times
    status: Words
    category: Words
    cell: Words
    owner: Words
    certainty: Words
    flags: Words
    _entries: Sequence[Entry]
    _rows: Rows

    def __len__(self) -> int:
        """How many issues passed."""
        return len(self.seq)

    def entries(self, positions: Iterable[int] | NDArray[Any] | None = None) -> list[Entry]:
        """The issues at some positions, or all, each with what was said of it."""
        rows = self._rows if positions is None else self._rows[np.asarray(positions, dtype=np.intp)]
        return [self._entries[row] for row in rows.tolist()]

    def issues(self, positions: Iterable[int] | NDArray[Any] | None = None) -> list[Issue]:
        """The issues at some positions, or all."""
        return [entry.issue for entry in self.entries(positions)]

    def find(self, name: str) -> int | None:
        """The position of the issue with an id or number; None where it is not among them."""
        key = number_key(name)
        at = np.flatnonzero(self.number == key) if key else np.arange(len(self))
        issues = zip(at.tolist(), self.issues(at), strict=True)
        return next((row for row, issue in issues if name in (issue.uid, issue.number)), None)

    def features(self, positions: Iterable[int] | NDArray[Any], names: Names) -> list[bytes]:
        """`layers.issue_features.feature` of the issues at some positions."""
        at = np.asarray(positions, dtype=np.intp)
        late = self.overdue[at].tolist()
        return [entry.feature(names, is_late) for entry, is_late in zip(self.entries(at), late, strict=True)]


def view_of(rows: OpenRows, found: Rows, *, version: int, now_us: int) -> OpenView:
    """Some rows as they are now; whoever may write to them waits."""
    whole = len(found) == len(rows.entries)

    def column(name: str) -> NDArray[Any]:
        return rows[name].copy() if whole else rows[name].take(found, mode="clip")  # faster than asking

    def words(name: str) -> Words:
        return Words(column(name), getattr(rows, name).words)

    return OpenView(
        version, now_us, column("seq"), column("number"), column("lng"), column("lat"), column("limit"),
        column("due") < now_us, column("created"), column("updated"), words("status"), words("category"),
        words("cell"), words("owner"), words("certainty"), words("flags"), rows.entries, found,
    )  # fmt: skip
