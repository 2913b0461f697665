"""Chance is hardly ever taken for a hotspot, whatever the ground; `benchmarks.hotspots_noise` asks at length.

Each number of reports has so many grids that more than three standard errors above 5 % would be a fault.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.bins_counts import counts
from geo.hotspots import Evidence, by_change, by_count, by_exposure, by_share, judged
from geo.neighbours import bin_neighbours

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

SIDE = 40
CELLS = SIDE * SIDE
LINKS = bin_neighbours(np.argwhere(np.ones((SIDE, SIDE))), "queen")
GRIDS = 30
MOST = 0.05 + 3 * float(np.sqrt(0.05 * 0.95 / GRIDS))
MEAN = pytest.mark.parametrize("mean", [0.05, 0.1, 0.3, 1.0, 3.0])

Tests = Callable[[np.random.Generator, Floats, Bools], Evidence]


def exposed(rng: np.random.Generator, rate: Floats, land: Bools) -> Evidence:
    return by_exposure(rng.poisson(rate), rate, LINKS, counted=land)


def shared(rng: np.random.Generator, rate: Floats, land: Bools) -> Evidence:
    ours = rng.poisson(rate)
    return by_share(ours, ours + rng.poisson(9 * rate), LINKS, counted=land)


def counted(rng: np.random.Generator, rate: Floats, land: Bools) -> Evidence:
    return by_count(rng.poisson(rate), LINKS, counted=land)


def any_found(tested: Evidence) -> bool:
    return bool((judged([tested])[0].q <= 0.05).any())


@MEAN
@pytest.mark.parametrize("test", [exposed, shared, counted])
def test_even_ground(test: Tests, mean: float) -> None:
    rng, land = np.random.default_rng(1), np.ones(CELLS, dtype=np.bool_)
    hits = [any_found(test(rng, np.full(CELLS, mean), land)) for _ in range(GRIDS)]
    assert np.mean(hits) <= MOST


@MEAN
@pytest.mark.parametrize("spread", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("test", [exposed, shared])
def test_uneven_ground(test: Tests, spread: float, mean: float) -> None:
    rng, land = np.random.default_rng(2), np.ones(CELLS, dtype=np.bool_)
    rates = [mean * np.exp(rng.normal(0, spread, CELLS)) for _ in range(GRIDS)]
    assert np.mean([any_found(test(rng, rate, land)) for rate in rates]) <= MOST


@MEAN
@pytest.mark.parametrize("test", [exposed, shared, counted])
def test_a_third_of_water(test: Tests, mean: float) -> None:
    rng, hits = np.random.default_rng(3), []
    for _ in range(GRIDS):
        land = rng.random(CELLS) > 0.3
        hits.append(any_found(test(rng, mean * land, land)))
    assert np.mean(hits) <= MOST


@MEAN
def test_one_who_files_two_hundred_times_is_one(mean: float) -> None:
    rng, hits = np.random.default_rng(4), []
    for _ in range(GRIDS):
        noise = np.repeat(np.arange(CELLS), rng.poisson(mean, CELLS))
        position = np.concatenate([noise, np.full(200, rng.integers(CELLS))])
        reporter = np.concatenate([np.arange(len(noise)), np.full(200, len(noise))])
        held = counts(position, CELLS, thing=reporter)
        assert held.raw.sum() - held.unique.sum() == 199
        hits.append(any_found(by_count(held.unique, LINKS)))
    assert np.mean(hits) <= MOST


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 5.0]), st.booleans())
def test_rows_in_any_order_have_the_same_classes(seed: int, mean: float, masked: bool) -> None:
    rng = np.random.default_rng(seed)
    cells = 12 * 12
    links = bin_neighbours(np.argwhere(np.ones((12, 12))), "queen")
    planted = np.where(np.arange(cells) < rng.integers(1, 30), 5.0, 1.0)
    ours = rng.poisson(mean * planted)
    every = ours + rng.poisson(4 * mean, cells)
    ground = rng.uniform(0.2, 3.0, cells)
    keep = rng.random(cells) > 0.2 * masked

    def classes(order: Ints) -> list[list[str]]:
        mixed = csr_array(links[order][:, order])
        one, all_, exposure, land = (each[order] for each in (ours, every, ground, keep))
        tested = [
            by_count(one, mixed, counted=land),
            by_share(one, all_, mixed, counted=land),
            by_exposure(one, exposure, mixed, counted=land),
            by_change(all_, one, counted=land),
        ]
        return [each.class_[np.argsort(order)].tolist() for each in judged(tested)]

    assert classes(rng.permutation(cells)) == classes(np.arange(cells))
