"""Readings of a text in Latin letters: addresses, crossings, codes and mileposts of Europe and America."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from geo.civic_latin_names import Place, run_end, runs, streets, wider
from geo.civic_latin_numbers import Numbered, numbered
from geo.civic_latin_places import (
    is_postal,
    join_between,
    joined_runs,
    known_places,
    merged,
    parents_around,
)
from geo.civic_latin_relations import relation_around
from geo.civic_latin_tokens import LatinCode, Word, words
from geo.civic_latin_words import STATES
from geo.civic_reading import Building, Mention, Reading, Relation, Role
from geo.civic_zh_names import Known

_HAS_WORD = re.compile(r"[a-zA-Z\u00c0-\u024f\u0370-\u052f]{2}")
_SHORT_QUERY = 6  # words; a longer text without any address words is no address
_LATER = 0.99
_NO_TOWN = 0.7  # what is no town is dearer than one that nobody knows, which is to be told
_BETWEEN = frozenset({"between", "zwischen", "entre"})
_COMPASS = frozenset("nesw")
_NEAR = 3  # words between a code or milepost and the road that it stands on


def read_latin(original: str, text: str, known: Sequence[Known]) -> list[Reading]:
    """All readings of the Latin words of a text in plain glyphs, in no order.

    ``known``: the names of the lexicon in it.
    """
    if not _HAS_WORD.search(text):
        return []
    reader = _Reader(original, list(words(original, text)), known)
    found = list(reader.readings())
    return found or list(reader.whole())


class _Reader:
    """The words of one text, the names in them with their numbers, and the readings of both."""

    def __init__(self, text: str, tokens: list[Word], known: Sequence[Known]) -> None:
        self.text, self.words = text, tokens
        written = [word for word in tokens if word.kind == "word"]
        self.mixed = any(word.capital for word in written) and any(not word.capital for word in written)
        places = merged(streets(tokens, mixed=self.mixed), known_places(tokens, known))
        places = joined_runs(tokens, places, mixed=self.mixed)
        places = sorted([*places, *runs(tokens, places, mixed=self.mixed)])
        self.found = numbered(tokens, places)
        self.firsts = [one.first for one in self.found]
        self.streets = {
            at for one in self.found if one.number or not one.place.known for at in range(one.first, one.stop)
        }
        self.towns = {one.place.first: one.place for one in self.found if one.place.known and not one.number}

    def readings(self) -> Iterator[Reading]:
        factor = 1.0
        for at, one in enumerate(self.found):
            following = self.found[at + 1] if at + 1 < len(self.found) else None
            after = self.found[at + 2] if at + 2 < len(self.found) else None
            for reading in self._of(one, following, after):
                yield replace(reading, score=round(reading.score * factor, 4))
            factor *= _LATER
        yield from self._coded()

    def _of(self, one: Numbered, following: Numbered | None, after: Numbered | None) -> Iterator[Reading]:
        """The readings of one name with its number, and of the crossing with the name behind it."""
        join = join_between(self.words, one.place, following.place) if following else ""
        if following is not None and join:
            parents = self._parents(one.first, following.stop)
            names = (*parents, self._mention(one.place, "main"), self._mention(following.place, "cross"))
            quality = (one.quality + following.quality) / 2 * (1.0 if join == "crossing" else 0.85)
            reading = self._reading(names, one, following.stop, quality * 0.96)
            between = reading.relation is not None and reading.relation.kind == "between"
            yield replace(reading, is_crossing=not between)
        if one.place.style == "run" and one.number is None:
            return
        if following is not None and (stretch := self._stretch(one, following, after)) is not None:
            yield stretch
        parents = self._parents(one.first, one.stop)
        main = self._mention(one.place, "main")
        is_exact = one.number is not None or self._chainage(one.first, one.stop) is not None
        quality = one.quality * (0.96 if is_exact else 0.7) * (0.9 if join else 1.0)
        yield self._reading((*parents, main), one, one.stop, quality)
        for place in wider(self.words, one.place):
            longer = one._replace(place=place, first=min(one.first, place.first))
            yield self._reading((self._mention(place, "main"),), longer, one.stop, quality * 0.9)
        known = tuple(parent for parent in parents if parent.known)
        if len(known) < len(parents):
            yield self._reading((*known, main), one, one.stop, quality * _NO_TOWN)

    def _stretch(self, one: Numbered, first: Numbered, second: Numbered | None) -> Reading | None:
        """Pike St between 1st Ave and 2nd Ave: a stretch of the first street; None if it is none."""
        gap = self.words[one.stop : first.place.first]
        if second is None or len(gap) != 1 or gap[0].key not in _BETWEEN:
            return None
        if not join_between(self.words, first.place, second.place):
            return None
        crosses = (self._mention(first.place, "cross"), self._mention(second.place, "cross"))
        reading = self._reading(
            (self._mention(one.place, "main"), *crosses), one, second.stop, 0.96 * one.quality
        )
        return replace(reading, relation=Relation("between"))

    def _reading(self, names: tuple[Mention, ...], one: Numbered, stop: int, score: float) -> Reading:
        start = self.words[one.first].start
        end = self.words[stop - 1].end
        ordered = tuple(sorted(names, key=lambda name: name.start))
        return Reading(
            names=ordered,
            number=one.number,
            building=self._building(stop),
            unit=one.unit or self._unit(stop),
            code="",
            code_kind="",
            chainage_m=self._chainage(one.first, stop),
            group=None,
            is_crossing=False,
            relation=relation_around(self.words, one.first, stop),
            start=min(start, ordered[0].start),
            end=max(end, ordered[-1].end),
            score=score,
        )

    def _mention(self, place: Place, role: Role) -> Mention:
        start, end = self.words[place.first].start, self.words[place.stop - 1].end
        return Mention(self.text[start:end], start, end, role, place.known)

    def _parents(self, first: int, stop: int) -> tuple[Mention, ...]:
        """The towns around an address; never a word of its own, nor a state or country code."""
        found: list[Mention] = []
        for begin, end in parents_around(self.words, first, stop, mixed=self.mixed):
            head = run_end(self.words, begin, set(), mixed=self.mixed)  # not the river of its name
            inside = (self.towns[at] for at in range(begin, min(head, end)) if at in self.towns)
            place = next((town for town in inside if town.stop <= end), Place(begin, end, "run", 0.5))
            is_state = end - begin == 1 and self.words[begin].key in STATES | _COMPASS and not place.known
            taken = any(at in self.streets for at in range(place.first, place.stop))
            is_region = place.first >= stop and any(parent.known for parent in found)  # Lauf, Germany
            is_town = place.known or (not is_region and self._is_town_like(place, first))
            if is_town and not is_state and not taken:
                found.append(self._mention(place, "parent"))
        return tuple(found)

    def _is_town_like(self, place: Place, first: int) -> bool:
        """Whether words that nobody knows stand where a town does: behind its postcode, "in", or a comma and
        before the end of the sentence; not just beside the address.
        """
        before = self.words[place.first - 1] if place.first else None
        after = self.words[place.stop] if place.stop < len(self.words) else None
        if place.first < first:
            starts = before is None or is_postal(before)
            return starts and after is not None and after.key == "," and self.words[place.first].capital
        if before is None or is_postal(before) or before.key in {"in", "im"}:
            return before is not None
        return before.key == "," and (after is None or after.kind in {"sign", "number"})

    def _unit(self, stop: int) -> str:
        word = self._next(stop)
        return self.text[word.start : word.end] if word is not None and word.kind == "unit" else ""

    def _building(self, stop: int) -> Building | None:
        word = self._next(stop)
        if word is None or word.kind != "building" or not isinstance(word.value, int | str):
            return None
        return Building(word.value, self.text[word.start : word.end])

    def _next(self, stop: int) -> Word | None:
        at = stop + 1 if stop < len(self.words) and self.words[stop].key == "," else stop
        return self.words[at] if at < len(self.words) else None

    def _chainage(self, first: int, stop: int) -> float | None:
        """The milepost beside a name: B14 km 3.4, mile 12 on I-90."""
        near = (*range(stop, min(stop + 2, len(self.words))), *range(max(0, first - 4), first))
        found = next((self.words[at] for at in near if self.words[at].kind == "chainage"), None)
        return found.value if found is not None and isinstance(found.value, float) else None

    def _coded(self) -> Iterator[Reading]:
        """Numbers of assets, with the street that is named nearest."""
        for at, word in enumerate(self.words):
            code = word.value
            if not isinstance(code, LatinCode) or (len(code.code) < 2 and not code.is_sure):
                continue
            behind = bisect_left(self.firsts, at)
            near = self.found[max(0, behind - 1) : behind + 1]
            followed = any(one.first == at + 1 for one in near)  # the 1283 of "pole 1283 Canal St"
            context = min(near, key=lambda one: abs(one.place.first - at), default=None)
            names = () if context is None else (self._mention(context.place, "main"),)
            score = 0.97 if code.is_sure else 0.4 if followed else 0.8 if len(code.code) > 2 else 0.5
            blank = Numbered(Place(at, at + 1, "run", 1.0), None, at, at + 1, 1.0)
            reading = self._reading(names, blank, at + 1, score) if names else self._bare(word, score)
            yield replace(
                reading,
                code=code.code,
                code_kind=code.kind,
                number=None,
                building=None,
                unit="",
                relation=None,
            )

    def _bare(self, word: Word, score: float) -> Reading:
        return Reading(
            (), None, None, "", "", "", None, None, False, None, word.start, word.end, score
        )  # fmt: skip

    def whole(self) -> Iterator[Reading]:
        """A short text as nothing but a name, with its number if it has one: a mistyped place."""
        written = [at for at, word in enumerate(self.words) if word.kind == "word"]
        if (
            not written
            or len(self.words) > _SHORT_QUERY
            or any(w.kind not in {"word", "sign", "number", "ordinal"} for w in self.words)
        ):
            return
        ends = (
            at for at, word in enumerate(self.words) if word.kind in {"sign", "number"} and at > written[0]
        )
        begin, stop = written[0], next(ends, written[-1] + 1)
        one = numbered(self.words, [Place(begin, stop, "run", 0.4)])[0]
        names = (self._mention(one.place, "main"), *self._parents(one.first, one.stop))
        yield self._reading(names, one, one.stop, 0.4)
