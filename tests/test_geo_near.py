"""What is near: the index for few and that for many give the same answers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.bulk import bulk
from geo.near import NearIndex

COUNT = 500


def layer() -> np.ndarray:
    """Points, lines and areas, some at one spot, some of nothing."""
    rng = np.random.default_rng(3)
    spots = rng.uniform(0, 100, (120, 2)).round(0)
    lines = shapely.linestrings(np.stack([spots[:40], spots[40:80]], axis=1))
    boxes = shapely.buffer(shapely.points(spots[80:]), 3, cap_style="square")
    nothing = np.array([None, shapely.Point()], dtype=object)
    return np.concatenate([shapely.points(spots[:60]), nothing, lines, boxes])


def test_few_and_many_points_get_the_same_answers() -> None:
    """Also points on things, at one distance of two, and points that are none."""
    geoms, rng = layer(), np.random.default_rng(4)
    x, y = rng.uniform(-20, 120, (2, COUNT)).round(0)
    x[:5], y[5:10] = np.nan, np.inf
    reach = rng.choice([0.0, 3.0, 10.0, np.nan, -1.0], len(x))
    own = rng.choice([0.0, 2.0, 5.0], len(geoms))
    few, many = NearIndex(geoms), NearIndex(geoms)
    with bulk():
        many.any_within(x, y, 1.0)
    assert few.is_for_few
    assert not many.is_for_few
    for name, (mine, other) in {
        "nearest": (few.nearest(x, y, reach), many.nearest(x, y, reach)),
        "within": (few.within(x, y, reach), many.within(x, y, reach)),
        "any": ([few.any_within(x, y, 4.0)], [many.any_within(x, y, 4.0)]),
        "own": ([few.within_own(x, y, own)], [many.within_own(x, y, own)]),
    }.items():
        for one, two in zip(mine, other, strict=True):
            np.testing.assert_array_equal(one, two, err_msg=name)


def test_the_index_for_many_is_made_when_it_pays() -> None:
    """In bulk, when as many points were asked for as the layer is drawn with; never for single reports."""
    index = NearIndex(shapely.points(np.random.default_rng(1).uniform(0, 1, (COUNT, 2))))
    x = np.zeros(COUNT - 1)
    for _ in range(9):
        index.nearest(x, x, 1.0)
    with bulk():
        index.nearest(x, x, 1.0)
        assert index.is_for_few
        index.nearest(x, x, 1.0)
        assert not index.is_for_few


@pytest.mark.parametrize("is_bulk", [False, True])
def test_a_layer_of_nothing_has_nothing_near(is_bulk: bool) -> None:
    """Whatever is asked."""
    index, x = NearIndex([]), np.zeros(3)
    assert len(index) == 0
    with bulk(is_bulk):
        assert (index.nearest(x, x, np.inf)[0] == -1).all()
        assert [len(a) for a in index.within(x, x, 9.0)] == [0, 0, 0]
        assert not index.any_within(x, x, 9.0).any()
        assert not index.within_own(x, x, np.empty(0)).any()
