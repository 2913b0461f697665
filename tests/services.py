"""Services for the tests: the app of a small city, called without a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from asgi import Client
from cities import at
from fastapi import FastAPI
from live_cities import published_city

from api.app import create_app, start
from api.service import Service
from api.settings import Settings
from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us


@dataclass(frozen=True)
class Served:
    """A service and a client of it."""

    app: FastAPI
    service: Service
    client: Client
    keys: dict[Role, str] = field(default_factory=dict)

    def as_key(self, secret: str) -> dict[str, str]:
        """The headers of somebody with a key."""
        return {"Authorization": f"Bearer {secret}"}

    def hire(self) -> None:
        """Give keys to a dispatcher, an officer of the west, a planner and a reporter."""
        city = self.service.live.city
        for role in (Role.DISPATCHER, Role.OFFICER, Role.PLANNER, Role.REPORTER):
            cells = ("A",) if role is Role.OFFICER else ()
            self.keys[role] = create_key(city, role, name=str(role), cells=cells, now_us=now_us())[1]

    def as_(self, role: Role) -> dict[str, str]:
        """The headers of one of these."""
        return self.as_key(self.keys[role])


@contextmanager
def served(folder: Path, **settings: object) -> Iterator[Served]:
    """The small city at work; made where it is not there."""
    if not (folder / "city.toml").exists():
        published_city(folder)
    said = Settings(folder, **settings)  # type: ignore[arg-type]
    app = create_app(said)
    running = start(said)
    app.state.service = running.service
    try:
        yield Served(app, running.service, Client(app))
    finally:
        running.stop()


def lamp(column: float = 0.5, **said: object) -> dict[str, object]:
    """The JSON of a report beside a lamp of the small city."""
    lng, lat = at(column, 0.5)
    return {"lng": lng, "lat": lat, "category": "0118", **said}


def refused(answer: httpx.Response, *statuses: int) -> bool:
    """Whether an answer is a problem document of one of these statuses."""
    assert answer.status_code in statuses, (
        str(answer.request.url)[:200],
        answer.status_code,
        answer.text[:300],
    )
    if answer.request.method != "HEAD":
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    return True
