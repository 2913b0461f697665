"""What lies at a place, in words and for programs: address, street and side, cells, areas, assets near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.bearings import ON_M, beside_words, directions
from geo.errors import CoordinateError
from layers.candidates import Candidate
from layers.gazetteer_entries import CROSSING, ESTATE, NONE, STREET
from layers.geocoding_address import Entries
from layers.geocoding_around import Around, Near
from layers.geocoding_city import CityPlaces

Json = dict[str, Any]
Objects = NDArray[np.object_]
Floats = NDArray[np.float64]

MOST_ASSETS = 50
MOST_RADIUS_M = 3_000.0


@dataclass(frozen=True, slots=True)
class NearAddress:
    """The address nearest to a place.

    Attributes:
        row: of its entry in the gazetteer.
        direction: in which the place lies from it, one of `geo.bearings.DIRECTIONS`; empty where it is there.
    """

    place: Candidate
    row: int
    distance_m: float
    direction: str

    def json(self) -> Json:
        """The address as programs get it: a feature with its distance and direction."""
        made = self.place.json()
        made["properties"] |= {"distance_m": round(self.distance_m, 1), "direction": self.direction}
        return made


@dataclass(frozen=True, slots=True)
class NearStreet:
    """The street nearest to a place.

    Attributes:
        row: of its entry in the gazetteer.
        distance_m: from its axis.
        direction: the side on which the place lies, as in `NearAddress`; empty where it is on it.
        lng, lat: the place on its axis.
        zh, en: side and distance in words.
    """

    name: str
    name_en: str
    layer: str
    id: str
    row: int
    distance_m: float
    direction: str
    lng: float
    lat: float
    zh: str
    en: str

    def json(self) -> Json:
        """The street as programs get it."""
        return {
            "name": self.name,
            "name_en": self.name_en,
            "layer": self.layer,
            "id": self.id,
            "distance_m": round(self.distance_m, 1),
            "direction": self.direction,
            "point": [self.lng, self.lat],
            "words": {"zh": self.zh, "en": self.en},
        }


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A cell or an area that holds a place.

    Attributes:
        kind: the cell's level, or the area's kind.
        owner: id of the body responsible; empty for none.
    """

    kind: str
    code: str
    name: str
    owner: str = ""
    owner_name: str = ""


@dataclass(frozen=True, slots=True)
class NearAsset:
    """An asset near a place."""

    kind: str
    id: str
    name: str
    owner: str
    owner_name: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class Reverse:
    """What lies at a place.

    Attributes:
        radius_m: of the assets.
        cells: that hold it, the highest first; none outside the city.
        assets: the nearest first.
        more_assets: how many within the radius are not among them.
        zh, en: where it is, in words.
    """

    lng: float
    lat: float
    radius_m: float
    address: NearAddress | None
    street: NearStreet | None
    cells: tuple[HeldBy, ...]
    areas: tuple[HeldBy, ...]
    assets: tuple[NearAsset, ...]
    more_assets: int
    zh: str
    en: str

    @property
    def cell_path(self) -> str:
        """The codes of the cells, the highest first, joined by ``/``."""
        return "/".join(cell.code for cell in self.cells)

    def json(self) -> Json:
        """The answer as a GeoJSON feature: the place that was asked for."""
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [self.lng, self.lat]},
            "properties": {
                "words": {"zh": self.zh, "en": self.en},
                "address": None if self.address is None else self.address.json(),
                "street": None if self.street is None else self.street.json(),
                "cell_code": self.cells[-1].code if self.cells else "",
                "cell_path": self.cell_path,
                "cells": [_held(cell, "level") for cell in self.cells],
                "areas": [_held(area, "kind") for area in self.areas],
                "assets": [_asset(asset) for asset in self.assets],
                "more_assets": self.more_assets,
                "radius_m": self.radius_m,
            },
        }


def _held(one: HeldBy, kind: str) -> Json:
    owner = {"id": one.owner, "name": one.owner_name} if one.owner else None
    return {kind: one.kind, "code": one.code, "name": one.name, "owner": owner}


def _asset(one: NearAsset) -> Json:
    owner = {"id": one.owner, "name": one.owner_name} if one.owner else None
    return {
        "kind": one.kind,
        "id": one.id,
        "name": one.name,
        "owner": owner,
        "distance_m": round(one.distance_m, 1),
    }


