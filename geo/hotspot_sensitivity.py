"""Whether a hotspot hangs on where the bins happen to lie: the same question with the origin moved.

Bins begin somewhere, and counts change with where (the zonation part of what Openshaw 1984 calls the
modifiable areal unit problem). What is told of ground that is hot in one of five lattices is told of the
lattice; what holds in all of them is told of the ground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.bins import Lattice, centres, keys_at
from geo.bins_counts import numbered
from geo.errors import GridError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

Asked = Callable[[Lattice], tuple[ArrayLike, ArrayLike]]
"""What answers for a lattice: keys of bins, shape (m, 2), each once, and the class of each as text, (m,)."""

SHIFTS = ((0.375, 0.125), (-0.125, 0.375), (-0.375, -0.125), (0.125, -0.375))
"""In sizes of a bin: a square turned so that no two, nor any and the lattice itself, share a row or column.
None is a half, which would put the middles of bins on the edges of others."""


def origin_agreement(
    lattice: Lattice,
    key: ArrayLike,
    class_: ArrayLike,
    again: Asked,
    *,
    shifts: tuple[tuple[float, float], ...] = SHIFTS,
) -> Floats:
    """In which share of moved lattices the ground of each bin (its middle) has the class it has here.

    A middle that lies in no bin of a moved lattice has no class there, and does not agree.

    Args:
        lattice: the bins of the answer.
        key: of these, shape (n, 2).
        class_: of each, such as ``hot``, shape (n,).
        again: answers the same question, from the same reports, in another lattice; called once for each
            shift. It decides by itself which bins there are.
        shifts: in sizes of a bin.

    Returns:
        Shape (n,), from 0 to 1.

    Raises:
        GridError: no shifts, or not one class for each key.
    """
    keys = np.asarray(key, np.int64).reshape(-1, 2)
    classes = _classes(class_, len(keys))
    if not shifts:
        raise GridError("Nothing is moved.", fix="Give one shift or more.")
    middle = centres(lattice, keys)
    agreed = np.zeros(len(keys))
    for east, north in shifts:
        x, y = lattice.shift_m
        moved = replace(lattice, shift_m=(x + east * lattice.size_m, y + north * lattice.size_m))
        their_keys, theirs = again(moved)
        agreed += _class_at(moved, middle, their_keys, theirs) == classes
    return agreed / len(shifts)


def _class_at(lattice: Lattice, xy: Floats, key: ArrayLike, class_: ArrayLike) -> Texts:
    """The class of the bin in which each point lies, shape (n,); None where there is none."""
    keys = np.asarray(key, np.int64).reshape(-1, 2)
    known = np.concatenate([_classes(class_, len(keys)), np.array([None])])
    if not len(keys):
        return np.full(len(xy), None, dtype=object)
    every, row = numbered(np.concatenate([keys, keys_at(lattice, xy)]))
    place = np.full(len(every), len(keys))
    place[row[: len(keys)]] = np.arange(len(keys))
    return np.asarray(known[place[row[len(keys) :]]])


def _classes(class_: ArrayLike, bins: int) -> Texts:
    classes = np.asarray(class_, dtype=object)
    if classes.shape != (bins,):
        raise GridError(
            f"{bins} bins have classes of shape {classes.shape}.", fix="Give one class for each bin."
        )
    return classes
