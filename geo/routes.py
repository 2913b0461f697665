"""Linear referencing: where along a route, in its own metres, and on which side of it, a point lies.

Everything is in the units of the coordinates, which must be those of a metric CRS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.near import NearIndex

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]

JOIN_M = 0.5
"""Ends of pieces this close are one: offices draw pieces that miss each other by centimetres."""

_NO_MARKS = np.empty(0)


class Measured(NamedTuple):
    """Where points lie by a route; NaN for points that are None, empty or not finite, and on no route.

    Attributes:
        metre: of the nearest place on the route; of equally near ones, the first as it was digitised.
        offset_m: metres from the line, positive on the left of increasing metres, negative on the right.
            Before the start and behind the end: from the line run straight on, so 0 straight ahead.
        distance_m: to the nearest place on the route; ``abs(offset_m)`` but before and behind the ends.
    """

    metre: Floats
    offset_m: Floats
    distance_m: Floats


@dataclass(frozen=True)
class Route:
    """One or more lines in a row, counted in metres of their own.

    Attributes:
        parts: LineStrings in their order; more than one where pieces do not join. Distances along run on from
            the end of one to the start of the next, and the jump between them counts nothing.
        along: distances along, ascending, at which the metres are known; empty: metres are distances along.
        metre: the metres there, strictly ascending, or descending where the route counts against its drawing.
            Between them they are interpolated; before the first and behind the last they go on one by one.
    """

    parts: Geometries
    along: Floats = field(default_factory=lambda: _NO_MARKS)
    metre: Floats = field(default_factory=lambda: _NO_MARKS)

    @cached_property
    def length_m(self) -> float:
        """The length of all parts together; 0 for a route of nothing."""
        return float(shapely.length(self.parts).sum())

    @property
    def descends(self) -> bool:
        """Whether metres fall in the direction of the drawing."""
        return len(self.metre) > 1 and bool(self.metre[-1] < self.metre[0])

    @cached_property
    def metres(self) -> tuple[float, float]:
        """The lowest and the highest metre; NaN for a route of nothing."""
        if not len(self.parts):
            return np.nan, np.nan
        ends = np.sort(self.metre_at([0.0, self.length_m]))
        return float(ends[0]), float(ends[1])

    def calibrated(self, along: ArrayLike, metre: ArrayLike) -> Route:
        """The route with metres known at these distances along; those that `fitting_marks` refuses are left
        out. One alone shifts the count, none leaves it as it is.
        """
        at, metres = np.asarray(along, np.float64), np.asarray(metre, np.float64)
        fits = fitting_marks(at, metres)
        order = np.argsort(at[fits], kind="stable")
        return replace(self, along=at[fits][order], metre=metres[fits][order])

    def metre_at(self, along: ArrayLike) -> Floats:
        """The metres at distances along the drawing."""
        slope = -1.0 if self.descends else 1.0
        return _piecewise(np.asarray(along, np.float64), self.along, self.metre, slope)

    def along_at(self, metre: ArrayLike) -> Floats:
        """The distances along the drawing at which the route counts these metres; may lie outside it."""
        metres = np.asarray(metre, np.float64)
        if self.descends:
            return _piecewise(metres, self.metre[::-1], self.along[::-1], -1.0)
        return _piecewise(metres, self.metre, self.along, 1.0)

    def measure(self, points: Geometries) -> Measured:
        """Where points, shape (n,), shapely Points or None, lie by the route."""
        return self.measure_xy(shapely.bounds(points)[:, :2])

    def measure_xy(self, xy: Floats) -> Measured:
        """`measure` of coordinates, shape (n, 2); what is not finite lies nowhere."""
        along, offset, distance = self._project(xy)
        return Measured(self.metre_at(along), -offset if self.descends else offset, distance)

    def project(self, points: Geometries) -> tuple[Floats, Floats, Floats]:
        """``(distance along, offset, distance)`` of points by the drawing, whatever its metres."""
        points = np.atleast_1d(np.asarray(points, dtype=object))
        return self._project(shapely.bounds(points)[:, :2])  # NaN for None and empty

    def _project(self, xy: Floats) -> tuple[Floats, Floats, Floats]:
        along, offset, distance = (np.full(len(xy), np.nan) for _ in range(3))
        segment, _ = self._segments.index.nearest(xy[:, 0], xy[:, 1], np.inf)
        row = np.flatnonzero(segment >= 0)
        along[row], offset[row], distance[row] = self._segments.project(xy[row], segment[row])
        return along, offset, distance

    def stretch(self, from_m: float, to_m: float) -> shapely.Geometry:
        """The line between two metres, drawn towards the higher; a MultiLineString across a jump.

        What lies outside the route is left out; an empty LineString where nothing is left. The order of the
        two does not matter.
        """
        if not (np.isfinite(from_m) and np.isfinite(to_m)):
            return shapely.LineString()
        low, high = np.sort(self.along_at([from_m, to_m]))
        begins = np.cumsum([0.0, *shapely.length(self.parts)])[:-1]
        lines = [_clip(part, low - at, high - at) for part, at in zip(self.parts, begins, strict=True)]
        lines = [line for line in lines if line is not None]
        if self.descends:
            lines = [shapely.reverse(line) for line in lines[::-1]]
        if len(lines) == 1:
            return lines[0]
        return shapely.multilinestrings(lines) if lines else shapely.LineString()

    @property
    def jumps(self) -> Geometries:
        """The straight lines from the end of each part to the start of the next; none where all join."""
        ends = shapely.get_coordinates(shapely.get_point(self.parts[:-1], -1))
        starts = shapely.get_coordinates(shapely.get_point(self.parts[1:], 0))
        return np.asarray(shapely.linestrings(np.stack([ends, starts], axis=1)), dtype=object)

    @cached_property
    def _segments(self) -> _Segments:
        return _segments(self.parts)


def _piecewise(at: Floats, known: Floats, value: Floats, slope: float) -> Floats:
    """Interpolated between known places, ascending; outside them it goes on with a slope. NaN stays."""
    if not len(known):
        return at.astype(np.float64)
    inner = np.interp(at, known, value)
    before, behind = value[0] + slope * (at - known[0]), value[-1] + slope * (at - known[-1])
    return np.asarray(np.where(at < known[0], before, np.where(at > known[-1], behind, inner)))


def fitting_marks(along: ArrayLike, metre: ArrayLike) -> Bools:
    """Which marks can hold together: the most whose metres all rise, or all fall, with the distance along.

    Of two at the same place the first given counts; marks that are not finite never fit; where as many rise
    as fall, those that rise.
    """
    at, metres = np.asarray(along, np.float64), np.asarray(metre, np.float64)
    usable = np.flatnonzero(np.isfinite(at) & np.isfinite(metres))
    usable = usable[np.sort(np.unique(at[usable], return_index=True)[1])]
    order = usable[np.argsort(at[usable], kind="stable")]
    rising, falling = _longest_rise(metres[order]), _longest_rise(-metres[order])
    fits = np.zeros(len(at), dtype=bool)
    fits[order[rising if len(rising) >= len(falling) else falling]] = True
    return fits


def _longest_rise(values: Floats) -> Ints:
    """Positions of a longest strictly ascending subsequence: of several, the one that ends first."""
    length, before = np.ones(len(values), dtype=np.intp), np.full(len(values), -1, dtype=np.intp)
    for i in range(1, len(values)):
        lower = np.flatnonzero(values[:i] < values[i])
        if len(lower):
            before[i] = lower[np.argmax(length[lower])]
            length[i] = length[before[i]] + 1
    chain = [int(np.argmax(length))] if len(values) else []
    while chain and before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return np.array(chain[::-1], dtype=np.intp)


# ---- segments


@dataclass(frozen=True)
class _Segments:
    """The segments of all parts in order, as columns; -1 where a part has none before or behind."""

    start: Floats
    vector: Floats
    length: Floats
    along: Floats
    before: Ints
    behind: Ints
    index: NearIndex

    def project(self, xy: Floats, segment: Ints) -> tuple[Floats, Floats, Floats]:
        """Distance along, offset and distance of points whose nearest segments are known."""
        reach = xy - self.start[segment]
        vector, length = self.vector[segment], self.length[segment]
        share = np.clip((reach * vector).sum(axis=1) / length**2, 0.0, 1.0)
        distance = np.hypot(*(reach - share[:, None] * vector).T)
        lateral = _cross(vector, reach) / length
        turn = self._turn(segment, share)
        # Beside a corner a point lies outside the turn, whatever one of its two segments says.
        offset = np.where(turn > 0, -distance, np.where(turn < 0, distance, lateral))
        return self.along[segment] + share * length, offset, distance

    def _turn(self, segment: Ints, share: Floats) -> Floats:
        """Which way the line turns where the nearest place is a corner: left > 0; 0 elsewhere."""
        other = np.where(share <= 0, self.before[segment], np.where(share >= 1, self.behind[segment], -1))
        turn = _cross(self.vector[other], self.vector[segment])
        return np.where(other < 0, 0.0, np.where(share <= 0, turn, -turn))


def _cross(one: Floats, other: Floats) -> Floats:
    product: Floats = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return product


def _segments(parts: Geometries) -> _Segments:
    xy, of = shapely.get_coordinates(parts, return_index=True)
    inside = of[1:] == of[:-1]
    start, vector = xy[:-1][inside], np.diff(xy, axis=0)[inside]
    length = np.hypot(*vector.T)
    of = of[1:][inside]
    number = np.arange(len(of))
    first, last = np.flatnonzero(np.diff(of, prepend=-1)), np.flatnonzero(np.diff(of, append=-1))
    before, behind = number - 1, number + 1
    closed = shapely.is_closed(parts)
    before[first], behind[last] = np.where(closed, last, -1), np.where(closed, first, -1)
    lines = shapely.linestrings(np.stack([start, start + vector], axis=1))
    along = np.cumsum(length) - length
    return _Segments(start, vector, length, along, before, behind, NearIndex(lines))


def _clip(part: shapely.LineString, low: float, high: float) -> shapely.LineString | None:
    """The part between two distances along it; None where that has no length."""
    low, high = max(low, 0.0), min(high, float(part.length))
    if not low < high:
        return None
    xy = shapely.get_coordinates(part)
    along = np.cumsum([0.0, *np.hypot(*np.diff(xy, axis=0).T)])
    inner = xy[(along > low) & (along < high)]
    ends = np.stack([np.interp([low, high], along, axis) for axis in xy.T], axis=1)
    return shapely.LineString(np.vstack([ends[:1], inner, ends[1:]]))


# ---- out of pieces


def make_route(pieces: Sequence[shapely.Geometry | None] | Geometries) -> Route:
    """One route out of lines in metres, not calibrated: it counts from 0 where its drawing begins.

    Pieces whose ends lie within `JOIN_M` are joined, whichever way each was drawn; the way that most of their
    length was drawn is the route's, the first piece's where they tie. A ring begins where its first piece
    does. Parts that do not join follow each other so that the jumps are shortest, each as it was drawn. Where
    several parts meet at one place, as at a fork, the route goes on with one of them and jumps back for the
    others. None, empty, what is no line, and pieces drawn twice are left out; a route of nothing has no
    parts.
    """
    lines = _lines(np.asarray(pieces, dtype=object).reshape(-1))
    if not len(lines):
        return Route(np.empty(0, dtype=object))
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(_bridged(lines))))
    parts, first = _directed(merged, lines)
    order = np.argsort(first, kind="stable")
    return Route(_chained(parts[order]))


def _lines(pieces: Geometries) -> Geometries:
    """The lines among them, flat, without repeated vertices, each once."""
    parts = shapely.force_2d(shapely.get_parts(pieces[~shapely.is_missing(pieces)]))
    parts = parts[(shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 0)]
    parts = shapely.remove_repeated_points(parts)
    _, once = np.unique(shapely.to_wkb(shapely.normalize(parts)), return_index=True)
    lines: Geometries = parts[np.sort(once)]
    return lines


def _bridged(lines: Geometries) -> Geometries:
    """The lines, led on at both ends to where the first of the ends close by lies."""
    ends = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1).ravel()
    one, other = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=JOIN_M)
    meet = np.arange(len(ends))
    np.minimum.at(meet, one, other)
    while (meet[meet] != meet).any():
        meet = meet[meet]
    start, end = shapely.get_coordinates(ends)[meet].reshape(-1, 2, 2).swapaxes(0, 1)
    keep = (meet[::2] != meet[1::2]) | (shapely.length(lines) > 2 * JOIN_M)
    keep |= not keep.any()
    led = [
        shapely.LineString(np.vstack([a[None], shapely.get_coordinates(line), b[None]]))
        for line, a, b in zip(lines[keep], start[keep], end[keep], strict=True)
    ]
    return np.asarray(shapely.remove_repeated_points(np.array(led, dtype=object)), dtype=object)


def _directed(parts: Geometries, lines: Geometries) -> tuple[Geometries, Ints]:
    """The parts turned as most of their pieces were drawn, and the first piece of each."""
    early, middle, late = (
        shapely.line_interpolate_point(lines, share, normalized=True) for share in (1 / 3, 1 / 2, 2 / 3)
    )
    _, of = shapely.STRtree(parts).query_nearest(middle, all_matches=False)
    along = [shapely.line_locate_point(parts[of], points) for points in (early, late)]
    drawn = np.sign(along[1] - along[0]) * shapely.length(lines)
    way = np.bincount(of, drawn, len(parts))
    first = np.full(len(parts), len(lines), dtype=np.intp)
    np.minimum.at(first, of, np.arange(len(lines)))
    tied = np.flatnonzero((np.abs(way) < 1e-9 * shapely.length(parts)) & (first < len(lines)))
    way[tied] = drawn[first[tied]]
    turned = np.where(way < 0, shapely.reverse(parts), parts)
    rings = np.flatnonzero(shapely.is_closed(turned) & (first < len(lines)))
    for ring in rings:
        ends = shapely.get_coordinates(lines[first[ring]])[[0, -1]]
        turned[ring] = _begun_at(turned[ring], ends[0 if way[ring] >= 0 else 1])
    return turned, first


def _begun_at(ring: shapely.LineString, xy: Floats) -> shapely.LineString:
    """The ring begun at its vertex nearest to a place."""
    corners = shapely.get_coordinates(ring)[:-1]
    at = int(np.argmin(np.hypot(*(corners - xy).T)))
    return shapely.LineString(np.vstack([corners[at:], corners[: at + 1]]))


def _chained(parts: Geometries) -> Geometries:
    """The parts, each followed by the one that starts nearest; begun so that the jumps are shortest.

    Those that meet are one.
    """
    if len(parts) == 1:
        return parts
    ends, starts = (shapely.get_coordinates(shapely.get_point(parts, at)) for at in (-1, 0))
    jump = np.hypot(*(ends[:, None, :] - starts[None, :, :]).transpose(2, 0, 1))
    walks = [_walk(jump, begin) for begin in range(len(parts))]
    order = min(walks, key=lambda walk: float(jump[walk[:-1], walk[1:]].sum()))
    chains: list[list[Floats]] = []
    for before, at in zip([-1, *order], order, strict=False):
        xy = shapely.get_coordinates(parts[at])
        if before >= 0 and jump[before, at] == 0:
            chains[-1].append(xy[1:])
        else:
            chains.append([xy])
    return np.array([shapely.LineString(np.vstack(chain)) for chain in chains], dtype=object)


def _walk(jump: Floats, begin: int) -> list[int]:
    """All parts from one on, each time the one whose start is nearest."""
    left, walk = np.ones(len(jump), dtype=bool), [begin]
    left[begin] = False
    while left.any():
        walk.append(int(np.argmin(np.where(left, jump[walk[-1]], np.inf))))
        left[walk[-1]] = False
    return walk
