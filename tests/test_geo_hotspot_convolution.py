"""The chance of a neighbourhood's sum is that of drawing its cells from the city's counts."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GridError
from geo.hotspot_convolution import FLOOR, PLAIN, _totals, _transformed, convolution_tails


def enumerated(counts: list[int], size: int) -> Counter[int]:
    return Counter(sum(drawn) for drawn in product(counts, repeat=size))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.integers(1, 4), st.data())
@settings(max_examples=60)
def test_tails_are_those_of_all_draws(counts: list[int], size: int, data: st.DataObject) -> None:
    ways = enumerated(counts, size)
    seen = data.draw(st.sampled_from(sorted(ways)))
    every = sum(ways.values())
    tails = convolution_tails(np.array(counts, float), np.array([float(seen)]), np.array([float(size)]))
    lower = Fraction(sum(n for total, n in ways.items() if total <= seen), every)
    upper = Fraction(sum(n for total, n in ways.items() if total >= seen), every)
    assert float(tails.lower[0]) == pytest.approx(float(lower), rel=1e-12)
    assert float(tails.upper[0]) == pytest.approx(float(upper), rel=1e-12)


def test_each_neighbourhood_has_the_chance_of_its_own_size() -> None:
    counts = np.array([0, 0, 0, 1, 2, 5], float)
    sums, sizes = np.array([5, 5, 0, 3, 5], float), np.array([2, 4, 0, 1, 2], float)
    together = convolution_tails(counts, sums, sizes)
    for row in range(5):
        alone = convolution_tails(counts, sums[[row]], sizes[[row]])
        np.testing.assert_array_equal(alone.upper[0], together.upper[row])
        np.testing.assert_array_equal(alone.lower[0], together.lower[row])
    assert np.isnan(together.upper[2])


def test_tails_far_out_are_products_not_rounding() -> None:
    counts = np.array([0.0] * 9999 + [1.0])
    tails = convolution_tails(counts, np.array([9.0]), np.array([9.0]))
    assert tails.upper[0] == pytest.approx(1e-36, rel=1e-12)


def test_large_counts_are_off_by_less_than_the_floor() -> None:
    """Those that are transformed, beside the sums of products that are exact."""
    rng = np.random.default_rng(1)
    chance = np.bincount(rng.negative_binomial(0.3, 0.001, 3000)) / 3000
    plain = next(_totals(chance[:3000], np.array([9])))[1]
    quick = _transformed(chance[:3000], 9)
    assert np.abs(np.cumsum(plain) - np.cumsum(quick)).max() < FLOOR
    assert np.abs(np.cumsum(plain[::-1]) - np.cumsum(quick[::-1])).max() < FLOOR


def test_counts_of_a_hundred_thousand_are_dealt_out() -> None:
    counts = np.array([0.0] * 50 + [3.0] * 40 + [7e4])
    tails = convolution_tails(counts, np.array([7e4, 9.0, 0.0]), np.array([4.0, 4.0, 4.0]))
    assert PLAIN < 7e4 * 4
    assert tails.upper[0] == pytest.approx(1 - (90 / 91) ** 4, abs=1e-9)
    assert tails.lower[2] == pytest.approx((50 / 91) ** 4, abs=1e-9)


def test_what_no_memory_holds_is_refused() -> None:
    with pytest.raises(GridError, match="too large") as caught:
        convolution_tails(np.array([0.0, 1e15]), np.array([1.0]), np.array([2.0]))
    assert "share" in caught.value.fix


def test_a_city_without_cells_has_no_chances() -> None:
    assert np.isnan(convolution_tails(np.empty(0), np.zeros(2), np.zeros(2)).lower).all()
