"""What is near in one layer, for a single point and for a million: two indexes, and which pays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.bulk import ForMany
from geo.index import TIE, LayerIndex

if TYPE_CHECKING:
    from geo.nearest import NearestIndex

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Geometries = NDArray[np.object_]

FEW = 256
"""Points for which it takes longest to ask at all."""


class NearIndex:
    """Finds what is near in one layer; its answers are positions in the given array, with distances.

    Asks GEOS to begin with, whose tree is built at once. The index of `geo.nearest`, up to fifty times faster
    to ask but a hundred times dearer to build, is made in `geo.bulk.bulk` when it pays. The answers are the
    same. May be shared between threads.

    None and empty geometries are never found, and points that are not finite find nothing. Of equally near
    geometries (to within `geo.index.TIE`) the first answers. Distances are in the units of the coordinates:
    give geometries in the metric CRS.

    Args:
        geoms: shapely geometries or None, shape (n,).
    """

    def __init__(self, geoms: Sequence[shapely.Geometry | None] | Geometries) -> None:
        self._geoms: Geometries = np.array(geoms, dtype=object).reshape(-1)
        self._for_many = ForMany(self._make, int(shapely.get_num_coordinates(self._geoms).sum()))

    def __len__(self) -> int:
        return len(self._geoms)

    @property
    def geometries(self) -> Geometries:
        """What is indexed, in its order; not to be changed."""
        return self._geoms

    @property
    def is_for_few(self) -> bool:
        """Whether the index for many points is not made yet."""
        return self._for_many.made is None

    def nearest(self, x: Floats, y: Floats, max_m: ArrayLike) -> tuple[Ints, Floats]:
        """Position of the nearest geometry within `max_m` and its distance: -1 and NaN where there is none.

        Shapes (n,). `max_m` is inclusive, one for all or one per point; where it is NaN or negative, nothing
        is near.
        """
        many = self._for_many.asked(len(x))
        if many is not None:
            return many.nearest(x, y, max_m)
        position, distance = np.full(len(x), -1, dtype=np.intp), np.full(len(x), np.nan)
        row, found, away = self._few.nearest(shapely.points(x, y), max_m)
        position[row], distance[row] = found, away
        return position, distance

    def one(self, x: float, y: float, max_m: float) -> tuple[int, float]:
        """`nearest` of one point."""
        many = self._for_many.asked(1)
        if many is not None:
            return many.one(x, y, max_m)
        _, found, away = self._few.nearest(shapely.points([x], [y]), max_m)
        return (int(found[0]), float(away[0])) if len(found) else (-1, math.nan)

    def within(self, x: Floats, y: Floats, radius_m: ArrayLike) -> tuple[Ints, Ints, Floats]:
        """All ``(point, position, distance)`` within `radius_m`, by point, then position; as in `nearest`."""
        many = self._for_many.asked(len(x))
        if many is None:
            return self._few.within(shapely.points(x, y), radius_m)
        if len(x) <= FEW:
            return many.within(x, y, radius_m)
        radius = np.broadcast_to(np.asarray(radius_m, np.float64), np.shape(x))
        # Whether anything is near is told faster than what.
        rows = np.flatnonzero(many.any_within(x, y, radius))
        point, position, distance = many.within(x[rows], y[rows], radius[rows])
        return rows[point], position, distance

    def any_within(self, x: Floats, y: Floats, radius_m: ArrayLike) -> Bools:
        """Whether anything lies within `radius_m` of each point, as in `within`."""
        many = self._for_many.asked(len(x))
        if many is None:
            return self._few.any_within(shapely.points(x, y), radius_m)
        return many.any_within(x, y, radius_m)

    def within_own(self, x: Floats, y: Floats, reach_m: Floats) -> Bools:
        """Whether any geometry lies within its own reach, one for each geometry, of each point."""
        many = self._for_many.asked(len(x))
        if many is None:
            return self._few.within_own(shapely.points(x, y), reach_m)
        return many.within_own(x, y, reach_m)

    def intersecting(self, geoms: Geometries) -> tuple[Ints, Ints]:
        """All pairs ``(position in geoms, geometry position)`` that share at least a point, sorted."""
        return self._few.intersecting(geoms)

    @cached_property
    def _few(self) -> LayerIndex:
        return LayerIndex(self._geoms)

    def _make(self) -> NearestIndex:
        # What compiles is loaded only by those who need it.
        from geo.nearest import NearestIndex

        return NearestIndex(self._geoms, tie_m=TIE)
