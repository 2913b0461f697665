"""Error circles: levels, points that stand for a normal, and the mass on points, lines and areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from geo.errors import CoordinateError
from geo.uncertainty import (
    HALF_PLANE_ERROR,
    POINTS,
    area_mass,
    deviation,
    line_nodes,
    point_mass,
    radius,
    unit_points,
)


@pytest.mark.parametrize("level", [50, 68, 95, 99])
def test_an_accuracy_holds_the_part_of_the_errors_that_its_level_says(level: int) -> None:
    errors = np.random.default_rng(1).normal(0, deviation(20.0, level), (200_000, 2))
    assert (np.hypot(*errors.T) <= 20).mean() == pytest.approx(level / 100, abs=0.005)
    assert radius(deviation(20.0, level), level / 100) == pytest.approx(20)


@pytest.mark.parametrize("level", [0, 100, -5, float("nan")])
def test_a_level_that_is_no_percentage_is_refused(level: float) -> None:
    with pytest.raises(CoordinateError, match="percentage"):
        deviation(10, level)


def test_no_straight_boundary_cuts_off_a_part_that_is_wrong_by_more_than_the_bound() -> None:
    worst = 0.0
    for turn in np.linspace(0, 2 * np.pi, 720, endpoint=False):
        below = ndtr(np.sort(unit_points() @ [np.cos(turn), np.sin(turn)]))
        rank = np.arange(POINTS)
        worst = max(worst, np.abs((rank + 1) / POINTS - below).max(), np.abs(rank / POINTS - below).max())
    assert worst <= HALF_PLANE_ERROR
    assert worst > HALF_PLANE_ERROR / 3  # the bound means something


@given(
    st.lists(st.tuples(st.floats(-80, 80), st.floats(-80, 80)), min_size=2, max_size=2, unique=True),
    st.floats(4, 40),
    st.floats(1, 12),
)
def test_a_straight_road_holds_the_errors_that_fall_on_it(
    ends: list[tuple[float, float]], sigma: float, half: float
) -> None:
    line = shapely.LineString(ends)
    which, x, y, mass = line_nodes(
        np.array([line], dtype=object), np.zeros(1), np.zeros(1), np.array([sigma]), np.array([half])
    )
    errors = shapely.points(np.random.default_rng(2).normal(0, sigma, (20_000, 2)))
    band = shapely.buffer(line, half, cap_style="flat")
    assert mass.sum() == pytest.approx(shapely.covers(band, errors).mean(), abs=0.015)
    assert (which == 0).all()
    assert (shapely.distance(line, shapely.points(x, y)) == pytest.approx(half / 2, abs=1e-6)) or not len(x)


def test_both_sides_of_a_road_have_their_own_part() -> None:
    line = np.array([shapely.LineString([(-500, 0), (500, 0)])], dtype=object)
    _, _, y, mass = line_nodes(line, np.zeros(1), np.array([5.0]), np.array([4.0]), np.array([6.0]))
    left, right = mass[y > 0].sum(), mass[y < 0].sum()
    assert left == pytest.approx(ndtr(1 / 4) - ndtr(-5 / 4), abs=0.002)
    assert right == pytest.approx(ndtr(-5 / 4) - ndtr(-11 / 4), abs=0.002)


def test_a_broad_band_under_a_small_error_is_not_cut_into_millions() -> None:
    line = np.array([shapely.LineString([(-5000, 0), (5000, 0)])])
    which, _, _, mass = line_nodes(line, np.zeros(1), np.zeros(1), np.full(1, 1e-6), np.full(1, 1000.0))
    assert len(which) < 100
    assert mass.sum() == pytest.approx(1)


def test_a_far_or_empty_line_holds_nothing() -> None:
    lines = np.array([shapely.LineString([(900, 0), (999, 0)]), shapely.LineString(), None], dtype=object)
    which, *_ = line_nodes(lines, np.zeros(3), np.zeros(3), np.full(3, 5.0), np.ones(3))
    assert not len(which)
    assert not len(line_nodes(lines[:0], np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))[0])


def test_small_things_hold_what_random_errors_say() -> None:
    errors = np.random.default_rng(3).normal(0, 10, (2_000_000, 2))
    disc = (np.hypot(errors[:, 0] - 12, errors[:, 1]) <= 2).mean()
    square = ((np.abs(errors[:, 0] - 12) <= 2) & (np.abs(errors[:, 1]) <= 2)).mean()
    assert float(point_mass(np.array(12.0), np.array(10.0), 2.0)) == pytest.approx(disc, rel=0.05)
    assert float(area_mass(np.array(10.0), np.array(10.0), np.array(16.0))) == pytest.approx(square, rel=0.05)
