"""Bins along roads: the whole road and nothing twice, and each point by its nearest stretch."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.bins_counts import counts
from geo.bins_roads import nearest_stretch, road_bins
from geo.errors import CoordinateError, GridError

COORDINATE = st.integers(-40, 40).map(lambda n: n * 2.5)
LINE = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=6).map(shapely.LineString)
LINES = st.lists(LINE | st.none(), max_size=5)


@given(LINES, st.sampled_from([3.0, 10.0, 25.0, 1000.0]))
def test_stretches_make_up_the_lines_and_are_equally_long_on_each(
    lines: list[shapely.LineString | None], size: float
) -> None:
    roads = road_bins(lines, size)
    for at, line in enumerate(lines):
        own = roads.line == at
        if line is None or not line.length:
            assert not own.any()
            continue
        assert shapely.length(roads.stretch[own]) == pytest.approx(line.length / own.sum(), abs=1e-5)
        assert own.sum() == max(1, np.floor(line.length / size + 0.5))
        assert roads.from_m[own][0] == 0
        assert roads.to_m[own][-1] == pytest.approx(line.length)
        ends = shapely.get_coordinates(shapely.get_point(roads.stretch[own][:-1], -1))
        assert (ends == shapely.get_coordinates(shapely.get_point(roads.stretch[own][1:], 0))).all()
        assert shapely.hausdorff_distance(shapely.MultiLineString(list(roads.stretch[own])), line) < 1e-5


def test_a_road_of_a_thousand_metres_has_ten_stretches_of_a_hundred() -> None:
    roads = road_bins([shapely.LineString([(0, 0), (600, 0), (600, 400)])], 100.0)
    assert shapely.length(roads.stretch).tolist() == [100.0] * 10
    assert roads.from_m.tolist() == [100.0 * n for n in range(10)]
    assert [shapely.get_num_points(each) for each in roads.stretch] == [2] * 10


def test_the_parts_of_a_road_are_cut_each_for_itself() -> None:
    road = shapely.MultiLineString([[(0, 0), (100, 0)], [(200, 0), (260, 0)]])
    roads = road_bins([shapely.LineString([(0, 9), (10, 9)]), road], 50.0)
    assert roads.line.tolist() == [0, 1, 1, 1]
    assert roads.from_m.tolist() == [0, 0, 50, 0]
    assert roads.to_m.tolist() == [10, 50, 100, 60]


@given(LINES, st.lists(st.tuples(COORDINATE, COORDINATE), max_size=20))
def test_a_point_lies_by_the_nearest_stretch_and_by_the_first_of_equals(
    lines: list[shapely.LineString | None], points: list[tuple[float, float]]
) -> None:
    roads = road_bins(lines, 20.0)
    found = nearest_stretch(roads, points, 15.0)
    for place, point in zip(found.tolist(), points, strict=True):
        away = shapely.distance(roads.stretch, shapely.Point(point))
        near = [at for at, far in enumerate(away) if far <= min(away.min() + 1e-9, 15.0)]
        assert place == (near[0] if near else -1)


def test_many_points_lie_by_the_same_stretches_as_a_few() -> None:
    random = np.random.default_rng(6)
    lines = [shapely.LineString(each) for each in random.integers(0, 400, (60, 3, 2)) * 2.5]
    roads = road_bins(lines, 50.0)
    points = random.integers(0, 400, (20_000, 2)) * 2.5
    found = nearest_stretch(roads, points, 30.0)
    some = slice(None, None, 100)
    few = np.concatenate([nearest_stretch(roads, [point], 30.0) for point in points[some]])
    assert (found[some] == few).all()
    assert (found >= 0).mean() > 0.3


def test_reports_are_counted_along_a_road_and_what_is_far_off_is_not() -> None:
    roads = road_bins([shapely.LineString([(0, 0), (200, 0)])], 100.0)
    at = nearest_stretch(roads, [(10, 5), (100, 0), (150, -9), (150, 31)], 30.0)
    assert at.tolist() == [0, 0, 1, -1]
    assert counts(at, len(roads.stretch)).raw.tolist() == [2, 1]


def test_nothing_has_no_stretches() -> None:
    empty = road_bins([None, shapely.LineString(), shapely.LineString([(1, 1), (1, 1)])], 10.0)
    assert len(empty.stretch) == len(empty.line) == 0
    assert nearest_stretch(empty, [(0, 0)], 10.0).tolist() == [-1]
    assert len(road_bins([], 10.0).stretch) == 0
    assert len(nearest_stretch(road_bins([shapely.LineString([(0, 0), (9, 0)])], 5.0), [], 1.0)) == 0


def test_what_is_no_line_no_length_and_no_place_is_refused() -> None:
    line = shapely.LineString([(0, 0), (100, 0)])
    with pytest.raises(GridError, match="Geometry 1 is a Polygon"):
        road_bins([line, shapely.box(0, 0, 1, 1)], 10.0)
    for size in (0.0, np.nan):
        with pytest.raises(GridError, match="long"):
            road_bins([line], size)
    with pytest.raises(GridError, match="stretches of"):
        road_bins([line], 1e-6)
    with pytest.raises(CoordinateError, match="nowhere"), np.errstate(invalid="ignore"):
        road_bins([shapely.LineString([(0, 0), (np.nan, 1)])], 10.0)
    with pytest.raises(CoordinateError, match="Point 0"):
        nearest_stretch(road_bins([line], 10.0), [(np.nan, 0.0)], 10.0)
    with pytest.raises(GridError, match="within"):
        nearest_stretch(road_bins([line], 10.0), [(0.0, 0.0)], np.nan)
