"""The compiled loops that turn what lies in lattice cells into records, for `geo.partition_build`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernels import kernel, lean_kernel

Floats = NDArray[np.float64]
Int32s = NDArray[np.int32]

INSIDE = 1
DOUBTFUL = 2
MIXED, EITHER = 0, 1
_MOST_COMPARED = 64


class Crossed(NamedTuple):
    """Cells that more is to be known of than one polygon.

    Attributes:
        slot: where each cell's code lies.
        box: shape (n, 3): lower corner and side, in cells of the whole lattice.
        start: where each cell's members begin, shape (n + 1,).
        member: shape (m, 4), by cell, then position: position, first and last (excluded) edge, flags.
        edge: the vertices where edges begin.
    """

    slot: Int32s
    box: Floats
    start: Int32s
    member: Int32s
    edge: Int32s


@kernel
def gather(
    full: Int32s, cell_start: Int32s, order: Int32s, member: Int32s, edge_start: Int32s, edge: Int32s,
    columns: int,
) -> Crossed:  # fmt: skip
    """The cells that have members, the polygon that fills a cell put in its place among them."""
    busy = 0
    for cell in range(len(full)):
        busy += cell_start[cell + 1] > cell_start[cell]
    slot, start = np.empty(busy, np.int32), np.zeros(busy + 1, np.int32)
    box, out = np.empty((busy, 3)), np.empty((len(order) + busy, 4), np.int32)
    edges, n, b, e = np.empty(len(edge), np.int32), 0, 0, 0
    for cell in range(len(full)):
        if cell_start[cell + 1] == cell_start[cell]:
            continue
        filling = full[cell]
        for k in range(cell_start[cell], cell_start[cell + 1]):
            m = order[k]
            if 0 <= filling < member[m, 1]:
                out[n] = np.array([filling, e, e, INSIDE], np.int32)
                filling, n = -1, n + 1
            out[n, 0], out[n, 1], out[n, 3] = member[m, 1], e, member[m, 2]
            for i in range(edge_start[m], edge_start[m + 1]):
                edges[e] = edge[i]
                e += 1
            out[n, 2] = e
            n += 1
        if filling >= 0:
            out[n] = np.array([filling, e, e, INSIDE], np.int32)
            n += 1
        slot[b], start[b + 1] = cell, n
        box[b, 0], box[b, 1], box[b, 2] = cell % columns, cell // columns, 1.0
        b += 1
    return Crossed(slot, box, start, out[:n].copy(), edges)


@lean_kernel
def _twins(xy: Floats, e: int, f: int) -> int:
    """-1 where the edges are one, walked in opposite directions, 1 where in the same, else 0."""
    if (
        xy[2 * e] == xy[2 * f + 2] and xy[2 * e + 1] == xy[2 * f + 3]
        and xy[2 * e + 2] == xy[2 * f] and xy[2 * e + 3] == xy[2 * f + 1]
    ):  # fmt: skip
        return -1
    same = (
        xy[2 * e] == xy[2 * f] and xy[2 * e + 1] == xy[2 * f + 1]
        and xy[2 * e + 2] == xy[2 * f + 2] and xy[2 * e + 3] == xy[2 * f + 3]
    )  # fmt: skip
    return 1 if same else 0


@lean_kernel
def _is_tiled(xy: Floats, crossed: Crossed, c: int) -> bool:
    """Whether one polygon covers the reference and each edge lies between exactly two polygons.

    Interiors lie left of edges, so that who crosses any leaves one polygon and enters one: one covers each
    place.
    """
    begin, end = crossed.start[c], crossed.start[c + 1]
    first, last, inside = crossed.member[begin, 1], crossed.member[end - 1, 2], 0
    if last - first > _MOST_COMPARED:
        return False
    for m in range(begin, end):
        inside += crossed.member[m, 3]
        if crossed.member[m, 3] & DOUBTFUL:
            return False
    if inside != 1:
        return False
    for i in range(first, last):
        opposite = 0
        for k in range(first, last):
            twins = _twins(xy, crossed.edge[i], crossed.edge[k]) if i != k else 0
            if twins > 0:
                return False
            opposite -= twins
        if opposite != 1:
            return False
    return True


@lean_kernel
def _is_either(xy: Floats, crossed: Crossed, c: int, tileable: bool) -> bool:
    """Whether a cell has one member alone, or two that share all edges and of which one covers each place."""
    begin, end = crossed.start[c], crossed.start[c + 1]
    if end == begin + 1:
        return bool((crossed.member[begin, 3] & DOUBTFUL) == 0)
    return end == begin + 2 and tileable and _is_tiled(xy, crossed, c)


@kernel
def write_records(
    xy: Floats, crossed: Crossed, chosen: Int32s, tileable: NDArray[np.bool_], bases: tuple[int, int, int],
    code: Int32s,
) -> tuple[Int32s, Int32s, Int32s]:  # fmt: skip
    """``(record, member, edge)`` of the chosen cells, numbered from the bases; their codes are written."""
    record = np.zeros((len(chosen), 5), np.int32)
    member, n = np.empty((len(crossed.member), 4), np.int32), 0
    edge, used = np.empty(len(crossed.edge), np.int32), 0
    for r in range(len(chosen)):
        c = chosen[r]
        code[crossed.slot[c]] = -2 - (bases[0] + r)
        either = _is_either(xy, crossed, c, tileable[r])
        begin, end = crossed.start[c], crossed.start[c + 1]
        record[r, 0], record[r, 1], record[r, 2] = MIXED, bases[1] + n, bases[1] + n + end - begin
        if either:
            other = crossed.member[end - 1, 0] if end > begin + 1 else -1
            odd = crossed.member[begin, 3] & INSIDE
            record[r, 0], record[r, 1] = EITHER, bases[2] + used
            record[r, 4 - odd], record[r, 3 + odd] = crossed.member[begin, 0], other
            end = begin + 1
        for m in range(begin, end):
            first = used
            for e in range(crossed.member[m, 1], crossed.member[m, 2]):
                edge[used] = crossed.edge[e]
                used += 1
            if either:
                record[r, 2] = bases[2] + used
            else:
                member[n, 0], member[n, 1], member[n, 2] = (
                    crossed.member[m, 0],
                    bases[2] + first,
                    bases[2] + used,
                )
                member[n, 3] = crossed.member[m, 3]
                n += 1
    return record, member[:n].copy(), edge[:used].copy()


@kernel
def settle(
    slot: Int32s, box: Floats, per_cell: Int32s, member: Int32s, edge: Int32s, code: Int32s
) -> Crossed:
    """The cells, of which all members are given, without those members that are nowhere in them.

    Where one polygon or none is left, that is written as the cell's code.
    """
    slots, boxes = np.empty(len(slot), np.int32), np.empty((len(slot), 3))
    start, out = np.zeros(len(slot) + 1, np.int32), np.empty((len(member), 4), np.int32)
    first = n = b = 0
    for c in range(len(slot)):
        begin = n
        for m in range(first, first + per_cell[c]):
            if member[m, 1] < member[m, 2] or member[m, 3] != 0:
                out[n] = member[m]
                n += 1
        first += per_cell[c]
        alone = n == begin + 1 and out[begin, 1] == out[begin, 2] and out[begin, 3] == INSIDE
        if n == begin or alone:
            code[slot[c]] = out[begin, 0] if alone else -1
            n = begin
            continue
        slots[b], start[b + 1] = slot[c], n
        boxes[b] = box[c]
        b += 1
    return Crossed(slots[:b].copy(), boxes[:b].copy(), start[: b + 1].copy(), out[:n].copy(), edge)
