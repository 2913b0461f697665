"""Reference systems: names, points, edges, and a plane to measure in."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import (
    MAX_EDGE_M,
    MetricCrs,
    check_metric_crs,
    choose_metric_crs,
    convert_points,
    from_wgs84,
    geometries_to_wgs84,
    parse_reference,
    scale_error,
    to_wgs84,
)
from geo.datum import convert
from geo.errors import CoordinateError, CrsError
from geo.types import Datum

GK = parse_reference("EPSG:4549")


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("wgs84", "wgs84"),
        ("WGS-84", "wgs84"),
        ("Gcj_02", "gcj02"),
        (" bd-09 ", "bd09"),
        ("CGCS2000", "cgcs2000"),
    ],
)
def test_datums_are_known_however_they_are_spelt(text: str, datum: str) -> None:
    assert parse_reference(text) is Datum(datum)


def test_epsg_codes_are_systems() -> None:
    assert parse_reference("epsg:4549") == pyproj.CRS.from_epsg(4549)
    assert parse_reference("EPSG:4490") == pyproj.CRS.from_epsg(4490)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("gjc02", "Did you mean gcj02?"),
        ("bd09ll", "Did you mean bd09?"),
        ("4549", "Did you mean EPSG:4549?"),
        ("", "wgs84, gcj02, bd09, cgcs2000 or EPSG:n"),
        ("EPSG:999999", "wgs84, gcj02, bd09, cgcs2000 or EPSG:n"),
        ("EPSG:5773", "wgs84, gcj02, bd09, cgcs2000 or EPSG:n"),  # heights
        ("EPSG:４５４９x", "EPSG:n"),
    ],
)
def test_other_names_are_refused_with_what_would_do(text: str, hint: str) -> None:
    with pytest.raises(CrsError) as caught:
        parse_reference(text)
    assert hint in caught.value.fix
    assert text.removeprefix("EPSG:") in caught.value.message


@pytest.mark.parametrize(
    ("code", "x", "y"), [(4549, 575595.60, 3542132.11), (4528, 40575595.60, 3542132.11), (4490, 120.8, 32.0)]
)
def test_nantong_lies_where_the_survey_says(code: int, x: float, y: float) -> None:
    """Easting before northing, with and without the zone in front; CGCS2000 degrees are WGS-84's."""
    reference = parse_reference(f"EPSG:{code}")
    assert np.allclose(from_wgs84(120.8, 32.0, reference), (x, y), rtol=0, atol=0.005)
    assert np.allclose(to_wgs84(x, y, reference), (120.8, 32.0), rtol=0, atol=1e-7)


@given(st.floats(118.5, 121.5), st.floats(20, 45))
def test_points_come_back_from_any_system(lng: float, lat: float) -> None:
    for text in ("EPSG:4549", "EPSG:32651", "gcj02", "bd09", "cgcs2000", "EPSG:4490"):
        reference = parse_reference(text)
        assert np.allclose(
            to_wgs84(*from_wgs84(lng, lat, reference), reference), (lng, lat), rtol=0, atol=1e-9
        )


def test_points_go_from_system_to_system_through_wgs84() -> None:
    gcj = convert(120.8, 32.0, Datum.WGS84, Datum.GCJ02)
    assert np.allclose(convert_points(*gcj, Datum.GCJ02, GK), from_wgs84(120.8, 32.0, GK), rtol=0, atol=1e-6)
    grid = from_wgs84(120.8, 32.0, GK)
    assert np.allclose(convert_points(*grid, GK, Datum.GCJ02), gcj, rtol=0, atol=1e-11)


def test_what_is_not_finite_or_not_defined_is_nan() -> None:
    lng, lat = [math.nan, math.inf, 120.0, 120.0, 300.0], [32.0, 32.0, -math.inf, 99.0, 99.0]
    x, y = from_wgs84(lng, lat, GK)
    assert np.isnan(x).all()
    assert np.isnan(y).all()
    assert from_wgs84([], [], GK)[0].shape == (0,)


def deviation_m(source: shapely.Geometry, out: shapely.Geometry, metric: pyproj.CRS) -> float:
    """How far the true curve of the source's edges strays from the output's edges, measured in `metric`."""
    dense = shapely.get_coordinates(shapely.segmentize(source, shapely.length(source) / 997))
    true = np.column_stack(to_wgs84(*dense.T, metric))
    true[:, 0] *= math.cos(math.radians(true[0, 1]))
    flat = shapely.transform(out, lambda xy: xy * [math.cos(math.radians(true[0, 1])), 1.0])
    return float(shapely.distance(flat, shapely.points(true)).max() * 111_700)


@settings(max_examples=40)
@given(
    st.floats(300_000, 700_000), st.floats(2.5e6, 5e6), st.floats(-60_000, 60_000), st.floats(-60_000, 60_000)
)
def test_reprojected_edges_stay_within_a_centimetre_of_the_curve(
    x: float, y: float, dx: float, dy: float
) -> None:
    line = shapely.LineString([(x, y), (x + dx, y + dy)])
    (out,) = geometries_to_wgs84(np.array([line]), GK)
    if line.length:
        assert deviation_m(line, out, GK) <= MAX_EDGE_M


