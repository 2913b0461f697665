"""Metres along a route and its sides, as people write them: K12+300, 12+300, 12300, 左岸."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BOTH, LEFT, RIGHT = "both", "left", "right"

MOST_M = 1e8  # more than twice around the earth: no route has such a metre

# A letter or two before the K name an alignment: ZK left carriageway, YK right one, DK a railway's.
_STAKE = re.compile(r"(?:[a-z]{0,2}k)?(\d+)\+(\d{1,3}(?:\.\d+)?)(?:m|米)?", re.IGNORECASE)
_KILOMETRES = re.compile(r"[a-z]{0,2}k(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)(?:km|公里|千米)", re.IGNORECASE)
_METRES = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:m|米)?", re.IGNORECASE)

_SIDES = {
    BOTH: ("", "both", "b", "两侧", "双侧", "两岸", "两边", "双向", "全幅", "左右"),
    LEFT: ("left", "l", "left bank", "left side", "左", "左侧", "左岸", "左边", "左幅"),
    RIGHT: ("right", "r", "right bank", "right side", "右", "右侧", "右岸", "右边", "右幅"),
}
SIDE_WORDS = {word: side for side, words in _SIDES.items() for word in words}


def metres_of(texts: Sequence[object] | NDArray[np.object_]) -> NDArray[np.float64]:
    """The metres that each text says, NaN where it says none, or one beyond every route: plain numbers,
    kilometre stones, km.
    """
    return np.array([_metres(_plain(text)) for text in texts], dtype=np.float64)


def _plain(text: object) -> str:
    """Without blanks, full-width characters as narrow ones; empty for None and NaN."""
    if text is None or text != text:
        return ""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text)))


def _metres(text: str) -> float:
    metres = _said(text)
    return metres if abs(metres) <= MOST_M else np.nan


def _said(text: str) -> float:
    if stake := _STAKE.fullmatch(text):
        return 1000 * float(stake[1]) + float(stake[2])
    if kilometres := _KILOMETRES.fullmatch(text):
        return 1000 * float(kilometres[1] or kilometres[2])
    plain = _METRES.fullmatch(text)
    return float(plain[1]) if plain else np.nan


def sides_of(texts: Sequence[object] | NDArray[np.object_]) -> NDArray[np.object_]:
    """``both``, ``left`` or ``right`` for each text, ``both`` where it is empty; None for any other word."""
    plain = (unicodedata.normalize("NFKC", "" if t is None or t != t else str(t)) for t in texts)
    words = [" ".join(text.casefold().split()) for text in plain]
    return np.array([SIDE_WORDS.get(word) for word in words], dtype=object)


def chainage(metre: float) -> str:
    """Metres as on a kilometre stone: 1234.5 is K1+234.5."""
    sign, tenths = "-" if round(metre, 1) < 0 else "", round(abs(metre) * 10)
    kilometres, rest = divmod(tenths, 10_000)
    metres, tenth = divmod(rest, 10)
    return f"{sign}K{kilometres}+{metres:03d}" + (f".{tenth}" if tenth else "")
