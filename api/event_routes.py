"""Events: whoever watches a city hears of every change as it is committed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Receive, Scope, Send

from api.documented import Responses, refusals
from api.errors import TooManyRequestsError
from api.event_hub import Hub, Listener, event, pieces
from api.http_protocol import PIPE
from api.issue_examples import FEATURE
from api.service import actor_of, service_of
from geo.errors import GridError, StoreUnavailableError
from layers.times import now_us

MOST_SEQ = 2**62
RETRY_MS = (1_000, 3_000)  # before a browser comes again: not all at once
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would hold events back
EXAMPLE = (
    b"retry: 2000\n\n"
    + event("hello", {"version": 1041, "since": 1041, "generation": "0003"}, 1041)
    + event("issue", {"feature": FEATURE, "action": "received", "actor": "wechat", "gone": False}, 1042)
).decode()
STREAM: Responses = {
    200: {
        "description": "A stream of `hello`, then `issue`, `generation` or `reset`, that goes on.",
        "content": {"text/event-stream": {"example": EXAMPLE}},
    }
}
LastEventId = Annotated[
    str | None,
    Header(max_length=100, description="As a browser sends it when it comes again; counts before `since`."),
]
router = APIRouter(tags=["issues"])


class EventQuery(BaseModel):
    """From where on to hear."""

    model_config = ConfigDict(extra="forbid")

    since: int | None = Field(
        None, ge=0, le=MOST_SEQ, description="A `version` or `id`: tells what came after it, then goes on."
    )


@router.get("/v1/events", summary="Every change as it happens", responses=STREAM | refusals(429))
async def events(
    request: Request, query: Annotated[EventQuery, Query()], last_event_id: LastEventId = None
) -> Response:
    """Every change of an issue as it is committed, as server-sent events (`EventSource` in a browser).

    `hello` says where the stream begins. Who is cut off comes again with the last `id` and misses nothing;
    where that is too long ago, `reset` says that all has to be loaded anew. A comment comes every 15 seconds.
    """
    hub = service_of(request).hub
    if hub.is_full:
        raise _full(hub.places)
    pipe = request.scope.get("extensions", {}).get(PIPE)
    listener = Listener(actor_of(request), pipe, lambda: _stays(request.scope))
    since = query.since if last_event_id is None else _seq(last_event_id)
    return EventStream(hub, listener, since)


def _seq(said: str) -> int:
    """The place that an id names; one that cannot be, where it is none of ours."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else MOST_SEQ


def _stays(scope: Scope) -> bool:
    """Whether who asked is still let in: his key may have been revoked since, or his session be over."""
    admit = scope.get("admit")
    if admit is None:
        return True
    try:
        return bool(admit(scope, now_us()) == scope["actor"])
    except GridError:
        return False


class EventStream(Response):
    """An answer that goes on until the client leaves, is too slow, or the service ends.

    Args:
        since: the seq that the client has seen; None where it begins.
    """

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, listener: Listener, since: int | None) -> None:
        self.status_code, self.background = 200, None
        self.init_headers(HEADERS)
        self._hub, self._listener, self._since = hub, listener, since

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is to tell, and go on."""
        self._hub.enter(self._listener)
        watching = asyncio.create_task(self._watch(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            # A HEAD asks for the headers alone.
            if not scope.get("bodiless"):
                async for said in self._first():
                    await send(_body(said))
                # Nothing was awaited since the last look at the place: what comes after it is heard, once.
                self._hub.tune(self._listener)
                await self._listener.ended.wait()
            await send(_body(b"", more=False))
        finally:
            watching.cancel()
            self._hub.leave(self._listener)

    async def _watch(self, receive: Receive) -> None:
        """Wait until the client has gone."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.ended.set()

    async def _first(self) -> AsyncIterator[bytes]:
        """What is to be sent until the hub has told no more, piece by piece."""
        hub, listener = self._hub, self._listener
        if self._since is not None:
            await hub.reach(self._since)
        at, hello = self._begin()
        yield hello
        while at < hub.place and not listener.ended.is_set() and hub.is_open:
            try:
                news = await hub.missed(at)
            except StoreUnavailableError:
                return  # the client comes again
            for piece in pieces(news.told, listener.actor):
                yield piece
            yield b"id: %d\n\n" % news.upto
            at = news.upto

    def _begin(self) -> tuple[int, bytes]:
        """The seq to go on from, and what is said first."""
        place, since = self._hub.place, self._since
        knows = since is not None and self._hub.remembers(since)
        at = since if since is not None and knows else place
        now: dict[str, Any] = {"version": place, "generation": self._hub.city.generation.id}
        first = b"retry: %d\n\n" % random.randint(*RETRY_MS) + event("hello", {**now, "since": at}, at)
        return at, first if knows or since is None else first + event("reset", now, at)


def _body(said: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": said, "more_body": more}


def _full(places: int) -> TooManyRequestsError:
    return TooManyRequestsError(
        f"All {places:,} places to listen are taken.",
        fix="Try again in a while; until then ask GET /v1/issues from time to time.",
        zh=f"{places:,} 个实时连接名额已全部占用。",
        fix_zh="请稍后再试；在此之前可定期查询 GET /v1/issues。",
    )
