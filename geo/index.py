"""Spatial indexes: one over a layer that never changes, one over points that come, go and move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock

import numpy as np
import rtree
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.errors import CoordinateError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

TIE = 1e-9
"""Distances this close are equal: an edge gives another last bit when it is walked the other way."""


class LayerIndex:
    """Finds geometries of one layer by position; its answers are positions in the given array.

    Copies its input, never changes, and may be shared between threads, which take turns. None and empty
    geometries are never found. Distances are in the units of the coordinates: give geometries in the metric
    CRS to measure.

    Args:
        geoms: shapely geometries or None, shape (n,).
    """

    def __init__(self, geoms: Sequence[shapely.Geometry | None] | NDArray[np.object_]) -> None:
        self._geoms: NDArray[np.object_] = np.array(geoms, dtype=object).reshape(-1)
        self._tree = shapely.STRtree(self._geoms)
        shapely.prepare(self._geoms)
        # GEOS builds trees and lookups when it is first asked, not safely from several threads.
        self._turn = Lock()

    def __len__(self) -> int:
        return len(self._geoms)

    @property
    def geometries(self) -> NDArray[np.object_]:
        """What is indexed, in its order; not to be changed."""
        return self._geoms

    def covering(self, points: NDArray[np.object_]) -> tuple[Ints, Ints]:
        """All pairs ``(point position, geometry position)`` where the geometry covers the point.

        Points are shapely Points or None, shape (n,); None and empty ones are covered by nothing. Else as
        `covering_xy`.
        """
        x, y = _coordinates(points).T
        return self.covering_xy(x, y)

    def covering_xy(self, x: ArrayLike, y: ArrayLike) -> tuple[Ints, Ints]:
        """All pairs ``(point position, geometry position)`` where the geometry covers the point.

        Equal to ``shapely.covers`` of every pair, edges included; sorted by point, then geometry. Points that
        are not finite are covered by nothing.
        """
        x, y = np.atleast_1d(np.asarray(x, np.float64)), np.atleast_1d(np.asarray(y, np.float64))
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        with self._turn:
            near, geom = self._tree.query(shapely.points(x[finite], y[finite]))
            # A prepared geometry in a row stays in the cache: 3 x faster.
            by_geom = np.argsort(geom, kind="stable")
            point, geom = finite[near[by_geom]], geom[by_geom]
            # A point intersects what covers it, and this spares making the point again.
            covers = shapely.intersects_xy(self._geoms[geom], x[point], y[point])
        return _sorted_pairs(point[covers], geom[covers])

    def nearest(self, points: NDArray[np.object_], max_distance: ArrayLike) -> tuple[Ints, Ints, Floats]:
        """``(point position, geometry position, distance)`` of the nearest geometry within `max_distance`.

        Sorted by point, at most one row each; of equally near geometries, the one that comes first.
        `max_distance` is inclusive, one for all or one per point, may be infinite; where it is NaN, nothing
        is near. None, empty and non-finite points are near nothing.
        """
        points = np.atleast_1d(np.asarray(points, dtype=object))
        reach = np.broadcast_to(np.asarray(max_distance, np.float64), points.shape)
        usable = np.flatnonzero(np.isfinite(_coordinates(points)).all(axis=1) & (reach >= 0))
        if not len(usable):
            return usable, usable.copy(), np.empty(0)
        # The tree's limit must be positive, also when squared, and is one for all.
        limit = float(reach[usable].max()) + TIE
        with self._turn:
            (row, _), distance = self._tree.query_nearest(
                points[usable],
                max_distance=limit if np.isfinite(limit) else None,
                return_distance=True,
                all_matches=False,
            )
        within = distance <= reach[usable[row]]
        point, distance = usable[row[within]], distance[within]
        return point, self._first_within(points[point], distance + TIE), distance

    def within(self, points: NDArray[np.object_], max_distance: ArrayLike) -> tuple[Ints, Ints, Floats]:
        """All ``(point position, geometry position, distance)`` within `max_distance`, by point, then
        geometry; `max_distance` as in `nearest`, but finite.
        """
        points = np.atleast_1d(np.asarray(points, dtype=object))
        point, geom = _sorted_pairs(*self._near(points, max_distance))
        with self._turn:
            return point, geom, np.asarray(shapely.distance(points[point], self._geoms[geom]))

    def any_within(self, points: NDArray[np.object_], max_distance: ArrayLike) -> Bools:
        """Whether anything lies within `max_distance` of each point, as in `within`."""
        found = np.zeros(len(points), dtype=np.bool_)
        found[self._near(points, max_distance)[0]] = True
        return found

    def within_own(self, points: NDArray[np.object_], reach: Floats) -> Bools:
        """Whether any geometry lies within its own reach (one for each geometry) of each point."""
        found = np.zeros(len(points), dtype=np.bool_)
        found[self._near(points, float(reach.max(initial=0.0)), reach)[0]] = True
        return found

    def _near(
        self, points: NDArray[np.object_], max_distance: ArrayLike, own: Floats | None = None
    ) -> tuple[Ints, Ints]:
        """Pairs of a point and a geometry within the point's distance, or within the geometry's own."""
        reach = np.broadcast_to(np.asarray(max_distance, np.float64), points.shape)
        xy = _coordinates(points)
        usable = np.flatnonzero(np.isfinite(xy).all(axis=1) & (reach >= 0))
        x, y, r = xy[usable, 0], xy[usable, 1], reach[usable] + TIE
        with self._turn:
            row, geom = self._tree.query(shapely.box(x - r, y - r, x + r, y + r))
            if not len(row):
                return row, geom
            by_geom = np.argsort(geom, kind="stable")  # a prepared geometry in a row stays in the cache
            point, geom, r = usable[row[by_geom]], geom[by_geom], r[row[by_geom]]
            limit = r if own is None else own[geom] + TIE
            near = shapely.dwithin(self._geoms[geom], points[point], limit)
        return point[near], geom[near]

    def intersecting(self, geoms: NDArray[np.object_]) -> tuple[Ints, Ints]:
        """All pairs ``(position in geoms, geometry position)`` that share at least a point, sorted."""
        with self._turn:
            given, geom = self._tree.query(geoms, predicate="intersects")
        return _sorted_pairs(given, geom)

    def _first_within(self, points: NDArray[np.object_], distance: Floats) -> Ints:
        """The lowest position among the geometries within `distance` of each point; there is one for each."""
        first = np.full(len(points), len(self._geoms), dtype=np.intp)
        with self._turn:
            row, geom = self._tree.query(points, predicate="dwithin", distance=distance)
        np.minimum.at(first, row, geom)
        return first

    def in_box(self, min_x: float, min_y: float, max_x: float, max_y: float) -> Ints:
        """Positions, ascending, of the geometries that share at least a point with the box."""
        with self._turn:
            return np.sort(self._tree.query(shapely.box(min_x, min_y, max_x, max_y), predicate="intersects"))

    def on_boundary(self, points: NDArray[np.object_], positions: Ints) -> Bools:
        """Whether each point touches the geometry at the paired position, as GEOS has it; both shape (n,).

        For polygons: lies on an edge, a hole's included. For lines: is an end of it.
        """
        with self._turn:
            return np.asarray(shapely.touches(self._geoms[positions], points), dtype=np.bool_)


def _coordinates(points: NDArray[np.object_]) -> Floats:
    """Shape (n, 2), NaN for None and empty, on which ``shapely.get_x`` fails."""
    xy: Floats = shapely.bounds(np.atleast_1d(np.asarray(points, dtype=object)))[:, :2]
    return xy


def _sorted_pairs(point: Ints, geom: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((geom, point))
    return point[order], geom[order]


class LiveIndex:
    """Finds points by place while they are added, moved and removed.

    Units are those of the coordinates. Belongs to one thread at a time.

    Args:
        points: ``(id, x, y)`` to begin with; many at once load faster than one by one.
    """

    def __init__(self, points: Iterable[tuple[int, float, float]] = ()) -> None:
        self._places: dict[int, tuple[float, float]] = {}
        for id_, x, y in points:
            self._add(id_, x, y)
        boxes = ((id_, (x, y, x, y), None) for id_, (x, y) in self._places.items())
        # Small nodes: with rtree's own 100, removing one of 100,000 points takes 5 ms instead of 1.
        size = rtree.index.Property(leaf_capacity=20, index_capacity=20)
        # rtree refuses an empty stream.
        loaded = (boxes,) if self._places else ()
        self._tree = rtree.index.Index(*loaded, properties=size)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, id_: int) -> bool:
        return id_ in self._places

    def insert(self, id_: int, x: float, y: float) -> None:
        """Adds a point. Raises `CoordinateError` if it is not finite, `ValueError` if the id is taken."""
        self._add(id_, x, y)
        self._tree.insert(id_, (x, y, x, y))

    def _add(self, id_: int, x: float, y: float) -> None:
        _check_finite(id_, x, y)
        if id_ in self._places:
            raise ValueError(f"{id_} is in the index already.")
        self._places[id_] = (float(x), float(y))

    def remove(self, id_: int) -> None:
        """Removes a point. Raises `KeyError` if the id is not there."""
        x, y = self._places.pop(id_)
        self._tree.delete(id_, (x, y, x, y))

    def move(self, id_: int, x: float, y: float) -> None:
        """Moves a point. Raises as `insert` and `remove` do, and then leaves it where it was."""
        _check_finite(id_, x, y)
        self.remove(id_)
        self.insert(id_, x, y)

    def in_box(self, min_x: float, min_y: float, max_x: float, max_y: float) -> list[int]:
        """Ids, ascending, of the points in the box, edges included."""
        return sorted(self._tree.intersection((min_x, min_y, max_x, max_y)))

    def nearest(
        self, x: float, y: float, k: int, max_distance: float | None = None
    ) -> list[tuple[int, float]]:
        """The `k` nearest points as ``(id, distance)``, nearest first, equally near ones by id.

        Fewer where there are not so many within `max_distance` (inclusive). NaN is near nothing.
        """
        if k < 1 or not self._places or not (np.isfinite(x) and np.isfinite(y)):
            return []
        # The tree compares distances in its own rounding, so it only says how far to look.
        reach = max(self._distance(id_, x, y) for id_ in self._tree.nearest((x, y, x, y), k)) * (1 + TIE)
        found = sorted(
            (self._distance(id_, x, y), id_)
            for id_ in self.in_box(x - reach, y - reach, x + reach, y + reach)
        )
        limit = np.inf if max_distance is None else max_distance
        return [(id_, distance) for distance, id_ in found[:k] if distance <= limit]

    def _distance(self, id_: int, x: float, y: float) -> float:
        place = self._places[id_]
        return float(np.hypot(place[0] - x, place[1] - y))


def _check_finite(id_: int, x: float, y: float) -> None:
    if not (np.isfinite(x) and np.isfinite(y)):
        raise CoordinateError(f"Point {id_} has the coordinates {x!r}, {y!r}.", fix="Give finite numbers.")
