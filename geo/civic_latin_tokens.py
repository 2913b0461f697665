"""The words, numbers and signs of a text in Latin letters, and what in it is no address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from geo.civic_latin_patterns import TOKEN, WORDS
from geo.civic_reading import HouseNumber
from geo.names import fold

_LEAST_SURE = 5  # digits from which a number behind the word "pole" is a pole's and no house's
_DIGIT = re.compile(r"[0-9]")


class Word(NamedTuple):
    """A token of a Latin text: its kind (the name of its pattern), its place, and what it says.

    ``key``: the folded word without its last full stop; ``capital``: whether it begins with one or a digit.
    """

    kind: str
    start: int
    end: int
    key: str
    capital: bool = False
    value: object = None


class LatinCode(NamedTuple):
    """A number on an asset, and whether its words leave no doubt (pole no. 12)."""

    code: str
    kind: str
    is_sure: bool


def words(original: str, text: str) -> Iterator[Word]:
    """The tokens of a text in plain glyphs, from left to right; blanks are left out."""
    pattern = TOKEN if _DIGIT.search(text) else WORDS
    for match in pattern.finditer(text):
        kind = match.lastgroup or "sign"
        start, end = match.span()
        if kind == "word":
            yield Word(kind, start, end, fold(match[0]).rstrip("."), original[start].isupper())
        else:
            value = _VALUES[kind](match) if kind in _VALUES else None
            yield Word(_SAME.get(kind, kind), start, end, match[0], True, value)


def _code(match: re.Match[str]) -> LatinCode:
    written = match["code"]
    digits = sum(glyph.isdigit() for glyph in written)
    return LatinCode(written.upper(), match["label"], match["sure"] is not None or digits >= _LEAST_SURE)


def _bare(match: re.Match[str]) -> LatinCode:
    return LatinCode(match["c_code"].upper(), "", False)


def _chainage(match: re.Match[str]) -> float:
    whole = float(match["whole"] or match["k_whole"])
    plus, decimal = match["plus"] or match["k_plus"], match["decimal"]
    post = match["post"] or "km"
    unit = 1609.344 if post.startswith(("mile", "mm", "mp")) else 1000.0
    part = float(plus) / 1000 if plus else float(f"0.{decimal}") if decimal else 0.0
    return (whole + part) * unit


def _metres(match: re.Match[str]) -> float:
    unit = match["m_unit"]
    factor = _METRES["mi"] if unit.startswith("mi") else _METRES.get(unit[0], 1.0)
    return float(match["m_far"].replace(",", ".")) * factor


def _number(match: re.Match[str]) -> HouseNumber:
    value, to = int(match["n_value"]), match["n_to"]
    sign = match["n_sign"]
    letter = match["n_letter"] or match["n_mark"] or ""
    last = int(to) if to and sign != "/" and int(to) > value else None
    behind = "" if last is not None else (to or "") + (match["n_to_letter"] or "")
    suffix = "1/2" if match["n_half"] else letter or behind
    return HouseNumber(value, suffix, last, match[0])


def _building(match: re.Match[str]) -> int | str:
    written = match["b_value"]
    return int(written) if written.isdecimal() else written.upper()


_METRES = {"f": 0.3048, "y": 0.9144, "k": 1000.0, "mi": 1609.344}
_SAME = {"date_word": "date", "time_word": "time", "floor_word": "floor", "bare": "labelled"}
_VALUES = {
    "labelled": _code,
    "bare": _bare,
    "chainage": _chainage,
    "metres": _metres,
    "number": _number,
    "building": _building,
}
