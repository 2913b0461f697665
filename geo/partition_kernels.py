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
EITHER = 1
"""One polygon or another, or none, according to how many of the edges are crossed."""

BOUND = 1e-10
"""Relative; a million times the rounding error of the sign (Shewchuk 1997: 3.3e-16), so that GEOS, which
bounds it closely, is as sure of every sign as we are of ours."""
_TINY = 1e-280
"""Absolute, where products underflow."""
_TILE = 4
"""Tiles are of 16 x 16 lattice cells."""

Grid = tuple[float, float, float, float, int, int]


class Lattice(NamedTuple):
    """A layer of polygons as the loops read it.

    Attributes:
        x0, y0: the lower corner.
        per_x, per_y: lattice cells in one unit of the coordinates.
        columns, rows: lattice cells.
        code: per cell the position of the one polygon that covers it, `NONE`, or -2 less its record.
        record: shape (n, 5): what it is, and of a mixed one first and last (excluded) member; of an either,
            first and last edge, who covers the reference, who covers what an odd number of crossings leads
            to; of a divided one, last, where its cells begin.
        reference: shape (n, 2), x and y of each record's reference point.
        member: shape (n, 4), polygons in mixed records: position, first and last edge, flags.
        edge: shape (n, 4), x and y of both ends.
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
    edge: Floats


@lean_kernel
def parity(edge: Floats, first: int, stop: int, rx: float, ry: float, x: float, y: float) -> int:
    """Whether the path (rx, ry) - (rx, y) - (x, y) crosses the edges an odd number of times, or `UNSURE`.

    An end of an edge belongs to its lower or left part. Unsure, too, where (x, y) lies on an edge. No
    branches: which edge is crossed cannot be foreseen, and a wrong guess takes longer than all this.
    """
    odd = False
    for e in range(first, stop):
        ax, ay, bx, by = edge[e, 0], edge[e, 1], edge[e, 2], edge[e, 3]
        level, upright = (ay > y) != (by > y), (ax > rx) != (bx > rx)
        # Only what lies in the edge's span matters. Where both legs do, the corner between them cancels out.
        from_y, to_x = (ry if upright else y), (x if level else rx)
        left, right = (ax - rx) * (by - from_y), (ay - from_y) * (bx - rx)
        begin, begin_near = left > right, abs(left - right) <= BOUND * (abs(left) + abs(right)) + _TINY
        left, right = (ax - to_x) * (by - y), (ay - y) * (bx - to_x)
        end, end_near = left > right, abs(left - right) <= BOUND * (abs(left) + abs(right)) + _TINY
        met = level | upright
        on_end = (max(ay, by) == y) & (min(ax, bx) <= x) & (x <= max(ax, bx))
        if (met & (begin_near | end_near)) | on_end:
            return UNSURE
        odd ^= met & (begin != end)
    return int(odd)


@lean_kernel
def _covers(member: Int32s, edge: Floats, m: int, rx: float, ry: float, x: float, y: float) -> int:
    """Whether a member of a record with the reference (rx, ry) covers (x, y): 1, 0 or `UNSURE`."""
    if member[m, 3] & DOUBTFUL:
        return UNSURE
    odd = parity(edge, member[m, 1], member[m, 2], rx, ry, x, y)
    return UNSURE if odd == UNSURE else odd ^ (member[m, 3] & COVERS_REFERENCE)


@lean_kernel
def _undivided(grid: Grid, code: Int32s, record: Int32s, found: int, x: float, y: float) -> int:
    """The code of the part that the point lies in of a cell with the code `found`, if that is divided."""
    x0, y0, per_x, per_y, _, _ = grid
    u, v = (x - x0) * per_x, (y - y0) * per_y
    while found < NONE:
        parts = record[-2 - found, 0]
        if parts <= EITHER:
            break
        u, v = (u - int(u)) * parts, (v - int(v)) * parts
        found = code[record[-2 - found, 4] + int(v) * parts + int(u)]
    return found


@lean_kernel
def _code_at(grid: Grid, code: Int32s, x: float, y: float) -> int:
    """The code of the lattice cell that the point lies in; `NONE` outside and for NaN."""
    x0, y0, per_x, per_y, columns, rows = grid
    u, v = (x - x0) * per_x, (y - y0) * per_y
    # The following negation handles NaN correctly. Don't change.
    if not (u >= 0 and u < columns and v >= 0 and v < rows):
        return NONE
    return int(code[int(v) * columns + int(u)])


@lean_kernel
def _only(record: Int32s, reference: Floats, member: Int32s, edge: Floats, r: int, x: float, y: float) -> int:
    """The one polygon of a record that covers the point, `NONE`, or `UNSURE` (also if there are several)."""
    rx, ry = reference[r, 0], reference[r, 1]
    if record[r, 0] == EITHER:
        odd = parity(edge, record[r, 1], record[r, 2], rx, ry, x, y)
        return UNSURE if odd == UNSURE else int(record[r, 3 + odd])
    found: int = NONE
    for m in range(record[r, 1], record[r, 2]):
        inside = _covers(member, edge, m, rx, ry, x, y)
        if inside == UNSURE or (inside and found != NONE):
            return UNSURE
        if inside:
            found = member[m, 0]
    return found


@lean_kernel
def _fetch(
    record: Int32s, reference: Floats, member: Int32s, edge: Floats, out: Ints, wanted: Ints, n: int
) -> float:
    """Reads what `_only` will need of the wanted points' records: their waits for memory then overlap."""
    read = 0.0
    for k in range(n):
        if out[wanted[k]] < NONE:
            r = -2 - out[wanted[k]]
            read += record[r, 1] + reference[r, 0]
    for k in range(n):
        if out[wanted[k]] < NONE:
            r = -2 - out[wanted[k]]
            first, last = record[r, 1], record[r, 2] - 1
            read += edge[first, 0] + edge[last, 3] if record[r, 0] == EITHER else member[first, 1]
    return read


