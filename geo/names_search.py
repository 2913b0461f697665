"""Names that are like some words: mistyped, spelt by their sound, with words missing or too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo.names_kernels import (
    BUCKETS,
    KIND_DIGIT,
    KIND_SOUND,
    KIND_TELLING,
    MOST,
    Asked,
    Names,
    gram_index,
    search,
    weigh_keys,
)
from geo.names_sounds import Sound, sound_of

BUDGET = 40_000
"""Keys of grams that are looked through for one search, beyond those of the rarest gram."""
CELLS = 24_000
"""Comparisons of one character with another in one search, about."""
FEWEST, MOST_KEYS = 60, 600


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
        block = np.array([sound.block for sound in sounds], np.int32)[code] if sounds else code
        gram_start, gram_key = gram_index(start, block)
        gram_weight = _gram_weights(np.diff(gram_start), len(keys))
        weight, total = weigh_keys(start, block, gram_weight)
        table = np.array([_row(sound) for sound in sounds], np.int32).reshape(-1, 7)
        self._names = Names(start, code, weight, table, gram_start, gram_key, gram_weight, total)
        self._code = {chr(point): row for row, point in enumerate(alphabet.tolist())}

    def like(self, key: str, least: float) -> list[tuple[int, float, int]]:
        """Keys at least so like, best first, then ascending: position, likeness from 0 to 1, way."""
        key = key[:MOST]
        if not key or not len(self._names.total):
            return []
        most = min(max(CELLS // len(key) ** 2, FEWEST), MOST_KEYS)
        keys, likeness, way = search(self._names, self._asked(key), round(least * 1000), most, BUDGET)
        return list(zip(keys.tolist(), (likeness / 1000).tolist(), way.tolist(), strict=True))

    def _asked(self, key: str) -> Asked:
        sounds = [sound_of(character) for character in key]
        code = [self._code.get(character, -ord(character)) for character in key]
        return Asked(
            np.array(code, np.int32),
            np.array([_row(sound) for sound in sounds], np.int32),
            np.array([sound.block for sound in sounds], np.int32),
        )


def _codes(points: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """The code points that occur, ascending, and each as its row among them."""
    present = np.zeros(0x110000, bool)
    present[points] = True
    alphabet = np.flatnonzero(present)
    row = np.zeros(0x110000, np.int32)
    row[alphabet] = np.arange(len(alphabet))
    return alphabet, row[points]


def _row(sound: Sound) -> tuple[int, ...]:
    kind = KIND_SOUND * (sound.same[0] >= 0) | KIND_DIGIT * sound.digit | KIND_TELLING * sound.telling
    return (*sound.same, *sound.near, kind)


def _gram_weights(size: NDArray[np.int64], keys: int) -> NDArray[np.int32]:
    """How much each gram says: the logarithm of how rare it is, in eighths; the last is the most there is."""
    rare = np.log2((keys + 1) / np.maximum(size, 1))
    weight = np.maximum(np.round(8 * rare), 1).astype(np.int32)
    return np.append(weight, weight.max(initial=8)) if len(size) == BUCKETS else weight
