"""The streets and other names in the words of a Latin text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from geo.civic_latin_tokens import Word
from geo.civic_latin_words import (
    ADJECTIVES,
    AMERICAN_TYPES,
    COMPOUND_ENDINGS,
    DIRECTIONS,
    EUROPEAN_TYPES,
    FINNISH_WEAK,
    LEADING_TYPES,
    LINKS,
    PREPOSITIONS,
    SQUARES,
    STOP,
    WEAK_ENDINGS,
    words_of,
)
from geo.civic_reading import HouseNumber

Style = Literal["american", "european", "leading", "road", "known", "run"]
_MOST_WORDS = 6
_MOST_RUN = 3
_SHORTEST_BODY = 3
_SHORTEST_WEAK = 5
_ARTICLES = words_of("la le les el los las des du de")  # La Salle St
_TITLES = words_of("st dr ste mt ft pl")  # saint, doctor, mount
_LEAST_BARE = 100  # a smaller number before words without any type of street counts things
_COMPASS_LETTERS = words_of("n s e w ne nw se sw")
_NUMBER_SIGNS = words_of("nr hausnr hausnummer hnr hnro haus-nr nummer numero")


class Place(NamedTuple):
    """A name: the words ``first`` up to ``stop``, what made it one, and how sure that is."""

    first: int
    stop: int
    style: Style
    quality: float
    known: bool = False


def streets(words: Sequence[Word], *, mixed: bool) -> list[Place]:
    """The streets that their words propose, from left to right, without overlaps.

    ``mixed``: the text has capital and small letters, so that a name begins with a capital.
    """
    found: list[Place] = []
    place = 0
    while place < len(words):
        street = _street_at(words, place, found[-1].stop if found else 0, mixed=mixed)
        if street is None:
            place += 1
        else:
            found.append(street)
            place = street.stop
    return found


def _street_at(words: Sequence[Word], place: int, least: int, *, mixed: bool) -> Place | None:
    word = words[place]
    if word.kind == "road":
        return Place(place, place + 1, "road", 0.85)
    if word.kind != "word":
        return None
    leads = word.key in LEADING_TYPES and not _ends_name(words, place, least, mixed=mixed)
    if leads and (street := _leading(words, place, mixed=mixed)):
        return street
    if word.key in SQUARES and place + 1 < len(words) and words[place + 1].key in LINKS and word.capital:
        return _leading(words, place, mixed=mixed)
    if word.key in PREPOSITIONS and (street := _preposition(words, place)):
        return street
    if word.key in AMERICAN_TYPES or word.key in EUROPEAN_TYPES:
        return _trailing(words, place, least, mixed=mixed)
    if _is_compound(words, place, mixed=mixed):
        return _compound(words, place, least, mixed=mixed)
    return None


def _ends_name(words: Sequence[Word], place: int, least: int, *, mixed: bool) -> bool:
    """Whether a type that may also lead has a name with a number before it: 6435 N Union Boulevard."""
    if words[place].key not in AMERICAN_TYPES:
        return False
    first = name_before(words, place, least, mixed=mixed, most=_MOST_WORDS)
    has_name = any(word.key not in _COMPASS_LETTERS for word in words[first:place])
    return has_name and first > 0 and words[first - 1].kind == "number"


def _trailing(words: Sequence[Word], place: int, least: int, *, mixed: bool) -> Place | None:
    """Canal St, E 50th Pl, Görlitzer Straße: the words before a type of street, and a side behind it."""
    stop = place + 1
    if stop < len(words) and _touches(words, stop) and _is_part_of_name(words, place):
        return None
    first = name_before(words, place, least, mixed=mixed and words[place].capital, most=_MOST_WORDS)
    if first == place:
        return None
    american = words[place].key in AMERICAN_TYPES
    if american and stop < len(words) and _is_side(words, stop):
        stop += 1
    if not american and words[place].key in WEAK_ENDINGS and not _is_followed_by_number(words, stop):
        return None
    return Place(first, stop, "american" if american else "european", 0.85)


def _is_part_of_name(words: Sequence[Word], place: int) -> bool:
    """Whether a type is part of a name: another type follows (Grand Ave), or a saint (S St Louis Ave)."""
    following = words[place + 1]
    if following.key in AMERICAN_TYPES or following.key in EUROPEAN_TYPES:
        return True
    is_first = place == 0 or words[place - 1].key in _COMPASS_LETTERS or words[place - 1].kind != "word"
    return is_first and words[place].key in _TITLES and is_name_word(following, mixed=words[place].capital)


def _is_side(words: Sequence[Word], place: int) -> bool:
    """Whether a compass word behind a street belongs to its name: Ave NW, St North."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else None
    if word.key not in DIRECTIONS or not word.capital or not _touches(words, place):
        return False
    if following is None:
        return True
    begins_town = len(word.key) > 2 and following.kind == "word" and following.capital  # St NORTH LAWNDALE
    return following.key not in {"of", "side"} and not begins_town


