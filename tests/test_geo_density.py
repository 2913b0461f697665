"""The density surface is that of a sum of Gaussians, holds every point, and says that it is a picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from geo.density import Surface, density, density_at, scott_m
from geo.errors import CoordinateError, GridError

Floats = NDArray[np.float64]


def heap(n: int, seed: int = 1) -> Floats:
    """Points in three clumps around a place with coordinates as large as a city's."""
    random = np.random.default_rng(seed)
    middle = np.array([(0, 0), (900, 300), (-400, 1200)])[random.integers(0, 3, n)]
    return middle + random.normal(0, 250, (n, 2)) + (480_000.0, 3_400_000.0)


def by_hand(xy: Floats, at: Floats, bandwidth: float, weight: Floats | None = None) -> Floats:
    away = np.square(at[:, None] - xy[None]).sum(axis=2)
    each = np.exp(-away / (2 * bandwidth**2)) / (2 * np.pi * bandwidth**2) * 1e6
    return np.asarray(each @ (np.ones(len(xy)) if weight is None else weight))


def middles(surface: Surface) -> Floats:
    rows, columns = surface.per_km2.shape
    x = surface.west + (np.arange(columns) + 0.5) * surface.cell_m
    y = surface.south + (np.arange(rows) + 0.5) * surface.cell_m
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def typical_error(found: Floats, wanted: Floats) -> float:
    """The median of the relative error, where there is anything to see."""
    seen = wanted > 0.01 * wanted.max()
    return float(np.median(np.abs(found[seen] / wanted[seen] - 1)))


def test_the_surface_is_the_kernel_density_of_scipy() -> None:
    xy = heap(400)
    offset = xy - xy.mean(axis=0)
    round_ = offset @ np.linalg.inv(np.linalg.cholesky(np.cov(offset.T))).T * 500.0  # as wide as high
    surface = density(round_)
    at = middles(surface)[::7]
    wanted = stats.gaussian_kde(round_.T)(at.T) * len(xy) * 1e6
    assert surface.bandwidth_m == pytest.approx(500.0 * stats.gaussian_kde(round_.T).factor)
    assert surface.bandwidth_from == "scott"
    assert typical_error(surface.per_km2.reshape(-1)[::7], wanted) < 0.002
    assert typical_error(density_at(surface, at + 3.0), by_hand(round_, at + 3.0, surface.bandwidth_m)) < 0.01


@pytest.mark.parametrize("cell", [None, 10.0, 50.0])
def test_the_surface_is_a_sum_of_gaussians_of_any_bandwidth(cell: float | None) -> None:
    xy = heap(60)
    weight = np.random.default_rng(2).uniform(0, 3, len(xy))
    surface = density(xy, bandwidth_m=100.0, cell_m=cell, weight=weight)
    wanted = by_hand(xy, middles(surface), 100.0, weight)
    assert typical_error(surface.per_km2.reshape(-1), wanted) < (0.03 if cell == 50 else 0.01)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=1, max_size=20),
    st.sampled_from([40.0, 150.0]),
)
def test_every_point_is_in_the_surface_once(points: list[tuple[float, float]], bandwidth: float) -> None:
    surface = density(points, bandwidth_m=bandwidth)
    volume = surface.per_km2.sum() * (surface.cell_m / 1000) ** 2
    assert volume == pytest.approx(len(points), rel=1e-5)
    assert surface.per_km2.min() >= 0


def test_the_order_of_the_points_changes_no_bit() -> None:
    xy, weight = heap(500), np.random.default_rng(3).uniform(0, 3, 500)
    order = np.random.default_rng(4).permutation(500)
    plain, mixed = density(xy, weight=weight), density(xy[order], weight=weight[order])
    assert plain.per_km2.tobytes() == mixed.per_km2.tobytes()
    assert plain.bandwidth_m == mixed.bandwidth_m


def test_cells_lie_at_multiples_of_their_size_whatever_the_points() -> None:
    some, every = (density(heap(n), bandwidth_m=100.0, cell_m=20.0) for n in (50, 200))
    for surface in (some, every):
        assert surface.west % 20 == surface.south % 20 == 0


def test_one_point_makes_one_hill_with_its_top_at_the_point() -> None:
    surface = density([(1_007.0, -993.0)], bandwidth_m=100.0)
    assert density_at(surface, [(1_007.0, -993.0)])[0] == pytest.approx(1e6 / (2 * np.pi * 1e4), rel=0.01)
    assert density_at(surface, [(9_000.0, 0.0)]).tolist() == [0.0]
    top = middles(surface)[int(np.argmax(surface.per_km2))]
    assert np.abs(top - (1_007.0, -993.0)).max() <= surface.cell_m


def test_a_weight_of_two_is_two_points() -> None:
    one = density([(0, 0), (300, 0)], bandwidth_m=90.0, weight=[2, 1])
    two = density([(0, 0), (0, 0), (300, 0)], bandwidth_m=90.0)
    assert one.per_km2 == pytest.approx(two.per_km2)


def test_the_bandwidth_follows_the_spread_and_the_number() -> None:
    xy = heap(300)
    assert scott_m(xy * 2) == pytest.approx(2 * scott_m(xy))
    spread = float(np.sqrt(np.var(xy, axis=0, ddof=1).mean()))
    assert scott_m(xy) == pytest.approx(spread * 300 ** (-1 / 6))
    weight = np.random.default_rng(5).uniform(0, 3, 300)
    kernel = stats.gaussian_kde(xy.T, weights=weight)
    assert scott_m(xy, weight=weight) == pytest.approx(np.sqrt(np.trace(kernel.covariance) / 2))


def test_no_points_make_an_empty_surface() -> None:
    for surface in (density([]), density([], bandwidth_m=50.0)):
        assert surface.per_km2.shape == (0, 0)
        assert density_at(surface, [(1.0, 2.0)]).tolist() == [0.0]


def test_a_surface_says_that_it_is_a_picture() -> None:
    assert density([(0, 0)], bandwidth_m=50.0).meaning == "picture"


def test_points_at_one_place_do_not_tell_a_bandwidth() -> None:
    for points in ([(5.0, 5.0)], [(5.0, 5.0)] * 4):
        with pytest.raises(GridError, match="at one place") as raised:
            density(points)
        assert "bandwidth" in raised.value.fix
    with pytest.raises(GridError, match="at one place"):
        density([(0, 0), (9, 9)], weight=[0, 0])


def test_what_makes_no_surface_is_refused() -> None:
    pair = [(0.0, 0.0), (100.0, 100.0)]
    with pytest.raises(CoordinateError, match="Point 1"):
        density([(0.0, 0.0), (np.nan, 1.0)], bandwidth_m=50.0)
    for bandwidth in (0.0, -5.0, np.nan):
        with pytest.raises(GridError, match="bandwidth cannot be"):
            density(pair, bandwidth_m=bandwidth)
    for cell in (26.0, 0.0, np.nan):
        with pytest.raises(GridError, match="cannot show"):
            density(pair, bandwidth_m=50.0, cell_m=cell)
    for weight in ([1.0, np.nan], [1.0, -1.0]):
        with pytest.raises(GridError, match="weight is negative"):
            density(pair, bandwidth_m=50.0, weight=weight)
    with pytest.raises(GridError, match="1 weights"):
        density(pair, bandwidth_m=50.0, weight=[1.0])
    with pytest.raises(GridError, match=r"cells of 10\.0 m"):
        density([(0.0, 0.0), (1e7, 1e7)], bandwidth_m=50.0)
