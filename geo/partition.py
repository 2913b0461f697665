"""Which polygons of a layer cover which points, at the speed of memory and exactly as GEOS has it."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.kernels import in_parts
from geo.partition_build import build, is_minute, is_regular
from geo.partition_kernels import NONE, UNSURE, Lattice, candidates, locate, locate_by_tile, locate_one

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

_BLOCK = 1024
_MANY, _PART = 1 << 17, 1 << 18
"""Points that it pays to sort, and how many are sorted at once."""
_LARGE = 1 << 25
"""Bytes of a lattice that are too many to be at hand."""


class PartitionIndex:
    """Finds the polygons of one layer that cover points; its answers are positions in the given array.

    For layers that tile and for those that overlap. Equal to ``shapely.covers`` for every point, on vertices
    and edges too: what arithmetic cannot tell for sure is asked of GEOS. What is no valid polygon is always
    asked of GEOS, and so slow. Never changes, and may be shared between threads. None and empty geometries
    are never found, nor is anything at points that are not finite.

    Args:
        geoms: shapely geometries or None, shape (n,).
    """

    def __init__(self, geoms: Sequence[shapely.Geometry | None] | Objects) -> None:
        self._geoms: Objects = np.array(geoms, dtype=object).reshape(-1)
        regular = is_regular(self._geoms)
        self._lattice: Lattice | None = build(self._geoms, regular) if regular.any() else None
        self._exact = _Exact(self._geoms)
        others = np.flatnonzero(~regular & ~shapely.is_missing(self._geoms) & ~shapely.is_empty(self._geoms))
        self._others = _Others(self._geoms, others) if len(others) else None

    def __len__(self) -> int:
        return len(self._geoms)

    @property
    def geometries(self) -> Objects:
        """What is indexed, in its order; not to be changed."""
        return self._geoms

    @property
    def nbytes(self) -> int:
        """Bytes that the lattice takes; what the geometries take, and GEOS for them, is not counted."""
        lattice = self._lattice or ()
        return sum(field.nbytes for field in lattice if isinstance(field, np.ndarray))

    def covering(self, x: ArrayLike, y: ArrayLike) -> tuple[Ints, Ints]:
        """All pairs ``(point position, geometry position)`` where the geometry covers the point.

        Sorted by point, then geometry; x and y are numbers or of shape (n,).
        """
        x, y = _arrays(x, y)
        only = self._only(x, y)
        point, geom = self._several(x, y, only)
        sure = np.flatnonzero(only >= 0)
        if not len(point):
            return sure, only[sure]
        point, geom = np.concatenate([sure, point]), np.concatenate([only[sure], geom])
        order = np.argsort(point, kind="stable")
        return point[order], geom[order]

    def first(self, x: ArrayLike, y: ArrayLike) -> Ints:
        """The lowest position of a geometry that covers each point, -1 where none does; shape (n,)."""
        return self.first_and_rivals(x, y)[0]

    def first_and_rivals(self, x: ArrayLike, y: ArrayLike) -> tuple[Ints, tuple[Ints, Ints]]:
        """`first`, and the pairs, as in `covering`, of those points that several geometries cover."""
        x, y = _arrays(x, y)
        first = self._only(x, y)
        point, geom = self._several(x, y, first)
        first[first == UNSURE] = NONE
        first[point[::-1]] = geom[::-1]  # the lowest is written last
        tied = np.zeros(len(point), dtype=np.bool_)
        again = point[1:] == point[:-1]
        tied[1:] |= again
        tied[:-1] |= again
        return first, (point[tied], geom[tied])

    def one(self, x: float, y: float) -> tuple[int, ...]:
        """Positions, ascending, of the geometries that cover one point."""
        if self._others is None:
            only = locate_one(self._lattice, float(x), float(y)) if self._lattice else NONE
            if only != UNSURE:
                return (only,) if only >= 0 else ()
        return tuple(self.covering(x, y)[1].tolist())

    def on_boundary(self, x: ArrayLike, y: ArrayLike, positions: Ints) -> Bools:
        """Whether each point touches the geometry at the paired position, as GEOS has it; all shape (n,).

        For polygons: lies on an edge, a hole's included.
        """
        return self._exact.touch(*_arrays(x, y), positions)

    def _only(self, x: Floats, y: Floats) -> Ints:
        """The one geometry that covers each point, `NONE`, or `UNSURE`: to be asked for in `_several`."""
        lattice = self._lattice
        out = np.full(len(x), NONE, np.intp) if lattice is None else np.empty(len(x), np.intp)
        if lattice is not None:
            look_up = locate_by_tile if len(x) >= _MANY and self.nbytes >= _LARGE else locate

            def write(part: slice) -> None:
                look_up(lattice, x[part], y[part], out[part], np.empty(_BLOCK, np.intp))

            in_parts(write, len(x), size=_PART if look_up is locate_by_tile else None)
        if self._others is not None:
            out[self._others.near(x, y)] = UNSURE
        return out

    def _several(self, x: Floats, y: Floats, only: Ints) -> tuple[Ints, Ints]:
        """The pairs of the points that are `UNSURE`, sorted."""
        unsure = np.flatnonzero(only == UNSURE)
        if not len(unsure):
            return unsure, unsure.copy()
        x, y = x[unsure], y[unsure]
        pairs = [self._candidates(x, y)]
        if self._others is not None:
            pairs.append(self._others.covering(x, y))
        point, geom = (np.concatenate(columns) for columns in zip(*pairs, strict=True))
        order = np.lexsort((geom, point))
        return unsure[point[order]], geom[order]

    def _candidates(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """The pairs of points with regular polygons."""
        lattice = self._lattice
        if lattice is None:
            return np.empty(0, np.intp), np.empty(0, np.intp)

        def found(part: slice) -> Ints:
            pairs = candidates(lattice, x[part], y[part])
            pairs[:, 0] += part.start
            return pairs

        point, geom, sure = np.concatenate(in_parts(found, len(x))).T
        keep = sure == 1
        doubtful = np.flatnonzero(~keep)
        keep[doubtful] = self._exact.cover(x[point[doubtful]], y[point[doubtful]], geom[doubtful])
        return point[keep], geom[keep]


def warm_up() -> None:
    """Compiles, or loads from disk, every loop that an index of any layer may run."""
    index = PartitionIndex([shapely.Point(1, 1).buffer(1e-3), shapely.box(0, 0, 2, 2)])
    x = y = np.array([0.0, 0.5, 1.0])
    index.covering(x, y)
    index.one(1.0, 1.0)
    if index._lattice is not None:
        locate_by_tile(index._lattice, x, y, np.empty(3, np.intp), np.empty(_BLOCK, np.intp))


class _Exact:
    """Asks GEOS about points and single polygons, of which it keeps prepared copies of its own."""

    def __init__(self, geoms: Objects) -> None:
        self._geoms = geoms
        self._own = np.full(len(geoms), None, dtype=object)
        # GEOS builds what it looks up when it is first asked, not safely from several threads.
        self._turn = Lock()

    def cover(self, x: Floats, y: Floats, positions: Ints) -> Bools:
        """Whether the valid polygon at each position covers the point."""
        order = np.argsort(positions, kind="stable")  # a prepared polygon in a row stays in the cache
        covers = np.empty(len(x), dtype=np.bool_)
        with self._turn:
            own = self._prepared(positions)
            # A point intersects what covers it, and this spares making the point.
            covers[order] = shapely.intersects_xy(own[order], x[order], y[order])
        minute = np.flatnonzero(is_minute(x) | is_minute(y))
        if len(minute):
            # Where products underflow, GEOS gives another answer for what it has prepared.
            points = shapely.points(x[minute], y[minute])
            covers[minute] = shapely.covers(_copies(self._geoms[positions[minute]]), points)
        return covers

    def touch(self, x: Floats, y: Floats, positions: Ints) -> Bools:
        """Whether each point touches the geometry at its position."""
        with self._turn:
            return np.asarray(shapely.touches(self._prepared(positions), shapely.points(x, y)), np.bool_)

    def _prepared(self, positions: Ints) -> Objects:
        """The copies of the geometries at the positions; those that are missing are made."""
        used = np.unique(positions)
        missing = used[shapely.is_missing(self._own[used])]
        copies = _copies(self._geoms[missing])
        shapely.prepare(copies)
        self._own[missing] = copies
        own: Objects = self._own[positions]
        return own


class _Others:
    """What no lattice holds: invalid polygons, other kinds of geometry, extreme coordinates."""

    def __init__(self, geoms: Objects, positions: Ints) -> None:
        self._positions = positions
        self._geoms = _copies(geoms[positions])
        self._boxes = shapely.bounds(self._geoms)
        self._tree = shapely.STRtree(self._geoms)
        self._turn = Lock()

    def near(self, x: Floats, y: Floats) -> Ints:
        """The points in the box of any, and perhaps more."""
        west, south = np.nanmin(self._boxes[:, :2], axis=0)
        east, north = np.nanmax(self._boxes[:, 2:], axis=0)
        return np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))

    def covering(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """The pairs of points with these geometries, not sorted."""
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        points = shapely.points(x[finite], y[finite])
        with self._turn, np.errstate(all="ignore"):  # what is extreme may overflow, and is then answered so
            point, other = self._tree.query(points)
            covers = shapely.covers(self._geoms[other], points[point])
        return finite[point[covers]], self._positions[other[covers]]


def _copies(geoms: Objects) -> Objects:
    with np.errstate(invalid="ignore"):  # of coordinates that are not numbers
        return np.asarray(shapely.from_wkb(shapely.to_wkb(geoms)), dtype=object).reshape(-1)


def _arrays(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    return np.ascontiguousarray(np.atleast_1d(x)), np.ascontiguousarray(np.atleast_1d(y))
