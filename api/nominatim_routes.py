"""The face of Nominatim: its addresses, parameters and answers, for its clients as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from api.documented import Responses
from api.errors import kind_of
from api.nominatim_formats import Found, listed, single
from api.nominatim_places import place_id, sort_of
from api.nominatim_query import FEATURE_RANKS, MOST_LIMIT, Box, QueryError, Said, Shown
from api.nominatim_reverse import place_at
from api.service import Service, service_of
from geo.errors import GridError
from layers.candidates import Answer, Candidate, Match, Outcome
from layers.generation import Generation
from layers.geocoder import Geocoder
from layers.history import read_published
from layers.search_positions import meanings

PATH = "/nominatim"
MOST_LOOKED_UP = 50
JSON = "application/json; charset=utf-8"
_OSM_LETTERS = "NWR"

router = APIRouter(tags=["nominatim"])


def _parameters(**said: str) -> dict[str, Any]:
    common = {
        "format": "json, jsonv2, geojson or geocodejson.",
        "addressdetails": "Parts of the address; like all of this kind, only `0` is no.",
        "extratags": "How the place was found: `match`, `radius_m`, scores, `outcome`, `faults`, cell.",
        "namedetails": "Names in other languages.",
        "accept-language": "Of names; goes before the header.",
        "polygon_geojson": "The whole shape, as `geojson`.",
        "polygon_text": "The whole shape as well-known text, as `geotext`.",
    }
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in {**said, **common}.items()
        ]
    }


def _responses(example: Any) -> Responses:
    wrong = {"error": {"code": 400, "message": "Parameter 'lat' missing."}}
    kind = "array" if isinstance(example, list) else ["array", "object"]
    return {
        200: {
            "description": "As Nominatim answers.",
            "content": {"application/json": {"schema": {"type": kind}, "example": example}},
        },
        400: {
            "description": "A parameter is wrong, or there is a key in the address.",
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": wrong},
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
            },
        },
    }


PLACE: dict[str, Any] = {
    "place_id": 1843029387,
    "licence": "Data of this city's own layers",
    "lat": "32.0003100",
    "lon": "120.8337000",
    "category": "building",
    "type": "yes",
    "place_rank": 30,
    "importance": 0.884,
    "addresstype": "building",
    "name": "虹桥北村65幢",
    "display_name": "虹桥北村65幢, 新西社区第6网格, 新西社区, 虹桥街道, 崇川区, 南通市",
    "boundingbox": ["32.0002300", "32.0003900", "120.8334700", "120.8339100"],
}

_SEARCHED = _parameters(
    q="Free words; or instead of it parts of an address:", amenity="Name of a place.",
    street="House number and street, in either order.", city="City.", county="County.",
    state="Not looked at.", postalcode="Postal code.", country="Not looked at.",
    limit="1 to 50; 10 where it is missing.",
    viewbox="Two corners, longitude before latitude: what lies near its middle is preferred.",
    bounded="Only what lies in the viewbox.", featureType="country, state, city or settlement.",
    exclude_place_ids="Ids of places that are not wanted.",
)  # fmt: skip


@router.get(f"{PATH}/search.php", include_in_schema=False)
@router.get(
    f"{PATH}/search", summary="Nominatim: search", openapi_extra=_SEARCHED, responses=_responses([PLACE])
)
async def search(request: Request) -> Response:
    """Find places by words, as Nominatim does; a list, empty where nothing is found.

    Where several places may be meant all are listed; `extratags` says so as `outcome`.
    """
    return await _answered(request, _searched)


@router.get(f"{PATH}/reverse.php", include_in_schema=False)
@router.get(
    f"{PATH}/reverse",
    summary="Nominatim: reverse",
    openapi_extra=_parameters(lat="Latitude.", lon="Longitude.", zoom="18 a house, 16 a street, less areas."),
    responses=_responses(PLACE),
)
async def reverse(request: Request) -> Response:
    """Tell the place at a position, as Nominatim does: a house, a street or an area, by the zoom."""
    return await _answered(request, _reversed)


@router.get(f"{PATH}/lookup.php", include_in_schema=False)
@router.get(
    f"{PATH}/lookup",
    summary="Nominatim: lookup",
    openapi_extra=_parameters(
        osm_ids="N, W or R with the id in OpenStreetMap, or LAYER/ID of this city; by commas, up to 50."
    ),
    responses=_responses([PLACE]),
)
async def lookup(request: Request) -> Response:
    """Tell the places with these ids, as Nominatim does; unknown ones are left out."""
    return await _answered(request, _looked_up)


_STATUS = {
    "status": 0,
    "message": "OK",
    "data_updated": "2026-11-21T08:00:00+00:00",
    "database_version": "0003",
}


@router.get(f"{PATH}/status.php", include_in_schema=False)
@router.get(
    f"{PATH}/status",
    summary="Nominatim: status",
    openapi_extra={
        "parameters": [
            {"name": "format", "in": "query", "description": "text or json.", "schema": {"type": "string"}}
        ]
    },
    responses={
        **_responses(_STATUS),
        200: {
            "description": "It is up.",
            "content": {
                "text/plain": {"schema": {"type": "string"}, "example": "OK"},
                "application/json": {"schema": {"type": "object"}, "example": _STATUS},
            },
        },
    },
)
async def status(request: Request) -> Response:
    """Tell that it is up, and from when its data are, as Nominatim does."""
    try:
        form = _said(request).form("text", ("text", "json"))
    except QueryError as error:
        return _wrong(error)
    if form == "text":
        return PlainTextResponse("OK")
    return Response(orjson.dumps(await run_in_threadpool(_state, service_of(request))), media_type=JSON)


def _state(service: Service) -> dict[str, Any]:
    """What there is to tell of a city's data."""
    live = service.live
    published = next((one.published_at for one in read_published(live.city) if one.live), None)
    return {
        "status": 0,
        "message": "OK",
        **({"data_updated": published.isoformat(timespec="seconds")} if published else {}),
        "software_version": version("woodpecker-grid"),
        "database_version": live.generation.id,
    }


