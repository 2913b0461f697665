"""Both indexes answer exactly what asking every geometry would."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from geo.errors import CoordinateError
from geo.index import TIE, LayerIndex, LiveIndex

small = st.integers(-3, 3).map(float)
# No coordinate is so small, but zero, that its square underflows.
wide = st.floats(-4, 4, allow_subnormal=False).map(lambda v: v if abs(v) > 1e-9 else 0.0)
coordinate = small | wide
place = st.tuples(coordinate, coordinate)


@st.composite
def geometries(draw: st.DrawFn) -> shapely.Geometry | None:
    """Points, lines, polygons with holes, collections, empties: often on a lattice."""
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return draw(st.sampled_from([None, shapely.Polygon(), shapely.Point()]))
    if kind == 1:
        return shapely.Point(draw(place))
    if kind == 2:
        return shapely.LineString(draw(st.lists(place, min_size=2, max_size=4)))
    box = shapely.box(*sorted(draw(st.tuples(small, small))), *sorted(draw(st.tuples(small, small))))
    triangle = shapely.Polygon(draw(st.lists(place, min_size=3, max_size=3)))
    if kind == 3:
        return box if box.area else None
    if kind == 4:
        return triangle if triangle.is_valid and triangle.area else None
    hole = shapely.box(-3, -3, 3, 3).difference(triangle) if triangle.is_valid else shapely.box(-3, -3, 3, 3)
    return hole if kind == 5 else shapely.GeometryCollection([hole, shapely.Point(draw(place))])


def probes(geoms: list[shapely.Geometry | None], random: list[tuple[float, float]]) -> np.ndarray:
    """Random points, every vertex, the middle of every edge, and each of these moved by one ulp."""
    vertices = shapely.get_coordinates(np.array(geoms, dtype=object))
    middles = (vertices[:-1] + vertices[1:]) / 2
    xy = np.concatenate([np.array(random).reshape(-1, 2), vertices, middles])
    beside = [np.nextafter(xy, np.where(side, np.inf, -np.inf)) for side in ([0, 1], [1, 0], [1, 1], [0, 0])]
    return np.concatenate([xy, *beside, [[np.nan, 0.0], [0.0, np.inf]]])


def all_pairs(geoms: list[shapely.Geometry | None], xy: np.ndarray) -> list[tuple[int, int]]:
    fresh = np.array(geoms, dtype=object)
    finite = np.isfinite(xy).all(axis=1)
    points = shapely.points(np.where(finite[:, None], xy, 1e9))
    return [(p, g) for p, g in zip(*np.nonzero(shapely.covers(fresh[None, :], points[:, None])), strict=True)]


@settings(max_examples=150)
@given(st.lists(geometries(), max_size=6), st.lists(place, max_size=5))
def test_covering_equals_geos_for_every_point(
    geoms: list[shapely.Geometry | None], random: list[tuple[float, float]]
) -> None:
    xy = probes(geoms, random)
    point, geom = LayerIndex(geoms).covering_xy(*xy.T)
    assert list(zip(point.tolist(), geom.tolist(), strict=True)) == all_pairs(geoms, xy)


def test_covering_equals_geos_on_a_real_city(shared_data: Path) -> None:
    """Every vertex of Chicago's areas and one ulp beside, where areas share their edges."""
    pyogrio = pytest.importorskip("pyogrio")
    _, _, wkb, _ = pyogrio.raw.read(shared_data / "chicago" / "chicagocomm.shp")
    geoms = shapely.from_wkb(wkb)
    xy = shapely.get_coordinates(geoms)[::7]
    xy = np.concatenate([xy, np.nextafter(xy, np.inf)])
    index = LayerIndex(geoms)
    point, geom = index.covering_xy(*xy.T)
    near, candidate = shapely.STRtree(geoms).query(shapely.points(xy))
    covers = shapely.covers(shapely.from_wkb(wkb)[candidate], shapely.points(xy)[near])
    assert set(zip(point.tolist(), geom.tolist(), strict=True)) == set(
        zip(near[covers].tolist(), candidate[covers].tolist(), strict=True)
    )
    assert len(point) > len(xy) / 2


def test_covering_takes_points_and_passes_over_none() -> None:
    index = LayerIndex([shapely.box(0, 0, 1, 1), None, shapely.box(1, 0, 2, 1)])
    points = np.array([None, shapely.Point(1, 0.5), shapely.Point(), shapely.Point(0, 0)])
    point, geom = index.covering(points)
    assert (point.tolist(), geom.tolist()) == ([1, 1, 3], [0, 2, 0])
    assert len(index) == 3


