"""The server as a hostile client meets it, on a socket: bounded in bytes and time, to a good end."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress

import orjson
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from api.bodies import read_body
from api.errors import install
from api.http_protocol import Bounds
from api.server import Server
from geo.errors import CityError

BOUNDS = Bounds(
    header_s=0.2,
    body_stall_s=0.3,
    write_stall_s=0.3,
    linger_s=0.5,
    keep_alive_s=0.3,
    connections=50,
    shutdown_s=2.0,
)
MOST = 1000


def app() -> FastAPI:
    app = FastAPI()
    install(app)
    app.state.gone = threading.Event()
    app.state.at_work = threading.Event()
    app.state.may_end = threading.Event()

    @app.get("/")
    async def _() -> str:
        return "here"

    @app.post("/body")
    async def _(request: Request) -> int:
        return len(await read_body(request, MOST, 0.2))

    @app.post("/unbounded")
    async def _(request: Request) -> int:
        try:
            return len(await request.body())
        except BaseException:
            app.state.gone.set()
            raise

    @app.post("/unread")
    async def _() -> str:
        return "not read"

    @app.get("/waits")
    async def _() -> str:
        app.state.at_work.set()
        while not app.state.may_end.is_set():
            await asyncio.sleep(0.01)
        return "ended well"

    @app.get("/endless")
    async def _() -> StreamingResponse:
        async def rows() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65_536
                    await asyncio.sleep(0)
            finally:
                app.state.gone.set()

        return StreamingResponse(rows())

    return app


class Running:
    """A server in a thread."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.app = app()
        self.server = Server("127.0.0.1", 0, bounds=bounds)
        self.ready = threading.Event()
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self.ready.wait(10)

    def _run(self) -> None:
        self.code = self.server.run(self.app, on_ready=self.ready.set)

    def end(self, code: int = 0) -> int | None:
        """Stop it; its exit code."""
        self.server.stop(code)
        self.thread.join(10)
        return self.code

    def connect(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=5)

    def talk(self, *pieces: bytes) -> bytes:
        """Everything that it answers to these bytes until it closes."""
        with closing(self.connect()) as client:
            for piece in pieces:
                client.sendall(piece)
            return rest(client)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    running = Running()
    yield running
    assert running.end() == 0


def rest(client: socket.socket) -> bytes:
    got = b""
    while piece := client.recv(65_536):
        got += piece
    return got


def told(answer: bytes) -> tuple[int, str]:
    """Status and code of the last answer among these bytes, which is a problem document."""
    head, _, body = answer.rpartition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    said = orjson.loads(body)
    assert b"HTTP/1.1 %d " % said["status"] in head
    return said["status"], said["code"]


GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST %s HTTP/1.1\r\nHost: localhost\r\n"


# Headers.


def test_a_plain_request_is_answered_and_the_connection_ends_after_a_while(running: Running) -> None:
    answer = running.talk(GET + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b'"here"')
    assert b"server:" not in answer.lower()


@pytest.mark.parametrize("size", [200_000, 40_000])
def test_headers_beyond_the_bound_are_refused(running: Running, size: int) -> None:
    long = b"X-Long: " + b"x" * size
    for head in (GET + long + b"\r\n\r\n", GET + long, b"GET /" + b"x" * size + b" HTTP/1.1\r\n"):
        assert told(running.talk(head)) == (431, "headers_too_large")
    many = b"".join(b"X-%d: y\r\n" % number for number in range(size // 10))
    assert told(running.talk(GET + many + b"\r\n")) == (431, "headers_too_large")


def test_headers_within_the_bound_are_taken_also_beside_a_large_body(running: Running) -> None:
    assert b" 200 OK" in running.talk(GET + b"X-Long: " + b"x" * 30_000 + b"\r\n\r\n")
    body = b"x" * 500_000
    head = POST % b"/unbounded" + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    assert running.talk(head + body).endswith(b"\r\n\r\n500000")


@pytest.mark.parametrize("sent", [b"GET", GET, GET + b"X-A: b", b"\r\n\r\nGET / HTTP/1.1"])
def test_headers_that_do_not_end_are_given_up(running: Running, sent: bytes) -> None:
    assert told(running.talk(sent)) == (408, "headers_too_slow")


def test_headers_that_drip_are_given_up_too(running: Running) -> None:
    """Each byte comes soon after the one before it; all of them together do not."""
    began = time.monotonic()
    with closing(running.connect()) as client:
        answer = b""
        for byte in (GET + b"X: " + b"y" * 500)[:500]:
            try:
                client.sendall(bytes([byte]))
                client.settimeout(0.02)
                answer += client.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                break
            if answer:
                break
    assert told(answer) == (408, "headers_too_slow")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"\r\n\r\n"])
