"""How often: points counted by what they lie in, each of them, each thing once, and by weight."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import GridError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Positions = NDArray[np.intp]

ROOMY = 4
"""A table of all keys is used when it has at most so many entries for each point."""


class Counts(NamedTuple):
    """Per place, shape (k,).

    Attributes:
        raw: every point.
        unique: every thing once in a place, however often it was told; in two places it counts in both.
        weighted: the sum of the weights, in an order that does not hang on that of the points.
    """

    raw: Ints
    unique: Ints
    weighted: Floats


def counts(
    position: ArrayLike, places: int, *, thing: ArrayLike | None = None, weight: ArrayLike | None = None
) -> Counts:
    """How many points lie in each place.

    Args:
        position: shape (n,), from 0 up to `places`; negative where a point lies nowhere, and is not counted.
        places: how many there are.
        thing: whole numbers, shape (n,): equal ones tell of one thing (an issue, a reporter). Negative where
            it is not known: each of these is counted. Without it, every point is a thing of its own.
        weight: shape (n,), finite; without it, 1.

    Raises:
        GridError: a weight is not finite, a position is not below `places`, or the shapes differ.
    """
    at = np.asarray(position, np.intp).reshape(-1)
    _check_positions(at, places)
    placed = at >= 0
    raw = np.bincount(at[placed], minlength=places).astype(np.int64)
    unique = raw if thing is None else _unique(at, places, _like(at, thing, "thing").astype(np.int64))
    if weight is None:
        return Counts(raw, unique, raw.astype(np.float64))
    heavy = _like(at, weight, "weight").astype(np.float64)
    if not np.isfinite(heavy).all():
        raise GridError("A weight is not a number.", fix="Leave out points that have none, or give them 0.")
    order = np.lexsort((heavy, at))
    order = order[placed[order]]
    total: Floats = np.bincount(at[order], heavy[order], minlength=places).astype(np.float64)
    return Counts(raw, unique, total)


def _check_positions(at: Positions, places: int) -> None:
    if len(at) and at.max() >= places:
        raise GridError(f"There is no place {at.max()} among {places}.", fix="Count from 0.")


def _like(at: Positions, values: ArrayLike, name: str) -> NDArray[np.generic]:
    array = np.asarray(values).reshape(-1)
    if len(array) != len(at):
        raise GridError(f"There are {len(at)} positions, but {len(array)} of {name}.", fix="Give one each.")
    return array


def _unique(at: Positions, places: int, thing: Ints) -> Ints:
    known = (at >= 0) & (thing >= 0)
    pair, _ = numbered(np.stack([at[known], thing[known]], axis=1))
    alone = at[(at >= 0) & (thing < 0)]
    every = np.concatenate([pair[:, 0], alone])
    return np.bincount(every, minlength=places).astype(np.int64)


def numbered(key: Ints) -> tuple[Ints, Positions]:
    """The different rows of keys (n, 2), sorted, and for each key its row there."""
    if not len(key):
        return np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=np.intp)
    a, b = np.ascontiguousarray(key.T)
    columns, rows = (int(each.max()) - int(each.min()) + 1 for each in (a, b))
    if columns * rows >= 2**63:
        found, place = np.unique(key, axis=0, return_inverse=True)
        return found, place.reshape(-1)
    low = a.min(), b.min()
    code = (a - low[0]) * rows + (b - low[1])
    if columns * rows <= ROOMY * len(key) + 1024:
        held = np.bincount(code, minlength=columns * rows) > 0
        used: Ints = np.flatnonzero(held).astype(np.int64)
        position = (np.cumsum(held) - 1)[code]
    else:
        used, position = np.unique(code, return_inverse=True)
    return np.stack([used // rows + low[0], used % rows + low[1]], axis=1), position.astype(np.intp)
