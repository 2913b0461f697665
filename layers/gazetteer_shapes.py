"""Where named things are: one point for each, how far from it the thing may reach, and what lies together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.names_words import keys_of
from layers.gazetteer_columns import keys, text_column

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Positions = NDArray[np.intp]

NONE = -1
POINT_M = 2.0  # a surveyed thing: pole, manhole, hydrant
REACH_SHARE = 1.16
"""Of the root mean square distance from its middle: within so far lies 68 % of a thing. Exactly 1.166 for a
disc (its moment is R/√2, and √.68 R holds 68 %), 1.178 for a straight line, 1.14 for a square.
"""


def middles(shapes: Objects) -> Floats:
    """A point of each shape near its centroid, shape (n, 2): inside an area, on a line; NaN for nothing."""
    centre = shapely.centroid(shapes)
    dimension = shapely.get_dimensions(shapes)
    astray = (dimension >= 1) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    astray[astray] = ~shapely.intersects(shapes[astray], centre[astray])
    lines, areas = astray & (dimension == 1), astray & (dimension == 2)
    centre[areas] = shapely.point_on_surface(shapes[areas])
    centre[lines] = shapely.get_point(shapely.shortest_line(centre[lines], shapes[lines]), -1)
    return np.asarray(shapely.bounds(centre)[:, :2])  # NaN for None and empty


def radii(shapes: Objects, xy: Floats) -> Floats:
    """How far from its middle most of each shape lies, in metres: about 68 % of it; at least `POINT_M`.

    Args:
        shapes: geometries in metres.
        xy: their middles, shape (n, 2).
    """
    dimension = shapely.get_dimensions(shapes)
    reach = np.full(len(shapes), POINT_M)
    for rows, moments in (
        (np.flatnonzero(dimension == 1), _line_moments),
        (np.flatnonzero(dimension == 2), _area_moments),
    ):
        if len(rows):
            size, moment = moments(shapes[rows], xy[rows])
            mean = np.divide(moment, size, out=np.zeros(len(rows)), where=size > 0)
            reach[rows] = np.maximum(REACH_SHARE * np.sqrt(np.maximum(mean, 0)), POINT_M)
    return reach


def _line_moments(shapes: Objects, xy: Floats) -> tuple[Floats, Floats]:
    """The length of each shape, and its squared distances from a point, added up along it."""
    a, b, of = _segments(shapes, np.arange(len(shapes)), xy)
    length = np.hypot(*(b - a).T)
    square: Floats = length * ((a * a + a * b + b * b).sum(axis=1)) / 3
    return _sums(of, length, len(shapes)), _sums(of, square, len(shapes))


def _area_moments(shapes: Objects, xy: Floats) -> tuple[Floats, Floats]:
    """The area of each shape, and its squared distances from a point, added up over it.

    Steger, On the calculation of arbitrary moments of polygons (1996), for the second moments.
    """
    parts, of = shapely.get_parts(shapes, return_index=True)
    areas = shapely.get_dimensions(parts) == 2
    rings, ring_of = shapely.get_rings(shapely.orient_polygons(parts[areas]), return_index=True)
    a, b, at = _segments(rings, of[areas][ring_of], xy)
    cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
    square = cross * ((a * a + a * b + b * b).sum(axis=1)) / 12
    return _sums(at, cross / 2, len(shapes)), _sums(at, square, len(shapes))


def _sums(of: Positions, values: Floats, count: int) -> Floats:
    return np.bincount(of, values, count).astype(np.float64)


def _segments(lines: Objects, owner: Positions, xy: Floats) -> tuple[Floats, Floats, Positions]:
    """Both ends of every segment as seen from its owner's point, and the owner."""
    parts, of = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    whose = owner[of[part]]
    seen = points - xy[whose]
    inside = part[1:] == part[:-1]
    return seen[:-1][inside], seen[1:][inside], whose[1:][inside]