# ---- answering

Make = Callable[[Service, Said], Any]


async def _answered(request: Request, make: Make) -> Response:
    """What is made of a request; of what cannot be made why, as Nominatim says it."""
    try:
        service = service_of(request)
        said = await service.geocode(make, service, _said(request))
    except GridError as error:
        if not kind_of(error).tells:
            raise
        return _wrong(error)
    return Response(orjson.dumps(said), media_type=JSON)


def _said(request: Request) -> Said:
    return Said(request.query_params, request.headers.get("accept-language", ""))


def _wrong(error: GridError) -> Response:
    said = {"error": {"code": 400, "message": error.message}}
    return Response(orjson.dumps(said), 400, media_type=JSON)


def _searched(service: Service, said: Said) -> Any:
    shown, words, box = said.shown("jsonv2", address=False), said.searched(), said.box
    live = service.live.words
    answer = _found(live.geocoder, live.generation, words, box)
    places = _wanted(answer.candidates, said, box)
    found = [_told(live.geocoder, place, shown, answer.outcome.value) for place in places[: said.limit]]
    return listed(found, shown, words[0])


def _found(geocoder: Geocoder, generation: Generation, words: Sequence[str], box: Box | None) -> Answer:
    """The best answer to words, which may be a position, too."""
    for one in meanings(generation, words[0])[:1]:
        there = place_at(geocoder, one.lng, one.lat, 18)
        return Answer(Outcome.FOUND, (there[0],)) if there else Answer(Outcome.NONE)
    near = box.centre if box else None
    # All that there are: what a request rules out must not count towards its limit.
    answers = [geocoder.geocode(text, limit=MOST_LIMIT, near=near) for text in words]
    whole = [one for one in answers if one.candidates and one.candidates[0].match is not Match.STREET]
    return (whole or answers)[0]


def _wanted(places: Sequence[Candidate], said: Said, box: Box | None) -> list[Candidate]:
    """The places that a request does not rule out."""
    excluded, bounded = said.excluded(), said.flag("bounded")
    least, most = FEATURE_RANKS.get(said.text("featureType") or "", (0, 30))
    return [
        place
        for place in places
        if least <= sort_of(place).rank <= most
        and str(place_id(place)) not in excluded
        and (box is None or not bounded or box.holds(place))
    ]


def _reversed(service: Service, said: Said) -> Any:
    shown, lat, lng = said.shown("jsonv2", address=True), said.number("lat"), said.number("lon")
    geocoder = service.live.words.geocoder
    there = place_at(geocoder, lng, lat, said.whole("zoom", 18))
    return single(None if there is None else _told(geocoder, there[0], shown, distance_m=there[1]), shown)


def _looked_up(service: Service, said: Said) -> Any:
    shown = said.shown("jsonv2", address=True)
    asked = [one for part in (said.text("osm_ids") or "").split(",") if (one := part.strip())]
    if len(asked) > MOST_LOOKED_UP:
        raise QueryError("Too many object IDs.")
    geocoder = service.live.words.geocoder
    places = [place for one in asked for place in _called(geocoder, one)]
    return listed([_told(geocoder, place, shown) for place in places], shown)


def _called(geocoder: Geocoder, name: str) -> list[Candidate]:
    """The place with an id of OpenStreetMap, or with one of this city's own."""
    if "/" in name:
        return geocoder.lookup([name])
    if name[0].upper() in _OSM_LETTERS and name[1:].isascii() and name[1:].isdigit():
        return geocoder.by_id([name.lower()])
    return []


def _told(
    geocoder: Geocoder, place: Candidate, shown: Shown, outcome: str = "", *, distance_m: float | None = None
) -> Found:
    names = geocoder.names(place)
    usual = geocoder.city.generation.config.languages[0]
    by_language = {usual: names[""], **names}
    name = next((by_language[one] for one in shown.languages if one in by_language), names[""])
    details = {f"name:{one}" if one else "name": text for one, text in names.items()}
    return Found(place, name, details, outcome, distance_m)
