"""What citizens write in Chinese is found as they mean it: bridges, codes, groups, slips, relations."""

from __future__ import annotations

import math

import pytest

from layers.candidates import Answer, Match, Outcome
from layers.generation import load_live
from layers.geocoder import Geocoder
from tests.cities import at
from tests.civic_city import civic_city

DEGREE_M = 111_000.0


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    return Geocoder(load_live(civic_city(tmp_path_factory.mktemp("civic"))))


def apart_m(answer: Answer, column: float, row: float) -> float:
    best, (lng, lat) = answer.candidates[0], at(column, row)
    return math.hypot((best.lng - lng) * math.cos(math.radians(lat)), best.lat - lat) * DEGREE_M


def faults(answer: Answer) -> set[str]:
    return {fault.code for one in answer.candidates for fault in one.faults}


@pytest.mark.parametrize(
    "text",
    [
        "外环西路跨运料河的桥",
        "外环西路过运料河那座桥井盖响",
        "运料河上外环西路的桥",
        "运料河大桥（外环西路）护栏断了",
        "运料河外环西路桥",
    ],
)
def test_a_bridge_is_named_by_its_road_and_its_river(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert answer.outcome is Outcome.FOUND
    assert apart_m(answer, 1, 1.5) < 30


@pytest.mark.parametrize("text", ["运料河的人民西路闸口", "运料河人民西路闸", "人民西路闸口堵了"])
def test_a_gate_is_named_by_its_road_with_or_without_the_river(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert (answer.outcome, answer.candidates[0].match) == (Outcome.FOUND, Match.ASSET)
    assert apart_m(answer, 1, 1.5) < 5


@pytest.mark.parametrize(
    "text", ["人民西路近外环西路", "人民西路（外环西路路口）", "人民西路外环西路路口", "外环西路&人民西路"]
)
def test_a_crossing_is_the_answer_and_not_one_of_its_streets(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert answer.outcome is Outcome.FOUND
    assert [one.match for one in answer.candidates] == [Match.CROSSING]
    assert apart_m(answer, 1, 0.5) < 5


def test_two_addresses_are_a_question_between_them(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("新港中心路5号和新港中心路36号都有垃圾")
    assert answer.outcome is Outcome.AMBIGUOUS
    assert [one.label for one in answer.candidates] == ["新港中心路5号", "新港中心路36号"]


def test_roads_that_do_not_meet_are_a_question_with_the_fault(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("外环西路与新港中心路路口")
    assert answer.outcome is Outcome.AMBIGUOUS
    assert {one.match for one in answer.candidates} == {Match.STREET}
    assert faults(answer) == {"no_crossing"}


@pytest.mark.parametrize(
    "text",
    [
        "人民西路灯杆No.03120456", "人民西路灯杆编号编号03120456坏了", "人民西路路灯0312 0456路灯不亮",
        "人民西路 灯杆 ０３１２０４５６", "灯杆03120456楼下垃圾没人清", "人民西路0312 0456号电线杆",
    ],
)  # fmt: skip
def test_a_code_is_read_however_it_is_written(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert (answer.outcome, answer.candidates[0].match) == (Outcome.FOUND, Match.CODE)
    assert apart_m(answer, 0.8, 0.52) < 5


def test_a_code_that_nothing_bears_costs_and_leaves_the_road(geocoder: Geocoder) -> None:
    best = geocoder.geocode("人民西路灯杆97756338").candidates[0]
    assert best.match is Match.STREET
    assert [fault.code for fault in best.faults] == ["code_unknown"]
    assert geocoder.geocode("灯杆97756338不亮").outcome is Outcome.NONE


def test_a_mistyped_code_beside_a_road_is_looked_for_on_that_road(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("人民西路灯杆0312045")
    assert answer.outcome is Outcome.AMBIGUOUS
    assert all("parent_elsewhere" not in {f.code for f in one.faults} for one in answer.candidates)


def test_a_house_beside_a_lamp_is_no_number_of_the_lamp(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("新港中心路19号路灯不亮")
    assert (answer.outcome, answer.candidates[0].match) == (Outcome.FOUND, Match.ADDRESS)


def test_a_street_in_an_area_is_its_part_there(geocoder: Geocoder) -> None:
    whole, part = geocoder.geocode("人民西路").candidates[0], geocoder.geocode("新西社区人民西路有垃圾")
    assert part.outcome is Outcome.FOUND
    assert apart_m(part, 1, 0.5) < 5
    assert part.candidates[0].radius_m < 0.6 * whole.radius_m
    assert not part.candidates[0].faults


def test_a_street_that_does_not_meet_the_area_is_told(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("北渡村人民西路有垃圾")
    assert answer.candidates[0].match is Match.STREET
    assert faults(answer) == {"parent_elsewhere"}


def test_a_metre_that_a_road_does_not_have_is_told(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("外环西路K99+300")
    assert answer.candidates[0].match is Match.STREET
    assert faults(answer) == {"metre_unknown"}


def test_a_group_that_nobody_knows_is_its_village_with_the_fault(geocoder: Geocoder) -> None:
    for text in ("北渡村22组", "北渡村 22 组", "北渡村第二十二村民小组", "虹桥街道北渡村２２组"):
        answer = geocoder.geocode(text)
        assert (answer.outcome, answer.candidates[0].label) == (Outcome.FOUND, "北渡村"), text
        assert faults(answer) == {"group_unknown"}, text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("新港中心路16号对面", (2.84, 3.02)),  # the house stands south of the road
        ("新港中心路19号马路对面路灯不亮", (2.96, 2.98)),
    ],
)
def test_opposite_is_across_the_street_of_the_house(
    geocoder: Geocoder, text: str, place: tuple[float, float]
) -> None:
    answer = geocoder.geocode(text)
    assert answer.candidates[0].match is Match.RELATION
    assert apart_m(answer, *place) < 15


@pytest.mark.parametrize(
    ("text", "metres"), [("新港中心路19号北侧30米", (0, 30)), ("新港中心路19号往东50米处", (50, 0))]
)
def test_metres_in_a_direction_are_counted_from_the_house(
    geocoder: Geocoder, text: str, metres: tuple[float, float]
) -> None:
    house, moved = (geocoder.geocode(said).candidates[0] for said in ("新港中心路19号", text))
    east = (moved.lng - house.lng) * math.cos(math.radians(house.lat)) * DEGREE_M
    north = (moved.lat - house.lat) * DEGREE_M
    assert (east, north) == pytest.approx(metres, abs=3)


@pytest.mark.parametrize(
    "text", ["虹北桥村65幢", "虹桥北邨65幢", "虹桥街道虹桥背村65幢灯不亮", "我家住虹桥北囗村65幢"]
)
def test_a_slip_in_a_name_is_forgiven_and_told(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert (answer.outcome, answer.candidates[0].match) == (Outcome.FOUND, Match.BUILDING), answer
    assert apart_m(answer, 0.67, 1.1) < 5
    assert faults(answer) & {"spelling", "homophone"}


def test_another_short_name_is_asked_about_unless_its_area_says_that_it_is_meant(geocoder: Geocoder) -> None:
    alone = geocoder.geocode("欢居小区有人养鸡")
    assert alone.outcome in (Outcome.AMBIGUOUS, Outcome.NONE)
    assert alone.outcome is Outcome.NONE or alone.question_zh == "是怡居小区吗？"
    held = geocoder.geocode("秦西社区欢居小区有人养鸡")
    assert (held.outcome, held.candidates[0].label) == (Outcome.FOUND, "怡居小区")


@pytest.mark.parametrize(
    "text",
    [
        "昨天下午3点打的电话13912345678", "罚款200元不合理", "2026年11月20日报修", "5公里", "65幢", "18号",
        "车牌苏F12345一直停着", "工单编号20261120001", "医院门口停车难", "我家楼上漏水",
        "放学时间学校门口违停", "天安门广场", "人民公园里面", "有3个人在路边烧烤",
    ],
)  # fmt: skip
def test_what_names_no_place_of_the_city_has_no_answer(geocoder: Geocoder, text: str) -> None:
    assert geocoder.geocode(text).outcome is Outcome.NONE


@pytest.mark.parametrize("text", ["人民西路（外环西路至新港中心路）路段", "外环西路（人民西路至运料河）之间"])
def test_a_stretch_is_no_crossing(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert {one.match for one in answer.candidates} <= {Match.STREET, Match.RELATION}


def test_a_stretch_lies_half_way_between_its_ends(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("外环西路（人民西路至运料河）之间")
    assert answer.outcome is Outcome.FOUND
    assert apart_m(answer, 1, 1) < 30


def test_a_place_that_nobody_knows_is_looked_for_in_its_community(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("测试市虹桥街道新西社区好客饭店门口")
    assert [one.label for one in answer.candidates] == ["新西社区"]
    assert faults(answer) == {"name_unknown"}


def test_the_town_before_a_known_area_is_no_fault(geocoder: Geocoder) -> None:
    assert not faults(geocoder.geocode("江苏省南通市虹桥街道虹桥北村65幢"))


def test_a_building_of_a_lane_is_at_the_number_of_the_lane(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("新港中心路19弄5号")
    assert (answer.outcome, answer.candidates[0].match) == (Outcome.FOUND, Match.ADDRESS)
    assert apart_m(answer, 2.96, 3.02) < 5


def test_a_committee_is_where_its_community_is(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("虹桥街道新西社区居委会附近路灯坏了")
    assert [one.label for one in answer.candidates[:1]] == ["新西社区"]
    assert answer.outcome is Outcome.FOUND
