"""Where a place lies as seen from a name, in the words around it: 30 m north of, opposite, gegenüber, vieressä."""

from __future__ import annotations

import re

from geo.civic_latin_words import DIRECTIONS
from geo.civic_reading import Relation, RelationKind
from geo.names import fold

_LOOK = 64  # characters before and behind a name in which its relation is looked for
_SIDE = "|".join(sorted(DIRECTIONS, key=lambda word: (-len(word), word)))
_FAR = r"(?P<far>[0-9]{1,5}(?:[.,][0-9]{1,3})?)\s?(?P<unit>km|mi(?:les?)?|yards?|yds?|ft|feet|foot|m\b|met[a-z]{1,6})"
_THE = r"(?:the |der |die |das |dem |den |of |from |von |vom |des |our |house |haus |no\.? |nr\.? |number ){0,3}"
_AT = r"(?:(?:corner|intersection|junction|crossing|ecke|kreuzung) (?:of |von |der )?)?"

_BEFORE: tuple[tuple[RelationKind, str], ...] = (
    ("opposite", r"opposite(?: to| of)?|across(?: the (?:street|road))?(?: from)?|facing|gegenuber(?: von)?|vis-a-vis|en face(?: de)?"),
    ("behind", r"behind|in back of|hinter|derriere"),
    ("front", r"in front of|before|vor|devant"),
    ("under", r"under|underneath|below|beneath|unter|unterhalb(?: von)?|sous"),
    ("entrance", r"(?:main )?entrance (?:to|of)|eingang (?:von|zu|zum|zur)|einfahrt (?:zu|zum|zur)|gate of"),
    ("between", r"between|zwischen|entre"),
    ("near", r"near(?: to)?|close to|next to|beside|by|adjacent to|around|in der nahe(?: von)?|nahe|neben|bei|beim|unweit|pres de"),
)
_BEHIND: tuple[tuple[RelationKind, str], ...] = (
    ("opposite", r"gegenuber|vastapaata|opposite"),
    ("behind", r"takana|takapiha"),
    ("front", r"edessa|edustalla"),
    ("under", r"alla\b|alapuolella"),
    ("entrance", r"(?:main )?entrance|eingang|sisaankaynti"),
    ("between", r"valissa|valilla"),
    ("near", r"lahella|vieressa|kohdalla|nearby"),
)
_OFFSET_BEFORE = re.compile(rf"{_FAR},? (?:(?:to|in) (?:the )?)?(?P<side>{_SIDE})(?:erly)?(?: side)? {_THE}{_AT}$")
_SIDE_BEFORE = re.compile(rf"\b(?P<side>{_SIDE})(?: ?(?:side|seite|end|corner))? (?:of|von|vom|der|des|from) {_THE}{_AT}$")
_AWAY_BEFORE = re.compile(rf"{_FAR} (?P<word>from|away from|von|vor|behind|hinter|past|before|after|nach) {_THE}{_AT}$")
_WORDS_BEFORE = tuple((kind, re.compile(rf"(?:^|[\s,(])(?:{words}) {_THE}{_AT}$")) for kind, words in _BEFORE)
_OFFSET_BEHIND = re.compile(
    rf"[\s,]{{0,2}}(?:{_FAR} (?:to the |in richtung |richtung )?(?P<side>{_SIDE})\b"
    rf"|(?P<side_first>{_SIDE}) {_FAR.replace('<far>', '<far_2>').replace('<unit>', '<unit_2>')})"
)
_SIDE_BEHIND = re.compile(rf"[\s,]{{0,3}}(?P<side>{_SIDE})[ -]?(?:side|seite|end|corner|ecke)\b|[\s,]{{1,2}}(?P<bare>nordlich|sudlich|ostlich|westlich)\b")
_WORDS_BEHIND = tuple((kind, re.compile(rf"[\s,]{{1,2}}(?:{words})\b")) for kind, words in _BEHIND)


def relation_around(text: str, start: int, end: int) -> Relation | None:
    """The relation that the words before ``text[start:end]`` say, or those behind it; else None."""
    before = fold(text[max(0, start - _LOOK) : start]) + " "
    behind = " " * text[end : end + 1].isspace() + fold(text[end : end + _LOOK])
    found = _before(before) if text[start - 1 : start].isspace() else None
    return found or _behind(behind)


def _before(words: str) -> Relation | None:
    if match := _OFFSET_BEFORE.search(words):
        return Relation("offset", DIRECTIONS[match["side"]], _metres(match["far"], match["unit"]))
    if match := _SIDE_BEFORE.search(words):
        return Relation("side", DIRECTIONS[match["side"]])
    if match := _AWAY_BEFORE.search(words):
        return Relation("offset", "", _metres(match["far"], match["unit"]))
    return next((Relation(kind) for kind, pattern in _WORDS_BEFORE if pattern.search(words)), None)


def _behind(words: str) -> Relation | None:
    if match := _OFFSET_BEHIND.match(words):
        far, unit = match["far"] or match["far_2"], match["unit"] or match["unit_2"]
        return Relation("offset", DIRECTIONS[match["side"] or match["side_first"]], _metres(far, unit))
    if match := _SIDE_BEHIND.match(words):
        return Relation("side", DIRECTIONS[match["side"] or match["bare"]])
    return next((Relation(kind) for kind, pattern in _WORDS_BEHIND if pattern.match(words)), None)


def _metres(far: str, unit: str) -> float:
    value = float(far.replace(",", "."))
    if unit.startswith("k"):
        return value * 1000
    if unit.startswith("mi"):
        return value * 1609.344
    return value * (0.3048 if unit.startswith("f") else 0.9144 if unit.startswith("y") else 1.0)
