"""What the geocoder answers: places that words may mean, how sure each is, and what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import shapely

Json = dict[str, Any]


class Match(StrEnum):
    """By what a place was found."""

    ADDRESS = "address"
    INTERPOLATED = "interpolated"  # a house number between known ones of its street
    BUILDING = "building"
    INFERRED = "inferred"  # a building between known ones of its estate
    ESTATE = "estate"
    CROSSING = "crossing"
    MILEPOST = "milepost"
    ASSET = "asset"  # by its name
    CODE = "code"
    GROUP = "group"  # of a village
    CELL = "cell"
    AREA = "area"
    STREET = "street"
    WATERWAY = "waterway"
    PLACE = "place"
    RELATION = "relation"  # beside, opposite or away from one of these
    CORRECTION = "correction"  # as a dispatcher said


class Outcome(StrEnum):
    """What came of a text."""

    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Fault:
    """What of a text does not fit the place that was found.

    Attributes:
        code: stable, for programs.
        value: the words concerned.
        penalty: what it takes off the text's score, 0 to 1.
    """

    code: str
    value: str
    zh: str
    en: str
    penalty: float = 0.0

    def json(self) -> Json:
        """The fault as programs get it."""
        return {
            "code": self.code,
            "value": self.value,
            "zh": self.zh,
            "en": self.en,
            "penalty": self.penalty,
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that words may mean.

    Attributes:
        lng, lat: WGS-84; of a line or an area a point on it.
        radius_m: the place lies within it with about 68 %, by the way in which it was found.
        text_score: how well the words fit the names, 0 to 1.
        position_score: how well the place is known, 0 to 1; 1 is an asset's own point.
        kind, layer, id: the thing: as `layers.gazetteer` has them.
        parents: names of the areas that it lies in, the smallest first.
        address: its parts by the usual names: road, house_number, suburb, city_district, …
        geometry: WGS-84; of what is more than a point, itself.
    """

    lng: float
    lat: float
    radius_m: float
    match: Match
    text_score: float
    position_score: float
    label: str
    kind: str = ""
    layer: str = ""
    id: str = ""
    cell_code: str = ""
    cell_path: str = ""
    parents: tuple[str, ...] = ()
    address: Mapping[str, str] = field(default_factory=dict)
    geometry: shapely.Geometry | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north; of a point twice the same."""
        if self.geometry is None:
            return self.lng, self.lat, self.lng, self.lat
        west, south, east, north = self.geometry.bounds
        return west, south, east, north

    def json(self) -> Json:
        """The candidate as a GeoJSON feature: a point, and the box of the whole."""
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [self.lng, self.lat]},
            "bbox": list(self.bbox),
            "properties": {
                "label": self.label,
                "match": self.match.value,
                "radius_m": round(self.radius_m, 1),
                "text_score": round(self.text_score, 3),
                "position_score": round(self.position_score, 3),
                "kind": self.kind,
                "layer": self.layer,
                "id": self.id,
                "cell_code": self.cell_code,
                "cell_path": self.cell_path,
                "parents": list(self.parents),
                "address": dict(self.address),
                "faults": [fault.json() for fault in self.faults],
            },
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text means.

    Attributes:
        candidates: the likeliest first; of ``found`` the first is meant.
        question_zh, question_en: what to ask the caller where it is ambiguous.
    """

    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()
    question_zh: str = ""
    question_en: str = ""

    @property
    def best(self) -> Candidate | None:
        """The place that is meant; None where there is none, or more than one."""
        return self.candidates[0] if self.outcome is Outcome.FOUND else None

    def json(self) -> Json:
        """The answer as a GeoJSON feature collection."""
        asked = {"zh": self.question_zh, "en": self.question_en}
        return {
            "type": "FeatureCollection",
            "outcome": self.outcome.value,
            "question": asked if self.question_zh else None,
            "features": [one.json() for one in self.candidates],
        }


NOTHING = Answer(Outcome.NONE)
