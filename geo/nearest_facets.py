"""What distances are measured to: the distinct points and edges of a layer, and what they are of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Numbers = NDArray[np.int32]
Geometries = NDArray[np.object_]

_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)
_SMALLEST_COLLECTION = int(shapely.GeometryType.MULTIPOINT)


@dataclass(frozen=True)
class Facets:
    """Distinct points and edges.

    Attributes:
        ends: the coordinates, shape (n, 2) where all are points, else (n, 4); a point has its own twice.
        start: where the members of each begin, shape (n + 1,).
        member: positions of the geometries that each belongs to, ascending.
        single: per geometry, whether it is one point, one line or one ring.
        plain: per facet, whether all its members are single.
        areas: the polygons.
        area_of: the geometry that each polygon is of.
    """

    ends: Floats
    start: Numbers
    member: Numbers
    single: Bools
    plain: Bools
    areas: Geometries
    area_of: Ints

    def take(self, order: Ints) -> Facets:
        """The facets in another order."""
        count = np.diff(self.start)[order]
        start = np.append(0, np.cumsum(count))
        member = self.member[np.repeat(self.start[order] - start[:-1], count) + np.arange(len(self.member))]
        return replace(
            self, ends=self.ends[order], start=start.astype(np.int32), member=member, plain=self.plain[order]
        )


def facets_of(geoms: Geometries) -> Facets:
    """The facets of a layer; None, empty ones and those with a coordinate that is not finite have none."""
    parts, owner = _single_parts(geoms)
    areal = shapely.get_dimensions(parts) == 2
    rings, area = shapely.get_rings(parts[areal], return_index=True)
    components = np.concatenate([parts[~areal], np.asarray(rings, dtype=object)])
    of = np.concatenate([owner[~areal], owner[areal][area]])
    ends, component = _ends(components)
    start, member, first = _members(ends, of[component])
    single = np.bincount(of, minlength=len(geoms)) == 1
    plain = np.logical_and.reduceat(single[member], start[:-1]) if len(member) else np.ones(0, dtype=np.bool_)
    return Facets(ends[first], start, member, single, plain, parts[areal], owner[areal])


def _single_parts(geoms: Geometries) -> tuple[Geometries, Ints]:
    """Points, lines and polygons, collections in collections taken apart, and the position each is of."""
    xy, of = shapely.get_coordinates(geoms, return_index=True)
    has = np.zeros(len(geoms), dtype=np.bool_)
    has[of] = True
    has[of[~np.isfinite(xy).all(axis=1)]] = False
    owner = np.flatnonzero(has)
    parts = geoms[owner]
    while (shapely.get_type_id(parts) >= _SMALLEST_COLLECTION).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    there = ~shapely.is_empty(parts)
    return parts[there], owner[there]


def _ends(components: Geometries) -> tuple[Floats, Ints]:
    """The edges of lines and rings and the points, and the component that each is of."""
    single = shapely.get_type_id(components) == shapely.GeometryType.POINT
    spots, spot_of = shapely.get_coordinates(components[single]), np.flatnonzero(single)
    if single.all():
        return spots, spot_of
    xy, line = shapely.get_coordinates(components[~single], return_index=True)
    inner = np.flatnonzero(line[:-1] == line[1:])
    edges = np.column_stack([xy[inner], xy[inner + 1]])
    return (
        np.concatenate([np.column_stack([spots, spots]), edges]),
        np.concatenate([spot_of, np.flatnonzero(~single)[line[inner]]]),
    )


def _members(ends: Floats, of: Ints) -> tuple[Numbers, Numbers, Ints]:
    """Members of each distinct facet as ``start`` and ``member``, and one row of it in `ends`.

    Twins are found by a hash, so that many things at one spot cost no more than one; should two different
    facets share their hash, some twins may stay apart, which costs time only.
    """
    words = (ends + 0.0).view(np.uint64)
    hashed = np.zeros(len(ends), dtype=np.uint64)
    for column, mix in zip(words.T, _MIX, strict=False):
        hashed = (hashed ^ column) * mix
        hashed ^= hashed >> np.uint64(29)
    order = np.lexsort((of, hashed))
    ends, of = ends[order], of[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    again = ~new
    again[1:] &= of[1:] == of[:-1]  # an edge that a geometry has twice
    first, kept = np.flatnonzero(new), np.flatnonzero(~again)
    start = np.append(np.searchsorted(kept, first), len(kept))
    return start.astype(np.int32), of[kept].astype(np.int32), order[first]
