"""Every answer is that of asking GEOS for the distance of every pair."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geo.nearest
from geo.nearest import NearestIndex

whole = st.integers(-4, 4).map(float)
real = st.floats(-5, 5, allow_subnormal=False).map(lambda v: v if abs(v) > 1e-9 else 0.0)
coordinate = whole | real
place = st.tuples(coordinate, coordinate)


@st.composite
def geometries(draw: st.DrawFn) -> shapely.Geometry | None:
    """Points, lines, areas with holes, collections, empties: often on a lattice."""
    kind = draw(st.integers(0, 8))
    if kind == 0:
        return draw(st.sampled_from([None, shapely.Polygon(), shapely.Point(), shapely.Point(np.nan, 1.0)]))
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
    return index


def same(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal to 1e-9, and 0 where and only where that is expected."""
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=0.0)
    assert np.array_equal(found == 0.0, expected == 0.0)


@settings(max_examples=300, deadline=None)
@given(layers, st.lists(place, max_size=8), st.sampled_from([np.inf, 0.0, 1.0, 2.5]), st.integers(1, 4))
def test_any_layer_and_any_point(
    geoms: list[shapely.Geometry | None], drawn: list[tuple[float, float]], limit: float, k: int
) -> None:
    check(geoms, probes(geoms, drawn), limit, k)


@settings(max_examples=100, deadline=None)
@given(layers, st.lists(place, max_size=8))
def test_where_geos_rounds_otherwise_it_is_asked(
    geoms: list[shapely.Geometry | None], drawn: list[tuple[float, float]]
) -> None:
    """As on machines whose GEOS multiplies and adds in one step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geo.nearest, "has_the_bits_of_geos", lambda: False)
        check(geoms, probes(geoms, drawn))
