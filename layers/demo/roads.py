"""The streets of the demo city: main roads cut at their crossings, and the streets that bound cells."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.ops import substring

from layers.demo.curves import ORIGIN, Array
from layers.demo.divisions import divisions
from layers.demo.frame import Frame
from layers.demo.mesh import Cut
from layers.demo.plan import Road
from layers.demo.regions import Labels
from layers.demo.territory import Territory

WIDTH_M = {"expressway": 56.0, "arterial": 38.0, "secondary": 20.0, "branch": 11.0}
# Streets that meet within this angle are one street and bear one name.
STRAIGHT_COS = np.cos(np.radians(32))
# A piece of a main road that ends in nothing within this length is a drawing's overshoot.
STUB_M = 120.0


@dataclass(frozen=True)
class Streets:
    """Streets from crossing to crossing, in EPSG:4549."""

    lines: NDArray[np.object_]
    names: NDArray[np.str_]
    klass: NDArray[np.str_]
    width_m: Array

    def only(self, keep: NDArray[np.bool_] | Labels) -> Streets:
        """Those of the streets."""
        return Streets(self.lines[keep], self.names[keep], self.klass[keep], self.width_m[keep])


def main_roads(base: Frame) -> Streets:
    """The main roads, one piece from crossing to crossing."""
    every = [line for _, line in base.roads]
    rows: list[tuple[LineString, str, str, float]] = []
    for i, (road, line) in enumerate(base.roads):
        others = every[:i] + every[i + 1 :]
        rows += [(piece, _name(road, piece), road.klass, road.width_m) for piece in _pieces(line, others)]
    lines, names, klass, width = zip(*rows, strict=True)
    return Streets(
        np.array(lines, dtype=object), np.array(names), np.array(klass), np.array(width, dtype=float)
    )


def _pieces(line: LineString, others: list[LineString]) -> list[LineString]:
    """The line cut where others cross it, without overshoots at its ends."""
    crossed = shapely.get_parts(shapely.intersection(line, shapely.multilinestrings(others)))
    crossed = crossed[shapely.get_type_id(crossed) == 0]
    at = np.unique(np.round(shapely.line_locate_point(line, crossed), 1))
    at = at[(at > STUB_M) & (at < line.length - STUB_M)]
    bounds = np.concatenate([[0.0], at, [line.length]])
    return [substring(line, a, b) for a, b in itertools.pairwise(bounds) if b - a > 5]


def _name(road: Road, piece: LineString) -> str:
    """The name of a piece of a road that changes its name on the way, from west or south."""
    if not road.names:
        return road.name
    start, end = np.asarray(road.points[0]), np.asarray(road.points[-1])
    axis = int(np.abs(end - start).argmax())
    middle = shapely.get_coordinates(piece.centroid)[0, axis] - ORIGIN[axis]
    return road.names[int(np.searchsorted(road.breaks, middle))]


def side_streets(grid: Territory) -> Streets:
    """The streets that split the superblocks; those that run straight on bear one name."""
    lines = np.array([cut.line for cut in grid.cuts], dtype=object)
    deep = np.array([cut.depth for cut in grid.cuts])
    chain = _chains(grid.cuts)
    names = _chain_names(lines, chain, grid)
    klass = np.where(deep < 2, "secondary", "branch")
    width = np.where(deep == 0, 24.0, np.where(deep == 1, 18.0, WIDTH_M["branch"]))
    return Streets(lines, names[chain], klass, width)


def meetings(cuts: tuple[Cut, ...]) -> Iterator[tuple[int, int]]:
    """Pairs of streets that run straight on into each other."""
    ends = [(cut.line.coords[i], k, _outward(cut.line, i)) for k, cut in enumerate(cuts) for i in (0, -1)]
    ends.sort(key=lambda end: (end[0], end[1]))
    for _, group in itertools.groupby(ends, key=lambda end: end[0]):
        for (_, a, away), (_, b, other) in itertools.combinations(list(group), 2):
            if a != b and -float(np.dot(away, other)) > STRAIGHT_COS:
                yield a, b


def _outward(line: LineString, end: int) -> Array:
    xy = np.asarray(line.coords)
    away = xy[0] - xy[1] if end == 0 else xy[-1] - xy[-2]
    return np.asarray(away / np.hypot(*away))


def _chains(cuts: tuple[Cut, ...]) -> Labels:
    """The number of the chain each street belongs to."""
    root = np.arange(len(cuts))
    for a, b in meetings(cuts):
        root[root == root[b]] = root[a]
    return np.unique(root, return_inverse=True)[1]


def _chain_names(lines: NDArray[np.object_], chain: Labels, grid: Territory) -> NDArray[np.str_]:
    """A name of its own for each chain, after a community it runs through."""
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    code = grid.community[grid.at(middle)]
    spoken = {d.code: d.name.removesuffix("社区").removesuffix("村") for d in divisions()}
    first = np.unique(chain, return_index=True)[1]
    used: set[str] = set()
    names = [_unused(spoken[str(code[i])], used) for i in first]
    return np.array(names)


def _unused(word: str, used: set[str]) -> str:
    """The first street name after ``word`` that nobody has."""
    ends = ("路", "东路", "西路", "南路", "北路", "街", "一路", "二路", "三路", "中路", "横街", "支路", "巷")
    numbered = (f"{n}巷" for n in "一二三四五六七八九十")
    for end in itertools.chain(ends, numbered, (f"支路{n}号" for n in range(1, 99))):
        if word + end not in used:
            break
    used.add(word + end)
    return word + end
