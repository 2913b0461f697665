"""What the words of a civic text say about a place: Chinese complaints, European and American addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.civic_reading import Reading, Relation
from geo.civic_text import read


class _Span(NamedTuple):
    start: int
    end: int


Lexicon = Callable[[str], Sequence[_Span]]


def _nothing(text: str) -> Sequence[_Span]:
    return ()


def _lexicon(*names: str) -> Lexicon:
    """Every place of every name in a folded text."""

    def spans(text: str) -> list[_Span]:
        found = []
        for name in names:
            at = text.find(name)
            while at >= 0:
                found.append(_Span(at, at + len(name)))
                at = text.find(name, at + 1)
        return found

    return spans


def _first(text: str, *names: str) -> Reading:
    readings = read(text, _lexicon(*names))
    assert readings, f"nothing was read in {text!r}"
    return readings[0]


def _roles(reading: Reading) -> list[str]:
    return [f"{name.role} {name.text}" for name in reading.names]


def _house(reading: Reading) -> tuple[int, str, int | None] | None:
    number = reading.number
    return None if number is None else (number.value, number.suffix, number.to)


@pytest.mark.parametrize(
    ("text", "roles", "building"),
    [
        ("虹桥北村65幢楼道里的灯不亮了，晚上回家黑漆漆的", ["main 虹桥北村"], 65),
        ("虹桥北村六十五幢楼道灯不亮", ["main 虹桥北村"], 65),
        ("虹桥北村６５栋", ["main 虹桥北村"], 65),
        ("虹桥北村65号楼", ["main 虹桥北村"], 65),
        ("虹桥北村65#楼下", ["main 虹桥北村"], 65),
        ("虹桥北村第65幢", ["main 虹桥北村"], 65),
        ("虹橋北村65棟樓道燈不亮", ["main 虹橋北村"], 65),
        ("银河国际A座大厅漏水", ["main 银河国际"], "A"),
        ("崇川区学田街道学田新村12幢", ["parent 崇川区", "parent 学田街道", "main 学田新村"], 12),
        ("我家住在紫金花园3栋", ["main 紫金花园"], 3),
        ("海淀区中关村南大街5号院3号楼", ["parent 海淀区", "main 中关村南大街"], 3),
        ("紫金花园二期12号楼", ["main 紫金花园二期"], 12),
        ("紫金花园A区5栋", ["main 紫金花园A区"], 5),
        ("秦灶街道，新西社区，怡居小区7幢", ["parent 秦灶街道", "parent 新西社区", "main 怡居小区"], 7),
    ],
)
def test_a_building_is_found_inside_a_complaint(text: str, roles: list[str], building: int | str) -> None:
    reading = _first(text)
    assert _roles(reading) == roles
    assert reading.building is not None
    assert reading.building.value == building


@pytest.mark.parametrize(
    ("text", "main", "house"),
    [
        ("新港中心路18号对面", "新港中心路", (18, "", None)),
        ("新港中心路１８号", "新港中心路", (18, "", None)),
        ("新港中心路十八号", "新港中心路", (18, "", None)),
        ("人民路18-1号", "人民路", (18, "1", None)),
        ("人民路18号之3", "人民路", (18, "3", None)),
        ("人民路18号-3", "人民路", (18, "3", None)),
        ("人民路18之1号", "人民路", (18, "1", None)),
        ("人民路18号附2号", "人民路", (18, "2", None)),
        ("人民路12-14号", "人民路", (12, "", 14)),
        ("人民路12、14号", "人民路", (12, "", 14)),
        ("人民路18号甲", "人民路", (18, "甲", None)),
        ("前门大街甲18号院", "前门大街", (18, "甲", None)),
        ("人民路18a号", "人民路", (18, "a", None)),
        ("人民路 18 号门口", "人民路", (18, "", None)),
        ("人民路No.18", "人民路", (18, "", None)),
        ("昨天晚上在人民西路18号附近", "人民西路", (18, "", None)),
        ("中山路一段25号", "中山路一段", (25, "", None)),
        ("学田路二巷5号", "学田路二巷", (5, "", None)),
        ("人民路123弄45号", "人民路123弄", (45, "", None)),
        ("川汇区八一大道12号", "八一大道", (12, "", None)),
        ("唐闸古镇河东街33号", "河东街", (33, "", None)),
        ("剑山社区8组15号", "剑山社区", (15, "", None)),
    ],
)
def test_a_house_number_belongs_to_the_street_before_it(
    text: str, main: str, house: tuple[int, str, int | None]
) -> None:
    reading = _first(text)
    assert reading.main is not None
    assert reading.main.text == main
    assert _house(reading) == house


def test_a_lane_is_also_read_as_a_number_of_its_street_and_the_number_in_it_as_a_building() -> None:
    assert any(
        reading.main is not None
        and reading.main.text == "人民路"
        and _house(reading) == (123, "", None)
        and reading.building is not None
        and reading.building.value == 45
        for reading in read("人民路123弄45号", _nothing)
    )


@pytest.mark.parametrize("text", ["怡居小区65号", "怡居小区65-301", "怡居小区65/3/301"])
def test_a_bare_number_of_an_estate_may_be_a_building(text: str) -> None:
    values = {reading.building.value for reading in read(text, _nothing) if reading.building}
    assert values == {65}


def test_unit_and_room_are_kept_with_the_building() -> None:
    reading = _first("虹桥北村65幢2单元301室")
    assert reading.building is not None
    assert (reading.building.value, reading.unit) == (65, "2单元301室")


@pytest.mark.parametrize(
    ("text", "main", "cross"),
    [
        ("人民西路与外环西路交叉口", "人民西路", "外环西路"),
        ("人民西路和外环西路路口东北角", "人民西路", "外环西路"),
        ("人民西路跟外环西路十字路口", "人民西路", "外环西路"),
        ("人民西路、外环西路交汇处", "人民西路", "外环西路"),
        ("人民西路&外环西路", "人民西路", "外环西路"),
        ("人民西路/外环西路", "人民西路", "外环西路"),
        ("人民西路外环西路口", "人民西路", "外环西路"),
        ("人民西路（外环西路口）", "人民西路", "外环西路"),
        ("人民西路近外环西路", "人民西路", "外环西路"),
        ("和平路与和平桥路交叉口", "和平路", "和平桥路"),
        ("人民路18号与青年路交叉口", "人民路", "青年路"),
        ("中山北一路和西江湾路交叉路口", "中山北一路", "西江湾路"),
        ("青年中路与跃龙南路口发生积水", "青年中路", "跃龙南路"),
        ("经三路与纬五路交叉口", "经三路", "纬五路"),
        ("1号路与5号路交叉口", "1号路", "5号路"),
        ("南大街与西大街十字路口", "南大街", "西大街"),
        ("东风路（与建设路交叉口往北100米）", "东风路", "建设路"),
    ],
)
def test_two_roads_make_a_crossing(text: str, main: str, cross: str) -> None:
    reading = _first(text)
    assert reading.is_crossing
    assert _roles(reading) == [f"main {main}", f"cross {cross}"]


@pytest.mark.parametrize(
    "text",
    [
        "人民西路18号和人民中路20号都有垃圾", "人民西路18号与人民中路20号", "人民西路18号到人民中路20号",
        "人民西路18号 和 人民中路 20号", "人民西路18和人民中路20",
    ],
)  # fmt: skip
def test_two_addresses_are_no_crossing(text: str) -> None:
    found = read(text, _lexicon("人民西路", "人民中路"))
    assert [(_roles(one), _house(one)) for one in found[:2]] == [
        (["main 人民西路"], (18, "", None)),
        (["main 人民中路"], (20, "", None)),
    ]
    assert not any(one.is_crossing for one in found)


def test_an_address_and_a_road_are_no_crossing() -> None:
    found = read("虹桥街道人民西路18号与外环西路有垃圾", _lexicon("虹桥街道", "人民西路", "外环西路"))
    assert (_roles(found[0]), _house(found[0])) == (["parent 虹桥街道", "main 人民西路"], (18, "", None))
    assert any((_roles(one), one.number) == (["main 外环西路"], None) for one in found)
    assert not any(one.is_crossing for one in found)


def test_a_crossing_of_known_roads_needs_no_endings_of_its_own() -> None:
    reading = _first("外滩和十里洋场交叉口有积水", "外滩", "十里洋场")
    assert reading.is_crossing
    assert _roles(reading) == ["main 外滩", "cross 十里洋场"]
    assert all(name.known for name in reading.names)


def test_a_gate_is_named_by_its_river_and_road() -> None:
    reading = _first("运料河人民西路闸口有垃圾", "运料河", "人民西路")
    assert _roles(reading) == ["main 运料河", "cross 人民西路"]
    assert (reading.is_crossing, reading.thing) == (True, "闸口")


def test_a_bridge_without_a_name_of_its_own_stands_in_its_village() -> None:
    assert any(_roles(r) == ["parent 八里庙村社区", "main 老桥"] for r in read("八里庙村社区老桥", _nothing))


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("灯杆03120456不亮，晚上很黑", "03120456", "灯杆"),
        ("路灯白天一直亮着，灯杆编号：LD-0312-0456", "LD-0312-0456", "灯杆"),
        ("03120456号灯杆", "03120456", "灯杆"),
        ("灯杆零三一二零四五六", "03120456", "灯杆"),
        ("编号03120456的灯杆", "03120456", ""),
        ("井盖J0312翘起来了", "J0312", "井盖"),
        ("light pole 03120456 is out", "03120456", "light pole"),
        ("Manhole no. 12 is open", "12", "manhole"),
        ("Laterne Nr. 4711 defekt", "4711", "laterne"),
    ],
)
def test_the_number_on_an_asset_is_read_with_its_word(text: str, code: str, kind: str) -> None:
    reading = _first(text)
    assert (reading.code, reading.code_kind) == (code, kind)


def test_a_code_keeps_the_street_that_is_named_with_it() -> None:
    reading = _first("新港中心路灯杆10120256路灯不亮", "新港中心路")
    assert reading.code == "10120256"
    assert _roles(reading) == ["main 新港中心路"]


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("通吕运河K2+300", 2300),
        ("通吕运河k2＋300处漂着垃圾", 2300),
        ("通吕运河桩号12+050", 12050),
        ("通吕运河桩号K12+050", 12050),
        ("通吕运河2公里300米处", 2300),
        ("京港澳高速K1120+500处", 1120500),
        ("通吕运河两公里三百米处", 2300),
        ("G204国道12公里处", 12000),
        ("B14 km 3,4", 3400),
        ("I-90 mile marker 12.5", 12.5 * 1609.344),
    ],
)
def test_a_milepost_is_metres_along_its_route(text: str, metres: float) -> None:
    reading = _first(text)
    assert reading.chainage_m == pytest.approx(metres)
    assert reading.main is not None


@pytest.mark.parametrize(
    "text", ["运料河K1+1200", "运料河K12 + 1200处", "运料河桩号3+2000", "运料河里程桩号K3+2000"]
)
def test_more_metres_than_a_kilometre_has_are_no_milepost(text: str) -> None:
    found = read(text, _lexicon("运料河"))
    assert _roles(found[0]) == ["main 运料河"]
    assert all(one.chainage_m is None and not one.code and one.number is None for one in found)


@pytest.mark.parametrize(
    ("text", "group"),
    [("北渡村22组", 22), ("北渡村二十二组路口", 22), ("北渡村第3村民小组", 3), ("张家村五队", 5)],
)
def test_a_group_belongs_to_its_village(text: str, group: int) -> None:
    reading = _first(text)
    assert reading.group == group
    assert reading.main is not None
    assert reading.main.text.endswith("村")


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("新港中心路18号对面", Relation("opposite")),
        ("新港中心路18号斜对面", Relation("opposite")),
        ("新港中心路18号附近", Relation("near")),
        ("怡居小区旁边", Relation("near")),
        ("人民路东侧", Relation("side", "E")),
        ("人民路与青年路交叉口西南角", Relation("side", "SW")),
        ("友谊桥北侧30米", Relation("offset", "N", 30)),
        ("友谊桥往东约五十米处", Relation("offset", "E", 50)),
        ("友谊桥以北1公里", Relation("offset", "N", 1000)),
        ("友谊桥东100米", Relation("offset", "E", 100)),
        ("友谊桥下", Relation("under")),
        ("友谊桥下方", Relation("under")),
        ("护城河西岸", Relation("side", "W")),
        ("人民广场站3号口", Relation("entrance")),
        ("怡居小区门口", Relation("entrance")),
        ("怡居小区北门", Relation("entrance", "N")),
        ("怡居小区5幢门前", Relation("front")),
        ("怡居小区5幢后面", Relation("behind")),
        ("怡居小区5幢和6幢之间", Relation("between")),
        ("30 m north of Main St & Oak St", Relation("offset", "N", 30)),
        ("on the west side of Main St", Relation("side", "W")),
        ("opposite 12 Main St", Relation("opposite")),
        ("across from 12 Main St", Relation("opposite")),
        ("in front of 12 Main St", Relation("front")),
        ("under Canal St Bridge", Relation("under")),
        ("gegenüber Hauptstraße 12", Relation("opposite")),
        ("Hauptstraße 12 gegenüber", Relation("opposite")),
        ("50 m nördlich der Hauptstraße", Relation("offset", "N", 50)),
        ("hinter der Hauptstraße 12", Relation("behind")),
        ("Liisankatu 5 vastapäätä", Relation("opposite")),
        ("zwischen Hauptstraße und Marktplatz", Relation("between")),
    ],
)
def test_a_relation_is_read_beside_its_place(text: str, relation: Relation) -> None:
    assert _first(text).relation == relation


@pytest.mark.parametrize(
    ("text", "main", "house", "parents"),
    [
        ("1283 Canal St", "Canal St", (1283, "", None), []),
        ("706 E 50TH PL", "E 50TH PL", (706, "", None), []),
        ("7003 S CALUMET AVE, Chicago, IL 60615", "S CALUMET AVE", (7003, "", None), ["Chicago"]),
        (
            "1600 Pennsylvania Ave NW, Washington, DC 20500",
            "Pennsylvania Ave NW",
            (1600, "", None),
            ["Washington"],
        ),
        ("821 N St Louis Ave", "N St Louis Ave", (821, "", None), []),
        ("5924 S LA SALLE ST", "S LA SALLE ST", (5924, "", None), []),
        ("3950 W GRAND AVE", "W GRAND AVE", (3950, "", None), []),
        ("10831 S AVENUE H", "S AVENUE H", (10831, "", None), []),
        ("123 1/2 Main St, Apt 4", "Main St", (123, "1/2", None), []),
        ("123A Main St", "Main St", (123, "a", None), []),
        ("The street light at 1283 Canal St is out since Monday 5 pm", "Canal St", (1283, "", None), []),
        ("Hauptstraße 12a, Lauf", "Hauptstraße", (12, "a", None), ["Lauf"]),
        ("Hauptstr. 12 a", "Hauptstr.", (12, "a", None), []),
        ("Hauptstr.12", "Hauptstr.", (12, "", None), []),
        ("Hauptstraße 12-14", "Hauptstraße", (12, "", 14), []),
        ("Hauptstraße 12/3", "Hauptstraße", (12, "3", None), []),
        ("Hauptstraße 14m", "Hauptstraße", (14, "m", None), []),
        ("91207 Lauf, Hauptstr. 12", "Hauptstr.", (12, "", None), ["Lauf"]),
        ("Görlitzer Straße 25h", "Görlitzer Straße", (25, "h", None), []),
        ("Marktplatz 30", "Marktplatz", (30, "", None), []),
        ("Obere Bergstraße 7", "Obere Bergstraße", (7, "", None), []),
        ("Am Steg 5", "Am Steg", (5, "", None), []),
        ("Im Malbun 12", "Im Malbun", (12, "", None), []),
        ("Gutacker 5", "Gutacker", (5, "", None), []),
        ("Platz der Republik 1", "Platz der Republik", (1, "", None), []),
        ("Unter den Linden 77", "Unter den Linden", (77, "", None), []),
        ("Josef Rheinberger Strasse 12", "Josef Rheinberger Strasse", (12, "", None), []),
        ("Dr.-Hans-Reichold-Weg 3", "Dr.-Hans-Reichold-Weg", (3, "", None), []),
        ("hauptstrasse 12 lauf", "hauptstrasse", (12, "", None), ["lauf"]),
        ("Mannerheimintie 12 A 5, 00100 Helsinki", "Mannerheimintie", (12, "a", None), ["Helsinki"]),
        ("Alvar Aallon katu 3", "Alvar Aallon katu", (3, "", None), []),
        ("Iso Roobertinkatu 12", "Iso Roobertinkatu", (12, "", None), []),
        ("12 rue de la Paix, Paris", "rue de la Paix", (12, "", None), ["Paris"]),
        ("Calle Mayor, 5", "Calle Mayor", (5, "", None), []),
        ("ul. Długa 7, Gdańsk", "ul. Długa", (7, "", None), ["Gdańsk"]),
        ("Laterne vor Hauptstraße 12 in Lauf ist defekt", "Hauptstraße", (12, "", None), ["Lauf"]),
    ],
)
def test_numbers_stand_before_or_behind_a_street(
    text: str, main: str, house: tuple[int, str, int | None], parents: list[str]
) -> None:
    reading = _first(text)
    assert reading.main is not None
    assert reading.main.text == main
    assert _house(reading) == house
    assert [name.text for name in reading.names if name.role == "parent"] == parents


@pytest.mark.parametrize(
    ("text", "main", "cross"),
    [
        ("JAMES ST & OAK ST", "JAMES ST", "OAK ST"),
        ("995 JAMES ST & OAK ST", "JAMES ST", "OAK ST"),
        ("corner of 5th Ave and Main St", "5th Ave", "Main St"),
        ("5th & Main", "5th", "Main"),
        ("Broadway & 7th Ave", "Broadway", "7th Ave"),
        ("intersection of Oak and Main", "Oak", "Main"),
        ("Main St at Oak St", "Main St", "Oak St"),
        ("W Madison St / N Clark St", "W Madison St", "N Clark St"),
        ("Hauptstraße Ecke Bahnhofstraße", "Hauptstraße", "Bahnhofstraße"),
        ("Ecke Hauptstraße/Bahnhofstraße", "Hauptstraße", "Bahnhofstraße"),
        ("Kalevankadun ja Liisankadun risteys", "Kalevankadun", "Liisankadun"),
    ],
)
def test_latin_roads_cross(text: str, main: str, cross: str) -> None:
    reading = _first(text)
    assert reading.is_crossing
    assert _roles(reading) == [f"main {main}", f"cross {cross}"]


@pytest.mark.parametrize(
    "text",
    [
        "三楼漏水",
        "二楼有人拉电线",
        "3楼住户太吵",
        "3辆车停了5天，花了30元",
        "五个垃圾桶满了",
        "电话13812345678，请回复",
        "联系电话0513-85512345",
        "5月3号晚上8点半停电",
        "5号晚上停电了",
        "2024年3月5日上报",
        "工单号20240305001没有人处理",
        "苏F12345违停",
        "12路公交车不来",
        "5号线地铁口",
        "校门口机动车停了三排",
        "放学时间学校门口违停，孩子过马路危险",
        "小区里的路灯不亮",
        "我们小区门口很脏",
        "人行道和盲道都被占了",
        "3组垃圾桶不见了",
        "3 cars parked for 2 days",
        "the 2nd floor is leaking",
        "a fine of $50 on 5/12/2024",
        "call 773-555-1234 at 12:30",
        "my street is dirty",
        "",
        "   ",
        "。，！",
    ],
)
def test_floors_counts_phones_times_and_prices_are_no_addresses(text: str) -> None:
    for reading in read(text, _nothing):
        assert reading.score <= 0.5, reading
        assert reading.number is None
        assert reading.building is None
        assert not reading.code


def test_times_and_floors_beside_an_address_stay_out_of_it() -> None:
    text = "5月3号晚上8点，人民路18号3楼往下扔垃圾，电话13812345678"
    reading = _first(text)
    assert _house(reading) == (18, "", None)
    assert text[reading.start : reading.end] == "人民路18号"


@pytest.mark.parametrize(
    ("text", "along", "ends"),
    [
        ("人民路青年路至外环路段", "人民路", ["青年路", "外环路"]),
        ("人民东路从工农路到青年路这一段路灯不亮", "人民东路", ["工农路", "青年路"]),
        ("Pike St between 1st Ave and 2nd Ave", "Pike St", ["1st Ave", "2nd Ave"]),
    ],
)
def test_a_stretch_of_a_street_lies_between_two_others(text: str, along: str, ends: list[str]) -> None:
    reading = _first(text)
    assert reading.relation == Relation("between")
    assert not reading.is_crossing
    assert _roles(reading) == [f"main {along}", *(f"cross {end}" for end in ends)]


def test_a_known_name_is_taken_whole_and_marked_known() -> None:
    reading = _first("和园南苑有人占绿地搭棚子", "和园南苑")
    assert [(name.text, name.known) for name in reading.names] == [("和园南苑", True)]


def test_of_overlapping_known_names_those_that_explain_most_are_taken() -> None:
    assert _roles(_first("南通吕运河边有垃圾", "南通", "通吕运河")) == ["main 通吕运河"]


def test_the_word_for_a_kind_of_asset_is_no_place_even_where_assets_are_named_so() -> None:
    assert _roles(_first("青年西路污水井盖破损", "青年西路", "污水井盖")) == ["main 青年西路"]


@pytest.mark.parametrize("text", ["小摊贩占道经营", "请封路", "一座危桥", "5幢门口路灯坏了", "把路堵了"])
def test_what_people_do_with_roads_is_at_most_a_poor_guess_at_a_name(text: str) -> None:
    assert all(reading.score < 0.35 for reading in read(text, _nothing))


@pytest.mark.parametrize(
    ("text", "name", "names"),
    [
        ("新园红有人乱倒生活垃圾", "新园红", ()),
        ("碧林湾北井井盖缺失", "碧林湾北井", ("碧林湾",)),
        ("跃龙社区青年南丽积水", "青年南丽", ("跃龙社区",)),
        ("隆料河里有死鱼", "隆料河", ()),
        ("新城城14号门口堆满货", "新城城", ()),
        ("新城虹14号门口堆满货", "新城虹", ()),
        ("千禧园丽路电瓶车乱停", "千禧园丽路", ("千禧园",)),
    ],
)
def test_a_name_with_a_mistyped_ending_is_guessed(text: str, name: str, names: tuple[str, ...]) -> None:
    readings = read(text, _lexicon(*names))
    assert name in {reading.main.text for reading in readings if reading.main}


def test_a_mistyped_name_is_also_read_where_the_lexicon_has_a_part_of_it() -> None:
    readings = read("虹桥背村65幢", _lexicon("虹桥"))
    assert any(_roles(reading) == ["main 虹桥背村"] for reading in readings)


def test_a_name_that_nobody_knows_is_proposed_before_a_building() -> None:
    assert _roles(_first("虹桥北邨65幢楼道灯不亮")) == ["main 虹桥北邨"]


def test_a_building_said_later_belongs_to_the_estate_said_before() -> None:
    reading = _first("金兰小区楼道灯不亮，48幢二单元")
    assert _roles(reading) == ["main 金兰小区"]
    assert reading.building is not None
    assert reading.building.value == 48


def test_a_known_town_behind_a_street_is_its_parent() -> None:
    reading = _first("Hauptstrasse 12 Bad Ragaz", "bad ragaz", "hauptstrasse")
    assert _roles(reading) == ["main Hauptstrasse", "parent Bad Ragaz"]


def test_positions_are_those_of_the_original_text() -> None:
    text = "ﬁ  Ａ　人民路１８号"
    reading = _first(text, "人民路")
    assert text[reading.start : reading.end] == "人民路１８号"
    assert reading.names[0].known


def test_better_readings_come_first_and_none_twice() -> None:
    readings = read("人民路18号、青年路20号、外环路22号、工农路24号、和平路26号 1283 Canal St", _nothing)
    scores = [reading.score for reading in readings]
    assert scores == sorted(scores, reverse=True)
    assert 5 <= len(readings) <= 8


_SAID = (
    "人民路 虹桥北村 65幢 18号 六十五 与 和 交叉口 路口 对面 北侧30米 K2+300 灯杆03120456 22组 的 ， （ ） "
    "桥 下 号 # - / Main St Hauptstraße 12a 5th & Ave corner of Am rue 1/2 km 3 \u0000 \ud800 İ ß ﬁ １２ é "
    "\n　"
)
_PIECES = st.sampled_from(_SAID.split(" "))
_TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(_PIECES, max_size=14).map("".join),
    st.lists(_PIECES, max_size=14).map(" ".join),
)


@st.composite
def _texts_and_names(draw: st.DrawFn) -> tuple[str, Lexicon]:
    """A text, and a lexicon that claims any stretches of it, sensible or not."""
    text = draw(_TEXTS)
    cuts = draw(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 9)), max_size=6))

    def spans(folded: str) -> list[_Span]:
        return [_Span(at, min(len(folded), at + length)) for at, length in cuts if at < len(folded)]

    return text, spans


@settings(max_examples=400, deadline=None)
@given(_texts_and_names())
def test_any_text_is_read_without_an_error_and_every_position_is_in_it(case: tuple[str, Lexicon]) -> None:
    text, spans = case
    readings = read(text, spans)
    assert len(readings) <= 8
    for reading in readings:
        assert 0 <= reading.start <= reading.end <= len(text)
        assert 0 <= reading.score <= 1
        assert sum(name.role == "main" for name in reading.names) <= 1
        for name in reading.names:
            assert name.text
            assert text[name.start : name.end] == name.text
            assert reading.start <= name.start < name.end <= reading.end


@settings(max_examples=60, deadline=None)
@given(_TEXTS)
def test_reading_again_gives_the_same(text: str) -> None:
    assert read(text, _nothing) == read(text, _nothing)


@pytest.mark.parametrize(
    "piece",
    [
        "路", "一", "1", "a", " ", "(", "号", "12-", "1+", "北", "东西", "人民路18号与", "在人民", "灯杆",
        "St ", "Main St & ", "1283 Canal St, ", "rue ", "5th ", "\ud800", "\u0000", "&", "K1+", "é", ".", "-",
        "十字",
    ],
)  # fmt: skip
def test_ten_thousand_characters_of_anything_are_read(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    assert len(read(text, _nothing)) <= 8
