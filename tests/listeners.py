"""A city at work behind a real server, and clients that listen to its events, for the tests."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
from fastapi import FastAPI
from live_cities import published_city

from api.app import create_app
from api.http_protocol import Bounds
from api.server import Server
from api.service import Service
from api.settings import Settings
from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us

WAIT_S = 20.0  # for what comes at once on a machine that is free


@dataclass(frozen=True)
class Event:
    """An event of a stream."""

    id: int
    name: str
    data: dict[str, Any]

    @property
    def uid(self) -> str:
        """The issue's."""
        found: str = self.data["feature"]["id"]
        return found


class Client:
    """Somebody who listens, over a socket that can be cut at any byte."""

    def __init__(
        self, port: int, query: str = "", key: str = "", last: str | None = None, buffer: int = 0,
        method: str = "GET",
    ) -> None:  # fmt: skip
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(("127.0.0.1", port))
        head = f"{method} /v1/events{query} HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Authorization: Bearer {key}\r\n" if key else ""
        head += f"Last-Event-ID: {last}\r\n" if last is not None else ""
        self.socket.sendall(f"{head}\r\n".encode())
        self._file = self.socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        lines = iter(self._file.readline, b"\r\n")
        self.headers = dict(line.decode().strip().lower().split(": ", 1) for line in lines)
        self._text = b""
        self.last = -1  # the last id, as a browser keeps it: also of what is no event
        self.comments = 0

    def close(self) -> None:
        """Go away without a word."""
        self._file.close()
        self.socket.close()

    def block(self) -> bytes | None:
        """What stands between two empty lines; None at the end."""
        while b"\n\n" not in self._text:
            size = int(self._file.readline().strip() or b"0", 16)
            if size == 0:
                return None
            self._text += self._file.read(size)
            self._file.readline()
        block, _, self._text = self._text.partition(b"\n\n")
        return block

    def next(self) -> Event | None:
        """The next event, as a browser would have it; None at the end."""
        while (block := self.block()) is not None:
            said = dict(line.split(b": ", 1) for line in block.split(b"\n"))
            self.comments += b"" in said
            self.last = int(said.get(b"id", self.last))
            if b"data" in said:
                return Event(self.last, said[b"event"].decode(), orjson.loads(said[b"data"]))
        return None

    def take(self, count: int) -> list[Event]:
        """So many events."""
        found = [self.next() for _ in range(count)]
        assert None not in found
        return [one for one in found if one is not None]

    def until(self, seq: int) -> list[Event]:
        """The events up to one with a seq."""
        found: list[Event] = []
        while self.last < seq:
            found += self.take(1)
        return found


class AtWork:
    """A server of the small city, in a thread."""

    def __init__(self, folder: Path, bounds: Bounds | None = None) -> None:
        if not (folder / "city.toml").exists():
            published_city(folder)
        self.app: FastAPI = create_app(Settings(folder))
        self.server = Server("127.0.0.1", 0, bounds=bounds)
        self._ready = threading.Event()
        self.code: int | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(180)  # what is compiled may have to be compiled first
        self.http = httpx.Client(base_url=self.server.url, timeout=WAIT_S)

    def _run(self) -> None:
        self.code = self.server.run(self.app, on_ready=self._ready.set)

    @property
    def service(self) -> Service:
        """What is at work."""
        found: Service = self.app.state.service
        return found

    def end(self) -> float:
        """Stop it; the seconds that it took."""
        self.http.close()
        began = time.monotonic()
        self.server.stop()
        self._thread.join(60)
        assert self.code == 0
        return time.monotonic() - began

    def key(self, role: Role = Role.DISPATCHER, *cells: str) -> str:
        """A new key."""
        name = f"{role.value}-{time.monotonic_ns()}"
        return create_key(self.service.live.city, role, name=name, cells=cells, now_us=now_us())[1]

    @contextmanager
    def listening(self, query: str = "", *, at_once: bool = False, **said: Any) -> Iterator[Client]:
        """Somebody who listens, unless at once after all that is committed has been told; gone afterwards."""
        assert at_once or self.settle(lambda: self.service.hub.place == self.head())
        with closing(Client(self.server.port, query, **said)) as client:
            yield client

    def head(self) -> int:
        """The last seq that is committed."""
        return self.service.hub._feed.head()

    def on_loop(self, work: Callable[[], object]) -> None:
        """Do something where the hub is at home, and wait for it."""
        done = threading.Event()
        loop = self.service.hub._loop
        assert loop is not None
        loop.call_soon_threadsafe(lambda: (work(), done.set()))
        assert done.wait(WAIT_S)

    def settle(self, holds: Callable[[], bool], wait_s: float = WAIT_S) -> bool:
        """Whether something becomes true soon."""
        until = time.monotonic() + wait_s
        while not holds() and time.monotonic() < until:
            time.sleep(0.005)
        return holds()
