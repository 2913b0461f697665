"""Understanding the location words of a text: what it speaks of, before anybody looks it up.

Only syntax: nothing here knows a city. The lexicon of known names comes in as a function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from geo.civic_glyphs import plain
from geo.civic_latin import read_latin
from geo.civic_reading import Building, HouseNumber, Mention, Reading, Relation
from geo.civic_zh import read_chinese
from geo.civic_zh_names import Known
from geo.names import folded

__all__ = ["Building", "HouseNumber", "Meant", "Mention", "Reading", "Relation", "read"]

_MOST = 8
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[^\W\d_]")


class Span(Protocol):
    """Where a name of the lexicon stands in a folded text (see `geo.names`)."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Meant(NamedTuple):
    """A Chinese name with a slip: where it stands in the folded text, and how it should read."""

    start: int
    end: int
    name: str


def read(text: str, spans: Callable[[str], Sequence[Span]], meant: Sequence[Meant] = ()) -> list[Reading]:
    """What the location words of a text may mean, best first, at most 8; [] where there are none.

    Args:
        text: anything a person sends; its length costs linear time.
        spans: the names of the lexicon that occur in a folded text (`NameIndex.spans`).
        meant: what some glyphs are read as; mentions have them as they were written.
    """
    known, glyphs = _known(text, spans), _as_meant(text, meant)
    found = [] if _LATIN.search(text) and not _HAN.search(text) else read_chinese(text, glyphs, known)
    return _best(found + read_latin(text, glyphs, known))


def _known(text: str, spans: Callable[[str], Sequence[Span]]) -> list[Known]:
    """The names of the lexicon at their places in the original text."""
    fold = folded(text)
    return [Known(*fold.original(span.start, span.end)) for span in spans(fold.text)]


def _as_meant(text: str, meant: Sequence[Meant]) -> str:
    """The text in plain glyphs, with names as they should be: of a longer one the end, which tells it."""
    glyphs = plain(text)
    fold = folded(text) if meant else None
    for one in meant:
        assert fold is not None
        start, end = fold.original(one.start, one.end)
        right = plain(one.name)[start - end :]
        glyphs = glyphs[: end - len(right)] + right + glyphs[end:]
    return glyphs


def _best(readings: Sequence[Reading]) -> list[Reading]:
    """The readings without repetitions, best first; of equals the one that stands first."""
    ordered = sorted(readings, key=lambda reading: (-reading.score, reading.start, reading.end))
    kept: dict[object, Reading] = {}
    for reading in ordered:
        kept.setdefault(_sense(reading), reading)
        if len(kept) == _MOST:
            break
    return list(kept.values())


def _sense(reading: Reading) -> object:
    """What two readings must share to be one."""
    names = tuple((name.start, name.end, name.role) for name in reading.names)
    numbers = (
        reading.number,
        reading.building,
        reading.unit,
        reading.code,
        reading.chainage_m,
        reading.group,
    )
    return names, numbers, reading.is_crossing, reading.relation, reading.thing
