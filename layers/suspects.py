"""Which open issues a new report may be about: those at its place or of its asset, by `geo.duplicates`.

Where thousands lie within reach, only some are looked at, so that a crowd's reports stay nearly as fast.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from geo.duplicate_kernels import Int32s, Ints, rows_near
from geo.duplicates import (
    AKIN,
    EXTENT_M,
    OTHER,
    SAME,
    SCORE_DIGITS,
    TEXT,
    UNKNOWN,
    USUAL_TEXT,
    Likeness,
    Relations,
    Telling,
    cosines,
    reach_m,
    reasons,
    score,
)
from layers.categories import Category
from layers.open_rows import Entry, Floats, OpenRows, Rows, Said, asset_of
from layers.open_words import NO_WORD, Words
from layers.store.values import Issue, NewIssue

Bools = NDArray[np.bool_]

NOTHING = Said()
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
class Held:
    """Issues in the order of their last change, as columns that reports are held against.

    Attributes:
        alive: whether it is still open; the others have no place.
        asset: number among ``assets``.
        category: number among ``categories``.
    """

    entries: Sequence[Entry]
    seq: Ints
    alive: Bools
    x: Floats
    y: Floats
    deviation_m: Floats
    at_s: Floats
    asset: Int32s
    category: Int32s
    assets: Words
    categories: Words
    most_deviation_m: float


@dataclass(frozen=True, slots=True)
class Near:
    """Reports, and the issues to weigh for each, in the order of their last change: pairs, as columns.

    Attributes:
        of: the report of each pair, ascending.
        entries: those that rows are numbers of.
        asset: how the issue's relates to the report's.
        category: number among ``categories``.
    """

    news: Sequence[Telling]
    of: Rows
    entries: Sequence[Entry]
    rows: Rows
    x: Floats
    y: Floats
    deviation_m: Floats
    at_s: Floats
    asset: Relations
    category: Int32s
    categories: Words


def class_of(category: Category) -> str:
    """The class of a category, as its table names it; empty where it names none.

    Classes of components and of events are different even where they are called alike, as in GB/T 30428,
    whose codes of events begin with E.
    """
    named = category.class_zh or category.class_en
    return f"E {named}" if named and category.code.startswith("E") else named


def telling(
    issue: Issue | NewIssue, said: Said, x: float, y: float, classes: Mapping[str, str], grams: Ints
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


def held(rows: OpenRows) -> Held:
    """The columns of open issues; they hold until the rows change."""
    return Held(
        rows.entries, rows["seq"], rows["alive"], rows["x"], rows["y"], rows["deviation"], rows["at"],
        rows["asset"], rows["category"], rows.asset, rows.category, rows.most_deviation_m,
    )  # fmt: skip


def near(among: Held, news: Sequence[Telling], before: Sequence[int] | None = None) -> Near:
    """The issues that tellings may be about, by place or asset; of smaller seqs, where such are given."""
    x, y, deviation = (_column(news, name) for name in ("x", "y", "deviation_m"))
    worst = np.hypot(np.nan_to_num(deviation), min(among.most_deviation_m, MOST_DEVIATION_M))
    reach = np.where(deviation > MOST_DEVIATION_M, np.nan, reach_m(worst))
    stop = np.searchsorted(among.seq, before) if before is not None else np.full(len(news), len(among.seq))
    assets = np.array([among.assets.find(new.asset) if new.asset else NO_WORD for new in news], np.int32)
    rows, of = rows_near(among.x, among.y, among.asset, among.alive, stop, x, y, reach, assets)
    order = np.argsort(of, kind="stable")
    of, rows = of[order], rows[order]
    if len(rows) > MOST_NEAR:
        of, rows = _fewer(among, of, rows, x, y)
    has_asset = np.array([new.asset != "" for new in news], dtype=np.bool_)[of] & (
        among.asset[rows] != among.assets.find("")
    )
    return Near(
        news, of, among.entries, rows, among.x[rows], among.y[rows], among.deviation_m[rows],
        among.at_s[rows], _related(has_asset, among.asset[rows] == assets[of]), among.category[rows],
        among.categories,
    )  # fmt: skip


def _fewer(among: Held, of: Rows, rows: Rows, x: Floats, y: Floats) -> tuple[Rows, Rows]:
    """Of the many issues near a report the nearest, and of those at an unknown distance the last changed."""
    square = np.square(among.x[rows] - x[of]) + np.square(among.y[rows] - y[of])
    kept = []
    for start, stop in pairwise(np.searchsorted(of, np.arange(len(x) + 1)).tolist()):
        placed = np.isfinite(square[start:stop])
        at_place, elsewhere = start + np.flatnonzero(placed), start + np.flatnonzero(~placed)
        kept.append(np.sort(np.concatenate([_nearest(at_place, square), elsewhere[-MOST_NEAR:]])))
    chosen = np.concatenate(kept)
    return of[chosen], rows[chosen]


def _nearest(found: Rows, square: Floats) -> Rows:
    """The nearest; of equally near ones the last changed."""
    if len(found) <= MOST_NEAR:
        return found
    limit = np.partition(square[found], MOST_NEAR - 1)[MOST_NEAR - 1]
    nearer = found[square[found] < limit]
    return np.concatenate([nearer, found[square[found] == limit][len(nearer) - MOST_NEAR :]])


def weigh(among: Near, classes: Mapping[str, str], *, most: int, least: float) -> list[list[SuspectIssue]]:
    """What `geo.duplicates.suspects` says of each report and the issues near it.

    All are scored at once without their words; then only those that words could lift far enough, with them.
    """
    found: list[list[SuspectIssue]] = [[] for _ in among.news]
    if not len(among.rows):
        return found
    likeness = _likeness(among, classes)
    read = _hopeful(among, score(likeness), least)
    entries = [among.entries[row] for row in among.rows[read].tolist()]
    text = cosines([new.grams for new in among.news], among.of[read], [entry.grams() for entry in entries])
    known = Likeness(
        likeness.distance_m[read], likeness.deviation_m[read], likeness.apart_s[read],
        likeness.category[read], likeness.asset[read], text,
    )  # fmt: skip
    scores = np.round(score(known), SCORE_DIGITS)
    # The likeliest first; equally likely ones stay in their order.
    for n in np.argsort(-scores, kind="stable").tolist():
        of = found[among.of[read[n]]]
        if scores[n] >= least and len(of) < most:
            of.append(_suspect(known, n, float(scores[n]), entries[n].issue))
    return found


def weigh_together(
    opened: Sequence[tuple[Issue, Telling]], classes: Mapping[str, str], *, most: int, least: float
) -> list[list[SuspectIssue]]:
    """`weigh` for issues that are opened together, each with those of a smaller seq."""
    among = _held_together(sorted(opened, key=lambda one: one[0].seq))
    found = near(among, [new for _, new in opened], [issue.seq for issue, _ in opened])
    return weigh(found, classes, most=most, least=least)


def _held_together(opened: Sequence[tuple[Issue, Telling]]) -> Held:
    assets, categories = Words(), Words()
    news = [new for _, new in opened]
    deviation = np.nan_to_num(_column(news, "deviation_m"))
    return Held(
        [Entry(issue, NOTHING, new.grams) for issue, new in opened],
        np.array([issue.seq for issue, _ in opened], dtype=np.int64),
        np.ones(len(opened), dtype=np.bool_),
        _column(news, "x"),
        _column(news, "y"),
        deviation,
        _column(news, "at_s"),
        np.array([assets.code(new.asset) for new in news], dtype=np.int32),
        np.array([categories.code(new.category) for new in news], dtype=np.int32),
        assets,
        categories,
        float(deviation.max(initial=0.0)),
    )


def likeliest(*found: Sequence[SuspectIssue], most: int = 5) -> list[SuspectIssue]:
    """The likeliest of several lists of suspects; of equally likely ones, those of the earlier list."""
    return sorted(itertools.chain(*found), key=lambda one: -one.score)[:most]


def _hopeful(among: Near, known: Floats, least: float) -> Rows:
    """The pairs whose score without words is such that the same words would make it enough; of each report
    the likeliest only.
    """
    lift = TEXT * (1 - USUAL_TEXT) * np.array([len(new.grams) > 0 for new in among.news])
    enough = np.flatnonzero(known >= expit(logit(least) - lift - _SLACK)[among.of])
    if len(enough) <= MOST_READ:
        return enough
    of = among.of[enough]
    order = np.lexsort((-known[enough], of))
    turn = np.arange(len(of)) - np.searchsorted(of, of)
    return np.sort(enough[order[turn < MOST_READ]])


def _likeness(among: Near, classes: Mapping[str, str]) -> Likeness:
    """How alike all pairs of a report and an issue near it are, but for their words."""
    x, y, deviation, at = (_column(among.news, name)[among.of] for name in ("x", "y", "deviation_m", "at_s"))
    square = np.square(among.deviation_m) + np.square(np.nan_to_num(deviation))
    return Likeness(
        np.hypot(among.x - x, among.y - y),
        np.sqrt(square + EXTENT_M**2),
        np.abs(among.at_s - at),
        _kinship(among, classes),
        among.asset,
        np.full(len(x), np.nan),
    )


def _kinship(among: Near, classes: Mapping[str, str]) -> Relations:
    """How the categories of the issues relate to the reports'."""
    named = [*among.categories.words, *(new.category for new in among.news)]
    words, kinds = Words(), Words()
    words.code(""), kinds.code("")
    code = np.array([words.code(word) for word in named])
    kind = np.array([kinds.code(classes.get(word or "", "")) for word in named])
    own, other = len(among.categories) + among.of, among.category
    kin = _related((code[own] > 0) & (code[other] > 0), code[own] == code[other])
    akin = (kin == OTHER) & (kind[own] == kind[other]) & (kind[own] > 0)
    return np.where(akin, AKIN, kin).astype(np.int8)


def _related(known: Bools, same: Bools) -> Relations:
    return np.where(known, np.where(same, SAME, OTHER), UNKNOWN).astype(np.int8)


def _column(news: Sequence[Telling], name: str) -> Floats:
    return np.array([getattr(new, name) for new in news], dtype=np.float64)


def _suspect(likeness: Likeness, n: int, score: float, issue: Issue) -> SuspectIssue:
    distance_m, apart_s = float(likeness.distance_m[n]), float(likeness.apart_s[n])
    return SuspectIssue(
        issue.uid,
        issue.number,
        score,
        reasons(likeness, n),
        None if math.isnan(distance_m) else distance_m,
        None if math.isnan(apart_s) else apart_s,
    )
