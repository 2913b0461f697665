"""Ground between two versions of polygons: every place is told as brute force tells it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.overlay import NOBODY, apart_m, changed_parts, exchanged, mean_width, similar_boxes

SIDE = 5
LATTICE = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), -1).reshape(-1, 2)
GROUNDS = st.lists(st.integers(-1, 4), min_size=SIDE * SIDE, max_size=SIDE * SIDE)


def polygons(owner: np.ndarray, count: int = 5) -> np.ndarray:
    """A coverage out of unit squares: to whom each square belongs, -1 for nobody; None: has none."""
    squares = shapely.box(LATTICE[:, 0], LATTICE[:, 1], LATTICE[:, 0] + 1, LATTICE[:, 1] + 1)
    return np.array(
        [shapely.union_all(squares[owner == k]) if (owner == k).any() else None for k in range(count)],
        dtype=object,
    )


@given(GROUNDS, GROUNDS)
def test_every_square_passes_from_whom_it_was_to_whom_it_is(before: list[int], after: list[int]) -> None:
    one, other = np.array(before), np.array(after)
    loser, winner, piece = exchanged(polygons(one), polygons(other))
    centres = shapely.points(LATTICE + 0.5)
    hit, square = shapely.STRtree(centres).query(piece, predicate="contains")
    assert (np.bincount(square, minlength=len(one)) == (one != other)).all()
    assert (one[square] == loser[hit]).all()
    assert (other[square] == winner[hit]).all()
    assert shapely.area(piece).sum() == pytest.approx((one != other).sum())


@given(GROUNDS)
def test_a_coverage_and_itself_exchange_nothing(owner: list[int]) -> None:
    same = polygons(np.array(owner))
    assert len(exchanged(same, same)[2]) == 0
    assert len(changed_parts(same, same)[0]) == 0


def test_where_polygons_overlap_ground_counts_for_each() -> None:
    big, small = shapely.box(0, 0, 2, 2), shapely.box(0, 0, 1, 1)
    before = np.array([big, small], dtype=object)
    after = np.array([big, None], dtype=object)
    loser, winner, piece = exchanged(before, after)
    assert (loser.tolist(), winner.tolist()) == ([1], [NOBODY])
    assert piece[0].equals(small)


def test_invalid_and_missing_polygons_do_not_stop_it() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    loser, winner, piece = exchanged(
        np.array([bow, None], dtype=object), np.array([None, None], dtype=object)
    )
    assert set(loser) == {0}
    assert set(winner) == {NOBODY}
    assert shapely.area(piece).sum() == pytest.approx(2)


def test_the_width_of_a_strip() -> None:
    strips = np.array([shapely.box(0, 0, 100, 0.1), None, shapely.Polygon()], dtype=object)
    assert mean_width(strips) == pytest.approx([0.1, 0, 0], rel=0.01)


def test_points_and_lines_lie_apart_by_metres() -> None:
    before = shapely.from_wkt(["POINT (0 0)", "LINESTRING (0 0, 9 0)", "POINT EMPTY", "POINT EMPTY"])
    after = shapely.from_wkt(["POINT (3 4)", "LINESTRING (0 0, 9 2)", "POINT (0 0)", "POINT EMPTY"])
    assert apart_m(before, after).tolist() == [5, 2, np.inf, 0]
    assert apart_m(np.array([None]), np.array([None])).tolist() == [0]


def test_boxes_that_are_alike_are_candidates() -> None:
    one = np.array([shapely.box(0, 0, 10, 10), shapely.Point(50, 50), None], dtype=object)
    other = np.array([shapely.Point(50.1, 50.1), shapely.box(0, 0, 10, 9), shapely.box(0, 0, 10, 2)])
    i, j = similar_boxes(one, other)
    assert sorted(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 1), (1, 0)]
