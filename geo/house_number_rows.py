"""One side of a street: its known numbers in their order, and where the row would have another one.

Everything is in metres.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.routes import Route

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

HOUSE_M = 9.0
"""How far (68 %) a house lies from where its row would have it, however near the neighbours are."""
SLACK = 0.42
"""What the gap between two neighbours adds: times the gap, times sqrt(t (1 - t)), the spread of a bridge of
random steps. Both are fitted to the 5,700 gaps of Lauf, Helsinki and Liechtenstein."""
RUN_ON = 0.9
"""The same for a number beyond the last: times the way that the count is run on."""
SPACING_M = 11.0
"""Metres from a number to the next where a street does not tell: the median of those three places."""
DETOUR_M = 250.0
"""A number that makes its row this much longer is no guide to its neighbours."""
DRIFT_M = 25.0
"""How far the two sides of a street differ in their count, where only one is known."""
ASTRAY = 1.7
"""How many times as far off a guess is that has no line to follow."""
_FAR_M = 100.0
_WINDING = 2.0


@dataclass(frozen=True)
class Axis:
    """A street by its line: places by it are a distance along and an offset to its left, as `Route` has it.

    Where there is no line, both are NaN.
    """

    route: Route

    @cached_property
    def length_m(self) -> float:
        """Of all parts; 0 where there is no line."""
        return self.route.length_m

    @cached_property
    def is_ring(self) -> bool:
        """Whether it ends where it begins."""
        parts = self.route.parts
        return len(parts) == 1 and bool(shapely.is_closed(parts[0]))

    def project(self, xy: Floats) -> tuple[Floats, Floats]:
        """Distances along and offsets of coordinates, shape (n, 2)."""
        if not len(self.route.parts) or not len(xy):
            return np.full(len(xy), np.nan), np.full(len(xy), np.nan)
        along, offset, distance = self.route.project(shapely.points(xy))
        offset = np.copysign(distance, offset)
        far = distance > _FAR_M  # the street is drawn in part, or the number stands elsewhere
        return np.where(far, np.nan, along), np.where(far, np.nan, offset)

    def place(self, along: Floats, offset: Floats) -> Floats:
        """The coordinates there, shape (n, 2); beyond the ends they are those of the ends."""
        if not len(self.route.parts):
            return np.full((len(along), 2), np.nan)
        here, before, behind = (self._on(along + by) for by in (0.0, -1.0, 1.0))
        ahead = behind - before
        ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
        return here + offset[:, None] * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)

    def way(self, start: Floats, end: Floats) -> Floats:
        """Metres from one distance along to another, signed; on a ring the shorter way round."""
        way = end - start
        if self.is_ring:
            way = (way + self.length_m / 2) % self.length_m - self.length_m / 2
        return way

    def overshoot(self, along: Floats) -> Floats:
        """By how much distances along lie outside the line; 0 on a ring."""
        if self.is_ring:
            return np.zeros(len(along))
        return np.maximum(np.maximum(-along, along - self.length_m), 0.0)

    @cached_property
    def _ends(self) -> Floats:
        return np.asarray(np.cumsum(shapely.length(self.route.parts)))

    def _on(self, along: Floats) -> Floats:
        inside = along % self.length_m if self.is_ring else np.clip(along, 0.0, self.length_m)
        inside = np.nan_to_num(inside)
        part = np.minimum(np.searchsorted(self._ends, inside), len(self._ends) - 1)
        begin = np.concatenate([[0.0], self._ends])[part]
        points = shapely.line_interpolate_point(self.route.parts[part], inside - begin)
        return np.where(np.isnan(along)[:, None], np.nan, shapely.get_coordinates(points))


@dataclass(frozen=True, slots=True)
class Guesses:
    """Where a row would have some numbers, one each; NaN and -1 where it tells nothing.

    Attributes:
        along: on the axis, may lie beyond its ends; NaN where the axis is no guide.
        offset: to the left of the axis; NaN as `along`.
        straight: shape (n, 2), without the axis: on the straight line through the neighbours.
        model_m: how far off (68 %) such a guess is as a rule.
        low, high: the marks between which it lies.
    """

    along: Floats
    offset: Floats
    straight: Floats
    model_m: Floats
    low: Ints
    high: Ints

    def settled(self, axis: Axis, offset: Floats) -> Floats:
        """The places at these offsets from the axis, shape (n, 2); the straight ones where it is no guide."""
        by_axis = axis.place(self.along, offset)
        return np.where(np.isfinite(by_axis), by_axis, self.straight)


def chosen(which: Bools, yes: Guesses, no: Guesses) -> Guesses:
    """The one's guess where it holds, the other's elsewhere."""
    columns = (
        (np.where(which if name != "straight" else which[:, None], getattr(yes, name), getattr(no, name)))
        for name in Guesses.__slots__
    )
    return Guesses(*columns)


@dataclass(frozen=True)
class Row:
    """Numbers in ascending order, each once, at places of shape (n, 2)."""

    axis: Axis
    number: Floats
    xy: Floats

    @cached_property
    def along(self) -> Floats:
        """Distances along the axis."""
        return self._projected[0]

    @cached_property
    def offset(self) -> Floats:
        """Metres to the left of the axis."""
        return self._projected[1]

    @cached_property
    def _projected(self) -> tuple[Floats, Floats]:
        return self.axis.project(self.xy)

    @cached_property
    def spacings_m(self) -> Floats:
        """Metres for each number from one to the next, in a straight line."""
        return np.asarray(np.hypot(*np.diff(self.xy, axis=0).T) / np.diff(self.number))

    def guess(self, wanted: Floats, spacing_m: float) -> Guesses:
        """Where the row would have these numbers if it did not have them: a known one is not looked at."""
        low = np.searchsorted(self.number, wanted, "left") - 1
        high = np.searchsorted(self.number, wanted, "right")
        high = np.where(high < len(self.number), high, -1)
        nan = np.full(len(wanted), np.nan)
        guesses = Guesses(nan, nan.copy(), np.stack([nan, nan], axis=1), nan.copy(), low, high)
        inner = np.flatnonzero((low >= 0) & (high >= 0))
        outer = np.flatnonzero((low >= 0) ^ (high >= 0))
        self._between(guesses, inner, wanted[inner])
        self._beyond(guesses, outer, wanted[outer], spacing_m)
        return guesses

    def _between(self, into: Guesses, rows: Ints, wanted: Floats) -> None:
        low, high = into.low[rows], into.high[rows]
        share = (wanted - self.number[low]) / (self.number[high] - self.number[low])
        step = self.xy[high] - self.xy[low]
        chord = np.hypot(*step.T)
        way = self.axis.way(self.along[low], self.along[high])
        # Where the street forks, or its drawing jumps, the way along it is no guide.
        winds = ~(np.abs(way) <= _WINDING * chord + 50.0)
        gap = np.where(winds, chord, np.maximum(np.abs(way), chord))
        into.along[rows] = np.where(winds, np.nan, self.along[low] + share * way)
        into.offset[rows] = (1 - share) * self.offset[low] + share * self.offset[high]
        into.straight[rows] = self.xy[low] + share[:, None] * step
        miss = np.hypot(HOUSE_M, SLACK * gap * np.sqrt(share * (1 - share)))
        into.model_m[rows] = np.where(winds, ASTRAY * miss, miss)

    def _beyond(self, into: Guesses, rows: Ints, wanted: Floats, spacing_m: float) -> None:
        up = into.low[rows] >= 0
        end = np.where(up, into.low[rows], into.high[rows])
        reach = spacing_m * np.abs(wanted - self.number[end])
        inward = np.where(up, max(len(self.number) - 4, 0), min(3, len(self.number) - 1))
        ahead = np.sign(self.axis.way(self.along[inward], self.along[end]))
        into.along[rows] = self.along[end] + ahead * reach
        into.offset[rows] = self.offset[end]
        back = self.xy[end] - self.xy[inward]
        back /= np.maximum(np.hypot(*back.T), 1e-9)[:, None]
        into.straight[rows] = self.xy[end] + reach[:, None] * back
        into.model_m[rows] = np.hypot(HOUSE_M, np.where(ahead == 0, 1.0, RUN_ON) * reach)

    def shift(self, own: Guesses, wanted: Floats, across: Row, there: Guesses, spacing_m: float) -> Guesses:
        """What the row across says, moved by as much as this row's own marks lie off what it says of them.

        The two sides of a street may count at different speeds; what they share are bends and long gaps.
        """
        if not len(self.number):
            return replace(there, model_m=np.hypot(there.model_m, DRIFT_M))
        says = across.guess(self.number, spacing_m)
        off = self.axis.way(says.along, self.along)
        low, high = np.where(own.low < 0, own.high, own.low), np.where(own.high < 0, own.low, own.high)
        span = self.number[high] - self.number[low]
        share = np.where(span > 0, (wanted - self.number[low]) / np.where(span > 0, span, 1), 0.0)
        by = (1 - share) * off[low] + share * off[high]
        straight = np.full_like(there.straight, np.nan)
        model = np.hypot(there.model_m, own.model_m / 2)
        runs_on = (there.low < 0) | (there.high < 0)
        model[runs_on] = np.minimum(model, own.model_m)[runs_on]
        model[~np.isfinite(by + there.along)] = np.nan
        return replace(there, along=there.along + by, straight=straight, model_m=model)


def fits_its_row(number: Floats, xy: Floats) -> Bools:
    """Which of ascending numbers fit their row: not those that make it a long way round.

    They are found one by one, the worst first, up to an eighth of all, and one of at least four.
    """
    fits = np.ones(len(number), dtype=bool)
    for _ in range(len(fits) // 8 + (len(fits) > 3)):
        rows = np.flatnonzero(fits)
        detour = _detours(number[rows], xy[rows])
        if not len(detour) or detour.max() <= DETOUR_M:
            break
        fits[rows[1 + int(np.argmax(detour))]] = False
    return fits


def _detours(number: Floats, xy: Floats) -> Floats:
    """By how much each inner one lengthens the way, beyond what the gap in the numbers excuses."""
    if len(xy) < 3:
        return np.empty(0)
    leg, straight = np.hypot(*np.diff(xy, axis=0).T), np.hypot(*(xy[2:] - xy[:-2]).T)
    return np.asarray(leg[:-1] + leg[1:] - straight - SPACING_M * (number[2:] - number[:-2]))
