"""The compiled searches of `geo.nearest`: the nearest geometry, the k nearest, all within a distance.

The tree is complete and binary: node 1 is the root, the children of i are 2i and 2i + 1, the last half are
the leaves. So its shape needs no memory, and its depth is bounded whatever the data: one facet far out, a
million at one spot.

Distances are computed as GEOS computes them, step by step, so that on a machine whose GEOS multiplies and
adds one after the other they have the same bits. Boxes are compared with a slack that is larger than all
rounding.

Points have shape (n,); ``limit`` may have one entry for all. Areas that cover a point come in as ``covers``,
ascending, those of point i from ``cover_start[i]`` on: they are at the distance 0.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernels import kernel, lean_kernel

Floats = NDArray[np.float64]
Numbers = NDArray[np.int32]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

DEPTH = 64
BLOCK = 512
MANY = -2
BEYOND = -1
RELATIVE = 1e-14
"""More than the relative rounding error of any distance."""


class Tree(NamedTuple):
    """A tree; frozen, and passed to the searches as it is.

    Attributes:
        box: per node min x, min y, max x, max y; node 0 is unused.
        begin: where the items of each leaf begin.
        item: facets, by leaf; a long edge is in several.
        ends, start, member: as in `Facets`.
        lowest: per facet, the first of its members.
        plain: per facet, whether GEOS compares its distance with none but those of other geometries.
        slack: metres, more than the rounding of any coordinate.
    """

    box: Floats
    begin: Numbers
    item: Numbers
    ends: Floats
    start: Numbers
    member: Numbers
    lowest: Numbers
    plain: Bools
    slack: float


class Lattice(NamedTuple):
    """Squares, each with the facets that may be nearest to a point in it.

    Attributes:
        x0, y0: the lower corner.
        per_m: squares in a metre.
        columns, rows: how many there are.
        start: where the facets of each begin; it has none where they would be many.
        facet: facets, by square.
        least: per square, what the distance from a point in it is at least.
    """

    x0: float
    y0: float
    per_m: float
    columns: int
    rows: int
    start: Numbers
    facet: Numbers
    least: NDArray[np.float32]


@lean_kernel
def distance_to(ends: Floats, facet: int, x: float, y: float) -> float:
    """As in ``geos::algorithm::Distance::pointToSegment``: the order of operations is part of the answer."""
    ax, ay = ends[facet, 0], ends[facet, 1]
    if ends.shape[1] == 2:
        return math.sqrt((x - ax) * (x - ax) + (y - ay) * (y - ay))
    bx, by = ends[facet, 2], ends[facet, 3]
    if ax == bx and ay == by:
        return math.sqrt((x - ax) * (x - ax) + (y - ay) * (y - ay))
    square = (bx - ax) * (bx - ax) + (by - ay) * (by - ay)
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square
    if along <= 0.0:
        return math.sqrt((x - ax) * (x - ax) + (y - ay) * (y - ay))
    if along >= 1.0:
        return math.sqrt((x - bx) * (x - bx) + (y - by) * (y - by))
    aside = ((ay - y) * (bx - ax) - (ax - x) * (by - ay)) / square
    away: float = abs(aside) * math.sqrt(square)
    return away


@lean_kernel
def _is_aside(ends: Floats, facet: int, x: float, y: float, limit: float) -> bool:
    """Whether the line through an edge is farther than the limit; never where rounding could matter."""
    ux, uy = ends[facet, 2] - ends[facet, 0], ends[facet, 3] - ends[facet, 1]
    left, right = (ends[facet, 1] - y) * ux, (ends[facet, 0] - x) * uy
    bound = (abs(left) + abs(right)) * RELATIVE
    aside = max(abs(left - right) - bound, 0.0)
    return bool(aside * aside > limit * limit * (ux * ux + uy * uy) * (1.0 + RELATIVE))


@kernel
def distances_to(ends: Floats, x: Floats, y: Floats) -> Floats:
    """The distance of each point to the facet paired with it."""
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = distance_to(ends, i, x[i], y[i])
    return out


@lean_kernel
def to_box(box: Floats, node: int, x: float, y: float) -> float:
    """The square of the distance."""
    dx: float = max(max(box[node, 0] - x, x - box[node, 2]), 0.0)
    dy: float = max(max(box[node, 1] - y, y - box[node, 3]), 0.0)
    return dx * dx + dy * dy


@lean_kernel
def squared_reach(distance: float, slack: float) -> float:
    """A box whose squared distance is more holds nothing as near as `distance`."""
    reach = distance * (1.0 + RELATIVE) + slack
    return reach * reach * (1.0 + RELATIVE)


@kernel
def members_of(tree: Tree, facet: int) -> Numbers:
    """Positions of the geometries that a facet belongs to."""
    return tree.member[tree.start[facet] : tree.start[facet + 1]]


@lean_kernel
def square_of(lattice: Lattice, x: float, y: float) -> int:
    """The square that a point lies in, -1 for none."""
    column, row = (x - lattice.x0) * lattice.per_m, (y - lattice.y0) * lattice.per_m
    if not (0.0 <= column < lattice.columns and 0.0 <= row < lattice.rows):
        return -1
    return int(row) * lattice.columns + int(column)


@lean_kernel
def next_leaf(
    tree: Tree, x: float, y: float, reach: float, stack: Ints, near: Floats, top: int
) -> tuple[int, int]:
    """``(leaf, top of the stack)``: the next leaf within reach, near ones first; -1 when there are no more.

    To begin, the top is 0; then it is what came last.
    """
    leaves = len(tree.begin) - 1
    if top == 0:
        stack[0], near[0], top = 1, to_box(tree.box, 1, x, y), 1
    else:
        top -= 1  # it is one more than what is on the stack, so that 0 is left for the beginning
    while top > 0:
        top -= 1
        if not near[top] <= reach:
            continue
        node = stack[top]
        if node >= leaves:
            return node - leaves, top + 1
        first, second = 2 * node, 2 * node + 1
        a, b = to_box(tree.box, first, x, y), to_box(tree.box, second, x, y)
        if b > a:
            first, second, a, b = second, first, b, a
        if a <= reach:
            stack[top], near[top] = first, a
            top += 1
        if b <= reach:
            stack[top], near[top] = second, b
            top += 1
    return -1, 0


@lean_kernel
def nearest_listed(
    ends: Floats, lowest: Numbers, item: Numbers, first: int, last: int, x: float, y: float,
    nearest: int, best: float, second: float,
) -> tuple[int, float, float]:  # fmt: skip
    """``(facet, distance, next)`` of these facets and of what is found so far.

    The next is the distance of the nearest that is of another geometry.
    """
    for i in range(first, last):
        facet = item[i]
        # Of an edge, the line that it is on may be too far: then nothing need be divided.
        if ends.shape[1] == 4 and _is_aside(ends, facet, x, y, second):
            continue
        distance = distance_to(ends, facet, x, y)
        if distance < best:
            if nearest >= 0 and lowest[facet] != lowest[nearest]:
                second = best
            nearest, best = facet, distance
        elif distance < second and lowest[facet] != lowest[nearest]:
            second = distance
    return nearest, best, second


@lean_kernel
def nearest_facet(
    tree: Tree, x: float, y: float, limit: float, tie: float, stack: Ints, near: Floats
) -> tuple[int, float, float]:
    """As `nearest_listed`, of all within `limit`; the next only if within `tie` of the nearest."""
    nearest, best, second = -1, math.inf, math.inf
    reach = squared_reach(limit + tie, tree.slack)
    leaf, top = next_leaf(tree, x, y, reach, stack, near, 0)
    while leaf >= 0:
        nearest, best, second = nearest_listed(
            tree.ends, tree.lowest, tree.item, tree.begin[leaf], tree.begin[leaf + 1], x, y,
            nearest, best, second,
        )  # fmt: skip
        if best < limit:
            reach = squared_reach(best + tie, tree.slack)
        leaf, top = next_leaf(tree, x, y, reach, stack, near, top)
    return nearest, best, second


@lean_kernel
def lowest_listed(
    tree: Tree, item: Numbers, first: int, last: int, x: float, y: float,
    limit: float, band: float, lowest: int, only: int, plain: bool,
) -> tuple[int, int, bool]:  # fmt: skip
    """``(lowest, only, plain)`` of these facets and of what is found so far, to begin with -1, -1, True.

    The lowest position within `limit`; the one of all that is within `band`, which is not less, or `MANY`;
    and whether all that is plain.
    """
    for i in range(first, last):
        facet = item[i]
        distance = distance_to(tree.ends, facet, x, y)
        if not distance <= band:
            continue
        mine = tree.lowest[facet]
        plain = plain and tree.plain[facet]
        if (only >= 0 and only != mine) or tree.start[facet + 1] > tree.start[facet] + 1:
            only = MANY
        elif only == -1:
            only = mine
        if distance <= limit and (lowest < 0 or mine < lowest):
            lowest = mine
    return lowest, only, plain


@lean_kernel
def lowest_within(
    tree: Tree, x: float, y: float, limit: float, band: float, stack: Ints, near: Floats
) -> tuple[int, int, bool]:
    """As `lowest_listed`, of all facets."""
    lowest, only, plain = -1, -1, True
    reach = squared_reach(band, tree.slack)
    leaf, top = next_leaf(tree, x, y, reach, stack, near, 0)
    while leaf >= 0:
        lowest, only, plain = lowest_listed(
            tree, tree.item, tree.begin[leaf], tree.begin[leaf + 1], x, y, limit, band, lowest, only, plain
        )
        leaf, top = next_leaf(tree, x, y, reach, stack, near, top)
    return lowest, only, plain


@lean_kernel
def _nearest_one(
    tree: Tree, lattice: Lattice, first: int, last: int, x: float, y: float, limit: float, inside: int,
    tie: float, blur: float, stack: Ints, near: Floats,
) -> tuple[int, float, bool]:  # fmt: skip
    """``(position, distance, doubt)``; the position is -1 where nothing is within the limit."""
    if not (math.isfinite(x) and math.isfinite(y) and limit >= 0.0):
        return -1, math.nan, False
    if inside >= 0:
        lowest, _, plain = lowest_within(tree, x, y, tie, tie + blur, stack, near)
        return (inside if lowest < 0 else min(inside, lowest)), 0.0, not plain
    if first < last:
        facet, best, second = nearest_listed(
            tree.ends, tree.lowest, lattice.facet, first, last, x, y, -1, math.inf, math.inf
        )
    else:
        facet, best, second = nearest_facet(tree, x, y, limit, tie, stack, near)
    if facet < 0 or best > limit:
        return -1, math.nan, False
    band = best * (1.0 + RELATIVE) + tie + blur
    if second > band and tree.plain[facet]:
        return tree.lowest[facet], best, False
    if first < last:
        position, only, plain = lowest_listed(
            tree, lattice.facet, first, last, x, y, best + tie, band, -1, -1, True
        )
    else:
        position, only, plain = lowest_within(tree, x, y, best + tie, band, stack, near)
    return position, best, only == MANY and not plain


@kernel
def nearest_of_one(
    tree: Tree, lattice: Lattice, x: float, y: float, limit: float, inside: int, tie: float, blur: float
) -> tuple[int, float, bool]:
    """``(position, distance, doubt)`` of one point; as `nearest_of_all`."""
    stack, near = np.empty(DEPTH, np.int64), np.empty(DEPTH)
    square, first, last = square_of(lattice, x, y), 0, 0
    if square >= 0:
        first, last = lattice.start[square], lattice.start[square + 1]
    return _nearest_one(tree, lattice, first, last, x, y, limit, inside, tie, blur, stack, near)


@lean_kernel
def _find_lists(
    tree: Tree, lattice: Lattice, x: Floats, y: Floats, limit: Floats, begin: int, end: int,
    first: Ints, last: Ints,
    touched: Floats,
) -> None:  # fmt: skip
    """Look up the lists of some points, or that all is `BEYOND` the limit, and touch their facets: memory
    answers many questions at a time, if none waits for another.
    """
    for i in range(begin, end):
        square = square_of(lattice, x[i], y[i])
        first[i - begin] = last[i - begin] = 0
        if square >= 0:
            beyond = lattice.least[square] > (limit[i] if len(limit) > 1 else limit[0])
            first[i - begin], last[i - begin] = lattice.start[square], lattice.start[square + 1]
            if beyond:
                last[i - begin] = BEYOND
    for i in range(end - begin):
        if first[i] < last[i]:
            touched[i] = tree.ends[lattice.facet[first[i]], 0] + tree.ends[lattice.facet[last[i] - 1], 0]


@lean_kernel
def _nearest_of_block(
    tree: Tree, lattice: Lattice, x: Floats, y: Floats, limit: Floats, inside: Ints,
    tie: float, blur: float, position: Ints, distance: Floats, doubt: Bools, begin: int, end: int,
    first: Ints, last: Ints, stack: Ints, near: Floats,
) -> None:  # fmt: skip
    for i in range(begin, end):
        reach = limit[i] if len(limit) > 1 else limit[0]
        area = inside[i] if len(inside) > 0 else -1
        one, end_of_one = first[i - begin], last[i - begin]
        if area < 0 and end_of_one == BEYOND:
            continue
        # Most are in the lattice, in no area and near one facet only, and done without a call.
        if area < 0 and one < end_of_one and reach >= 0.0:
            facet, best, second = nearest_listed(
                tree.ends, tree.lowest, lattice.facet, one, end_of_one, x[i], y[i], -1, math.inf, math.inf
            )
            if second > best * (1.0 + RELATIVE) + tie + blur and tree.plain[facet]:
                if best <= reach:
                    position[i], distance[i] = tree.lowest[facet], best
                continue
        position[i], distance[i], doubt[i] = _nearest_one(
            tree, lattice, one, end_of_one, x[i], y[i], reach, area, tie, blur, stack, near
        )


@kernel
def nearest_of_all(
    tree: Tree, lattice: Lattice, x: Floats, y: Floats, limit: Floats, inside: Ints,
    tie: float, blur: float, position: Ints, distance: Floats, doubt: Bools,
) -> None:  # fmt: skip
    """Fill in position, distance and whether GEOS must settle it; `blur` is how far off distances may be.

    `inside` is the first area that covers each point, -1 for none; or has no entries. Where nothing is found,
    position and distance are left as they are.
    """
    stack, near = np.empty(DEPTH, np.int64), np.empty(DEPTH)
    first, last, touched = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64), np.empty(BLOCK)
    for begin in range(0, len(x), BLOCK):
        end = min(begin + BLOCK, len(x))
        _find_lists(tree, lattice, x, y, limit, begin, end, first, last, touched)
        _nearest_of_block(
            tree, lattice, x, y, limit, inside, tie, blur, position, distance, doubt, begin, end,
            first, last, stack, near,
        )  # fmt: skip


@kernel
def _grown(numbers: NDArray[Any], size: int) -> NDArray[Any]:
    out = np.empty(size, numbers.dtype)
    out[: len(numbers)] = numbers
    return out


@kernel
def _sort_found(found: Ints, away: Floats, n: int) -> int:
    """Sort by position, then distance, leave the nearest of each position; how many are left."""
    if n <= 32:
        for i in range(1, n):
            at, far, j = found[i], away[i], i
            while j > 0 and (found[j - 1] > at or (found[j - 1] == at and away[j - 1] > far)):
                found[j], away[j] = found[j - 1], away[j - 1]
                j -= 1
            found[j], away[j] = at, far
    else:
        order = np.argsort(found[:n], kind="mergesort")
        found[:n], away[:n] = found[:n][order], away[:n][order]
    kept = 0
    for i in range(n):
        if kept > 0 and found[kept - 1] == found[i]:
            away[kept - 1] = min(away[kept - 1], away[i])
        else:
            found[kept], away[kept] = found[i], away[i]
            kept += 1
    return kept


@kernel
def within_of_all(
    tree: Tree, x: Floats, y: Floats, limit: Floats, cover_start: Ints, covers: Ints
) -> tuple[Ints, Ints, Floats]:
    """``(point, position, distance)`` of all that is within the limit, by point, then position."""
    stack, near = np.empty(DEPTH, np.int64), np.empty(DEPTH)
    found, away = np.empty(64, np.int64), np.empty(64)
    point, position, distance = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024)
    total = 0
    for i in range(len(x)):
        bound = limit[i] if len(limit) > 1 else limit[0]
        if not (math.isfinite(x[i]) and math.isfinite(y[i]) and bound >= 0.0):
            continue
        inside = covers[cover_start[i] : cover_start[i + 1]]
        n = len(inside)
        if n > len(found):
            found, away = _grown(found, 2 * n), _grown(away, 2 * n)
        found[:n], away[:n] = inside, 0.0
        reach = squared_reach(bound, tree.slack)
        leaf, top = next_leaf(tree, x[i], y[i], reach, stack, near, 0)
        while leaf >= 0:
            for j in range(tree.begin[leaf], tree.begin[leaf + 1]):
                far = distance_to(tree.ends, tree.item[j], x[i], y[i])
                if far <= bound:
                    members = members_of(tree, tree.item[j])
                    if n + len(members) > len(found):
                        size = 2 * (n + len(members))
                        found, away = _grown(found, size), _grown(away, size)
                    found[n : n + len(members)], away[n : n + len(members)] = members, far
                    n += len(members)
            leaf, top = next_leaf(tree, x[i], y[i], reach, stack, near, top)
        n = _sort_found(found, away, n)
        if total + n > len(point):
            size = 2 * (total + n)
            point, position, distance = _grown(point, size), _grown(position, size), _grown(distance, size)
        point[total : total + n], position[total : total + n] = i, found[:n]
        distance[total : total + n] = away[:n]
        total += n
    return point[:total], position[:total], distance[:total]


@kernel
def any_within_own(tree: Tree, x: Floats, y: Floats, own: Floats, widest: float, out: Bools) -> None:
    """Fill in whether a facet is within the reach of one of its members; none is more than `widest`."""
    stack, near = np.empty(DEPTH, np.int64), np.empty(DEPTH)
    reach = squared_reach(widest, tree.slack)
    for i in range(len(x)):
        if out[i] or not (math.isfinite(x[i]) and math.isfinite(y[i]) and widest >= 0.0):
            continue
        leaf, top = next_leaf(tree, x[i], y[i], reach, stack, near, 0)
        while leaf >= 0 and not out[i]:
            for j in range(tree.begin[leaf], tree.begin[leaf + 1]):
                far = distance_to(tree.ends, tree.item[j], x[i], y[i])
                for member in members_of(tree, tree.item[j]):
                    if far <= own[member]:
                        out[i] = True
            leaf, top = next_leaf(tree, x[i], y[i], reach, stack, near, top)


@lean_kernel
def _place(position: Ints, distance: Floats, size: int, at: int, far: float) -> int:
    """Put a geometry into a list sorted by distance, then position; the new length of the list."""
    full = len(position)
    if size == full and not (far < distance[-1] or (far == distance[-1] and at < position[-1])):
        return size
    for i in range(size):
        if position[i] == at:
            if not far < distance[i]:
                return size
            for j in range(i, size - 1):
                position[j], distance[j] = position[j + 1], distance[j + 1]
            size -= 1
            break
    i = min(size, full - 1)
    while i > 0 and (distance[i - 1] > far or (distance[i - 1] == far and position[i - 1] > at)):
        position[i], distance[i] = position[i - 1], distance[i - 1]
        i -= 1
    position[i], distance[i] = at, far
    return min(size + 1, full)


@kernel
def k_nearest_of_all(
    tree: Tree, x: Floats, y: Floats, limit: Floats, cover_start: Ints, covers: Ints,
    position: Ints, distance: Floats,
) -> None:  # fmt: skip
    """Fill in the k nearest of each point, shape (n, k), nearest first, equally near ones by position."""
    stack, near = np.empty(DEPTH, np.int64), np.empty(DEPTH)
    k = position.shape[1]
    for i in range(len(x)):
        bound = limit[i] if len(limit) > 1 else limit[0]
        if not (math.isfinite(x[i]) and math.isfinite(y[i]) and bound >= 0.0):
            continue
        mine, away, size = position[i], distance[i], 0
        for area in covers[cover_start[i] : cover_start[i + 1]]:
            size = _place(mine, away, size, area, 0.0)
        bound = away[k - 1] if size == k else bound
        reach = squared_reach(bound, tree.slack)
        leaf, top = next_leaf(tree, x[i], y[i], reach, stack, near, 0)
        while leaf >= 0:
            for j in range(tree.begin[leaf], tree.begin[leaf + 1]):
                far = distance_to(tree.ends, tree.item[j], x[i], y[i])
                if far <= bound and far < math.inf:
                    for member in members_of(tree, tree.item[j])[:k]:  # the next is not among the k nearest
                        size = _place(mine, away, size, member, far)
            if size == k and away[k - 1] < bound:
                bound = away[k - 1]
                reach = squared_reach(bound, tree.slack)
            leaf, top = next_leaf(tree, x[i], y[i], reach, stack, near, top)


@lean_kernel
def _is_behind(
    ends: Floats, facet: int, x: float, y: float, half: float, corners: Floats, margin: float
) -> bool:
    """Whether a facet is farther than another from every point of a square, given its middle, half its side,
    and how far the other is from the corners.

    The line across the shortest way from the middle to the facet is nearer than the facet all along.
    How far the other is, less how far that line is, is convex, and so greatest at a corner.
    """
    ax, ay = x - ends[facet, 0], y - ends[facet, 1]
    bx, by = x - ends[facet, -2], y - ends[facet, -1]
    ux, uy = ax - bx, ay - by
    square = ux * ux + uy * uy
    along = min(max((ax * ux + ay * uy) / square, 0.0), 1.0) if square > 0.0 else 0.0
    nx, ny = ax - along * ux, ay - along * uy
    length = math.sqrt(nx * nx + ny * ny)
    if not length > 0.0:
        return False
    nx, ny = nx / length, ny / length
    # Holds also where rounding has turned the way.
    away = min(nx * ax + ny * ay, nx * bx + ny * by)
    for i in range(4):
        across = nx * (half if i % 2 else -half) + ny * (half if i > 1 else -half)
        if not away + across > corners[i] + margin:
            return False
    return True


@kernel
def list_cells(
    tree: Tree, lattice: Lattice, begin: int, end: int, most: int, tie: float
) -> tuple[Numbers, Numbers]:
    """For each of some squares how many facets may be nearest to a point in it (0: too many), and which.

    Also fills in what the distance is at least.
    """
    stack, near, corners = np.empty(DEPTH, np.int64), np.empty(DEPTH), np.empty(4)
    count, facets, total = np.zeros(end - begin, np.int32), np.empty(most * (end - begin), np.int32), 0
    half = 0.5 / lattice.per_m * (1.0 + RELATIVE)
    corner = half * 1.4143 + tie + tree.slack
    for cell in range(begin, end):
        x = lattice.x0 + (cell % lattice.columns + 0.5) / lattice.per_m
        y = lattice.y0 + (cell // lattice.columns + 0.5) / lattice.per_m
        nearest, best, _ = nearest_facet(tree, x, y, math.inf, 0.0, stack, near)
        # Single precision rounds by less.
        lattice.least[cell] = max(best - corner, 0.0) * (1.0 - 1e-6)
        for i in range(4):
            corner_x, corner_y = x + (half if i % 2 else -half), y + (half if i > 1 else -half)
            corners[i] = distance_to(tree.ends, nearest, corner_x, corner_y)
        margin = tie + 4.0 * tree.slack + 100.0 * RELATIVE * (best + corner)
        bound, n = best + 2.0 * corner, 0
        reach = squared_reach(bound, tree.slack)
        leaf, top = next_leaf(tree, x, y, reach, stack, near, 0)
        while leaf >= 0 and n <= most:
            for j in range(tree.begin[leaf], tree.begin[leaf + 1]):
                facet = tree.item[j]
                if n > most or not distance_to(tree.ends, facet, x, y) <= bound:
                    continue
                if facet != nearest and _is_behind(tree.ends, facet, x, y, half, corners, margin):
                    continue
                known = False
                for i in range(total, total + min(n, most)):
                    known = known or facets[i] == facet
                if not known and n < most:
                    facets[total + n] = facet
                n += not known
            leaf, top = next_leaf(tree, x, y, reach, stack, near, top)
        if n <= most:
            count[cell - begin] = n
            total += n
    return count, facets[:total].copy()
