"""Buildings of an estate that nobody has drawn: where their numbers say, with a radius that is meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.estate_numbers import buildings_between
from geo.house_numbers import BETWEEN, BEYOND, KNOWN, Numbered

Floats = NDArray[np.float64]


def estate(rows: int, columns: int, *, back_and_forth: bool = False) -> tuple[Floats, Floats]:
    """Numbers from the north-east on, row by row; 50 m apart in a row, rows 30 m apart and a bit askew."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    if back_and_forth:
        column = np.where(row % 2 == 1, columns - 1 - column, column)
    xy = np.stack([-50.0 * column, -30.0 * row - 4.0 * column], axis=1)
    return np.arange(1.0, rows * columns + 1), xy


def without(number: Floats, xy: Floats, *gone: int) -> tuple[Floats, Floats]:
    rest = ~np.isin(number, gone)
    return number[rest], xy[rest]


def miss(found: Numbered | None, xy: Floats) -> float:
    assert found is not None
    return float(np.hypot(found.x - xy[0], found.y - xy[1]))


@pytest.mark.parametrize("back_and_forth", [False, True])
@pytest.mark.parametrize("gone", range(1, 21))
def test_any_one_missing_building_of_an_estate_in_rows_is_put_in_the_gap(
    gone: int, back_and_forth: bool
) -> None:
    number, xy = estate(4, 5, back_and_forth=back_and_forth)
    found = buildings_between(*without(number, xy, gone), gone)
    assert found is not None
    assert found.way == (BETWEEN if 1 < gone < 20 else BEYOND)
    inner = gone % 5 not in (0, 1)
    assert miss(found, xy[gone - 1]) <= (1 if inner else 120)


def test_two_missing_in_a_row_lie_between_their_neighbours() -> None:
    number, xy = estate(3, 8)
    found = buildings_between(*without(number, xy, 12, 13), 13)
    assert miss(found, xy[12]) <= 1
    assert found is not None
    assert found.neighbours == (11, 14)


def test_a_known_building_is_itself() -> None:
    number, xy = estate(2, 3)
    assert buildings_between(number, xy, 5) == Numbered(-50.0, -34.0, 8.0, KNOWN, (5,))


def test_an_estate_has_no_building_far_beyond_its_last_nor_before_its_first() -> None:
    number, xy = estate(1, 8)
    last = buildings_between(number, xy, 9)
    assert last is not None
    assert (last.way, round(last.x), last.neighbours) == (BEYOND, -400, (8,))
    assert buildings_between(number, xy, 11) is None
    assert buildings_between(number, xy, 0) is None
    assert buildings_between([], np.empty((0, 2)), 3) is None


def test_two_known_buildings_have_the_third_between_them_and_one_has_it_nearby() -> None:
    middle = buildings_between([2, 4], [(0, 0), (80, 0)], 3)
    assert middle is not None
    assert (middle.x, middle.y, middle.way) == (40, 0, BETWEEN)
    nearby = buildings_between([2], [(7, 7)], 3)
    assert nearby is not None
    assert (nearby.x, nearby.y, nearby.way) == (7, 7, BEYOND)
    assert nearby.radius_m >= 40


@settings(max_examples=20)
@given(st.permutations(list(range(15))))
def test_the_answer_does_not_depend_on_the_order(order: list[int]) -> None:
    number, xy = estate(3, 5)
    number = number[np.arange(15) != 6]
    xy = xy[np.arange(15) != 6]
    order = [at for at in order if at < 14]
    assert buildings_between(number[order], xy[order], 7) == buildings_between(number, xy, 7)


@settings(max_examples=8)
@given(st.integers(0, 1000))
def test_the_radius_holds_most_of_what_a_shaky_estate_has(seed: int) -> None:
    rng = np.random.default_rng(seed)
    number, xy = estate(5, 6)
    xy = xy + rng.normal(0, 6, xy.shape)
    inside = []
    for gone in range(2, 30, 3):
        found = buildings_between(*without(number, xy, gone), gone)
        assert found is not None
        inside.append(miss(found, xy[gone - 1]) <= found.radius_m)
    assert np.mean(inside) >= 0.5
