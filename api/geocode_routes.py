"""Where is it: places that words name, and what lies at a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api import geocode_examples as examples
from api.bodies import media_type
from api.direct import QUERY
from api.documented import Responses, json_answer
from api.errors import HttpError, invalid_fields, problem_json
from api.field_errors import field_error
from api.geocode_places import Place, place_of, reference_of
from api.geocode_tables import TextColumn, geocode_rows
from api.many_rows import AS_TABLES, parse_row, read_rows, rows_or_table
from api.report_model import MOST_TEXT, MOST_WORD, Number, Word, no_truth, printable
from api.service import Service, service_of
from api.tables import JSON, TABLES, sent, table_turn
from geo.crs import Reference
from geo.errors import NotFoundError
from geo.types import Datum
from layers.geocoder import Geocoder
from layers.geocoding_datum import in_reference
from layers.geocoding_reverse import MOST_RADIUS_M

GEOJSON = "application/geo+json"
MOST_ASKED = 2_000  # characters of a text in an address
MOST_LIMIT = 50
TOGETHER = 50  # texts that are answered between two looks at other requests

router = APIRouter(tags=["geocode"])

Asked = Annotated[str, Field(min_length=1, max_length=MOST_ASKED), AfterValidator(printable)]
Degrees = Annotated[Number | None, BeforeValidator(no_truth)]
Limit = Annotated[int, Field(ge=1, le=MOST_LIMIT)]
DATUM = "Of the positions in the request and in the answer: wgs84, gcj02, bd09, cgcs2000 or EPSG:n."
WITHIN = "Code or path of a cell: nothing outside it is found."


class NearQuery(BaseModel):
    """Words, and about where."""

    model_config = ConfigDict(extra="forbid")

    text: Asked = Field(examples=["虹桥北村65幢"])
    limit: Limit = Field(10, description="How many places at most.")
    lng: Number | None = Field(None, description="Longitude; of equally good places the near one is meant.")
    lat: Number | None = Field(None, description="Latitude.")
    datum: Word = Field("wgs84", description=DATUM, examples=["wgs84"])

    @property
    def near(self) -> Place | None:
        """The position, in WGS-84."""
        return place_of(self.lng, self.lat, reference_of(self.datum))


class GeocodeQuery(NearQuery):
    """Words, about where, and where at most."""

    within: Word = Field("", description=WITHIN)


class ManyQuery(BaseModel):
    """How many texts are answered."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = Field(10, description="How many places at most for each text.")
    datum: Word = Field("wgs84", description=DATUM, examples=["wgs84"])
    column: TextColumn = Field("", description="Of a table: the column of texts; else told by its name.")


