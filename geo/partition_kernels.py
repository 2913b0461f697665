"""The compiled loops of `geo.partition`: points are looked up in cells that know what crosses them.

A cell that no edge touches holds the position of the polygon that covers it. Any other has a record: for each
polygon there, whether it covers the cell's reference point, and its edges near the cell. A point is inside
where the path from the reference, first along y, then along x, crosses the edges an odd number of times.
Whether an edge is crossed is told by comparing coordinates and by the side of an edge that a point lies on;
a side within `BOUND` of the edge is unsure, and the answer left to GEOS.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernels import kernel, lean_kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Int32s = NDArray[np.int32]
Bools = NDArray[np.bool_]

NONE = -1
UNSURE = -2
# Flags of a polygon in a record.
COVERS_REFERENCE = 1
DOUBTFUL = 2
# What a record is; a greater number says into how many cells a side it is divided, a power of two.
MIXED = 0
TILED = 1
"""Every edge lies between two polygons and exactly one covers each place: the first that is found is it."""

BOUND = 1e-10
"""Relative; a million times the rounding error of the sign (Shewchuk 1997: 3.3e-16), so that GEOS, which
bounds it closely, is as sure of every sign as we are of ours."""
_TINY = 1e-280
"""Absolute, where products underflow."""


Grid = tuple[float, float, float, float, int, int]


class Lattice(NamedTuple):
    """A layer of polygons as the loops read it.

    Attributes:
        x0, y0: the lower corner.
        per_x, per_y: lattice cells in one unit of the coordinates.
        columns, rows: lattice cells.
        code: per cell the position of the one polygon that covers it, `NONE`, or -2 less its record.
        record: shape (n, 4): first and last (excluded) of its polygons, what it is, where its cells begin.
        reference: shape (n, 2), x and y of each record's reference point.
        member: shape (n, 4), polygons in records: position, first and last (excluded) edge, flags.
        edge: the vertex where each edge of a member begins; it ends at the next.
        xy: x and y of all vertices, one after the other.
    """

    x0: float
    y0: float
    per_x: float
    per_y: float
    columns: int
    rows: int
    code: Int32s
    record: Int32s
    reference: Floats
    member: Int32s
    edge: Int32s
    xy: Floats


@lean_kernel
def side(xy: Floats, vertex: int, x: float, y: float) -> int:
    """1 left of the edge that begins at the vertex, -1 right of it, 0 where the sign is not sure."""
    ax, ay, bx, by = xy[2 * vertex], xy[2 * vertex + 1], xy[2 * vertex + 2], xy[2 * vertex + 3]
    left, right = (ax - x) * (by - y), (ay - y) * (bx - x)
    if abs(left - right) <= BOUND * (abs(left) + abs(right)) + _TINY:
        return 0
    return 1 if left > right else -1


@lean_kernel
def crossings(xy: Floats, vertex: int, rx: float, ry: float, x: float, y: float) -> int:
    """Whether the path (rx, ry) - (rx, y) - (x, y) crosses the edge an odd number of times, or `UNSURE`.

    An end of the edge belongs to its lower or left part. Unsure, too, where (x, y) lies on the edge.
    """
    ax, ay, bx, by = xy[2 * vertex], xy[2 * vertex + 1], xy[2 * vertex + 2], xy[2 * vertex + 3]
    along_x, along_y = (ay > y) != (by > y), (ax > rx) != (bx > rx)
    if not along_x and max(ay, by) == y and min(ax, bx) <= x <= max(ax, bx):
        return UNSURE
    # Where both legs meet the edge's span, the corner between them cancels out.
    if along_x:
        if not along_y and (max(ax, bx) < min(rx, x) or min(ax, bx) > max(rx, x)):
            return 0
        begin = side(xy, vertex, rx, ry if along_y else y)
        end = side(xy, vertex, x, y)
    elif along_y:
        if max(ay, by) < min(ry, y) or min(ay, by) > max(ry, y):
            return 0
        begin = side(xy, vertex, rx, ry)
        end = side(xy, vertex, rx, y)
    else:
        return 0
    if begin == 0 or end == 0:
        return UNSURE
    return 1 if begin != end else 0


@lean_kernel
def covers(member: Int32s, edge: Int32s, xy: Floats, m: int, rx: float, ry: float, x: float, y: float) -> int:
    """Whether a member of a record with the reference (rx, ry) covers (x, y): 1, 0 or `UNSURE`."""
    if member[m, 3] & DOUBTFUL:
        return UNSURE
    inside: int = member[m, 3] & COVERS_REFERENCE
    for e in range(member[m, 1], member[m, 2]):
        odd = crossings(xy, edge[e], rx, ry, x, y)
        if odd == UNSURE:
            return UNSURE
        inside ^= odd
    return inside


@lean_kernel
def _code_at(grid: Grid, code: Int32s, record: Int32s, x: float, y: float) -> int:
    """The code of the cell that the point lies in, which is not divided; `NONE` outside and for NaN."""
    x0, y0, per_x, per_y, columns, rows = grid
    u, v = (x - x0) * per_x, (y - y0) * per_y
    # The following negation handles NaN correctly. Don't change.
    if not (u >= 0 and u < columns and v >= 0 and v < rows):
        return NONE
    found: int = code[int(v) * columns + int(u)]
    while found < NONE:
        parts = record[-2 - found, 2]
        if parts <= TILED:
            break
        u, v = (u - int(u)) * parts, (v - int(v)) * parts
        found = code[record[-2 - found, 3] + int(v) * parts + int(u)]
    return found


@lean_kernel
def _only(
    record: Int32s, reference: Floats, member: Int32s, edge: Int32s, xy: Floats, r: int, x: float, y: float
) -> int:
    """The one polygon of a record that covers the point, `NONE`, or `UNSURE` (also if there are several)."""
    found = NONE
    stop = record[r, 1]
    tiled = record[r, 2] == TILED
    rx, ry = reference[r, 0], reference[r, 1]
    for m in range(record[r, 0], stop):
        if tiled and m == stop - 1:
            return int(member[m, 0])
        inside = covers(member, edge, xy, m, rx, ry, x, y)
        if inside == UNSURE or (inside and found != NONE):
            return UNSURE
        if inside:
            found = member[m, 0]
            if tiled:
                return found
    return found


@lean_kernel
def locate(lattice: Lattice, x: Floats, y: Floats, out: Ints) -> None:
    """Writes the one polygon that covers each point, `NONE`, or `UNSURE`: several, or an edge too near."""
    # Taken out first: each look into a tuple in the loop would count references.
    x0, y0, per_x, per_y, columns, rows, code, record, reference, member, edge, xy = lattice
    grid = (x0, y0, per_x, per_y, columns, rows)
    for i in range(len(x)):
        found = _code_at(grid, code, record, x[i], y[i])
        if found < NONE:
            found = _only(record, reference, member, edge, xy, -2 - found, x[i], y[i])
        out[i] = found


@lean_kernel
def locate_one(lattice: Lattice, x: float, y: float) -> int:
    """What `locate` writes, for one point."""
    x0, y0, per_x, per_y, columns, rows, code, record, reference, member, edge, xy = lattice
    found: int = _code_at((x0, y0, per_x, per_y, columns, rows), code, record, x, y)
    return _only(record, reference, member, edge, xy, -2 - found, x, y) if found < NONE else found


@kernel
def _room(array: Ints, used: int) -> Ints:
    """The array, or one with twice its room if it is full."""
    if used < len(array):
        return array
    larger = np.empty(2 * len(array), array.dtype)
    larger[:used] = array[:used]
    return larger


@kernel
def candidates(lattice: Lattice, x: Floats, y: Floats) -> tuple[Ints, Ints, Bools]:
    """``(point, position, sure)`` of every polygon that covers a point (sure) or may cover it."""
    x0, y0, per_x, per_y, columns, rows, codes, record, reference, member, edge, xy = lattice
    grid = (x0, y0, per_x, per_y, columns, rows)
    point, found, n = np.empty(len(x) + 8, np.intp), np.empty(len(x) + 8, np.intp), 0
    for i in range(len(x)):
        code = _code_at(grid, codes, record, x[i], y[i])
        if code == NONE:
            continue
        point, found = _room(point, n), _room(found, n)
        if code > NONE:
            point[n], found[n] = i, 2 * code + 1
            n += 1
            continue
        r = -2 - code
        for m in range(record[r, 0], record[r, 1]):
            inside = covers(member, edge, xy, m, reference[r, 0], reference[r, 1], x[i], y[i])
            if inside != 0:
                point, found = _room(point, n), _room(found, n)
                point[n], found[n] = i, 2 * member[m, 0] + (0 if inside == UNSURE else 1)
                n += 1
    return point[:n].copy(), found[:n] >> 1, (found[:n] & 1) == 1


@lean_kernel
def settle_references(
    member: Int32s, edge: Int32s, xy: Floats, reference: Floats, of: Int32s, at: Floats, flags: Int32s
) -> None:
    """Writes the flags of each member `of` a record, whose reference is given, for a new reference `at`."""
    for i in range(len(of)):
        inside = covers(member, edge, xy, of[i], reference[i, 0], reference[i, 1], at[i, 0], at[i, 1])
        flags[i] = DOUBTFUL if inside == UNSURE else inside
