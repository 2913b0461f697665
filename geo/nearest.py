"""Points to the nearest geometry of a layer, in bulk: the nearest, the k nearest, all within a distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.kernels import in_parts
from geo.nearest_facets import Facets, facets_of
from geo.nearest_kernels import (
    RELATIVE,
    any_within_own,
    k_nearest_of_all,
    nearest_of_all,
    nearest_of_one,
    within_of_all,
)
from geo.nearest_lattice import lattice_of
from geo.nearest_tree import has_the_bits_of_geos, tree_of
from geo.partition import PartitionIndex

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Geometries = NDArray[np.object_]
Length = TypeVar("Length", Floats, float)
Pairs = tuple[Ints, Ints, Floats]

_ACCURACY = 1e-9


class NearestIndex:
    """Finds what is near in one layer; its answers are positions in the given array, with distances.

    Positions and distances are those of asking ``shapely.distance`` for every pair; a point in an area or on
    its boundary is at the distance 0 of it. Of equally near geometries the first comes first. None, empty
    geometries and those with a coordinate that is not finite are never found, and a point that is not finite
    finds nothing; nor does one so far away that the distance overflows. Areas must be valid.

    Copies its input, never changes, and may be shared between threads, which need not take turns. Distances
    are in the units of the coordinates, which must be those of a metric CRS.

    Args:
        geoms: shapely geometries or None, shape (n,).
        tie_m: distances that differ by no more are equal, and that much more is still within a distance.
    """

    def __init__(
        self, geoms: Sequence[shapely.Geometry | None] | NDArray[np.object_], *, tie_m: float = 0.0
    ) -> None:
        self._geoms: Geometries = np.array(geoms, dtype=object).reshape(-1)
        facets = facets_of(self._geoms)
        exact = has_the_bits_of_geos()
        if not exact:
            facets.plain[:] = facets.single[:] = False
        self._tie = float(tie_m)
        self._tree = tree_of(facets) if len(facets.ends) else None
        self._lattice = lattice_of(self._tree, float(tie_m)) if self._tree else None
        # GEOS passes over parts whose boxes are too far in its own rounding, so that of an odd geometry
        # another part than the nearest may be measured, with another last bit.
        self._odd = ~facets.single
        self._settled = bool(facets.plain.all())
        self._blur = 0.0 if exact or self._tree is None else self._tree.slack
        self._inexact_to = -1.0 if exact else _longest(facets) * 2.0**-49 / _ACCURACY
        self._areas = PartitionIndex(facets.areas) if len(facets.areas) else None
        self._area_of = facets.area_of

    def __len__(self) -> int:
        return len(self._geoms)

    @property
    def geometries(self) -> Geometries:
        """What is indexed, in its order; not to be changed."""
        return self._geoms

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the index takes beside the geometries."""
        parts = [*(self._tree or ()), *(self._lattice or ())]
        bytes_of_areas = self._areas.nbytes if self._areas else 0
        return bytes_of_areas + sum(part.nbytes for part in parts if isinstance(part, np.ndarray))

    def nearest(self, x: ArrayLike, y: ArrayLike, max_m: ArrayLike = np.inf) -> tuple[Ints, Floats]:
        """Position of the nearest geometry within `max_m` and its distance: -1 and NaN where there is none.

        Shapes (n,). `max_m` is inclusive, one for all or one per point; where it is NaN or negative, nothing
        is near.
        """
        x, y, limit = _columns(x, y, max_m)
        position, distance = np.full(len(x), -1, dtype=np.intp), np.full(len(x), np.nan)
        if self._tree is None or self._lattice is None:
            return position, distance
        doubt = np.zeros(len(x), dtype=np.bool_)
        tree, lattice = self._tree, self._lattice
        wide = limit if self._settled else self._widened(limit)
        inside = self._first_covering(x, y)

        def search(part: slice) -> None:
            nearest_of_all(
                tree, lattice, x[part], y[part], _part(wide, part), inside[part], self._tie, self._blur,
                position[part], distance[part], doubt[part],
            )  # fmt: skip

        in_parts(search, len(x))
        if not self._settled:
            unsure = self._is_doubtful(distance, limit)
            doubt |= unsure & (inside < 0) if len(inside) else unsure
            rows = np.flatnonzero(doubt & (position >= 0))
            found, away = self._settle(x[rows], y[rows], distance[rows], _part(limit, rows), 1)
            position[rows], distance[rows] = found[:, 0], away[:, 0]
        return position, distance

    def one(self, x: float, y: float, max_m: float = math.inf) -> tuple[int, float]:
        """`nearest` of one point, in a third of the time."""
        if self._tree is None or self._lattice is None:
            return -1, math.nan
        limit = max_m if self._settled else self._widened(max_m)
        inside = self._areas.one(x, y) if self._areas else ()
        first = int(self._area_of[inside[0]]) if inside else -1
        position, distance, doubt = nearest_of_one(
            self._tree, self._lattice, float(x), float(y), float(limit), first, self._tie, self._blur
        )
        if doubt or (first < 0 <= position and not self._settled and self._is_doubtful(distance, max_m)):
            found, away = self.nearest(x, y, max_m)
            return int(found[0]), float(away[0])
        return position, distance

    def k_nearest(self, x: ArrayLike, y: ArrayLike, k: int, max_m: ArrayLike = np.inf) -> tuple[Ints, Floats]:
        """Positions of the `k` nearest geometries within `max_m` and their distances, nearest first.

        Shapes (n, k), filled up with -1 and NaN; equally near ones (in all bits) by position. `max_m` as in
        `nearest`. Raises ValueError if `k` is less than 1.
        """
        if k < 1:
            raise ValueError(f"k is {k}; ask for one at least.")
        x, y, limit = _columns(x, y, max_m)
        more = k if self._settled else k + 1
        position, distance = np.full((len(x), more), -1, dtype=np.intp), np.full((len(x), more), np.nan)
        if self._tree is None:
            return position[:, :k], distance[:, :k]
        tree, wide = self._tree, limit if self._settled else self._widened(limit)
        start, covers = self._covering(x, y)

        def search(part: slice) -> None:
            k_nearest_of_all(
                tree,
                x[part],
                y[part],
                _part(wide, part),
                start[_begins(part)],
                covers,
                position[part],
                distance[part],
            )

        in_parts(search, len(x))
        if not self._settled:
            rows = self._in_doubtful_order(position, distance, limit)
            farthest = np.nanmax(distance[rows], axis=1)
            found, away = self._settle(x[rows], y[rows], farthest, _part(limit, rows), k)
            position[rows, :k], distance[rows, :k] = found, away
        return position[:, :k], distance[:, :k]

    def within(self, x: ArrayLike, y: ArrayLike, radius_m: ArrayLike) -> Pairs:
        """All ``(point, position, distance)`` within `radius_m`, by point, then position; as in `nearest`."""
        x, y, radius = _columns(x, y, radius_m)
        radius = radius + self._tie
        point, position, distance = self._pairs(x, y, radius if self._settled else self._widened(radius))
        if not self._settled:
            radius = np.broadcast_to(radius, x.shape)[point]
            doubt = np.flatnonzero(self._odd[position] & self._is_doubtful(distance, radius))
            distance[doubt] = self._ask_geos(x, y, point[doubt], position[doubt])
            kept = distance <= radius
            point, position, distance = point[kept], position[kept], distance[kept]
        return point, position, distance

    def any_within(self, x: ArrayLike, y: ArrayLike, radius_m: ArrayLike) -> Bools:
        """Whether anything lies within `radius_m` of each point, as in `within`."""
        found: Bools = self.nearest(x, y, np.asarray(radius_m, np.float64) + self._tie)[0] >= 0
        return found

    def within_own(self, x: ArrayLike, y: ArrayLike, reach_m: Floats) -> Bools:
        """Whether any geometry lies within its own reach, one for each geometry, of each point."""
        x, y, _ = _columns(x, y, 0.0)
        out = np.zeros(len(x), dtype=np.bool_)
        own = np.asarray(reach_m, np.float64) + self._tie
        if self._tree is None:
            return out
        tree = self._tree
        start, covers = self._covering(x, y)
        point = np.repeat(np.arange(len(x)), np.diff(start))
        out[point[own[covers] >= self._tie]] = True

        def search(part: slice) -> None:
            any_within_own(tree, x[part], y[part], own, float(own.max()), out[part])

        in_parts(search, len(x))
        return out

    def _first_covering(self, x: Floats, y: Floats) -> Ints:
        """The first area that covers each point, -1 where none does; no entries where there are no areas."""
        if self._areas is None:
            return np.empty(0, dtype=np.intp)
        part = self._areas.first(x, y)
        return np.where(part >= 0, self._area_of[part], -1)

    def _covering(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """The areas that cover each point, ascending: where those of each begin, and all of them."""
        start = np.zeros(len(x) + 1, dtype=np.intp)
        if self._areas is None:
            return start, start[:0]
        point, part = self._areas.covering(x, y)
        area = self._area_of[part]
        new = np.ones(len(point), dtype=np.bool_)
        new[1:] = (point[1:] != point[:-1]) | (area[1:] != area[:-1])
        np.cumsum(np.bincount(point[new], minlength=len(x)), out=start[1:])
        return start, area[new]

    def _pairs(self, x: Floats, y: Floats, radius: Floats) -> Pairs:
        """`within`, with the distances of the kernels."""
        if self._tree is None or not len(x):
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), np.empty(0)
        tree = self._tree
        start, covers = self._covering(x, y)

        def search(part: slice) -> Pairs:
            found = within_of_all(tree, x[part], y[part], _part(radius, part), start[_begins(part)], covers)
            return found[0] + part.start, found[1], found[2]

        point, position, distance = zip(*in_parts(search, len(x)), strict=True)
        return np.concatenate(point), np.concatenate(position), np.concatenate(distance)

    # ---- what GEOS settles

    def _widened(self, distance: Length) -> Length:
        return distance * (1 + 4 * RELATIVE) + self._tie + 2 * self._blur

    def _is_doubtful(self, distance: Floats | float, limit: Floats | float) -> Bools:
        """Whether a distance may be off by too much, or on the other side of the limit."""
        beyond = np.asarray(distance >= limit * (1 - 4 * RELATIVE) - 2 * self._blur)
        return np.asarray(beyond | (distance <= self._inexact_to))

    def _in_doubtful_order(self, position: Ints, distance: Floats, limit: Floats) -> Ints:
        """Rows of k nearest whose order GEOS may see otherwise."""
        odd = self._odd[position] & (position >= 0)
        close = distance[:, 1:] <= self._widened(distance[:, :-1])
        doubt = (close & (odd[:, 1:] | odd[:, :-1])).any(axis=1)
        doubt |= self._is_doubtful(distance, limit[:, None]).any(axis=1)
        return np.flatnonzero(doubt)

    def _settle(self, x: Floats, y: Floats, farthest: Floats, limit: Floats, k: int) -> tuple[Ints, Floats]:
        """The `k` nearest among what is as near as `farthest`, by the distances of GEOS; shape (n, k)."""
        position, distance = np.full((len(x), k), -1, dtype=np.intp), np.full((len(x), k), np.nan)
        point, found, _ = self._pairs(x, y, self._widened(farthest))
        away = self._ask_geos(x, y, point, found)
        if k == 1 and len(point):  # ties are a matter of the nearest only
            least = np.minimum.reduceat(away, np.flatnonzero(np.diff(point, prepend=-1)))[point]
            away = np.where(away <= least + self._tie, least, away)
        near = away <= np.broadcast_to(limit, x.shape)[point]
        order = np.lexsort((found, away, point))
        order = order[near[order]]
        point, found, away = point[order], found[order], away[order]
        rank = np.arange(len(point)) - np.searchsorted(point, point)
        first = rank < k
        position[point[first], rank[first]] = found[first]
        distance[point[first], rank[first]] = away[first]
        return position, distance

    def _ask_geos(self, x: Floats, y: Floats, point: Ints, position: Ints) -> Floats:
        return np.asarray(shapely.distance(self._geoms[position], shapely.points(x[point], y[point])))


def _longest(facets: Facets) -> float:
    return float(np.hypot(*(facets.ends[:, -2:] - facets.ends[:, :2]).T).max(initial=0.0))


def _columns(x: ArrayLike, y: ArrayLike, limit: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Coordinates of shape (n,), and a limit of shape (n,) or (1,)."""
    columns = [np.ascontiguousarray(values, dtype=np.float64).reshape(-1) for values in (x, y, limit)]
    # For arrays that are read-only or not aligned everything would be compiled anew.
    columns = [column if column.flags.carray else column.copy() for column in columns]
    if not (len(columns[0]) == len(columns[1]) and len(columns[2]) in {1, len(columns[0])}):
        raise ValueError(f"x, y and the distance have {[len(column) for column in columns]} entries.")
    return columns[0], columns[1], columns[2]


def _part(limit: Floats, rows: slice | Ints) -> Floats:
    return limit if len(limit) == 1 else limit[rows]


def _begins(part: slice) -> slice:
    """Of an array that says where something of each row begins, the part for a part of the rows."""
    return slice(part.start, part.stop + 1)
