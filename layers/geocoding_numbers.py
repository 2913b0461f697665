"""House numbers of streets and buildings of estates: as they are known, else between their neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from geo.civic_text import Building, HouseNumber, Mention
from geo.estate_numbers import buildings_between
from geo.house_numbers import BETWEEN, BEYOND, KNOWN, KNOWN_M, Numbered, sub_number
from layers.candidates import Fault, Match
from layers.gazetteer_entries import ADDRESS, BUILDING, GROUP
from layers.geocoding_city import CityPlaces, Hit
from layers.geocoding_ranges import doubted, placed
from layers.geocoding_spots import Spot, inferred, is_han, typo, unknown_number

ABSURD, ABSURD_MORE = 2.0, 50.0  # so many times the highest known number, and so many more
BEYOND_M = 150.0  # the radius from which a number beyond the known ones may be anywhere
INFERRED_M = 35.0  # the least radius of a building that was inferred


def addresses(
    city: CityPlaces, name: Mention, number: HouseNumber, fits: Callable[[Spot], bool] = bool
) -> Iterator[Spot]:
    """Where a number of a street, estate or village may be; where it is known in a place that fits, only
    known ones.
    """
    hits = city.hits(name, _has_houses)
    known = {hit.row: _known_house(city, name, number, hit) for hit in hits}
    spots = [spot for some in known.values() for spot in some]
    yield from spots
    if any(fits(spot) for spot in spots):
        return
    fitted: set[int] = set()  # streets that nobody drew, by their first pieces
    for hit in hits:
        pieces = city.pieces(hit.row)
        is_known = any(known.get(row) for row in pieces)  # but not where it should be
        if pieces[0] not in fitted and not (is_known and not fits(_whole(city, name, hit))):
            fitted.update(pieces[:1])
            yield from _fitted_house(city, name, number, hit, is_known=is_known)


def _has_houses(kind: str) -> bool:
    return kind not in (ADDRESS, BUILDING) and not kind.startswith(("asset:", "section:"))


def _known_house(city: CityPlaces, name: Mention, number: HouseNumber, hit: Hit) -> list[Spot]:
    """The entries with this number; else those of the number without what follows it."""
    found = city.doors(hit.row).find(number)
    spots = [entry_spot(city, row, Match.ADDRESS, hit.score, name, hit.way) for row in found]
    if spots:
        return doubted(spots, city.ranged(hit.row, sub_number(number.value, number.suffix)), number.text)
    return _as_building(city, name, number, hit)


def _as_building(city: CityPlaces, name: Mention, number: HouseNumber, hit: Hit) -> list[Spot]:
    """怡居小区18号: people call buildings of estates so, too."""
    rows = _buildings(city, hit.row, str(number.value))
    return [entry_spot(city, row, Match.BUILDING, hit.score, name, hit.way) for row in rows]


def _fitted_house(
    city: CityPlaces, name: Mention, number: HouseNumber, hit: Hit, *, is_known: bool
) -> Iterator[Spot]:
    """The places that the number can have by the other numbers; else the street itself, unless the number is
    known somewhere.
    """
    label = _numbered_label(city, hit.row, number.text)
    wanted = sub_number(number.value, number.suffix)
    fitted = city.fit(hit.row).all_at(wanted) if _may_reach(city, hit.row, wanted) else []
    ways = (BETWEEN,) if is_known else (KNOWN, BETWEEN)
    known = [one for one in fitted if one.way in ways or _is_near_end(one)]
    possible = list(placed(known, city.ranged(hit.row, wanted), number.text))
    for one, faults in possible:
        yield _fitted(one, number, hit, label).with_faults(*faults, _spelling(city, name, hit))
    if not possible and not is_known and _may_have(city, hit.row):
        yield _whole(city, name, hit).with_faults(unknown_number(number.text, city.gazetteer.name[hit.row]))


def _whole(city: CityPlaces, name: Mention, hit: Hit) -> Spot:
    """A street, estate or village itself."""
    return entry_spot(city, hit.row, whole_match(city, hit.row), hit.score, name, hit.way)


def _may_reach(city: CityPlaces, row: int, number: float) -> bool:
    """Whether a street's count may run on to a number; where it is far beyond the known ones it does not."""
    known = city.houses(row)[1]
    return city.is_line(row) and (not len(known) or number <= ABSURD * float(known.max()) + ABSURD_MORE)


def _is_near_end(one: Numbered) -> bool:
    """Whether a number lies so little beyond the known ones that the count may run on to it."""
    return one.way == BEYOND and one.radius_m <= BEYOND_M


def _may_have(city: CityPlaces, row: int) -> bool:
    """Whether people give houses the name of an entry: a town in Latin letters has streets for that."""
    return city.is_line(row) or is_han(city.gazetteer.name[row]) or len(city.houses(row)[0]) > 0


