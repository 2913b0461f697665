"""A load for a server: requests over connections that stay open, from a process of its own.

Each connection sends its next request when it has the answer to the last one. Answers are read only as far as
counting them needs: a generator that does more would measure itself.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import uvloop

WARM_S = 3.0
_END, _LENGTH = b"\r\n\r\n", b"content-length: "


@dataclass(frozen=True)
class Load:
    """What came of a load.

    Attributes:
        seconds: that it was measured for.
        statuses: how often each was answered.
        p50_ms, p99_ms: from sending a request until its answer was whole.
        used_up: whether the requests ended before the time did.
        answered: how many were answered, also before it was measured.
    """

    seconds: float
    statuses: dict[int, int]
    p50_ms: float
    p99_ms: float
    used_up: bool
    answered: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.seconds


def put_load(
    port: int, requests: Sequence[bytes], *, seconds: float, warm_s: float = WARM_S, connections: int = 32,
    again: bool = False,
) -> Load:  # fmt: skip
    """Send requests to a port of this machine for some time.

    Args:
        warm_s: before it is measured.
        again: begin anew where the requests come to their end.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        return other.submit(_run, port, requests, seconds, warm_s, connections, again).result()


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire."""
    said = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        said |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _run(
    port: int, requests: Sequence[bytes], seconds: float, warm_s: float, connections: int, again: bool
) -> Load:
    return uvloop.run(_load(port, requests, seconds, warm_s, connections, again))


async def _load(
    port: int, requests: Sequence[bytes], seconds: float, warm_s: float, connections: int, again: bool
) -> Load:
    loop = asyncio.get_running_loop()
    source, seen = _source(requests, again), list[tuple[float, float, int]]()
    all_ = [
        (await loop.create_connection(lambda: _Connection(source, seen), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    start = time.perf_counter()
    for one in all_:
        one.send()
    await asyncio.wait([one.ended for one in all_], timeout=warm_s + seconds)
    stop = time.perf_counter()
    used_up = any(one.ended.done() for one in all_)
    for one in all_:
        one.close()
    return _told(seen, start + warm_s, stop, used_up)


def _told(seen: list[tuple[float, float, int]], start: float, stop: float, used_up: bool) -> Load:
    measured = [(took, status) for at, took, status in seen if at >= start]
    times = 1e3 * np.array([took for took, _ in measured] or [np.nan])
    p50, p99 = np.percentile(times, [50, 99]).tolist()
    counts = dict(Counter(status for _, status in measured))
    return Load(stop - start, counts, p50, p99, used_up, len(seen))


def _source(requests: Sequence[bytes], again: bool) -> Iterator[bytes]:
    yield from requests
    while again:
        yield from requests


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, source: Iterator[bytes], seen: list[tuple[float, float, int]]) -> None:
        self._source, self._seen = source, seen
        self.ended = asyncio.get_running_loop().create_future()
        self._sent, self._got, self._left, self._status = 0.0, b"", -1, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def send(self) -> None:
        """Send the next request, if there is one."""
        following = next(self._source, None)
        if following is None:
            self._end()
            return
        self._sent = time.perf_counter()
        self._transport.write(following)

    def close(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._got += data
            head = self._got.find(_END)
            if head < 0:
                return
            self._status = int(self._got[9:12])
            at = self._got.lower().find(_LENGTH, 0, head)
            assert at > 0, "an answer without a length"
            length = int(self._got[at + len(_LENGTH) : self._got.index(b"\r", at)])
            self._left = head + len(_END) + length - len(self._got)
            self._got = b""
        else:
            self._left -= len(data)
        if self._left == 0:
            self._left = -1
            now = time.perf_counter()
            self._seen.append((now, now - self._sent, self._status))
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