def test_a_connection_that_says_nothing_is_closed_without_a_word(running: Running, sent: bytes) -> None:
    assert running.talk(sent) == b""


def test_a_second_request_has_the_same_bounds(running: Running) -> None:
    with closing(running.connect()) as client:
        client.sendall(GET + b"\r\n")
        assert b"200 OK" in client.recv(65_536)
        client.sendall(GET)
        assert told(rest(client)) == (408, "headers_too_slow")
    with closing(running.connect()) as client:
        client.sendall(GET + b"\r\n")
        assert b"200 OK" in client.recv(65_536)
        client.sendall(b"\r\n")  # which ends the wait for it, and begins nothing
        assert rest(client) == b""


# Bodies.


def test_a_body_without_length_is_refused_as_soon_as_it_is_too_large(running: Running) -> None:
    head = POST % b"/body" + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
    assert told(running.talk(head, chunk)) == (413, "body_too_large")


def test_a_client_that_sends_on_sees_why_it_is_refused(running: Running) -> None:
    """Its connection is not reset, which would throw the answer away, though megabytes are under way."""
    body = b"x" * 8_000_000
    head = POST % b"/body" + b"Content-Length: %d\r\n\r\n" % len(body)
    connection = http.client.HTTPConnection("127.0.0.1", running.server.port, timeout=5)
    with closing(connection):
        connection.request("POST", "/body", body=body)
        answer = connection.getresponse()
        assert (answer.status, orjson.loads(answer.read())["code"]) == (413, "body_too_large")
    assert told(running.talk(head, body[:100_000])) == (413, "body_too_large")


def test_a_body_that_nobody_reads_does_not_hold_the_connection(running: Running) -> None:
    head = POST % b"/unread" + b"Content-Length: 1000\r\n\r\n"
    assert running.talk(head, b"x").endswith(b'"not read"')


def test_a_body_that_stalls_is_given_up(running: Running) -> None:
    head = POST % b"/body" + b"Content-Length: 1000\r\n\r\n"
    assert told(running.talk(head, b"x")) == (408, "body_too_slow")


def test_a_body_that_stalls_is_given_up_where_the_route_has_no_bound(running: Running) -> None:
    running.app.state.gone.clear()
    with closing(running.connect()) as client:
        client.sendall(POST % b"/unbounded" + b"Content-Length: 1000\r\n\r\n" + b"x")
        with suppress(ConnectionResetError):
            assert rest(client) == b""
    assert running.app.state.gone.wait(5)


def test_a_body_that_comes_slowly_but_comes_is_read(running: Running) -> None:
    with closing(running.connect()) as client:
        client.sendall(POST % b"/unbounded" + b"Content-Length: 6\r\nConnection: close\r\n\r\n")
        for _ in range(6):
            time.sleep(0.1)  # together twice as long as it may stall
            client.sendall(b"x")
        assert rest(client).endswith(b"\r\n\r\n6")


def test_a_length_that_is_too_small_leaves_the_rest_to_be_no_request(running: Running) -> None:
    answer = running.talk(POST % b"/body" + b"Content-Length: 2\r\n\r\nxxGARBAGE\r\n\r\n")
    assert answer.count(b"HTTP/1.1") <= 2
    assert b"\r\n\r\n9" not in answer


def test_a_client_that_takes_nothing_is_dropped(running: Running) -> None:
    running.app.state.gone.clear()
    with closing(running.connect()) as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert running.app.state.gone.wait(10)


# Odd requests.


@pytest.mark.parametrize("sent", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(500), b"garbage\r\n\r\n", b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", b"\x00" * 100,
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"GET http:// HTTP/1.1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
])  # fmt: skip
def test_what_is_no_request_is_refused_and_harms_nobody(running: Running, sent: bytes) -> None:
    status, _ = told(running.talk(sent))
    assert status in (400, 404, 405)
    assert b"200 OK" in running.talk(GET + b"\r\n")


