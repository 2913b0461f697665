"""Names that are like some words: mistyped, spelt by their sound, with words missing or too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from geo.names_grams import BUCKETS, MOST, Names, candidates, gram_index, weigh_keys
from geo.names_kernels import KIND_DIGIT, KIND_SOUND, KIND_TELLING, Asked, compare
from geo.names_sounds import Sound, sound_of

BUDGET = 8_000
"""Keys of grams that are looked through for one search, beyond those of the rarest gram."""
MANY = 128
"""So many keys are compared roughly."""
CELLS, FEWEST, MOST_KEYS = 3_000, 12, 40
"""Then so many exactly: about as many characters with each other."""
_CLASS = 7
_COLUMNS = 9


class LikeNames:
    """Searches keys for those that are like others.

    Args:
        keys: each once, ascending; the first `MOST` characters of each are compared.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        keys = [key[:MOST] for key in keys]
        lengths = np.fromiter(map(len, keys), np.int64, len(keys))
        start = np.concatenate([[0], np.cumsum(lengths)])
        points = np.frombuffer("".join(keys).encode("utf-32-le"), np.uint32)
        alphabet, code = _codes(points)
        sounds = [sound_of(chr(point)) for point in alphabet]
        self._code = {chr(point): row for row, point in enumerate(alphabet.tolist())}
        self._class = {sound.block: number for number, sound in enumerate(sounds)}
        table = np.array([self._row(sound) for sound in sounds], np.int32).reshape(-1, _COLUMNS)
        block = table[code, _CLASS]
        gram_start, gram_key = gram_index(start, block)
        gram_weight = _gram_weights(np.diff(gram_start), len(keys))
        weight, total = weigh_keys(start, block, gram_weight)
        self._names = Names(start, code, weight, table, gram_start, gram_key, gram_weight, total)

    def like(self, key: str, least: float) -> Iterator[tuple[int, float, int]]:
        """Keys at least so like, best first, then ascending: position, likeness from 0 to 1, way."""
        key = key[:MOST]
        if not key or not len(self._names.total):
            return
        asked = self._asked(key)
        keys, weight = candidates(self._names, asked.sound[:, _CLASS].copy(), MANY, BUDGET)
        most = min(max(CELLS // len(key) ** 2, FEWEST), MOST_KEYS)
        found = compare(self._names, asked, weight, keys, round(least * 1000), most)
        for one in found.tolist():
            yield one >> 2 & 0xFFFFFFFF, (1000 - (one >> 34)) / 1000, one & 3

    def _asked(self, key: str) -> Asked:
        """The characters as codes, below 0 where no key has them, and their sounds."""
        known = list(map(self._code.get, key))
        if None not in known:
            code = np.array(known, np.int32)
            return Asked(code, self._names.sound[code])
        sounds = [self._row(sound_of(character)) for character in key]
        code = np.array([self._code.get(character, -ord(character)) for character in key], np.int32)
        return Asked(code, np.array(sounds, np.int32))

    def _row(self, sound: Sound) -> tuple[int, ...]:
        """What the searches compare of a character; the last is beyond all others where no key has it."""
        kind = KIND_SOUND * (sound.same[0] >= 0) | KIND_DIGIT * sound.digit | KIND_TELLING * sound.telling
        return (*sound.same, *sound.near, kind, sound.block, self._class.get(sound.block, len(self._code)))


def _codes(points: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """The code points that occur, ascending, and each as its row among them."""
    present = np.zeros(0x110000, bool)
    present[points] = True
    alphabet = np.flatnonzero(present)
    row = np.zeros(0x110000, np.int32)
    row[alphabet] = np.arange(len(alphabet))
    return alphabet, row[points]


def _gram_weights(size: NDArray[np.int64], keys: int) -> NDArray[np.int32]:
    """How much each gram says: the logarithm of how rare it is, in eighths; the last is the most there is."""
    rare = np.log2((keys + 1) / np.maximum(size, 1))
    weight = np.maximum(np.round(8 * rare), 1).astype(np.int32)
    return np.append(weight, weight.max(initial=8)) if len(size) == BUCKETS else weight
