"""Columns with few different values: each value once, and for every row which one it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

Objects = NDArray[np.object_]
Positions = NDArray[np.intp]
Floats = NDArray[np.float64]

_ROOM = 1 << 62  # a key that holds several columns is less


@dataclass(frozen=True)
class Coded:
    """A column of values that repeat.

    Attributes:
        codes: for each row the position of its value; -1 is the last one.
        values: the values; not all of them need occur.
    """

    codes: Positions
    values: Objects

    def __len__(self) -> int:
        return len(self.codes)

    def decoded(self) -> Objects:
        """The value of every row."""
        column: Objects = self.values[self.codes]
        return column

    def used(self) -> Iterator[tuple[NDArray[np.bool_], Any]]:
        """Each value that occurs, and the rows where it does."""
        found = np.unique(np.where(self.codes < 0, len(self.values) - 1, self.codes))
        by_value: dict[Any, list[int]] = {}
        for code in found.tolist():
            by_value.setdefault(self.values[code], []).append(code)
        for value, codes in by_value.items():
            last = len(self.values) - 1 in codes
            rows = np.isin(self.codes, [*codes, -1] if last else codes)
            yield rows, value

    def take(self, rows: Any) -> Coded:
        """Some of the rows, by position or by a mask."""
        return Coded(self.codes[rows], self.values)

    def equal(self, value: Any) -> NDArray[np.bool_]:
        """Which rows have a value."""
        of: NDArray[np.bool_] = np.asarray(self.values == value, dtype=np.bool_)
        return of[self.codes]

    def compact(self) -> Coded:
        """The same column with no more values than rows."""
        if len(self.values) <= len(self.codes) + 1:
            return self
        codes, used = pd.factorize(self.codes)
        return Coded(codes, self.values[used])

    def arrow(self) -> pa.DictionaryArray:
        """The column as Arrow has it; its values are texts."""
        column = self.compact()
        codes = np.where(column.codes < 0, len(column.values) - 1, column.codes).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(column.values, pa.string()))


def coded_words(words: ArrayLike) -> Coded:
    """A column of texts as the texts and where they are; shape (n,)."""
    codes, values = pd.factorize(np.asarray(words, dtype=object))  # None would be the last: an empty text
    return Coded(codes, np.append(np.asarray(values, dtype=object), ""))


def coded_numbers(numbers: Floats) -> Coded:
    """A column of numbers as their shortest texts, with an empty one for NaN; shape (n,)."""
    codes, values = pd.factorize(np.asarray(numbers, dtype=np.float64))
    return Coded(codes, np.array([*map(repr, values.tolist()), ""], dtype=object))


def coded_choice(count: int, *choices: tuple[NDArray[np.bool_], str], otherwise: str = "") -> Coded:
    """The value of the first choice that holds in each of ``count`` rows."""
    codes = np.full(count, len(choices), dtype=np.intp)
    for number in range(len(choices) - 1, -1, -1):
        codes[choices[number][0]] = number
    return Coded(codes, np.array([*(value for _, value in choices), otherwise], dtype=object))


def coded_at(count: int, rows: Sequence[int] | Positions, texts: Sequence[str]) -> Coded:
    """Texts in some of ``count`` rows, and empty ones in the others."""
    codes = np.full(count, -1, dtype=np.intp)
    codes[np.asarray(rows, dtype=np.intp)] = np.arange(len(texts))
    return Coded(codes, np.array([*texts, ""], dtype=object))


def nothing(count: int) -> Coded:
    """Empty texts."""
    return coded_at(count, [], [])


def together(columns: Sequence[Coded]) -> tuple[Positions, Positions]:
    """For rows of several columns which of the different rows each is, and where each of these is first."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    room = 1
    for column in columns:
        size = len(column.values)
        if room > _ROOM // max(size, 1):
            key, seen = pd.factorize(key)
            room = len(seen)
        key = key * size + np.where(column.codes < 0, size - 1, column.codes)
        room *= max(size, 1)
    which, distinct = pd.factorize(key)
    first = np.empty(len(distinct), dtype=np.intp)
    first[which[::-1]] = np.arange(len(which) - 1, -1, -1)
    return np.asarray(which, dtype=np.intp), first
