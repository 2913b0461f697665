"""A mistyped name is looked for beside house numbers and between joined names, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.civic_latin_windows import MOST_ANCHORS, MOST_WORDS, windows


def _said(text: str) -> set[str]:
    return {text[window.start : window.end] for window in windows(text)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sperrmull liegt seit 3 tagen bei im rehwnikel 5, lauf", "im rehwnikel"),
        ("hautpstr., hausnr. 5", "hautpstr."),
        ("pothole at 1283 cnaal st", "cnaal st"),
        ("249 east 37h st.", "east 37h st."),
        ("4251 w 16tn st. 60623 north lawndale", "w 16tn st."),
        ("kreuzung dorftsr, farbwegli in triesen", "dorftsr"),
        ("einmundung zm bameder in sagastrasse", "zm bameder"),
        ("ecke fled/franz-sales-weg", "fled"),
        ("unioniknatu ja yliopistonkatu kulma", "unioniknatu"),
    ],
)
def test_the_name_is_among_the_windows(text: str, name: str) -> None:
    assert name in _said(text)


@pytest.mark.parametrize(
    "text", ["", "street light is broken", "near und", "5 und 6", "blvd 60601", "3f auburn"]
)
def test_no_name_is_looked_for_in_common_words(text: str) -> None:
    assert _said(text) <= {"auburn"}


@given(st.text(max_size=400))
def test_windows_lie_within_the_text_and_are_bounded(text: str) -> None:
    found = list(windows(text))
    assert len(found) <= 2 * MOST_WORDS * MOST_ANCHORS
    assert all(0 <= window.start < window.end <= len(text) for window in found)
