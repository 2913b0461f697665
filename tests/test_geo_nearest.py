"""Every answer is that of asking GEOS for the distance of every pair."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geo.nearest
import geo.nearest_lattice
from geo.index import TIE, LayerIndex
from geo.nearest import NearestIndex
from layers.demo.sources import city as made_city

whole = st.integers(-4, 4).map(float)
real = st.floats(-5, 5, allow_subnormal=False).map(lambda v: v if abs(v) > 1e-9 else 0.0)
coordinate = whole | real
place = st.tuples(coordinate, coordinate)
NOWHERE = shapely.Point(np.nan, 1.0)


@st.composite
def geometries(draw: st.DrawFn) -> shapely.Geometry | None:
    """Points, lines, areas with holes, collections, empties: often on a lattice."""
    kind = draw(st.integers(0, 8))
    if kind == 0:
        return draw(st.sampled_from([None, shapely.Polygon(), shapely.Point(), NOWHERE]))
    if kind == 1:
        return shapely.Point(draw(place))
    if kind == 2:
        return shapely.MultiPoint(draw(st.lists(place, min_size=1, max_size=3)))
    line = shapely.LineString(draw(st.lists(place, min_size=2, max_size=5)))
    if kind in {3, 4}:
        return line
    if kind == 5:
        return shapely.MultiLineString(
            [line, shapely.LineString(draw(st.lists(place, min_size=2, max_size=3)))]
        )
    triangle = shapely.Polygon(draw(st.lists(place, min_size=3, max_size=3)))
    if not triangle.is_valid:
        return None
    if kind == 6:
        return triangle
    holed = shapely.box(-4, -4, 4, 4).difference(triangle)
    return holed if kind == 7 else shapely.GeometryCollection([shapely.GeometryCollection([holed]), line])


layers = st.lists(geometries(), max_size=12)


def probes(geoms: list[shapely.Geometry | None], drawn: list[tuple[float, float]]) -> np.ndarray:
    """Drawn points, every vertex, the middle of every edge, each of these one ulp off, and some of no use."""
    vertices = shapely.get_coordinates(np.array(geoms, dtype=object))
    vertices = vertices[np.isfinite(vertices).all(axis=1)]
    middles = (vertices[:-1] + vertices[1:]) / 2
    xy = np.concatenate([np.array(drawn).reshape(-1, 2), vertices, middles])
    beside = [np.nextafter(xy, np.where(side, np.inf, -np.inf)) for side in ([0, 1], [1, 0])]
    return np.concatenate([xy, *beside, [[np.nan, 0.0], [0.0, np.inf], [300.0, 1e7]]])


def all_distances(geoms: list[shapely.Geometry | None], xy: np.ndarray) -> np.ndarray:
    """Shape (points, geometries): GEOS asked for every pair; infinite where nothing can be found."""
    fresh = np.array(geoms, dtype=object).reshape(-1)
    usable = np.isfinite(shapely.bounds(fresh)).all(axis=1)
    usable &= np.array([np.isfinite(shapely.get_coordinates(geom)).all() for geom in fresh], dtype=bool)
    finite = np.isfinite(xy).all(axis=1)
    away = shapely.distance(fresh[None, :], shapely.points(np.where(finite[:, None], xy, 0.0))[:, None])
    return np.where(finite[:, None] & usable[None, :], away, np.inf)


def check(
    geoms: list[shapely.Geometry | None], xy: np.ndarray, limit: float = np.inf, k: int = 3
) -> NearestIndex:
    """Compare every question with the table of all distances."""
    index, away = NearestIndex(geoms), all_distances(geoms, xy)
    x, y = xy.T
    ranked = np.where(away <= limit, away, np.inf)
    order = np.argsort(ranked, axis=1, kind="stable")[:, :k]
    nearest = np.take_along_axis(ranked, order, axis=1)
    positions, distances = index.k_nearest(x, y, k, limit)
    none = np.isinf(nearest)
    columns = order.shape[1]
    assert (positions[:, columns:] == -1).all()
    assert np.array_equal(positions[:, :columns], np.where(none, -1, order))
    same(distances[:, :columns], np.where(none, np.nan, nearest))
    position, distance = index.nearest(x, y, limit)
    first = np.where(none, -1, order)[:, 0] if columns else np.full(len(xy), -1)
    assert np.array_equal(position, first)
    same(distance, np.where(none, np.nan, nearest)[:, 0] if columns else np.full(len(xy), np.nan))
    radius = min(limit, 2.0)
    point, geom, found = index.within(x, y, radius)
    assert np.array_equal(np.stack([point, geom]), np.stack(np.nonzero(away <= radius)))
    same(found, away[away <= radius])
    assert np.array_equal(index.any_within(x, y, radius), (away <= radius).any(axis=1))
    own = np.linspace(0.0, 2.0, len(geoms))
    assert np.array_equal(index.within_own(x, y, own), (away <= own).any(axis=1))
    one = [index.one(*point, limit) for point in xy[-20:]]
    assert [at for at, _ in one] == position[-20:].tolist()
    assert np.array_equal([far for _, far in one], distance[-20:], equal_nan=True)
    return index


def same(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal to 1e-9, and 0 where and only where that is expected."""
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=0.0)
    assert np.array_equal(found == 0.0, expected == 0.0)


