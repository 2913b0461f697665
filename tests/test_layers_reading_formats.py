"""The same two places come out of every format, under every name and in every reference."""

from __future__ import annotations

import datetime
import json
import shutil
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import LayerError
from layers.io import SourceLayer, list_layers, read_layer, read_table

BIG = 9_007_199_254_740_993  # an integer that no double holds


def towns() -> geopandas.GeoDataFrame:
    """Two squares near Nantong with a name, a large number, a gap and a date."""
    return geopandas.GeoDataFrame(
        {
            "name": ["钟楼", "文峰"],
            "big": np.array([BIG, 2], dtype="int64"),
            "gap": pd.array([7, None], dtype="Int64"),
            "born": [datetime.date(2020, 1, 2), datetime.date(2021, 3, 4)],
        },
        geometry=[shapely.box(120.8, 32.0, 120.81, 32.01), shapely.box(120.81, 32.0, 120.82, 32.01)],
        crs="EPSG:4326",
    )


def same_places(layer: SourceLayer, tolerance: float = 1e-9) -> None:
    """The two squares are back, with their names, in order."""
    assert layer.frame.index.tolist() == [1, 2]
    assert layer.frame.index.name == "row"
    assert layer.frame.geometry.is_valid.all()
    assert layer.frame.crs.to_epsg() == 4326
    for got, sent in zip(layer.frame.geometry, towns().geometry, strict=True):
        assert got.hausdorff_distance(sent) < tolerance


