"""What a town's tables say of its places: how each is named and where it truly lies.

Read straight from the GeoPackage and measured with shapely, apart from everything that the geocoder does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from benchmarks.geocoding_typos import Names

Rng = np.random.Generator
Objects = NDArray[np.object_]

ONE_PLACE_M = 30.0  # what lies closer together is one place
NEAR_M = 12.0  # roads whose drawings end this close meet all the same
TWICE_M = 100.0  # two places of a crossing that whoever goes there must be told apart
SET_BACK_M = 35.0  # of a house from its road's middle, at most
FACING_M = 20.0  # from a road's middle to what faces it, at most
APART_M = 300.0  # areas at least this far away are a wrong parent


@dataclass(frozen=True, slots=True)
class Place:
    """Something that people name, and where it is.

    Attributes:
        kind: address, building, crossing, code, milepost, group, bridge, gate, opposite, offset …
        a: the name; of a crossing the first, of a bridge the road.
        b: the other name.
        number: of the house, building, pole, metre or group, as it is registered.
        truth: metric geometries; more than one where the words fit several places; none where there is none.
        parents: areas that contain it, the widest first, as people write them.
        wrong: areas that do not.
        lone: whether the words mean this place without any parent, too.
        direction: of an offset, east and north.
        metres: of an offset.
        why: of what cannot be answered: what is not there.
    """

    kind: str
    a: str
    b: str = ""
    number: str = ""
    truth: tuple[shapely.Geometry, ...] = ()
    parents: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    lone: bool = True
    direction: tuple[int, int] = (0, 0)
    metres: float = 0.0
    why: str = ""
    language: str = ""


@dataclass(frozen=True)
class Town:
    """A city with its places.

    Attributes:
        places: answerable, by kind.
        missing: those that do not exist, by kind.
        names: of the things that names are told from, for typos.
    """

    name: str
    language: str
    metric: str
    places: Mapping[str, Sequence[Place]]
    missing: Mapping[str, Sequence[Place]]
    names: Names
    folder: Path = field(default=Path())


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of one level that may be a parent, metric."""

    name: Objects
    tree: shapely.STRtree

    def at(self, point: shapely.Point) -> str:
        """The name of the one that contains a point; empty where none does."""
        found = np.sort(self.tree.query(point, predicate="covered_by"))
        return str(self.name[found[0]]) if len(found) else ""

    def far(self, thing: shapely.Geometry) -> tuple[str, ...]:
        """The names of those that are well away from all of a thing."""
        near = self.tree.query(thing, predicate="dwithin", distance=APART_M)
        return tuple(sorted({*self.name.tolist()} - {*self.name[near].tolist()}))


def read(path: Path, table: str, metric: str = "") -> geopandas.GeoDataFrame:
    """A table of a GeoPackage, in the metric CRS if there is one, texts empty where they are missing."""
    frame = pyogrio.read_dataframe(path, layer=table)
    texts = [c for c in frame.columns if c != "geometry" and frame[c].dtype.kind not in "iuf"]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "").astype(str)
    return frame.to_crs(metric) if metric else frame


def tables_of(path: Path) -> list[str]:
    """The tables of a GeoPackage."""
    return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def middle(geometry: shapely.Geometry) -> shapely.Point:
    """A point on a geometry that stands for it."""
    return geometry if geometry.geom_type == "Point" else shapely.point_on_surface(geometry)


def streets(road: geopandas.GeoDataFrame) -> dict[str, shapely.Geometry]:
    """The roads by name, each the union of its lines; without those that are only drawn, not named."""
    lines = road[shapely.get_type_id(road.geometry.array) == shapely.GeometryType.LINESTRING]
    lines = lines[(lines["name"] != lines["id"]) & (lines["name"] != "")]
    lines = lines[~lines["name"].str.contains(r"[,;/0-9]")]
    if "class" in lines:
        lines = lines[~lines["class"].isin(["platform", "steps", "elevator", "corridor", "bus_stop"])]
    return {str(n): shapely.union_all(g.array) for n, g in lines.groupby("name").geometry}


