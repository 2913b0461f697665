"""The places of towns from OpenStreetMap: addresses, crossings, relations, and what is not there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import shapely

from benchmarks.geocoding_places import (
    Areas,
    Place,
    Rng,
    Town,
    apart,
    areas,
    between,
    in_one_place,
    leading,
    meetings,
    middle,
    opposite,
    read,
    sampled,
    shifted,
    streets,
    tables_of,
    twice,
)
from benchmarks.geocoding_typos import Names
from benchmarks.geocoding_words import DIRECTIONS, INVENTED, inflected

NUMBER = re.compile(r"\d+(?:\s?[a-zA-Z])?(?:-\d+)?")
MOST = 1500  # places of a kind that texts are drawn from
Roads = Mapping[str, shapely.Geometry]


def osm_town(name: str, language: str, metric: str, path: Path, rng: Rng) -> Town:
    """The town that an imported extract's GeoPackage describes."""
    road = read(path, "asset_road", metric) if "asset_road" in tables_of(path) else None
    roads = {} if road is None else streets(road)
    addresses = _addresses(path, metric, name)
    places = {
        "address": [p for p in addresses if p.truth],
        "interpolation": _to_leave_out(addresses, language, rng),
        **_crossings(roads, _areas(path, metric), language),
        **_relations(addresses, roads, language, rng),
    }
    if language == "fi":
        places |= _finnish(places, road)
    names = Names.of([*roads, *{p.a for p in addresses}])
    missing = _missing(addresses, roads, [road for road in INVENTED[language] if names.unlike(road)], rng)
    return Town(name, language, metric, places, missing, names)


def _areas(path: Path, metric: str) -> Areas | None:
    """The municipalities or communities, where the city has their boundaries."""
    table = next((name for name in tables_of(path) if name in ("grid_admin_8", "grid_community")), None)
    return areas(read(path, table, metric)) if table else None


def _addresses(path: Path, metric: str, town: str) -> list[Place]:
    """Every address once, with its municipality; not those that stand in two places of one municipality."""
    parents = _areas(path, metric)
    table = read(path, "place", metric)
    table = table[(table["street"] != "") & table["housenumber"].str.fullmatch(NUMBER)]
    found: dict[tuple[str, str, str], list[shapely.Geometry]] = defaultdict(list)
    codes: dict[tuple[str, str, str], str] = {}
    for row in table.itertuples(index=False):
        point = middle(row.geometry)
        place = parents.at(point) if parents else _municipality(row.city, row.postcode, town)
        if place:
            key = (row.street, row.housenumber.replace(" ", ""), place)
            found[key].append(point)
            codes.setdefault(key, row.postcode)
    return list(_as_places(found, codes))


def _municipality(city: str, postcode: str, town: str) -> str:
    if town == "helsinki":
        return "Helsinki"
    return "Rückersdorf" if city == "Rückersdorf" or postcode == "90607" else "Lauf"


def _as_places(
    found: Mapping[tuple[str, str, str], list[shapely.Geometry]], codes: Mapping[tuple[str, str, str], str]
) -> Iterator[Place]:
    towns: dict[str, set[str]] = defaultdict(set)
    alike: dict[tuple[str, str], list[shapely.Geometry]] = defaultdict(list)
    for (street, number, town), points in found.items():
        towns[street.casefold()].add(town)
        alike[street.casefold(), number.casefold()] += points
    every = {town for _, _, town in found}
    for key, points in found.items():
        street, number, town = key
        if in_one_place(points):
            yield Place(
                "address", street, number=number, truth=(points[0],),
                parents=tuple(_as_written(town, codes[key])),
                wrong=tuple(sorted(every - towns[street.casefold()])),
                lone=in_one_place(alike[street.casefold(), number.casefold()]),
            )  # fmt: skip


