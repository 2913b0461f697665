"""Assets by the codes that stand on them, also where one character is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.civic_text import Mention
from layers.candidates import Match
from layers.gazetteer_entries import plain_code
from layers.geocoding_city import CityPlaces
from layers.geocoding_numbers import entry_spot
from layers.geocoding_spots import Spot, is_han, mistyped
from layers.terms import TERMS

MOST_NEAR = 6  # codes with one other character
LEAST_CODE = 4  # of a code of which a character may be wrong


def by_code(city: CityPlaces, code: str, word: str) -> Iterator[Spot]:
    """The assets with a code; where there is none, those whose codes differ by one character."""
    name = Mention(code, 0, len(code), "main", known=True)
    rows = _of_word(city, city.gazetteer.with_code(code).tolist(), word)
    for row in rows:
        yield entry_spot(city, row, Match.CODE, 1.0, name, "exact")
    if rows or len(plain_code(code)) < LEAST_CODE:
        return
    for near, row in _near(city, code, word):
        yield entry_spot(city, row, Match.CODE, 1.0, name, "exact").with_faults(mistyped(code, near))


def _of_word(city: CityPlaces, rows: list[int], word: str) -> list[int]:
    """Those of the kind that the word before the code names; all where it names none of them."""
    kinds = [city.gazetteer.kind[row].partition(":")[2] for row in rows]
    meant = [row for row, kind in zip(rows, kinds, strict=True) if _names(word, kind)]
    return meant or rows


def _names(word: str, kind: str) -> bool:
    """Whether a word (灯杆, pole) is, or begins like, the usual word for a kind of assets (路灯)."""
    usual = " ".join((*TERMS.get(kind, ()), kind.replace("_", " "))).casefold()
    return any(character in usual for character in word) if is_han(word) else word.casefold() in usual.split()


def _near(city: CityPlaces, code: str, word: str) -> Iterator[tuple[str, int]]:
    texts, rows = city.gazetteer.codes
    plain = [plain_code(text) for text in texts.tolist()]
    said = plain_code(code)
    found = process.extract(said, plain, scorer=OSA.distance, score_cutoff=1, limit=MOST_NEAR)
    kept = _of_word(city, [int(rows[at]) for _, _, at in found], word)
    for _, _, at in found:
        if int(rows[at]) in kept:
            yield texts[at], int(rows[at])
