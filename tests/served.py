"""Routes of the service over a small city, without a server and as whoever one likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import install
from api.report_answers import pack_outcome
from api.service import Service
from api.settings import Settings
from layers.actors import Actor
from layers.city import City
from layers.desk import IntakeDesk
from layers.life_cycle import Role
from layers.live import open_live
from layers.publish import publish
from layers.store import open_store
from layers.store.store import STORE
from tests.asgi import Client
from tests.cities import bring, small_city, square
from tests.civic_city import civic_city

PUBLISHED = datetime(2026, 11, 20, 8, tzinfo=UTC)


class Served(Client):
    """Calls the routes of a service; ``actor`` is who asks."""

    def __init__(self, service: Service, *routers: APIRouter) -> None:
        app = FastAPI()
        install(app)
        for router in routers:
            app.include_router(router)
        app.state.service = service
        self.service, self.app, self.actor = service, app, Actor("local", Role.ADMIN)
        super().__init__(_As(app, self))


class _As:
    """Middleware in the place of `api.access`."""

    def __init__(self, app: ASGIApp, served: Served) -> None:
        self.app, self.served = app, served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["actor"] = self.served.actor
        await self.app(scope, receive, send)


def published_city(folder: Path) -> City:
    """The small city, published once."""
    city = small_city(folder)
    publish(city, now=PUBLISHED)
    return city


def twin_city(folder: Path) -> City:
    """The city with everything that people name, and two estates of one name; published once."""
    city = civic_city(folder)
    twins = [
        (square(0.4, 3, 0.2, 0.2), {"code": "T1", "name": "双子花园"}),
        (square(3.4, 3.5, 0.2, 0.2), {"code": "T2", "name": "双子花园"}),
    ]
    bring(city, "area:twins", twins)
    publish(city, now=PUBLISHED)
    return city


@contextmanager
def served(city: City, *routers: APIRouter) -> Iterator[Served]:
    """The routes over a city, closed afterwards."""
    with open_store(city.folder / STORE) as store:
        live = open_live(city, store)
        desk = IntakeDesk(live, lambda outcome: pack_outcome(live, outcome))
        try:
            yield Served(Service(Settings(city.folder), live, desk, desk), *routers)
        finally:
            desk.close()
