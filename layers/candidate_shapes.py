"""The whole shapes of places that the geocoder found, as texts and as GeoJSON."""

from __future__ import annotations

import json
from typing import Any

import shapely

from layers.candidates import Candidate


def shape_geojson(place: Candidate, tolerance: float = 0.0) -> dict[str, Any]:
    """The shape in WGS-84 as GeoJSON; a point where that is all there is.

    Args:
        tolerance: degrees by which it may be simplified.
    """
    found: dict[str, Any] = json.loads(shapely.to_geojson(_shape(place, tolerance)))
    return found


def shape_text(place: Candidate, tolerance: float = 0.0) -> str:
    """The same as well-known text."""
    return str(shapely.to_wkt(_shape(place, tolerance), rounding_precision=7))


def _shape(place: Candidate, tolerance: float) -> shapely.Geometry:
    if place.geometry is None:
        return shapely.Point(place.lng, place.lat)
    return shapely.simplify(place.geometry, tolerance) if tolerance > 0 else place.geometry
