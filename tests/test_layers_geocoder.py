"""What people write is found: each kind of civic reference, how sure, and nothing where nothing is meant."""

from __future__ import annotations

import pytest

from geo.errors import GridError
from layers.candidates import Match, Outcome
from layers.generation import load_live
from layers.geocoder import Geocoder
from tests.cities import at
from tests.civic_city import civic_city

DEGREE_M = 111_000.0


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    return Geocoder(load_live(civic_city(tmp_path_factory.mktemp("civic"))))


@pytest.mark.parametrize(
    ("text", "match", "place", "within_m"),
    [
        ("虹桥北村65幢楼道里的灯不亮了，晚上回家黑漆漆的", Match.BUILDING, (0.67, 1.1), 5),
        ("虹桥北村６５号楼", Match.BUILDING, (0.67, 1.1), 5),
        ("虹桥北村六十五幢二单元301室漏水", Match.BUILDING, (0.67, 1.1), 5),
        ("虹桥北村68幢", Match.INFERRED, (0.47, 1.0), 40),
        ("人民西路与外环西路交叉口信号灯不亮", Match.CROSSING, (1, 0.5), 5),
        ("外环西路/人民西路", Match.CROSSING, (1, 0.5), 5),
        ("灯杆03120456", Match.CODE, (0.8, 0.52), 2),
        ("新港中心路19号", Match.ADDRESS, (2.96, 3.02), 5),
        ("新港中心路18号", Match.INTERPOLATED, (2.92, 2.98), 25),
        ("外环西路K2+300", Match.MILEPOST, (1, 2.0735), 60),
        ("幸福街道秦西社区怡居小区有人养鸡", Match.ESTATE, (3.2, 0.9), 150),
    ],
)
def test_each_kind_of_reference_is_found(
    geocoder: Geocoder, text: str, match: Match, place: tuple[float, float], within_m: float
) -> None:
    answer = geocoder.geocode(text)
    assert answer.outcome is Outcome.FOUND, answer
    best = answer.candidates[0]
    lng, lat = at(*place)
    apart_m = (((best.lng - lng) * 0.848) ** 2 + (best.lat - lat) ** 2) ** 0.5 * DEGREE_M
    assert (best.match, apart_m <= within_m) == (match, True), (best, apart_m)
    assert best.cell_code


def test_what_is_inferred_says_by_what(geocoder: Geocoder) -> None:
    for text, neighbours in (("虹桥北村68幢", ("67", "69")), ("新港中心路18号", ("16", "20"))):
        best = geocoder.geocode(text).candidates[0]
        (fault,) = (fault for fault in best.faults if fault.code == "number_inferred")
        for neighbour in neighbours:
            assert neighbour in fault.zh
            assert neighbour in fault.en
        assert best.radius_m > 5


def test_a_wrong_character_is_forgiven_and_told(geocoder: Geocoder) -> None:
    best = geocoder.geocode("人名西路与外环西路路口").candidates[0]
    assert best.match is Match.CROSSING
    assert [fault.code for fault in best.faults] == ["homophone"]


def test_a_mistyped_code_is_a_question(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("灯杆03120458")
    assert answer.outcome is Outcome.AMBIGUOUS
    assert {fault.code for one in answer.candidates for fault in one.faults} == {"code_mistyped"}
    assert answer.question_zh


def test_an_answer_lies_in_the_areas_that_the_text_names(geocoder: Geocoder) -> None:
    inside = geocoder.geocode("虹桥街道虹桥北村65幢").candidates[0]
    assert not inside.faults
    outside = geocoder.geocode("幸福街道虹桥北村65幢")
    assert outside.best is None or any(fault.code == "parent_elsewhere" for fault in outside.best.faults)


@pytest.mark.parametrize(
    "text", ["", "今天天气真好", "路灯不亮", "中山东路15号", "13800138000", "3楼", "\x00\ud800"]
)
def test_nothing_plausible_is_no_answer(geocoder: Geocoder, text: str) -> None:
    try:
        answer = geocoder.geocode(text)
    except GridError:
        pytest.fail("a text is never refused")
    assert answer.outcome is Outcome.NONE


def test_a_number_that_a_street_cannot_have_is_told(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("新港中心路999号")
    assert answer.best is None or answer.best.match is Match.STREET
    assert all(any(f.code == "number_unknown" for f in one.faults) for one in answer.candidates)


def test_the_same_text_is_answered_the_same(geocoder: Geocoder) -> None:
    text = "新港中心路18号对面"
    assert geocoder.geocode(text).json() == geocoder.geocode(text).json()
    assert geocoder.geocode(text).candidates[0].match is Match.RELATION