def merged(shapes: Objects, group: Positions) -> Objects:
    """One shape for each group, out of its members; groups count from 0."""
    order = np.argsort(group, kind="stable")
    parts, of = shapely.get_parts(shapes[order], return_index=True)
    of = group[order][of]
    count = int(group.max(initial=NONE)) + 1
    whole = np.full(count, shapely.GeometryCollection(), dtype=object)
    for dimension, collect in ((0, shapely.multipoints), (1, shapely.multilinestrings)):
        same = shapely.get_dimensions(parts) == dimension
        collect(parts[same], indices=of[same], out=whole)
    with_areas = np.isin(of, of[shapely.get_dimensions(parts) == 2])
    shapely.geometrycollections(parts[with_areas], indices=of[with_areas], out=whole)
    return whole


# ---- what lies together


def clusters(names: Objects, shapes: Objects, reach_m: ArrayLike) -> Positions:
    """The number of the place that each shape belongs to: shapes of one name no farther than `reach_m` from
    one to the next are one place. Numbered in the order of their first shapes.

    Args:
        names: of the shapes; any texts that can be compared.
        shapes: geometries in metres.
        reach_m: in metres; one for all, or one for each, the same for those of one name.
    """
    if not len(shapes):
        return np.empty(0, dtype=np.intp)
    of, _ = pd.factorize(names)
    # Names lie far apart from each other, so that one search in one plane finds those of the same name.
    apart = _set_apart(shapes, of, float(np.max(reach_m)))
    one, other = shapely.STRtree(apart).query(apart, predicate="dwithin", distance=reach_m)
    lowest = np.arange(len(shapes))
    while True:
        lower = lowest.copy()
        np.minimum.at(lower, one, lowest[other])
        lower = lower[lower]
        if (lower == lowest).all():
            return np.asarray(pd.factorize(lowest)[0], dtype=np.intp)
        lowest = lower


def _set_apart(shapes: Objects, of: Positions, reach_m: float) -> Objects:
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    west, east = (float(x) for x in (xy[:, 0].min(initial=0.0), xy[:, 0].max(initial=0.0)))
    xy[:, 0] += (east - west + 2 * reach_m) * of[at]
    return np.asarray(shapely.set_coordinates(shapely.force_2d(shapes), xy), dtype=object)


class Named:
    """Things by what they are called, each name for one or several; finds the one that is meant near a place.

    Abbreviations, accents and signs do not count, but what is written the same goes before what is not.

    Args:
        rows: what is answered.
        names: of the things.
        shapes: of the things, in metres.
    """

    def __init__(self, rows: Positions, names: Objects, shapes: Objects) -> None:
        self._rows, self._shapes = rows, shapes
        shapely.prepare(shapes)
        self._written = keys(names)
        self._table = pd.DataFrame({"key": _loose(names), "thing": np.arange(len(rows))})
        self._table = self._table[self._table["key"] != ""]

    def find(self, names: Objects, xy: Floats, reach_m: ArrayLike) -> Positions:
        """The row of the nearest thing of each name that is within reach of its place; -1 for none."""
        found = np.full(len(names), NONE, dtype=np.intp)
        asked = pd.DataFrame({"key": _loose(names), "at": np.arange(len(names))})
        pairs = asked.merge(self._table, on="key")
        at, thing = (pairs[column].to_numpy(dtype=np.intp) for column in ("at", "thing"))
        distance = shapely.distance(shapely.points(xy[at]), self._shapes[thing])
        near = np.flatnonzero(distance <= np.broadcast_to(reach_m, len(names))[at])
        other = self._written[thing] != keys(names)[at]
        order = near[np.lexsort((thing[near], distance[near], other[near], at[near]))]
        first = order[np.flatnonzero(np.diff(at[order], prepend=NONE))]
        found[at[first]] = self._rows[thing[first]]
        return found


def _loose(names: Objects) -> Objects:
    """The names without what spellings of one name differ in; each different one is looked at once."""
    of, said = pd.factorize(names)
    plain = text_column(keys_of([str(text) for text in said]))
    return plain[of] if len(plain) else np.full(len(names), "", dtype=object)
