"""The geocoder beside its peers on texts as people write them: ``python -m benchmarks.geocoding``.

Three towns of OpenStreetMap, addresses of Chicago and the demo city: every kind of place, clean, with one
typo, without parents and with a wrong one, and one text in ten that has no answer. All are asked the same
texts in the same run; the peers, which take a tenth of a second or more for each, only every fourth.

Right is an answer within 30 m of the truth. An answer that lists several places is right only where the words
fit several, or where a code has a wrong digit. What is not there must not be found: a larger thing instead of
it is no false answer if it names a fault. Needs the data folder beside the project.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from benchmarks.demo_city import demo_city
from benchmarks.geocoding_cities import DATA, LANGUAGES, METRIC, chicago, imported, thinned, with_groups
from benchmarks.geocoding_demo import demo_town
from benchmarks.geocoding_judging import Judge, Verdict
from benchmarks.geocoding_peers import PEERS, names_of
from benchmarks.geocoding_places import Rng, Town
from benchmarks.geocoding_tables import print_tables
from benchmarks.geocoding_texts import Text, texts
from benchmarks.geocoding_towns import osm_town
from layers.city import City
from layers.generation import load_draft

GEOCODER = "layers.geocoder:Geocoder"
LEFT_OUT = ("interpolation", "missing building")  # asked of the city without them
WARM_UP = 30  # texts asked before the clock starts


class Geocodes(Protocol):
    """Anything that answers a text."""

    def geocode(self, text: str) -> Any:
        """An answer with an outcome and candidates."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, what somebody answered, and how much of the processor's time that took: at first, and again."""

    town: str
    system: str
    text: Text
    verdict: Verdict
    seconds: float
    answer: str
    again: float = float("nan")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    options = _parser().parse_args(arguments)
    if not DATA.exists():
        print(f"benchmarks.geocoding: {DATA} is not there; WOODPECKER_DATA names another folder")
        return
    with tempfile.TemporaryDirectory() as folder:
        asked = [
            one
            for town in options.towns.split(",")
            for one in _examined(town, Path(options.folder or folder), options)
        ]
    print_tables(asked)
    if options.save:
        _save(Path(options.save), asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="The geocoder beside its peers.")
    parser.add_argument("--towns", default=",".join(LANGUAGES), help="some of: " + ",".join(LANGUAGES))
    parser.add_argument("--count", type=int, default=100, help="texts of every kind and variant")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument(
        "--peer-every", type=int, default=4, help="peers are slow: they get every so many texts"
    )
    parser.add_argument("--systems", default="woodpecker,rapidfuzz,FTS5")
    parser.add_argument("--geocoder", default=GEOCODER, help="module:class, made with a Generation")
    parser.add_argument("--folder", default="", help="where cities are made, and found again")
    parser.add_argument("--save", default="", help="a CSV of every text and answer")
    return parser


def _examined(name: str, folder: Path, options: argparse.Namespace) -> Iterator[Asked]:
    """Every text of a town, answered by every system."""
    city = made(name, folder)
    rng = np.random.default_rng([options.seed, sorted(LANGUAGES).index(name)])
    town = town_of(name, city, rng)
    some = texts(town, rng, options.count)
    lost = [place for kind in LEFT_OUT for place in town.places.get(kind, ())]
    print(f"{name}: {len(some):,} texts; {len(lost)} entries left out for interpolation", flush=True)
    thin = thinned(city, folder / f"{name}-thinned", lost)
    judge = Judge(town.metric)
    for of, mine in (
        (city, [text for text in some if text.kind not in LEFT_OUT]),
        (thin, [text for text in some if text.kind in LEFT_OUT]),
    ):
        for system in options.systems.split(","):
            if mine and (geocodes := _system(system, of, options.geocoder)):
                asked = mine[:: options.peer_every] if system in PEERS else mine
                yield from _answers(name, system, geocodes, asked, judge)


def made(name: str, folder: Path) -> City:
    """The city of a name in a folder, made there unless it is there."""
    at = folder / name
    if (at / "draft.gpkg").exists():
        return City(at)
    if name == "chicago":
        return chicago(at)
    return with_groups(demo_city(folder / "demo-plain").folder, at) if name == "demo" else imported(name, at)


def town_of(name: str, city: City, rng: Rng) -> Town:
    """The places of a city."""
    if LANGUAGES[name] == "zh":
        return demo_town(name, METRIC[name], city.draft, rng)
    return osm_town(name, LANGUAGES[name], METRIC[name], city.draft, rng)


def _system(name: str, city: City, geocoder: str) -> Geocodes | None:
    if name in PEERS:
        return PEERS[name](names_of(city.draft))
    module, _, cls = geocoder.partition(":")
    if importlib.util.find_spec(module) is None:
        print(f"There is no {module}: only the peers are asked.")
        return None
    found: Geocodes = getattr(importlib.import_module(module), cls)(load_draft(city))
    return found


def _answers(
    town: str, system: str, geocodes: Geocodes, some: Sequence[Text], judge: Judge
) -> Iterator[Asked]:
    for text in some[:WARM_UP]:
        geocodes.geocode(text.text)
    asked = []
    for text in some:
        answer, seconds = _timed(geocodes, text)
        asked.append(Asked(town, system, text, judge(text, answer), seconds, _summary(answer)))
    for one in asked:
        warm = system not in PEERS and one.text.variant == "clean"
        yield replace(one, again=_timed(geocodes, one.text)[1]) if warm else one


def _timed(geocodes: Geocodes, text: Text) -> tuple[Any, float]:
    """The answer, and the seconds of this thread, in which all of them work; others may use the machine."""
    began = time.thread_time()
    return geocodes.geocode(text.text), time.thread_time() - began


def _summary(answer: Any) -> str:
    first = [f"{c.match}: {c.label} ({c.lng:.6f} {c.lat:.6f})" for c in answer.candidates[:3]]
    return " | ".join([answer.outcome, *first])


def _save(path: Path, asked: Sequence[Asked]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            ["town", "system", "kind", "variant", "verdict", "error_m", "radius_m", "text", "correct", "why",
             "answer", "truth"]
        )  # fmt: skip
        for one in asked:
            text, verdict = one.text, one.verdict
            table.writerow(
                [one.town, one.system, text.kind, text.variant, verdict.word, f"{verdict.error_m:.1f}",
                 f"{verdict.radius_m:.1f}", text.text, text.correct, text.why, one.answer,
                 ";".join(f"{shape.centroid.x:.1f} {shape.centroid.y:.1f}" for shape in text.truth)]
            )  # fmt: skip


if __name__ == "__main__":
    main()
