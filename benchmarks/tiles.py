"""Vector tiles: ``python -m benchmarks.tiles [CITY …]``.

100,000 open issues in the demo city, a third of them on two hundred spots. Tiles are asked for around issues
and places that are drawn at random, so mostly those that have much on them. CITY is the folder of another
city, whose basemap is measured too. Times are of the processor, in milliseconds.
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from benchmarks.demo_city import demo_city
from benchmarks.open_issues import NOON, _issues
from geo.tiles import Tile, line_runs, point_runs, ring_runs, squares_of, to_world
from layers.cell_counts import counts_by_cell
from layers.city import City
from layers.generation import Generation, load_live
from layers.open_issues import OpenIssues
from layers.store.filters import IssueFilter
from layers.store.values import Issue
from maps.city_tiles import CityTiles
from maps.issue_tiles import issue_tile
from maps.vector_tile import Part, Shape, layer_bytes

COUNT, SPOTS, TILES = 100_000, 200, 60
ZOOMS = range(7, 19)
HEAD = "| zoom | tiles | middle | p95 | most | most kB |\n|--:|--:|--:|--:|--:|--:|"
OPTIONS = {"y_coord_down": True, "check_winding_order": False}


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        demo = load_live(demo_city(Path(folder)))
        gc.collect()
        gc.freeze()  # as the server does
        _of_issues(demo)
        _of_city("The demo city", demo)
    for other in sys.argv[1:]:
        _of_city(other, load_live(City(Path(other))))
    _encoding()


def _of_issues(generation: Generation) -> None:
    open_, issues = OpenIssues(generation), _gathered([issue for issue, _ in _issues(generation, COUNT)])
    open_.fill((issue, None) for issue in issues)
    gc.collect()
    gc.freeze()
    places = [(issue.lng, issue.lat) for issue in random.Random(2).sample(issues, 2_000)]
    for name, wanted in (
        ("all", IssueFilter()),
        ("one category", IssueFilter(category=(issues[0].category,))),
    ):
        print(f"\nOpen issues, {COUNT:,}, {name}\n\n{HEAD}")
        _tiles(places, lambda tile, wanted=wanted: issue_tile(open_, wanted, tile, now_us=NOON))  # type: ignore[misc]
    cells, level = generation.cells, generation.config.levels[-1]

    def counted() -> object:
        return counts_by_cell(open_.view(IssueFilter(), now_us=NOON), cells, level)

    print(
        f"\nCounts of the cells of the lowest level: {statistics.median(_ms(counted) for _ in range(9)):.1f}"
    )


def _gathered(issues: Sequence[Issue], seed: int = 3) -> list[Issue]:
    """The issues, a third of them within some hundred metres of a spot."""
    rng = random.Random(seed)
    spots = [(one.lng or 0.0, one.lat or 0.0) for one in rng.sample(issues, SPOTS)]

    def moved(issue: Issue) -> Issue:
        lng, lat = rng.choice(spots)
        return replace(issue, lng=lng + rng.gauss(0, 1e-3), lat=lat + rng.gauss(0, 1e-3))

    return [moved(issue) if n % 3 == 0 else issue for n, issue in enumerate(issues)]


def _of_city(name: str, generation: Generation) -> None:
    tiles = CityTiles(generation)
    made = _ms(tiles.warm)
    centres = shapely.get_coordinates(shapely.centroid(generation.cells.geometry[generation.cells.leaves]))
    places = [tuple(centre) for centre in centres.tolist()]
    print(f"\n{name}: made ready in {made:.0f}, its tiles\n\n{HEAD}")
    _tiles(places, tiles.tile)


def _tiles(places: Iterable[Any], make: Callable[[Tile], bytes]) -> None:
    """A line for each zoom: at most so many different tiles, in the order in which places come."""
    lng, lat = np.array(list(places), dtype=np.float64).T
    for z in ZOOMS:
        numbers = zip(*(axis.tolist() for axis in squares_of(*to_world(lng, lat), z)), strict=True)
        tiles = [Tile(z, *pair) for pair in dict.fromkeys(numbers)][:TILES]
        times, sizes = zip(*(_made(make, tile) for tile in tiles), strict=True)
        middle, late = np.percentile(times, [50, 95])
        print(
            f"| {z} | {len(tiles)} | {middle:.1f} | {late:.1f} | {max(times):.1f} | {max(sizes) / 1e3:.0f} |"
        )


def _made(make: Callable[[Tile], bytes], tile: Tile) -> tuple[float, int]:
    """Milliseconds and bytes of a tile."""
    made: list[bytes] = []
    return _ms(lambda: made.append(make(tile))), len(made[0])


def _encoding() -> None:
    """The same features written by the library's own function and as we fill its messages."""
    rng, tile = np.random.default_rng(1), Tile(0, 0, 0)
    corners = rng.integers(0, 4000, (2_000, 2))
    shapes = {
        "points": (Shape.POINT, point_runs, shapely.points(corners)),
        "lines of 20": (Shape.LINE, line_runs, shapely.linestrings(
            np.clip(corners[:, None] + rng.integers(-90, 90, (2_000, 20, 2)).cumsum(axis=1), 0, 4095))),
        "squares": (Shape.AREA, ring_runs, shapely.box(*corners.T, *(corners + 9).T)),
    }  # fmt: skip
    print("\n2,000 features, written\n\n| shape | mapbox_vector_tile.encode | here |\n|---|--:|--:|")
    for name, (shape, runs_of, geometry) in shapes.items():
        features = [{"geometry": one, "properties": {"n": n % 50}} for n, one in enumerate(geometry)]
        placed = shapely.transform(geometry, lambda xy: xy * tile.unit)
        columns = {"n": [n % 50 for n in range(len(geometry))]}
        ways = (
            lambda features=features: mapbox_vector_tile.encode(
                [{"name": "a", "features": features}], default_options=OPTIONS
            ),
            lambda shape=shape, runs_of=runs_of, placed=placed, columns=columns: layer_bytes(
                "a", [Part(shape, runs_of(placed, tile), columns)]
            ),
        )
        theirs, ours = (min(_ms(way) for _ in range(5)) for way in ways)
        print(f"| {name} | {theirs:.1f} | {ours:.1f} |")


def _ms(way: Callable[[], object]) -> float:
    start = time.process_time()
    way()
    return 1e3 * (time.process_time() - start)


if __name__ == "__main__":
    main()
