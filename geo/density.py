"""How densely points lie, as a smooth surface: a picture for maps, not a test of anything.

Each point is spread over a Gaussian; the sum is worked out on a grid: points are put into cells, and these
are blurred (B. W. Silverman, "Algorithm AS 176: kernel density estimation using the fast Fourier transform",
Applied Statistics 31, 1982, does the same with another blur). Nothing is corrected at a city's edge: beyond
it, where nobody reports, the surface falls off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from geo.bins import as_points
from geo.errors import GridError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELLS_PER_BANDWIDTH = 5
LEAST_CELLS_PER_BANDWIDTH = 2
"""With larger cells one sees the cells."""
REACH = 5
"""So many bandwidths around a point are computed; a millionth of it lies beyond."""
MOST_CELLS = 16_000_000
M2_PER_KM2 = 1e6


@dataclass(frozen=True, slots=True)
class Surface:
    """A density on square cells, whose corners lie at multiples of their size in the metric CRS.

    Attributes:
        west, south: the outer corner of the first cell, metres.
        cell_m: the side of a cell.
        per_km2: in the middle of each cell, points (or weight) per km²; shape (rows, columns), the first row
            the southernmost, the first column the westernmost. Of no points, (0, 0).
        bandwidth_m: the standard deviation of the Gaussian; NaN where there was nothing to derive it from.
        bandwidth_from: ``given``, or ``scott`` where it was derived.
        meaning: what it must be called wherever it is shown.
    """

    west: float
    south: float
    cell_m: float
    per_km2: Floats
    bandwidth_m: float
    bandwidth_from: Literal["given", "scott"]
    meaning: Literal["picture"] = "picture"


def density(
    xy: ArrayLike,
    *,
    bandwidth_m: float | None = None,
    cell_m: float | None = None,
    weight: ArrayLike | None = None,
) -> Surface:
    """The density of points around them and `REACH` bandwidths farther.

    Args:
        xy: metres, shape (n, 2).
        bandwidth_m: without it, `scott_m`.
        cell_m: without it, a fifth of the bandwidth.
        weight: of each point, 0 or more, shape (n,); without it, 1.

    Raises:
        CoordinateError: a coordinate is not finite.
        GridError: a weight is negative or no number, the bandwidth or the cell is not positive, the cell is
            larger than half the bandwidth, there are more than `MOST_CELLS`, or `scott_m` has no answer.
    """
    points, heavy = _sorted(xy, weight)
    source: Literal["given", "scott"] = "scott" if bandwidth_m is None else "given"
    if not len(points) and bandwidth_m is None:
        return Surface(0.0, 0.0, np.nan, np.empty((0, 0)), np.nan, source)
    bandwidth = scott_m(points, weight=heavy) if bandwidth_m is None else bandwidth_m
    cell = bandwidth / CELLS_PER_BANDWIDTH if cell_m is None else cell_m
    _check_sizes(bandwidth, cell)
    if not len(points):
        return Surface(0.0, 0.0, cell, np.empty((0, 0)), bandwidth, source)
    low, shape = _frame(points, REACH * bandwidth, cell)
    # Between the four cells in whose midst it lies, a point is spread by a sixth of a cell, squared.
    blur = np.sqrt((bandwidth / cell) ** 2 - 1 / 6)
    mass = _spread(points / cell - low - 0.5, heavy, shape)
    blurred = ndimage.gaussian_filter(mass, blur, mode="constant", truncate=REACH)
    west, south = (low * cell).tolist()
    return Surface(west, south, cell, blurred * (M2_PER_KM2 / cell**2), bandwidth, source)


def _sorted(xy: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, Floats]:
    """In an order of their own, so that sums have the same bits whatever the order of the rows."""
    points = as_points(xy)
    heavy = np.ones(len(points)) if weight is None else np.asarray(weight, np.float64).reshape(-1)
    if len(heavy) != len(points):
        raise GridError(f"There are {len(points)} points, but {len(heavy)} weights.", fix="Give one each.")
    if not ((heavy >= 0) & (heavy < np.inf)).all():
        raise GridError("A weight is negative or not a number.", fix="Leave out points that have none.")
    order = np.lexsort((heavy, points[:, 1], points[:, 0]))
    return points[order], heavy[order]


def _check_sizes(bandwidth_m: float, cell_m: float) -> None:
    if not 0 < bandwidth_m < np.inf:
        raise GridError(f"A bandwidth cannot be {bandwidth_m} m.", fix="Give metres above 0.")
    if not 0 < cell_m <= bandwidth_m / LEAST_CELLS_PER_BANDWIDTH:
        raise GridError(
            f"Cells of {cell_m} m cannot show a bandwidth of {bandwidth_m} m.",
            fix=f"Take cells of at most {bandwidth_m / LEAST_CELLS_PER_BANDWIDTH} m.",
        )


def scott_m(xy: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Scott's bandwidth in metres, the same in both directions: the spread times n to the power of -1/6.

    In the plane Silverman's rule is the same (D. W. Scott, "Multivariate density estimation", 1992, 6.3.2).
    The spread is the root of the mean of both variances; n counts weights by (Σw)² / Σw² (Kish). It is made
    for one heap of points: over a whole city it shows districts rather than streets.

    Raises:
        CoordinateError: a coordinate is not finite.
        GridError: the points all lie at one place, or there are fewer than two.
    """
    points, heavy = _sorted(xy, weight)
    share = heavy / heavy.sum() if heavy.any() else heavy
    number = 1 / np.square(share).sum() if heavy.any() else 0.0
    middle = share @ points
    variance = float((share @ np.square(points - middle)).mean())
    if number < 1 + 1e-9 or not variance > 0:
        raise GridError(
            f"{len(points)} points at one place do not tell how far to spread them.",
            fix="Give a bandwidth in metres.",
        )
    return float(np.sqrt(variance * number / (number - 1)) * number ** (-1 / 6))


