"""House numbers: interpolated along any street, on their side, with a radius that is meant."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import LineString, MultiLineString

from geo.house_number_places import group_numbers, group_pieces
from geo.house_number_rows import fits_its_row
from geo.house_numbers import (
    BETWEEN,
    BEYOND,
    KNOWN,
    STREET,
    StreetNumbers,
    fit_street,
    sub_number,
)

Floats = NDArray[np.float64]


def row(numbers: list[int], x: Floats, y: float) -> tuple[Floats, Floats]:
    return np.stack([x, np.full(len(numbers), y)], axis=1), np.array(numbers, np.float64)


def two_sides(line: LineString | MultiLineString, *, without: tuple[int, ...] = ()) -> StreetNumbers:
    """Odd numbers 1-39 on the left (y = 15), even 2-40 on the right of a street along x; 20 m apart."""
    numbers = np.array([n for n in range(1, 41) if n not in without])
    x = 20.0 * ((numbers + 1) // 2)
    xy = np.stack([x, np.where(numbers % 2 == 1, 15.0, -15.0)], axis=1)
    return fit_street(line, xy, numbers)


STRAIGHT = LineString([(0, 0), (450, 0)])
FAR = np.array([3000.0, 0.0])


def near(street: StreetNumbers, number: float, x: float, y: float, most_m: float) -> bool:
    found = street.at(number)
    assert found is not None
    return float(np.hypot(found.x - x, found.y - y)) <= most_m


def test_a_known_number_is_itself() -> None:
    found = two_sides(STRAIGHT).at(17)
    assert found is not None
    assert (found.x, found.y, found.way, found.neighbours) == (180.0, 15.0, KNOWN, (17,))


@pytest.mark.parametrize("drawn", ["whole", "turned", "in pieces"])
def test_a_missing_number_lies_between_its_neighbours_on_its_own_side_however_the_street_is_drawn(
    drawn: str,
) -> None:
    line = {
        "whole": STRAIGHT,
        "turned": shapely.reverse(STRAIGHT),
        "in pieces": MultiLineString([[(200, 0), (0, 0)], [(200.2, 0), (330, 0)], [(450, 0), (330, 0)]]),
    }[drawn]
    street = two_sides(line, without=(17, 18, 19))
    found = street.at(17)
    assert found is not None
    assert (found.way, found.neighbours) == (BETWEEN, (15, 21))
    assert near(street, 17, 180, 15, 2)
    assert near(street, 18, 180, -15, 2)
    assert near(street, 19, 200, 15, 2)


def test_a_street_that_counts_down_one_side_and_back_on_the_other_is_read_from_its_own_numbers() -> None:
    going, back = (
        row([1, 2, 3, 4, 6, 7, 8], np.array([1, 2, 3, 4, 6, 7, 8]) * 20.0, 12.0),
        row([9, 10, 11, 13, 14, 15, 16], np.array([8, 7, 6, 4, 3, 2, 1]) * 20.0, -12.0),
    )
    street = fit_street(STRAIGHT, np.vstack([going[0], back[0]]), np.hstack([going[1], back[1]]))
    assert near(street, 5, 100, 12, 10)
    assert near(street, 12, 100, -12, 10)


def test_the_far_side_shows_where_a_long_gap_is_not_even() -> None:
    """Odd numbers are known at both ends only; the even ones tell that the numbers crowd at the start."""
    even = np.arange(2, 42, 2)
    x = np.where(even <= 30, even * 5.0, 150 + (even - 30) * 25.0)
    xy = np.vstack([np.stack([x, np.full(len(even), -12.0)], axis=1), [[5, 12], [400, 12]]])
    street = fit_street(STRAIGHT, xy, np.hstack([even, [1, 41]]))
    assert near(street, 15, 75, 12, 25)  # an even spread would have it at 143


def test_along_a_bend_it_follows_the_street() -> None:
    angle = LineString([(0, 0), (200, 0), (200, 200)])
    street = fit_street(angle, [(100, 10), (190, 100)], [2, 6])
    assert near(street, 4, 190, 10, 8)


def test_on_a_ring_it_takes_the_shorter_way_round() -> None:
    turn = np.linspace(0, 2 * np.pi, 73)
    ring = LineString(np.stack([100 * np.cos(turn), 100 * np.sin(turn)], axis=1))
    house = np.radians([-30, 30, 90, 150])
    xy = np.stack([110 * np.cos(house), 110 * np.sin(house)], axis=1)
    street = fit_street(ring, xy, [1, 5, 9, 13])
    assert near(street, 3, 110, 0, 5)


def test_a_number_beyond_the_last_runs_on_and_one_beyond_the_street_is_just_on_the_street() -> None:
    street = two_sides(STRAIGHT, without=(39, 40))
    found = street.at(40)
    assert found is not None
    assert found.way == BEYOND
    assert near(street, 40, 400, -15, 5)
    far = street.at(400)
    assert far is not None
    assert (far.way, far.neighbours) == (STREET, ())
    assert far.radius_m > 100


def test_one_wrong_number_does_not_lead_its_neighbours_astray() -> None:
    street = two_sides(STRAIGHT, without=(9,))
    entries = street.stretches[0]
    xy, number = entries.entry_xy.copy(), entries.entry_number
    xy[number == 11] = (2000, 900)
    assert near(fit_street(STRAIGHT, xy, number), 9, 100, 15, 5)


def test_a_street_name_of_two_villages_gives_a_place_in_each() -> None:
    other = shapely.transform(STRAIGHT, lambda xy: xy + FAR)
    here = two_sides(STRAIGHT, without=(17,)).stretches[0]
    xy = np.vstack([here.entry_xy, here.entry_xy + FAR])
    street = fit_street(MultiLineString([STRAIGHT, other]), xy, np.tile(here.entry_number, 2))
    assert [round(found.x) for found in sorted(street.all_at(17))] == [180, 3180]
    assert [round(found.x) for found in sorted(street.all_at(8))] == [80, 3080]


def test_places_that_are_told_apart_are_never_joined() -> None:
    xy, number = [(0.0, 10.0), (40.0, 10.0), (80.0, 10.0), (120.0, 10.0)], [1, 3, 5, 7]
    assert len(fit_street(STRAIGHT, xy, number).stretches) == 1
    assert len(fit_street(STRAIGHT, xy, number, place=[0, 0, 1, 1]).stretches) == 2


def test_without_a_line_numbers_lie_between_their_neighbours_and_without_anything_nowhere() -> None:
    street = fit_street(None, [(0, 0), (100, 0)], [2, 6])
    assert near(street, 4, 50, 0, 1)
    assert fit_street(None, np.empty((0, 2)), []).at(4) is None
    bare = fit_street(STRAIGHT, np.empty((0, 2)), []).at(4)
    assert bare is not None
    assert (bare.way, round(bare.x)) == (STREET, 225)


def test_what_follows_a_number_stands_between_it_and_the_next() -> None:
    assert sub_number(12, "") == 12
    assert sub_number(12, "a") == 12.01
    assert sub_number(18, "-3") == 18.03
    assert sub_number(18, "甲") == 18.27
    assert sub_number(12, "a") < sub_number(12, "B") < sub_number(13, "")


@given(st.permutations(list(range(12))))
def test_the_answer_does_not_depend_on_the_order_of_the_numbers(order: list[int]) -> None:
    entries = two_sides(STRAIGHT).stretches[0]
    xy, number = entries.entry_xy[:12], entries.entry_number[:12]
    kept = number != 6
    expected = fit_street(STRAIGHT, xy[kept], number[kept]).at(6)
    order = [at for at in order if number[at] != 6]
    assert fit_street(STRAIGHT, xy[order], number[order]).at(6) == expected


@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.integers(-900, 900), st.integers(-900, 900)), min_size=1, max_size=9
    )
)
def test_no_group_holds_one_number_in_two_places(entries: list[tuple[int, int, int]]) -> None:
    number = np.array([n for n, _, _ in entries], np.float64)
    xy = np.array([(x, y) for _, x, y in entries], np.float64)
    group = group_numbers(xy, number)
    for one, other in itertools.combinations(range(len(number)), 2):
        if group[one] == group[other] and number[one] == number[other]:
            assert np.hypot(*(xy[one] - xy[other])) <= 200
    assert set(group) == set(range(group.max() + 1))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8))
def test_pieces_are_joined_as_a_walk_over_them_joins_them(at: list[tuple[int, int]]) -> None:
    pieces = np.array([LineString([(100 * x, 100 * y), (100 * x + 10, 100 * y)]) for x, y in at])
    group = group_pieces(pieces)
    expected = shapely.get_parts(shapely.union_all(shapely.buffer(pieces, 150)))
    assert group.max() + 1 == len(expected)


def test_a_long_detour_does_not_fit_its_row() -> None:
    xy = np.stack([np.arange(6) * 20.0, np.zeros(6)], axis=1)
    assert fits_its_row(np.arange(6.0), xy).all()
    xy[3] = (60, 500)
    assert fits_its_row(np.arange(6.0), xy).tolist() == [True, True, True, False, True, True]
