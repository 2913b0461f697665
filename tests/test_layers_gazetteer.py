"""The gazetteer: every named, coded or numbered thing of a city, once, and the same when read back."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from layers.city import City
from layers.gazetteer import Gazetteer, build_gazetteer, load_gazetteer, save_gazetteer, shape_of
from layers.gazetteer_table import TABLE, read_gazetteer
from layers.generation import Generation, load_draft, load_live
from layers.publish import publish
from layers.tables import read_table
from tests.cities import at, bring, point, small_city, square
from tests.routes_city import road_city, route

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def of_draft(city: City) -> tuple[Generation, Gazetteer]:
    generation = load_draft(city)
    return generation, build_gazetteer(generation)


def rows(gazetteer: Gazetteer, kind: str, name: str | None = None) -> list[int]:
    """Rows of a kind, of a name if one is given."""
    fits = (gazetteer.kind == kind) & (True if name is None else gazetteer.name == name)
    return [int(row) for row in np.flatnonzero(fits)]


def row_of(gazetteer: Gazetteer, kind: str, name: str) -> int:
    (row,) = rows(gazetteer, kind, name)
    return row


def building(column: float, row: float, **columns: Any) -> Any:
    """A house of about 19 m × 22 m with its columns."""
    return square(column, row, 0.02, 0.02), columns


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Generation, Gazetteer]:
    return of_draft(small_city(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> tuple[Generation, Gazetteer]:
    return of_draft(road_city(tmp_path_factory.mktemp("roads")))


@pytest.fixture(scope="module")
def estates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Generation, Gazetteer]:
    return of_draft(estate_city(tmp_path_factory.mktemp("estates")))


# ---- what is in it


def test_cells_of_all_levels_are_found_by_name_and_code(small: tuple[Generation, Gazetteer]) -> None:
    _, gazetteer = small
    assert [gazetteer.name[row] for row in rows(gazetteer, "cell:district")] == ["西区", "东区"]
    assert len(rows(gazetteer, "cell:cell")) == 8
    assert gazetteer.name[gazetteer.with_code("a13")].tolist() == []
    assert gazetteer.name[gazetteer.with_code("b13")].tolist() == ["格13"]


def test_pieces_of_a_road_that_bear_one_name_are_one_street(roads: tuple[Generation, Gazetteer]) -> None:
    generation, gazetteer = roads
    street = row_of(gazetteer, "street", "人民路")
    assert gazetteer.pieces_of(street).tolist() == [0, 1]
    assert shape_of(generation, gazetteer, street).length == pytest.approx(0.04)
    assert (gazetteer.lng[street], gazetteer.lat[street]) == pytest.approx(at(2, 0.5), abs=1e-6)
    assert generation.cells.code[gazetteer.cell[street]] in ("A01", "B02")


def test_streets_of_one_name_far_apart_are_two_but_not_in_a_chinese_town(tmp_path: Path) -> None:
    """Every village has its main street; a Chinese town gives no name twice."""
    city = small_city(tmp_path)
    spots = [((0, 0.1), (0.5, 0.1)), ((2, 0.1), (2.5, 0.1))]
    names = ["Hauptstraße", "人民路"]
    roads = [route(*ends, id=f"{name}{at}", name=name) for name in names for at, ends in enumerate(spots)]
    bring(city, "asset:road", roads)
    _, gazetteer = of_draft(city)
    assert [len(rows(gazetteer, "street", name)) for name in names] == [2, 1]


def test_the_code_of_a_single_piece_is_its_streets_and_those_of_more_are_their_own(
    roads: tuple[Generation, Gazetteer],
) -> None:
    _, gazetteer = roads
    assert gazetteer.kind[gazetteer.with_code("D3")].tolist() == ["street"]
    (piece,) = gazetteer.with_code("D1").tolist()
    assert (gazetteer.kind[piece], bool(gazetteer.is_named[piece])) == ("asset:road", False)
    assert gazetteer.parent[piece] == row_of(gazetteer, "street", "人民路")


def test_waterways_are_entries_of_their_own_and_water_areas_of_that_name_are_not_named(
    tmp_path: Path,
) -> None:
    city = small_city(tmp_path)
    bring(city, "asset:water_area", [(square(0, 1.45, 4, 0.1), {"code": "W1", "name": "运料河"}),
                                     (square(0, 0, 0.1, 0.1), {"code": "W2", "name": "荷花池"})])  # fmt: skip
    _, gazetteer = of_draft(city)
    river = row_of(gazetteer, "waterway", "运料河")
    assert sorted(set(gazetteer.names.row[gazetteer.names.text == "运料河"])) == [river]
    assert gazetteer.is_named[row_of(gazetteer, "asset:water_area", "荷花池")]
    assert len(gazetteer.with_code("W1")) == 1


def test_assets_are_found_by_their_codes_in_whatever_form(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    lamps = [(point(0.5, 0.5), {"杆号": "03-12/0456", "name": "灯杆03-12/0456"}),
             (point(0.6, 0.5), {"杆号": "03-12/0457", "name": "灯杆03-12/0457"})]  # fmt: skip
    bring(city, "asset:lamp", lamps, code="杆号")
    _, gazetteer = of_draft(city)
    (row,) = gazetteer.with_code("０３120456")
    assert gazetteer.name[row] == "灯杆03-12/0456"
    assert not gazetteer.is_named[row]


def test_ids_that_an_import_made_up_are_no_codes(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "asset:bench", [(point(0.5, 0.5), {"name": "长椅"}), (point(0.6, 0.5), {"name": ""})])
    _, gazetteer = of_draft(city)
    assert len(gazetteer.with_code("bench-000001")) == 0
    assert [gazetteer.name[row] for row in rows(gazetteer, "asset:bench")] == ["长椅"]


def test_a_name_that_very_many_assets_bear_is_none(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    lids = [(point(0.1 + i / 10, 0.5), {"code": f"J{i}", "name": "雨水井盖"}) for i in range(30)]
    bring(city, "asset:manhole", [*lids, (point(1, 1), {"code": "J99", "name": "老井"})])
    _, gazetteer = of_draft(city)
    named = gazetteer.name[gazetteer.is_named & (gazetteer.kind == "asset:manhole")]
    assert named.tolist() == ["老井"]
    assert len(rows(gazetteer, "asset:manhole")) == 31


def test_a_sign_that_bears_the_name_of_a_place_is_not_named(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "asset:traffic_sign", [(point(0.5, 0.5), {"code": "S1", "name": "西区"})])
    _, gazetteer = of_draft(city)
    assert not gazetteer.is_named[row_of(gazetteer, "asset:traffic_sign", "西区")]


def test_assets_know_the_street_and_the_river_that_they_name(tmp_path: Path) -> None:
    city = road_city(tmp_path)
    bridge = {"code": "Q1", "name": "友谊桥", "road": "人民路", "river": "界河"}
    bring(city, "asset:bridge", [(square(1.98, 0.49, 0.04, 0.02), bridge)])
    bring(city, "asset:lamp", [(point(0.5, 0.51), {"code": "L1", "道路": "人民路"}),
                               (point(0.5, 1.9), {"code": "L2", "道路": "人民路"})])  # fmt: skip
    _, gazetteer = of_draft(city)
    street, river = row_of(gazetteer, "street", "人民路"), row_of(gazetteer, "waterway", "界河")
    row = row_of(gazetteer, "asset:bridge", "友谊桥")
    assert (gazetteer.parent[row], gazetteer.other[row]) == (street, river)
    near, far = (gazetteer.with_code(code)[0] for code in ("L1", "L2"))
    assert (gazetteer.parent[near], gazetteer.parent[far]) == (street, -1)


def test_aliases_and_former_names_are_names_too(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "asset:road", [route((0, 0.1), (1, 0.1), id=1, name="青年路", name_en="Youth Road",
                                     former_name="胜利路、团结路; 红旗路", alias_2="")])  # fmt: skip
    bring(city, "area:park", [(square(0, 0), {"code": "P", "name": "滨江公园", "别名": "江边公园"})])
    bring(city, "grid:town", [(square(0, 0, 4, 2), {"code": "T", "name": "石港镇", "曾用名": "石港公社"})])
    _, gazetteer = of_draft(city)
    known = {text: gazetteer.name[row] for text, row in zip(*gazetteer.names, strict=True)}
    assert {known[text] for text in ("Youth Road", "胜利路", "团结路", "红旗路", "青年路")} == {"青年路"}
    assert known["江边公园"] == "滨江公园"
    assert known["石港公社"] == "石港镇"


# ---- estates, buildings, addresses


def estate_city(folder: Path) -> City:
    city = small_city(folder)
    bring(city, "asset:road", [route((0, 0.3), (4, 0.3), id=1, name="人民路")])
    houses = [
        building(1.6, 0.6, code="F1", estate="怡居小区", number=1, address="人民路10号"),
        building(1.7, 0.6, code="F2", estate="怡居小区", number=2, address="人民路10号"),
        building(3.0, 0.6, code="F3", estate="新村", number=7, address=""),
        building(3.1, 0.6, code="F4", estate="", number=0, address="人民路15-1号"),
        building(3.2, 0.6, code="F5", estate="", number=0, address="", name="文化馆"),
        building(3.3, 0.6, code="F6", estate="", number=0, address="无名路3号"),
        building(3.4, 0.6, code="F7", estate="", number=0, address="崇川区虹桥街道人民路7号"),
        building(3.4, 0.6, code="F7", estate="", number=0, address="崇川区虹桥街道人民路7号"),
    ]
    bring(city, "asset:building", houses)
    return city


def test_buildings_belong_to_their_estate_and_are_not_named(estates: tuple[Generation, Gazetteer]) -> None:
    _, gazetteer = estates
    estate = row_of(gazetteer, "estate", "怡居小区")
    assert gazetteer.layer[estate] == "area:property"
    houses = gazetteer.children(estate)
    assert gazetteer.number[houses].tolist() == ["1", "2"]
    assert gazetteer.value[houses].tolist() == [1, 2]
    assert not gazetteer.is_named[houses].any()
    assert gazetteer.name[gazetteer.with_code("F2")].tolist() == ["怡居小区2幢"]


def test_an_estate_that_only_buildings_name_is_an_entry(estates: tuple[Generation, Gazetteer]) -> None:
    generation, gazetteer = estates
    estate = row_of(gazetteer, "estate", "新村")
    assert (gazetteer.layer[estate], gazetteer.number[gazetteer.children(estate)].tolist()) == ("", ["7"])
    assert shape_of(generation, gazetteer, estate).geom_type == "Point"


def test_addresses_belong_to_their_street_and_one_at_two_places_is_there_twice(
    estates: tuple[Generation, Gazetteer],
) -> None:
    _, gazetteer = estates
    street = row_of(gazetteer, "street", "人民路")
    doors = gazetteer.children(street)
    assert sorted(zip(gazetteer.number[doors], gazetteer.name[doors], strict=True)) == [
        ("10", "人民路10号"), ("10", "人民路10号"), ("15-1", "人民路15-1号"), ("7", "人民路7号"),
    ]  # fmt: skip


def test_what_bears_one_address_close_together_is_one_entry(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "place", [(point(0.5 + i / 100, 0.5), {"id": f"p{i}", "street": "青年路", "housenumber": "8"})
                          for i in range(3)])  # fmt: skip
    _, gazetteer = of_draft(city)
    (door,) = rows(gazetteer, "address")
    assert gazetteer.id[door] == "p1"
    assert 9 < gazetteer.radius_m[door] < 10


def test_a_street_that_only_addresses_name_is_an_entry(estates: tuple[Generation, Gazetteer]) -> None:
    _, gazetteer = estates
    street = row_of(gazetteer, "street", "无名路")
    assert gazetteer.layer[street] == ""
    assert gazetteer.number[gazetteer.children(street)].tolist() == ["3"]


def test_a_building_with_a_name_of_its_own_is_named(estates: tuple[Generation, Gazetteer]) -> None:
    _, gazetteer = estates
    assert gazetteer.is_named[row_of(gazetteer, "building", "文化馆")]


def test_a_number_without_an_estate_belongs_to_the_one_it_lies_in(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(
        city,
        "asset:building",
        [building(1.6, 0.6, code="F1", 楼号="3"), building(0.1, 0.1, code="F2", 楼号="4")],
    )
    _, gazetteer = of_draft(city)
    assert gazetteer.number[gazetteer.children(row_of(gazetteer, "estate", "怡居小区"))].tolist() == ["3"]
    assert len(gazetteer.with_code("F2")) == 1


def test_numbers_of_buildings_are_read_out_of_names_where_no_column_has_them(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    names = ["怡居小区12幢", "怡居小区A座", "怡居小区 三号楼", "幼儿园"]
    bring(
        city,
        "asset:building",
        [building(1.6 + i / 10, 0.6, code=f"F{i}", name=n) for i, n in enumerate(names)],
    )
    _, gazetteer = of_draft(city)
    assert gazetteer.number[gazetteer.children(row_of(gazetteer, "estate", "怡居小区"))].tolist() == [
        "12",
        "A",
        "三",
    ]


def test_places_with_a_house_number_are_addresses_and_their_names_are_kept(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    places = [
        {
            "id": "a",
            "name": "Hauptstraße 12a",
            "street": "Hauptstraße",
            "housenumber": "12a",
            "kind": "address",
        },
        {"id": "b", "name": "Rathaus", "street": "Hauptstraße", "housenumber": "1;3", "kind": "address"},
        {"id": "c", "name": "Kotzenhof", "street": None, "housenumber": None, "kind": "village"},
    ]
    bring(city, "place", [(point(0.1 + i / 10, 0.5), columns) for i, columns in enumerate(places)])
    _, gazetteer = of_draft(city)
    assert [gazetteer.name[row] for row in rows(gazetteer, "address")] == [
        "Hauptstraße 12a", "Hauptstraße 1", "Hauptstraße 3",
    ]  # fmt: skip
    assert set(gazetteer.names.text) >= {"Rathaus", "Kotzenhof", "Hauptstraße"}
    assert not {"Hauptstraße 12a", "Hauptstraße 1"} & set(gazetteer.names.text)
    assert gazetteer.radius_m[row_of(gazetteer, "place:village", "Kotzenhof")] == 500


# ---- crossings, mileposts, groups


def test_streets_and_waterways_cross_each_pair_once_a_place(roads: tuple[Generation, Gazetteer]) -> None:
    """The border river crosses both roads, which do not meet."""
    _, gazetteer = roads
    found = rows(gazetteer, "crossing")
    met = {gazetteer.name[row]: (gazetteer.lng[row], gazetteer.lat[row]) for row in found}
    assert met.keys() == {"人民路与界河", "青年路与界河"}
    assert len(found) == 2
    assert met["人民路与界河"] == pytest.approx(at(2, 0.5), abs=1e-5)
    row = row_of(gazetteer, "crossing", "人民路与界河")
    assert gazetteer.kind[gazetteer.parent[row]] == "street"
    assert gazetteer.kind[gazetteer.other[row]] == "waterway"
    assert not gazetteer.is_named[found].any()


def test_mileposts_stand_on_their_route(tmp_path: Path) -> None:
    city = road_city(tmp_path)
    marks = [(point(1, 0.5), {"id": "m1", "route": "人民路", "m": "K1+000"}),
             (point(2, 0.5), {"id": "m2", "route": "D2", "m": "2000"})]  # fmt: skip
    bring(city, "asset:road_mark", marks)
    _, gazetteer = of_draft(city)
    found = rows(gazetteer, "milepost")
    assert gazetteer.name[found].tolist() == ["人民路K1+000", "人民路K2+000"]
    assert set(gazetteer.parent[found]) == {row_of(gazetteer, "street", "人民路")}


def test_village_groups_belong_to_their_village(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "area:village", [(square(0, 0), {"code": "V", "name": "北渡村"})])
    bring(city, "place", [(point(0.5, 0.5), {"id": "g", "name": "北渡村22组", "kind": "locality"})])
    _, gazetteer = of_draft(city)
    group = row_of(gazetteer, "group", "北渡村22组")
    assert (gazetteer.number[group], gazetteer.value[group]) == ("22", 22)
    assert gazetteer.parent[group] == row_of(gazetteer, "area:village", "北渡村")


# ---- as a whole


def test_every_parent_is_an_entry_and_every_place_is_in_the_city(
    estates: tuple[Generation, Gazetteer],
) -> None:
    _, gazetteer = estates
    assert (gazetteer.parent < len(gazetteer)).all()
    assert np.isfinite(gazetteer.lng).all()
    assert (gazetteer.radius_m > 0).all()
    assert (gazetteer.cell >= 0).all()


def test_every_entry_has_a_shape_and_what_is_not_there_is_not_found(
    small: tuple[Generation, Gazetteer],
) -> None:
    generation, gazetteer = small
    for row in range(len(gazetteer)):
        assert not shapely.is_empty(shape_of(generation, gazetteer, row))
    assert gazetteer.children(-1).tolist() == []
    assert gazetteer.with_code("nothing").tolist() == []


def test_a_published_generation_holds_its_gazetteer_and_it_is_the_same_when_read(tmp_path: Path) -> None:
    city = estate_city(tmp_path)
    _, made = of_draft(city)
    path = publish(city, now=NOW).path
    read = load_gazetteer(load_live(city))
    for field in fields(Gazetteer):
        one, other = getattr(made, field.name), getattr(read, field.name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, err_msg=field.name)
    table = read_table(path, TABLE)
    assert (table.geometry.x == table["lng"]).all()


def test_a_draft_never_answers_with_the_gazetteer_of_the_generation_it_started_from(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    publish(city, now=NOW)
    bring(city, "asset:road", [route((0, 0.1), (1, 0.1), id=1, name="新路")])
    assert "新路" in load_gazetteer(load_draft(city)).name
    assert "新路" not in load_gazetteer(load_live(city)).name
    publish(city, now=NOW)
    assert "新路" in load_gazetteer(load_live(city)).name


def test_a_generation_of_an_earlier_version_gets_one_when_it_is_asked(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    generation = load_draft(city)
    assert TABLE not in generation.path.name
    assert len(load_gazetteer(generation)) == len(build_gazetteer(generation))


def test_a_saved_gazetteer_takes_the_place_of_another(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    generation = load_draft(city)
    for _ in range(2):
        save_gazetteer(city.draft, generation)
    assert len(read_gazetteer(city.draft)) == len(build_gazetteer(generation))
