"""The four formats in which Nominatim's clients read places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api.nominatim_places import address_of, display_name, extra_tags, importance, osm_ids, place_id, sort_of
from api.nominatim_query import Shown
from layers.candidate_shapes import shape_geojson, shape_text
from layers.candidates import Candidate

LICENCE = "Data of this city's own layers"
NOTHING = {"error": "Unable to geocode"}
# Names of the parts of an address in GeocodeJSON.
_GEOCODE_PARTS = {
    "postcode": "postcode", "house_number": "housenumber", "road": "street", "neighbourhood": "locality",
    "suburb": "district", "city": "city", "county": "county", "state": "state",
}  # fmt: skip
_GEOCODE_TYPES = ((28, "house"), (25, "street"), (22, "locality"), (17, "district"), (13, "city"))


@dataclass(frozen=True, slots=True)
class Found:
    """A place to be answered.

    Attributes:
        name: in the language of the request.
        names: in others, by ``name`` or ``name:en``.
        outcome: of the search that found it.
        distance_m: from the place that was asked for, if one was.
    """

    place: Candidate
    name: str
    names: dict[str, str]
    outcome: str = ""
    distance_m: float | None = None


def listed(found: Sequence[Found], shown: Shown, query: str = "") -> Any:
    """Places as an answer that lists them."""
    return _FORMS[shown.form](found, shown, query)


def single(found: Found | None, shown: Shown) -> Any:
    """The one place that lies somewhere; an error in words where there is none."""
    if found is None:
        return NOTHING
    said = listed([found], shown)
    return said[0] if shown.form in ("json", "jsonv2") else said


def _json(found: Sequence[Found], shown: Shown, _query: str) -> list[dict[str, Any]]:
    return [_plain(one, shown) for one in found]


def _plain(found: Found, shown: Shown) -> dict[str, Any]:
    place, sort = found.place, sort_of(found.place)
    west, south, east, north = place.bbox
    said: dict[str, Any] = {
        "place_id": place_id(place),
        "licence": LICENCE,
        **osm_ids(place),
        "lat": f"{place.lat:.7f}",
        "lon": f"{place.lng:.7f}",
        "class" if shown.form == "json" else "category": sort.key,
        "type": sort.value,
        "place_rank": sort.rank,
        "importance": importance(place),
        "addresstype": sort.addresstype,
        "name": found.name,
        "display_name": display_name(place, found.name),
        **_details(found, shown),
        "boundingbox": [f"{side:.7f}" for side in (south, north, west, east)],
    }
    if shown.shape == "geojson":
        said["geojson"] = shape_geojson(place, shown.tolerance)
    elif shown.shape == "text":
        said["geotext"] = shape_text(place, shown.tolerance)
    return said


def _details(found: Found, shown: Shown) -> dict[str, Any]:
    """What is answered only where it is asked for."""
    said: dict[str, Any] = {"address": address_of(found.place)} if shown.address else {}
    if shown.extra:
        said["extratags"] = extra_tags(found.place, found.outcome)
    return said | ({"namedetails": found.names} if shown.names else {})


def _geojson(found: Sequence[Found], shown: Shown, _query: str) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": _properties(one, shown),
            "bbox": [round(side, 7) for side in one.place.bbox],
            "geometry": _geometry(one.place, shown),
        }
        for one in found
    ]
    return {"type": "FeatureCollection", "licence": LICENCE, "features": features}


def _properties(found: Found, shown: Shown) -> dict[str, Any]:
    place, sort = found.place, sort_of(found.place)
    return {
        "place_id": place_id(place),
        **osm_ids(place),
        "place_rank": sort.rank,
        "category": sort.key,
        "type": sort.value,
        "importance": importance(place),
        "addresstype": sort.addresstype,
        "name": found.name,
        "display_name": display_name(place, found.name),
        **_details(found, shown),
    }


def _geometry(place: Candidate, shown: Shown) -> dict[str, Any]:
    if shown.shape == "geojson":
        return shape_geojson(place, shown.tolerance)
    return {"type": "Point", "coordinates": [round(place.lng, 7), round(place.lat, 7)]}


def _geocodejson(found: Sequence[Found], shown: Shown, query: str) -> dict[str, Any]:
    about = {"version": "0.1.0", "attribution": LICENCE, "licence": LICENCE, "query": query}
    features = [
        {
            "type": "Feature",
            "properties": {"geocoding": _geocoding(one, shown)},
            "geometry": _geometry(one.place, shown),
        }
        for one in found
    ]
    return {"type": "FeatureCollection", "geocoding": about, "features": features}


def _geocoding(found: Found, shown: Shown) -> dict[str, Any]:
    place, sort = found.place, sort_of(found.place)
    said: dict[str, Any] = {
        "place_id": place_id(place),
        **osm_ids(place),
        "osm_key": sort.key,
        "osm_value": sort.value,
        "type": next((name for least, name in _GEOCODE_TYPES if sort.rank >= least), "county"),
    }
    if found.distance_m is not None:
        said["accuracy"] = int(found.distance_m)
    said |= {"label": display_name(place, found.name), "name": found.name}
    if shown.address:
        parts = address_of(place)
        said |= {word: parts[part] for part, word in _GEOCODE_PARTS.items() if part in parts}
        said["admin"] = {}
    return said | ({"extra": extra_tags(place, found.outcome)} if shown.extra else {})


_FORMS: dict[str, Callable[[Sequence[Found], Shown, str], Any]] = {
    "json": _json, "jsonv2": _json, "geojson": _geojson, "geocodejson": _geocodejson
}  # fmt: skip
