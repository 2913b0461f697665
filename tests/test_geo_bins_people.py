"""Whoever reports much is one person in every neighbourhood that is looked at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.bins_counts import counts
from geo.bins_people import once_nearby
from geo.errors import GridError
from geo.hotspots import HOT, by_count, judged
from geo.neighbours import bin_neighbours, with_self

Positions = NDArray[np.intp]

SIDE = 9
PLACES = SIDE * SIDE
LINKS = bin_neighbours(np.argwhere(np.ones((SIDE, SIDE))), "queen")
POINT = st.tuples(st.integers(-1, PLACES - 1), st.integers(-1, 3))


@given(st.lists(POINT, max_size=60))
def test_no_neighbourhood_has_anybody_twice_and_nobody_is_lost(points: list[tuple[int, int]]) -> None:
    at, who = np.array(points, dtype=np.int64).reshape(-1, 2).T
    counts_at = once_nearby(at, who, LINKS)
    still = (at < 0) | (who < 0)
    np.testing.assert_array_equal(counts_at[still], at[still])
    around = with_self(LINKS)
    together = (around @ around).toarray() > 0
    for person in range(4):
        mine = (who == person) & (at >= 0)
        held = np.bincount(np.unique(counts_at[mine]), minlength=PLACES)
        assert (around @ held).max() <= 1
        # Everybody counts in a place of theirs that shares a neighbourhood with the one they told of.
        assert np.isin(counts_at[mine], at[mine]).all()
        assert together[at[mine], counts_at[mine]].all()


@given(st.lists(POINT, max_size=40), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_and_the_numbers_of_people_change_nothing(
    points: list[tuple[int, int]], seed: int
) -> None:
    at, who = np.array(points, dtype=np.int64).reshape(-1, 2).T
    rng = np.random.default_rng(seed)
    order, name = rng.permutation(len(at)), rng.permutation(4)
    renamed = np.where(who < 0, who, name[who])
    np.testing.assert_array_equal(
        once_nearby(at[order], renamed[order], LINKS), once_nearby(at, who, LINKS)[order]
    )


def test_the_place_told_of_most_often_stands_for_those_around_it() -> None:
    at = np.array([40, 41, 41, 42, 80])
    assert once_nearby(at, np.zeros(5), LINKS).tolist() == [41, 41, 41, 41, 80]
    # Two steps away there is a neighbourhood with both; three steps away there is none.
    assert once_nearby([40, 42], [0, 0], LINKS).tolist() == [40, 40]
    assert once_nearby([40, 43], [0, 0], LINKS).tolist() == [40, 43]
    assert once_nearby([40, 42], [0, 1], LINKS).tolist() == [40, 42]


def test_neighbours_that_are_not_mutual_share_the_neighbourhoods_that_hold_both() -> None:
    # Place 0 looks at 1 and 2, which look at nothing; 3 is looked at by nobody.
    links = csr_array(np.array([[0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=float))
    assert once_nearby([1, 2, 3], [0, 0, 0], links).tolist() == [1, 1, 3]


def test_a_walk_of_one_person_is_no_hotspot() -> None:
    rng = np.random.default_rng(1)
    side, links = 40, bin_neighbours(np.argwhere(np.ones((40, 40))), "queen")
    noise = np.repeat(np.arange(side**2), rng.poisson(0.05, side**2))
    walk = np.rint(rng.normal(20, 1, (200, 2))).astype(np.int64) @ [side, 1]
    at = np.concatenate([noise, walk])
    who = np.concatenate([np.arange(len(noise)), np.full(200, len(noise))])

    def hot(position: Positions) -> int:
        held = counts(position, side**2, thing=who).unique
        return int((judged([by_count(held, links)])[0].class_ == HOT).sum())

    assert hot(at) > 0
    assert hot(once_nearby(at, who, links)) == 0


def test_without_points_or_people_there_is_nothing_to_keep_apart() -> None:
    assert once_nearby([], [], LINKS).shape == (0,)
    assert once_nearby([3, 3, -1], [-1, -1, 2], LINKS).tolist() == [3, 3, -1]
    assert once_nearby([0, 1], [7, 7], csr_array((2, 2))).tolist() == [0, 1]


@pytest.mark.parametrize(("at", "who"), [([81], [0]), ([0, 1], [0])])
def test_what_cannot_be_is_said(at: list[int], who: list[int]) -> None:
    with pytest.raises(GridError, match="81 places"):
        once_nearby(at, who, LINKS)