def test_an_index_owns_its_layer() -> None:
    """What the caller does to his array afterwards changes nothing."""
    geoms = np.array([shapely.box(0, 0, 1, 1)])
    index = LayerIndex(geoms)
    geoms[0] = shapely.box(5, 5, 6, 6)
    assert index.covering_xy(0.5, 0.5)[1].tolist() == [0]


@pytest.mark.parametrize("geoms", [[], [None], [shapely.Polygon(), None]])
def test_an_empty_layer_finds_nothing(geoms: list[shapely.Geometry | None]) -> None:
    index = LayerIndex(geoms)
    points = shapely.points([0.0, 1.0], [0.0, 1.0])
    assert [len(a) for a in index.covering(points)] == [0, 0]
    assert [len(a) for a in index.nearest(points, math.inf)] == [0, 0, 0]
    assert len(index.in_box(-9, -9, 9, 9)) == 0


@settings(max_examples=150)
@given(
    st.lists(geometries(), max_size=6),
    st.lists(place, min_size=1, max_size=5),
    st.sampled_from([0.0, 0.5, 1.0, math.sqrt(2), math.inf]),
)
def test_nearest_is_the_first_of_the_nearest(
    geoms: list[shapely.Geometry | None], places: list[tuple[float, float]], reach: float
) -> None:
    points = shapely.points(places)
    point, geom, distance = LayerIndex(geoms).nearest(points, reach)
    expected = []
    for p, at in enumerate(points):
        far = shapely.distance(np.array(geoms, dtype=object), at)
        beyond = far - np.nanmin(far, initial=math.inf)
        assume(not ((beyond > TIE / 2) & (beyond < TIE * 2)).any())  # neither surely a tie nor surely none
        if len(far) and not np.isnan(far).all() and np.nanmin(far) <= reach:
            expected.append((p, int(np.flatnonzero(far <= np.nanmin(far) + TIE)[0]), np.nanmin(far)))
    assert list(zip(point.tolist(), geom.tolist(), distance.tolist(), strict=True)) == expected


def test_the_reach_may_differ_from_point_to_point_and_is_inclusive() -> None:
    index = LayerIndex([shapely.Point(0, 0), shapely.Point(10, 0)])
    points = np.array(
        [shapely.Point(1, 0), shapely.Point(2, 0), shapely.Point(3, 0), shapely.Point(10, 0), None]
    )
    point, geom, distance = index.nearest(points, [1.0, 1.999, math.nan, 0.0, 5.0])
    assert (point.tolist(), geom.tolist(), distance.tolist()) == ([0, 3], [0, 1], [1.0, 0.0])


def test_a_distance_too_small_to_square_is_within_a_reach_of_nothing() -> None:
    index = LayerIndex([shapely.Point(8e-266, 1)])
    assert index.nearest(shapely.points([[0.0, 1.0]]), 0.0)[1].tolist() == [0]


def test_a_shared_edge_walked_both_ways_is_a_tie() -> None:
    """The two distances differ in their last bit; the first geometry must win all the same."""
    rng = np.random.default_rng(5)
    a, b = rng.uniform(0, 1000, (2, 500, 2))
    lines = np.array(
        [shapely.linestrings(np.stack([a, b], axis=1)), shapely.linestrings(np.stack([b, a], axis=1))]
    )
    points = shapely.points(rng.uniform(0, 1000, (500, 2)))
    assert (shapely.distance(lines[0], points) != shapely.distance(lines[1], points)).any()
    firsts = [LayerIndex(pair).nearest(at, math.inf)[1][0] for pair, at in zip(lines.T, points, strict=True)]
    assert not any(firsts)


def test_a_box_finds_what_it_touches() -> None:
    diagonal = shapely.LineString([(0, 0), (10, 10)])
    index = LayerIndex([shapely.box(0, 0, 1, 1), diagonal, None, shapely.box(5, 5, 6, 6)])
    assert index.in_box(1, 1, 2, 2).tolist() == [0, 1]
    assert index.in_box(8, 0, 9, 1).tolist() == []  # in the diagonal's box, not on it


