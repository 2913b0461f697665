"""Neighbours: those whom a look at the map shows, in the order of the input, islands included."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.bins import Lattice, polygons
from geo.errors import CoordinateError, GridError
from geo.neighbours import (
    Weights,
    area_neighbours,
    bin_neighbours,
    islands,
    k_nearest,
    with_self,
    within_distance,
)

Kind = Literal["queen", "rook", "hex"]
KEYS = st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), unique=True, max_size=60)
POINTS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=40)


def dense(weights: Weights) -> NDArray[np.float64]:
    return np.asarray(weights.toarray(), dtype=np.float64)


def shared_border(one: shapely.Geometry, other: shapely.Geometry) -> float:
    return float(shapely.length(shapely.intersection(one, other)))


@pytest.mark.parametrize("kind", ["queen", "rook", "hex"])
@given(keys=KEYS)
def test_bins_that_touch_are_neighbours_and_no_others(kind: Kind, keys: list[tuple[int, int]]) -> None:
    lattice = Lattice("hex" if kind == "hex" else "square", 100.0)
    each = shapely.set_precision(polygons(lattice, keys), 1e-6)
    pairs = [[a is not b and a.intersects(b) for a in each] for b in each]
    touch = np.array(pairs, dtype=bool).reshape([len(each)] * 2)
    if kind == "rook":
        touch &= np.array([[shared_border(a, b) > 1 for a in each] for b in each], bool).reshape(touch.shape)
    assert (dense(bin_neighbours(keys, kind)) == touch).all()


def test_squares_inside_a_grid_have_eight_or_four_neighbours_and_hexagons_six() -> None:
    keys = np.mgrid[0:5, 0:5].reshape(2, -1).T
    assert bin_neighbours(keys, "queen").sum(axis=1)[12] == 8
    assert bin_neighbours(keys, "rook").sum(axis=1)[12] == 4
    assert bin_neighbours(keys, "hex").sum(axis=1)[12] == 6


@pytest.mark.parametrize("kind", ["queen", "rook", "hex"])
@given(keys=KEYS, seed=st.integers(0, 99))
def test_neighbours_of_bins_follow_the_order_of_the_bins(
    kind: Kind, keys: list[tuple[int, int]], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(keys))
    key = np.array(keys, dtype=np.int64).reshape(-1, 2)
    plain, mixed = bin_neighbours(key, kind), bin_neighbours(key[order], kind)
    assert (dense(mixed) == dense(plain)[np.ix_(order, order)]).all()


def test_a_bin_alone_is_an_island_and_said_to_be_one() -> None:
    weights = bin_neighbours([(0, 0), (5, 5), (0, 1)], "queen")
    assert islands(weights).tolist() == [1]
    assert islands(with_self(weights)).tolist() == []
    assert dense(with_self(weights)).tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]


@given(KEYS, st.sampled_from([0.0, 0.5]), st.booleans())
def test_areas_have_the_neighbours_of_the_bins_they_are(
    keys: list[tuple[int, int]], gap: float, corners: bool
) -> None:
    each = polygons(Lattice("square", 100.0), keys)
    weights = area_neighbours(shapely.buffer(each, -0.1, join_style="mitre") if gap else each, gap_m=gap)
    assert (dense(weights) == dense(bin_neighbours(keys, "queen"))).all()
    rook = area_neighbours(each, gap_m=gap, corners=False)
    assert (dense(rook) == dense(bin_neighbours(keys, "rook"))).all()


def test_a_gap_wider_than_allowed_parts_neighbours() -> None:
    pair = [shapely.box(0, 0, 10, 10), shapely.box(10.5, 0, 20, 10)]
    assert area_neighbours(pair).nnz == area_neighbours(pair, gap_m=0.4).nnz == 0
    assert area_neighbours(pair, gap_m=0.5).nnz == 2
    assert area_neighbours(pair, gap_m=0.6, corners=False).nnz == 2


def test_what_has_no_shape_is_an_island() -> None:
    weights = area_neighbours([None, shapely.box(0, 0, 1, 1), shapely.Polygon(), shapely.box(1, 0, 2, 1)])
    assert islands(weights).tolist() == [0, 2]
    assert weights.nnz == 2


@pytest.mark.parametrize(
    ("shapes", "list_", "corners"),
    [("columbus/columbus.shp", "columbus/columbus.gal", True), ("stl/stl_hom.shp", "stl/stl.gal", False)],
)
def test_areas_of_real_maps_have_the_neighbours_of_published_lists(
    shared_data: Path, shapes: str, list_: str, corners: bool
) -> None:
    folder = shared_data / "hotspots"
    rows = (folder / list_).read_text(encoding="ascii").split("\n")
    head, numbers = rows[0].split(), rows[1:]
    published = {
        int(who.split()[0]): {int(each) for each in told.split()}
        for who, told in zip(numbers[::2], numbers[1::2], strict=False)
        if who.strip()
    }
    weights = area_neighbours(gpd.read_file(folder / shapes).geometry.to_numpy(), corners=corners)
    assert weights.shape[0] == int(head[-1])
    found = {
        row + 1: {int(each) + 1 for each in weights.indices[weights.indptr[row] : weights.indptr[row + 1]]}
        for row in range(weights.shape[0])
    }
    assert found == published


@given(POINTS, st.sampled_from([0.0, 1.0, 2.0, 3.5, 5.0]))
def test_points_within_a_distance_are_those_a_ruler_finds(points: list[tuple[int, int]], far: float) -> None:
    xy = np.array(points, dtype=np.float64).reshape(-1, 2)
    away = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    near = (away <= far) & ~np.eye(len(xy), dtype=bool)
    assert (dense(within_distance(points, far)) == near).all()


def test_the_published_grid_has_four_neighbours_at_thirty_metres(shared_data: Path) -> None:
    table = np.loadtxt(shared_data / "hotspots" / "getisord.csv", delimiter=",", skiprows=1)
    number = within_distance(table[:, :2], 30.0).sum(axis=1)
    assert number[119] == 4
    assert number.max() == 4


@given(POINTS, st.integers(1, 7))
def test_the_nearest_are_the_nearest_and_ties_go_to_the_west_and_south(
    points: list[tuple[int, int]], k: int
) -> None:
    found = dense(k_nearest(points, k))
    for row, (x, y) in enumerate(points):
        others = [(np.hypot(a - x, b - y), a, b, n) for n, (a, b) in enumerate(points) if n != row]
        wanted = {n for *_, n in sorted(others)[:k]}
        assert set(np.flatnonzero(found[row]).tolist()) == wanted


def test_the_nearest_of_different_places_do_not_hang_on_their_order() -> None:
    xy = np.mgrid[0:6, 0:6].reshape(2, -1).T * 30.0
    order = np.random.default_rng(2).permutation(len(xy))
    assert (dense(k_nearest(xy[order], 5)) == dense(k_nearest(xy, 5))[np.ix_(order, order)]).all()


def test_nobody_and_somebody_alone_have_no_neighbours() -> None:
    for number in (0, 1):
        xy = [(3.0, 4.0)] * number
        for weights in (
            bin_neighbours(xy, "queen"),
            area_neighbours([shapely.Point(at).buffer(1) for at in xy]),
            within_distance(xy, 10.0),
            k_nearest(xy, 3),
        ):
            assert weights.shape == (number, number)
            assert weights.nnz == 0


def test_what_makes_no_neighbours_is_refused() -> None:
    with pytest.raises(GridError, match="twice"):
        bin_neighbours([(0, 0), (1, 1), (0, 0)], "queen")
    for bad in (-1.0, np.nan):
        with pytest.raises(GridError, match="apart"):
            within_distance([(0, 0)], bad)
        with pytest.raises(GridError, match="apart"):
            area_neighbours([], gap_m=bad)
    with pytest.raises(GridError, match="0 nearest"):
        k_nearest([(0, 0)], 0)
    with pytest.raises(CoordinateError, match="Point 1"):
        within_distance([(0.0, 0.0), (np.nan, 0.0)], 1.0)
    with pytest.raises(CoordinateError, match="Point 1"):
        k_nearest([(0.0, 0.0), (np.nan, 0.0)], 1)
