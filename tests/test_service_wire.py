"""The service as a hostile client meets it on a socket: bounded, answered, and nothing half done is lost."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from live_cities import published_city
from services import lamp

from api.app import create_app
from api.http_protocol import Bounds
from api.server import Server
from api.settings import Settings
from layers.live import LiveCity

MEGABYTE = 1_000_000
BOUNDS = Bounds(header_s=1.0, body_stall_s=20.0, linger_s=0.2, keep_alive_s=0.5, shutdown_s=2.0)
NDJSON = "application/x-ndjson"
LINE = json.dumps(lamp()).encode()


class Running:
    """The service of a small city, served in a thread."""

    def __init__(self, folder: Path) -> None:
        published_city(folder)
        self.app = create_app(Settings(folder))
        self.server = Server("127.0.0.1", 0, bounds=BOUNDS)
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self.ready.wait(30)

    def _run(self) -> None:
        self.server.run(self.app, on_ready=self.ready.set)

    @property
    def live(self) -> LiveCity:
        """The city at work."""
        live: LiveCity = self.app.state.service.live
        return live

    def connect(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=20)

    def talk(self, *pieces: bytes) -> bytes:
        """Everything that it answers to these bytes until it closes."""
        with closing(self.connect()) as client:
            for piece in pieces:
                client.sendall(piece)
            return rest(client)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(tmp_path_factory.mktemp("city"))
    yield found
    found.server.stop()
    found.thread.join(20)
    assert not found.thread.is_alive()


def rest(client: socket.socket) -> bytes:
    got = b""
    try:
        while piece := client.recv(65_536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def post(path: str, kind: str = "application/json", *headers: str) -> bytes:
    """The head of a POST."""
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """A piece of a body without length."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    return int(answer[9:12])


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/locate", "/v1/issues/1/actions", "/v1/session"])
def test_a_body_without_length_is_refused_when_it_is_too_large(running: Running, path: str) -> None:
    piece = chunk(b" " * MEGABYTE)
    many = 22 if path == "/v1/locate" else 2
    with closing(running.connect()) as client:
        client.sendall(post(path, "application/json", "Transfer-Encoding: chunked"))
        try:
            for _ in range(many):
                client.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert status(rest(client)) == 413


@pytest.mark.parametrize("head", [
    ("Content-Length: 99999999999",), ("Content-Length: -1",), ("Content-Length: 1e3",),
    ("Content-Length: 0x10",),
    ("Content-Length: 5", "Content-Length: 6"), ("Content-Length: 5", "Transfer-Encoding: chunked"),
    ("Content-Length: 99999999999999999999999999",),
    ("Transfer-Encoding: chunked, identity",), ("Content-Length: 4", "Content-Encoding: gzip"),
])  # fmt: skip
def test_a_length_that_lies_is_refused(running: Running, head: tuple[str, ...]) -> None:
    answer = running.talk(post("/v1/reports", "application/json", *head), b'{"a"')
    assert status(answer) in (400, 413, 415, 422)


def test_a_transfer_encoding_that_leaves_the_end_open_ends_the_connection(running: Running) -> None:
    before = running.live.open.count
    assert running.talk(post("/v1/reports", "application/json", "Transfer-Encoding: gzip"), LINE) == b""
    assert running.live.open.count == before


def test_a_body_that_is_shorter_than_it_says_stores_nothing(running: Running) -> None:
    before = running.live.open.count
    with closing(running.connect()) as client:
        client.sendall(post("/v1/reports", "application/json", f"Content-Length: {len(LINE) + 5}") + LINE)
        client.shutdown(socket.SHUT_WR)
        rest(client)
    assert status(running.talk(b"GET /v1/city HTTP/1.1\r\nHost: localhost\r\n\r\n")) == 200
    assert running.live.open.count == before


@pytest.mark.parametrize("sent", [
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
])  # fmt: skip
def test_headers_of_200_kb_are_refused(running: Running, sent: bytes) -> None:
    assert status(running.talk(sent)) == 431


