"""One report as JSON: what it may say, and what of it is refused as malformed."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import orjson
import shapely
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from geo.crs import Reference, parse_reference
from geo.errors import CrsError
from geo.types import Datum
from layers.incoming import Incoming
from layers.photos import Photo
from layers.report_shapes import usable_shape
from layers.rule_times import time_said
from layers.times import micros

MOST_TEXT, MOST_WORD = 10_000, 200
MOST_VERTICES = 2_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_UTC = ZoneInfo("UTC")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def printable(text: str) -> str:
    """The text, which holds no control characters but tabs and ends of lines."""
    if found := _UNPRINTABLE.search(text):
        raise ValueError(f"holds the control character {found[0]!r}")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("has several lines")
    return printable(text).strip()


def no_truth(value: Any) -> Any:
    """The value, which is to be a number; pydantic would take true for 1."""
    if isinstance(value, bool):
        raise ValueError("should be a number")
    return value


Word = Annotated[str, Field(max_length=MOST_WORD), AfterValidator(_one_line)]
Number = Annotated[float, Field(allow_inf_nan=False)]

EXAMPLE: dict[str, Any] = {
    "lng": 120.8574,
    "lat": 32.0099,
    "datum": "gcj02",
    "accuracy_m": 16,
    "category": "0118",
    "text": "虹桥北村65幢楼道灯不亮",
    "occurred_at": "2026-11-21T19:30:00+08:00",
    "channel": "wechat",
    "reporter": "u2f29a74d",
    "contact": "138 0000 0000",
    "external_id": "WX20261121-0001",
}


class ReportIn(BaseModel):
    """A problem somebody reports: a position in any datum, words, a photo, or several of these."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    # Checks look at what stands before them.
    datum: Word = Field("wgs84", description="wgs84, gcj02, bd09, cgcs2000 or EPSG:n.")
    lng: Number | None = Field(None, description="Longitude in degrees, or easting.")
    lat: Annotated[Number | None, Field(validate_default=True)] = Field(
        None, description="Latitude in degrees, or northing."
    )
    accuracy_m: Annotated[Number, Field(ge=0, le=1e7)] | None = Field(
        None, description="Radius of the position in metres; where it is missing, what the channel means."
    )
    level: Annotated[Number, Field(ge=1, le=99.9)] | None = Field(
        None, description="Percent of positions that the accuracy holds: phones mean 68, browsers 95."
    )
    geometry: dict[str, Any] | None = Field(
        None, description="GeoJSON line or polygon, in the datum: where the place is, or what is reported."
    )
    geometry_is: Literal["place", "extent"] = Field(
        "place", description="Whether the geometry holds the place somewhere, or is the reported thing."
    )
    category: Word = Field("", description="Code or name, as GET /v1/categories lists them.")
    text: Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(printable)] = Field(
        "", description="What was said. Kept apart from the issue; the public never sees it."
    )
    occurred_at: Word = Field(
        "", description="RFC 3339; without a zone it is by the city's clock; missing is now."
    )
    channel: Word = Field("api", description="Where it came from: external ids are unique in a channel.")
    reporter: Word = Field("", description="Who sent it, as the channel knows them; erasing goes by it.")
    contact: Word = Field("", description="How to answer the reporter; only dispatchers see it.")
    external_id: Word | None = Field(
        None, description="Its id in the channel: sent again, it is the same report."
    )
    issue: Word = Field("", description="Id or number of the issue that it belongs to.")

    _numbers = field_validator("lng", "lat", "accuracy_m", "level", mode="before")(no_truth)

    @field_validator("datum")
    @classmethod
    def _known_datum(cls, datum: str) -> str:
        try:
            _reference(datum)
        except CrsError as error:
            raise ValueError(f"{error.message} {error.fix}") from error
        return datum

    @field_validator("lng", "lat", mode="after")
    @classmethod
    def _in_range(cls, value: float | None, info: ValidationInfo) -> float | None:
        name, most = (info.field_name, 180 if info.field_name == "lng" else 90)
        if value is not None and not abs(value) <= most and _in_degrees(info.data):
            swapped = name == "lat" and abs(value) <= 180 and abs(info.data.get("lng") or 180) <= 90
            hint = "lng and lat look swapped" if swapped else "degrees are needed, longitude first"
            raise ValueError(f"{name} {value:g} is out of range: {hint}")
        return value

    @field_validator("lat", mode="after")
    @classmethod
    def _both(cls, lat: float | None, info: ValidationInfo) -> float | None:
        if "lng" in info.data and (info.data["lng"] is None) != (lat is None):
            missing = "lat" if lat is None else "lng"
            raise ValueError(f"{missing} is missing: a position needs both")
        return lat

    @field_validator("geometry", mode="after")
    @classmethod
    def _a_shape(cls, geometry: dict[str, Any] | None, info: ValidationInfo) -> dict[str, Any] | None:
        if geometry is not None and "datum" in info.data:
            _shape(geometry, _reference(info.data["datum"]))
        return geometry

    @field_validator("occurred_at")
    @classmethod
    def _a_time(cls, said: str) -> str:
        if said and ((time := time_said(said, _UTC)) is None or not _FIRST_YEAR <= time.year <= _LAST_YEAR):
            raise ValueError("is no time, such as 2026-11-21T19:30:00+08:00")
        return said

    @field_validator("external_id")
    @classmethod
    def _named(cls, external_id: str | None) -> str | None:
        return external_id or None

    @property
    def reference(self) -> Reference:
        """What its coordinates mean."""
        return _reference(self.datum)

    def incoming(self, zone: ZoneInfo, photos: Sequence[Photo] = ()) -> Incoming:
        """The report, its time by the clock of the city's zone where it names none."""
        said = time_said(self.occurred_at, zone) if self.occurred_at else None
        return Incoming(
            body_digest=_digest(self, photos),
            channel=self.channel or "api",
            external_id=self.external_id,
            lng=self.lng,
            lat=self.lat,
            reference=self.reference,
            accuracy_m=self.accuracy_m,
            level=self.level,
            geometry=None if self.geometry is None else _shape(self.geometry, self.reference),
            is_extent=self.geometry_is == "extent",
            category=self.category,
            text=self.text.strip(),
            occurred_us=None if said is None else micros(said),
            zone_assumed=said is not None and not _has_zone(self.occurred_at),
            reporter=self.reporter,
            contact=self.contact,
            photos=tuple(photos),
            issue=self.issue,
        )


