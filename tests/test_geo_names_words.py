"""Spellings of a name have one key, however its words are abbreviated, joined or written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.names_fold import fold
from geo.names_words import key_of, keys_of, other_keys, units

PIECES = ["st", "Str.", "haupt", "Ave", "1st", "12a", "12", "k.", "aleksanterink.", "pl.", "marktpl.", "臺",
          "路", "号", " ", " ", "-", ".", "_", "ß", "ж", "が", "E", "К2", "3.5", "\n", "３", "’",
          "second"]  # fmt: skip
NAMES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hauptstr.", "Haupt-Straße"),
        ("Karl-Marx-Str. 12", "KARL MARX STRASSE 12"),
        ("Hauptstr.12", "Hauptstraße 12"),
        ("1283 Canal St", "1283 Canal Street"),
        ("W 5th Ave.", "West Fifth Avenue"),
        ("Sankt Nikolaus", "St. Nikolaus"),
        ("Martin Luther King Jr. Blvd", "Martin Luther King Jr Boulevard"),
        ("Aleksanterink. 5", "Aleksanterinkatu 5"),
        ("Marktpl.", "Marktplatz"),
        ("臺北市信義區", "台北市信义区"),
        ("人民 西路", "人民西路"),
        ("虹桥北村６５幢", "虹桥北村 65幢"),
        ("通吕运河（西段）", "通吕运河西段"),
        ("E座", "e座"),
    ],
)
def test_spellings_of_a_name_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("21 2nd Ave", "212nd Ave"), ("Route 1 10", "Route 110"), ("3-5号", "35号"), ("North St", "South St")],
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_letters_with_dots_are_found_written_out_and_the_reverse() -> None:
    names = ["Müllerstr.", "Goethestraße", "Mueller Platz", "人民路"]
    rows, keys = other_keys(names)
    assert list(zip(rows, keys, strict=True)) == [
        (0, "muellerstrasse"), (1, "gothestrasse"), (2, "mullerplatz"),
    ]  # fmt: skip
    assert other_keys(["Blue Avenue"]) == ([], []), "nothing where no such letter occurs"


@given(st.lists(NAMES, max_size=6))
@example(["a\nb", "c"])
@example([""])
def test_keys_of_many_names_are_the_keys_of_each(names: list[str]) -> None:
    assert keys_of(names) == [key_of(name) for name in names]


@given(NAMES)
@example("E栋")
@example("栋E12")
@example("жstr12 st")
@example("aleksanterink.12")
def test_the_words_of_a_text_joined_are_its_key(text: str) -> None:
    found = list(units(fold(text)))
    assert "".join(unit.key for unit in found) == key_of(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(unit.start < unit.end <= len(fold(text)) for unit in found)


@given(NAMES)
@example("0¸st")
def test_a_text_and_its_folding_have_one_key(text: str) -> None:
    assert key_of(fold(text)) == key_of(text)