def test_requests_in_a_row_are_answered_in_their_order(running: Running) -> None:
    post = POST % b"/body" + b"Content-Length: 3\r\n\r\nabc"
    answer = running.talk((GET + b"\r\n" + post) * 20)
    assert answer.count(b"HTTP/1.1 200 OK") == 40
    parts = answer.split(b"HTTP/1.1 200 OK")[1:]
    assert [part.endswith(b'"here"') for part in parts] == [True, False] * 20


def test_garbage_after_a_request_is_never_written_into_its_answer(running: Running) -> None:
    answer = running.talk(GET + b"\r\n" + b"\x00garbage\r\n\r\n")
    assert answer.count(b"HTTP/1.1") <= 1


def test_http_1_0_and_absolute_addresses_are_understood(running: Running) -> None:
    old = running.talk(b"GET / HTTP/1.0\r\n\r\n")
    assert b"200 OK" in old
    assert b"connection: close" in old
    absolute = running.talk(b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert absolute.endswith(b'"here"')


def test_a_request_to_become_something_else_is_answered_as_it_is(running: Running) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n"
    assert b"200 OK" in running.talk(GET + upgrade + b"\r\n")


def test_a_client_that_expects_it_is_told_to_go_on(running: Running) -> None:
    head = POST % b"/body" + b"Content-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with closing(running.connect()) as client:
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(b"abc")
        assert rest(client).endswith(b"\r\n\r\n3")
    large = head.replace(b": 3", b": 3000")
    assert told(running.talk(large)) == (413, "body_too_large")


# The beginning and the end.


def test_a_request_that_has_begun_is_answered_before_the_end() -> None:
    running = Running()
    with closing(running.connect()) as client, closing(running.connect()) as idle:
        client.sendall(b"GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert running.app.state.at_work.wait(5)
        running.server.stop(3)
        assert idle.recv(1) == b""  # who has not asked is not waited for
        with pytest.raises(ConnectionRefusedError):
            running.connect()
        running.app.state.may_end.set()
        assert rest(client).endswith(b'"ended well"')
    assert running.end() == 3


def test_more_connections_than_it_has_room_for_are_told_to_come_again() -> None:
    running = Running(Bounds(connections=3))
    held = [running.connect() for _ in range(3)]
    try:
        with closing(running.connect()) as client:
            client.sendall(GET + b"Connection: close\r\n\r\n")
            assert b" 503 " in rest(client)
    finally:
        for one in held:
            one.close()
    running.end()


def test_the_lifespan_is_around_the_requests_and_its_error_comes_out() -> None:
    seen = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        seen.append("begins")
        yield
        seen.append("ends")

    server = Server("127.0.0.1", 0)
    code = server.run(FastAPI(lifespan=lifespan), on_ready=lambda: (seen.append("ready"), server.stop(4))[0])
    assert (seen, code) == (["begins", "ready", "ends"], 4)

    @asynccontextmanager
    async def fails(_: FastAPI) -> AsyncIterator[None]:
        raise CityError("Another process writes.")
        yield

    with pytest.raises(CityError, match="Another process"):
        Server("127.0.0.1", 0).run(FastAPI(lifespan=fails))


def test_a_server_that_is_stopped_before_it_runs_ends_at_once() -> None:
    server = Server("127.0.0.1", 0)
    server.stop(5)
    ready = []
    assert server.run(FastAPI(), on_ready=lambda: ready.append(1)) == 5
    assert not ready


def test_a_port_that_is_taken_is_said_or_the_next_one_is_taken() -> None:
    first = Server("127.0.0.1", 0)
    try:
        with pytest.raises(CityError, match=f"port {first.port}"):
            Server("127.0.0.1", first.port)
        second = Server("127.0.0.1", first.port, or_next=True)
        assert first.port < second.port
        assert second.url == f"http://127.0.0.1:{second.port}"
        second.close()
    finally:
        first.close()


@pytest.mark.parametrize(
    ("host", "port"), [("192.0.2.1", 0), ("no.such.host.invalid", 0), ("127.0.0.1", 70_000)]
)
def test_an_address_that_cannot_be_is_said(host: str, port: int) -> None:
    with pytest.raises(CityError, match="Cannot listen"):
        Server(host, port)


SCRIPT = """
import sys
from fastapi import FastAPI
from api.server import Server
server = Server("127.0.0.1", 0)
sys.exit(server.run(FastAPI(), on_ready=lambda: print(server.port, flush=True)))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_good_end(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdecimal()
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")
