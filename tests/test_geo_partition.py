"""The partition index answers exactly what GEOS would of every polygon, on edges and vertices too."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.tilings import partition
from geo import partition_kernels, partition_raster, partition_records
from geo.partition import _MANY, _PART, PartitionIndex, warm_up

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

MODULES = (partition_kernels, partition_raster, partition_records)
small = st.integers(-3, 3).map(float)
wide = st.floats(-4, 4)
coordinate = small | wide
place = st.tuples(coordinate, coordinate)


def beside(xy: Floats) -> Floats:
    """The points, and each moved by one ulp in eight directions."""
    moved = [xy]
    for dx in (-np.inf, 0, np.inf):
        for dy in (-np.inf, 0, np.inf):
            x = np.nextafter(xy[:, 0], dx) if dx else xy[:, 0]
            y = np.nextafter(xy[:, 1], dy) if dy else xy[:, 1]
            moved.append(np.column_stack([x, y]))
    return np.concatenate(moved)


def probes(index: PartitionIndex, most: int = 4_000, seed: int = 0) -> Floats:
    """Vertices, places on edges, one ulp beside them, the lattice's lines, random and far points, NaN."""
    rng = np.random.default_rng(seed)
    xy = shapely.get_coordinates(index.geometries)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return np.zeros((1, 2))
    k = rng.permutation(max(len(xy) - 1, 0))[:most]
    share = rng.random((len(k), 1))
    on_edges = [(xy[k] + xy[k + 1]) / 2, xy[k] + (xy[k + 1] - xy[k]) * share]
    near = beside(np.concatenate([xy[rng.permutation(len(xy))[:most]], *on_edges]))
    low, high = xy.min(axis=0), xy.max(axis=0)
    size = np.maximum(high - low, 1e-9)
    anywhere = rng.uniform(low - size / 10, high + size / 10, (most, 2))
    level = np.column_stack([anywhere[: len(k), 0], xy[k, 1]])  # beside vertices, at their height
    upright = np.column_stack([xy[k, 0], anywhere[: len(k), 1]])
    far = np.array([[1e300, 0], [-1e300, 1e300], [np.nan, 0], [0, np.nan], [np.inf, 0], [0, -np.inf]])
    return np.concatenate([near, anywhere, level, upright, lattice_lines(index, anywhere), far])


def lattice_lines(index: PartitionIndex, anywhere: Floats) -> Floats:
    """The points moved on the nearest lines between the cells, and on the lines of their references."""
    lattice = index._lattice
    if lattice is None:
        return anywhere
    out = []
    for at in (0.0, 0.48630271, 0.51272839):
        x = lattice.x0 + (np.round((anywhere[:, 0] - lattice.x0) * lattice.per_x) + at) / lattice.per_x
        y = lattice.y0 + (np.round((anywhere[:, 1] - lattice.y0) * lattice.per_y) + at) / lattice.per_y
        out += [
            np.column_stack([x, anywhere[:, 1]]),
            np.column_stack([anywhere[:, 0], y]),
            np.column_stack([x, y]),
        ]
    return np.concatenate(out)


def expected(geoms: Objects, xy: Floats) -> tuple[list[int], list[int]]:
    """The pairs as GEOS has them, of copies that nobody has prepared."""
    with np.errstate(invalid="ignore"):
        fresh = shapely.from_wkb(shapely.to_wkb(geoms))
    finite = np.flatnonzero(np.isfinite(xy).all(axis=1))
    points = shapely.points(xy[finite])
    point, geom = shapely.STRtree(fresh).query(points)
    with np.errstate(all="ignore"):
        covers = shapely.covers(fresh[geom], points[point])
    point, geom = finite[point[covers]], geom[covers]
    order = np.lexsort((geom, point))
    return point[order].tolist(), geom[order].tolist()


