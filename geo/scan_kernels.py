"""The compiled loop of `geo.scan`: the highest ratio among all windows, for many drawn sets of cases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.kernels import lean_kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]


@lean_kernel
def highest(
    cases: Ints, area: Numbers, first: Ints, least: Floats, slope: Floats, base: Floats, table: Floats,
    best: Floats,
) -> None:  # fmt: skip
    """Writes to `best` (r,) the highest log likelihood ratio of each row of `cases` (r, n), 0 at least.

    Windows are those of `geo.scan`: `area[first[i]:first[i + 1]]` are added one by one around centre i, and
    `least`, `slope`, `base` and `table` say what the cases in them come to.
    """
    for row in range(len(cases)):
        found = 0.0
        for centre in range(len(first) - 1):
            held = 0
            for window in range(first[centre], first[centre + 1]):
                held += cases[row, area[window]]
                if held > least[window]:
                    ratio = table[held] - held * slope[window] + base[window]
                    found = max(found, ratio)
        best[row] = found
