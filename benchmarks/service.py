"""The server under load: ``python -m benchmarks.service``.

A real server of the demo city, the load from another process on the same machine, 32 connections; with ten
thousand, a hundred thousand and a million stored issues. Posting is measured beside a route that only reads
the same report, in turns: their ratio says more than either. Making the million takes three minutes; with
``--city`` it is kept.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import orjson

from benchmarks.demo_city import demo_city
from benchmarks.lives import ROOT, Life, free_port
from benchmarks.load import Load, put_load, request
from benchmarks.stored_issues import boxes_of, store_issues
from layers.city import City
from layers.generation import load_live

CONNECTIONS, PAGE, MOST_OPEN, BOXES = 32, 500, 100_000, 500
MOST_A_SECOND = 3_000  # reports that are made ready for a second
WARM_S = 1.5
STORED = (10_000, 100_000, 1_000_000)
PEER = "a route that only reads the report"
POSTED = {PEER: False, "a report, stored and assigned": False, "the same, with idempotency keys": True}
ASKED = {
    "open, from memory": {"status": "open"},
    "closed, from the store": {"status": "closed"},
    "any, from the store": {},
}
HEAD = "| stored | way | a second | p50 ms | p99 ms | CPU ms | of the peer | by CPU |"
RULE = "|--:|---|--:|--:|--:|--:|--:|--:|"
TICKS_A_MS = os.sysconf("SC_CLK_TCK") / 1e3


@dataclass(frozen=True)
class Measured:
    """A load, and the processor's time that the server took for an answer: that of all of its threads."""

    load: Load
    cpu_ms: float


def measure(pid: int, port: int, sent: list[bytes], seconds: float, *, again: bool = False) -> Measured:
    """What came of requests to a server."""
    before = _cpu_ms(pid)
    load = put_load(port, sent, seconds=seconds, warm_s=WARM_S, connections=CONNECTIONS, again=again)
    return Measured(load, (_cpu_ms(pid) - before) / max(load.answered, 1))


def _cpu_ms(pid: int) -> float:
    times = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / TICKS_A_MS


def main() -> None:
    """Print one table."""
    said = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        made = said.city or Path(folder) / "demo"
        demo_city(made)
        print(f"\n{HEAD}\n{RULE}")
        with _peering() as peer:
            for stored in said.stored:
                with serving(made, Path(folder), stored=stored) as life:
                    print(
                        f"| {stored:,} | ready, in seconds | {life.wait_ready():.1f} | | | | | |", flush=True
                    )
                    if said.only in ("", "read"):
                        _read(made, life, stored, said.seconds)
                    if said.only in ("", "post"):
                        _post(made, life, peer, stored, said.seconds, said.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, help="Where the demo city and its stores are kept.")
    parser.add_argument("--seconds", type=float, default=4.0, help="Of each measurement.")
    parser.add_argument("--rounds", type=int, default=2, help="Of posting, and of the peer, by turns.")
    parser.add_argument("--stored", type=int, nargs="*", default=STORED, help="How many issues.")
    parser.add_argument("--only", choices=("", "post", "read"), default="")
    return parser.parse_args()


