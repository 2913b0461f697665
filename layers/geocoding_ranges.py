"""House numbers by the ranges of a street's pieces, held against the numbers that are known there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from geo.address_ranges import Ranged, RangeNumbers, fit_ranges
from geo.house_numbers import BEYOND, Numbered
from layers.candidates import Fault
from layers.gazetteer_ranges import Ranges
from layers.generation import Generation
from layers.geocoding_spots import Spot, beyond, inferred

ALIKE_M = 60.0  # a range and a known number that are no farther apart say the same
BOTH = 2.0  # nor if they are no farther apart than so many of their radii together
NO_RANGES = fit_ranges([], [], [])


def numbers_by_ranges(generation: Generation, ranges: Ranges, street: int) -> RangeNumbers:
    """The numbers of a street by the ranges of its pieces; of a street without any, none.

    Args:
        generation: the city.
        ranges: its ranges.
        street: row of the street in the gazetteer.
    """
    if street not in ranges.streets:
        return NO_RANGES
    own = ranges.of_street(street)
    shapes = [
        generation.assets[kind].geometry[piece] for kind, piece in zip(own.kind, own.piece, strict=True)
    ]
    pieces = generation.metric.geometries(np.array(shapes, dtype=object))
    # One row for each side; `fit_ranges` leaves out the other.
    sides = np.stack([own.is_left, ~own.is_left], axis=1)
    first, last = (np.where(sides, column[:, None], np.nan) for column in (own.first, own.last))
    return fit_ranges(pieces, first, last)


def placed(
    fitted: Sequence[Numbered], ranged: Sequence[Ranged], said: str
) -> Iterator[tuple[Numbered, tuple[Fault, ...]]]:
    """Where a number that nobody has entered can be, and what has to be said of it: known neighbours count
    for more than ranges, and these for more than a count that is run on.

    Args:
        fitted: by the known numbers of the street.
        ranged: by the ranges of its pieces.
        said: the number.
    """
    between = [one for one in fitted if one.way != BEYOND]
    for one in between or (() if ranged else fitted):
        fault = (beyond if one.way == BEYOND else inferred)(said, one.neighbours)
        same = [other for other in ranged if _alike(one.x, one.y, one.radius_m, other)]
        if same and same[0].place.radius_m < one.radius_m:
            yield same[0].place, (by_range(said, same[0]),)
        else:
            yield one, (fault, range_elsewhere(said, ranged[0])) if ranged and not same else (fault,)
    for other in ranged:
        if not between:
            yield other.place, (by_range(said, other),)
        elif not any(_alike(one.x, one.y, one.radius_m, other) for one in between):
            yield other.place, (by_range(said, other), numbers_elsewhere(said, between[0]))


def doubted(spots: Sequence[Spot], ranged: Sequence[Ranged], said: str) -> list[Spot]:
    """Known addresses, with a fault for those that lie where no range has their number, but others do."""
    return [
        spot
        if not ranged or any(_alike(spot.x, spot.y, spot.radius_m, one) for one in ranged)
        else spot.with_faults(range_elsewhere(said, ranged[0]))
        for spot in spots
    ]


def _alike(x: float, y: float, radius_m: float, other: Ranged) -> bool:
    place = other.place
    apart = float(np.hypot(place.x - x, place.y - y))
    return apart <= max(ALIKE_M, BOTH * float(np.hypot(radius_m, place.radius_m)))


def by_range(number: str, found: Ranged) -> Fault:
    """The fault of a house number that nobody has entered, in a range of its street."""
    zh, en = _told(found)
    return Fault(
        "number_by_range",
        number,
        f"没有 {number} 的位置，按{zh}推算",
        f"{number} is not known; placed by {en}",
        0.03,
    )


def range_elsewhere(number: str, found: Ranged) -> Fault:
    """The fault of a number that known numbers have in one place, and a range in another."""
    zh, en = _told(found)
    return Fault(
        "range_elsewhere", number, f"{zh}中的 {number} 在别处", f"by {en}, {number} is elsewhere", 0.05
    )


def numbers_elsewhere(number: str, other: Numbered) -> Fault:
    """The fault of a number that a range has in one place, and known numbers in another."""
    zh, en = "、".join(map(str, other.neighbours)), ", ".join(map(str, other.neighbours))
    return Fault(
        "numbers_elsewhere", number, f"按 {zh} 号，{number} 在别处", f"by {en}, {number} is elsewhere", 0.15
    )


def _told(found: Ranged) -> tuple[str, str]:
    ends = "-".join(map(str, found.place.neighbours))
    zh, en = ("左侧", "left") if found.is_left else ("右侧", "right")
    return f"{zh}号码 {ends} ", f"the range {ends} of the {en} side"
