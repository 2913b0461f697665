"""The service: routes, who may use them, and what runs beside them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api import (
    action_routes,
    city_routes,
    correction_routes,
    desk_routes,
    docs_routes,
    erase_routes,
    event_routes,
    geocode_routes,
    health_routes,
    hotspot_routes,
    issue_routes,
    list_routes,
    locate_routes,
    map_routes,
    nominatim_routes,
    report_routes,
    search_routes,
    sessions,
    tile_routes,
    work_order_routes,
)
from api.access import Access
from api.direct import reads, shorten
from api.documented import PROBLEM_RESPONSES
from api.errors import install
from api.geocode_routes import GeocodeQuery, NearQuery
from api.guards import guard
from api.issue_query import IssueQuery
from api.metrics import Measured, Metrics
from api.openapi import Documented
from api.report_answers import pack_outcome
from api.service import Service
from api.settings import Settings
from layers.city import open_city
from layers.desk import IntakeDesk
from layers.keeper import Keeper
from layers.keys import KeyRing
from layers.live import open_live
from layers.store import open_store
from layers.store.store import STORE
from layers.webhook_sender import WebhookSender

_YOUNG = 700  # objects between two looks for circles, as Python has it by itself: many pauses, all short
DESCRIPTION = """\
A problem was reported here: whose is it? Woodpecker (啄木鸟) takes reports as coordinates in any datum,
photos or words, and answers with grid cell, owner, how sure that is, and why. Errors are RFC 9457 problem
documents.
"""
ROUTERS = (
    action_routes.router,
    correction_routes.router,
    event_routes.router,
    list_routes.router,  # before issues by name: "list" is none
    tile_routes.router,  # and so is "counts"
    report_routes.router, issue_routes.router, locate_routes.router, map_routes.router, city_routes.router,
    geocode_routes.router, nominatim_routes.router, hotspot_routes.router,
    desk_routes.router, docs_routes.router, erase_routes.router, health_routes.router, sessions.router,
    search_routes.router, work_order_routes.router,
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
        app.state.service, app.state.metrics.webhooks = running.service, running.sender.stats
        app.state.standing = hub = running.service.hub
        try:
            await hub.open()
            yield
        finally:
            await hub.close()
            await run_in_threadpool(running.stop)

    app = Documented(
        title="Woodpecker 啄木鸟", description=DESCRIPTION, version="1", lifespan=lifespan,
        responses=PROBLEM_RESPONSES, docs_url=None, redoc_url=None, swagger_ui_oauth2_redirect_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics tells it for less
    )  # fmt: skip
    app.state.ring, app.state.metrics = ring, Metrics()
    install(app)
    for router in ROUTERS:
        app.include_router(router)
    shorten(app, "/v1/reports", report_routes.file_report, "POST")
    shorten(app, "/v1/issues", issue_routes.issues_shortly, "GET", reads(IssueQuery))
    shorten(app, "/v1/geocode", geocode_routes.geocode_shortly, "GET", reads(GeocodeQuery))
    shorten(app, "/v1/autocomplete", geocode_routes.autocomplete_shortly, "GET", reads(NearQuery))
    # The last one added is the first to see a request.
    app.add_middleware(Access, ring=ring, local=settings.is_local, token=settings.token)
    guard(app, settings)
    app.add_middleware(Measured, metrics=app.state.metrics)
    return app


class Running:
    """A service at work, and what runs beside it."""

    def __init__(self, service: Service, keeper: Keeper, sender: WebhookSender) -> None:
        self.service, self.sender, self._keeper = service, sender, keeper

    def stop(self) -> None:
        """Finish what waits, then close the store."""
        self._keeper.stop()
        self.sender.stop()
        self.service.desk.close()
        self.service.shapes_desk.close()
        self.service.geocoding.shutdown(cancel_futures=True)
        self.service.analysing.shutdown(cancel_futures=True)
        self.service.live.store.close()


def start(settings: Settings, on_death: Callable[[BaseException], None] | None = None) -> Running:
    """Open the store, load the live generation and the open issues, and begin.

    Raises:
        CityError: no city, nothing imported, or another process writes the store.
    """
    city = open_city(settings.folder)
    store = open_store(city.folder / STORE, on_death=on_death)
    gc.disable()  # nothing that is loaded is garbage, and to look for some takes a fifth of the time
    try:
        live = open_live(city, store)
        tell = partial(pack_outcome, live)
        service = Service(settings, live, IntakeDesk(live, tell), IntakeDesk(live, tell))
        sender = WebhookSender(store, settings.config.webhooks)
        sender.start()
        live.watchers.append(lambda _: sender.wake())
    except BaseException:
        store.close()
        raise
    finally:
        gc.enable()
    # What lives as long as the service is not looked at again: that takes the collector's pauses away.
    gc.set_threshold(_YOUNG)
    gc.collect()
    gc.freeze()
    return Running(service, Keeper(live, settings.config.retention_days), sender)
