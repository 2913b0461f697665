"""Words of the columns of open issues as numbers, which are compared faster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]

NO_WORD = -1
_FEW = 4  # words that are compared one by one faster than looked up


class Words:
    """Numbers for words, in the order in which they come."""

    def __init__(self) -> None:
        self._codes: dict[str | None, int] = {}
        self.words: list[str | None] = []  # by number; only ever gets longer, so anybody may hold it

    def __len__(self) -> int:
        return len(self._codes)

    def code(self, word: str | None) -> int:
        """The number of a word, new or not."""
        code = self._codes.get(word)
        if code is None:
            code = self._codes[word] = len(self._codes)
            self.words.append(word)
        return code

    def find(self, word: str | None) -> int:
        """The number of a word, or `NO_WORD`."""
        return self._codes.get(word, NO_WORD)

    def known(self, words: Iterable[str | None]) -> list[int]:
        """The numbers of those words that have one."""
        return [self._codes[word] for word in words if word in self._codes]


class Paths(Words):
    """Numbers for cell paths, and which of them lie at or below another."""

    def __init__(self) -> None:
        super().__init__()
        self._below: dict[str, list[int]] = {}

    def code(self, word: str | None) -> int:
        """The number of a path, new or not."""
        code = self._codes.get(word)
        if code is None:
            code = super().code(word)
            for path in _self_and_above(word or ""):
                self._below.setdefault(path, []).append(code)
        return code

    def below(self, path: str) -> list[int]:
        """The numbers of the path and of all that go on after a slash."""
        return self._below.get(path, [])


def among(column: NDArray[np.int32], codes: Sequence[int], size: int) -> Bools:
    """Which numbers are among some, all of them being less than a size."""
    if len(codes) <= _FEW:
        found = np.zeros(len(column), dtype=np.bool_)
        for code in codes:
            found |= column == code
        return found
    table = np.zeros(size, dtype=np.bool_)
    table[codes] = True
    return table.take(column, mode="clip")  # no number is out of range, and clipping is faster than asking


def _self_and_above(path: str) -> list[str]:
    """A path, and what comes before each slash that something comes after."""
    return [path, *(path[:at] for at, letter in enumerate(path[:-1]) if letter == "/")] if path else []
