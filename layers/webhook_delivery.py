"""One message to one webhook: to a vetted address, within a time, and without following anybody elsewhere."""

from __future__ import annotations

import contextlib
import functools
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any

from geo.errors import GridError
from layers.webhook_addresses import Resolver, resolve, vetted
from layers.webhooks import HookUrl, Webhook, WebhookError

TIMEOUT_S = 10.0
MOST_ANSWER = 64 * 1024  # bytes that are read, and dropped
AGENT = "Woodpecker"


class DeliveryError(GridError):
    """A message did not get an answer."""


@dataclass(frozen=True, slots=True)
class Way:
    """How messages get out; tests have their own.

    Attributes:
        timeout_s: for everything: connecting, sending and the answer.
        monotonic: seconds that never go back.
    """

    resolver: Resolver = resolve
    context: ssl.SSLContext | None = None
    timeout_s: float = TIMEOUT_S
    monotonic: Callable[[], float] = time.monotonic


class Courier:
    """Takes messages to a webhook, one at a time; any thread may break one off."""

    def __init__(self, hook: Webhook, way: Way) -> None:
        self._hook = hook
        self._way = way
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._ended = False

    def post(self, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body; returns the status of the answer.

        Raises:
            DeliveryError: nobody answered, the address is not public, or it was broken off.
        """
        deadline = self._way.monotonic() + self._way.timeout_s
        try:
            with self._connected(deadline) as sock:
                sock.settimeout(self._left(deadline))
                sock.sendall(_request(self._hook.address, headers, body))
                return _status(_Timed(sock, lambda: self._left(deadline)))
        except WebhookError as error:
            raise DeliveryError(error.message, fix=error.fix) from error
        except OSError as error:
            raise DeliveryError(f"No answer: {error.strerror or error}.") from error
        except HTTPException as error:
            # What the other side sent is not repeated: it may be made to confuse whoever reads the log.
            raise DeliveryError(f"The answer is no HTTP ({type(error).__name__}).") from error

    def end(self) -> None:
        """Break off what is under way, and take nothing more."""
        with self._lock:
            self._ended = True
            if self._socket is not None:
                # Of the class below: TLS would first take apart what the other thread is using.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    @functools.cached_property
    def _context(self) -> ssl.SSLContext:
        """Made once: it reads all the authorities that the system trusts."""
        return self._way.context or ssl.create_default_context()

    def _left(self, deadline: float) -> float:
        left = deadline - self._way.monotonic()
        # Written so that NaN fails.
        if not left > 0:
            raise TimeoutError(f"{self._way.timeout_s:g} s are over")
        return left

    @contextlib.contextmanager
    def _connected(self, deadline: float) -> Iterator[socket.socket]:
        where = self._hook.address
        addresses = vetted(where.host, where.port, self._way.resolver, allow_private=self._hook.allow_private)
        try:
            sock = self._connect(addresses, where.port, deadline)
            yield self._secured(sock, deadline) if where.scheme == "https" else sock
        finally:
            with self._lock:
                last, self._socket = self._socket, None
            if last is not None:
                last.close()

    def _connect(self, addresses: list[str], port: int, deadline: float) -> socket.socket:
        """A connection to the first address that takes one; each has its part of the time."""
        failed: OSError | None = None
        for turn, address in enumerate(addresses):
            part_s = self._left(deadline) / (len(addresses) - turn)
            try:
                return self._connect_to(address, port, part_s)
            except ConnectionAbortedError:
                raise
            except OSError as error:
                failed = error
        raise failed or OSError("there is no address")

    def _connect_to(self, address: str, port: int, timeout_s: float) -> socket.socket:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._hold(sock)
            sock.settimeout(timeout_s)
            # Numbers only: a name would be asked for again, and might lead elsewhere now.
            sock.connect(_numeric(address, port))
        except OSError:
            sock.close()
            raise
        return sock

    def _secured(self, sock: socket.socket, deadline: float) -> ssl.SSLSocket:
        sock.settimeout(self._left(deadline))
        host = self._hook.address.host
        secured = self._context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        self._hold(secured)
        secured.do_handshake()
        return secured

    def _hold(self, sock: socket.socket) -> None:
        """Let other threads see the socket, so that they can break it off."""
        with self._lock:
            self._socket = sock
            if self._ended:
                raise ConnectionAbortedError("the server is ending")


def _numeric(address: str, port: int) -> tuple[Any, ...]:
    """What to connect to, without asking any name service."""
    return tuple(
        socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4]
    )


def _request(where: HookUrl, headers: Mapping[str, str], body: bytes) -> bytes:
    said = {
        "Host": where.authority,
        "User-Agent": AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {where.target} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _status(answer: _Timed) -> int:
    """The status of an answer; what follows it is read and dropped, and may be cut short."""
    # It asks a socket for nothing but `makefile`.
    response = HTTPResponse(answer, method="POST")  # type: ignore[arg-type]
    with contextlib.closing(response):
        response.begin()
        with contextlib.suppress(OSError, HTTPException):
            response.read(MOST_ANSWER)
        return response.status


class _Timed(io.RawIOBase):
    """What a socket receives, until the time is over: a byte now and then does not prolong it."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Itself, as a file."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next."""
        self._sock.settimeout(self._left())
        return self._sock.recv_into(buffer)