@pytest.mark.parametrize("path", [
    b"/v1/issues/\xff\xfe", b"/v1/issues/%ff%00", b"/v1/photos/..%2f..%2fkeys.json", b"/v1/issues/1\x00",
    b"/../../etc/passwd", b"//evil.example/..", b"/v1/issues?cell=\xff\xfe%ed%a0%80",
    b"/v1/issues/%0d%0aX:%20y",
    b"*", b"http://evil.example/v1/city", b"/v1/cells/\\..\\..\\keys.json", b"/v1/city#x", b"/%",
])  # fmt: skip
def test_no_bytes_of_an_address_break_anything(running: Running, path: bytes) -> None:
    answer = running.talk(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert status(answer) in (200, 400, 404, 422)
    assert b"\r\nX: y" not in answer
    assert b"root:" not in answer
    assert b"signing" not in answer


@pytest.mark.parametrize("head", [
    b"Host: evil.example\r\n", b"", b"Host: localhost\r\nHost: evil.example\r\n", b"Host: \r\n",
    b"Host: localhost\r\n\x00: a\r\n", b"Host: localhost\r\nX: a\x00b\r\n", b"Host: localhost\r\n folded\r\n",
])  # fmt: skip
def test_no_host_but_its_own_and_no_broken_header_is_taken(running: Running, head: bytes) -> None:
    answer = running.talk(b"GET /v1/city HTTP/1.1\r\n" + head + b"Connection: close\r\n\r\n")
    assert status(answer) in (400, 421)


def test_a_head_has_no_body_on_the_wire(running: Running) -> None:
    head = b"HEAD /v1/city HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = running.talk(head)
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\n")
    assert b"content-length: 0" not in answer


# Batches.


def test_who_hangs_up_in_a_batch_loses_nothing_that_was_answered(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    before = running.live.open.count
    lines = (LINE + b"\n") * 500
    with closing(running.connect()) as client:
        client.sendall(post("/v1/reports/batch", NDJSON, "Transfer-Encoding: chunked"))
        client.sendall(chunk(lines) + chunk(b'{"lng":120.'))
        got = b""
        while got.count(b'"status":201') < 500:
            piece = client.recv(65_536)
            assert piece, got[-500:]
            got += piece
        client.sendall(b"ffff\r\n" + LINE[:20])
    answer = running.talk(b"GET /v1/city HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert status(answer) == 200
    assert running.live.open.count == before + 500
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_broken_line_in_the_middle_and_none_at_the_end(running: Running) -> None:
    body = b"\n".join([LINE, b'{"lng":', b"\xff\xfe", b"", b"[" * 5000, b'{"lng":1e999,"lat":1}', LINE])
    head = post("/v1/reports/batch", NDJSON, "Transfer-Encoding: chunked", "Connection: close")
    answer = running.talk(head, *(chunk(body[at : at + 7]) for at in range(0, len(body), 7)), b"0\r\n\r\n")
    said = [json.loads(row) for row in answer.splitlines() if row.startswith(b'{"line"')]
    told = [(one["line"], one["status"]) for one in said]
    assert told == [(1, 201), (2, 422), (3, 422), (5, 422), (6, 422), (7, 201)]


def test_a_million_empty_lines_are_nothing(running: Running) -> None:
    head = post("/v1/reports/batch", NDJSON, f"Content-Length: {MEGABYTE}", "Connection: close")
    answer = running.talk(head, b"\n" * MEGABYTE)
    assert status(answer) == 200
    assert b'{"line"' not in answer


def test_a_line_without_end_is_given_up(running: Running) -> None:
    head = post("/v1/reports/batch", NDJSON, "Transfer-Encoding: chunked")
    with closing(running.connect()) as client:
        client.sendall(head + chunk(LINE + b"\n"))
        try:
            for _ in range(30):
                client.sendall(chunk(b"x" * 100_000))
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = rest(client)
    said = [json.loads(row) for row in answer.splitlines() if row.startswith(b'{"line"')]
    assert [(one["line"], one["status"]) for one in said] == [(1, 201), (None, 413)]
