"""Whether the counts of a cell rise or fall over many steps: Mann and Kendall's test, all cells at once.

Sources: Mann 1945, Kendall 1975 (variance with ties, continuity correction), as in pymannkendall. Of few
steps the normal distribution is wrong; there p is that of all orders of the same values, ties included: the
coefficients of a Gaussian multinomial, the number of multiset permutations with so many inversions (Stanley,
"Enumerative combinatorics" I, 1.7.1).

The steps are taken as independent: counts that carry over from one to the next look like trends.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from geo.errors import GridError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Sides = NDArray[np.int8]

EXACT = 12
"""Up to so many steps p is exact; there are 77 ways to tie 12."""
LEAST = 10
"""Of fewer counts among totals no trend is tested."""
AT_ONCE = 20_000
"""So many cells fit in the processor's memory."""


class Trend(NamedTuple):
    """The test of each cell, shape (n,); NaN (0 in `side`) where a step is NaN.

    Attributes:
        s: pairs of steps of which the later has more, less those of which it has less.
        tau: the same by the number of pairs (Kendall's tau-a): 1 where every step is above the one before.
        z: deviations from no trend, with continuity correction.
        p: two-sided.
        side: 1 where it rises, -1 where it falls, 0 where neither.
    """

    s: Floats
    tau: Floats
    z: Floats
    p: Floats
    side: Sides


