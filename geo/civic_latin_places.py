"""Which names of a Latin text count, and how they belong together: crossings, towns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal

from geo.civic_latin_names import Place, name_before, run_end
from geo.civic_latin_tokens import Word
from geo.civic_latin_words import (
    AMERICAN_TYPES,
    COMPOUND_ENDINGS,
    EUROPEAN_TYPES,
    FINNISH_WEAK,
    LEADING_TYPES,
    LINKS,
    PLAIN_JOINING,
    PREPOSITIONS,
    words_of,
)
from geo.civic_zh_names import Known, best_cover

_STRONG = words_of("& + @ / ecke corner hornet")
_CORNER_WORDS = words_of(
    "corner intersection junction crossing ecke kreuzung einmundung zwischen between risteys kulma "
    "korsningen korsning hornet horn coin croisement"
)
_AFTER_WORDS = words_of(
    "intersection crossing junction corner kreuzung ecke risteys risteyksessa kulma kulmassa einmundung"
)
_WEAK = words_of(", - – in with mit into")  # join two names beside one of these words only
_OF = words_of("of von der des av af the")
_MOST_RUN = 3
_MOST_PARENTS = 5  # flat, floor, part of town, town, country

_TOWN_LINKS = words_of("an am im bei beim ob auf vor unter sur sous les upon")
_POSTAL = re.compile(r"[a-z]{1,2}-[0-9]{4,5}")
_SIDES = words_of("gegenuber vastapaata opposite takana edessa vieressa lahella nearby")

Join = Literal["", "crossing", "plain"]


def known_places(words: Sequence[Word], known: Sequence[Known]) -> list[Place]:
    """The names of the lexicon that begin and end with words, and do not overlap."""
    starts = [word.start for word in words]
    found = []
    for span in best_cover(known):
        first, stop = bisect_left(starts, span.start), bisect_left(starts, span.end)
        begins = first < stop and starts[first] == span.start
        ends = begins and abs(words[stop - 1].end - span.end) <= 1  # a full stop may be left out
        if ends and any(word.kind in {"word", "road"} for word in words[first:stop]):
            found.append(Place(first, stop, "known", 1.0, known=True))
    return found


def merged(streets: Sequence[Place], known: Sequence[Place]) -> list[Place]:
    """Both kinds of names without overlaps: a known one wins unless a street holds it and ends behind it."""
    kept = dict.fromkeys(known)
    owner = {at: place for place in known for at in range(place.first, place.stop)}
    for street in streets:
        rivals = {owner[at] for at in range(street.first, street.stop) if at in owner}
        if any(place.stop >= street.stop or place.first < street.first for place in rivals):
            continue
        for place in rivals:
            kept.pop(place, None)
        kept[street] = None
    return sorted(kept)


def joined_runs(words: Sequence[Word], places: Sequence[Place], *, mixed: bool) -> list[Place]:
    """The places, and names without any ending on either side of a crossing's sign: 5th & Main."""
    kept = list(places)
    ends, begins = {place.stop for place in kept}, {place.first for place in kept}
    inner = {at for place in kept for at in range(place.first, place.stop)}  # Peter-und-Paul-Straße
    free = 0  # the first word after the last place before the sign
    for at in range(1, len(words) - 1):
        free = at if at in ends else free
        if at in inner or not _is_crossing_sign(words, at):
            continue
        if at not in ends and (first := name_before(words, at, free, mixed=mixed, most=_MOST_RUN)) < at:
            kept.append(Place(first, at, "run", 0.55))
        if at + 1 not in begins and (stop := run_end(words, at + 1, begins, mixed=mixed)) > at + 1:
            kept.append(Place(at + 1, stop, "run", 0.55))
            begins.add(at + 1)
            ends.add(stop)
    return sorted(kept)


def _is_crossing_sign(words: Sequence[Word], at: int) -> bool:
    if words[at].key in _STRONG:
        return True
    return words[at].key in PLAIN_JOINING | {"at"} and _says_crossing(words, at)


def _says_crossing(words: Sequence[Word], at: int) -> bool:
    """Whether "corner of" or the like stands a few words before a joining word, or "intersection" behind."""
    before = any(word.key in _CORNER_WORDS for word in words[max(0, at - 6) : at])
    return before or any(word.key in _AFTER_WORDS for word in words[at + 1 : at + 5])


