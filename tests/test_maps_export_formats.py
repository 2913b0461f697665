"""Each format, read by another program than the one that wrote it."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import ezdxf.filemanagement
import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet
import pyogrio
import pytest
import shapely
from exports_made import (
    BIG,
    FORMULA,
    LONG,
    NOON,
    RARE,
    hard_export,
    hard_frame,
    one_table,
    points_table,
    written,
)
from PIL import Image

from geo.errors import LayerError
from maps.export_shapefile import first_bytes, short_names
from maps.export_xlsx import first_units

KML = "{http://www.opengis.net/kml/2.2}"


def same_shapes(found: geopandas.GeoDataFrame) -> bool:
    """Whether the geometries are those of the hard frame, wherever rings begin."""
    expected = hard_frame().geometry
    return bool((found.geometry.isna() == expected.isna()).all()) and all(
        a.equals(b) for a, b in zip(found.geometry, expected, strict=True) if b is not None
    )


# ---- GeoPackage


def test_a_geopackage_holds_all(tmp_path: Path) -> None:
    out, said = written(hard_export(points_table()), tmp_path, "a.gpkg")
    layers = [name for name, _ in pyogrio.list_layers(out)]
    assert layers[:3] == ["hotspots", "issues", "parameters"]
    found = pyogrio.read_dataframe(out, layer="hotspots")
    assert same_shapes(found)
    assert found["text"].iloc[0] == RARE
    assert found["text"].iloc[2] == ""
    assert pd.isna(found["text"].iloc[1])
    assert np.isposinf(found["relative_risk"].iloc[2])
    assert found["cell_code"].iloc[0] == "00012345678901234567"
    assert found["at"].iloc[0] == pd.Timestamp(NOON).floor("ms")
    assert "milliseconds" not in said
    assert "millisecond" in said
    assert json.loads(found["issue_ids"].iloc[0]) == ["a", "b"]


def test_a_geopackage_brings_its_style_and_the_words_for_its_columns(tmp_path: Path) -> None:
    out, _ = written(hard_export(points_table()), tmp_path, "a.gpkg")
    with closing(sqlite3.connect(out)) as base:
        styles = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))
        assert base.execute("SELECT 1 FROM gpkg_contents WHERE table_name = 'layer_styles'").fetchone()
        geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        (check,) = base.execute("PRAGMA integrity_check").fetchone()
    assert check == "ok"
    assert geometry == {"hotspots": "geom", "issues": "geom"}
    root = ElementTree.fromstring(styles["hotspots"].partition("\n")[2])
    classes = {one.get("value"): one.get("label") for one in root.iter("category")}
    assert classes["hot"] == "热点 hot"
    assert list(classes) == ["hot", "cold", "not significant", "excluded", ""]
    aliases = {one.get("field"): one.get("name") for one in root.iter("alias")}
    assert aliases["relative_risk"] == "相对风险 relative risk"
    assert "marker" in styles["issues"]


def test_other_columns_of_classes_have_a_style_to_choose(tmp_path: Path) -> None:
    frame = points_table().frame.assign(change_class=["rising", "falling", "not significant"])
    out, _ = written(one_table(frame, labels={"change_class": ("变化", "change")}), tmp_path, "a.gpkg")
    with closing(sqlite3.connect(out)) as base:
        styles = dict(base.execute("SELECT styleName, useAsDefault FROM layer_styles"))
        (style,) = base.execute(
            "SELECT styleQML FROM layer_styles WHERE styleName = 'change_class'"
        ).fetchone()
    assert styles == {"things": 1, "change_class": 0}
    assert 'value="rising"' in style


def test_a_geopackage_says_what_it_was_made_of(tmp_path: Path) -> None:
    out, _ = written(hard_export(), tmp_path, "a.gpkg")
    about = pyogrio.read_dataframe(out, layer="parameters", read_geometry=False)
    said = dict(zip(about["name"], about["value"], strict=True))
    assert said["window"] == "2026-01-01 / 2026-06-30"
    assert said["note"] == "热点不是原因。"


# ---- GeoJSON


def test_geojson_is_what_rfc_7946_says(tmp_path: Path) -> None:
    out, said = written(hard_export(), tmp_path, "a.geojson")
    body = json.loads(out.read_text("utf-8"), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert "crs" not in body
    assert body["about"]["generation"] == "0001"
    ring = body["features"][1]["geometry"]["coordinates"][0]
    assert shapely.LinearRing(ring).is_ccw
    assert body["features"][4]["geometry"] is None
    assert body["features"][2]["properties"]["relative_risk"] is None
    assert body["features"][0]["properties"]["at"] == "2026-06-01T12:00:00.123456Z"
    assert "infinity" in said
    assert same_shapes(pyogrio.read_dataframe(out))


# ---- shapefile


def test_a_shapefile_comes_in_a_zip_with_the_names_its_columns_had(tmp_path: Path) -> None:
    out, said = written(hard_export(points_table()), tmp_path, "a.shp.zip")
    with zipfile.ZipFile(out) as archive:
        assert {f"hotspots.{end}" for end in ("shp", "shx", "dbf", "prj", "cpg")} <= set(archive.namelist())
        assert archive.read("hotspots.cpg").strip() == b"UTF-8"
        rows = list(csv.DictReader(io.StringIO(archive.read("columns.csv").decode("utf-8-sig"))))
    names = {row["name"]: row["column"] for row in rows if row["layer"] == "hotspots"}
    assert all(len(short) <= 10 and short.isascii() for short in names.values())
    assert len({short.lower() for short in names.values()}) == len(names)
    found = pyogrio.read_dataframe(f"/vsizip/{out}/hotspots.shp")
    assert same_shapes(found)
    assert found[names["text"]].iloc[0] == RARE
    assert found[names["text"]].iloc[5] == "字" * 84
    assert "cut" in said
    assert "as text" in said
    assert "empty text" in said


def test_points_and_areas_go_into_two_shapefiles(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"id": ["a", "b"]}, geometry=[shapely.Point(1, 2), shapely.box(0, 0, 1, 1)], crs="EPSG:4326"
    )
    out, said = written(one_table(frame), tmp_path, "a.shp.zip")
    assert "things_point" in said
    assert pyogrio.read_dataframe(f"/vsizip/{out}/things_polygon.shp")["id"].tolist() == ["b"]


def test_collections_are_refused_as_shapefile_with_what_to_take(tmp_path: Path) -> None:
    both = shapely.GeometryCollection([shapely.Point(1, 2), shapely.box(0, 0, 1, 1)])
    frame = geopandas.GeoDataFrame({"id": ["a"]}, geometry=[both], crs="EPSG:4326")
    with pytest.raises(LayerError, match="collections") as caught:
        written(one_table(frame), tmp_path, "a.shp.zip")
    assert ".gpkg" in caught.value.fix


def test_blanks_that_a_shapefile_loses_are_said(tmp_path: Path) -> None:
    out, said = written(one_table(points_table().frame.assign(name=[" 0", "1 ", "2"])), tmp_path, "a.shp.zip")
    assert pyogrio.read_dataframe(f"/vsizip/{out}/things.shp")["name"].tolist() == ["0", "1", "2"]
    assert "Blanks at both ends" in said


def test_short_names_are_ascii_and_unique() -> None:
    names = short_names(["relative_risk", "relative_risks", "中文列名", "2x", "a b"])
    assert names == ["relative_r", "relative_2", "col_3", "col_4", "ab"]


def test_no_character_is_cut_in_halves() -> None:
    assert first_bytes("字" * 100) == "字" * 84
    assert first_bytes(RARE) is RARE
    assert first_units("😀" * 20_000) == "😀" * 16_383


# ---- KML


@pytest.mark.parametrize("name", ["a.kml", "a.kmz"])
def test_kml_opens_coloured_by_class(name: str, tmp_path: Path) -> None:
    out, _ = written(hard_export(points_table()), tmp_path, name)
    assert [layer for layer, _ in pyogrio.list_layers(out)] == ["hotspots", "issues"]
    found = pyogrio.read_dataframe(out, layer="hotspots")
    assert same_shapes(found)
    assert found["text"].iloc[0] == RARE
    assert found["cell_code"].iloc[0] == "00012345678901234567"
    body = out.read_bytes() if name.endswith("kml") else zipfile.ZipFile(out).read("doc.kml")
    root = ElementTree.fromstring(body)
    marks = list(root.iter(f"{KML}Placemark"))
    used = {str(mark.findtext(f"{KML}styleUrl"))[1:] for mark in marks}
    assert used <= {style.get("id") for style in root.iter(f"{KML}Style")}
    assert "ff2b18b2"[2:] in str(body)  # hot, as KML writes colours: blue before red


POINT = [shapely.Point(120.8, 32)]


@pytest.mark.parametrize(
    ("columns", "called"),
    [
        ({"number": ["2026-7"], "status": ["open"], "cell_code": ["R01"], "cell_name": ["街"]}, "2026-7"),
        ({"cell_code": ["R01"], "cell_name": ["街"], "class": ["hot"]}, "R01"),
        ({"id": ["L1"], "name": ["灯"], "number": ["9"], "cell_code": ["X"], "code": ["Y"]}, "L1"),
        ({"code": ["D1"], "name": ["区"]}, "D1"),
        ({"name": ["区"]}, "区"),
    ],
    ids=["issue", "hotspot", "asset", "cell", "name"],
)  # fmt: skip
def test_things_are_called_by_what_they_are_and_not_by_where(
    columns: dict[str, list[str]], called: str, tmp_path: Path
) -> None:
    """An issue by its number, an asset by its id whatever else its source says."""
    export = one_table(geopandas.GeoDataFrame(columns, geometry=POINT, crs="EPSG:4326"))
    marks = ElementTree.parse(written(export, tmp_path, "a.kml")[0]).iter(f"{KML}Placemark")
    assert [mark.findtext(f"{KML}name") for mark in marks] == [called]
    drawing = ezdxf.filemanagement.readfile(written(export, tmp_path, "a.dxf")[0]).modelspace()
    assert [text.dxf.text for text in drawing.query('TEXT[layer=="things_labels"]')] == [called]


# ---- FlatGeobuf and GeoParquet


def test_flatgeobuf_keeps_the_order_of_rows(tmp_path: Path) -> None:
    out, _ = written(one_table(points_table(rows=500).frame.iloc[::-1]), tmp_path, "a.fgb")
    assert pyogrio.read_dataframe(out)["id"].tolist() == [f"0{n}" for n in range(499, -1, -1)]


def test_geoparquet_loses_nothing(tmp_path: Path) -> None:
    out, said = written(hard_export(), tmp_path, "a.parquet")
    found = geopandas.read_parquet(out)
    assert same_shapes(found)
    assert found["whole"].iloc[3] == BIG
    assert found["at"].iloc[0] == pd.Timestamp(NOON)
    assert "millisecond" not in said
    kept = json.loads(pyarrow.parquet.read_schema(out).metadata[b"woodpecker"])
    assert kept["about"]["baseline"] == RARE


# ---- CSV and workbooks


def test_csv_opens_in_excel_and_starts_no_formula(tmp_path: Path) -> None:
    out, said = written(hard_export(), tmp_path, "a.csv")
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline="")))
    assert rows[3]["text"] == "'" + FORMULA
    assert "formulas" in said
    assert rows[4]["whole"] == "-5"  # a number is none
    assert rows[0]["wkt"].startswith("POLYGON")
    assert rows[4]["wkt"] == ""
    assert float(rows[4]["relative_risk"]) == 0.1 + 0.2


def test_points_are_two_columns_of_a_csv(tmp_path: Path) -> None:
    out, _ = written(one_table(points_table().frame), tmp_path, "a.csv")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert list(rows[0]) == ["lng", "lat", "id", "name"]
    assert float(rows[1]["lng"]) == 120.8 + 1 / 1000
    projected, _ = written(one_table(points_table().frame), tmp_path, "b.csv", crs="EPSG:4549")
    assert projected.read_text("utf-8-sig").startswith("easting_epsg4549,northing_epsg4549,")


@pytest.mark.parametrize("code", [4610, 4214])
def test_degrees_of_another_datum_are_not_called_as_those_of_wgs84(code: int, tmp_path: Path) -> None:
    """Xian 1980 and Beijing 1954 lie up to a hundred metres off."""
    out, _ = written(one_table(points_table().frame), tmp_path, "a.csv", crs=f"EPSG:{code}")
    assert out.read_text("utf-8-sig").startswith(f"lng_epsg{code},lat_epsg{code},id,")
    areas, _ = written(hard_export(), tmp_path, "b.csv", crs=f"EPSG:{code}")
    assert areas.read_text("utf-8-sig").partition("\n")[0].endswith(f",wkt_epsg{code}")


@pytest.mark.parametrize("crs", ["", "wgs84", "EPSG:4326", "cgcs2000", "EPSG:4490"])
def test_degrees_of_wgs84_and_cgcs2000_are_called_plainly(crs: str, tmp_path: Path) -> None:
    out, _ = written(one_table(points_table().frame), tmp_path, "a.csv", crs=crs)
    assert out.read_text("utf-8-sig").startswith("lng,lat,id,")
    areas, _ = written(hard_export(), tmp_path, "b.csv", crs=crs)
    assert areas.read_text("utf-8-sig").partition("\n")[0].endswith(",wkt")


def test_zones_are_told_apart_by_the_names_of_columns(tmp_path: Path) -> None:
    areas, _ = written(hard_export(), tmp_path, "a.csv", crs="EPSG:4549")
    assert areas.read_text("utf-8-sig").partition("\n")[0].endswith(",wkt_epsg4549")
    book, _ = written(one_table(points_table().frame), tmp_path, "a.xlsx", crs="EPSG:4549")
    header = [one.value for one in openpyxl.load_workbook(book)["things"][1]]
    assert header[:2] == ["easting_epsg4549", "northing_epsg4549"]


def test_columns_that_are_called_like_positions_get_other_names(tmp_path: Path) -> None:
    frame = points_table().frame.assign(lng="x")
    out, _ = written(one_table(frame), tmp_path, "a.csv")
    assert out.read_text("utf-8-sig").startswith("lng,lat,id,name,lng_2")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "＝1", "－1"])
def test_whatever_begins_a_formula_is_guarded(text: str, tmp_path: Path) -> None:
    out, _ = written(one_table(points_table(rows=1).frame.assign(name=[text])), tmp_path, "a.csv")
    (row,) = csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline=""))
    assert row["name"] == "'" + text


def test_a_workbook_has_types_a_frozen_header_and_what_it_was_made_of(tmp_path: Path) -> None:
    out, said = written(hard_export(points_table()), tmp_path, "a.xlsx")
    workbook = openpyxl.load_workbook(out)
    assert workbook.sheetnames == ["hotspots", "issues", "columns", "about"]
    page = workbook["hotspots"]
    assert page.freeze_panes == "A2"
    header = [one.value for one in page[1]]
    row = {name: page.cell(5, place + 1) for place, name in enumerate(header)}
    assert row["text"].value == FORMULA
    assert row["text"].data_type == "s"
    assert row["text"].quotePrefix
    assert page.cell(2, header.index("cell_code") + 1).value == "00012345678901234567"
    assert row["whole"].value == str(BIG)
    assert page.cell(2, header.index("is_new") + 1).value is True
    assert page.cell(2, header.index("at") + 1).is_date
    assert ("about", "generation") != dict(workbook["about"].values)["generation"] == "0001"
    assert "UTC" in said
    assert [one.value for one in workbook["issues"][1]][:2] == ["lng", "lat"]


def test_what_a_reader_of_workbooks_takes_for_a_code_stays_as_it_is(tmp_path: Path) -> None:
    frame = points_table(rows=2).frame.assign(name=["_x0041_", "a" * 40_000])
    out, said = written(one_table(frame), tmp_path, "a.xlsx")
    assert "cut" in said
    with zipfile.ZipFile(out) as archive:
        assert b"_x005F_x0041_" in archive.read("xl/worksheets/sheet1.xml")


# ---- drawings and pictures


def test_a_drawing_has_a_layer_a_class_in_metres_with_codes_as_labels(tmp_path: Path) -> None:
    out, said = written(hard_export(points_table()), tmp_path, "a.dxf")
    drawing = ezdxf.filemanagement.readfile(out)
    assert drawing.dxfversion == "AC1015"
    assert drawing.encoding == "gbk"
    space = drawing.modelspace()
    hot = list(space.query('LWPOLYLINE[layer=="hotspots_hot"]'))
    assert len(hot) == 3  # one has a hole
    x, y = next(iter(hot[0].get_points("xy")))
    assert 5e5 < x < 6e5
    assert 3.5e6 < y < 3.6e6
    labels = [text.dxf.text for text in space.query('TEXT[layer=="hotspots_labels"]')]
    assert "00012345678901234567" in labels
    assert len(space.query("POINT")) == 3
    assert any("热点" in text.dxf.text for text in space.query('TEXT[layer=="about"]'))
    assert "no other columns" in said
    assert "no position" in said


def test_a_picture_is_large_named_and_not_blank(tmp_path: Path) -> None:
    out, said = written(hard_export(), tmp_path, "a.png")
    with Image.open(out) as picture:
        assert min(picture.size) >= 1500
        assert "热点不是原因" in picture.info["Description"]
        colours = picture.convert("RGB").getcolors(2**24)
    assert colours is not None
    assert len(colours) > 50
    assert "1 row has no position and cannot be drawn: hotspots" in said


def test_without_chinese_letters_a_picture_is_in_english_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maps.export_png_texts.chinese_font", lambda: "")
    _, said = written(hard_export(), tmp_path, "a.png")
    assert "no font for Chinese" in said


def test_a_dollar_sign_begins_no_formula_on_a_picture(tmp_path: Path) -> None:
    frame = points_table(rows=2).frame.assign(name=["$\\frac{1}{", "$x$ _ ^"])
    written(one_table(frame), tmp_path, "a.png")


def test_long_texts_are_not_lost_where_a_format_has_room(tmp_path: Path) -> None:
    for name in ("a.gpkg", "a.parquet", "a.fgb"):
        out, _ = written(hard_export(), tmp_path, name)
        found = (
            geopandas.read_parquet(out)
            if name.endswith("parquet")
            else pyogrio.read_dataframe(out, layer="hotspots")
        )
        assert found["text"].iloc[5] == LONG
