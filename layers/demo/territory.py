"""The demo city's grid: cells, communities, streets and the district, each a union of the level below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, Polygon

from layers.demo import plan
from layers.demo.curves import ORIGIN, Array
from layers.demo.divisions import communities, streets
from layers.demo.frame import Frame, superblocks
from layers.demo.mesh import Cut, split
from layers.demo.regions import Adjacency, Labels, adjacency, balanced, grow, ways

# Cells wanted in a community, before the smallest are joined to a neighbour: more where the street office
# sits near the old town (within so many metres).
CELLS_PER_COMMUNITY = ((2800.0, 11.5), (4600.0, 8.2), (np.inf, 6.8))
# A cell smaller than this part of its street's usual one is joined to a neighbour.
SLIVER = 0.16
# Crossing a main road or a canal costs a growing community this much of the way again.
BARRIER = 1.1


@dataclass(frozen=True)
class Territory:
    """The cells in code order, in EPSG:4549, with the codes of their parents in their own."""

    cells: NDArray[np.object_]
    codes: NDArray[np.str_]
    cuts: tuple[Cut, ...]
    middle: Array

    @property
    def street(self) -> NDArray[np.str_]:
        """The street's code of each cell (9 digits)."""
        return self.codes.astype("U9")

    @property
    def community(self) -> NDArray[np.str_]:
        """The community's code of each cell (12 digits)."""
        return self.codes.astype("U12")

    def at(self, points: NDArray[np.object_]) -> Labels:
        """The cell (by position) that each point lies in, the nearest one outside the district."""
        tree = shapely.STRtree(points)
        cell, inside = tree.query(self.cells, predicate="covers")
        found = np.full(len(points), -1)
        # On a border the cell with the lowest code wins.
        found[inside[::-1]] = cell[::-1]
        lost = np.flatnonzero(found < 0)
        if lost.size:
            found[lost] = shapely.STRtree(self.cells).nearest(points[lost])
        return found


def territory(base: Frame, rng: np.random.Generator) -> Territory:
    """The grid grown on the frame."""
    blocks = superblocks(base)
    home = _streets(blocks)
    target = _targets(blocks, home)
    mesh = split(blocks, target, rng)
    cells, block = _without_slivers(mesh.cells, mesh.superblock, target, home)
    codes = _codes(cells, block, home[block], rng)
    order = np.argsort(codes)
    middle = shapely.get_coordinates(shapely.centroid(cells))
    return Territory(cells[order], codes[order], mesh.cuts, middle[order])


def dissolved(
    cells: NDArray[np.object_], keys: NDArray[np.str_]
) -> tuple[NDArray[np.object_], NDArray[np.str_]]:
    """The union of the cells of each key, vertices kept, and the keys in order."""
    unique, label = np.unique(keys, return_inverse=True)
    return _unions(cells, label, len(unique)), unique


def reading_order(xy: Array, rows: int) -> Labels:
    """The positions in reading order: from the northern row to the southern, each from west to east."""
    north = np.argsort(np.argsort(-xy[:, 1], kind="stable"), kind="stable")
    row = north * rows // len(xy)
    return np.lexsort((xy[:, 0], row))


def _streets(blocks: NDArray[np.object_]) -> Labels:
    """The street (by position in code order) of each superblock."""
    seeds = np.array([plan.STREET_SEEDS[street.code[6:]] for street in streets()]) + ORIGIN
    at = shapely.STRtree(blocks).nearest(shapely.points(seeds))
    links, middle = adjacency(blocks), shapely.get_coordinates(shapely.centroid(blocks))
    away = np.hypot(*(middle[links.a] - middle[links.b]).T)
    # Blocks that touch along a short border only should not hang together.
    narrow = np.clip(away / np.maximum(links.shared, 1.0), 1.0, 6.0)
    return grow(ways(links, away * narrow, len(blocks)), at, np.zeros(len(at)))


def _targets(blocks: NDArray[np.object_], home: Labels) -> Array:
    """The cell size (m²) that gives each superblock's street its number of cells."""
    area = np.bincount(home, weights=shapely.area(blocks))
    cells = np.array([len(communities(street.code)) * _cells_each(street.code) for street in streets()])
    return np.asarray((area / cells)[home])


def _cells_each(street_code: str) -> float:
    away = np.hypot(*plan.STREET_SEEDS[street_code[6:]])
    return next(cells for within, cells in CELLS_PER_COMMUNITY if away < within)


