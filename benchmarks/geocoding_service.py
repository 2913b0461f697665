"""The geocoder over HTTP: ``python -m benchmarks.geocoding_service``.

A real server of the demo city, the load from another process on the same machine. The texts are those of the
demo's reports, what is typed is typed name by name, a character at a time. A kind of request is sent once
before it is measured, so that shapes and streets that are read at their first use are there.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.demo_city import demo_city
from benchmarks.load import request
from benchmarks.service import measure, serving
from layers.city import City
from layers.generation import load_live

TEXTS, NAMES, PLACES = 2_000, 200, 2_000
FIRST_S, SETTLED_S = 3.0, 20.0
HEAD = "| asked | a second | p50 ms | p99 ms | CPU ms |"
RULE = "|---|--:|--:|--:|--:|"


def main() -> None:
    """Print one table."""
    said = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        made = said.city or Path(folder) / "demo"
        demo_city(made)
        ways = dict(_ways(made, random.Random(8)))
        with serving(made, Path(folder)) as life:
            life.wait_ready()
            measure(life.pid, life.port, [request("GET", "/nominatim/status")], SETTLED_S, again=True)
            print(f"\n{HEAD}\n{RULE}")
            for way, paths in ways.items():
                sent = [request("GET", path) for path in paths]
                measure(life.pid, life.port, sent, FIRST_S, again=True)
                one = measure(life.pid, life.port, sent, said.seconds, again=True)
                load = one.load
                wrong = {status: n for status, n in load.statuses.items() if status != 200}
                print(
                    f"| {way} | {load.rate:,.0f} | {load.p50_ms:.1f} | {load.p99_ms:.1f} | {one.cpu_ms:.2f} |"
                    f"{f' {wrong}' if wrong else ''}",
                    flush=True,
                )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, help="Where the demo city and its sources are kept.")
    parser.add_argument("--seconds", type=float, default=5.0, help="Of each measurement.")
    return parser.parse_args()


def _ways(made: Path, rng: random.Random) -> Iterator[tuple[str, list[str]]]:
    """What is asked, and the addresses."""
    generation = load_live(City(made / "city"))
    texts = _texts(made / "sources" / "reports.csv", rng)
    roads = sorted({name for name in generation.assets["road"].name.tolist() if name})
    typed = [
        name[:end] for name in rng.sample(roads, min(NAMES, len(roads))) for end in range(1, len(name) + 1)
    ]
    lights = generation.assets["street_light"].geometry.tolist()
    places = [(light.x, light.y) for light in rng.sample(lights, PLACES)]
    yield "`/v1/geocode`", [f"/v1/geocode?{urlencode({'text': text})}" for text in texts]
    yield "`/v1/autocomplete`", [f"/v1/autocomplete?{urlencode({'text': text})}" for text in typed]
    yield "`/v1/reverse`", [f"/v1/reverse?{urlencode({'lng': lng, 'lat': lat})}" for lng, lat in places]
    yield "`/nominatim/search`", [f"/nominatim/search?{urlencode({'q': text, 'limit': 1})}" for text in texts]
    yield (
        "`/nominatim/reverse`",
        [f"/nominatim/reverse?{urlencode({'lon': lng, 'lat': lat})}" for lng, lat in places],
    )


def _texts(path: Path, rng: random.Random) -> Sequence[str]:
    with path.open(encoding="utf-8") as file:
        texts = sorted({row["text"] for row in csv.DictReader(file) if row["text"]})
    return rng.sample(texts, min(TEXTS, len(texts)))


if __name__ == "__main__":
    main()
