"""What staff have said of where words are: made, listed, revoked, restored, and their words erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api.bodies import read_model
from api.documented import json_answer, json_body, refusals
from api.report_model import Number, Word, no_truth
from api.service import Service, actor_of, service_of
from geo.crs import parse_reference
from geo.errors import NotFoundError
from layers.action_moves import MOST_ACCURACY_M, Spot
from layers.actors import Actor
from layers.correction_scopes import scope_now
from layers.correction_words import LEAST_RADIUS_M, new_correction
from layers.generation import NONE, Generation
from layers.geocoding_corrections import CityWords
from layers.store.corrections import (
    By,
    Made,
    all_corrections,
    erase_correction,
    make_correction,
    read_correction,
    restore_correction,
    revoke_correction,
)
from layers.store.values import Correction
from layers.times import time_text

JSON = "application/json"
MOST_PAGE = 1000
UID = "019ab0c5-6f1e-7c3a-9c55-2f6b7f0c1d2f"
EXAMPLE: dict[str, Any] = {
    "id": UID,
    "text": "八里庙村社区老桥",
    "active": True,
    "cell_path": "320613/320613019/320613019003",
    "cell_name": "八里庙村社区",
    "lng": 120.9011,
    "lat": 32.0608,
    "radius_m": 5.0,
    "issue": "20261121-0042",
    "reason": "现场核实",
    "made_at": "2026-11-21T11:30:00.000000Z",
    "made_by": "desk-3",
    "revoked_at": None,
    "revoked_by": None,
    "revoked_reason": None,
    "replaced_by": None,
}
MADE = {**EXAMPLE, "issue": None, "replaced": [UID]}

router = APIRouter(tags=["corrections"])
Uid = Annotated[str, Path(min_length=1, max_length=100)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class CorrectionIn(BaseModel):
    """Words, and where they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Word = Field(description="The words, as people say them: 2 to 200 characters with a name in them.")
    lng: Number
    lat: Number
    datum: Word = Field("wgs84", description="wgs84, gcj02, bd09, cgcs2000 or EPSG:n.")
    radius_m: Annotated[Number, Field(ge=0, le=MOST_ACCURACY_M)] = Field(
        LEAST_RADIUS_M, description=f"How wrong that may be; at least {LEAST_RADIUS_M:g} is kept."
    )
    cell: Word = Field(
        "", description="Code, path or name of the cell in which the words mean it; missing is the community."
    )
    reason: Reason = Field(description="Why; part of the chain of events, and never erased.")

    _numbers = field_validator("lng", "lat", "radius_m", mode="before")(no_truth)


