"""The server under load: ``python -m benchmarks.service``.

A real server of the demo city, the load from another process on the same machine, 32 connections. Posting is
measured beside a route that only reads the same report: their ratio says more than either.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import orjson

from api.demo_command import build_city
from benchmarks.lives import ROOT, Life, free_port
from benchmarks.load import WARM_S, Load, put_load, request
from benchmarks.stored_issues import boxes_of, store_issues
from layers.city import City
from layers.demo import write_sources
from layers.generation import load_live

CONNECTIONS, PAGE, MOST_OPEN, BOXES = 32, 500, 100_000, 500
MOST_A_SECOND = 5_000  # reports that are made ready for a second
ASKED = {
    "open": {"status": "open"},
    "received (open, from memory)": {"status": "received"},
    "closed (from the store)": {"status": "closed"},
    "any (from the store)": {},
}


def main() -> None:
    """Print the tables."""
    said = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        made = said.city or Path(folder) / "demo"
        if not (made / "city" / "city.toml").exists():
            sources = write_sources(made / "sources")
            build_city(made / "city", [source for source in sources if source.role != "reports"])
        if said.only in ("", "post"):
            _post(made, Path(folder), said.seconds, said.rounds)
        if said.only in ("", "read"):
            for stored in said.stored:
                _read(made, Path(folder), stored, said.seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, help="Where the demo city is kept from run to run.")
    parser.add_argument("--seconds", type=float, default=10.0, help="Of each measurement.")
    parser.add_argument("--rounds", type=int, default=3, help="Of posting, and of the peer, by turns.")
    parser.add_argument("--stored", type=int, nargs="*", default=[200_000], help="Issues to read from.")
    parser.add_argument("--only", choices=("", "post", "read"), default="")
    return parser.parse_args()


def _post(made: Path, folder: Path, seconds: float, rounds: int) -> None:
    """Print a table: reports a second, beside a route that only reads them."""
    print("\n| way | a second | p50 ms | p99 ms | of the peer |\n|---|--:|--:|--:|--:|")
    ways: dict[str, Callable[[list[bytes]], Load]] = {
        "a route that reads the report": lambda sent: _peer(sent, seconds),
        "stored and assigned": lambda sent: _ours(made, folder, sent, seconds),
        "the same, with idempotency keys": lambda sent: _ours(made, folder, sent, seconds),
    }
    found: dict[str, list[Load]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name, way in ways.items():
            sent = reports(made, int(MOST_A_SECOND * (seconds + WARM_S)), turn, keyed="keys" in name)
            found[name].append(way(sent))
    middle = {name: sorted(loads, key=lambda one: one.rate)[len(loads) // 2] for name, loads in found.items()}
    peer = next(iter(middle.values())).rate  # the first way
    for name, load in middle.items():
        wrong = {status: n for status, n in load.statuses.items() if status != 201}
        print(
            f"| {name} | {load.rate:,.0f} | {load.p50_ms:.1f} | {load.p99_ms:.1f} "
            f"| {load.rate / peer:.2f} |{f' {wrong}' if wrong else ''}"
        )


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


def _peer(sent: list[bytes], seconds: float) -> Load:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.peer", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            _wait(port)
            return put_load(port, sent, seconds=seconds, again=True, connections=CONNECTIONS)
        finally:
            process.terminate()


def _wait(port: int) -> None:
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/openapi.json").close()
            return
        except OSError:
            time.sleep(0.05)


def _ours(made: Path, folder: Path, sent: list[bytes], seconds: float) -> Load:
    with serving(made, folder) as life:
        return put_load(life.port, sent, seconds=seconds, connections=CONNECTIONS)


@contextmanager
def serving(made: Path, folder: Path, *, stored: int = 0) -> Iterator[Life]:
    """A server of a copy of the demo city, ready; with so many issues."""
    city = folder / "served"
    shutil.copytree(made / "city", city, ignore=shutil.ignore_patterns("issues.db*", "serve.json"))
    if stored:
        store_issues(city, load_live(City(city)), stored, min(stored // 2, MOST_OPEN))
    life = Life(city, free_port(), folder / "server.log")
    try:
        life.wait_ready()
        yield life
    finally:
        life.stop()
        shutil.rmtree(city)


def _read(made: Path, folder: Path, stored: int, seconds: float) -> None:
    """Print a table: pages a second, and how long the start took."""
    generation = load_live(City(made / "city"))
    open_ = min(stored // 2, MOST_OPEN)
    with serving(made, folder, stored=stored) as life:
        life.stop()
        again = Life(life.folder, free_port(), life.log)
        try:
            print(f"\n{stored:,} stored, {open_:,} of them open: ready after {again.wait_ready():.1f} s")
            print(
                f"\n| pages of {PAGE} in a box, by status | a second | p50 ms | p99 ms |\n|---|--:|--:|--:|"
            )
            for name, asked in ASKED.items():
                # So large that a page is full, of what lies in memory and of what does not.
                share = min(1.0, 1.2 * PAGE / open_)
                boxes = boxes_of(generation, share, BOXES)
                paths = [f"/v1/issues?{urlencode({**asked, **box, 'limit': PAGE})}" for box in boxes]
                load = put_load(
                    again.port, [request("GET", path) for path in paths], seconds=seconds, again=True
                )
                wrong = {status: n for status, n in load.statuses.items() if status != 200}
                print(f"| {name} | {load.rate:,.0f} | {load.p50_ms:.1f} | {load.p99_ms:.1f} | {wrong or ''}")
        finally:
            again.stop()


if __name__ == "__main__":
    main()
