"""What is said of one and of many, in both languages."""

from __future__ import annotations

import pytest

from layers.hotspot_messages import Number, note


@pytest.mark.parametrize(
    ("code", "one", "many"),
    [
        ("outside", "1 report lies in no part", "1,200 reports lie in no part"),
        ("nowhere", "1 report has no position and does not count", "1,200 reports have no position and do"),
        ("undated", "1 report has no time and does not", "1,200 reports have no time and do not"),
        ("odd_times", "1 report is dated", "1,200 reports are dated"),
        ("water", "1 part of the city is water", "1,200 parts of the city are water"),
        ("few", "There is only 1 part:", "There are only 1,200 parts:"),
    ],
)
def test_one_is_said_otherwise_than_many(code: str, one: str, many: str) -> None:
    assert one in note(code, count=1)[1]
    assert many in note(code, count=1200)[1]
    assert "1,200 " in note(code, count=1200)[0]


def test_notes_of_a_category_and_of_days_agree_with_their_number() -> None:
    lamp = ("路灯", "street light")
    assert note("left_out", category=lamp, count=1)[1].startswith("street light: 1 report lies in")
    assert note("no_asset", category=lamp, count=1)[1].endswith(
        "part of the city has no such asset and is excluded, not zero."
    )
    assert "compare its last day with" in note("no_change", days=1)[1]
    assert "compare its last 30 days with" in note("no_change", days=30)[1]
    assert "1 of 9 issues counts with" in note("folded", count=1, issues=9)[1]


def test_a_number_is_written_like_any_other() -> None:
    assert f"{Number(1200):,}" == "1,200"
    assert f"{Number(7)}" == "7"
