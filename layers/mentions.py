"""What a report's text names: an asset's code, a road or river, a side of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.generation import Objects, Positions

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# A code has a digit; one of digits alone must be long, or "65幢" would name lamp 65.
_TOKEN = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_./#-]*[0-9A-Za-z])?")
_LEAST_DIGITS = 4
_LEAST_NAME = 2
_SIDE = re.compile(
    r"([东南西北]{1,2})(?:侧|边|面|岸|头)|路([东南西北])(?![路街门大中])"
    r"|\b((?:north|south)?(?:east|west)?)(?:ern)?\s+(?:side|bank)\b",
    re.IGNORECASE,
)
_TOWARDS = {
    "东": (1, 0), "西": (-1, 0), "北": (0, 1), "南": (0, -1),
    "east": (1, 0), "west": (-1, 0), "north": (0, 1), "south": (0, -1),
}  # fmt: skip


def codes_in(text: str) -> frozenset[str]:
    """The words of a text that may be codes, case folded: ``L-0012`` in ``灯杆L-0012不亮``."""
    tokens = (token.group() for token in _TOKEN.finditer(text))
    return frozenset(
        t.casefold()
        for t in tokens
        if any(c.isdigit() for c in t) and (not t.isdecimal() or len(t) >= _LEAST_DIGITS)
    )


def with_codes(texts: Objects) -> Bools:
    """Which texts hold words that may be codes."""
    of, said = pd.factorize(texts)
    return np.array([bool(codes_in(text)) for text in said], dtype=bool)[of]


def named_codes(texts: Objects, row: Positions, ids: Objects) -> Bools:
    """Whether the text of each candidate's report names the candidate's id as a whole word."""
    words = {int(r): codes_in(texts[r]) for r in np.unique(row) if texts[r]}
    named = [id_.casefold() in words.get(r, ()) for r, id_ in zip(row.tolist(), ids.tolist(), strict=True)]
    return np.array(named, dtype=bool)


def named_names(texts: Objects, row: Positions, names: Sequence[Objects]) -> Bools:
    """Whether the text of each candidate's report contains one of the candidate's names."""
    named = np.zeros(len(row), dtype=bool)
    said = [texts[r].casefold() for r in row.tolist()]
    for column in names:
        named |= [
            len(name) >= _LEAST_NAME and name.casefold() in text
            for name, text in zip(column.tolist(), said, strict=True)
        ]
    return named


def side_named(text: str) -> tuple[float, float]:
    """The direction (east, north) of the side that a text names, (0, 0) where it names none."""
    found = _SIDE.search(text)
    words = next((group for group in found.groups() if group), "") if found else ""
    east, north = 0, 0
    for word, (dx, dy) in _TOWARDS.items():
        if word in words.casefold():
            east, north = east + dx, north + dy
    return float(east), float(north)
