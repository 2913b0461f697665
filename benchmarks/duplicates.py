"""How many duplicates are suspected, and how many suspicions are right: ``python -m benchmarks.duplicates``.

The demo city's reports say in their making which are told again: pairs of reports are known. They are few in
a wide city. Of the crowds that report one outage, flood or school gate each report counts as a problem of its
own; the tables say it with them and without. Chicago's requests say only that one was flagged as a duplicate,
not of which; what was not flagged may be one all the same: so the last column says how many of the suspected
are flagged or come from the very address of an open one. Needs the data folder beside the project.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

import layers.demo.clusters as crowds
import layers.demo.reports as told
from geo.crs import convert_points, parse_reference
from geo.duplicates import DAY_S, Telling, candidates, compare, grams, score, suspects
from geo.uncertainty import deviation
from layers.categories import SHIPPED, read_categories
from layers.demo.happenings import Happening
from layers.demo.tables import city
from layers.suspects import class_of

DATA = Path(os.environ.get("WOODPECKER_DATA", Path(__file__).parents[2] / "shared" / "data"))
SEEDS = (320613, 7)
OPEN_DAYS = 14
LEAST = (0.3, 0.5, 0.8)
FOOT_M = 0.3048
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """Pairs of a later report and one that was open then, with their scores; by report."""

    later: NDArray[np.intp]
    earlier: NDArray[np.intp]
    score: NDArray[np.float64]


def main() -> None:
    """Print the tables."""
    print("| reports | at least | suspected | of the duplicates | right | pairs right; at the address |")
    print("|---|--:|--:|--:|--:|--:|")
    every = []
    for seed in SEEDS:
        table, problem, in_crowd = _demo(seed)
        pairs = _scored(_demo_tellings(table), np.full(len(table), np.inf))
        true = problem[pairs.later] == problem[pairs.earlier]
        alone = ~(in_crowd[pairs.later] & in_crowd[pairs.earlier])
        for name, kept in (("", np.ones(len(true), np.bool_)), (", without crowds", alone)):
            for least in LEAST:
                print(_pairs_line(f"demo {seed}{name}", _of(pairs, kept), true[kept], least))
        every.append((pairs.score[alone], true[alone]))
    _chicago()
    _calibration(np.concatenate([said for said, _ in every]), np.concatenate([true for _, true in every]))
    _speed()


def _demo(seed: int) -> tuple[pd.DataFrame, NDArray[np.intp], Bools]:
    """The reports, which problem each tells of, and whether it is one of a crowd's."""
    seen: list[Happening] = []
    write = told._table

    def table(every: list[Happening], rng: np.random.Generator) -> pd.DataFrame:
        seen.extend(every)
        return write(every, rng)

    with mock.patch.object(told, "_table", table):
        reports = told.reports(city(seed), seed)
    # What is told again keeps the very templates and words of the first telling.
    problem = np.array([id(h.telling) if h.telling[0] else -n for n, h in enumerate(seen)])
    crowd = {id(value) for name, value in vars(crowds).items() if name.endswith("_TEXTS")}
    return reports, problem, np.array([id(h.telling[0]) in crowd for h in seen])


def _demo_tellings(table: pd.DataFrame) -> list[Telling]:
    lng, lat = (pd.to_numeric(table[name], errors="coerce").to_numpy(copy=True) for name in ("lng", "lat"))
    x, y = np.full(len(table), np.nan), np.full(len(table), np.nan)
    placed = np.isfinite(lng) & np.isfinite(lat) & (np.abs(lat) <= 90)
    for datum in table["datum"].unique():
        mine = np.flatnonzero(placed & (table["datum"] == datum).to_numpy() & (datum != ""))
        if len(mine):
            x[mine], y[mine] = convert_points(
                lng[mine], lat[mine], parse_reference(datum), parse_reference("EPSG:4549")
            )
    error = deviation(pd.to_numeric(table["accuracy_m"], errors="coerce").fillna(0).to_numpy())
    at = pd.to_datetime(table["occurred_at"]).map(lambda stamp: stamp.timestamp())
    classes = {code: class_of(category) for code, category in read_categories(SHIPPED, Path()).items()}
    return [
        Telling(*place, when, category, classes.get(category, ""), grams=grams(text))
        for place, when, category, text in zip(
            zip(x, y, error, strict=True), at, table["category"], table["text"], strict=True
        )
    ]


