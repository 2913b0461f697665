"""Locating beside a spatial join: ``python -m benchmarks.locate``.

The peer, ``geopandas.sjoin``, only finds the covering cells; `assign` also finds areas, asset, owner and
rule. Figures are medians of interleaved runs, and their ratio.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np

from benchmarks.demo_city import demo_city
from geo.partition import PartitionIndex
from layers.answers import answer_frame, reasons
from layers.assign import assign
from layers.generation import Generation, load_live

REPORTS = 100_000
GROUPED = 3_200  # as many as are assigned in small groups
RUNS = 3


def main() -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as folder:
        generation = load_live(demo_city(Path(folder)))
        _table(generation)


def _table(generation: Generation) -> None:
    cells = generation.cells
    leaves = geopandas.GeoDataFrame(geometry=cells.geometry[cells.leaves], crs="EPSG:4326")
    west, south, east, north = leaves.total_bounds
    rng = np.random.default_rng(1)
    lng, lat = rng.uniform(west, east, REPORTS), rng.uniform(south, north, REPORTS)
    category = rng.choice(["0118", "E0105", "E0110", "E0102", "E0505"], REPORTS)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lng, lat), crs="EPSG:4326")

    def say_all() -> None:
        reasons(answer_frame(assign(generation, lng, lat, category=category)), ("zh", "en"))

    def say_groups() -> None:
        for start in range(0, GROUPED, 32):
            group = slice(start, start + 32)
            assign(generation, lng[group], lat[group], category=category[group])

    index = PartitionIndex(leaves.geometry.to_numpy())
    timed = _medians(
        {
            "geopandas.sjoin, cells only": lambda: geopandas.sjoin(points, leaves, predicate="covered_by"),
            "PartitionIndex.first, cells only": lambda: index.first(lng, lat),
            "assign: cell, areas, asset, owner, rule": lambda: assign(
                generation, lng, lat, category=category
            ),
            "assign, groups of 32": say_groups,
            "assign, table and reasons in zh and en": say_all,
        }
    )
    peer = next(iter(timed.values()))
    print(f"{REPORTS:,} reports, {len(leaves):,} cells, median of {RUNS}\n")
    print(f"{'':42}{'seconds':>9}{'reports/s':>12}{'of sjoin':>10}")
    for name, seconds in timed.items():
        rate = (GROUPED if "groups" in name else REPORTS) / seconds
        print(f"{name:42}{seconds:9.2f}{rate:12,.0f}{REPORTS / peer / rate:10.2f}")


def _medians(functions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of each, the functions taking turns, after a warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for run in range(RUNS + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if run:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


if __name__ == "__main__":
    main()
