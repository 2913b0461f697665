"""The words, numbers and signs of a text in Latin letters, and what in it is no address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from geo.civic_latin_words import CODED
from geo.civic_reading import HouseNumber
from geo.names import fold

_LETTER = r"[^\W\d_\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
_MARKED = rf"(?:{_LETTER}|[\u0300-\u036f])"
_UNITS = r"(?:m|metres?|meters?|metern?|metri[aä]?|ft|feet|foot|yards?|yds?|km|kilomet(?:re|er)s?|mi|miles?)"
_METRES = {"f": 0.3048, "y": 0.9144, "k": 1000.0, "mi": 1609.344}
_FLOOR = r"(?:floors?|fl|stock|stockwerk|etage|og|ug|krs|kerros|kerroksessa|storey|story|stories|obergeschoss|étage|piano)"

_PATTERNS = (
    ("money", r"[$€£¥]\s?[0-9][0-9.,]{0,12}|[0-9][0-9.,]{0,12}\s?(?:€|\$|£|(?:eur|usd|chf|euros?|dollars?|bucks)\b)"),
    (
        "phone",
        r"\([0-9]{3}\)\s?[0-9]{3}[-. ][0-9]{4}|(?<![0-9])[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}(?![0-9])"
        r"|\+[0-9]{1,3}[0-9 /()-]{6,16}[0-9]|(?<![0-9])0[0-9]{2,5}[ /-][0-9]{3,9}(?:[ -][0-9]{2,6}){0,2}",
    ),
    (
        "date",
        r"(?<![0-9])(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./](?:[0-9]{4}|[0-9]{2})?(?![0-9]))"
        r"|(?<![0-9])[0-9]{1,2}\.?\s(?:jan|feb|märz|marz|mar|apr|mai|may|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]{0,7}\b\.?(?:\s[0-9]{4})?"
        r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}\.?\s[0-9]{1,2}(?![0-9])(?:st|nd|rd|th)?(?:,?\s[0-9]{4})?",
    ),
    (
        "time",
        r"(?<![0-9])[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?\s?(?:uhr|am|pm|h)?|[.h][0-9]{2}\s?(?:uhr|am|pm)|\s?(?:am|pm|a\.m\.|p\.m\.|uhr|o'clock))(?![\w])"
        r"|\b(?:um|klo|at|gegen|ab)\s[0-9]{1,2}(?=\s?(?:uhr|am|pm|[.,;]?$))",
    ),
    ("floor", rf"(?<![\w])[0-9]{{1,2}}(?:st|nd|rd|th|\.)?\s?{_FLOOR}\b|\b(?:floor|etage|stock)\s[0-9]{{1,2}}\b|\b(?:first|second|third|fourth)\sfloor\b"),
    (
        "labelled",
        rf"\b(?P<label>{CODED})(?P<sure>[\s:]{{0,2}}(?:no|nr|number|num|id|code|nummer|n[°º]|[#:])\.?)?[\s:#]{{0,3}}"
        r"(?P<code>(?:[a-z]{1,6}[-_]?)?[0-9][0-9a-z]{0,23}(?:[-_/.][0-9a-z]{1,16}){0,4})\b(?![.,][0-9])",
    ),
    (
        "chainage",
        r"\b(?P<post>bau-?km|strassen-?km|fluss-?km|km|kilomet(?:er|re)|kilometri|mile\s?(?:marker|post)|mile|mm|mp|pk|sta(?:tion)?)"
        r"\.?[\s:]{0,2}(?P<whole>[0-9]{1,4})(?:\s?\+\s?(?P<plus>[0-9]{1,3})|[.,](?P<decimal>[0-9]{1,3}))?(?![\w:])"
        r"|\bk\s?(?P<k_whole>[0-9]{1,4})\+(?P<k_plus>[0-9]{1,3})\b",
    ),
    ("metres", rf"(?<![\w.,])[0-9]{{1,5}}(?:[.,][0-9]{{1,3}})?\s?{_UNITS}\b"),
    ("counted", r"(?<![\w])[0-9]{1,6}\s?(?:%|°|kg|t\b|h\b|hours?|days?|weeks?|months?|years?|minutes?|mins?|tage?n?|stunden?|wochen?|monaten?|jahren?|jahre|minuten|päivää|viikkoa|tuntia)(?![\w])"),
    ("road", r"\b(?:i-|us[- ]|sr[- ]|(?:highway|hwy\.?|route|rte\.?|county road|state road|interstate|autobahn|bundesstrasse|bundesstraße)\s)[0-9]{1,4}[a-z]?\b|\b[abekl][0-9]{1,4}\b(?![-/])"),
    ("ordinal", r"(?<![\w])[0-9]{1,3}(?:st|nd|rd|th)\b"),
    (
        "unit",
        r"\b(?:apt|apartment|unit|suite|ste|flat|room|rm|wohnung|whg|top|asunto|as)\b\.?\s?#?(?:[0-9]{1,5}[a-z]?|[a-z][0-9]{0,4})\b",
    ),
    ("building", r"\b(?P<b_word>bldg|building|haus|gebäude|tower|talo|block)\.?\s(?P<b_value>[0-9]{1,4}[a-z]?|[a-z])\b(?!\s(?:of|and|away)\b)"),
    (
        "number",
        r"(?<![\w$€£])(?<![0-9][.,])(?P<n_value>[0-9]{1,6})(?:(?P<n_half>\s1/2)|(?P<n_letter>[a-z])(?![\w'’]))?"
        r"(?:\s?(?P<n_sign>[-–/])\s?(?:(?P<n_to>[0-9]{1,6})(?P<n_to_letter>[a-z])?|(?P<n_last>[a-z]))(?![\w]))?(?P<n_mark>bis|ter)?(?![\w%°])(?![.,][0-9])",
    ),
    ("word", rf"{_LETTER}{_MARKED}{{0,60}}(?:(?:\.-|[.'’-]){_LETTER}{_MARKED}{{0,60}}){{0,8}}(?:\.(?!\s*$))?"),
    ("sign", r"[,;()&/@+#:\n\r|!?]|[.](?=\s|$)|[^\s]"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS), re.IGNORECASE)
_LABEL_SHORT = 3


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


def words(text: str) -> Iterator[Word]:
    """The tokens of a text, from left to right; blanks are left out."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        yield _word(match, kind)


