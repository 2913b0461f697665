"""Areas of OpenStreetMap: closed ways, and relations whose ways make rings end to end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import reduce
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.antimeridian import cut_at_antimeridian, unwrapped
from geo.repair import repair
from layers.osm.reading import Piece, Relation

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
INNER = "inner"
LEAST_VERTICES = 4  # of a closed ring, its first one counted twice


class State(StrEnum):
    """How an area of a relation came out."""

    WHOLE = "whole"
    PARTIAL = "partial"  # members are missing, but the outer rings close
    CUT = "cut"  # members or nodes are missing and the outer ring stays open
    OPEN = "open"  # all members are there and their ends do not meet


class Assembled(NamedTuple):
    """The area of a relation, None where there is none, and its ways that are missing."""

    area: shapely.Geometry | None
    state: State
    missing: int


def polygons(lines: Objects, max_vertices: int) -> Objects:
    """Valid areas for the lines of closed ways; None for what encloses nothing or cannot be mended.

    Rings that cross themselves are mended; those across the 180th meridian are cut there.
    """
    areas = np.full(len(lines), None, dtype=object)
    drawn = np.flatnonzero(shapely.get_num_coordinates(lines) >= LEAST_VERTICES)
    xy, at = shapely.get_coordinates(lines[drawn], return_index=True)
    if len(drawn):
        areas[drawn] = shapely.polygons(shapely.linearrings(unwrapped(xy, at), indices=at))
    areas = repair(areas, max_vertices=max_vertices).geoms
    areas[shapely.is_empty(areas)] = None
    return cut_at_antimeridian(areas)


def assemble(relation: Relation, pieces: Mapping[int, Piece], max_vertices: int) -> Assembled:
    """The area that the ways of a relation enclose, by the even-odd rule; roles count where ways are missing.

    Rings may touch, share edges, lie in one another, or be made of any number of ways in any order.
    """
    members = dict(relation.members)  # a way named twice is one
    there = {way: pieces[way] for way in members if way in pieces and pieces[way].wkb}
    missing = len(members) - len(there)
    rings, ends = _rings(there)
    if not missing:
        return _finished(rings, State.OPEN if ends else State.WHOLE, 0, max_vertices)
    outer, loose = _rings({way: piece for way, piece in there.items() if members[way] != INNER})
    if loose or not outer:
        return Assembled(None, State.CUT, missing)
    inner, _ = _rings({way: piece for way, piece in there.items() if members[way] == INNER})
    return _finished([*outer, *inner], State.PARTIAL, missing, max_vertices)


def _finished(rings: list[Floats], state: State, missing: int, max_vertices: int) -> Assembled:
    if state == State.OPEN or not rings:
        return Assembled(None, State.OPEN, missing)
    lines = np.array([shapely.LineString(ring) for ring in rings], dtype=object)
    parts = polygons(lines, max_vertices)
    parts = parts[~shapely.is_missing(parts)]
    area = _even_odd(parts) if len(parts) else None
    return Assembled(area, state if area is not None else State.OPEN, missing)


def _even_odd(parts: Objects) -> shapely.Geometry | None:
    """Rings in rings: what an odd number of them encloses."""
    if len(parts) == 1:
        return parts[0]
    if (pierced := _pierced(parts)) is not None:
        return pierced
    area = reduce(shapely.symmetric_difference, parts)
    if shapely.get_dimensions(area) == 2 and area.geom_type == "GeometryCollection":
        area = shapely.union_all([part for part in area.geoms if part.area])
    return area if area.area else None


def _pierced(parts: Objects) -> shapely.Geometry | None:
    """The largest ring with all others as its holes, if they are that: thousands of islands cost nothing."""
    if (shapely.get_type_id(parts) != shapely.GeometryType.POLYGON).any():
        return None
    rings = shapely.get_exterior_ring(parts[np.argsort(-shapely.area(parts), kind="stable")])
    area = shapely.Polygon(rings[0], list(rings[1:]))
    return area if area.is_valid else None


def _rings(pieces: Mapping[int, Piece]) -> tuple[list[Floats], int]:
    """Closed rings of ways joined end to end, and how many ends are left over."""
    waiting: dict[int, list[int]] = defaultdict(list)
    for way, piece in pieces.items():
        waiting[piece.first].append(way)
        waiting[piece.last].append(way)
    loose = sum(len(ways) % 2 for ways in waiting.values())
    if loose:
        return [], loose
    used: set[int] = set()
    rings = []
    for way in pieces:
        if way not in used:
            rings += _walk(way, pieces, waiting, used)
    return rings, 0


def _walk(
    start: int, pieces: Mapping[int, Piece], waiting: Mapping[int, list[int]], used: set[int]
) -> list[Floats]:
    """Follow ways end to end; whenever the walk comes to a node it knows, the loop since then is a ring."""
    rings: list[Floats] = []
    path: list[Floats] = []
    nodes = [pieces[start].first]
    way: int | None = start
    while way is not None:
        used.add(way)
        line, end = _along(pieces[way], nodes[-1])
        path.append(line)
        if end in nodes:
            at = nodes.index(end)
            rings.append(_joined(path[at:]))
            del path[at:], nodes[at + 1 :]
        else:
            nodes.append(end)
        way = next((other for other in waiting[nodes[-1]] if other not in used), None)
    return rings


def _along(piece: Piece, start: int) -> tuple[Floats, int]:
    """A way's coordinates from the given end on, and the node at the other end."""
    xy = shapely.get_coordinates(shapely.from_wkb(piece.wkb))
    return (xy, piece.last) if piece.first == start else (xy[::-1], piece.first)


def _joined(lines: Sequence[Floats]) -> Floats:
    return np.concatenate([lines[0], *(line[1:] for line in lines[1:])])
