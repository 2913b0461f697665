"""JSON is written in one way, whichever encoder writes it."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.store.canonical import canonical, read_json, salted

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def slow(value: Any) -> str:
    """What the standard library writes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_the_bytes_are_those_of_the_standard_library(value: dict[str, Any]) -> None:
    assert canonical(value) == slow(value)
    assert read_json(canonical(value)) == value


@given(st.floats(min_value=1e-6, max_value=1e18) | st.floats(min_value=-180, max_value=180))
def test_floats_are_told_exactly_and_in_one_way(value: float) -> None:
    assert canonical([value]) == slow([value])
    assert float(canonical(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"a": {"b": [1, (v,)]}}])
def test_what_is_no_number_is_refused(value: float, wrap: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(wrap(value))


def test_keys_are_sorted_by_code_points_and_large_numbers_kept() -> None:
    said = {"\U0001f600": 1, "\uffee": 2**70, "é": (1, 2), "a": '“\x01"\\\x7f'}
    assert canonical(said) == slow(said)


def test_a_word_of_an_enumeration_is_its_text() -> None:
    class State(StrEnum):
        OPEN = "open"

    assert canonical({"state": State.OPEN}) == '{"state":"open"}'


def test_a_salted_digest_depends_on_salt_name_and_value() -> None:
    made = {salted(salt, name, value) for salt in (b"1" * 32, b"2" * 32) for name in "ab" for value in "xy"}
    assert len(made) == 8
    assert all(len(one) == 64 for one in made)
