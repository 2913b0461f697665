"""Where a building of an estate lies that nobody has drawn: from the numbers of its neighbours.

Estates are numbered row by row, like the words of a page, some rows back and forth. Everything is in metres.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.house_number_rows import HOUSE_M
from geo.house_numbers import BETWEEN, BEYOND, KNOWN, KNOWN_M, SHARE, Numbered

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

STEP_M = 40.0
"""From one building of an estate to the next, where the estate does not tell."""
AFTER_LAST = 2
"""So many numbers may an estate have behind the last that is known."""
ALIKE = 0.35
"""Steps that differ by at most this share of their length are one: blocks stand in rows, not on a ruler."""
TAKEN = 0.5
"""Nobody builds nearer than this share of a step to a known building."""
OPEN = 0.6
"""How far off (68 %) a guess is for each metre that it and the other one, or its neighbours, lie apart."""
LAST = 1.5
"""The same for each metre that a building lies beyond the last: it may begin a row."""
MISSES = 12
"""So many steps from the first number to the last are those that are left out for a trial."""
PRIOR_WEIGHT = 6.0
"""So many misses of its own weigh as much, for an estate, as what is so as a rule."""


def buildings_between(numbers: ArrayLike, xy: ArrayLike, wanted: float) -> Numbered | None:
    """The place of a building by its number in the estate.

    ``known`` if the number is there, ``between`` its neighbours by number, or ``beyond`` up to `AFTER_LAST`
    behind the last; None farther off, below 1, or where nothing is known. The estate's usual step from one
    number to the next is led on from the neighbour below and back from the one above. Where the two differ a
    row ends between them, and of the two places the one counts that is free and lies within the estate.

    Args:
        numbers: shape (n,), finite; the first entry of a number counts.
        xy: shape (n, 2), finite.
        wanted: the number asked for.
    """
    number, first = np.unique(np.asarray(numbers, np.float64).reshape(-1), return_index=True)
    places = np.asarray(xy, np.float64).reshape(-1, 2)[first]
    if not len(number) or not 1 <= wanted <= number[-1] + AFTER_LAST:
        return None
    if wanted in number:
        x, y = places[int(np.searchsorted(number, wanted))]
        return Numbered(float(x), float(y), KNOWN_M, KNOWN, (int(wanted),))
    place, miss, ends = _guess(number, places, wanted)
    radius = miss * _scale(number, places)
    return Numbered(float(place[0]), float(place[1]), radius, BETWEEN if len(ends) == 2 else BEYOND, ends)


def _scale(number: Floats, xy: Floats) -> float:
    """What the estate's own misses say: some of its numbers left out in turn."""
    ratios = []
    last = len(number) - 1
    for row in sorted({round(last * at / MISSES) for at in range(MISSES + 1)}) if last > 1 else []:
        rest = np.arange(len(number)) != row
        place, miss, _ = _guess(number[rest], xy[rest], number[row])
        ratios.append(float(np.hypot(*(place - xy[row]))) / miss)
    own = float(np.quantile(ratios, SHARE)) if ratios else 1.0
    return (own * len(ratios) + PRIOR_WEIGHT) / (len(ratios) + PRIOR_WEIGHT)


def _guess(number: Floats, xy: Floats, wanted: float) -> tuple[Floats, float, tuple[int, ...]]:
    """The likely place, how far off it is as a rule, and the neighbours' numbers."""
    low, high = int(np.searchsorted(number, wanted)) - 1, int(np.searchsorted(number, wanted, "right"))
    sides = [side for side in (low, high) if 0 <= side < len(number)]
    ends = tuple(int(number[side]) for side in sides)
    step = _usual_step(number, xy)
    if step is None:
        return *_plainly(number[sides], xy[sides], wanted), ends
    led = np.array([xy[side] + (wanted - number[side]) * _turned(number, xy, side, step) for side in sides])
    length = float(np.hypot(*step))
    apart = float(np.hypot(*(led[0] - led[-1])))
    if apart <= TAKEN * length:
        gap = length * min(abs(wanted - number[side]) for side in sides)
        return (
            led.mean(axis=0),
            float(np.hypot(HOUSE_M, LAST * gap if len(sides) == 1 else OPEN * apart)),
            ends,
        )
    return led[_freer(led, xy, length)], float(np.hypot(HOUSE_M, OPEN * apart)), ends


def _plainly(number: Floats, xy: Floats, wanted: float) -> tuple[Floats, float]:
    """On the straight line between two neighbours; where there is one, there."""
    if len(number) == 1:
        return xy[0], float(np.hypot(HOUSE_M, STEP_M * abs(wanted - number[0])))
    share = (wanted - number[0]) / (number[1] - number[0])
    return xy[0] + share * (xy[1] - xy[0]), float(np.hypot(HOUSE_M, OPEN * np.hypot(*(xy[1] - xy[0]))))


def _usual_step(number: Floats, xy: Floats) -> Floats | None:
    """The step from a number to the next that most others are alike, there or back; None if all differ."""
    steps = np.diff(xy, axis=0)[np.diff(number) == 1]
    length = np.hypot(*steps.T)
    differ = np.minimum(
        *(np.hypot(*(steps[:, None] + sign * steps[None]).transpose(2, 0, 1)) for sign in (-1, 1))
    )
    alike = (differ <= ALIKE * length[:, None]) & (length > 0)
    if not len(steps) or alike.sum(axis=1).max() < 2:
        return None
    best = int(np.argmax(alike.sum(axis=1)))
    own = steps[alike[best]]
    return np.asarray(np.median(own * np.sign(own @ steps[best])[:, None], axis=0))


def _turned(number: Floats, xy: Floats, at: int, step: Floats) -> Floats:
    """The step as the row of a building has it: some rows run the other way."""
    for before in (at - 1, at):
        if 0 <= before < len(number) - 1 and number[before + 1] - number[before] == 1:
            own = xy[before + 1] - xy[before]
            if np.hypot(*(own + step)) <= ALIKE * np.hypot(*step):
                return -step
    return step


def _freer(led: Floats, xy: Floats, step_m: float) -> int:
    """Which of two places nobody has taken; else which lies nearer to the ground that the estate covers."""
    away = np.hypot(*(led[:, None] - xy[None]).transpose(2, 0, 1)).min(axis=1)
    outside = shapely.distance(shapely.convex_hull(shapely.multipoints(xy)), shapely.points(led))
    return int(np.lexsort((-away, outside, away < TAKEN * step_m))[0])
