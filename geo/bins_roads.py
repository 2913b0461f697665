"""Bins along roads: stretches of about one length, and which of them a point lies by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.bins import as_points
from geo.bulk import bulk
from geo.errors import CoordinateError, GridError
from geo.near import NearIndex

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Geometries = NDArray[np.object_]

SAME_M = 1e-6
"""A vertex so near to a cut is the cut."""
MOST = 5_000_000
"""So many stretches may there be."""


class RoadBins(NamedTuple):
    """Stretches of lines, in the order of the lines, each from its start on.

    Attributes:
        stretch: lines, shape (k,); neighbours share their end, bit for bit.
        line: the position of the line that each is of.
        from_m, to_m: metres along that line; along one part of it where it has several.
    """

    stretch: Geometries
    line: Positions
    from_m: Floats
    to_m: Floats


class _Cuts(NamedTuple):
    """Parts of lines, with their number of stretches, the length of these and the first of them."""

    part: Geometries
    pieces: Positions
    piece_m: Floats
    first: Positions


def road_bins(lines: Sequence[shapely.Geometry | None] | Geometries, size_m: float) -> RoadBins:
    """Each line cut into equal stretches whose length is as near to `size_m` as it goes.

    A line shorter than that is one stretch. The parts of a line that has several are cut each for itself.
    None, empty lines and lines without length have no stretches.

    Args:
        lines: LineString, LinearRing, MultiLineString or None in the metric CRS, shape (n,).
        size_m: metres.

    Raises:
        CoordinateError: a coordinate is not finite.
        GridError: the size is not positive, a geometry is no line, or there would be more than `MOST`.
    """
    if not 0 < size_m < np.inf:
        raise GridError(f"Stretches cannot be {size_m} m long.", fix="Give a length in metres above 0.")
    part, line = _parts(lines)
    length = np.asarray(shapely.length(part), np.float64)
    pieces = np.maximum(np.floor(length / size_m + 0.5), 1)
    if pieces.sum() > MOST:
        raise GridError(
            f"The lines have {pieces.sum():.0f} stretches of {size_m} m.", fix="Take longer stretches."
        )
    pieces = pieces.astype(np.intp)
    cuts = _Cuts(part, pieces, length / pieces, np.cumsum(pieces) - pieces)
    of = np.repeat(np.arange(len(part)), pieces)
    number = np.arange(len(of)) - cuts.first[of]
    from_m, to_m = number * cuts.piece_m[of], (number + 1) * cuts.piece_m[of]
    return RoadBins(_stretches(cuts, of, number), line[of], from_m, to_m)


def _parts(lines: Sequence[shapely.Geometry | None] | Geometries) -> tuple[Geometries, Positions]:
    """Single lines that have a length, and the position of the line that each is of."""
    given: Geometries = np.array(lines, dtype=object).reshape(-1)
    part, line = shapely.get_parts(shapely.force_2d(given), return_index=True)
    if not np.isfinite(shapely.get_coordinates(part)).all():
        raise CoordinateError("A line has a vertex that is nowhere.", fix="Repair the layer of lines first.")
    type_ = shapely.get_type_id(part)
    is_line = (type_ == shapely.GeometryType.LINESTRING) | (type_ == shapely.GeometryType.LINEARRING)
    if not is_line.all():
        bad = int(np.argmin(is_line))
        raise GridError(
            f"Geometry {line[bad]} is a {part[bad].geom_type}, no line.", fix="Take bins along lines only."
        )
    long = shapely.length(part) > 0
    return part[long], line[long].astype(np.intp)


def _stretches(cuts: _Cuts, of: Positions, number: Positions) -> Geometries:
    """From cut to cut with the vertices between."""
    if not len(of):
        return np.empty(0, dtype=object)
    vertex, along, owner = _between(cuts)
    last = number + 1 == cuts.pieces[of]
    low, high = number * cuts.piece_m[of], (number + 1) * cuts.piece_m[of]
    start = shapely.line_interpolate_point(cuts.part[of], low)
    end = shapely.line_interpolate_point(cuts.part[of], high)
    end[last] = shapely.get_point(cuts.part[of[last]], -1)  # without rounding
    each = np.arange(len(of))
    xy = np.concatenate([shapely.get_coordinates(start), vertex, shapely.get_coordinates(end)])
    stretch = np.concatenate([each, owner, each])
    order = np.lexsort((np.concatenate([low, along, high]), stretch))
    return np.asarray(shapely.linestrings(xy[order], indices=stretch[order]), dtype=object)


def _between(cuts: _Cuts) -> tuple[Floats, Floats, Positions]:
    """The vertices that are not where a line is cut: where they are, how far along, in which stretch."""
    xy, part = shapely.get_coordinates(cuts.part, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    new = np.diff(part, prepend=-1) > 0
    step[new] = 0.0
    total = np.cumsum(step)
    along = total - total[new][part]
    place = along / cuts.piece_m[part]
    inner = np.abs(place - np.rint(place)) * cuts.piece_m[part] > SAME_M
    part, place = part[inner], place[inner]
    number = np.minimum(place.astype(np.intp), cuts.pieces[part] - 1)
    return xy[inner], along[inner], cuts.first[part] + number


def nearest_stretch(roads: RoadBins, xy: ArrayLike, within_m: float) -> Positions:
    """For each point the nearest stretch at most `within_m` away, shape (n,); -1 where there is none.

    Of equally near ones (at a crossing, at a cut) the first in the order of the lines.

    Raises:
        CoordinateError: a point is not finite.
        GridError: the distance is negative or not a number.
    """
    if not within_m >= 0:
        raise GridError(f"Nothing lies within {within_m} m.", fix="Give a distance of 0 or more.")
    points = as_points(xy)
    if not len(points) or not len(roads.stretch):
        return np.full(len(points), -1, dtype=np.intp)
    x, y = np.ascontiguousarray(points.T)
    with bulk():
        return NearIndex(roads.stretch).nearest(x, y, within_m)[0]
