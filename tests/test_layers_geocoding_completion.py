"""What somebody types is completed: names, pinyin, numbers, crossings, codes; the same for the same text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.candidates import Match
from layers.corrections import ActiveCorrections, Correction
from layers.gazetteer_entries import plain_code
from layers.generation import load_live
from layers.geocoder import Geocoder
from tests.cities import at
from tests.civic_city import civic_city
from tests.stores import NOON


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    return Geocoder(load_live(civic_city(tmp_path_factory.mktemp("civic"))))


def _labels(geocoder: Geocoder, text: str, **options: int) -> list[str]:
    return [one.label for one in geocoder.autocomplete(text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("虹桥北", "虹桥北村"),
        ("hqbc", "虹桥北村"),
        ("hongqiaobei", "虹桥北村"),
        ("人民西", "人民西路"),
        ("人民西路", "人民西路"),
        ("虹桥北村65", "虹桥北村65幢"),
        ("虹桥北村６５幢", "虹桥北村65幢"),
        ("hqbc65", "虹桥北村65幢"),
        ("新港中心路19号", "新港中心路19号"),
        ("03120456", "灯杆03120456"),
        ("人民西路与", "人民西路与外环西路"),
        ("外环西路和人民", "人民西路与外环西路"),
        ("外环西路/人", "人民西路与外环西路"),
        ("虹桥街道虹桥北", "虹桥北村"),
        ("虹桥街道新西社区虹桥北村65", "虹桥北村65幢"),
        ("幸福街道秦西社区怡", "怡居小区"),
    ],
)
def test_what_is_meant_comes_first(geocoder: Geocoder, text: str, first: str) -> None:
    assert _labels(geocoder, text)[0] == first


def test_house_numbers_come_while_they_are_typed(geocoder: Geocoder) -> None:
    assert _labels(geocoder, "虹桥北村6", limit=4) == [f"虹桥北村{n}幢" for n in (61, 62, 63, 64)]
    assert _labels(geocoder, "新港中心路1", limit=4) == [f"新港中心路{n}号" for n in (1, 10, 11, 12)]
    assert _labels(geocoder, "新港中心路2幢") == []


def test_codes_come_by_how_they_begin(geocoder: Geocoder) -> None:
    found = _labels(geocoder, "0312")
    assert found == [f"灯杆0312045{n}" for n in range(8)]
    assert _labels(geocoder, "0312045 3") == ["灯杆03120453"]


@pytest.mark.parametrize(
    "text", ["路灯0312", "电线杆0312", "编号0312", "灯杆编号：0312", "pole 0312", "street lamp no. 0312"]
)
def test_the_word_before_a_code_is_no_part_of_it(geocoder: Geocoder, text: str) -> None:
    assert _labels(geocoder, text) == [f"灯杆0312045{n}" for n in range(8)]
    assert _labels(geocoder, f"{text}0456") == ["灯杆03120456"]


def test_no_code_of_another_kind_than_the_word_before_it_is_told(geocoder: Geocoder) -> None:
    for word in ("井盖", "manhole ", "路灯路灯"):
        assert _labels(geocoder, f"{word}03120456") == []


def test_two_characters_of_a_code_are_too_many_things(geocoder: Geocoder) -> None:
    assert _labels(geocoder, "03") == []


def test_the_nearest_come_first_among_equals(geocoder: Geocoder) -> None:
    west, east = (geocoder.autocomplete("0312", near=at(*place)) for place in ((0, 0), (4, 4)))
    assert west == east, "codes are in their own order"
    for place in ((0.3, 1), (3.5, 3)):
        found = [one for one in geocoder.autocomplete("x", near=at(*place)) if one.text_score < 1]
        away = [(one.lng - at(*place)[0]) ** 2 + (one.lat - at(*place)[1]) ** 2 for one in found]
        assert len(found) > 1
        assert found[away.index(min(away))] == found[0]


def test_nothing_outside_the_cells_that_are_typed_before_it_is_told(geocoder: Geocoder) -> None:
    assert _labels(geocoder, "幸福街道虹桥北") == []
    assert _labels(geocoder, "幸福街道") == ["幸福街道"]


def _corrected(geocoder: Geocoder, *said: tuple[str, tuple[float, float], str]) -> Geocoder:
    made = (
        Correction(f"{words}@{path}", words, words, path, *at(*place), 5.0, NOON, "li")
        for words, place, path in said
    )
    return geocoder.with_corrections(ActiveCorrections(made))


def test_words_that_staff_corrected_come_first(geocoder: Geocoder) -> None:
    market = ("三角地菜场", (0.4, 2.6), "A/A2")
    corrected = _corrected(geocoder, market, ("人民西桥", (3.1, 3.3), "B/B2"))
    for text in ("三", "三角地", "三角地 菜场", "三角地菜场"):
        (first,) = corrected.autocomplete(text)
        assert (first.label, first.match, first.cell_path) == ("三角地菜场", Match.CORRECTION, "A/A2")
        assert (first.lng, first.lat) == pytest.approx(at(0.4, 2.6), abs=1e-8)
        assert [fault.code for fault in first.faults] == ["correction"]
        assert (first.text_score == 1.0) is (text[-1] == "场")
    assert _labels(corrected, "人民西", limit=2) == ["人民西桥", "人民西路"]
    assert _labels(corrected, "人民西", limit=1) == ["人民西桥"]
    for text in ("", "  ", "菜场", "三角地菜场门口"):
        assert _labels(corrected, text) == _labels(geocoder, text)
    assert corrected.autocomplete("三角", limit=0) == ()


def test_of_the_same_corrected_words_the_nearest_come_first(geocoder: Geocoder) -> None:
    corrected = _corrected(geocoder, ("老桥", (0.4, 2.6), "A/A2"), ("老桥", (3.1, 3.3), "B/B2"))
    for place, path in (((0, 2), "A/A2"), ((4, 3), "B/B2")):
        assert corrected.autocomplete("老", near=at(*place))[0].cell_path == path


def test_what_a_correction_tells_anew_is_not_told_as_it_was(geocoder: Geocoder) -> None:
    there = _corrected(geocoder, ("虹桥北村65幢", (0.9, 0.9), "A/A1")).autocomplete("虹桥北村65")
    assert [one.match for one in there] == [Match.CORRECTION]
    both = _corrected(geocoder, ("虹桥北村65幢", (3.1, 3.3), "B/B2")).autocomplete("虹桥北村65")
    assert [one.match for one in both] == [Match.CORRECTION, Match.BUILDING]


def test_nothing_typed_is_nothing(geocoder: Geocoder) -> None:
    for text in ("", "  ", "　"):
        assert geocoder.autocomplete(text) == ()
    assert geocoder.autocomplete("人民", limit=0) == ()


@given(text=st.text("人民西路虹桥北村外环新港中心与和/ 016号幢hqKx+", max_size=9), limit=st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_answers_are_few_different_and_the_same_again(geocoder: Geocoder, text: str, limit: int) -> None:
    found = geocoder.autocomplete(text, limit=limit)
    assert len(found) <= limit
    assert found == geocoder.autocomplete(text, limit=limit)
    things = [(one.layer, one.id, one.label) for one in found]
    assert len(set(things)) == len(things)
    assert all(0 < one.text_score <= 1 for one in found)
    shorter = geocoder.autocomplete(text, limit=max(1, limit - 1))
    assert found[: len(shorter)] == shorter


@given(digits=st.text("0123456789", min_size=3, max_size=8))
@settings(max_examples=100, deadline=None)
def test_codes_are_all_that_begin_so(geocoder: Geocoder, digits: str) -> None:
    codes = geocoder.city.gazetteer.codes
    wanted = {row for text, row in zip(*codes, strict=True) if plain_code(text).startswith(digits)}
    assert len(geocoder.autocomplete(digits, limit=50)) >= min(len(wanted), 8)


def test_an_entry_and_a_name_of_a_layer_lead_to_the_same_place(geocoder: Geocoder) -> None:
    lamp = geocoder.autocomplete("03120456")[0]
    assert geocoder.lookup([f"{lamp.layer}/{lamp.id}", "asset:none/1", "nothing"]) == [
        geocoder.place(_row(geocoder))
    ]
    assert geocoder.lookup([]) == []


def _row(geocoder: Geocoder) -> int:
    (row,) = geocoder.city.gazetteer.with_code("03120456").tolist()
    return int(row)


def test_a_whole_code_is_found_however_short(geocoder: Geocoder) -> None:
    assert _labels(geocoder, "W1")[0] == "虹桥北村"
    assert _labels(geocoder, "--") == []