def _to_leave_out(addresses: Sequence[Place], language: str, rng: Rng) -> list[Place]:
    """Some addresses; those of a street that several municipalities have mean nothing without parents.

    A street of Chicago is one in all its communities: its numbers go on.
    """
    towns: dict[str, set[str]] = defaultdict(set)
    for place in addresses:
        towns[place.a.casefold()].add(place.parents[0])
    chosen = between(addresses, rng, max(60, len(addresses) // 20))
    return [replace(p, lone=language == "en" or len(towns[p.a.casefold()]) == 1) for p in chosen]


def _as_written(town: str, postcode: str) -> Iterator[str]:
    yield town
    if postcode:
        yield f"{postcode} {town}"
    if town == "Lauf":
        yield from ("Lauf an der Pegnitz", "Lauf a.d. Pegnitz")


def _crossings(roads: Roads, parents: Areas | None, language: str) -> dict[str, list[Place]]:
    single, several = [], []
    for meeting in meetings(roads):
        by_town: dict[str, list[shapely.Point]] = defaultdict(list)
        for point in meeting.at:
            by_town[parents.at(point) if parents else ""].append(point)
        if twice(meeting):
            several.append(Place("crossing twice", meeting.a, meeting.b, truth=meeting.at))
        for town, points in by_town.items():
            if len(points) == 1 and (not parents or town):
                one = Place("crossing", meeting.a, meeting.b, truth=(points[0],), lone=len(meeting.at) == 1)
                single.append(replace(one, parents=(town,) if town else ()))
    return {"crossing": single, "crossing twice": [replace(p, language=language) for p in several]}


def _relations(addresses: Sequence[Place], roads: Roads, language: str, rng: Rng) -> dict[str, list[Place]]:
    some = [p for p in sampled(addresses, rng, MOST) if p.lone and p.number.isdecimal()]
    ways = list(DIRECTIONS[language].values())
    across = [found for p in some if (found := opposite(p, roads.get(p.a)))]
    away = [shifted(p, ways[int(rng.integers(len(ways)))], 10.0 * rng.integers(3, 9)) for p in some]
    return {"opposite": across, "offset": away if roads else []}


def _finnish(places: Mapping[str, Sequence[Place]], road: object) -> dict[str, list[Place]]:
    """Inflected Finnish names, and Swedish ones where the table of roads has them."""
    of = {
        p: inflected(p, genitive=True) for k in ("address", "crossing") for q in places[k] for p in (q.a, q.b)
    }
    found = {
        "inflected": [
            replace(p, kind="inflected", a=on)
            for p in places["address"]
            if (on := inflected(p.a, genitive=False))
        ],
        "inflected crossing": [
            replace(p, kind="inflected crossing", a=str(of[p.a]), b=str(of[p.b]))
            for p in places["crossing"]
            if of[p.a] and of[p.b]
        ],
    }
    swedish = _swedish(road)
    for kind in ("address", "crossing"):
        found[f"{kind}, Swedish"] = [
            replace(p, a=swedish[p.a], b=swedish.get(p.b, ""), language="sv", parents=("Helsingfors",))
            for p in places[kind]
            if p.a in swedish and (not p.b or p.b in swedish)
        ]
    return found


def _swedish(road: object) -> dict[str, str]:
    columns = getattr(road, "columns", ())
    if "name_sv" not in columns:
        return {}
    pairs = zip(road["name"], road["name_sv"], strict=True)  # type: ignore[index]
    return {name: other for name, other in pairs if other and other != name}


def _missing(
    addresses: Sequence[Place], roads: Roads, invented: Sequence[str], rng: Rng
) -> dict[str, list[Place]]:
    """Numbers far beyond the street, streets that exist nowhere, roads that do not meet."""
    highest: dict[str, int] = defaultdict(int)
    for place in addresses:
        highest[place.a.casefold()] = max(highest[place.a.casefold()], leading(place.number))
    beyond = [
        replace(p, number=str(highest[p.a.casefold()] * 3 + 201), truth=(), why="number beyond the street")
        for p in sampled(addresses, rng, MOST // 5)
    ]
    nowhere = [
        replace(p, a=invented[at % len(invented)], truth=(), why="no such street")
        for at, p in enumerate(sampled(addresses, rng, MOST // 10))
    ]
    far = apart(roads, rng, MOST // 10) if roads else []
    pairs = [Place("crossing", a, b, why="roads that do not meet") for a, b in far]
    return {"address": beyond + nowhere, "crossing": pairs, "nothing": [Place("nothing", "", why="no place")]}