def _word(match: re.Match[str], kind: str) -> Word:
    start, end = match.span()
    if kind == "word":
        written = match[0]
        return Word(kind, start, end, fold(written).rstrip("."), written[:1].isupper())
    value = _VALUES[kind](match) if kind in _VALUES else None
    return Word(kind, start, end, match[0].lower(), True, value)


def _code(match: re.Match[str]) -> LatinCode:
    written = match["code"]
    digits = sum(glyph.isdigit() for glyph in written)
    return LatinCode(written.upper(), match["label"].lower(), match["sure"] is not None or digits > _LABEL_SHORT + 1)


def _chainage(match: re.Match[str]) -> float:
    whole = float(match["whole"] or match["k_whole"])
    plus, decimal = match["plus"] or match["k_plus"], match["decimal"]
    post = (match["post"] or "km").lower()
    unit = 1609.344 if post.startswith(("mile", "mm", "mp")) else 1000.0
    part = float(plus) / 1000 if plus else float(f"0.{decimal}") if decimal else 0.0
    return (whole + part) * unit


def _metres(match: re.Match[str]) -> float:
    found = re.match(r"([0-9]+(?:[.,][0-9]+)?)\s?([^\W\d]+)", match[0].lower())
    if found is None:
        return 0.0
    number, unit = float(found[1].replace(",", ".")), found[2]
    factor = _METRES["mi"] if unit.startswith("mi") else _METRES.get(unit[0], 1.0)
    return number * factor


def _number(match: re.Match[str]) -> HouseNumber:
    value, to = int(match["n_value"]), match["n_to"]
    sign = match["n_sign"]
    letter = (match["n_letter"] or match["n_mark"] or "").lower()
    last = int(to) if to and sign != "/" and int(to) > value else None
    behind = "" if last is not None else (to or "") + (match["n_to_letter"] or "").lower()
    suffix = "1/2" if match["n_half"] else letter or behind
    return HouseNumber(value, suffix, last, match[0])


def _building(match: re.Match[str]) -> int | str:
    written = match["b_value"]
    return int(written) if written.isdecimal() else written.upper()


_VALUES = {
    "labelled": _code,
    "chainage": _chainage,
    "metres": _metres,
    "number": _number,
    "building": _building,
}