class WhyIn(BaseModel):
    """Why a correction is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason = Field(description="Part of the chain of events, and never erased.")


class ListQuery(BaseModel):
    """Which corrections."""

    model_config = ConfigDict(extra="forbid")

    active: bool | None = Field(None, description="Those that hold, or those that do not; missing is both.")
    limit: int = Field(100, ge=1, le=MOST_PAGE, description="How many on a page.")
    cursor: str = Field("", max_length=100, description="`next` of the page before.")


LIST = {"corrections": [EXAMPLE], "numberMatched": 1, "next": None}


@router.get(
    "/v1/corrections",
    summary="Corrections of where words are",
    responses=json_answer(200, "Newest first; `next` goes on, null ends.", LIST),
)
async def corrections(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
    """What staff have said of where words are: words, place, the cell in which they mean it, who and when.

    Those of cells that are not the actor's are not listed. `text` is null where the words were erased.
    """
    body = await run_in_threadpool(_list, service_of(request), actor_of(request), query)
    return Response(orjson.dumps(body), media_type=JSON)


@router.get(
    "/v1/corrections/{id}",
    summary="One correction",
    responses=json_answer(200, "The correction.", EXAMPLE),
)
async def correction(request: Request, id: Uid) -> Response:
    """One correction, active or not."""
    service = service_of(request)
    found = await run_in_threadpool(_read, service, actor_of(request), id)
    return Response(orjson.dumps(_told(found, service.live.generation)), media_type=JSON)


@router.post(
    "/v1/corrections",
    status_code=201,
    summary="Say where words are",
    openapi_extra=json_body(
        CorrectionIn, {"text": "老桥", "lng": 120.9011, "lat": 32.0608, "reason": "居民都这么叫"}
    ),
    responses=json_answer(201, "The correction; `replaced` names those whose place it took.", MADE),
)
async def make(request: Request) -> Response:
    """From now on these words mean this place, in the community around it or in the cell that is named.

    An active correction of the same words in the same cell is revoked. With the position of an issue, let
    the `move` of the issue remember its words instead.
    """
    service, actor = service_of(request), actor_of(request)
    made = await run_in_threadpool(_make, service, actor, await read_model(request, CorrectionIn))
    return _answer(service, made, 201)


@router.post(
    "/v1/corrections/{id}/revoke",
    summary="Revoke a correction",
    openapi_extra=json_body(WhyIn, {"reason": "老桥已拆除"}),
    responses=json_answer(200, "The correction.", EXAMPLE) | refusals(409),
)
async def revoke(request: Request, id: Uid) -> Response:
    """The words are understood as before the correction; it can be restored."""
    return await _changed(request, id, lambda *said: Made(revoke_correction(*said)))


@router.post(
    "/v1/corrections/{id}/restore",
    summary="Restore a correction",
    openapi_extra=json_body(WhyIn, {"reason": "误撤销"}),
    responses=json_answer(200, "The correction; `replaced` names those whose place it took.", MADE)
    | refusals(409),
)
async def restore(request: Request, id: Uid) -> Response:
    """A revoked correction holds again; an active one of the same words in the same cell is revoked."""
    return await _changed(request, id, restore_correction)


@router.post(
    "/v1/corrections/{id}/erase",
    summary="Erase the words of a correction",
    openapi_extra=json_body(WhyIn, {"reason": "含有个人姓名"}),
    responses=json_answer(200, "The correction, without words.", {**EXAMPLE, "text": None}) | refusals(409),
)
async def erase(request: Request, id: Uid) -> Response:
    """Erase the words for good: for those that should not have been kept. The correction is revoked.

    Place, time and who it was stay; the chain of events stays whole.
    """
    answer = await _changed(request, id, lambda *said: Made(erase_correction(*said)))
    await run_in_threadpool(service_of(request).live.store.trim)
    return answer


def _list(service: Service, actor: Actor, query: ListQuery) -> dict[str, Any]:
    live = service.live
    with live.store.reading() as connection:
        found = [one for one in all_corrections(connection) if actor.sees(one.cell_path)]
    wanted = [one for one in reversed(found) if query.active in (None, one.is_active)]
    left = [one for one in wanted if not query.cursor or one.uid < query.cursor]
    page, more = left[: query.limit], len(left) > query.limit
    return {
        "corrections": [_told(one, live.generation) for one in page],
        "numberMatched": len(wanted),
        "next": page[-1].uid if more else None,
    }


def _read(service: Service, actor: Actor, uid: str) -> Correction:
    with service.live.store.reading() as connection:
        return _seen(connection, actor, uid)


def _seen(connection: Connection, actor: Actor, uid: str) -> Correction:
    found = read_correction(connection, uid)
    if found is None or not actor.sees(found.cell_path):
        raise NotFoundError(f"There is no correction {uid!r}.", fix="GET /v1/corrections lists them.")
    return found


def _make(service: Service, actor: Actor, said: CorrectionIn) -> Made:
    live = service.live
    words = live.words
    place = Spot(said.lng, said.lat, parse_reference(said.datum or "wgs84"), said.radius_m).place()
    new = new_correction(
        words.generation, CityWords(words.geocoder.city), actor, said.text, place.lng, place.lat,
        radius_m=said.radius_m, scope=said.cell,
    )  # fmt: skip
    by = By(service.now_us(), actor.name, said.reason)
    made = live.store.write(lambda connection: make_correction(connection, new, by))
    live.corrected()
    return made


async def _changed(request: Request, uid: str, change: Callable[[Connection, str, By], Made]) -> Response:
    service, actor = service_of(request), actor_of(request)
    said = await read_model(request, WhyIn)
    by = By(service.now_us(), actor.name, said.reason)

    def work(connection: Connection) -> Made:
        _seen(connection, actor, uid)
        return change(connection, uid, by)

    def write() -> Made:
        made = service.live.store.write(work)
        service.live.corrected()
        return made

    return _answer(service, await run_in_threadpool(write))


def _answer(service: Service, made: Made, status: int = 200) -> Response:
    told = {**_told(made.correction, service.live.generation), "replaced": made.replaced}
    return Response(orjson.dumps(told), status, media_type=JSON)


def _told(one: Correction, generation: Generation) -> dict[str, Any]:
    cell = scope_now(generation, one.cell_path, one.lng, one.lat)
    revoked = one.revoked_at_us
    return {
        "id": one.uid,
        "text": one.text or None,
        "active": one.is_active,
        "cell_path": one.cell_path,
        "cell_name": None if cell == NONE else generation.cells.name[cell],
        "lng": one.lng,
        "lat": one.lat,
        "radius_m": one.radius_m,
        "issue": one.issue,
        "reason": one.reason,
        "made_at": time_text(one.made_at_us),
        "made_by": one.made_by,
        "revoked_at": None if revoked is None else time_text(revoked),
        "revoked_by": one.revoked_by,
        "revoked_reason": one.revoked_reason,
        "replaced_by": one.replaced_by,
    }
