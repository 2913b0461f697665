"""Hotspots beside esda, scipy and pymannkendall: ``python -m benchmarks.hotspots``.

What can be compared is compared first. Figures are medians of runs that take turns; what a peer takes minutes
for is measured on a part and multiplied, which the line says. Reports of a million rows are read from a file
and written to another by the command itself, in a process of its own, start included.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from benchmarks.demo_city import demo_city
from geo.bins import Lattice, bins
from geo.bins_counts import counts
from geo.density import density, density_at
from geo.hotspot_getis import gi_star
from geo.hotspot_trend import mann_kendall
from geo.hotspots import Evidence, by_change, by_count, by_exposure, by_share, judged
from geo.neighbours import bin_neighbours, with_self
from geo.scan import scan
from layers.generation import load_live

Floats = NDArray[np.float64]
Ways = dict[str, tuple[Callable[[], object], float]]
"""What is timed, and by how much it is multiplied."""

SIDE = 316
STEPS = 24
POINTS = 1_000_000
DRAWN = 100_000
LEUKAEMIA = Path(__file__).parents[2] / "shared" / "data" / "hotspots" / "ny_leukemia"


def main(argv: list[str] | None = None) -> None:
    """Print one table, and how long a million reports take from file to file."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--runs", type=int, default=5, help="of each, the median counts (5)")
    asked.add_argument("--reports", type=int, default=POINTS, help="from file to file, 0 for none (1000000)")
    asked.add_argument("--no-peers", action="store_true", help="ours alone")
    given = asked.parse_args(argv)
    print(f"\n{'':62}{'seconds':>10}")
    for ways in _groups(peers=not given.no_peers):
        for name, seconds in _medians(ways, given.runs).items():
            print(f"{name:62}{seconds:10.3f}", flush=True)
        print()
    if given.reports:
        _from_file_to_file(given.reports)


def _groups(*, peers: bool) -> list[Ways]:
    return [
        _neighbours(peers),
        _statistics(peers),
        _tests(peers),
        _trends(peers),
        _clusters(),
        _counted(),
        _surfaces(peers),
    ]


def _medians(ways: Ways, runs: int) -> dict[str, float]:
    """Peers run once where they are multiplied: they take long enough."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(runs):
        for name, (work, times) in ways.items():
            if run and times != 1:
                continue
            start = time.perf_counter()
            work()
            seconds[name].append((time.perf_counter() - start) * times)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def _peer(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        print(f"{name} is left out: {missing}")
        return None


# ---- cells


def _key(side: int = SIDE) -> NDArray[np.int64]:
    return np.argwhere(np.ones((side, side)))


def _reported(side: int = SIDE) -> tuple[Floats, Floats]:
    """Reports of a category, and of all, for each cell; they vary more than chance would have it."""
    rng = np.random.default_rng(1)
    ours = rng.poisson(rng.gamma(1.0, 1.0, side * side))
    return ours.astype(np.float64), (ours + rng.poisson(9.0, side * side)).astype(np.float64)


def _neighbours(peers: bool) -> Ways:
    ways: Ways = {f"neighbours of {SIDE**2:,} squares": (lambda: bin_neighbours(_key(), "queen"), 1)}
    weights = _peer("libpysal.weights") if peers else None
    if weights:
        ways["  libpysal lat2W"] = (lambda: weights.lat2W(SIDE, SIDE, rook=False), 1)
    return ways


def _statistics(peers: bool) -> Ways:
    links, (ours, _) = bin_neighbours(_key(), "queen"), _reported()
    own = with_self(links)

    def plain() -> Floats:
        """Ord and Getis' formula as one writes it with scipy."""
        size, n = own.sum(axis=1), len(ours)
        spread = ours.std() * np.sqrt((n * size - size**2) / (n - 1))
        return np.asarray((own @ ours - size * ours.mean()) / spread)

    np.testing.assert_allclose(gi_star(ours, links), plain(), atol=1e-9)
    ways: Ways = {
        f"Gi* (z) of {SIDE**2:,} cells": (lambda: gi_star(ours, links), 1),
        "  scipy, unchecked": (plain, 1),
    }
    esda, weights = (_peer("esda.getisord"), _peer("libpysal.weights")) if peers else (None, None)
    if esda and weights:
        theirs = weights.lat2W(SIDE, SIDE, rook=False)
        few = weights.lat2W(100, 100, rook=False)
        less = _reported(100)[0]
        np.testing.assert_allclose(gi_star(ours, links), _esda(esda, ours, theirs, 0).Zs, atol=1e-9)
        ways["  esda G_Local"] = (lambda: _esda(esda, ours, theirs, 0), 1)
        _esda(esda, less, few, 9)  # compiles
        ways["  esda G_Local with 999 permutations (a tenth, x 10)"] = (
            lambda: _esda(esda, less, few, 999), SIDE**2 / 100**2,
        )  # fmt: skip
    return ways


