"""Which datum positions are really in, told from how they lie along lines that they belong to.

Lamps stand along roads, and boundaries follow roads and rivers. If such positions are in GCJ-02 and taken for
WGS-84, all of them are off by the same few hundred metres: they lie nowhere in particular, and along the
lines once they are moved back. So every supposition about the datum is a displacement, and the right one fits
the lines better than *every* other displacement does, not only better than none. This keeps chance out. Where
positions have nothing to do with the lines, the displacement that happens to fit best may be any within
reach, and is one of the few that a datum makes in less than one case of a thousand. Where they stand all in
one spot or along one straight road, or where the lines repeat themselves, many displacements fit alike; where
they are off by some metres, another fits best. Nothing is said then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs
from geo.datum import convert, in_mainland
from geo.types import Datum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]
Counts = NDArray[np.uint8]

LEAST_POINTS = 24
"""Fewer places apart from each other tell nothing."""
MOST_POINTS = 120
"""More are not needed, and would not fit in the bytes that count them."""
SPOT_M = 20.0
"""Positions in one square of this size are one place."""
RING_M = 4.0
"""Distances from a line are told apart in rings of this width,"""
RINGS = 8
"""so many of them."""
REACH_M = 1_200.0
"""Displacements up to this length are held against that of a datum."""
SAME_M = 60.0
"""Displacements that differ by less are the same one, seen through roads as wide as they are."""
LEAST_RATIO = 12.0
"""Logarithm of the likelihood ratio against chance that a fit must have,"""
CLEARLY = 1.1
"""and how many times that of every other displacement."""
LEAST_SHARE = 0.3
"""Of positions that must lie in the band."""

BANDS = tuple((low, high) for low in range(RINGS - 2) for high in range(low + 2, RINGS + 1))
"""Where things stand along lines, from ring to ring: on a street, beside it, beside an avenue."""
THROWS = 24
"""Displacements that tell what is usual by chance."""
SURELY = 1.5
"""How many times that of each of these a fit must have to be the right one."""
MAINLAND_SHARE = 0.95
"""Of positions that must lie where map services shift them."""
_DATUMS = (Datum.WGS84, Datum.GCJ02, Datum.BD09)


@dataclass(frozen=True, slots=True)
class Supposed:
    """That positions declared as one datum are in another; both equal where the declaration is right."""

    declared: Datum
    actual: Datum

    @property
    def reverse(self) -> Supposed:
        """What would be true of the lines, if it is they that are wrong."""
        return Supposed(self.actual, self.declared)


@dataclass(frozen=True, slots=True)
class Fit:
    """How positions lie along the lines.

    Attributes:
        in_band: how many lie between `Verdict.from_m` and `Verdict.to_m` of the nearest line.
        median_m: of their distances from it; infinite where that is beyond `REACH_M`.
        ratio: logarithm of the likelihood ratio against chance, of the band where it is greatest.
    """

    in_band: int
    median_m: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """That positions are in another datum than was declared, with the evidence.

    Attributes:
        supposed: which datum was declared and which they are in.
        points: how many were looked at, each in a place of its own.
        from_m, to_m: the distance from a line that sets them apart most.
        declared: how they lie as they were declared.
        actual: how they lie if the verdict is right.
        elsewhere: the most positions in the band after any displacement that is not this one.
        rival: the ratio of the displacement that fits best of those.
    """

    supposed: Supposed
    points: int
    from_m: float
    to_m: float
    declared: Fit
    actual: Fit
    elsewhere: int
    rival: float


class ReferenceLines:
    """Lines that positions are held against, in metres; may be shared between threads.

    Args:
        geoms: lines, or areas for their boundaries, shape (n,), in the metric CRS; what is neither, is empty
            or None is passed over.
    """

    def __init__(self, geoms: Objects) -> None:
        lines = np.asarray(geoms, dtype=object)
        areas = shapely.get_dimensions(lines) == 2
        lines = np.array(lines)
        lines[areas] = shapely.boundary(lines[areas])
        parts = shapely.get_parts(lines[shapely.get_dimensions(lines) == 1])
        xy, of = shapely.get_coordinates(parts, return_index=True)
        joined = np.flatnonzero(of[1:] == of[:-1])
        self._segments: Floats = np.stack([xy[joined], xy[joined + 1]], axis=1)
        self._tree = shapely.STRtree(shapely.linestrings(self._segments))

    def __len__(self) -> int:
        return len(self._segments)

    def distances(self, x: Floats, y: Floats, most_m: float = RING_M * RINGS) -> Floats:
        """Metres to the nearest line; infinite beyond `most_m`."""
        out = np.full(len(x), np.inf)
        (row, _), away = self._tree.query_nearest(
            shapely.points(x, y), max_distance=most_m, return_distance=True, all_matches=False
        )
        out[row] = away
        return out

    def around(self, x: float, y: float, cells: int) -> NDArray[np.bool_]:
        """Whether a line passes through each of the cells around a position, shape (2·cells+1)²."""
        side = 2 * cells + 1
        column, row = int(np.floor(x / RING_M)) - cells, int(np.floor(y / RING_M)) - cells
        starts = _key(np.arange(column, column + side), row)
        first, last = np.searchsorted(self._cells, starts), np.searchsorted(self._cells, starts + side)
        count = last - first
        at = np.arange(count.sum()) + np.repeat(first - np.cumsum(count) + count, count)
        passed = np.zeros((side, side), dtype=bool)
        passed[np.repeat(np.arange(side), count), self._cells[at] - np.repeat(starts, count)] = True
        return passed

    @cached_property
    def _cells(self) -> Ints:
        """Keys of the cells that the lines pass through, ascending."""
        start, end = self._segments[:, 0], self._segments[:, 1]
        steps = np.ceil(np.hypot(*(end - start).T) / (RING_M / 2)).astype(np.int64) + 1
        of = np.repeat(np.arange(len(start)), steps)
        nth = np.arange(len(of)) - np.repeat(np.cumsum(steps) - steps, steps)
        share = (nth / np.maximum(steps - 1, 1)[of])[:, None]
        cells = np.floor((start[of] + share * (end - start)[of]) / RING_M).astype(np.int64)
        return np.unique(_key(cells[:, 0], cells[:, 1]))


def _key(column: Ints, row: Ints | int) -> Ints:
    """One number for a cell, growing with its row within a column."""
    return np.asarray(column * (1 << 32) + (row + (1 << 31)))


def examine(
    lng: Floats, lat: Floats, lines: ReferenceLines, metric: MetricCrs, declared: Datum | None = None
) -> Verdict | None:
    """In which datum positions are, if that is another than was declared, and certain; else None.

    Always None where they lie outside the mainland, for nothing is shifted there.

    Args:
        lng, lat: the positions in WGS-84 degrees, as they came out of the datum declared, shape (n,); what is
            not finite is passed over.
        lines: what they should lie along, right themselves.
        metric: the CRS of the lines.
        declared: the datum; None where it is not known.
    """
    x, y = _places(lng, lat, metric)
    degrees = metric.to_lnglat(x, y)
    if len(x) < LEAST_POINTS or not len(lines) or in_mainland(*degrees).mean() < MAINLAND_SHARE:
        return None
    own = lines.distances(x, y)
    moved = _moved(*degrees, metric, declared)
    away = {supposed: lines.distances(*xy) for supposed, xy in moved.items()}
    roughly = _table(len(x), _usual([own, *away.values()]))
    best = max(away, key=lambda supposed: _greatest([away[supposed]], roughly))
    if _greatest([away[best]], roughly) < max(LEAST_RATIO / 2, CLEARLY * _greatest([own], roughly)):
        return None  # most layers, at little cost
    others = _thrown(lines, x, y)
    table = _table(len(x), _usual(others))
    rivals = [own, *others, *(away[other] for other in away if other != best)]
    if _greatest([away[best]], table) < max(LEAST_RATIO, CLEARLY * _greatest(rivals, table)):
        return None
    own, there = (lines.distances(*at, REACH_M) for at in ((x, y), moved[best]))
    return _verdict(best, own, there, _displaced(lines, *moved[best]))


def lies_along(lng: Floats, lat: Floats, lines: ReferenceLines, metric: MetricCrs) -> bool:
    """Whether positions lie along the lines as they are: far better than after other displacements.

    Args:
        lng, lat, lines, metric: as for `examine`.
    """
    x, y = _places(lng, lat, metric)
    if len(x) < LEAST_POINTS or not len(lines):
        return False
    others = _thrown(lines, x, y)
    table = _table(len(x), _usual(others))
    ratio, _ = _best_band(_within(lines.distances(x, y)), table)
    return ratio >= max(LEAST_RATIO, SURELY * _greatest(others, table))


def _places(lng: Floats, lat: Floats, metric: MetricCrs) -> tuple[Floats, Floats]:
    """One position of each spot in metres, and not too many, spread over all."""
    x, y = metric.points(lng, lat)
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    spots = np.floor(np.stack([x[finite], y[finite]], axis=1) / SPOT_M)
    _, first = np.unique(spots, axis=0, return_index=True)
    kept = finite[np.sort(first)]
    if len(kept) > MOST_POINTS:
        kept = kept[np.linspace(0, len(kept) - 1, MOST_POINTS).astype(np.intp)]
    return x[kept], y[kept]


def _moved(
    lng: Floats, lat: Floats, metric: MetricCrs, declared: Datum | None
) -> dict[Supposed, tuple[Floats, Floats]]:
    """Where the positions are, in metres, if they were declared wrongly."""
    claims = _DATUMS if declared is None else (declared,)
    moved = {}
    for claim in claims:
        as_given = convert(lng, lat, Datum.WGS84, claim)
        for actual in _DATUMS:
            if _row(actual) != _row(claim):
                degrees = convert(*as_given, actual, Datum.WGS84)
                moved[Supposed(claim, actual)] = metric.points(*degrees)
    return moved


def _row(datum: Datum) -> Datum:
    return Datum.WGS84 if datum == Datum.CGCS2000 else datum


def _within(away: Floats) -> Ints:
    """How many of the distances are within the outer edge of each ring; 0 before the first."""
    return np.array([(away <= RING_M * n).sum() if n else 0 for n in range(RINGS + 1)], dtype=np.int64)


def _usual(ways: Sequence[Floats] | Floats) -> Floats:
    """The shares of the positions within each ring, in all of these ways in which they may lie."""
    away = np.concatenate(ways)
    return _within(away) / len(away)


def _thrown(lines: ReferenceLines, x: Floats, y: Floats) -> Floats:
    """Distances after displacements every which way, of more than 500 m: a row for each."""
    turn = np.arange(THROWS) * np.pi * (3 - np.sqrt(5))
    length = REACH_M * np.sqrt((np.arange(THROWS) + 3) / (THROWS + 3))
    all_x, all_y = x + (length * np.cos(turn))[:, None], y + (length * np.sin(turn))[:, None]
    return lines.distances(all_x.ravel(), all_y.ravel()).reshape(all_x.shape)


def _table(points: int, usual: Floats) -> Floats:
    """For each of `BANDS` and each number of positions in it: the logarithm of the likelihood ratio of
    binomial counts, of that share against the usual one; 0 where it is no more than usual.
    """
    by_chance = np.array([usual[high] - usual[low] for low, high in BANDS])[:, None]
    by_chance = np.clip(by_chance, 1 / (4 * points), 1 - 1e-9)
    share = np.arange(points + 1) / points
    with np.errstate(divide="ignore", invalid="ignore"):
        some = np.where(share > 0, share * np.log(share / by_chance), 0.0)
        rest = np.where(share < 1, (1 - share) * np.log((1 - share) / (1 - by_chance)), 0.0)
    return np.where(share > by_chance, points * (some + rest), 0.0)


def _best_band(within: Ints, table: Floats) -> tuple[float, int]:
    """The greatest ratio, and its band."""
    ratios = [row[within[high] - within[low]] for row, (low, high) in zip(table, BANDS, strict=True)]
    at = int(np.argmax(ratios))
    return float(ratios[at]), at


def _greatest(distances: Iterable[Floats], table: Floats) -> float:
    """The greatest ratio of several ways in which positions may lie."""
    return max(_best_band(_within(away), table)[0] for away in distances)


def _verdict(supposed: Supposed, own: Floats, away: Floats, counts: Counts) -> Verdict | None:
    """The verdict, if no other displacement fits the lines nearly as well."""
    points = len(own)
    table = _table(points, counts.mean(axis=(1, 2)) / points)
    apart = _apart(counts)
    others = (apart > SAME_M) & (apart <= REACH_M)
    ratios = _ratios(counts, table)
    ratio, rival = float(ratios[apart < 1.5 * RING_M].max()), float(ratios[others].max())
    low, high = BANDS[_best_band(_within(away), table)[1]]
    actual, declared = _fit(away, low, high, table), _fit(own, low, high, table)
    if actual.in_band < LEAST_SHARE * points or ratio < max(LEAST_RATIO, CLEARLY * rival):
        return None
    elsewhere = int((counts[high] - counts[low])[others].max())
    return Verdict(supposed, points, RING_M * low, RING_M * high, declared, actual, elsewhere, rival)


def _fit(away: Floats, low: int, high: int, table: Floats) -> Fit:
    within = _within(away)
    return Fit(int(within[high] - within[low]), float(np.median(away)), _best_band(within, table)[0])


def _apart(counts: Counts) -> Floats:
    """The length in metres of the displacement of each cell."""
    cells = counts.shape[1] // 2
    offset = np.arange(-cells, cells + 1) * RING_M
    return np.asarray(np.hypot(offset[:, None], offset))


def _ratios(counts: Counts, table: Floats) -> Floats:
    """The ratio of the best band for each displacement."""
    ratios = np.zeros(counts.shape[1:])
    for row, (low, high) in zip(table, BANDS, strict=True):
        np.maximum(ratios, row[counts[high] - counts[low]], out=ratios)
    return ratios


def _displaced(lines: ReferenceLines, x: Floats, y: Floats) -> Counts:
    """How many positions lie within the outer edge of each ring after each displacement east (rows) and north
    (columns) in steps of a cell; to about half a cell. The first counts none.
    """
    cells = int(REACH_M / RING_M) + 1
    counts = np.zeros((RINGS + 1, 2 * cells + 1, 2 * cells + 1), dtype=np.uint8)
    for at in zip(x, y, strict=True):
        passed = lines.around(*at, cells + RINGS)
        for count, near in zip(counts[1:], _widened(passed), strict=True):
            count += near
    return counts


def _widened(near: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """The cells within each ring of those that are passed, without the margin.

    Crosses and squares in turn make an octagon, a circle to within a tenth.
    """
    inner = slice(RINGS, near.shape[0] - RINGS)
    for ring in range(RINGS):
        wider = near.copy()
        wider[1:] |= near[:-1]
        wider[:-1] |= near[1:]
        beside = wider.copy() if ring % 2 else near
        wider[:, 1:] |= beside[:, :-1]
        wider[:, :-1] |= beside[:, 1:]
        near = wider
        yield near[inner, inner]
