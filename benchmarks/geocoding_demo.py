"""The places of the demo city: buildings, addresses, crossings, codes, metres, groups, bridges, relations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from shapely.ops import substring

from benchmarks.geocoding_places import (
    Areas,
    Place,
    Rng,
    Town,
    apart,
    areas,
    between,
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
from benchmarks.geocoding_words import DIRECTIONS, INVENTED

MOST = 1500  # places of a kind that texts are drawn from
LAMP_WORDS = ("灯杆", "路灯", "路灯杆", "灯杆号", "电线杆")
NAMED = (
    "area_property", "grid_community", "grid_street", "asset_pump_station", "asset_sluice", "asset_bridge",
)  # fmt: skip
COVER_WORDS = ("井盖", "窨井盖", "井盖编号")
Roads = Mapping[str, shapely.Geometry]


class Demo:
    """The tables of the demo city, each read when it is first asked for."""

    def __init__(self, path: Path, metric: str, rng: Rng) -> None:
        self.rng = rng
        self._path, self._metric = path, metric
        self.roads = streets(self.table("asset_road"))
        self.levels = [self._areas("grid_street"), self._areas("grid_community")]
        self.rivers = {str(r.name): r.geometry for r in self.table("asset_river").itertuples(index=False)}

    def table(self, name: str) -> geopandas.GeoDataFrame:
        """A table in metres."""
        return read(self._path, name, self._metric)

    def rows(self, name: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Columns of a table, row by row; none of one that is not there."""
        if name in tables_of(self._path):
            yield from self.table(name)[list(columns)].itertuples(index=False, name=None)

    def _areas(self, table: str) -> Areas:
        return areas(self.table(table))

    def parents(self, place: Place) -> Place:
        """The place with the street and the community that contain it, and those far from it.

        Whoever names a pole says on which road it stands.
        """
        if place.kind == "code":
            return replace(place, parents=(place.b,) if place.b in self.roads else (), b="")
        whole = place.truth[0]
        point = middle(whole)
        names = tuple(name for level in self.levels if (name := level.at(point)))
        return replace(place, parents=names, wrong=self.levels[1].far(whole) + self.levels[0].far(whole))


def demo_town(name: str, metric: str, path: Path, rng: Rng) -> Town:
    """The demo city with its places."""
    demo = Demo(path, metric, rng)
    buildings = list(_buildings(demo))
    addresses = [p for p in buildings if p.kind == "address"]
    estate = [p for p in buildings if p.kind == "building"]
    metres = [replace(p, kind="interpolation") for p in between(addresses, rng, 400)]
    inferred = [replace(p, kind="missing building") for p in between(estate, rng, 400)]
    meets = meetings(demo.roads)
    places: dict[str, Sequence[Place]] = {
        "address": addresses,
        "interpolation": metres,
        "building": estate,
        "missing building": inferred,
        "crossing": [Place("crossing", m.a, m.b, truth=m.at) for m in meets if len(m.at) == 1],
        "crossing twice": [Place("crossing twice", m.a, m.b, truth=m.at) for m in meets if twice(m)],
        "code": list(_codes(demo)),
        "milepost": list(_mileposts(demo)),
        "group": list(_groups(demo)),
        "bridge": list(_bridges(demo)),
        "gate": list(_gates(demo)),
        "named": _named(demo),
        **_relations(demo, addresses),
    }
    chosen = {k: [demo.parents(p) for p in sampled(some, rng, MOST)] for k, some in places.items()}
    named = {name for some in chosen.values() for p in some for name in (p.a, p.b)}
    names = Names.of(named | _all_names(demo), _all_codes(demo))
    return Town(name, "zh", metric, chosen, _missing(demo, chosen, names), names)


def _all_names(demo: Demo) -> set[str]:
    tables = ("area_property", "asset_building", "asset_sluice", "asset_pump_station", "asset_bridge")
    found = {name for table in tables for name in demo.table(table)["name"]}
    return found | set(demo.table("asset_building")["estate"]) | {*demo.roads, *demo.rivers}


def _all_codes(demo: Demo) -> set[str]:
    return {*demo.table("asset_street_light")["pole"], *demo.table("asset_manhole")["code"]}


