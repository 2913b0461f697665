"""Tables of text: separators, encodings, uneven rows, coordinate columns, WKT."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import parse_reference
from geo.errors import LayerError
from layers.io import read_layer
from layers.reading.columns import column_called, coordinate_pairs, find_column, safe_names
from layers.reading.csv_stream import open_csv
from layers.reading.delimited import Delimited, read_delimited
from layers.reading.encodings import decode, torn_share
from layers.reading.limits import RawLayer
from layers.reading.points import points_of_table


def table(tmp_path: Path, text: str | bytes, encoding: str | None = None) -> Delimited:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_delimited(path, "t.csv", encoding)


def points(
    tmp_path: Path, text: str, reference: str | None = None, lng: str | None = None, lat: str | None = None
) -> RawLayer:
    return points_of_table(table(tmp_path, text), lng, lat, parse_reference(reference) if reference else None)


def guessed(raw: RawLayer) -> str:
    return next(finding.value for finding in raw.findings if finding.code == "columns_guessed")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_told_by_the_header(tmp_path: Path, separator: str) -> None:
    read = table(tmp_path, separator.join(["a", '"b,;x"', "c"]) + "\n" + separator.join("123"))
    assert read.separator == separator
    assert read.table.to_pydict() == {"a": ["1"], "b,;x": ["2"], "c": ["3"]}


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_told_by_content(tmp_path: Path, codec: str, told: str) -> None:
    read = table(tmp_path, "名称,编号\n钟楼街道,007\n".encode(codec))
    assert read.encoding == told
    assert read.table.to_pydict() == {"名称": ["钟楼街道"], "编号": ["007"]}


def test_a_declared_encoding_is_used_and_checked(tmp_path: Path) -> None:
    assert table(tmp_path, "名稱\n鐘樓\n".encode("big5"), "big5").table["名稱"].to_pylist() == ["鐘樓"]
    with pytest.raises(LayerError, match=r"not utf-8: byte 0x\w\w in line 1"):
        table(tmp_path, "名称\n".encode("gbk"), "utf-8")


def test_text_in_neither_encoding_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="byte 0xE9 in line 2") as error:
        table(tmp_path, b"name,x\ncaf\xe9,1\n")
    assert "--encoding" in error.value.fix


def test_everything_stays_as_written(tmp_path: Path) -> None:
    read = table(tmp_path, 'code,n\n007,1e5\nNULL,NA\n"a ""b""\nc",\n')
    assert read.table.to_pydict() == {"code": ["007", "NULL", 'a "b"\nc'], "n": ["1e5", "NA", ""]}


def test_uneven_rows_are_kept_filled_or_cut_and_listed(tmp_path: Path) -> None:
    read = table(tmp_path, "a,b,c\n1,2,3\n\n4\n5,6,7,8\n")
    assert read.table.to_pydict() == {"a": ["1", "4", "5"], "b": ["2", "", "6"], "c": ["3", "", "7"]}
    assert [(f.code, f.row, f.value) for f in read.findings] == [
        ("row_wrong_width", 2, "1"),
        ("row_wrong_width", 3, "4"),
    ]


@pytest.mark.parametrize(("text", "message"), [("a,b\n", "no rows"), (",,\n1,2,3\n", "no header")])
def test_tables_without_rows_or_header_are_errors(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        table(tmp_path, text)


def test_any_line_ending_ends_a_line(tmp_path: Path) -> None:
    for ending in ("\n", "\r\n", "\r"):
        assert table(tmp_path, ending.join(["a,b", "1,2", "3,4", ""])).table["b"].to_pylist() == ["2", "4"]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("经度", "纬度"),
        ("lng", "lat"),
        ("LON", "LAT"),
        ("Longitude", "Latitude"),
        ("X_COORD", "Y_COORD"),
        ("x", "y"),
    ],
)
def test_well_known_names_are_guessed(x: str, y: str) -> None:
    assert coordinate_pairs(["id", y, x, "note"]) == [(x, y)]


def test_coordinates_are_guessed_and_said(tmp_path: Path) -> None:
    raw = points(tmp_path, "id,纬度,经度\n1,32.0,120.8\n")
    assert guessed(raw) == "经度, 纬度"
    assert raw.geometry[0].equals(shapely.Point(120.8, 32.0))


def test_a_projected_reference_picks_the_columns_in_metres(tmp_path: Path) -> None:
    text = "lng,lat,x,y\n120.8,32.0,575595.6,3542132.1\n"
    assert guessed(points(tmp_path, text)) == "lng, lat"
    assert guessed(points(tmp_path, text, "gcj02")) == "lng, lat"
    assert guessed(points(tmp_path, text, "EPSG:4549")) == "x, y"


def test_identical_candidates_are_no_ambiguity(tmp_path: Path) -> None:
    raw = points(tmp_path, "lng,lat,longitude,latitude\n120.8,32.0,120.80,32.00\n")
    assert guessed(raw) == "lng, lat"


def test_real_ambiguity_lists_the_candidates(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match=r"from_lng, from_lat .*; to_lng, to_lat"):
        points(tmp_path, "from_lng,from_lat,to_lng,to_lat\n1,2,3,4\n")


@pytest.mark.parametrize(("x", "y"), [("lon", "latitude"), ("Longitude", "LAT"), ("long", "Latitude")])
def test_a_pair_may_be_half_short_and_half_long(x: str, y: str) -> None:
    assert coordinate_pairs(["id", x, y]) == [(x, y)]


def test_whole_pairs_go_before_mixed_ones() -> None:
    assert coordinate_pairs(["lng", "lat", "latitude"]) == [("lng", "lat")]


def test_a_single_unusual_pair_is_taken(tmp_path: Path) -> None:
    assert guessed(points(tmp_path, "lamp_lon,lamp_lat\n1,2\n")) == "lamp_lon, lamp_lat"


def test_named_columns_are_found_whatever_their_case_and_missing_ones_list_the_others() -> None:
    assert find_column(["Lng", "Lat"], " lng") == "Lng"
    with pytest.raises(LayerError, match="no column 'lng'"):
        find_column(["LNG", "Lng"], "lng")


BROKEN = {
    "its last column": 'id,text\n1,"open\n2,b\n',
    "another column": 'text,id\n"open,1\nb,2\nc,3\n',
    "no end of line": 'id,text\n0,a\n1,"open\n2,b',
    "quotes inside": 'id,text\n1,"say ""no""\n2,b\n',
}
WHOLE = {
    "several lines": 'id,text\n1,"a\nb"\n',
    "a blank line at its end": 'id,text\n1,"a\n"\n',
    "before another column": 'text,id\n"a\nb",b\n',
    "inches": 'id,text\n1,6" pipe\n2,"a\nb"\n',
    "quotes inside": 'text,id\n"a\n""b",b\n',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_a_quotation_mark_that_swallows_the_rest_is_refused(tmp_path: Path, text: str, codec: str) -> None:
    written = text.replace("open", "开放").encode(codec)
    with pytest.raises(LayerError, match=r"row \d is never closed"):
        table(tmp_path, written)
    with pytest.raises(LayerError, match=r"row \d is never closed"):
        list(open_csv(tmp_path / "t.csv", "t.csv", None).batches())


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_values_of_several_lines_are_no_open_quotation(tmp_path: Path, text: str) -> None:
    read = table(tmp_path, text).table
    (batch,) = open_csv(tmp_path / "t.csv", "t.csv", None).batches()
    assert batch.to_pydict() == read.to_pydict()


def test_naming_latitude_as_lng_is_an_error_finding(tmp_path: Path) -> None:
    raw = points(tmp_path, "lng,lat\n41.8,-87.6\n", lng="lat", lat="lng")
    assert [f.code for f in raw.findings if f.severity == "error"] == ["axes_swapped"]


def test_one_named_column_alone_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="Only one"):
        points(tmp_path, "a,b\n1,2\n", lng="a")


def test_every_bad_number_has_its_row_column_value_and_reason(tmp_path: Path) -> None:
    raw = points(tmp_path, "lng,lat\n120,32\nabc,32\n120,\nNaN,1\n1e999,1\n 120 ,+32.5\n.5,-1e1\n12O,x\n")
    assert [(f.code, f.row, f.column, f.value) for f in raw.findings if f.row] == [
        ("coordinate_not_number", 2, "lng", "abc"),
        ("coordinate_not_finite", 4, "lng", "NaN"),
        ("coordinate_not_finite", 5, "lng", "1e999"),
        ("coordinate_not_number", 8, "lng", "12O"),
        ("coordinate_missing", 3, "lat", ""),
    ]
    assert shapely.is_missing(raw.geometry).tolist() == raw.reported.tolist()
    assert shapely.get_x(raw.geometry[[0, 5, 6]]).tolist() == [120, 120, 0.5]


def test_zero_is_a_place(tmp_path: Path) -> None:
    assert points(tmp_path, "lng,lat\n0,0\n").geometry[0].equals(shapely.Point(0, 0))


def test_decimal_commas_count_where_the_separator_is_another(tmp_path: Path) -> None:
    raw = points(tmp_path, "lng;lat\n120,85;32,01\n120.86;32.02\n")
    assert shapely.get_coordinates(raw.geometry).tolist() == [[120.85, 32.01], [120.86, 32.02]]


def test_a_wkt_column_draws_the_layer(tmp_path: Path) -> None:
    text = 'id,wkt\n1,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n2,SRID=4326;POINT (1 2)\n3,\n4,POINT (1\n'
    raw = points(tmp_path, text)
    assert [g.geom_type if g else None for g in raw.geometry] == ["Polygon", "Point", None, None]
    assert [(f.code, f.row) for f in raw.findings if f.row] == [("geometry_unreadable", 4)]
    assert raw.table.column_names == ["id"]


def test_an_empty_wkt_cell_is_rejected_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,wkt\n1,POINT (1 2)\n2,\n3,POINT (\n")
    assert [(f.code, f.row) for f in read_layer(path).rejects] == [
        ("geometry_unreadable", 3),
        ("geometry_missing", 2),
    ]


def test_formulas_and_markup_are_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,lng,lat\n=1+1,1,2\n<script>,1,2\n")
    assert read_layer(path).frame["id"].tolist() == ["=1+1", "<script>"]


@given(st.lists(st.text(max_size=8), max_size=12))
def test_safe_names_are_printable_filled_and_unlike_each_other(names: list[str]) -> None:
    safe, findings = safe_names(names)
    assert len(safe) == len(names)
    assert len({name.casefold() for name in [*safe, "geometry"]}) == len(names) + 1
    assert all(safe)
    assert len(findings) == sum(a != b for a, b in zip(safe, names, strict=True))


@given(st.text(alphabet="街道社区网格管理", min_size=5, max_size=60))
def test_chinese_text_is_told_apart(text: str) -> None:
    assert decode(text.encode(), None, "x") == (text, "utf-8")
    assert torn_share(text.encode(), "utf-8") == 0
    assert torn_share(text.encode("gb18030"), "utf-8") > 0.1
    cut = b" ".join([text.encode()] * 10) + text.encode()[:-1]  # a field that cuts its last character
    assert torn_share(cut, "utf-8") < 0.1


def test_a_million_numbers_take_a_second_or_so(tmp_path: Path) -> None:
    rows = "".join(f"{value:.6f},1.5\n" for value in np.linspace(0, 1, 200_000))
    raw = points(tmp_path, "lng,lat\n" + rows)
    assert not raw.reported.any()


def test_a_column_is_known_by_the_first_of_its_usual_names() -> None:
    names = ["ID", "Created  Date ", "created_date", "类别"]
    assert column_called(names, ["category", "类别", "id"]) == "类别"
    assert column_called(names, ["created_date"]) == "Created  Date "
    assert column_called(names, ["createddate", "date"]) == ""
