"""Readings of a Chinese text: tokens become phrases, and a phrase becomes one or a few Readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from geo.civic_reading import Reading
from geo.civic_zh_guesses import guessed
from geo.civic_zh_names import (
    Known,
    best_cover,
    by_position,
    is_usable,
    known_token,
    names_in,
    shared_ending,
    unjoined,
    with_shared,
)
from geo.civic_zh_phrases import Phrase, phrases
from geo.civic_zh_readings import of_phrase
from geo.civic_zh_tokens import Name, Token, scan, with_labels
from geo.civic_zh_words import JOINING

_WITHOUT_LEXICON = 0.85  # how much less a reading is worth that knows no names where names are known
_LATER = 0.99  # per phrase: people name the place first
_ORPHAN = 0.85
_SURE = 0.9
_LONGEST_SECOND_LOOK = 400  # glyphs; a longer text is a document, not a message
_NUMBERED = {"house", "building", "group", "dash", "crossing", "chainage", "unit"}


def read_chinese(original: str, text: str, known: Sequence[Known]) -> list[Reading]:
    """All readings of a text in plain glyphs, in no order.

    Where unknown glyphs stand directly beside a known name, a second look leaves the lexicon aside: a
    mistyped name may hold a known one that it is not (虹桥|背村).
    """
    cover = best_cover([span for span in known if is_usable(text, span)])
    tokens = _tokens(text, cover)
    found = _readings(original, text, tokens)
    if cover and len(text) <= _LONGEST_SECOND_LOOK and _is_doubtful(tokens):
        again = _readings(original, text, _tokens(text, ()))
        found += [replace(reading, score=reading.score * _WITHOUT_LEXICON) for reading in again]
    if all(reading.score < _SURE for reading in found):
        found += [one for phrase in guessed(text, tokens) for one in of_phrase(phrase, original, text, 1.0)]
    return found


def tokens_of(text: str, known: Sequence[Known]) -> list[Token]:
    """The tokens of a text in plain glyphs, with the known names that explain most of it."""
    return _tokens(text, best_cover([span for span in known if is_usable(text, span)]))


def _is_doubtful(tokens: Sequence[Token]) -> bool:
    """Whether a known name touches one that is not known, or unknown glyphs stand right before it."""
    return any(
        first.end == second.start
        and isinstance(second.value, Name)
        and (
            first.value.known != second.value.known
            if isinstance(first.value, Name)
            else first.kind == "rest" and second.value.known
        )
        for first, second in pairwise(tokens)
    ) or any(token.quality < 1 and isinstance(token.value, Name) and token.value.split for token in tokens)


def _readings(original: str, text: str, tokens: Sequence[Token]) -> list[Reading]:
    found, factor = [], 1.0
    for phrase in _complete(phrases(text, tokens)):
        found += of_phrase(phrase, original, text, factor)
        factor *= _LATER
    return found


def _complete(found: Iterable[Phrase]) -> Iterator[Phrase]:
    """Phrases with names; what has none (65幢 after a comma, a code) takes the names said before or next."""
    said: Phrase | None = None
    waiting: list[Phrase] = []
    for phrase in found:
        if phrase.names:
            yield phrase
            for orphan in waiting:
                yield replace(orphan, names=phrase.names, joins=phrase.joins, factor=_ORPHAN)
            said, waiting = phrase, []
        elif said is not None and (phrase.code or not said.has_details):
            yield replace(phrase, names=said.names, joins=said.joins, factor=_ORPHAN)
        elif phrase.code:
            waiting.append(phrase)
        elif phrase.stands_alone:
            yield phrase
    yield from waiting


def _tokens(text: str, cover: Sequence[Known]) -> list[Token]:
    raw: list[Token] = []
    at = 0
    for span in cover:
        raw += _with_runs(text, at, span.start)
        raw.append(known_token(text, span))
        at = span.end
    raw += _with_runs(text, at, len(text))
    return with_labels(list(unjoined(text, list(_resolved(text, raw)))))


def _with_runs(text: str, start: int, end: int) -> Iterator[Token]:
    """The tokens of a stretch, and between them the runs of text that are none."""
    at = start
    for token in scan(text, start, end):
        if token.start > at:
            yield Token("run", at, token.start)
        yield token
        at = token.end
    if at < end:
        yield Token("run", at, end)


def _resolved(text: str, raw: Sequence[Token]) -> Iterator[Token]:
    """The tokens with every run replaced by the names in it."""
    last: Token | None = None
    shared = 0  # glyphs of the token to come that belong to the name before it
    for place, token in enumerate(raw):
        if token.kind == "run":
            *done, last = _names(text, token, last, raw[place + 1 : place + 3])
            yield from done
            shared = max(0, last.end - token.end)
            continue
        if last is not None:
            yield last
        last = token._replace(start=token.start + shared)
        shared = 0
    if last is not None:
        yield last


def _names(text: str, run: Token, after: Token | None, following: Sequence[Token]) -> list[Token]:
    """The token before a run and the names of the run; the last one may end within the token behind it."""
    is_behind = after is not None and after.end == run.start
    pieces = [] if after is None or is_behind else [after]
    pieces += names_in(text, run.start, run.end, after if is_behind else None)
    if pieces[-1].kind != "rest":
        return [*pieces[:-1], with_shared(text, pieces[-1], following[0] if following else None)]
    rest = pieces.pop()
    before = pieces[-1] if pieces else None
    if before is not None and text[rest.start : rest.end].strip() in JOINING:
        return [*pieces, rest._replace(kind="join")]
    shared = shared_ending(text, rest, following[0] if following else None)
    if shared is not None:
        return [*pieces, shared]
    behind = next((token for token in following if token.kind != "skip"), None)
    named = by_position(text, rest, before) if behind is not None and behind.kind in _NUMBERED else None
    if named is not None and before is not None and named.start == before.start:
        pieces.pop()
    return [*pieces, named or rest]
