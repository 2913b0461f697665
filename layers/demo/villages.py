"""The villages of the demo city and their groups, as places with a point each."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from layers.demo.curves import METRIC_CRS, ORIGIN, Array
from layers.demo.divisions import communities, streets
from layers.demo.territory import Territory, reading_order, rows_of
from layers.demo.wordings import SPOTS

GROUPS = 24  # of a village, at most
GROUP_M = 130.0  # between the middles of neighbouring groups
ASTRAY_M = 30.0
# A village that is no community of its own, around the spot that the newspapers name: a group of it.
OLD_VILLAGE, OLD_GROUP = "北渡村", 22
OLD_REACH_M = 5 * GROUP_M


def villages(grid: Territory, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """The groups of every community that is a village, and an old village with its own."""
    rows = [row for name, middles in _villages(grid, rng) for row in _groups(name, middles)]
    rows.append((OLD_VILLAGE, "village", np.array(SPOTS[f"{OLD_VILLAGE}{OLD_GROUP}组"]) + ORIGIN))
    names, kinds, places = zip(*rows, strict=True)
    columns = {"code": [f"CZ{n:04d}" for n in range(1, len(rows) + 1)], "name": names, "kind": kinds}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.array(places).round(2)), crs=METRIC_CRS)


def _groups(village: str, middles: Array) -> Iterator[tuple[str, str, Array]]:
    for number, place in enumerate(middles, 1):
        yield f"{village}{number}组", "group", place


def _villages(grid: Territory, rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """Each village with the middles of its groups, in the order of their numbers."""
    for division in (one for street in streets() for one in communities(street.code)):
        if division.name.endswith("村"):
            ground = shapely.union_all(grid.cells[grid.community == division.code])
            yield division.name, _middles(ground, GROUPS, rng)
    spot = np.array(SPOTS[f"{OLD_VILLAGE}{OLD_GROUP}组"]) + ORIGIN
    around = shapely.difference(
        shapely.buffer(shapely.Point(spot), OLD_REACH_M), shapely.buffer(shapely.Point(spot), GROUP_M)
    )
    yield OLD_VILLAGE, np.insert(_middles(around, GROUPS - 1, rng), OLD_GROUP - 1, spot, axis=0)


def _middles(ground: shapely.Geometry, most: int, rng: np.random.Generator) -> Array:
    """So many places of a lattice that is a little askew, numbered as the communities' cells are."""
    west, south, east, north = ground.bounds
    x, y = np.meshgrid(np.arange(west, east, GROUP_M), np.arange(south, north, GROUP_M))
    xy = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-ASTRAY_M, ASTRAY_M, (x.size, 2))
    inside = xy[shapely.contains_xy(ground, xy)]
    kept = inside[np.sort(rng.permutation(len(inside))[:most])]
    return np.asarray(kept[reading_order(kept, rows_of(len(kept)))])
