"""Issues: pages of them, one with everything that is known of it, and the photos of its reports."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from api import issue_examples as examples
from api.direct import QUERY
from api.documented import Responses, json_answer
from api.issue_answers import issue_json
from api.issue_query import IssueQuery
from api.service import Service, actor_of, service_of
from geo.errors import NotFoundError
from layers.actors import Actor
from layers.issue_features import collection, feature
from layers.open_issues import holds_all
from layers.store.issues import cell_paths_of_photo, read_issue
from layers.store.paging import page_issues

GEOJSON = "application/geo+json"
JPEG: Responses = {200: {"description": "The photo.", "content": {"image/jpeg": {}}}}
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
    return await _page(request, query)


async def issues_shortly(request: Request) -> Response:
    """The same, of a request that came by the short way."""
    return await _page(request, request.scope[QUERY])


async def _page(request: Request, query: IssueQuery) -> Response:
    """A page of what a query asks for."""
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
        return orjson.dumps(issue_json(service, connection, record, actor))


def not_found(name: str) -> NotFoundError:
    """The error for an issue that is not there, or not for who asks."""
    fix = "Give the id or number that a report was answered with."
    return NotFoundError(f"There is no issue {name[:60]!r}.", fix=fix)


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
