"""Repair makes polygons valid, keeps their area, and refuses what would take forever."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.repair import repair

BOW_TIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
SQUARE = shapely.box(0, 0, 1, 1)
SPIKE = shapely.Polygon([(0, 0), (1, 1), (0, 0)])


def array(*geoms: shapely.Geometry | None) -> np.ndarray:
    out = np.empty(len(geoms), dtype=object)
    out[:] = geoms
    return out


def test_valid_missing_and_empty_geometries_stay_as_they_are() -> None:
    given = array(SQUARE, None, shapely.Polygon(), shapely.Point(1, 2))
    mended = repair(given)
    assert list(mended.geoms) == list(given)
    assert mended.repaired.size == mended.refused.size == 0
    assert mended.reasons == ()


def test_a_bow_tie_keeps_both_wings_and_says_where_it_crossed() -> None:
    mended = repair(array(SQUARE, BOW_TIE))
    assert mended.repaired.tolist() == [1]
    assert shapely.is_valid(mended.geoms).all()
    assert mended.geoms[1].area == pytest.approx(2.0)
    assert mended.reasons == ("Self-intersection[1 1]",)


def test_what_collapses_is_empty_and_not_a_line() -> None:
    mended = repair(array(SPIKE))
    assert mended.repaired.tolist() == [0]
    assert mended.geoms[0].is_empty


def test_rings_that_share_an_edge_after_one_pass_are_joined() -> None:
    ring = [(1, 2), (0, 0), (0, 1), (1, 2), (0, 2), (0, 1)]
    mended = repair(array(shapely.Polygon(ring)))
    assert shapely.is_valid(mended.geoms).all()
    assert mended.geoms[0].area == pytest.approx(1.0)


def test_too_many_vertices_are_refused_with_the_reason() -> None:
    mended = repair(array(BOW_TIE, SQUARE), max_vertices=4)
    assert mended.refused.tolist() == [0]
    assert mended.geoms[0] is None
    assert mended.geoms[1] == SQUARE
    assert mended.reasons == ("Self-intersection[1 1]",)


def test_the_input_is_not_changed() -> None:
    given = array(BOW_TIE)
    repair(given)
    assert given[0] is BOW_TIE


def tangle(vertices: int) -> shapely.Polygon:
    return shapely.Polygon(np.random.default_rng(7).uniform(0, 1, (vertices, 2)))


@pytest.mark.parametrize("vertices", [200, 5_000, 20_000])
def test_a_random_ring_is_repaired_or_refused_within_seconds(vertices: int) -> None:
    started = time.process_time()  # of the processor: others may be at work
    mended = repair(array(tangle(vertices)))
    assert time.process_time() - started < 5
    assert (mended.repaired.size, mended.refused.size) == ((1, 0) if vertices == 200 else (0, 1))


def test_a_long_boundary_with_one_crossing_is_not_taken_for_a_tangle() -> None:
    angles = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    ring[[100, 101]] = ring[[101, 100]]
    mended = repair(array(shapely.Polygon(ring)))
    assert mended.repaired.tolist() == [0]
    assert mended.geoms[0].area == pytest.approx(np.pi, rel=1e-4)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=12))
def test_whatever_comes_back_is_valid_and_two_dimensional(ring: list[tuple[int, int]]) -> None:
    mended = repair(array(shapely.Polygon(ring)))
    assert shapely.is_valid(mended.geoms).all()
    assert shapely.is_empty(mended.geoms[0]) or shapely.get_dimensions(mended.geoms[0]) == 2
