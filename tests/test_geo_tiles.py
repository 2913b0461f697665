"""Tile arithmetic: each place on one tile, shapes on it within a unit of what GEOS cuts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import NotFoundError
from geo.tiles import (
    EXTENT,
    MOST_LAT,
    MOST_ZOOM,
    Tile,
    clipped,
    line_runs,
    on_tile,
    place_units,
    point_runs,
    ring_runs,
    simplified,
    squares_of,
    to_lnglat,
    to_units,
    to_world,
    world_geometries,
)

LNG = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 0.0, 90.0, 120.9375])
LAT = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0, MOST_LAT, -MOST_LAT])
ZOOM = st.integers(0, MOST_ZOOM)


def tile_at(lng: float, lat: float, z: int) -> Tile:
    (column,), (row,) = squares_of(*to_world(np.array([lng]), np.array([lat])), z)
    return Tile.checked(z, int(column), int(row))


# ---- places


def test_known_places_are_on_their_known_tiles() -> None:
    """Values of the slippy map's own formula."""
    for lng, lat, z, x, y in (
        (120.86, 32.01, 12, 3423, 1663),
        (-87.65, 41.9, 10, 262, 380),
        (9.5, 47.1, 5, 16, 11),
    ):
        n = 2**z
        assert x == int((lng + 180) / 360 * n)
        assert y == int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
        assert tile_at(lng, lat, z) == Tile(z, x, y)


@given(LNG, LAT)
def test_a_place_comes_back(lng: float, lat: float) -> None:
    back = to_lnglat(*to_world(lng, lat))
    assert back[0] == pytest.approx(lng, abs=1e-9)
    assert back[1] == pytest.approx(min(max(lat, -MOST_LAT), MOST_LAT), abs=1e-9)


@given(LNG, LAT, ZOOM)
def test_a_place_is_on_one_tile_and_in_its_box(lng: float, lat: float, z: int) -> None:
    tile = tile_at(lng, lat, z)
    x, y = to_world(np.array([lng]), np.array([lat]))
    near = [
        Tile(z, tile.x + dx, tile.y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)
        if 0 <= tile.x + dx < 2**z and 0 <= tile.y + dy < 2**z
    ]  # fmt: skip
    assert [one for one in near if on_tile(x, y, one)[0]] == [tile]
    box = tile.degrees()
    assert box.west <= lng <= box.east
    assert box.south <= lat <= box.north
    units = place_units(np.column_stack((x, y)), tile)[0]
    assert ((units >= 0) & (units < EXTENT)).all()