def _post(made: Path, life: Life, peer: tuple[int, int], stored: int, seconds: float, rounds: int) -> None:
    """Print how many reports are taken a second, beside a route that only reads them."""
    found: dict[str, list[Measured]] = {way: [] for way in POSTED}
    for turn in range(rounds):
        for way, keyed in POSTED.items():
            sent = reports(made, int(MOST_A_SECOND * (seconds + WARM_S)), turn, keyed=keyed)
            server = peer if way == PEER else (life.pid, life.port)
            found[way].append(measure(*server, sent, seconds, again=way == PEER))
    middle = {way: sorted(all_, key=lambda one: one.load.rate)[len(all_) // 2] for way, all_ in found.items()}
    least = {way: min(one.cpu_ms for one in all_) for way, all_ in found.items()}
    for way, one in middle.items():
        by_rate, by_cpu = one.load.rate / middle[PEER].load.rate, least[PEER] / least[way]
        _line(stored, way, one, 201, f"{by_rate:.2f} | {by_cpu:.2f}")


def _read(made: Path, life: Life, stored: int, seconds: float) -> None:
    """Print how many pages are read a second."""
    generation = load_live(City(made / "city"))
    # So large that a page is full, of what lies in memory and of what does not.
    share = min(1.0, 1.2 * PAGE / _open_of(stored))
    for name, asked in ASKED.items():
        boxes = boxes_of(generation, share, BOXES)
        paths = [f"/v1/issues?{urlencode({**asked, **box, 'limit': PAGE})}" for box in boxes]
        sent = [request("GET", path) for path in paths]
        one = measure(life.pid, life.port, sent, seconds, again=True)
        _line(stored, f"a page of {PAGE} in a box: {name}", one, 200, "|")


def _line(stored: int, way: str, one: Measured, right: int, ratio: str) -> None:
    load = one.load
    wrong = {status: n for status, n in load.statuses.items() if status != right}
    print(
        f"| {stored:,} | {way} | {load.rate:,.0f} | {load.p50_ms:.1f} | {load.p99_ms:.1f} "
        f"| {one.cpu_ms:.2f} | {ratio} |"
        f"{f' {wrong}' if wrong else ''}",
        flush=True,
    )


def _open_of(stored: int) -> int:
    return min(stored // 2, MOST_OPEN)


def reports(made: Path, count: int, seed: int, *, keyed: bool) -> list[bytes]:
    """Requests with the demo's reports, each moved a little; every second one says how exact it is."""
    rng = random.Random(seed)
    with (made / "sources" / "reports.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if _is_here(row)]
    found = []
    for n in range(count):
        row = rng.choice(rows)
        said: dict[str, object] = {name: row[name] for name in ("category", "text", "channel", "reporter")}
        said |= {name: float(row[name]) + rng.uniform(-0.001, 0.001) for name in ("lng", "lat")}
        said["datum"] = row["datum"] or "wgs84"
        if row["accuracy_m"] and n % 2:
            said["accuracy_m"] = float(row["accuracy_m"])
        headers = {"Idempotency_Key": f"{seed}-{n}"} if keyed else {}
        found.append(request("POST", "/v1/reports", orjson.dumps(said), **headers))
    return found


def _is_here(row: dict[str, str]) -> bool:
    try:
        return abs(float(row["lng"]) - 120.8) < 1 and abs(float(row["lat"]) - 32.0) < 1
    except ValueError:
        return False


@contextmanager
def _peering() -> Iterator[tuple[int, int]]:
    """A server that only reads reports: its process and port."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "benchmarks.peer", str(port)], cwd=ROOT) as process:
        try:
            _wait(port)
            yield process.pid, port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/openapi.json").close()
            return
        except OSError:
            time.sleep(0.05)


@contextmanager
def serving(made: Path, folder: Path, *, stored: int = 0) -> Iterator[Life]:
    """A server of a copy of the demo city, ready; with so many issues."""
    city = folder / "served"
    shutil.copytree(_filled(made, stored), city, ignore=shutil.ignore_patterns("*.lock", "serve.json"))
    life = Life(city, free_port(), folder / "server.log")
    try:
        life.wait_ready()
        yield life
    finally:
        life.stop()
        shutil.rmtree(city)


def _filled(made: Path, stored: int) -> Path:
    """The demo city with so many issues, made where it is not there yet."""
    city = made / (f"stored-{stored}" if stored else "city")
    if not (city / "city.toml").exists():
        part = made / "part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(made / "city", part, ignore=shutil.ignore_patterns("issues.db*", "serve.json"))
        store_issues(part, load_live(City(part)), stored, _open_of(stored))
        part.rename(city)
    return city


if __name__ == "__main__":
    main()
