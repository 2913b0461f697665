"""Hotspots are found where they are, and in noise hardly ever, whatever the counts are beside."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, eye_array, kron
from scipy.stats import norm

from geo.errors import GridError
from geo.hotspot_change import rate_ratio_interval, rate_ratio_tails
from geo.hotspot_fdr import benjamini_hochberg
from geo.hotspot_getis import gi_star
from geo.hotspot_tails import binomial_tails
from geo.hotspots import (
    BINOMIAL,
    COLD,
    EXCLUDED,
    FALLING,
    HOT,
    NEGATIVE_BINOMIAL,
    NOT_SIGNIFICANT,
    POISSON,
    QUASI_BINOMIAL,
    RISING,
    Evidence,
    by_change,
    by_count,
    by_exposure,
    by_share,
    judged,
)

Floats = NDArray[np.float64]

SIDE = 50
GRIDS = 40


def queen(side: int) -> csr_array:
    """A square of square cells, each the neighbour of the eight around it."""
    row = diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(side, side)) if side > 1 else eye_array(1)
    return csr_array(kron(row, row))


LINKS = queen(SIDE)
BLOCK = np.zeros((SIDE, SIDE), dtype=np.bool_)
BLOCK[20:24, 30:34] = True
PLANTED = BLOCK.ravel()
TOUCHED = LINKS @ PLANTED.astype(float) > 0


def found(tested: Evidence) -> NDArray[np.bool_]:
    return judged([tested])[0].q <= 0.05


def test_a_category_and_all_others_are_told_alike() -> None:
    rng = np.random.default_rng(5)
    every = rng.poisson(9, SIDE * SIDE)
    for few in (rng.binomial(every, 0.12), rng.binomial(every, rng.beta(0.6, 4.4, every.size))):
        few = np.where(PLANTED, rng.binomial(every, 0.5), few)
        mine, others = by_share(few, every, LINKS), by_share(every - few, every, LINKS)
        np.testing.assert_allclose(others.p, mine.p)
        np.testing.assert_array_equal(others.side, -mine.side)
        np.testing.assert_allclose(others.z, -mine.z)
        assert (found(mine) & PLANTED).any()
        trials = LINKS @ every
        assert (others.high * others.expected <= trials * (1 + 1e-9)).all()
        assert ((others.low <= others.relative_risk) & (others.relative_risk <= others.high)).all()


@pytest.mark.parametrize("beside", ["exposure", "share"])
def test_the_more_is_reported_in_a_cell_the_surer_it_is_hot_and_others_stay_hot(beside: str) -> None:
    rng = np.random.default_rng(6)
    clumps = rng.negative_binomial(0.7, 0.35, SIDE * SIDE)  # as reports come: in clumps
    first, second = 410, 1830
    last = 1.0
    for spike in (0, 40, 160, 640, 2560):
        counts = clumps.copy()
        counts[second] += 60
        counts[first] += spike
        every = counts + 20
        tested = (
            by_exposure(counts, np.ones(counts.size), LINKS)
            if beside == "exposure"
            else by_share(counts, every, LINKS)
        )
        hot = found(tested)
        assert hot[second], spike
        if spike:
            assert hot[first], spike
            assert tested.p[first] <= last
            last = float(tested.p[first])


def at_most(share: float, trials: int) -> float:
    """A share and its sampling error, of which three are allowed."""
    return share + 3 * float(np.sqrt(share * (1 - share) / trials))


@pytest.mark.parametrize("mean", [0.05, 0.3, 1.0, 3.0])
def test_noise_has_hotspots_in_one_city_of_twenty_at_most(mean: float) -> None:
    rng = np.random.default_rng(11)
    grids = rng.poisson(mean, (GRIDS, SIDE * SIDE))
    assert np.mean([found(by_count(grid, LINKS)).any() for grid in grids]) <= at_most(0.05, GRIDS)


@pytest.mark.parametrize("mean", [0.05, 0.3, 1.0, 3.0])
def test_noise_on_uneven_ground_has_hardly_any_either(mean: float) -> None:
    rng = np.random.default_rng(12)
    exposure = np.exp(rng.normal(0, 1, SIDE * SIDE))
    grids = rng.poisson(mean * exposure, (GRIDS, SIDE * SIDE))
    assert np.mean([found(by_exposure(grid, exposure, LINKS)).any() for grid in grids]) <= at_most(
        0.05, GRIDS
    )
    others = rng.poisson(9 * mean * exposure, grids.shape)
    pairs = zip(grids, others + grids, strict=True)
    assert np.mean([found(by_share(one, every, LINKS)).any() for one, every in pairs]) <= at_most(0.05, GRIDS)


def test_noise_with_a_third_of_water_has_hardly_any_either() -> None:
    rng = np.random.default_rng(13)
    land = rng.random(SIDE * SIDE) > 0.3
    grids = rng.poisson(0.5, (GRIDS, SIDE * SIDE)) * land
    hits = [found(by_count(grid, LINKS, counted=land)).any() for grid in grids]
    assert np.mean(hits) <= at_most(0.05, GRIDS)


def test_noise_in_clumps_has_hardly_any_either() -> None:
    rng = np.random.default_rng(14)
    exposure = rng.gamma(4.0, 0.5, SIDE * SIDE)
    grids = rng.negative_binomial(exposure / 2, 1 / 3, (GRIDS, SIDE * SIDE))
    assert np.mean([found(by_exposure(grid, exposure, LINKS)).any() for grid in grids]) <= at_most(
        0.05, GRIDS
    )
    assert by_exposure(grids[0], exposure, LINKS).null == NEGATIVE_BINOMIAL


def test_a_change_of_nothing_is_hardly_ever_found() -> None:
    rng = np.random.default_rng(15)
    mean = np.exp(rng.normal(-1, 1, SIDE * SIDE))
    pairs = [(rng.poisson(3 * mean), rng.poisson(mean)) for _ in range(GRIDS)]
    hits = [found(by_change(one, two, 90, 30)).any() for one, two in pairs]
    assert np.mean(hits) <= at_most(0.05, GRIDS)


def test_a_hotspot_in_sparse_counts_is_found_where_the_normal_distribution_sees_many() -> None:
    rng = np.random.default_rng(16)
    noise = rng.negative_binomial(0.1, 0.3, SIDE * SIDE)
    counts = noise + rng.poisson(6.0, SIDE * SIDE) * PLANTED
    hot = found(by_count(counts, LINKS))
    normal = benjamini_hochberg(2 * norm.sf(np.abs(gi_star(counts, LINKS)))) <= 0.05
    assert hot[PLANTED].sum() >= 8
    assert not hot[~TOUCHED].any()
    assert normal[~TOUCHED].any()


def test_a_hotspot_on_uneven_ground_is_found_where_raw_counts_show_crowds() -> None:
    rng = np.random.default_rng(17)
    crowd = np.exp(rng.normal(0, 1, SIDE * SIDE))
    crowd[PLANTED] = 0.5
    every = rng.poisson(20 * crowd)
    counts = rng.binomial(every, np.where(PLANTED, 0.4, 0.1))
    raw = benjamini_hochberg(2 * norm.sf(np.abs(gi_star(counts, LINKS)))) <= 0.05
    assert raw[~TOUCHED].sum() > 10
    for tested in (by_share(counts, every, LINKS), by_exposure(counts, crowd, LINKS)):
        verdict = judged([tested])[0]
        assert (verdict.class_[PLANTED] == HOT).sum() >= 8
        assert (verdict.class_[~TOUCHED] != NOT_SIGNIFICANT).sum() <= 1


def test_a_hotspot_says_what_it_rests_on() -> None:
    rng = np.random.default_rng(18)
    every = rng.poisson(20.0, SIDE * SIDE)
    counts = rng.binomial(every, np.where(PLANTED, 0.5, 0.1))
    tested = by_share(counts, every, LINKS)
    middle = 21 * SIDE + 31
    block = np.add.outer([20, 21, 22], [0]) * SIDE + [30, 31, 32]
    assert tested.observed[middle] == counts[block].sum()
    share = counts.sum() / every.sum()
    assert tested.expected[middle] == pytest.approx(every[block].sum() * share)
    assert tested.excess[middle] == pytest.approx(counts[block].sum() - tested.expected[middle])
    assert tested.relative_risk[middle] == pytest.approx(counts[block].sum() / tested.expected[middle])
    assert tested.low[middle] < 0.5 / share < tested.high[middle]
    assert tested.side[middle] == 1
    assert tested.z[middle] > 5
    assert tested.left_out == 0


def test_a_p_is_that_of_the_neighbourhood_alone() -> None:
    rng = np.random.default_rng(19)
    every = rng.poisson(3.0, 64)
    counts = rng.binomial(every, 0.2)
    links = queen(8).toarray() > 0
    tested = by_share(counts, every, queen(8))
    assert tested.null == BINOMIAL
    for cell in range(64):
        near = links[cell]
        tails = binomial_tails(counts[near].sum(), every[near].sum(), counts.sum() / every.sum())
        assert tested.p[cell] == pytest.approx(min(1, 2 * min(float(each) for each in tails)))


def test_cold_cells_are_found_too() -> None:
    rng = np.random.default_rng(20)
    counts = rng.poisson(np.where(PLANTED, 0.2, 6.0))
    for tested in (by_count(counts, LINKS), by_exposure(counts, np.ones(SIDE * SIDE), LINKS)):
        verdict = judged([tested])[0]
        assert (verdict.class_[PLANTED] == COLD).sum() >= 12
        assert (verdict.class_ == HOT).sum() <= 3


def test_shuffled_rows_change_no_cell() -> None:
    rng = np.random.default_rng(21)
    order = rng.permutation(SIDE * SIDE)
    every = rng.poisson(4.0, SIDE * SIDE)
    counts = rng.binomial(every, np.where(PLANTED, 0.6, 0.2))
    keep = rng.random(SIDE * SIDE) > 0.1
    mixed = csr_array(LINKS[order][:, order])
    cases = [
        (by_count(counts, LINKS, counted=keep), by_count(counts[order], mixed, counted=keep[order])),
        (
            by_share(counts, every, LINKS, counted=keep),
            by_share(counts[order], every[order], mixed, counted=keep[order]),
        ),
        (
            by_exposure(counts, every, LINKS, counted=keep),
            by_exposure(counts[order], every[order], mixed, counted=keep[order]),
        ),
        (by_change(every, counts), by_change(every[order], counts[order])),
    ]
    for one, other in cases:
        np.testing.assert_allclose(other.p, one.p[order], rtol=1e-9)
        np.testing.assert_array_equal(other.side, one.side[order])
        assert (judged([other])[0].class_ == judged([one])[0].class_[order]).all()


def test_cells_left_out_count_nowhere_and_what_they_held_is_told() -> None:
    rng = np.random.default_rng(22)
    keep = rng.random(SIDE * SIDE) > 0.3
    every = rng.poisson(4.0, SIDE * SIDE)
    counts = rng.binomial(every, 0.3)
    drowned, more = np.where(keep, counts, 500), np.where(keep, every, 900)
    inner = csr_array(LINKS[keep][:, keep])
    for with_mask, without in [
        (by_count(drowned, LINKS, counted=keep), by_count(counts[keep], inner)),
        (by_share(drowned, more, LINKS, counted=keep), by_share(counts[keep], every[keep], inner)),
        (
            by_exposure(drowned, np.where(keep, 2.0, 0.0), LINKS),
            by_exposure(counts[keep], counts[keep] * 0 + 2.0, inner),
        ),
    ]:
        np.testing.assert_allclose(with_mask.p[keep], without.p)
        assert np.isnan(with_mask.p[~keep]).all()
        assert (judged([with_mask])[0].class_[~keep] == EXCLUDED).all()
        assert with_mask.left_out == 500 * (~keep).sum()


def test_all_that_is_asked_for_is_one_family() -> None:
    rng = np.random.default_rng(23)
    several = [by_count(rng.poisson(2.0, SIDE * SIDE), LINKS) for _ in range(3)]
    verdicts = judged(several, alpha=0.1)
    assert {each.family for each in verdicts} == {3 * SIDE * SIDE}
    np.testing.assert_array_equal(
        np.concatenate([each.q for each in verdicts]),
        benjamini_hochberg(np.concatenate([each.p for each in several])),
    )
    assert judged([]) == []


def test_overdispersed_counts_are_answered_with_what_they_vary() -> None:
    rng = np.random.default_rng(24)
    calm = by_exposure(rng.poisson(2.0, SIDE * SIDE), np.ones(SIDE * SIDE), LINKS)
    wild = by_exposure(rng.negative_binomial(1.0, 1 / 3, SIDE * SIDE), np.ones(SIDE * SIDE), LINKS)
    assert (calm.null, wild.null) == (POISSON, NEGATIVE_BINOMIAL)
    assert wild.dispersion.ratio == pytest.approx(3, rel=0.15)
    assert (wild.high - wild.low).mean() > 1.5 * (calm.high - calm.low).mean()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(25)
    counts, one = rng.poisson(0.4, SIDE * SIDE), np.ones(SIDE * SIDE)
    alone = csr_array(eye_array(SIDE * SIDE))
    tested = by_exposure(counts, one, alone, alpha=0.01)
    assert ((tested.low <= 1) & (tested.high >= 1)).mean() >= 0.99
    before, after = rng.poisson(3.0, 4000), rng.poisson(2.0, 4000)
    ratio = by_change(before, after, 3.0, 1.0)
    assert np.nanmean((ratio.low <= 2) & (ratio.high >= 2)) >= 0.94


def test_a_change_is_found_with_its_ratio() -> None:
    rng = np.random.default_rng(26)
    before = rng.poisson(90.0, 2000)
    after = rng.poisson(np.r_[np.full(5, 70.0), np.full(5, 4.0), np.full(1990, 30.0)])
    tested = by_change(before, after, 90, 30, alpha=1e-6)
    verdict = judged([tested], words=(RISING, FALLING))[0]
    assert (verdict.class_[:5] == RISING).all()
    assert (verdict.class_[5:10] == FALLING).all()
    assert (verdict.class_[10:] != NOT_SIGNIFICANT).sum() <= 2
    np.testing.assert_allclose(tested.relative_risk, (after / 30) / (before / 90))
    assert ((tested.low <= tested.relative_risk) & (tested.relative_risk <= tested.high)).all()


def test_a_change_has_the_interval_and_p_of_the_binomial() -> None:
    before, after, share = np.array([4.0]), np.array([11.0]), np.array([0.25])
    low, high = rate_ratio_interval(before, after, share, 1.0, 0.05)
    for ratio, tail in ((low, "upper"), (high, "lower")):
        moved = ratio * share / (1 - share + ratio * share)
        assert getattr(rate_ratio_tails(before, after, moved), tail)[0] == pytest.approx(0.025)
    assert by_change([4], [11], 3, 1).p[0] == pytest.approx(2 * binomial_tails(11, 15, 0.25).upper)


def test_changes_of_cells_without_reports_are_not_tested() -> None:
    tested = by_change([0, 0, 5, 3, 4], [0, 4, 0, 3, 2], [1, 1, 1, 0, 1], 1)
    assert np.isnan(tested.p).tolist() == [True, False, False, True, False]
    assert tested.relative_risk[1] == np.inf
    assert tested.high[1] == np.inf
    assert (tested.relative_risk[2], tested.low[2]) == (0, 0)
    assert tested.left_out == 6


def test_reports_in_clumps_are_fewer_changes() -> None:
    rng = np.random.default_rng(27)
    mean = np.full(3000, 4.0)
    before, after = (rng.negative_binomial(mean / 3, 1 / 4) for _ in range(2))
    tested = by_change(before, after)
    assert tested.null == QUASI_BINOMIAL
    assert tested.dispersion.ratio == pytest.approx(4, rel=0.3)
    assert not found(tested).any()


def test_where_nothing_is_reported_nothing_stands_out() -> None:
    nothing, links = np.zeros(25), queen(5)
    for tested in (by_count(nothing, links), by_exposure(nothing, nothing + 1, links)):
        assert (tested.p == 1).all()
    assert np.isnan(by_share(nothing, nothing, links).p).all()
    assert np.isnan(by_exposure(nothing, nothing, links).p).all()
    assert np.isnan(by_change(nothing, nothing).p).all()
    assert np.isnan(by_count(nothing, links, counted=nothing > 0).p).all()
    assert (by_share(nothing + 3, nothing + 3, links).p == 1).all()


def test_neighbours_can_be_looked_at_without_the_cell_itself() -> None:
    counts = np.zeros(25)
    counts[12] = 40
    assert by_count(counts, queen(5)).observed[12] == 40
    assert by_count(counts, queen(5), itself=False).observed[12] == 0
    lonely = by_exposure(counts, counts + 1, csr_array((25, 25)), itself=False)
    assert np.isnan(lonely.p).all()


def test_counts_from_nothing_to_a_million_stand_side_by_side() -> None:
    exposure = np.array([1.0, 1e6, 1e6, 1.0, 1e3, 1e5] * 30)
    counts = np.round(exposure)
    counts[1], counts[4] = 1_010_000, 0
    tested = by_exposure(counts, exposure, csr_array(eye_array(180)), alpha=1e-12)
    assert np.isfinite(tested.p).all()
    assert found(tested)[[1, 4]].all()


@pytest.mark.parametrize(
    ("counts", "every", "alpha", "words"),
    [
        ([1.5, 0, 0, 0], [2, 2, 2, 2], 0.05, "1.5 is no whole"),
        ([3, 0, 0, 0], [2, 2, 2, 2], 0.05, "3 reports of a category, of 2"),
        ([1, 0, 0, 0], [2, 2, 2], 0.05, "4 cells"),
        ([1, 0, 0, 0], [2, 2, 2, 2], 5, "alpha of 5"),
    ],
)
def test_what_cannot_be_is_said(counts: list[float], every: list[float], alpha: float, words: str) -> None:
    with pytest.raises(GridError, match=words) as caught:
        by_share(counts, every, queen(2), alpha=alpha)
    assert caught.value.fix
