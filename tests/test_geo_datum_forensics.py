"""The datum of positions is told from the lines they lie along; where it is not certain, nothing is said."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs
from geo.datum import convert
from geo.datum_forensics import ReferenceLines, Supposed, Verdict, examine, lies_along
from geo.types import Datum

Floats = NDArray[np.float64]
METRIC = MetricCrs("EPSG:4549")
MIDDLE = np.array([581_000.0, 3_543_000.0])  # in the middle of Nantong
SIZE_M = 6_000.0
WGS, GCJ, BD = Datum.WGS84, Datum.GCJ02, Datum.BD09
RIGHT = Supposed(WGS, WGS)
WRONG = [Supposed(a, b) for a in (WGS, GCJ, BD) for b in (WGS, GCJ, BD) if a != b]


@cache
def roads(regular: bool = False) -> NDArray[np.object_]:
    """A town's streets in metres: some 130 km, winding, none quite like another; or a strict lattice."""
    rng = np.random.default_rng(4)
    along = np.linspace(-SIZE_M / 2, SIZE_M / 2, 41)
    lines = []
    for across in np.arange(-SIZE_M / 2, SIZE_M / 2, 500.0):
        bend = np.zeros_like(along) if regular else np.cumsum(rng.normal(0, 15, len(along)))
        place = across if regular else across + rng.normal(0, 120)
        lines.append(np.stack([along, place + bend], axis=1))
        lines.append(np.stack([place - bend, along], axis=1))
    return np.array([shapely.LineString(MIDDLE + line) for line in lines], dtype=object)


@cache
def reference(regular: bool = False) -> ReferenceLines:
    return ReferenceLines(roads(regular))


def beside(rng: np.random.Generator, count: int, away_m: float, noise_m: float = 1.0) -> Floats:
    """Places beside the roads, on both sides."""
    line = roads()[rng.integers(len(roads()), size=count)]
    at = rng.random(count) * (shapely.length(line) - 2) + 1
    here, ahead = (shapely.get_coordinates(shapely.line_interpolate_point(line, at + d)) for d in (0, 1))
    across = np.stack([-(ahead - here)[:, 1], (ahead - here)[:, 0]], axis=1)
    return np.asarray(
        here + across * rng.choice([-away_m, away_m], count)[:, None] + rng.normal(0, noise_m, here.shape)
    )


def anywhere(rng: np.random.Generator, count: int) -> Floats:
    return np.asarray(MIDDLE + rng.uniform(-SIZE_M / 2, SIZE_M / 2, (count, 2)))


def taken(xy: Floats, supposed: Supposed) -> tuple[Floats, Floats]:
    """What positions become that are in one datum and are taken for another."""
    as_written = convert(*METRIC.to_lnglat(*xy.T), WGS, supposed.actual)
    return convert(*as_written, supposed.declared, WGS)


def asked(xy: Floats, supposed: Supposed = RIGHT, declared: Datum | None = None) -> Verdict | None:
    return examine(*taken(xy, supposed), reference(), METRIC, declared)


@pytest.mark.parametrize("supposed", WRONG, ids=lambda s: f"{s.declared}-{s.actual}")
@pytest.mark.parametrize("away_m", [0.0, 10.0])
def test_thirty_lamps_or_points_of_roads_are_enough(supposed: Supposed, away_m: float) -> None:
    """Which datum they are in is told, whether it is known what was declared or not."""
    xy = beside(np.random.default_rng(7), 30, away_m)
    for declared in (None, supposed.declared):
        verdict = asked(xy, supposed, declared)
        assert verdict is not None
        assert verdict.supposed == supposed
        assert verdict.actual.in_band > 1.5 * max(verdict.elsewhere, verdict.declared.in_band)
        assert verdict.actual.median_m < away_m + 2 < verdict.declared.median_m


def test_at_least_95_of_100_batches_of_thirty_are_found() -> None:
    """Of lamps 8 m beside the roads, each some 3 m from where it should be."""
    rng = np.random.default_rng(11)
    found = [asked(beside(rng, 30, 8.0, 3.0), wrong) for wrong in WRONG * 2]
    assert [verdict.supposed for verdict in found if verdict] == WRONG * 2


