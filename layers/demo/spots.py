"""Where problems of the demo city happen, with the names that people use for the place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.demo.curves import ORIGIN, Array
from layers.demo.regions import Labels
from layers.demo.tables import City, spoken
from layers.demo.wordings import SPOTS


@dataclass(frozen=True)
class Spot:
    """A position in EPSG:4549 with what fills the gaps of a text."""

    xy: tuple[float, float]
    words: dict[str, str]


def spots(made: City, at: str, count: int, rng: np.random.Generator) -> list[Spot]:
    """So many places of a kind, where people live more of them."""
    xy, words = _PLACES[at](made, count, rng)
    return _described(made, xy, words)


def named_spot(made: City, at: str, name: str, rng: np.random.Generator) -> Spot:
    """A place at a thing of a certain name."""
    t = made.tables
    if at == "spot":
        return _described(made, np.array([SPOTS[name]]) + ORIGIN, [{}])[0]
    if at == "bank":
        return spots(made, "bank", 1, rng)[0]
    table, column = {
        "building": ("asset:building", "name"),
        "address": ("asset:building", "address"),
        "estate": ("area:property", "name"),
        "bridge": ("asset:bridge", "name"),
        "river": ("asset:river", "name"),
        "road": ("asset:road", "name"),
    }[at]
    shapes = t[table].geometry.to_numpy()[t[table][column].to_numpy() == name]
    shape = shapes[int(rng.integers(len(shapes)))]
    xy = _along(np.array([shape]), rng) if shape.geom_type == "LineString" else _inner(np.array([shape]))
    return _described(made, xy, [{}])[0]


def _described(made: City, xy: Array, words: list[dict[str, str]]) -> list[Spot]:
    """Spots whose words include community and street name, whatever else they have."""
    points = shapely.points(xy)
    place = spoken(made.grid.community[made.grid.at(points)])
    road = made.streets.names[shapely.STRtree(made.streets.lines).nearest(points)]
    return [
        Spot((float(x), float(y)), {"community": str(c), "road": str(r), **w})
        for (x, y), c, r, w in zip(xy, place, road, words, strict=True)
    ]


def _by_people(made: City, xy: Array, count: int, rng: np.random.Generator) -> Labels:
    """Positions drawn by how many people live in their cell."""
    cell = made.grid.at(shapely.points(xy))
    lure = np.sqrt(made.population[cell] + 60.0)
    return rng.choice(len(xy), count, p=lure / lure.sum())


def _inner(shapes: NDArray[np.object_]) -> Array:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(shapes)))


def _along(lines: NDArray[np.object_], rng: np.random.Generator) -> Array:
    at = rng.uniform(0.04, 0.96, len(lines))
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(lines, at, normalized=True)))


Found = tuple[Array, list[dict[str, str]]]


def _lamp(made: City, count: int, rng: np.random.Generator) -> Found:
    table = made.tables["asset:street_light"]
    xy = shapely.get_coordinates(table.geometry.to_numpy())
    drawn = _by_people(made, xy, count, rng)
    return xy[drawn], [{"pole": str(name)} for name in table["name"].to_numpy()[drawn]]


def _road(made: City, count: int, rng: np.random.Generator) -> Found:
    lines = made.streets.lines
    drawn = _by_people(made, _inner(shapely.line_interpolate_point(lines, 0.5, normalized=True)), count, rng)
    aside = rng.normal(0, 0.2, (count, 2)) * made.streets.width_m[drawn][:, None]
    return _along(lines[drawn], rng) + aside, [{} for _ in drawn]


def _river(made: City, count: int, rng: np.random.Generator) -> Found:
    lines, names = made.wet.lines[1:], np.array(made.wet.names[1:])
    length = shapely.length(lines)
    drawn = rng.choice(len(lines), count, p=length / length.sum())
    return _along(lines[drawn], rng), [{"river": str(name)} for name in names[drawn]]


def _bank(made: City, count: int, rng: np.random.Generator) -> Found:
    stream = made.wet.lines[0]
    at = shapely.line_interpolate_point(stream, rng.uniform(0.35, 0.9, count), normalized=True)
    return np.asarray(shapely.get_coordinates(at)), [{} for _ in range(count)]


def _bridge(made: City, count: int, rng: np.random.Generator) -> Found:
    table = made.tables["asset:bridge"]
    xy = _inner(table.geometry.to_numpy())
    drawn = _by_people(made, xy, count, rng)
    return xy[drawn], [{"bridge": str(name)} for name in table["name"].to_numpy()[drawn]]


def _manhole(made: City, count: int, rng: np.random.Generator) -> Found:
    xy = shapely.get_coordinates(made.tables["asset:manhole"].geometry.to_numpy())
    drawn = _by_people(made, xy, count, rng)
    return xy[drawn], [{} for _ in drawn]


def _estate(made: City, count: int, rng: np.random.Generator) -> Found:
    homes = np.flatnonzero(made.houses.estate != "")
    xy = _inner(made.houses.shapes[homes])
    drawn = _by_people(made, xy, count, rng)
    estate, number = made.houses.estate[homes][drawn], made.houses.number[homes][drawn]
    aside = rng.normal(0, 4, (count, 2))
    return xy[drawn] + aside, [{"estate": str(e), "n": str(n)} for e, n in zip(estate, number, strict=True)]


def _shop(made: City, count: int, rng: np.random.Generator) -> Found:
    shops = np.flatnonzero(made.houses.use == "shops")
    xy = _inner(made.houses.shapes[shops])
    drawn = _by_people(made, xy, count, rng)
    address = made.tables["asset:building"]["address"].to_numpy()[shops][drawn]
    return xy[drawn] + rng.normal(0, 12, (count, 2)), [{"address": str(a)} for a in address]


_PLACES = {
    "lamp": _lamp, "road": _road, "river": _river, "bank": _bank, "bridge": _bridge, "manhole": _manhole,
    "estate": _estate, "shop": _shop,
}  # fmt: skip
