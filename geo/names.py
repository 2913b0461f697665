"""Names of a city, found again as people write them: exactly, begun, mistyped, by sound, within a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.names_fold import Folded, fold, folded
from geo.names_kernels import EXACT, HOMOPHONE, PART, TYPO
from geo.names_search import LikeNames
from geo.names_words import Unit, key_of, keys_of, other_keys, units

__all__ = ["Folded", "Found", "NameIndex", "Span", "Way", "fold", "folded"]

Way = Literal["exact", "prefix", "homophone", "typo", "part"]
LEAST_SPAN = 2
"""So many characters a name must have to be found within a text; of a number, `LEAST_NUMBER`."""
LEAST_NUMBER = 4
ALMOST = 0.999
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
        position = np.fromiter((self._position.get(key, -1) for key in keys), np.intp, len(keys))
        entries = np.asarray(entry, np.intp)[row]
        order = np.lexsort((entries, position))[np.count_nonzero(position < 0) :]
        self._row, self._entry = row[order], entries[order]
        self._start = np.searchsorted(position[order], np.arange(len(self._keys) + 1))
        self._like = LikeNames(self._keys)
        self._longest = _longest(self._keys)

    def exact(self, name: str) -> NDArray[np.intp]:
        """The entries that bear exactly this name, ascending."""
        position = self._position.get(key_of(name))
        return np.unique(self._entry[self._of(position)]) if position is not None else self._entry[:0]

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
            if position != same:
                # A longer name may be alike as far as they are compared.
                self._add(found, position, min(score, ALMOST), _WAYS[way], limit)
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

    def _of(self, position: int) -> slice:
        return slice(self._start[position], self._start[position + 1])

    def _add(self, found: dict[int, Found], position: int, score: float, way: Way, limit: int) -> None:
        """Add the entries of a key that are not there yet, up to the limit."""
        names: dict[int, str] = {}
        for place in range(self._start[position], self._start[position + 1]):
            entry, name = int(self._entry[place]), self._names[self._row[place]]
            if entry in names:
                names[entry] = min(names[entry], name)
            elif len(found) + len(names) == limit:
                break
            elif entry not in found:
                names[entry] = name
        found |= {entry: Found(entry, name, score, way) for entry, name in names.items()}


def _longest(keys: Sequence[str]) -> dict[str, int]:
    """How long the longest key is that begins with two characters."""
    longest: dict[str, int] = {}
    for key in keys:
        if len(key) > longest.get(key[:2], 0):
            longest[key[:2]] = len(key)
    return longest