def _esda(esda: Any, held: Floats, weights: Any, permutations: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return esda.G_Local(held, weights, "B", permutations, star=True, n_jobs=1, seed=1)


def _tests(peers: bool) -> Ways:
    del peers  # nobody else has these
    links, (ours, every) = bin_neighbours(_key(), "queen"), _reported()
    calm = np.random.default_rng(2).poisson(1.0, len(ours)).astype(np.float64)
    lamps = np.floor(every * 3) + 1
    metres = lamps + np.random.default_rng(3).random(len(ours))

    def timed(tested: Callable[[], Evidence]) -> tuple[Callable[[], object], float]:
        return (lambda: judged([tested()])), 1.0

    return {
        "by count, with FDR": timed(lambda: by_count(ours, links)),
        "by share of all reports, with FDR": timed(lambda: by_share(ours, every, links)),
        "by share, reports no more varied than chance": timed(lambda: by_share(calm, calm + every, links)),
        "by exposure in whole numbers, with FDR": timed(lambda: by_exposure(ours, lamps, links)),
        "by exposure, no two alike, with FDR": timed(lambda: by_exposure(ours, metres, links)),
        "change between two windows, with FDR": timed(lambda: by_change(ours, calm)),
    }


def _trends(peers: bool) -> Ways:
    series = np.random.default_rng(4).poisson(1.0, (SIDE**2, STEPS)).astype(np.float64)
    ways: Ways = {
        f"trends of {SIDE**2:,} cells over {STEPS} steps": (lambda: mann_kendall(series), 1),
        f"trends over {STEPS // 2} steps, exact": (lambda: mann_kendall(series[:, : STEPS // 2]), 1),
    }
    theirs = _peer("pymannkendall") if peers else None
    if theirs:
        few = series[:500]
        wanted = [theirs.original_test(row).z for row in few]
        np.testing.assert_allclose(mann_kendall(few).z, wanted, atol=1e-9)
        ways["  pymannkendall (500 cells, multiplied)"] = (
            lambda: [theirs.original_test(row) for row in few], SIDE**2 / len(few),
        )  # fmt: skip
    return ways


def _clusters() -> Ways:
    if not LEUKAEMIA.exists():
        print(f"the scan is left out: no {LEUKAEMIA}")
        return {}
    xy, cases, people = (
        np.loadtxt(LEUKAEMIA / f"satscan_ny_{what}.txt") for what in ("coords", "cases", "pop")
    )
    scan(xy[:9, 1:], cases[:9, 1], people[:9, 2])  # compiles
    return {
        "scan of 281 tracts, 999 replications, half the population": (
            lambda: scan(xy[:, 1:], cases[:, 1], people[:, 2]), 1,
        )
    }  # fmt: skip


# ---- points


def _points(many: int) -> Floats:
    rng = np.random.default_rng(5)
    return np.concatenate([rng.uniform(0, 30_000, (many // 2, 2)), rng.normal(15_000, 3_000, (many // 2, 2))])


def _counted() -> Ways:
    xy = _points(POINTS)
    who = np.random.default_rng(6).integers(0, POINTS // 3, len(xy))

    def work(lattice: Lattice) -> object:
        used = bins(lattice, xy)
        return counts(used.position, len(used.key), thing=who)

    return {
        f"{POINTS:,} points into squares, people counted": (lambda: work(Lattice("square", 300.0)), 1),
        f"{POINTS:,} points into hexagons, people counted": (lambda: work(Lattice("hex", 300.0)), 1),
    }


def _surfaces(peers: bool) -> Ways:
    xy, width = _points(DRAWN), 400.0
    at = np.stack(np.meshgrid(*[np.linspace(0, 30_000, 500)] * 2), axis=-1).reshape(-1, 2)
    ways: Ways = {
        f"density of {DRAWN:,} points at {len(at):,} places": (
            lambda: density_at(density(xy, bandwidth_m=width, cell_m=60.0), at), 1,
        )
    }  # fmt: skip
    if peers:
        some = at[::1000]
        exact = gaussian_kde(xy.T, bw_method=width / float(np.sqrt(np.cov(xy.T).trace() / 2)))
        ways["  scipy gaussian_kde (a thousandth of the places, x 1,000)"] = (lambda: exact(some.T), 1000)
    return ways


# ---- from file to file


def _from_file_to_file(reports: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        city = demo_city(folder)
        _write_reports(folder, reports, load_live(city).cells.geometry)
        for source in ("csv", "parquet"):
            for wanted in ("square:250", "level"):
                options = ["--bins", wanted] if wanted != "level" else []
                out = folder / f"{source}{wanted[0]}.gpkg"
                words = [
                    "hotspots", "--city", str(city.folder), "--in", str(folder / f"reports.{source}"),
                    "--category", "0118", "--out", str(out), *options,
                ]  # fmt: skip
                start = time.perf_counter()
                subprocess.run([sys.executable, "-m", "api.cli", *words], check=True, capture_output=True)
                seconds = time.perf_counter() - start
                name = f"{reports:,} reports, {source} to GeoPackage, {wanted}"
                print(f"{name:62}{seconds:10.1f}", flush=True)


def _write_reports(folder: Path, reports: int, cells: NDArray[np.object_]) -> None:
    west, south, east, north = shapely.total_bounds(cells)
    rng = np.random.default_rng(7)
    day = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 180 * 86_400, reports), "s")
    table = pd.DataFrame(
        {
            "lng": rng.uniform(west, east, reports).round(7),
            "lat": rng.uniform(south, north, reports).round(7),
            "category": rng.choice(["0118", "E0105", "E0110", "E0102", "E0505"], reports),
            "occurred_at": day.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "reporter": rng.integers(0, reports // 3, reports).astype(str),
        }
    )
    table.to_csv(folder / "reports.csv", index=False)
    table.to_parquet(folder / "reports.parquet")


if __name__ == "__main__":
    main()