def join_between(words: Sequence[Word], first: Place, second: Place) -> Join:
    """How two names are joined: as a crossing (&, Ecke, corner of … and, Ecke A B), plainly (and), or not."""
    between = [word.key for word in words[first.stop : second.first]]
    if not between:
        return "crossing" if _is_bare_crossing(words, first, second) else ""
    if len(between) > _MOST_RUN:
        return ""
    if any(key in _STRONG for key in between) and all(
        key in _STRONG | PLAIN_JOINING | _OF | {","} for key in between
    ):
        return "crossing"
    if (
        len(between) == 1
        and between[0] in _WEAK | PLAIN_JOINING
        and _is_called_crossing(words, first, second)
    ):
        return "crossing"
    if len(between) == 1 and between[0] in PLAIN_JOINING | {"at"}:
        return "crossing" if between[0] == "at" or _says_crossing(words, first.stop) else "plain"
    return ""


def _is_called_crossing(words: Sequence[Word], first: Place, second: Place) -> bool:
    """Whether a word for a crossing stands right before the first name or behind the second."""
    return _is_announced(words, first) or _is_closed(words, second)


def _is_announced(words: Sequence[Word], first: Place) -> bool:
    at = first.first - 1
    while at > 0 and words[at].key in _OF:
        at -= 1
    return at >= 0 and words[at].key in _CORNER_WORDS


def _is_closed(words: Sequence[Word], second: Place) -> bool:
    return second.stop < len(words) and words[second.stop].key in _AFTER_WORDS


def _is_bare_crossing(words: Sequence[Word], first: Place, second: Place) -> bool:
    """Whether nothing but a word for a crossing joins two names (Ecke A B, A B Kreuzung); the one far from
    it must be a street, for it may be the town: Ecke Hauptstraße Lauf.
    """
    return (_is_announced(words, first) and _is_street(words, second)) or (
        _is_closed(words, second) and _is_street(words, first)
    )


def _is_street(words: Sequence[Word], place: Place) -> bool:
    """Whether a name is a street by its words; a known one may be anything."""
    last = words[place.stop - 1].key
    by_words = (
        words[place.first].key in LEADING_TYPES | PREPOSITIONS
        or last in AMERICAN_TYPES | EUROPEAN_TYPES
        or last.endswith(COMPOUND_ENDINGS + FINNISH_WEAK)
    )
    return place.style not in {"known", "run"} or by_words


def parents_around(words: Sequence[Word], first: int, stop: int, *, mixed: bool) -> Iterator[tuple[int, int]]:
    """The words that name the town: behind a comma, behind "in", or before the address and a comma."""
    yield from _before(words, first, mixed=mixed)
    yield from _behind(words, stop, mixed=mixed)


def _before(words: Sequence[Word], first: int, *, mixed: bool) -> Iterator[tuple[int, int]]:
    at = first - 1
    if at >= 0 and words[at].key == ",":
        at -= 1
    elif at < 0 or words[at].kind != "word" or not words[at].capital:
        return
    begin = name_before(words, at + 1, 0, mixed=mixed, most=_MOST_RUN)
    is_start = begin == 0 or words[begin - 1].kind == "sign" or is_postal(words[begin - 1])
    if begin <= at and is_start:
        yield begin, at + 1


def is_postal(word: Word) -> bool:
    """Whether a word before a town can be its postcode: 9494, FL-9494, CH 9494."""
    if word.kind == "labelled":
        return _POSTAL.fullmatch(word.key) is not None
    return word.kind in {"number", "postal"}


def _town_end(words: Sequence[Word], first: int, *, mixed: bool) -> int:
    """Where the name of a town stops, with what it lies at: Röthenbach an der Pegnitz, Berg bei Neumarkt."""
    end = at = run_end(words, first, set(), mixed=mixed)
    while at < len(words) and words[at].kind == "word" and words[at].key in _TOWN_LINKS | LINKS:
        at += 1
    is_linked = first < end < at < len(words) and words[end].key in _TOWN_LINKS
    if not is_linked or not words[at].capital or words[at].key in _CORNER_WORDS:
        return end
    return max(end, run_end(words, at, set(), mixed=mixed))


def _behind(words: Sequence[Word], stop: int, *, mixed: bool) -> Iterator[tuple[int, int]]:
    stop += stop < len(words) and words[stop].key in _SIDES
    at, parts = stop, 0
    while at < len(words) and parts < _MOST_PARENTS:
        parts += 1
        if words[at].kind in {"unit", "building", "floor"}:
            at += 1
            continue
        parted = words[at].key == "," or (words[at].key in {"in", "im"} and words[at].kind == "word")
        begin = at + 1 if parted else at
        if not parted and at != stop and words[at - 1].kind != "unit":
            return
        if begin < len(words) and is_postal(words[begin]):
            begin += 1
        end = _town_end(words, begin, mixed=mixed)
        if end == begin and not (parted and begin < len(words) and words[begin].kind == "unit"):
            return
        if end > begin:
            yield begin, end
        at = max(end, begin)
        if not parted:
            return
