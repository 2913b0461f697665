"""Open issues as columns, in the order of their last change: what `layers.open_issues` filters and counts.

A box is looked for by comparing every position: for 100,000 issues that takes about as long as asking an
R-tree, which costs some tenths of a millisecond more with every change (`benchmarks/open_issues.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.duplicates import Ints as Grams
from geo.duplicates import grams
from layers.issue_features import Names, head, tail
from layers.life_cycle import AT_WORK, DONE, WAITING, State
from layers.open_words import Bools, Paths, Words, among
from layers.store.filters import IssueFilter, Sought, lowered
from layers.store.values import Issue

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

TURNS = 10**9  # issues that a day can have: what a day counts in `number_key`
NEVER = np.iinfo(np.int64).max  # due, where nothing can be overdue
OPEN = tuple(state for state in State if state not in DONE)
_RUNNING = frozenset((*WAITING, *AT_WORK))  # where an issue can be overdue
_SPARE = 1_000  # rows that are made at once, or may lie dead
_TYPES: Mapping[str, Any] = {
    "seq": np.int64, "alive": np.bool_, "status": np.int32, "category": np.int32, "owner": np.int32,
    "cell": np.int32, "asset": np.int32, "lng": np.float64, "lat": np.float64, "created": np.int64,
    "updated": np.int64, "due": np.int64, "x": np.float64, "y": np.float64, "deviation": np.float64,
    "at": np.float64, "claim": np.int32, "claimed": np.int64, "limit": np.float64, "number": np.int64,
    "certainty": np.int32, "flags": np.int32,
}  # fmt: skip


class Said(NamedTuple):
    """What the first report of an issue told that the issue itself does not keep.

    Attributes:
        deviation_m: of its position, as `geo.uncertainty.deviation` has it.
        at_us: when it was seen, microseconds since 1970 UTC; None is when the issue was opened.
    """

    text: str = ""
    deviation_m: float = 0.0
    at_us: int | None = None


class Entry:
    """An issue, what was said of it, and what is made of both when first asked for.

    Threads may make the same thing twice; both get the same.
    """

    __slots__ = ("_feature", "_grams", "_text", "issue", "said")

    def __init__(self, issue: Issue, said: Said, grams: Grams | None = None) -> None:
        self.issue, self.said, self._grams = issue, said, grams
        self._feature: tuple[Names, bool, bytes] | None = None
        self._text: str | None = None

    def feature(self, names: Names, overdue: bool) -> bytes:
        """`layers.issue_features.feature` of the issue."""
        kept = self._feature
        if kept is None or kept[0] is not names or kept[1] is not overdue:
            kept = self._feature = names, overdue, head(self.issue, names) + tail(overdue)
        return kept[2]

    def grams(self) -> Grams:
        """`geo.duplicates.grams` of the text."""
        kept = self._grams
        if kept is None:
            kept = self._grams = grams(self.said.text)
        return kept

    def text(self) -> str:
        """What was said, A to Z as small letters."""
        kept = self._text
        if kept is None:
            kept = self._text = lowered(self.said.text)
        return kept

    def learn(self, said: Said) -> None:
        """Take other words in the place of what was said."""
        self.said, self._grams, self._text = said, None, None


def features_of(entries: Iterable[Entry], names: Names, overdue: Iterable[bool]) -> list[bytes]:
    """`Entry.feature` of each: mostly it was made before, and a call would take longer than to see it."""
    return [
        kept[2]
        if (kept := entry._feature) is not None and kept[0] is names and kept[1] is late
        else entry.feature(names, late)
        for entry, late in zip(entries, overdue, strict=True)
    ]


@dataclass(frozen=True)
class Places:
    """Positions of issues in metres; NaN where there is none."""

    x: Floats
    y: Floats


class OpenRows:
    """One row for each open issue, and rows of issues that have moved on, until they are swept out.

    Belongs to one thread at a time. Rows are numbered by place; `sweep` and `add` may change the numbers.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.status, self.category, self.owner, self.asset = Words(), Words(), Words(), Words()
        self.certainty, self.flags, self.claim = Words(), Words(), Words()
        self.cell = Paths()
        self._columns = {name: np.empty(_SPARE, dtype) for name, dtype in _TYPES.items()}
        self._dead = 0
        self.most_deviation_m = 0.0

    def __len__(self) -> int:
        """How many issues are open."""
        return len(self.entries) - self._dead

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column, of all rows."""
        return self._columns[name][: len(self.entries)]

    def row(self, seq: int) -> int:
        """The row of the issue whose last event is of this seq; it is there."""
        return int(np.searchsorted(self["seq"], seq))

    def add(self, entries: Sequence[Entry], places: Places) -> None:
        """Add issues, whose seqs ascend; they mostly come after all that are there."""
        first, size = len(self.entries), len(self.entries) + len(entries)
        columns = self._columns_of(entries, places)
        self.entries.extend(entries)
        for name, column in self._columns.items():
            if size > len(column):
                # Twice of what is needed, so that adding one by one copies each row a few times only.
                column = self._columns[name] = np.resize(column, 2 * size)
            column[first:size] = columns[name]
        self.most_deviation_m = max(self.most_deviation_m, float(columns["deviation"].max(initial=0.0)))
        self._sort_from(first)

    def _columns_of(self, entries: Sequence[Entry], places: Places) -> dict[str, Any]:
        issues = [entry.issue for entry in entries]
        return {
            "seq": [issue.seq for issue in issues],
            "alive": True,
            "status": [self.status.code(issue.status) for issue in issues],
            "category": [self.category.code(issue.category) for issue in issues],
            "owner": [self.owner.code(issue.owner_id) for issue in issues],
            "cell": [self.cell.code(issue.cell_path) for issue in issues],
            "asset": [self.asset.code(asset_of(issue.asset_kind, issue.asset_id)) for issue in issues],
            "lng": degrees(issue.lng for issue in issues),
            "lat": degrees(issue.lat for issue in issues),
            "created": [issue.created_us for issue in issues],
            "updated": [issue.updated_us for issue in issues],
            "due": [_due(issue) for issue in issues],
            "x": places.x,
            "y": places.y,
            "deviation": np.nan_to_num([entry.said.deviation_m for entry in entries]),
            "at": [at_s(entry) for entry in entries],
            "claim": [self.claim.code(issue.claimed_by) for issue in issues],
            "claimed": [issue.claimed_us or 0 for issue in issues],
            "limit": degrees(issue.due_us for issue in issues),
            "number": [number_key(issue.number) for issue in issues],
            "certainty": [self.certainty.code(issue.certainty) for issue in issues],
            "flags": [self.flags.code(issue.flags) for issue in issues],
        }

    def _sort_from(self, first: int) -> None:
        """Bring the rows from here on, which ascend, to their places among those before."""
        seq, size = self["seq"], len(self.entries)
        if not 0 < first < size or seq[first] > seq[first - 1]:
            return
        start = int(np.searchsorted(seq[:first], seq[first]))
        order = start + np.argsort(seq[start:])
        # Another list: who looks at a view holds the old one.
        self.entries = [*self.entries[:start], *(self.entries[row] for row in order)]
        for column in self._columns.values():
            column[start:size] = column[order]

    def remove(self, seqs: Sequence[int]) -> None:
        """Take out the issues whose last events are of these seqs; they are there."""
        rows = np.searchsorted(self["seq"], seqs)
        for name in ("lng", "lat", "x", "y"):
            self[name][rows] = np.nan
        self["alive"][rows], self["due"][rows] = False, NEVER
        self._dead += len(rows)

    def sweep(self) -> None:
        """Free the rows of what was taken out, when they have become many."""
        if self._dead <= max(_SPARE, len(self) // 2):
            return
        kept = np.flatnonzero(self["alive"])
        self._columns = {name: np.resize(self[name][kept], 2 * len(kept) + _SPARE) for name in self._columns}
        self.entries = [self.entries[row] for row in kept]
        self._dead = 0
        self.most_deviation_m = float(self["deviation"].max(initial=0.0))

    def learned(self, entry: Entry) -> None:
        """Take over what an entry, which is there, has learnt of its first report."""
        row = self.row(entry.issue.seq)
        self["deviation"][row], self["at"][row] = np.nan_to_num(entry.said.deviation_m), at_s(entry)
        self.most_deviation_m = max(self.most_deviation_m, float(self["deviation"][row]))

    def place(self, places: Places) -> None:
        """Put all issues, rows of those taken out too, to other places."""
        self["x"][:], self["y"][:] = places.x, places.y

    def next_rows(self, wanted: IssueFilter, last: int | None, count: int, *, newest_first: bool) -> Rows:
        """So many rows that pass a filter: the next after a seq, or before it where the newest come first."""
        start, stop = 0, len(self.entries)
        if last is not None and newest_first:
            stop = int(np.searchsorted(self["seq"], last))
        elif last is not None:
            start = int(np.searchsorted(self["seq"], last, side="right"))
        if wanted == IssueFilter():
            most = count + self._dead
            start, stop = (
                (max(start, stop - most), stop) if newest_first else (start, min(stop, start + most))
            )
        rows = self._passing(wanted, start, stop)
        return rows[::-1][:count] if newest_first else rows[:count]

    def passing(self, wanted: IssueFilter) -> Rows:
        """All rows that pass a filter."""
        if wanted == IssueFilter() and not self._dead:
            return np.arange(len(self.entries))
        return self._passing(wanted, 0, len(self.entries))

    def _passing(self, wanted: IssueFilter, start: int, stop: int) -> Rows:
        """The rows of a part that pass; those taken out never do."""
        if not wanted.boxes:
            return start + np.flatnonzero(self._fits(wanted, slice(start, stop)))
        # Few are in a box: the rest is asked of these only.
        lng, lat = self["lng"][start:stop], self["lat"][start:stop]
        inside = [
            start + inside_box(lng, lat, box.west, box.south, box.east, box.north) for box in wanted.boxes
        ]
        rows = inside[0] if len(inside) == 1 else np.unique(np.concatenate(inside))
        return rows[self._fits(wanted, rows)]

    def _fits(self, wanted: IssueFilter, part: slice | Rows) -> Bools:
        """Which rows of a part pass all conditions but the boxes."""
        fits: Bools = self["alive"][part].copy()
        for name, said in (
            ("status", _choice(wanted.status)),
            ("category", wanted.category),
            ("owner", wanted.owner),
            ("certainty", wanted.certainty),
        ):
            if said:
                fits &= self._one_of(name, said, part)
        if wanted.unassigned:
            fits &= self._one_of("owner", [None], part)
        if wanted.cell_paths:
            below = [code for path in wanted.cell_paths for code in self.cell.below(path)]
            fits &= among(self["cell"][part], below, len(self.cell))
        if wanted.flags:
            fits &= among(self["flags"][part], _flagged(self.flags, wanted.flags), len(self.flags))
        self._fits_times(wanted, part, fits)
        if wanted.claimed_by or wanted.unclaimed:
            fits &= self._claimed(wanted, part)
        for sought in wanted.sought:
            self._fits_text(sought, part, fits)
        return fits

    def _one_of(self, name: str, said: Iterable[str | None], part: slice | Rows) -> Bools:
        words: Words = getattr(self, name)
        return among(self[name][part], words.known(said), len(words))

    def _fits_times(self, wanted: IssueFilter, part: slice | Rows, fits: Bools) -> None:
        """Take out what was not opened, changed or due as is wanted."""
        for name, since, until in (
            ("created", wanted.since_us, wanted.created_until_us),
            ("updated", wanted.updated_since_us, None),
            ("due", wanted.in_time_us, None),
        ):
            if since is not None:
                fits &= self[name][part] >= since
            if until is not None:
                fits &= self[name][part] <= until
        for name, before in (("limit", wanted.due_before_us), ("due", wanted.late_us)):
            if before is not None:
                fits &= self[name][part] < before

    def _claimed(self, wanted: IssueFilter, part: slice | Rows) -> Bools:
        holds = self["claimed"][part] > wanted.claimed_after_us
        holds &= ~self._one_of("claim", [None], part)
        chosen = holds & self._one_of("claim", wanted.claimed_by, part)
        return chosen | ~holds if wanted.unclaimed else chosen

    def _fits_text(self, sought: Sought, part: slice | Rows, fits: Bools) -> None:
        """Take out what has a text nowhere: names are told by their codes, the rest is read."""
        named = self._one_of("category", sought.category, part) | self._one_of("owner", sought.owner, part)
        unnamed = np.flatnonzero(fits & ~named)
        rows = unnamed + (part.start or 0) if isinstance(part, slice) else part[unnamed]
        entries, text = [self.entries[row] for row in rows.tolist()], lowered(sought.text)
        has = np.zeros(len(entries), dtype=np.bool_)
        if sought.private:
            has[:] = [text in entry.text() for entry in entries]
        if not sought.text.strip("-0123456789"):  # else it is in no number
            has |= np.array([sought.text in entry.issue.number for entry in entries], dtype=np.bool_)
        fits[unnamed] = has


def _flagged(known: Words, wanted: Iterable[str]) -> list[int]:
    """The numbers of those flags of an issue that one of the wanted is among."""
    flags = {lowered(flag) for flag in wanted}
    return [code for code, said in enumerate(known.words) if flags & set(lowered(said or "").split(","))]


def inside_box(x: Floats, y: Floats, west: float, south: float, east: float, north: float) -> Rows:
    """Where points lie in a box, edges included; NaN lies in none."""
    # One mask for all four: to count out the many between two meridians takes longer than to compare.
    inside = x >= west
    inside &= x <= east
    inside &= y >= south
    inside &= y <= north
    return np.flatnonzero(inside)


def asset_of(kind: str | None, id_: str | None) -> str:
    """The name that an asset has among all kinds; empty where there is none."""
    return f"{kind}/{id_}" if kind and id_ else ""


def at_s(entry: Entry) -> float:
    """When an issue was seen, in seconds."""
    at_us = entry.issue.created_us if entry.said.at_us is None else entry.said.at_us
    return at_us / 1e6


def number_key(number: str) -> int:
    """A whole number that sorts as what people call an issue: by its day, then by its turn on that day."""
    day, _, turn = number.partition("-")
    return int(day) * TURNS + int(turn) if day.isdecimal() and turn.isdecimal() else 0


def degrees(values: Iterable[float | None]) -> Floats:
    """Numbers as an array, NaN for None."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _due(issue: Issue) -> int:
    """From when on an issue is overdue, as `layers.time_limits.is_overdue` has it."""
    return NEVER if issue.due_us is None or issue.status not in _RUNNING else issue.due_us


def _choice(status: tuple[str, ...]) -> tuple[str, ...]:
    """The states to look for; none where all open ones are asked for."""
    return () if set(OPEN) <= set(status) else status
