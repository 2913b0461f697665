"""Builds the tree of boxes in which `geo.nearest_kernels` searches."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.kernels import kernel
from geo.nearest_facets import Facets
from geo.nearest_kernels import Tree, distances_to

Floats = NDArray[np.float64]
Numbers = NDArray[np.int32]

LEAF = 8


def tree_of(facets: Facets) -> Tree:
    """The tree over facets, of which there must be one at least; it has them in another order."""
    low, high, of = _pieces(facets.ends)
    leaves = 1 << max(0, math.ceil(math.log2(len(of) / LEAF)))
    begin = (np.arange(leaves + 1) * len(of) // leaves).astype(np.int32)
    order = np.arange(len(of), dtype=np.int32)
    _sort(order, low + high, begin)
    box = np.empty((2 * leaves, 4))
    _enclose(box, np.column_stack([low, high])[order], begin)
    facets, item = _in_order(facets, of[order])
    slack = float(np.abs(facets.ends).max()) * 2.0**-46
    lowest = facets.member[facets.start[:-1]]
    return Tree(box, begin, item, facets.ends, facets.start, facets.member, lowest, facets.plain, slack)


def _in_order(facets: Facets, item: Numbers) -> tuple[Facets, Numbers]:
    """The facets in the order in which the items first name them, so that what is near is near in memory too;
    and the items.
    """
    first = np.empty(len(facets.ends), dtype=np.int64)
    first[item[::-1]] = np.arange(len(item))[::-1]
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order))
    return facets.take(order), rank[item]


def _pieces(ends: Floats) -> tuple[Floats, Floats, Numbers]:
    """Lower and upper corners of the facets, those longer than the mean cut into pieces, and whose they are.

    A long slanting edge would have a box that is all but empty. There are at most two pieces per facet, all
    in all.
    """
    a, b = ends[:, :2], ends[:, -2:]
    length = np.hypot(*(b - a).T)
    mean = max(float(length.mean()), 1e-300)
    count = np.maximum(np.ceil(length / mean), 1).astype(np.int64)
    of = np.repeat(np.arange(len(ends), dtype=np.int32), count)
    number = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    from_, to = ((number + step) / count[of] for step in (0, 1))
    start = a[of] + (b - a)[of] * from_[:, None]
    end = np.where((to == 1)[:, None], b[of], a[of] + (b - a)[of] * to[:, None])
    return np.minimum(start, end), np.maximum(start, end), of


@kernel
def _sort(order: Numbers, middle: Floats, begin: Numbers) -> None:
    """Bring the items into leaves: halves by the median along the longer side, and halves of these."""
    leaves = len(begin) - 1
    width = leaves
    while width > 1:
        for leaf in range(0, leaves, width):
            low, mid, high = begin[leaf], begin[leaf + width // 2], begin[leaf + width]
            _split(order, middle, low, mid, high)
        width //= 2


@kernel
def _split(order: Numbers, middle: Floats, low: int, mid: int, high: int) -> None:
    min_x = min_y = math.inf
    max_x = max_y = -math.inf
    for i in range(low, high):
        x, y = middle[order[i], 0], middle[order[i], 1]
        min_x, max_x = min(min_x, x), max(max_x, x)
        min_y, max_y = min(min_y, y), max(max_y, y)
    _select(order, middle, 0 if max_x - min_x >= max_y - min_y else 1, low, mid, high - 1)


@kernel
def _select(order: Numbers, middle: Floats, axis: int, low: int, place: int, high: int) -> None:
    """Hoare's selection: what is left of `place` is not greater than what is right of it."""
    while low < high:
        a = middle[order[low], axis]
        b = middle[order[(low + high) // 2], axis]
        c = middle[order[high], axis]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while middle[order[i], axis] < pivot:
                i += 1
            while middle[order[j], axis] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            return


@kernel
def _enclose(box: Floats, pieces: Floats, begin: Numbers) -> None:
    leaves = len(begin) - 1
    for side in range(4):
        box[0, side] = 0.0
    for leaf in range(leaves):
        for side in range(4):
            edge = pieces[begin[leaf], side]
            for i in range(begin[leaf] + 1, begin[leaf + 1]):
                edge = min(edge, pieces[i, side]) if side < 2 else max(edge, pieces[i, side])
            box[leaves + leaf, side] = edge
    for node in range(leaves - 1, 0, -1):
        for side in range(2):
            box[node, side] = min(box[2 * node, side], box[2 * node + 1, side])
            box[node, side + 2] = max(box[2 * node, side + 2], box[2 * node + 1, side + 2])


@cache
def has_the_bits_of_geos() -> bool:
    """Whether distances are those of GEOS to the last bit, as far as a sample tells.

    They are not where GEOS was compiled to multiply and add in one step.
    """
    ends = np.random.default_rng(0).normal(0.0, 100.0, (512, 4))
    x, y = np.random.default_rng(1).normal(0.0, 100.0, (2, 512))
    theirs = shapely.distance(shapely.linestrings(ends.reshape(-1, 2, 2)), shapely.points(x, y))
    return bool((distances_to(ends, x, y) == theirs).all())
