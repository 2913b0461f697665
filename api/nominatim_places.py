"""Places as Nominatim's clients know them: class and type, rank, ids, names and parts of the address."""

from __future__ import annotations

import re
import zlib
from typing import Any, NamedTuple

from layers.candidates import Candidate, Match
from layers.geocoding_address import level_part

CITY_RANK, HOUSE_RANK, STREET_RANK = 16, 30, 26
PART_RANKS = {
    "state": 8, "county": 12, "city": CITY_RANK, "city_district": 18, "town": 18, "suburb": 19, "village": 19,
    "borough": 18, "hamlet": 20, "quarter": 20, "neighbourhood": 22, "island": 17,
}  # fmt: skip
_OSM = re.compile(r"([nwr])(\d{1,18})(?:~\d+)?")
_OSM_TYPES = {"n": "node", "w": "way", "r": "relation"}


class Sort(NamedTuple):
    """What a place is, in OpenStreetMap's words.

    Attributes:
        addresstype: which part of an address it is.
        rank: 4 is a country, 26 a street, 30 a house.
    """

    key: str
    value: str
    addresstype: str
    rank: int


_SORTS = {
    Match.ADDRESS: Sort("place", "house", "place", HOUSE_RANK),
    Match.INTERPOLATED: Sort("place", "house", "place", HOUSE_RANK),
    Match.BUILDING: Sort("building", "yes", "building", HOUSE_RANK),
    Match.INFERRED: Sort("building", "yes", "building", HOUSE_RANK),
    Match.ESTATE: Sort("landuse", "residential", "residential", 24),
    Match.CROSSING: Sort("highway", "junction", "road", 28),
    Match.MILEPOST: Sort("highway", "milestone", "highway", HOUSE_RANK),
    Match.GROUP: Sort("place", "hamlet", "hamlet", 20),
    Match.STREET: Sort("highway", "road", "road", STREET_RANK),
    Match.WATERWAY: Sort("waterway", "river", "waterway", 22),
    Match.RELATION: Sort("place", "locality", "locality", 28),
    Match.CORRECTION: Sort("place", "locality", "locality", HOUSE_RANK),
}
_LAMP = Sort("highway", "street_lamp", "highway", HOUSE_RANK)


def sort_of(place: Candidate) -> Sort:
    """What a place is; assets are ``man_made`` with their kind."""
    role, _, kind = place.kind.partition(":")
    if place.match is Match.CELL:
        part = level_part(kind)
        return Sort("boundary", "administrative", part or "administrative", PART_RANKS.get(part, 24))
    if place.match is Match.AREA:
        return Sort("boundary", kind or "area", "boundary", 24)
    if place.match in _SORTS:
        return _SORTS[place.match]
    if role == "place" and kind in PART_RANKS:
        return Sort("place", kind, kind, PART_RANKS[kind])
    if role == "place":
        return Sort("amenity", kind or "yes", "amenity", HOUSE_RANK)
    return _LAMP if kind == "street_light" else Sort("man_made", kind or "yes", "man_made", HOUSE_RANK)


def place_id(place: Candidate) -> int:
    """A number that is the same as long as the place is called the same."""
    return zlib.crc32(f"{place.kind}\n{place.layer}\n{place.id}\n{place.label}".encode(errors="replace"))


def osm_ids(place: Candidate) -> dict[str, Any]:
    """Type and id in OpenStreetMap, of what was imported from there."""
    found = _OSM.fullmatch(place.id)
    return {"osm_type": _OSM_TYPES[found[1]], "osm_id": int(found[2])} if found else {}


def importance(place: Candidate) -> float:
    """How sure a place is, 0 to 1: nine parts by its words, one by its position."""
    return round(0.9 * place.text_score + 0.1 * place.position_score, 6)


def display_name(place: Candidate, name: str) -> str:
    """The name with all that the place lies in, the smallest first."""
    parts = (name, *_above(place), place.address.get("city", ""))
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _above(place: Candidate) -> list[str]:
    """The names of what holds a place; of a cell those above it. Codes are no names."""
    codes, parents = set(place.cell_path.split("/")), place.parents
    if place.match is Match.CELL and place.label in parents:
        parents = parents[parents.index(place.label) + 1 :]
    return [name for name in parents if name not in codes]


def address_of(place: Candidate) -> dict[str, str]:
    """The parts of the address, the smallest first; of a cell none that are smaller."""
    parts, own = list(place.address.items()), level_part(place.kind.partition(":")[2])
    if place.match is not Match.CELL:
        return dict(parts)
    names = [part for part, _ in parts]
    return dict(parts[names.index(own) :] if own in names else parts[-1:])


def extra_tags(place: Candidate, outcome: str) -> dict[str, str]:
    """What Nominatim has no word for: how it was found, how sure it is, and what does not fit."""
    said = {
        "match": place.match.value,
        "radius_m": f"{place.radius_m:.1f}",
        "text_score": f"{place.text_score:.3f}",
        "position_score": f"{place.position_score:.3f}",
        "kind": place.kind,
        "layer": place.layer,
        "id": place.id,
        "cell_code": place.cell_code,
        "cell_path": place.cell_path,
        "outcome": outcome,
        "faults": "; ".join(f"{fault.code}: {fault.en}" for fault in place.faults),
    }
    return {name: text for name, text in said.items() if text}
