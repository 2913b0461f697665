"""Chinese names with a slip: which one is meant, and where they stand in a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rapidfuzz.distance import OSA

from geo.civic_zh_names import Known
from geo.civic_zh_windows import Window, is_doubtful, windows
from geo.names import Found, NameIndex, Span
from geo.names_words import key_of
from layers.candidates import Match
from layers.geocoding_choice import Understood
from layers.geocoding_spots import UNSURE, Spot

LEAST = 0.55  # of a name with one glyph wrong, missing, too many or swapped with the next
CLEAR_SCORE, DOUBTFUL_SCORE = 0.86, 0.7  # of a name that is one such slip away: the only one, one of several
SOUND = 0.85  # of a name that sounds the same
PAIR = 2  # glyphs of a name that may be the wrong way round
LONG = 5  # glyphs of a name in which one of another name is a slip
SHORTEST = 3  # glyphs of a name that may have a slip
# What tells names from each other: who writes one for another means another name.
_TELLING = frozenset("东南西北中上下前后内外新老旧大小左右一二三四五六七八九十")


def slip_of(said: str, name: str) -> str:
    """The one slip by which a name differs from what was said; "" for none, for more, and for what tells
    names apart.

    ``swap``: two glyphs in the wrong order; ``gap``: one missing or too many; ``glyph``: another one in a
    long name; ``other``: another one in a short name, which may as well be a name that nobody knows.
    """
    asked, known = key_of(said), key_of(name)
    if min(len(asked), len(known)) < SHORTEST or OSA.distance(asked, known, score_cutoff=1) != 1:
        return ""
    if len(asked) != len(known):
        return "gap"
    differing = [pair for pair in zip(asked, known, strict=True) if pair[0] != pair[1]]
    if len(differing) > 1:
        return "swap"
    if _TELLING.issuperset(differing[0]):
        return ""
    return "glyph" if len(known) >= LONG else "other"


def corroborated(spot: Spot, *, by: bool) -> Spot:
    """The spot, of which a name with a glyph of another one is sure if something else in the text says so."""
    if not by or not any(fault.code == UNSURE for fault in spot.faults):
        return spot
    sure = (replace(one, code="spelling", penalty=0.0) if one.code == UNSURE else one for one in spot.faults)
    return replace(spot, faults=tuple(sure))


def near_names(index: NameIndex, text: str, known: Sequence[Span]) -> list[Span]:
    """Where a folded text has names with one slip, the likeliest of each stretch that is not understood.

    Args:
        index: of the names.
        text: folded.
        known: names that are written well.
    """
    best: dict[int, list[_Near]] = {}
    for window in windows(text, [Known(span.start, span.end) for span in known]):
        meant = _meant(index, text[window.start : window.end], within=window.is_within)
        if meant is not None:
            grade = (window.end - window.start, meant.way == "homophone", meant.score)
            best.setdefault(window.stretch, []).append(_Near(grade, window, meant.entry))
    return [span for some in best.values() for span in _apart(some)]


class _Near(NamedTuple):
    """Glyphs that are like a name, how much so, and its entry."""

    grade: tuple[int, bool, float]
    window: Window
    row: int


def _meant(index: NameIndex, said: str, *, within: bool) -> Found | None:
    """The name that is meant by some glyphs; None where they are none, or one as it should be.

    Of glyphs within what its ending makes a name, all must be there.
    """
    for one in index.search(said, 4, least=LEAST):
        if one.way == "exact" or one.name in said:
            return None
        if one.way == "homophone" and one.score >= SOUND:
            return one
        slip = slip_of(said, one.name)
        if slip and (slip == "swap" or not within):
            return one
    turned = index.exact(said[::-1]).tolist() if len(said) == PAIR else []
    return Found(turned[0], said[::-1], CLEAR_SCORE, "typo") if turned else None


def _apart(some: list[_Near]) -> list[Span]:
    """The best that do not overlap."""
    kept: list[Span] = []
    for _, window, row in sorted(some, key=lambda one: one.grade, reverse=True):
        if all(window.end <= span.start or span.end <= window.start for span in kept):
            kept.append(Span(window.start, window.end, (row,)))
    return kept


def is_settled(text: str, known: Sequence[Span], understood: Sequence[Understood]) -> bool:
    """Whether the likeliest reading is of known names alone, and leads to a place that is no mere area.

    Args:
        text: folded.
        known: names that are written well.
        understood: its readings.
    """
    first = next(iter(understood), None)
    if first is None or not all(name.known or name.role == "parent" for name in first.reading.names):
        return False
    if first.reading.is_crossing and not any(name.role == "cross" for name in first.reading.names):
        return False
    if not any(spot.match not in (Match.CELL, Match.AREA) for spot in first.spots):
        return False
    return not is_doubtful(text, [Known(span.start, span.end) for span in known])
