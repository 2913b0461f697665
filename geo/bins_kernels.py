"""The compiled loop of `geo.bins_people`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.kernels import lean_kernel

Ints = NDArray[np.int64]


@lean_kernel
def stand_for(
    thing: Ints, place: Ints, first: Ints, near: Ints, held: Ints, by: Ints, counts_at: Ints
) -> None:  # fmt: skip
    """Writes to `counts_at` (m,) where each place of each thing counts; those of one thing stand together.

    The best come first. One that nothing before it stands for stands for itself and for all near it,
    `near[first[place]:first[place + 1]]`. `held` and `by` (places,) keep for which thing each is stood for,
    at first for none (-1), and by which place.
    """
    for row in range(len(thing)):
        here = place[row]
        if held[here] != thing[row]:
            for at in range(first[here], first[here + 1]):
                if held[near[at]] != thing[row]:
                    held[near[at]] = thing[row]
                    by[near[at]] = here
        counts_at[row] = by[here]
