"""Erasing what is personal."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from api.bodies import read_model
from api.documented import json_answer, json_body
from api.report_model import Word
from api.service import Service, actor_of, service_of
from layers.store.erasing import Whose

router = APIRouter(tags=["privacy"])
EXAMPLE = {"reporter": "u2f29a74d", "reason": "asked for by the person"}
DAY_US = 86_400 * 1_000_000


class EraseIn(BaseModel):
    """Whose data to erase: one reporter's, or all that is older."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reporter: Word = Field("", description="As the reports called them.")
    older_than_days: int | None = Field(None, ge=1, le=36_500, description="Received so long ago.")
    reason: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _one(self) -> EraseIn:
        if bool(self.reporter) == (self.older_than_days is not None):
            raise ValueError("say reporter or older_than_days, one of them")
        return self


@router.post(
    "/v1/erase",
    summary="Erase what is personal",
    openapi_extra=json_body(EraseIn, EXAMPLE),
    responses=json_answer(200, "How much was erased.", {"reports": 3, "photos": 1}),
)
async def erase(request: Request) -> Response:
    """Erase what is personal in reports: name, contact, words, photos and their places.

    The issues, their places and their history stay; the chain of events stays whole.
    """
    said = await read_model(request, EraseIn)
    reports, photos = await run_in_threadpool(_erase, service_of(request), actor_of(request).name, said)
    return JSONResponse({"reports": reports, "photos": photos})


def _erase(service: Service, actor: str, said: EraseIn) -> tuple[int, int]:
    now = service.now_us()
    before = None if said.older_than_days is None else now - said.older_than_days * DAY_US
    whose = Whose(said.reporter or None, before)
    return service.live.erase(whose, at_us=now, actor=actor, reason=said.reason)
