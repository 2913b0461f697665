"""How the service does: up, ready, and in numbers."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api.documented import json_answer
from api.errors import PROBLEM_JSON, RETRY_AFTER_S, NotReadyError, problem_json
from api.metrics import CONTENT_TYPE_LATEST, Measured, Metrics
from api.service import Service, service_of
from geo.errors import StoreUnavailableError
from layers.store.meta import write_meta
from layers.store.migrations import newest_version, schema_version

__all__ = ["Measured", "Metrics", "router"]

WITHIN_S = 2.0  # a check that takes longer has failed
MEGABYTE = 1_000_000
NO_STORE = {"Cache-Control": "no-store"}
JSON = "application/json"

Check = dict[str, Any]
router = APIRouter(tags=["health"])

READY: dict[str, Any] = {
    "status": "ready",
    "checks": {
        "write": {"ok": True},
        "schema": {"ok": True, "version": 1},
        "disk": {"ok": True, "free_mb": 51234, "least_free_mb": 200},
        "writer": {"ok": True},
        "intake": {"ok": True},
        "generation": {"ok": True, "id": "0003"},
    },
}
_NOT_READY = {
    **{"type": "/problems/not_ready", "title": "Not ready", "status": 503, "code": "not_ready"},
    **{"detail": "These checks failed: disk."},
    "checks": {**READY["checks"], "disk": {"ok": False, "free_mb": 12, "least_free_mb": 200}},
}
NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {
        "description": "A check failed; ask again after `Retry-After` seconds.",
        "content": {PROBLEM_JSON: {"schema": {"type": "object"}, "example": _NOT_READY}},
    }
}
NUMBERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The text format of Prometheus.", "content": {"text/plain": {}}}
}


@router.get(
    "/healthz",
    summary="Is the process up",
    responses=json_answer(200, "The process is up.", {"status": "ok"}),
)
async def healthz() -> Response:
    """Say that the process is up. Who restarts it should look here; who sends it work, at /readyz."""
    return Response(b'{"status":"ok"}', media_type=JSON, headers=NO_STORE)


@router.get(
    "/readyz",
    summary="Can reports be taken",
    responses=json_answer(200, "Reports can be taken.", READY) | NOT_READY,
)
async def readyz(request: Request) -> Response:
    """Say whether reports can be taken: write something to the disk, and look at all that is needed.

    503 names the checks that failed. A check that takes longer than two seconds has failed.
    """
    service = service_of(request)
    write, schema, disk = await asyncio.gather(_write(service), _schema(service), _disk(service))
    checks: dict[str, Check] = {
        "write": write,
        "schema": schema,
        "disk": disk,
        "writer": {"ok": service.live.store.alive},
        "intake": {"ok": service.desk.alive and service.shapes_desk.alive},
        "generation": {"ok": True, "id": service.live.generation.id},
    }
    failed = [name for name, check in checks.items() if not check["ok"]]
    if not failed:
        said = orjson.dumps({"status": "ready", "checks": checks})
        return Response(said, media_type=JSON, headers=NO_STORE)
    error = NotReadyError(f"These checks failed: {', '.join(failed)}.", fix="The server's log may say why.")
    headers = {**NO_STORE, "Retry-After": str(RETRY_AFTER_S)}
    body = orjson.dumps({**problem_json(error), "checks": checks})
    return Response(body, 503, media_type=PROBLEM_JSON, headers=headers)


@router.get("/metrics", summary="Numbers for Prometheus", responses=NUMBERS)
def metrics(request: Request) -> Response:
    """Numbers for Prometheus: requests, reports, open issues, the store, webhooks, the process."""
    said: Metrics = request.app.state.metrics
    return Response(said.text(service_of(request)), media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)


async def _write(service: Service) -> Check:
    """Whether a write reaches the disk in time."""
    now = str(service.now_us())
    done = service.live.store.submit(lambda connection: write_meta(connection, "ready", now))
    try:
        await asyncio.wait_for(asyncio.wrap_future(done), WITHIN_S)
    except (TimeoutError, StoreUnavailableError):
        return {"ok": False}
    return {"ok": True}


async def _schema(service: Service) -> Check:
    """Whether the store can be read, and is of this program's version."""

    def look() -> int | None:
        with service.live.store.reading() as connection:
            return schema_version(connection)

    try:
        version = await asyncio.wait_for(asyncio.to_thread(look), WITHIN_S)
    except (TimeoutError, StoreUnavailableError):
        return {"ok": False, "version": None}
    return {"ok": version == newest_version(), "version": version}


async def _disk(service: Service) -> Check:
    """Whether there is room for more."""
    least = service.settings.config.least_free_mb
    try:
        usage = await asyncio.wait_for(
            asyncio.to_thread(shutil.disk_usage, service.settings.folder), WITHIN_S
        )
    except (TimeoutError, OSError):
        return {"ok": False, "free_mb": None, "least_free_mb": least}
    free = usage.free // MEGABYTE
    return {"ok": free >= least, "free_mb": free, "least_free_mb": least}
