"""What somebody is typing, completed: names, also in pinyin, house numbers, crossings and codes."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

import numpy as np

from geo.names import fold
from layers.candidates import Candidate
from layers.gazetteer_entries import (
    ADDRESS,
    BUILDING,
    CROSSING,
    GROUP,
    MILEPOST,
    NONE,
    Positions,
    plain_code,
)
from layers.geocoding_address import Entries
from layers.geocoding_city import CityPlaces
from layers.geocoding_codes import of_word, unlabelled

LEAST_CODE = 3  # so many characters of a code are typed before any is told
MOST_NAMES = 40  # names looked at for each that is wanted, where the nearest come first
MOST_STREETS = 12  # of which numbers are told
SAME_M = 60.0  # what bears one name no farther apart is one
SAME_DOOR_M = 250.0  # of one number several entrances may be known

_END = "\U0010ffff"
_NUMBER_LAST = re.compile(
    r"(?P<name>.*?[^\d\s+])\s*(?P<number>(?:K\s?)?\d[\dA-Za-z+\-/]*)\s*(?P<word>[幢栋座组号#]?)(?:楼)?",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(r"(?P<number>\d[\dA-Za-z\-/]*)\s+(?P<name>\D.*)")
_CROSSING = re.compile(r"(?P<one>.*?\S)\s*(?:与|和|跟|/|&|@|\band\b)\s*(?P<other>.*?)(?:交?叉?路?口?)")
_KINDS = {"幢": BUILDING, "栋": BUILDING, "座": BUILDING, "#": BUILDING, "组": GROUP}


class Completion:
    """Completes what is typed, by the names of one city; may be shared between threads."""

    def __init__(self, city: CityPlaces, entries: Entries) -> None:
        self._city, self._entries = city, entries

    def complete(
        self, text: str, *, limit: int = 10, near: tuple[float, float] | None = None
    ) -> tuple[Candidate, ...]:
        """What the text may become, the likeliest first: what it is already, numbers of streets and estates
        that it names, names that begin with it (in characters or pinyin), codes that do.

        Args:
            text: as far as it is typed.
            limit: of answers.
            near: lng and lat; of equally likely ones the nearest to it come first.
        """
        typed = " ".join(unicodedata.normalize("NFKC", text).split())
        if not typed or limit < 1:
            return ()
        kept = self._different(self._found(typed, limit, near), limit)
        if not kept:
            kept = self._different(self._inside(typed, limit, near), limit)
        return tuple(self._entries.candidate(row, score) for row, score in kept.items())

    def _different(self, found: Iterator[tuple[int, float]], limit: int) -> dict[int, float]:
        """The first so many rows that are not the same for whoever reads them, with their scores."""
        kept: dict[int, float] = {}
        for row, score in found:
            if len(kept) == limit:
                break
            if row not in kept and not self._repeats(row, kept):
                kept[row] = score
        return kept

    def _found(self, typed: str, limit: int, near: tuple[float, float] | None) -> Iterator[tuple[int, float]]:
        """Rows with how much of them is typed, the likeliest first; a row may come again."""
        names = self._named(typed, limit, near)
        yield from ((row, score) for row, score in names if score == 1.0)
        yield from ((row, 1.0) for row in self._city.gazetteer.with_code(typed).tolist() if plain_code(typed))
        yield from self._numbered(typed, near)
        yield from self._crossings(typed, near)
        yield from names
        yield from self._coded(typed, limit)

    def _inside(
        self, typed: str, limit: int, near: tuple[float, float] | None
    ) -> Iterator[tuple[int, float]]:
        """What is typed after the cells that hold it: 虹桥街道虹桥北 begins 虹桥北村."""
        text, at, inside = fold(typed), 0, frozenset[int]()
        for span in self._city.index.spans(text):
            leads = span.start >= at and not text[at : span.start].strip() and span.end < len(text)
            if leads and (cells := self._cells_of(span.entries)):
                at, inside = span.end, cells
        for row, score in self._found(text[at:].strip(), MOST_NAMES * limit, near) if inside else ():
            if inside & set(self._city.ancestors(int(self._city.gazetteer.cell[row]))):
                yield row, score

    def _cells_of(self, rows: tuple[int, ...]) -> frozenset[int]:
        gazetteer = self._city.gazetteer
        return frozenset(int(gazetteer.row[row]) for row in rows if gazetteer.kind[row].startswith("cell:"))

    # ---- names

    def _named(self, typed: str, limit: int, near: tuple[float, float] | None) -> list[tuple[int, float]]:
        most = MOST_NAMES * limit if near else 3 * limit
        found = [(one.entry, one.score) for one in self._city.index.prefix(typed, most)]
        if near is None:
            return found
        away = self._away_m(np.array([row for row, _ in found], np.intp), near)
        order = sorted(range(len(found)), key=lambda at: (found[at][1] < 1.0, away[at], at))
        return [found[at] for at in order]

    def _away_m(self, rows: Positions, near: tuple[float, float]) -> list[float]:
        """How far entries lie from a place."""
        x, y = (float(column) for column in self._city.generation.metric.points(*near))
        away = np.hypot(self._city.gazetteer.x[rows] - x, self._city.gazetteer.y[rows] - y)
        told: list[float] = np.nan_to_num(away, nan=np.inf).tolist()
        return told

    def _streets(self, name: str, near: tuple[float, float] | None) -> list[int]:
        """Rows of what a name may mean, where it is followed by a number or another name."""
        exact = self._city.index.exact(name)
        if near is not None and len(exact) > 1:
            exact = exact[np.argsort(self._away_m(exact, near), kind="stable")]
        begun = [row for row, _ in self._named(name, MOST_STREETS, near)]
        return list(dict.fromkeys([*exact.tolist(), *begun]))[:MOST_STREETS]

    # ---- numbers

    def _numbered(self, typed: str, near: tuple[float, float] | None) -> Iterator[tuple[int, float]]:
        said = _NUMBER_LAST.fullmatch(typed) or _NUMBER_FIRST.fullmatch(typed)
        if said is None:
            return
        word = said.groupdict().get("word") or ""
        exact = set(self._city.index.exact(said["name"]).tolist())
        streets = self._streets(said["name"], near)
        for group in ([row for row in streets if row in exact], [row for row in streets if row not in exact]):
            yield from self._numbers(group, said["number"], word)

    def _numbers(self, streets: list[int], number: str, word: str) -> Iterator[tuple[int, float]]:
        """The children of some streets whose number begins so, by number, then by street."""
        begun = number.casefold().replace(" ", "")
        found = []
        for turn, street in enumerate(streets):
            for row in self._city.gazetteer.children(street).tolist():
                said = self._city.gazetteer.number[row].casefold()
                if said.startswith(begun) and self._fits(row, word):
                    found.append((said != begun, *_counted(said), turn, row))
        for other, *_, row in sorted(found):
            yield row, 0.9 if other else 1.0

    def _fits(self, row: int, word: str) -> bool:
        kind = self._city.gazetteer.kind[row]
        return kind == _KINDS[word] if word in _KINDS else kind in (ADDRESS, BUILDING, GROUP, MILEPOST)

    # ---- crossings

    def _crossings(self, typed: str, near: tuple[float, float] | None) -> Iterator[tuple[int, float]]:
        said = _CROSSING.fullmatch(typed)
        if said is None:
            return
        begun = {one.entry for one in self._city.index.prefix(said["other"], 200)} if said["other"] else None
        found = []
        for turn, street in enumerate(self._streets(said["one"], near)):
            for row, other in self._met(street):
                if begun is None or other in begun:
                    found.append((turn, self._city.gazetteer.name[other], row))
        yield from ((row, 0.95) for _, _, row in sorted(found))

    def _met(self, street: int) -> Iterator[tuple[int, int]]:
        """The crossings of a street, each with what it crosses."""
        gazetteer = self._city.gazetteer
        rows = gazetteer.children(street)
        for row in rows[gazetteer.kind[rows] == CROSSING].tolist():
            yield row, int(gazetteer.other[row])
        order, other = self._by_other
        first, last = np.searchsorted(other, [street, street + 1])
        for row in order[first:last].tolist():
            yield row, int(gazetteer.parent[row])

    @cached_property
    def _by_other(self) -> tuple[Positions, Positions]:
        gazetteer = self._city.gazetteer
        rows = np.flatnonzero((gazetteer.kind == CROSSING) & (gazetteer.other != NONE))
        order = rows[np.argsort(gazetteer.other[rows], kind="stable")]
        return order, gazetteer.other[order]

    # ---- codes

    def _coded(self, typed: str, limit: int) -> Iterator[tuple[int, float]]:
        """Entries with a code that begins like this, by code; of the kind that a word before it names."""
        word, written = unlabelled(typed)
        begun = plain_code(written)
        if len(begun) < LEAST_CODE or not any(map(str.isdigit, begun)):
            return
        codes, rows = self._codes
        places = range(bisect_left(codes, begun), bisect_left(codes, begun + _END))
        fits = (at for at in places if of_word(self._city, [int(rows[at])], word))
        for at in islice(fits, 3 * limit):
            yield int(rows[at]), min(len(begun) / len(codes[at]), 1.0)

    @cached_property
    def _codes(self) -> tuple[list[str], Positions]:
        text, row = self._city.gazetteer.codes
        plain = sorted(zip(map(plain_code, text.tolist()), row.tolist(), strict=True))
        return [code for code, _ in plain], np.array([at for _, at in plain], np.intp)

    def _repeats(self, row: int, kept: dict[int, float]) -> bool:
        """Whether an entry is, for whoever reads it, one that is there already."""
        gazetteer = self._city.gazetteer
        reach_m = SAME_DOOR_M if gazetteer.kind[row] == ADDRESS else SAME_M
        return any(
            gazetteer.name[other] == gazetteer.name[row]
            and np.hypot(gazetteer.x[other] - gazetteer.x[row], gazetteer.y[other] - gazetteer.y[row])
            <= reach_m
            for other in kept
        )


def _counted(number: str) -> tuple[int, str]:
    """A number as it is sorted: 9, 10, 10a, 100."""
    digits = re.match(r"\D*(\d{1,18})", number)
    return (int(digits[1]) if digits else 0), number