def test_a_long_edge_gets_vertices_and_a_short_one_does_not() -> None:
    """The property above fails on a mere chord: over 60 km that is off by tens of metres."""
    long = shapely.LineString([(500_000, 3_500_000), (560_000, 3_500_000)])
    short = shapely.LineString([(500_000, 3_500_000), (500_100, 3_500_000)])
    out = geometries_to_wgs84(np.array([long, short]), GK)
    assert 16 < shapely.get_num_coordinates(out[0]) < 200
    assert shapely.get_num_coordinates(out[1]) == 2
    chord = shapely.LineString(shapely.get_coordinates(out[0])[[0, -1]])
    assert deviation_m(long, chord, GK) > 10


corner = st.tuples(st.floats(3e5, 7e5), st.floats(2.5e6, 5e6))


@given(corner, corner)
def test_an_edge_gets_the_same_vertices_from_either_end(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    """Two neighbours walk their common edge in opposite directions and must stay neighbours."""
    there, back = geometries_to_wgs84(np.array([shapely.LineString([a, b]), shapely.LineString([b, a])]), GK)
    assert np.array_equal(shapely.get_coordinates(there), shapely.get_coordinates(back)[::-1])


def test_a_coverage_stays_a_coverage_through_any_projection() -> None:
    step = 20_000.0
    cells = np.array(
        [
            shapely.box(x, y, x + step, y + step)
            for x in 4e5 + step * np.arange(5)
            for y in 3e6 + step * np.arange(5)
        ]
    )
    out = geometries_to_wgs84(cells, GK)
    assert shapely.get_num_coordinates(out).min() > 20
    assert shapely.coverage_is_valid(out)
    assert shapely.coverage_is_valid(MetricCrs("EPSG:4549").geometries(out))


def test_every_kind_of_geometry_keeps_its_kind_and_place() -> None:
    x, y = 500_000.0, 3_500_000.0
    polygon = shapely.box(x, y, x + 9e4, y + 9e4).difference(shapely.box(x + 1e4, y + 1e4, x + 5e4, y + 5e4))
    line, point = shapely.LineString([(x, y), (x + 9e4, y)]), shapely.Point(x, y, 7.0)
    far = shapely.affinity.translate(polygon, 2e5, 0)
    geoms = np.array(
        [
            None, polygon, shapely.Polygon(), line, point, shapely.MultiPolygon([polygon, far]),
            shapely.MultiLineString([line, line]), shapely.MultiPoint([point, point]), polygon.exterior,
            shapely.GeometryCollection([polygon, point, shapely.MultiPolygon([far])]), shapely.LineString(),
        ],
        dtype=object,
    )  # fmt: skip
    out = geometries_to_wgs84(geoms, GK)
    assert out[0] is None
    assert (shapely.get_type_id(out) == shapely.get_type_id(geoms)).all()
    assert (shapely.is_empty(out) == shapely.is_empty(geoms)).all()
    assert not shapely.has_z(out).any()
    assert shapely.is_valid(out[1:]).all()
    back = MetricCrs("EPSG:4549").geometries(out)
    assert np.allclose(shapely.area(back[1:]), shapely.area(geoms[1:]), rtol=1e-6)
    assert (shapely.get_num_interior_rings(out[1]), shapely.get_num_geometries(out[5])) == (1, 2)
    assert (geoms[4].x, geoms[4].z) == (x, 7.0)  # the input is left alone


def test_datum_shifted_layers_keep_their_vertices() -> None:
    """Their edges were straight in WGS-84 before the vertices were shifted: none are added."""
    box = shapely.box(120, 31, 121, 32)
    shifted = shapely.transform(box, lambda xy: np.column_stack(convert(*xy.T, Datum.WGS84, Datum.GCJ02)))
    (out,) = geometries_to_wgs84(np.array([shifted]), Datum.GCJ02)
    assert shapely.equals_exact(out, box, 1e-12)


def test_a_vertex_out_of_this_world_is_named() -> None:
    with pytest.raises(CoordinateError, match="1e\\+30"):
        geometries_to_wgs84(np.array([shapely.Point(1e30, 1e30)]), GK)


@pytest.mark.parametrize(
    ("west", "south", "east", "north", "code"),
    [
        (120.4, 31.7, 121.3, 32.7, "EPSG:4549"),  # Nantong: 120° E
        (121.3, 30.8, 122.0, 31.8, "EPSG:4550"),  # Shanghai's east: 123° E
        (73.6, 39.2, 74.5, 39.9, "EPSG:4534"),  # the westernmost zone
        (133.0, 47.0, 134.5, 48.3, "EPSG:4554"),  # the easternmost
        (-87.94, 41.64, -87.52, 42.03, "EPSG:32616"),  # Chicago
        (9.4, 47.0, 9.7, 47.3, "EPSG:32632"),  # Liechtenstein
        (151.0, -34.1, 151.3, -33.7, "EPSG:32756"),  # Sydney
        (114.0, 22.2, 114.3, 22.4, "EPSG:32650"),  # Hong Kong
        (121.4, 24.9, 121.7, 25.2, "EPSG:32651"),  # Taipei
        (179.6, -18.2, -179.6, -17.8, "+proj=laea +lat_0=-18.00 +lon_0=-180.00"),  # too wide for zone 1
        (178.3, -18.2, 178.7, -17.8, "EPSG:32760"),  # Suva
        (15.0, 78.0, 16.0, 78.4, "EPSG:32633"),  # Svalbard
        (20.0, 85.0, 60.0, 88.0, "+proj=laea"),  # the pole
        (118.1, 10.4, 122.1, 26.4, "+proj=laea"),  # Taiwan with its southern islands
        (19.6, 41.2, -169.0, 81.9, "+proj=laea"),  # Russia
    ],
)
def test_a_metric_crs_is_chosen_that_the_check_accepts(
    west: float, south: float, east: float, north: float, code: str
) -> None:
    lng, lat = [west, east], [south, north]
    text = choose_metric_crs(lng, lat)
    assert text.startswith(code)
    assert check_metric_crs(text, lng, lat).is_projected
    if text.startswith("EPSG"):
        assert scale_error(text, lng, lat) <= 1e-3


@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(0, 1.5), st.floats(0, 1))
def test_a_city_anywhere_is_measured_to_a_thousandth(
    lng: float, lat: float, width: float, height: float
) -> None:
    """Wherever it lies, the poles and the antimeridian included."""
    lngs, lats = [lng, (lng + width + 180) % 360 - 180], [lat, min(lat + height, 90)]
    text = choose_metric_crs(lngs, lats)
    check_metric_crs(text, lngs, lats)
    assert scale_error(text, lngs, lats) <= 1e-3


