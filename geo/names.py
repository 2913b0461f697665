"""Names of a city, found again as people write them: exactly, begun, mistyped, by sound, within a text."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.names_fold import Folded, fold, folded
from geo.names_kernels import EXACT, HOMOPHONE, PART, TYPO
from geo.names_prefix import Beginnings
from geo.names_search import LikeNames
from geo.names_words import Unit, begun_keys, key_of, keys_of, other_keys, units

__all__ = ["Folded", "Found", "NameIndex", "Span", "Way", "fold", "folded", "warm_up"]

Way = Literal["exact", "prefix", "homophone", "typo", "part"]
LEAST_SPAN = 2
"""So many characters a name must have to be found within a text; of a number, `LEAST_NUMBER`."""
LEAST_NUMBER = 4
SPELT = 0.9
"""The score of a Chinese name whose pinyin was written."""
ALMOST = 0.999
MOST_TYPED = 4
"""Names looked at for each that is wanted, while it is typed: an entry may have several."""
_WAYS: dict[int, Way] = {EXACT: "part", HOMOPHONE: "homophone", TYPO: "typo", PART: "part"}


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that a name leads to.

    Attributes:
        entry: as it was given to the index.
        name: the name of it that was found, as it was given.
        score: how like the words it is, from 0 to 1 (the same).
        way: exact; prefix (the words begin it); homophone (characters of the same or nearly the same sound);
            typo; part (one of the two says more than the other).
    """

    entry: int
    name: str
    score: float
    way: Way


@dataclass(frozen=True, slots=True)
class Span:
    """A known name within a folded text: ``text[start:end]``, and the entries that bear it, ascending."""

    start: int
    end: int
    entries: tuple[int, ...]