def _frame(points: Floats, margin: float, cell_m: float) -> tuple[Ints, tuple[int, int]]:
    """The number of the first column and row, and how many rows and columns there are."""
    low = np.floor((points.min(axis=0) - margin) / cell_m) - 1
    high = np.ceil((points.max(axis=0) + margin) / cell_m) + 1
    columns, rows = (high - low).tolist()
    if not rows * columns <= MOST_CELLS:
        raise GridError(
            f"The surface would have {columns:.0f} × {rows:.0f} cells of {cell_m} m.",
            fix="Take a larger bandwidth or larger cells, or leave out points that lie far off.",
        )
    return low.astype(np.int64), (int(rows), int(columns))


def _spread(place: Floats, heavy: Floats, shape: tuple[int, int]) -> Floats:
    """Each point shared among the four nearest cells, the more the nearer; places are columns and rows."""
    first = np.floor(place)
    right, up = (place - first).T
    column, row = first.astype(np.int64).T
    mass = np.zeros(shape[0] * shape[1])
    for step_up, part_up in ((0, 1 - up), (1, up)):
        for step_right, part_right in ((0, 1 - right), (1, right)):
            code = (row + step_up) * shape[1] + column + step_right
            mass += np.bincount(code, heavy * part_up * part_right, minlength=len(mass))
    return mass.reshape(shape)


def density_at(surface: Surface, xy: ArrayLike) -> Floats:
    """Per km² at points (n, 2), between the middles of cells on straight lines; 0 outside the surface.

    Raises:
        CoordinateError: a coordinate is not finite.
    """
    points = as_points(xy)
    if not surface.per_km2.size:
        return np.zeros(len(points))
    place = (points - (surface.west, surface.south)) / surface.cell_m - 0.5
    return np.asarray(ndimage.map_coordinates(surface.per_km2, place.T[::-1], order=1, mode="constant"))
