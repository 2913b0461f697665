"""How probable as few reports, or as many, are by chance, for counts of any size; and intervals for rates.

All p-values are two-sided: twice the smaller tail, at most 1. Both tails hold the observed count itself, so
that a p of at most α comes up in at most a share α of cases without any pattern, however few the reports are.
(The mid-p halves the probability of the observed count, and comes up more often than that.)

The tails are incomplete beta and gamma functions, exact far out too, and 0 only below 1e-300.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import (
    betainc,
    betaincc,
    betainccinv,
    betaincinv,
    btdtria,
    gammainccinv,
    gammaincinv,
    pdtr,
    pdtrc,
)

from geo.hotspot_alike import alike

Floats = NDArray[np.float64]
Sides = NDArray[np.int8]
Positions = NDArray[np.intp]


class Tails(NamedTuple):
    """The probabilities of a count as low as the one observed, and as high, both with it; shape (n,)."""

    lower: Floats
    upper: Floats


class Interval(NamedTuple):
    """Bounds that hold the truth at least as often as was asked for; shape (n,)."""

    low: Floats
    high: Floats


def two_sided(tails: Tails) -> Floats:
    """Twice the smaller tail, at most 1; NaN stays."""
    return np.asarray(np.minimum(2 * np.minimum(*tails), 1))


def side(tails: Tails) -> Sides:
    """1 where the count is high for what it is beside, -1 where it is low, 0 where neither or not known."""
    return (tails.upper < tails.lower).astype(np.int8) - (tails.lower < tails.upper).astype(np.int8)


def binomial_tails(observed: ArrayLike, trials: ArrayLike, share: ArrayLike) -> Tails:
    """Of counts among trials, each with the probability `share`.

    P(X ≤ k) is the incomplete beta function I(1 - share; n - k, k + 1) (DLMF 8.17.5), which serves for counts
    that are no whole numbers too.
    """
    k, n, p = _floats(observed, trials, share)
    lower = np.where(k < n, betainc(_some(n - k), k + 1, 1 - p), 1.0)
    upper = np.where(k > 0, betainc(_some(k), np.maximum(n - k, 0) + 1, p), 1.0)
    return Tails(lower, upper)


def poisson_tails(observed: ArrayLike, expected: ArrayLike) -> Tails:
    """Of counts that are expected to be so many."""
    k, mean = _floats(observed, expected)
    return Tails(pdtr(k, mean), np.where(k > 0, pdtrc(_some(k) - 1, mean), 1.0))


def negative_binomial_tails(observed: ArrayLike, expected: ArrayLike, dispersion: float) -> Tails:
    """Of counts whose variance is `dispersion` times their expectation.

    The first kind of Cameron and Trivedi 1986 (NB1): sums over cells are of the same kind with the same
    dispersion, which makes it exact for neighbourhoods. It is the Poisson at a dispersion of 1 or less.
    """
    k, mean = _floats(observed, expected)
    if dispersion <= 1:
        return poisson_tails(k, mean)
    size, stop = mean / (dispersion - 1), 1 / dispersion
    some = np.maximum(size, np.finfo(np.float64).tiny)
    lower = betainc(some, k + 1, stop)
    upper = np.where(k > 0, betaincc(some, _some(k), stop), 1.0)
    return Tails(lower, upper)


def binomial_interval(observed: ArrayLike, trials: ArrayLike, alpha: float) -> Interval:
    """Of the share that so many of the trials tell of (Clopper and Pearson 1934); (0, 1) without trials."""
    k, n = _floats(observed, trials)
    low = np.where(k > 0, betaincinv(_some(k), n - k + 1, alpha / 2), 0.0)
    high = np.where(k < n, betainccinv(k + 1, _some(n - k), alpha / 2), 1.0)
    return Interval(low, high)


def poisson_interval(observed: ArrayLike, alpha: float) -> Interval:
    """Of the expectation that such counts tell of (Garwood 1936)."""
    k, at = _alike(observed)
    low = np.where(k > 0, gammaincinv(_some(k), alpha / 2), 0.0)
    return Interval(low[at], gammainccinv(k + 1, alpha / 2)[at])


def negative_binomial_interval(observed: ArrayLike, dispersion: float, alpha: float) -> Interval:
    """The same where the variance is `dispersion` times the expectation: the expectations at which a tail of
    `negative_binomial_tails` is half of alpha.
    """
    if dispersion <= 1:
        return poisson_interval(observed, alpha)
    k, at = _alike(observed)
    low = np.where(k > 0, btdtria(1 - alpha / 2, _some(k), 1 / dispersion), 0.0)
    high = btdtria(alpha / 2, k + 1, 1 / dispersion)
    return Interval(low[at] * (dispersion - 1), high[at] * (dispersion - 1))


def _alike(observed: ArrayLike) -> tuple[Floats, Positions]:
    """Each count once, for the inverse functions take their time, and where each observed one is."""
    given = np.asarray(observed, dtype=np.float64)
    (each,), at = alike(given.reshape(-1))
    return each, at.reshape(given.shape)


def _some(k: Floats) -> Floats:
    """1 where there are none, so that a function is asked nothing that it has no answer to."""
    return np.where(k > 0, k, 1)


def _floats(*values: ArrayLike) -> list[Floats]:
    return [np.asarray(each, dtype=np.float64) for each in values]
