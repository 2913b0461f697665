"""Whether the rates of two windows differ: given the reports of both, those of the later are binomial.

Source: Przyborowski and Wilenski 1940 (the conditional test of two Poisson means); the interval is that of
Clopper and Pearson for the share of the later window, turned into a ratio.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.hotspot_dispersion import NO_DISPERSION, Dispersion, binomial_dispersion
from geo.hotspot_tails import Interval, Tails, binomial_interval, binomial_tails

Floats = NDArray[np.float64]


def rate_ratio_tails(before: Floats, after: Floats, share: Floats, clump: float = 1.0) -> Tails:
    """The probabilities of as few later reports, and of as many, if the rate had stayed; shape (n,).

    Args:
        before, after: reports of the windows.
        share: of the later window in the exposure of both.
        clump: so many reports are taken as one (the quasi-binomial's dispersion).
    """
    return binomial_tails(after / clump, (before + after) / clump, share)


def rate_ratio_interval(before: Floats, after: Floats, share: Floats, clump: float, alpha: float) -> Interval:
    """Of the later rate over the earlier; from 0, or to infinity, where one window has no reports.

    Args:
        before, after, share, clump: as in `rate_ratio_tails`; each share above 0 and below 1.
        alpha: half of it lies on each side.
    """
    bounds = binomial_interval(after / clump, (before + after) / clump, alpha)
    with np.errstate(divide="ignore"):
        return Interval(*(each / (1 - each) * (1 - share) / share for each in bounds))


def changes_dispersion(before: Floats, after: Floats, share: Floats, alpha: float) -> Dispersion:
    """How much more the changes of cells vary around the city's own than independent reports would."""
    if not before.any() or not after.any():
        return NO_DISPERSION
    odds = share / (1 - share) * after.sum() / (before * share / (1 - share)).sum()
    usual = odds / (1 + odds)
    found = binomial_dispersion(after, before + after, usual, alpha)
    # Its ratio is that of the variance to the expectation; of shares the variance is smaller.
    measured = found.measured / float(1 - np.average(usual, weights=before + after))
    return Dispersion(max(measured, 1.0) if found.p <= alpha else 1.0, measured, found.p)
