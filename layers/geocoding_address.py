"""Entries of the gazetteer as answers, and addresses by their parts: house number, road, suburb, city."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import shapely

from layers.candidates import Candidate
from layers.gazetteer_columns import Objects, column_like, split
from layers.gazetteer_entries import (
    ADDRESS,
    BUILDING,
    CROSSING,
    ESTATE,
    GROUP,
    NONE,
    STREET,
    WATERWAY,
)
from layers.generation import PLACE, Features, Generation
from layers.geocoding_city import CityPlaces
from layers.geocoding_numbers import whole_match

HALF_M = 100.0  # the radius at which a position is half known
POSTCODE_COLUMNS = "postcode addrpostcode postalcode zip zipcode plz postleitzahl postinumero 邮编 邮政编码"
CITY_COLUMNS = "city addrcity municipality 城市"

# What the levels of a grid are called as parts of an address, by words in their names; the first that fits.
_PARTS = (
    (re.compile(r"community|village|neighbou?rhood|quarter|ward|社区|村|admin_11"), "neighbourhood"),
    (re.compile(r"street|subdistrict|suburb|town|街道|镇|admin_10"), "suburb"),
    (re.compile(r"district|borough|区县|区$|admin_9"), "city_district"),
    (re.compile(r"^city|市$|admin_[78]"), "city"),
    (re.compile(r"county|admin_6"), "county"),
    (re.compile(r"province|state|省|admin_4"), "state"),
)
_LANGUAGE = re.compile(r"name[:_]([a-z]{2,3})", re.IGNORECASE)
_SETTLEMENTS = frozenset(
    {"city", "town", "village", "hamlet", "suburb", "quarter", "neighbourhood", "borough", "island"}
)


class Entries:
    """The entries of a city's gazetteer as answers; may be shared between threads."""

    def __init__(self, city: CityPlaces) -> None:
        self.city = city
        self._columns: dict[tuple[str, str], Objects | None] = {}
        self._of_cell: dict[int, dict[str, str]] = {}

    def candidate(self, row: int, score: float = 1.0) -> Candidate:
        """An entry as an answer.

        Args:
            row: of the entry.
            score: how well the words fit.
        """
        gazetteer, leaf = self.city.gazetteer, int(self.city.gazetteer.cell[row])
        shape, radius_m = self.city.shape(row), float(gazetteer.radius_m[row])
        return Candidate(
            lng=float(gazetteer.lng[row]),
            lat=float(gazetteer.lat[row]),
            radius_m=radius_m,
            match=whole_match(self.city, row),
            text_score=score,
            position_score=HALF_M / (HALF_M + radius_m),
            label=gazetteer.name[row],
            kind=gazetteer.kind[row],
            layer=gazetteer.layer[row],
            id=gazetteer.id[row],
            **in_cells(self.city, leaf),
            address=self.parts(row, leaf, gazetteer.number[row]),
            geometry=None if shapely.get_dimensions(shape) == 0 else shape,
        )

    def parts(self, row: int, leaf: int, number: str) -> Mapping[str, str]:
        """The parts of an address by their usual names, the smallest first: house_number, building, road,
        residential, neighbourhood, suburb, city_district, city, postcode; those that are known.

        Args:
            row: of the entry that it is, or that it was found by; -1 for none.
            leaf: the leaf cell that it lies in, -1 for none.
            number: the house or building number that it was found for; empty for none.
        """
        said = dict(_named(self.city, row, number)) if row != NONE else {}
        for part, name in self._cell_parts(leaf).items():
            said.setdefault(part, name)
        if row != NONE:
            said |= self._from_columns(row)
        said.setdefault("city", self.city.generation.config.name)
        return {part: name for part, name in said.items() if name}

    def name_in(self, row: int, language: str) -> str:
        """The name of an entry in a language, such as ``en``, where its layer says one; else its name."""
        gazetteer = self.city.gazetteer
        return self._said(row, f"name{language}") or str(gazetteer.name[row])

    def names(self, place: Candidate) -> dict[str, str]:
        """What a place is called, by language where its layer says so; its usual name under ``""``."""
        row = self.by_source.get((place.layer, place.id))
        if row is None or self.city.gazetteer.name[row] != place.label:
            return {"": place.label}  # a number on it, or a place beside it
        said = {language: self._said(row, f"name{language}") for language in self.languages}
        return {"": place.label, **{language: name for language, name in said.items() if name}}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages in which the layers say names, such as ``en``."""
        layers = dict.fromkeys(layer for layer in self.city.gazetteer.layer.tolist() if layer)
        found = [features_of(self.city.generation, layer) for layer in layers]
        columns = {str(name) for one in found if one is not None for name in one.attributes.columns}
        said = {_LANGUAGE.fullmatch(name) for name in columns}
        return tuple(sorted({one[1].lower() for one in said if one is not None}))

    @cached_property
    def by_source(self) -> Mapping[tuple[str, str], int]:
        """The first entry of each thing of the layers, by layer and id."""
        said = zip(self.city.gazetteer.layer.tolist(), self.city.gazetteer.id.tolist(), strict=True)
        return {name: row for row, name in reversed(list(enumerate(said))) if name[0]}

    def _cell_parts(self, leaf: int) -> dict[str, str]:
        if leaf not in self._of_cell:
            self._of_cell[leaf] = dict(_cells(self.city, leaf))
        return self._of_cell[leaf]

    def _from_columns(self, row: int) -> dict[str, str]:
        """What the layer says of an entry beside its name."""
        if self.city.is_line(row):
            return {}
        found = {"city": self._said(row, CITY_COLUMNS), "postcode": self._said(row, POSTCODE_COLUMNS)}
        return {part: split(text)[0] for part, text in found.items() if text}

    def _said(self, row: int, words: str) -> str:
        """What the first column that is called by one of the words says of an entry."""
        layer, at = self.city.gazetteer.layer[row], int(self.city.gazetteer.row[row])
        if not layer or at < 0:
            return ""
        if (layer, words) not in self._columns:
            features = features_of(self.city.generation, layer)
            self._columns[layer, words] = None if features is None else column_like(features, words)
        column = self._columns[layer, words]
        return "" if column is None else str(column[at])


def in_cells(city: CityPlaces, leaf: int) -> dict[str, Any]:
    """What an answer says of the cells that it lies in; nothing for -1."""
    if leaf == NONE:
        return {}
    cells = city.generation.cells
    names = dict.fromkeys(cells.name[at] or cells.code[at] for at in city.ancestors(leaf))
    return {"cell_code": cells.code[leaf], "cell_path": cells.path[leaf], "parents": tuple(names)}


def _named(city: CityPlaces, row: int, number: str) -> Iterator[tuple[str, str]]:
    """What an entry itself says, and the street or estate that it belongs to."""
    gazetteer = city.gazetteer
    kind, parent = gazetteer.kind[row], int(gazetteer.parent[row])
    above = gazetteer.name[parent] if parent != NONE else ""
    if kind == ADDRESS:
        yield "house_number", number.removesuffix("号")
        on_street = parent == NONE or city.is_line(parent)
        yield "road" if on_street else "residential", above or gazetteer.street[row]
    elif kind == BUILDING:
        yield "building", gazetteer.name[row]
        yield "residential", above
    elif kind == STREET:
        yield "house_number", number.removesuffix("号")
        yield "road", gazetteer.name[row]
    elif kind == ESTATE:
        yield "building", number and gazetteer.name[row] + number
        yield "residential", gazetteer.name[row]
    else:
        yield from _other(city, row, kind, above)


def _other(city: CityPlaces, row: int, kind: str, above: str) -> Iterator[tuple[str, str]]:
    gazetteer, parent = city.gazetteer, int(city.gazetteer.parent[row])
    name = gazetteer.name[row]
    if kind == CROSSING:
        yield "road", above
    elif kind == GROUP:
        yield "hamlet", name
    elif kind == WATERWAY:
        yield "waterway", name
    elif kind.startswith("asset:"):
        yield "amenity", name if gazetteer.is_named[row] else ""
        yield "road", above if parent != NONE and gazetteer.kind[parent] == STREET else ""
    elif kind.startswith(f"{PLACE}:"):
        word = kind.partition(":")[2]
        yield word if word in _SETTLEMENTS else "amenity", name


def _cells(city: CityPlaces, leaf: int) -> Iterator[tuple[str, str]]:
    cells = city.generation.cells
    for at in city.ancestors(leaf):
        part = level_part(cells.level[at])
        if part and cells.name[at] != cells.code[at]:
            yield part, cells.name[at]


def level_part(level: str) -> str:
    """What a level of the grid is called as a part of an address; empty where it is none, such as cells."""
    return next((part for words, part in _PARTS if words.search(level.casefold())), "")


def features_of(generation: Generation, layer: str) -> Features | None:
    """The features of a layer such as ``asset:road``; None where it holds none."""
    role, _, kind = layer.partition(":")
    if role == PLACE:
        return generation.places
    if role == "area":
        return generation.areas.get(kind)
    return generation.assets.get(kind) if role == "asset" else None
