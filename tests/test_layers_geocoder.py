"""What people write is found: each kind of civic reference, how sure, and nothing where nothing is meant."""

from __future__ import annotations

import pytest

from geo.errors import GridError
from layers.candidates import Match, Outcome
from layers.generation import load_live
from layers.geocoder import Geocoder
from tests.cities import at, bring
from tests.civic_city import civic_city, spot
from tests.hotspot_cities import code_of, lattice_generation
from tests.routes_city import cut

DEGREE_M = 111_000.0
KILOMETRE = 0.9015  # rows


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    """The city with kilometre stones 1 to 3 of 外环西路, and a section of 新港中心路 up to metre 500."""
    city = civic_city(tmp_path_factory.mktemp("civic"))
    stones = [
        (spot(1, n * KILOMETRE), {"code": f"M{n}", "route": "外环西路", "m": f"K{n}+000"}) for n in (1, 2, 3)
    ]
    bring(city, "asset:road_mark", stones)
    signs = [(spot(0.3, 0.3 + n / 10), {"code": f"S{n}-17", "name": "外环西路"}) for n in (1, 2)]
    bring(city, "asset:traffic_sign", signs)  # many are called by their street
    cut(city, ["新港中心路,0,500,both,养护一队"])
    return Geocoder(load_live(city))


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
        ("外环西路K1", Match.MILEPOST, (1, 0.9015), 5),
        ("新港中心路K0+400", Match.MILEPOST, (2.6235, 3), 5),
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("人民西路K0+200", "人民西路 K0+200"),
        ("运料河K1+100", "运料河 K1+100"),
        ("外环西路K0+900", "外环西路 K0+900"),
        ("外环西路K3+100", "外环西路 K3+100"),
        ("新港中心路K0+600", "新港中心路 K0+600"),
    ],
)
def test_metres_that_no_stone_and_no_section_tells_are_not_made_up(
    geocoder: Geocoder, text: str, said: str
) -> None:
    best = geocoder.geocode(text).candidates[0]
    assert best.match in (Match.STREET, Match.WATERWAY)
    (fault,) = best.faults
    assert (fault.code, f"{best.label} {fault.value}") == ("metre_unknown", said)


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


@pytest.mark.parametrize("word", ["井盖", "消防栓", "桥梁", "泵站", "配电箱", "垃圾桶", "路牌", "manhole "])
def test_a_code_of_another_kind_is_a_question(geocoder: Geocoder, word: str) -> None:
    answer = geocoder.geocode(f"{word}03120456")
    assert answer.outcome is Outcome.AMBIGUOUS
    (lamp,) = answer.candidates
    assert lamp.label == "灯杆03120456"
    (fault,) = lamp.faults
    assert (fault.code, fault.value) == ("kind_elsewhere", word.strip())
    assert fault.zh == f"编号 03120456 是路灯，不是“{word.strip()}”"
    assert "street light" in fault.en
    assert "灯杆03120456" in answer.question_zh
    assert geocoder.geocode(f"{word}03120458").outcome is Outcome.NONE


@pytest.mark.parametrize(
    "word",
    ["路灯", "灯杆", "杆号", "电线杆", "铁塔", "编号", "设施", "pole ", "street lamp ", "asset ", "Laterne "],
)
def test_what_a_thing_may_be_called_is_no_doubt(geocoder: Geocoder, word: str) -> None:
    answer = geocoder.geocode(f"{word}03120456")
    assert answer.outcome is Outcome.FOUND
    assert [one.faults for one in answer.candidates] == [()]


@pytest.mark.parametrize(
    "text",
    [
        "路灯03120451、03120456不亮", "路灯03120451和03120456不亮", "路灯03120451，03120456不亮",
        "编号03120451、03120456", "03120451、03120456号路灯不亮", "灯杆03120451和灯杆03120456坏了",
    ],
)  # fmt: skip
def test_of_several_codes_each_may_be_meant(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert answer.outcome is Outcome.AMBIGUOUS, answer
    assert {one.label for one in answer.candidates} == {"灯杆03120451", "灯杆03120456"}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("03120456", "灯杆03120456"),
        ("#03120456 ", "灯杆03120456"),
        ("S2-17", "外环西路 S2-17"),
        ("s1-17", "外环西路 S1-17"),
    ],
)
def test_a_bare_code_is_its_asset_and_a_label_has_the_code(geocoder: Geocoder, text: str, label: str) -> None:
    answer = geocoder.geocode(text)
    assert (answer.outcome, answer.candidates[0].match) == (Outcome.FOUND, Match.CODE)
    assert answer.candidates[0].label == label


def test_a_bare_code_of_some_length_may_be_that_of_a_cell() -> None:
    geocoder = Geocoder(lattice_generation())
    code = code_of(4, 4)
    answer = geocoder.geocode(f"#{code}")
    assert [one.cell_code for one in answer.candidates] == [code]
    assert answer.candidates[0].match == Match.CODE
    assert geocoder.geocode(code[:-1]).outcome == Outcome.NONE


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
