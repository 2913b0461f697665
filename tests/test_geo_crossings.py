"""Crossings: all places where two names meet, each once, as brute force finds them."""

from __future__ import annotations

import itertools

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from geo.crossings import MERGE_M, Crossing, all_crossings, crossings

EAST = LineString([(-500, 0), (500, 0)])
NORTH = LineString([(0, -500), (0, 500)])


def places(found: list[Crossing]) -> list[tuple[int, int]]:
    return [(round(one.x), round(one.y)) for one in found]


def test_two_roads_cross_at_a_point() -> None:
    assert crossings(EAST, NORTH, near_m=20) == [Crossing(0.0, 0.0, 0.0, True, 0.0)]


def test_roads_that_meet_twice_have_two_crossings_from_west_to_east() -> None:
    bow = LineString([(-200, -100), (-200, 100), (200, 100), (200, -100)])
    assert places(crossings(EAST, bow, near_m=20)) == [(-200, 0), (200, 0)]


def test_a_road_that_ends_short_of_the_other_meets_it_nearly_in_the_middle_of_the_gap() -> None:
    [found] = crossings(EAST, LineString([(30, 12), (30, 400)]), near_m=20)
    assert (found.x, found.y, found.gap_m, found.is_exact) == (30, 6, 12, False)
    assert crossings(EAST, LineString([(30, 21), (30, 400)]), near_m=20) == []
    [by_centimetres] = crossings(EAST, LineString([(30, 0.3), (30, 400)]), near_m=20)
    assert (by_centimetres.gap_m, by_centimetres.is_exact) == (0, True)


def test_roads_side_by_side_that_go_on_do_not_meet() -> None:
    assert crossings(EAST, LineString([(-900, 10), (900, 10)]), near_m=5) == []
    passing = LineString([(-900, 300), (0, 10), (900, 300)])
    assert crossings(EAST, passing, near_m=20) == []


def test_a_loose_end_beside_a_crossing_is_that_crossing() -> None:
    pieces = MultiLineString([[(0, -500), (0, 500)], [(30, 15), (30, 300)]])
    assert crossings(EAST, pieces, near_m=20) == [Crossing(0.0, 0.0, 0.0, True, 0.0)]


def test_an_end_where_the_road_itself_goes_on_is_not_loose() -> None:
    pieces = MultiLineString([[(-300, 200), (0, 12)], [(0.2, 12), (300, 200)]])
    assert crossings(EAST, pieces, near_m=20) == []


def test_doubled_carriageways_make_one_crossing_in_their_middle() -> None:
    dual = MultiLineString([[(-500, 0), (500, 0)], [(500, 24), (-500, 24)]])
    crossing = MultiLineString([[(0, -500), (0, 500)], [(30, 500), (30, -500)]])
    [found] = crossings(dual, crossing, near_m=20)
    assert (found.x, found.y, found.is_exact) == (15, 12, True)
    assert np.isclose(found.reach_m, np.hypot(15, 12))


def test_a_road_and_a_river_meet_on_the_bridge_however_the_river_is_drawn() -> None:
    banks = box(-40, -600, 60, 600)
    assert places(crossings(EAST, NORTH, near_m=20)) == [(0, 0)]
    assert places(crossings(EAST, banks, near_m=20)) == [(10, 0)]
    tiles = MultiPolygon([box(-40, -600, 10, 600), box(10, -600, 60, 600)])
    assert places(crossings(EAST, tiles, near_m=20)) == [(10, 0)]


def test_a_long_shared_stretch_has_a_crossing_at_both_ends_and_a_short_one_in_its_middle() -> None:
    detour = LineString([(-100, 200), (-100, 0), (100, 0), (100, -200)])
    pieces = MultiLineString([[(-500, 0), (-20, 0)], [(-20, 0), (20, 0)], [(20, 0), (500, 0)]])
    assert places(crossings(EAST, detour, near_m=20)) == [(-100, 0), (100, 0)]
    assert places(crossings(pieces, detour, near_m=20)) == [(-100, 0), (100, 0)]
    short = LineString([(-10, 200), (-10, 0), (10, 0), (10, -200)])
    assert places(crossings(EAST, short, near_m=20)) == [(0, 0)]


def test_roads_that_end_at_an_unnamed_ring_meet_in_its_middle() -> None:
    east = MultiLineString([[(-300, 0), (-10, 0)], [(10, 0), (300, 0)]])
    north = MultiLineString([[(0, -300), (0, -10)], [(0, 10), (0, 300)]])
    [found] = crossings(east, north, near_m=20)
    assert (found.x, found.y, found.is_exact) == (0, 0, False)


