"""The patterns of words, numbers and signs in Latin letters, and of numbers that are no address.

Texts are in plain glyphs (`geo.civic_glyphs`): small letters, plain dashes. Every repetition is bounded.
"""

from __future__ import annotations

import re

from geo.civic_latin_words import CODED

_LETTER = r"[^\W\d_\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
_MARKED = rf"(?:{_LETTER}|[\u0300-\u036f])"
_UNITS = r"(?:m|metres?|meters?|metern?|metri[aä]?|ft|feet|foot|yards?|yds?|km|kilomet(?:re|er)s?|mi|miles?)"
_FLOOR = (
    r"(?:floors?|fl|stock|stockwerk|etage|og|ug|krs|kerros|kerroksessa|storey|story|obergeschoss|étage|piano)"
)
_MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|mai|may|june?|juni|july?|juli|aug(?:ust)?"
    r"|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
_SPANS = (
    r"%|°|kg|hours?|days?|weeks?|months?|years?|minutes?|mins?|tage?n?|stunden?|wochen?|monaten?|jahren?"
    r"|minuten|päivää|viikkoa|tuntia"
)
_MONEY = r"€|\$|£|(?:eur|usd|chf|euros?|dollars?|bucks)\b"
_POSTS = (
    r"bau-?km|strassen-?km|fluss-?km|km|kilomet(?:er|re)|kilometri|mile\s?(?:marker|post)|mile|mm|mp|pk"
    r"|sta(?:tion)?"
)
_ROADS = r"highway|hwy\.?|route|rte\.?|county road|state road|interstate|autobahn|bundesstrasse|bundesstraße"
_ALONE = r"(?<!\w)"