class NameIndex:
    """An index of names, each of an entry; an entry may have several.

    Spellings do not count: width, case, accents, blanks, punctuation, usual abbreviations, traditional
    characters. Answers do not depend on the order of the names; ties are broken by the name, then by entry.

    Args:
        names: as they are written; one without letters and digits is never found.
        entry: whose name each is.

    Raises:
        ValueError: there are not as many entries as names.
    """

    def __init__(self, names: Sequence[str], entry: NDArray[np.intp]) -> None:
        if len(names) != len(entry):
            raise ValueError(f"{len(names)} names, but {len(entry)} entries")
        self._names = list(names)
        rows, others = other_keys(self._names)
        keys = keys_of(self._names) + others
        row = np.concatenate([np.arange(len(names)), np.array(rows, np.intp)]).astype(np.intp)
        self._keys = sorted(set(keys) - {""})
        self._position = {key: position for position, key in enumerate(self._keys)}
        position = np.array(list(map((self._position | {"": -1}).__getitem__, keys)), np.intp)
        entries = np.asarray(entry, np.intp)[row]
        order = np.lexsort((entries, position))[np.count_nonzero(position < 0) :]
        self._row, self._entry = row[order], entries[order]
        self._start = np.searchsorted(position[order], np.arange(len(self._keys) + 1))
        # The same, for one number at a time.
        self._starts, self._entries = self._start.data, self._entry.data
        self._rows = self._row.data
        self._like = LikeNames(self._keys)
        self._begin = Beginnings(self._keys)
        self._longest = _longest(self._keys)

    def exact(self, name: str) -> NDArray[np.intp]:
        """The entries that bear exactly this name, ascending."""
        position = self._position.get(key_of(name))
        return np.unique(self._entry[self._of(position)]) if position is not None else self._entry[:0]

    def prefix(self, text: str, limit: int) -> list[Found]:
        """Entries with names that begin with what has been typed, each once; the shortest names first.

        The beginning of a name may also be typed in pinyin, whole or initials (hongqiao, hqbc), also mixed.
        The score is the share of the name that has been typed.
        """
        found: dict[int, Found] = {}
        typed = begun_keys(text)
        for begun in typed:
            for position in self._begin.written(begun)[: MOST_TYPED * limit].tolist():
                self._begun(found, position, len(begun), typed, limit)
        for position, said in self._begin.spoken(typed[0]) if typed and len(found) < limit else ():
            self._begun(found, position, said, typed, limit)
            if len(found) == limit:
                break
        return list(found.values())

    def search(self, name: str, limit: int = 10, *, least: float = 0.6) -> list[Found]:
        """Entries with names like this one, best first, each once.

        Found are names with a character or two mistyped, missing, too many or swapped, spelt by their sound,
        and with words missing or too many at an end. A name that differs by what tells names apart (east and
        west, one and two, a number) scores less than one that is mistyped.
        """
        asked, found = key_of(name), dict[int, Found]()
        if (same := self._position.get(asked)) is not None:
            self._add(found, same, 1.0, "exact", limit)
        for position, score, way in self._like.like(asked, least) if len(found) < limit else ():
            if len(found) == limit:
                break
            if position != same:
                # A longer name may be alike as far as they are compared.
                self._add(found, position, min(score, ALMOST), _WAYS[way], limit)
        if not found and asked.isalpha():
            for position in self._begin.named(asked).tolist():
                self._add(found, position, SPELT, "homophone", limit)
        return list(found.values())

    def spans(self, folded_text: str) -> list[Span]:
        """Every known name within a folded text, by where it begins, the longest first.

        A name begins and ends where a word, a number or a Chinese character does. Names of one character, and
        of fewer than four digits, are left out.
        """
        parts = list(units(folded_text))
        return [span for first in range(len(parts)) for span in self._beginning(parts, first)]

    def _beginning(self, parts: list[Unit], first: int) -> list[Span]:
        """The names that begin with a part, the longest first."""
        spans, key = [], ""
        for part in parts[first:] if parts[first].key != "_" else ():
            key += part.key
            if len(key) > 1 and len(key) > self._longest.get(key[:2], 0):
                break
            if key in self._position and len(key) >= (LEAST_NUMBER if key.isdecimal() else LEAST_SPAN):
                entries = dict.fromkeys(self._entry[self._of(self._position[key])].tolist())
                spans.append(Span(parts[first].start, part.end, tuple(entries)))
        return spans[::-1]

    def _begun(
        self, found: dict[int, Found], position: int, size: int, typed: Sequence[str], limit: int
    ) -> None:
        """Add the entries of a key of which so many characters have been typed."""
        key = self._keys[position]
        if key in typed:
            self._add(found, position, 1.0, "exact", limit)
        else:
            self._add(found, position, round(min(size / len(key), ALMOST), 3), "prefix", limit)

    def _of(self, position: int) -> slice:
        return slice(self._start[position], self._start[position + 1])

    def _add(self, found: dict[int, Found], position: int, score: float, way: Way, limit: int) -> None:
        """Add the entries of a key that are not there yet, up to the limit."""
        last = None
        for place in range(self._starts[position], self._starts[position + 1]):
            entry, name = self._entries[place], self._names[self._rows[place]]
            if entry == last:  # it has the name in several spellings
                found[entry] = min(found[entry], Found(entry, name, score, way), key=_name)
            elif len(found) == limit:
                break
            elif entry not in found:
                found[entry], last = Found(entry, name, score, way), entry


def warm_up() -> None:
    """Compile, or load, every loop of an index."""
    NameIndex(["人民路", "Main St 1"], np.arange(2)).search("人名路")


def _name(found: Found) -> str:
    return found.name


def _longest(keys: list[str]) -> dict[str, int]:
    """How long the longest of the keys is that begins with two characters; the keys are ascending."""
    if not keys:
        return {}
    begins = [key[:2] for key in keys]
    first = np.flatnonzero([True, *map(operator.ne, begins[1:], begins)])
    sizes = np.maximum.reduceat(np.fromiter(map(len, keys), np.intp, len(keys)), first)
    return dict(zip(map(begins.__getitem__, first.tolist()), sizes.tolist(), strict=True))
