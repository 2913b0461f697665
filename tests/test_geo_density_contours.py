"""Contours bound what is at least so high: valid, one within the other, holes and islands kept."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.density import Surface, density, density_at
from geo.density_contours import contour_levels, contours
from geo.errors import GridError


def surface(rows: list[list[float]], cell_m: float = 10.0) -> Surface:
    return Surface(100.0, -50.0, cell_m, np.array(rows, dtype=np.float64), 50.0, "given")


GRID = st.integers(1, 7).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 4).map(float), min_size=width, max_size=width), min_size=1, max_size=7
    )
)


@given(GRID, st.sampled_from([0.5, 1.0, 2.0, 2.5, 4.0, 9.0]))
def test_the_middle_of_a_cell_is_inside_exactly_if_it_is_high_enough(
    rows: list[list[float]], height: float
) -> None:
    surface_ = surface(rows)
    (contour,) = contours(surface_, [height])
    assert shapely.is_valid(contour.area)
    x, y = np.meshgrid(
        105.0 + 10.0 * np.arange(surface_.per_km2.shape[1]), -45.0 + 10.0 * np.arange(len(rows))
    )
    assert (shapely.contains_xy(contour.area, x, y) == (surface_.per_km2 >= height)).all()


@given(GRID)
def test_a_higher_contour_lies_within_a_lower_one(rows: list[list[float]]) -> None:
    low, high = contours(surface(rows), [1.5, 2.5])
    assert shapely.area(shapely.difference(high.area, low.area)) < 1e-6


def test_a_hill_has_round_contours_where_its_height_says() -> None:
    hill = density([(0.0, 0.0)], bandwidth_m=100.0, cell_m=10.0)
    top = 1e6 / (2 * np.pi * 1e4)
    for share in (0.2, 0.5, 0.8):
        (contour,) = contours(hill, [share * top])
        radius = 100.0 * np.sqrt(-2 * np.log(share))
        assert contour.area.area == pytest.approx(np.pi * radius**2, rel=0.02)
        edge = shapely.get_coordinates(contour.area)
        assert density_at(hill, edge) == pytest.approx(np.full(len(edge), share * top), rel=1e-6)


def test_a_ring_has_a_hole_and_an_island_in_the_hole_is_kept() -> None:
    rows = np.zeros((9, 9))
    rows[1:8, 1:8] = 2
    rows[2:7, 2:7] = 0
    rows[4, 4] = 2
    (contour,) = contours(surface(rows.tolist()), [1.0])
    ring, island = sorted(contour.area.geoms, key=shapely.area, reverse=True)
    assert (len(ring.interiors), len(island.interiors)) == (1, 0)
    assert ring.interiors[0].envelope.contains(island)


def test_levels_are_equal_steps_below_the_top() -> None:
    assert contour_levels(surface([[0.0, 6.0]]), 5).tolist() == [1, 2, 3, 4, 5]
    assert len(contour_levels(surface([[0.0]]))) == 0
    assert len(contour_levels(density([]))) == 0


def test_where_nothing_is_so_high_the_area_is_empty() -> None:
    assert contours(surface([[1.0, 2.0]]), [3.0])[0].area.is_empty
    assert contours(density([]), [1.0])[0].area.is_empty
    assert contours(surface([[1.0]]), []) == []


def test_heights_that_bound_nothing_are_refused() -> None:
    for height in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(GridError, match="Contours cannot be"):
            contours(surface([[1.0]]), [height])
    with pytest.raises(GridError, match="none"):
        contour_levels(surface([[1.0]]), 0)
