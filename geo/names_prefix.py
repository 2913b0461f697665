"""Keys that begin with what somebody has typed so far: in characters, or in pinyin, whole or initials."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from geo.names_sounds import syllables

Positions = NDArray[np.intp]
Split = tuple[tuple[str, bool], ...]
"""Letters as parts, each with whether it is a whole syllable or the beginning of one."""
LETTERS = 10
"""So many characters of a key are compared by their sound; six bits each."""
_BITS = 6
SPLITS = 24
"""Letters are read as syllables and initials in at most so many ways."""
_END = "\U0010ffff"
_SIGNS = {sign: number for number, sign in enumerate("0123456789abcdefghijklmnopqrstuvwxyz", 1)}
_INITIALS = frozenset("bpmfdtnlgkhjqxzcsryw0123456789")


class Beginnings:
    """Finds keys by how they begin.

    Args:
        keys: each once, ascending.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._sizes = np.fromiter(map(len, keys), np.intp, len(keys))
        self._spoken = np.array([row for row, key in enumerate(keys) if not key.isascii()], np.intp)
        begun = [keys[row][:LETTERS] for row in self._spoken.tolist()]
        points = np.frombuffer("".join(begun).encode("utf-32-le"), np.uint32)
        alphabet, self._code = np.unique(points, return_inverse=True)
        self._readings = [syllables(chr(point)) or [chr(point)] for point in alphabet.tolist()]
        self._syllables = frozenset(syllable for readings in self._readings for syllable in readings)
        ends = np.cumsum(np.fromiter(map(len, begun), np.intp, len(begun)))
        self._start = np.concatenate([[0], ends])[: len(begun)].astype(np.intp)
        initials = self._initials(ends)
        self._order = np.argsort(initials, kind="stable")
        self._sorted = initials[self._order]

    def written(self, begun: str) -> Positions:
        """The keys that begin with these characters, the shortest first, then ascending."""
        if not begun:
            return np.empty(0, np.intp)
        return self._short(np.arange(bisect_left(self._keys, begun), bisect_left(self._keys, begun + _END)))

    def spoken(self, letters: str) -> Iterator[tuple[int, int]]:
        """Keys whose pinyin begins with these letters (hongqiao, hqbc, hongqbc), and how many characters do.

        Those that take the letters for whole syllables come before those that take them for initials; then
        the shortest come first, then ascending. A key may come again.
        """
        if len(self._spoken) and letters.isascii() and letters.isalnum():
            for split in islice(_splits(letters, self._syllables, LETTERS), SPLITS):
                for row in self._short(self._said(split)).tolist():
                    yield row, len(split)

    def named(self, letters: str) -> Positions:
        """As `spoken`, but only keys that have no character beyond the letters."""
        splits = islice(_splits(letters, self._syllables, LETTERS), SPLITS) if letters.isascii() else ()
        whole = [split for split in splits if all(part in self._syllables for part, _ in split)]
        found = [rows[self._sizes[rows] == len(split)] for split in whole if len(rows := self._said(split))]
        return np.unique(np.concatenate([np.empty(0, np.intp), *found]))

    def _initials(self, ends: Positions) -> NDArray[np.uint64]:
        """The first letters of the commonest readings of each key, the first in the highest bits."""
        sign = np.array([_SIGNS.get(readings[0][0], 63) for readings in self._readings], np.uint64)
        initials = np.zeros(len(ends), np.uint64)
        for letter in range(LETTERS):
            there = self._start + letter < ends
            shift = np.uint64(_BITS * (LETTERS - 1 - letter))
            initials[there] |= sign[self._code[self._start[there] + letter]] << shift
        return initials

    def _said(self, split: Split) -> Positions:
        """The keys whose characters can be read like this."""
        first = sum(_SIGNS[part[0]] << _BITS * (LETTERS - 1 - place) for place, (part, _) in enumerate(split))
        beyond = first + (1 << _BITS * (LETTERS - len(split)))
        low, high = np.searchsorted(self._sorted, np.array([first, beyond], np.uint64)).tolist()
        rows = self._order[low:high]
        for place, (part, whole) in enumerate(split):
            if len(part) > 1 and len(rows):
                rows = rows[self._reads(part, whole)[self._code[self._start[rows] + place]]]
        return self._spoken[rows]

    def _reads(self, part: str, whole: bool) -> NDArray[np.bool_]:
        """Which characters of the alphabet can be read like a part of the letters."""
        if whole:
            return np.array([part in readings for readings in self._readings], bool)
        return np.array([any(r.startswith(part) for r in readings) for readings in self._readings], bool)

    def _short(self, rows: Positions) -> Positions:
        return rows[np.lexsort((rows, self._sizes[rows]))]


def _splits(letters: str, known: frozenset[str], most: int) -> Iterator[Split]:
    """Ways to read letters: as whole syllables first, the last begun only; then with initials among them."""
    yield from _read(letters, known, most, initials=False)
    yield from (split for split in _read(letters, known, most, initials=True) if len(split) > 1)


def _read(letters: str, known: frozenset[str], most: int, *, initials: bool) -> Iterator[Split]:
    if not letters:
        yield ()
        return
    if most == 0:
        return
    for size in range(min(len(letters), 6), 0, -1):
        part, rest = letters[:size], letters[size:]
        if part in known and (size > 1 or not initials):
            yield from (((part, True), *more) for more in _read(rest, known, most - 1, initials=initials))
        elif not rest and any(syllable.startswith(part) for syllable in known):
            yield ((part, False),)
    if initials and letters[0] in _INITIALS:
        skip = 2 if letters[:2] in ("zh", "ch", "sh") else 1
        if rest := letters[skip:]:
            yield from (
                ((letters[:skip], False), *more) for more in _read(rest, known, most - 1, initials=True)
            )
