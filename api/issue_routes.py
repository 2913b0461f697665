"""Issues: pages of them, one with its reports and events, and what can be done with it."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from api import issue_examples as examples
from api.access import ACCESS
from api.bodies import read_model
from api.documented import Responses, json_answer, json_body, refusals
from api.issue_query import IssueQuery
from api.report_answers import suspect_json
from api.report_model import Number, Word, no_truth
from api.service import Service, actor_of, service_of
from geo.crs import parse_reference
from geo.errors import NotFoundError
from layers.action_changes import Asked
from layers.actions import act, allowed_actions
from layers.actors import Actor
from layers.issue_features import collection, feature
from layers.life_cycle import Action
from layers.open_issues import holds_all
from layers.store.assignments import read_assignment
from layers.store.issues import cell_paths_of_photo, issues_named, read_issue
from layers.store.paging import page_issues
from layers.store.private import read_privates
from layers.store.values import Event, Issue, Private, Report
from layers.suspects import SuspectIssue
from layers.times import time_text
from layers.told import told_answer
from layers.webhooks import REASONS_TOLD, public_fields

GEOJSON = "application/geo+json"
JPEG: Responses = {200: {"description": "The photo.", "content": {"image/jpeg": {}}}}
MAY_ACT = ACCESS["POST", "/v1/issues/{id}/actions"]
router = APIRouter(tags=["issues"])


@router.get(
    "/v1/issues",
    summary="Issues, page by page",
    responses=json_answer(
        200, "A GeoJSON FeatureCollection; `next` goes on.", examples.PAGE, kind=GEOJSON, free=examples.FREE
    ),
)
async def issues(request: Request, query: Annotated[IssueQuery, Query()]) -> Response:
    """Issues as a GeoJSON FeatureCollection, in the order of their last change.

    Open ones come from memory. A page ends with `next`: ask again with it as `cursor`, also later, for what
    has changed since.
    """
    service = service_of(request)
    newest, now = query.order == "newest", service.now_us()
    wanted = query.filter(service.live.generation, actor_of(request), service.live.zone, now)
    if holds_all(wanted):
        page = service.live.open.page(
            wanted, now_us=now, cursor=query.cursor, limit=query.limit, newest_first=newest
        )
        return _collection(page.features, page.cursor, page.more)

    def stored() -> Response:
        with service.live.store.reading() as connection:
            found = page_issues(
                connection, wanted, cursor=query.cursor, limit=query.limit, newest_first=newest
            )
        features = [feature(issue, service.names, now) for issue in found.issues]
        return _collection(features, found.cursor, found.more)

    return await run_in_threadpool(stored)


def _collection(features: list[bytes], cursor: str, more: bool) -> Response:
    body = collection(features, numberReturned=len(features), next=cursor or None, more=more)
    return Response(body, media_type=GEOJSON)


@router.get(
    "/v1/issues/{name}",
    summary="One issue, its history and proof",
    responses=json_answer(200, "The feature, reports, events, proof.", examples.ISSUE, free=examples.FREE),
)
async def issue(request: Request, name: str) -> Response:
    """One issue, by id or number: with its reports, its events, why it is whose, and what can be done now."""
    return Response(
        await run_in_threadpool(_issue, service_of(request), actor_of(request), name),
        media_type="application/json",
    )


def _issue(service: Service, actor: Actor, name: str) -> bytes:
    with service.live.store.reading() as connection:
        record = read_issue(connection, name)
        if record is None or not actor.sees(record.issue.cell_path):
            raise not_found(name)
        proof = read_assignment(connection, record.issue.uid)
        private = read_privates(connection, record.issue.uid) if actor.reads_private else {}
        suspects = _seen(connection, service.live.suspects_of(record.issue.uid), actor)
    languages = service.live.generation.config.languages
    return orjson.dumps(
        {
            **orjson.loads(feature(record.issue, service.names, service.now_us())),
            "reports": [_report(one, private.get(one.uid), actor) for one in record.reports],
            "events": [_event(one, actor) for one in record.events],
            "assignment": None if proof is None else told_answer(proof, languages),
            "proof": proof,
            "duplicates": [suspect_json(one) for one in suspects],
            "actions": list(
                allowed_actions(record, actor, claim_us=service.names.claim_us, now_us=service.now_us())
            )
            if actor.role in MAY_ACT
            else [],
        }
    )


def _seen(connection: Connection, suspects: list[SuspectIssue], actor: Actor) -> list[SuspectIssue]:
    """Those that an actor may see."""
    if not actor.cells:
        return suspects
    issues = issues_named(connection, {one.uid for one in suspects})
    return [one for one in suspects if one.uid in issues and actor.sees(issues[one.uid].cell_path)]


def not_found(name: str) -> NotFoundError:
    """The error for an issue that is not there, or not for who asks."""
    fix = "Give the id or number that a report was answered with."
    return NotFoundError(f"There is no issue {name[:60]!r}.", fix=fix)


def _report(report: Report, private: Private | None, actor: Actor) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": report.uid,
        "channel": report.channel,
        "external_id": report.external_id if actor.reads_private else None,
        "received_at": time_text(report.received_us),
        "occurred_at": time_text(report.occurred_us),
        "zone_assumed": report.zone_assumed,
        "lng": report.lng,
        "lat": report.lat,
        "datum": report.datum,
        "accuracy_m": report.accuracy_m,
        "level": report.level,
        "category": report.category,
    }
    if private is not None:
        said["text"] = private.text
        said["photos"] = [f"/v1/photos/{photo}" for photo in private.photos]
        said["sources"] = orjson.loads(private.sources) if private.sources else []
        if actor.knows_reporters:
            said |= {"reporter": private.reporter, "contact": private.contact}
    return said


def _event(event: Event, actor: Actor) -> dict[str, Any]:
    # What somebody commented may be the words of who reported it.
    tells = actor.reads_private or event.kind in REASONS_TOLD
    return {
        "seq": event.seq,
        "at": time_text(event.at_us),
        "actor": event.actor,
        "kind": event.kind,
        "reason": event.reason if tells else "",
        "before": public_fields(event.before),
        "after": public_fields(event.after),
    }


class ActionIn(BaseModel):
    """Something to be done with an issue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    version: int | None = Field(
        None, ge=1, le=2**31, description="The version that you saw; another one now is a conflict."
    )
    reason: str = Field("", max_length=2000, description="Why; the words of a comment.")
    owner: Word = Field("", description="Whom to dispatch or transfer to: an id or name.")
    into: Word = Field("", description="Id or number of the issue to merge into.")
    lng: Number | None = None
    lat: Number | None = None
    datum: Word = "wgs84"
    accuracy_m: Annotated[Number, Field(ge=0, le=1e7)] | None = None

    _numbers = field_validator("version", "lng", "lat", "accuracy_m", mode="before")(no_truth)


