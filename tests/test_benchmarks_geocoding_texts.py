"""Texts to examine the geocoder with: each is its own, each truth is true, each typo is one edit."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pypinyin
import pytest
import shapely
from rapidfuzz.distance import OSA
from shapely import Point

from benchmarks.geocoding_demo import demo_town
from benchmarks.geocoding_places import Town
from benchmarks.geocoding_texts import CLEAN, NO_PARENT, NONE, TYPO, WRONG_PARENT, Text, texts
from benchmarks.geocoding_towns import osm_town
from benchmarks.geocoding_typos import SOUNDS, Names, one_typo
from benchmarks.geocoding_words import SPEECH, inflected, numeral, wide
from tests.geocoding_towns import EAST, GAUSS, NORTH, UTM, X, Y, chinese, german


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Town]:
    folder = tmp_path_factory.mktemp("towns")
    return {
        "de": osm_town("lauf", "de", UTM, german(folder), np.random.default_rng(1)),
        "zh": demo_town("demo", GAUSS, chinese(folder), np.random.default_rng(1)),
    }


@pytest.fixture(scope="module")
def written(towns: dict[str, Town]) -> dict[str, list[Text]]:
    return {language: texts(town, np.random.default_rng(2), 12) for language, town in towns.items()}


@pytest.fixture(scope="module")
def every(written: dict[str, list[Text]]) -> list[Text]:
    return [text for some in written.values() for text in some]


def near(truth: shapely.Geometry, east: float, north: float) -> bool:
    return bool(shapely.distance(truth, Point(east, north)) < 0.5)


def test_no_text_comes_twice(every: list[Text]) -> None:
    assert len({text.text for text in every}) == len(every) > 300


def test_the_same_seed_writes_the_same_texts(towns: dict[str, Town], written: dict[str, list[Text]]) -> None:
    assert texts(towns["zh"], np.random.default_rng(2), 12) == written["zh"]


def test_every_kind_comes_in_every_variant_that_it_can_have(written: dict[str, list[Text]]) -> None:
    kinds = {(text.kind, text.variant) for text in written["zh"]}
    for kind in ("address", "building", "code", "milepost", "group", "bridge", "offset", "named"):
        assert {(kind, CLEAN), (kind, NO_PARENT)} <= kinds, kind
    assert {("building", TYPO), ("building", WRONG_PARENT), ("code", TYPO), ("code", NONE)} <= kinds


def test_one_text_in_ten_has_no_answer_and_only_those(every: list[Text]) -> None:
    assert all((text.variant == NONE) == (not text.truth) for text in every)
    assert all(bool(text.why) == (text.variant == NONE) for text in every)
    assert 0.05 < np.mean([text.variant == NONE for text in every]) < 0.12


def test_a_typo_is_one_edit_and_nothing_else_differs(every: list[Text]) -> None:
    wrong = [text for text in every if text.variant == TYPO]
    assert len(wrong) > 60
    assert {OSA.distance(text.text, text.correct) for text in wrong} == {1}


def test_a_typo_is_never_in_a_number_but_of_a_code(every: list[Text]) -> None:
    for text in every:
        if text.variant == TYPO and text.kind != "code":
            assert re.sub(r"\D", "", text.text) == re.sub(r"\D", "", text.correct)


def test_a_wrong_code_is_no_code(written: dict[str, list[Text]], towns: dict[str, Town]) -> None:
    codes = towns["zh"].names.codes
    said = [
        re.findall(r"\d{6,}", text.text)
        for text in written["zh"]
        if (text.kind, text.variant) == ("code", TYPO)
    ]
    assert said
    assert not codes & {code for some in said for code in some if len(code) in (8, 16)}


def test_a_house_lies_where_the_map_has_it(towns: dict[str, Town]) -> None:
    houses = {(p.a, p.number): p.truth[0] for p in towns["de"].places["address"]}
    assert near(houses["Hauptstraße", "7"], X + 140, Y + 18)
    assert near(houses["Hauptstraße", "8"], X + 160, Y - 18)
    assert near(houses["Bachgasse", "3a"], X + 305, Y + 30)
    assert len(houses) == 52


def test_roads_meet_where_they_cross_and_where_they_nearly_end_at_one_another(towns: dict[str, Town]) -> None:
    at = {(p.a, p.b): p.truth for p in towns["de"].places["crossing"]}
    assert set(map(frozenset, at)) == {
        frozenset({"Hauptstraße", "Bachgasse"}), frozenset({"Hauptstraße", "Endweg"})
    }  # fmt: skip
    (cross,), (close,) = (next(t for k, t in at.items() if name in k) for name in ("Bachgasse", "Endweg"))
    assert near(cross, X + 300, Y)
    assert near(close, X + 500, Y + 2.5)


def test_roads_that_meet_twice_have_both_places(towns: dict[str, Town]) -> None:
    (twice,) = towns["de"].places["crossing twice"]
    assert sorted(round(point.x - X) for point in twice.truth) == [100, 250]


def test_opposite_is_across_the_road_and_an_offset_so_many_metres_away(towns: dict[str, Town]) -> None:
    places = towns["de"].places
    houses = {(p.a, p.number): p.truth[0] for p in places["address"]}
    for place in places["opposite"]:
        house = houses[place.a, place.number]
        assert near(place.truth[0], house.x, 2 * Y - house.y)
    for place in places["offset"]:
        house, size = houses[place.a, place.number], np.hypot(*place.direction)
        east, north = place.metres * np.array(place.direction) / size
        assert near(place.truth[0], house.x + east, house.y + north)


def test_an_offset_says_its_direction_and_metres(
    written: dict[str, list[Text]], towns: dict[str, Town]
) -> None:
    german_texts = [t for t in written["de"] if (t.kind, t.variant) == ("offset", CLEAN)]
    for text in german_texts:
        place = next(p for p in towns["de"].places["offset"] if p.truth == text.truth)
        assert f"{place.metres:.0f}" in text.text
        assert ("nörd" in text.text or "nord" in text.text) == (place.direction[1] > 0)


def test_what_is_left_out_stands_between_what_stays(towns: dict[str, Town]) -> None:
    for town in towns.values():
        for kind in ("interpolation", "missing building"):
            for place in town.places.get(kind, ()):
                assert 1 < int(re.findall(r"\d+", place.number)[0]) < 40


def test_the_things_of_the_demo_lie_where_its_tables_have_them(towns: dict[str, Town]) -> None:
    places = towns["zh"].places
    building = {p.number: p.truth[0] for p in places["building"]}
    assert near(building["3"], EAST + 315, NORTH + 30)
    address = {p.number: p for p in places["address"]}
    assert (address["6"].a, address["6"].truth[0]) == ("人民西路", building["3"])
    codes = {p.number: p for p in places["code"]}
    assert near(codes["03120005"].truth[0], EAST + 150, NORTH + 8)
    assert codes["03120005"].parents == ("人民西路",)
    groups = {(p.a, p.number): p.truth[0] for p in places["group"]}
    assert near(groups["北渡村", "12"], EAST + 3000, NORTH + 1500)
    assert [(p.a, p.b) for p in places["bridge"]] == [("人民西路", "运料河")]
    assert [(p.a, p.b) for p in places["gate"]] == [("人民西路", "运料河")]


def test_metres_count_from_where_the_first_stretch_begins(towns: dict[str, Town]) -> None:
    metres = {(p.a, p.number): p.truth[0] for p in towns["zh"].places["milepost"] if "+" in p.number}
    assert {name for name, _ in metres} == {"人民西路", "运料河"}
    for (name, number), truth in metres.items():
        along = int(number.split("+")[0]) * 1000 + int(number.split("+")[1])
        if name == "人民西路":  # its stretch is drawn from east to west
            assert near(truth, EAST + 4000 - along, NORTH)
        else:
            assert along <= 3000  # the last stone
            assert near(truth, EAST + 2000, NORTH - 2000 + along)


def test_parents_contain_the_place_and_wrong_ones_are_far(towns: dict[str, Town]) -> None:
    for place in towns["zh"].places["building"]:
        assert place.parents == ("虹桥街道", "新西社区")
        assert place.wrong == ("城港社区",)
    for place in towns["zh"].places["group"]:
        assert place.wrong == ("新西社区",)


def test_what_does_not_exist_is_not_in_the_tables(towns: dict[str, Town]) -> None:
    missing = towns["zh"].missing
    assert all(int(p.number) > 12 for p in missing["building"] + missing["group"])
    assert all(p.number not in towns["zh"].names.codes for p in missing["code"])
    assert {frozenset({p.a, p.b}) for p in missing["crossing"]} == {
        frozenset({"人民西路", "狼山路"}), frozenset({"外环西路", "狼山路"})
    }  # fmt: skip
    beyond = [p for p in towns["de"].missing["address"] if p.why == "number beyond the street"]
    assert beyond
    assert all(int(p.number) > 200 for p in beyond)
    nowhere = {p.a for p in towns["de"].missing["address"] if p.why == "no such street"}
    assert nowhere
    assert all(towns["de"].names.unlike(name) for name in nowhere)


def test_numbers_are_written_in_chinese_as_people_say_them() -> None:
    said = {
        5: "五",
        10: "十",
        12: "十二",
        65: "六十五",
        100: "一百",
        105: "一百零五",
        110: "一百一十",
        1003: "一千零三",
    }
    assert {value: numeral(value) for value in said} == said
    assert wide("K2+300") == "Ｋ２＋３００"


def test_homophones_sound_alike() -> None:
    for group in SOUNDS:
        sounds = [set(pypinyin.pinyin(c, style=pypinyin.NORMAL, heteronym=True)[0]) for c in group]
        assert all(a & b for a, b in itertools.combinations(sounds, 2)), group


def test_a_typo_never_makes_another_name() -> None:
    names = Names.of(["东龙苑", "冬龙苑", "中龙苑", "人民西路"])
    rng = np.random.default_rng(5)
    made = {one_typo("东龙苑", "zh", names, rng) for _ in range(200)} - {None}
    assert made
    assert not made & {"冬龙苑", "中龙苑"}


def test_finnish_roads_take_the_case_that_a_sentence_needs() -> None:
    assert inflected("Aleksanterinkatu", genitive=True) == "Aleksanterinkadun"
    assert inflected("Mannerheimintie", genitive=False) == "Mannerheimintiellä"
    assert inflected("Kluuvi", genitive=True) is None


def test_every_pattern_uses_only_what_a_place_has() -> None:
    for speech in SPEECH.values():
        for form in itertools.chain.from_iterable(speech.forms.values()):
            assert set(re.findall(r"\{(\w+)\}", form)) <= set("abnpmd")


def test_the_generator_knows_nothing_of_the_parser() -> None:
    for path in Path("benchmarks").glob("geocoding_*.py"):
        imported = re.findall(r"^(?:from|import) (\S+)", path.read_text("utf-8"), re.MULTILINE)
        assert not [name for name in imported if name.startswith("geo.") or "gazetteer" in name], path


def test_a_typo_in_a_crossing_that_is_twice_leaves_both_places_true(every: list[Text]) -> None:
    twice = [text for text in every if text.kind == "crossing twice"]
    assert {text.variant for text in twice} >= {CLEAN, TYPO}
    assert all(text.many and len(text.truth) > 1 for text in twice if text.truth)