def areas(cells: geopandas.GeoDataFrame) -> Areas:
    """The areas of a table."""
    return Areas(cells["name"].to_numpy(object), shapely.STRtree(np.asarray(cells.geometry.array)))


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two roads and every place where they meet."""

    a: str
    b: str
    at: tuple[shapely.Point, ...]


def meetings(roads: Mapping[str, shapely.Geometry]) -> list[Meeting]:
    """Every pair of roads that cross, touch or end a few metres apart."""
    if not roads:
        return []
    names, lines = list(roads), np.array(list(roads.values()), dtype=object)
    tree = shapely.STRtree(lines)
    first, second = tree.query(lines, predicate="dwithin", distance=NEAR_M)
    found = []
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        if i < j and (at := _places(lines[i], lines[j])):
            found.append(Meeting(names[i], names[j], at))
    return found


def _places(a: shapely.Geometry, b: shapely.Geometry) -> tuple[shapely.Point, ...]:
    """The middles of the spots where two lines meet; none where they run along one another."""
    shared = shapely.intersection(a, b)
    if shared.is_empty:
        shared = shapely.line_interpolate_point(shapely.shortest_line(a, b), 0.5, normalized=True)
    if shapely.length(shared) > ONE_PLACE_M:
        return ()
    spots = shapely.get_parts(shapely.union_all(shapely.buffer(shapely.get_parts(shared), 20.0)))
    return tuple(shapely.centroid(spots).tolist())


def twice(meeting: Meeting) -> bool:
    """Whether two roads meet in places that are far enough from one another to be asked about."""
    first, *others = meeting.at
    return any(shapely.distance(first, other) >= TWICE_M for other in others)


def apart(roads: Mapping[str, shapely.Geometry], rng: Rng, count: int) -> list[tuple[str, str]]:
    """Pairs of roads that are nowhere within 400 m of one another."""
    names = sorted(roads)
    pairs: list[tuple[str, str]] = []
    for _ in range(20 * count):
        a, b = (names[int(rng.integers(len(names)))] for _ in "ab")
        if len(pairs) < count and a != b and shapely.distance(roads[a], roads[b]) > 400:
            pairs.append((a, b))
    return pairs


def opposite(place: Place, road: shapely.Geometry | None) -> Place | None:
    """The place across the road from an address; None where the road is not beside it.

    As far behind the road's middle as the house is before it, but no farther than what faces the road. Houses
    so near that they lie within 30 m of it themselves tell nothing.
    """
    point = middle(place.truth[0])
    if road is None or not 0.5 * ONE_PLACE_M < shapely.distance(road, point) <= SET_BACK_M:
        return None
    foot = shapely.line_interpolate_point(*_along(road, point))
    depth = min(1.0, FACING_M / shapely.distance(foot, point))
    truth = shapely.Point(foot.x + depth * (foot.x - point.x), foot.y + depth * (foot.y - point.y))
    return replace(place, kind="opposite", truth=(truth,))


def _along(road: shapely.Geometry, point: shapely.Point) -> tuple[shapely.Geometry, float]:
    parts = shapely.get_parts(road)
    nearest = parts[int(np.argmin(shapely.distance(parts, point)))]
    return nearest, float(shapely.line_locate_point(nearest, point))


def shifted(place: Place, direction: tuple[int, int], metres: float) -> Place:
    """The place so many metres away in a direction."""
    point, size = middle(place.truth[0]), float(np.hypot(*direction))
    truth = shapely.Point(point.x + metres * direction[0] / size, point.y + metres * direction[1] / size)
    return replace(place, kind="offset", truth=(truth,), direction=direction, metres=metres)


def in_one_place(points: Iterable[shapely.Geometry]) -> bool:
    """Whether all lie within 30 m of the first."""
    first, *others = points
    return all(shapely.distance(first, other) <= ONE_PLACE_M for other in others)


def leading(number: str) -> int:
    """The number that a house number begins with; -1 for none."""
    found = re.match(r"\d+", number)
    return int(found[0]) if found else -1


def between(addresses: Sequence[Place], rng: Rng, count: int) -> list[Place]:
    """Addresses to leave out: their streets keep lower and higher numbers, and no street loses many."""
    streets_numbers: dict[str, list[int]] = {}
    for place in addresses:
        streets_numbers.setdefault(place.a, []).append(leading(place.number))
    chosen: list[Place] = []
    taken = dict.fromkeys(streets_numbers, 0)
    for at in rng.permutation(len(addresses)).tolist():
        place = addresses[at]
        numbers = sorted(set(streets_numbers[place.a]) - {leading(place.number)})
        inside = len(numbers) > 3 and numbers[0] < leading(place.number) < numbers[-1]
        if len(chosen) < count and place.lone and inside and taken[place.a] < len(numbers) // 8 + 1:
            taken[place.a] += 1
            chosen.append(replace(place, kind="interpolation"))
    return chosen


def sampled(places: Sequence[Place], rng: Rng, count: int) -> Iterator[Place]:
    """Some of the places, each once."""
    for at in rng.permutation(len(places))[:count].tolist():
        yield places[at]
