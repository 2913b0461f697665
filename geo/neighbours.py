"""Who is whose neighbour: binary weights as sparse matrices.

Rows and columns follow the order of what is given, whatever that order is. Nobody is its own neighbour here:
`with_self` adds that, as Gi* wants it. Who has no neighbour stays in, with an empty row; `islands` tells who.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from geo.bins import as_points
from geo.errors import GridError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Positions = NDArray[np.intp]
Geometries = NDArray[np.object_]
Weights: TypeAlias = sparse.csr_array
"""Shape (n, n), binary float64, indices sorted, without stored zeros."""

_ROOK = ((1, 0), (0, 1))
_STEPS = {"rook": _ROOK, "queen": (*_ROOK, (1, 1), (1, -1)), "hex": (*_ROOK, (1, -1))}
"""Half of the steps to the neighbours of a bin; the others lead back."""

TIE_M = 1e-6
"""Distances that differ by less are equal."""
_RELATIVE = 1e-9
_CORNER = 4
"""Where two areas meet at a corner, so many times the gap of their borders lie near each other at most."""


def bin_neighbours(key: ArrayLike, kind: Literal["queen", "rook", "hex"]) -> Weights:
    """Which bins touch, by their keys: of squares at a side (rook) or a corner too (queen), of hexagons.

    Only the bins that are given are neighbours: those of the occupied ones, or of a whole city.

    Args:
        key: of `geo.bins`, shape (n, 2), each once, in any order.

    Raises:
        GridError: a key is there twice.
    """
    keys = np.asarray(key, np.int64).reshape(-1, 2)
    if not len(keys):
        return _binary(np.empty(0, np.intp), np.empty(0, np.intp), 0)
    # A margin of one on each side, so that no step leads from the end of one column into the next.
    a, b = (column - column.min() + 1 for column in np.ascontiguousarray(keys.T))
    rows = int(b.max()) + 2
    code = a * rows + b
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    if (ordered[1:] == ordered[:-1]).any():
        twice = keys[order[1:][ordered[1:] == ordered[:-1]][0]].tolist()
        raise GridError(f"The bin {tuple(twice)} is there twice.", fix="Give each bin once.")
    pairs = [_found(ordered, order, da * rows + db) for da, db in _STEPS[kind]]
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return _binary(one, other, len(keys))


def _found(ordered: Ints, order: Positions, step: int) -> tuple[Positions, Positions]:
    place = np.minimum(np.searchsorted(ordered, ordered + step), len(ordered) - 1)
    there = ordered[place] == ordered + step
    return order[there], order[place[there]]


def _binary(one: Positions, other: Positions, n: int, *, both_ways: bool = True) -> Weights:
    row, column = (np.concatenate([one, other]), np.concatenate([other, one])) if both_ways else (one, other)
    weights = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(n, n))
    weights.sum_duplicates()
    weights.sort_indices()
    return weights


def area_neighbours(polygons: ArrayLike, *, gap_m: float = 0.0, corners: bool = True) -> Weights:
    """Which areas touch, overlap, or lie at most `gap_m` apart; None and empty ones are islands.

    Args:
        polygons: valid, in the metric CRS, shape (n,).
        gap_m: metres that boundaries which are meant to be one may lie apart.
        corners: whether meeting in a point is enough (queen). If not (rook), they must share some length of
            border; with a gap, more of it than a corner has, which is four times the gap.

    Raises:
        GridError: the gap is negative or not a number.
    """
    if not 0 <= gap_m < np.inf:
        raise GridError(f"Areas cannot lie {gap_m} m apart.", fix="Give a gap of 0 or more metres.")
    each: Geometries = np.asarray(polygons, dtype=object).reshape(-1)
    usable = np.flatnonzero(~(shapely.is_missing(each) | shapely.is_empty(each)))
    tree = shapely.STRtree(each[usable])
    one, other = (
        tree.query(each[usable], predicate="dwithin", distance=gap_m)
        if gap_m
        else tree.query(each[usable], predicate="intersects")
    )
    once = one < other
    one, other = usable[one[once]], usable[other[once]]
    if not corners:
        along = _shares_border(each[one], each[other], gap_m)
        one, other = one[along], other[along]
    return _binary(one, other, len(each))


def _shares_border(one: Geometries, other: Geometries, gap_m: float) -> NDArray[np.bool_]:
    border = shapely.boundary(one)
    reached = shapely.buffer(other, gap_m) if gap_m else other
    return np.asarray(shapely.length(shapely.intersection(border, reached)) > _CORNER * gap_m)


def within_distance(xy: ArrayLike, max_m: float) -> Weights:
    """Which points lie at most `max_m` apart, rounding aside; points at one place are neighbours.

    Args:
        xy: metres, such as centroids, shape (n, 2).

    Raises:
        CoordinateError: a coordinate is not finite.
        GridError: the distance is negative or not a number.
    """
    if not 0 <= max_m < np.inf:
        raise GridError(f"Neighbours cannot lie {max_m} m apart.", fix="Give a distance of 0 or more metres.")
    points = as_points(xy)
    if not len(points):
        return _binary(np.empty(0, np.intp), np.empty(0, np.intp), 0)
    pairs = cKDTree(points).query_pairs(max_m * (1 + _RELATIVE), output_type="ndarray")
    return _binary(pairs[:, 0], pairs[:, 1], len(points))


def k_nearest(xy: ArrayLike, k: int) -> Weights:
    """The `k` nearest other points of each, all of them where there are fewer; seldom mutual.

    Of points equally far, to within `TIE_M`, the western come first, then the southern; only among points at
    one place does the order decide.

    Raises:
        CoordinateError: a coordinate is not finite.
        GridError: `k` is below 1.
    """
    if k < 1:
        raise GridError(f"Nobody has {k} nearest neighbours.", fix="Ask for 1 or more.")
    points = as_points(xy)
    n = len(points)
    if n < 2:
        return _binary(np.empty(0, np.intp), np.empty(0, np.intp), n)
    tree = cKDTree(points)
    far = tree.query(points, k=[min(k, n - 1) + 1])[0][:, 0]
    found = tree.query_ball_point(points, far * (1 + _RELATIVE) + TIE_M)
    row = np.repeat(np.arange(n), [len(each) for each in found])
    column = np.concatenate([np.asarray(each, dtype=np.intp) for each in found])
    row, column = row[row != column], column[row != column]
    away = np.rint(np.hypot(*(points[column] - points[row]).T) / TIE_M)
    order = np.lexsort((column, points[column, 1], points[column, 0], away, row))
    row, column = row[order], column[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    return _binary(row[rank < k], column[rank < k], n, both_ways=False)


def with_self(weights: Weights) -> Weights:
    """The same, and everybody its own neighbour too."""
    own = sparse.csr_array(weights + sparse.eye_array(weights.shape[0], format="csr"))
    own.data[:] = 1.0
    own.sort_indices()
    return own


def islands(weights: Weights) -> Positions:
    """The rows that have no neighbour, ascending."""
    return np.flatnonzero(np.diff(weights.indptr) == 0)
