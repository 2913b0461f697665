"""Places along lines: where two meet, bridges and gates on both, metres of a route."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo.civic_text import Mention
from geo.crossings import crossings
from layers.candidates import Match
from layers.chainage import chainage
from layers.gazetteer import Gazetteer
from layers.gazetteer_entries import STREET, WATERWAY
from layers.geocoding_city import CityPlaces, Hit
from layers.geocoding_numbers import entry_spot
from layers.geocoding_spots import Spot, is_han, typo

NEARLY_M = 30.0  # two roads whose ends are no farther apart are meant to meet
CROSSING_M = 15.0  # the least radius of a crossing
ROUTE_M = 20.0  # of a metre on a route
MOST_PAIRS = 12


def is_line(kind: str) -> bool:
    """Whether entries of a kind are streets or waterways."""
    return kind in (STREET, WATERWAY)


def meetings(city: CityPlaces, one: Mention, other: Mention) -> Iterator[Spot]:
    """Where two lines meet, or nearly do."""
    pairs = [(a, b) for a in city.hits(one, is_line) for b in city.hits(other, is_line) if a.row != b.row]
    pairs.sort(key=lambda pair: -pair[0].score * pair[1].score)
    for a, b in pairs[:MOST_PAIRS]:
        yield from _meetings(city, one, other, a, b)


def _meetings(city: CityPlaces, one: Mention, other: Mention, a: Hit, b: Hit) -> Iterator[Spot]:
    names = [city.gazetteer.name[hit.row] for hit in (a, b)]
    label = f"{names[0]}与{names[1]}交叉口" if is_han(names[0]) else " & ".join(names)
    for found in crossings(city.metric(a.row), city.metric(b.row), near_m=NEARLY_M):
        radius = max(CROSSING_M, found.gap_m)
        spot = Spot(found.x, found.y, radius, Match.CROSSING, a.score * b.score, label, a.row)
        yield spot.with_faults(typo(one.text, names[0], a.way), typo(other.text, names[1], b.way))


def structures(city: CityPlaces, one: Mention, other: Mention, thing: str) -> Iterator[Spot]:
    """Bridges, gates and so on that belong to both a road and a river; without one, where they meet."""
    found = list(_structures(city, one, other, thing))
    yield from found or meetings(city, one, other)


def _structures(city: CityPlaces, one: Mention, other: Mention, thing: str) -> Iterator[Spot]:
    """The assets that belong to one of two lines and lie at the other."""
    gazetteer = city.gazetteer
    first, second = ({hit.row: hit for hit in city.hits(name, is_line)} for name in (one, other))
    for mention, own, others in ((one, first, second), (other, second, first)):
        for row, hit in own.items():
            for child in gazetteer.children(row).tolist():
                beside = others.get(int(gazetteer.other[child]))
                if beside is not None and _is_called(gazetteer, child, thing):
                    yield entry_spot(city, child, Match.ASSET, hit.score * beside.score, mention, hit.way)


def _is_called(gazetteer: Gazetteer, row: int, thing: str) -> bool:
    """Whether an entry is an asset whose name has the word for a thing: 闸 of 闸口."""
    word = thing.rstrip("口头边") or thing
    return gazetteer.kind[row].startswith("asset:") and word in gazetteer.name[row]


def metres_along(city: CityPlaces, name: Mention, metre: float) -> Iterator[Spot]:
    """Where routes of a name count so many metres."""
    gazetteer = city.gazetteer
    for hit in city.hits(name, lambda kind: is_line(kind) or kind.startswith(("section:", "asset:"))):
        kind = gazetteer.layer[hit.row].partition(":")[2]
        point = _at_metre(city, kind, gazetteer.name[hit.row], gazetteer.id[hit.row], metre)
        if point is not None:
            label = f"{gazetteer.name[hit.row]} {chainage(metre)}"
            spot = Spot(point.x, point.y, ROUTE_M, Match.MILEPOST, hit.score, label, hit.row)
            yield spot.with_faults(typo(name.text, gazetteer.name[hit.row], hit.way))


def _at_metre(city: CityPlaces, kind: str, name: str, id_: str, metre: float) -> shapely.Point | None:
    routes = city.routes(kind)
    named = next((found for found in (routes[name], routes[id_]) if found is not None), None)
    if named is None:
        return None
    low, high = named.route.metres
    if not low <= metre <= high:
        return None
    piece = named.route.stretch(max(low, metre - 0.5), min(high, metre + 0.5))
    return None if piece.is_empty else shapely.line_interpolate_point(piece, 0.5, normalized=True)
