"""The areas where a surface is at least so high, as polygons: marching squares on the middles of its cells.

W. E. Lorensen and H. E. Cline, "Marching cubes", 1987, in the plane. Where two opposite corners of a square
are high and two low, the mean of the four decides whether the high ones are joined.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.density import Surface
from geo.errors import GridError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

INWARD = 1e-6
"""A border passes a middle by at least this share of a cell, so that rings never meet there."""

_SOUTH, _EAST, _NORTH, _WEST = range(4)
_JOINED_5, _JOINED_10 = 16, 17
_NONE = (-1, -1)
# By which sides a border enters and leaves a square; the number of the case has a bit for each high corner:
# south-west 1, south-east 2, north-east 4, north-west 8.
_FIRST = np.array([
    _NONE, (_WEST, _SOUTH), (_SOUTH, _EAST), (_WEST, _EAST), (_EAST, _NORTH), (_WEST, _SOUTH),
    (_SOUTH, _NORTH), (_WEST, _NORTH), (_NORTH, _WEST), (_SOUTH, _NORTH), (_SOUTH, _EAST), (_EAST, _NORTH),
    (_WEST, _EAST), (_SOUTH, _EAST), (_WEST, _SOUTH), _NONE, (_WEST, _NORTH), (_WEST, _SOUTH),
])  # fmt: skip
_SECOND = {5: (_EAST, _NORTH), 10: (_NORTH, _WEST), _JOINED_5: (_SOUTH, _EAST), _JOINED_10: (_EAST, _NORTH)}


class Contour(NamedTuple):
    """Where a surface is at least `per_km2` high; an empty polygon where it nowhere is."""

    per_km2: float
    area: shapely.Geometry


def contour_levels(surface: Surface, number: int = 5) -> Floats:
    """Heights at equal steps from 0 to the top of a surface, both left out; none of a flat one."""
    if number < 1:
        raise GridError(f"{number} contours are none.", fix="Ask for 1 or more.")
    top = float(surface.per_km2.max(initial=0.0))
    if not top > 0:
        return np.empty(0)
    return np.asarray(np.arange(1, number + 1) * (top / (number + 1)), np.float64)


def contours(surface: Surface, per_km2: ArrayLike) -> list[Contour]:
    """The area above each height, valid polygons in the surface's metric CRS, in the order of the heights.

    Raises:
        GridError: a height is not positive.
    """
    heights = np.asarray(per_km2, np.float64).reshape(-1)
    if not ((heights > 0) & (heights < np.inf)).all():
        raise GridError(f"Contours cannot be at {heights.tolist()}.", fix="Give heights above 0.")
    ringed = np.pad(surface.per_km2, 1)  # so that every border closes
    corner = np.array([surface.west, surface.south]) - 0.5 * surface.cell_m
    return [
        Contour(height, _area(_borders(ringed, height) * surface.cell_m + corner))
        for height in heights.tolist()
    ]


def _area(borders: Floats) -> shapely.Geometry:
    if not len(borders):
        return shapely.Polygon()
    return shapely.normalize(shapely.build_area(shapely.multilinestrings(shapely.linestrings(borders))))


def _borders(value: Floats, height: float) -> Floats:
    """Pieces of border, shape (k, 2, 2), in columns and rows; what two squares share has the same bits."""
    high = value >= height
    case = high[:-1, :-1] + 2 * high[:-1, 1:] + 4 * high[1:, 1:] + 8 * high[1:, :-1]
    row, column = np.nonzero((case > 0) & (case < 15))
    kind = case[row, column]
    mean = (
        value[row, column] + value[row, column + 1] + value[row + 1, column + 1] + value[row + 1, column]
    ) / 4
    kind = np.where((kind == 5) & (mean >= height), _JOINED_5, kind)
    kind = np.where((kind == 10) & (mean >= height), _JOINED_10, kind)
    sides = [_FIRST[kind]]
    squares = [np.arange(len(kind))]
    for doubled, side in _SECOND.items():
        squares.append(np.flatnonzero(kind == doubled))
        sides.append(np.tile(side, (len(squares[-1]), 1)))
    square, side_ = np.concatenate(squares), np.concatenate(sides)
    ends = [_crossing(value, height, row[square], column[square], side_[:, end]) for end in (0, 1)]
    return np.stack(ends, axis=1)


def _crossing(value: Floats, height: float, row: Ints, column: Ints, side: Ints) -> Floats:
    """Where the border crosses the side of a square, shape (k, 2)."""
    row = row + (side == _NORTH)
    column = column + (side == _EAST)
    level = (side == _SOUTH) | (side == _NORTH)
    a, b = value[row, column], value[row + ~level, column + level]
    part = np.clip((height - a) / (b - a), INWARD, 1 - INWARD)
    return np.stack([column + np.where(level, part, 0.0), row + np.where(level, 0.0, part)], axis=1)
