"""Names are found again as people write them, and an answer does not depend on how the names were loaded."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.names import Found, NameIndex, fold
from geo.names_words import key_of, units

ROADS = [
    "人民西路",
    "人民东路",
    "人民中路",
    "外环西路",
    "外环东路",
    "新港中心路",
    "虹桥路",
    "虹西路",
    "工农路",
    "孩儿巷路",
]
PLACES = [
    "虹桥北村",
    "虹桥街道",
    "怡居小区",
    "秦西社区",
    "幸福街道",
    "通吕运河",
    "运料河",
    "八里庙村",
    "北渡村",
    "滨江公园",
]
STREETS = [
    "Main Street",
    "North Main Street",
    "South Main Street",
    "Canal St",
    "Oak Avenue",
    "St. James Street",
]
GERMAN = [
    "Hauptstraße",
    "Nürnberger Straße",
    "Karl-Marx-Str.",
    "Am Alten Rathaus",
    "Luitpoldstraße",
    "Weigmannstr.",
]
FINNISH = ["Mannerheimintie", "Aleksanterinkatu", "Töölönkatu", "Hämeentie", "Åsögatan"]
NAMES = ROADS + PLACES + STREETS + GERMAN + FINNISH


def _index(names: Sequence[str]) -> NameIndex:
    return NameIndex(names, np.arange(len(names)))


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return _index(NAMES)


def _first(index: NameIndex, text: str) -> tuple[str, str] | None:
    found = index.search(text)
    return (found[0].name, found[0].way) if found else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("人民西路", "人民西路"),
        ("人民 西路", "人民西路"),
        ("通呂運河", "通吕运河"),
        ("HAUPTSTRASSE", "Hauptstraße"),
        ("Hauptstr.", "Hauptstraße"),
        ("Karl Marx Straße", "Karl-Marx-Str."),
        ("Nuernberger Str.", "Nürnberger Straße"),
        ("Nurnberger Strasse", "Nürnberger Straße"),
        ("CANAL STREET", "Canal St"),
        ("N Main St", "North Main Street"),
        ("Toolonkatu", "Töölönkatu"),
        ("Hameentie", "Hämeentie"),
        ("Aasoegatan", "Åsögatan"),
    ],
)
def test_spellings_are_the_same_name(index: NameIndex, text: str, name: str) -> None:
    assert index.exact(text).tolist() == [NAMES.index(name)]
    assert _first(index, text) == (name, "exact")
    assert index.search(text)[0].score == 1


@pytest.mark.parametrize(
    ("text", "name", "way"),
    [
        ("人名西路", "人民西路", "homophone"),
        ("红桥北村", "虹桥北村", "homophone"),
        ("虹桥北存", "虹桥北村", "homophone"),
        ("怡具小区", "怡居小区", "homophone"),
        ("运聊河", "运料河", "homophone"),
        ("人昆西路", "人民西路", "typo"),
        ("外坏西路", "外环西路", "typo"),
        ("孩儿路", "孩儿巷路", "typo"),
        ("孩儿路巷", "孩儿巷路", "typo"),
        ("怡居", "怡居小区", "part"),
        ("八里庙村社区", "八里庙村", "part"),
        ("新港中心路口", "新港中心路", "part"),
        ("Haupstraße", "Hauptstraße", "typo"),
        ("Nürnbreger Str", "Nürnberger Straße", "typo"),
        ("Mannerheimtie", "Mannerheimintie", "typo"),
        ("Canel St", "Canal St", "typo"),
        ("Alten Rathaus", "Am Alten Rathaus", "part"),
        ("Oak", "Oak Avenue", "part"),
    ],
)
def test_a_slip_leads_to_the_name_that_was_meant(index: NameIndex, text: str, name: str, way: str) -> None:
    assert _first(index, text) == (name, way)
    assert 0.6 <= index.search(text)[0].score < 1
    assert not len(index.exact(text))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("人民南路", "人民西路"),
        ("人民北路", "人民东路"),
        ("North Oak Avenue", "Main Street"),
        ("大学城", "虹桥路"),
    ],
)
def test_what_tells_names_apart_is_no_slip(index: NameIndex, text: str, other: str) -> None:
    assert other not in [found.name for found in index.search(text)]


def test_a_different_number_counts_more_than_a_slip() -> None:
    index = _index(["西村12号桥", "西村13号桥"])
    found = index.search("西村12号侨", least=0.3)
    assert [(one.name, one.way) for one in found] == [("西村12号桥", "homophone"), ("西村13号桥", "typo")]
    assert found[1].score < 0.6 < found[0].score


def test_codes_differ_by_a_digit() -> None:
    codes = [f"0312{number:04}" for number in range(0, 2000, 7)]
    found = _index(codes).search("03120456")
    assert all(one.way == "typo" and one.score > 0.6 for one in found)
    assert all(sum(a != b for a, b in zip(one.name, "03120456", strict=True)) == 1 for one in found[:4])
    assert _index(codes).search("03120455")[0].way == "exact"


def _begun(index: NameIndex, text: str) -> list[str]:
    return [found.name for found in index.prefix(text, 3)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("虹", ["虹桥路", "虹西路", "虹桥北村"]),
        ("虹桥北村", ["虹桥北村"]),
        ("人民 西", ["人民西路"]),
        ("hqbc", ["虹桥北村"]),
        ("hongqiao", ["虹桥路", "虹桥北村", "虹桥街道"]),
        ("HongQiao B", ["虹桥北村"]),
        ("hongqbc", ["虹桥北村"]),
        ("bali", ["八里庙村"]),
        ("haup", ["Hauptstraße"]),
        ("Hauptst", ["Hauptstraße"]),
        ("Hauptstr", ["Hauptstraße"]),
        ("nuern", ["Nürnberger Straße"]),
        ("canal s", ["Canal St"]),
        ("st. j", ["St. James Street"]),
        ("n main", ["North Main Street"]),
        ("", []),
        ("，", []),
        ("qqqq", []),
    ],
)
def test_a_name_is_found_while_it_is_typed(index: NameIndex, text: str, names: list[str]) -> None:
    assert _begun(index, text) == names


def test_what_is_typed_whole_comes_first_and_scores_one(index: NameIndex) -> None:
    found = index.prefix("main street", 3)
    assert [(one.name, one.way, one.score) for one in found] == [("Main Street", "exact", 1.0)]
    assert [one.score for one in index.prefix("虹桥", 3)] == [0.667, 0.5, 0.5]
    assert [one.score for one in index.prefix("hongqiao", 3)] == [0.667, 0.5, 0.5]


def test_the_pinyin_of_a_whole_name_finds_it(index: NameIndex) -> None:
    assert _first(index, "Renmin Xilu") == ("人民西路", "homophone")
    assert _first(index, "renmin") is None


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.text("人民西路桥 ab1", min_size=1, max_size=5), max_size=9),
    st.text("人民西路桥ab1", max_size=3),
)
def test_beginnings_are_all_found(names: list[str], text: str) -> None:
    begun = {row for row, name in enumerate(names) if key_of(text) and key_of(name).startswith(key_of(text))}
    assert begun <= {found.entry for found in _index(names).prefix(text, 100)}


def test_an_entry_has_many_names_and_is_found_once() -> None:
    names = ["人民西路", "人民路西段", "西大街", "Renmin West Road", "虹桥路"]
    index = NameIndex(names, np.array([7, 7, 7, 7, 3]))
    assert index.exact("西大街").tolist() == [7]
    assert [found.entry for found in index.search("人民西路")] == [7]
    assert index.search("人民西路")[0].name == "人民西路"


def test_one_name_has_many_entries_ascending() -> None:
    index = NameIndex(["环城路", "人民路", "環城路"], np.array([9, 4, 2]))
    assert index.exact("环城路").tolist() == [2, 9]
    assert index.search("环城路", 1) == [Found(2, "環城路", 1.0, "exact")]
    assert [found.entry for found in index.search("环成路")] == [2, 9]


@pytest.mark.parametrize("text", ["", "，。", "☃", "某某某某某某", "x" * 300, "人" * 300])
def test_nothing_is_found_where_nothing_is_like(index: NameIndex, text: str) -> None:
    assert index.search(text) == []
    assert not len(index.exact(text))


def test_an_index_of_nothing_finds_nothing() -> None:
    for names in ([], ["", "——", "。"]):
        index = _index(names)
        assert index.search("人民路") == index.spans("人民路") == []
        assert not len(index.exact("人民路"))


def test_names_need_an_entry_each() -> None:
    with pytest.raises(ValueError, match="2 names, but 1 entries"):
        NameIndex(["a", "b"], np.array([0]))


def test_long_names_that_begin_alike_are_not_taken_for_the_same() -> None:
    long = "Gemeinnützige Wohnungsbaugenossenschaft der Eisenbahner und Postbediensteten Nord"
    found = _index([long]).search(long + " West")
    assert [(one.way, one.score < 1) for one in found] == [("part", True)]


def test_known_names_are_found_within_a_complaint(index: NameIndex) -> None:
    text = fold("虹桥街道虹桥北村65幢楼道灯不亮，人民西路与外环西路交叉口")
    found = [(text[span.start : span.end], NAMES[span.entries[0]]) for span in index.spans(text)]
    assert found == [(name, name) for name in ("虹桥街道", "虹桥北村", "人民西路", "外环西路")]


def test_names_within_a_text_are_whole_words(index: NameIndex) -> None:
    text = fold("Loch in der Hauptstr. 12a, Ecke Karl-Marx-Straße; near 995 N MAIN ST. Mainstreeters")
    found = [text[span.start : span.end] for span in index.spans(text)]
    assert found == ["hauptstr", "karl-marx-strasse", "n main st", "main st"]


SMALL = st.text("人民西路桥 ab1", min_size=1, max_size=5)


@settings(deadline=None, max_examples=60)
@given(st.lists(SMALL, max_size=8), st.text("人民西路桥 ab1,", max_size=14))
def test_spans_are_all_known_runs_of_words(names: list[str], text: str) -> None:
    index, text = _index(names), fold(text)
    parts = list(units(text))
    keys = {key for name in names if len(key := key_of(name)) >= (4 if key.isdecimal() else 2)}
    expected = [
        (parts[first].start, parts[last].end)
        for first in range(len(parts))
        for last in reversed(range(first, len(parts)))
        if "_" not in (parts[first].key, parts[last].key)
        and "".join(part.key for part in parts[first : last + 1]) in keys
    ]
    assert [(span.start, span.end) for span in index.spans(text)] == expected


@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False), st.sampled_from(["人名路", "Haupstr", "虹桥", "Main", "环西路"]))
def test_the_order_of_the_names_does_not_matter(order: random.Random, text: str) -> None:
    pairs = list(enumerate(NAMES + ROADS))
    order.shuffle(pairs)
    shuffled = NameIndex([name for _, name in pairs], np.array([entry for entry, _ in pairs]))
    plain = _index(NAMES + ROADS)
    assert shuffled.search(text, 20, least=0.3) == plain.search(text, 20, least=0.3)
    assert shuffled.spans(fold("在人民西路桥边")) == plain.spans(fold("在人民西路桥边"))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("人民西路桥东 abcde12", min_size=1, max_size=9), min_size=1, max_size=12), st.data())
def test_every_name_finds_itself_first(names: list[str], data: st.DataObject) -> None:
    index, name = _index(names), data.draw(st.sampled_from(names))
    if key_of(name):
        found = index.search(name, len(names))
        same = [row for row, other in enumerate(names) if key_of(other) == key_of(name)]
        assert sorted(one.entry for one in found[: len(same)]) == same
        assert all(one.score == 1 and one.way == "exact" for one in found[: len(same)])
        assert all(one.score <= 1 and one.way != "exact" for one in found[len(same) :])
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
