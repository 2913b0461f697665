"""Where two named roads, or a road and a river, meet: at a point, at several, or only nearly.

Everything is in metres. One rule serves a pair and a whole city, so that both give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]

NEAR_M = 20.0
"""So far from another road may a road end that people say to meet it: drawings stop at a kerb, a ring."""
MERGE_M = 45.0
"""Places closer than this are one crossing: those of doubled carriageways, a staggered one."""
EXACT_M = 0.5
"""Lines this close meet: offices draw lines that miss each other by centimetres."""

_POLYGON = 3


class Crossing(NamedTuple):
    """A place where two named things meet.

    Attributes:
        gap_m: by how much they miss each other; 0 where they touch.
        is_exact: whether they meet to within `EXACT_M`.
        reach_m: how far from it the farthest of the places lies that it stands for; 0 where it is one.
    """

    x: float
    y: float
    gap_m: float
    is_exact: bool
    reach_m: float


@dataclass(frozen=True, slots=True)
class Crossings:
    """Crossings as columns, by ``a``, ``b``, ``x``, ``y``; ``a`` and ``b`` are names, ``a`` < ``b``."""

    a: Ints
    b: Ints
    x: Floats
    y: Floats
    gap_m: Floats
    reach_m: Floats

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: Ints | Bools) -> Crossings:
        """Some of them."""
        return Crossings(*(getattr(self, column.name)[rows] for column in fields(self)))


def crossings(
    a: shapely.Geometry | None,
    b: shapely.Geometry | None,
    *,
    near_m: float = NEAR_M,
    merge_m: float = MERGE_M,
) -> list[Crossing]:
    """Where two named things meet, from west to east; empty where they don't, or one is None or empty.

    As `all_crossings`, with all pieces of each name in one geometry.
    """
    lines = np.array([a, b], dtype=object)
    found = all_crossings(lines, np.array([0, 1]), near_m=near_m, merge_m=merge_m)
    columns = (found.x, found.y, found.gap_m, found.reach_m)
    return [
        Crossing(float(x), float(y), float(gap), bool(gap <= EXACT_M), float(reach))
        for x, y, gap, reach in zip(*columns, strict=True)
    ]


def all_crossings(
    lines: Sequence[shapely.Geometry | None] | Geometries,
    name: ArrayLike,
    *,
    near_m: float = NEAR_M,
    merge_m: float = MERGE_M,
) -> Crossings:
    """Where things of different names meet, each pair of names once per place.

    They meet where they touch; where a line ends within `near_m` of the other name; where a line runs
    through a polygon (a river drawn by its banks), in the middle of the stretch inside; and at both ends of
    a stretch that they share, if that is longer than `merge_m`. Places of one pair that a chain of steps of
    `merge_m` joins are one, in their middle; those that touch count before those that are only near.

    Args:
        lines: LineStrings, Polygons or collections of them, shape (n,); None and empty are left out.
        name: shape (n,), a number for each name; negative ones have none and are left out.
    """
    parts, names, ends = _parts(np.asarray(lines, dtype=object).reshape(-1), np.asarray(name, dtype=np.intp))
    one, other = shapely.STRtree(parts).query(parts, predicate="intersects")
    rows = names[one] < names[other]
    touching = _touching(parts, names, one[rows], other[rows], merge_m)
    return _merged(_joined([*touching, _nearly(parts, names, ends, near_m)]), merge_m)


def _parts(lines: Geometries, name: Ints) -> tuple[Geometries, Ints, Geometries]:
    """The single lines and polygons of what has a name, the name of each, and the loose ends of its lines.

    A line has two, None where others of the same name go on.
    """
    parts, of = shapely.get_parts(lines, return_index=True)
    parts, of_part = shapely.get_parts(parts, return_index=True)  # of collections of collections
    names = name[of[of_part]]
    kind = shapely.get_type_id(parts)
    used = (names >= 0) & np.isin(kind, (1, 2, _POLYGON)) & ~shapely.is_empty(parts)
    parts, names = shapely.force_2d(parts[used]), names[used]
    return parts, names, _loose_ends(parts, names)


def _loose_ends(parts: Geometries, names: Ints) -> Geometries:
    """Both ends of each line, shape (n, 2); None where another of that name ends there, and for polygons."""
    ends = np.stack([shapely.get_point(parts, 0), shapely.get_point(parts, -1)], axis=1).ravel()
    of = np.repeat(names, 2)
    one, other = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=EXACT_M)
    shared = np.bincount(one[of[one] == of[other]], minlength=len(ends))
    ends[shared > 1] = None
    return ends.reshape(-1, 2)


class _Places(NamedTuple):
    """Places where names meet, before those of one pair are merged."""

    a: Ints
    b: Ints
    xy: Floats
    gap_m: Floats


def _places(a: Ints, b: Ints, points: Geometries, gap_m: Floats | None = None) -> _Places:
    gap_m = np.zeros(len(a)) if gap_m is None else gap_m
    return _Places(np.minimum(a, b), np.maximum(a, b), shapely.get_coordinates(points), gap_m)


def _joined(places: Sequence[_Places]) -> _Places:
    a, b, xy, gap_m = (np.concatenate(column) for column in zip(*places, strict=True))
    return _Places(a, b, xy, gap_m)


def _touching(parts: Geometries, names: Ints, one: Ints, other: Ints, merge_m: float) -> list[_Places]:
    """Where parts that touch do so: points, and what stands for the stretches that they share."""
    shared, of = shapely.get_parts(shapely.intersection(parts[one], parts[other]), return_index=True)
    a, b = names[one][of], names[other][of]
    kind = shapely.get_type_id(shared)
    has_area = (shapely.get_type_id(parts[[one, other]]) == _POLYGON).any(axis=0)[of]
    at_points = kind == 0
    areas = kind == _POLYGON
    along = np.isin(kind, (1, 2))
    return [
        _places(a[at_points], b[at_points], shared[at_points]),
        _places(a[areas], b[areas], shapely.point_on_surface(shared[areas])),
        *_stretches(a[along], b[along], shared[along], np.where(has_area[along], np.inf, merge_m)),
    ]


def _stretches(a: Ints, b: Ints, lines: Geometries, whole_m: Floats) -> list[_Places]:
    """The middle of each stretch up to `whole_m` long, both ends of longer ones, whatever their pieces."""
    keys, of = np.unique(np.stack([a, b, np.isinf(whole_m)]), axis=1, return_inverse=True)
    order = np.argsort(of.ravel(), kind="stable")
    joined = shapely.multilinestrings(lines[order], indices=of.ravel()[order])
    merged, of_key = shapely.get_parts(shapely.line_merge(joined), return_index=True)
    a, b, has_area = keys[:, of_key]
    whole = (has_area == 1) | (shapely.length(merged) <= (whole_m[0] if len(whole_m) else 0.0))
    middle = shapely.line_interpolate_point(merged[whole], 0.5, normalized=True)
    ends = [shapely.get_point(merged[~whole], at) for at in (0, -1)]
    return [_places(a[whole], b[whole], middle), *(_places(a[~whole], b[~whole], end) for end in ends)]


def _nearly(parts: Geometries, names: Ints, ends: Geometries, near_m: float) -> _Places:
    """Half way between each loose end and each line of another name near it."""
    end, row = ends.ravel(), np.repeat(np.arange(len(parts)), 2)
    one, other = shapely.STRtree(parts).query(end, predicate="dwithin", distance=near_m)
    rows = names[row[one]] != names[other]
    one, other = one[rows], other[rows]
    bridge = shapely.shortest_line(end[one], parts[other])
    gap = shapely.length(bridge)
    middle = shapely.line_interpolate_point(bridge, 0.5, normalized=True)
    return _places(names[row[one]], names[other], middle, np.where(gap <= EXACT_M, 0.0, gap))


def _merged(places: _Places, merge_m: float) -> Crossings:
    """One crossing for each chain of places of one pair; in the middle of those that touch, if any do."""
    chain = _chains(places, merge_m)
    touches = places.gap_m == 0
    has_touching = np.zeros(int(chain.max(initial=-1)) + 1, dtype=bool)
    has_touching[chain[touches]] = True
    kept = touches | ~has_touching[chain]
    a, b, xy, gap_m = (column[kept] for column in places)
    _, first, of = np.unique(chain[kept], return_index=True, return_inverse=True)
    low, high = (np.full((len(first), 2), bound) for bound in (np.inf, -np.inf))
    np.minimum.at(low, of, xy)
    np.maximum.at(high, of, xy)
    gap, reach, middle = np.full(len(first), np.inf), np.zeros(len(first)), (low + high) / 2
    np.minimum.at(gap, of, gap_m)
    np.maximum.at(reach, of, np.hypot(*(xy - middle[of]).T))
    found = Crossings(a[first], b[first], middle[:, 0], middle[:, 1], gap, reach)
    return found.take(np.lexsort((found.y, found.x, found.b, found.a)))


def _chains(places: _Places, merge_m: float) -> Ints:
    """A number for each chain of places of one pair, whose steps are at most `merge_m`."""
    points = shapely.points(places.xy)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=merge_m)
    same = (places.a[one] == places.a[other]) & (places.b[one] == places.b[other])
    one, other = one[same], other[same]
    chain = np.arange(len(points))
    while True:
        before = chain.copy()
        np.minimum.at(chain, one, chain[other])
        chain = chain[chain]
        if (chain == before).all():
            return chain
