"""The compiled loops that lay polygons on a lattice, for `geo.partition_build`.

They work in lattice units: u and v count cells from the lower corner. Which cells an edge touches is told
with `MARGIN` to spare, far more than rounding errs; a cell's reference within it of an edge is doubtful.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernels import kernel, lean_kernel

Floats = NDArray[np.float64]
Int32s = NDArray[np.int32]

MARGIN = 1e-7
"""Of a cell's side."""
AT_U, AT_V = 0.48630271, 0.51272839
"""Where in its cell the reference lies: near the centre, and hardly where someone drew an edge."""
INSIDE = 1
DOUBTFUL = 2


class Frame(NamedTuple):
    """Where a lattice lies: lower corner, cells per unit of the coordinates, columns, rows."""

    x0: float
    y0: float
    per_x: float
    per_y: float
    columns: int
    rows: int


@lean_kernel
def row_span(ua: float, va: float, ub: float, vb: float, row: int, columns: int) -> tuple[int, int]:
    """First and last of the row's columns that the edge touches; the edge must touch the row."""
    low, high = row - MARGIN, row + 1 + MARGIN
    if va > vb:
        ua, va, ub, vb = ub, vb, ua, va
    begin = ua if va >= low else ua + (low - va) / (vb - va) * (ub - ua)
    end = ub if vb <= high else ua + (high - va) / (vb - va) * (ub - ua)
    first = int(np.floor(min(begin, end) - MARGIN))
    last = int(np.floor(max(begin, end) + MARGIN))
    return max(first, 0), min(last, columns - 1)


@lean_kernel
def row_range(va: float, vb: float, rows: int) -> tuple[int, int]:
    """First and last of the rows that the edge touches; none where the last is before the first."""
    return max(int(np.floor(min(va, vb) - MARGIN)), 0), min(int(np.floor(max(va, vb) + MARGIN)), rows - 1)


@lean_kernel
def _uv(frame: Frame, xy: Floats, vertex: int) -> tuple[float, float, float, float]:
    return (
        (xy[2 * vertex] - frame.x0) * frame.per_x,
        (xy[2 * vertex + 1] - frame.y0) * frame.per_y,
        (xy[2 * vertex + 2] - frame.x0) * frame.per_x,
        (xy[2 * vertex + 3] - frame.y0) * frame.per_y,
    )


@lean_kernel
def count_touches(frame: Frame, xy: Floats, edge: Int32s) -> int:
    """How many pairs of an edge and a cell that it touches there are."""
    n = 0
    for e in edge:
        ua, va, ub, vb = _uv(frame, xy, e)
        first_row, last_row = row_range(va, vb, frame.rows)
        for row in range(first_row, last_row + 1):
            first, last = row_span(ua, va, ub, vb, row, frame.columns)
            n += max(last - first + 1, 0)
    return n


@kernel
def _room(array: Int32s, used: int) -> Int32s:
    """The array, or one with twice its room if it is full."""
    if used < len(array):
        return array
    larger = np.empty((2 * len(array), array.shape[1]), array.dtype)
    larger[:used] = array[:used]
    return larger


@kernel
def _touch(
    frame: Frame, xy: Floats, edge: Int32s, start: int, stop: int, place: int, owner: Int32s,
    member: Int32s, members: int, pair: Int32s, pairs: int,
) -> tuple[Int32s, int, int]:  # fmt: skip
    """Adds a member for each cell that the polygon's edges touch, and a pair for each edge and member."""
    base = members
    for k in range(start, stop):
        ua, va, ub, vb = _uv(frame, xy, edge[k])
        first_row, last_row = row_range(va, vb, frame.rows)
        for row in range(first_row, last_row + 1):
            first, last = row_span(ua, va, ub, vb, row, frame.columns)
            for cell in range(row * frame.columns + first, row * frame.columns + last + 1):
                if owner[cell] < base:
                    member = _room(member, members)
                    member[members, 0], member[members, 1], member[members, 2] = cell, place, 0
                    owner[cell] = members
                    members += 1
                pair[pairs, 0], pair[pairs, 1] = owner[cell], edge[k]
                pairs += 1
    return member, members, pairs


@lean_kernel
def _toggle(
    frame: Frame, xy: Floats, edge: Int32s, start: int, stop: int, ys: Floats, owner: Int32s,
    member: Int32s, base: int, flip: NDArray[np.int8],
) -> tuple[int, int, int, int]:  # fmt: skip
    """Marks, where edges cross the line of a row's references, the first reference to the right.

    Returns first and last column and row of the polygon's box.
    """
    west, east, south, north = frame.columns - 1, 0, frame.rows - 1, 0
    for k in range(start, stop):
        ua, va, ub, vb = _uv(frame, xy, edge[k])
        west, east = min(west, max(int(min(ua, ub)), 0)), max(east, min(int(max(ua, ub)), frame.columns - 1))
        first_row, last_row = row_range(va, vb, frame.rows)
        south, north = min(south, first_row), max(north, last_row)
        ay, by = xy[2 * edge[k] + 1], xy[2 * edge[k] + 3]
        for row in range(first_row, last_row + 1):
            if (ay > ys[row]) == (by > ys[row]):
                continue
            at = ua + (ys[row] - ay) / (by - ay) * (ub - ua) - AT_U
            column = int(np.floor(at)) + 1
            near = int(np.rint(at))
            if abs(at - near) < MARGIN and 0 <= near < frame.columns:
                cell = row * frame.columns + near
                if owner[cell] >= base:
                    member[owner[cell], 2] |= DOUBTFUL
            if column < frame.columns:
                flip[row * frame.columns + max(column, 0)] ^= 1
    return west, east, south, north


