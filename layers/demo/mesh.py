"""Superblocks split by streets into cells that share every vertex with their neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon

from layers.demo.curves import Array, bowed, snapped

# A cut whose end comes this near to a junction, or this part of its length, ends in the junction:
# so streets run on across the streets they meet.
JUNCTION_M = 35.0
JUNCTION_SHARE = 0.22
# A cut does not end nearer than this to a vertex without ending in it.
VERTEX_M = 1.0
# Junctions that lie this near to a face belong to its border (they were rounded to the grid).
ON_BORDER_M = 0.03
# Where along a street it is tested for staying inside.
WITHIN = np.linspace(0.04, 0.96, 24)


@dataclass(frozen=True)
class Cut:
    """A street that splits a face: its line, how deep in the recursion, and the superblock it is in."""

    line: LineString
    depth: int
    superblock: int


@dataclass
class _Draft:
    """What splitting has made so far; ``room`` holds the junctions in its first ``used`` rows."""

    room: Array
    used: int
    cuts: list[Cut] = field(default_factory=list)
    leaves: list[Polygon] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)

    @property
    def junctions(self) -> Array:
        """The junctions known, (n, 2)."""
        return self.room[: self.used]

    def join(self, chord: LineString) -> None:
        """Take the two ends of a street as junctions."""
        if self.used + 2 > len(self.room):
            self.room = np.vstack([self.room, np.empty_like(self.room)])
        self.room[self.used : self.used + 2] = [chord.coords[0], chord.coords[-1]]
        self.used += 2


@dataclass(frozen=True)
class Mesh:
    """The cells, the superblock each lies in, and the streets that made them."""

    cells: NDArray[np.object_]
    superblock: NDArray[np.intp]
    cuts: tuple[Cut, ...]


def split(blocks: NDArray[np.object_], target_m2: Array, rng: np.random.Generator) -> Mesh:
    """The blocks halved by gently bowed streets until each part is about its block's target area."""
    corners = _corners(blocks)
    draft = _Draft(corners.copy(), len(corners))
    for home in np.argsort(-shapely.area(blocks), kind="stable"):
        _split_one(draft, blocks[home], int(home), float(target_m2[home]), rng)
    cells = _sharing_vertices(np.array(draft.leaves, dtype=object), draft.junctions)
    return Mesh(cells, np.array(draft.homes), tuple(draft.cuts))


def halves(face: Polygon, chord: LineString) -> list[Polygon]:
    """The two parts of a face (without holes) on either side of a chord from border to border."""
    ring = face.exterior
    at = [ring.project(Point(chord.coords[0])), ring.project(Point(chord.coords[-1]))]
    coords = np.asarray(chord.coords)
    if at[0] > at[1]:
        at, coords = at[::-1], coords[::-1]
    ring_xy, along = np.asarray(ring.coords), _distances(np.asarray(ring.coords))
    eps = 0.02
    between = ring_xy[(along > at[0] + eps) & (along < at[1] - eps)]
    after = ring_xy[:-1][along[:-1] > at[1] + eps]
    before = ring_xy[:-1][along[:-1] < at[0] - eps]
    return [Polygon(np.vstack([coords, between[::-1]])), Polygon(np.vstack([before, coords, after]))]


