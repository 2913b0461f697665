"""Rows that are alike are found, whatever numbers they hold."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.hotspot_alike import TABLE, alike

Floats = NDArray[np.float64]

RNG = np.random.default_rng(1)
SMALL = RNG.integers(0, 5, 400).astype(np.float64)
WIDE = RNG.choice([0.0, 3.0, TABLE + 1.0, 1e15], 400)
BROKEN = RNG.choice([0.5, 2.25, 0.0, 7.0], 400)
BELOW = RNG.choice([-3.0, -1.0, 4.0], 400)


@pytest.mark.parametrize(
    "columns",
    [(SMALL,), (WIDE,), (SMALL, SMALL[::-1]), (BROKEN, SMALL), (WIDE, BROKEN, SMALL), (BELOW, WIDE)],
)
def test_each_different_row_is_there_once_and_every_row_knows_its_place(columns: tuple[Floats, ...]) -> None:
    found, place = alike(*columns)
    for given, kept in zip(columns, found, strict=True):
        np.testing.assert_array_equal(kept[place], given)
    rows = list(zip(*(each.tolist() for each in found), strict=True))
    assert rows == sorted(set(zip(*(each.tolist() for each in columns), strict=True)))


def test_of_nothing_there_is_nothing() -> None:
    found, place = alike(np.empty(0), np.empty(0))
    assert [each.shape for each in (*found, place)] == [(0,), (0,), (0,)]
