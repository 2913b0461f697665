"""The door: real layers come out whole, in WGS 84, with what was noticed about them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.errors import CrsError, LayerError, UnsafeFileError
from geo.types import Bbox
from layers.findings import MESSAGES
from layers.io import Limits, list_layers, read_layer, read_table, sandbox_status
from layers.reading.messages import READING_MESSAGES, REJECTS

CHICAGO_311 = "chicago/chicago_311_sanitation_2013H1.csv"
TAIWAN = "taiwan/taiwan_villages-10t.topojson"


def codes(layer: object) -> set[str]:
    return {finding.code for finding in layer.findings}  # type: ignore[attr-defined]


def test_chicago_areas_need_no_code_in_their_prj(shared_data: Path) -> None:
    areas = read_layer(shared_data / "chicago/chicagocomm.shp")
    assert len(areas.frame) == 77
    assert areas.frame.crs.to_epsg() == 4326
    assert areas.frame.geometry.is_valid.all()
    assert areas.findings == ()
    assert (areas.source.reference, areas.source.driver, areas.source.read) == ("wgs84", "ESRI Shapefile", 77)


def test_chicago_reports_in_degrees_and_in_feet_lie_in_the_same_places(shared_data: Path) -> None:
    degrees = read_layer(shared_data / CHICAGO_311)
    feet = read_layer(shared_data / CHICAGO_311, reference="EPSG:3435")
    assert next(f.value for f in degrees.findings if f.code == "columns_guessed") == "Longitude, Latitude"
    assert next(f.value for f in feet.findings if f.code == "columns_guessed") == "X_Coordinate, Y_Coordinate"
    assert degrees.frame.index.equals(feet.frame.index)
    gap = shapely.distance(degrees.frame.geometry.values, feet.frame.geometry.values)
    assert np.max(gap) < 2e-5  # degrees, about two metres: NAD83 against WGS 84


def test_rows_without_coordinates_are_listed_with_row_column_reason_and_fix(shared_data: Path) -> None:
    reports = read_layer(shared_data / CHICAGO_311)
    assert (reports.source.read, len(reports.frame), len(reports.rejects)) == (9202, 9187, 15)
    first = reports.rejects[0]
    assert (first.code, first.column, first.severity) == ("coordinate_missing", "Longitude", "warning")
    assert first.row not in reports.frame.index
    assert first.reason("en") == "Column Longitude holds no coordinate."
    assert first.fix("zh")


def test_columns_that_merely_look_like_coordinates_are_left_alone(shared_data: Path) -> None:
    lights = read_layer(shared_data / "dc/streetlights.csv")
    assert next(f.value for f in lights.findings if f.code == "columns_guessed") == "XCOORD, YCOORD"
    assert len(lights.frame) == 3963
    assert lights.frame.iloc[0].geometry.equals(shapely.Point(-77.01292467, 38.89604969))


def test_measured_lines_without_attributes_are_plain_lines(shared_data: Path) -> None:
    roads = read_layer(shared_data / "dc/roads.shp", accept=frozenset({"LineString"}))
    assert roads.source.read == 1494
    assert roads.source.reference == "EPSG:26985"
    assert len(roads.frame) + sum(f.code == "duplicate_feature" for f in roads.findings) == 1494
    assert not roads.frame.has_z.any()


def test_taiwan_is_read_within_seconds_and_its_seven_bad_villages_are_repaired(shared_data: Path) -> None:
    started = time.perf_counter()
    villages = read_layer(shared_data / TAIWAN, layer="villages", accept=frozenset({"Polygon"}))
    assert time.perf_counter() - started < 8
    assert len(villages.frame) == 7701
    assert villages.frame.geometry.is_valid.all()
    repaired = [f for f in villages.findings if f.code == "polygon_repaired"]
    assert len(repaired) == 7
    assert villages.rejects == ()
    assert "reference_assumed" in codes(villages)


def test_several_layers_and_none_named_lists_them(shared_data: Path) -> None:
    assert list_layers(shared_data / TAIWAN) == ["villages", "towns", "counties", "nation"]
    with pytest.raises(LayerError, match="4 layers") as error:
        read_layer(shared_data / TAIWAN)
    assert "villages, towns, counties, nation" in error.value.fix
    with pytest.raises(LayerError, match="no layer 'parishes'"):
        read_layer(shared_data / TAIWAN, layer="parishes")


def test_a_declared_gcj02_wins_over_a_file_that_says_wgs84(shared_data: Path) -> None:
    path = shared_data / "china/nantong_taizhou_zhoukou_districts.wgs84.geojson"
    plain, shifted = read_layer(path), read_layer(path, reference="gcj02")
    assert plain.findings == ()
    assert codes(shifted) == {"reference_overridden"}
    moved = np.hypot(*(plain.frame.total_bounds - shifted.frame.total_bounds).reshape(2, 2).T)
    assert (moved > 0.002).all()
    assert plain.frame["district_adcode"].dtype.kind == "i"


def test_tables_are_text_as_written(shared_data: Path) -> None:
    villages, noticed = read_table(shared_data / "china/villages_3206.csv")
    assert noticed == ()
    assert villages.iloc[0].tolist()[:2] == ["320612001001", "东市社区居委会"]
    assert {str(kind) for kind in villages.dtypes} == {"str"}
    assert not villages.isna().any().any()


def test_tables_come_out_of_other_formats_too(shared_data: Path) -> None:
    columbus, _ = read_table(shared_data / "hotspots/columbus/columbus.dbf")
    again, _ = read_table(shared_data / "hotspots/columbus/columbus.shp")
    assert len(columbus) == 49
    assert columbus.equals(again)


@pytest.mark.parametrize(
    "name", ["auckland.gpkg", "columbus/columbus.json", "sids2/sids2.shp", "stl/stl_hom.csv"]
)
def test_published_layers_are_read_whole(shared_data: Path, name: str) -> None:
    layer = read_layer(shared_data / "hotspots" / name)
    assert layer.frame.geometry.is_valid.all()
    assert len(layer.frame) + len(layer.rejects) == layer.source.read > 40


def test_osm_extracts_are_sent_to_their_own_command(shared_data: Path) -> None:
    with pytest.raises(LayerError) as error:
        read_layer(shared_data / "osm/lauf_de_2020.osm.pbf")
    assert "import osm" in error.value.fix


def test_far_from_the_rest_of_the_city_is_an_error_finding(tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("id,lng,lat\n1,-87.6,41.8\n2,-87.7,41.9\n")
    there = read_layer(path, near=Bbox(-88, 41.6, -87.5, 42.1))
    assert codes(there) == {"columns_guessed", "reference_assumed"}
    elsewhere = read_layer(path, near=Bbox(120, 31, 121, 32))
    far = next(f for f in elsewhere.findings if f.code == "far_from_city")
    assert (far.severity, far.count, far.value) == ("error", 2, "-87.7, 41.9")


def test_swapped_axes_are_named_when_the_city_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("id,a,b\n1,-87.6,41.8\n2,-87.7,41.9\n")
    layer = read_layer(path, lng="b", lat="a", near=Bbox(-88, 41.6, -87.5, 42.1))
    swapped = next(f for f in layer.findings if f.code == "axes_swapped")
    assert swapped.severity == "error"
    assert swapped.fix("en") == "Swap --lng and --lat, or swap them in the file."


def test_nothing_usable_is_an_empty_frame_with_the_reasons(tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("id,lng,lat\n1,here,there\n2,,\n")
    layer = read_layer(path)
    assert layer.frame.empty
    assert [f.code for f in layer.rejects] == ["coordinate_not_number", "coordinate_missing"]
    assert "nothing_left" in codes(layer)


def test_unknown_references_encodings_and_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("id,lng,lat\n1,120,32\n")
    with pytest.raises(CrsError, match="EPSG"):
        read_layer(path, reference="EPSG:999999")
    with pytest.raises(LayerError, match="klingon"):
        read_layer(path, encoding="klingon")
    with pytest.raises(LayerError, match="no column 'x'") as error:
        read_layer(path, lng="x", lat="lat")
    assert error.value.fix == "Columns: id, lng, lat."


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1:1/a.geojson", "PG:dbname=x", "CSV:/proc/self/environ", "gone.shp"]
)
def test_what_is_no_file_is_said_to_be_none(path: str) -> None:
    with pytest.raises(LayerError, match="no file"):
        read_layer(path)


@pytest.mark.parametrize(
    "path", ["/vsicurl/http://127.0.0.1:1/a.geojson", "/vsizip/a.zip", "a\0.csv", "/dev/zero"]
)
def test_what_is_no_regular_file_is_unsafe(path: str) -> None:
    with pytest.raises(UnsafeFileError):
        read_layer(path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UnsafeFileError, match="no regular file"):
        read_layer(tmp_path / "pipe.csv")


@pytest.mark.parametrize(
    "name", ["a\nb.csv", "a\u202egnp.csv", "a'\"`;--.csv", "a?b#c&d.csv", "PG:x.csv", "图层 一.csv"]
)
def test_any_file_name_is_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("id,lng,lat\n1,120,32\n")
    layer = read_layer(path)
    assert len(layer.frame) == 1
    assert layer.source.path == str(path)


def test_the_child_never_sees_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layers.reading import sandbox

    monkeypatch.setenv("WOODPECKER_KEY", "secret")
    assert "secret" not in sandbox._environment(tmp_path).values()
    assert (
        set(sandbox._environment(tmp_path)) & {"WOODPECKER_KEY", "HTTP_PROXY", "AWS_SECRET_ACCESS_KEY"}
        == set()
    )


def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("id,lng,lat\n1,120,32\n")
    with pytest.raises(UnsafeFileError, match=r"more than 0\.01 seconds"):
        read_layer(path, limits=Limits(wall_s=0.01))


def test_more_rows_than_the_limit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("id,lng,lat\n1,120,32\n2,120,32\n")
    with pytest.raises(UnsafeFileError, match="more than 1 rows"):
        read_layer(path, limits=Limits(features=1))


def test_the_sandbox_says_whether_it_has_a_network() -> None:
    assert sandbox_status().startswith("Files are opened in a process of their own")


def test_every_message_has_both_languages_and_every_reject_a_fix() -> None:
    assert READING_MESSAGES.keys() <= MESSAGES.keys()
    assert all(message.zh and message.en for message in READING_MESSAGES.values())
    assert all(message.fix_zh and message.fix_en for message in REJECTS.values())
