"""Directions and relations: the places that words mean, and the words for places."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, box

from geo.bearings import (
    DIRECTIONS,
    beside,
    beside_words,
    between,
    directions,
    offset,
    relation_words,
)
from geo.errors import CoordinateError

EAST = LineString([(-500, 0), (500, 0)])
NORTH = LineString([(0, -500), (0, 500)])

metres = st.integers(-3200, 3200).map(lambda eighths: eighths / 8)


def at(moved: tuple[float, float, float]) -> tuple[float, float]:
    return round(moved[0], 6), round(moved[1], 6)


# ---- from words to places


@pytest.mark.parametrize(
    ("direction", "x", "y"),
    [("N", 0, 100), ("E", 100, 0), ("S", 0, -100), ("W", -100, 0), ("SE", 70.710678, -70.710678)],
)
def test_metres_in_a_direction_lead_there(direction: str, x: float, y: float) -> None:
    assert at(offset(0, 0, "offset", direction=direction, metres=100)) == (x, y)


def test_the_radius_grows_with_the_metres_and_with_that_of_the_place() -> None:
    near, far = (offset(0, 0, "offset", direction="N", metres=m).radius_m for m in (10, 100))
    assert near < 5 < far < 50
    assert offset(0, 0, "offset", direction="N", metres=100, radius_m=80).radius_m > 80


@given(st.sampled_from(DIRECTIONS), st.floats(5, 200))
def test_what_is_meant_lies_within_the_radius_as_often_as_is_said(direction: str, far: float) -> None:
    """A direction word stands for any within 22.5 degrees, all alike; metres are off by a fifth."""
    rng = np.random.default_rng(1)
    turn = math.radians(45 * DIRECTIONS.index(direction)) + np.radians(rng.uniform(-22.5, 22.5, 4000))
    away = far * rng.normal(1, 0.2, 4000)
    found = offset(0, 0, "offset", direction=direction, metres=far)
    miss = np.hypot(away * np.sin(turn) - found.x, away * np.cos(turn) - found.y)
    assert 0.6 < (miss <= found.radius_m).mean() < 0.8


def test_a_side_of_a_road_leads_away_from_its_axis_at_right_angles() -> None:
    assert at(offset(20, 3, "side", direction="N", metres=30, line=EAST)) == (20, 30)
    assert at(offset(20, 3, "side", direction="S", metres=30, line=EAST)) == (20, -30)
    assert at(offset(20, 3, "side", direction="NE", metres=30, line=EAST)) == (20, 30)
    assert at(offset(20, 3, "side", direction="S", line=EAST)) == (20, -15)
    assert at(offset(20, 3, "side", direction="S", metres=30, line=shapely.reverse(EAST))) == (20, -30)


def test_a_direction_in_which_the_road_runs_leads_along_it() -> None:
    assert at(offset(0, 20, "side", direction="N", metres=30, line=NORTH)) == (0, 50)


def test_opposite_is_across_the_street_as_far_from_its_axis() -> None:
    assert at(offset(20, 18, "opposite", line=EAST)) == (20, -18)
    assert at(offset(20, -18, "opposite", line=MultiLineString([EAST, NORTH]))) == (20, 18)
    assert at(offset(20, 180, "opposite", line=EAST)) == (20, -25)


@given(metres, metres, metres, metres)
def test_opposite_lies_on_the_other_side_with_the_axis_between(
    x: float, y: float, end_x: float, end_y: float
) -> None:
    line = LineString([(-end_x, -end_y), (end_x, end_y)])
    assume(line.length > 10 and line.distance(shapely.Point(x, y)) > 3)
    found = offset(x, y, "opposite", line=line)
    way = LineString([(x, y), (found.x, found.y)])
    assert way.distance(line) < 1e-6
    assert shapely.Point(found.x, found.y).distance(line) <= 25 + 1e-6


def test_in_front_is_towards_the_street_and_behind_away_from_it() -> None:
    assert at(offset(0, 20, "front", line=EAST)) == (0, 10)
    assert at(offset(0, 20, "behind", line=EAST)) == (0, 30)


@pytest.mark.parametrize(
    ("kind", "least_m", "most_m"),
    [("near", 50, 51), ("under", 5, 8), ("opposite", 30, 50), ("side", 15, 16), ("entrance", 30, 31)],
)
def test_a_word_without_direction_or_line_stays_with_the_radius_it_means(
    kind: str, least_m: float, most_m: float
) -> None:
    found = offset(7, 8, kind, radius_m=2)
    assert at(found) == (7, 8)
    assert least_m <= found.radius_m <= most_m


def test_on_the_axis_itself_opposite_may_be_either_side() -> None:
    assert at(offset(20, 0, "opposite", line=EAST)) == (20, 0)


def test_metres_without_a_direction_are_the_radius_and_an_empty_line_is_none() -> None:
    assert offset(0, 0, "near", metres=100).radius_m == 100
    assert offset(0, 0, "offset", metres=30, line=LineString()) == (0, 0, 30)


def test_a_side_of_an_area_leads_away_from_its_outline() -> None:
    assert at(offset(90, 50, "side", direction="E", metres=20, line=box(0, 0, 100, 100).boundary)) == (
        120,
        50,
    )


def test_a_word_that_is_no_direction_is_refused() -> None:
    with pytest.raises(CoordinateError, match="'up' is no direction"):
        offset(0, 0, "offset", direction="up", metres=3)


def test_between_two_places_is_half_way_with_most_of_the_way_inside() -> None:
    found = between((0, 0), (200, 0))
    assert at(found) == (100, 0)
    assert 68 <= found.radius_m <= 75


# ---- from places to words


@pytest.mark.parametrize(
    ("dx", "dy", "zh", "en"),
    [
        (0, 1, "北", "north"),
        (1, 1, "东北", "north-east"),
        (1, 0, "东", "east"),
        (1, -1, "东南", "south-east"),
        (0, -2, "南", "south"),
        (-1, -1, "西南", "south-west"),
        (-3, 0, "西", "west"),
        (-1, 1, "西北", "north-west"),
    ],
)
def test_the_direction_in_words(dx: float, dy: float, zh: str, en: str) -> None:
    direction = str(directions(dx, dy))
    assert beside_words("人民路", direction, 3, "zh") == f"人民路{zh}侧3米"
    assert beside_words("Main St", direction, 3, "en") == f"3 m {en} of Main St"


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (math.nan, 1)])
def test_no_step_has_no_direction(dx: float, dy: float) -> None:
    assert str(directions(dx, dy)) == ""


@given(st.floats(0, 360, exclude_max=True), st.floats(0.5, 1e5))
def test_the_word_is_the_nearest_of_eight(turn: float, far: float) -> None:
    assume(abs(turn % 45 - 22.5) > 1e-6)
    found = str(directions(far * math.sin(math.radians(turn)), far * math.cos(math.radians(turn))))
    gaps = [abs((turn - 45 * eighth + 180) % 360 - 180) for eighth in range(8)]
    assert found == DIRECTIONS[int(np.argmin(gaps))]


@given(st.lists(st.tuples(metres, metres), min_size=2, max_size=5), metres, metres)
def test_beside_a_line_is_where_geos_has_it(points: list[tuple[float, float]], x: float, y: float) -> None:
    line = LineString(points)
    assume(line.length > 1)
    found = beside(line, [x], [y])
    point = shapely.Point(x, y)
    assert found.distance_m[0] == pytest.approx(line.distance(point), abs=1e-6)
    assert math.hypot(found.x[0] - x, found.y[0] - y) == pytest.approx(found.distance_m[0], abs=1e-6)
    there = shapely.line_interpolate_point(line, found.along_m[0])
    assert there.distance(shapely.Point(found.x[0], found.y[0])) < 1e-6


def test_each_point_has_its_own_line_and_none_has_no_side() -> None:
    found = beside(np.array([EAST, NORTH, None, EAST], dtype=object), [10, 30, 0, 0], [30, 0, 0, 1])
    assert found.direction.tolist() == ["N", "E", "", ""]
    assert np.isnan(found.distance_m[2])
    assert found.along_m[:2].tolist() == [510, 500]


def test_a_place_by_its_street_reads_as_people_say_it() -> None:
    assert beside_words("人民西路", "N", 31.2, "zh") == "人民西路北侧30米"
    assert beside_words("Main St", "SE", 7.6, "en") == "8 m south-east of Main St"
    assert beside_words("Main St", "N", 148, "en") == "150 m north of Main St"
    assert beside_words("人民西路", "", 1.0, "zh") == "人民西路上"
    assert beside_words("Main St", "", 1.0, "en") == "on Main St"


@pytest.mark.parametrize(
    ("kind", "direction", "metres", "zh", "en"),
    [
        ("opposite", "", None, "18号对面", "opposite 18号"),
        ("offset", "N", 30.0, "18号北侧30米", "30 m north of 18号"),
        ("offset", "", 30.0, "18号30米处", "30 m from 18号"),
        ("side", "SE", None, "18号东南侧", "south-east of 18号"),
        ("under", "", None, "18号下方", "under 18号"),
    ],
)
def test_a_relation_is_said_as_people_say_it(
    kind: str, direction: str, metres: float | None, zh: str, en: str
) -> None:
    said = [relation_words("18号", kind, lang, direction=direction, metres=metres) for lang in ("zh", "en")]
    assert said == [zh, en]