def mann_kendall(series: ArrayLike, *, exact: int = EXACT) -> Trend:
    """Whether each row rises or falls.

    Args:
        series: shape (n, steps), in the order of time; for trends of rates, rates.
        exact: up to so many steps p is exact, above it is the normal distribution's; at most 20.

    Raises:
        GridError: not two-dimensional, fewer than two steps, or an `exact` above 20.
    """
    given = np.asarray(series, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] < 2 or exact > 20:
        raise GridError(
            f"A series of shape {given.shape} has no trend (exact up to {exact} steps).",
            fix="Give a row for each cell, two or more steps in each, and ask for 20 exact ones at most.",
        )
    parts = [_part(given[at : at + AT_ONCE], exact) for at in range(0, len(given), AT_ONCE)]
    if not parts:
        none = np.empty(0)
        return Trend(none, none, none, none, none.astype(np.int8))
    return Trend(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def share_trend(counts: ArrayLike, totals: ArrayLike, *, dispersion: float = 1.0) -> Trend:
    """Whether the share of each row in its totals rises or falls, whatever the totals do.

    Cochran 1954 and Armitage 1955: given the totals of the steps and the sum of the counts, the counts are
    spread over the steps like the totals. Of a row with fewer than `LEAST` counts, or others, p is NaN: the
    normal distribution is wrong there. In `tau` is the correlation of being counted with the step.

    Args:
        counts: shape (n, steps), whole.
        totals: of which they are a part, shape (n, steps).
        dispersion: so many times as much counts vary as independent ones, 1 or more.

    Raises:
        GridError: the shapes differ.
    """
    mine, every = np.asarray(counts, np.float64), np.asarray(totals, np.float64)
    if mine.shape != every.shape or mine.ndim != 2:
        raise GridError(
            f"Counts of shape {mine.shape} have no totals of {every.shape}.", fix="Give one total each."
        )
    number, held = every.sum(axis=1), mine.sum(axis=1)
    some = np.where(number > 0, number, 1)
    step = np.arange(mine.shape[1], dtype=np.float64)
    off = step - (every @ step / some)[:, None]
    share = held / some
    score = ((mine - share[:, None] * every) * off).sum(axis=1)
    spread = share * (1 - share) * (every * off**2).sum(axis=1) * some / np.maximum(number - 1, 1)
    known = (held >= LEAST) & (number - held >= LEAST) & (spread > 0)
    z = np.where(known, score / np.sqrt(np.where(known, spread * dispersion, 1)), np.nan)
    s, tau = np.where(known, score, np.nan), z * np.sqrt(dispersion / np.maximum(number - 1, 1))
    side = np.where(known, np.sign(score), 0).astype(np.int8)
    return Trend(s, tau, z, np.minimum(2 * ndtr(-np.abs(z)), 1), side)


def _part(series: Floats, exact: int) -> Trend:
    steps = series.shape[1]
    broken = np.isnan(series).any(axis=1)
    s, alike = _compared(np.where(broken, 0, series.T))
    # Each of a group of t has t here, so that the sum of t f(t) over groups is that of f over members.
    ties = ((alike - 1) * (2 * alike + 5)).sum(axis=0)
    variance = (steps * (steps - 1) * (2 * steps + 5) - ties) / 18
    z = (s - np.sign(s)) / np.sqrt(np.where(variance > 0, variance, 1))
    p = _exact_p(s, alike) if steps <= exact else np.asarray(np.minimum(2 * ndtr(-np.abs(z)), 1))
    rises = np.where(broken, 0, np.sign(s)).astype(np.int8)
    shown, tau, z, p = (np.where(broken, np.nan, each) for each in (s, s / (steps * (steps - 1) / 2), z, p))
    return Trend(shown, tau, z, p, rises)


def _compared(steps: Floats) -> tuple[Ints, Ints]:
    """S of each cell, shape (n,), and how many steps are like each, itself included, shape (steps, n)."""
    small = np.int16 if len(steps) < 2**15 else np.int64  # narrow sums take half the time
    s = np.zeros(steps.shape[1], dtype=np.int64)
    alike = np.ones(steps.shape, dtype=small)
    for later in range(1, len(steps)):
        more, less = steps[later] > steps[:later], steps[later] < steps[:later]
        s += np.add.reduce(more.view(np.int8) - less.view(np.int8), axis=0, dtype=small)
        same = ~(more | less)
        alike[later] += np.add.reduce(same, axis=0, dtype=small)
        alike[:later] += same
    return s, alike.astype(np.int64)


def _exact_p(s: Ints, alike: Ints) -> Floats:
    """Of the share of all orders that have an S as far from 0; they are grouped by their ties."""
    ordered = np.sort(alike, axis=0)
    patterns, row = _distinct(ordered)
    p = np.empty(len(s))
    for pattern, cells in zip(patterns, row, strict=True):
        groups = tuple(size for size in sorted(set(pattern)) for _ in range(pattern.count(size) // size))
        chance = _orders(groups)
        pairs = len(chance) - 1
        # So many inversions i of as many as there are pairs make S = pairs - 2 i, alike on both sides.
        tail = np.cumsum(chance)
        p[cells] = np.minimum(2 * tail[(pairs - np.abs(s[cells])) // 2], 1)
    return p


def _distinct(ordered: Ints) -> tuple[list[tuple[int, ...]], list[NDArray[np.intp]]]:
    """The different columns, and where each is."""
    columns = np.lexsort(ordered)
    sorted_columns = ordered[:, columns]
    new = np.flatnonzero((sorted_columns[:, 1:] != sorted_columns[:, :-1]).any(axis=0)) + 1
    starts = np.concatenate([[0], new])
    return [tuple(sorted_columns[:, at].tolist()) for at in starts], np.split(columns, new)


@cache
def _orders(groups: tuple[int, ...]) -> Floats:
    """The share of the orders of so many alike in each group that have 0, 1, 2, … inversions."""
    ways, placed = [1], 0
    for size in groups:
        for one in range(1, size + 1):
            ways = _divided(_times(ways, placed + one), one)
        placed += size
    return np.array(ways, dtype=np.float64) / sum(ways)


def _times(ways: list[int], power: int) -> list[int]:
    """By 1 - q^power, a polynomial in q as its coefficients."""
    return [a - b for a, b in zip(ways + [0] * power, [0] * power + ways, strict=True)]


def _divided(ways: list[int], power: int) -> list[int]:
    """By 1 - q^power, where nothing remains."""
    quotient: list[int] = []
    for at, each in enumerate(ways[: len(ways) - power]):
        quotient.append(each + (quotient[at - power] if at >= power else 0))
    return quotient
