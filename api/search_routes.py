"""One box to look for everything."""

from __future__ import annotations

import re
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.concurrency import run_in_threadpool

from api.documented import json_answer
from api.issue_query import own_issues
from api.service import Service, actor_of, service_of
from layers.actors import Actor
from layers.searching import search

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
EXAMPLE: dict[str, Any] = {
    "results": [
        {
            "kind": "asset",
            "label": "灯杆02120400",
            "lng": 120.8528,
            "lat": 32.0121,
            "bbox": None,
            "id": "02120400",
            "layer": "street_light",
            "detail": {"zh": "路灯 · 02120400 · 虹桥社区", "en": "street light · 02120400 · 虹桥社区"},
        }
    ]
}

router = APIRouter(tags=["locate"])


class SearchQuery(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        min_length=1, max_length=200, examples=["02120400", "31.2, 121.1 gcj02"],
        description="Coordinates, an issue's number or a part of it, a cell, a street, an asset, a place, "
        "or words that describe one.",
    )  # fmt: skip
    limit: int = Field(10, ge=1, le=50, description="How many at most.")

    @field_validator("q")
    @classmethod
    def _printable(cls, said: str) -> str:
        if found := _UNPRINTABLE.search(said):
            raise ValueError(f"holds the control character {found[0]!r}")
        return said


@router.get(
    "/v1/search",
    summary="Look for anything",
    responses=json_answer(200, "The best first.", EXAMPLE),
)
async def look_for(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
    """What a text may mean: a position, an issue, a cell, area, street, asset or place, by what it is called,
    the beginning of that (also in pinyin), a part, or by a description such as a complaint has.

    Coordinates come in either order and, with a word beside them, in any datum (`gcj02`, `bd09`,
    `EPSG:4527`); without one, in all that lie in the city. `kind` says what it is, `layer` of which kind: the
    level of a cell, the kind of an asset or area, the status of an issue, the datum of coordinates. Issues of
    cells that are not the actor's are not found.
    """
    body = await run_in_threadpool(_search, service_of(request), actor_of(request), query)
    return Response(body, media_type="application/json")


def _search(service: Service, actor: Actor, query: SearchQuery) -> bytes:
    live, now = service.live, service.now_us()
    within = own_issues(live.generation, actor)
    return orjson.dumps({"results": search(live, query.q, actor, within, query.limit, now)})
