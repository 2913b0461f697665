"""How likely the sum of a neighbourhood is if the counts of a city were dealt out to its cells at random.

With binary weights that depends on the number of cells in the neighbourhood alone: it is the sum of so many
draws from the counts as they are. Drawn with replacement (without it a little less is likely far out, so that
this errs to the safe side), the distribution of the sum is the distribution of the counts convolved with
itself, once for each number of neighbours. No normal approximation, which finds hotspots in the noise of
sparse counts; no permutations, whose p-values end at one in a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from geo.errors import GridError
from geo.hotspot_tails import Tails

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PLAIN = 2**15
"""Up to such sums every probability is a sum of products, right to the last digits, however small."""
FLOOR = 1e-12
"""Above that the Fourier transform is used, which is off by less than this: it is added, to be safe."""
MOST = 2**24
"""The largest sums for which there is memory."""


def convolution_tails(counts: Floats, sums: Floats, sizes: Floats) -> Tails:
    """The probabilities of sums as low, and as high, as those of neighbourhoods; shape (m,).

    NaN where a neighbourhood is empty.

    Args:
        counts: of all cells that take part, shape (n,), whole.
        sums: of the neighbourhoods, shape (m,).
        sizes: how many cells each has, shape (m,).

    Raises:
        GridError: the counts are too large to be convolved.
    """
    lower, upper = np.full(len(sums), np.nan), np.full(len(sums), np.nan)
    if not len(counts):
        return Tails(lower, upper)
    largest = int(counts.max() * sizes.max(initial=0))
    if largest > MOST or counts.max() > MOST:
        raise GridError(
            f"Counts of {counts.max():.0f} are too large to be dealt out at random.",
            fix="Compare with the share of all reports or with an exposure instead.",
        )
    chance = np.bincount(counts.astype(np.int64)) / len(counts)
    order = np.argsort(sizes, kind="stable")
    wanted, first = np.unique(sizes[order].astype(np.int64), return_index=True)
    for (size, total), rows in zip(_totals(chance, wanted), np.split(order, first[1:]), strict=True):
        if size:
            at = sums[rows].astype(np.int64)
            lower[rows] = np.minimum(np.cumsum(total), 1)[at]
            upper[rows] = np.minimum(np.cumsum(total[::-1])[::-1], 1)[at]
    off = FLOOR if largest > PLAIN else 0.0
    return Tails(np.minimum(lower + off, 1), np.minimum(upper + off, 1))


def _totals(chance: Floats, sizes: Ints) -> Iterator[tuple[int, Floats]]:
    """The distribution of the sum of so many draws, for each size; they rise."""
    if (len(chance) - 1) * int(sizes.max(initial=0)) > PLAIN:
        yield from ((size, _transformed(chance, size)) for size in sizes.tolist())
        return
    total, drawn = np.ones(1), 0
    for size in sizes.tolist():
        for _ in range(size - drawn):
            total = np.convolve(total, chance)
        drawn = size
        yield size, total


def _transformed(chance: Floats, size: int) -> Floats:
    length = (len(chance) - 1) * size + 1
    fast = next_fast_len(length, real=True)
    return np.asarray(np.maximum(irfft(rfft(chance, fast) ** size, fast)[:length], 0))