def name_before(words: Sequence[Word], place: int, least: int, *, mixed: bool, most: int) -> int:
    """The first of the words in a row before ``place`` that can belong to its name."""
    first = place
    while first > least and place - first < most:
        word = words[first - 1]
        if not _touches(words, first) or not is_name_word(word, mixed=mixed):
            break
        first -= 1
    while first < place and words[first].key in LINKS and not words[first].capital:
        first += 1
    return first


def _touches(words: Sequence[Word], place: int) -> bool:
    """Whether only blanks stand between a word and the one before it, and no sentence ends there."""
    before = words[place - 1]
    return before.kind in {"word", "ordinal", "road", "number"} and words[place].start - before.end <= 2


def is_name_word(word: Word, *, mixed: bool) -> bool:
    """Whether a word can be part of a name: a capital word, an ordinal, a compass letter."""
    if word.kind == "ordinal":
        return True
    if word.kind != "word" or word.key in _NUMBER_SIGNS:
        return False
    if word.key in STOP:
        return word.capital and (word.key in _COMPASS_LETTERS or word.key in _ARTICLES)
    return word.capital or not mixed or word.key in LINKS


def _is_compound(words: Sequence[Word], place: int, *, mixed: bool) -> bool:
    """Whether a word is a street in itself: Hauptstraße, Liisankatu; Nordring 5."""
    word = words[place]
    key = word.key
    if mixed and not word.capital and not _is_followed_by_number(words, place + 1):
        return False
    if key.endswith(COMPOUND_ENDINGS):
        ending = max((ending for ending in COMPOUND_ENDINGS if key.endswith(ending)), key=len)
        return len(key) - len(ending) >= _SHORTEST_BODY and key not in STOP
    if key in STOP or len(key) <= _SHORTEST_WEAK:
        return False
    return key.endswith(FINNISH_WEAK) or (
        key.endswith(WEAK_ENDINGS) and _is_followed_by_number(words, place + 1)
    )


def _is_followed_by_number(words: Sequence[Word], place: int) -> bool:
    """Whether a number stands there, or a comma or "Nr." and a number."""
    for signs in ({","}, _NUMBER_SIGNS):
        place += place < len(words) and words[place].key in signs
    return place < len(words) and words[place].kind == "number"


def _compound(words: Sequence[Word], place: int, least: int, *, mixed: bool) -> Place:
    """The compound, with the adjective before it if there is one: Obere Bergstraße, Iso Roobertinkatu."""
    first = place
    if place > least and _touches(words, place) and words[place - 1].kind == "word":
        before = words[place - 1].key
        is_adjective = before in ADJECTIVES or (before.endswith(("er", "inen")) and len(before) > 3)
        if is_adjective and is_name_word(words[place - 1], mixed=mixed):
            first -= 1
    return Place(first, place + 1, "european", 0.85)


