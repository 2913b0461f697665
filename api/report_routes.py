"""Reports come in: one as JSON or with photos, or many as lines of JSON."""

from __future__ import annotations

import asyncio

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.batch import MOST_LINE, LinesResponse, answer_lines
from api.bodies import media_type, read_model
from api.documented import IDEMPOTENCY_KEY, json_answer, json_body, refusals
from api.errors import BadRequestError, MediaTypeError
from api.issue_answers import proposal_json
from api.report_answers import ANSWER_EXAMPLE, Kept
from api.report_form import read_report_form
from api.report_model import EXAMPLE, ReportIn
from api.service import Service, actor_of, service_of
from layers.actors import Actor
from layers.incoming import Incoming
from layers.intake import Outcome, check_join, propose
from layers.photos import Photo, read_photo
from layers.store.repeats import RequestKey

MOST_KEY = 200
NDJSON = "application/x-ndjson"
LINE = '{"lng":120.8574,"lat":32.0099,"datum":"gcj02","category":"0118","external_id":"A-1"}\n'
FREE = ("assignment", "issue", "report")  # null where there is none

router = APIRouter(tags=["reports"])


@router.post(
    "/v1/reports",
    summary="File a report",
    status_code=201,
    openapi_extra=json_body(ReportIn, EXAMPLE, form=True) | {"parameters": [IDEMPOTENCY_KEY]},
    responses=json_answer(201, "Stored: its issue, whose it is, and why.", ANSWER_EXAMPLE, free=FREE)
    | json_answer(200, "It was here before, or `dry_run` was asked for.", ANSWER_EXAMPLE, free=FREE)
    | refusals(404, 409),
)
async def file_report(request: Request, dry_run: bool = False) -> Response:
    """File a report: a position in any datum, words, a photo, or several of these.

    It is assigned at once, and answered when it is on disk. What cannot be located or assigned is stored all
    the same and waits for a dispatcher. With `dry_run` nothing is stored, and the answer also tells in names
    and sentences where and whose it would be, and which open issues it may repeat. With an `Idempotency-Key`
    the same request may be sent again: the same body gets the same answer, another one 422, and 409 while the
    first is still at work.
    """
    service, actor = service_of(request), actor_of(request)
    report, photos = await _read(request, service)
    incoming = report.incoming(service.live.zone, photos)
    if incoming.issue and actor.cells:
        await run_in_threadpool(check_join, service.live, incoming, actor)
    key = _key(request, actor, incoming.body_digest)
    if dry_run:
        said = await run_in_threadpool(_proposed, service, incoming, actor)
        return Response(said, media_type="application/json")
    if key is None:
        return _response(await _file(service, incoming, actor, None))
    with service.at_work(key.scope, key.key):
        return _response(await _file(service, incoming, actor, key))


@router.post(
    "/v1/reports/batch",
    summary="File many reports, one a line",
    openapi_extra={
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {
                NDJSON: {
                    "schema": {"type": "string", "description": "A report as JSON on every line."},
                    "example": LINE,
                }
            },
        },
    },
    responses={
        200: {
            "description": "A line for every line, in order: its number, status, and issue or problem.",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
)
async def file_batch(request: Request) -> Response:
    """File many reports, one JSON object a line; answers come while lines still go up.

    A line that is refused spoils no other. A batch that broke off may be sent again whole: lines with an
    `external_id`, or all where the request has an `Idempotency-Key`, are not stored twice.
    """
    service, actor = service_of(request), actor_of(request)
    if (kind := media_type(request)) not in (NDJSON, "application/jsonl", "application/ndjson"):
        message = f"This takes lines of JSON, not {kind[:60]!r}."
        raise MediaTypeError(message, fix=f"Send {NDJSON}.", zh="这里只接受逐行 JSON。")
    key = _key(request, actor, "")
    lines = answer_lines(request, service, actor, None if key is None else key.key, most_line=MOST_LINE)
    return LinesResponse(lines, NDJSON)


async def _read(request: Request, service: Service) -> tuple[ReportIn, list[Photo]]:
    if media_type(request) != "multipart/form-data":
        return await read_model(request, ReportIn), []
    report, files = await read_report_form(request)
    photos = []
    for data in files:
        async with service.decoding:
            photos.append(await run_in_threadpool(read_photo, data))
    return report, photos


def _proposed(service: Service, incoming: Incoming, actor: Actor) -> bytes:
    (outcome,) = propose(service.live, [incoming], service.now_us())
    return orjson.dumps(proposal_json(service.live, service.names, outcome, actor))


async def _file(service: Service, incoming: Incoming, actor: Actor, key: RequestKey | None) -> Outcome:
    # Shielded: whoever hangs up does not stop what others of the group wait for.
    filed = service.desk_for(incoming).submit(incoming, actor.name, key)
    return await asyncio.shield(asyncio.wrap_future(filed))


def _response(outcome: Outcome) -> Response:
    if outcome.error is not None:
        raise outcome.error
    kept = Kept.unpack(outcome.told)
    headers = {"Location": kept.location} if kept.location else {}
    if outcome.issue is None:  # recalled by its key
        headers["Idempotent-Replayed"] = "true"
    return Response(kept.body, kept.status, headers=headers, media_type="application/json")


def _key(request: Request, actor: Actor, digest: str) -> RequestKey | None:
    said = request.headers.get("idempotency-key")
    if said is None:
        return None
    if not 0 < len(said) <= MOST_KEY or not said.isprintable():
        raise BadRequestError(
            f"The idempotency key has {len(said)} characters.",
            fix=f"Make it 1 to {MOST_KEY} printable ones, such as a UUID.",
        )
    return RequestKey(actor.name, said, digest)
