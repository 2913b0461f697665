"""The compiled loops of `geo.duplicates`: which of many lie near one, and how many grams two texts share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.kernels import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Int32s = NDArray[np.int32]
Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]

_SIDE = 128  # squares


@kernel
def rows_near(
    x: Floats, y: Floats, asset: Int32s, alive: Bools, stop: Rows,
    at_x: Floats, at_y: Floats, reach_m: Floats, of: Int32s,
) -> tuple[Rows, Rows]:  # fmt: skip
    """For each point the rows within its reach, and those of its asset at an unknown distance.

    Every row is looked at once, however many points there are: squares near a point, and assets of points,
    are marked; only rows there are held against the points.

    Args:
        alive: which rows count; the others have no place.
        stop: of each point, the row to stop before.
        at_x, at_y: the points; NaN where there is none.
        of: the asset of each point, negative where there is none.

    Returns:
        numbers of rows, ascending, and of their points, ascending where the row is the same.
    """
    per_m, west, south, marked = _marked(at_x, at_y, reach_m)
    wanted = np.zeros(max(asset.max(), of.max()) + 1 if len(asset) and len(of) else 0, np.bool_)
    for i in range(len(of)):
        if of[i] >= 0:
            wanted[of[i]] = True
    found, n = np.empty((2, 1024), np.intp), 0
    for row in range(stop.max() if len(stop) else 0):
        right, up = (x[row] - west) * per_m, (y[row] - south) * per_m
        by_place = 0 <= right < _SIDE and 0 <= up < _SIDE and marked[int(up), int(right)]  # never where NaN
        if not (by_place or (wanted[asset[row]] and alive[row])):
            continue
        if n + len(at_x) > found.shape[1]:
            larger = np.empty((2, 2 * n + len(at_x)), np.intp)
            larger[:, :n] = found[:, :n]
            found = larger
        for i in range(len(at_x)):
            if row >= stop[i]:
                continue
            apart = (x[row] - at_x[i]) ** 2 + (y[row] - at_y[i]) ** 2
            of_it = asset[row] == of[i] and alive[row]
            near = of_it if np.isnan(apart) else apart <= reach_m[i] ** 2
            found[0, n], found[1, n] = row, i
            n += near
    return found[0, :n], found[1, :n]


@kernel
def _marked(at_x: Floats, at_y: Floats, reach_m: Floats) -> tuple[float, float, float, Bools]:
    """Squares over all points: how many a metre, where they begin, and which are within reach of one."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for i in range(len(at_x)):
        if np.isfinite(at_x[i]) and np.isfinite(at_y[i]) and reach_m[i] >= 0:
            west, south = min(west, at_x[i] - reach_m[i]), min(south, at_y[i] - reach_m[i])
            east, north = max(east, at_x[i] + reach_m[i]), max(north, at_y[i] + reach_m[i])
    per_m = (_SIDE - 1) / max(east - west, north - south, 1.0)
    marked = np.zeros((_SIDE, _SIDE), np.bool_)
    for i in range(len(at_x)):
        if np.isfinite(at_x[i]) and np.isfinite(at_y[i]) and reach_m[i] >= 0:
            left, right = (at_x[i] - reach_m[i] - west) * per_m, (at_x[i] + reach_m[i] - west) * per_m
            low, high = (at_y[i] - reach_m[i] - south) * per_m, (at_y[i] + reach_m[i] - south) * per_m
            marked[int(low) : int(high) + 1, int(left) : int(right) + 1] = True
    return per_m, west, south, marked


@kernel
def shared_each(mine: Ints, my_first: Rows, of: Rows, others: Ints, first: Rows) -> Ints:
    """How many numbers each of the others shares with the one it is held against.

    Args:
        mine: sorted numbers of each, one after the other, from ``my_first`` on; of n it has n + 1.
        of: for each of the others, whose numbers it is held against.
    """
    shared = np.zeros(len(of), np.int64)
    for pair in range(len(of)):
        a, b = my_first[of[pair]], first[pair]
        while a < my_first[of[pair] + 1] and b < first[pair + 1]:
            if mine[a] == others[b]:
                shared[pair] += 1
            # Both go on where they are equal: no number stands twice.
            a, b = a + (mine[a] <= others[b]), b + (mine[a] >= others[b])
    return shared