def _without_slivers(
    cells: NDArray[np.object_], block: Labels, target: Array, home: Labels
) -> tuple[NDArray[np.object_], Labels]:
    """The cells with each tiny one joined to the larger neighbour that it shares most with."""
    links, area = adjacency(cells), shapely.area(cells)
    into = np.arange(len(cells))
    for cell in np.flatnonzero(area < SLIVER * target[block]):
        into[cell] = _longest_neighbour(int(cell), links, home[block], area)
    # Each joins a larger one, so that following the joins always ends.
    while (into != into[into]).any():
        into = into[into]
    kept, label = np.unique(into, return_inverse=True)
    return _unions(cells, label, len(kept)), block[kept]


def _longest_neighbour(cell: int, links: Adjacency, street: Labels, area: Array) -> int:
    """The larger neighbour with the longest common border, in the same street if there is one."""
    touching = (links.a == cell) | (links.b == cell)
    other = np.where(links.a == cell, links.b, links.a)[touching]
    shared = links.shared[touching] + 1e6 * (street[other] == street[cell])
    larger = area[other] > area[cell]
    return int(other[larger][np.argmax(shared[larger])]) if larger.any() else cell


def _unions(cells: NDArray[np.object_], label: Labels, count: int) -> NDArray[np.object_]:
    order = np.argsort(label, kind="stable")
    groups = np.split(cells[order], np.searchsorted(label[order], np.arange(1, count)))
    parts = [g[0] if len(g) == 1 else _one(shapely.coverage_union_all(g)) for g in groups]
    return np.array(parts, dtype=object)


def _one(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    return parts[0] if len(parts) == 1 else geometry


def _codes(
    cells: NDArray[np.object_], block: Labels, street: Labels, rng: np.random.Generator
) -> NDArray[np.str_]:
    """The 15 digits of every cell."""
    codes = np.empty(len(cells), dtype="U15")
    for i, division in enumerate(streets()):
        mine = np.flatnonzero(street == i)
        names = [c.code for c in communities(division.code)]
        codes[mine] = _numbered(cells[mine], _named(cells[mine], block[mine], names, rng))
    return codes


def _named(
    cells: NDArray[np.object_], block: Labels, names: list[str], rng: np.random.Generator
) -> NDArray[np.str_]:
    """The community of each cell of a street, wished-for ones where they should be."""
    links = adjacency(cells)
    xy = shapely.get_coordinates(shapely.centroid(cells))
    away = np.hypot(*(xy[links.a] - xy[links.b]).T)
    cost = away * np.where(block[links.a] == block[links.b], 1.0, 1.0 + BARRIER)
    label = balanced(links, cost, xy, np.ones(len(cells)), len(names), rng)
    return np.array(_in_order(cells, label, xy, names))[label]


def _in_order(cells: NDArray[np.object_], label: Labels, xy: Array, names: list[str]) -> list[str]:
    """A name for each region: the wishes first, the rest in reading order."""
    count = len(names)
    named: dict[int, str] = {}
    for name in names:
        if name in plan.COMMUNITY_WISHES:
            spot = Point(np.array(plan.COMMUNITY_WISHES[name]) + ORIGIN)
            away = shapely.distance(cells, spot)
            away[np.isin(label, list(named))] = np.inf
            named[int(label[np.argmin(away)])] = name
    middles = np.array([xy[label == region].mean(axis=0) for region in range(count)])
    rest = iter([name for name in names if name not in named.values()])
    for region in reading_order(middles, max(1, round(count**0.5))):
        if int(region) not in named:
            named[int(region)] = next(rest)
    return [named[region] for region in range(count)]


def _numbered(cells: NDArray[np.object_], community: NDArray[np.str_]) -> NDArray[np.str_]:
    """The cells' codes: the community's and a number in reading order."""
    codes = np.empty(len(cells), dtype="U15")
    xy = shapely.get_coordinates(shapely.point_on_surface(cells))
    for name in np.unique(community):
        mine = np.flatnonzero(community == name)
        order = mine[reading_order(xy[mine], rows_of(len(mine)))]
        codes[order] = [f"{name}{number:03d}" for number in range(1, len(mine) + 1)]
    return codes


def rows_of(cells: int) -> int:
    """In how many rows the cells of a community are numbered."""
    return max(1, round(float(np.sqrt(cells))))


def district(cells: NDArray[np.object_]) -> Polygon:
    """The union of all cells."""
    return _unions(cells, np.zeros(len(cells), dtype=np.intp), 1)[0]
