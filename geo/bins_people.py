"""One person counts once: not only in a place, but in all that are looked at together.

A cell is judged with those around it. Somebody who writes of every corner on a walk is one in each of twenty
cells, and where others seldom write, that looks like a hotspot. So one person's cells that share a
neighbourhood count as one, the one of which they told most often.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geo.bins_counts import numbered
from geo.bins_kernels import stand_for
from geo.errors import GridError
from geo.neighbours import Weights, with_self

Ints = NDArray[np.int64]
Positions = NDArray[np.intp]


def once_nearby(position: ArrayLike, thing: ArrayLike, weights: Weights) -> Positions:
    """Where each point counts, so that no neighbourhood has one thing in two of its places; shape (n,).

    `geo.bins_counts.counts` of these positions with `thing`, of all points or of some, has each thing at most
    once in the sum of any neighbourhood. The place where a thing is told of most often (of equals, the one
    with the lower number) stands for all that share a neighbourhood with it; then, of what remains, the next.
    The order of the points changes nothing.

    Args:
        position: of each point, the place it lies in, shape (n,); negative for none, and stays so.
        thing: whole numbers, shape (n,): equal ones tell of one thing (a person, a person and category).
            Negative where it is not known: each of these counts where it is.
        weights: shape (places, places), binary: which places are looked at together. Whether a place is its
            own neighbour does not matter.

    Raises:
        GridError: a position is no place, or the shapes differ.
    """
    at, what = (np.asarray(each, np.int64).reshape(-1) for each in (position, thing))
    if len(at) != len(what) or (len(at) and at.max() >= weights.shape[0]):
        raise GridError(
            f"{len(at)} positions and {len(what)} things do not fit {weights.shape[0]} places.",
            fix="Give a thing for each position, and positions below the number of places.",
        )
    known = (at >= 0) & (what >= 0)
    counts_at = at.astype(np.intp)
    if known.any():
        counts_at[known] = _stood_for(at[known], what[known], weights)
    return counts_at


def _stood_for(at: Ints, what: Ints, weights: Weights) -> Ints:
    pair, node = numbered(np.stack([what, at], axis=1))
    told = np.bincount(node, minlength=len(pair))
    each = np.cumsum(np.diff(pair[:, 0], prepend=pair[0, 0]) > 0)
    # Pairs are sorted by thing and place, so that sorting them once more by how often takes little.
    order = np.argsort(each * (told.max() + 1) - told, kind="stable")
    own = with_self(weights)
    together = sparse.csr_array(own.T @ own)  # two places in one neighbourhood
    held, by = np.full((2, weights.shape[0]), -1, dtype=np.int64)
    counts_at = np.empty(len(pair), dtype=np.int64)
    thing, place = np.ascontiguousarray(pair[order].T)
    first, near = (each.astype(np.int64) for each in (together.indptr, together.indices))
    stand_for(thing, place, first, near, held, by, counts_at)
    back = np.empty_like(counts_at)
    back[order] = counts_at
    return np.asarray(back[node])


def warm_up() -> None:
    """Compiles, or loads from disk, the loop that finds which place stands for which."""
    once_nearby([0, 1], [5, 5], sparse.csr_array(np.identity(2)))
