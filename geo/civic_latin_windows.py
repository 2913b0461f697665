"""Where a mistyped name may stand in a Latin text: the words beside a house number or a crossing's sign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from geo.civic_latin_words import (
    ADJECTIVES,
    AMERICAN_TYPES,
    DIRECTIONS,
    EUROPEAN_TYPES,
    JOINING,
    PREPOSITIONS,
    STOP,
    words_of,
)

MOST_WORDS = 4
"""So many words a name has at most that is looked for."""
MOST_ANCHORS = 8
_TYPES = "|".join(sorted(AMERICAN_TYPES))  # 37h St is 37th St
_PART = re.compile(
    rf"(?P<ordinal>\d{{1,3}}(?:[a-z]{{2,4}}\b|[a-z](?= (?:{_TYPES})\b)))|(?P<number>\d+)"
    r"|(?P<word>[^\W\d_](?:[^\W\d_]|[.'’-](?=[^\W\d_]))*\.?)|(?P<sign>[^\s])"
)
_SIGNS = words_of("no nr number nummer numero hausnr hausnummer hnr haus talo #")
_CORNERS = words_of(
    "corner intersection junction crossing ecke kreuzung einmundung risteys risteyksessa kulma kulmassa "
    "korsningen korsning hornet horn"
)
_FIRST = PREPOSITIONS | ADJECTIVES | DIRECTIONS.keys()
_UNTELLING = AMERICAN_TYPES | EUROPEAN_TYPES | DIRECTIONS.keys() | STOP
_NEVER_FIRST = STOP | JOINING
_BEFORE_JOIN = words_of(", - in with mit")  # join names beside one of the corners


class Window(NamedTuple):
    """Words that may be a name: their place in the text, and the anchor and side that they stand on."""

    start: int
    end: int
    anchor: int


class _Part(NamedTuple):
    kind: str
    key: str
    start: int
    end: int
    ends: bool  # a sentence


def windows(folded: str) -> Iterator[Window]:
    """The rows of words of a folded text that stand beside a number or between joined names."""
    parts = [
        _Part(match.lastgroup or "sign", match[0].rstrip("."), *match.span(), match[0].endswith("."))
        for match in _PART.finditer(folded)
    ]
    has_corner = any(part.key in _CORNERS for part in parts)
    anchors = [at for at, part in enumerate(parts) if _is_anchor(part, has_corner=has_corner)]
    for turn, at in enumerate(anchors[:MOST_ANCHORS]):
        yield from _beside(parts, at, turn)


def _is_anchor(part: _Part, *, has_corner: bool) -> bool:
    if part.kind == "number":
        return len(part.key) <= 6
    return part.key in JOINING or part.key in _CORNERS or (has_corner and part.key in _BEFORE_JOIN)


def _beside(parts: list[_Part], at: int, turn: int) -> Iterator[Window]:
    last = at - 1
    while last >= 0 and (parts[last].key in _SIGNS or parts[last].key == ","):
        last -= 1
    if last >= 0 and parts[last].key in STOP:
        last = -1
    for first in range(last, max(-1, last - MOST_WORDS), -1):
        if not _goes_on(parts, first):
            break
        if _begins(parts[first]) and _tells(parts[first : last + 1]):
            yield Window(parts[first].start, parts[last].end, 2 * turn)
    begin = at + 1 if not parts[at].ends else len(parts)
    while begin < len(parts) and parts[begin].key in _CORNERS | {"of", "von", "av", "the", "der"}:
        begin += 1
    for stop in range(begin, min(len(parts), begin + MOST_WORDS)):
        if not _goes_on(parts, stop):
            break
        if parts[stop].key not in STOP and _begins(parts[begin]) and _tells(parts[begin : stop + 1]):
            yield Window(parts[begin].start, parts[stop].end, 2 * turn + 1)


def _begins(part: _Part) -> bool:
    """Whether a name may begin with a part: a preposition (Im Rehwinkel), but not "und" or "near"."""
    return part.key in _FIRST or (len(part.key) > 1 and part.key not in _NEVER_FIRST)


def _tells(parts: Sequence[_Part]) -> bool:
    """Whether words are more than a type of street and a side."""
    return any(part.key not in _UNTELLING for part in parts)


def _goes_on(parts: list[_Part], at: int) -> bool:
    """Whether a name may have this part: a word, or the number of an ordinal (5th)."""
    part = parts[at]
    return part.kind == "ordinal" or (part.kind == "word" and part.key not in _CORNERS)