class Reversing:
    """Tells what lies at places of one city; may be shared between threads."""

    def __init__(self, city: CityPlaces, entries: Entries) -> None:
        self._city, self._entries = city, entries
        self._around = Around(city)

    def at(self, lng: float, lat: float, *, radius_m: float) -> Reverse:
        """What lies at a place; the assets within a radius, none are looked for where it is 0.

        Raises:
            CoordinateError: the place is nowhere on Earth, or the radius is not from 0 to 3,000 m.
        """
        _check(lng, lat, radius_m)
        x, y = (float(column) for column in self._city.generation.metric.points(lng, lat))
        around = self._around
        nearest = around.street(x, y), around.address(x, y)
        feet = _feet(nearest, x, y)
        sides = _sides(nearest, x - feet[:, 0], y - feet[:, 1])
        street = self._street(nearest[0], sides[0], feet[0])
        address = self._address(nearest[1], sides[1])
        cells, near = self._cells(lng, lat), around.landmark(x, y)
        assets = around.assets(x, y, radius_m) if radius_m else []
        zh, en = (self._words(language, street, near, cells) for language in ("zh", "en"))
        return Reverse(
            lng, lat, radius_m, address, street, cells, self._areas(lng, lat),
            tuple(self._asset(*asset) for asset in assets[:MOST_ASSETS]),
            max(0, len(assets) - MOST_ASSETS), zh, en,
        )  # fmt: skip

    def _street(self, near: Near, side: str, foot: Floats) -> NearStreet | None:
        if near.row == NONE:
            return None
        lng, lat = (float(column) for column in self._city.generation.metric.to_lnglat(*foot))
        name, name_en = self._city.gazetteer.name[near.row], self._entries.name_in(near.row, "en")
        return NearStreet(
            name, name_en, self._city.gazetteer.layer[near.row], self._city.gazetteer.id[near.row], near.row,
            near.distance_m, side, lng, lat, beside_words(name, side, near.distance_m, "zh"),
            beside_words(name_en, side, near.distance_m, "en"),
        )  # fmt: skip

    def _address(self, near: Near, side: str) -> NearAddress | None:
        if near.row == NONE:
            return None
        return NearAddress(self._entries.candidate(near.row), near.row, near.distance_m, side)

    def _cells(self, lng: float, lat: float) -> tuple[HeldBy, ...]:
        cells = self._city.generation.cells
        found = reversed(self._around.cells(lng, lat))
        return tuple(
            HeldBy(cells.level[at], cells.code[at], cells.name[at], *self._owner(int(cells.body[at])))
            for at in found
        )

    def _areas(self, lng: float, lat: float) -> tuple[HeldBy, ...]:
        areas = self._city.generation.areas
        return tuple(
            HeldBy(kind, areas[kind].id[at], areas[kind].name[at], *self._owner(int(areas[kind].owner[at])))
            for kind, at in self._around.areas(lng, lat)
        )

    def _asset(self, distance_m: float, kind: str, at: int) -> NearAsset:
        layer = self._city.generation.assets[kind]
        return NearAsset(kind, layer.id[at], layer.name[at], *self._owner(int(layer.owner[at])), distance_m)

    def _owner(self, position: int) -> tuple[str, str]:
        """Id and name of an owner; empty for -1."""
        if position < 0:
            return "", ""
        owner = self._city.generation.owners[position]
        return owner.id, owner.name

    # ---- in words

    def _words(self, language: str, street: NearStreet | None, near: Near, cells: tuple[HeldBy, ...]) -> str:
        """Where a place is: by its street, what it is near, and the smallest named cell where neither is."""
        said = [_SAID["outside"][language]] if not cells else []
        if street is not None:
            said.append(street.zh if language == "zh" else street.en)
        if near.row != NONE:
            said.append(self._near(language, near, NONE if street is None else street.row))
        if street is None and near.row == NONE and cells:
            said.append(_SAID["in"][language].format(_smallest(cells)))
        return ("，" if language == "zh" else ", ").join(said)

    def _near(self, language: str, near: Near, street: int) -> str:
        kind, name = self._city.gazetteer.kind[near.row], self._entries.name_in(near.row, language)
        if kind == CROSSING:
            how, name = self._crossing(language, near.row, street)
        elif near.distance_m < ON_M:
            how = "in" if kind == ESTATE else "at"
        else:
            how = "near"
        return _SAID[how][language].format(name)

    def _crossing(self, language: str, row: int, street: int) -> tuple[str, str]:
        """A crossing of the street that was named already is called after the other one."""
        gazetteer = self._city.gazetteer
        both = int(gazetteer.parent[row]), int(gazetteer.other[row])
        others = [at for at in both if at != street]
        names = [self._entries.name_in(at, language) for at in others]
        if len(others) == 1 and gazetteer.kind[others[0]] != STREET:
            return "near", names[0]
        return "corner", (_SAID["and"][language]).join(names)


_SAID = {
    "outside": {"zh": "本市网格之外", "en": "outside the city's grid"},
    "near": {"zh": "近{}", "en": "near {}"},
    "at": {"zh": "{}处", "en": "at {}"},
    "in": {"zh": "{}内", "en": "in {}"},
    "corner": {"zh": "近{}路口", "en": "near the corner of {}"},
    "and": {"zh": "与", "en": " and "},
}


def _smallest(cells: tuple[HeldBy, ...]) -> str:
    """The name of the lowest cell that has one of its own."""
    return next(
        (cell.name for cell in reversed(cells) if cell.name and cell.name != cell.code), cells[-1].code
    )


def _feet(near: Sequence[Near], x: float, y: float) -> Floats:
    """The place of each thing that is nearest to a point; the point itself where there is nothing."""
    lines = shapely.shortest_line(_objects([one.shape for one in near]), shapely.Point(x, y))
    feet = np.full((len(near), 2), (x, y), np.float64)
    there = [one.row != NONE for one in near]
    feet[there] = shapely.get_coordinates(shapely.get_point(lines, 0))
    return feet


def _sides(near: Sequence[Near], east: Floats, north: Floats) -> list[str]:
    """The direction in which a point lies from each thing; empty where it is on it."""
    told = directions(east, north).tolist()
    return ["" if one.distance_m < ON_M else side for one, side in zip(near, told, strict=True)]


def _objects(shapes: list[shapely.Geometry | None]) -> Objects:
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return column


def _check(lng: float, lat: float, radius_m: float) -> None:
    # The following negations handle NaN correctly. Don't change.
    if not (abs(lng) <= 180 and abs(lat) <= 90):
        raise CoordinateError(
            f"{lng}, {lat} is no place on Earth.", fix="Give longitude and latitude in degrees of WGS-84."
        )
    if not 0 <= radius_m <= MOST_RADIUS_M:
        raise CoordinateError(
            f"A radius of {radius_m} m is not from 0 to {MOST_RADIUS_M:.0f} m.", fix="Ask for another radius."
        )
