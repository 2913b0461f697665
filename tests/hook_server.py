"""A receiver of webhooks on loopback, for the tests: it keeps what came and answers as it is told."""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from layers.webhook_delivery import Way
from layers.webhooks import Webhook, parse_url, secret_bytes

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Came:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """What it tells of the event."""
        told: dict[str, Any] = json.loads(self.body)["data"]
        return told

    def is_signed(self, secret: str = SECRET) -> bool:
        """Whether the signature is right; worked out by RFC 2104 itself, not by the code that is tested."""
        said = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key = base64.b64decode(secret.removeprefix("whsec_")).ljust(64, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + said).digest()
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()
        return self.headers["webhook-signature"] == "v1," + base64.b64encode(outer).decode()


Talk = Callable[[socket.socket], None]
"""What the receiver does with a connection after it has read the request."""


def says(answer: bytes) -> Talk:
    """Answer so."""
    return lambda connection: connection.sendall(answer)


def status(code: int, *lines: str) -> Talk:
    """Answer with a status and header lines."""
    return says("\r\n".join([f"HTTP/1.1 {code} X", *lines, "Content-Length: 0", "", ""]).encode())


@dataclass
class Receiver:
    """What came, and what the next ones are answered with; then 200."""

    port: int
    came: queue.Queue[Came] = field(default_factory=queue.Queue)
    talks: queue.Queue[Talk] = field(default_factory=queue.Queue)
    over: threading.Event = field(default_factory=threading.Event)

    def hook(self, path: str = "/hook", host: str = "127.0.0.1", **values: Any) -> Webhook:
        """A webhook that leads here."""
        url = f"http://{host}:{self.port}{path}"
        return Webhook(url, parse_url(url), secret_bytes(SECRET), **{"allow_private": True, **values})

    def next(self) -> Came:
        """The next that came, or comes."""
        return self.came.get(timeout=20)

    def so_far(self) -> list[Came]:
        """All that came and was not asked for yet."""
        return [self.came.get_nowait() for _ in range(self.came.qsize())]

    def drip(self, connection: socket.socket) -> None:
        """Send a byte of an endless answer from time to time, until the test is over."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.over.wait(0.02):
            connection.sendall(b"x")

    def keep_silent(self, _connection: socket.socket) -> None:
        """Say nothing until the test is over."""
        self.over.wait(30)


@contextmanager
def receiving(wrap: Callable[[socket.socket], socket.socket] = lambda plain: plain) -> Iterator[Receiver]:
    """A receiver, gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver = Receiver(listening.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listening, receiver, wrap), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.over.set()
            with socket.create_connection(("127.0.0.1", receiver.port)):
                thread.join()


def _serve(
    listening: socket.socket, receiver: Receiver, wrap: Callable[[socket.socket], socket.socket]
) -> None:
    threads = []
    while True:
        connection, _ = listening.accept()
        if receiver.over.is_set():
            connection.close()
            break
        threads.append(threading.Thread(target=_talk, args=(connection, receiver, wrap), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _talk(plain: socket.socket, receiver: Receiver, wrap: Callable[[socket.socket], socket.socket]) -> None:
    try:
        with wrap(plain) as connection, connection.makefile("rb") as file:
            line = file.readline().decode().strip()
            headers = dict(_header(row.decode()) for row in iter(file.readline, b"\r\n"))
            body = file.read(int(headers["content-length"]))
            receiver.came.put(Came(line, headers, body))
            talk = says(OK) if receiver.talks.empty() else receiver.talks.get()
            talk(connection)
    except OSError:
        plain.close()  # the sender went away, as some tests have it


def _header(row: str) -> tuple[str, str]:
    name, _, value = row.partition(":")
    return name.lower(), value.strip()


def somewhere(*addresses: str) -> Way:
    """A way out whose names all lead to these addresses."""
    return Way(resolver=lambda _host, _port: addresses)
