"""Those who listen to events: what each still has to be sent, and who is too slow.

All of it belongs to the server's event loop; only the feed (`layers.feed`) has a thread of its own. A change
is made into bytes once, and shared by all who may hear of it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol

import orjson
from starlette.concurrency import run_in_threadpool

from layers.actors import Actor
from layers.feed import Feed, News, Told
from layers.live import LiveCity

BEAT_S = 15.0  # proxies and browsers take a silent connection for a dead one
PLACES = 1_200
PIECE = 64 * 1024  # bytes sent at a time
MOST_UNSENT = 1024 * 1024  # bytes: who is further behind is cut, and goes on from where he was
MOST_REPLAYED = 10_000  # events; who missed more is told to load everything anew
RECENT = 2_000  # changes kept in memory, so that a short gap costs no look at the store
READERS = 4  # that look at the store at a time
SETTLE_S = 1.0
LAST_S = 1.0  # to take what was sent last


class Pipe(Protocol):
    """What writes straight to a connection: going through the app a thousand times costs more than that."""

    @property
    def unsent(self) -> int:
        """Bytes that the client has not taken yet."""
        ...

    def write(self, data: bytes) -> None:
        """Send so many bytes as they are."""
        ...

    def abort(self) -> None:
        """End the connection at once."""
        ...


class Listener:
    """Somebody who listens.

    Args:
        pipe: leads to him; without one he cannot be kept.
        stays: whether he may still listen; asked from time to time.
    """

    def __init__(self, actor: Actor, pipe: Pipe | None, stays: Callable[[], bool] = lambda: True) -> None:
        self.actor, self.pipe, self.stays = actor, pipe, stays
        self.ended = asyncio.Event()

    @property
    def is_behind(self) -> bool:
        """Whether something waits for him."""
        return self.pipe is not None and self.pipe.unsent > 0

    def put(self, framed: bytes) -> bool:
        """Have it sent; False where too much waits already."""
        if self.pipe is None or self.pipe.unsent > MOST_UNSENT:
            return False
        self.pipe.write(framed)
        return True


class Hub:
    """Everybody who listens to a city.

    Until `open` nobody is kept: who asks hears how things stand, and may come again.

    Attributes:
        places: how many may listen.
        place: the seq up to which all has been told.
        told, cut: changes, and listeners who were too slow, since the start.
    """

    def __init__(self, city: LiveCity) -> None:
        self.city = city
        self.places = PLACES
        self.place = self.told = self.cut = 0
        self._feed = Feed(city, self._hear)
        self._all: set[Listener] = set()
        self._tuned: dict[tuple[str, ...], set[Listener]] = {}
        self._recent: deque[Told] = deque(maxlen=RECENT)
        self._recent_from = 0
        self._reading = asyncio.Semaphore(READERS)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beat: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether who comes is kept."""
        return self._loop is not None

    @property
    def alive(self) -> bool:
        """Whether what is committed is told."""
        return self._feed.alive

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._all)

    @property
    def is_full(self) -> bool:
        """Whether nobody else may listen."""
        return self.count >= self.places

    # From beginning to end.

    async def open(self) -> None:
        """Begin, in the event loop that runs."""
        # Before the feed: what it hands on at once is not to be lost.
        self._loop = asyncio.get_running_loop()
        self._recent_from = await run_in_threadpool(self._feed.start)
        self.place = max(self.place, self._recent_from)
        self._beat = self._loop.call_later(BEAT_S, self.beat)

    def end(self) -> None:
        """Let all listeners go, and keep nobody who comes."""
        loop, self._loop = self._loop, None
        if self._beat is not None:
            self._beat.cancel()
        for listener in list(self._all):
            self.leave(listener)
            if loop is not None and listener.pipe is not None and listener.is_behind:
                loop.call_later(LAST_S, listener.pipe.abort)  # who takes nothing would keep the server

    async def close(self) -> None:
        """`end`, and the feed's end too."""
        self.end()
        await run_in_threadpool(self._feed.stop)

    # Who listens.

    def enter(self, listener: Listener) -> None:
        """Count somebody who begins to listen."""
        self._all.add(listener)

    def tune(self, listener: Listener) -> None:
        """Let him hear all that comes after `place`; end him where that cannot be."""
        if self.is_open and listener.pipe is not None and listener in self._all:
            self._tuned.setdefault(listener.actor.cells, set()).add(listener)
        else:
            listener.ended.set()

    def leave(self, listener: Listener) -> None:
        """Somebody listens no more."""
        listener.ended.set()
        self._all.discard(listener)
        group = self._tuned.get(listener.actor.cells, set())
        group.discard(listener)
        if not group:
            self._tuned.pop(listener.actor.cells, None)

    def remembers(self, after: int) -> bool:
        """Whether all changes after a seq can be told."""
        return self.place - MOST_REPLAYED <= after <= self.place

    async def missed(self, after: int) -> News:
        """Changes after a seq that have been told by now, or the first of them.

        Raises:
            StoreUnavailableError: the store cannot be read now.
        """
        if after >= self._recent_from:
            return News(self.place, [one for one in self._recent if one.seq > after])
        async with self._reading:
            return await run_in_threadpool(self._feed.read, after, self.place)

    async def reach(self, seq: int) -> None:
        """Wait a little until a seq has been told that others may know of already, such as a tile."""
        until = time.monotonic() + SETTLE_S
        while self.place < seq and self.is_open and time.monotonic() < until:
            await asyncio.sleep(0.01)

    # What is told.

    def _hear(self, news: News) -> None:
        """Called by the feed, from its thread."""
        loop = self._loop
        if loop is None:
            return
        loop.call_soon_threadsafe(self.publish, news)
        if news.size > PIECE:  # many changes, as after a publication, come as fast as most can take them
            settled = asyncio.run_coroutine_threadsafe(self._settle(), loop)
            with suppress(TimeoutError):
                settled.result(2 * SETTLE_S)

    async def _settle(self) -> None:
        """Wait until all is sent to nine of ten; a few slow ones hold nobody up."""
        until = time.monotonic() + SETTLE_S
        while sum(one.is_behind for one in self._all) > self.count / 10 and time.monotonic() < until:
            await asyncio.sleep(0.01)

    def publish(self, news: News) -> None:
        """Have it sent to all who may hear of it."""
        if news.generation is not None:
            self._send(itertools.chain(*self._tuned.values()), [generation_event(news)])
        for group in list(self._tuned.values()):
            self._send(group, pieces(news.told, next(iter(group)).actor))
        self.place = news.upto
        self.told += len(news.told)
        room = len(self._recent) + len(news.told) - RECENT
        if room > 0:  # what falls out at the old end
            self._recent_from = [one.seq for one in itertools.chain(self._recent, news.told)][room - 1]
        self._recent.extend(news.told)

    def beat(self) -> None:
        """Send a sign of life, and the place to go on from; let go who may listen no more."""
        for listener in list(self._all):
            if not listener.stays():
                self.leave(listener)
        self._send(itertools.chain(*self._tuned.values()), [b": \nid: %d\n\n" % self.place])
        if self._loop is not None:
            self._beat = self._loop.call_later(BEAT_S, self.beat)

    def _send(self, group: Iterable[Listener], said: Sequence[bytes]) -> None:
        if not said:
            return
        framed = [b"%x\r\n%b\r\n" % (len(one), one) for one in said]  # as HTTP/1.1 has it
        slow = [one for one in group if not all(map(one.put, framed))]
        self.cut += len(slow)
        for listener in slow:
            self.leave(listener)
            if listener.pipe is not None:
                listener.pipe.abort()


def pieces(told: Iterable[Told], actor: Actor) -> list[bytes]:
    """Changes as somebody, and whoever is confined to the same cells, hears of them, ready to be sent."""
    return list(_joined(issue_events(told, actor)))


def issue_events(told: Iterable[Told], actor: Actor) -> Iterator[bytes]:
    """An event of the stream for each change that he may hear of."""
    for one in told:
        if said := one.to(actor.sees):
            yield b"id: %d\nevent: issue\ndata: %b\n\n" % (one.seq, said)


def generation_event(news: News) -> bytes:
    """The event that another generation is live."""
    assert news.generation is not None
    said = {"version": news.upto, "generation": news.generation.id}
    return event("generation", said, news.upto)


def event(name: str, data: object, seq: int) -> bytes:
    """An event of the stream; orjson writes no line break."""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (seq, name.encode(), orjson.dumps(data))


def _joined(events: Iterable[bytes]) -> Iterator[bytes]:
    """Events joined until a piece is full."""
    piece: list[bytes] = []
    size = 0
    for one in events:
        if piece and size + len(one) > PIECE:
            yield b"".join(piece)
            piece, size = [], 0
        piece.append(one)
        size += len(one)
    if piece:
        yield b"".join(piece)
