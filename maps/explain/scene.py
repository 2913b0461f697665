"""What lies around a report, taken from a generation: cells, areas, assets, and those the answer is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.generation import Features, Generation, Objects, Positions
from maps.explain.style import is_known_ground

MOST_CELLS = 40  # more would be a mesh: then the cells of an upper level are drawn
MOST_THINGS = 150  # of one kind; the nearest ones

Proof = Mapping[str, Any]


@dataclass(frozen=True)
class Thing:
    """An asset in metres.

    Attributes:
        footprint: the ground it takes: a line with its width, else the geometry.
    """

    kind: str
    id: str
    name: str
    geometry: BaseGeometry
    footprint: BaseGeometry


@dataclass(frozen=True)
class Concerned:
    """An asset that the answer is, or might be, about.

    Attributes:
        label: what it is called in the drawing, apart from its distance and share.
        touch: the place of its footprint that is nearest to the report.
    """

    thing: Thing
    label: str
    distance_m: float | None
    share: float | None
    is_bound: bool
    touch: shapely.Point

    @property
    def is_point(self) -> bool:
        """Whether the asset has no extent."""
        return isinstance(self.thing.geometry, shapely.Point)


@dataclass(frozen=True)
class Cell:
    """A cell in metres; ``is_own`` is the one that answers."""

    code: str
    name: str
    geometry: BaseGeometry
    is_own: bool


@dataclass(frozen=True)
class Area:
    """An area that the report lies in, in metres."""

    kind: str
    name: str
    geometry: BaseGeometry


def concerned(generation: Generation, proof: Proof, here: shapely.Point) -> list[Concerned]:
    """The asset settled on and the candidates, in the order of the proof."""
    bound = proof["asset"]
    listed = ([bound] if bound else []) + list(proof["candidates"])
    unique = {(one["kind"], one["id"]): one for one in listed}  # a candidate's share is its own, no street's
    found = []
    for one in dict.fromkeys((one["kind"], one["id"]) for one in listed):
        thing = _thing(generation, *one)
        if thing is not None:
            facts, is_bound = unique[one], bool(bound) and one == (bound["kind"], bound["id"])
            touch = shapely.Point(shapely.shortest_line(thing.footprint, here).coords[0])
            found.append(
                Concerned(thing, _called(thing), facts["distance_m"], facts["share"], is_bound, touch)
            )
    return [_told_apart(each, found) for each in found]


def _called(thing: Thing) -> str:
    """Points go by their ids, which are painted on them; streets, rivers and houses by their names."""
    if isinstance(thing.geometry, shapely.Point):
        return thing.id
    return thing.name or thing.id


def _told_apart(one: Concerned, all_: list[Concerned]) -> Concerned:
    if sum(each.label == one.label for each in all_) == 1 or one.label == one.thing.id:
        return one
    label = f"{one.label} {one.thing.id}"
    return Concerned(one.thing, label, one.distance_m, one.share, one.is_bound, one.touch)


def _thing(generation: Generation, kind: str, id_: str) -> Thing | None:
    layer = generation.assets.get(kind)
    if layer is None:
        return None
    return next(_things(generation, layer, np.flatnonzero(layer.id == id_)[:1]), None)


def _things(generation: Generation, layer: Features, rows: Positions) -> Iterator[Thing]:
    geometries = generation.metric.geometries(layer.geometry[rows])
    half = generation.half_width[layer.kind][rows]
    wide = np.where(half > 0, shapely.buffer(geometries, half, cap_style="flat"), geometries)
    for row, geometry, footprint in zip(rows, geometries, wide, strict=True):
        if geometry is not None and not geometry.is_empty:
            yield Thing(layer.kind, str(layer.id[row]), str(layer.name[row]), geometry, footprint)


def things_around(
    generation: Generation, ground: BaseGeometry, here: shapely.Point
) -> dict[str, list[Thing]]:
    """Assets by kind that share ground with a window in metres, the nearest ones where they are many."""
    around = {}
    for kind, layer in sorted(generation.assets.items()):
        widest = float(np.max(generation.half_width[kind], initial=0.0))
        rows = _inside(layer.geometry, _degrees(generation, shapely.buffer(ground, widest)))
        rows = _most_telling(generation, layer, rows, here)
        near = [thing for thing in _things(generation, layer, rows) if thing.footprint.intersects(ground)]
        if near:
            around[kind] = near
    return around


def _most_telling(generation: Generation, layer: Features, rows: Positions, here: shapely.Point) -> Positions:
    """The rows, or where they are too many, the longest roads and rivers and the nearest of all else."""
    if len(rows) <= MOST_THINGS:
        return rows
    geometries = generation.metric.geometries(layer.geometry[rows])
    by = -shapely.length(geometries) if is_known_ground(layer.kind) else shapely.distance(geometries, here)
    return np.sort(rows[np.argsort(by, kind="stable")[:MOST_THINGS]])


def cells_around(generation: Generation, ground: BaseGeometry, own: str) -> list[Cell]:
    """The cells of a window: the leaves, or those of an upper level where the leaves are too many."""
    cells, box = generation.cells, _degrees(generation, ground)
    rows = cells.leaves[_inside(cells.geometry[cells.leaves], box)]
    for level in reversed(generation.config.levels[:-1]):
        if len(rows) <= MOST_CELLS:
            break
        of_level = np.flatnonzero(cells.level == level)
        rows = of_level[_inside(cells.geometry[of_level], box)]
    mine = cells.leaves[cells.code[cells.leaves] == own][:1]
    rows = np.union1d(rows, mine)
    metric = generation.metric.geometries(cells.geometry[rows])
    return [
        Cell(str(cells.code[row]), str(cells.name[row]), geometry, bool(row in mine))
        for row, geometry in zip(rows, metric, strict=True)
        if geometry is not None and geometry.intersects(ground)
    ]


def areas_of(generation: Generation, proof: Proof) -> list[Area]:
    """The areas that the answer names."""
    found = []
    for kind, area in sorted(proof["areas"].items()):
        layer = generation.areas.get(kind)
        if layer is None:
            continue
        rows = np.flatnonzero(layer.id == area["code"])[:1]
        metric = generation.metric.geometries(layer.geometry[rows])
        found += [Area(kind, area["name"] or area["code"], geometry) for geometry in metric]
    return found


def nearest_cell(generation: Generation, here: shapely.Point) -> tuple[Cell, shapely.Point] | None:
    """The leaf nearest to a place that lies in none, and its nearest point."""
    leaf, _ = generation.metric_leaf_index.nearest(np.array([here.x]), np.array([here.y]), np.inf)
    if leaf[0] < 0:
        return None
    row, geometry = generation.cells.leaves[leaf[0]], generation.metric_leaves[leaf[0]]
    touch = shapely.Point(shapely.shortest_line(geometry, here).coords[0])
    return Cell(str(generation.cells.code[row]), str(generation.cells.name[row]), geometry, False), touch


def support(generation: Generation, proof: Proof) -> BaseGeometry | None:
    """The line or area that was reported, in metres; None where it was a point."""
    shape = proof["report"]["shape"]
    if not shape:
        return None
    geometry: BaseGeometry = generation.metric.geometries(np.array([shapely.from_wkt(shape)], dtype=object))[
        0
    ]
    return geometry


def _degrees(generation: Generation, ground: BaseGeometry) -> NDArray[np.float64]:
    """The bounds in degrees of a window in metres."""
    lng, lat = generation.metric.to_lnglat(*shapely.get_coordinates(shapely.segmentize(ground, 1000)).T)
    return np.array([lng.min(), lat.min(), lng.max(), lat.max()])


def _inside(geometries: Objects, box: NDArray[np.float64]) -> Positions:
    """Positions of the geometries whose bounds share ground with the box."""
    west, south, east, north = shapely.bounds(geometries).reshape(-1, 4).T
    return np.flatnonzero((west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1]))
