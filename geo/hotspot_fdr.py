"""Many tests at once: Benjamini and Hochberg 1995.

Of all that is told as found, at most a share alpha is chance, on average; where nothing is there, anything is
found in at most a share alpha of cases. That holds for tests that are independent or rise and fall together,
as those of neighbours do (Benjamini and Yekutieli 2001).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import GridError

Floats = NDArray[np.float64]


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """The q-value of each p-value among all that are given: the least alpha at which it is a discovery.

    Args:
        p: any shape (categories × windows × cells are one family); NaN is no test, and has no q.

    Raises:
        GridError: a p outside 0 … 1.
    """
    given = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(given)
    family = given[tested]
    if not ((family >= 0) & (family <= 1)).all():
        raise GridError(
            f"{family[(family < 0) | (family > 1)][0]} is no p-value.", fix="Give 0 to 1, or NaN for no test."
        )
    order = np.argsort(family, kind="stable")
    scaled = family[order] * (len(family) / np.arange(1, len(family) + 1))
    q = np.full(given.shape, np.nan)
    found = np.empty(len(family))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    q[tested] = found
    return q
