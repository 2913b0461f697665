"""Many short texts, and which of them have a piece of text: at the whole, at the beginning, or anywhere."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

END = "\n"  # between texts; in none of them
MOST_FOUND = 500  # texts that are looked at for each way of having it


class Tier(NamedTuple):
    """How well a text fits; the less the better.

    Attributes:
        way: 0 it is the text, 1 it begins with it, 2 it has it, 3 it has all of its words.
        size: of the text, in characters.
    """

    way: int
    size: int


def folded(text: str) -> str:
    """A text as it is compared: without case, each run of blanks one blank."""
    return " ".join(text.casefold().split())


class TextIndex:
    """The texts of things; built once, and never changed.

    All texts lie end to end in one string, which is searched faster than many.

    Args:
        texts: thing and text, those of a thing one after another; things count from 0.
    """

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        said = [(thing, text) for thing, raw in texts if (text := folded(raw))]
        self._things = [thing for thing, _ in said]
        self._blob = END + "".join(text + END for _, text in said)
        self._starts = list(accumulate((len(text) + 1 for _, text in said), initial=1))[:-1]

    def find(self, asked: str) -> dict[int, Tier]:
        """The things that have a text, each with the best way; not all where very many have it."""
        sought = folded(asked)
        found: dict[int, Tier] = {}
        if not sought:
            return found
        for way, piece in enumerate((END + sought + END, END + sought, sought)):
            for at in self._places(piece):
                self._keep(found, at + (way < 2), way)
        words = sought.split()
        if len(words) > 1:
            for thing, tier in self._all_of(words):
                found.setdefault(thing, tier)
        return found

    def _places(self, piece: str) -> Iterator[int]:
        at = self._blob.find(piece)
        for _ in range(MOST_FOUND):
            if at < 0:
                return
            yield at
            at = self._blob.find(piece, at + 1)

    def _keep(self, found: dict[int, Tier], at: int, way: int) -> None:
        row = bisect_right(self._starts, at) - 1
        tier = Tier(way, self._size(row))
        thing = self._things[row]
        found[thing] = min(tier, found.get(thing, tier))

    def _size(self, row: int) -> int:
        last = row + 1 == len(self._starts)
        return (len(self._blob) if last else self._starts[row + 1]) - self._starts[row] - 1

    def _all_of(self, words: list[str]) -> Iterator[tuple[int, Tier]]:
        """Things of which every word is in some text; looked for by the longest word."""
        for at in self._places(max(words, key=len)):
            row = bisect_right(self._starts, at) - 1
            thing = self._things[row]
            text = self._texts_of(thing, row)
            if all(word in text for word in words):
                yield thing, Tier(3, len(text))

    def _texts_of(self, thing: int, row: int) -> str:
        first = last = row
        while first and self._things[first - 1] == thing:
            first -= 1
        while last + 1 < len(self._things) and self._things[last + 1] == thing:
            last += 1
        return self._blob[self._starts[first] : self._starts[last] + self._size(last)]
