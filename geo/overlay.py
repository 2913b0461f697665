"""What two versions of the same shapes differ by: ground that passes from one to another, and how much.

Everything is in the units of the coordinates, which must be those of a metric CRS.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import areal_parts

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Geometries = NDArray[np.object_]

NOBODY = -1
_ROUNDING = 1e-9  # of an area: what overlaying may add or lose
_BOX_MARGIN_M = 1.0
_BOX_SHARE = 0.7  # of the union of two boxes that they share, when they may hold the same shape


def mean_width(polygons: Geometries) -> Floats:
    """Twice the area by the length of the outline: a long strip's width; 0 for None and empty."""
    area, length = shapely.area(polygons), shapely.length(polygons)
    width: Floats = 2 * np.nan_to_num(area) / np.maximum(np.nan_to_num(length), 1e-9)
    return width


def exchanged(
    before: Geometries, after: Geometries, *, min_width_m: float = 0.0
) -> tuple[Ints, Ints, Geometries]:
    """The ground that passes from one polygon to another: ``(loser, winner, piece)``, sorted.

    ``before[k]`` and ``after[k]`` are the same polygon in two versions, None or empty where it is not there.
    A piece lies in what its loser has no more and in what its winner has not had before; -1 is nobody: no
    polygon gains what the loser leaves, or none loses what the winner gets. Where polygons overlap, ground
    counts for each that covers it. Pieces are single polygons, none thinner than `min_width_m` on average.
    """
    was, is_ = _sound(before), _sound(after)
    lost, loser = _wide(*areal_parts(shapely.difference(was, is_)), min_width_m)
    gained, winner = _wide(*areal_parts(shapely.difference(is_, was)), min_width_m)
    i, j = shapely.STRtree(gained).query(lost, predicate="intersects")
    shared, of = areal_parts(shapely.intersection(lost[i], gained[j]))
    left, left_of = areal_parts(_rest(lost, shared, i[of]))
    new, new_of = areal_parts(_rest(gained, shared, j[of]))
    from_ = np.concatenate([loser[i[of]], loser[left_of], np.full(len(new), NOBODY)])
    to = np.concatenate([winner[j[of]], np.full(len(left), NOBODY), winner[new_of]])
    pieces, at = _wide(np.concatenate([shared, left, new]), np.arange(len(from_)), min_width_m)
    order = np.lexsort((to[at], from_[at]))
    return from_[at][order], to[at][order], pieces[order]


def _wide(parts: Geometries, of: Ints, min_width_m: float) -> tuple[Geometries, Ints]:
    keep = mean_width(parts) >= min_width_m
    return parts[keep], of[keep]


def changed_parts(before: Geometries, after: Geometries) -> tuple[Geometries, Ints]:
    """The polygons that one of a pair covers and the other does not, and the pair each belongs to."""
    return areal_parts(shapely.symmetric_difference(_sound(before), _sound(after)))


def apart_m(before: Geometries, after: Geometries) -> Floats:
    """How far each pair lies apart: for points their distance, for lines the discrete Hausdorff distance.

    Infinite where one of the two is None or empty, 0 where both are.
    """
    absent = np.stack([shapely.is_missing(g) | shapely.is_empty(g) for g in (before, after)])
    distance = shapely.hausdorff_distance(before, after)
    return np.where(absent.all(axis=0), 0.0, np.where(absent.any(axis=0), np.inf, distance))


def similar_boxes(one: Geometries, other: Geometries) -> tuple[Ints, Ints]:
    """Pairs ``(position in one, position in other)`` whose bounding boxes are so alike, but for a metre,
    that the shapes may be the same; None and empty are like nothing.
    """
    a, b = _boxes(one), _boxes(other)
    i, j = shapely.STRtree(b).query(a)
    both = shapely.area(shapely.intersection(a[i], b[j]))
    alike = both >= _BOX_SHARE * (shapely.area(a[i]) + shapely.area(b[j]) - both)
    return i[alike], j[alike]


def _boxes(geoms: Geometries) -> Geometries:
    west, south, east, north = shapely.bounds(geoms).reshape(-1, 4).T
    margin = _BOX_MARGIN_M
    boxes = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return np.asarray(np.where(np.isfinite(west), boxes, None), dtype=object)


def _rest(whole: Geometries, pieces: Geometries, of: Ints) -> Geometries:
    """What is left of each polygon when its pieces are taken away; empty where one piece is all of it."""
    count = np.bincount(of, minlength=len(whole))
    taken = np.bincount(of, shapely.area(pieces), len(whole))
    partly = (count > 1) | (taken < shapely.area(whole) * (1 - _ROUNDING))
    rows = np.flatnonzero(partly & (count > 0))
    rest = np.where(count > 0, shapely.Polygon(), whole)
    rest[rows] = shapely.difference(whole[rows], _unions(pieces, of, len(whole))[rows])
    return rest


def _sound(geoms: Geometries) -> Geometries:
    """Valid geometries, empty where there is none: projecting can make a thin polygon touch itself."""
    sound = np.where(shapely.is_missing(geoms), shapely.Polygon(), geoms)
    invalid = ~shapely.is_valid(sound)
    sound[invalid] = shapely.make_valid(sound[invalid])
    return sound


def _unions(geoms: Geometries, group: Ints, size: int) -> Geometries:
    """The union of the geometries of each group 0 … size - 1; empty where a group has none."""
    order = np.argsort(group, kind="stable")
    gathered: Geometries = np.full(size, shapely.GeometryCollection(), dtype=object)
    shapely.geometrycollections(geoms[order], indices=group[order], out=gathered)
    return np.asarray(shapely.union_all(gathered[:, None], axis=1))
