"""Assets by the codes that stand on them, also where one character is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.civic_latin_words import CODED as LATIN_CODED
from geo.civic_text import Mention, Reading
from geo.civic_zh_words import CODED, either
from layers.candidates import Fault, Match
from layers.gazetteer import Gazetteer
from layers.gazetteer_entries import plain_code
from layers.geocoding_city import CityPlaces
from layers.geocoding_numbers import entry_spot, whole_match
from layers.geocoding_spots import Spot, is_han, mistyped
from layers.terms import TERMS, term

MOST_NEAR = 40  # codes with one other character
LEAST_CODE = 4  # of a code of which a character may be wrong, or that alone means any thing
LONG_CODE = 10  # signs of a number that is nothing else, whatever stands beside it
SURELY = 0.9  # the score of a reading whose text says that the number is a code

# What tells a kind, beside its usual words; and glyphs that tell none, since many kinds have them.
_ALSO = {
    "street_light": "杆柱塔 pole mast lamp lamppost streetlight laternenmast lichtmast strassenlaterne "
    "straßenlaterne laterne leuchte lichtpunkt valaisinpylväs valaisin lamppu pylväs lampadaire poteau",
    "manhole": "井雨篦 basin drain gully schachtdeckel schacht kanaldeckel kaivonkansi kaivo regard",
    "traffic_sign": "牌",
    "tree": "baum",
}
_LABEL = re.compile(
    rf"(?P<word>{either(CODED)})(?:的?(?:编号|号码|序号|牌号|号))?[\s:#]{{0,3}}"
    rf"|(?P<latin>{LATIN_CODED})(?:\s(?:no|nr)\.?)?[\s:#]{{0,3}}",
    re.IGNORECASE,
)
_IDLE = frozenset("路水站交通道号")
_ANY_THING = frozenset({"asset", "facility", "anlage"})


class Codes:
    """The codes of a city's things, made ready; may be shared between threads."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.text, self.row = gazetteer.codes
        self._plain = [plain_code(text) for text in self.text.tolist()]
        gazetteer.with_code("")  # makes its index

    def exactly(self, code: str) -> list[int]:
        """The rows that bear a code."""
        found: list[int] = self.gazetteer.with_code(code).tolist()
        return found

    def assets(self, code: str) -> list[int]:
        """The rows of assets that bear a code."""
        return _assets(self.gazetteer, self.exactly(code))

    def near(self, code: str) -> list[tuple[str, int]]:
        """Codes that differ by one character from one that nobody knows, and their rows."""
        said = plain_code(code)
        found = process.extract(said, self._plain, scorer=OSA.distance, score_cutoff=1, limit=MOST_NEAR)
        return [(self.text[at], int(self.row[at])) for _, _, at in found]


def by_code(city: CityPlaces, codes: Codes, reading: Reading) -> Iterator[Spot]:
    """The assets with a reading's code; where there is none of its kind, with a fault those of others, and
    those whose codes differ by one character.

    Where there is none like it, what else the text names, with the fault.
    """
    code, word = reading.code, reading.code_kind
    name = Mention(code, 0, len(code), "main", known=True)
    rows = of_word(city, codes.exactly(code), word)
    for row in rows:
        yield _spot(city, name, row)
    is_code = bool(word) or reading.score >= SURELY
    if rows or not (is_code or len(plain_code(code)) >= LONG_CODE):
        return
    others = codes.assets(code)
    for row in others:
        yield _spot(city, name, row).with_faults(other_kind(code, word, city.gazetteer.kind[row]))
    yield from _near(city, codes, name, word)
    if is_code and not others:
        yield from _beside(city, reading)


def _near(city: CityPlaces, codes: Codes, name: Mention, word: str) -> Iterator[Spot]:
    near = codes.near(name.text) if len(plain_code(name.text)) >= LEAST_CODE else []
    kept = of_word(city, [row for _, row in near], word)
    for code, row in near:
        if row in kept:
            yield _spot(city, name, row).with_faults(mistyped(name.text, code))


def _spot(city: CityPlaces, said: Mention, row: int) -> Spot:
    """An asset by its code, which is in its label: many are called by their street."""
    spot = entry_spot(city, row, Match.CODE, 1.0, said, "exact")
    code = city.gazetteer.code[row]
    known = plain_code(code) in plain_code(spot.label)
    return spot if known else replace(spot, label=f"{spot.label} {code}")


def _beside(city: CityPlaces, reading: Reading) -> Iterator[Spot]:
    """The street or estate that is named with a code that nobody knows."""
    main = reading.main
    if main is None or reading.number is not None or reading.building is not None:
        return
    for hit in city.hits(main):
        whole = entry_spot(city, hit.row, whole_match(city, hit.row), hit.score, main, hit.way)
        yield whole.with_faults(unknown_code(reading.code))


def unknown_code(code: str) -> Fault:
    """The fault of a code that nothing bears."""
    return Fault("code_unknown", code, f"没有编号 {code}", f"there is no code {code}", 0.3)


def unlabelled(typed: str) -> tuple[str, str]:
    """The word for a kind of things that stands before a code, "" for none, and the code: 灯杆0312."""
    found = _LABEL.match(typed)
    if found is None:
        return "", typed
    word = found["word"] or found["latin"]
    return "" if word.endswith("编号") or word in {"设施", "部件"} else word, typed[found.end() :]


def other_kind(code: str, word: str, kind: str) -> Fault:
    """The fault of a code that is on a thing of another kind than the text says."""
    name = kind.partition(":")[2]
    zh = f"编号 {code} 是{term('zh', name)}，不是“{word}”"
    en = f"{code} is a {term('en', name)}, not “{word}”"
    return Fault("kind_elsewhere", word, zh, en, 0.2)


def of_word(city: CityPlaces, rows: list[int], word: str) -> list[int]:
    """Those of the kind that the word before the code names; where there is none, assets of kinds of which
    nobody knows what they are called. All for no word.
    """
    if not word:
        return rows
    assets = {row: city.gazetteer.kind[row].partition(":")[2] for row in _assets(city.gazetteer, rows)}
    meant = [row for row, kind in assets.items() if _names(word, kind) or _shares(city, row, word)]
    return meant or [row for row, kind in assets.items() if kind not in TERMS]


def _assets(gazetteer: Gazetteer, rows: list[int]) -> list[int]:
    return [row for row in rows if gazetteer.kind[row].startswith("asset:")]


def _shares(city: CityPlaces, row: int, word: str) -> bool:
    """Whether a thing is called by a word: 灯杆12 by 电线杆."""
    name, said = city.gazetteer.name[row].casefold(), word.casefold()
    return any(glyph in name for glyph in _telling(word)) if is_han(word) else said in name


@lru_cache(maxsize=1_000)
def _names(word: str, kind: str) -> bool:
    """Whether a word (灯杆, light pole) is, or is like, a word for a kind of assets (路灯, street light)."""
    words = " ".join((*TERMS.get(kind, ()), kind.replace("_", " "), _ALSO.get(kind, ""))).casefold()
    if is_han(word):
        return any(glyph in words for glyph in _telling(word))
    said = set(word.casefold().split())
    return bool(said & _ANY_THING) or not said.isdisjoint(words.split())


def _telling(word: str) -> frozenset[str]:
    return frozenset(word) - _IDLE
