"""The list of open issues: sorted by any column, and read at any place."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api import issue_examples as examples
from api.documented import json_answer
from api.issue_query import IssueFilters
from api.service import Service, actor_of, service_of
from layers.actors import Actor
from layers.open_sorting import Order, SortBy, sorted_view
from layers.open_view import OpenView

MOST_ROWS = 1000
MOST_OFFSET = 10_000_000
EXAMPLE = {"version": 1042, "total": 1, "rows": [examples.FEATURE]}

router = APIRouter(tags=["issues"])


class ListQuery(IssueFilters):
    """Which part of the list."""

    sort: SortBy = Field(SortBy.DUE, description="By which column; what has nothing there comes last.")
    desc: bool = Field(False, description="The other way round.")
    offset: int = Field(0, ge=0, le=MOST_OFFSET, description="How many to pass over.")
    limit: int = Field(100, ge=1, le=MOST_ROWS, description="How many at most.")
    find: str = Field(
        "",
        max_length=60,
        description="Id or number of an issue: `found` is its place in the list, null where it is not there.",
    )


@router.get(
    "/v1/issues/list",
    summary="Open issues as a sorted list",
    responses=json_answer(200, "`rows` are features, as in GET /v1/issues.", EXAMPLE, free=examples.FREE),
)
async def issue_list(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
    """A part of the open issues in the order of a column: for a list that is scrolled to any place.

    `total` is how many pass the filter, `version` the last change that the answer knows of. Equal ones come
    in the order of their numbers. Other than in GET /v1/issues, a row moves when its issue changes.
    """
    body = await run_in_threadpool(_list, service_of(request), actor_of(request), query)
    return Response(body, media_type="application/json")


def _list(service: Service, actor: Actor, query: ListQuery) -> bytes:
    words, now = service.live.words, service.now_us()
    wanted = query.filter(words.generation, actor, service.live.zone, now)
    view = service.live.open.view(wanted, now_us=now)
    order = sorted_view(view, query.sort, words.names, desc=query.desc)
    rows = view.features(order[query.offset : query.offset + query.limit], words.names)
    said: dict[str, Any] = {"version": view.version, "total": len(view)}
    if query.find:
        said["found"] = _place(order, view, query.find)
    head = orjson.dumps(said)
    return b"".join((head[:-1], b',"rows":[', b",".join(rows), b"]}"))


def _place(order: Order, view: OpenView, name: str) -> int | None:
    """Where an issue stands; None where it is not in the list."""
    found = view.find(name)
    return None if found is None else int(np.flatnonzero(order == found)[0])
