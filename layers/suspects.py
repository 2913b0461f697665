"""Which open issues a new report may be about: those at its place or of its asset, by `geo.duplicates`.

Where thousands lie within reach, only some are looked at, so that a crowd's reports stay nearly as fast.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from geo.duplicates import (
    AKIN,
    EXTENT_M,
    OTHER,
    SAME,
    TEXT,
    UNKNOWN,
    USUAL_TEXT,
    Likeness,
    Relations,
    Suspect,
    Telling,
    candidates,
    reach_m,
    score,
    suspects,
)
from geo.duplicates import Ints as Grams
from layers.categories import Category
from layers.open_rows import Entry, Floats, OpenRows, Places, Rows, Said, asset_of, inside_box
from layers.open_words import NO_WORD
from layers.store.values import Issue, NewIssue

MOST_NEAR = 250
"""The nearest that are weighed; as many of its asset whose position, or the report's, is not known."""
MOST_READ = 30
"""The likeliest of those, but for their words, whose words are compared."""
MOST_DEVIATION_M = 1_000.0
"""Nothing whose position is worse than this is ever suspected, of whatever kind and words."""
_SLACK = 1e-6  # of a logarithm of odds: more than scores are rounded by


@dataclass(frozen=True, slots=True)
class SuspectIssue:
    """An open issue that a new report may be about.

    Attributes:
        score: the probability that it is.
        reasons: of `geo.duplicates.REASONS`.
        distance_m, apart_s: None where a position or a time is missing.
    """

    uid: str
    number: str
    score: float
    reasons: tuple[str, ...]
    distance_m: float | None
    apart_s: float | None


@dataclass(frozen=True, slots=True)
class Near:
    """A report, and the issues to weigh for it in the order of their last change, as columns.

    Attributes:
        asset: SAME, UNKNOWN or OTHER than the report's.
    """

    new: Telling
    entries: Sequence[Entry]
    x: Floats
    y: Floats
    deviation_m: Floats
    at_s: Floats
    asset: Relations


def class_of(category: Category) -> str:
    """The class of a category, as its table names it; empty where it names none.

    Classes of components and of events are different even where they are called alike, as in GB/T 30428,
    whose codes of events begin with E.
    """
    named = category.class_zh or category.class_en
    return f"E {named}" if named and category.code.startswith("E") else named


def telling(
    issue: Issue | NewIssue, said: Said, x: float, y: float, classes: Mapping[str, str], grams: Grams
) -> Telling:
    """What the first report of an issue tells, its position in metres."""
    at_us = issue.created_us if said.at_us is None and isinstance(issue, Issue) else said.at_us
    return Telling(
        x,
        y,
        said.deviation_m,
        math.nan if at_us is None else at_us / 1e6,
        issue.category,
        classes.get(issue.category, ""),
        asset_of(issue.asset_kind, issue.asset_id),
        grams,
    )


def near(rows: OpenRows, new: Telling, before: int | None = None) -> Near:
    """The issues that a telling may be about, by place or asset; of a smaller seq, where one is given."""
    stop = len(rows.entries) if before is None else rows.row(before)
    asset = rows.asset.find(new.asset) if new.asset else NO_WORD
    found = np.sort(np.concatenate([_at_place(rows, new, stop), _of_asset(rows, new, asset, stop)]))
    assets = rows["asset"][found]
    known = (assets != rows.asset.find("")) & (new.asset != "")
    return Near(
        new,
        [rows.entries[row] for row in found.tolist()],
        rows["x"][found],
        rows["y"][found],
        rows["deviation"][found],
        rows["at"][found],
        np.where(known, np.where(assets == asset, SAME, OTHER), UNKNOWN).astype(np.int8),
    )


def _at_place(rows: OpenRows, new: Telling, stop: int) -> Rows:
    """Within reach; where those are many, the nearest, of equally near ones the last changed."""
    if not _is_placed(new) or new.deviation_m > MOST_DEVIATION_M:
        return np.empty(0, dtype=np.intp)
    own = 0.0 if math.isnan(new.deviation_m) else new.deviation_m
    reach = reach_m(math.hypot(own, min(rows.most_deviation_m, MOST_DEVIATION_M)))
    x, y = rows["x"][:stop], rows["y"][:stop]
    found = inside_box(x, y, new.x - reach, new.y - reach, new.x + reach, new.y + reach)
    square = np.square(x[found] - new.x) + np.square(y[found] - new.y)
    within = square <= reach**2
    found, square = found[within], square[within]
    if len(found) <= MOST_NEAR:
        return found
    limit = np.partition(square, MOST_NEAR - 1)[MOST_NEAR - 1]
    nearer = found[square < limit]
    return np.concatenate([nearer, found[square == limit][len(nearer) - MOST_NEAR :]])


