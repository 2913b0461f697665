"""House numbers given to the names they stand beside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import NamedTuple

from geo.civic_latin_names import Place
from geo.civic_latin_tokens import Word
from geo.civic_latin_words import AMERICAN_TYPES, STOP, words_of
from geo.civic_reading import HouseNumber

_POSTCODE = re.compile(r"[0-9]{5}")  # so many digits on the wrong side of a name are its town's
_SIGNS = words_of("# no nr number nummer numero hausnr hausnummer hnr hnro haus-nr")
_LONGEST_HOUSE = 4  # digits
_LEAST_POSTCODE = 1000
_TOWARDS = words_of("in auf hohe der von vor bei haus at near by house")  # Landstrasse, auf Höhe Hausnummer 5
_MOST_TOWARDS = 3
_BLOCK = ("block", "of")
_METRES = re.compile(r"([0-9]{1,4})m")  # 14m is a house behind a name


class Numbered(NamedTuple):
    """A name with its house number (or None), the words they take up, and the number of a flat behind it."""

    place: Place
    number: HouseNumber | None
    first: int
    stop: int
    quality: float
    unit: str = ""


def numbered(words: Sequence[Word], places: Sequence[Place]) -> list[Numbered]:
    """Each name with the number that stands on its side: before Canal St, behind Hauptstraße."""
    used: set[int] = set()
    found: list[Numbered] = []
    for place in places:
        american = place.style == "american" or words[place.stop - 1].key in AMERICAN_TYPES
        sides = (_before, _behind) if american or place.style in {"leading", "road"} else (_behind, _before)
        is_town = _may_be_town(words, place) and any(other.number for other in found)
        one = next((got for side in sides if (got := side(words, place, used)) is not None), None)
        if one is not None and is_town and one.first < place.first and _is_town_number(one.number):
            one = None
        if one is None or (place.style == "road" and one.stop > place.stop):
            one = Numbered(place, None, place.first, place.stop, place.quality)
        used.update(range(one.first, one.stop))
        found.append(one)
    return [
        one._replace(number=None, first=one.place.first) if _is_postcode_of(words, one, following) else one
        for one, following in zip_longest(found, found[1:])
    ]


def _is_postcode_of(words: Sequence[Word], one: Numbered, following: Numbered | None) -> bool:
    """Whether the number before a town is its postcode, the address being behind it: 9494 Schaan Auweg 5."""
    if following is None or following.number is None or following.stop == following.place.stop:
        return False
    is_next = following.first - one.stop <= 1
    is_before = one.first < one.place.first and _may_be_town(words, one.place)
    return is_next and is_before and _is_town_number(one.number)


def _before(words: Sequence[Word], place: Place, used: set[int]) -> Numbered | None:
    at = place.first - 1
    if at >= 1 and (words[at - 1].key, words[at].key) == _BLOCK:
        at -= 2
    elif at >= 0 and words[at].key in {"block", "blk"}:
        at -= 1
    if at < 0 or at in used or words[at].kind != "number":
        return None
    number = words[at].value
    assert isinstance(number, HouseNumber)
    if is_postcode(number) and place.style in {"european", "run"}:
        return None
    if at > 0 and _may_be_town(words, place) and _is_town_number(number) and _leads_to_town(words[at - 1]):
        return None
    follows_word = at > 0 and words[at - 1].kind == "word" and words[at - 1].key not in STOP
    if (place.style == "run" and at > 0) or (place.style == "known" and follows_word):
        return None
    quality = place.quality * (0.85 if place.style == "european" else 1.0)
    return Numbered(place, number, at, place.stop, quality)


def is_postcode(number: HouseNumber) -> bool:
    """Whether a number has the digits of a postcode (01067, 91207); shorter ones look like house numbers."""
    return _POSTCODE.match(number.text) is not None


def _behind(words: Sequence[Word], place: Place, used: set[int]) -> Numbered | None:
    at = place.stop
    if _is_after_comma(words, at, place):
        at += 1
    at = _sign(words, at)
    if at >= len(words) or at in used:
        return None
    if words[at].kind == "metres" and (letter := _METRES.fullmatch(words[at].key)):
        house = HouseNumber(int(letter[1]), "m", None, words[at].key)
        return Numbered(place, house, place.first, at + 1, place.quality * 0.9)
    if words[at].kind != "number":
        return None
    number = words[at].value
    assert isinstance(number, HouseNumber)
    if is_postcode(number):
        return None
    number, stop = _with_letter(words, number, at)
    unit = ""
    if stop > at + 1 and stop < len(words) and words[stop].kind == "number" and stop not in used:
        unit, stop = words[stop].key, stop + 1
    quality = place.quality * (0.8 if place.style == "american" else 1.0)
    return Numbered(place, number, place.first, stop, quality, unit)


def _sign(words: Sequence[Word], at: int) -> int:
    """Where the number begins behind a sign of one (Nr. 5), which words may lead to (in Höhe der Nr. 5)."""
    stop = at
    while stop < min(at + _MOST_TOWARDS, len(words)) and words[stop].key in _TOWARDS:
        stop += 1
    return stop + 1 if stop < len(words) and words[stop].key in _SIGNS else at


def _may_be_town(words: Sequence[Word], place: Place) -> bool:
    return place.style == "known" and words[place.stop - 1].key not in AMERICAN_TYPES


def _leads_to_town(word: Word) -> bool:
    """Whether a postcode may follow a word: a street's name or number, "in"; not "at" or "near"."""
    return word.kind != "sign" and (word.key in {"in", "im"} or word.key not in STOP)


def _is_town_number(number: HouseNumber | None) -> bool:
    """Whether a number before a known name can be its postcode: Hauptstrasse 8 in 9490 Vaduz."""
    return number is not None and number.value >= _LEAST_POSTCODE


def _is_after_comma(words: Sequence[Word], at: int, place: Place) -> bool:
    """Whether a comma stands between a name and its number: Via Roma, 12; not where a postcode follows."""
    if at >= len(words) or words[at].key != ",":
        return False
    if place.style == "leading":
        return True
    after = words[at + 1 : at + 3]
    if after and after[0].key in _SIGNS:
        return True
    if not after or after[0].kind != "number" or place.style == "run":
        return False
    is_town = len(after) > 1 and after[1].kind == "word" and len(after[1].key) > 1
    return len(after[0].key) <= (_LONGEST_HOUSE if not is_town else _LONGEST_HOUSE - 1)


def _with_letter(words: Sequence[Word], number: HouseNumber, at: int) -> tuple[HouseNumber, int]:
    """The number with the letter that stands apart from it (12 a, 12 A 5), and where it stops."""
    stop = at + 1
    if number.suffix or number.to is not None or stop >= len(words):
        return number, stop
    word = words[stop]
    follows = words[stop + 1] if stop + 1 < len(words) else None
    is_apart = word.kind == "word" and len(word.key) == 1 and word.start - words[at].end == 1
    if not is_apart or not (word.capital or follows is None or follows.kind != "word" or follows.capital):
        return number, stop
    text = f"{number.text} {word.key.upper() if word.capital else word.key}"
    return replace(number, suffix=word.key, text=text), stop + 1
