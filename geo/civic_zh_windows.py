"""Where a mistyped name may stand in a Chinese text: beside numbers, known names and breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from geo.civic_glyphs import plain
from geo.civic_zh import tokens_of
from geo.civic_zh_names import THINGS, Known, best_cover, is_usable
from geo.civic_zh_tokens import Name, Token
from geo.civic_zh_words import JOINING

SHORTEST, LONGEST = 3, 8
"""Glyphs of a name that is looked for though it is mistyped."""
MOST_STRETCHES = 8
_NAMELIKE = {"rest", "name", "generic", "join"}
_ANCHORS = {"house", "building", "group", "chainage", "crossing", "thing", "dash", "join"}


class Window(NamedTuple):
    """Glyphs that may be a name: their place in the text, and the stretch that they stand in.

    ``is_within``: whether they are the last glyphs of what its ending makes a name.
    """

    start: int
    end: int
    stretch: int
    is_within: bool = False


def windows(folded: str, known: Sequence[Known]) -> Iterator[Window]:
    """The glyphs of a folded text that begin or end where a name may: beside numbers, known names, breaks."""
    text = plain(folded)
    tokens = [_apart(text, token) for token in tokens_of(text, known) if token.kind != "skip"]
    yield from _pairs(tokens)
    cover = best_cover([span for span in known if is_usable(text, span)])
    for turn, stretch in enumerate(_stretches(tokens)):
        if turn == MOST_STRETCHES:
            return
        first, last = stretch[0].start, stretch[-1].end
        inner = {at for span in cover for at in span}
        inner |= {at for token in stretch if token.kind == "join" for at in (token.start, token.end)}
        edges = sorted({first, last, *(at for at in inner if first < at < last)})
        for start, end in _of_edges(first, last, edges):
            if any(span.start <= start and end <= span.end for span in cover):
                continue
            ended = [token for token in stretch if _has_end(token)]
            if not any(one.start < end < one.end and not _may_end(text, one, end) for one in ended):
                within = any(one.start < start < one.end for one in ended)
                yield Window(start, end, turn, within)


def _apart(text: str, token: Token) -> Token:
    """The token; a join that is no glyph of a name ends the stretch: 幸福大道、桥东路."""
    joins = token.kind == "join" and text[token.start : token.end].strip() not in JOINING
    return token._replace(kind="break") if joins else token


def _has_end(token: Token) -> bool:
    """Whether it is a name by its ending, of which a part is none."""
    return isinstance(token.value, Name) and not token.value.known and bool(token.value.kind)


def _may_end(text: str, token: Token, at: int) -> bool:
    """Whether a name may stop within another one: 运料河|闸口, 通吕运河|桥."""
    within = isinstance(token.value, Name) and token.value.split == at
    return within or text[at : token.end] in THINGS


def _pairs(tokens: Sequence[Token]) -> Iterator[Window]:
    """Names of two glyphs that nobody knows, alone before a number or crossing: 常江K2+300."""
    for turn, (token, behind) in enumerate(pairwise(tokens)):
        if token.end - token.start == 2 and _is_unknown(token) and behind.kind in _ANCHORS:
            yield Window(token.start, token.end, MOST_STRETCHES + turn)


def is_doubtful(folded: str, known: Sequence[Known]) -> bool:
    """Whether there may be a mistyped name: something unknown right before a number, a crossing or a known
    name, or behind a join; or what only its ending makes the name of a street or an estate.
    """
    tokens = [token for token in tokens_of(plain(folded), known) if token.kind != "skip"]
    return any(
        (_is_unknown(first) and (second.kind in _ANCHORS or _touches(first, second)))
        or (_is_unknown(second) and (_is_place(second) or first.kind == "join"))
        for first, second in pairwise([Token("break", 0, 0), *tokens])
    )


def _is_unknown(token: Token) -> bool:
    return token.kind in _NAMELIKE and token.kind != "join" and not _is_known(token)


def _touches(first: Token, second: Token) -> bool:
    """Whether a known name follows at once on what is no town's name."""
    return _is_known(second) and first.end == second.start and (first.kind == "rest" or _is_place(first))


def _is_place(token: Token) -> bool:
    """Whether a name is none of an area: the town around the city is known to nobody here."""
    return isinstance(token.value, Name) and token.value.kind != "area"


def _stretches(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Rows of tokens without a gap that are names or nothing known, each with something unknown in it."""
    row: list[Token] = []
    for before, token in pairwise([Token("break", 0, 0), *tokens]):
        goes_on = before.end == token.start
        if not (goes_on and token.kind in _NAMELIKE):
            yield from _worth_a_look(row)
            row = []
        if token.kind in _NAMELIKE:
            row.append(token)
    yield from _worth_a_look(row)


def _worth_a_look(row: list[Token]) -> Iterator[list[Token]]:
    if any(not _is_known(token) and token.kind != "join" for token in row):
        yield row


def _is_known(token: Token) -> bool:
    return isinstance(token.value, Name) and token.value.known


def _of_edges(first: int, last: int, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    found = {(at, end) for at in edges for end in range(at + SHORTEST, min(at + LONGEST, last) + 1)}
    found |= {(start, at) for at in edges for start in range(max(first, at - LONGEST), at - SHORTEST + 1)}
    yield from sorted(found)