def _buildings(demo: Demo) -> Iterator[Place]:
    """Each building by its estate and number where it has them, and by its address."""
    table = demo.table("asset_building")
    for row in table.itertuples(index=False):
        if row.estate and int(row.number) > 0:
            yield Place("building", row.estate, number=str(row.number), truth=(row.geometry,))
        street, _, number = _split(row.address)
        if number:
            yield Place("address", street, number=number, truth=(row.geometry,))


def _split(address: str) -> tuple[str, str, str]:
    digits = "".join(c for c in address if c.isdecimal())
    street, found, _ = address.partition(digits) if digits else (address, "", "")
    return street, found, digits if address == f"{street}{digits}号" else ""


def _codes(demo: Demo) -> Iterator[Place]:
    lamps, covers = demo.table("asset_street_light"), demo.table("asset_manhole")
    for table, words, column in ((lamps, LAMP_WORDS, "pole"), (covers, COVER_WORDS, "code")):
        for at, row in enumerate(
            table.sample(frac=1, random_state=8).head(MOST // 2).itertuples(index=False)
        ):
            code = str(getattr(row, column))
            yield Place("code", words[at % len(words)], number=code, truth=(row.geometry,), b=str(row.road))


def _mileposts(demo: Demo) -> Iterator[Place]:
    """Metres along the rivers with stones or sections, as far as these go, and along the roads whose
    first stretch says where they begin.
    """
    lasts = _last_metres(demo)
    lines = {
        name: substring(line, 0, lasts[name])
        for name, line in demo.rivers.items()
        if name in lasts and line.geom_type == "LineString"
    }
    for row in demo.table("section_road").itertuples(index=False):
        if row.from_m == 0:
            line = _from(shapely.line_merge(demo.roads[row.route]), shapely.get_point(row.geometry, 0))
            lines |= {row.route: line} if line is not None else {}
    for name, line in lines.items():
        for metres in demo.rng.permutation(np.arange(100, int(line.length), 50))[:60].tolist():
            yield _metre(name, metres, line)


def _last_metres(demo: Demo) -> dict[str, float]:
    """The last metre that a stone or a section tells, by the river's name."""
    names = dict(demo.rows("asset_river", "id", "name"))
    lasts: dict[str, float] = {}
    for route, last in demo.rows("section_river", "route", "to_m"):
        name = names.get(route, route)
        lasts[name] = max(lasts.get(name, 0.0), last)
    for route, said in demo.rows("asset_river_mark", "route", "m"):
        kilometres, _, metres = said.removeprefix("K").partition("+")
        lasts[route] = max(lasts.get(route, 0.0), 1000.0 * int(kilometres) + int(metres))
    return lasts


def _from(line: shapely.Geometry, start: shapely.Point) -> shapely.LineString | None:
    """The line so turned that it begins at a point; None where it is not one line."""
    if line.geom_type != "LineString":
        return None
    ends = [shapely.distance(shapely.get_point(line, end), start) for end in (0, -1)]
    return None if min(ends) > 5 else line if ends[0] <= ends[1] else shapely.reverse(line)


def _metre(name: str, metres: int, line: shapely.LineString) -> Place:
    truth = (shapely.line_interpolate_point(line, metres),)
    if metres % 100 == 0 and metres % 300 == 0:
        return Place("kilometres", name, number=f"{metres / 1000:g}", truth=truth)
    return Place("milepost", name, number=f"{metres // 1000}+{metres % 1000:03d}", truth=truth)


def _groups(demo: Demo) -> Iterator[Place]:
    for row in demo.table("place").itertuples(index=False):
        village, number, _ = row.name.partition(row.name.strip("组").split("村")[-1])
        yield Place("group", village, number=number, truth=(row.geometry,))


def _bridges(demo: Demo) -> Iterator[Place]:
    table = demo.table("asset_bridge")
    table = table[(table["road"] != "") & (table["river"] != "")]
    pairs = table.groupby(["road", "river"]).size()
    for row in table.itertuples(index=False):
        if pairs[row.road, row.river] == 1:
            yield Place("bridge", row.road, row.river, truth=(row.geometry,))


def _gates(demo: Demo) -> Iterator[Place]:
    """The gates that are named after the road that crosses the river there."""
    for row in demo.table("asset_sluice").itertuples(index=False):
        road = row.name.removesuffix("闸口")
        if road in demo.roads:
            river = min(demo.rivers, key=lambda name: float(demo.rivers[name].distance(row.geometry)))
            yield Place("gate", road, river, truth=(row.geometry,))


def _named(demo: Demo) -> list[Place]:
    """What has a name that nothing else has: estates, communities, stations, bridges, roads, rivers."""
    every = list(_all_named(demo))
    bearers = Counter(place.a for place in every)
    return [place for place in every if bearers[place.a] == 1]


def _all_named(demo: Demo) -> Iterator[Place]:
    for table in NAMED:
        for row in demo.table(table).itertuples(index=False):
            yield Place("named", row.name, truth=(row.geometry,))
    for name, line in (*demo.roads.items(), *demo.rivers.items()):
        yield Place("named", name, truth=(line,))


def _relations(demo: Demo, addresses: Sequence[Place]) -> dict[str, list[Place]]:
    some = list(sampled(addresses, demo.rng, MOST // 2))
    stations = [p for p in _named(demo) if p.truth[0].geom_type == "Point"]
    ways = DIRECTIONS["zh"]
    across = [found for p in some if (found := opposite(p, demo.roads.get(p.a)))]
    return {
        "opposite": across,
        "offset": [_away(p, ways, demo.rng) for p in (*some, *stations, *_gates(demo))],
    }


def _away(place: Place, ways: Mapping[str, tuple[int, int]], rng: Rng) -> Place:
    word = list(ways)[int(rng.integers(len(ways)))]
    metres = 10 * int(rng.integers(3, 10))
    head = {"address": f"{place.number}号", "gate": "闸口"}.get(place.kind, "")
    unit = ("米", "m")[int(rng.integers(2))]
    return replace(shifted(place, ways[word], metres), number=f"{head}{word}{metres}{unit}", b="")


def _missing(demo: Demo, places: Mapping[str, Sequence[Place]], names: Names) -> dict[str, list[Place]]:
    """What is not there: buildings, house numbers, streets, codes, metres, groups, crossings and bridges."""
    rng = demo.rng
    found = {k: list(_beyond(demo, places[k])) for k in ("building", "address", "group", "milepost")}
    invented = [road for road in INVENTED["zh"] if names.unlike(road)]
    for at, place in enumerate(sampled(places["address"], rng, 100)):
        found["address"].append(
            replace(place, a=invented[at % len(invented)], truth=(), why="no such street")
        )
    crossing = [Place("crossing", a, b, why="roads that do not meet") for a, b in apart(demo.roads, rng, 150)]
    dry = [
        (a, b)
        for a, road in demo.roads.items()
        for b, water in demo.rivers.items()
        if road.distance(water) > 900
    ]
    bridges = [Place("bridge", *dry[int(rng.integers(len(dry)))], why="no such bridge") for _ in range(100)]
    codes = [
        replace(p, number=_strange(p.number, rng), truth=(), why="no such code") for p in places["code"][:150]
    ]
    return {
        **found, "crossing": crossing, "bridge": bridges, "code": codes,
        "nothing": [Place("nothing", "", why="no place")],
    }  # fmt: skip


def _beyond(demo: Demo, places: Sequence[Place]) -> Iterator[Place]:
    highest: dict[str, int] = defaultdict(int)
    if places and places[0].kind in ("building", "address"):
        every: Sequence[Place] = [p for p in _buildings(demo) if p.kind == places[0].kind]
    else:
        every = places
    for place in every:
        highest[place.a] = max(highest[place.a], leading(place.number))
    for place in sampled(places, demo.rng, MOST // 10):
        far = highest[place.a] * 3 + 41
        number = f"{far}+{place.number.split('+')[1]}" if "+" in place.number else str(far)
        yield replace(place, number=number, truth=(), why="number beyond it")


def _strange(code: str, rng: Rng) -> str:
    """A code that begins as none does."""
    return "97" + "".join(str(rng.integers(10)) for _ in range(len(code) - 2))
