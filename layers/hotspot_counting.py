"""Reports counted in the parts of a city: all of them, each issue once, each person once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.bins_counts import counts
from geo.bins_people import once_nearby
from geo.errors import NotFoundError
from layers.hotspot_people import account_channels
from layers.hotspot_question import Question
from layers.hotspot_reports import NEVER, NOBODY, ReportedPoints
from layers.hotspot_units import Units

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Positions = NDArray[np.intp]

SHOWN = 20
"""Of the channels there are, where one is asked for that is not."""


class LeftOut(NamedTuple):
    """Reports that are not counted.

    Attributes:
        other: before or after the window, or of other channels.
        undated: nobody knows when, and a window was asked for.
        nowhere: without a position.
        outside: in no part of the city.
    """

    other: int
    undated: int
    nowhere: int
    outside: int


@dataclass(frozen=True)
class Sample:
    """The reports that count, in columns of shape (n,).

    Attributes:
        points: what they say.
        position: the part of the city that each lies in.
        firsts: the first report of each issue.
        leads: which stand for what they tell of: the firsts, or every report.
        thing: equal for what counts as one nearby; -1 for what counts by itself.
        counted_at: the part where each counts: of what counts as one, the one where most of it lies.
        accounts: channels whose reporters are no persons: there each issue counts.
        parts: how many parts the city has.
        left_out: reports that do not count.
    """

    points: ReportedPoints
    position: Positions
    firsts: Bools
    leads: Bools
    thing: Ints
    counted_at: Positions
    accounts: tuple[str, ...]
    parts: int
    left_out: LeftOut

    def __len__(self) -> int:
        return len(self.position)

    def counted(self, which: Bools | None = None) -> Ints:
        """What counts as one, in each part, among some of the reports; shape (parts,)."""
        rows = self.leads if which is None else self.leads & which
        return counts(self.counted_at[rows], self.parts, thing=self.thing[rows]).unique

    def in_steps(self, which: Bools, step: Positions, steps: int) -> Ints:
        """The same in each step of time; shape (parts, steps). ``step`` is -1 for a report in none."""
        rows = self.leads & which & (step >= 0)
        place = self.counted_at[rows] * steps + step[rows]
        return counts(place, self.parts * steps, thing=self.thing[rows]).unique.reshape(-1, steps)

    def reports(self, which: Bools) -> Ints:
        """Every report, in each part."""
        return counts(self.position[which], self.parts).raw

    def issues(self, which: Bools) -> Ints:
        """Every issue once, in the part where its first report lies."""
        first = which & self.firsts
        return counts(self.position[first], self.parts).raw

    def reporters(self, which: Bools) -> Ints:
        """Different people, in each part; a report of nobody known counts as one."""
        return counts(self.position[which], self.parts, thing=self.points.reporter[which]).unique

    @property
    def has_reporters(self) -> bool:
        """Whether anything is known of who reported."""
        return bool((self.points.reporter != NOBODY).any())

    def between(self, start_us: int, end_us: int) -> Bools:
        """Which happened from one time until before another."""
        at = self.points.occurred_us
        return np.asarray((at >= start_us) & (at < end_us))

    def of(self, category: str) -> Bools:
        """Which are of a category; all are of the empty one."""
        return self.points.category.equal(category) if category else np.ones(len(self), dtype=np.bool_)


def sample_of(points: ReportedPoints, units: Units, question: Question) -> Sample:
    """The reports of a question, where they lie."""
    total, asked = len(points), asked_for(points, question)
    undated = int((points.occurred_us == NEVER).sum()) if question.is_windowed else 0
    points = points if asked.all() else points.take(asked)
    somewhere = np.isfinite(points.lng)
    position = units.place(points.lng, points.lat)
    inside = position >= 0
    left_out = LeftOut(
        total - len(points) - undated, undated, int((~somewhere).sum()), int((somewhere & ~inside).sum())
    )
    points, position = points.take(inside), position[inside]
    firsts = first_of_each(points)
    leads = np.ones(len(points), dtype=np.bool_) if question.counting == "reports" else firsts
    accounts, thing = _things(points, firsts, question)
    counted_at = position.copy()
    counted_at[leads] = once_nearby(position[leads], thing[leads], units.neighbours)
    return Sample(points, position, firsts, leads, thing, counted_at, accounts, len(units), left_out)


def asked_for(points: ReportedPoints, question: Question) -> Bools:
    """Which reports are of a question's window and channels.

    Raises:
        NotFoundError: a channel that none of the reports came by.
    """
    at = points.occurred_us
    asked = np.ones(len(points), dtype=np.bool_)
    if question.is_windowed:
        asked &= at != NEVER
    if question.since_us is not None:
        asked &= at >= question.since_us
    if question.until_us is not None:
        asked &= at < question.until_us
    if question.channels:
        _refuse_unknown(points, question.channels)
        asked &= np.isin(points.channel.values.astype(str), question.channels)[points.channel.codes]
    return asked


def _refuse_unknown(points: ReportedPoints, channels: Sequence[str]) -> None:
    there = sorted({str(points.channel.values[code]) for code in np.unique(points.channel.codes)})
    for name in channels:
        if there and name not in there:
            named = [channel for channel in there if channel]
            shown = ", ".join(named[:SHOWN]) + (" …" if len(named) > SHOWN else "")
            fix = f"Reported are: {shown}." if named else "No report has a channel."
            raise NotFoundError(f"No report is of channel {name!r}.", fix=fix)


def first_of_each(points: ReportedPoints) -> Bools:
    """The earliest report of each issue, whatever the order of rows; none of what has no issue."""
    if np.bincount(points.issue[points.issue >= 0], minlength=1).max() <= 1:
        return points.issue >= 0
    first = np.zeros(len(points), dtype=np.bool_)
    category = np.unique(points.category.values.astype(str), return_inverse=True)[1][points.category.codes]
    said = (points.reporter, category, points.lat, points.lng)
    at = np.where(points.occurred_us == NEVER, np.iinfo(np.int64).max, points.occurred_us)
    order = np.lexsort((*said, at, points.issue))
    issue = points.issue[order]
    new = np.diff(issue, prepend=-1) > 0
    first[order[new & (issue >= 0)]] = True
    return first


def _things(points: ReportedPoints, firsts: Bools, question: Question) -> tuple[tuple[str, ...], Ints]:
    """The channels of accounts, and what counts as one."""
    if question.counting != "reporters":
        return (), np.full(len(points), NOBODY, dtype=np.int64)
    accounts = tuple(account_channels(points, firsts))
    person = points.reporter
    if accounts:
        person = np.where(np.isin(points.channel.decoded().astype(str), accounts), NOBODY, person)
    if not question.categories:
        return accounts, person
    categories = len(points.category.values)
    code = np.where(points.category.codes < 0, categories - 1, points.category.codes)
    # Of all reports, one person's on two categories are two, so that categories add up to all.
    return accounts, np.where(person >= 0, person * categories + code, NOBODY)
