"""Files are what their names say, come whole or not at all, and say what they cannot hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import ezdxf.filemanagement
import geopandas
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from exports_made import METRIC, hard_export, one_table, points_table, written
from PIL import Image

from geo.crs import geometries_from_wgs84, geometries_to_wgs84, parse_reference
from geo.datum import convert
from geo.errors import CrsError, LayerError
from geo.types import Datum
from layers.exported import Export, ExportTable
from maps import export_geojson
from maps.export import FORMATS, PAGE, format_of, write_export
from maps.export_compare import Slack, compare, compare_geometries
from maps.export_sheets import plain, prepare, unique_names
from maps.export_target import metric_target, target_of

EVERY = pytest.mark.parametrize("suffix", FORMATS)
NONE = geopandas.GeoDataFrame({"a": [], "名": []}, geometry=[], crs="EPSG:4326")


def kinds_of_shapes() -> dict[str, Any]:
    """One geometry of each kind."""
    box = shapely.box(120.8, 32.0, 120.81, 32.01)
    line = shapely.LineString([(120.8, 32.0), (120.81, 32.02)])
    point = shapely.Point(120.805, 32.005)
    return {
        "point": point, "line": line, "polygon": box,
        "multipoint": shapely.MultiPoint([point, (120.81, 32.0)]),
        "multiline": shapely.MultiLineString([line, [(120.8, 32.01), (120.82, 32.01)]]),
        "multipolygon": shapely.MultiPolygon([box, shapely.box(120.82, 32, 120.83, 32.01)]),
    }  # fmt: skip


# ---- names and formats


@pytest.mark.parametrize("name", ["a.GPKG", "a.b.geojson", "x.shp.zip", "热点.xlsx"])
def test_the_format_is_what_the_name_ends_in(name: str) -> None:
    assert format_of(Path(name)) in FORMATS


def test_a_page_is_left_to_who_knows_what_it_is_about(tmp_path: Path) -> None:
    assert format_of(Path("a.html")) == PAGE
    with pytest.raises(LayerError, match="drawn elsewhere"):
        write_export(hard_export(), tmp_path / "a.html")


@pytest.mark.parametrize(("name", "hint"), [("a.shp", ".shp.zip"), ("a.tab", ".gpkg"), ("a", ".csv")])
def test_an_unknown_ending_is_refused_with_those_that_are_known(name: str, hint: str) -> None:
    with pytest.raises(LayerError, match="says no format") as caught:
        format_of(Path(name))
    assert hint in caught.value.fix


def test_a_shapefile_that_is_no_zip_is_told_so_in_one_sentence() -> None:
    with pytest.raises(LayerError) as caught:
        format_of(Path("a.shp"))
    assert caught.value.fix == "A shapefile goes into one zip: end it in .shp.zip."


@EVERY
def test_everything_hard_at_once_is_written_and_nothing_is_left_beside_it(
    suffix: str, tmp_path: Path
) -> None:
    """Rare characters, formulas, infinities, nulls, lists, names that formats keep for themselves."""
    out, _ = written(hard_export(points_table()), tmp_path, f"热点{suffix}")
    assert out.stat().st_size > 100
    assert list(tmp_path.iterdir()) == [out]


@EVERY
@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_of_no_or_one_row_is_written(suffix: str, rows: int, tmp_path: Path) -> None:
    frame = NONE if not rows else points_table(rows=1).frame
    out, _ = written(one_table(frame), tmp_path, f"a{suffix}")
    assert out.exists()


@EVERY
@pytest.mark.parametrize("kind", kinds_of_shapes())
def test_every_kind_of_geometry_is_written_with_a_row_without_any(
    suffix: str, kind: str, tmp_path: Path
) -> None:
    frame = geopandas.GeoDataFrame(
        {"id": ["a", "b", "c"]}, geometry=[None, kinds_of_shapes()[kind], shapely.Polygon()], crs="EPSG:4326"
    )
    out, _ = written(one_table(frame), tmp_path, f"a{suffix}")
    assert out.exists()


@EVERY
def test_kinds_of_geometries_may_be_mixed(suffix: str, tmp_path: Path) -> None:
    shapes = list(kinds_of_shapes().values())
    frame = geopandas.GeoDataFrame({"id": range(len(shapes))}, geometry=shapes, crs="EPSG:4326")
    out, _ = written(one_table(frame), tmp_path, f"a{suffix}")
    assert out.exists()


@EVERY
def test_a_table_without_columns_is_written(suffix: str, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(geometry=[shapely.Point(120.8, 32)], crs="EPSG:4326")
    out, _ = written(one_table(frame), tmp_path, f"a{suffix}")
    assert out.exists()


# ---- whole or not at all


def test_what_reads_back_otherwise_is_not_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.geojson"
    out.write_text("before")
    features = export_geojson._features
    monkeypatch.setattr(
        export_geojson,
        "_features",
        lambda sheet: (b.replace(b"320613000", b"320613001") for b in features(sheet)),
    )
    with pytest.raises(LayerError, match=r"'320613001' instead of '320613000' in row 2, column 'cell_code'"):
        write_export(hard_export(), out)
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_difference_in_any_kind_of_value_is_found() -> None:
    book, _ = prepare(hard_export(), target_of("", Path("a.gpkg")))
    sheet = book.first
    compare(sheet, sheet.frame)
    for name in ("text", "whole", "relative_risk", "is_new", "at"):
        other = sheet.frame.copy()
        other[name] = other[name].iloc[::-1].to_numpy()
        with pytest.raises(LayerError, match=repr(name)):
            compare(sheet, other)
    with pytest.raises(LayerError, match="5 rows instead of 6"):
        compare(sheet, sheet.frame.iloc[:5])
    with pytest.raises(LayerError, match="columns"):
        compare(sheet, sheet.frame.drop(columns="text"))


def test_a_vertex_that_moved_is_found_and_turned_rings_are_not_where_a_format_turns_them() -> None:
    book, _ = prepare(hard_export(), target_of("", Path("a.gpkg")))
    moved = book.first.geometry.copy()
    moved[0] = shapely.transform(moved[0], lambda xy: xy + 1e-9)
    with pytest.raises(LayerError, match="row 1"):
        compare_geometries(book.first, moved)
    compare_geometries(book.first, moved, Slack(metres=1e-8))
    turned = shapely.reverse(book.first.geometry)
    compare_geometries(book.first, turned, Slack(reorders=True))
    with pytest.raises(LayerError):
        compare_geometries(book.first, turned)


# ---- names of columns


def test_names_are_unique_whatever_their_letters_and_none_that_formats_keep() -> None:
    assert unique_names(["a", "A", "fid", "FID", "geometry", "", "a\nb", "ogc_fid"]) == [
        "a", "A_2", "fid_", "FID_3", "geometry_", "column_6", "a_b", "ogc_fid_",
    ]  # fmt: skip


def test_what_is_renamed_is_said(tmp_path: Path) -> None:
    _, said = written(hard_export(), tmp_path, "a.gpkg")
    assert "fid → fid_" in said
    assert "name → name_2" in said


# ---- reference systems


def test_a_cgcs2000_zone_is_written_as_the_zone_has_it(tmp_path: Path) -> None:
    out, _ = written(hard_export(), tmp_path, "a.gpkg", crs="EPSG:4549")
    found = pyogrio.read_dataframe(out, layer="hotspots")
    assert found.crs.to_epsg() == 4549
    expected = pyproj.Transformer.from_crs(4326, 4549, always_xy=True).transform(120.81, 32.0)
    assert np.hypot(*(np.array(found.geometry[1].exterior.coords) - expected).T).min() < 1e-3


def test_long_edges_stay_where_they_were_and_come_back() -> None:
    edge = np.array([shapely.LineString([(118, 32), (122, 32)]), None], dtype=object)
    zone = parse_reference("EPSG:4549")
    there = geometries_from_wgs84(edge, zone)
    assert shapely.get_num_coordinates(there[0]) > 50
    back = geometries_to_wgs84(there[:1], zone)
    assert np.abs(shapely.get_coordinates(back)[:, 1] - 32).max() * 111_000 < 0.03
    assert there[1] is None


def test_a_zone_on_the_other_side_of_the_earth_is_said(tmp_path: Path) -> None:
    _, said = written(hard_export(), tmp_path, "a.gpkg", crs="EPSG:32616")
    assert "outside the area" in said


@pytest.mark.parametrize(("west", "is_said"), [(-84.3, False), (-84.5, False), (-86.0, True)])
def test_only_data_well_outside_of_where_a_system_is_meant_for_are_said_in_few_words(
    west: float, is_said: bool
) -> None:
    """North Carolina begins at 84.3° W; the register lists all of its counties."""
    said = target_of("EPSG:32119", Path("a.gpkg")).warnings(np.array([shapely.box(west, 34, -76, 36.5)]))
    assert len(said) == is_said
    assert all(len(each) < 250 for pair in said for each in pair)


@pytest.mark.parametrize("name", ["a.geojson", "a.kml", "a.kmz"])
def test_formats_of_wgs84_refuse_other_systems(name: str, tmp_path: Path) -> None:
    with pytest.raises(CrsError) as caught:
        written(hard_export(), tmp_path, name, crs="EPSG:4549")
    assert ".gpkg" in caught.value.fix
    assert not list(tmp_path.iterdir())


def test_drawings_are_in_metres(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="metres"):
        written(hard_export(), tmp_path, "a.dxf", crs="EPSG:4490")
    with pytest.raises(CrsError, match="metres"):
        written(one_table(NONE), tmp_path, "a.dxf", metric_crs="")
    written(hard_export(), tmp_path, "a.dxf", metric_crs="")  # chosen by where the data lie


# ---- GCJ-02


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_coordinates_need_a_name_that_says_so(datum: str, tmp_path: Path) -> None:
    with pytest.raises(CrsError) as caught:
        written(hard_export(), tmp_path, "f.gpkg", crs=datum)
    assert caught.value.fix == f"Write f.{datum}.gpkg."


def test_a_gcj02_package_says_so_everywhere_and_claims_no_reference_system(tmp_path: Path) -> None:
    out, _ = written(hard_export(), tmp_path, "f.gcj02.gpkg", crs="gcj02")
    with closing(sqlite3.connect(out)) as base:
        contents = base.execute("SELECT table_name, srs_id, description FROM gpkg_contents").fetchall()
        about = dict(base.execute("SELECT name, value FROM parameters"))
    name, srs, description = contents[0]
    assert (name, srs) == ("hotspots_gcj02", 0)
    assert "GCJ-02，不是 WGS-84" in description
    assert "GCJ-02, not WGS-84" in description
    assert about["coordinates"] == "GCJ-02，不是 WGS-84"
    assert about["coordinates_en"] == "GCJ-02, not WGS-84"
    found = pyogrio.read_dataframe(out, layer=name)
    there = convert(120.81, 32.0, Datum.WGS84, Datum.GCJ02)
    assert np.hypot(*(np.array(found.geometry[1].exterior.coords) - there).T).min() < 1e-12


@pytest.mark.parametrize("suffix", [".fgb", ".shp.zip", ".parquet"])
def test_a_gcj02_file_claims_no_reference_system(suffix: str, tmp_path: Path) -> None:
    out, _ = written(hard_export(), tmp_path, f"f_GCJ02{suffix}", crs="gcj02")
    found = geopandas.read_parquet(out) if suffix == ".parquet" else pyogrio.read_dataframe(out)
    assert found.crs is None


def test_tables_say_gcj02_in_the_names_of_their_columns(tmp_path: Path) -> None:
    """A CSV has no other place to say it."""
    points, areas = one_table(points_table().frame), hard_export()
    header = written(points, tmp_path, "p.gcj02.csv", crs="gcj02")[0].read_text("utf-8-sig").split("\n")[0]
    assert header.startswith("lng_gcj02,lat_gcj02,")
    header = written(areas, tmp_path, "a.bd09.csv", crs="bd09")[0].read_text("utf-8-sig").split("\n")[0]
    assert header.strip().endswith(",wkt_bd09")
    written(points, tmp_path, "p.gcj02.xlsx", crs="gcj02")


@pytest.mark.parametrize("name", ["f.kml", "f.gcj02.kml", "f.kmz"])
def test_gcj02_never_goes_into_kml_and_a_name_that_says_so_is_not_asked_for(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(CrsError) as caught:
        written(hard_export(), tmp_path, name, crs="gcj02")
    assert caught.value.message == "KML is in WGS-84, not in GCJ-02."
    assert caught.value.fix == "Take f.gcj02.gpkg instead."
    written(hard_export(), tmp_path, "f.gcj02.gpkg", crs="gcj02")


def test_gcj02_never_goes_into_a_drawing(tmp_path: Path) -> None:
    with pytest.raises(CrsError) as caught:
        written(hard_export(), tmp_path, "f.dxf", crs="gcj02")
    assert caught.value.message == "A drawing is in metres, and GCJ-02 is not."


# ---- what is said


def test_a_csv_says_that_it_does_not_hold_what_it_was_made_of(tmp_path: Path) -> None:
    said = "does not hold what it was made of"
    assert said in written(hard_export(), tmp_path, "a.csv")[1]
    assert said not in written(hard_export(), tmp_path, "a.xlsx")[1]
    assert said not in written(one_table(points_table().frame), tmp_path, "b.csv")[1]


def test_a_plane_that_no_register_has_is_not_taken_for_another() -> None:
    assert metric_target("+proj=tmerc +lon_0=120.5 +ellps=krass").axes == ("easting_other", "northing_other")


# ---- hotspots of several categories


def of_categories(**classes: str) -> Export:
    """Hotspots of categories, each in the same cells, by the first letters of their classes; and a scan."""
    names = {"h": "hot", "c": "cold", "n": "not significant"}
    rows = [(code, f"类别{code}", names[letter]) for code, said in classes.items() for letter in said]
    shapes = [shapely.box(121 + n / 100, 32, 121.01 + n / 100, 32.01) for said in classes.values()
              for n in range(len(said))]  # fmt: skip
    columns = ["category", "category_name", "class"]
    frame = geopandas.GeoDataFrame(rows, columns=columns, geometry=shapes, crs="EPSG:4326")
    scan = geopandas.GeoDataFrame(
        {"category": list(classes)}, geometry=[shapely.Point(121, 32)] * len(classes), crs="EPSG:4326"
    )
    tables = (ExportTable("hotspots", ("热点", "hotspots"), frame, class_by="class"),
              ExportTable("clusters", ("聚集区", "clusters"), scan))  # fmt: skip
    return Export(("热点", "Hotspots"), tables)


@pytest.mark.parametrize(
    ("classes", "shown", "left_out"),
    [
        ({"A": "hnc", "B": "hhn", "D": "nnn"}, "B", "2 others are"),
        ({"D": "hhn", "A": "hhn"}, "D", "1 other is"),
        ({"B": "nnn", "A": "ncc"}, "B", "1 other is"),
    ],
)
@pytest.mark.parametrize("suffix", [".dxf", ".png"])
def test_a_drawing_shows_the_category_with_most_hotspots_and_says_so(
    classes: dict[str, str], shown: str, left_out: str, suffix: str, tmp_path: Path
) -> None:
    """Cells of all would lie on each other, and the legend count them all."""
    out, said = written(of_categories(**classes), tmp_path, f"a{suffix}")
    assert f"most hotspots: 类别{shown} {shown}; {left_out} left out: take .gpkg" in said
    if suffix == ".dxf":
        space = ezdxf.filemanagement.readfile(out).modelspace()
        assert len(space.query("LWPOLYLINE")) == 3
        assert len(space.query("POINT")) == 1
        assert any(f"类别{shown}" in text.dxf.text for text in space.query('TEXT[layer=="about"]'))
    else:
        with Image.open(out) as picture:
            assert f"most hotspots: 类别{shown}" in picture.info["Description"]


def test_one_category_or_categories_of_issues_are_drawn_whole(tmp_path: Path) -> None:
    issues = points_table().frame.assign(category=["a", "b", "b"], status=["open", "done", "done"])
    for number, export in enumerate((of_categories(A="hnc"), one_table(issues, class_by="status"))):
        for suffix in (".dxf", ".png"):
            assert "category" not in written(export, tmp_path, f"{number}{suffix}")[1]
    assert len(ezdxf.filemanagement.readfile(tmp_path / "1.dxf").modelspace().query("POINT")) == 3


def test_a_package_holds_the_hotspots_of_all_categories(tmp_path: Path) -> None:
    out, said = written(of_categories(A="hnc", B="hhn"), tmp_path, "a.gpkg")
    assert len(pyogrio.read_dataframe(out, layer="hotspots")) == 6
    assert "most hotspots" not in said


def test_every_remark_is_in_both_languages_once(tmp_path: Path) -> None:
    notes = write_export(hard_export(points_table()), tmp_path / "a.shp.zip")
    assert len(notes) == len(set(notes))
    assert all(zh and en and zh != en for zh, en in notes)


def test_a_picture_says_that_it_is_one(tmp_path: Path) -> None:
    frame = points_table().frame
    density = ExportTable("density", ("密度", "density"), frame, is_picture=True)
    out, _ = written(Export(("a", "b"), (density,)), tmp_path, "a.gpkg")
    with closing(sqlite3.connect(out)) as base:
        (said,) = base.execute(
            "SELECT description FROM gpkg_contents WHERE table_name = 'density'"
        ).fetchone()
    assert "it tests nothing" in said


def test_columns_are_one_of_five_kinds() -> None:
    frame = hard_export().tables[0].frame
    kinds = {name: plain(frame[name])[1] for name in frame.columns if name != "geometry"}
    assert kinds["whole"] == "int"
    assert kinds["relative_risk"] == "real"
    assert kinds["is_new"] == "bool"
    assert kinds["at"] == "time"
    assert kinds["naive"] == kinds["issue_ids"] == kinds["text"] == "text"


def test_the_metric_crs_of_the_city_is_what_drawings_are_in(tmp_path: Path) -> None:
    assert METRIC in (written(hard_export(), tmp_path, "a.dxf")[0]).read_text("gbk")


def test_issues_far_away_are_left_off_a_picture_and_counted(tmp_path: Path) -> None:
    table = points_table(rows=200)
    table.frame.loc[7, "geometry"] = shapely.Point(2, 48)
    _, said = written(Export(("a", "b"), (table,)), tmp_path, "a.png")
    assert "1 row lies far from all others" in said
