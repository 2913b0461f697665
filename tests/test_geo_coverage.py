"""Overlaps and gaps are found where they are, and only there."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from geo.coverage import GapTester, clean, find_gaps, find_overlaps
from geo.crs import MetricCrs

polygons = st.lists(
    st.tuples(st.floats(0, 10), st.floats(0, 10), st.floats(0.5, 6), st.integers(3, 9)),
    min_size=0,
    max_size=7,
).map(lambda specs: np.array([regular(*spec) for spec in specs], dtype=object))


def regular(x: float, y: float, radius: float, corners: int) -> Polygon:
    turn = 2 * math.pi * np.arange(corners) / corners
    return Polygon(np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)]))


def comb(teeth: int, *, lying: bool) -> Polygon:
    """A comb of long teeth; two of them, one lying, cross as often as edges can."""
    x = np.repeat(np.arange(2.0 * teeth), 2)
    y = np.tile([0.0, 2.0 * teeth, 2.0 * teeth, 0.0], teeth)
    xy = np.concatenate([[[0, -1]], np.column_stack([x, y]), [[2 * teeth, 0], [2 * teeth, -1]]])
    return Polygon(xy[:, ::-1] if lying else xy)


@settings(max_examples=150)
@given(polygons, st.sampled_from([0.0, 0.5, 5.0]))
def test_overlaps_are_those_of_every_pair(geoms: np.ndarray, min_area: float) -> None:
    i, j, overlap, area = find_overlaps(geoms, min_area)
    found = {
        pair: a
        for *pair, a in zip(i.tolist(), j.tolist(), area.tolist(), strict=True)
        for pair in [tuple(pair)]
    }
    assert list(found) == sorted(found)
    assert np.allclose(shapely.area(overlap), area)
    for a in range(len(geoms)):
        for b in range(a + 1, len(geoms)):
            expected = geoms[a].intersection(geoms[b]).area
            if abs(expected - min_area) > 1e-9:
                assert ((a, b) in found) == (expected > min_area)
                assert found.get((a, b), expected) == pytest.approx(expected)


def test_neighbours_do_not_overlap_but_twins_and_nested_ones_do() -> None:
    geoms = np.array(
        [box(0, 0, 2, 2), box(2, 0, 4, 2), box(0, 0, 2, 2), None, box(3, 1, 3.5, 1.5), Polygon()]
    )
    i, j, overlap, area = find_overlaps(geoms, 0.0)
    assert list(zip(i.tolist(), j.tolist(), area.tolist(), strict=True)) == [(0, 2, 4.0), (1, 4, 0.25)]
    assert overlap[1].equals(geoms[4])


def test_an_overlap_is_a_polygon_even_where_edges_touch_beside_it() -> None:
    stair = Polygon([(0, 0), (4, 0), (4, 3), (3, 3), (3, 1), (1, 1), (1, 2), (0, 2)])
    _, _, overlap, area = find_overlaps(np.array([stair, box(0, 0.5, 3, 3)]), 0.0)
    assert overlap[0].geom_type in {"Polygon", "MultiPolygon"}
    assert area[0] == pytest.approx(stair.intersection(box(0, 0.5, 3, 3)).area)


def test_two_combs_are_named_rather_than_measured() -> None:
    """Their overlap would take minutes and gigabytes; a pair beside them is measured all the same."""
    geoms = np.array(
        [comb(600, lying=False), comb(600, lying=True), box(5000, 0, 5002, 2), box(5001, 0, 5003, 2)]
    )
    began = time.process_time()
    i, j, overlap, area = find_overlaps(geoms, 1.0)
    assert time.process_time() - began < 10
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 1), (2, 3)]
    assert overlap[0] is None
    assert math.isnan(area[0])
    assert area[1] == 2.0


def test_many_vertices_alone_are_not_too_complex() -> None:
    circles = shapely.buffer(shapely.points([0.0, 1.0], 0.0), 1.0, quad_segs=2000)
    assert np.isfinite(find_overlaps(circles, 0.0)[3]).all()


BLOCKS = np.array([box(0, 0, 10, 10), box(11, 0, 20, 10), box(0, 11, 20, 20)])
"""Three blocks with lanes of one metre between them, open to the outside."""


@pytest.mark.parametrize(
    ("x", "y", "gap"),
    [
        (10.5, 5, True),  # in the lane
        (10.5, 10.5, True),  # where the lanes meet
        (5, 10.5, True),
        (10 + 1e-9, 5, True),  # hard by the wall
        (10 + 1e-9, 9.5, True),
        (-5, 5, False),  # outside
        (-1e-9, 5, False),
        (20.3, 9.9, False),  # outside, near the mouth of a lane
        (10.5, -5, False),
        (15, 25, False),
        (math.nan, 5, False),
        (math.inf, 5, False),
    ],
)
def test_a_lane_between_blocks_is_a_gap_and_the_outside_is_not(x: float, y: float, gap: bool) -> None:
    assert GapTester(BLOCKS, 2.0).inside(x, y).tolist() == [gap]


def test_a_lane_wider_than_the_limit_is_outside() -> None:
    assert not GapTester(BLOCKS, 0.9).inside(10.5, 5).any()
    assert GapTester(BLOCKS, 1.0).inside(10.5, 5).all()  # the limit itself is narrow enough


def test_a_hole_is_a_gap_however_wide_unless_it_is_an_enclave() -> None:
    ring = [box(0, 0, 300, 100), box(0, 200, 300, 300), box(0, 100, 100, 200), box(200, 100, 300, 200)]
    assert GapTester(np.array(ring), 1.0).inside([150, 350], [150, 150]).tolist() == [True, False]
    assert GapTester(np.array(ring), 1.0, max_hole_m2=1e4).inside(150, 150).all()
    assert not GapTester(np.array(ring), 1.0, max_hole_m2=9999).inside(150, 150).any()


def test_a_chamber_with_a_narrow_mouth_is_a_gap() -> None:
    """Two edges that were drawn twice leave a crack from the hole to the outside: still a hole."""
    walls = [box(0, 0, 300, 100), box(0, 200, 300, 300), box(0, 100, 100, 200), box(200, 100.001, 300, 200)]
    geoms = np.array(walls)
    assert not shapely.get_num_interior_rings(shapely.union_all(geoms))
    assert GapTester(geoms, 1.0).inside([150, 250], [150, 100.0005]).all()
    found, _, kind = find_gaps(geoms, 1.0, 1.0)
    assert kind.tolist() == ["slit"]
    assert found[0].area == pytest.approx(10_000.1, abs=0.1)


def test_a_bay_of_one_cell_is_outside() -> None:
    notched = box(0, 0, 20, 20).difference(box(10, 5, 11, 20))
    assert not GapTester(np.array([notched, box(40, 0, 50, 10)]), 2.0).inside(10.5, 12).any()
    assert len(find_gaps(np.array([notched, box(40, 0, 50, 10)]), 2.0, 0.0)[0]) == 0


def test_a_wide_corner_between_two_cells_is_outside() -> None:
    """In an L of two cells both are near, but not on opposite sides."""
    corner = GapTester(np.array([box(0, 0, 10, 10), box(10, -10, 20, 0)]), 2.0)
    assert not corner.inside([10.3, 9.7], [0.3, -0.3]).any()
    side_by_side = GapTester(np.array([box(0, 0, 10, 10), box(10, 0, 20, 10)]), 2.0)
    assert not side_by_side.inside([10.1, 10.0, 9.9], [-0.2, -1e-9, 10.2]).any()


@given(st.floats(0.1, 3), st.floats(0, 2 * math.pi), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_lanes_are_gaps_in_any_direction(width: float, turn: float, along: float, across: float) -> None:
    pair = np.array([box(-50, 0, 50, 40), box(-50, -40 - width, 50, -width)])
    at = shapely.Point(-50 + 100 * along, -width * across)
    *turned, point = shapely.transform(
        np.array([*pair, at]),
        lambda xy: xy @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]),
    )
    geoms = np.array(turned)
    assert GapTester(geoms, width * 1.001).inside(point.x, point.y).all()
    assert not GapTester(geoms, width * 0.999).inside(point.x, point.y).any()


def test_no_cells_no_gaps() -> None:
    for geoms in (np.array([], dtype=object), np.array([None, Polygon()], dtype=object)):
        assert not GapTester(geoms, 2.0).inside([0.0, 1.0], [0.0, 1.0]).any()
        assert [len(part) for part in find_gaps(geoms, 2.0, 0.0)] == [0, 0, 0]
        assert [len(part) for part in find_overlaps(geoms, 0.0)] == [0, 0, 0, 0]


def test_threads_share_a_tester() -> None:
    tester = GapTester(BLOCKS, 2.0)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: tester.inside(10.5, 5)[0], range(32)))


def test_gaps_are_listed_largest_first_with_their_kind() -> None:
    block = box(0, 0, 30, 30).difference(shapely.union_all([box(5, 5, 8, 8), box(20, 20, 21, 21)]))
    geoms = np.array([block, box(30.5, 0, 40, 30), box(6, 6, 7, 7)])
    found, area, kind = find_gaps(geoms, 1.0, 0.5)
    assert kind.tolist() == ["slit", "hole", "hole"]
    assert area == pytest.approx([15.0, 8.0, 1.0])  # the island in the hole is not missing
    assert all(shapely.is_valid(found))
    assert len(find_gaps(geoms, 1.0, 8.5)[0]) == 1
    assert find_gaps(geoms, 0.4, 0.5)[2].tolist() == ["hole", "hole"]


def test_a_proposal_has_neither_overlaps_nor_narrow_gaps() -> None:
    geoms = np.array([box(0, 0, 10, 10), None, box(9.5, 0, 20, 10), box(0, 10.2, 20, 20), Polygon()])
    out, moved = clean(geoms, max_gap_m=0.5)
    assert out[1] is None
    assert out[4].is_empty
    assert shapely.coverage_is_valid(out[[0, 2, 3]])
    assert shapely.union_all(out[[0, 2, 3]]).area == pytest.approx(400, rel=0.02)
    assert moved[[1, 4]].tolist() == [0, 0]
    assert moved.sum() > 4.9
    assert geoms[0].equals(box(0, 0, 10, 10))


def test_a_clean_coverage_stays_as_it_is() -> None:
    grid = np.array([box(x, y, x + 5, y + 5) for x in range(0, 20, 5) for y in range(0, 20, 5)])
    out, moved = clean(grid)
    assert shapely.equals(out, grid).all()
    assert not moved.any()


@pytest.fixture(scope="module")
def chicago(shared_data: Path) -> np.ndarray:
    pyogrio = pytest.importorskip("pyogrio")
    wkb = pyogrio.raw.read(shared_data / "chicago" / "chicagocomm.shp")[2]
    return MetricCrs("EPSG:32616").geometries(shapely.from_wkb(wkb))


def test_chicago_has_no_overlaps_and_three_holes(chicago: np.ndarray) -> None:
    """Its suburbs within: the largest, of 8 km², are Norridge and Harwood Heights."""
    assert len(find_overlaps(chicago, 1.0)[0]) == 0
    _, area, kind = find_gaps(chicago, 3.0, 100.0)
    assert kind.tolist() == ["hole"] * 3
    assert area[0] == pytest.approx(7.99e6, rel=0.01)


def test_just_outside_chicago_is_outside(chicago: np.ndarray) -> None:
    outer = shapely.get_exterior_ring(shapely.get_parts(shapely.union_all(chicago)))
    outer = outer[np.argmax(shapely.length(outer))]
    around = shapely.get_exterior_ring(shapely.buffer(shapely.Polygon(outer), 5.0))
    spots = shapely.line_interpolate_point(around, np.linspace(0, 1, 500), normalized=True)
    assert not GapTester(chicago, 3.0).inside(shapely.get_x(spots), shapely.get_y(spots)).any()
