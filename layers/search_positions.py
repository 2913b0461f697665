"""Coordinates as people write them: two numbers in either order, and what they may mean in a city."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geo.crs import Reference, parse_reference, to_wgs84
from geo.errors import CrsError
from geo.types import Datum
from layers.generation import NONE, Generation

UNSAID = (Datum.WGS84, Datum.GCJ02, Datum.BD09)  # what coordinates without a datum may be in
_NUMBER = r"[-+]?\d{1,9}(?:\.\d{0,18})?"
_SIDE = r"([NSEW]|[东南西北][经纬]?)"
_PART = rf"{_SIDE}?\s*({_NUMBER})\s*°?\s*{_SIDE}?"
_PAIR = re.compile(rf"[(\[【]?\s*{_PART}(?:\s*[,;、/|]\s*|\s+){_PART}\s*[)\]】]?", re.IGNORECASE | re.ASCII)
_WORD = re.compile(
    r"(epsg\s*:\s*\d{4,6}|wgs[-_ ]?84|gps|gcj[-_ ]?02|火星|高德|amap|腾讯|tencent"
    r"|bd[-_ ]?09|百度|baidu|cgcs[-_ ]?2000|国家2000)(?:ll|坐标)?",
    re.IGNORECASE,
)
_WORDS = {
    "gps": Datum.WGS84, "火星": Datum.GCJ02, "高德": Datum.GCJ02, "amap": Datum.GCJ02, "腾讯": Datum.GCJ02,
    "tencent": Datum.GCJ02, "百度": Datum.BD09, "baidu": Datum.BD09, "国家2000": Datum.CGCS2000,
}  # fmt: skip
_IS_LAT = dict.fromkeys("NS南北", True) | dict.fromkeys("EW东西", False)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A position that coordinates may mean.

    Attributes:
        lng, lat: WGS-84.
        read_as: the datum, or ``EPSG:n``.
        swapped: whether the latitude (the northing) was written first.
        leaf: position of the leaf cell that it lies in, -1 for none.
    """

    lng: float
    lat: float
    read_as: str
    swapped: bool
    leaf: int


@dataclass(frozen=True, slots=True)
class _Said:
    """Two numbers as they were written; swapped is None where either order may be meant."""

    first: float
    second: float
    swapped: bool | None
    reference: Reference | None
    name: str


def meanings(generation: Generation, text: str) -> list[Meaning]:
    """What a text may mean as coordinates: all readings that lie in the city, or, where none does, the first
    one that is a position at all; nothing where it is no coordinates.

    Longitude before latitude goes before the other order, and WGS-84 before GCJ-02 and BD-09; where a datum
    is said, only that is tried. In the city is in a cell.
    """
    said = _parse(text)
    if said is None:
        return []
    found = [one for reading in _readings(said) if (one := _meaning(generation, *reading)) is not None]
    inside = [one for one in found if one.leaf != NONE]
    return inside or found[:1]


def _parse(text: str) -> _Said | None:
    text = unicodedata.normalize("NFKC", text)  # of a Chinese keyboard: full-width digits, signs and blanks
    words = [found[1] for found in _WORD.finditer(text)]
    pair = _PAIR.fullmatch(_WORD.sub(" ", text).strip(" \t,:;"))
    if pair is None or len(words) > 1:
        return None
    try:
        reference = _reference(words[0]) if words else None
    except CrsError:
        return None
    name = "" if reference is None else words[0].upper().replace(" ", "")
    if isinstance(reference, Datum):
        name = reference.value
    first, second = pair[1] or pair[3], pair[4] or pair[6]
    swapped = _order(first, second)
    return _Said(_signed(pair[2], first), _signed(pair[5], second), swapped, reference, name)


def _reference(word: str) -> Reference:
    said = word.lower()
    return _WORDS[said] if said in _WORDS else parse_reference(said)


def _order(first: str | None, second: str | None) -> bool | None:
    """Whether the latitude is written first; None where no letter says so."""
    if first:
        return _IS_LAT[first[0].upper()]
    return not _IS_LAT[second[0].upper()] if second else None


def _signed(number: str, letter: str | None) -> float:
    value = float(number)
    return -abs(value) if letter and letter[0].upper() in "SW南西" else value


def _readings(said: _Said) -> Iterator[tuple[float, float, Reference, str, bool]]:
    names: list[tuple[Reference, str]] = [(datum, datum.value) for datum in UNSAID]
    if said.reference is not None:
        names = [(said.reference, said.name)]
    for swapped in (False, True) if said.swapped is None else (said.swapped,):
        x, y = (said.second, said.first) if swapped else (said.first, said.second)
        for reference, name in names:
            yield x, y, reference, name, swapped


def _meaning(
    generation: Generation, x: float, y: float, reference: Reference, name: str, swapped: bool
) -> Meaning | None:
    if isinstance(reference, Datum) and not (-180 <= x <= 180 and -90 <= y <= 90):
        return None
    lng, lat = (float(np.atleast_1d(part)[0]) for part in to_wgs84([x], [y], reference))
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        return None
    return Meaning(lng, lat, name, swapped, leaf_at(generation, lng, lat))


def leaf_at(generation: Generation, lng: float, lat: float) -> int:
    """The position among the cells of the leaf that covers a point, -1 for none."""
    if not len(generation.cells.leaves):
        return NONE
    found = int(generation.leaf_index.first(np.array([lng]), np.array([lat]))[0])
    return NONE if found < 0 else int(generation.cells.leaves[found])
