"""Which open issues a new report may be about: those at its place or of its asset, by `geo.duplicates`.

Where thousands lie within reach, only some are looked at, so that a crowd's reports stay as fast as others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from geo.duplicates import (
    TEXT,
    USUAL_TEXT,
    Candidates,
    Suspect,
    Telling,
    compare,
    grams,
    reach_m,
    score,
    suspects,
)
from layers.categories import Category
from layers.open_rows import Entry, Floats, OpenRows, Rows, Said, asset_of
from layers.store.values import Issue, NewIssue

MOST_NEAR = 500
"""The nearest that are weighed; as many of its asset whose position, or the report's, is not known."""
MOST_READ = 100
"""The likeliest of those, but for their words, whose words are compared."""
MOST_DEVIATION_M = 1_000.0
"""No issue whose position is worse than this is ever suspected, of whatever kind and words."""
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


@dataclass(frozen=True)
class Near:
    """Issues to weigh, in the order of their last change, as columns of shape (n,)."""

    entries: Sequence[Entry]
    x: Floats
    y: Floats
    deviation_m: Floats
    at_s: Floats


def class_of(category: Category | None) -> str:
    """The class of a category, as its table names it; empty where it names none.

    Classes of components and of events are different even where they are called alike, as in GB/T 30428,
    whose codes of events begin with E.
    """
    if category is None or not (named := category.class_zh or category.class_en):
        return ""
    return f"E {named}" if category.code.startswith("E") else named


def telling(issue: Issue | NewIssue, said: Said, x: float, y: float, classes: Mapping[str, str]) -> Telling:
    """What a report tells that opens an issue, its position in metres."""
    at_us = said.at_us if said.at_us is not None or isinstance(issue, NewIssue) else issue.created_us
    return Telling(
        x,
        y,
        said.deviation_m,
        np.nan if at_us is None else at_us / 1e6,
        issue.category,
        classes.get(issue.category, ""),
        asset_of(issue.asset_kind, issue.asset_id),
        grams(said.text),
    )


def near(rows: OpenRows, new: Telling, besides: Collection[str]) -> Near:
    """The issues that a telling may be about, by place or asset."""
    found = np.union1d(_at_place(rows, new), _of_asset(rows, new))
    if besides:
        found = found[[rows.entries[row].issue.uid not in besides for row in found]]
    return Near(
        [rows.entries[row] for row in found],
        *(rows[name][found] for name in ("x", "y", "deviation", "at")),
    )


def _at_place(rows: OpenRows, new: Telling) -> Rows:
    """Within reach; where those are many, the nearest, of equally near ones the last changed."""
    if not (np.isfinite(new.x) and np.isfinite(new.y)) or new.deviation_m > MOST_DEVIATION_M:
        return np.empty(0, dtype=np.intp)
    worst = min(rows.most_deviation_m, MOST_DEVIATION_M)
    reach = reach_m(float(np.hypot(np.nan_to_num(new.deviation_m), worst)))
    x, y = rows["x"], rows["y"]
    found = np.flatnonzero((np.abs(x - new.x) <= reach) & (np.abs(y - new.y) <= reach))
    if len(found) <= MOST_NEAR:
        return found
    square = np.square(x[found] - new.x) + np.square(y[found] - new.y)
    limit = np.partition(square, MOST_NEAR - 1)[MOST_NEAR - 1]
    nearer = found[square < limit]
    return np.concatenate([nearer, found[square == limit][len(nearer) - MOST_NEAR :]])


def _of_asset(rows: OpenRows, new: Telling) -> Rows:
    """Of the same asset, where the distance is not known; where those are many, the last changed."""
    codes = rows.asset.known([new.asset]) if new.asset else []
    if not codes:
        return np.empty(0, dtype=np.intp)
    placed = np.isfinite(new.x) and np.isfinite(new.y)
    found = rows["alive"] & (rows["asset"] == codes[0])
    return np.flatnonzero(found & np.isnan(rows["x"]) if placed else found)[-MOST_NEAR:]


def weigh(
    new: Telling, among: Near, classes: Mapping[str, str], *, most: int = 5, least: float = 0.5
) -> list[SuspectIssue]:
    """What `geo.duplicates.suspects` says of these issues, the likeliest first."""
    columns = _columns(among, classes)
    known = score(compare(replace(new, grams=new.grams[:0]), columns))
    # The same words add this much, and no more.
    hopeful = np.flatnonzero(known >= expit(logit(least) - TEXT * (1 - USUAL_TEXT) - _SLACK))
    read = np.sort(hopeful[np.argsort(-known[hopeful], kind="stable")[:MOST_READ]])
    found = suspects(new, _with_words(columns, read, among.entries), most=most, least=least)
    return [_named(suspect, among.entries[suspect.id]) for suspect in found]


def _columns(among: Near, classes: Mapping[str, str]) -> Candidates:
    """The issues by their places in the columns, their words left out."""
    issues = [entry.issue for entry in among.entries]
    category = [issue.category for issue in issues]
    return Candidates(
        np.arange(len(issues)),
        among.x,
        among.y,
        among.deviation_m,
        among.at_s,
        _words(category),
        _words([classes.get(code, "") for code in category]),
        _words([asset_of(issue.asset_kind, issue.asset_id) for issue in issues]),
        np.empty(0, dtype=np.int64),
        np.zeros(len(issues) + 1, dtype=np.int64),
    )


def _words(words: Sequence[str]) -> NDArray[np.object_]:
    return np.array(words, dtype=object)


def _with_words(columns: Candidates, read: Rows, entries: Sequence[Entry]) -> Candidates:
    """Some of the issues, with their words."""
    words = [columns.grams, *(entries[row].grams() for row in read)]
    known = (getattr(columns, field.name)[read] for field in fields(columns)[:-2])
    return Candidates(*known, np.concatenate(words), np.cumsum([len(each) for each in words]))


def _named(suspect: Suspect, entry: Entry) -> SuspectIssue:
    return SuspectIssue(
        entry.issue.uid,
        entry.issue.number,
        suspect.score,
        suspect.reasons,
        None if np.isnan(suspect.distance_m) else suspect.distance_m,
        None if np.isnan(suspect.apart_s) else suspect.apart_s,
    )
