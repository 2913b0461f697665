"""Which numbers of one street name belong together: two villages may each have a street of that name.

Everything is in metres.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Geometries = NDArray[np.object_]

SAME_M = 200.0
"""Up to so far apart may two points bear the same number of one street: a farm and its barn."""
REACH_M = 250.0
"""Two numbers that follow each other lie at most so far apart, and `STEP_M` more for each number between."""
STEP_M = 40.0
GAP_M = 300.0
"""Pieces of a street closer than this are one street, whatever lies between them."""
NEAR_M = 1000.0
"""A street has nothing to do with numbers farther away than this."""
FULL = 40
"""Up to so many numbers all pairs are looked at; beyond, those next by number and next by place."""
_NEXT = 6


def group_numbers(xy: Floats, number: Floats, place: Ints | None = None) -> Ints:
    """The group of each known number, shape (n,), counted from 0 in the order given.

    Numbers are joined by the shortest steps first, a step being the way between two of them and what their
    numbers differ by. Two groups are never joined if they would hold the same number twice, farther apart
    than `SAME_M`, or lie in two places of `place` (a label for each, -1 for unknown).
    """
    n = len(number)
    where = np.full(n, -1, dtype=np.intp) if place is None else np.asarray(place, dtype=np.intp)
    one, other = _pairs(xy, number)
    away = np.hypot(*(xy[one] - xy[other]).T)
    step = np.abs(number[one] - number[other])
    reached = np.flatnonzero(away <= REACH_M + STEP_M * step)
    reached = reached[np.argsort(away[reached] + STEP_M * step[reached] / 4, kind="stable")]
    return _joined(one[reached], other[reached], _apart(xy, number, where))


def _joined(one: Ints, other: Ints, apart: NDArray[np.bool_]) -> Ints:
    """The groups that the pairs make, taken in their order, where none of a group is apart from another."""
    group = np.arange(len(apart))
    for a, b in zip(one, other, strict=True):
        kept, gone = group[a], group[b]
        if kept != gone and not apart[kept, gone]:
            group[group == gone] = kept
            apart[kept] |= apart[gone]
            apart[:, kept] |= apart[:, gone]
    return _counted(group)


def _pairs(xy: Floats, number: Floats) -> tuple[Ints, Ints]:
    n = len(number)
    if n <= FULL:
        one, other = np.triu_indices(n, 1)
        return one, other
    order = np.lexsort((xy[:, 1], xy[:, 0], number))
    pairs = [np.stack([order[:-step], order[step:]]) for step in range(1, _NEXT + 1)]
    points = shapely.points(xy)
    near = shapely.STRtree(points).query(points, predicate="dwithin", distance=REACH_M)
    one, other = np.hstack([*pairs, near])
    low, high = np.minimum(one, other), np.maximum(one, other)
    keys = np.unique((low * n + high)[low < high])
    return keys // n, keys % n


def _apart(xy: Floats, number: Floats, place: Ints) -> NDArray[np.bool_]:
    """Which pairs can't be numbers of one street, shape (n, n)."""
    same = number[:, None] == number[None, :]
    away = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    known = (place[:, None] >= 0) & (place[None, :] >= 0)
    apart: NDArray[np.bool_] = (same & (away > SAME_M)) | (known & (place[:, None] != place[None, :]))
    return apart


def _counted(group: Ints) -> Ints:
    _, first, of = np.unique(group, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    counted: Ints = rank[of]
    return counted


def group_pieces(pieces: Geometries) -> Ints:
    """The group of each piece of a street, counted from 0: pieces within `GAP_M` of each other are one."""
    one, other = shapely.STRtree(pieces).query(pieces, predicate="dwithin", distance=GAP_M)
    group = np.arange(len(pieces))
    while True:
        before = group.copy()
        np.minimum.at(group, one, group[other])
        group = group[group]
        if (group == before).all():
            return _counted(group)


def pieces_of(pieces: Geometries, piece_group: Ints, xy: Floats) -> Geometries:
    """The pieces of a street that some numbers stand along: all of the groups that any of them is nearest to.

    None where the nearest piece is farther than `NEAR_M` from their middle number.
    """
    if not len(pieces):
        return pieces
    tree = shapely.STRtree(pieces)
    (_, nearest), away = tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    if np.median(away) > NEAR_M:
        return pieces[:0]
    wanted = np.unique(piece_group[nearest[away <= NEAR_M]])
    own: Geometries = pieces[np.isin(piece_group, wanted)]
    return own
