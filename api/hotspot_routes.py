"""Where reports concentrate, as GeoJSON or as a file."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.documented import Responses, refusals
from api.errors import TooManyRequestsError
from api.issue_query import Words
from api.service import Service, actor_of, service_of
from geo.crs import parse_reference
from geo.types import Datum
from layers.actors import Actor
from layers.hotspot_analysis import Beside
from layers.hotspot_question import RECENT_DAYS, SHARE, Counting, Question, ask

GEOJSON = "application/geo+json"
MEDIA = {
    "geojson": GEOJSON,
    "gpkg": "application/geopackage+sqlite3",
    "shp.zip": "application/zip",
    "kml": "application/vnd.google-earth.kml+xml",
    "kmz": "application/vnd.google-earth.kmz",
    "fgb": "application/vnd.flatgeobuf",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "dxf": "image/vnd.dxf",
    "png": "image/png",
    "html": "text/html; charset=utf-8",
}
MOST_WAITING = 8

router = APIRouter(tags=["hotspots"])


class HotspotQuery(BaseModel):
    """What to look for, in what, and how to answer."""

    model_config = ConfigDict(extra="forbid")

    category: Words = Field(
        [], description="Codes or names; several are judged together. Missing: all as one. `each`: each.",
        examples=["0118"],
    )  # fmt: skip
    level: str = Field("", max_length=200, description="Of cells; missing: the lowest.")
    bins: str = Field("", max_length=40, description="square:M, hex:M or road:M instead, in metres.")
    since: str = Field("", max_length=40, description="First day, or a time.", examples=["2026-01-01"])
    until: str = Field("", max_length=40, description="Last day, or the time before which.")
    baseline: str = Field(
        SHARE, max_length=200, description="share, population, area, none, or a kind of assets."
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="The share of chance findings among all.")
    channel: Words = Field([], description="Only reports of these.")
    count: Counting = Field("reporters", description="What counts as one.")
    recent: int = Field(RECENT_DAYS, ge=1, le=3660, description="Days of the end, held against those before.")
    within: float = Field(0.0, ge=0, le=1e6, description="Centres so near are neighbours; 0: what touches.")
    crs: str = Field("", max_length=40, description="EPSG:n, where the format can say it.")
    format: str = Field("geojson", description=f"{', '.join(MEDIA)}.", examples=["geojson"])

    @field_validator("category", "channel", mode="after")
    @classmethod
    def _split(cls, words: list[str]) -> list[str]:
        return [part.strip() for word in words for part in word.split(",") if part.strip()]

    @field_validator("format", mode="after")
    @classmethod
    def _known(cls, said: str) -> str:
        if said not in MEDIA:
            raise ValueError(f"{said!r} is no format; known: {', '.join(MEDIA)}")
        return said

    @field_validator("bins", mode="after")
    @classmethod
    def _alone(cls, said: str, info: Any) -> str:
        if said and info.data.get("level"):
            raise ValueError("stands beside level; give one of them")
        return said

    def question(self, time_zone: str) -> Question:
        """The question.

        Raises:
            GridError: bins or times that are none.
        """
        return ask(
            time_zone, categories=self.category, level=self.level, bins=self.bins, since=self.since,
            until=self.until, baseline=self.baseline, alpha=self.alpha, channels=self.channel,
            counting=self.count, recent_days=self.recent, within_m=self.within,
        )  # fmt: skip


_FILES: Responses = {
    200: {
        "description": "The hotspots: GeoJSON, or a file of the format.",
        "content": {
            kind.partition(";")[0]: {"schema": {"type": "object"} if kind == GEOJSON else {"type": "string"}}
            for kind in MEDIA.values()
        },
    }
}


@router.get(
    "/v1/hotspots",
    summary="Where reports concentrate",
    responses=_FILES | refusals(404, 429),
    response_class=Response,
)
async def hotspots(request: Request, query: Annotated[HotspotQuery, Query()]) -> Response:
    """Find where reports concentrate more than chance explains, whether that is new, and why.

    A feature for each cell (and category), with `cell_code, observed, expected, relative_risk, z, p, q,
    class`, and what explains it. `class` is hot, cold, not significant or excluded. Files other than GeoJSON
    hold clusters of a circular scan and a density surface besides, where their format holds several layers.
    What the format could not hold stands in the header `X-Not-Held`.
    """
    service, actor = service_of(request), actor_of(request)
    question = query.question(service.live.generation.config.time_zone)
    state = request.app.state
    waiting = getattr(state, "hotspots_waiting", 0)
    if waiting >= MOST_WAITING:
        raise TooManyRequestsError(
            f"{waiting} questions about hotspots wait already.", zh=f"已有 {waiting} 个热点查询在排队。"
        )
    state.hotspots_waiting = waiting + 1
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(service.analysing, _answer, service, actor, query, question)
    finally:
        state.hotspots_waiting -= 1


def _answer(service: Service, actor: Actor, query: HotspotQuery, question: Question) -> Response:
    from maps.hotspot_files import write_hotspots  # what it needs takes half a second of the start

    alone = query.format == "geojson"
    beside = Beside(scan=not alone, picture=not alone, moved=not alone)
    generation, found = service.hotspots.ask(question, beside, actor.cells)
    reference = parse_reference(query.crs) if query.crs else Datum.WGS84
    shifted = isinstance(reference, Datum) and reference is not Datum.WGS84
    datum = f".{reference.value}" if isinstance(reference, Datum) and shifted else ""
    name = f"hotspots{datum}.{query.format}"
    with tempfile.TemporaryDirectory(prefix="woodpecker-") as folder:
        path = Path(folder) / name
        lost = write_hotspots(generation, found, path, crs=query.crs)
        body = path.read_bytes()
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    if not alone:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if lost:
        said = " ".join(en for _, en in lost)
        headers["X-Not-Held"] = said.encode("ascii", "backslashreplace").decode().replace("\n", " ")[:2000]
    return Response(body, media_type=MEDIA[query.format], headers=headers)
