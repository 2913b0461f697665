"""The server: listens, answers until it is told to stop, and ends what it began."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Protocol

import uvicorn
from fastapi import FastAPI

from api.http_protocol import Bounds, bounded
from api.logs import log_config
from api.open_files import allow_files
from geo.errors import CityError

BACKLOG = 512
NEXT_PORTS = 50  # that are tried where the wanted one is taken
_TAKEN = (errno.EADDRINUSE, errno.EACCES)
OWN_FILES = 200  # that a server may have open beside its connections
UNHEARD_MS = 60_000  # that a client may leave unacknowledged what was sent: it has vanished


class Standing(Protocol):
    """Answers that do not end by themselves; an app has them as ``app.state.standing``.

    Attributes:
        places: how many there may be; the server lowers it where the system allows it too few files.
    """

    places: int

    @property
    def count(self) -> int:
        """How many there are now."""
        ...

    def end(self) -> None:
        """End them: the server stops."""
        ...


class Server:
    """A socket that listens, and the app that will answer on it.

    It listens from the beginning, so that the port is known, and nobody else's, before the app is made.

    Args:
        port: 0 for any.
        or_next: whether one of the next ports will do where this one is taken.

    Raises:
        CityError: the port is taken, or this machine has no such address.
    """

    def __init__(self, host: str, port: int, *, or_next: bool = False, bounds: Bounds | None = None) -> None:
        self.host = host
        self.bounds = bounds or Bounds()
        self._socket = _listen(host, port, NEXT_PORTS if or_next and port else 0)
        self.port: int = self._socket.getsockname()[1]
        self._stopped, self._exit_code = False, 0
        self._running: _Uvicorn | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        host = everywhere.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def run(self, app: FastAPI, *, on_ready: Callable[[], None] = lambda: None) -> int:
        """Serve until SIGTERM, SIGINT or `stop`, and answer what has begun; returns the exit code.

        Args:
            on_ready: called when the app has started and the first request would be answered.

        Raises:
            Whatever the app's lifespan raises when it starts.
        """
        config = uvicorn.Config(
            app,
            http=bounded(self.bounds, lambda: _standing(app)),
            ws="none",
            lifespan="off",  # see _Uvicorn
            log_config=log_config(),
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            limit_concurrency=self.bounds.connections,
            timeout_keep_alive=self.bounds.keep_alive_s,  # type: ignore[arg-type] # whole seconds, says its type
            timeout_graceful_shutdown=self.bounds.shutdown_s,  # type: ignore[arg-type]
        )
        self._running = _Uvicorn(config, app, on_ready)
        self._running.should_exit = self._stopped
        try:
            self._running.run(sockets=[self._socket])
        finally:
            self.close()
        return self._exit_code

    def close(self) -> None:
        """Listen no more; `run` does it at its end."""
        self._socket.close()

    def stop(self, exit_code: int = 0) -> None:
        """Let it end soon. Any thread may call it, also before it runs; the first code but 0 stays."""
        self._stopped = True
        self._exit_code = self._exit_code or exit_code
        if self._running is not None:
            self._running.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Uvicorn, within the app's lifespan: so what goes wrong at the start reaches the caller, as itself."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app, self._on_ready = app, on_ready

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        async with self._app.router.lifespan_context(self._app):
            await super()._serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._make_room()
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        standing: Standing | None = getattr(self._app.state, "standing", None)
        if standing is not None:
            standing.end()
            await asyncio.sleep(0)  # they say so
        await super().shutdown(sockets)

    def _make_room(self) -> None:
        """Have as many files allowed as there may be connections."""
        standing: Standing | None = getattr(self._app.state, "standing", None)
        needed = (self.config.limit_concurrency or 0) + OWN_FILES
        if standing is not None:
            allowed = allow_files(needed + standing.places)
            standing.places = max(0, min(standing.places, allowed - needed))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Stop; at a second Ctrl+C without waiting. Uvicorn would raise the signal again after a good end."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _standing(app: FastAPI) -> int:
    standing: Standing | None = getattr(app.state, "standing", None)
    return 0 if standing is None else standing.count


def _listen(host: str, port: int, more: int) -> socket.socket:
    """A socket that listens on the port, or on one of so many after it."""
    for candidate in range(port, min(port + more, 65_535) + 1):
        try:
            return _bound(host, candidate)
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno in _TAKEN
            if not taken or candidate == min(port + more, 65_535):
                raise _cannot(host, candidate, error) from error
    raise _cannot(host, port, OverflowError("no such port"))


def _bound(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = sorted(found, key=lambda one: one[0] != socket.AF_INET)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # of the connections, too
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
        listener.bind(address)
        # At once: two sockets may bind one port, and only one can listen.
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _cannot(host: str, port: int, error: Exception) -> CityError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    fix = (
        "Choose another with --port, or stop what uses it."
        if isinstance(error, OSError)
        else "Use 0 to 65535."
    )
    return CityError(f"Cannot listen on {host} port {port}: {why}.", fix=fix)