def _fitted(one: Numbered, number: HouseNumber, hit: Hit, label: str) -> Spot:
    radius_m = max(one.radius_m, KNOWN_M)
    return Spot(
        one.x, one.y, radius_m, Match.INTERPOLATED, hit.score, label, hit.row, number=number.text
    )  # fmt: skip


def buildings(city: CityPlaces, name: Mention, building: Building) -> Iterator[Spot]:
    """Where a building of an estate or village may be."""
    for hit in city.hits(name, _has_houses):
        rows = _buildings(city, hit.row, str(building.value))
        if rows:
            yield from (entry_spot(city, row, Match.BUILDING, hit.score, name, hit.way) for row in rows)
        else:
            yield _inferred_building(city, name, building, hit)


def _buildings(city: CityPlaces, row: int, number: str) -> list[int]:
    rows = city.children(row, BUILDING)
    said = number.casefold()
    plain = [text.casefold().removeprefix("0") for text in city.gazetteer.number[rows].tolist()]
    return [row for row, text in zip(rows.tolist(), plain, strict=True) if _plain(text) == said]


def _plain(number: str) -> str:
    """The number of a building without the word for it: 65 of 65幢."""
    return number.rstrip("幢栋座号楼#").strip()


def _inferred_building(city: CityPlaces, name: Mention, building: Building, hit: Hit) -> Spot:
    gazetteer, label = city.gazetteer, _numbered_label(city, hit.row, building.text)
    rows = city.children(hit.row, BUILDING)
    numbers = gazetteer.value[rows]
    known = (numbers >= 0) & np.isfinite(gazetteer.x[rows])
    rows, numbers = rows[known], numbers[known]
    spelling = _spelling(city, name, hit)
    if isinstance(building.value, int) and len(rows):
        xy = np.column_stack([gazetteer.x[rows], gazetteer.y[rows]])
        one = buildings_between(numbers.astype(float), xy, building.value)
        if one is not None and one.way == BETWEEN:
            spot = Spot(
                one.x, one.y, max(one.radius_m, INFERRED_M), Match.INFERRED, hit.score, label, hit.row,
                number=building.text,
            )  # fmt: skip
            return spot.with_faults(inferred(building.text, one.neighbours), spelling)
    whole = entry_spot(city, hit.row, whole_match(city, hit.row), hit.score, name, hit.way)
    return whole.with_faults(unknown_number(building.text, gazetteer.name[hit.row]))


def groups(city: CityPlaces, name: Mention, group: int) -> Iterator[Spot]:
    """Where a group of a village may be; else the village."""
    said_whole = Mention(f"{name.text}{group}组", name.start, name.end, name.role, name.known)
    named = city.hits(said_whole, lambda kind: kind == GROUP)
    if named and not city.bearing(name.text):  # a village that is known by its groups alone
        yield from (
            entry_spot(city, hit.row, Match.GROUP, hit.score, said_whole, hit.way)
            for hit in named
            if city.gazetteer.value[hit.row] == group
        )
        return
    for hit in city.hits(name, _has_houses):
        rows = city.children(hit.row, GROUP)
        found = rows[city.gazetteer.value[rows] == group].tolist()
        yield from (entry_spot(city, row, Match.GROUP, hit.score, name, hit.way) for row in found)
        if not found:
            whole = entry_spot(city, hit.row, whole_match(city, hit.row), hit.score, name, hit.way)
            said = f"{group}组"
            fault = unknown_number(said, city.gazetteer.name[hit.row])
            yield whole.with_faults(replace(fault, code="group_unknown", penalty=0.15))


def entry_spot(city: CityPlaces, row: int, match: Match, score: float, name: Mention, way: str) -> Spot:
    """An entry as a spot."""
    gazetteer = city.gazetteer
    spot = Spot(
        float(gazetteer.x[row]), float(gazetteer.y[row]), float(gazetteer.radius_m[row]), match, score,
        gazetteer.name[row], row, is_entry=True, number=gazetteer.number[row],
    )  # fmt: skip
    return spot.with_faults(typo(name.text, gazetteer.name[row], way))


def whole_match(city: CityPlaces, row: int) -> Match:
    """The way in which an entry is found by its own name."""
    kind = city.gazetteer.kind[row]
    base = kind.partition(":")[0]
    if base == "section":
        return Match.STREET
    return Match(base) if base in Match.__members__.values() else Match.PLACE


def _spelling(city: CityPlaces, name: Mention, hit: Hit) -> Fault | None:
    return typo(name.text, city.gazetteer.name[hit.row], hit.way)


def _numbered_label(city: CityPlaces, row: int, number: str) -> str:
    name: str = city.gazetteer.name[row]
    if is_han(name):
        return f"{name}{number}"
    return f"{number} {name}" if city.gazetteer.is_number_first else f"{name} {number}"
