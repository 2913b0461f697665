"""What a city is made of: its generations, categories, cells, owners and assets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api import city_examples as examples
from api.documented import json_answer
from api.errors import invalid_fields
from api.field_errors import field_error
from api.issue_query import boxes
from api.service import service_of
from geo.errors import NotFoundError
from layers.city_features import CityPage
from layers.generation import DRAFT, Generation
from layers.history import read_history, read_published
from layers.issue_features import collection
from layers.key_pages import read_key_cursor
from layers.live import Words
from layers.terms import term

GEOJSON, JSON = "application/geo+json", "application/json"
MOST_PAGE = 1000
# Goes into the ETag: another program may say the same of a generation in other words.
ANSWERS = "1"

router = APIRouter(tags=["city"])


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=MOST_PAGE, description="How many on a page.")
    cursor: str = Field("", max_length=1000, description="`next` of the page before; all else unchanged.")

    @field_validator("cursor")
    @classmethod
    def _a_cursor(cls, said: str) -> str:
        if said:
            read_key_cursor(said)
        return said


class BoxQuery(PageQuery):
    """Which page of what lies in a box."""

    bbox: str = Field(
        "", max_length=200, examples=["120.84,31.99,120.88,32.03"],
        description="west,south,east,north in degrees, edges included; west > east crosses 180°.",
    )  # fmt: skip

    @field_validator("bbox")
    @classmethod
    def _a_box(cls, said: str) -> str:
        boxes(said)
        return said


class CellsQuery(BoxQuery):
    """Which cells."""

    level: str = Field("", max_length=200, description="As GET /v1/city names them; missing is all.")


def _geojson(description: str, example: Any) -> dict[int | str, dict[str, Any]]:
    content = {GEOJSON: {"schema": {"type": "object"}, "example": example}}
    return {200: {"description": description, "content": content}} | UNCHANGED


UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "As `If-None-Match` says: the generation is still the same."}
}


@router.get(
    "/v1/city",
    summary="The city in a few numbers",
    responses=json_answer(200, "The city in a few numbers.", examples.CITY),
)
def city(request: Request) -> Response:
    """What this city is: its name, clock, languages, extent, levels and kinds, and which generation is live.

    Names of levels and kinds are what other routes take: `level` of /v1/cells, `kind` of /v1/assets/{kind}.
    """
    live = service_of(request).live
    words = live.words
    generation, config = words.generation, words.generation.config
    said = {
        "name": config.name,
        "languages": config.languages,
        "time_zone": config.time_zone,
        "metric_crs": config.metric_crs or None,
        "bbox": words.features.bbox,
        "generation": {"id": generation.id, "sha256": generation.sha256},
        "levels": _counts("level", _by_level(generation)),
        "areas": _counts("kind", {kind: len(generation.areas[kind].id) for kind in sorted(generation.areas)}),
        "assets": _counts("kind", {kind: len(generation.assets[kind].id) for kind in generation.asset_kinds}),
        "categories": len(config.categories),
        "owners": len(generation.owners),
        "open_issues": live.open.count,
    }
    return Response(orjson.dumps(said), media_type=JSON)


def _by_level(generation: Generation) -> dict[str, int]:
    level = generation.cells.level
    return {one: int((level == one).sum()) for one in generation.config.levels}


def _counts(what: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {what: word, "name": {"zh": term("zh", word), "en": term("en", word)}, "count": count}
        for word, count in counts.items()
    ]


@router.get(
    "/v1/generations",
    summary="Published versions of the city",
    responses=json_answer(200, "Newest first.", examples.GENERATIONS),
)
def generations(request: Request) -> Response:
    """The published versions of the city: number, SHA-256, when each was made and from when it holds.

    `history` has every publication and rollback, oldest first.
    """
    city = service_of(request).live.city
    made = [
        {
            "id": f"{one.number:04d}",
            "number": one.number,
            "sha256": one.sha256 or None,
            "published_at": one.published_at,
            "effective": one.effective,
            "live": one.live,
        }
        for one in read_published(city)
    ]
    history = [
        {"at": one.at, "action": one.action, "number": one.number, "effective": one.effective}
        for one in read_history(city)
    ]
    return Response(orjson.dumps({"generations": made, "history": history}), media_type=JSON)


@router.get(
    "/v1/categories",
    summary="What can be reported",
    responses=json_answer(200, "By code.", examples.CATEGORIES) | UNCHANGED,
)
def categories(request: Request) -> Response:
    """What can be reported: codes, names, the assets that each concerns, and how many hours it may take.

    `asset_kinds` stand in order of precedence; `limit_h` is the time limit in hours.
    """
    words = service_of(request).live.words
    config = words.generation.config
    said = [
        {
            "code": code,
            "name": {"zh": one.name("zh"), "en": one.name("en")},
            "class": {"zh": one.class_zh, "en": one.class_en} if one.class_zh or one.class_en else None,
            "asset_kinds": one.asset_kinds,
            "limit_h": config.limits.hours_of(code),
        }
        for code, one in sorted(config.categories.items())
    ]
    return _unless_same(request, words, lambda: orjson.dumps({"categories": said}), JSON)


@router.get(
    "/v1/cells",
    summary="Cells of the grid",
    responses=_geojson("GeoJSON; `next` goes on, null ends.", examples.collection(examples.CELL)),
)
def cells(request: Request, query: Annotated[CellsQuery, Query()]) -> Response:
    """Cells of the grid as a GeoJSON FeatureCollection in WGS-84, by code.

    The id of a cell is its path: the codes from the top level down to it.
    """
    words = service_of(request).live.words
    _check_level(query.level, words)

    def page() -> bytes:
        return _collection(words.features.cells(query.level, boxes(query.bbox), query.cursor, query.limit))

    return _unless_same(request, words, page, GEOJSON)


@router.get(
    "/v1/cells/{code}",
    summary="One cell",
    responses=_geojson("The cell as a GeoJSON feature.", examples.CELL),
)
def cell(request: Request, code: str, level: Annotated[str, Query(max_length=200)] = "") -> Response:
    """One cell of the grid, by its code.

    Where cells of several levels have the code it is the one of the lowest, unless `level` says which.
    """
    words = service_of(request).live.words
    _check_level(level, words)

    def found() -> bytes:
        one = words.features.cell(code, level)
        if one is None:
            of = f" at the level {level!r}" if level else ""
            raise NotFoundError(f"There is no cell {code[:60]!r}{of}.", fix="GET /v1/cells lists them.")
        return one

    return _unless_same(request, words, found, GEOJSON)


@router.get(
    "/v1/owners",
    summary="Who can answer for something",
    responses=json_answer(200, "By id.", examples.OWNERS) | UNCHANGED,
)
def owners(request: Request, query: Annotated[PageQuery, Query()]) -> Response:
    """Who can answer for something, by id, and how much each has.

    `cells` counts those whose body it is; `areas`, `assets` and `sections` those that are its own.
    """
    words = service_of(request).live.words

    def page() -> bytes:
        return _listed("owners", words.features.owners(query.cursor, query.limit))

    return _unless_same(request, words, page, JSON)


@router.get(
    "/v1/assets/{kind}",
    summary="Assets of a kind",
    responses=_geojson("GeoJSON; `next` goes on, null ends.", examples.collection(examples.ASSET)),
)
def assets(request: Request, kind: str, query: Annotated[BoxQuery, Query()]) -> Response:
    """The assets of a kind as a GeoJSON FeatureCollection in WGS-84, by id.

    `attributes` are the other columns of the inventory, as they were imported.
    """
    words = service_of(request).live.words
    kinds = words.generation.asset_kinds
    if kind not in kinds:
        known = f"Kinds: {', '.join(kinds)}." if kinds else "The city has none at all."
        raise NotFoundError(f"There are no assets of the kind {kind[:60]!r}.", fix=known)

    def page() -> bytes:
        return _collection(words.features.assets(kind, boxes(query.bbox), query.cursor, query.limit))

    return _unless_same(request, words, page, GEOJSON)


def _check_level(level: str, words: Words) -> None:
    levels = words.generation.config.levels
    if level and level not in levels:
        known = ", ".join(levels)
        problem, zh = f"is no level; known: {known}", f"没有这个层级；已有：{known}"
        raise invalid_fields([field_error("level", problem, zh, value=level)])


def _collection(page: CityPage) -> bytes:
    return collection(page.items, **_numbers(page))


def _listed(name: str, page: CityPage) -> bytes:
    return orjson.dumps({**_numbers(page), name: [orjson.Fragment(one) for one in page.items]})


def _numbers(page: CityPage) -> dict[str, Any]:
    return {"numberMatched": page.matched, "numberReturned": len(page.items), "next": page.cursor or None}


def _unless_same(request: Request, words: Words, make: Callable[[], bytes], media_type: str) -> Response:
    """What depends on the generation alone; 304 where the client has it from the same one."""
    headers = {"Cache-Control": "private, no-cache"}  # keep it, and ask whether it still holds
    # A draft changes without becoming another generation.
    if words.generation.id != DRAFT:
        headers["ETag"] = f'"{words.generation.sha256[:32]}-{ANSWERS}"'
        if _has(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
    return Response(make(), headers=headers, media_type=media_type)


def _has(request: Request, tag: str) -> bool:
    said = ",".join(request.headers.getlist("if-none-match"))
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in said.split(","))
