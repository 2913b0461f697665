"""The small values that every floor speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from geo.errors import CoordinateError


class Datum(StrEnum):
    """The geographic datums a position can be declared in (EPSG codes are a ``Crs``, not a datum)."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


class LngLat(NamedTuple):
    """A position in degrees, longitude first."""

    lng: float
    lat: float

    @classmethod
    def checked(cls, lng: float, lat: float) -> LngLat:
        """The position, or a `CoordinateError` that shows the value and the likely mistake."""
        # Written so that NaN fails too. Don't turn the comparison around.
        if -180 <= lng <= 180 and -90 <= lat <= 90:
            return cls(lng, lat)
        swapped = -180 <= lat <= 180 and -90 <= lng <= 90
        fix = (
            "Longitude comes first: swap the two numbers."
            if swapped
            else "Give degrees, longitude first; for projected ones declare EPSG:n as the datum."
        )
        raise CoordinateError(f"lng {lng!r}, lat {lat!r} is not a position in degrees.", fix=fix)


@dataclass(frozen=True, slots=True)
class Bbox:
    """A rectangle in degrees (west < east; a box across the antimeridian is two boxes)."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        LngLat.checked(self.west, self.south)
        LngLat.checked(self.east, self.north)
        if not (self.west <= self.east and self.south <= self.north):
            raise CoordinateError(
                f"Box {self.west},{self.south},{self.east},{self.north} has its corners the wrong way round.",
                fix="Give west,south,east,north.",
            )
