"""Which names of a Latin text count, and how they belong together: crossings, towns."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal

from geo.civic_latin_names import Place, name_before, run_end
from geo.civic_latin_tokens import Word
from geo.civic_latin_words import PLAIN_JOINING, words_of
from geo.civic_zh_names import Known, best_cover

_STRONG = words_of("& + @ / ecke corner")
_CORNER_WORDS = words_of("corner intersection junction crossing ecke kreuzung einmundung zwischen between")
_AFTER_WORDS = words_of(
    "intersection crossing junction corner kreuzung ecke risteys risteyksessa kulma kulmassa"
)
_MOST_RUN = 3
_MOST_PARENTS = 5  # flat, floor, part of town, town, country

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
    free = 0  # the first word after the last place before the sign
    for at in range(1, len(words) - 1):
        free = at if at in ends else free
        if not _is_crossing_sign(words, at):
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
    """How two names are joined: as a crossing (&, Ecke, corner of … and), plainly (and), or not ("")."""
    between = [word.key for word in words[first.stop : second.first]]
    if not 0 < len(between) <= _MOST_RUN:
        return ""
    if any(key in _STRONG for key in between) and all(
        key in _STRONG | PLAIN_JOINING | {"of"} for key in between
    ):
        return "crossing"
    if len(between) == 1 and between[0] in PLAIN_JOINING | {"at"}:
        return "crossing" if between[0] == "at" or _says_crossing(words, first.stop) else "plain"
    return ""


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
    is_start = begin == 0 or words[begin - 1].kind in {"number", "sign"}
    if begin <= at and is_start:
        yield begin, at + 1


def _behind(words: Sequence[Word], stop: int, *, mixed: bool) -> Iterator[tuple[int, int]]:
    at, parts = stop, 0
    while at < len(words) and parts < _MOST_PARENTS:
        parts += 1
        if words[at].kind in {"unit", "building", "floor"}:
            at += 1
            continue
        parted = words[at].key == "," or (words[at].key in {"in", "im"} and words[at].kind == "word")
        begin = at + 1 if parted else at
        if not parted and at != stop:
            return
        if begin < len(words) and words[begin].kind == "number":  # the postcode
            begin += 1
        end = run_end(words, begin, set(), mixed=mixed)
        if end == begin and not (parted and begin < len(words) and words[begin].kind == "unit"):
            return
        if end > begin:
            yield begin, end
        at = max(end, begin)
        if not parted:
            return
