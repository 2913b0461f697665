"""Pages that listen: ``python -m benchmarks.events``.

A real server of the demo city, a process with all the pages, and this one, which sends reports at a steady
pace and looks into the store for the moment of each commit; all on one machine. Every page has to hear of
every change, once and in order, or the benchmark fails.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import os
import re
import sqlite3
import tempfile
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import orjson
import uvloop

from api.open_files import allow_files
from benchmarks.demo_city import demo_city
from benchmarks.lives import Life
from benchmarks.load import request
from benchmarks.service import reports, serving
from layers.store.store import STORE

SENDERS = 4
QUIET_S = 3.0  # after the last report, until the pages are asked what they heard
LOOK_S = 0.0005
JOIN_S = 60.0
_EVENT = re.compile(rb"id: (\d+)\nevent: (\w+)")
_LONGEST = 60  # bytes of what the pattern finds


@dataclass(frozen=True)
class Heard:
    """What the pages heard: for each the seqs and when they came; and what one of them read."""

    pages: list[list[tuple[int, float]]]
    seqs: dict[str, int]  # by the ids of issues


@dataclass
class Sent:
    """When reports were acknowledged, by the ids of their issues; and when their events were committed."""

    acknowledged: dict[str, float] = field(default_factory=dict)
    committed: dict[int, float] = field(default_factory=dict)


def main() -> None:
    """Print the table."""
    said = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        made = said.city or Path(folder) / "demo"
        demo_city(made)
        print(
            "\n| pages | reports a second | changes | commit → page p50 ms | p99 ms | slowest page p99 ms "
            "| 201 → page p50 ms | p99 ms | server, share of a processor | load |"
            "\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        )
        for pages in said.pages:
            for rate in said.rate:
                _measure(made, Path(folder), pages, rate, said.seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, help="Where the demo city is kept from run to run.")
    parser.add_argument("--pages", type=int, nargs="*", default=[1_000], help="That listen.")
    parser.add_argument("--rate", type=float, nargs="*", default=[10.0], help="Reports a second.")
    parser.add_argument("--seconds", type=float, default=30.0, help="Of each measurement.")
    return parser.parse_args()


def _measure(made: Path, folder: Path, pages: int, rate: float, seconds: float) -> None:
    """Print a row."""
    posted = reports(made, int(rate * seconds), 1, keyed=False)
    with serving(made, folder) as life, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        _warm(life.port, reports(made, 50, 2, keyed=False))
        until = time.time() + JOIN_S
        heard = other.submit(listen, life.port, pages, str(folder / "ready"), str(folder / "end"))
        _await(folder / "ready", heard, until)
        used, began = _cpu_s(life), time.time()
        sent = _send(life, posted, rate)
        share = (_cpu_s(life) - used) / (time.time() - began)
        time.sleep(QUIET_S)
        (folder / "end").touch()
        _tell(heard.result(), sent, pages, rate, share)
    for name in ("ready", "end"):
        (folder / name).unlink()


def _tell(heard: Heard, sent: Sent, pages: int, rate: float, share: float) -> None:
    wanted = sorted(sent.committed)
    for came in heard.pages:
        assert [seq for seq, _ in came] == wanted, "a page missed something, or heard it twice"
    acknowledged = {heard.seqs[uid]: at for uid, at in sent.acknowledged.items()}
    times = np.array([[at for _, at in page] for page in heard.pages])
    by_commit = 1e3 * (times - [sent.committed[seq] for seq in wanted])
    by_answer = 1e3 * (times - [acknowledged[seq] for seq in wanted])
    slowest = np.percentile(by_commit.max(axis=0), 99)
    print(
        f"| {pages:,} | {rate:g} | {len(wanted):,} | {np.median(by_commit):.0f} "
        f"| {np.percentile(by_commit, 99):.0f} | {slowest:.0f} | {np.median(by_answer):.0f} "
        f"| {np.percentile(by_answer, 99):.0f} | {share:.2f} | {os.getloadavg()[0]:.1f} |"
    )


def _warm(port: int, posted: list[bytes]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for one in posted:
            _post(connection, one)


def _post(connection: http.client.HTTPConnection, posted: bytes) -> tuple[str, float]:
    """The id of the issue that a report opens, and when it was acknowledged."""
    body = posted.partition(b"\r\n\r\n")[2]
    connection.request("POST", "/v1/reports", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    at = time.time()
    said = orjson.loads(answer.read())
    assert answer.status == http.client.CREATED, said
    return str(said["issue"]["id"]), at


def _await(path: Path, heard: Future[Heard], until: float) -> None:
    while not path.exists():
        if heard.done():
            heard.result()
        if time.time() > until:
            raise TimeoutError("The pages do not listen.")
        time.sleep(0.05)


def _cpu_s(life: Life) -> float:
    fields = Path(f"/proc/{life.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _send(life: Life, posted: list[bytes], rate: float) -> Sent:
    """Send reports at a pace, and watch the store."""
    sent, over = Sent(), threading.Event()
    watching = threading.Thread(target=_watch, args=(life.folder / STORE, sent, over))
    watching.start()
    start = time.time() + 0.5

    def send(turn: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", life.port)) as connection:
            for n in range(turn, len(posted), SENDERS):
                time.sleep(max(0.0, start + n / rate - time.time()))
                uid, at = _post(connection, posted[n])
                sent.acknowledged[uid] = at

    threads = [threading.Thread(target=send, args=(turn,)) for turn in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    watching.join()
    return sent


def _watch(path: Path, sent: Sent, over: threading.Event) -> None:
    """Note when each event can be seen by others, until no more come."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as connection:
        known: int = connection.execute("SELECT event FROM heads").fetchone()[0]
        while True:
            last = over.is_set()
            head = connection.execute("SELECT event FROM heads").fetchone()[0]
            now = time.time()
            sent.committed.update((seq, now) for seq in range(known + 1, head + 1))
            known = head
            if last:
                return
            time.sleep(LOOK_S)


