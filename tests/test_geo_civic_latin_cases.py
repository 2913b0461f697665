"""Names are the same however a Finnish sentence bends them, and however streets are shortened."""

from __future__ import annotations

import pytest

from geo.civic_latin_cases import forms, straight


@pytest.mark.parametrize(
    ("bent", "plain"),
    [
        ("unioninkadulla", "unioninkatu"),
        ("iso roobertinkadun", "iso roobertinkatu"),
        ("mannerheimintiella", "mannerheimintie"),
        ("hakaniemenrannassa", "hakaniemenranta"),
        ("senaatintorilla", "senaatintori"),
        ("pitkansillan", "pitkansilta"),
        ("alvar aallon k.", "alvar aallon katu"),
        ("vilhonk", "vilhonkatu"),
    ],
)
def test_a_bent_or_short_name_is_made_straight(bent: str, plain: str) -> None:
    assert straight(bent) == plain


@pytest.mark.parametrize("name", ["", "hauptstrasse", "market st", "im rehwinkel", "w 18th st", "k", "katu"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert straight(name) == name


def test_a_key_is_written_in_several_forms() -> None:
    assert {"unioninkatu", "unioninkadulla", "unioninkadun", "unionink"} <= set(forms("unioninkatu"))
    assert "hauptstr" in forms("hauptstrasse")
    assert list(forms("rehwinkel")) == ["rehwinkel"]
