"""What covers a point: the index for few and that for many give the same answers."""

from __future__ import annotations

import numpy as np
import shapely

from geo.bulk import at_once, bulk
from geo.covers import CoverIndex


def test_few_and_many_points_get_the_same_answers() -> None:
    """Also on edges, where squares overlap, and at points that are none."""
    rng = np.random.default_rng(4)
    corners = rng.uniform(0, 20, (60, 2)).round(0)
    geoms = np.append(shapely.box(*corners.T, *(corners + 4).T), [None, shapely.Polygon()])
    x, y = rng.uniform(-2, 26, (2, 500)).round(0)
    x[:5], y[5:10] = np.nan, np.inf
    few, many = CoverIndex(geoms), CoverIndex(geoms)
    with bulk():
        many.first(x, y)
    assert few.is_for_few
    assert not many.is_for_few
    first, (point, geom) = few.first_and_rivals(x, y)
    first_of_many, (point_of_many, geom_of_many) = many.first_and_rivals(x, y)
    assert len(point) > 100
    np.testing.assert_array_equal(first, first_of_many)
    np.testing.assert_array_equal(point, point_of_many)
    np.testing.assert_array_equal(geom, geom_of_many)
    edges = [index.on_boundary(x[point], y[point], geom) for index in (few, many)]
    np.testing.assert_array_equal(*edges)


def test_a_layer_of_nothing_covers_nothing() -> None:
    """For one and for many."""
    index, x = CoverIndex([]), np.zeros(3)
    assert len(index) == 0
    assert index.first(x, x).tolist() == [-1, -1, -1]
    with bulk():
        assert index.first(x, x).tolist() == [-1, -1, -1]
    assert not index.is_for_few


def test_a_program_that_stays_has_the_index_for_many_made_by_asking_once() -> None:
    """Also inside what is not in bulk by itself."""
    one = np.array([0.5])
    index = CoverIndex(shapely.box(np.arange(50), 0, np.arange(50) + 1, 1))
    index.first(one, one)
    assert index.is_for_few
    with at_once(), bulk(False):
        assert index.first(one, one).tolist() == [0]
    assert not index.is_for_few