def _of_asset(rows: OpenRows, new: Telling, asset: int, stop: int) -> Rows:
    """Of the same asset, where the distance is not known; where those are many, the last changed."""
    if asset == NO_WORD:
        return np.empty(0, dtype=np.intp)
    found = rows["alive"][:stop] & (rows["asset"][:stop] == asset)
    return np.flatnonzero(found & np.isnan(rows["x"][:stop]) if _is_placed(new) else found)[-MOST_NEAR:]


def _is_placed(new: Telling) -> bool:
    return math.isfinite(new.x) and math.isfinite(new.y)


def weigh(
    among: Sequence[Near], classes: Mapping[str, str], *, most: int, least: float
) -> list[list[SuspectIssue]]:
    """What `geo.duplicates.suspects` says of each report and the issues near it.

    All are scored at once without their words; then only those that words could lift far enough, with them.
    """
    if not among:
        return []
    ends = np.cumsum([len(each.entries) for each in among])
    scores = np.split(score(_likeness(among, classes)), ends[:-1])
    return [
        _named(each, read, classes, most=most, least=least)
        if len(read := _hopeful(each.new, known, least))
        else []
        for each, known in zip(among, scores, strict=True)
    ]


def weigh_together(
    opened: Sequence[tuple[Issue, Telling]], classes: Mapping[str, str], *, most: int, least: float
) -> list[list[SuspectIssue]]:
    """`weigh` for issues that are opened together, each with those of a smaller seq."""
    ordered = sorted(opened, key=lambda one: one[0].seq)
    x, y = (np.array([getattr(new, name) for _, new in ordered], dtype=np.float64) for name in ("x", "y"))
    rows = OpenRows()
    rows.add([_entry(*one) for one in ordered], Places(x, y))
    among = [near(rows, new, issue.seq) for issue, new in opened]
    return weigh(among, classes, most=most, least=least)


def _entry(issue: Issue, new: Telling) -> Entry:
    at_us = None if math.isnan(new.at_s) else round(new.at_s * 1e6)
    return Entry(issue, Said("", new.deviation_m, at_us), new.grams)


def likeliest(*found: Sequence[SuspectIssue], most: int = 5) -> list[SuspectIssue]:
    """The likeliest of several lists of suspects; of equally likely ones, those of the earlier list."""
    return sorted(itertools.chain(*found), key=lambda one: -one.score)[:most]


def _hopeful(new: Telling, known: Floats, least: float) -> Rows:
    """Where the score without words is such that the same words would make it enough; the likeliest only."""
    lift = TEXT * (1 - USUAL_TEXT) if len(new.grams) else 0.0
    enough = np.flatnonzero(known >= expit(logit(least) - lift - _SLACK))
    return np.sort(enough[np.argsort(-known[enough], kind="stable")[:MOST_READ]])


def _likeness(among: Sequence[Near], classes: Mapping[str, str]) -> Likeness:
    """How alike all pairs of a report and an issue near it are, one after the other, but for their words."""
    sizes = [len(each.entries) for each in among]

    def of_reports(name: str) -> Floats:
        return np.repeat(np.array([getattr(each.new, name) for each in among], dtype=np.float64), sizes)

    def of_issues(name: str) -> Floats:
        return np.concatenate([getattr(each, name) for each in among])

    square = np.square(of_issues("deviation_m")) + np.square(np.nan_to_num(of_reports("deviation_m")))
    return Likeness(
        np.hypot(of_issues("x") - of_reports("x"), of_issues("y") - of_reports("y")),
        np.sqrt(square + EXTENT_M**2),
        np.abs(of_issues("at_s") - of_reports("at_s")),
        np.concatenate([_kinship(each, classes) for each in among]),
        np.concatenate([each.asset for each in among]),
        np.full(sum(sizes), np.nan),
    )


def _kinship(each: Near, classes: Mapping[str, str]) -> Relations:
    """How the categories of the issues relate to the report's."""
    new = each.new
    codes = [entry.issue.category for entry in each.entries]
    if not new.category:
        return np.zeros(len(codes), dtype=np.int8)
    table = dict.fromkeys(codes, OTHER)
    for code in table:
        if code in ("", new.category):
            table[code] = SAME if code else UNKNOWN
        elif new.category_class and classes.get(code) == new.category_class:
            table[code] = AKIN
    return np.array([table[code] for code in codes], dtype=np.int8)


def _named(
    each: Near, read: Rows, classes: Mapping[str, str], *, most: int, least: float
) -> list[SuspectIssue]:
    """The suspects among some of the issues, with their words."""
    tellings = []
    for n in read.tolist():
        entry = each.entries[n]
        place = float(each.x[n]), float(each.y[n])
        tellings.append((n, telling(entry.issue, entry.said, *place, classes, entry.grams())))
    found = suspects(each.new, candidates(tellings), most=most, least=least)
    return [_suspect(one, each.entries[one.id].issue) for one in found]


def _suspect(found: Suspect, issue: Issue) -> SuspectIssue:
    return SuspectIssue(
        issue.uid,
        issue.number,
        found.score,
        found.reasons,
        None if math.isnan(found.distance_m) else found.distance_m,
        None if math.isnan(found.apart_s) else found.apart_s,
    )
