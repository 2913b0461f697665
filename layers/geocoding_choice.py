"""Which readings of a text count, once it is known what each of them leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from geo.civic_text import Mention, Reading
from layers.candidates import Match
from layers.geocoding_spots import Spot, is_han

SURE = 0.78  # of a place that is found by more words: those elsewhere that say less no longer count
LEAST = 0.62  # the same where words are apart, so that a place cannot be another's street by chance
SLIP = 0.75  # of the score of a place whose name has one slip
STREET_LIKE = 0.75  # the score of a reading whose words can only be a street with its number, or a crossing
WIDE_M = 200.0  # a place that is a village or a part of a town
_AREAS = (Match.CELL, Match.AREA)


class Understood(NamedTuple):
    """A reading, and the places that it leads to."""

    reading: Reading
    spots: Sequence[Spot]


def chosen(understood: Sequence[Understood]) -> list[Spot]:
    """The places of the readings that say most.

    A street alone is no answer where its crossing or a house on it is named, whether that is known or not;
    nor is an area where a place in it is named.
    """
    known = [one for one in understood if one.spots and not _is_only_parent(one, understood)]
    return [spot for one in known if not _is_outdone(one, known) for spot in one.spots]


def _is_only_parent(one: Understood, among: Sequence[Understood]) -> bool:
    """Whether a reading is of an area alone, in which another names a house, a crossing or the like: who asks
    for a house that nobody knows is not sent to the middle of its town.
    """
    main = one.reading.main
    if main is None or says(one.reading):
        return False
    within = [other for other in among if says(other.reading)]
    if all(_is_wide(spot) for spot in one.spots):
        if not is_han(main.text):
            return bool(within) or any(_is_narrow(other) for other in among)
        return any(_is_parent(main, other) for other in within)
    if is_han(main.text):
        return False
    return any(_is_parent(main, other) or other.reading.score >= STREET_LIKE for other in within)


def _is_wide(spot: Spot) -> bool:
    return spot.is_entry and (spot.match in _AREAS or (spot.match is Match.PLACE and spot.radius_m >= WIDE_M))


def _is_narrow(one: Understood) -> bool:
    """Whether a reading leads to a thing that is less than a part of a town."""
    return any(not _is_wide(spot) and spot.text_score >= LEAST for spot in one.spots)


def _is_parent(name: Mention, of: Understood) -> bool:
    places = [(one.start, one.end) for one in of.reading.names if one.role == "parent"]
    return (name.start, name.end) in places


def _is_outdone(one: Understood, among: Sequence[Understood]) -> bool:
    return any(_outdoes(other, one) for other in among if other is not one)


def _outdoes(one: Understood, other: Understood) -> bool:
    """Whether a reading says all that another says, and more."""
    more = says(one.reading) > says(other.reading)
    if more and not any(is_han(name.text) for name in other.reading.names) and _best(one) >= LEAST:
        return True
    if _overlap(one.reading, other.reading):
        if more and _holds_names(one.reading, other.reading) and not _is_part(one.reading, other.reading):
            return True
        return _is_within(one, other) or _is_longer(one, other)
    return more and _best(one) >= SURE


def _best(one: Understood) -> float:
    return max(spot.text_score for spot in one.spots)


def says(reading: Reading) -> int:
    """How much a reading says beyond names: 1 for a number, a code, a crossing and so on."""
    numbers = (reading.number, reading.building, reading.group, reading.chainage_m)
    crosses = reading.is_crossing and any(name.role == "cross" for name in reading.names)
    return int(any(one is not None for one in numbers) or bool(reading.code) or crosses)


def _overlap(one: Reading, other: Reading) -> bool:
    return one.start < other.end and other.start < one.end


def _holds_names(one: Reading, other: Reading) -> bool:
    """Whether every name of the other lies within what the one has read; areas around it may begin before."""
    names = [name for name in other.names if name.role != "parent"]
    return all(one.start <= name.start and name.end <= one.end for name in names)


def _is_part(one: Reading, other: Reading) -> bool:
    """Whether the main name of a reading is only part of a known one in the other: 西洋桥|2号泵站."""
    main, whole = one.main, other.main
    if main is None or whole is None or not (whole.known and is_han(whole.text)):
        return False
    return whole.start <= main.start and main.end < whole.end


def _is_longer(one: Understood, other: Understood) -> bool:
    """Whether a Chinese reading takes more glyphs for its name, and it is one, but for a slip: 五黑树北路 is
    五里树北路, not 树北路 with something before it.
    """
    main, part = one.reading.main, other.reading.main
    if main is None or part is None or says(one.reading) < says(other.reading):
        return False
    if not (main.known and is_han(main.text)):
        return False
    longer = (
        main.start <= part.start and part.end <= main.end and part.end - part.start < main.end - main.start
    )
    return longer and any(spot.score >= SLIP and not _is_elsewhere(spot) for spot in one.spots)


def _is_within(one: Understood, other: Understood) -> bool:
    """Whether the other reading is of an area alone, which is a parent in this one that leads into it."""
    main = other.reading.main
    if main is None or says(other.reading) or len(one.reading.names) <= len(other.reading.names):
        return False
    parents = [name for name in one.reading.names if name.role == "parent"]
    if not any((name.start, name.end) == (main.start, main.end) for name in parents):
        return False
    largest = max((spot.radius_m for spot in other.spots), default=0.0)
    return any(
        not _is_elsewhere(spot) and (spot.match not in _AREAS or spot.radius_m < largest)
        for spot in one.spots
    )


def _is_elsewhere(spot: Spot) -> bool:
    return any(fault.code == "parent_elsewhere" for fault in spot.faults)
