"""What a city's layers say of house and building numbers, row by row."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.gazetteer_columns import (
    ADDRESS_COLUMNS,
    BUILDING_COLUMNS,
    ESTATE_COLUMNS,
    HOUSE_COLUMNS,
    STREET_COLUMNS,
    aliases,
    are_names,
    codes,
    column_like,
    key,
    names_of,
    texts_like,
)
from layers.gazetteer_entries import Bools, Floats, Objects, Positions
from layers.gazetteer_lines import own_names
from layers.gazetteer_shapes import middles, radii
from layers.generation import PLACE, Features, Generation
from layers.records import concatenated, take

BUILDINGS = frozenset({"building", "house", "建筑", "建筑物", "房屋", "楼栋", "楼幢", "楼房"})
DOORS = frozenset({"address", "addresses", "entrance", "housenumber", "门牌", "地址"})
ADDRESS_M = 8.0  # an address drawn as a point: the entrance, or the middle of the building

_LIST = re.compile(r"\s*[;；,，、]\s*")
# 和平路15号, 工农路111-2号3幢 · 1283 Canal St · Hauptstraße 12a, 91207 Lauf
_CHINESE = re.compile(r"(.*?\D)(\d+(?:\s*[-—–之]\s*\d+)?[A-Za-z甲乙丙丁]?)\s*号(?!线|楼)")
_NUMBER_FIRST = re.compile(r"(\d+[A-Za-z]?(?:\s*[-–/]\s*\d+[A-Za-z]?)?)\s+([^,\d][^,]*)")
_NUMBER_LAST = re.compile(r"([^,]*[^,\d\s])\s+(\d+\s?[A-Za-z]?(?:\s*[-–/]\s*\d*[A-Za-z]?)?)(?=\s*(?:,|$))")
_ABOVE = re.compile(r"^.*(?:省|市|县|区|镇|乡|街道|社区|村委会)(?=..)")
# 虹桥北村65幢, 怡居小区A座
_OF_ESTATE = re.compile(r"(.*?\D)?第?(\d+|[A-Za-z]\d*|[一二三四五六七八九十百廿]+)\s*(?:幢|栋|号楼|座|#楼?)")


@dataclass(frozen=True)
class Numbered:
    """Features that may bear a number, as columns.

    Attributes:
        layer: such as ``asset:building`` or ``place``.
        row: position in it.
        estate, building: the estate and the number there; empty for none.
        street, house: the street and the number there; empty for none.
        is_named: whether the name is its own, and not made up of these.
        is_building: whether it stands in a layer of buildings.
        radius_m: as in `layers.gazetteer_entries.Gazetteer`.
    """

    layer: Objects
    row: Positions
    id: Objects
    name: Objects
    is_named: Bools
    is_building: Bools
    alias: Objects
    code: Objects
    estate: Objects
    building: Objects
    street: Objects
    house: Objects
    x: Floats
    y: Floats
    radius_m: Floats

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: Positions | Bools) -> Numbered:
        """Some of the rows."""
        return take(self, rows)


def numbered(generation: Generation) -> Numbered:
    """Every building and address of a city; what an extract holds as both counts as the address."""
    layers = [
        _of_layer(generation, layer, f"asset:{kind}", is_building=kind.casefold() in BUILDINGS)
        for kind, layer in sorted(generation.assets.items())
        if kind.casefold() in BUILDINGS | DOORS
    ]
    places = _of_layer(generation, generation.places, PLACE, is_building=False)
    places = places.take((places.house != "") & (places.street != ""))
    known = set(places.id.tolist())
    layers = [
        layer.take(np.array([id_ not in known for id_ in layer.id.tolist()], dtype=bool)) for layer in layers
    ]
    return concatenated([*layers, places])


def _of_layer(generation: Generation, layer: Features, label: str, *, is_building: bool) -> Numbered:
    shapes = generation.metric.geometries(layer.geometry)
    xy, is_point = middles(shapes), shapely.get_dimensions(shapes) == 0
    own = own_names(layer)
    name = np.where(own, layer.name, "")
    street, house = streets_of(layer)
    estate, building = _estates(layer, name)
    composed = [
        _is_composed(*said)
        for said in zip(*(c.tolist() for c in (name, estate, building, street, house)), strict=True)
    ]
    count = len(layer.id)
    return Numbered(
        layer=np.full(count, label, dtype=object), row=np.arange(count), id=layer.id, name=name,
        is_named=own & ~np.array(composed, dtype=bool),
        is_building=np.full(count, is_building),
        alias=aliases(layer.attributes, layer.name), code=codes(layer),
        estate=estate, building=building, street=street, house=house,
        x=xy[:, 0], y=xy[:, 1], radius_m=np.where(is_point, ADDRESS_M, radii(shapes, xy)),
    )  # fmt: skip


def streets_of(layer: Features) -> tuple[Objects, Objects]:
    """The street and house number of each feature: of their columns, else out of its address."""
    street, house = names_of(texts_like(layer, STREET_COLUMNS)), texts_like(layer, HOUSE_COLUMNS)
    address = column_like(layer, ADDRESS_COLUMNS)
    if address is not None:
        missing = np.flatnonzero(((street == "") | (house == "")) & (address != ""))
        for at in missing.tolist():
            street[at], house[at] = parse_address(address[at])
    whole = (street != "") & are_names(house) & (house != "0")
    return np.where(whole, street, ""), np.where(whole, house, "")


def parse_address(text: str) -> tuple[str, str]:
    """The street and the house number of an address written out; two empty texts for none."""
    text = unicodedata.normalize("NFKC", text).strip()
    if found := _CHINESE.match(text):
        return found[1].strip(), re.sub(r"\s", "", found[2])
    if found := _NUMBER_FIRST.match(text):
        return found[2].strip(), found[1]
    if found := _NUMBER_LAST.match(text):
        return found[1].strip(), found[2].strip()
    return "", ""


def without_parents(street: str) -> str:
    """The street of an address without the district, town or community before it."""
    return _ABOVE.sub("", street)


def _estates(layer: Features, name: Objects) -> tuple[Objects, Objects]:
    """The estate and building number of each feature: of their columns, else out of its name.

    Where only the number is said, its estate is the one that it lies in.
    """
    estate, building = (names_of(texts_like(layer, words)) for words in (ESTATE_COLUMNS, BUILDING_COLUMNS))
    building = np.where(building == "0", "", building)
    if not (building != "").any():
        for at in np.flatnonzero(name != "").tolist():
            if found := _OF_ESTATE.fullmatch(unicodedata.normalize("NFKC", name[at])):
                estate[at], building[at] = estate[at] or (found[1] or ""), found[2]
    return estate, building


def _is_composed(name: str, estate: str, building: str, street: str, house: str) -> bool:
    """Whether a name is only made up of the estate or street and the number."""
    rest = said = key(name)
    if not any(char.isdigit() for char in said):
        return False
    for whole, number in ((estate, building), (street, house)):
        if number and key(number) in said:
            rest = min(rest, _without(said, key(whole), key(number)), key=len)
    return len(rest) <= 2  # 幢, 号楼


def _without(text: str, whole: str, number: str) -> str:
    return re.sub(r"[\W_]", "", text.replace(whole, "", 1).replace(number, "", 1))


def exploded(things: Numbered) -> Numbered:
    """The things with one house number each: what bears 12;14 is there twice."""
    several = np.array([bool(_LIST.search(text)) for text in things.house.tolist()], dtype=bool)
    if not several.any():
        return things
    houses = [
        _LIST.split(text) if many else [text]
        for text, many in zip(things.house.tolist(), several, strict=True)
    ]
    again = things.take(np.repeat(np.arange(len(things)), [len(some) for some in houses]))
    said = np.array([text for some in houses for text in some], dtype=object)
    columns = {field: getattr(again, field) for field in again.__dataclass_fields__}
    return Numbered(**{**columns, "house": said}).take(said != "")


def medians(group: Positions, x: Floats, y: Floats) -> Floats:
    """The median place of each group for each of its members, shape (n, 2)."""
    frame = pd.DataFrame({"group": group, "x": x, "y": y})
    return frame.groupby("group")[["x", "y"]].transform("median").to_numpy()
