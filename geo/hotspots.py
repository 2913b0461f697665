"""Where reports concentrate more than chance would have it, and where they rise; on arrays of cells.

First each category and window is tested, by what it is beside: `by_share` (of all reports: the default,
since people report where they are), `by_exposure` (lamps, kilometres, inhabitants), `by_count` (raw, which
says only where reports are many), `by_change` (of two windows). Then `judged` looks at all that were asked
for together, so that of what it calls hot or cold at most a share alpha is chance. Cells that are left out
(water; nothing there that could break) count nowhere: they are neighbours of none, and have NaN.

All p-values are two-sided and valid for few reports too (`geo.hotspot_tails`); the z-values are there to be
drawn. One person who files two hundred reports is not chance: count people, not reports, where that happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import sparray

from geo.errors import GridError
from geo.hotspot_alike import alike
from geo.hotspot_change import changes_dispersion, rate_ratio_interval, rate_ratio_tails
from geo.hotspot_convolution import convolution_tails
from geo.hotspot_dispersion import Dispersion, counts_dispersion, shares_dispersion
from geo.hotspot_fdr import benjamini_hochberg
from geo.hotspot_getis import gi_among, gi_star_among
from geo.hotspot_tails import (
    Interval,
    Tails,
    binomial_interval,
    binomial_tails,
    negative_binomial_interval,
    negative_binomial_tails,
    side,
    two_sided,
)
from geo.hotspot_weights import Bools, counted_cells, neighbourhoods, numbers, sizes, whole
from geo.kernels import in_parts

Floats = NDArray[np.float64]
Sides = NDArray[np.int8]
Texts = NDArray[np.object_]

HOT, COLD, NOT_SIGNIFICANT, EXCLUDED = "hot", "cold", "not significant", "excluded"
RISING, FALLING = "rising", "falling"

CONVOLUTION, BINOMIAL, POISSON, NEGATIVE_BINOMIAL = "convolution", "binomial", "poisson", "negative binomial"
QUASI_BINOMIAL = "quasi-binomial"
"""What chance is taken to be."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What each cell's neighbourhood holds and how that compares with chance, in columns of shape (n,).

    NaN (0 in `side`) where a cell is left out or nothing can be said of it.

    Attributes:
        observed: reports in the neighbourhood; in the later window, of changes.
        expected: how many there would be if it were like the whole city; if nothing had changed.
        relative_risk: observed over expected; the later rate over the earlier, of changes.
        low, high: its interval at 1 - alpha, for this cell alone. What the whole city has is taken as known.
        z: deviations from the expectation.
        p: two-sided.
        side: 1 where more is observed than chance makes likely, -1 where less.
        null: what chance was taken to be.
        dispersion: how much more the counts of single cells vary than independent ones would.
        left_out: reports in cells that are left out.
    """

    observed: Floats
    expected: Floats
    relative_risk: Floats
    low: Floats
    high: Floats
    z: Floats
    p: Floats
    side: Sides
    null: str
    dispersion: Dispersion
    left_out: int

    @property
    def excess(self) -> Floats:
        """Reports beyond those expected."""
        return self.observed - self.expected


@dataclass(frozen=True, slots=True, eq=False)
class Hotspots:
    """Evidence of cells with the verdicts.

    Attributes:
        evidence: what the verdicts rest on.
        q: the least alpha at which a cell would stand out; NaN where it was not tested.
        class_: hot, cold, not significant or excluded, as text; rising and falling, of changes.
        alpha: the share of chance findings among all.
        family: how many tests were judged together.
    """

    evidence: Evidence
    q: Floats
    class_: Texts
    alpha: float
    family: int


def by_count(
    counts: ArrayLike,
    weights: sparray,
    *,
    itself: bool = True,
    counted: ArrayLike | None = None,
    alpha: float = 0.05,
) -> Evidence:
    """Where reports are many: each neighbourhood beside any other of so many cells.

    z is Getis and Ord's Gi* (Gi without the cell itself); p is that of `geo.hotspot_convolution`. The
    intervals are those of counts that vary as the city's do (Poisson, or negative binomial).

    Args:
        counts: shape (n,), whole.
        weights: shape (n, n), binary.
        itself: whether a cell belongs to its neighbourhood.
        counted: shape (n,), bool: which cells take part.
        alpha: of the intervals, and of the test for overdispersion.

    Raises:
        GridError: shapes that do not fit, or values that are no such numbers.
    """
    links = neighbourhoods(weights, itself=itself, counted=counted)
    keep, value = counted_cells(counted, links.shape[0]), whole(counts, links.shape[0], "Counts")
    kept, size, observed = value[keep], sizes(links), links @ value
    mean = kept.mean() if len(kept) else 0.0
    spread = counts_dispersion(kept, np.full(len(kept), mean), _share(alpha))
    null = _Null(
        CONVOLUTION,
        convolution_tails(kept, observed, size),
        negative_binomial_interval(observed, spread.ratio, _share(alpha)),
        (gi_star_among if itself else gi_among)(links, value, keep),
        spread,
    )
    return _evidence(keep & (size > 0), observed, size * mean, null, _lost(value, keep))


def by_share(
    counts: ArrayLike,
    all_counts: ArrayLike,
    weights: sparray,
    *,
    itself: bool = True,
    counted: ArrayLike | None = None,
    alpha: float = 0.05,
) -> Evidence:
    """Where a category has a larger or smaller share of all reports than in the whole city.

    Given all reports of a neighbourhood, those of the category are binomial with the city's share. Where the
    shares of cells vary more than that, they are taken as negative binomial with the variance they have: of
    a category that has most of all reports, the others are, so that both are told alike.
    NaN where a neighbourhood has no reports at all. Arguments as in `by_count`.

    Args:
        counts: of the category, shape (n,), whole.
        all_counts: of all categories, this one included.

    Raises:
        GridError: as in `by_count`; more reports of the category than of all.
    """
    links = neighbourhoods(weights, itself=itself, counted=counted)
    keep, value = counted_cells(counted, links.shape[0]), whole(counts, links.shape[0], "Counts")
    every = whole(all_counts, links.shape[0], "All reports")
    if (value > every).any():
        raise GridError(
            f"A cell has {value[value > every][0]:g} reports of a category, of {every[value > every][0]:g}.",
            fix="Count the category among all reports.",
        )
    share = value[keep].sum() / max(every[keep].sum(), 1)
    observed, trials = links @ value, links @ every
    rarer, rare_share = (value, share) if share <= 0.5 else (every - value, 1 - share)
    used = keep & (every > 0)
    spread = shares_dispersion(rarer[used], every[used], _share(alpha))
    null = _once(lambda k, n: _share_null(k, n, rare_share, spread, alpha), links @ rarer, trials)
    if share > 0.5:
        null = _of_the_others(null, trials)
    return _evidence(keep & (trials > 0), observed, trials * share, null, _lost(value, keep))


def by_exposure(
    counts: ArrayLike,
    exposure: ArrayLike,
    weights: sparray,
    *,
    itself: bool = True,
    counted: ArrayLike | None = None,
    alpha: float = 0.05,
) -> Evidence:
    """Where there are more or fewer reports for each lamp, kilometre or inhabitant than in the whole city.

    The counts are Poisson, or negative binomial where they vary more. Cells without exposure are left out:
    what does not stand there cannot break; reports of it there are told in `left_out`. Arguments as in
    `by_count`.

    Args:
        exposure: shape (n,), 0 or more, in any unit.

    Raises:
        GridError: as in `by_count`.
    """
    exposed = numbers(exposure, weights.shape[0], "Exposures")
    keep = counted_cells(counted, weights.shape[0]) & (exposed > 0)
    links = neighbourhoods(weights, itself=itself, counted=keep)
    value = whole(counts, len(keep), "Counts")
    base = exposed * (value[keep].sum() / exposed[keep].sum() if keep.any() else 0.0)
    observed, expected = links @ value, links @ base
    spread = counts_dispersion(value[keep], base[keep], _share(alpha))
    null = _once(lambda k, mean: _poisson_null(k, mean, spread, alpha), observed, expected)
    return _evidence(keep & (sizes(links) > 0), observed, expected, null, _lost(value, keep))


def by_change(
    before: ArrayLike,
    after: ArrayLike,
    exposure_before: ArrayLike = 1.0,
    exposure_after: ArrayLike = 1.0,
    *,
    counted: ArrayLike | None = None,
    alpha: float = 0.05,
) -> Evidence:
    """Where the rate of two windows differs; given the reports of both, those of the later are binomial.

    For neighbourhoods give their sums. Cells without reports in either window, or without exposure in one,
    are not tested. Where the changes of cells vary more than by chance, clumps of reports are taken as one.

    Args:
        before, after: shape (n,), whole.
        exposure_before, exposure_after: days, or all reports; one number, or shape (n,).
        counted: shape (n,), bool: which cells take part.
        alpha: of the intervals, and of the test for overdispersion.

    Raises:
        GridError: shapes that do not fit, or values that are no such numbers.
    """
    first = whole(before, np.size(before), "Counts")
    then, n = whole(after, len(first), "Counts"), len(first)
    one, two = _exposures(exposure_before, n), _exposures(exposure_after, n)
    keep = counted_cells(counted, n) & (one > 0) & (two > 0)
    known = keep & (first + then > 0)
    share = np.where(keep, two / np.where(keep, one + two, 1), 0.5)
    spread = changes_dispersion(first[known], then[known], share[known], _share(alpha))
    null = _once(lambda a, b, part: _change_null(a, b, part, spread, alpha), first, then, share)
    tested = _evidence(known, then, (first + then) * share, null, _lost(first + then, keep))
    ratio = np.where(known, _over(then * (1 - share), first * share), np.nan)
    return replace(tested, relative_risk=ratio)


def judged(
    tested: Sequence[Evidence], *, alpha: float = 0.05, words: tuple[str, str] = (HOT, COLD)
) -> list[Hotspots]:
    """The verdicts on all categories and windows that were asked for, as one family.

    Args:
        alpha: at most such a share of what is found is chance, on average.
        words: what to call the cells with more, and with less; `(RISING, FALLING)` for changes.

    Raises:
        GridError: alpha is not between 0 and 1.
    """
    _share(alpha)
    ends = np.cumsum([len(each.p) for each in tested])
    all_q = benjamini_hochberg(np.concatenate([np.empty(0), *(each.p for each in tested)]))
    family = int((~np.isnan(all_q)).sum())
    return [
        Hotspots(each, q, classified(q, each.side, alpha=alpha, words=words), alpha, family)
        for each, q in zip(tested, np.split(all_q, ends)[:-1], strict=True)
    ]


def classified(
    q: Floats, sides: Sides, *, alpha: float = 0.05, words: tuple[str, str] = (HOT, COLD)
) -> Texts:
    """The class of each cell as text, by its q and its side (1 or -1); excluded where q is NaN."""
    names = np.array([NOT_SIGNIFICANT, *words, EXCLUDED], dtype=object)
    found = np.where(q <= alpha, np.where(sides > 0, 1, np.where(sides < 0, 2, 0)), 0)
    return np.asarray(names[np.where(np.isnan(q), 3, found)])


@dataclass(frozen=True, slots=True, eq=False)
class _Null:
    """What chance makes of neighbourhoods: the interval is of the expectation that the observed tells of."""

    name: str
    tails: Tails
    interval: Interval
    z: Floats
    dispersion: Dispersion


def _once(null: Callable[..., _Null], *columns: Floats) -> _Null:
    """Chance for cells, worked out once for those of which the same is known; on threads for many."""
    each, at = alike(*columns)
    parts = in_parts(lambda part: null(*(column[part] for column in each)), len(each[0]))

    def joined(columns: Iterable[Floats]) -> Floats:
        return np.concatenate(list(columns))[at]

    tails, intervals = [part.tails for part in parts], [part.interval for part in parts]
    return replace(
        parts[0],
        tails=Tails(joined(tail.lower for tail in tails), joined(tail.upper for tail in tails)),
        interval=Interval(joined(each.low for each in intervals), joined(each.high for each in intervals)),
        z=joined(part.z for part in parts),
    )


def _evidence(known: Bools, observed: Floats, expected: Floats, null: _Null, left_out: int) -> Evidence:
    def shown(column: Floats) -> Floats:
        return np.where(known, column, np.nan)

    tails = Tails(shown(null.tails.lower), shown(null.tails.upper))
    return Evidence(
        observed=shown(observed),
        expected=shown(expected),
        relative_risk=shown(_over(observed, expected)),
        low=shown(_over(null.interval.low, expected)),
        high=shown(_over(null.interval.high, expected)),
        z=shown(null.z),
        p=two_sided(tails),
        side=side(tails),
        null=null.name,
        dispersion=null.dispersion,
        left_out=left_out,
    )


def _share_null(observed: Floats, trials: Floats, share: float, spread: Dispersion, alpha: float) -> _Null:
    expected = trials * share
    if spread.p <= alpha:
        return _poisson_null(observed, expected, spread, alpha)
    low, high = binomial_interval(observed, trials, alpha)
    z = _over(observed - expected, np.sqrt(expected * (1 - share)))
    tails = binomial_tails(observed, trials, share)
    return _Null(BINOMIAL, tails, Interval(low * trials, high * trials), z, spread)


def _of_the_others(null: _Null, trials: Floats) -> _Null:
    """What is known of a category, told of all others."""
    low, high = null.interval
    interval = Interval(np.maximum(trials - high, 0.0), np.maximum(trials - low, 0.0))
    return replace(null, tails=Tails(null.tails.upper, null.tails.lower), interval=interval, z=-null.z)


def _poisson_null(observed: Floats, expected: Floats, spread: Dispersion, alpha: float) -> _Null:
    return _Null(
        NEGATIVE_BINOMIAL if spread.ratio > 1 else POISSON,
        negative_binomial_tails(observed, expected, spread.ratio),
        negative_binomial_interval(observed, spread.ratio, _share(alpha)),
        _over(observed - expected, np.sqrt(expected * spread.ratio)),
        spread,
    )


def _change_null(first: Floats, then: Floats, share: Floats, spread: Dispersion, alpha: float) -> _Null:
    expected, clump = (first + then) * share, spread.ratio
    low, high = rate_ratio_interval(first, then, share, clump, alpha)
    known = expected > 0
    return _Null(
        QUASI_BINOMIAL if clump > 1 else BINOMIAL,
        rate_ratio_tails(first, then, share, clump),
        Interval(low * expected, np.where(known, high, 0) * expected),
        _over(then - expected, np.sqrt(clump * expected * (1 - share))),
        spread,
    )


def _exposures(given: ArrayLike, cells: int) -> Floats:
    return numbers(np.full(cells, given) if np.ndim(given) == 0 else given, cells, "Exposures")


def _over(above: Floats, below: Floats) -> Floats:
    """A quotient: NaN for 0 / 0, infinite where only what is below is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / below)


def _lost(value: Floats, keep: Bools) -> int:
    return int(value[~keep].sum())


def _share(alpha: float) -> float:
    if not 0 < alpha < 1:
        raise GridError(f"An alpha of {alpha} is not between 0 and 1.", fix="Say .05, or .01.")
    return alpha