def _leading(words: Sequence[Word], place: int, *, mixed: bool) -> Place | None:
    """Rue de la Paix, Via Roma, ul. Długa: the words behind a type of street."""
    stop = place + 1
    while stop < len(words) and stop - place <= _MOST_WORDS and words[stop].kind in {"word", "ordinal"}:
        word = words[stop]
        if word.key not in LINKS and not is_name_word(word, mixed=mixed):
            break
        if word.key in AMERICAN_TYPES and word.key not in LEADING_TYPES and stop > place + 1:
            return None
        stop += 1
    while stop > place + 1 and words[stop - 1].key in LINKS:
        stop -= 1
    if stop == place + 1:
        return None
    is_sided = (
        place > 0 and words[place - 1].key in _COMPASS_LETTERS and words[place - 1].capital
    )  # S Avenue H
    return Place(place - is_sided, stop, "leading", 0.8)


def _preposition(words: Sequence[Word], place: int) -> Place | None:
    """Am Steg 5, Auf der Lände 3: a preposition and capital words before a house number."""
    stop = place + 1
    while stop < len(words) and stop - place <= _MOST_WORDS and words[stop].kind == "word":
        if words[stop].key in _NUMBER_SIGNS or not (words[stop].capital or words[stop].key in LINKS):
            break
        stop += 1
    is_numbered = _is_followed_by_number(words, stop) and words[place].capital
    last = words[stop - 1]
    if stop == place + 1 or not is_numbered or last.key in LINKS or last.key.endswith(COMPOUND_ENDINGS):
        return None
    return Place(place, stop, "european", 0.8)


def runs(words: Sequence[Word], taken: Sequence[Place], *, mixed: bool) -> Iterator[Place]:
    """Names without any ending beside a house number: Gutacker 5, Esplanadi 12, 1283 Canal."""
    busy = {at for street in taken for at in range(street.first, street.stop)}
    free = 0  # the first word after the last one that is taken
    is_only = sum(word.kind == "number" for word in words) == 1  # else it may be a postcode
    for place, word in enumerate(words):
        if place in busy:
            free = place + 1
        if word.kind != "number":
            continue
        if free < place and words[place - 1].kind == "word":
            first = name_before(words, place, free, mixed=mixed, most=_MOST_RUN)
            if first < place:
                yield Place(first, place, "run", 0.5)
                continue
        if not busy and is_only and (bare := _bare(words, place, busy, mixed=mixed)) is not None:
            yield bare


def _bare(words: Sequence[Word], place: int, busy: set[int], *, mixed: bool) -> Place | None:
    """The words behind a large number, or behind a block's: 1283 Canal, 1200 block of W Madison."""
    first = place + 1
    is_block = first < len(words) and words[first].key in {"block", "blk"}
    first += is_block + (is_block and first + 1 < len(words) and words[first + 1].key == "of")
    stop = run_end(words, first, busy, mixed=mixed)
    number = words[place].value
    assert isinstance(number, HouseNumber)
    is_bare = (
        is_block or number.value >= _LEAST_BARE or (stop > first and words[first].key in _COMPASS_LETTERS)
    )
    is_town = len(number.text) > 4 and not is_block  # 91207 Lauf
    return Place(first, stop, "american", 0.5) if stop > first and is_bare and not is_town else None


def run_end(words: Sequence[Word], first: int, busy: set[int], *, mixed: bool) -> int:
    """Where the row of at most 3 words that can be a name stops, none of them in ``busy``."""
    stop = first
    while stop < len(words) and stop - first < _MOST_RUN and stop not in busy:
        apart = stop > first and words[stop].start - words[stop - 1].end > 2
        if apart or not is_name_word(words[stop], mixed=mixed):
            break
        stop += 1
    return stop


def wider(words: Sequence[Word], place: Place) -> Iterator[Place]:
    """The name with one or two capital words before it, which may be its own: Alt Vogelhof."""
    first = place.first
    for _ in range(2):
        if place.known or first == 0 or not _touches(words, first):
            return
        before = words[first - 1]
        if (
            before.kind != "word"
            or not before.capital
            or (before.key in STOP and before.key not in PREPOSITIONS)
        ):
            return
        first -= 1
        yield place._replace(first=first, quality=place.quality * 0.9)
