"""Bringing in sections as offices keep them: tables of chainages, lines on a map, or both; no row is lost."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from geo.errors import LayerError
from layers.city import City, create_city
from layers.findings import Finding
from layers.generation import load_draft
from layers.importing import Imported, ImportOptions, import_layer, parse_role
from layers.tables import read_table, table_names
from tests.cities import bring, geojson
from tests.routes_city import cut, road_city, route


@pytest.fixture
def city(tmp_path: Path) -> City:
    return road_city(tmp_path / "city")


def codes(imported: Imported) -> list[str]:
    return [f.code for f in imported.findings]


def said(imported: Imported, code: str) -> list[Finding]:
    return [f for f in imported.findings if f.code == code]


def lines(city: City, features: list[object], kind: str = "road", **options: str) -> Imported:
    path = geojson(city.folder / "upkeep.geojson", features)  # type: ignore[arg-type]
    return import_layer(city, path, "section", kind, ImportOptions(**options))


def command(city: City, *args: object) -> Result:
    words = ["import", "layer", *map(str, args), "--city", str(city.folder)]
    return CliRunner().invoke(woodpecker, words, catch_exceptions=False)


# ---- tables


def test_a_table_as_an_office_keeps_it_in_gbk_with_chinese_columns_and_chainages(city: City) -> None:
    path = city.folder / "养护.csv"
    head = "序号,道路名称,起点桩号(m),终点桩号(m),侧别,养护单位"
    text = f"{head}\n1,人民路,K0+000,K1+200,左侧,甲\n2,人民路,K1+200,K3+780,,乙\n"
    path.write_bytes(text.encode("gbk"))
    imported = import_layer(city, path, "section", "road", ImportOptions(owner="养护单位"))
    assert imported.columns == {
        "code": "序号", "name": "", "owner": "养护单位", "route": "道路名称", "from_m": "起点桩号(m)",
        "to_m": "终点桩号(m)", "side": "侧别",
    }  # fmt: skip
    assert [f.detail["option"] for f in said(imported, "guessed_column")] == [
        "code",
        "route",
        "from-m",
        "to-m",
        "side",
    ]
    assert "encoding_guessed" in codes(imported)
    assert imported.rejects == ()
    table = read_table(city.draft, "section_road")
    assert table[["id", "name", "route", "from_m", "to_m", "side", "owner"]].to_numpy().tolist() == [
        ["1", "人民路 K0+000–K1+200 L", "人民路", 0, 1200, "left", "甲"],
        ["2", "人民路 K1+200–K3+780", "人民路", 1200, 3780, "both", "乙"],
    ]
    assert table.geometry.notna().all()


def test_columns_that_are_named_are_taken_and_the_others_kept(city: City) -> None:
    head = "a,b,c,d,e,f,side"
    row = "A1,东段,人民路,0,500,x,left"
    cut(city, [row], head=head, code="a", name="b", route="c", from_m="D", to_m="e", owner="f")
    row = read_table(city.draft, "section_road").iloc[0]
    assert list(row[["id", "name", "route", "owner", "side", "f"]]) == [
        "A1",
        "东段",
        "人民路",
        "x",
        "left",
        "x",
    ]
    assert not {"c", "d", "e"} & set(row.index), "what they say stands in our own columns"


def test_a_section_without_a_name_is_called_after_its_route_its_metres_and_its_side(city: City) -> None:
    cut(city, ["D2,0,500,r,a", "无此路,K1+000,0,,a"])
    assert list(read_table(city.draft, "section_road")["name"]) == [
        "人民路 K0+000–K0+500 R", "无此路 K0+000–K1+000"
    ]  # fmt: skip


def test_of_several_columns_for_the_route_the_one_whose_routes_are_there_is_taken(city: City) -> None:
    head = "route_id,road_name,from,to,owner"
    assert cut(city, ["G15,人民路,0,10,a"], head=head).columns["route"] == "road_name"
    assert cut(city, ["D1,老名,0,10,a"], head=head).columns["route"] == "route_id"


def test_rows_that_cannot_be_used_are_rejects_that_name_row_column_and_value(city: City) -> None:
    rows = ["人民路,0,100,,a", ",0,100,,a", "人民路,,100,,a", "人民路,0,K1+,,a", "人民路,5,5,,a"]
    rows += ["人民路,0,100,上游,a", "人民路,200,100,,a"]
    imported = cut(city, rows)
    assert [(f.row, f.code, f.column, f.value) for f in imported.rejects] == [
        (2, "section_route_missing", "route", ""),
        (3, "section_metre_missing", "from_m", ""),
        (4, "section_metre_unreadable", "to_m", "K1+"),
        (5, "section_no_length", "to_m", "K0+005"),
        (6, "section_side_unknown", "side", "上游"),
    ]
    assert imported.features == 2
    assert list(read_table(city.draft, "section_road")["id"]) == ["section-000001", "section-000007"]


def test_rows_that_are_equal_in_everything_count_once(city: City) -> None:
    imported = cut(city, ["人民路,0,100,,a", "人民路,100,200,,a", "人民路,0,100,,a"])
    (again,) = said(imported, "duplicate_feature")
    assert (again.row, again.detail["first"], again.severity) == (3, 1, "note")
    assert imported.features == 2


def test_a_file_without_any_usable_row_is_refused_and_nothing_changes(city: City) -> None:
    with pytest.raises(LayerError, match="None of the 1 rows"):
        cut(city, ["人民路,x,y,,a"])
    assert "section_road" not in table_names(city.draft)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("route,from,to\n", "no rows"),
        ("x,from,to\n1,2,3\n", "No column looks like the route"),
        ("route,from\n人民路,2\n", "says where sections begin, and none where they end"),
        ("route,止点\n人民路,2\n", "says where sections end, and none where they begin"),
        ("route,body\n人民路,2\n", "no columns of metres and no lines"),
    ],
)
def test_a_file_that_holds_no_sections_is_refused_with_what_it_lacks(
    city: City, text: str, what: str
) -> None:
    path = city.folder / "x.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(LayerError, match=what) as caught:
        import_layer(city, path, "section", "road", ImportOptions())
    assert caught.value.fix


def test_a_column_that_is_not_there_is_refused(city: City) -> None:
    with pytest.raises(LayerError, match="no column 'nowhere'"):
        cut(city, ["人民路,0,100,,a"], from_m="nowhere")


@pytest.mark.parametrize("role", ["section:road", "section:河道"])
def test_sections_are_a_role(role: str) -> None:
    assert ":".join(parse_role(role)) == role


@pytest.mark.parametrize("role", ["section", "section:", "section:a b", "section:x;--"])
def test_sections_need_the_kind_of_their_routes(role: str) -> None:
    with pytest.raises(LayerError, match="nothing a layer"):
        parse_role(role)


def test_options_of_sections_are_refused_for_other_roles(city: City) -> None:
    with pytest.raises(LayerError, match="--from-m is for sections"):
        bring(city, "asset:road", [route((0, 0), (1, 1), code="1")], from_m="code")


# ---- routes


def test_sections_may_come_before_their_routes(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    imported = cut(city, ["人民路,0,500,,a"])
    assert said(imported, "section_routes_later")[0].severity == "note"
    assert city.config().metric_crs == "", "a table without places says nothing of where the city lies"
    assert load_draft(city).sections["road"].geometry[0].is_empty
    bring(city, "asset:road", [route((0, 0.5), (4, 0.5), code="D1", name="人民路")])
    assert read_table(city.draft, "section_road").geometry[0].length > 0
    assert not load_draft(city).sections["road"].geometry[0].is_empty


def test_a_route_that_is_not_there_is_said_once_and_the_rows_stay(city: City) -> None:
    imported = cut(city, ["人民道,0,10,,a", "人民道,10,20,,a", "人民路,0,10,,a"])
    (unknown,) = said(imported, "section_route_unknown")
    assert (unknown.severity, unknown.column, unknown.value, unknown.count) == (
        "warning",
        "route",
        "人民道",
        2,
    )
    assert imported.features == 3
    assert imported.rejects == ()


# ---- lines


def test_a_line_without_metres_is_measured_on_its_route(city: City) -> None:
    imported = lines(
        city,
        [
            route((0.5, 0.5001), (1, 0.5), (2.5, 0.5), road="人民路", body="a"),
            route((4, 0.5), (2.5, 0.5), road="人民路", body="b", side="l"),
        ],
        owner="body",
    )
    assert said(imported, "section_measured")[0].count == 2
    draft = load_draft(city)
    sections = draft.sections["road"]
    assert sections.from_m == pytest.approx([472.5, 2362.4], abs=0.2)
    assert sections.to_m == pytest.approx([2362.4, 3779.8], abs=0.2), "a line drawn against the route too"
    assert list(sections.side) == ["both", "left"]
    assert sections.from_m[1] == sections.to_m[0]


def test_metres_win_over_lines_and_say_so_where_they_disagree(city: City) -> None:
    imported = lines(
        city,
        [
            route((0, 0.5), (1, 0.5), road="人民路", **{"from": "0", "to": "K0+950"}),
            route((1, 0.5), (2, 0.5), road="人民路", **{"from": "950", "to": "K2+400"}),
        ],
    )
    (disagrees,) = said(imported, "section_disagrees")
    assert (disagrees.row, disagrees.severity) == (2, "warning")
    assert disagrees.reason("en") == (
        "The metres, K0+950–K2+400, and the line, K0+944.9–K1+889.9, differ by 510 m; the metres count."
    )
    assert load_draft(city).sections["road"].to_m.tolist() == [950, 2400]


def test_a_row_with_metres_can_do_without_its_line(city: City) -> None:
    features = [
        route((0, 0.5), (1, 0.5), road="人民路", **{"from": 0, "to": 945}),
        (None, {"road": "人民路", "from": 945, "to": 1890}),
        ({"type": "Point", "coordinates": [120.81, 32.0]}, {"road": "人民路", "from": 1890, "to": 3780}),
    ]
    imported = lines(city, list(features))
    assert imported.features == 3
    assert imported.rejects == ()
    assert said(imported, "section_lines_unused")[0].count == 2


def test_a_row_with_neither_metres_nor_a_line_is_a_reject(city: City) -> None:
    features = [route((0, 0.5), (1, 0.5), road="人民路"), (None, {"road": "人民路"})]
    imported = lines(city, list(features))
    assert [(f.row, f.code) for f in imported.rejects] == [(2, "geometry_missing")]
    assert imported.features == 1


def test_a_line_can_only_be_measured_where_its_route_is(city: City) -> None:
    imported = lines(city, [route((0, 1), (1, 1), road="别处路"), route((0, 0.5), (1, 0.5), road="人民路")])
    assert [(f.row, f.code, f.value) for f in imported.rejects] == [(1, "section_not_measurable", "别处路")]


def test_a_line_far_from_its_route_is_said(city: City) -> None:
    imported = lines(city, [route((0, 0.6), (1, 0.6), road="人民路")])
    (off,) = said(imported, "section_off_route")
    assert off.detail["apart_m"] == pytest.approx(111, abs=1)


def test_a_line_across_the_start_of_a_ring_is_a_reject(city: City) -> None:
    bring(city, "asset:road", [route((1, 0), (2, 0), (2, 1), (1, 1), (1, 0), code="O", name="环路")])
    imported = lines(
        city, [route((1, 0.5), (1, 0), (1.4, 0), road="环路"), route((2, 0.2), (2, 0.8), road="环路")]
    )
    assert [(f.row, f.code) for f in imported.rejects] == [(1, "section_across_start")]


def test_lines_in_another_reference_are_converted(city: City) -> None:
    shifted = route((0.5, 0.5), (1, 0.5), road="人民路")
    imported = lines(city, [shifted], reference="gcj02")
    assert said(imported, "section_off_route"), (
        "the lattice is WGS-84: read as GCJ-02 it lies beside the road"
    )


# ---- the command


def test_the_command_takes_sections_and_writes_rejects(city: City, tmp_path: Path) -> None:
    path = tmp_path / "upkeep.csv"
    path.write_text("road,a,b,bank,body\n人民路,0,500,l,x\n人民路,500,?,r,y\n", "utf-8")
    options = ["--route", "road", "--from-m", "a", "--to-m", "b", "--side", "bank", "--owner", "body"]
    dry = command(city, path, "--as", "section:road", *options, "--dry-run")
    assert dry.exit_code == 1
    assert "1 feature of upkeep.csv would be imported as section_road." in dry.output
    assert "section_road" not in table_names(city.draft)
    done = command(city, path, "--as", "section:road", *options)
    assert done.exit_code == 1
    with (city.folder / "upkeep.csv.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        (reject,) = csv.DictReader(file)
    assert (reject["row"], reject["column"], reject["value"]) == ("2", "b", "?")
    assert "K1+200" in reject["fix"]
    assert list(read_table(city.draft, "section_road")["owner"]) == ["x"]