@router.post(
    "/v1/issues/{name}/actions",
    summary="Do something with an issue",
    openapi_extra=json_body(
        ActionIn, {"action": "dispatch", "version": 1, "owner": "lighting", "reason": ""}
    ),
    responses=json_answer(200, "The issue as it is now.", examples.FEATURE, kind=GEOJSON, free=examples.FREE)
    | refusals(409),
)
async def action(request: Request, name: str) -> Response:
    """Dispatch, return, transfer, start, handled, verify, close, reject, reopen, merge, comment, move, undo.

    Say the `version` that you saw: where somebody else was faster, the answer is 409 and nothing is changed.
    """
    service, actor = service_of(request), actor_of(request)
    said = await read_model(request, ActionIn)
    asked = Asked(
        said.action, said.reason, said.version, said.owner, said.into, said.lng, said.lat,
        parse_reference(said.datum or "wgs84"), said.accuracy_m,
    )  # fmt: skip
    changed = await run_in_threadpool(_act, service, actor, name, asked)
    return Response(feature(changed, service.names, service.now_us()), media_type=GEOJSON)


def _act(service: Service, actor: Actor, name: str, asked: Asked) -> Issue:
    live, now = service.live, service.now_us()
    generation = live.generation
    changes = live.store.write(lambda connection: act(generation, connection, name, asked, actor, now))
    live.changed([(one, None) for one in changes])
    return changes[0]


@router.get("/v1/photos/{sha256}", summary="A photo of a report", responses=JPEG)
async def photo(request: Request, sha256: str) -> Response:
    """A photo of a report, as it is kept: without anything but the picture."""
    service, actor = service_of(request), actor_of(request)

    def is_his() -> bool:
        with service.live.store.reading() as connection:
            return any(map(actor.sees, cell_paths_of_photo(connection, sha256)))

    path = service.live.photos / f"{sha256}.jpg"
    # Only what a report still names, and one that he may read: an erased photo is gone at once.
    if not await run_in_threadpool(is_his) or not path.is_file():
        raise NotFoundError("There is no such photo.", fix="It may have been erased.")
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return FileResponse(path, media_type="image/jpeg", headers=headers)
