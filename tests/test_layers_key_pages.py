"""Pages by key: every thing comes once, in order, also when the keys have changed between two pages."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.key_pages import key_page, read_key_cursor

keys_of = st.lists(st.text(max_size=4), max_size=40).map(sorted)


@given(keys_of, st.integers(1, 7), st.data())
def test_pages_hold_every_row_once_and_in_order(keys: list[str], limit: int, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys)))
    rows = np.flatnonzero(np.array(kept, dtype=bool))
    seen: list[int] = []
    cursor = ""
    while True:
        page, cursor = key_page(keys, rows, cursor, limit)
        assert len(page) <= limit
        seen += page.tolist()
        if not cursor:
            break
        assert len(page) == limit
    assert seen == rows.tolist()


@given(keys_of, keys_of, st.integers(1, 7))
def test_a_cursor_of_an_earlier_version_goes_on_after_its_key(
    before: list[str], after: list[str], limit: int
) -> None:
    page, cursor = key_page(before, np.arange(len(before)), "", limit)
    if cursor:
        last = before[page[-1]]
        following, _ = key_page(after, np.arange(len(after)), cursor, 100)
        kept = [after[at] for at in following]
        assert [key for key in kept if key > last] == [key for key in after if key > last]
        assert all(key >= last for key in kept)


ODD = (b"a b", b"0", b"\xff", b"99999999999999999999 a")


@pytest.mark.parametrize("said", ["x", "=", "MCBh*", "é", *(base64.b64encode(one).decode() for one in ODD)])
def test_what_is_no_cursor_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        read_key_cursor(said)
