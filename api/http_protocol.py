"""HTTP connections with bounds: what a client may send, and how long it may take.

Uvicorn's protocol keeps half a request open as long as the client likes, and takes headers of any size. This
one adds the missing bounds and changes nothing else. It relies on these parts of uvicorn's class: ``cycle``
(the request that is being answered, with ``more_body``, ``response_complete`` and ``transport``), ``flow``,
``timeout_keep_alive_handler`` by way of `on_response_complete`, and the callbacks of the parser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.errors import (
    PROBLEM_JSON,
    BadRequestError,
    HttpError,
    LargeHeadersError,
    SlowHeadersError,
    kind_of,
    problem_json,
)

PIPE = "woodpecker.pipe"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a client may send, and how long it may take.

    Attributes:
        header_bytes: of address and headers of a request.
        header_s: in which they have to be complete, from the first byte of them or of the connection.
        body_stall_s: without a byte of a body that is read. Routes have shorter bounds of their own and can
            say what is wrong; this is for those that have none.
        write_stall_s: in which a client has to take something of an answer.
        linger_s: that a client which is refused may go on to send, so that it can see why.
        keep_alive_s: that a connection may wait for its next request.
        connections: at a time, without those that listen to events.
        shutdown_s: that requests have to end when the server stops.
    """

    header_bytes: int = 32_768
    header_s: float = 10.0
    body_stall_s: float = 60.0
    write_stall_s: float = 60.0
    linger_s: float = 2.0
    keep_alive_s: float = 15.0
    connections: int = 800
    shutdown_s: float = 20.0


class BoundedProtocol(HttpToolsProtocol):
    """A connection."""

    bounds = Bounds()
    standing: Callable[[], int] = staticmethod(lambda: 0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0  # received since the last request was complete, as long as headers are awaited
        self._head_size = 0  # of address and headers that the parser has told of
        self._begun = False  # within the headers of a request
        self._refusal: HttpError | None = None
        self._lingering = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._heard_s = 0.0

    # The connection.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Await the first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the timers, which hold on to the connection."""
        for timer in (self._head_timer, self._body_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, if it is not too much."""
        if self._lingering:
            return  # read so that the client can finish sending and see the answer
        self._heard_s = self.loop.time()
        super().data_received(data)
        if self._lingering or self.transport.is_closing():
            return
        if self._begun:
            self._look_at_head(len(data))
        else:
            self._head_bytes = 0
            if self._is_idle():
                self._await_head()  # empty lines before a request: they ended the wait for it
            elif self.cycle.more_body and self._body_timer is None:
                self._body_timer = self.loop.call_later(self.bounds.body_stall_s, self._look_at_body)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    # Headers.

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._begun, self._head_size = True, 0

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._head_size += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._head_size += len(name) + len(value) + 4
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer; an error from here ends the parsing, and `send_400_response` tells it."""
        self._begun = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self._head_size > self.bounds.header_bytes:
            self._refusal = _large_headers(self.bounds.header_bytes)
            raise self._refusal
        # Uvicorn counts all; answers that stand all day are bounded by whoever gives them.
        self.limit_concurrency = self.bounds.connections + self.standing()
        super().on_headers_complete()
        # Whatever closes the connection after an answer has to wait for a client that still sends.
        self.cycle.transport = _Transport(self)  # type: ignore[assignment]
        # The request's task has not begun yet.
        self.scope["extensions"] = {PIPE: Pipe(self.transport)}  # type: ignore[dict-item]

    def _look_at_head(self, more: int) -> None:
        """Bound headers that are not complete: the parser does not tell of a header before its end."""
        self._head_bytes += more
        if self._head_bytes > self.bounds.header_bytes:
            self._refuse(_large_headers(self.bounds.header_bytes))
        else:
            self._await_head()

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.bounds.header_s, self._head_too_slow)

    def _head_too_slow(self) -> None:
        self._head_timer = None
        if self._lingering or self.transport.is_closing():
            return
        if not self._is_idle():
            self._await_head()  # the next request is slow while this one is answered
        elif self._begun:
            self._refuse(_slow_headers(self.bounds.header_s))
        else:
            self.transport.close()

    # Bodies.

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        super().on_message_complete()

    def _look_at_body(self) -> None:
        """Give up a body of which nothing came for long, unless it is the app that does not take it."""
        self._body_timer = None
        silent_s = self.loop.time() - self._heard_s
        if self._is_idle() or self.transport.is_closing():
            return
        if silent_s < self.bounds.body_stall_s or self.flow.read_paused:
            wait_s = max(self.bounds.body_stall_s - silent_s, self.bounds.body_stall_s / 10)
            self._body_timer = self.loop.call_later(wait_s, self._look_at_body)
        else:
            self.transport.abort()  # the app learns that the client has gone

    # Answers.

    def on_response_complete(self) -> None:
        """End a connection on which the rest of a refused body still comes; else await the next request."""
        super().on_response_complete()
        if self._is_idle() and self.cycle.more_body:
            self.close_gently()

    def close_gently(self) -> None:
        """Close; where a client still sends, not before it could see the answer."""
        if self.cycle is not None and self.cycle.more_body:
            self._linger()
        elif not self._lingering:
            self.transport.close()

    def _linger(self) -> None:
        """End the answer, but read on for a while.

        To close at once would reset the connection, and the client would lose the answer that it was not to
        send all that.
        """
        if self._lingering or self.transport.is_closing():
            return
        self._lingering = True
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(self.bounds.linger_s, self.transport.close)

    def pause_writing(self) -> None:
        """The client takes nothing of an answer."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.bounds.write_stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Tell what is wrong with a request that cannot be read."""
        self._refuse(self._refusal or BadRequestError(msg, zh="无法解析的 HTTP 请求。"))

    def _refuse(self, error: HttpError) -> None:
        if self._is_idle():
            self.transport.write(b"".join(_answer(error)))
            self._linger()
        else:  # a request before it is being answered: nothing may be written between
            self.transport.close()


class Pipe:
    """Writes straight to a connection whose answer has begun and has no length: pieces framed as chunks.

    A route finds it among the extensions of its scope, by the name `PIPE`.
    """

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    @property
    def unsent(self) -> int:
        """Bytes that the client has not taken yet."""
        return 0 if self._transport.is_closing() else self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Send bytes as they are, if the client is still there."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()


class _Transport:
    """A connection's transport as its request sees it."""

    __slots__ = ("_close", "is_closing", "write")

    def __init__(self, protocol: BoundedProtocol) -> None:
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing
        self._close = protocol.close_gently

    def close(self) -> None:
        """Close gently."""
        self._close()


def bounded(bounds: Bounds, standing: Callable[[], int] = lambda: 0) -> type[BoundedProtocol]:
    """The protocol with these bounds.

    Args:
        standing: how many answers there are now that do not end by themselves.
    """
    members = {"bounds": bounds, "standing": staticmethod(standing)}
    return type("BoundedProtocol", (BoundedProtocol,), members)


def _answer(error: HttpError) -> list[bytes]:
    body = orjson.dumps(problem_json(error))
    return [
        STATUS_LINE[kind_of(error).status],
        f"content-type: {PROBLEM_JSON}\r\ncontent-length: {len(body)}\r\n".encode(),
        b"x-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        body,
    ]


def _large_headers(most: int) -> LargeHeadersError:
    return LargeHeadersError(f"Address and headers are larger than {most:,} bytes.", fix="Send less.")


def _slow_headers(seconds: float) -> SlowHeadersError:
    return SlowHeadersError(f"The headers were not there within {seconds:g} s.", fix="Send them at once.")
