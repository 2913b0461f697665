"""Which polygon covers which point, beside peers: ``python -m benchmarks.partition [POINTS [RUNS]]``.

Answers are compared first: every pair of a point and a polygon, over all points. Figures are medians of runs
that take turns, each peer with its points and polygons ready and in its own form; what a peer builds anew for
every join (an STRtree) counts. Points are uniform over the polygons and in no order, which no index likes.
"""

from __future__ import annotations

import gc
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.tilings import partition
from geo.partition import PartitionIndex
from layers.io import read_layer

POINTS = 1_000_000
RUNS = 3
OURS, FIRST, PEER = "PartitionIndex.covering", "PartitionIndex.first", "geopandas.sjoin"
TAIWAN = Path(__file__).parents[2] / "shared" / "data" / "taiwan" / "taiwan_villages-10t.topojson"

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
Search = Callable[[], Pairs]


def main(points: int = POINTS, runs: int = RUNS) -> None:
    """Print one table for each layer."""
    PartitionIndex(partition(100)).covering([0.0], [0.0])  # compiles
    for name, geoms in _layers().items():
        x, y = _points_on(geoms, points)
        vertices = int(shapely.get_num_coordinates(geoms).sum())
        print(f"\n{points:,} points x {len(geoms):,} {name} ({vertices:,} vertices), median of {runs}\n")
        start = time.perf_counter()
        index = PartitionIndex(geoms)
        seconds = time.perf_counter() - start
        _table(_searches(index, geoms, x, y), points, runs)
        print(f"\nbuilding PartitionIndex: {seconds:.2f} s, {index.nbytes / 1e6:.0f} MB")
        print(f"one point: {_one_us(index, x, y):.1f} µs")


def _layers() -> dict[str, Geometries]:
    layers = {"tiling polygons": partition(2_000)}
    layers["tiling polygons, many"] = partition(20_000)
    if TAIWAN.exists():
        villages = read_layer(TAIWAN, layer="villages", accept=frozenset({"Polygon"})).frame
        layers["villages of Taiwan"] = villages.geometry.to_numpy()
    return layers


def _points_on(geoms: Geometries, points: int) -> tuple[Floats, Floats]:
    """Uniform over the box that holds all but the largest polygons' corners."""
    rng = np.random.default_rng(2)
    west, south, east, north = shapely.bounds(geoms).T
    low = np.quantile(west, 0.05), np.quantile(south, 0.05)
    high = np.quantile(east, 0.95), np.quantile(north, 0.95)
    x, y = rng.uniform(low, high, (points, 2)).T
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def _searches(index: PartitionIndex, geoms: Geometries, x: Floats, y: Floats) -> dict[str, Search]:
    """Each way to find all pairs."""
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y))
    polygons = geopandas.GeoDataFrame(geometry=geoms)
    bare = points.geometry.to_numpy()

    def joined() -> Pairs:
        out = geopandas.sjoin(points, polygons, predicate="intersects")
        return out.index.to_numpy(), out["index_right"].to_numpy()

    def queried() -> Pairs:
        point, geom = shapely.STRtree(geoms).query(bare, predicate="intersects")
        return point, geom

    def first() -> Pairs:
        found = index.first(x, y)
        return np.flatnonzero(found >= 0), found[found >= 0]

    searches: dict[str, Search] = {
        PEER: joined, "shapely STRtree.query": queried, OURS: lambda: index.covering(x, y), FIRST: first,
    }  # fmt: skip
    for name, opened in (("DuckDB spatial", _duckdb), ("SedonaDB", _sedonadb)):
        try:
            searches[name] = opened(geoms, x, y)
        except ImportError as missing:
            print(f"{name} is left out: {missing}")
    return searches


def _duckdb(geoms: Geometries, x: Floats, y: Floats) -> Search:
    duckdb: Any = importlib.import_module("duckdb")
    extension: Any = importlib.import_module("duckdb_extensions")
    extension.import_extension("spatial")
    base = duckdb.connect()
    base.execute("LOAD spatial")
    tables = {"p": _columns(x, y), "g": {"id": np.arange(len(geoms)), "wkb": shapely.to_wkb(geoms)}}
    for name, columns in tables.items():
        base.register(f"raw_{name}", geopandas.pd.DataFrame(columns))
    base.execute("CREATE TABLE p AS SELECT id, ST_Point(x, y) AS geom FROM raw_p")
    base.execute("CREATE TABLE g AS SELECT id, ST_GeomFromWKB(wkb) AS geom FROM raw_g")
    join = "SELECT p.id, g.id AS geom FROM p JOIN g ON ST_Intersects(g.geom, p.geom)"

    def search() -> Pairs:
        out = base.execute(join).fetchnumpy()
        return out["id"], out["geom"]

    return search


def _sedonadb(geoms: Geometries, x: Floats, y: Floats) -> Search:
    sedona: Any = importlib.import_module("sedonadb").connect()
    points = geopandas.GeoDataFrame({"id": np.arange(len(x))}, geometry=geopandas.points_from_xy(x, y))
    polygons = geopandas.GeoDataFrame({"gid": np.arange(len(geoms))}, geometry=geoms)
    sedona.create_data_frame(points).to_memtable().to_view("p")
    sedona.create_data_frame(polygons).to_memtable().to_view("g")
    join = "SELECT p.id, g.gid FROM p JOIN g ON ST_Intersects(g.geometry, p.geometry)"

    def search() -> Pairs:
        out = sedona.sql(join).to_arrow_table()
        return out["id"].to_numpy(), out["gid"].to_numpy()

    return search


def _columns(x: Floats, y: Floats) -> dict[str, NDArray[Any]]:
    return {"id": np.arange(len(x)), "x": x, "y": y}


def _table(searches: dict[str, Search], points: int, runs: int) -> None:
    want = _sorted(*searches[PEER]())
    for name, search in searches.items():
        found = _sorted(*search())
        wanted = _lowest(want) if name == FIRST else want
        if not all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True)):
            raise AssertionError(f"{name} finds other pairs than {PEER}.")
    print(f"{len(want[0]):,} pairs, the same by all\n")
    timed = _medians(searches, runs)
    print(f"{'':28}{'seconds':>9}{'points/s':>14}{PEER + ' takes':>24}")
    for name, seconds in timed.items():
        print(f"{name:28}{seconds:9.3f}{points / seconds:14,.0f}{timed[PEER] / seconds:22.1f} x")


def _sorted(point: NDArray[np.intp], geom: NDArray[np.intp]) -> Pairs:
    order = np.lexsort((geom, point))
    return point[order], geom[order]


def _lowest(pairs: Pairs) -> Pairs:
    """Of sorted pairs, the first of each point."""
    point, at = np.unique(pairs[0], return_index=True)
    return point, pairs[1][at]


def _medians(searches: dict[str, Search], runs: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in searches}
    for _ in range(runs):
        for name, search in searches.items():
            gc.collect()
            start = time.perf_counter()
            search()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def _one_us(index: PartitionIndex, x: Floats, y: Floats) -> float:
    places = list(zip(x[:10_000].tolist(), y[:10_000].tolist(), strict=True))
    start = time.perf_counter()
    for place in places:
        index.one(*place)
    return (time.perf_counter() - start) / len(places) * 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
