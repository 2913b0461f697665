"""How fast reports are assigned, beside a spatial join with cells and one with the nearest assets.

The peers, ``geopandas.sjoin`` and ``sjoin_nearest``, find the covering cell and the nearest street light;
`assign` also finds areas, shares, owner and rule. Cells and lamps are compared before anything is timed. The
ways take turns; seconds of the processor are told beside those of the clock, which other programs on the
machine lengthen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import geopandas
import numpy as np
from numpy.typing import NDArray

from layers.assets import SURVEY_ACCURACY_M
from layers.assign import Assignments, assign
from layers.generation import Generation

Floats = NDArray[np.float64]

LAMP, LAMPS = "0118", "street_light"
CATEGORIES = (LAMP, "E0105", "E0110", "E0102", "E0505", "")
ACCURACY_M = 20.0
# Reports in a group, and how many groups are timed: without an error, with one, and of the peer.
SIZES = ((1, 200, 100, 20), (32, 100, 30, 20), (4096, 10, 2, 3), (1_000_000, 1, 0, 1))
LARGE = 32_768  # with an error the largest group: more of them are weighed in blocks that are no larger
RUNS = 2  # of groups under a million


@dataclass(frozen=True)
class Reports:
    """Places in the city's box and what is reported there."""

    lng: Floats
    lat: Floats
    category: NDArray[np.object_]

    def part(self, start: int, size: int) -> Reports:
        """Some of them, in their order."""
        group = slice(start, start + size)
        return Reports(self.lng[group], self.lat[group], self.category[group])


def print_speed(generation: Generation) -> None:
    """Print one table, after comparing the answers; raises AssertionError where they differ."""
    peer, reports = _Peer(generation), _reports(generation, 1_000_000)
    _compare(generation, peer, reports.part(0, 100_000))
    print(f"\n{len(peer.cells):,} cells, {len(peer.lamps):,} lamps; best of {RUNS} turns; an error is 20 m\n")
    print("| reports in a group | way | a second of the clock | a second of the processor | ms a group |")
    print("|--:|---|--:|--:|--:|")
    for size, exact, wide, joined in SIZES:
        _rows(size, {
            "assign": _grouped(lambda r: _ask(generation, r, 0.0), reports, size, exact),
            "assign, with an error": _grouped(
                lambda r: _ask(generation, r, ACCURACY_M), reports, size if wide else LARGE, max(wide, 1)
            ),
            "sjoin and sjoin_nearest": _grouped(peer.join, reports, size, joined),
        })  # fmt: skip


def _ask(generation: Generation, reports: Reports, accuracy_m: float) -> Assignments:
    accuracy = np.full(len(reports.lng), accuracy_m)
    return assign(generation, reports.lng, reports.lat, category=list(reports.category), accuracy_m=accuracy)


def _reports(generation: Generation, count: int) -> Reports:
    cells = generation.cells
    west, south, east, north = geopandas.GeoSeries(cells.geometry[cells.leaves]).total_bounds
    rng = np.random.default_rng(1)
    category = np.array(CATEGORIES, dtype=object)[rng.integers(0, len(CATEGORIES), count)]
    return Reports(rng.uniform(west, east, count), rng.uniform(south, north, count), category)


class _Peer:
    """What a spatial join finds: the cells that cover places, and the lamp nearest to each."""

    def __init__(self, generation: Generation) -> None:
        cells, lamps = generation.cells, generation.assets[LAMPS]
        self.cells = geopandas.GeoDataFrame(geometry=cells.geometry[cells.leaves], crs="EPSG:4326")
        self.metric = generation.metric.text
        self.lamps = geopandas.GeoDataFrame(geometry=lamps.geometry, crs="EPSG:4326").to_crs(self.metric)
        self.radius_m = generation.config.radius(LAMPS)

    def join(self, reports: Reports) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
        """Cells of all places, and lamps within their radius."""
        at = geopandas.points_from_xy(reports.lng, reports.lat)
        points = geopandas.GeoDataFrame(geometry=at, crs="EPSG:4326")
        covered = geopandas.sjoin(points, self.cells, predicate="covered_by")
        near = geopandas.sjoin_nearest(
            points.to_crs(self.metric), self.lamps, max_distance=self.radius_m, distance_col="m"
        )
        return covered, near


def _compare(generation: Generation, peer: _Peer, reports: Reports) -> None:
    lamps = Reports(reports.lng, reports.lat, np.full(len(reports.lng), LAMP, dtype=object))
    answers, (covered, near) = _ask(generation, lamps, 0.0), peer.join(lamps)
    once = ~covered.index.duplicated(keep=False)
    row, leaf = covered.index[once].to_numpy(), covered["index_right"][once].to_numpy()
    assert (answers.cells.cell[row] == generation.cells.leaves[leaf]).all(), "cells differ from sjoin's"
    assert (answers.cells.distance_m[np.setdiff1d(np.arange(len(answers)), covered.index)] != 0).all()
    shares = answers.verdicts.assets
    row, first = np.unique(shares.row, return_index=True)
    near = near[~near.index.duplicated()]
    assert np.array_equal(row, near.index), "lamps are near elsewhere than sjoin_nearest has them"
    farther = shares.distance_m[first] - near["m"].to_numpy()
    assert ((farther >= -1e-6) & (farther <= SURVEY_ACCURACY_M + 1e-6)).all(), "other lamps are the nearest"


def _grouped(
    work: Callable[[Reports], object], reports: Reports, size: int, groups: int
) -> tuple[int, int, Callable[[], None]]:
    """Reports of a group, groups, and what asks for all of them."""

    def run() -> None:
        for group in range(groups):
            work(reports.part(group * size, size))

    return size, groups, run


def _rows(size: int, ways: dict[str, tuple[int, int, Callable[[], None]]]) -> None:
    best = dict.fromkeys(ways, (np.inf, np.inf))
    for _ in range(RUNS if size < 1_000_000 else 1):
        for name, (_, _, run) in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            took = (time.perf_counter() - wall, time.process_time() - cpu)
            best[name] = (min(best[name][0], took[0]), min(best[name][1], took[1]))
    for name, (each, groups, _) in ways.items():
        wall, cpu = best[name]
        shown = "" if each == size else f", {each:,} of them"
        rates = f"{each * groups / wall:,.0f} | {each * groups / cpu:,.0f} | {1000 * cpu / groups:,.2f}"
        print(f"| {size:,} | {name}{shown} | {rates} |", flush=True)
