"""Mann and Kendall's test of all cells at once is that of each, and exact where the steps are few."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kendalltau, norm

from geo.errors import GridError
from geo.hotspot_fdr import benjamini_hochberg
from geo.hotspot_trend import AT_ONCE, mann_kendall, share_trend


def s_of(row: NDArray[np.float64]) -> float:
    return float(sum(np.sign(later - earlier) for earlier, later in combinations(row, 2)))


@given(st.lists(st.lists(st.integers(0, 5), min_size=17, max_size=17), min_size=1, max_size=5))
@settings(max_examples=60)
def test_long_series_have_the_normal_p_with_ties_of_a_loop_over_pairs(rows: list[list[int]]) -> None:
    found = mann_kendall(rows)
    for at, row in enumerate(np.array(rows, float)):
        s, n = s_of(row), len(row)
        groups = np.unique(row, return_counts=True)[1]
        ties = sum(t * (t - 1) * (2 * t + 5) for t in groups.tolist())
        variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
        z = 0.0 if s == 0 else (s - np.sign(s)) / np.sqrt(variance)
        assert found.s[at] == s
        assert found.side[at] == np.sign(s)
        assert found.tau[at] == pytest.approx(s / (n * (n - 1) / 2))
        assert found.z[at] == pytest.approx(z)
        assert found.p[at] == pytest.approx(2 * norm.sf(abs(z)))


@given(st.lists(st.integers(0, 3), min_size=2, max_size=6))
@settings(max_examples=60)
def test_short_series_have_the_p_of_all_their_orders(row: list[int]) -> None:
    seen = abs(s_of(np.array(row, float)))
    every = [s_of(np.array(order, float)) for order in permutations(row)]
    share = sum(abs(each) >= seen for each in every) / len(every)
    assert mann_kendall([row]).p[0] == pytest.approx(share)


@pytest.mark.parametrize("steps", [2, 5, 9, 12])
def test_short_series_without_ties_are_kendalls(steps: int) -> None:
    rng = np.random.default_rng(steps)
    rows = np.array([rng.permutation(steps) for _ in range(40)], float)
    p = [kendalltau(np.arange(steps), row, method="exact").pvalue for row in rows]
    np.testing.assert_allclose(mann_kendall(rows).p, p)


def test_many_cells_are_each_alone() -> None:
    rng = np.random.default_rng(6)
    rows = rng.poisson(0.8, (AT_ONCE + 50, 7)).astype(float)
    found = mann_kendall(rows)
    for at in (0, 1, 17, AT_ONCE - 1, AT_ONCE, AT_ONCE + 49):
        alone = mann_kendall(rows[[at]])
        assert [float(each[0]) for each in alone] == [float(each[at]) for each in found]


def test_shuffled_cells_have_the_same_trends() -> None:
    rng = np.random.default_rng(7)
    rows, order = rng.poisson(2.0, (300, 10)), rng.permutation(300)
    for one, other in zip(mann_kendall(rows), mann_kendall(rows[order]), strict=True):
        np.testing.assert_array_equal(one[order], other)


def test_a_cell_without_change_has_no_trend() -> None:
    for steps in (8, 30):
        found = mann_kendall(np.full((1, steps), 3))
        assert (found.s[0], found.z[0], found.p[0], found.side[0]) == (0, 0, 1, 0)


def test_a_missing_step_leaves_that_cell_out() -> None:
    rows = np.array([[1, 2, 3, 4], [1, np.nan, 3, 4]])
    found = mann_kendall(rows)
    assert np.isnan([found.s[1], found.tau[1], found.z[1], found.p[1]]).all()
    assert found.side.tolist() == [1, 0]
    assert found.p[0] == pytest.approx(2 / 24)
    assert mann_kendall(np.empty((0, 5))).p.shape == (0,)


@pytest.mark.parametrize("steps", [4, 8, 12, 24])
@pytest.mark.parametrize("mean", [0.05, 1.0])
def test_no_trend_is_found_by_chance_oftener_than_stated(mean: float, steps: int) -> None:
    rows = np.random.default_rng(8).poisson(mean, (20_000, steps))
    assert (mann_kendall(rows).p <= 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 20_000)


@pytest.mark.parametrize("series", [[1, 2, 3], [[1], [2]]])
def test_what_has_no_trend_is_said(series: list[object]) -> None:
    with pytest.raises(GridError, match="no trend"):
        mann_kendall(series)


@pytest.mark.parametrize("growth", [1, 3, 10, 0.1])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.3])
def test_a_constant_share_has_no_trend_whatever_becomes_of_all_reports(growth: float, share: float) -> None:
    rng = np.random.default_rng(7)
    totals = rng.poisson(np.linspace(20, 20 * growth, 52), (1000, 52))
    found = share_trend(rng.binomial(totals, share), totals)
    tested = ~np.isnan(found.p)
    assert tested.any() == (share > 0)
    assert (found.p[tested] < 0.05).mean() <= 0.075 if tested.any() else True
    assert (benjamini_hochberg(found.p)[tested] <= 0.05).sum() <= 2


def test_a_share_that_rises_is_found_with_its_correlation() -> None:
    rng = np.random.default_rng(8)
    totals = rng.poisson(20, (200, 52))
    shares = np.linspace(0.05, 0.3, 52)
    found = share_trend(rng.binomial(totals, shares), totals)
    assert (found.side == 1).all()
    assert (found.p < 0.001).mean() > 0.95
    back = share_trend(totals - rng.binomial(totals, shares), totals)
    assert (back.side == -1).all()
    clumped = share_trend(rng.binomial(totals, shares), totals, dispersion=4.0)
    assert np.median(found.z / clumped.z) == pytest.approx(2, rel=0.1)


def test_the_score_is_the_correlation_of_being_counted_with_the_step() -> None:
    """Z is the correlation times the root of the number less one (hypergeometric variance)."""
    rng = np.random.default_rng(9)
    totals = rng.integers(1, 9, (20, 12))
    counts = rng.binomial(totals, 0.5)
    found = share_trend(counts, totals)
    for row in np.flatnonzero(~np.isnan(found.p)):
        step = np.repeat(np.arange(12), totals[row])
        told = np.concatenate(
            [[1] * c + [0] * (t - c) for c, t in zip(counts[row], totals[row], strict=True)]
        )
        r = np.corrcoef(step, told)[0, 1]
        assert found.z[row] == pytest.approx(r * np.sqrt(len(step) - 1))
        assert found.tau[row] == pytest.approx(r)


def test_counts_without_totals_are_refused() -> None:
    with pytest.raises(GridError, match="totals"):
        share_trend(np.zeros((2, 3)), np.zeros((2, 4)))