_NUMBERED = (
    ("money", rf"[$€£¥]\s?[0-9][0-9.,]{{0,12}}|[0-9][0-9.,]{{0,12}}\s?(?:{_MONEY})"),
    (
        "phone",
        r"\([0-9]{3}\)\s?[0-9]{3}[-. ][0-9]{4}|(?<![0-9])[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}(?![0-9])"
        r"|\+[0-9]{1,3}[0-9 /()-]{6,16}[0-9]|(?<![0-9])0[0-9]{2,5}[ /-][0-9]{3,9}(?:[ -][0-9]{2,6}){0,2}",
    ),
    (
        "date",
        r"(?<![0-9])(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./](?:[0-9]{4}|[0-9]{2})?(?![0-9]))"
        rf"|(?<![0-9])[0-9]{{1,2}}\.?\s{_MONTH}\b\.?(?:\s[0-9]{{4}})?",
    ),
    (
        "time",
        r"(?<![0-9])[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?\s?(?:uhr|am|pm|h)?|[.h][0-9]{2}\s?(?:uhr|am|pm)"
        r"|\s?(?:am|pm|a\.m\.|p\.m\.|uhr|o'clock))(?!\w)",
    ),
    ("floor", rf"{_ALONE}[0-9]{{1,2}}(?:st|nd|rd|th|\.)?\s?{_FLOOR}\b(?![- ]?[0-9]{{4}})"),
    ("metres", rf"(?<![\w.,])(?P<m_far>[0-9]{{1,5}}(?:[.,][0-9]{{1,3}})?)\s?(?P<m_unit>{_UNITS})\b"),
    ("counted", rf"{_ALONE}[0-9]{{1,6}}\s?(?:{_SPANS})(?!\w)"),
    ("ordinal", rf"{_ALONE}[0-9]{{1,3}}(?:st|nd|rd|th)\b"),
    (
        "number",
        r"(?:(?<![\w$€£])|(?<=[^\W\d_]{4})|(?<=[^\W\d_]{3}\.)|(?<=\b(?:str|weg)))(?<![0-9][.,])(?P<n_value>[0-9]{1,6})(?:(?P<n_half>\s1/2)|(?P<n_letter>[a-z])(?![\w']))?"
        r"(?:\s?(?P<n_sign>[-/])\s?(?:(?P<n_to>[0-9]{1,6})(?P<n_to_letter>[a-z])?|(?P<n_last>[a-z]))(?!\w))?"
        r"(?P<n_mark>bis|ter)?(?![\w%°])(?![.,][0-9])",
    ),
    ("digits", r"[0-9]{1,24}"),
)
# Words with a number; tried only where a digit follows soon.
_LETTERED = (
    (
        "date_word",
        rf"\b{_MONTH}\.?\s[0-9]{{1,2}}(?![0-9])(?:st|nd|rd|th)?(?:,?\s[0-9]{{4}})?",
    ),
    ("postal", rf"\b(?:d|ch|fl|li|fin|dk|cz)\s[0-9]{{4,5}}(?=\s{_LETTER})"),
    ("time_word", r"\b(?:um|klo|at|gegen|ab)\s[0-9]{1,2}(?=\s?(?:uhr|am|pm))"),
    ("floor_word", r"\b(?:floor|etage|stock)\s[0-9]{1,2}\b"),
    (
        "labelled",
        rf"\b(?P<label>{CODED})(?P<sure>[\s:]{{0,2}}(?:no|nr|number|num|id|code|nummer|n[°º]|[#:])\.?)?[\s:#]{{0,3}}"
        r"(?P<code>(?:[a-z]{1,6}[-_]?)?[0-9][0-9a-z]{0,23}(?:[-_/.][0-9a-z]{1,16}){0,4})\b(?![.,][0-9])",
    ),
    (
        "chainage",
        rf"\b(?P<post>{_POSTS})\.?[\s:]{{0,2}}(?P<whole>[0-9]{{1,4}})"
        r"(?:\s?\+\s?(?P<plus>[0-9]{1,3})|[.,](?P<decimal>[0-9]{1,3}))?(?![\w:])"
        r"|\bk\s?(?P<k_whole>[0-9]{1,4})\+(?P<k_plus>[0-9]{1,3})\b",
    ),
    ("road", rf"\b(?:i-|us[- ]|sr[- ]|(?:{_ROADS})\s)[0-9]{{1,4}}[a-z]?\b|\b[abekl][0-9]{{1,4}}\b(?![-/])"),
    (
        "unit",
        r"\b(?:apt|apartment|unit|suite|ste|flat|room|rm|wohnung|whg|top|asunto|as)\b\.?\s?#?"
        r"(?:[0-9]{1,5}[a-z]?|[a-z][0-9]{0,4})\b",
    ),
    (
        "building",
        r"\b(?P<b_word>bldg|building|haus|gebäude|tower|talo|block)\.?\s(?P<b_value>[0-9]{1,4}[a-z]?)\b"
        r"(?!\s(?:of|and|away)\b)",
    ),
    (
        "bare",
        r"\b(?!(?:str|weg)[0-9])(?P<c_code>(?:[a-z]{1,3}[-_]?[0-9]{2,20}|[a-z]{4,6}(?:[-_][0-9]{2,20}|[0-9]{5,20}))"
        r"(?:[-_][0-9a-z]{1,12}){0,4})\b",
    ),
)
_PLAIN = (
    ("word", rf"{_LETTER}{_MARKED}{{0,60}}(?:(?:\.-|[.'-]){_LETTER}{_MARKED}{{0,60}}){{0,8}}\.?"),
    ("sign", r"[^\s]|\n"),
)


def _any(patterns: tuple[tuple[str, str], ...]) -> str:
    return "(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns) + ")"


TOKEN = re.compile(
    rf"(?=[0-9$€£¥(+]){_any(_NUMBERED)}|(?=[a-z][^0-9\n]{{0,24}}[0-9]){_any(_LETTERED)}|" + _any(_PLAIN)
)
"""Every token; for texts with digits."""
WORDS = re.compile(_any(_PLAIN))
"""The same for texts without digits."""