@lean_kernel
def locate(lattice: Lattice, x: Floats, y: Floats, out: Ints, wanted: Ints) -> float:
    """Writes the one polygon that covers each point, `NONE`, or `UNSURE`: several, or an edge too near.

    ``wanted`` is room for as many points as shall be looked up before those among them that lie in cells with
    edges; what is returned has no meaning but that it was read.
    """
    x0, y0, per_x, per_y, columns, rows, code, record, reference, member, edge = lattice
    grid, read = (x0, y0, per_x, per_y, columns, rows), 0.0
    for start in range(0, len(x), len(wanted)):
        n = 0
        for i in range(start, min(start + len(wanted), len(x))):
            out[i] = _code_at(grid, code, x[i], y[i])
            wanted[n] = i
            n += out[i] < NONE
        for k in range(n):
            read += record[-2 - out[wanted[k]], 0]
        for k in range(n):
            i = wanted[k]
            out[i] = _undivided(grid, code, record, out[i], x[i], y[i])
        read += _fetch(record, reference, member, edge, out, wanted, n)
        for k in range(n):
            i = wanted[k]
            if out[i] < NONE:
                out[i] = _only(record, reference, member, edge, -2 - out[i], x[i], y[i])
    return read


@kernel
def locate_by_tile(lattice: Lattice, x: Floats, y: Floats, out: Ints, wanted: Ints) -> None:
    """As `locate`, tile by tile of the lattice: what is read for one point is then near what is for the next.

    Pays for many points in a lattice that is larger than what is near the processor.
    """
    across = (lattice.columns >> _TILE) + 1
    tile, order = np.empty(len(x), np.int32), np.empty(len(x), np.int32)
    start = np.zeros(across * ((lattice.rows >> _TILE) + 1) + 1, np.int32)
    _tiles(lattice, across, x, y, tile, start)
    sorted_x, sorted_y, found = np.empty(len(x)), np.empty(len(x)), np.empty(len(x), np.intp)
    for i in range(len(x)):
        k = start[tile[i]]
        start[tile[i]] += 1
        order[k], sorted_x[k], sorted_y[k] = i, x[i], y[i]
    locate(lattice, sorted_x, sorted_y, found, wanted)
    for k in range(len(x)):
        out[order[k]] = found[k]


@lean_kernel
def _tiles(lattice: Lattice, across: int, x: Floats, y: Floats, tile: Int32s, start: Int32s) -> None:
    """Writes the tile of each point, and where each tile begins when points are sorted by it."""
    x0, y0, per_x, per_y, columns, rows = lattice[:6]
    for i in range(len(x)):
        u, v = (x[i] - x0) * per_x, (y[i] - y0) * per_y
        inside = u >= 0 and u < columns and v >= 0 and v < rows
        tile[i] = (int(v) >> _TILE) * across + (int(u) >> _TILE) if inside else 0
        start[tile[i] + 1] += 1
    for t in range(len(start) - 1):
        start[t + 1] += start[t]


