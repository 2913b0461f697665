"""Bridges over rivers, long codes, groups behind blanks: what citizens write is read for what it is."""

from __future__ import annotations

import pytest

from geo.civic_text import Reading, read
from geo.names import Span

ROADS = ("人民路", "青年路", "秦北村", "启秀路")


def first(text: str) -> Reading:
    spans = [Span(at, at + len(name), (0,)) for name in ROADS if (at := text.find(name)) >= 0]
    return read(text, lambda _: spans)[0]


def names(reading: Reading) -> dict[str, str]:
    return {name.role: name.text for name in reading.names}


@pytest.mark.parametrize(
    "text",
    [
        "人民路跨南川河的桥",
        "人民路过南川河那座桥",
        "南川河上人民路的桥",
        "南川河大桥（人民路）",
        "南川河人民路桥",
    ],
)
def test_a_bridge_has_two_lines(text: str) -> None:
    reading = first(text)
    assert {*names(reading).values()} == {"人民路", "南川河"}
    assert reading.thing.endswith("桥")
    assert reading.is_crossing


@pytest.mark.parametrize("text", ["人民路近青年路", "人民路靠近青年路", "人民路（青年路路口）"])
def test_a_road_near_another_is_their_crossing(text: str) -> None:
    reading = first(text)
    assert names(reading) == {"main": "人民路", "cross": "青年路"}
    assert reading.is_crossing


def test_a_thing_on_a_street_is_the_thing() -> None:
    reading = first("人民路上的和平公园有垃圾")
    assert names(reading) == {"cross": "人民路", "main": "和平公园"}


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("路灯0412 0719路灯不亮", "0412 0719", "路灯"),
        ("0112 0511号电线杆", "0112 0511", "电线杆"),
        ("井盖编号No.3206130102003235", "3206130102003235", "井盖"),
        ("井盖编号编号9764187287968657。", "9764187287968657", "井盖"),
        ("电线杆97756338楼下垃圾", "97756338", "电线杆"),
    ],
)
def test_a_code_may_be_long_split_or_named_twice(text: str, code: str, kind: str) -> None:
    reading = first(text)
    assert (reading.code, reading.code_kind) == (code, kind)


def test_a_short_number_before_a_lamp_is_also_a_house() -> None:
    found = read("文俊路13号井盖响", lambda _: [])
    assert {one.code for one in found if one.code} == {"13"}
    assert {one.number.value for one in found if one.number} == {13}


@pytest.mark.parametrize("text", ["秦北村 1 组", "秦北村 一 组", "秦北村第1组", "秦北村第 1 村民小组"])
def test_a_group_may_stand_behind_a_blank(text: str) -> None:
    assert first(text).group == 1


def test_light_opposite_a_house_is_opposite() -> None:
    relation = first("启秀路1号对面路灯不亮").relation
    assert relation is not None
    assert relation.kind == "opposite"


@pytest.mark.parametrize(
    "text", ["人民路的路灯坏了", "人民路过年没人扫", "人民路上下班堵车", "人民路近期施工"]
)
def test_words_that_only_look_like_joins_join_nothing(text: str) -> None:
    assert all(not reading.is_crossing for reading in read(text, lambda _: []))


def test_a_house_beside_a_manhole_may_be_written_in_words() -> None:
    found = read("德民路三十二号井盖响", lambda _: [])
    assert {one.number.value for one in found if one.number} == {32}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("路灯0213、0214不亮", ["0213", "0214"]),
        ("路灯LD-01、LD-02和LD-03不亮", ["LD-01", "LD-02", "LD-03"]),
        ("路灯02120400、0214不亮", ["02120400"]),
        ("路灯0213，300元", ["0213"]),
        ("02120400和02120410号路灯", ["02120400", "02120410"]),
    ],
)
def test_a_label_holds_for_the_numbers_that_are_joined_to_its_own(text: str, codes: list[str]) -> None:
    labelled = [one for one in read(text, lambda _: []) if one.code_kind == "路灯"]
    assert sorted(one.code for one in labelled) == codes
    assert all(one.score > 0.9 for one in labelled)
