"""What is wrong between the polygons of one level: overlaps, gaps, and a proposal that has neither.

Everything is in the units of the coordinates, which must be those of a metric CRS. Polygons must be valid;
None and empty ones are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.covers import CoverIndex
from geo.near import NearIndex

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]

MAX_CROSSINGS = 50_000
"""Edge crossings beyond which an overlap is not measured: 1.4 million took 18 s and 2 GB."""
_SAMPLE = 200
_TOUCHING_M = 1e-6
_OPPOSITE = -0.5  # the cosine of 120°: a notch between two polygons is a slit when sharper than 60°


def find_overlaps(geoms: Geometries, min_area_m2: float) -> tuple[Ints, Ints, Geometries, Floats]:
    """Pairs of polygons that share more than `min_area_m2`: ``(i, j, overlap, area)``, i < j, sorted.

    A pair whose edges cross too often to be measured in reasonable time is listed with None and NaN.
    """
    i, j = _interiors_meet(geoms)
    overlap = np.full(len(i), None, dtype=object)
    simple = _is_simple(geoms, i, j)
    overlap[simple] = _polygonal(shapely.intersection(geoms[i[simple]], geoms[j[simple]]))
    area = np.where(simple, shapely.area(overlap), np.nan)
    keep = ~(area <= min_area_m2)  # keeps NaN
    return i[keep], j[keep], overlap[keep], area[keep]


def _interiors_meet(geoms: Geometries) -> tuple[Ints, Ints]:
    """Pairs i < j, sorted, whose interiors have a point in common."""
    i, j = shapely.STRtree(geoms).query(geoms)
    i, j = i[i < j], j[i < j]
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    prepared = geoms.copy()
    shapely.prepare(prepared)
    a, b = prepared[i], geoms[j]
    # The same as relate_pattern "T********", which took 19 s where these stop at the first proof.
    meet = shapely.overlaps(a, b) | shapely.contains(a, b) | shapely.within(a, b)
    return i[meet], j[meet]


def _is_simple(geoms: Geometries, i: Ints, j: Ints) -> Bools:
    """Whether the edges of each pair cross at most `MAX_CROSSINGS` times, as far as a sample tells."""
    vertices = shapely.get_num_coordinates(geoms)
    simple: Bools = vertices[i] * vertices[j] <= MAX_CROSSINGS
    for pair in np.flatnonzero(~simple):  # few: only the overlapping pairs with many vertices
        simple[pair] = _estimate_crossings(geoms[i[pair]], geoms[j[pair]]) <= MAX_CROSSINGS
    return simple


def _estimate_crossings(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """How often the edges of two polygons meet, from a sample of the first's (always the same one)."""
    edges = _edges(a)
    # Every n-th would see one kind of edge only where shapes repeat, as the teeth of a comb do.
    sample = np.random.default_rng(0).choice(edges, min(_SAMPLE, len(edges)), replace=False)
    hits = shapely.STRtree(_edges(b)).query(sample, predicate="intersects").shape[1]
    return float(hits * len(edges) / len(sample))


def _edges(geom: shapely.Geometry) -> Geometries:
    xy, ring = shapely.get_coordinates(shapely.get_rings(geom), return_index=True)
    ends = np.stack([xy[:-1], xy[1:]], axis=1)[ring[:-1] == ring[1:]]
    return np.asarray(shapely.linestrings(ends))