def test_no_extent_no_choice() -> None:
    with pytest.raises(CrsError, match="finite"):
        choose_metric_crs([math.nan], [math.nan])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("EPSG:4326", "not projected"),
        ("EPSG:4490", "not projected"),
        ("EPSG:4978", "not projected"),
        ("EPSG:3857", "web mercator"),
        ("EPSG:900913", "web mercator"),
        ("EPSG:3785", "web mercator"),
        ("ESRI:102100", "web mercator"),
        ("EPSG:3435", "foot"),
        ("+proj=utm +zone=51 +units=km +type=crs", "kilometre"),
        ("gcj02", "no reference system"),
        ("", "no reference system"),
    ],
)
def test_systems_that_measure_nothing_are_refused(text: str, reason: str) -> None:
    with pytest.raises(CrsError, match=reason):
        check_metric_crs(text)


def test_a_system_of_another_place_is_refused_with_one_of_this() -> None:
    with pytest.raises(CrsError) as caught:
        check_metric_crs("EPSG:4549", [102.0, 103.0], [24.0, 25.0])
    assert "EPSG:4543" in caught.value.fix
    with pytest.raises(CrsError):  # where it is not even defined
        check_metric_crs("EPSG:4549", [-60.0, -59.0], [0.0, 1.0])
    with pytest.raises(CrsError):  # however large the extent
        check_metric_crs("EPSG:3395", [19.6, -169.0], [41.2, 81.9])


def test_scale_errors_are_those_of_the_projection() -> None:
    """UTM is 0.9996 on its central meridian; an equal-area plane stretches one way and shrinks the other."""
    assert scale_error("EPSG:32651", 123.0, 31.0) == pytest.approx(4e-4, rel=1e-6)
    assert scale_error("EPSG:4549", 120.0, 31.0) == pytest.approx(0, abs=1e-9)
    laea = "+proj=laea +lat_0=0 +lon_0=0 +datum=WGS84 +units=m +type=crs"
    assert scale_error(laea, 20.0, 0.0) == pytest.approx(1 / math.cos(math.radians(10)) - 1, rel=0.02)


def test_the_metric_plane_measures_metres_and_returns() -> None:
    plane = MetricCrs("EPSG:4549")
    x, y = plane.points([120.8, 120.8], [32.0, 32.001])
    geodesic = pyproj.Geod(ellps="WGS84").inv(120.8, 32.0, 120.8, 32.001)[2]
    assert math.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(geodesic, rel=1e-3)
    assert np.allclose(plane.to_lnglat(x, y), ([120.8, 120.8], [32.0, 32.001]), rtol=0, atol=1e-10)
    assert plane.crs == GK
    with pytest.raises(CrsError):
        MetricCrs("EPSG:3857")


def test_threads_share_a_plane() -> None:
    plane = MetricCrs("EPSG:4549")
    lng, lat = np.linspace(119, 121, 20_000), np.linspace(30, 33, 20_000)
    expected = plane.points(lng, lat)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: plane.points(lng, lat), range(64)))
    assert all(np.array_equal(result, expected) for result in results)
