"""Whether a place lies in every area that the text names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import shapely

from geo.civic_text import Mention
from geo.names import fold
from layers.candidates import Fault, Match
from layers.gazetteer_entries import ADDRESS, NONE
from layers.geocoding_city import CityPlaces
from layers.geocoding_spots import Spot, elsewhere, is_han, unknown_parent

_OF_STREET = (Match.ADDRESS, Match.INTERPOLATED, Match.STREET)
ELSEWHERE = "parent_elsewhere"
_WORD = re.compile(r"\w+")
AGAIN = 0.05  # what an area takes off that holds another one which does so already
_DRAWN = ("cell:", "area:", "place:")  # kinds of areas with a boundary of their own
BESIDE_M = 200.0  # of a town's point from the boundary that is its own
SLACK_M = 30.0  # a thing beside the boundary of the area that people count it to


@dataclass(frozen=True)
class Parent:
    """An area that a text names, and the entries that it may mean."""

    mention: Mention
    rows: tuple[int, ...]


def parents_of(city: CityPlaces, mentions: list[Mention]) -> list[Parent]:
    """The areas that a text names, with what is known of them."""
    return [Parent(one, _bounded(city, _meant(city, one))) for one in mentions]


def _meant(city: CityPlaces, name: Mention) -> list[int]:
    """The entries that a name may mean; of a town in Latin letters no street that is only called like it."""
    hits = [hit for hit in city.hits(name, _is_area) if hit.score >= 0.85]
    is_town = name.role == "parent" and not is_han(name.text)
    return [hit.row for hit in hits if hit.way == "exact" or not (is_town and city.is_line(hit.row))]


def _bounded(city: CityPlaces, rows: Sequence[int]) -> tuple[int, ...]:
    """The rows without the points of towns whose boundary is among them: Schaan ends where its cell does,
    not 1,500 m from its middle.
    """
    drawn = [city.metric(row) for row in rows if city.gazetteer.kind[row].startswith(_DRAWN)]
    areas = [area for area in drawn if shapely.get_dimensions(area) == 2]

    def is_drawn(row: int) -> bool:
        place = city.metric(row)
        is_point = shapely.get_dimensions(place) == 0
        return is_point and any(shapely.dwithin(area, place, BESIDE_M) for area in areas)

    return tuple(row for row in rows if not is_drawn(row))


def _is_area(kind: str) -> bool:
    return kind.startswith(("cell:", "area:", "place:")) or kind in ("estate", "group", "street", "waterway")


def checked(city: CityPlaces, spot: Spot, parents: list[Parent]) -> Spot:
    """The spot with a fault for every area that it does not lie in, or that nobody knows."""
    faults: list[Fault] = []
    for parent in parents:
        if is_town_of(city, spot, parent.mention.text):
            continue
        if not parent.rows:
            faults.append(unknown_parent(parent.mention.text))
        elif not any(_holds(city, row, spot) for row in parent.rows):
            again = any(fault.code == ELSEWHERE for fault in faults)
            fault = elsewhere(parent.mention.text, spot.label)
            faults.append(replace(fault, penalty=AGAIN) if again else fault)
    return spot.with_faults(*faults)


def is_elsewhere(spot: Spot) -> bool:
    """Whether a spot lies outside an area that is named with it."""
    return any(fault.code == ELSEWHERE for fault in spot.faults)


def is_inside(city: CityPlaces, spot: Spot, parents: list[Parent]) -> bool:
    """Whether a spot lies in every area that is known."""
    return not parents or all(fault.code != ELSEWHERE for fault in checked(city, spot, parents).faults)


def is_town_of(city: CityPlaces, spot: Spot, said: str) -> bool:
    """Whether a text is the name of the whole city, or the town or postcode of a spot's address."""
    asked = _words(said)
    return any(_is_called(asked, _words(name)) for name in (city.generation.config.name, *_towns(city, spot)))


def _towns(city: CityPlaces, spot: Spot) -> tuple[str, ...]:
    if spot.row == NONE or spot.match not in _OF_STREET:
        return ()
    return city.town(spot.row) if city.gazetteer.kind[spot.row] == ADDRESS else city.towns(spot.row)


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def _is_called(asked: Sequence[str], name: Sequence[str]) -> bool:
    """Whether words are those of a name, the first ones, or these cut short: Lauf, Lauf a.d. Pegnitz."""
    if not asked or not name or asked[0] != name[0]:
        return False
    return len(asked) <= len(name) and all(
        word.startswith(said) for said, word in zip(asked, name, strict=False)
    )


def _holds(city: CityPlaces, row: int, spot: Spot) -> bool:
    """Whether an entry covers a spot, or lies so near that people count the spot to it."""
    if row == spot.row or city.gazetteer.parent[spot.row] == row:
        return True
    area = city.metric(row)
    within = spot.radius_m if spot.is_entry else SLACK_M
    if shapely.get_dimensions(area) == 0:
        within = max(within, float(city.gazetteer.radius_m[row]), 1500.0)
    return bool(
        shapely.dwithin(
            area,
            shapely.Point(spot.x, spot.y),
            max(SLACK_M, min(within, 200.0)) if shapely.get_dimensions(area) else within,
        )
    )
