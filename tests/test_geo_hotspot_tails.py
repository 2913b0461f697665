"""Tails, intervals and q-values are right for counts of any size, against sums of logarithms."""

from __future__ import annotations

from itertools import pairwise
from math import exp, lgamma, log, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import GridError
from geo.hotspot_dispersion import binomial_dispersion, poisson_dispersion
from geo.hotspot_fdr import benjamini_hochberg
from geo.hotspot_tails import (
    Tails,
    binomial_interval,
    binomial_tails,
    negative_binomial_interval,
    negative_binomial_tails,
    poisson_interval,
    poisson_tails,
    side,
    two_sided,
)


def summed(logs: list[float]) -> float:
    top = max(logs)
    return exp(top) * sum(exp(each - top) for each in logs)


def poisson_log(k: int, mean: float) -> float:
    return k * log(mean) - mean - lgamma(k + 1)


def binomial_log(k: int, n: int, share: float) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) + (n - k) * log1p(-share)


def negative_binomial_log(k: int, mean: float, dispersion: float) -> float:
    size = mean / (dispersion - 1)
    ways = lgamma(k + size) - lgamma(size) - lgamma(k + 1)
    return ways - size * log(dispersion) + k * log1p(-1 / dispersion)


@pytest.mark.parametrize(
    ("k", "mean"), [(0, 0.05), (1, 0.05), (9, 0.45), (40, 3.0), (0, 200.0), (1200, 1e3), (1001000, 1e6)]
)
def test_poisson_tails_are_sums(k: int, mean: float) -> None:
    upper = summed([poisson_log(each, mean) for each in range(k, k + 40000)])
    lower = summed([poisson_log(each, mean) for each in range(max(k - 40000, 0), k + 1)])
    tails = poisson_tails(k, mean)
    assert (float(tails.lower), float(tails.upper)) == pytest.approx((lower, upper), rel=1e-7)


@pytest.mark.parametrize(
    ("k", "n", "share"),
    [(0, 0, 0.3), (5, 5, 0.3), (9, 9, 1e-3), (60, 100, 0.1), (0, 99, 0.02), (10900, 10**6, 0.01)],
)  # fmt: skip
def test_binomial_tails_are_sums(k: int, n: int, share: float) -> None:
    upper = summed([binomial_log(each, n, share) for each in range(k, min(n, k + 40000) + 1)])
    lower = summed([binomial_log(each, n, share) for each in range(max(k - 40000, 0), k + 1)])
    tails = binomial_tails(k, n, share)
    assert (float(tails.lower), float(tails.upper)) == pytest.approx((lower, upper), rel=1e-7)


@pytest.mark.parametrize(
    ("k", "mean", "dispersion"),
    [(0, 0.1, 2.0), (7, 0.1, 1.2), (30, 4.0, 2.5), (0, 300.0, 5.0), (4000, 3000.0, 40.0)],
)
def test_negative_binomial_tails_are_sums(k: int, mean: float, dispersion: float) -> None:
    upper = summed([negative_binomial_log(each, mean, dispersion) for each in range(k, k + 40000)])
    lower = summed([negative_binomial_log(each, mean, dispersion) for each in range(k + 1)])
    tails = negative_binomial_tails(k, mean, dispersion)
    assert (float(tails.lower), float(tails.upper)) == pytest.approx((lower, upper), rel=1e-7)


def test_far_out_the_smaller_of_two_tails_is_still_told_from_nothing() -> None:
    assert 0 < poisson_tails(1_006_000, 1e6).upper < 1e-8
    assert 0 < binomial_tails(300, 1000, 0.02).upper < 1e-200
    assert poisson_tails(1_000_000, 1.0).upper == 0
    assert poisson_tails(0, 1e6).lower == 0


def test_a_dispersion_of_one_is_the_poisson() -> None:
    k, mean = np.arange(20), np.full(20, 4.0)
    near = negative_binomial_tails(k, mean, 1 + 1e-9)
    np.testing.assert_allclose(near.upper, poisson_tails(k, mean).upper, rtol=1e-5)
    assert negative_binomial_tails(k, mean, 0.8).lower.tolist() == poisson_tails(k, mean).lower.tolist()


def test_a_sum_of_overdispersed_cells_is_such_a_count_too() -> None:
    """What the tails of neighbourhoods rest on."""
    means, dispersion = (0.4, 1.1, 2.0), 2.2
    total = np.ones(1)
    for mean in means:
        total = np.convolve(total, [exp(negative_binomial_log(k, mean, dispersion)) for k in range(300)])
    tails = negative_binomial_tails(np.arange(60), np.full(60, sum(means)), dispersion)
    np.testing.assert_allclose(tails.lower, np.cumsum(total)[:60], rtol=1e-9)


@pytest.mark.parametrize("mean", [0.05, 0.4, 2.7, 9.0])
@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.2])
def test_p_is_valid_however_few_the_reports(mean: float, alpha: float) -> None:
    k = np.arange(200)
    chance = np.array([exp(poisson_log(int(each), mean)) for each in k])
    p = two_sided(poisson_tails(k, np.full(200, mean)))
    assert chance[p <= alpha].sum() <= alpha


