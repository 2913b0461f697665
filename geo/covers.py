"""What covers points in one layer, for a single point and for a million: two indexes, and which pays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.bulk import ForMany
from geo.index import LayerIndex

if TYPE_CHECKING:
    from geo.partition import PartitionIndex

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Geometries = NDArray[np.object_]


class CoverIndex:
    """Finds the geometries of one layer that cover points; its answers are positions in the given array.

    Asks GEOS to begin with. The index of `geo.partition`, much faster to ask but dearer to make, is made in
    `geo.bulk.bulk` when it pays. The answers are the same: those of ``shapely.covers``. May be shared between
    threads. None and empty geometries are never found, nor is anything at points that are not finite.

    Args:
        geoms: shapely geometries or None, shape (n,).
    """

    def __init__(self, geoms: Sequence[shapely.Geometry | None] | Geometries) -> None:
        self._geoms: Geometries = np.array(geoms, dtype=object).reshape(-1)
        self._for_many = ForMany(self._make, int(shapely.get_num_coordinates(self._geoms).sum()))

    def __len__(self) -> int:
        return len(self._geoms)

    @property
    def is_for_few(self) -> bool:
        """Whether the index for many points is not made yet."""
        return self._for_many.made is None

    def first(self, x: Floats, y: Floats) -> Ints:
        """The lowest position of a geometry that covers each point, -1 where none does; shape (n,)."""
        return self.first_and_rivals(x, y)[0]

    def first_and_rivals(self, x: Floats, y: Floats) -> tuple[Ints, tuple[Ints, Ints]]:
        """`first`, and the pairs ``(point, position)``, sorted, of those that several geometries cover."""
        many = self._for_many.asked(len(x))
        if many is not None:
            return many.first_and_rivals(x, y)
        point, geom = self._few.covering_xy(x, y)
        first = np.full(len(x), -1, dtype=np.intp)
        first[point[::-1]] = geom[::-1]  # the lowest is written last
        tied = np.bincount(point, minlength=len(x))[point] > 1
        return first, (point[tied], geom[tied])

    def one(self, x: float, y: float) -> tuple[int, ...]:
        """Positions, ascending, of the geometries that cover one point."""
        many = self._for_many.asked(1)
        if many is not None:
            return many.one(x, y)
        return tuple(self._few.covering_xy(x, y)[1].tolist())

    def on_boundary(self, x: Floats, y: Floats, positions: Ints) -> Bools:
        """Whether each point touches the geometry at the paired position, as GEOS has it; all shape (n,)."""
        if not len(positions):
            return np.zeros(0, dtype=np.bool_)
        if self._for_many.made is not None:
            return self._for_many.made.on_boundary(x, y, positions)
        return self._few.on_boundary(shapely.points(x, y), positions)

    @cached_property
    def _few(self) -> LayerIndex:
        return LayerIndex(self._geoms)

    def _make(self) -> PartitionIndex:
        # What compiles is loaded only by those who need it.
        from geo.partition import PartitionIndex

        return PartitionIndex(self._geoms)
