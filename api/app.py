"""The service: routes, who may use them, and what runs beside them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api import (
    city_routes,
    erase_routes,
    health_routes,
    issue_routes,
    locate_routes,
    report_routes,
    sessions,
)
from api.access import Access
from api.errors import PROBLEM_RESPONSES, install
from api.guards import guard
from api.health_routes import Measured
from api.openapi import Documented
from api.report_answers import pack_outcome
from api.service import Service
from api.settings import Settings
from layers.assign import assign
from layers.city import open_city
from layers.desk import IntakeDesk
from layers.keeper import Keeper, follow
from layers.keys import KeyRing
from layers.live import LiveCity, open_live
from layers.proof import prove_all
from layers.store import open_store
from layers.store.store import STORE
from layers.times import now_us
from layers.webhook_sender import WebhookSender

DESCRIPTION = """\
A problem was reported here: whose is it? Woodpecker (啄木鸟) takes reports as coordinates in any datum,
photos or words, and answers with grid cell, owner, how sure that is, and why. Errors are RFC 9457 problem
documents.
"""
ROUTERS = (
    report_routes.router, issue_routes.router, locate_routes.router, city_routes.router,
    erase_routes.router, health_routes.router, sessions.router,
)  # fmt: skip


def create_app(settings: Settings, *, on_death: Callable[[BaseException], None] | None = None) -> FastAPI:
    """The service of a city as an ASGI app; its lifespan opens the store and closes it.

    Args:
        on_death: called when the store's writer has ended by an error: the process should end.
    """
    city = open_city(settings.folder)
    ring = KeyRing(city)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        running = await run_in_threadpool(start, settings, on_death)
        app.state.service = running.service
        try:
            yield
        finally:
            await run_in_threadpool(running.stop)

    app = Documented(
        title="Woodpecker 啄木鸟", description=DESCRIPTION, version="1", lifespan=lifespan,
        responses=PROBLEM_RESPONSES, redoc_url=None, swagger_ui_oauth2_redirect_url=None,
    )  # fmt: skip
    app.state.ring = ring
    install(app)
    for router in ROUTERS:
        app.include_router(router)
    # The last one added is the first to see a request.
    app.add_middleware(Access, ring=ring, local=settings.is_local, token=settings.token)
    guard(app, settings)
    app.add_middleware(Measured)
    return app


class Running:
    """A service at work, and what runs beside it."""

    def __init__(self, service: Service, keeper: Keeper, sender: WebhookSender) -> None:
        self.service, self._keeper, self._sender = service, keeper, sender

    def stop(self) -> None:
        """Finish what waits, then close the store."""
        self._keeper.stop()
        self._sender.stop()
        self.service.desk.close()
        self.service.live.store.close()


def start(settings: Settings, on_death: Callable[[BaseException], None] | None = None) -> Running:
    """Open the store, load the live generation and the open issues, and begin.

    Raises:
        CityError: no city, nothing imported, or another process writes the store.
    """
    city = open_city(settings.folder)
    store = open_store(city.folder / STORE, on_death=on_death)
    try:
        live = open_live(city, store)
        follow(live, now_us())
        _warm(live)
        service = Service(settings, live, IntakeDesk(live, lambda outcome: pack_outcome(live, outcome)))
        sender = WebhookSender(store, settings.config.webhooks)
        sender.start()
        live.watchers.append(lambda _: sender.wake())
    except BaseException:
        store.close()
        raise
    # What lives as long as the service is not looked at again: that takes the collector's pauses away.
    gc.collect()
    gc.freeze()
    return Running(service, Keeper(live, settings.config.retention_days), sender)


def _warm(live: LiveCity) -> None:
    """Ask about a place of every category once, so that no request waits for an index to be built."""
    generation = live.generation
    cells = generation.cells
    if not len(cells.leaves):
        return
    place = cells.geometry[cells.leaves[0]].representative_point()
    codes = [*generation.config.categories, ""]
    lng, lat = np.full(len(codes), place.x), np.full(len(codes), place.y)
    prove_all(assign(generation, lng, lat, category=codes, accuracy_m=np.full(len(codes), 10.0)))
    live.words.finder.find("")
    _ = live.words.names, generation.sha256