@settings(max_examples=100, deadline=None)
@given(layers, st.lists(place, max_size=8), st.sampled_from([np.inf, 0.0, 1.0, 2.5]), st.integers(1, 4))
def test_any_layer_and_any_point(
    geoms: list[shapely.Geometry | None], drawn: list[tuple[float, float]], limit: float, k: int
) -> None:
    check(geoms, probes(geoms, drawn), limit, k)


@settings(max_examples=40, deadline=None)
@given(layers, st.lists(place, max_size=8))
def test_where_geos_rounds_otherwise_it_is_asked(
    geoms: list[shapely.Geometry | None], drawn: list[tuple[float, float]]
) -> None:
    """As on machines whose GEOS multiplies and adds in one step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geo.nearest, "has_the_bits_of_geos", lambda: False)
        check(geoms, probes(geoms, drawn))


@settings(max_examples=40, deadline=None)
@given(layers, st.lists(place, max_size=8), st.sampled_from([0.0, 1.0, 2.5]))
def test_with_a_tie_it_answers_as_the_index_of_a_layer_does(
    geoms: list[shapely.Geometry | None], drawn: list[tuple[float, float]], limit: float
) -> None:
    """So that it can take its place."""
    geoms = [
        geom if geom is None or np.isfinite(shapely.get_coordinates(geom)).all() else None for geom in geoms
    ]
    xy = probes(geoms, drawn)[:-3]
    x, y = xy.T
    points, index, layer = shapely.points(xy), NearestIndex(geoms, tie_m=TIE), LayerIndex(geoms)
    position, distance = index.nearest(x, y, limit)
    row, geom, away = layer.nearest(points, limit)
    assert np.array_equal(np.flatnonzero(position >= 0), row)
    assert np.array_equal(position[row], geom)
    same(distance[row], away)
    for mine, theirs in zip(index.within(x, y, limit), layer.within(points, limit), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=0.0)
    assert np.array_equal(index.any_within(x, y, limit), layer.any_within(points, limit))
    own = np.linspace(0.0, 2.0, len(geoms))
    assert np.array_equal(index.within_own(x, y, own), layer.within_own(points, own))


def scattered(n: int, side_m: float, seed: int) -> list[shapely.Geometry]:
    """Points, lines, areas and collections in a square of a metric CRS, on a raster of 0.1 m, some twice."""
    rng = np.random.default_rng(seed)
    corner = np.round(rng.uniform(0, side_m, (n, 1, 2)) + np.array([450_000, 4_200_000]), 1)
    path = corner + np.round(rng.normal(0, 30, (n, 6, 2)), 1).cumsum(axis=1)
    kind = rng.integers(0, 5, n)
    made = [
        shapely.Point(path[i, 0]) if kind[i] == 0
        else shapely.LineString(path[i]) if kind[i] == 1
        else shapely.convex_hull(shapely.MultiPoint(path[i])) if kind[i] == 2
        else shapely.MultiLineString([path[i, :3], path[i, 2:]]) if kind[i] == 3
        else shapely.Point(path[i, 0]).buffer(40).difference(shapely.Point(path[i, 0]).buffer(20))
        for i in range(n)
    ]  # fmt: skip
    return made + made[: n // 10]


def around(geoms: list[shapely.Geometry], n: int, seed: int) -> np.ndarray:
    """Points in and around the box of a layer, vertices, and some on edges."""
    rng = np.random.default_rng(seed)
    low_x, low_y, high_x, high_y = shapely.total_bounds(np.array(geoms, dtype=object))
    margin = 0.3 * max(high_x - low_x, high_y - low_y, 1.0)
    random = rng.uniform([low_x - margin, low_y - margin], [high_x + margin, high_y + margin], (n, 2))
    vertices = rng.choice(shapely.get_coordinates(np.array(geoms, dtype=object)), n // 4)
    return np.concatenate(
        [random, np.round(random, 1), vertices, vertices + rng.normal(0, 1e-9, vertices.shape)]
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limit", [np.inf, 50.0])
def test_a_mixed_layer_in_metres(seed: int, limit: float) -> None:
    geoms = scattered(300, 2000.0, seed)
    index = check(geoms, around(geoms, 300, seed), limit)
    assert index.nbytes > 0
    assert len(index) == len(index.geometries) == len(geoms)


def ring(n: int, radius_m: float) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    wave = radius_m * (1 + 0.01 * np.sin(50 * turn))
    return np.column_stack([wave * np.cos(turn), wave * np.sin(turn)])


SKEWED = {
    "one": [shapely.Point(5, 5)],
    "none": [],
    "nothing to find": [None, shapely.Polygon()],
    "all at one spot": [shapely.Point(5, 5)] * 500,
    "a corner and one far out": [*shapely.points(ring(400, 3.0)), shapely.Point(1e7, 1e7)],
    "on one line": [shapely.LineString([(i, 0), (i + 7, 0)]) for i in range(0, 300, 3)] * 2,
    "spokes": [shapely.LineString([(0, 0), end]) for end in ring(200, 1e5)],
    "long lines": [shapely.LineString([(-1e6, i), (1e6, i * i)]) for i in range(100)],
    "huge areas": [shapely.Polygon(ring(20_000, 5e4), [ring(500, 2e4)[::-1]]), shapely.Polygon(ring(9, 4e4))],
    "areas in areas": [shapely.box(-i, -i, i, i) for i in range(1, 200)],
}


@pytest.mark.parametrize("name", SKEWED)
def test_a_skewed_layer(name: str) -> None:
    geoms = SKEWED[name]
    xy = around(geoms, 60, 1) if shapely.get_num_coordinates(geoms).sum() else np.zeros((3, 2))
    check(geoms, np.concatenate([xy, [[0.0, 0.0], [1e7, 1e7], [-1e9, 3.0]]]))


@pytest.mark.parametrize("most", [0, 3])
def test_where_a_square_has_too_long_a_list_the_tree_answers(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geo.nearest_lattice, "MOST", most)
    geoms = scattered(200, 2000.0, 5)
    check(geoms, around(geoms, 200, 5))


def test_many_points_are_answered_on_threads_as_few_are() -> None:
    geoms = scattered(400, 2000.0, 7)
    index, xy = NearestIndex(geoms), around(geoms, 30_000, 7)
    x, y = xy.T
    assert len(x) > 70_000
    limit = np.random.default_rng(0).uniform(-10, 200, len(x))
    limit[::50] = np.nan
    part = slice(3_000, 4_000)
    away = np.where((away := all_distances(geoms, xy[part])) <= limit[part, None], away, np.inf)
    position, distance = index.nearest(x, y, limit)
    found = np.isfinite(away).any(axis=1)
    assert np.array_equal(position[part], np.where(found, away.argmin(axis=1), -1))
    same(distance[part], np.where(found, away.min(axis=1), np.nan))
    positions, distances = index.k_nearest(x, y, 2, limit)
    assert np.array_equal(positions[:, 0], position)
    assert np.array_equal(distances[:, 0], distance, equal_nan=True)
    point, geom, far = index.within(x, y, limit)
    assert np.array_equal(np.unique(point), np.flatnonzero(position >= 0))
    assert np.array_equal(
        np.minimum.reduceat(far, np.flatnonzero(np.diff(point, prepend=-1))), distance[position >= 0]
    )
    rows, cols = np.nonzero(np.isfinite(away))
    mine = (point >= part.start) & (point < part.stop)
    assert np.array_equal(point[mine] - part.start, rows)
    assert np.array_equal(geom[mine], cols)


def test_a_read_only_column_waits_for_no_compiler() -> None:
    """As the columns of tables are."""
    index = NearestIndex([shapely.Point(0, 0)])
    x = np.array([3.0, 4.0])
    index.nearest(x, x)
    known = len(geo.nearest.nearest_of_all.signatures)
    x.flags.writeable = False
    assert index.nearest(x, x[::-1])[1].tolist() == [5.0, 5.0]
    assert index.nearest(3, np.float32(4))[1].tolist() == [5.0]
    assert index.one(3.0, 4.0) == index.one(3, np.float32(4)) == (0, 5.0)
    assert len(geo.nearest.nearest_of_all.signatures) == known
    assert len(geo.nearest.nearest_of_one.signatures) == 1


def test_what_cannot_be_asked_is_refused() -> None:
    index = NearestIndex([shapely.Point(0, 0)])
    with pytest.raises(ValueError, match="k is 0"):
        index.k_nearest([1.0], [1.0], 0)
    with pytest.raises(ValueError, match="entries"):
        index.nearest([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="entries"):
        index.nearest([1.0, 2.0], [1.0, 2.0], [1.0, 2.0, 3.0])


def as_the_tree_of_geos(geoms: np.ndarray, xy: np.ndarray) -> None:
    """Of a layer too large for all distances: as the tree finds it, and of equal distances the first."""
    position, distance = NearestIndex(geoms).nearest(*xy.T)
    points = shapely.points(xy)
    (row, geom), away = shapely.STRtree(geoms).query_nearest(points, return_distance=True)
    first = np.unique(row, return_index=True)[1]
    assert np.array_equal(row[first], np.arange(len(xy)))
    assert np.array_equal(position, np.minimum.reduceat(geom, first))
    same(distance, away[first])


@pytest.mark.filterwarnings("ignore:Measured")
def test_lamps_and_roads_of_a_real_city(shared_data: Path) -> None:
    roads = geopandas.read_file(shared_data / "dc" / "roads.shp", columns=[])
    lamps = pd.read_csv(shared_data / "dc" / "streetlights.csv", encoding="utf-8-sig")
    lamps = geopandas.GeoSeries.from_xy(lamps.XCOORD, lamps.YCOORD, crs=4326).to_crs(roads.crs)
    streets = shapely.force_2d(roads.geometry.to_numpy())
    lamps = lamps.to_numpy()
    both = np.concatenate([streets, lamps])
    xy = np.concatenate([around(list(both), 4_000, 1), shapely.get_coordinates(lamps)])
    for layer in (lamps, streets, both):
        as_the_tree_of_geos(layer, xy)


def test_the_layers_of_the_demonstration_city() -> None:
    tables = made_city(320613).tables
    for role, table in tables.items():
        if role.startswith(("asset:", "area:", "grid:")):
            geoms = table.geometry.to_numpy()
            as_the_tree_of_geos(geoms, around(list(geoms), 1_000, 2))