def _scored(tellings: list[Telling], closed_s: NDArray[np.float64]) -> Pairs:
    """Every report with those that were told before it, at most two weeks ago, and not closed then."""
    later, earlier, scores = [], [], []
    at = np.array([telling.at_s for telling in tellings])
    for n, telling in enumerate(tellings):
        first = int(np.searchsorted(at, telling.at_s - OPEN_DAYS * DAY_S))
        before = first + np.flatnonzero(closed_s[first:n] >= telling.at_s)
        likeness = compare(telling, candidates([(int(m), tellings[m]) for m in before]))
        later.append(np.full(len(before), n))
        earlier.append(before)
        scores.append(score(likeness))
    return Pairs(np.concatenate(later), np.concatenate(earlier), np.concatenate(scores))


def _of(pairs: Pairs, kept: Bools) -> Pairs:
    return Pairs(pairs.later[kept], pairs.earlier[kept], pairs.score[kept])


def _pairs_line(name: str, pairs: Pairs, true: Bools, least: float) -> str:
    """A report counts as found when a right issue is among its suspects."""
    hit = pairs.score >= least
    again, found = np.unique(pairs.later[true]), np.unique(pairs.later[true & hit])
    suspected = np.unique(pairs.later[hit])
    share, right = len(found) / len(again), len(found) / len(suspected)
    counts = f"{len(suspected)} | {len(found)} of {len(again)} = {share:.1%}"
    return f"| {name} | {least} | {counts} | {right:.1%} | {true[hit].mean():.1%} |"


def _chicago() -> None:
    table = pd.read_csv(DATA / "chicago" / "chicago_311_sanitation_2013H1.csv")
    flagged = table["Status"].str.contains("Dup").to_numpy()
    tellings = list(_chicago_tellings(table))
    closed = _day_s(table["Completion_Date"])
    # What was closed as a duplicate is not the issue that others are duplicates of.
    closed = np.where(flagged, -np.inf, np.where(np.isnan(closed), np.inf, closed))
    pairs = _scored(tellings, closed)
    address = table["Street_Address"].to_numpy()
    at_address = np.unique(pairs.later[address[pairs.later] == address[pairs.earlier]])
    for least in LEAST:
        suspected = np.unique(pairs.later[pairs.score >= least])
        found = int(flagged[suspected].sum())
        share, right = found / flagged.sum(), found / len(suspected)
        either = (flagged | np.isin(np.arange(len(table)), at_address))[suspected].mean()
        counts = f"{len(suspected)} | {found} of {flagged.sum()} = {share:.1%}"
        print(f"| Chicago | {least} | {counts} | ≥ {right:.1%} | {either:.1%} |")


def _chicago_tellings(table: pd.DataFrame) -> Iterator[Telling]:
    x, y = (table[f"{axis}_Coordinate"].to_numpy() * FOOT_M for axis in "XY")
    nature = table["What_is_the_Nature_of_this_Code_Violation"].fillna("")
    for place_x, place_y, at, category in zip(x, y, _day_s(table["Creation_Date"]), nature, strict=True):
        yield Telling(place_x, place_y, 0.0, at, category, "sanitation")


def _day_s(days: pd.Series[str]) -> NDArray[np.float64]:
    since = pd.to_datetime(days) - pd.Timestamp("2013-01-01")
    return np.asarray(since.dt.total_seconds(), dtype=np.float64)


def _calibration(said: NDArray[np.float64], true: Bools) -> None:
    print("\n| score, demo without crowds | pairs | mean score | duplicates |\n|---|--:|--:|--:|")
    edges = expit(np.array([-np.inf, -3, -2, -1, 0, 1, 2, 3, np.inf]))
    for low, high in itertools.pairwise(edges):
        mine = (said >= low) & (said < high)
        if mine.any():
            mean, share = said[mine].mean(), true[mine].mean()
            print(f"| {low:.2f}–{high:.2f} | {mine.sum():,} | {mean:.3f} | {share:.3f} |")


def _speed() -> None:
    tellings = _demo_tellings(_demo(SEEDS[1])[0])
    columns = candidates(list(enumerate(tellings[:500])))
    taken = []
    for telling in tellings[500:1000]:
        start = time.perf_counter()
        suspects(telling, columns)
        taken.append(time.perf_counter() - start)
    print(f"\nOne report against 500 issues: median {1e3 * np.median(taken):.2f} ms")


if __name__ == "__main__":
    main()
