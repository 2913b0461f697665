"""Coverages that don't nest in the grid: property management, cleaning sections, police precincts."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.demo.bodies import POLICE_NAMES, PROPERTY_WORDS
from layers.demo.curves import GRID_M
from layers.demo.lots import LANE_M, Lots
from layers.demo.regions import Labels, adjacency, balanced
from layers.demo.territory import Territory, dissolved

SECTIONS = 48
# A section is swept from kerb to kerb: it reaches across the streets that bound its cells.
ACROSS_M = 14.0
# The part of the estates that has a manager; the others are old and nobody's but the street's.
MANAGED = 0.74
ALWAYS_MANAGED = ("虹桥北村", "怡居小区")


def estates(
    ground: Lots, estate: NDArray[np.str_], rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.str_], Labels]:
    """The managed estates: surface, name and manager (by position in `PROPERTY_WORDS`)."""
    names = np.unique(estate[estate != ""])
    names = names[(rng.random(len(names)) < MANAGED) | np.isin(names, ALWAYS_MANAGED)]
    lots_of = [ground.shapes[estate == name] for name in names]
    reach = LANE_M / 2 - 0.1
    surfaces = [shapely.union_all(shapely.buffer(lots, reach, join_style="mitre")) for lots in lots_of]
    return np.array(surfaces, dtype=object), names, rng.integers(0, len(PROPERTY_WORDS), len(names))


def precincts(grid: Territory, rng: np.random.Generator) -> NDArray[np.object_]:
    """Police precincts: they follow cells, but neither communities nor streets."""
    return dissolved(grid.cells, _regions(grid, len(POLICE_NAMES), rng))[0]


def sections(grid: Territory, rng: np.random.Generator) -> NDArray[np.object_]:
    """Cleaning sections: they cut across cells, and each takes its bounding streets from kerb to kerb."""
    swept, _ = dissolved(grid.cells, _regions(grid, SECTIONS, rng))
    whole = shapely.union_all(swept)
    out: list[shapely.Geometry] = []
    for section in swept:
        mine = section.buffer(ACROSS_M, quad_segs=2)
        before = [other for other in out if other.intersects(mine)]
        # On a grid that degrees of nine decimals keep apart, so that rounding them bends nothing.
        free = shapely.difference(mine, shapely.union_all(before), grid_size=GRID_M)
        free = shapely.intersection(free, whole, grid_size=GRID_M)
        parts = shapely.get_parts(free)
        out.append(shapely.union_all(parts[shapely.area(parts) > 50], grid_size=GRID_M))
    return np.array(out, dtype=object)


def _regions(grid: Territory, count: int, rng: np.random.Generator) -> NDArray[np.str_]:
    links = adjacency(grid.cells)
    away = np.hypot(*(grid.middle[links.a] - grid.middle[links.b]).T)
    label = balanced(links, away, grid.middle, np.ones(len(grid.cells)), count, rng)
    return np.array([f"{n:03d}" for n in label])