def check(
    geoms: list[shapely.Geometry | None] | Objects, more: Floats | None = None, most: int = 4_000
) -> int:
    """Compares every answer with GEOS; returns how many pairs there were."""
    index = PartitionIndex(geoms)
    xy = probes(index, most)
    xy = xy if more is None else np.concatenate([xy, beside(more)])
    point, geom = index.covering(*xy.T)
    want = expected(index.geometries, xy)
    assert (point.tolist(), geom.tolist()) == want
    first, (rival_point, rival) = index.first_and_rivals(*xy.T)
    lowest = np.full(len(xy), -1)
    lowest[point[::-1]] = geom[::-1]
    assert first.tolist() == lowest.tolist() == index.first(*xy.T).tolist()
    several = np.bincount(point, minlength=len(xy))[point] > 1
    assert (rival_point.tolist(), rival.tolist()) == (point[several].tolist(), geom[several].tolist())
    for i in range(0, len(xy), max(len(xy) // 50, 1)):
        assert index.one(*xy[i]) == tuple(geom[point == i].tolist())
    return len(point)


@st.composite
def geometries(draw: st.DrawFn) -> shapely.Geometry | None:
    """Boxes, rings, holes, several parts, self-crossing rings, other kinds: often on a lattice."""
    kind = draw(st.integers(0, 8))
    if kind == 0:
        return draw(st.sampled_from([None, shapely.Polygon(), shapely.Point(1, 1), shapely.MultiPolygon()]))
    if kind == 1:
        return shapely.LineString(draw(st.lists(place, min_size=2, max_size=4)))
    box = shapely.box(*sorted(draw(st.tuples(small, small))), *sorted(draw(st.tuples(small, small))))
    ring = shapely.Polygon(draw(st.lists(place, min_size=3, max_size=7)))
    if kind in (2, 3):
        return box
    if kind in (4, 5):
        return ring
    made = shapely.make_valid(ring)
    if kind == 6:
        return shapely.box(-3, -3, 3, 3).difference(made)
    return made if kind == 7 else shapely.MultiPolygon([shapely.box(-3, -3, -2, -2), box])


@settings(max_examples=200)
@given(st.lists(geometries(), max_size=6), st.lists(place, max_size=5))
def test_answers_equal_geos_for_every_point(
    geoms: list[shapely.Geometry | None], random: list[tuple[float, float]]
) -> None:
    check(geoms, np.array(random).reshape(-1, 2), most=50)


@settings(max_examples=50)
@given(st.integers(2, 40), st.integers(0, 3), st.integers(0, 99), st.sampled_from([0.0, 121.5, 4e6, -1e9]))
def test_answers_equal_geos_on_any_partition(polygons: int, halvings: int, seed: int, away: float) -> None:
    layer = partition(polygons, halvings=halvings, seed=seed)
    moved = shapely.transform(layer, lambda xy: xy + away)
    assert check(moved, most=500) > 500


def test_answers_equal_geos_where_cells_are_divided() -> None:
    """A few polygons with very many vertices among many plain ones."""
    layer = partition(400, halvings=1)
    dense = shapely.Point(7, 7).buffer(0.3, quad_segs=1000)
    layer = np.concatenate([shapely.difference(layer, dense), [dense]])
    index = PartitionIndex(layer)
    assert (index._lattice.record[:, 2] > 1).any()
    assert check(layer) > 20_000


def test_answers_equal_geos_on_chicago_s_areas(shared_data: Path) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    _, _, wkb, _ = pyogrio.raw.read(shared_data / "chicago" / "chicagocomm.shp")
    assert check(shapely.from_wkb(wkb)) > 20_000


def test_answers_equal_geos_on_liechtenstein_s_communes(shared_data: Path) -> None:
    """Every administrative area of the extract, which lie in each other, some in several parts."""
    pyogrio = pytest.importorskip("pyogrio")
    path = shared_data / "osm" / "liechtenstein_2021.osm.pbf"
    _, _, wkb, _ = pyogrio.raw.read(path, layer="multipolygons", where="boundary = 'administrative'")
    geoms = shapely.from_wkb(wkb)
    assert len(geoms) >= 11
    assert check(geoms, most=800) > 10_000


def test_answers_equal_geos_on_taiwan_s_villages(shared_data: Path) -> None:
    """7,701 villages, of which seven cross themselves."""
    pyogrio = pytest.importorskip("pyogrio")
    path = shared_data / "taiwan" / "taiwan_villages-10t.topojson"
    _, _, wkb, _ = pyogrio.raw.read(path, layer="villages")
    assert check(shapely.from_wkb(wkb)) > 20_000


@pytest.mark.parametrize("rings", ["overlapping", "nested", "the same twice"])
def test_layers_that_overlap_answer_with_all(rings: str) -> None:
    layer = partition(60)
    if rings == "overlapping":
        layer = np.concatenate([layer, partition(50, seed=1)])
    elif rings == "nested":
        layer = np.array([shapely.Point(5, 5).buffer(r) for r in np.linspace(0.1, 4, 60)])
    else:
        layer = np.concatenate([layer, layer[::-1]])
    assert check(layer, most=1500) > 10_000


def test_holes_islands_and_slivers() -> None:
    layer = partition(60)
    holed = [cell.difference(cell.centroid.buffer(0.1)) for cell in layer]
    islands = [cell.centroid.buffer(0.1) for cell in layer]
    together = [shapely.union_all(islands[i::7]) for i in range(7)]
    slivers = [shapely.Polygon([(0, i), (7, i + 1e-9), (7, i + 2e-9)]) for i in range(7)]
    assert check(np.array([*holed, *together, *slivers], dtype=object)) > 20_000


def test_edges_on_the_axes_of_a_regular_grid() -> None:
    """Squares whose edges meet the lattice's own lines, and points at the height of every edge."""
    squares = [shapely.box(i, j, i + 1, j + 1) for i in range(-8, 8) for j in range(-8, 8)]
    xy = np.stack(np.meshgrid(np.arange(-8, 8.1, 0.25), np.arange(-8, 8.1, 0.25)), axis=-1).reshape(-1, 2)
    assert check(squares, xy) > len(xy)


def test_references_on_edges_are_not_trusted() -> None:
    """Edges laid through the very references of the lattice that the polygons get."""
    frame = PartitionIndex([shapely.box(0, 0, 8, 8)])._lattice
    at = [frame.x0 + (i + 0.48630271) / frame.per_x for i in range(frame.columns)][3::7]
    up = [frame.y0 + (i + 0.51272839) / frame.per_y for i in range(frame.rows)][2::5]
    layer = [shapely.box(0, 0, x, y) for x, y in zip(at, up, strict=False)]
    layer += [shapely.Polygon([(0, 0), (8, 0), (x, y)]) for x, y in zip(at, up, strict=False)]
    assert check([shapely.box(0, 0, 8, 8), *layer]) > 20_000


@pytest.mark.parametrize("scale", [1e-320, 1e-170, 1e-90, 1e-12, 1e12, 1e90, 1e160, 1e300])
def test_extreme_sizes(scale: float) -> None:
    layer = shapely.transform(partition(9, halvings=1), lambda xy: xy * scale)
    xy = np.random.default_rng(0).uniform(-1, 4, (500, 2)) * scale
    check(layer, xy, most=200)


def test_points_and_vertices_near_zero() -> None:
    """Coordinates so small that their products vanish."""
    layer = [shapely.Polygon([(0, 0), (1, 0), (1, 1)]), shapely.Polygon([(0, 0), (1, 1), (0, 1)])]
    least = [0.0, 5e-324, 1e-310, 1e-300, 1e-170, 1e-30, 1e-16]
    xy = np.array([(a * x, b * y) for x in least for y in least for a in (1, -1) for b in (1, -1)])
    check(layer, xy)
    check([shapely.box(-1, -1, 0, 1), shapely.box(0, -1, 1, 1)], xy)


def test_a_layer_a_few_ulps_wide() -> None:
    x = [1e6]
    for _ in range(9):
        x.append(math.nextafter(x[-1], math.inf))
    layer = [shapely.Polygon([(a, 0), (b, 0), (b, 1), (a, 1)]) for a, b in pairwise(x)]
    xy = np.array([(a, y) for a in x for y in (-1, 0, 0.3, 1, 2)])
    assert check(layer, xy) > len(xy)
    saw = [(x[i % 2 * 3], i / 40) for i in range(40)]
    assert check([*layer, shapely.Polygon([*saw, (x[9], 1), (x[9], 0)])], xy) > len(xy)


@pytest.mark.parametrize("geoms", [[], [None], [shapely.Polygon(), None, shapely.MultiPolygon()]])
def test_an_empty_layer_finds_nothing(geoms: list[shapely.Geometry | None]) -> None:
    index = PartitionIndex(geoms)
    assert [len(a) for a in index.covering([0.0, 1.0], [0.0, 1.0])] == [0, 0]
    assert index.first([0.0, math.nan], [0.0, 1.0]).tolist() == [-1, -1]
    assert index.one(0.0, 0.0) == ()
    assert len(index) == len(geoms)


def test_invalid_polygons_are_asked_of_geos() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    doubled = shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
    with np.errstate(invalid="ignore"):
        spoiled = shapely.Polygon([(0, 0), (1, math.nan), (1, 1)])
    poking = shapely.Polygon(
        shapely.box(0, 0, 2, 2).exterior.coords, [shapely.box(1, 1, 3, 3).exterior.coords]
    )
    assert check([bow_tie, doubled, spoiled, poking, shapely.box(0, 0, 1, 1)]) > 1000


def test_many_points_in_a_large_lattice_are_sorted_and_answered_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("geo.partition._LARGE", 0)
    layer = partition(2_000)
    index = PartitionIndex(layer)
    rng = np.random.default_rng(0)
    xy = rng.uniform(-5, 50, (_PART + _MANY, 2))
    xy[::100_000] = np.nan
    first = index.first(*xy.T)
    some = rng.permutation(len(xy))[:2000]
    point, geom = expected(layer, xy[some])
    want = np.full(len(some), -1)
    want[point] = geom
    assert first[some].tolist() == want.tolist()
    assert np.array_equal(index.covering(*xy.T)[0], np.flatnonzero(first >= 0))


def test_after_warming_up_nothing_is_compiled() -> None:
    """Every loop has been compiled for the kinds of arrays that it is ever given."""
    warm_up()
    kernels = [k for m in MODULES for k in vars(m).values() if hasattr(k, "signatures")]
    known = {k: list(k.signatures) for k in kernels}
    layer = partition(2_000)
    index = PartitionIndex(layer)
    x, y = np.random.default_rng(0).uniform(0, 40, (2, _MANY))
    index.covering(x, y)
    index.first(shapely.get_coordinates(layer)[::50, 0], shapely.get_coordinates(layer)[::50, 1])
    index.one(1, 1)
    index.one(1.5, 1.5)
    index.one(np.float64(1.5), np.float64(1.5))
    assert {k: list(k.signatures) for k in kernels} == known


def test_no_points_have_no_answers() -> None:
    index = PartitionIndex([shapely.box(0, 0, 1, 1)])
    assert [len(a) for a in index.covering([], [])] == [0, 0]
    assert len(index.first([], [])) == 0


def test_points_on_boundaries_are_told_from_those_inside() -> None:
    index = PartitionIndex([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    point, geom = index.covering([0.5, 1.0, 2.0], [0.5, 0.5, 0.5])
    touches = index.on_boundary(np.array([0.5, 1.0, 2.0])[point], np.full(4, 0.5), geom)
    assert (point.tolist(), geom.tolist()) == ([0, 1, 1, 2], [0, 0, 1, 1])
    assert touches.tolist() == [False, True, True, True]


def test_an_index_owns_its_layer() -> None:
    """What the caller does to his array afterwards changes nothing."""
    geoms = np.array([shapely.box(0, 0, 1, 1)])
    index = PartitionIndex(geoms)
    geoms[0] = shapely.box(5, 5, 6, 6)
    assert index.one(0.5, 0.5) == index.one(1, 1) == (0,)


def test_threads_share_one_index() -> None:
    """The same answers when many ask at once, and GEOS is asked for the first time by all of them."""
    layer = partition(400)
    alone, shared = PartitionIndex(layer), PartitionIndex(layer)
    xy = probes(alone, most=3000)
    want = alone.covering(*xy.T)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: shared.covering(*xy.T), range(16)))
    for point, geom in answers:
        assert np.array_equal(point, want[0])
        assert np.array_equal(geom, want[1])


def test_long_edges_across_many_cells_stay_within_memory() -> None:
    """Slivers across the whole layer, each of which meets every column of the lattice."""
    at = np.linspace(0, 1, 5001)
    layer = [shapely.Polygon([(0, a), (1, b), (0, b)]) for a, b in pairwise(at)]
    assert PartitionIndex(layer).nbytes < 150e6
    check(layer, most=500)