@lean_kernel
def locate_one(lattice: Lattice, x: float, y: float) -> int:
    """What `locate` writes, for one point."""
    x0, y0, per_x, per_y, columns, rows, code, record, reference, member, edge = lattice
    grid = (x0, y0, per_x, per_y, columns, rows)
    found = _undivided(grid, code, record, _code_at(grid, code, x, y), x, y)
    return _only(record, reference, member, edge, -2 - found, x, y) if found < NONE else found


@kernel
def _added(pairs: Ints, used: int, point: int, position: int, sure: bool) -> Ints:
    """The pairs with one more, moved to twice their room if there was none."""
    if used == len(pairs):
        larger = np.empty((2 * used, 3), np.intp)
        larger[:used] = pairs
        pairs = larger
    pairs[used, 0], pairs[used, 1], pairs[used, 2] = point, position, sure
    return pairs


@kernel
def candidates(lattice: Lattice, x: Floats, y: Floats) -> Ints:
    """Point, position and whether it is sure, of every polygon that covers a point or may cover it."""
    x0, y0, per_x, per_y, columns, rows, code, record, reference, member, edge = lattice
    grid = (x0, y0, per_x, per_y, columns, rows)
    pairs, n = np.empty((len(x) + 8, 3), np.intp), 0
    for i in range(len(x)):
        found = _undivided(grid, code, record, _code_at(grid, code, x[i], y[i]), x[i], y[i])
        r = -2 - found
        if found < NONE and record[r, 0] == MIXED:
            for m in range(record[r, 1], record[r, 2]):
                inside = _covers(member, edge, m, reference[r, 0], reference[r, 1], x[i], y[i])
                if inside != 0:
                    pairs, n = _added(pairs, n, i, member[m, 0], inside == 1), n + 1
            continue
        if found < NONE:
            found = _only(record, reference, member, edge, r, x[i], y[i])
        if found > NONE:
            pairs, n = _added(pairs, n, i, found, True), n + 1
        elif found == UNSURE:
            for k in (3, 4):
                if record[r, k] > NONE:
                    pairs, n = _added(pairs, n, i, record[r, k], False), n + 1
    return pairs[:n].copy()


@lean_kernel
def _stepped(
    edge: Floats, member: Int32s, k: int, inside: int, ax: float, ay: float, bx: float, by: float
) -> int:
    """Whether a member covers b, if it is so for a and both lie near the cell whose edges it has."""
    if inside == UNSURE:
        return UNSURE
    odd = parity(edge, member[k, 1], member[k, 2], ax, ay, bx, by)
    return UNSURE if odd == UNSURE else inside ^ odd


@lean_kernel
def settle_references(
    part: Int32s, part_edge: Floats, whole: Int32s, whole_edge: Floats, whole_at: Floats,
    cells: Int32s, at: Floats, between: Floats,
) -> None:  # fmt: skip
    """Writes the flags of the members of the parts of divided cells.

    Which is known of one part is carried to the reference of the next, by a place between them.

    Args:
        part: members of the parts: position, first and last edge, which of the whole's members it is.
            The last is replaced by the flags.
        whole: members of the cells that are divided, with their edges and the cells' references.
        cells: shape (n, 2): parts a side and members of each cell.
        at: the references of the parts.
        between: the lower left corners of the parts.
    """
    k = p = 0
    for c in range(len(cells)):
        side_, members = cells[c, 0], cells[c, 1]
        for i in range(side_ * side_):
            x, y = at[p, 0], at[p, 1]
            for _ in range(members):
                inside = UNSURE
                if i > 0:
                    back = 1 if i % side_ else side_
                    k0, x0, y0 = k - back * members, at[p - back, 0], at[p - back, 1]
                    mx, my = (between[p, 0], y) if back == 1 and i % side_ else (x, between[p, 1])
                    inside = UNSURE if part[k0, 3] & DOUBTFUL else part[k0, 3]
                    inside = _stepped(part_edge, part, k0, inside, x0, y0, mx, my)
                    inside = _stepped(part_edge, part, k, inside, mx, my, x, y)
                if inside == UNSURE:
                    inside = _covers(whole, whole_edge, part[k, 3], whole_at[c, 0], whole_at[c, 1], x, y)
                part[k, 3] = DOUBTFUL if inside == UNSURE else inside
                k += 1
            p += 1