@given(LNG, LAT, st.integers(1, MOST_ZOOM))
def test_a_tile_lies_in_the_one_above(lng: float, lat: float, z: int) -> None:
    tile, above = tile_at(lng, lat, z), tile_at(lng, lat, z - 1)
    assert (tile.x // 2, tile.y // 2) == (above.x, above.y)


def test_what_has_no_position_is_on_no_tile() -> None:
    x, y = to_world(np.array([np.nan, 120.0, np.nan]), np.array([32.0, np.nan, np.nan]))
    assert not on_tile(x, y, Tile(0, 0, 0)).any()
    assert squares_of(x, y, 3)[0].tolist() == [-1, -1, -1]


@pytest.mark.parametrize(
    "numbers", [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (0, 0, 1), (10**9, 1, 1)]
)
def test_a_tile_that_cannot_be_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(NotFoundError, match="no tile"):
        Tile.checked(*numbers)


# ---- shapes


def some_polygon(rng: np.random.Generator) -> shapely.Geometry:
    """A star with a hole, somewhere about the tile, of any size."""
    count = int(rng.integers(3, 40))
    turns = np.sort(rng.uniform(0, 2 * np.pi, count))
    reach = rng.uniform(0.3, 1, count) * 10 ** rng.uniform(-6, -2.5)
    middle = np.array((0.8357, 0.4061)) + rng.uniform(-0.001, 0.003, 2)
    ring = middle + np.column_stack((np.cos(turns), np.sin(turns))) * reach[:, None]
    return shapely.buffer(shapely.Polygon(ring, [middle + (ring - middle) * 0.2]), 0)


TILE = Tile(9, 427, 207)


@given(st.integers(0, 2**32 - 1))
def test_areas_are_within_a_unit_of_what_geos_cuts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = np.array([some_polygon(rng) for _ in range(6)], dtype=object)
    cut = clipped(areas, TILE.box(64))
    runs = ring_runs(simplified(cut, 0.25 * TILE.unit), TILE)
    west, north, _, _ = TILE.box()
    exact = shapely.transform(
        shapely.intersection(areas, shapely.box(*TILE.box(64))), lambda xy: (xy - (west, north)) / TILE.unit
    )
    for at, wanted in enumerate(exact):
        got = shapely.union_all(_areas_of(runs, at))
        # Both ways within a unit; what is narrower than two may be gone.
        assert shapely.difference(got, shapely.buffer(wanted, 1.02)).area < 1e-6
        assert shapely.difference(shapely.buffer(wanted, -1.02), shapely.buffer(got, 1e-6)).area < 1e-6


def _rings_of(runs: object, owner: int) -> list[np.ndarray]:
    begins = np.cumsum(runs.size) - runs.size  # type: ignore[attr-defined]
    return [
        runs.xy[begin : begin + size]  # type: ignore[attr-defined]
        for begin, size, own in zip(begins, runs.size, runs.owner, strict=True)  # type: ignore[attr-defined]
        if own == owner
    ]


def _areas_of(runs: object, owner: int) -> list[shapely.Geometry]:
    """The areas of an owner, its rings read as the format says: a clockwise one begins a new area."""
    areas: list[shapely.Geometry] = []
    for ring in _rings_of(runs, owner):
        polygon = shapely.make_valid(shapely.Polygon(ring))
        if _twice_area(ring) > 0:
            areas.append(polygon)
        else:
            areas[-1] = shapely.difference(areas[-1], polygon)
    return areas


def _twice_area(ring: np.ndarray) -> int:
    x, y = ring.T
    return int((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


@given(st.integers(0, 2**32 - 1))
def test_lines_are_within_a_unit_of_what_geos_cuts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = np.array((0.8357, 0.4061)) + rng.uniform(-0.001, 0.003, (10, 8, 2))
    lines = np.asarray(shapely.linestrings(places))
    runs = line_runs(simplified(clipped(lines, TILE.box(64)), 0.25 * TILE.unit), TILE)
    west, north, _, _ = TILE.box()
    exact = shapely.transform(
        shapely.intersection(lines, shapely.box(*TILE.box(64))), lambda xy: (xy - (west, north)) / TILE.unit
    )
    for at, wanted in enumerate(exact):
        got = shapely.MultiLineString([shapely.LineString(run) for run in _rings_of(runs, at)])
        if got.is_empty:
            assert wanted.is_empty or wanted.length < 2
        else:
            assert shapely.hausdorff_distance(got, wanted) <= 1.0 or wanted.geom_type != "LineString"
            assert shapely.buffer(wanted, 1.0).covers(got)


def test_no_ring_says_a_vertex_twice_in_turn_or_comes_back() -> None:
    box = shapely.box(*TILE.box(-1000))
    (runs,) = [ring_runs(np.array([box], dtype=object), TILE)]
    assert runs.size.tolist() == [4]
    assert sorted(map(tuple, runs.xy.tolist())) == [(1000, 1000), (1000, 3096), (3096, 1000), (3096, 3096)]
    assert _twice_area(runs.xy) > 0


def test_holes_turn_the_other_way_and_go_with_what_is_around_them() -> None:
    west, north, _, _ = TILE.box()
    frame = shapely.box(0, 0, 100, 100).difference(shapely.box(20, 20, 80, 80))
    tiny = shapely.box(200, 200, 200.3, 200.3).difference(shapely.box(200.1, 200.1, 200.2, 200.2))
    areas = np.array([frame, tiny, None, shapely.Polygon()], dtype=object)
    placed = shapely.transform(areas, lambda xy: xy * TILE.unit + (west, north))
    runs = ring_runs(placed, TILE)
    assert runs.owner.tolist() == [0, 0]
    assert [_twice_area(ring) > 0 for ring in _rings_of(runs, 0)] == [True, False]


def test_points_are_on_their_tile_alone() -> None:
    rng = np.random.default_rng(5)
    xy = rng.uniform(0, 1, (500, 2))
    points = np.asarray(shapely.points(xy))
    found = [point_runs(points, Tile(2, x, y)).owner for x in range(4) for y in range(4)]
    assert sorted(np.concatenate(found).tolist()) == list(range(500))


def test_what_meets_a_box_only_at_its_border_leaves_no_area() -> None:
    _, north, east, south = TILE.box()
    beside = shapely.box(east, north, east + 0.001, south)
    assert len(ring_runs(clipped(np.array([beside], dtype=object), TILE.box()), TILE)) == 0


# ---- from degrees


def test_long_edges_bend_as_the_projection_does() -> None:
    """Straight in degrees: the middle of a long edge is where that place is, not half-way on the map."""
    line = np.array([shapely.linestrings([(120.0, 30.0), (121.0, 36.0)])], dtype=object)
    (bent,) = world_geometries(line)
    middle = shapely.points(*to_world(120.5, 33.0))
    assert bent.distance(middle) * 40_075_016 < 0.6
    assert shapely.linestrings(shapely.get_coordinates(bent)[[0, -1]]).distance(middle) * 40_075_016 > 500


def test_none_and_empty_stay_and_poles_are_the_worlds_border() -> None:
    shapes = np.array([None, shapely.Point(), shapely.Point(0, 90), shapely.Point(180, -90)], dtype=object)
    out = world_geometries(shapes)
    assert out[0] is None
    assert out[1].is_empty
    assert (out[2].x, out[2].y) == (0.5, pytest.approx(0.0, abs=1e-12))
    assert (out[3].x, out[3].y) == (1.0, pytest.approx(1.0, abs=1e-12))


def test_units_count_from_the_north_west() -> None:
    west, north, east, south = TILE.box()
    assert to_units(np.array([[west, north], [east, south]]), TILE).tolist() == [[0, 0], [EXTENT, EXTENT]]