def test_nothing_is_said_of_what_is_right_or_has_nothing_to_do_with_roads() -> None:
    """Of 240 batches, each asked for all six errors that there may be; and of many more by hand."""
    rng = np.random.default_rng(3)
    near, far, spot = np.array([4.0, -3.0]), np.array([35.0, 20.0]), 40.0
    makers = [
        lambda n: anywhere(rng, n),
        lambda n: beside(rng, n, 10.0),
        lambda n: beside(rng, n, 0.0, 60.0),
        lambda n: beside(rng, n, 10.0) + near,
        lambda n: beside(rng, n, 10.0) + far,
        lambda n: anywhere(rng, 1) + rng.normal(0, spot, (n, 2)),
        lambda n: anywhere(rng, 4)[rng.integers(4, size=n)] + rng.normal(0, 2 * spot, (n, 2)),
        lambda n: anywhere(rng, 1) + np.linspace(0, 1, n)[:, None] * rng.uniform(-1_500, 1_500, 2),
    ]
    assert [v for n in range(240) if (v := asked(makers[n % len(makers)](30 + n % 50)))] == []


def test_a_layer_off_by_some_metres_is_left_alone() -> None:
    """So is one off by as far as a datum makes, another way."""
    xy = beside(np.random.default_rng(5), 100, 10.0)
    for off in [(3.0, 2.0), (-12.0, 5.0), (60.0, -40.0), (300.0, 300.0), (-450.0, 0.0)]:
        assert asked(xy + off) is None


def test_lamps_along_one_straight_road_tell_nothing() -> None:
    """They fit as well wherever they are moved along it, and along the next road that is parallel."""
    x = np.linspace(-2_000, 2_000, 60)
    xy = MIDDLE + np.stack([x, np.full_like(x, 8.0)], axis=1)
    degrees = taken(xy, Supposed(WGS, GCJ))
    streets = [shapely.LineString(MIDDLE + np.array([(-3_500, y), (3_500, y)])) for y in (0, 400, 900)]
    lines = ReferenceLines(np.array(streets, dtype=object))
    assert examine(*degrees, lines, METRIC) is None


def test_a_lattice_of_equal_blocks_tells_nothing() -> None:
    """Middles of blocks fall on the streets of a lattice after many displacements."""
    step = np.arange(-2_250, 2_500, 500.0)
    middles = MIDDLE + np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2)
    for supposed in (Supposed(WGS, WGS), Supposed(WGS, GCJ)):
        assert examine(*taken(middles, supposed), reference(regular=True), METRIC) is None


def test_many_points_in_one_spot_are_one_place() -> None:
    """A thousand reports from one crossing are no evidence."""
    xy = beside(np.random.default_rng(2), 1, 8.0) + np.random.default_rng(2).normal(0, 3, (1_000, 2))
    assert asked(xy, Supposed(WGS, GCJ)) is None


def test_few_points_nothing_finite_and_no_lines_tell_nothing() -> None:
    """Nor do empty lines, None, or places that are not known."""
    xy = beside(np.random.default_rng(6), 20, 8.0)
    lng, lat = taken(xy, Supposed(WGS, GCJ))
    assert examine(lng, lat, reference(), METRIC) is None
    assert examine(np.full(60, np.nan), np.full(60, np.nan), reference(), METRIC) is None
    none = ReferenceLines(np.array([None, shapely.LineString(), shapely.Point(1, 1)], dtype=object))
    assert len(none) == 0
    assert examine(np.tile(lng, 3), np.tile(lat, 3), none, METRIC) is None


def test_rows_that_are_no_place_are_passed_over() -> None:
    """Half of the rows say nothing; the others are enough."""
    lng, lat = taken(beside(np.random.default_rng(8), 60, 8.0), Supposed(WGS, GCJ))
    lng[::2], lat[1::4] = np.nan, np.inf
    assert examine(lng, lat, reference(), METRIC) is None  # too few are left
    lng, lat = taken(beside(np.random.default_rng(8), 90, 8.0), Supposed(WGS, GCJ))
    lng[::3] = np.nan
    verdict = examine(lng, lat, reference(), METRIC)
    assert verdict is not None
    assert verdict.points <= 60


