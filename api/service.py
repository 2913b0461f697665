"""What the routes share while a service runs: the city at work, the desk, and who is at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

from api.errors import StillRunningError
from api.event_hub import Hub
from api.settings import Settings
from layers.actors import Actor
from layers.desk import IntakeDesk
from layers.hotspot_live import LiveHotspots
from layers.incoming import Incoming
from layers.issue_features import Names
from layers.live import LiveCity
from layers.times import now_us

PHOTOS_AT_ONCE = 2  # each takes up to 700 MB while it is decoded
GEOCODERS = 2  # threads

_T = TypeVar("_T")


@dataclass(eq=False)
class Service:
    """A running service.

    Attributes:
        shapes_desk: for reports with lines and areas, which may take seconds each: the others do not wait.
        running: idempotency keys whose requests are still at work.
        decoding: bounds how many photos are decoded at a time.
        geocoding: threads that stay: what each prepares for its first answer takes far longer than that.
        analysing: one thread for hotspots: each answer takes a core.
        hub: who listens to events.
        hotspots: answers about them.
    """

    settings: Settings
    live: LiveCity
    desk: IntakeDesk
    shapes_desk: IntakeDesk
    running: set[tuple[str, str]] = field(default_factory=set)
    decoding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PHOTOS_AT_ONCE))
    geocoding: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(GEOCODERS, "woodpecker-geocoder")
    )
    analysing: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "woodpecker-hotspots")
    )
    hub: Hub = field(init=False)
    hotspots: LiveHotspots = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Hub(self.live)
        self.hotspots = LiveHotspots(self.live)

    @property
    def names(self) -> Names:
        """The names of the live generation."""
        return self.live.words.names

    def desk_for(self, report: Incoming) -> IntakeDesk:
        """The desk where a report is handed in."""
        return self.desk if report.geometry is None else self.shapes_desk

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        return now_us()

    async def geocode(self, make: Callable[..., _T], *said: object) -> _T:
        """What a function makes with the geocoder, meanwhile others are answered."""
        return await asyncio.get_running_loop().run_in_executor(self.geocoding, make, *said)

    @contextmanager
    def at_work(self, scope: str, key: str) -> Iterator[None]:
        """Hold an idempotency key while its request is at work.

        Raises:
            StillRunningError: another request holds it.
        """
        if (scope, key) in self.running:
            raise StillRunningError(
                f"A request with the idempotency key {key!r} is still at work.",
                fix="Wait a moment, then send it again.",
                zh=f"幂等键为 {key!r} 的请求仍在处理。",
                fix_zh="请稍候再次发送。",
            )
        self.running.add((scope, key))
        try:
            yield
        finally:
            self.running.discard((scope, key))


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


def actor_of(request: Request) -> Actor:
    """Who asks; `api.access` has found it out."""
    actor: Actor = request.scope["actor"]
    return actor
