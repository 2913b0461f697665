"""Kulldorff's circular scan: where cases lie denser than the population, and how sure that is.

Circles grow around the centre of each area until they hold a share of the population. In each, the cases are
held against what its share of the population lets expect, by a likelihood ratio; how high the highest of all
comes by chance is drawn. One p-value so answers for all circles at once.

M. Kulldorff, "A spatial scan statistic", Communications in Statistics - Theory and Methods 26 (1997), for
counts after Poisson; the null is multinomial, given the number of all cases. As SaTScan does by default, a
circle needs two cases, and of overlapping clusters the likelier is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from geo.bins import as_points
from geo.errors import GridError
from geo.kernels import in_parts
from geo.scan_kernels import highest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Positions = NDArray[np.intp]
Bools = NDArray[np.bool_]

MAX_SHARE = 0.5
REPLICATIONS = 999
LEAST_CASES = 2
MOST_CASES = 50_000_000
MOST_CIRCLES = 20_000_000
SAME = 1e-9
"""Distances that differ by less, in relation to their length, are equal; so are ratios, as they are."""
BLOCK = 256
"""Centres that are looked at together, so that there is never a table of all distances."""
FEW = 32
"""Up to so many replications, starting threads costs more than they save."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A circle with more cases than its population lets expect.

    Attributes:
        areas: positions in the input, ascending.
        centre: the position of the area around whose centre it lies.
        radius: to the farthest of its areas, in the unit of the coordinates.
        observed, expected: cases.
        relative_risk: the rate inside in relation to that outside; infinite if there are no cases outside.
        llr: the log likelihood ratio.
        p: the share of drawn maps, this one among them, whose highest ratio is as high.
    """

    areas: tuple[int, ...]
    centre: int
    radius: float
    observed: int
    expected: float
    population: float
    relative_risk: float
    llr: float
    p: float


class Scan(NamedTuple):
    """What a scan found.

    Attributes:
        clusters: the likeliest first; no two share an area.
        drawn: the highest ratio of each replication, shape (replications,).
    """

    clusters: tuple[Cluster, ...]
    drawn: Floats


class _Windows(NamedTuple):
    """Circles, in the order of their centres and from small to large around each, flat, shape (w,).

    Attributes:
        area: the area that each adds to the one before.
        centre: whose circle it is.
        first: where the circles of each centre begin, shape (n + 1,).
        radius, population: of all that it holds.
        whole: whether it holds all areas that are equally far.
    """

    area: Numbers
    centre: Numbers
    first: Ints
    radius: Floats
    population: Floats
    whole: Bools


class _Seen(NamedTuple):
    """Areas in an order of their own: their circles, and where each stood in the input."""

    windows: _Windows
    order: Positions
    cases: Ints
    people: Floats


class _Ratio(NamedTuple):
    """What makes a ratio of a number c of cases: ``table[c] - c * slope + base``, if c is above `least`."""

    least: Floats
    slope: Floats
    base: Floats
    table: Floats


def scan(
    xy: ArrayLike,
    cases: ArrayLike,
    population: ArrayLike,
    *,
    max_share: float = MAX_SHARE,
    replications: int = REPLICATIONS,
    seed: int = 0,
    most: int = 10,
) -> Scan:
    """The most likely cluster of high rates, and the next ones that do not overlap it, up to `most`.

    The order of the areas changes nothing. Of equally likely circles the one with fewer areas counts, then
    the smaller, then the western. Areas equally far from a centre enter its circles together. All circles
    are held at once, in about a hundred bytes each.

    Args:
        xy: centres in the metric CRS, shape (n, 2).
        cases: whole numbers, shape (n,).
        population: or whatever cases are expected in proportion to, shape (n,).
        max_share: of the population that a circle may hold, up to .5.
        replications: drawn maps; the least p is 1 / (replications + 1).
        seed: of what is drawn.

    Raises:
        CoordinateError: a coordinate is not finite.
        GridError: a number is negative or not finite, cases are not whole or lie where nobody lives, the
            shapes differ, an option is out of range, or there are more than `MOST_CIRCLES` or `MOST_CASES`.
    """
    _check_options(max_share, replications, most)
    points, count, people = _checked(xy, cases, population)
    if count.sum() < LEAST_CASES:
        return Scan((), np.zeros(replications))
    order = np.lexsort((count, people, points[:, 1], points[:, 0]))
    count, people = count[order], people[order]
    windows = _windows(points[order], people, max_share)
    ratio = _ratio(windows, float(people.sum()), int(count.sum()))
    drawn = _drawn(windows, ratio, people, int(count.sum()), replications, seed)
    seen = _Seen(windows, order, count, people)
    llr = _ratios(ratio, _held(windows, count))
    return Scan(tuple(_cluster(seen, each, llr[each], drawn) for each in _apart(windows, llr, most)), drawn)


def warm_up() -> None:
    """Compiles, or loads from disk, the loop that looks for the highest ratio."""
    scan([(0.0, 0.0), (1.0, 0.0)], [3, 0], [1.0, 1.0], replications=1)


def _check_options(max_share: float, replications: int, most: int) -> None:
    if not 0 < max_share <= MAX_SHARE:
        raise GridError(f"A circle cannot hold {max_share} of all.", fix="Give a share above 0, up to .5.")
    if replications < 1:
        raise GridError(f"{replications} replications give no p-value.", fix="Take 999.")
    if most < 1:
        raise GridError(f"{most} clusters are none.", fix="Ask for 1 or more.")


def _checked(xy: ArrayLike, cases: ArrayLike, population: ArrayLike) -> tuple[Floats, Ints, Floats]:
    points = as_points(xy)
    count, people = (np.asarray(each, np.float64).reshape(-1) for each in (cases, population))
    if not len(points) == len(count) == len(people):
        numbers = f"{len(points)} centres, {len(count)} counts and {len(people)} populations"
        raise GridError(f"There are {numbers}.", fix="Give one of each for every area.")
    _refuse("its cases are no whole number from 0 on", count, ~((count >= 0) & (count == np.floor(count))))
    _refuse("its cases are without end", count, np.isinf(count))
    _refuse("its population is no number from 0 on", people, ~((people >= 0) & (people < np.inf)))
    _refuse("it has cases, but no population", count, (count > 0) & (people == 0))
    if count.sum() > MOST_CASES:
        raise GridError(f"There are {count.sum():.0f} cases.", fix=f"Scan {MOST_CASES:,} at most.")
    return points, count.astype(np.int64), people


def _refuse(what: str, values: Floats, bad: Bools) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise GridError(f"Area {row}: {what} ({values[row]}).", fix="Correct or omit it.")


def _windows(points: Floats, people: Floats, max_share: float) -> _Windows:
    limit = people.sum() * max_share * (1 + SAME)
    parts, circles = [], 0
    for start in range(0, len(points), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(points)))
        parts.append(_around(block, points, people, limit))
        circles += len(parts[-1][0])
        if circles > MOST_CIRCLES:
            fix = "Let circles hold a smaller share, or scan larger areas."
            raise GridError(f"{len(points)} areas have more than {MOST_CIRCLES:,} circles.", fix=fix)
    area, centre, radius, population, whole = (np.concatenate(each) for each in zip(*parts, strict=True))
    first = np.searchsorted(centre, np.arange(len(points) + 1)).astype(np.int64)
    return _Windows(area, centre, first, radius, population, whole)


def _around(
    centre: Positions, points: Floats, people: Floats, limit: float
) -> tuple[Numbers, Numbers, Floats, Floats, Bools]:
    away = np.hypot(*(points[centre][:, None] - points[None]).transpose(2, 0, 1))
    area = np.argsort(away, axis=1, kind="stable")
    radius = np.take_along_axis(away, area, axis=1)
    population = np.cumsum(people[area], axis=1)
    whole = np.ones(area.shape, dtype=np.bool_)
    whole[:, :-1] = radius[:, 1:] > radius[:, :-1] * (1 + SAME)
    small = population <= limit
    of = np.broadcast_to(centre[:, None], area.shape)
    return (
        area[small].astype(np.int32),
        of[small].astype(np.int32),
        radius[small],
        population[small],
        whole[small],
    )


def _ratio(windows: _Windows, people: float, total: int) -> _Ratio:
    """Kulldorff's ratio in parts that are worked out once: logarithms take longer than all the rest."""
    expected = total * (windows.population / people)
    usable = windows.whole & (expected > 0)
    inside, outside = np.where(usable, expected, 1.0), np.where(usable, total - expected, 1.0)
    number = np.arange(total + 1, dtype=np.float64)
    return _Ratio(
        np.where(usable, np.maximum(expected, LEAST_CASES - 1), np.inf),
        np.log(inside) - np.log(outside),
        -total * np.log(outside),
        xlogy(number, number) + xlogy(total - number, total - number),
    )


