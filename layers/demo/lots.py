"""Building land: what streets and waters leave of the cells, split into lots by lanes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from layers.demo.curves import ORIGIN, Array
from layers.demo.plan import HAO_MIDDLE
from layers.demo.regions import Labels
from layers.demo.roads import Streets
from layers.demo.territory import Territory
from layers.demo.waters import Waters

# Kerb, pavement and a strip of green between carriageway and lots; a path along waters.
PAVEMENT_M = 5.0
BANK_PATH_M = 10.0
LANE_M = 6.0
# Chances of each use by ring of the city: inner, middle, outer.
USES = ("slabs", "towers", "shops", "school", "park", "works", "village", "field")
CHANCES = np.array([
    [0.56, 0.16, 0.16, 0.07, 0.05, 0.00, 0.00, 0.00],
    [0.24, 0.24, 0.13, 0.06, 0.13, 0.16, 0.04, 0.00],
    [0.06, 0.15, 0.07, 0.05, 0.13, 0.30, 0.16, 0.08],
])  # fmt: skip
RINGS_M = (2400.0, 5000.0)
# The part of the cells that is built on, by ring: further out lies farmland and green.
BUILT = np.array([1.0, 0.66, 0.34])
# Communities whose estates people report from.
NEVER_RURAL = ("320613005005", "320613021004", "320613010001", "320613019003")
LOT_M2 = 34_000.0


@dataclass(frozen=True)
class Lots:
    """Lots in EPSG:4549, the cell each lies in, its use, and the lanes between them."""

    shapes: NDArray[np.object_]
    cell: Labels
    use: NDArray[np.str_]
    lanes: NDArray[np.object_]
    lane_cell: Labels


def lots(grid: Territory, streets: Streets, wet: Waters, rng: np.random.Generator) -> Lots:
    """The lots of every cell."""
    land = _without(grid.cells, _corridors(streets, wet))
    ring = np.asarray(np.searchsorted(RINGS_M, np.hypot(*(grid.middle - ORIGIN - HAO_MIDDLE).T)))
    land[rng.random(len(land)) > BUILT[ring] + 9.0 * np.isin(grid.community, NEVER_RURAL)] = Polygon()
    shapes: list[Polygon] = []
    home: list[int] = []
    lanes: list[tuple[LineString, int]] = []
    for cell, geometry in enumerate(land):
        for part in shapely.get_parts(geometry):
            if part.area > 1500:
                found, between = _laned(part, rng)
                shapes += found
                home += [cell] * len(found)
                lanes += [(lane, cell) for lane in between]
    cells = np.array(home)
    use = _uses(ring[cells], rng)
    lines, lane_cell = zip(*lanes, strict=True)
    return Lots(
        np.array(shapes, dtype=object), cells, use, np.array(lines, dtype=object), np.array(lane_cell)
    )


def _corridors(streets: Streets, wet: Waters) -> NDArray[np.object_]:
    """What cannot be built on."""
    roads = shapely.buffer(streets.lines, streets.width_m / 2 + PAVEMENT_M, quad_segs=2)
    return np.concatenate([roads, shapely.buffer(wet.surfaces, BANK_PATH_M, quad_segs=2)])


def _without(cells: NDArray[np.object_], taken: NDArray[np.object_]) -> NDArray[np.object_]:
    """The cells less everything taken; in one pass a taker."""
    cell, taker = shapely.STRtree(taken).query(cells, predicate="intersects")
    order = np.argsort(cell, kind="stable")
    cell, taker = cell[order], taker[order]
    turn = np.arange(len(cell)) - np.searchsorted(cell, cell)
    left = cells.copy()
    # The first takers of all cells, then their second ones, and so on.
    for k in range(int(turn.max()) + 1):
        now = turn == k
        left[cell[now]] = shapely.difference(left[cell[now]], taken[taker[now]])
    return left


def _laned(land: Polygon, rng: np.random.Generator) -> tuple[list[Polygon], list[LineString]]:
    """The land in lots of some hectares, with the lanes between them."""
    done: list[Polygon] = []
    lanes: list[LineString] = []
    todo = [land]
    while todo:
        lot = todo.pop()
        if lot.area < LOT_M2 * rng.uniform(1.0, 2.4):
            done.append(lot)
            continue
        lane = _lane(lot, rng)
        lanes.append(lane)
        halves = shapely.get_parts(shapely.difference(lot, lane.buffer(LANE_M / 2, cap_style="square")))
        todo += [half for half in halves if half.area > 1500]
    return done, lanes


def _lane(lot: Polygon, rng: np.random.Generator) -> LineString:
    """A lane across the lot, parallel to its short side."""
    box = np.asarray(shapely.oriented_envelope(lot).exterior.coords)
    sides = box[1:3] - box[:2]
    long, wide = sides if np.hypot(*sides[0]) >= np.hypot(*sides[1]) else sides[::-1]
    middle = np.asarray(lot.centroid.coords[0]) + long * rng.uniform(-0.08, 0.08)
    line = shapely.intersection(LineString([middle - wide, middle + wide]), lot)
    parts = shapely.get_parts(line)
    return parts[int(np.argmax(shapely.length(parts)))]


def _uses(ring: Labels, rng: np.random.Generator) -> NDArray[np.str_]:
    """A use for each lot, by lot."""
    drawn = rng.random(len(ring))
    use: Labels = (drawn[:, None] > np.cumsum(CHANCES, axis=1)[ring]).sum(axis=1).clip(0, len(USES) - 1)
    return np.asarray(USES, dtype=np.str_)[use]


def bearing(xy: Array) -> Array:
    """The bearing of each position from the old town's middle, in degrees."""
    east, north = (xy - ORIGIN - HAO_MIDDLE).T
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360)
