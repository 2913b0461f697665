"""Two spellings of one word fold to the same characters, and every folded character knows where it stood."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.names_fold import fold, fold_long, folded

TEXTS = st.text(st.characters() | st.sampled_from(list(" \t　äÖßøÅ１２Ａ号（－—’①ﬁ́​")), max_size=30)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("虹桥北村６５幢", "虹桥北村65幢"),
        ("Ｋ２＋３００", "k2+300"),
        ("Hauptstraße 12a", "hauptstrasse 12a"),
        ("HAUPTSTRASSE  12A ", "hauptstrasse 12a"),
        ("Ängelholmsvägen", "angelholmsvagen"),
        ("Øster Allé", "oster alle"),
        ("Łódź", "lodz"),
        ("人民　西路", "人民 西路"),
        ("18—1号", "18-1号"),
        ("O’Brien", "o'brien"),
        ("通吕运河（西段）", "通吕运河(西段)"),
        ("①号楼", "1号楼"),
        ("soft\u00adhyphen \u200bzero", "softhyphen zero"),
        ("臺北市", "臺北市"),
        ("", ""),
        ("　\t", ""),
    ],
)
def test_spellings_of_a_word_are_one(text: str, plain: str) -> None:
    assert fold(text) == plain


def test_letters_with_dots_are_also_written_out() -> None:
    assert fold_long("Müllerstraße") == "muellerstrasse"
    assert fold_long(unicodedata.normalize("NFD", "Mühlgasse")) == "muehlgasse"
    assert fold_long("Åkervägen") == "aakervaegen"


@given(TEXTS)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_the_text_with_places_is_the_folded_text(text: str) -> None:
    result = folded(text)
    assert result.text == fold(text)
    assert len(result.at) == len(result.text) + 1
    assert list(result.at) == sorted(result.at)
    assert all(0 <= place <= len(text) for place in result.at)


@given(TEXTS, st.data())
def test_a_stretch_of_the_folded_text_is_the_folding_of_its_original(text: str, data: st.DataObject) -> None:
    result = folded(text)
    start = data.draw(st.integers(0, len(result.text)))
    end = data.draw(st.integers(start, len(result.text)))
    first, last = result.original(start, end)
    assert 0 <= first <= last <= len(text)
    assert result.text[start:end].strip() in fold(text[first:last])


@given(st.text(st.characters(max_codepoint=0x24F), max_size=20))
def test_letters_composed_or_not_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_the_way_back_takes_marks_and_leaves_blanks() -> None:
    text = "  Gro\u00dfe Mu\u0308hle　５号 "
    result = folded(text)
    start = result.text.index("muhle")
    first, last = result.original(start, start + 5)
    assert text[first:last] == "Mu\u0308hle"
    assert text[slice(*result.original(0, 6))] == "Große"
    assert text[slice(*result.original(0, len(result.text)))] == text.strip()
