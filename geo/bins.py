"""Square and hexagonal bins in metres: which one a point lies in, by arithmetic alone, and their polygons.

The corners lie at multiples of the size in the metric CRS, so that two runs have the same bins whatever the
points; `Lattice.shift_m` moves them, to see what hangs on where they lie. Bins are half-open: one owns its
western and southern edges, so that every point lies in exactly one.

Hexagons stand on a corner, and their rows run from west to east. Their keys are axial coordinates (Amit
Patel, "Hexagonal grids", 2013): the second is the row, and a row more leads half a bin to the east.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.bins_counts import numbered
from geo.errors import CoordinateError, GridError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Positions = NDArray[np.intp]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]

FARTHEST = 2.0**31
"""So many bins from the origin on; beyond, keys would not fit together into one number."""
MOST = 1_000_000
"""So many bins may the bounding box of an area have."""
ROOT_3 = float(np.sqrt(3.0))

_SQUARE = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
_HEX = np.array([(0, -2), (1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1)])  # half a size across, see `_steps`


@dataclass(frozen=True, slots=True)
class Lattice:
    """Bins that cover the plane.

    Attributes:
        shape: ``square`` or ``hex``.
        size_m: the side of a square; of a hexagon, the distance between opposite sides, which is that from
            one centre to the next.
        shift_m: how far the origin lies from (0, 0) of the metric CRS.

    Raises:
        GridError: the shape is another, or the size is not a positive number.
    """

    shape: Literal["square", "hex"]
    size_m: float
    shift_m: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.shape not in ("square", "hex"):
            raise GridError(f"Bins cannot be {self.shape!r}.", fix="Say square or hex.")
        if not 0 < self.size_m < np.inf:
            raise GridError(f"Bins cannot be {self.size_m} m large.", fix="Give a size in metres above 0.")
        if not np.isfinite(self.shift_m).all():
            raise GridError(f"Bins cannot be moved by {self.shift_m} m.", fix="Give two numbers.")

    @property
    def area_m2(self) -> float:
        """Of one bin."""
        return self.size_m**2 * (1.0 if self.shape == "square" else ROOT_3 / 2)


class Bins(NamedTuple):
    """Bins in use.

    Attributes:
        lattice: what they are of.
        key: shape (k, 2), sorted, each once.
        position: shape (n,), of each point the row of `key` it lies in.
    """

    lattice: Lattice
    key: Ints
    position: Positions

    @property
    def polygons(self) -> Geometries:
        """Shape (k,), as `polygons` makes them."""
        return polygons(self.lattice, self.key)


def bins(lattice: Lattice, xy: ArrayLike, *, within: shapely.Geometry | None = None) -> Bins:
    """The bins in which points lie, and with `within` also those that share ground with that area.

    Args:
        xy: metres, shape (n, 2).
        within: as in `keys_over`; points outside it have their bins all the same.

    Raises:
        CoordinateError: a coordinate is not finite, or farther than 2³¹ bins off.
        GridError: the area is invalid, or has more than `MOST` bins in its bounding box.
    """
    own = keys_at(lattice, xy)
    every = own if within is None else np.concatenate([own, keys_over(lattice, within)])
    key, position = numbered(every)
    return Bins(lattice, key, position[: len(own)])


def keys_at(lattice: Lattice, xy: ArrayLike) -> Ints:
    """The key of the one bin that each point lies in, shape (n, 2); `xy` as in `bins`."""
    points = as_points(xy)
    near = np.abs(points - lattice.shift_m) < FARTHEST * lattice.size_m
    if not near.all():
        where = tuple(points[int(np.argmin(near.all(axis=1)))].tolist())
        raise CoordinateError(
            f"The point {where} is too far off for bins of {lattice.size_m} m.",
            fix="Give coordinates in the metric CRS.",
        )
    x, y = np.ascontiguousarray(points.T)
    if lattice.shape == "square":
        return np.stack([_steps(lattice, x, 0, 1), _steps(lattice, y, 1, 1)], axis=1)
    return _hex_keys(lattice, x, y)


def as_points(xy: ArrayLike) -> Floats:
    """Shape (n, 2); raises CoordinateError if a coordinate is not finite or the shape is another."""
    points = np.asarray(xy, np.float64)
    if points.size == 0:
        return np.empty((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise CoordinateError(f"Points have the shape {points.shape}.", fix="Give one row of x, y for each.")
    if not np.isfinite(points).all():
        row = int(np.argmin(np.isfinite(points).all(axis=1)))
        raise CoordinateError(
            f"Point {row} lies at {tuple(points[row].tolist())}.",
            fix="Leave out what has no position, and count it separately.",
        )
    return points


def _unit(lattice: Lattice, axis: int) -> float:
    """Corners of bins lie at whole multiples of this."""
    if lattice.shape == "square":
        return lattice.size_m
    return lattice.size_m / 2 if axis == 0 else lattice.size_m / (2 * ROOT_3)


def _edge(lattice: Lattice, steps: Ints, axis: int) -> Floats:
    """Where a corner lies; every neighbour computes the same bits."""
    return np.asarray(lattice.shift_m[axis] + steps * _unit(lattice, axis))


def _steps(lattice: Lattice, along: Floats, axis: int, width: int) -> Ints:
    """How many times `width` units lie below each coordinate: whole, and exact for the edges as drawn."""
    steps = np.floor((along - lattice.shift_m[axis]) / (_unit(lattice, axis) * width)).astype(np.int64)
    # The quotient is rounded, so that it may be off by one where a point lies on an edge.
    steps -= along < _edge(lattice, steps * width, axis)
    steps += along >= _edge(lattice, (steps + 1) * width, axis)
    return steps


def _hex_keys(lattice: Lattice, x: Floats, y: Floats) -> Ints:
    """Of the rows whose centres lie below and above the point, the one with the nearer centre."""
    below = _steps(lattice, y, 1, 3)
    away = []
    for row in (below, below + 1):
        across = (x - lattice.shift_m[0]) / lattice.size_m - row / 2
        column = np.floor(across + 0.5)
        dy = (y - _edge(lattice, 3 * row, 1)) / lattice.size_m
        away.append((column.astype(np.int64), row, np.square(across - column) + np.square(dy)))
    (west, low, d_low), (east, high, d_high) = away
    north = d_high <= d_low  # on an edge between two rows, the northern one
    return np.stack([np.where(north, east, west), np.where(north, high, low)], axis=1)


def centres(lattice: Lattice, key: ArrayLike) -> Floats:
    """Of the bins of keys (k, 2), in metres, shape (k, 2)."""
    a, b = np.asarray(key, np.int64).reshape(-1, 2).T
    if lattice.shape == "square":
        return np.asarray((np.stack([a, b], axis=1) + 0.5) * lattice.size_m + lattice.shift_m)
    return np.stack([_edge(lattice, 2 * a + b, 0), _edge(lattice, 3 * b, 1)], axis=1)


def polygons(lattice: Lattice, key: ArrayLike) -> Geometries:
    """The bins of keys (k, 2) as polygons, shape (k,); neighbours have the same corners, bit for bit."""
    a, b = np.asarray(key, np.int64).reshape(-1, 2).T
    square = lattice.shape == "square"
    corner = _SQUARE if square else _HEX
    ring = corner[[*range(len(corner)), 0]]
    x, y = (a, b) if square else (2 * a + b, 3 * b)
    xs = _edge(lattice, x[:, None] + ring[:, 0], 0)
    ys = _edge(lattice, y[:, None] + ring[:, 1], 1)
    return np.asarray(shapely.polygons(np.stack([xs, ys], axis=-1)), dtype=object).reshape(-1)


def keys_over(lattice: Lattice, area: shapely.Geometry) -> Ints:
    """Keys of the bins that share ground with an area, shape (k, 2), sorted; touching is not enough.

    Of what has no area (points, lines), and of what is empty, there are none.

    Raises:
        CoordinateError: the area reaches farther than 2³¹ bins.
        GridError: it is invalid, or has more than `MOST` bins in its bounding box.
    """
    if shapely.is_empty(area) or not shapely.area(area) > 0:
        return np.empty((0, 2), dtype=np.int64)
    if not shapely.is_valid(area):
        raise GridError(f"The area is invalid: {shapely.is_valid_reason(area)}.", fix="Repair it first.")
    west, south, east, north = shapely.bounds(area)
    corners = keys_at(lattice, [(west, south), (east, south), (west, north), (east, north)])
    (a0, b0), (a1, b1) = corners.min(axis=0) - 1, corners.max(axis=0) + 1
    count = (int(a1) - int(a0) + 1) * (int(b1) - int(b0) + 1)
    if count > MOST:
        raise GridError(
            f"{east - west:.0f} m × {north - south:.0f} m have too many bins of {lattice.size_m} m.",
            fix=f"Take larger bins: more than {MOST:,} tell nobody anything.",
        )
    grid = np.mgrid[a0 : a1 + 1, b0 : b1 + 1].reshape(2, -1).T
    return grid[_share_ground(area, polygons(lattice, grid))]


def _share_ground(area: shapely.Geometry, each: Geometries) -> Bools:
    shapely.prepare(area)
    shared = shapely.contains_properly(area, each)
    rest = np.flatnonzero(~shared & shapely.intersects(area, each) & ~shapely.touches(area, each))
    shared[rest] = True
    return np.asarray(shared, dtype=np.bool_)