def test_boundaries_of_areas_are_lines() -> None:
    """Fences along the boundaries of estates are told as well."""
    rng = np.random.default_rng(9)
    areas = np.array(
        [
            shapely.Point(*at).buffer(r, 4)
            for at, r in zip(anywhere(rng, 80), rng.uniform(60, 300, 80), strict=True)
        ]
    )
    edges = shapely.boundary(areas)
    at = shapely.get_coordinates(shapely.line_interpolate_point(edges, rng.random(80), normalized=True))
    verdict = examine(*taken(at, Supposed(GCJ, WGS)), ReferenceLines(areas), METRIC)
    assert verdict is not None
    assert verdict.supposed == Supposed(GCJ, WGS)


@pytest.mark.parametrize(("lng", "lat"), [(121.5, 25.03), (114.16, 22.30), (126.98, 37.57), (-87.6, 41.8)])
def test_outside_the_mainland_nothing_is_said(lng: float, lat: float) -> None:
    """Taipei and Hong Kong, where nothing is shifted, and Seoul, which a common rectangle shifts as well."""
    metric = MetricCrs(f"+proj=laea +lat_0={lat} +lon_0={lng} +datum=WGS84 +units=m +no_defs +type=crs")
    lines = ReferenceLines(shapely.transform(roads(), lambda xy: xy - MIDDLE))
    xy = beside(np.random.default_rng(1), 100, 8.0) - MIDDLE
    for off in [(0.0, 0.0), (-430.0, 230.0), (613.0, 666.0)]:  # as if some formula had shifted them
        there = metric.to_lnglat(*(xy + off).T)
        assert examine(*there, lines, metric) is None
    baidu = convert(*metric.to_lnglat(*xy.T), WGS, BD)  # its second offset applies everywhere
    assert examine(*baidu, lines, metric) is None


def test_cgcs2000_is_wgs84() -> None:
    """Declared as one of the two and in the other, nothing is wrong; declared so and in GCJ-02, it is."""
    xy = beside(np.random.default_rng(10), 40, 8.0)
    assert asked(xy, declared=Datum.CGCS2000) is None
    verdict = asked(xy, Supposed(WGS, GCJ), declared=Datum.CGCS2000)
    assert verdict is not None
    assert verdict.supposed == Supposed(Datum.CGCS2000, GCJ)


def test_the_evidence_counts_what_lies_along_the_lines() -> None:
    """Against all distances, one by one."""
    supposed = Supposed(WGS, GCJ)
    xy = beside(np.random.default_rng(12), 60, 10.0)
    verdict = asked(xy, supposed)
    assert isinstance(verdict, Verdict)
    truth = shapely.distance(shapely.points(xy), shapely.union_all(roads()))
    in_band = (truth > verdict.from_m) & (truth <= verdict.to_m)
    assert (verdict.points, verdict.actual.in_band) == (60, in_band.sum())
    assert verdict.actual.median_m == pytest.approx(np.median(truth), abs=0.01)
    shifted = np.stack(METRIC.points(*taken(xy, supposed)), axis=1)
    wrong = shapely.distance(shapely.points(shifted), shapely.union_all(roads()))
    assert verdict.declared.in_band == ((wrong > verdict.from_m) & (wrong <= verdict.to_m)).sum()
    assert verdict.elsewhere < verdict.actual.in_band
    assert verdict.rival < verdict.actual.ratio


def test_the_order_of_positions_changes_nothing() -> None:
    """Not for a batch small enough to be looked at whole."""
    lng, lat = taken(beside(np.random.default_rng(13), 60, 10.0), Supposed(WGS, BD))
    order = np.random.default_rng(0).permutation(60)
    assert examine(lng, lat, reference(), METRIC) == examine(lng[order], lat[order], reference(), METRIC)


def test_what_lies_along_lines_as_it_is_is_known() -> None:
    """So that it can bear witness for them; what has nothing to do with them, or is displaced, cannot."""
    rng = np.random.default_rng(14)
    right = METRIC.to_lnglat(*beside(rng, 60, 10.0).T)
    assert lies_along(*right, reference(), METRIC)
    assert not lies_along(*METRIC.to_lnglat(*anywhere(rng, 60).T), reference(), METRIC)
    assert not lies_along(*taken(beside(rng, 60, 10.0), Supposed(WGS, GCJ)), reference(), METRIC)
    assert not lies_along(right[0][:5], right[1][:5], reference(), METRIC)
