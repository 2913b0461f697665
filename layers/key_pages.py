"""Pages of things sorted by a key. A cursor holds the last key, so it outlives what it was made of."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]
Keys = Sequence[str] | NDArray[np.object_]

_CURSOR = re.compile(r"(\d{1,9}) (.*)", re.ASCII | re.DOTALL)


def key_page(keys: Keys, rows: Ints, cursor: str, limit: int) -> tuple[Ints, str]:
    """The next rows after a cursor, and the cursor after them; empty where nothing follows.

    Args:
        keys: of all things, ascending by code points; may repeat.
        rows: positions of those that are asked for, ascending.
        cursor: of the page before, perhaps of an earlier version of the keys; empty for the first page.

    Raises:
        ValueError: the cursor is none.
    """
    found = rows[np.searchsorted(rows, _start(keys, cursor)) :] if cursor else rows
    page = found[:limit]
    return page, _cursor(keys, int(page[-1])) if len(found) > limit else ""


def read_key_cursor(cursor: str) -> tuple[str, int]:
    """The key that a cursor ends with, and how many equal ones come before it.

    Raises:
        ValueError: it is none.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        said = _CURSOR.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (binascii.Error, ValueError):
        said = None
    if said is None:
        raise ValueError("is no cursor of this list; give `next` of the page before, unchanged")
    return said[2], int(said[1])


def _start(keys: Keys, cursor: str) -> int:
    key, before = read_key_cursor(cursor)
    return min(bisect_left(keys, key) + before + 1, bisect_right(keys, key))


def _cursor(keys: Keys, at: int) -> str:
    said = f"{at - bisect_left(keys, keys[at])} {keys[at]}"
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
