"""Whether counts vary more than chance alone makes them: then they need more than one report to be so.

Reports come in clumps (one storm, one neighbour with a telephone). Taken for independent they make hotspots
where there are none. The tests are those of Dean and Lawless 1989 for counts with an expectation, and of
Tarone 1979 for shares; both are for one side, and their p is that of the normal distribution.

A few cells with far more than all others say nothing of how these vary. Reckoned in, they would hide every
other hotspot and themselves: `counts_dispersion` and `shares_dispersion` measure beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from geo.hotspot_tails import negative_binomial_tails

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

FEW, FEW_SHARE, MOST = 3, 0.02, 20
"""Outliers are at most few cells or such a share of all, and never more than most."""


class Dispersion(NamedTuple):
    """How much more counts vary than independent ones.

    Attributes:
        ratio: variance over expectation, at least 1: what is reckoned with (1 where p is above alpha).
        measured: the same as measured, whatever it is; NaN where there are less than two cells.
        p: of a variation as large by chance.
        outliers: how many cells it was measured without.
    """

    ratio: float
    measured: float
    p: float
    outliers: int = 0


NO_DISPERSION = Dispersion(1.0, np.nan, 1.0)
"""Of what there is too little to tell."""


def counts_dispersion(counts: Floats, expected: Floats, alpha: float) -> Dispersion:
    """Of counts of cells, shape (n,), beside outliers, around expectations, all above 0, of the same sum."""

    def measured(cells: Positions) -> Dispersion:
        count, mean = counts[cells], expected[cells]
        if not count.any():
            return NO_DISPERSION
        return poisson_dispersion(count, mean * (count.sum() / mean.sum()), alpha)

    return _without_outliers(measured, counts, expected, alpha)


def shares_dispersion(counts: Floats, trials: Floats, alpha: float) -> Dispersion:
    """Of counts among trials of cells, shape (n,), all above 0, beside outliers, around the share of all."""

    def measured(cells: Positions) -> Dispersion:
        count, n = counts[cells], trials[cells]
        share = count.sum() / n.sum() if len(n) else 0.0
        if not 0 < share < 1:
            return NO_DISPERSION
        return binomial_dispersion(count, n, np.full(len(n), share), alpha)

    return _without_outliers(measured, counts, trials * (counts.sum() / max(trials.sum(), 1)), alpha)


def _without_outliers(
    measured: Callable[[Positions], Dispersion], counts: Floats, expected: Floats, alpha: float
) -> Dispersion:
    """Measured without the few cells that stand out beyond how the others vary.

    They are found as in Rosner 1983, "Percentage points for a generalized ESD many-outlier procedure": the
    most extreme are taken out one after another, each is held against what is left, and all up to the last
    that stands out there are outliers. Where there are none, one is found in a share alpha of cities at most.
    """
    n = len(counts)
    found = measured(np.arange(n))
    if found.ratio <= 1:
        return found
    order = np.argsort((expected - counts) / np.sqrt(expected), kind="stable")
    for out in range(1, min(max(FEW, int(FEW_SHARE * n)), MOST, n - 2) + 1):
        at, rest = order[out - 1], order[out:]
        spread = measured(rest)
        usual = expected[at] * counts[rest].sum() / expected[rest].sum()
        if negative_binomial_tails(counts[at], usual, spread.ratio).upper <= alpha / n:
            found = spread._replace(outliers=out)
    return found


def poisson_dispersion(counts: Floats, expected: Floats, alpha: float) -> Dispersion:
    """Of counts of cells, shape (n,), around their expectations, all above 0.

    Dean and Lawless' test adjusted for an expectation that was estimated from the same counts (their T_a).
    """
    excess = np.square(counts - expected) - counts + expected**2 / expected.sum()
    z = excess.sum() / np.sqrt(2 * np.square(expected).sum())
    return _dispersion(counts, expected, float(ndtr(-z)), alpha)


def binomial_dispersion(counts: Floats, trials: Floats, share: Floats, alpha: float) -> Dispersion:
    """Of counts among the trials of cells, shape (n,), around the share of each, above 0 and below 1.

    The ratio is that of the variance to the expectation, as for counts, not to what shares would vary.
    """
    more = np.square(trials).sum() - trials.sum()
    if more == 0:
        return NO_DISPERSION
    excess = (np.square(counts - trials * share) / (share * (1 - share))).sum() - trials.sum()
    return _dispersion(counts, trials * share, float(ndtr(-excess / np.sqrt(2 * more))), alpha)


def _dispersion(counts: Floats, expected: Floats, p: float, alpha: float) -> Dispersion:
    """Pearson's ratio as Fletcher 2012 mends it for small expectations."""
    if len(counts) < 2:
        return NO_DISPERSION
    off = (counts - expected) / expected
    pearson = float((np.square(off) * expected).sum()) / (len(counts) - 1)
    measured = pearson / (1 + float(off.mean()))
    return Dispersion(max(measured, 1.0) if p <= alpha else 1.0, measured, p)