def _polygonal(geoms: Geometries) -> Geometries:
    """The geometries without the points and lines that an intersection leaves where polygons only touch."""
    out = geoms.copy()
    mixed = np.flatnonzero(shapely.get_type_id(geoms) == shapely.GeometryType.GEOMETRYCOLLECTION)
    parts, owner = shapely.get_parts(geoms[mixed], return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    out[mixed] = shapely.multipolygons(
        parts[areal], indices=owner[areal], out=np.full(len(mixed), shapely.MultiPolygon(), dtype=object)
    )
    return out


class GapTester:
    """Tells, for points that no polygon covers, whether they lie between the polygons or outside of all.

    Between are: a hole in the union of the polygons (of at most `max_hole_m2`, since a large one may be an
    enclave of somebody else's); a chamber open to the outside only by a mouth narrower than `max_width_m`;
    and a slit where two different polygons face each other at most `max_width_m` apart. A bay of one polygon
    is outside.

    The union is built when first asked for. May be shared between threads.

    Args:
        geoms: polygons in metres, shape (n,).
        max_width_m: the widest slit that counts as one.
        max_hole_m2: the largest hole that counts as one.
        near: of the same polygons, where there is one already.
    """

    def __init__(
        self,
        geoms: Geometries,
        max_width_m: float,
        *,
        max_hole_m2: float = np.inf,
        near: NearIndex | None = None,
    ) -> None:
        self._geoms = np.array(geoms, dtype=object)
        self._near = NearIndex(self._geoms) if near is None else near
        self._max_width_m = max_width_m
        self._max_hole_m2 = max_hole_m2

    def inside(self, x: ArrayLike, y: ArrayLike) -> Bools:
        """Whether each point lies in a gap; shape (n,). Ask only about points that no polygon covers.

        Points that are not finite are in none.
        """
        x, y = np.atleast_1d(np.asarray(x, np.float64)), np.atleast_1d(np.asarray(y, np.float64))
        inside: Bools = self._holes.first(x, y) >= 0
        rest = np.flatnonzero(~inside)
        rest = rest[self._near.any_within(x[rest], y[rest], self._max_width_m)]
        inside[rest] = self._in_slit(shapely.points(x[rest], y[rest]))
        return inside

    @cached_property
    def union(self) -> shapely.Geometry:
        """The union of all polygons."""
        return shapely.union_all(self._geoms)

    @cached_property
    def closed(self) -> shapely.Geometry:
        """The union, with what is narrower than `max_width_m` filled (a morphological closing)."""
        out = shapely.buffer(self.union, self._max_width_m / 2, join_style="mitre")
        return shapely.buffer(out, -self._max_width_m / 2, join_style="mitre")

    @cached_property
    def holes(self) -> Geometries:
        """The holes of the union that count, as polygons, islands of other polygons in them left out."""
        without_islands: Geometries = shapely.difference(_rings_inside(self.union), self.union)
        return self._small(without_islands)

    @cached_property
    def _holes(self) -> CoverIndex:
        return CoverIndex(np.concatenate([self.holes, self._small(_rings_inside(self.closed))]))

    def _small(self, polygons: Geometries) -> Geometries:
        small: Bools = shapely.area(polygons) <= self._max_hole_m2
        return polygons[small]

    def _in_slit(self, points: Geometries) -> Bools:
        """Whether two polygons stand on opposite sides of each point, together at most the width away."""
        point, line = self._off_the_wall(points)
        start, end = _ends(line)
        length = shapely.length(line)
        toward = np.divide(end - start, length[:, None], out=np.zeros_like(start), where=length[:, None] > 0)
        faced = np.zeros(len(points), dtype=np.bool_)
        for a, b in _pairs_in_runs(point):
            opposite = (toward[a] * toward[b]).sum(axis=1) <= _OPPOSITE
            faced[point[a[opposite & (length[a] + length[b] <= self._max_width_m)]]] = True
        return faced

    def _to_near(self, points: Geometries) -> tuple[Ints, Geometries]:
        """For each polygon within the width of a point that has several: the point's position, the shortest
        line to the polygon. Sorted by point, then length.
        """
        x, y = shapely.get_x(points), shapely.get_y(points)
        point, geom, _ = self._near.within(x, y, self._max_width_m)
        several = np.bincount(point, minlength=len(points))[point] > 1
        point, geom = point[several], geom[several]
        line = shapely.shortest_line(points[point], self._geoms[geom])
        order = np.lexsort((geom, shapely.length(line), point))
        return point[order], line[order]

    def _off_the_wall(self, points: Geometries) -> tuple[Ints, Geometries]:
        """`_to_near`, with points on an edge put halfway to the next polygon: an edge shows no side."""
        point, line = self._to_near(points)
        begins, goes_on = np.diff(point, prepend=-1) > 0, np.diff(point, append=-1) == 0
        first = np.flatnonzero(begins & goes_on & (shapely.length(line) < _TOUCHING_M))
        if not len(first):
            return point, line
        out = points.copy()
        out[point[first]] = shapely.line_interpolate_point(line[first + 1], 0.5, normalized=True)
        return self._to_near(out)


def find_gaps(
    geoms: Geometries, max_width_m: float, min_area_m2: float
) -> tuple[Geometries, Floats, NDArray[np.str_]]:
    """Gaps between polygons larger than `min_area_m2`: ``(polygons, area, kind)``, the largest first.

    The kind is ``hole`` for a hole in the union, however large, and ``slit`` for one open to the outside that
    is, or whose mouth is, narrower than `max_width_m`. Each is as `GapTester` tells it.
    """
    tester = GapTester(geoms, max_width_m)
    holes, slits = _parts(tester.holes), _slits(tester)
    polygons = np.concatenate([holes, slits])
    kind = np.repeat(["hole", "slit"], [len(holes), len(slits)])
    area = shapely.area(polygons)
    keep = np.argsort(-area, kind="stable")
    keep = keep[area[keep] > min_area_m2]
    return polygons[keep], area[keep], kind[keep]


def _slits(tester: GapTester) -> Geometries:
    """The parts of the closing that are no hole and lie between polygons rather than in a bay of one."""
    parts = _parts(shapely.difference(_filled(tester.closed), _filled(tester.union)))
    inner = shapely.point_on_surface(parts)
    return parts[tester.inside(shapely.get_x(inner), shapely.get_y(inner))]


def _rings_inside(geom: shapely.Geometry) -> Geometries:
    """The holes of a polygon or multipolygon, as polygons."""
    parts = shapely.get_parts(geom)
    rings, owner = shapely.get_rings(parts, return_index=True)
    return np.asarray(shapely.polygons(rings[np.diff(owner, prepend=-1) == 0]))


def _filled(geom: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all(np.asarray(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(geom)))))


