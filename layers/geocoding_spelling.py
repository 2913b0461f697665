"""Names of a Latin text that are not written as they should be, beside its house numbers and crossings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.civic_latin_windows import Window, windows
from geo.civic_latin_words import JOINING, STOP
from geo.civic_text import Meant, Mention
from geo.names import Span, fold
from layers.gazetteer import Gazetteer
from layers.gazetteer_entries import NONE
from layers.geocoding_choice import SURE, Understood, says
from layers.geocoding_city import CityPlaces
from layers.geocoding_spelling_zh import is_settled as is_known_place
from layers.geocoding_spelling_zh import near_names
from layers.geocoding_spots import Spot, is_han

LIKE = 0.82  # of words that are more than one or two edits from a name
PART = 0.78
LEAST_LETTERS = 3
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ \u00a0]+\Z")
_LETTERS = re.compile(r"[^\W\d_]")


def near_spans(city: CityPlaces, text: str, known: Sequence[Span]) -> list[Span]:
    """Where a folded text has names that are mistyped, the likeliest on each side of each anchor.

    Args:
        city: whose names they are.
        text: folded.
        known: names that are written well; what lies within one of them is not mistyped.
    """
    if is_han(text):
        return near_names(city.index, text, known)
    best: dict[int, tuple[float, int, Window, int]] = {}
    for window in windows(text):
        if any(span.start <= window.start and window.end <= span.end for span in known):
            continue
        score, row = _likeness(city, text, window, known)
        size = window.end - window.start
        if score and (score, size) > best.get(window.anchor, (0.0, 0))[:2]:
            best[window.anchor] = (score, size, window, row)
    kept: list[Span] = []
    for _, _, window, row in sorted(best.values(), key=lambda one: (-one[0], one[1], one[2])):
        if all(window.end <= span.start or span.end <= window.start for span in kept):
            kept.append(Span(window.start, window.end, (row,)))
    return sorted(kept, key=lambda span: span.start)


def near_meant(gazetteer: Gazetteer, text: str, near: Sequence[Span]) -> list[Meant]:
    """What the mistyped names of a folded Chinese text are read as; nothing of a Latin one."""
    if not is_han(text):
        return []
    return [Meant(span.start, span.end, str(gazetteer.name[span.entries[0]])) for span in near]


def _likeness(city: CityPlaces, text: str, window: Window, known: Sequence[Span]) -> tuple[float, int]:
    """How like a name the words of a window are, and the entry; 0 where they are none."""
    said = text[window.start : window.end]
    if len(_LETTERS.findall(said)) < LEAST_LETTERS:
        return 0.0, NONE
    held = [span for span in known if window.start <= span.start and span.end <= window.end]
    if held and _adds_nothing(text, window, held):
        return 0.0, NONE
    bearing = city.bearing(said)
    if bearing:
        return 1.0, bearing[0]
    for hit in city.like(said):
        if (hit.way == "typo" and hit.score >= LIKE) or (
            not held and hit.way == "part" and hit.score >= PART
        ):
            return hit.score, hit.row
    return 0.0, NONE


def _adds_nothing(text: str, window: Window, held: Sequence[Span]) -> bool:
    """Whether the words of a window beside the known name in it belong to no name: in Sägastrasse."""
    span = max(held, key=lambda one: one.end - one.start)
    beside = text[window.start : span.start] + " " + text[span.end : window.end]
    return all(word.rstrip(".") in STOP | JOINING for word in beside.split())


def is_settled(text: str, plain: str, known: Sequence[Span], understood: Sequence[Understood]) -> bool:
    """Whether a number, crossing or code was found by names as they are written, with no word before them
    that may belong to them.
    """
    if is_han(text):
        return is_known_place(plain, known, understood)
    return any(
        says(one.reading)
        and all(name.known for name in one.reading.names)
        and not any(_goes_on_before(text, name) for name in one.reading.names if name.role != "parent")
        and any(spot.text_score >= SURE and not _is_respelt(spot) for spot in one.spots)
        for one in understood
    )


def _is_respelt(spot: Spot) -> bool:
    return any(fault.code in ("spelling", "homophone") for fault in spot.faults)


def _goes_on_before(text: str, name: Mention) -> bool:
    before = _WORD_BEFORE.search(text, max(0, name.start - 40), name.start)
    return before is not None and fold(before[1]) not in STOP
