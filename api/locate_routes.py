"""Whose is it: answers for one place or for many, without storing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.bodies import media_type
from api.documented import json_answer
from api.errors import HttpError, problem_json
from api.locate_tables import TableColumns, locate_rows
from api.many_rows import AS_TABLES, parse_row, read_rows, rows_or_table
from api.report_model import MOST_TEXT, MOST_WORD, Number, ReportIn
from api.service import service_of
from api.tables import JSON, TABLES
from layers.incoming import Incoming
from layers.live import Words
from layers.locating import locate_reports
from layers.proof import prove_all
from layers.told import told_answer

TOGETHER = 500  # rows that are assigned at once: it bounds the memory

router = APIRouter(tags=["locate"])

ANSWER: dict[str, Any] = {
    "lng": 120.8528,
    "lat": 32.0121,
    "cell_code": "320613002008",
    "cell_name": "虹桥社区",
    "cell_path": "320613/320613002/320613002008",
    "topology": "inside",
    "certainty": "certain",
    "asset_id": "02120400",
    "asset_kind": "street_light",
    "asset_m": 3.4,
    "owner_id": "lamps",
    "owner_name": "路灯管理所",
    "owner_share": 0.982,
    "alt_owner_id": "",
    "rule": "lamp",
    "reason": "位于虹桥社区。… | It lies in 虹桥社区. …",
    "alt_owner_name": "",
    "candidates": [],
    "assist": "",
    "supervisor": "",
    "question_zh": "",
    "question_en": "",
    "tie_break": False,
    "generation": "0003",
}
_ASKED = {"lng": 120.8574, "lat": 32.0099, "datum": "gcj02", "category": "0118", "accuracy_m": 16}
_TITLE = {"type": "/problems/invalid_request", "title": "The request is not valid", "status": 422}
_REFUSED = {**_TITLE, "code": "invalid_request", "detail": "lat: lat is missing: a position needs both."}
_MANY = json_answer(200, "An answer for every report, in order.", {"answers": [ANSWER, {"error": _REFUSED}]})
_MANY[200]["content"] |= AS_TABLES


class LocateQuery(BaseModel):
    """A place and what is wrong there; as in POST /v1/reports."""

    model_config = ConfigDict(extra="forbid")

    lng: Number | None = Field(
        None, description="Longitude in degrees, or easting.", examples=[_ASKED["lng"]]
    )
    lat: Number | None = Field(
        None, description="Latitude in degrees, or northing.", examples=[_ASKED["lat"]]
    )
    datum: str = Field(
        "wgs84", max_length=MOST_WORD, description="wgs84, gcj02, bd09, cgcs2000 or EPSG:n.",
        examples=["gcj02"],
    )  # fmt: skip
    category: str = Field(
        "", max_length=MOST_WORD, description="Code or name, as GET /v1/categories lists them.",
        examples=["0118"],
    )  # fmt: skip
    accuracy_m: Number | None = Field(
        None, description="Radius of the position in metres; missing is what the city says.", examples=[16]
    )
    level: Number | None = Field(
        None, description="Percent of positions that the accuracy holds: phones mean 68, browsers 95."
    )
    text: str = Field(
        "", max_length=MOST_TEXT,
        description="What was said: codes, streets and sides in it count; without coordinates, a name.",
    )  # fmt: skip
    occurred_at: str = Field(
        "", max_length=MOST_WORD, description="RFC 3339; without a zone by the city's clock; missing is now."
    )
    channel: str = Field(
        "", max_length=MOST_WORD, description="By which the city may say what positions mean."
    )
    proof: bool = Field(False, description="Also everything that the answer rests on.")


@router.get(
    "/v1/locate",
    summary="Whose is it, for one place",
    responses=json_answer(200, "Whose it is, and why.", ANSWER),
)
def locate(request: Request, query: Annotated[LocateQuery, Query()]) -> Response:
    """Say in which cell a place lies, which asset it concerns, who answers for it, how sure that is, and why.

    The same answer as `woodpecker locate --json`. What there is none of is an empty text; a number that is
    not known is null. A place that cannot be used is answered with `topology` none.
    """
    service = service_of(request)
    words = service.live.words
    said = query.model_dump(exclude={"proof"}, exclude_unset=True)
    incoming = _incoming(ReportIn.model_validate(said), service.live.zone)
    (answer,) = _answers(words, [incoming], service.now_us(), proof=query.proof)
    return Response(answer, media_type=JSON)


@router.post(
    "/v1/locate",
    summary="Whose is it, for many places",
    openapi_extra=rows_or_table(
        "reports",
        {"type": "object"},
        [_ASKED, {**_ASKED, "lat": None}],
        "lng,lat,category\n120.8528,32.0121,0118\n",
    ),
    responses=_MANY,
)
async def locate_many(request: Request, table: TableColumns, proof: bool = False) -> Response:
    """Answer for up to 10,000 reports at once, given as `{"reports": [...]}` or as the array alone.

    A report is what POST /v1/reports takes. One that is malformed is answered in its place with `error` and
    spoils no other. `?proof=true` adds everything that each answer rests on.

    Or for a table of up to 500,000 rows and 50 MB, as CSV or as an Arrow stream (not compressed): the same
    rows come back in their order with the columns that `woodpecker locate --out` adds, in the form that
    `Accept` names, else in that of the body.
    """
    service = service_of(request)
    if media_type(request) in TABLES:
        return await locate_rows(request, service.live.words.generation, table, service.now_us())
    rows = await read_rows(request, "reports", "上报")
    words, zone, now = service.live.words, service.live.zone, service.now_us()
    answers: list[bytes] = []
    for start in range(0, len(rows), TOGETHER):
        some = rows[start : start + TOGETHER]
        answers += await run_in_threadpool(_answer_rows, words, zone, some, now, proof=proof)
    return Response(b"".join((b'{"answers":[', b",".join(answers), b"]}")), media_type=JSON)


def _answer_rows(
    words: Words, zone: ZoneInfo, rows: Sequence[Any], now_us: int, *, proof: bool
) -> list[bytes]:
    """An answer or an error for every row."""
    said = [_read(row, zone) for row in rows]
    good = [one for one in said if isinstance(one, Incoming)]
    answers = iter(_answers(words, good, now_us, proof=proof))
    return [next(answers) if isinstance(one, Incoming) else one for one in said]


def _read(row: Any, zone: ZoneInfo) -> Incoming | bytes:
    try:
        return _incoming(parse_row(row, ReportIn), zone)
    except HttpError as error:
        return orjson.dumps({"error": problem_json(error)})


def _incoming(report: ReportIn, zone: ZoneInfo) -> Incoming:
    """The report; without a channel its position means what the city usually says, as on the command line."""
    incoming = report.incoming(zone)
    return incoming if "channel" in report.model_fields_set else replace(incoming, channel="")


def _answers(words: Words, reports: Sequence[Incoming], now_us: int, *, proof: bool) -> list[bytes]:
    if not reports:
        return []
    languages = words.generation.config.languages
    return [
        orjson.dumps({**told_answer(one, languages), **({"proof": one} if proof else {})})
        for one in prove_all(locate_reports(words, reports, now_us))
    ]