@kernel
def lay(
    frame: Frame, xy: Floats, edge: Int32s, offset: Int32s, place: Int32s, ys: Floats, pairs: int
) -> tuple[Int32s, Int32s, Int32s]:
    """``(full, member, pair)`` of all polygons, in order.

    Full is per cell the first polygon that covers it and has no edge there, or -1. Members are cell, position
    and flags of a polygon in a cell: those with edges there, and those that cover a cell beside the first.
    Pairs are a member and one of its edges.
    """
    cells = frame.columns * frame.rows
    full, owner = np.full(cells, -1, np.int32), np.full(cells, -1, np.int32)
    flip = np.zeros(cells, np.int8)
    member, members = np.empty((pairs + 8, 3), np.int32), 0
    pair, used = np.empty((pairs, 2), np.int32), 0
    for p in range(len(place)):
        base, start, stop = members, offset[p], offset[p + 1]
        member, members, used = _touch(
            frame, xy, edge, start, stop, place[p], owner, member, members, pair, used
        )
        west, east, south, north = _toggle(frame, xy, edge, start, stop, ys, owner, member, base, flip)
        for row in range(south, north + 1):
            inside = 0
            for cell in range(row * frame.columns + west, row * frame.columns + min(east + 2, frame.columns)):
                inside ^= flip[cell]
                flip[cell] = 0
                if not inside:
                    continue
                if owner[cell] >= base:
                    member[owner[cell], 2] |= INSIDE
                elif full[cell] < 0:
                    full[cell] = place[p]
                else:
                    member = _room(member, members)
                    member[members, 0], member[members, 1], member[members, 2] = cell, place[p], INSIDE
                    members += 1
    return full, member[:members].copy(), pair


@kernel
def by_key(key: Int32s, keys: int) -> tuple[Int32s, Int32s]:
    """``(order, start)``: a stable order by key, and where each key begins in it, shape (keys + 1,)."""
    start = np.zeros(keys + 1, np.int32)
    for k in key:
        start[k + 1] += 1
    for k in range(keys):
        start[k + 1] += start[k]
    order, next_ = np.empty(len(key), np.int32), start.copy()
    for i in range(len(key)):
        order[next_[key[i]]] = i
        next_[key[i]] += 1
    return order, start


@kernel
def spread(
    frame: Frame, xy: Floats, box: Floats, start: Int32s, member: Int32s, edge: Int32s,
    chosen: Int32s, parts: Int32s,
) -> tuple[Floats, Int32s, Int32s]:  # fmt: skip
    """``(box, member, edge)`` of the cells that the chosen ones are divided into, each in so many a side.

    Every cell has all members of the one that it is part of: position, first and last edge, which of the
    given members it is. Rows of cells follow each other from the lower left.
    """
    cells = members = 0
    for i in range(len(chosen)):
        cells += parts[i] ** 2
        members += parts[i] ** 2 * (start[chosen[i] + 1] - start[chosen[i]])
    boxes, out = np.empty((cells, 3)), np.empty((members, 4), np.int32)
    edges = np.empty((len(edge) + 8, 1), np.int32)
    cells = members = used = 0
    for i in range(len(chosen)):
        c = chosen[i]
        head, node = _linked(frame, xy, box[c], start[c], start[c + 1], member, edge, parts[i])
        for part in range(parts[i] ** 2):
            side = box[c, 2] / parts[i]
            boxes[cells, 0] = box[c, 0] + part % parts[i] * side
            boxes[cells, 1] = box[c, 1] + part // parts[i] * side
            boxes[cells, 2] = side
            cells += 1
            at = head[part]
            for m in range(start[c], start[c + 1]):
                out[members, 0], out[members, 1], out[members, 3] = member[m, 0], used, m
                while at >= 0 and node[at, 1] == m:
                    edges = _room(edges, used)
                    edges[used, 0] = node[at, 0]
                    used += 1
                    at = node[at, 2]
                out[members, 2] = used
                members += 1
    return boxes, out, edges[:used, 0].copy()


@kernel
def _linked(
    frame: Frame, xy: Floats, box: Floats, begin: int, end: int, member: Int32s, edge: Int32s, parts: int
) -> tuple[Int32s, Int32s]:
    """For each part of a cell the first of its nodes: edge, member and next node, by member."""
    head = np.full(parts * parts, -1, np.int32)
    node, n, scale = np.empty((64, 3), np.int32), 0, parts / box[2]
    for m in range(end - 1, begin - 1, -1):
        for e in range(member[m, 1], member[m, 2]):
            ua, va, ub, vb = _uv(frame, xy, edge[e])
            ua, ub = (ua - box[0]) * scale, (ub - box[0]) * scale
            va, vb = (va - box[1]) * scale, (vb - box[1]) * scale
            first_row, last_row = row_range(va, vb, parts)
            for row in range(first_row, last_row + 1):
                first, last = row_span(ua, va, ub, vb, row, parts)
                for part in range(row * parts + first, row * parts + last + 1):
                    node = _room(node, n)
                    node[n, 0], node[n, 1], node[n, 2] = edge[e], m, head[part]
                    head[part] = n
                    n += 1
    return head, node
