"""Moran's I and Geary's C: whether the values of a city are clustered at all, in one number each.

Source of all moments: Cliff and Ord 1981, "Spatial processes", chapter 2, as in esda and spdep. The weights
are taken as they are; `geo.hotspot_weights.row_standardised` gives every cell the same say.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, sparray
from scipy.special import ndtr

from geo.errors import GridError
from geo.hotspot_getis import weight_sums
from geo.hotspot_weights import numbers, square

Floats = NDArray[np.float64]

LEAST = 4
"""So many cells the moments need."""


class Autocorrelation(NamedTuple):
    """A global statistic with its moments.

    Attributes:
        value, expected: of the statistic, and without any pattern.
        z_normal, z_random: deviations from that, if the values are normal, or dealt out at random.
        p_normal: of one side, the nearer.
    """

    value: float
    expected: float
    z_normal: float
    z_random: float
    p_normal: float


def moran(values: ArrayLike, weights: sparray) -> Autocorrelation:
    """Moran's I: above its expectation where neighbours are alike.

    Args:
        values: shape (n,), finite.
        weights: shape (n, n); a cell is not its own neighbour.

    Raises:
        GridError: shapes that do not fit, less than four cells, no neighbours, or values that are all alike.
    """
    centred, links = _checked(values, weights)
    n, (s0, s1, s2) = len(centred), weight_sums(links)
    found = n / s0 * float(centred @ (links @ centred)) / float(centred @ centred)
    expected = -1 / (n - 1)
    normal = (n * n * s1 - n * s2 + 3 * s0**2) / ((n * n - 1) * s0**2) - expected**2
    k = _kurtosis(centred)
    dealt = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    dealt -= k * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    dealt = dealt / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    return _judged(found, expected, normal, dealt)


def geary(values: ArrayLike, weights: sparray) -> Autocorrelation:
    """Geary's C: below its expectation of 1 where neighbours are alike. Arguments, errors: as `moran`."""
    centred, links = _checked(values, weights)
    n, (s0, s1, s2) = len(centred), weight_sums(links)
    row = np.repeat(np.arange(n), np.diff(links.indptr))
    apart = float(links.data @ np.square(centred[row] - centred[links.indices]))
    found = (n - 1) * apart / (2 * s0 * float(centred @ centred))
    normal = ((2 * s1 + s2) * (n - 1) - 4 * s0**2) / (2 * (n + 1) * s0**2)
    k = _kurtosis(centred)
    dealt = (n - 1) * s1 * (n * n - 3 * n + 3 - (n - 1) * k)
    dealt -= (n - 1) * s2 * (n * n + 3 * n - 6 - (n * n - n + 2) * k) / 4
    dealt += s0**2 * (n * n - 3 - (n - 1) ** 2 * k)
    return _judged(found, 1.0, normal, dealt / (n * (n - 2) * (n - 3) * s0**2))


def stabilised_rates(counts: ArrayLike, exposure: ArrayLike) -> Floats:
    """Rates of unequal exposure on one scale, shape (n,): mean 0, variance about 1 for each.

    An empirical Bayes index: Assunção and Reis 1999, "A new proposal to adjust Moran's I for population
    density". Its Moran's I is not misled by rates that vary only because few are exposed.

    Raises:
        GridError: shapes that do not fit, or an exposure that is not above 0.
    """
    exposed = np.asarray(exposure, dtype=np.float64).reshape(-1)
    seen = numbers(counts, len(exposed), "Counts")
    if not ((exposed > 0) & (exposed < np.inf)).all():
        raise GridError("A cell has no exposure.", fix="Leave out cells where nothing can occur.")
    rate, mean = seen / exposed, seen.sum() / exposed.sum()
    between = exposed @ np.square(rate - mean) / exposed.sum() - mean / exposed.mean()
    variance = between + mean / exposed
    return np.asarray((rate - mean) / np.sqrt(np.where(variance < 0, mean / exposed, variance)))


def _checked(values: ArrayLike, weights: sparray) -> tuple[Floats, csr_array]:
    links = square(weights)
    given = np.asarray(values, dtype=np.float64)
    if given.shape != (links.shape[0],) or not np.isfinite(given).all() or len(given) < LEAST:
        raise GridError(
            f"{given.size} values for {links.shape[0]} cells have no autocorrelation.",
            fix=f"Give one finite value for each of {LEAST} cells or more.",
        )
    if links.sum() <= 0 or np.ptp(given) == 0:
        raise GridError(
            "Without neighbours, or with values all alike, there is no autocorrelation.",
            fix="Give neighbours, and values that differ.",
        )
    return given - given.mean(), links


def _kurtosis(centred: Floats) -> float:
    return float((centred**4).mean() / np.square(centred).mean() ** 2)


def _judged(found: float, expected: float, normal: float, dealt: float) -> Autocorrelation:
    z_normal, z_random = ((found - expected) / np.sqrt(variance) for variance in (normal, dealt))
    return Autocorrelation(found, expected, float(z_normal), float(z_random), float(ndtr(-abs(z_normal))))
