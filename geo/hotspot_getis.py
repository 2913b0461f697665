"""Getis and Ord's Gi, Gi* and G, analytic: how far a neighbourhood's sum lies from chance, in deviations.

Sources: Getis and Ord 1992 (global G; erratum 1993), Ord and Getis 1995 and Getis and Ord 1996 (Gi, Gi*; eq.
14.2). Values of others differ by the variance. Here it is the mean square of all n cells (n - 1 without the
cell itself in Gi), as in eq. 14.2, spdep and esda; the table printed in 1996 divides by one less
(`variance="sample"`). esda has other values where rows are standardised, because it keeps the variance of
binary weights; the right z does not change when a row is multiplied.

The z-values are for maps and comparison. As p-values they mislead where counts are small or skewed: see
`geo.hotspot_convolution`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, sparray

from geo.errors import GridError
from geo.hotspot_weights import Bools, counted_cells, neighbourhoods, numbers, sizes

Floats = NDArray[np.float64]
Variance = Literal["population", "sample"]

EVEN = 1e-12
"""Values that differ by no more than this share of the largest do not differ."""


class GlobalG(NamedTuple):
    """How much of what pairs of cells hold together lies in neighbours, and how far that is from chance."""

    value: float
    expected: float
    z: float


def gi_star(
    counts: ArrayLike,
    weights: sparray,
    *,
    counted: ArrayLike | None = None,
    variance: Variance = "population",
) -> Floats:
    """How far each sum lies from chance (z), each cell in its own; shape (n,), NaN for cells left out.

    0 where all cells are alike, or all are neighbours: nothing stands out there.

    Args:
        counts: shape (n,), 0 or more, finite.
        weights: shape (n, n), binary.
        counted: shape (n,), bool: which cells take part.
        variance: what the mean square is divided by: n, or n - 1.

    Raises:
        GridError: shapes that do not fit, weights that are not binary, counts that are no such numbers.
    """
    links = neighbourhoods(weights, itself=True, counted=counted)
    value, keep = numbers(counts, links.shape[0], "Counts"), counted_cells(counted, links.shape[0])
    return gi_star_among(links, value, keep, variance=variance)


def gi_star_among(
    links: csr_array, value: Floats, keep: Bools, *, variance: Variance = "population"
) -> Floats:
    """The same of `geo.hotspot_weights.neighbourhoods` and of what was checked before."""
    n = int(keep.sum())
    if n < 2:
        return np.where(keep, 0.0, np.nan)
    centred = np.where(keep, value - value[keep].mean(), 0.0)
    square = np.square(centred).sum() / (n if variance == "population" else n - 1)
    size = sizes(links)
    spread = square * np.maximum(n * size - size**2, 0) / (n - 1)
    z = _ratio(links @ centred, spread, square, value)
    return np.where(keep, z, np.nan)


def gi(counts: ArrayLike, weights: sparray, *, counted: ArrayLike | None = None) -> Floats:
    """The z of the sum of each cell's neighbours without itself, beside the mean of all others; shape (n,).

    NaN for cells left out, 0 where nothing stands out. Arguments and errors as in `gi_star`.
    """
    links = neighbourhoods(weights, itself=False, counted=counted)
    value, keep = numbers(counts, links.shape[0], "Counts"), counted_cells(counted, links.shape[0])
    return gi_among(links, value, keep)


def gi_among(links: csr_array, value: Floats, keep: Bools) -> Floats:
    """The same of `geo.hotspot_weights.neighbourhoods` without the cell itself, all checked before."""
    n = int(keep.sum())
    if n < 3:
        return np.where(keep, 0.0, np.nan)
    centred = np.where(keep, value - value[keep].mean(), 0.0)
    mean = -centred / (n - 1)  # of the others, from the mean of all
    square = np.maximum((np.square(centred).sum() - centred**2) / (n - 1) - mean**2, 0)
    size = sizes(links)
    spread = square * np.maximum((n - 1) * size - size**2, 0) / (n - 2)
    z = _ratio(links @ centred - size * mean, spread, square, value)
    return np.where(keep, z, np.nan)


def _ratio(above: Floats, spread: Floats, square: Floats | float, value: Floats) -> Floats:
    """Of a sum and the root of its variance; 0 where there is no variance but that of rounding."""
    real = (spread > 0) & (square > (EVEN * value.max()) ** 2)
    return np.where(real, above / np.sqrt(np.where(real, spread, 1)), 0.0)


def global_g(counts: ArrayLike, weights: sparray, *, counted: ArrayLike | None = None) -> GlobalG:
    """Whether high counts as a whole lie beside high ones (z > 0) or low ones beside low.

    Moments by randomisation (Getis and Ord 1992 with the coefficient of the erratum). Arguments as in
    `gi_star`.

    Raises:
        GridError: as there; fewer than four cells take part, or less than two of them hold anything.
    """
    keep = counted_cells(counted, weights.shape[0])
    links = neighbourhoods(weights, itself=False, counted=keep)
    value = np.where(keep, numbers(counts, len(keep), "Counts"), 0.0)
    n = int(keep.sum())
    if n < 4 or (value > 0).sum() < 2:
        raise GridError(
            f"{n} cells with {value.sum():g} reports have no global G.",
            fix="Ask for four cells or more, two of which hold reports.",
        )
    scaled = value / value.max()
    pairs = scaled.sum() ** 2 - np.square(scaled).sum()
    found = float(scaled @ (links @ scaled)) / pairs
    expected = links.sum() / (n * (n - 1))
    variance = _second_moment(n, scaled, links) / pairs**2 - expected**2
    return GlobalG(found, expected, float((found - expected) / np.sqrt(variance)) if variance > 0 else 0.0)


def _second_moment(n: int, value: Floats, links: csr_array) -> float:
    m1, m2, m3, m4 = (float((value**power).sum()) for power in (1, 2, 3, 4))
    s0, s1, s2 = weight_sums(links)
    of_m2_squared = (n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2
    of_m4 = -((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    of_m1_squared_m2 = -(2 * n * s1 - (n + 3) * s2 + 6 * s0**2)
    of_m1_m3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2
    of_m1_fourth = s1 - s2 + s0**2
    total = of_m2_squared * m2**2 + of_m4 * m4 + of_m1_squared_m2 * m1**2 * m2
    total += of_m1_m3 * m1 * m3 + of_m1_fourth * m1**4
    return total / (n * (n - 1) * (n - 2) * (n - 3))


def weight_sums(links: csr_array) -> tuple[float, float, float]:
    """S0, S1 and S2 of Cliff and Ord: what the moments of all global statistics are made of."""
    both = links + links.T
    sides = np.square(links.sum(axis=1) + links.sum(axis=0)).sum()
    return float(links.sum()), float(np.square(both.data).sum() / 2), float(sides)
