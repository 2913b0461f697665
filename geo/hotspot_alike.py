"""Cells of which the same is known: what is slow to work out is worked out once for all of them.

Counts are small and repeat themselves: of 100,000 neighbourhoods in a city a few thousand differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.bins_counts import numbered

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Positions = NDArray[np.intp]

TABLE = 2**20
"""Whole numbers below this are told apart without being sorted."""


def alike(*columns: Floats) -> tuple[list[Floats], Positions]:
    """The different rows of columns, column by column, and for each row given its place among them.

    Args:
        columns: one or more of shape (n,), finite.

    Returns:
        As many columns of shape (m,), in the order of their values, the first column first; and the places,
        shape (n,).
    """
    levels, code = _levels(columns[0])
    found = [levels]
    for column in columns[1:]:
        levels, other = _levels(column)
        pair, code = numbered(np.stack([code, other], axis=1))
        found = [each[pair[:, 0]] for each in found] + [levels[pair[:, 1]]]
    return found, code.astype(np.intp)


def _levels(column: Floats) -> tuple[Floats, Ints]:
    """The different values, ascending, and the place of each among them."""
    if not len(column):
        return column, np.empty(0, dtype=np.int64)
    if column.min() >= 0 and column.max() < TABLE:
        number = column.astype(np.int64)
        if (number == column).all():
            held = np.bincount(number) > 0
            return np.flatnonzero(held).astype(np.float64), (np.cumsum(held) - 1)[number]
    levels, place = np.unique(column, return_inverse=True)
    return levels, place.astype(np.int64)
