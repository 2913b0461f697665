"""The map of a city's issues, as one page that asks no host for anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.issue_query import OPEN_WORD, IssueFilters, Words
from api.map_command import ground_of, page_words
from api.service import actor_of, service_of
from layers.generation import Generation
from layers.issue_table import issue_table
from maps.city_payload import Ground

MOST_ISSUES = 20_000
PAGE = "/maps/issues.html"
# The page itself says which scripts may run, by their digests; where both speak, both must allow.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "private, no-store",  # it may hold what citizens wrote
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
HTML: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}
}

router = APIRouter(tags=["map"])


class MapQuery(IssueFilters):
    """Which issues are on the map."""

    status: Words = Field(
        [OPEN_WORD], description="As in GET /v1/issues; missing is open.", examples=["open"]
    )


@router.get(PAGE, summary="The map of issues", responses=HTML, response_class=Response)
def issue_map(request: Request, query: Annotated[MapQuery, Query()]) -> Response:
    """The city and its issues on one page: to look at, to save, to send on; it opens without a network.

    Takes the filters of GET /v1/issues; without any it shows the open ones. Of more than 20,000 it shows
    those that were changed last, and says so. What citizens wrote stands on it only for officers, dispatchers
    and administrators.
    """
    service, actor = service_of(request), actor_of(request)
    words, now_us = service.live.words, service.now_us()
    generation = words.generation
    wanted = query.filter(generation, actor, service.live.zone)
    with service.live.store.reading() as connection:
        found = issue_table(
            connection, wanted, words.names, zone=service.live.zone, now_us=now_us, most=MOST_ISSUES,
            with_text=actor.reads_private,
        )  # fmt: skip
    from maps.issue_map import issue_map_html  # what it needs takes half a second of the start

    page = issue_map_html(
        ground=_ground(request, generation), reports=found.rows, are_issues=True, left_out=found.left_out,
        **page_words(generation),
    )  # fmt: skip
    return Response(page, media_type="text/html", headers=HEADERS)


def _ground(request: Request, generation: Generation) -> Ground:
    """The grid and the layers, drawn once for each generation."""
    kept: Sequence[Any] = getattr(request.app.state, "map_ground", (None, None))
    if kept[0] is not generation:
        kept = request.app.state.map_ground = (generation, ground_of(generation))
    ground: Ground = kept[1]
    return ground
