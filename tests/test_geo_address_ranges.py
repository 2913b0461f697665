"""Address ranges: the piece and the side that hold a number, and the place in it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from geo.address_ranges import fit_ranges
from geo.house_numbers import BETWEEN, WIDTH_M

BLOCK = LineString([(0, 0), (100, 0)])
NEXT = LineString([(100, 0), (200, 0)])
CANAL = fit_ranges([BLOCK, NEXT], [[1201, 1200], [1301, 1300]], [[1299, 1298], [1399, 1398]])


def test_a_number_lies_in_its_block_on_its_side_where_its_share_of_the_range_is() -> None:
    found = CANAL.at(1283)
    assert found is not None
    assert (round(found.x), found.y) == (83, WIDTH_M)
    assert (found.way, found.neighbours) == (BETWEEN, (1201, 1299))
    assert 20 < found.radius_m < 25
    right = CANAL.at(1250)
    assert right is not None
    assert (round(right.x), right.y) == (51, -WIDTH_M)


def test_ranges_may_descend_and_the_far_ends_are_half_a_house_in() -> None:
    street = fit_ranges([BLOCK], [[19, np.nan]], [[1, np.nan]])
    assert [round(street.all_at(number)[0].x) for number in (1, 9, 19)] == [95, 55, 5]


def test_a_number_of_no_range_or_of_the_other_parity_is_nowhere() -> None:
    odd_only = fit_ranges([BLOCK], [[1, 0]], [[19, 0]])
    assert odd_only.at(21) is None
    assert odd_only.at(4) is None
    assert odd_only.at(0) is None
    assert fit_ranges([None, LineString(), Point(0, 0)], [[1, 2]] * 3, [[9, 8]] * 3).at(3) is None
    assert fit_ranges([], [], []).at(3) is None


def test_a_range_of_mixed_parity_holds_both_and_one_of_a_single_number_has_it_in_the_middle() -> None:
    mixed = fit_ranges([BLOCK], [[1, 50]], [[10, 50]])
    assert [round(mixed.all_at(number)[0].x) for number in (1, 2, 50)] == [5, 15, 50]


def test_a_name_of_two_places_gives_both_the_surer_first() -> None:
    far = LineString([(5000, 0), (5050, 0)])
    street = fit_ranges([BLOCK, far], [[1, 2], [1, 2]], [[19, 20], [19, 20]])
    assert [round(found.x) for found in street.all_at(1)] == [5002, 5]


def test_a_piece_of_several_parts_is_one_range() -> None:
    broken = MultiLineString([[(0, 0), (50, 0)], [(60, 0), (110, 0)]])
    found = fit_ranges([broken], [[1, 2]], [[19, 20]]).at(19)
    assert found is not None
    assert round(found.x) == 105


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=6), st.integers(1, 30)
)
def test_it_finds_the_pieces_that_a_walk_over_all_numbers_finds(
    ranges: list[tuple[int, int]], number: int
) -> None:
    pieces = [LineString([(0, 1000 * row), (100, 1000 * row)]) for row in range(len(ranges))]
    expected = [
        row
        for row, (first, last) in enumerate(ranges)
        if number in range(min(first, last), max(first, last) + 1, 2 if first % 2 == last % 2 else 1)
    ]
    street = fit_ranges(pieces, [(first, 0) for first, _ in ranges], [(last, 0) for _, last in ranges])
    assert [round(found.y / 1000) for found in street.all_at(number)] == expected