def _held(windows: _Windows, values: Ints) -> Ints:
    """The sum of the values of the areas in each circle."""
    sums = np.concatenate([[0], np.cumsum(values[windows.area])])
    return np.asarray(sums[1:] - sums[windows.first[windows.centre]], dtype=np.int64)


def _ratios(ratio: _Ratio, held: Ints) -> Floats:
    """The log likelihood ratio of each circle; 0 where there are no more cases than expected."""
    high = ratio.table[held] - held * ratio.slope + ratio.base
    return np.where(held > ratio.least, np.maximum(high, 0.0), 0.0)


def _drawn(
    windows: _Windows, ratio: _Ratio, people: Floats, total: int, replications: int, seed: int
) -> Floats:
    random = np.random.default_rng(seed)
    cases = random.multinomial(total, people / people.sum(), size=replications).astype(np.int64)
    best = np.zeros(replications)

    def work(part: slice) -> None:
        highest(cases[part], windows.area, windows.first, *ratio, best[part])

    in_parts(work, replications, single=FEW)
    return best


def _apart(windows: _Windows, llr: Floats, most: int) -> list[int]:
    """The likeliest circles that share no area, by rule where they are equally likely."""
    likely = np.flatnonzero(llr > SAME)
    size = (np.arange(len(llr)) - windows.first[windows.centre])[likely]
    rank = np.lexsort((windows.centre[likely], windows.radius[likely], size, -_rounded(llr[likely])))
    likely = likely[rank]
    taken = np.zeros(len(windows.first) - 1, dtype=np.int64)
    chosen: list[int] = []
    while len(likely) and len(chosen) < most:
        chosen.append(int(likely[0]))
        taken[_members(windows, chosen[-1])] = 1
        likely = likely[_held(windows, taken)[likely] == 0]
    return chosen


def _rounded(llr: Floats) -> Floats:
    return np.asarray(np.rint(llr / SAME) * SAME)


def _members(windows: _Windows, window: int) -> Numbers:
    return windows.area[windows.first[windows.centre[window]] : window + 1]


def _cluster(seen: _Seen, window: int, llr: float, drawn: Floats) -> Cluster:
    members = _members(seen.windows, window)
    total, observed = int(seen.cases.sum()), int(seen.cases[members].sum())
    population = float(seen.windows.population[window])
    expected = total * (population / float(seen.people.sum()))
    outside = (total - observed) / (total - expected)
    return Cluster(
        areas=tuple(sorted(seen.order[members].tolist())),
        centre=int(seen.order[seen.windows.centre[window]]),
        radius=float(seen.windows.radius[window]),
        observed=observed,
        expected=expected,
        population=population,
        relative_risk=observed / expected / outside if outside else float("inf"),
        llr=float(llr),
        p=(1 + int((drawn >= llr - SAME).sum())) / (1 + len(drawn)),
    )
