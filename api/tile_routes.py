"""Vector tiles of the city and of its open issues, and how many issues each cell has."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Annotated, Any

import anyio
import orjson
from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from api import tile_examples as examples
from api.documented import json_answer
from api.errors import invalid_fields
from api.field_errors import field_error
from api.issue_query import IssueFilters
from api.service import Service, actor_of, service_of
from geo.tiles import Tile
from layers.actors import Actor
from layers.cell_counts import counts_by_cell
from layers.generation import DRAFT, Generation
from layers.live import Words
from layers.open_issues import OPEN
from layers.store.filters import IssueFilter
from maps import city_tiles, issue_tiles
from maps.city_tiles import CityTiles
from maps.issue_tiles import issue_tile
from maps.tile_cache import ByteCache

JSON, MVT = "application/json", "application/vnd.mapbox-vector-tile"
CITY_ZOOM, ISSUE_ZOOM = 16, 18  # maps enlarge the tiles of these zooms
CITY_BYTES, ISSUE_BYTES = 48_000_000, 16_000_000  # of tiles that are kept
AT_ONCE = 2  # tiles that are made at a time: others wait, and the rest of the service does not
LEAST_ZIPPED = 500  # bytes; what is less is sent as it is
FAST = 4  # of gzip: a tenth larger than the best, in a third of the time
MINUTE_US = 60_000_000
# Goes into ETags and addresses: another program may draw the same in another way.
DRAWN = "1"
KEEP, ASK = "private, max-age=86400, immutable", "private, no-cache"

router = APIRouter(tags=["map"])


@dataclass(eq=False)
class _Tiles:
    """What is kept between requests, for one app."""

    city: CityTiles | None = None
    making: Lock = field(default_factory=Lock)
    city_made: ByteCache = field(default_factory=lambda: ByteCache(CITY_BYTES))
    issues_made: ByteCache = field(default_factory=lambda: ByteCache(ISSUE_BYTES))
    turns: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE))

    def of(self, generation: Generation) -> CityTiles:
        """The tiles of the live generation; those of another one are forgotten."""
        with self.making:
            if self.city is None or self.city.generation is not generation:
                self.city = CityTiles(generation)
            return self.city

    async def warm(self, tiles: CityTiles) -> None:
        """Make tiles ready to be drawn."""
        await to_thread.run_sync(tiles.warm, limiter=self.turns)


class CityTileQuery(BaseModel):
    """Which city."""

    model_config = ConfigDict(extra="forbid")

    generation: str = Field(
        "", max_length=64,
        description="As the TileJSON says it: while it is live, browsers need not ask again.",
    )  # fmt: skip


class CountsQuery(IssueFilters):
    """Which issues, by the cells of which level."""

    level: str = Field("", max_length=200, description="As GET /v1/city names them; missing is the lowest.")


def _tile_answers(what: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "description": f"{what} Empty where there is nothing.",
            "content": {MVT: {"schema": {"type": "string", "format": "binary"}}},
        },
        304: {"description": "As `If-None-Match` says: it is still the same."},
    }


@router.get(
    "/tiles/city.json",
    summary="The tiles of the city, as TileJSON",
    responses=json_answer(200, "TileJSON 3.0.", examples.CITY, free=["fields"]),
)
async def city_json(request: Request) -> Response:
    """Where the tiles of the city are and what is in them: the layers that this city has.

    `levels` are those of the grid, from the top.
    """
    words, kept = service_of(request).live.words, _kept(request)
    generation, name = words.generation, _name(words.generation)
    tiles = await to_thread.run_sync(kept.of, generation, limiter=kept.turns)
    said = {
        **_tile_json(request, words, "city", CITY_ZOOM, f"generation={name}" if name else ""),
        "generation": {"id": generation.id, "sha256": generation.sha256},
        "levels": list(generation.config.levels),
        "vector_layers": [{"id": one, "fields": city_tiles.FIELDS[one]} for one in tiles.layers],
    }
    # Whoever asks for this asks for tiles next.
    later = BackgroundTask(kept.warm, tiles)
    return Response(orjson.dumps(said), media_type=JSON, background=later)


@router.get(
    "/tiles/issues.json",
    summary="The tiles of open issues, as TileJSON",
    responses=json_answer(200, "TileJSON 3.0.", examples.ISSUES, free=["fields"]),
)
def issues_json(request: Request, _: Annotated[IssueFilters, Query()]) -> Response:
    """Where the tiles of open issues are and what is in them; filters are passed on to the tiles."""
    live = service_of(request).live
    said = {
        **_tile_json(request, live.words, "issues", ISSUE_ZOOM, request.url.query),
        "version": str(live.open.version),
        "vector_layers": [{"id": name, "fields": own} for name, own in issue_tiles.FIELDS.items()],
    }
    return Response(orjson.dumps(said), media_type=JSON)


def _tile_json(request: Request, words: Words, layer: str, most: int, query: str) -> dict[str, Any]:
    address = f"{str(request.base_url).rstrip('/')}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"
    bounds = words.features.bbox
    return {
        "tilejson": "3.0.0",
        "name": words.generation.config.name,
        "tiles": [f"{address}?{query}" if query else address],
        "minzoom": 0,
        "maxzoom": most,
        **({} if bounds is None else {"bounds": bounds}),
    }


@router.get(
    "/tiles/city/{z}/{x}/{y}.mvt",
    summary="A tile of the city",
    responses=_tile_answers("A Mapbox vector tile."),
    response_class=Response,
)
async def city_tile(
    request: Request, z: int, x: int, y: int, query: Annotated[CityTileQuery, Query()]
) -> Response:
    """A tile of the live generation: waters, roads, buildings, areas, cells of all levels, other assets.

    The id of a cell is its position in the generation. What is too small for a zoom is left out of its tiles.
    """
    tile, kept = Tile.checked(z, x, y), _kept(request)
    generation = service_of(request).live.generation
    name = _name(generation)
    headers = _headers(KEEP if name and query.generation == name else ASK)
    if name and _is_same(request, headers, name):
        return Response(status_code=304, headers=headers)
    key = (generation.sha256, tile)
    return _mvt(
        request, await _made(kept, kept.city_made, key, lambda: kept.of(generation).tile(tile)), headers
    )


@router.get(
    "/tiles/issues/{z}/{x}/{y}.mvt",
    summary="A tile of open issues",
    responses=_tile_answers("A Mapbox vector tile; the header `Woodpecker-Version` says as of which change."),
    response_class=Response,
)
async def issues_tile(
    request: Request, z: int, x: int, y: int, query: Annotated[IssueFilters, Query()]
) -> Response:
    """Open issues as points, or, where there are many, as clusters with how many have which status.

    Takes the filters of GET /v1/issues; only open issues are on tiles. An issue is on one tile of a zoom.
    """
    tile, kept, service = Tile.checked(z, x, y), _kept(request), service_of(request)
    # What is overdue changes by the minute.
    now_us = service.now_us() // MINUTE_US * MINUTE_US
    generation, state = service.live.generation, service.live.open.state
    wanted = _wanted(service, query, actor_of(request), now_us)
    # The filter holds what this actor may see.
    tag = hashlib.sha256(repr((generation.sha256, state, now_us, wanted)).encode()).hexdigest()[:32]
    headers = _headers(ASK) | {"Woodpecker-Version": str(state[0])}
    if _is_same(request, headers, f"{tag}-{DRAWN}"):
        return Response(status_code=304, headers=headers)

    def made() -> bytes:
        return b"" if wanted is None else issue_tile(service.live.open, wanted, tile, now_us=now_us)

    return _mvt(request, await _made(kept, kept.issues_made, (tag, tile), made), headers)


@router.get(
    "/v1/issues/counts",
    summary="How many open issues each cell has",
    responses=json_answer(200, "Cells that have none are left out.", examples.COUNTS, free=["cells"]),
)
async def issue_counts(request: Request, query: Annotated[CountsQuery, Query()]) -> Response:
    """How many open issues lie in each cell of a level, and how many of them are overdue, by cell code.

    Takes the filters of GET /v1/issues. `id` is that of the cell in the tiles of the city; `elsewhere` are
    those that lie in no cell of the level.
    """
    body = await to_thread.run_sync(
        _counts, service_of(request), actor_of(request), query, limiter=_kept(request).turns
    )
    return Response(body, media_type=JSON)


def _counts(service: Service, actor: Actor, query: CountsQuery) -> bytes:
    now_us, open_ = service.now_us(), service.live.open
    cells, level = service.live.generation.cells, _level(service.live.generation, query.level)
    wanted = _wanted(service, query, actor, now_us) or IssueFilter(cell_paths=("\0",))
    view = open_.view(wanted, now_us=now_us)
    counted = counts_by_cell(view, cells, level)
    said = zip(counted.cells.tolist(), counted.open.tolist(), counted.overdue.tolist(), strict=True)
    elsewhere, late = counted.elsewhere
    return orjson.dumps(
        {
            "version": view.version,
            "level": level,
            "cells": {cells.code[at]: {"id": at, "open": some, "overdue": over} for at, some, over in said},
            "elsewhere": {"open": elsewhere, "overdue": late},
        }
    )


def _level(generation: Generation, said: str) -> str:
    levels = generation.config.levels
    if said and said not in levels:
        known = ", ".join(levels)
        problem, zh = f"is no level; known: {known}", f"没有这个层级；已有：{known}"
        raise invalid_fields([field_error("level", problem, zh, value=said)])
    return said or (levels[-1] if levels else "")


def _wanted(service: Service, query: IssueFilters, actor: Actor, now_us: int) -> IssueFilter | None:
    """The filter, of open issues alone; None where it asks for none of them."""
    wanted = query.filter(service.live.generation, actor, service.live.zone, now_us)
    if not wanted.status:
        return wanted
    status = tuple(state.value for state in OPEN if state.value in wanted.status)
    return replace(wanted, status=status) if status else None


def _kept(request: Request) -> _Tiles:
    state = request.app.state
    if not hasattr(state, "tiles"):
        state.tiles = _Tiles()
    kept: _Tiles = state.tiles
    return kept


def _name(generation: Generation) -> str:
    """What stands for a generation, as this program draws it; a draft changes without becoming another."""
    return "" if generation.id == DRAFT else f"{generation.sha256[:16]}-{DRAWN}"


async def _made(kept: _Tiles, cache: ByteCache, key: Hashable, make: Callable[[], bytes]) -> bytes:
    """A tile, zipped: as it was kept, or made beside the requests that need no tile."""
    found = cache.get(key)
    if found is None:
        found = await to_thread.run_sync(lambda: gzip.compress(make(), FAST, mtime=0), limiter=kept.turns)
        cache.put(key, found)
    return found


def _headers(cache_control: str) -> dict[str, str]:
    return {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}


def _is_same(request: Request, headers: dict[str, str], tag: str) -> bool:
    """Whether the client has what a tag stands for, zipped or not; the tag goes into the headers."""
    headers["ETag"] = f'W/"{tag}"'
    said = ",".join(request.headers.getlist("if-none-match"))
    return any(one.strip().removeprefix("W/") in (f'"{tag}"', "*") for one in said.split(","))


def _mvt(request: Request, zipped: bytes, headers: dict[str, str]) -> Response:
    accepted = (one.partition(";") for one in request.headers.get("accept-encoding", "").split(","))
    takes = any(name.strip() == "gzip" and q.strip() != "q=0" for name, _, q in accepted)
    if takes and len(zipped) >= LEAST_ZIPPED:
        return Response(zipped, media_type=MVT, headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(zipped), media_type=MVT, headers=headers)
