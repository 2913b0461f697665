"""The nearest asset of many points, beside peers: ``python -m benchmarks.nearest [POINTS [RUNS]]``.

Answers are compared first: positions with the lowest among all that a peer finds nearest, distances to 1e-9.
Figures are medians of runs that take turns, and the ratio to ``geopandas.sjoin_nearest``.
Points are uniform over the box of the layer, and so mostly far from any asset and in no order, which no index
likes.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.nearest import NearestIndex
from layers.demo.sources import city

POINTS = 1_000_000
RUNS = 3
RADIUS_M = 50.0
OURS, PEER, TREE, SCIPY = "NearestIndex", "geopandas.sjoin_nearest", "STRtree.query_nearest", "scipy cKDTree"

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Found = tuple[NDArray[np.intp], Floats]
Search = Callable[[float], Found]


def main(points: int = POINTS, runs: int = RUNS) -> None:
    """Print one table for each layer."""
    for name, geoms in _layers().items():
        rng = np.random.default_rng(2)
        west, south, east, north = shapely.total_bounds(geoms)
        xy = rng.uniform([west, south], [east, north], (points, 2))
        vertices = int(shapely.get_num_coordinates(geoms).sum())
        print(f"\n{points:,} points x {len(geoms):,} {name} ({vertices:,} vertices), median of {runs}\n")
        _table(geoms, xy, runs)


def _layers() -> dict[str, Geometries]:
    tables = city(320613).tables
    rng = np.random.default_rng(1)
    spots = rng.uniform(0, 30_000, (100_000, 2)) + np.array([450_000.0, 4_200_000.0])
    steps = rng.normal(0, 1, (20_000, 1, 2)) * 20 + rng.normal(0, 6, (20_000, 8, 2))
    lines = spots[:20_000, None] + steps.cumsum(axis=1)
    return {
        "lamps of the demonstration city": tables["asset:street_light"].geometry.to_numpy(),
        "random points": shapely.points(spots),
        "roads of the demonstration city": tables["asset:road"].geometry.to_numpy(),
        "random lines of 8 vertices": shapely.linestrings(lines),
        "buildings of the demonstration city": tables["asset:building"].geometry.to_numpy(),
    }


def _table(geoms: Geometries, xy: Floats, runs: int) -> None:
    builders = _builders(geoms, xy)
    searches, built = {}, {}
    for name, build in builders.items():
        before, start = _resident_mb(), time.perf_counter()
        searches[name] = build()
        built[name] = time.perf_counter() - start, _resident_mb() - before
    print(f"{'':26}{'build s':>9}{'MB':>7}{'50 m: s':>10}{'ratio':>8}{'any: s':>10}{'ratio':>8}")
    figures = {name: built[name] for name in searches}
    for radius in (RADIUS_M, np.inf):
        _compare(searches, radius)
        timed = _medians({name: _with(search, radius) for name, search in searches.items()}, runs)
        for name, seconds in timed.items():
            figures[name] += (seconds, timed[PEER] / seconds)
    for name, (build_s, mb, near_s, near, any_s, far) in figures.items():
        print(f"{name:26}{build_s:9.2f}{mb:7.1f}{near_s:10.3f}{near:8.1f}{any_s:10.3f}{far:8.1f}")


def _builders(geoms: Geometries, xy: Floats) -> dict[str, Callable[[], Search]]:
    """What makes each way's index of geometries, and returns how it is asked for places that lie ready."""
    x, y = np.ascontiguousarray(xy.T)
    points = shapely.points(xy)
    made: dict[str, Callable[[], Search]] = {
        OURS: partial(_ours, geoms, x, y), PEER: partial(_peer, geoms, points),
        TREE: partial(_tree, geoms, points),
    }  # fmt: skip
    if (shapely.get_dimensions(geoms) == 0).all():
        made[SCIPY] = partial(_scipy, geoms, xy)
    return made


def _ours(geoms: Geometries, x: Floats, y: Floats) -> Search:
    index = NearestIndex(geoms)
    index.nearest(x[:10], y[:10])  # compiles
    return lambda radius: index.nearest(x, y, radius)


def _peer(geoms: Geometries, points: Geometries) -> Search:
    left, right = geopandas.GeoDataFrame(geometry=points), geopandas.GeoDataFrame(geometry=geoms)

    def search(radius: float) -> Found:
        limit = radius if np.isfinite(radius) else None
        found = geopandas.sjoin_nearest(left, right, max_distance=limit, distance_col="m")
        row, geom, away = found.index, found["index_right"], found["m"]
        return _lowest(row.to_numpy(), geom.to_numpy(), away.to_numpy(), len(points))

    return search


def _tree(geoms: Geometries, points: Geometries) -> Search:
    index = shapely.STRtree(geoms)

    def search(radius: float) -> Found:
        limit = radius if np.isfinite(radius) else None
        (row, geom), away = index.query_nearest(points, max_distance=limit, return_distance=True)
        return _lowest(row, geom, away, len(points))

    return search


def _scipy(geoms: Geometries, xy: Floats) -> Search:
    index = cKDTree(shapely.get_coordinates(geoms))

    def search(radius: float) -> Found:
        away, geom = index.query(xy, distance_upper_bound=np.nextafter(radius, np.inf), workers=-1)
        return np.where(np.isfinite(away), geom, -1), np.where(np.isfinite(away), away, np.nan)

    return search


def _lowest(row: NDArray[np.intp], geom: NDArray[np.intp], away: Floats, n: int) -> Found:
    """One row for each point; of equally near geometries the first."""
    position, distance = np.full(n, -1, dtype=np.intp), np.full(n, np.nan)
    order = np.lexsort((geom, row))[::-1]
    position[row[order]], distance[row[order]] = geom[order], away[order]
    return position, distance


def _compare(searches: dict[str, Search], radius: float) -> None:
    position, distance = searches[OURS](radius)
    for name, search in searches.items():
        theirs, away = search(radius)
        assert np.allclose(distance, away, rtol=1e-9, atol=0.0, equal_nan=True), name
        # scipy knows no order among the equally near.
        other = np.flatnonzero(position != theirs)
        assert (distance[other] == away[other]).all() if name == SCIPY else not len(other), name


def _with(search: Search, radius: float) -> Callable[[], Found]:
    return lambda: search(radius)


def _medians(work: dict[str, Callable[[], Found]], runs: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(runs):
        for name, run in work.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(of_name) for name, of_name in seconds.items()}


def _resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
