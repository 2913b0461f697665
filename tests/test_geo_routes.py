"""Linear referencing: the same place as brute force and GEOS find, on its side, in any metres."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given
from hypothesis import strategies as st
from shapely import LineString

from geo.routes import JOIN_M, Route, fitting_marks, make_route

ANGLE = make_route([LineString([(0, 0), (100, 0), (100, 100)])])

grid = st.integers(-40, 40).map(float)
vertices = st.lists(st.tuples(grid, grid), min_size=2, max_size=8)
spots = st.lists(
    st.tuples(st.floats(-60, 60, allow_nan=False), st.floats(-60, 60, allow_nan=False)),
    min_size=1,
    max_size=8,
)


def line(points: list[tuple[float, float]]) -> LineString:
    drawn = LineString(points)
    assume(drawn.length > 0)
    return LineString(shapely.get_coordinates(shapely.remove_repeated_points(drawn)))


def measured(route: Route, *xy: tuple[float, float]) -> list[tuple[float, float, float]]:
    return [tuple(float(v) for v in row) for row in zip(*route.measure(shapely.points(xy)), strict=True)]  # type: ignore[misc]


def single(points: list[tuple[float, float]]) -> Route:
    """A route of one line as it was drawn: knots stay as they are."""
    return Route(np.array([line(points)], dtype=object))


# ---- against GEOS and brute force


@given(vertices, spots)
@example([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], [(-1, -1), (5, 5), (0, 0)])
def test_the_distance_is_that_of_geos_and_the_metre_leads_to_a_place_as_near(
    points: list[tuple[float, float]], at: list[tuple[float, float]]
) -> None:
    route, spot = single(points), shapely.points(at)
    along, offset, distance = route.measure(spot)
    drawn = route.parts[0]
    assert np.allclose(distance, shapely.distance(drawn, spot))
    assert np.allclose(
        shapely.distance(shapely.line_interpolate_point(drawn, along), spot), distance, atol=1e-6
    )
    assert (np.abs(offset) <= distance + 1e-9).all()


@given(vertices, spots)
def test_of_equally_near_places_the_first_counts(
    points: list[tuple[float, float]], at: list[tuple[float, float]]
) -> None:
    route, spot = single(points), shapely.points(at)
    along, _, distance = route.measure(spot)
    drawn = route.parts[0]
    samples = np.linspace(0, drawn.length, 400)
    places = shapely.line_interpolate_point(drawn, samples)
    for point, metre, least in zip(spot, along, distance, strict=True):
        apart = shapely.distance(places, point)
        assert apart.min() >= least - 1e-6
        assert (apart[samples < metre - 1e-6] > least - 1e-9).all()


@given(vertices, st.floats(-0.4, 0.4), st.floats(0, 1))
def test_a_point_stepped_off_a_simple_line_lies_on_the_side_it_was_stepped_to(
    points: list[tuple[float, float]], step: float, share: float
) -> None:
    drawn = line(points)
    assume(drawn.is_simple and not drawn.is_closed and abs(step) > 1e-3)
    route = Route(np.array([drawn], dtype=object))
    xy = shapely.get_coordinates(drawn)
    for a, b in itertools.pairwise(xy):
        way = (b - a) / np.hypot(*(b - a))
        spot = a + share * (b - a) + step * np.array([-way[1], way[0]])
        nearest = shapely.shortest_line(drawn, shapely.Point(spot))
        assume(abs(nearest.length - abs(step)) < 1e-9)  # no other part of the line is nearer
        ((_, offset, _),) = measured(route, (spot[0], spot[1]))
        if 0.01 < share < 0.99:
            assert offset == pytest.approx(step, abs=1e-9)


@given(vertices, st.floats(0, 1), st.floats(0, 1))
def test_a_stretch_is_what_dense_sampling_finds(
    points: list[tuple[float, float]], one: float, other: float
) -> None:
    route = single(points)
    drawn, length = route.parts[0], route.length_m
    low, high = sorted((one * length, other * length))
    assume(high - low > 1e-6)
    stretch = route.stretch(low, high)
    assert stretch.length == pytest.approx(high - low)
    samples = np.linspace(0, 1, 50)
    ours = shapely.line_interpolate_point(stretch, samples * stretch.length)
    theirs = shapely.line_interpolate_point(drawn, low + samples * (high - low))
    assert (shapely.distance(ours, theirs) < 1e-6).all()
    assert shapely.equals_exact(route.stretch(high, low), stretch), "the order does not matter"


@given(vertices, st.lists(st.tuples(st.floats(0, 1), st.floats(-1e4, 1e4)), max_size=6), st.floats(-50, 500))
def test_metres_and_distances_along_undo_each_other(
    points: list[tuple[float, float]], marks: list[tuple[float, float]], at: float
) -> None:
    plain = single(points)
    route = plain.calibrated([plain.length_m * share for share, _ in marks], [metre for _, metre in marks])
    steps = np.diff(route.along), np.abs(np.diff(route.metre))
    assume(all((step > 1e-3).all() for step in steps))
    assert route.along_at(route.metre_at(at)) == pytest.approx(at, abs=1e-3)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=9))
def test_no_more_marks_could_hold_together_than_those_that_fit(marks: list[tuple[int, int]]) -> None:
    along, metre = np.array([a for a, _ in marks], float), np.array([m for _, m in marks], float)
    fits = fitting_marks(along, metre)
    chosen = np.argsort(along[fits])
    steps = np.diff(metre[fits][chosen])
    assert (np.diff(along[fits][chosen]) > 0).all()
    assert (steps > 0).all() or (steps < 0).all()
    first = dict(reversed(marks))
    assert fits.sum() == _most([first[a] for a in sorted(first)])


def _most(values: list[int]) -> int:
    """By trying every subset."""
    best = 0
    for chosen in range(2 ** len(values)):
        steps = np.diff([v for i, v in enumerate(values) if chosen >> i & 1])
        if (steps > 0).all() or (steps < 0).all():
            best = max(best, chosen.bit_count())
    return best


@given(vertices, st.lists(st.floats(0.05, 0.95), min_size=1, max_size=3, unique=True), st.randoms())
def test_a_line_cut_up_shuffled_and_turned_is_the_same_route_again(
    points: list[tuple[float, float]], cuts: list[float], random: object
) -> None:
    drawn = line(points)
    assume(drawn.is_simple and not drawn.is_closed)
    at = [0.0, *sorted(share * drawn.length for share in cuts), drawn.length]
    assume(min(np.diff(at)) > 3 * JOIN_M)
    ends = shapely.line_interpolate_point(drawn, at)
    assume(all(a.distance(b) > 2 * JOIN_M for a, b in itertools.combinations(ends, 2)))
    pieces = [_between(drawn, a, b) for a, b in itertools.pairwise(at)]
    longest = max(pieces, key=lambda piece: piece.length)
    turned = [
        p if p is longest or longest.length * 2 <= drawn.length + 1e-6 else shapely.reverse(p) for p in pieces
    ]
    random.shuffle(turned)  # type: ignore[attr-defined]
    route = make_route(turned)
    assert len(route.parts) == 1
    assert route.length_m == pytest.approx(drawn.length)
    spot = shapely.line_interpolate_point(drawn, 0.3 * drawn.length)
    assert float(route.measure(np.array([spot]))[0][0]) == pytest.approx(0.3 * drawn.length, abs=1e-6)


def _between(drawn: LineString, low: float, high: float) -> LineString:
    part = Route(np.array([drawn], dtype=object)).stretch(low, high)
    assert isinstance(part, LineString)
    return part


# ---- sides, corners, ends


def test_left_of_increasing_metres_is_positive() -> None:
    assert measured(ANGLE, (50, 3), (50, -3)) == [(50, 3, 3), (50, -3, 3)]


def test_outside_a_corner_a_point_is_on_the_outer_side_whichever_segment_is_nearer() -> None:
    (metre, offset, distance), (_, inner, _) = measured(ANGLE, (103, -4), (97, 4))
    assert (metre, offset, distance) == (100, -5, 5)
    assert inner == 3
    hairpin = make_route([LineString([(0, 0), (100, 0), (0, 1)])])
    assert measured(hairpin, (101, -5), (101, 5))[0][1] < 0, "the line turns left: outside is right"
    assert measured(hairpin, (102, 0.5))[0][1] < 0


def test_before_the_start_and_behind_the_end_the_side_is_that_of_the_line_run_on() -> None:
    assert measured(ANGLE, (-3, 4)) == [(0, 4, 5)]
    assert measured(ANGLE, (-3, 0)) == [(0, 0, 3)]
    assert measured(ANGLE, (96, 103)) == [(200, 4, 5)]
    assert measured(ANGLE, (104, 103)) == [(200, -4, 5)]


def test_a_ring_has_a_corner_where_it_closes() -> None:
    ring = make_route([LineString([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)])])
    (metre, offset, distance), (_, inside, _) = measured(ring, (-3, -4), (1, 0.5))
    assert (metre, offset, distance) == (0, -5, 5)
    assert inside == 0.5
    assert ring.metres == (0, 40)


@pytest.mark.parametrize("nothing", [None, shapely.Point(), shapely.Point(np.nan, 1)])
def test_a_point_of_nothing_has_no_metre(nothing: shapely.Point | None) -> None:
    answer = ANGLE.measure(np.array([nothing, shapely.Point(50, 0)], dtype=object))
    assert np.isnan([values[0] for values in answer]).all()
    assert answer.metre[1] == 50


@pytest.mark.parametrize(
    "pieces", [[], [None], [LineString()], [shapely.Point(1, 1)], [LineString([(1, 1), (1, 1)])]]
)
def test_a_route_of_nothing_measures_nothing(pieces: list[shapely.Geometry | None]) -> None:
    route = make_route(pieces)
    assert route.length_m == 0
    assert np.isnan(route.metres).all()
    assert np.isnan(route.measure(shapely.points([[1, 1]])).metre).all()
    assert route.stretch(0, 10).is_empty
    assert len(route.jumps) == 0


# ---- pieces


def test_the_way_most_of_the_length_was_drawn_is_the_way_of_the_route() -> None:
    short, long = LineString([(10, 0), (0, 0)]), LineString([(10, 0), (90, 0)])
    assert measured(make_route([short, long]), (0, 0), (90, 0)) == [(0, 0, 0), (90, 0, 0)]
    assert measured(make_route([shapely.reverse(short), shapely.reverse(long)]), (90, 0))[0][0] == 0


def test_ends_that_miss_each_other_by_centimetres_are_one() -> None:
    route = make_route([LineString([(0, 0), (10, 0)]), LineString([(30, 0), (10.2, 0.1)])])
    assert len(route.parts) == 1
    assert route.length_m == pytest.approx(30, abs=0.03)


def test_parts_that_do_not_join_run_on_in_the_order_with_the_shortest_jumps() -> None:
    a, b, c = (LineString([(x, 0), (x + 10, 0)]) for x in (0, 15, 30))
    route = make_route([b, c, a])
    assert [part.coords[0][0] for part in route.parts] == [0, 15, 30]
    assert measured(route, (12, 0), (14, 0), (15, 0), (40, 0)) == [
        (10, 0, 2), (10, 0, 1), (10, 0, 0), (30, 0, 0)
    ]  # fmt: skip
    assert shapely.length(route.jumps).tolist() == [5, 5]
    assert shapely.get_parts(route.stretch(5, 15)).tolist() == [
        LineString([(5, 0), (10, 0)]), LineString([(15, 0), (20, 0)])
    ]  # fmt: skip


def test_a_fork_goes_on_with_one_arm_and_jumps_back_for_the_other() -> None:
    stem, left, right = (
        LineString([(0, 0), (10, 0)]),
        LineString([(10, 0), (20, 5)]),
        LineString([(10, 0), (20, -5)]),
    )
    route = make_route([stem, left, right])
    assert len(route.parts) == 2
    assert route.length_m == pytest.approx(stem.length + left.length + right.length)


def test_a_stem_with_a_loop_is_one_line() -> None:
    loop = LineString([(10, 0), (20, 10), (20, -10), (10, 0)])
    route = make_route([LineString([(0, 0), (10, 0)]), loop])
    assert len(route.parts) == 1
    assert route.length_m == pytest.approx(10 + loop.length)


def test_a_ring_begins_where_its_first_piece_does() -> None:
    one, other = LineString([(10, 10), (0, 10), (0, 0)]), LineString([(0, 0), (10, 0), (10, 10)])
    assert make_route([one, other]).parts[0].coords[0] == (10, 10)
    assert make_route([other, one]).parts[0].coords[0] == (0, 0)


def test_a_piece_drawn_twice_counts_once() -> None:
    drawn = LineString([(0, 0), (10, 0)])
    assert make_route([drawn, shapely.reverse(drawn), drawn]).length_m == 10


# ---- metres of its own


def test_metres_between_marks_are_interpolated_and_go_on_one_by_one_outside() -> None:
    route = ANGLE.calibrated([50, 150], [1000, 1200])
    assert route.metre_at([0, 50, 100, 150, 200]).tolist() == [950, 1000, 1100, 1200, 1250]
    assert route.metres == (950, 1250)
    assert shapely.equals_exact(route.stretch(1000, 1200), LineString([(50, 0), (100, 0), (100, 50)]))


def test_one_mark_shifts_the_count() -> None:
    assert ANGLE.calibrated([50], [0]).metres == (-50, 150)


def test_a_route_that_counts_against_its_drawing_has_left_and_right_exchanged() -> None:
    route = ANGLE.calibrated([0, 200], [200, 0])
    assert measured(route, (50, 3)) == [(150, -3, 3)]
    assert route.stretch(0, 150).coords[0] == (100, 100), "drawn towards the higher metre"
    assert route.along_at(250) == -50


def test_marks_that_contradict_the_others_are_left_out() -> None:
    assert fitting_marks([0, 10, 20, 30], [0, 10, 5, 30]).tolist() == [True, True, False, True]
    assert fitting_marks([0, 10, np.nan, 10], [0, 10, 20, 11]).tolist() == [True, True, False, False]
    assert fitting_marks([], []).tolist() == []