def test_boundaries_are_those_of_geos() -> None:
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    index = LayerIndex([ring, shapely.LineString([(0, 0), (5, 0)])])
    points = shapely.points([0, 3, 1, 4, 0, 2], [5, 4, 1, 4, 0, 0])
    on = index.on_boundary(points, np.array([0, 0, 0, 0, 1, 1]))
    assert on.tolist() == [True, True, False, False, True, False]


def test_threads_share_an_index() -> None:
    rng = np.random.default_rng(11)
    geoms = shapely.buffer(shapely.points(rng.uniform(0, 100, (300, 2))), rng.uniform(1, 5, 300))
    x, y = rng.uniform(0, 100, (2, 5000))
    index = LayerIndex(geoms)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: index.covering_xy(x, y), range(32)))
    expected = LayerIndex(geoms).covering_xy(x, y)
    assert all(np.array_equal(r, e) for result in results for r, e in zip(result, expected, strict=True))


ids = st.integers(0, 12)


class LiveIndexBesideADict(RuleBasedStateMachine):
    """Whatever is done to both, the index answers what asking every point of a dict would."""

    def __init__(self) -> None:
        super().__init__()
        self.points: dict[int, tuple[float, float]] = {}
        self.index = LiveIndex()

    @initialize(points=st.dictionaries(ids, place))
    def load(self, points: dict[int, tuple[float, float]]) -> None:
        """Begins with points given at once."""
        self.points = dict(points)
        self.index = LiveIndex((id_, x, y) for id_, (x, y) in points.items())

    @rule(id_=ids, at=place)
    def insert(self, id_: int, at: tuple[float, float]) -> None:
        """A taken id is refused."""
        if id_ in self.points:
            with pytest.raises(ValueError, match=str(id_)):
                self.index.insert(id_, *at)
        else:
            self.index.insert(id_, *at)
            self.points[id_] = at

    @rule(id_=ids)
    def remove(self, id_: int) -> None:
        """An unknown id is refused."""
        if id_ in self.points:
            self.index.remove(id_)
            del self.points[id_]
        else:
            with pytest.raises(KeyError):
                self.index.remove(id_)

    @rule(id_=ids, at=place)
    def move(self, id_: int, at: tuple[float, float]) -> None:
        """An unknown id is refused."""
        if id_ in self.points:
            self.index.move(id_, *at)
            self.points[id_] = at
        else:
            with pytest.raises(KeyError):
                self.index.move(id_, *at)

    @rule(id_=ids, bad=st.sampled_from([math.nan, math.inf, -math.inf]))
    def refuse_what_is_not_finite(self, id_: int, bad: float) -> None:
        """Nothing is changed."""
        for change in (self.index.insert, self.index.move):
            with pytest.raises(CoordinateError):
                change(id_, bad, 0.0)

    @rule(a=place, b=place)
    def look_in_a_box(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        """Edges of the box count."""
        (west, east), (south, north) = sorted((a[0], b[0])), sorted((a[1], b[1]))
        inside = [i for i, (x, y) in self.points.items() if west <= x <= east and south <= y <= north]
        assert self.index.in_box(west, south, east, north) == sorted(inside)

    @rule(at=place, k=st.integers(0, 5), reach=st.sampled_from([None, 0.0, 1.0, 2.5]))
    def look_around(self, at: tuple[float, float], k: int, reach: float | None) -> None:
        """By distance, then id."""
        far = sorted((float(np.hypot(x - at[0], y - at[1])), i) for i, (x, y) in self.points.items())
        expected = [(i, d) for d, i in far[:k] if reach is None or d <= reach]
        assert self.index.nearest(*at, k, reach) == expected

    @invariant()
    def holds_the_same_points(self) -> None:
        """The same ids, no more."""
        assert len(self.index) == len(self.points)
        assert all((i in self.index) == (i in self.points) for i in range(13))


TestLiveIndex = LiveIndexBesideADict.TestCase
TestLiveIndex.settings = settings(max_examples=100, stateful_step_count=30)


def test_nearest_to_nowhere_is_nothing() -> None:
    index = LiveIndex([(1, 0.0, 0.0)])
    assert index.nearest(math.nan, 0.0, 3) == []
    assert LiveIndex().nearest(0.0, 0.0, 3) == []


def test_loading_refuses_an_id_twice() -> None:
    with pytest.raises(ValueError, match="7"):
        LiveIndex([(7, 0.0, 0.0), (7, 1.0, 1.0)])
