"""Bins: every point in exactly one, the same bins in every run, each report and each thing counted."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.bins import Lattice, as_points, bins, centres, keys_at, keys_over, polygons
from geo.bins_counts import counts
from geo.errors import CoordinateError, GridError

Shape = Literal["square", "hex"]
SHAPES: tuple[Shape, Shape] = ("square", "hex")
both = pytest.mark.parametrize("shape", SHAPES)

SIZE = st.sampled_from([0.1, 1.0, 7.3, 100.0, 250.0])
WHERE = st.floats(-1e6, 1e6) | st.integers(-30, 30).map(float)


def scattered(n: int, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(-2_000, 2_000, (n, 2))


@given(SIZE, st.lists(st.tuples(WHERE, WHERE), min_size=1, max_size=20), WHERE)
def test_the_square_of_a_point_covers_it_and_no_other_has_its_edge(
    size: float, points: list[tuple[float, float]], shift: float
) -> None:
    lattice = Lattice("square", size, (shift, -shift))
    xy = np.array(points)
    squares = polygons(lattice, keys_at(lattice, xy))
    assert shapely.covers(squares, shapely.points(xy)).all()
    x0, y0, x1, y1 = shapely.bounds(squares).T
    assert ((x0 <= xy[:, 0]) & (xy[:, 0] < x1) & (y0 <= xy[:, 1]) & (xy[:, 1] < y1)).all()


@given(SIZE, st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_the_corner_of_a_square_belongs_to_the_square_north_east_of_it(size: float, a: int, b: int) -> None:
    lattice = Lattice("square", size)
    corner = shapely.bounds(polygons(lattice, [(a, b)]))[0, :2]
    assert keys_at(lattice, [corner]).tolist() == [[a, b]]


@given(SIZE, st.lists(st.tuples(WHERE, WHERE), min_size=1, max_size=20), WHERE)
def test_the_hexagon_of_a_point_covers_it_to_within_rounding(
    size: float, points: list[tuple[float, float]], shift: float
) -> None:
    lattice = Lattice("hex", size, (shift, -shift))
    xy = np.array(points)
    own = polygons(lattice, keys_at(lattice, xy))
    assert shapely.distance(own, shapely.points(xy)).max() < 1e-8


def test_the_edges_of_a_hexagon_to_the_west_and_south_are_its_own() -> None:
    lattice = Lattice("hex", 100.0)
    middle = centres(lattice, [(3, -2)])[0]
    height = 100.0 / (2 * np.sqrt(3.0))
    inside = {"west": (-50, 0), "south-west": (-25, -1.5 * height), "south-east": (25, -1.5 * height)}
    outside = {"east": (50, 0), "north-east": (25, 1.5 * height), "north-west": (-25, 1.5 * height)}
    nudge = 1e-9
    for side, step in inside.items():
        assert keys_at(lattice, [middle + np.array(step) * (1 - nudge)]).tolist() == [[3, -2]], side
    for side, step in outside.items():
        assert keys_at(lattice, [middle + np.array(step) * (1 + nudge)]).tolist() != [[3, -2]], side
    assert keys_at(lattice, [middle - np.array([50, 0])]).tolist() == [[3, -2]]
    assert keys_at(lattice, [middle + np.array([50, 0])]).tolist() == [[4, -2]]


@both
def test_bins_cover_the_plane_without_gap_or_overlap(shape: Shape) -> None:
    lattice = Lattice(shape, 90.0, (13.0, 5.0))
    each = polygons(lattice, keys_over(lattice, shapely.box(-500, -400, 500, 400)))
    union = shapely.coverage_union_all(each)
    assert shapely.coverage_is_valid(each)
    assert union.geom_type == "Polygon"
    assert not union.interiors
    assert shapely.area(each) == pytest.approx(np.full(len(each), lattice.area_m2))


@both
def test_the_middle_of_a_bin_lies_in_it(shape: Shape) -> None:
    lattice = Lattice(shape, 33.3)
    key = np.random.default_rng(3).integers(-500, 500, (200, 2))
    assert (keys_at(lattice, centres(lattice, key)) == key).all()
    drawn = shapely.get_coordinates(shapely.centroid(polygons(lattice, key)))
    assert drawn == pytest.approx(centres(lattice, key), abs=1e-6)


def test_hexagons_lie_as_far_apart_as_was_asked() -> None:
    middle = centres(Lattice("hex", 100.0), [(0, 0), (1, 0), (0, 1), (1, -1), (-1, 1)])
    assert np.hypot(*(middle[1:] - middle[0]).T) == pytest.approx(np.full(4, 100.0))


@both
def test_a_city_that_is_larger_keeps_its_bins_where_they_were(shape: Shape) -> None:
    xy = scattered(300)
    some, every = bins(Lattice(shape, 150.0), xy[:100]), bins(Lattice(shape, 150.0), xy)
    assert (every.key[every.position[:100]] == some.key[some.position]).all()


@both
def test_the_origin_can_be_moved(shape: Shape) -> None:
    shift = np.array([30.0, -20.0])
    still, moved = Lattice(shape, 100.0), Lattice(shape, 100.0, (30.0, -20.0))
    key = keys_at(still, scattered(50))
    shifted = shapely.transform(polygons(still, key), lambda corner: corner + shift)
    assert shapely.equals_exact(shifted, polygons(moved, key), 1e-6).all()
    assert (keys_at(moved, scattered(50) + shift) == key).all()


@both
def test_the_order_of_the_points_changes_nothing(shape: Shape) -> None:
    xy = scattered(500)
    order = np.random.default_rng(4).permutation(len(xy))
    plain, mixed = bins(Lattice(shape, 200.0), xy), bins(Lattice(shape, 200.0), xy[order])
    assert (plain.key == mixed.key).all()
    assert (plain.position[order] == mixed.position).all()


@both
def test_an_area_has_its_empty_bins_too(shape: Shape) -> None:
    lattice = Lattice(shape, 100.0)
    area = shapely.Point(50, 50).buffer(700).difference(shapely.box(-200, -200, 200, 200))
    found = bins(lattice, [(0.0, 0.0), (5_000.0, 5_000.0)], within=area)
    inside = {tuple(key) for key in keys_over(lattice, area).tolist()}
    assert {tuple(key) for key in found.key.tolist()} == inside | {
        tuple(key) for key in keys_at(lattice, [(0.0, 0.0), (5_000.0, 5_000.0)]).tolist()
    }
    every = np.mgrid[-20:21, -20:21].reshape(2, -1).T
    shared = shapely.area(shapely.intersection(polygons(lattice, every), area)) > 1e-6
    assert inside == {tuple(key) for key in every[shared].tolist()}


def test_squares_that_only_touch_an_area_are_not_of_it() -> None:
    assert keys_over(Lattice("square", 100.0), shapely.box(0, 0, 200, 100)).tolist() == [[0, 0], [1, 0]]


@both
def test_no_points_have_no_bins_and_one_has_one(shape: Shape) -> None:
    lattice = Lattice(shape, 100.0)
    nothing = bins(lattice, [])
    assert nothing.key.shape == (0, 2)
    assert len(nothing.polygons) == len(nothing.position) == 0
    one = bins(lattice, [(0.0, 0.0)])
    assert one.key.tolist() == [[0, 0]]
    assert one.position.tolist() == [0]
    assert len(keys_over(lattice, shapely.Polygon())) == len(keys_over(lattice, shapely.Point(1, 1))) == 0


@both
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_point_without_a_position_is_refused_and_named(shape: Shape, bad: float) -> None:
    with pytest.raises(CoordinateError, match="Point 1 lies at"):
        bins(Lattice(shape, 100.0), [(0.0, 0.0), (1.0, bad)])


def test_points_beyond_all_bins_and_points_of_another_shape_are_refused() -> None:
    with pytest.raises(CoordinateError, match="too far off"):
        keys_at(Lattice("square", 0.001), [(1e12, 0.0)])
    with pytest.raises(CoordinateError, match="shape"):
        as_points([1.0, 2.0, 3.0])


@pytest.mark.parametrize("size", [0.0, -1.0, np.nan, np.inf])
def test_a_size_that_is_none_is_refused(size: float) -> None:
    with pytest.raises(GridError, match="large"):
        Lattice("square", size)


def test_what_is_no_lattice_is_refused() -> None:
    with pytest.raises(GridError, match="triangle"):
        Lattice("triangle", 100.0)  # type: ignore[arg-type]
    with pytest.raises(GridError, match="moved"):
        Lattice("hex", 100.0, (np.nan, 0.0))
    with pytest.raises(GridError, match="too many bins"):
        keys_over(Lattice("square", 1.0), shapely.box(0, 0, 1e5, 1e5))
    with pytest.raises(GridError, match="invalid"):
        keys_over(Lattice("square", 1.0), shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 5)]))


POSITIONS = st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 4), st.integers(-50, 50)), max_size=60)


@given(POSITIONS)
def test_counts_are_those_of_a_tally_by_hand(rows: list[tuple[int, int, int]]) -> None:
    at, thing, weight = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    found = counts(at, 6, thing=thing, weight=weight / 7)
    raw = Counter(place for place, _, _ in rows)
    known = Counter(place for place, told in {(p, t) for p, t, _ in rows if t >= 0})
    alone = Counter(place for place, told, _ in rows if told < 0)
    assert found.raw.tolist() == [raw[place] for place in range(6)]
    assert found.unique.tolist() == [known[place] + alone[place] for place in range(6)]
    sums = [sum(w for p, _, w in rows if p == place) / 7 for place in range(6)]
    assert found.weighted == pytest.approx(sums, abs=1e-9)


def test_one_who_reports_two_hundred_times_is_one() -> None:
    found = counts([0] * 200 + [1], 3, thing=[7] * 200 + [8])
    assert found.raw.tolist() == [200, 1, 0]
    assert found.unique.tolist() == [1, 1, 0]
    assert found.weighted.tolist() == [200.0, 1.0, 0.0]


def test_sums_of_weights_have_the_same_bits_in_every_order() -> None:
    random = np.random.default_rng(5)
    at, weight, order = random.integers(0, 9, 999), random.normal(size=999), random.permutation(999)
    plain, mixed = counts(at, 9, weight=weight), counts(at[order], 9, weight=weight[order])
    assert plain.weighted.tobytes() == mixed.weighted.tobytes()


def test_things_with_numbers_as_large_as_there_are_count_right() -> None:
    big = 2**62
    assert counts([0, 1, 1, 1], 2, thing=[big, big, 0, big]).unique.tolist() == [1, 2]


def test_counting_refuses_what_it_cannot_count() -> None:
    with pytest.raises(GridError, match="weight is not a number"):
        counts([0, 0], 1, weight=[1.0, np.nan])
    with pytest.raises(GridError, match="no place 3"):
        counts([3], 3)
    with pytest.raises(GridError, match="2 positions, but 1"):
        counts([0, 0], 1, thing=[1])
    assert counts([], 2).raw.tolist() == [0, 0]