@pytest.mark.parametrize(
    ("name", "driver", "options"),
    [
        ("a.gpkg", "GPKG", {}),
        ("a.geojson", "GeoJSON", {"RFC7946": "YES"}),
        ("a.geojsonl", "GeoJSONSeq", {}),
        ("a.fgb", "FlatGeobuf", {"SPATIAL_INDEX": "NO"}),
        ("a.gdb", "OpenFileGDB", {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"}),
    ],
)
def test_gdal_formats_keep_integers_gaps_and_dates(
    tmp_path: Path, name: str, driver: str, options: dict[str, str]
) -> None:
    path = tmp_path / name
    pyogrio.write_dataframe(towns(), path, driver=driver, **options)
    layer = read_layer(path)
    assert layer.source.driver == driver
    same_places(layer, 1e-7)
    assert layer.frame["name"].tolist() == ["钟楼", "文峰"]
    assert layer.frame["big"].tolist() == [BIG, 2]
    assert layer.frame["gap"].iloc[0] == 7
    assert layer.frame["gap"].isna().tolist() == [False, True]
    assert str(layer.frame["born"].iloc[0])[:10] == "2020-01-02"


def test_a_filegdb_in_a_zip_and_with_several_layers(tmp_path: Path) -> None:
    path = tmp_path / "city.gdb"
    pyogrio.write_dataframe(towns()[["name", "geometry"]], path, driver="OpenFileGDB", layer="towns")
    pyogrio.write_dataframe(
        towns()[["name", "geometry"]], path, driver="OpenFileGDB", layer="streets", append=True
    )
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "city.gdb")
    assert sorted(list_layers(packed)) == ["streets", "towns"]
    same_places(read_layer(packed, layer="towns"), 1e-7)


def test_geoparquet_in_metres(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    towns().to_crs("EPSG:4549").to_parquet(path)
    layer = read_layer(path)
    assert layer.source.reference == "EPSG:4549"
    same_places(layer, 1e-6)
    assert layer.frame["gap"].isna().tolist() == [False, True]
    table, _ = read_table(path)
    assert table.columns.tolist() == ["name", "big", "gap", "born"]
    assert table["gap"].tolist() == ["7", ""]


def test_parquet_without_geometry_is_a_table_and_no_layer(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"code": ["007"]}).to_parquet(path)
    assert read_table(path)[0]["code"].tolist() == ["007"]
    with pytest.raises(LayerError, match="without a WKB geometry"):
        read_layer(path)


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>钟楼</name><ExtendedData><Data name="code"><value>007</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>
120.8,32,5 120.81,32,5 120.81,32.01,5 120.8,32.01,5 120.8,32,5</coordinates></LinearRing></outerBoundaryIs>
</Polygon></Placemark></Document></kml>"""


@pytest.mark.parametrize("packed", [False, True])
def test_kml_and_kmz_are_wgs84_unless_declared(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "图层.kml"
    path.write_text(KML, "utf-8")
    if packed:
        path = tmp_path / "a.kmz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", KML)
    layer = read_layer(path)
    assert layer.frame.geometry.iloc[0].equals(shapely.box(120.8, 32, 120.81, 32.01))
    assert not layer.frame.has_z.any()
    assert layer.frame["code"].tolist() == ["007"]
    assert [f.code for f in layer.findings if f.severity != "note"] == []
    moved = read_layer(path, reference="gcj02")
    assert moved.frame.geometry.iloc[0].distance(layer.frame.geometry.iloc[0]) < 0.01
    assert not moved.frame.geometry.iloc[0].equals(layer.frame.geometry.iloc[0])


def test_shapefile_without_prj_in_degrees_is_assumed_and_in_metres_refused(tmp_path: Path) -> None:
    for name, frame in (("degrees", towns()), ("metres", towns().to_crs(4528))):
        frame[["name", "geometry"]].to_file(tmp_path / f"{name}.shp", encoding="UTF-8")
        (tmp_path / f"{name}.prj").unlink()
    same_places(read_layer(tmp_path / "degrees.shp"))
    with pytest.raises(LayerError, match="declares no reference") as error:
        read_layer(tmp_path / "metres.shp")
    assert "EPSG:4528" in error.value.fix
    same_places(read_layer(tmp_path / "metres.shp", reference="EPSG:4528"), 1e-6)


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.geojson", "a.fgb", "a.gdb", "a.kml", "a.parquet"])
def test_reading_writes_nothing_into_the_source(tmp_path: Path, name: str) -> None:
    frame = towns()[["name", "geometry"]]
    if name == "a.parquet":
        frame.to_parquet(tmp_path / name)
    else:
        drivers = {".gdb": "OpenFileGDB", ".kml": "KML"}
        frame.to_file(tmp_path / name, driver=drivers.get(Path(name).suffix))

    def state() -> list[tuple[str, int, bytes]]:
        files = sorted(file for file in tmp_path.rglob("*") if file.is_file())
        return [(file.name, file.stat().st_mtime_ns, file.read_bytes()) for file in files]

    before = state()
    read_layer(tmp_path / name)
    read_table(tmp_path / name)
    list_layers(tmp_path / name)
    assert state() == before


def test_shapefile_alone_in_a_read_only_folder_gets_its_index_elsewhere(tmp_path: Path) -> None:
    towns()[["name", "geometry"]].to_file(tmp_path / "a.shp", encoding="UTF-8")
    for suffix in (".shx", ".dbf", ".cpg"):
        (tmp_path / f"a{suffix}").unlink()
    before = sorted(tmp_path.iterdir())
    same_places(read_layer(tmp_path / "a.shp"))
    assert sorted(tmp_path.iterdir()) == before


def test_a_dbf_that_lies_about_its_records_is_a_finding(tmp_path: Path) -> None:
    towns()[["name", "geometry"]].to_file(tmp_path / "a.shp", encoding="UTF-8")
    dbf = tmp_path / "a.dbf"
    data = bytearray(dbf.read_bytes())
    data[4:8] = (4_000_000_000).to_bytes(4, "little")
    dbf.write_bytes(data)
    layer = read_layer(tmp_path / "a.shp")
    assert next(f.value for f in layer.findings if f.code == "table_longer") == "4000000000"
    same_places(layer)


@pytest.mark.parametrize("cpg", [None, "UTF-8", "GBK"])
def test_gbk_text_is_read_whatever_the_cpg_says(tmp_path: Path, cpg: str | None) -> None:
    towns()[["name", "geometry"]].to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink(missing_ok=True)
    if cpg:
        (tmp_path / "a.cpg").write_text(cpg)
    layer = read_layer(tmp_path / "a.shp")
    assert layer.frame["name"].tolist() == ["钟楼", "文峰"]
    said = {f.code for f in layer.findings}
    assert said == {None: {"encoding_guessed"}, "UTF-8": {"encoding_overruled"}, "GBK": set()}[cpg]


def test_an_index_or_projection_file_leads_to_the_layer_it_belongs_to(tmp_path: Path) -> None:
    towns()[["name", "geometry"]].to_file(tmp_path / "a.shp", encoding="UTF-8")
    same_places(read_layer(tmp_path / "a.dbf"))


def test_hostile_and_repeated_column_names_are_kept_or_made_safe(tmp_path: Path) -> None:
    names = ['a"b', "a]b", "x;--", "new\nline", "n\0ul", "", "twice", "Twice", "geometry", "row"]
    properties = dict.fromkeys(names, "v")
    square = shapely.geometry.mapping(shapely.Point(1, 2))
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": properties, "geometry": square}))
    layer = read_layer(path)
    columns = [name for name in layer.frame.columns if name != "geometry"]
    assert {'a"b', "a]b", "x;--", "new line", "twice", "geometry_2", "row"} <= set(columns)
    assert len({name.casefold() for name in columns}) == len(columns)
    assert all(name.isprintable() and name for name in columns)


def test_nested_values_are_json_text_and_odd_text_survives(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"Feature","properties":{"tags":["a","b"],"more":{"k":1},"odd":"\\ud800x"},'
        '"geometry":{"type":"Point","coordinates":[1,2]}}'
    )
    row = read_layer(path).frame.iloc[0]
    assert json.loads(row["tags"]) == ["a", "b"]
    assert json.loads(row["more"]) == {"k": 1}
    assert "x" in row["odd"]


def test_geojson_in_gbk_is_read_as_such(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [120.8, 32.0]}
    feature = {"type": "Feature", "properties": {"名称": "钟楼街道"}, "geometry": point}
    path = tmp_path / "a.geojson"
    path.write_bytes(json.dumps(feature, ensure_ascii=False).encode("gbk"))
    assert read_layer(path).frame["名称"].tolist() == ["钟楼街道"]


def test_geojson_in_metres_needs_a_declaration_and_honours_it(tmp_path: Path) -> None:
    metres = towns().to_crs(4549)
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(g)}
        for g in metres.geometry
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(LayerError, match="not in degrees"):
        read_layer(path)
    same_places(read_layer(path, reference="EPSG:4549"), 1e-6)


def test_a_reference_in_the_file_wins_over_another_declaration(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    towns().to_crs(4549).to_file(path)
    ignored = read_layer(path, reference="EPSG:32651")
    same_places(ignored, 1e-6)
    assert [(f.code, f.severity) for f in ignored.findings] == [("reference_ignored", "warning")]
    assert read_layer(path, reference="EPSG:4549").findings == ()