class TextIn(BaseModel):
    """One of many texts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(printable)]
    lng: Degrees = None
    lat: Degrees = None
    within: Word = ""
    external_id: Word | None = None


class ReverseQuery(BaseModel):
    """A place."""

    model_config = ConfigDict(extra="forbid")

    lng: Number = Field(description="Longitude in degrees, or easting.", examples=[120.8528])
    lat: Number = Field(description="Latitude in degrees, or northing.", examples=[32.0121])
    datum: Word = Field("wgs84", description=DATUM, examples=["wgs84"])
    radius_m: Annotated[Number, Field(ge=0, le=MOST_RADIUS_M)] = Field(
        100.0, description="How far from the place assets are listed."
    )


def _geojson(description: str, example: Any, free: Sequence[str] = ()) -> Responses:
    return json_answer(200, description, example, kind=GEOJSON, free=free)


@router.get(
    "/v1/geocode",
    summary="The place that words name",
    responses=_geojson("The place, or those that may be meant.", examples.ANSWER, examples.FREE),
)
async def geocode(request: Request, query: Annotated[GeocodeQuery, Query()]) -> Response:
    """Find the place that words name: an address or a whole complaint with a place in it.

    `outcome` is `found` (the first feature is meant), `ambiguous` (each may be, and `question` would tell
    them apart) or `none`. A feature is a point within `radius_m` of the place in about two cases of three;
    `match` says how it was found, `text_score` how well the words fit, `position_score` how well the place is
    known, and `faults` what of the words does not fit.
    """
    return await _said(request, _geocoded, query)


async def geocode_shortly(request: Request) -> Response:
    """The same, of a request that came by the short way."""
    return await _said(request, _geocoded, request.scope[QUERY])


async def _said(request: Request, make: Callable[[Service, Any], bytes], query: BaseModel) -> Response:
    service = service_of(request)
    return Response(await service.geocode(make, service, query), media_type=GEOJSON)


def _geocoded(service: Service, query: GeocodeQuery) -> bytes:
    reference = reference_of(query.datum)
    text = TextIn(text=query.text, within=query.within)
    geocoder = service.live.words.geocoder
    return orjson.dumps(_answer(geocoder, text, query.near, query.limit, reference))


def _answer(
    geocoder: Geocoder, said: TextIn, near: Place | None, limit: int, reference: Reference
) -> dict[str, Any]:
    try:
        answer = geocoder.geocode(said.text, limit=limit, near=near, within=said.within)
    except NotFoundError as error:
        problem = f"{error.message} {error.fix}"
        raise invalid_fields([field_error("within", problem, "没有这个网格", value=said.within)]) from error
    return in_reference(answer.json(), reference)


_BODY = {
    "anyOf": [
        {"type": "string", "maxLength": MOST_TEXT},
        {**TextIn.model_json_schema(), "title": "Text"},
    ]
}
_MANY = json_answer(200, "An answer for every text, in order.", examples.MANY, free=examples.FREE)
_MANY[200]["content"] |= AS_TABLES


@router.post(
    "/v1/geocode",
    summary="The places that many texts name",
    openapi_extra=rows_or_table(
        "texts",
        _BODY,
        ["虹桥北村65幢", {"text": "人民路5号", "within": "", "external_id": "WX-1"}],
        "no,text\n1,虹桥北村65幢楼道灯不亮\n",
    ),
    responses=_MANY,
)
async def geocode_many(request: Request, query: Annotated[ManyQuery, Query()]) -> Response:
    """Answer up to 10,000 texts at once, given as `{"texts": [...]}` or as the array alone.

    A text is a string or an object with `text` and what is known beside it: `lng` and `lat`, `within`, and an
    `external_id` that comes back. One that is malformed is answered in its place with `error` and spoils no
    other.

    Or for a table of up to 100,000 rows and 50 MB, as CSV or as an Arrow stream (not compressed): the same
    rows come back in their order with the columns that `woodpecker geocode --out` adds, in the form that
    `Accept` names, else in that of the body.
    """
    words, reference = service_of(request).live.words, reference_of(query.datum)
    if media_type(request) in TABLES:
        return await geocode_rows(request, words, query.column, reference)
    rows = await read_rows(request, "texts", "文字")
    turn = table_turn(request)
    parts = _parts(words.geocoder, rows, query.limit, reference)
    async with turn:
        first = await run_in_threadpool(next, parts)
    return StreamingResponse(sent(first, parts, turn), media_type=JSON)


def _parts(geocoder: Geocoder, rows: Sequence[Any], limit: int, reference: Reference) -> Iterator[bytes]:
    """The answers as one JSON, some at a time."""
    yield b'{"answers":['
    for start in range(0, len(rows), TOGETHER):
        some = [_row(geocoder, row, limit, reference) for row in rows[start : start + TOGETHER]]
        yield (b"," if start else b"") + b",".join(some)
    yield b"]}"


def _row(geocoder: Geocoder, row: Any, limit: int, reference: Reference) -> bytes:
    """The answer to a text, or the error of one that cannot be answered."""
    said: dict[str, Any] = {}
    if isinstance(row, dict) and isinstance(row.get("external_id"), str):
        said["external_id"] = row["external_id"][:MOST_WORD]
    try:
        text = parse_row({"text": row} if isinstance(row, str) else row, TextIn)
        near = place_of(text.lng, text.lat, reference)
        said |= _answer(geocoder, text, near, limit, reference)
    except HttpError as error:
        said["error"] = problem_json(error)
    return orjson.dumps(said)


@router.get(
    "/v1/autocomplete",
    summary="What somebody is typing",
    responses=_geojson("The likeliest first.", examples.COMPLETED, examples.FREE),
)
async def autocomplete(request: Request, query: Annotated[NearQuery, Query()]) -> Response:
    """Complete what is typed: names, also in pinyin or its initials, house numbers of a street, crossings,
    codes.

    With `lng` and `lat` the nearest of equally likely ones come first.
    """
    return await _said(request, _completed, query)


async def autocomplete_shortly(request: Request) -> Response:
    """The same, of a request that came by the short way."""
    return await _said(request, _completed, request.scope[QUERY])


def _completed(service: Service, query: NearQuery) -> bytes:
    reference = reference_of(query.datum)
    found = service.live.words.geocoder.autocomplete(query.text, limit=query.limit, near=query.near)
    said = {"type": "FeatureCollection", "features": [one.json() for one in found]}
    return orjson.dumps(in_reference(said, reference))


@router.get(
    "/v1/reverse",
    summary="What lies at a place",
    responses=_geojson("The place, with what is there.", examples.REVERSE, examples.FREE),
)
async def reverse(request: Request, query: Annotated[ReverseQuery, Query()]) -> Response:
    """Say where a place is: in words, by its nearest address, street and side, cells and areas, and the
    assets within `radius_m`.
    """
    return await _said(request, _reversed, query)


def _reversed(service: Service, query: ReverseQuery) -> bytes:
    reference = reference_of(query.datum)
    place = place_of(query.lng, query.lat, reference)
    assert place is not None
    said = service.live.words.geocoder.reverse(*place, radius_m=query.radius_m).json()
    if reference is not Datum.WGS84:  # what was asked comes back as it was written
        said = in_reference(said, reference)
        said["geometry"]["coordinates"] = [query.lng, query.lat]
    return orjson.dumps(said)
