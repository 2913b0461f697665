"""Carrying geometries through a map projection with their edges, not just their vertices.

An edge that is straight in one coordinate system is a curve in another. Vertices are added by halving an edge
until its image is as good as straight. The middle of an edge is the same number seen from either end, so that
two neighbours who walk a shared edge in opposite directions get the same vertices, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import CoordinateError

Floats = NDArray[np.float64]
Points = Floats
"""Coordinates, shape (n, 2)."""
Ints = NDArray[np.intp]
Geometries = NDArray[np.object_]

MAX_HALVINGS = 24
_POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)
_ASSEMBLE = {
    shapely.GeometryType.MULTILINESTRING: shapely.multilinestrings,
    shapely.GeometryType.MULTIPOLYGON: shapely.multipolygons,
    shapely.GeometryType.GEOMETRYCOLLECTION: shapely.geometrycollections,
}


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map projection: `image` maps points; `gap_m` is the distance of mapped points in metres, (n,)."""

    image: Callable[[Points], Points]
    gap_m: Callable[[Points, Points], Floats]


class _Edges(NamedTuple):
    """Pieces of edges: the edge's first vertex, where along it in [0, 1) the piece begins, its two ends."""

    vertex: Ints
    low: Floats
    a: Points
    b: Points
    image_a: Points
    image_b: Points

    def where(self, keep: NDArray[np.bool_]) -> _Edges:
        return _Edges._make(array[keep] for array in self)


class _Added(NamedTuple):
    """Vertices to add: the first vertex of their edge, their place along it in (0, 1), their image."""

    vertex: Ints
    place: Floats
    image: Points


def map_geometries(geoms: Geometries, mapping: Mapping, max_m: float) -> Geometries:
    """The geometries carried through `mapping`, their edges within `max_m` of the true curves.

    Same shape (n,), same types; None and empty stay; Z is dropped. Raises `CoordinateError` where the mapping
    has no finite answer for a vertex.
    """
    out: Geometries = shapely.force_2d(np.array(geoms, dtype=object))
    types = np.where(shapely.is_empty(out), -1, shapely.get_type_id(out))
    for type_id in np.unique(types[types >= 0]):
        at = np.flatnonzero(types == type_id)
        out[at] = _map_type(shapely.GeometryType(type_id), out[at], mapping, max_m)
    return out


def _map_type(kind: shapely.GeometryType, geoms: Geometries, mapping: Mapping, max_m: float) -> Geometries:
    """The same for geometries of one type, none of them empty."""
    if kind in _POINTS:
        return np.asarray(shapely.transform(geoms, lambda xy: _image(xy, mapping)))
    if kind in _LINES:
        build = shapely.linestrings if kind == shapely.GeometryType.LINESTRING else shapely.linearrings
        xy, owner = shapely.get_coordinates(geoms, return_index=True)
        xy, owner = _map_runs(xy, owner, mapping, max_m)
        return np.asarray(build(xy, indices=owner))
    if kind == shapely.GeometryType.POLYGON:
        rings, owner = shapely.get_rings(geoms, return_index=True)
        return np.asarray(shapely.polygons(map_geometries(rings, mapping, max_m), indices=owner))
    parts, owner = shapely.get_parts(geoms, return_index=True)
    return np.asarray(_ASSEMBLE[kind](map_geometries(parts, mapping, max_m), indices=owner))


def _image(xy: Points, mapping: Mapping) -> Points:
    image = mapping.image(xy)
    bad = ~np.isfinite(image).all(axis=1)
    if bad.any():
        x, y = xy[bad][0].tolist()
        raise CoordinateError(
            f"The vertex {x!r}, {y!r} lies where its reference system is not defined.",
            fix="Check that the layer declares the reference system its coordinates are in.",
        )
    return image


def _map_runs(xy: Points, run: Ints, mapping: Mapping, max_m: float) -> tuple[Points, Ints]:
    """The mapped vertices of many lines in one array, with those added, and the line that each belongs to."""
    image = _image(xy, mapping)
    first = np.flatnonzero(run[:-1] == run[1:])
    low = np.zeros(len(first))
    edges = _Edges(first, low, xy[first], xy[first + 1], image[first], image[first + 1])
    added = _halve(edges, mapping, max_m)
    rank = np.concatenate([np.arange(len(xy), dtype=np.float64), added.vertex + added.place])
    order = np.argsort(rank, kind="stable")
    return np.concatenate([image, added.image])[order], np.concatenate([run, run[added.vertex]])[order]


def _halve(edges: _Edges, mapping: Mapping, max_m: float) -> _Added:
    """Halves all edges that are too curved at once, round by round, until none is."""
    added = [_Added(edges.vertex[:0], edges.low[:0], edges.image_a[:0])]
    width = 1.0
    for _ in range(MAX_HALVINGS):
        edges = edges.where(_is_bent(edges, mapping, max_m))
        if not len(edges.vertex):
            break
        width /= 2
        middle = (edges.a + edges.b) / 2
        added.append(_Added(edges.vertex, edges.low + width, mapping.image(middle)))
        edges = _halves(edges, middle, added[-1])
    return _Added._make(np.concatenate(arrays) for arrays in zip(*added, strict=True))


def _halves(edges: _Edges, middle: Points, cut: _Added) -> _Edges:
    near = edges._replace(b=middle, image_b=cut.image)
    far = edges._replace(low=cut.place, a=middle, image_a=cut.image)
    return _Edges._make(np.concatenate(arrays) for arrays in zip(near, far, strict=True))


def _is_bent(edges: _Edges, mapping: Mapping, max_m: float) -> NDArray[np.bool_]:
    """Whether an edge's image strays from the straight line, at its middle or (for an S-curve) its quarters.

    Every expression is the same with the two ends exchanged. Nothing finite to compare counts as straight.
    """
    middle, chord = (edges.a + edges.b) / 2, (edges.image_a + edges.image_b) / 2
    bent = mapping.gap_m(mapping.image(middle), chord) > max_m
    for end, image in ((edges.a, edges.image_a), (edges.b, edges.image_b)):
        bent |= mapping.gap_m(mapping.image((end + middle) / 2), (image + chord) / 2) > max_m
    return bent
