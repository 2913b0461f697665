"""From raw geometries to clean ones: references, mistakes that can be named, rows that cannot be used."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geo.crs import from_wgs84, parse_reference
from geo.errors import LayerError
from geo.types import Bbox, Datum
from layers.reading.attributes import duplicates, plain_columns
from layers.reading.clean import CleanLayer, clean
from layers.reading.families import accepted_part
from layers.reading.limits import Limits, RawLayer
from layers.reading.messages import READING_MESSAGES
from layers.reading.references import is_wgs84, parse_own

SQUARE = shapely.box(120.8, 32.0, 120.81, 32.01)


def cleaned(
    geoms: list[shapely.Geometry | None],
    declared: str | None = None,
    own: str | None = "EPSG:4326",
    accept: frozenset[str] | None = None,
    near: Bbox | None = None,
) -> CleanLayer:
    geometry = np.empty(len(geoms), dtype=object)
    geometry[:] = geoms
    table = pa.table({"id": [str(number) for number in range(len(geoms))]})
    raw = RawLayer(table, geometry, "test", "t", own, "utf-8", (), np.zeros(len(geoms), dtype=bool))
    reference = parse_reference(declared) if declared else None
    layer = clean(raw, reference, name="t", accept=accept, near=near, limits=Limits())
    for finding in layer.findings:
        assert "{" not in finding.reason("en") + finding.fix("en") + finding.reason("zh") + finding.fix("zh")
        assert finding.code in READING_MESSAGES
    return layer


def spots(x: list[float], y: list[float]) -> list[shapely.Geometry | None]:
    return list(shapely.points(x, y))


def errors(layer: CleanLayer) -> list[str]:
    return [finding.code for finding in layer.findings if finding.severity == "error"]


def test_missing_empty_and_endless_geometries_are_listed_by_row() -> None:
    nan = shapely.from_wkt("POINT (1 2)")
    nan = shapely.transform(nan, lambda xy: xy * np.nan)
    endless = shapely.LineString([(1, 2), (np.inf, 3)])
    layer = cleaned([None, shapely.Point(), endless, SQUARE, nan])
    assert [(f.code, f.row) for f in layer.findings if f.severity == "warning"] == [
        ("geometry_missing", 1),
        ("geometry_missing", 2),
        ("coordinate_not_finite", 3),
        ("coordinate_not_finite", 5),
    ]
    assert layer.rows.tolist() == [4]
    assert layer.table["id"].to_pylist() == ["3"]


def test_one_position_off_the_earth_costs_one_row() -> None:
    layer = cleaned(spots([120, 200, 121], [32, 32, 95]))
    assert layer.rows.tolist() == [1]
    assert [(f.code, f.row, f.value) for f in layer.findings if f.row] == [
        ("coordinate_out_of_range", 2, "200, 32"),
        ("coordinate_out_of_range", 3, "121, 95"),
    ]


def test_poles_and_antimeridian_are_places() -> None:
    layer = cleaned(spots([180, -180, 0, 0], [0, 0, 90, -90]))
    assert layer.rows.tolist() == [1, 2, 3, 4]


def test_z_and_m_go_without_a_word() -> None:
    layer = cleaned([shapely.Point(1, 2, 3), shapely.from_wkt("LINESTRING ZM (1 2 3 4, 5 6 7 8)")])
    assert not shapely.has_z(layer.geometry).any()
    assert layer.findings == ()


def test_other_families_are_rejected_by_row_and_multi_forms_belong() -> None:
    multi = shapely.MultiPolygon([SQUARE])
    layer = cleaned([SQUARE, shapely.Point(1, 2), multi], accept=frozenset({"Polygon"}))
    assert layer.rows.tolist() == [1, 3]
    reject = layer.findings[0]
    assert (reject.code, reject.row, reject.value) == ("type_not_accepted", 2, "Point")


def test_of_a_collection_the_accepted_part_is_kept() -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    mixed = shapely.GeometryCollection([shapely.Point(1, 2), line, shapely.GeometryCollection([SQUARE])])
    assert cleaned([mixed]).geometry[0].equals(SQUARE)
    assert cleaned([mixed], accept=frozenset({"LineString"})).geometry[0].equals(line)
    points_only = shapely.GeometryCollection([shapely.Point(1, 2)])
    rejected = cleaned([SQUARE, points_only], accept=frozenset({"Polygon"}))
    assert [f.code for f in rejected.findings] == ["type_not_accepted"]
    assert accepted_part(shapely.GeometryCollection(), frozenset({"Point"})) is None


def test_invalid_polygons_are_repaired_and_what_collapses_is_listed() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    layer = cleaned([bow_tie, shapely.Polygon([(0, 0), (1, 1), (0, 0)])])
    assert [(f.code, f.row, f.severity) for f in layer.findings] == [
        ("polygon_repaired", 1, "note"),
        ("geometry_collapsed", 2, "warning"),
    ]
    assert shapely.is_valid(layer.geometry).all()


def test_equal_features_are_kept_once_and_equal_places_are_kept() -> None:
    table = pa.table({"name": ["a", "b", "a", "a"], "n": [1.0, 1.0, 1.0, None]})
    wkb = shapely.to_wkb(shapely.points([[1, 2]] * 4))
    again, first = duplicates(table, wkb)
    assert (again.tolist(), first.tolist()) == ([2], [0])


def test_features_without_attributes_are_equal_by_place() -> None:
    again, first = duplicates(pa.table({}), shapely.to_wkb(shapely.points([[1, 2], [3, 4], [1, 2], [1, 2]])))
    assert (again.tolist(), first.tolist()) == ([2, 3], [0, 0])


def test_no_reference_and_degrees_is_wgs84_and_said() -> None:
    assert [f.code for f in cleaned([SQUARE], own=None).findings] == ["reference_assumed"]
    with pytest.raises(LayerError, match=r"575595\.6, 3542132\.11 is not in degrees"):
        cleaned(spots([575595.6], [3542132.11]), own=None)


def test_a_drawing_plane_is_no_reference() -> None:
    plane = 'LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]'
    assert parse_own(plane) is None
    assert parse_own("nonsense") is None


@pytest.mark.parametrize("own", ["EPSG:4326", "OGC:CRS84", "EPSG:4979"])
def test_wgs84_has_many_names(own: str) -> None:
    crs = parse_own(own)
    assert crs is not None
    assert is_wgs84(crs)


@pytest.mark.parametrize("own", ["EPSG:4269", "EPSG:4490", "EPSG:3857"])
def test_other_references_are_not_wgs84(own: str) -> None:
    crs = parse_own(own)
    assert crs is not None
    assert not is_wgs84(crs)


def test_an_old_datum_is_converted() -> None:
    moved = cleaned(spots([-87.6], [41.8]), own="EPSG:4267").geometry[0]
    assert 1e-6 < moved.distance(shapely.Point(-87.6, 41.8)) < 1e-3


@pytest.mark.parametrize(
    ("x", "y", "declared", "code", "suggested"),
    [
        (32.0, 120.8, "wgs84", "axes_swapped", ""),
        (575595.6, 3542132.1, "wgs84", "not_degrees", ""),
        (120.8, 32.0, "EPSG:4549", "degrees_as_metres", ""),
        (3542132.1, 575595.6, "EPSG:4549", "axes_swapped", ""),
        (40575595.6, 3542132.1, "EPSG:4549", "zone_prefix", "EPSG:4528"),
        (575595.6, 3542132.1, "EPSG:4528", "zone_prefix_missing", "EPSG:4549"),
        (40575595.6, 3542132.1, "EPSG:2385", "zone_prefix", "EPSG:2364"),
        (40575595.6, 3542132.1, "EPSG:2437", "zone_prefix", "EPSG:2416"),
        (575595.6, 3542132.1, "EPSG:26985", "outside_area_of_use", ""),
    ],
)
def test_a_declaration_that_cannot_be_true_is_named(
    x: float, y: float, declared: str, code: str, suggested: str
) -> None:
    layer = cleaned(spots([x, x + 1e-4], [y, y]), declared, own=None)
    wrong = next(finding for finding in layer.findings if finding.severity == "error")
    assert (wrong.code, wrong.detail["suggested"]) == (code, suggested)
    assert f"{x:.8g}"[:6] in wrong.reason("en")
    assert suggested in wrong.fix("en")


@pytest.mark.parametrize(
    "declared", ["wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4549", "EPSG:4528", "EPSG:4490"]
)
def test_a_true_declaration_brings_the_place_back_without_a_word(declared: str) -> None:
    x, y = from_wgs84(np.array([120.85, 120.9]), np.array([32.0, 32.1]), parse_reference(declared))
    layer = cleaned(spots(list(x), list(y)), declared, own=None)
    assert layer.findings == ()
    assert shapely.get_coordinates(layer.geometry) == pytest.approx(np.array([[120.85, 32.0], [120.9, 32.1]]))


def test_file_and_declaration() -> None:
    at = spots([120.85], [32.0])
    assert cleaned(at, "wgs84", own="EPSG:4326").findings == ()
    assert [f.code for f in cleaned(at, "gcj02", own="EPSG:4326").findings] == ["reference_overridden"]
    assert [f.code for f in cleaned(at, "gcj02", own="EPSG:4490").findings] == ["reference_ignored"]
    assert cleaned(at, "cgcs2000", own="EPSG:4490").findings == ()
    assert cleaned(at, "gcj02", own=None).reference == Datum.GCJ02


def test_a_few_far_positions_are_rejects() -> None:
    box = Bbox(120.8, 31.9, 121.0, 32.1)
    layer = cleaned(spots([120.85, 120.9, 0.0], [32.0, 32.0, 0.0]), near=box)
    assert [(f.code, f.row, f.severity) for f in layer.findings] == [("far_from_city", 3, "warning")]
    assert layer.rows.tolist() == [1, 2]


def test_a_layer_that_lost_all_its_rows_says_so_once() -> None:
    layer = cleaned([None, shapely.Point()], own=None)
    assert errors(layer) == ["nothing_left"]
    assert len(layer.geometry) == len(layer.table) == 0


def test_columns_come_in_types_that_all_understand() -> None:
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"], pa.binary()).buffers())
    table = pa.table(
        {
            "decimal": pa.array([1, None], pa.decimal128(5, 2)),
            "list": [["a"], None],
            "coded": pa.array(["x", "y"]).dictionary_encode(),
            "text": pa.chunked_array([broken, pa.array(["好"])]),
        }
    )
    plain, findings = plain_columns(table)
    assert [(f.code, f.column) for f in findings] == [("text_mended", "text")]
    assert plain.to_pydict() == {
        "decimal": [1.0, None],
        "list": ['["a"]', None],
        "coded": ["x", "y"],
        "text": ["\ufffd", "好"],
    }