def test_nothing_meets_nothing() -> None:
    assert crossings(None, EAST, near_m=20) == []
    assert crossings(LineString(), EAST, near_m=20) == []
    assert crossings(Point(0, 0), EAST, near_m=20) == []
    assert len(all_crossings([], [])) == 0


def test_collections_are_what_they_hold() -> None:
    held = GeometryCollection([MultiLineString([NORTH]), Point(3, 3)])
    assert places(crossings(EAST, held, near_m=20)) == [(0, 0)]


def test_a_city_has_each_pair_of_names_once_per_place_and_what_has_no_name_is_left_out() -> None:
    lines = [
        EAST,
        LineString([(0, -500), (0, 0)]),
        LineString([(0, 0), (0, 500)]),
        LineString([(9, -9), (9, 9)]),
    ]
    found = all_crossings(lines, [7, 3, 3, -1])
    assert (found.a.tolist(), found.b.tolist()) == ([3], [7])
    assert (found.x.tolist(), found.y.tolist(), found.gap_m.tolist()) == ([0], [0], [0])


grid = st.integers(-20, 20).map(lambda at: 30.0 * at)
line = st.lists(st.tuples(grid, grid), min_size=2, max_size=4, unique=True).map(LineString)
cities = st.lists(st.tuples(line, st.integers(-1, 3)), min_size=1, max_size=7)


@given(cities)
def test_each_pair_meets_where_it_meets_alone(city: list[tuple[LineString, int]]) -> None:
    lines, names = [one for one, _ in city], np.array([name for _, name in city])
    found = all_crossings(lines, names)
    for a, b in itertools.combinations(range(4), 2):
        alone = [
            MultiLineString([one for one, name in city if name == wanted]) if wanted in names else None
            for wanted in (a, b)
        ]
        rows = (found.a == a) & (found.b == b)
        expected = [(one.x, one.y) for one in crossings(*alone)]
        assert np.allclose(np.stack([found.x, found.y], axis=1)[rows], np.reshape(expected, (-1, 2)))


@given(cities)
def test_every_point_that_two_names_share_is_near_a_crossing_and_every_crossing_near_both(
    city: list[tuple[LineString, int]],
) -> None:
    one, other = (MultiLineString([drawn for drawn, name in city if name == wanted]) for wanted in (0, 1))
    assume(not one.is_empty and not other.is_empty)
    shared = shapely.get_parts(shapely.intersection(one, other))
    points = shared[shapely.get_type_id(shared) == 0]
    found = crossings(one, other, near_m=20)
    at = shapely.points(np.reshape([(crossing.x, crossing.y) for crossing in found], (-1, 2)))
    reach = np.array([crossing.reach_m for crossing in found])
    for point in points:
        assert (shapely.distance(at, point) <= reach + 1e-6).any()
    for crossing in found:
        here = Point(crossing.x, crossing.y)
        assert max(one.distance(here), other.distance(here)) <= crossing.gap_m / 2 + crossing.reach_m + 1e-6
    if not len(points) and not shared.size:
        assert all(not crossing.is_exact or crossing.gap_m <= 0.5 for crossing in found)


@given(st.lists(st.tuples(grid, grid), min_size=1, max_size=12, unique=True))
def test_places_merge_as_a_chain_of_steps_does(spots: list[tuple[float, float]]) -> None:
    """Short roads across one long winding name: as many crossings as buffers of the places melt into."""
    bars = MultiLineString([[(x - 1, y), (x + 1, y)] for x, y in spots])
    posts = MultiLineString([[(x, y - 1), (x, y + 1)] for x, y in spots])
    melted = shapely.union_all(shapely.buffer(shapely.points(spots), MERGE_M / 2, quad_segs=64))
    found = crossings(bars, posts, near_m=0.5)
    assert len(found) == len(shapely.get_parts(melted))


def test_turning_the_lines_or_the_order_changes_nothing() -> None:
    bow = LineString([(-200, -100), (-200, 100), (200, 100), (200, -100)])
    expected = crossings(EAST, bow, near_m=20)
    assert crossings(bow, EAST, near_m=20) == expected
    assert crossings(shapely.reverse(EAST), shapely.reverse(bow), near_m=20) == expected


def test_two_areas_meet_within_what_they_share() -> None:
    [found] = crossings(box(0, 0, 100, 100), Polygon([(50, 50), (200, 50), (200, 200)]), near_m=20)
    assert 50 <= found.x <= 100
    assert 50 <= found.y <= 100