@functools.lru_cache(maxsize=256)
def _reference(datum: str) -> Reference:
    return parse_reference(datum or "wgs84")


def _in_degrees(said: dict[str, Any]) -> bool:
    """Whether coordinates are degrees; not where the datum itself is refused."""
    reference = _reference(said["datum"]) if "datum" in said else None
    return isinstance(reference, Datum) or (reference is not None and reference.is_geographic)


def _shape(geometry: dict[str, Any], reference: Reference) -> shapely.Geometry:
    try:
        shape = shapely.from_geojson(orjson.dumps(geometry))
    except (shapely.errors.GEOSException, TypeError, orjson.JSONEncodeError) as error:
        raise ValueError(f"geometry is no GeoJSON: {error}") from error
    if shape is None or shapely.get_num_coordinates(shape) > MOST_VERTICES:
        raise ValueError(f"geometry has no vertices, or more than {MOST_VERTICES}")
    shape = shapely.force_2d(shape)
    if not usable_shape(shape, reference):
        raise ValueError("geometry is no valid line or polygon in its datum")
    return shape


def _has_zone(said: str) -> bool:
    return bool(re.search(r"(?:[zZ]|[+-]\d{2}:?\d{2}(?::?\d{2})?)$", said.strip())) and ":" in said


def _digest(report: ReportIn, photos: Sequence[Photo]) -> str:
    """SHA-256 of what a report says, however it was written down."""
    said = report.model_dump_json(exclude_defaults=True).encode()
    return hashlib.sha256(b"\n".join([said, *(photo.sha256.encode() for photo in photos)])).hexdigest()
