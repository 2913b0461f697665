"""The compiled loops that find keys by their grams: a few characters in a row.

All numbers are whole, so that an answer does not depend on the order of sums. Weights are per cent: how much
a character says, from 50 (it is in most names) to 100 (in one).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernels import kernel
from geo.names_sounds import LETTER

Codes = NDArray[np.int32]
Weights = NDArray[np.uint8]
Starts = NDArray[np.int64]
Longs = NDArray[np.int64]

BUCKETS = 1 << 18
MOST = 64
"""So many characters of a name or of words are compared."""
SHORT = 10
"""Keys of letters up to this length are also found by pairs of letters."""


class Names(NamedTuple):
    """Keys as the searches read them.

    Attributes:
        start: where the characters of each key begin in ``code`` and ``weight``, and one more.
        code: characters as rows of ``sound``.
        weight: how much each says.
        sound: per character its syllables (3), near syllables (3), what kind it is, as bits, its class for
            grams, and the number of that class.
        gram_start: per gram, where the keys with it begin in ``gram_key``; and one more.
        gram_key: keys, ascending.
        gram_weight: per gram, how much it says.
        total: per key, what its grams weigh in all.
    """

    start: Starts
    code: Codes
    weight: Weights
    sound: Codes
    gram_start: Starts
    gram_key: Codes
    gram_weight: Codes
    total: Codes


@kernel
def _bucket(a: int, b: int, c: int, d: int) -> int:
    mixed = (a * 0x9E3779B1 + b * 0x85EBCA77 + c * 0xC2B2AE3D + d * 0x27D4EB2F) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 13)) & (BUCKETS - 1)


@kernel
def _grams(block: Codes, begin: int, end: int, gram: Codes, at: Codes, span: Codes) -> int:
    """Write the grams of a key; return how many there are.

    Of Chinese characters: pairs, also with one left out between. Of letters: four in a row, three where there
    are no more, and three from the beginning; of short keys also pairs. Those that span nothing do not tell
    how much single characters say.
    """
    count = 0
    size = end - begin
    letters = True
    for i in range(begin, end):
        a = block[i]
        b = block[i + 1] if i + 1 < end else 0
        c = block[i + 2] if i + 2 < end else 0
        d = block[i + 3] if i + 3 < end else 0
        if a < LETTER:
            letters = False
            if i + 1 < end and b < LETTER:
                gram[count], at[count], span[count] = _bucket(a, b, 0, 1), i - begin, 2
                count += 1
            if i + 2 < end and c < LETTER:
                gram[count], at[count], span[count] = _bucket(a, c, 0, 1), i - begin, 0
                count += 1
        if min(a, b, c, d) >= LETTER:
            gram[count], at[count], span[count] = _bucket(a, b, c, d), i - begin, 4
            count += 1
        elif size == 1 or (i + 1 < end and max(a, b) >= LETTER and not _inside(block, i, begin)):
            gram[count], at[count], span[count] = _bucket(a, b, c, 2), i - begin, min(3, end - i)
            count += 1
    if size > 2 and min(block[begin], block[begin + 1], block[begin + 2]) >= LETTER:
        gram[count] = _bucket(block[begin], block[begin + 1], block[begin + 2], 3)
        at[count], span[count] = 0, 3
        count += 1
    if letters and size <= SHORT:
        for i in range(begin, end - 1):
            for j in range(i + 1, min(i + 3, end)):
                gram[count], at[count], span[count] = _bucket(block[i], block[j], 0, 4), i - begin, 0
                count += 1
    return count


@kernel
def _inside(block: Codes, i: int, begin: int) -> bool:
    """Whether four letters in a row end at most two after this one: they say it already."""
    return i > begin and min(block[i - 1], block[i]) >= LETTER


@kernel
def gram_index(start: Starts, block: Codes) -> tuple[Starts, Codes]:
    """Where the keys of each gram begin, and the keys, ascending; each key once."""
    gram, at, span = np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32)
    size = np.zeros(BUCKETS + 1, np.int64)
    last = np.full(BUCKETS, -1, np.int32)
    for key in range(len(start) - 1):
        for g in range(_grams(block, start[key], start[key + 1], gram, at, span)):
            if last[gram[g]] != key:
                last[gram[g]] = key
                size[gram[g] + 1] += 1
    gram_start = np.cumsum(size)
    fill = gram_start[:-1].copy()
    keys = np.empty(gram_start[-1], np.int32)
    last[:] = -1
    for key in range(len(start) - 1):
        for g in range(_grams(block, start[key], start[key + 1], gram, at, span)):
            bucket = gram[g]
            if last[bucket] != key:
                last[bucket] = key
                keys[fill[bucket]] = key
                fill[bucket] += 1
    return gram_start, keys


@kernel
def _weigh(
    gram: Codes,
    at: Codes,
    span: Codes,
    count: int,
    size: int,
    gram_weight: Codes,
    weight: Weights,
    offset: int,
) -> None:
    """Write how much each character says: as much as the commonest gram that it is in."""
    most = gram_weight[BUCKETS]
    for i in range(size):
        weight[offset + i] = 100
    for g in range(count):
        says = 50 + 50 * gram_weight[gram[g]] // most
        for i in range(at[g], at[g] + span[g]):
            weight[offset + i] = min(weight[offset + i], says)


@kernel
def weigh_keys(start: Starts, block: Codes, gram_weight: Codes) -> tuple[Weights, Codes]:
    """How much each character of the keys says, and what the grams of each key weigh in all."""
    gram, at, span = np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32)
    weight = np.empty(len(block), np.uint8)
    total = np.zeros(len(start) - 1, np.int32)
    for key in range(len(start) - 1):
        count = _grams(block, start[key], start[key + 1], gram, at, span)
        _weigh(gram, at, span, count, start[key + 1] - start[key], gram_weight, weight, start[key])
        for g in range(count):
            total[key] += gram_weight[gram[g]]
    return weight, total


@kernel
def _shared(names: Names, gram: Codes, count: int, budget: int) -> tuple[Codes, Codes, int]:
    """Keys that share grams, what these weigh, and what all grams weigh; the rarest grams come first."""
    size = np.empty(count, np.int64)
    for g in range(count):
        size[g] = names.gram_start[gram[g] + 1] - names.gram_start[gram[g]]
    weight = np.zeros(len(names.total), np.uint16)
    found = np.empty(min(len(names.total), int(size.sum())), np.int32)
    touched, asked, spent = 0, 0, 0
    for g in np.argsort(size, kind="mergesort"):
        asked += names.gram_weight[gram[g]]
        if spent and spent + size[g] > budget:
            continue
        spent += size[g]
        more = names.gram_weight[gram[g]]
        for place in range(names.gram_start[gram[g]], names.gram_start[gram[g] + 1]):
            key = names.gram_key[place]
            if weight[key] == 0:
                found[touched] = key
                touched += 1
            weight[key] += more
    shared = np.empty(touched, np.int32)
    for i in range(touched):
        shared[i] = weight[found[i]]
    return found[:touched], shared, asked


@kernel
def _sharing(names: Names, found: Codes, shared: Codes, asked: int) -> Codes:
    """How much of the grams of some words and of keys is shared, of both and of the lesser, to 1000."""
    grade = np.empty(len(found), np.int32)
    for i in range(len(found)):
        total = names.total[found[i]]
        both = 1000 * shared[i] // (asked + total) + 500 * shared[i] // max(min(asked, total), 1)
        grade[i] = min(both, 1000)
    return grade


@kernel
def _top(keys: Codes, grade: Codes, most: int) -> Codes:
    """So many keys with the highest grades, from 0 to 1000; of equal ones those that come first."""
    tally = np.zeros(1001, np.int64)
    for i in range(len(keys)):
        tally[grade[i]] += 1
    least, above = 1000, 0
    while least > 0 and above + tally[least] <= most:
        above += tally[least]
        least -= 1
    top = np.empty(min(most, len(keys)), np.int32)
    count, ties = 0, most - above
    for i in range(len(keys)):
        if grade[i] > least or (grade[i] == least and ties > 0):
            ties -= grade[i] == least
            top[count] = keys[i]
            count += 1
    return top[:count]


@kernel
def candidates(names: Names, block: Codes, many: int, budget: int) -> tuple[Codes, Weights]:
    """Keys that share most grams with some words, and how much each character of these says."""
    size = len(block)
    gram, at, span = np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32)
    count = _grams(block, 0, size, gram, at, span)
    weight = np.empty(size, np.uint8)
    _weigh(gram, at, span, count, size, names.gram_weight, weight, 0)
    found, shared, asked = _shared(names, gram, count, budget)
    return _top(found, _sharing(names, found, shared, asked), many), weight
