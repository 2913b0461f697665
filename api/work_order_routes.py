"""The work order of an issue, to print and to take along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.issue_routes import not_found
from api.service import Service, actor_of, service_of
from layers.actors import Actor
from layers.findings import Lang
from layers.store.assignments import read_assignment
from layers.store.issues import read_issue
from layers.store.private import read_privates
from layers.store.values import IssueRecord, Private
from maps.work_order import WorkOrder, work_order_html
from maps.work_order.page import policy

MOST_PHOTOS = 6
HTML: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}
}

router = APIRouter(tags=["issues"])


class WorkOrderQuery(BaseModel):
    """How the page is wanted."""

    model_config = ConfigDict(extra="forbid")

    lang: Literal["zh", "en", ""] = Field("", description="Missing is the city's first language.")


@router.get(
    "/issues/{name}/work-order.html", summary="The work order of an issue", responses=HTML,
    response_class=Response,
)  # fmt: skip
def work_order(request: Request, name: str, query: Annotated[WorkOrderQuery, Query()]) -> Response:
    """The work order of an issue, by id or number, as a page to print.

    It holds what, where and whose, a map, a QR code of the issue's address, links that open the spot in AMap
    and Baidu in their own datums, and fields to fill in by hand. What was reported, and photos, stand on it
    only for officers, dispatchers and administrators; who reported never does.
    """
    service, actor = service_of(request), actor_of(request)
    languages = service.live.generation.config.languages
    lang: Lang = query.lang or languages[0]
    address = service.settings.config.address or str(request.base_url).rstrip("/")
    order = _order(service, actor, name, address)
    return Response(work_order_html(order, lang), media_type="text/html", headers=_headers())


def _headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": f"{policy()}; frame-ancestors 'self'",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def _order(service: Service, actor: Actor, name: str, base: str) -> WorkOrder:
    with service.live.store.reading() as connection:
        record = read_issue(connection, name)
        if record is None or not actor.sees(record.issue.cell_path):
            raise not_found(name)
        proof = read_assignment(connection, record.issue.uid)
        privates = read_privates(connection, record.issue.uid) if actor.reads_private else {}
    told = _in_order(record, privates)
    return WorkOrder(
        record.issue, record.events, [private.text for private in told if private.text],
        _photos(service, told), proof, service.live.generation, f"{base}/?issue={record.issue.number}",
        service.live.zone, service.now_us(),
    )  # fmt: skip


def _in_order(record: IssueRecord, privates: dict[str, Private]) -> list[Private]:
    return [privates[report.uid] for report in record.reports if report.uid in privates]


def _photos(service: Service, told: Iterable[Private]) -> list[str]:
    """The addresses of the photos that are there."""
    photos = dict.fromkeys(photo for private in told for photo in private.photos)
    there = [photo for photo in photos if (service.live.photos / f"{photo}.jpg").is_file()]
    return [f"/v1/photos/{photo}" for photo in there[:MOST_PHOTOS]]