def listen(port: int, pages: int, ready: str, end: str) -> Heard:
    """Listen with so many pages, in a process of its own.

    Args:
        ready: a file that is made when all of them listen.
        end: one that ends it.
    """
    allow_files(pages + 100)
    return uvloop.run(_listen(port, pages, Path(ready), Path(end)))


async def _listen(port: int, pages: int, ready: Path, end: Path) -> Heard:
    loop = asyncio.get_running_loop()
    all_: list[_Page] = []
    for _ in range(pages):
        all_.append((await loop.create_connection(_Page, "127.0.0.1", port))[1])
        await asyncio.sleep(0.001)
    all_[0].text = bytearray()
    async with asyncio.timeout(JOIN_S):
        while not all(page.begun for page in all_):
            await asyncio.sleep(0.05)
    ready.touch()
    while not end.exists():
        await asyncio.sleep(0.1)
    assert all(page.open for page in all_), "a page was cut"
    return Heard([page.heard for page in all_], _seqs(bytes(all_[0].text or b"")))


def _seqs(text: bytes) -> dict[str, int]:
    """The seqs that issues had when they were opened, by their ids."""
    found = re.findall(rb'id: (\d+)\nevent: issue\ndata: \{"feature":\{"type":"Feature","id":"([^"]+)"', text)
    return {uid.decode(): int(seq) for seq, uid in found}


class _Page(asyncio.Protocol):
    """A page that listens; it reads no more than measuring needs."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, float]] = []
        self.text: bytearray | None = None
        self.begun, self.open = False, True
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(request("GET", "/v1/events"))  # type: ignore[attr-defined] # uvloop's is one

    def data_received(self, data: bytes) -> None:
        now = time.time()
        if self.text is not None:
            self.text += data
        data = self._left + data
        end = 0
        for match in _EVENT.finditer(data):
            end = match.end()
            if match[2] == b"hello":
                self.begun = True
            else:
                self.heard.append((int(match[1]), now))
        self._left = data[max(end, len(data) - _LONGEST) :]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.open = False


if __name__ == "__main__":
    main()