def areal_parts(geoms: Geometries) -> tuple[Geometries, Ints]:
    """The single polygons of the geometries, and the position of the one that each is of."""
    parts, of = shapely.get_parts(geoms, return_index=True)
    areal: Bools = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
    return parts[areal], of[areal]


def _parts(geoms: Geometries) -> Geometries:
    return areal_parts(geoms)[0]


def _ends(lines: Geometries) -> tuple[Floats, Floats]:
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    return ends[:, 0], ends[:, 1]


def _pairs_in_runs(run: Ints) -> Iterator[tuple[Ints, Ints]]:
    """All pairs of places in a sorted array that hold the same value, one distance apart after the other."""
    lag = 1
    while len(a := np.flatnonzero(run[:-lag] == run[lag:])):
        yield a, a + lag
        lag += 1


def clean(geoms: Geometries, *, max_gap_m: float = 0.0) -> tuple[Geometries, Floats]:
    """A proposal without overlaps, and without gaps up to `max_gap_m` wide: ``(geometries, moved area)``.

    What is disputed goes to the neighbour with the longest common border; edges are made to match. The moved
    area, shape (n,), is what a polygon gains and loses together. None and empty stay as they are, with 0.
    """
    out = geoms.copy()
    present = ~(shapely.is_missing(geoms) | shapely.is_empty(geoms))
    if present.any():
        out[present] = shapely.coverage_clean(geoms[present], gap_width=max_gap_m)
    moved = shapely.area(shapely.symmetric_difference(geoms, out))
    return out, np.where(present, moved, 0.0)
