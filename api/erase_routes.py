"""Erasing a reporter's data."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from api.bodies import read_model
from api.documented import json_answer, json_body
from api.report_model import Word
from api.service import Service, actor_of, service_of
from layers.erasing import erase_all
from layers.store.private import Erased, erase_reporter

router = APIRouter(tags=["privacy"])
EXAMPLE = {"reporter": "u2f29a74d", "reason": "asked for by the person"}


class EraseIn(BaseModel):
    """Whose data to erase."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reporter: Word = Field(min_length=1, description="As the reports called them.")
    reason: str = Field("", max_length=500)


@router.post(
    "/v1/erase",
    openapi_extra=json_body(EraseIn, EXAMPLE),
    responses=json_answer(200, "How much was erased.", {"reports": 3, "photos": 1}),
)
async def erase(request: Request) -> Response:
    """Erase what is personal in the reports of one reporter: name, contact, words and photos.

    The issues, their places and their history stay; the chain of events stays whole.
    """
    said = await read_model(request, EraseIn)
    erased = await run_in_threadpool(_erase, service_of(request), actor_of(request).name, said)
    return JSONResponse({"reports": len(erased.reports), "photos": len(erased.photos)})


def _erase(service: Service, actor: str, said: EraseIn) -> Erased:
    live = service.live
    some = partial(
        erase_reporter, reporter=said.reporter, at_us=service.now_us(), actor=actor, reason=said.reason
    )
    erased = erase_all(live.store, live.photos, some)
    live.forget_texts(erased.reports)
    return erased
