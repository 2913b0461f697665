"""Positions beside words, in any datum: read strictly, as WGS-84."""

from __future__ import annotations

from api.errors import invalid_fields
from api.field_errors import field_error
from geo.crs import Reference, parse_reference, to_wgs84
from geo.errors import CrsError
from geo.types import Datum

Place = tuple[float, float]


def reference_of(datum: str) -> Reference:
    """The datum or CRS that a request names.

    Raises:
        InvalidRequestError: there is no such.
    """
    try:
        return parse_reference(datum or Datum.WGS84.value)
    except CrsError as error:
        problem = f"{error.message} {error.fix}"
        raise invalid_fields([field_error("datum", problem, "没有这个坐标系", value=datum)]) from error


def place_of(lng: float | None, lat: float | None, reference: Reference) -> Place | None:
    """Longitude and latitude in WGS-84; None where neither is said.

    Raises:
        InvalidRequestError: one is missing, out of range, or nowhere in the datum.
    """
    if lng is None or lat is None:
        if lng is lat:
            return None
        missing = "lng" if lng is None else "lat"
        problem, zh = f"{missing} is missing: a position needs both", "位置需要经度和纬度"
        raise invalid_fields([field_error(missing, problem, zh)])
    if isinstance(reference, Datum) or reference.is_geographic:
        _check_range(lng, lat)
    x, y = (float(value) for value in to_wgs84(lng, lat, reference))
    # The following negation handles NaN correctly. Don't change.
    if not (abs(x) <= 180 and abs(y) <= 90):
        problem, zh = f"{lng:g}, {lat:g} is nowhere in this datum", "坐标不在该坐标系范围内"
        raise invalid_fields([field_error("lng", problem, zh, value=lng)])
    return x, y


def _check_range(lng: float, lat: float) -> None:
    for name, value, most in (("lng", lng, 180), ("lat", lat, 90)):
        if not abs(value) <= most:
            swapped = name == "lat" and abs(lng) <= 90 and abs(lat) <= 180
            hint = "lng and lat look swapped" if swapped else "degrees are needed, longitude first"
            zh = "经纬度似乎写反了" if swapped else "超出范围，应为度，经度在前"
            raise invalid_fields([field_error(name, f"{value:g} is out of range: {hint}", zh, value=value)])