def test_sides_are_those_of_the_smaller_tail() -> None:
    tails = Tails(np.array([0.01, 0.99, 0.6, 0.5, np.nan]), np.array([1.0, 0.02, 0.7, 0.5, np.nan]))
    assert side(tails).tolist() == [-1, 1, -1, 0, 0]
    np.testing.assert_allclose(two_sided(tails), [0.02, 0.04, 1.0, 1.0, np.nan])


def test_intervals_are_where_a_tail_is_half_of_alpha() -> None:
    k = np.array([0, 1, 5, 40, 1000])
    n = np.array([7, 9, 5, 90, 100000])
    for (low, high), lower_at, upper_at in [
        (poisson_interval(k, 0.05), lambda m: poisson_tails(k, m), lambda m: poisson_tails(k, m)),
        (
            negative_binomial_interval(k, 3.0, 0.05),
            lambda m: negative_binomial_tails(k, m, 3.0),
            lambda m: negative_binomial_tails(k, m, 3.0),
        ),
        (
            binomial_interval(k, n, 0.05),
            lambda s: binomial_tails(k, n, s),
            lambda s: binomial_tails(k, n, s),
        ),
    ]:
        np.testing.assert_allclose(lower_at(high).lower[high != 1], 0.025, rtol=1e-6)
        np.testing.assert_allclose(upper_at(low).upper[k > 0], 0.025, rtol=1e-6)
        assert low[0] == 0
    assert binomial_interval(k, n, 0.05).high[2] == 1


def test_intervals_of_the_books() -> None:
    """Garwood's for 10 of a Poisson, Clopper and Pearson's for 4 of 20."""
    assert np.ravel(poisson_interval(10, 0.05)) == pytest.approx([4.7954, 18.3904], abs=1e-4)
    assert np.ravel(binomial_interval(4, 20, 0.05)) == pytest.approx([0.0573, 0.4366], abs=1e-4)


def test_dispersion_is_found_where_it_is_and_only_there() -> None:
    rng = np.random.default_rng(3)
    mean = rng.gamma(2.0, 2.0, 5000)
    calm = poisson_dispersion(rng.poisson(mean).astype(float), mean, 0.01)
    assert calm.ratio == 1
    assert calm.measured == pytest.approx(1, abs=0.1)
    wild = poisson_dispersion(rng.negative_binomial(mean / 1.5, 1 / 2.5).astype(float), mean, 0.01)
    assert wild.ratio == pytest.approx(2.5, rel=0.1)
    assert wild.p < 1e-6
    trials = rng.integers(1, 60, 5000).astype(float)
    share = np.full(5000, 0.2)
    even = rng.binomial(trials.astype(int), share).astype(float)
    assert binomial_dispersion(even, trials, share, 0.01).ratio == 1
    uneven = rng.binomial(trials.astype(int), rng.beta(2, 8, 5000)).astype(float)
    assert binomial_dispersion(uneven, trials, share, 0.01).ratio > 1.5


@pytest.mark.parametrize("mean", [0.05, 0.3, 1.0, 3.0])
def test_dispersion_is_rarely_found_by_chance(mean: float) -> None:
    rng = np.random.default_rng(4)
    grids = rng.poisson(mean, (400, 900)).astype(float)
    found = [poisson_dispersion(grid, np.full(900, grid.mean()), 0.05).p <= 0.05 for grid in grids]
    assert np.mean(found) <= 0.08


def test_q_values_of_the_books() -> None:
    """Benjamini and Hochberg's own 15 p-values: four are found at .05."""
    found = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p = [*found, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4


@given(st.lists(st.sampled_from([0.0, 1e-9, 0.001, 0.01, 0.02, 0.04, 0.5, 1.0, np.nan]), max_size=30))
def test_q_is_the_least_alpha_at_which_a_step_up_finds(p: list[float]) -> None:
    given_p = np.array(p, dtype=np.float64)
    q = benjamini_hochberg(given_p)
    tested = sorted(each for each in p if not np.isnan(each))
    steps = [each * len(tested) / rank for rank, each in enumerate(tested, 1)]
    for each, found in zip(p, q, strict=True):
        if np.isnan(each):
            assert np.isnan(found)
        else:
            expected = min([1.0, *(step for step, other in zip(steps, tested, strict=True) if other >= each)])
            assert found == pytest.approx(expected, abs=1e-15)
    order = np.random.default_rng(5).permutation(len(p))
    np.testing.assert_array_equal(benjamini_hochberg(given_p[order]), q[order])
    assert all(one <= other for one, other in pairwise(q[np.argsort(given_p)]) if not np.isnan(other))


def test_a_family_has_any_shape_and_no_impossible_member() -> None:
    p = np.array([[0.01, np.nan], [0.02, 0.9]])
    np.testing.assert_allclose(benjamini_hochberg(p), [[0.03, np.nan], [0.03, 0.9]])
    assert benjamini_hochberg([]).shape == (0,)
    with pytest.raises(GridError, match=r"1\.5"):
        benjamini_hochberg([0.2, 1.5])