def _distances(xy: Array) -> Array:
    steps = np.hypot(*np.diff(xy, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _corners(blocks: NDArray[np.object_]) -> Array:
    """The vertices where three or more blocks meet."""
    xy, counts = np.unique(
        np.concatenate([shapely.get_coordinates(b)[:-1] for b in blocks]), axis=0, return_counts=True
    )
    return xy[counts > 2]


def _split_one(draft: _Draft, block: Polygon, home: int, target: float, rng: np.random.Generator) -> None:
    todo = [(block, 0)]
    while todo:
        face, depth = todo.pop()
        found = _chord(face, draft, rng) if _too_large(face, target, rng) else None
        if found is None:
            draft.leaves.append(face)
            draft.homes.append(home)
            continue
        chord, parts = found
        draft.join(chord)
        draft.cuts.append(Cut(chord, depth, home))
        todo += [(part, depth + 1) for part in parts]


def _too_large(face: Polygon, target: float, rng: np.random.Generator) -> bool:
    slender = face.length**2 / face.area > 30
    return bool(face.area > target * rng.uniform(1.25, 1.6) * (0.7 if slender else 1.0))


def _chord(face: Polygon, draft: _Draft, rng: np.random.Generator) -> tuple[LineString, list[Polygon]] | None:
    """A street across the face, square to its long side, and the parts; None if it cannot be cut well."""
    for attempt in range(6):
        straight = _straight(face, rng, turn=0.06 + 0.2 * attempt)
        if straight is None:
            continue
        ends = [_junction(end, straight.length, face, draft) for end in np.asarray(straight.coords)]
        raw = [_vertex(end, face) for end in np.asarray(straight.coords)]
        bow = float(rng.normal(0, 0.025))
        for (start, end), curve in ((ends, bow), (ends, 0.0), (raw, bow), (raw, 0.0)):
            line = LineString(snapped(bowed(start, end, curve)))
            if parts := _fair_parts(face, line):
                return line, parts
    return None


def _straight(face: Polygon, rng: np.random.Generator, *, turn: float) -> LineString | None:
    box = np.asarray(shapely.oriented_envelope(face).exterior.coords)
    sides = box[1:3] - box[0:2]
    long, wide = sides if np.hypot(*sides[0]) >= np.hypot(*sides[1]) else sides[::-1]
    middle = np.asarray(face.centroid.coords[0]) + long * rng.uniform(-0.07, 0.07)
    angle = rng.normal(0, turn)
    across = wide / np.hypot(*wide)
    across = np.array([np.cos(angle) * across[0] - np.sin(angle) * across[1],
                       np.sin(angle) * across[0] + np.cos(angle) * across[1]])  # fmt: skip
    reach = face.length
    line = LineString([middle - across * reach, middle + across * reach])
    parts = shapely.get_parts(shapely.intersection(line, face))
    near = parts[int(np.argmin(shapely.distance(parts, Point(middle))))]
    return near if near.geom_type == "LineString" and near.length > 20 else None


def _junction(end: Array, length_m: float, face: Polygon, draft: _Draft) -> Array:
    """The junction on the face's border that the street should end in, else the end itself."""
    known = draft.junctions
    away = np.hypot(*(known - end).T)
    near = np.flatnonzero(away < max(JUNCTION_M, JUNCTION_SHARE * length_m))
    on_border = shapely.distance(face.exterior, shapely.points(known[near])) < ON_BORDER_M
    near = near[on_border]
    if near.size:
        return np.asarray(known[near[np.argmin(away[near])]])
    return _vertex(end, face)


def _vertex(end: Array, face: Polygon) -> Array:
    """The face's vertex if one is right there, else the end itself, on the grid."""
    ring = np.asarray(face.exterior.coords)
    away = np.hypot(*(ring - end).T)
    return np.asarray(ring[np.argmin(away)]) if away.min() < VERTEX_M else snapped(end)


def _fair_parts(face: Polygon, chord: LineString) -> list[Polygon]:
    """The two parts if both are valid, not tiny, and the chord stays inside; else none."""
    inner = shapely.line_interpolate_point(chord, WITHIN, normalized=True)
    if not shapely.contains(face, inner).all() or shapely.distance(face.exterior, inner).max() <= 15:
        return []
    parts = halves(face, chord)
    fair = min(part.area for part in parts) > 0.22 * face.area
    return parts if fair and all(part.is_valid for part in parts) else []


def _sharing_vertices(cells: NDArray[np.object_], junctions: Array) -> NDArray[np.object_]:
    """The cells with every junction on their border made a vertex, so that neighbours agree."""
    points = shapely.points(np.unique(junctions, axis=0))
    cell, point = shapely.STRtree(points).query(cells, predicate="dwithin", distance=ON_BORDER_M)
    order = np.argsort(cell, kind="stable")
    groups = shapely.multipoints(points[point[order]], indices=np.unique(cell[order], return_inverse=True)[1])
    out = cells.copy()
    touched = np.unique(cell)
    out[touched] = shapely.snap(cells[touched], groups, ON_BORDER_M)
    return out
