"""The compiled loops that tell how alike some words and names are.

All numbers are whole, so that an answer does not depend on the order of sums.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geo.kernels import kernel, lean_kernel
from geo.names_grams import MOST, Codes, Longs, Names, Weights

SAME, NEAR, FULL = 25, 40, 100
"""What it costs to take one character for another: of the same sound, of nearly the same, of any."""
TELLING = 200
OTHER_NUMBER = 80
"""Per cent that is left of the likeness of names with different numbers in them."""
END_GAP, END_GAP_HALF = 280, 400
"""Words that stand before or after a name cost this in the limit, and half where they weigh the other."""
KIND_SOUND, KIND_DIGIT, KIND_TELLING = 1, 2, 4
TYPO, HOMOPHONE, PART, EXACT = 0, 1, 2, 3


class Asked(NamedTuple):
    """Words to look for: their characters (below 0 where no name has them), and the sounds of each."""

    code: Codes
    sound: Codes


@kernel
def _in_common(names: Names, asked: Asked, keys: Codes) -> Codes:
    """How many sounds and letters some words and keys have in common, in order, of both and of the lesser.

    The longest common subsequence, all of a key's character at once (Hyyrö 2004).
    """
    size = len(asked.code)
    place = np.zeros(len(names.sound) + 1, np.uint64)
    for i in range(size):
        place[asked.sound[i, 8]] |= np.uint64(1) << np.uint64(i)
    place[len(names.sound)] = 0  # what no key has
    grade = np.empty(len(keys), np.int32)
    for k in range(len(keys)):
        begin, end = names.start[keys[k]], names.start[keys[k] + 1]
        missing = ~np.uint64(0)
        for j in range(begin, end):
            here = missing & place[names.sound[names.code[j], 8]]
            missing = (missing + here) | (missing - here)
        common, bits = 0, ~missing
        if size < MOST:
            bits &= (np.uint64(1) << np.uint64(size)) - np.uint64(1)
        while bits:
            bits &= bits - np.uint64(1)
            common += 1
        length = end - begin
        grade[k] = 1000 * common // (size + length) + 500 * common // min(size, length)
    return grade


@kernel
def _best(keys: Codes, grade: Codes, most: int) -> Codes:
    """So many keys with the highest grades; of equal ones those that come first."""
    order = np.argsort(-grade, kind="mergesort")
    return keys[order[:most]]


@lean_kernel
def _change(names: Names, asked: Asked, i: int, j: int) -> int:
    """What it costs to take one character for another, in per cent of its weight."""
    code = names.code[j]
    if asked.code[i] == code:
        return 0
    if asked.sound[i, 6] == 0:
        return FULL
    kind = asked.sound[i, 6] & names.sound[code, 6]
    if kind & KIND_SOUND:
        if _share(asked.sound, names.sound, i, code, 0):
            return SAME
        if _share(asked.sound, names.sound, i, code, 3):
            return NEAR
    return TELLING if kind & KIND_TELLING else FULL


@lean_kernel
def _share(one: Codes, other: Codes, i: int, j: int, first: int) -> bool:
    """Whether two characters have a syllable in common, of the three from ``first`` on."""
    if one[i, first] == other[j, first]:
        return True
    if one[i, first + 1] < 0 and other[j, first + 1] < 0:
        return False
    for a in range(first, first + 3):
        if one[i, a] < 0:
            break
        for b in range(first, first + 3):
            if one[i, a] == other[j, b]:
                return True
    return False


@lean_kernel
def _end_gap(weight: Any) -> Any:
    """What words cost that stand before or after a name."""
    return END_GAP * weight // (END_GAP_HALF + weight)


@lean_kernel
def _align(
    names: Names, asked: Asked, weight: Weights, key: int, code: bool, table: Codes
) -> tuple[int, int, int]:
    """How alike words and a key are, in thousandths; what differs within, and what is left over at the ends.

    The alignment that costs least, with transpositions of neighbours (after Damerau and Levenshtein), where
    what one of the two has more at an end costs less than a gap. The likeness is the share of what both say
    that agrees.
    """
    size, begin = len(asked.code), names.start[key]
    length = min(names.start[key + 1] - begin, MOST)
    here = np.int64(0)
    table[6, 0] = 0
    for j in range(length):
        table[6, j + 1] = table[6, j] + names.weight[begin + j]
    all_asked = np.int64(0)
    for i in range(size):
        all_asked += weight[i]
    all_named = np.int64(table[6, length])
    for j in range(length + 1):
        table[0, j], table[3, j] = _end_gap(table[6, j]), -table[6, j]
    best, best_from, best_left = np.int64(1 << 40), np.int64(0), np.int64(0)
    for i in range(1, size + 1):
        now, last, older = i % 3, (i - 1) % 3, (i - 2) % 3
        own = np.int64(weight[i - 1])
        here += own
        before, before_from = np.int64(_end_gap(here)), np.int64(here)
        table[now, 0], table[now + 3, 0] = before, before_from
        corner, corner_from = np.int64(table[last, 0]), np.int64(table[last + 3, 0])
        for j in range(1, length + 1):
            other = np.int64(names.weight[begin + j - 1])
            above, above_from = np.int64(table[last, j]), np.int64(table[last + 3, j])
            change = _change(names, asked, i - 1, begin + j - 1)
            least, start = corner, corner_from
            if change:
                if code and change == TELLING:
                    change = FULL
                more = max(own, other)
                least += (more * change * 5243) >> 19  # a hundredth, rounded down
                if above + own < least:
                    least, start = above + own, above_from
                if before + other < least:
                    least, start = before + other, before_from
                if (
                    i > 1
                    and j > 1
                    and asked.code[i - 1] == names.code[begin + j - 2]
                    and asked.code[i - 2] == names.code[begin + j - 1]
                    and table[older, j - 2] + more < least
                ):
                    least, start = np.int64(table[older, j - 2] + more), np.int64(table[older + 3, j - 2])
            table[now, j], table[now + 3, j] = least, start
            before, before_from, corner, corner_from = least, start, above, above_from
        left = all_asked - here
        if before + _end_gap(left) < best:
            best, best_from, best_left = before + _end_gap(left), before_from, left
    now = size % 3
    for j in range(length, -1, -1):
        left = all_named - table[6, j]
        if table[now, j] + _end_gap(left) < best:
            best, best_from, best_left = table[now, j] + _end_gap(left), table[now + 3, j], left
    core = (all_asked + all_named - abs(best_from) - best_left) // 2
    ended = _end_gap(abs(best_from)) + _end_gap(best_left)
    inner = best - ended
    return 1000 * max(0, core - inner) // max(core + ended, 1), inner, ended


@lean_kernel
def _digits(names: Names, key: int) -> int:
    count = 0
    for i in range(names.start[key], names.start[key + 1]):
        count += names.sound[names.code[i], 6] & KIND_DIGIT != 0
    return count


@lean_kernel
def _same_numbers(names: Names, asked: Asked, key: int) -> bool:
    """Whether the digits are the same, in order, or one of the two has none."""
    i, j, any_asked, any_named = 0, names.start[key], False, False
    end = names.start[key + 1]
    same = True
    while True:
        while i < len(asked.code) and not asked.sound[i, 6] & KIND_DIGIT:
            i += 1
        while j < end and not names.sound[names.code[j], 6] & KIND_DIGIT:
            j += 1
        more_asked, more_named = i < len(asked.code), j < end
        any_asked, any_named = any_asked or more_asked, any_named or more_named
        if not more_asked or not more_named:
            break
        same = same and asked.code[i] == names.code[j]
        i, j = i + 1, j + 1
    return (same and more_asked == more_named) or not (any_asked and any_named)


@lean_kernel
def _way(names: Names, asked: Asked, key: int, inner: int, ended: int) -> int:
    begin = names.start[key]
    length = names.start[key + 1] - begin
    if length == len(asked.code):
        most = 0
        for i in range(length):
            most = max(most, _change(names, asked, i, begin + i))
        if most <= NEAR:
            return HOMOPHONE if most else EXACT
    return PART if ended > inner else TYPO


@lean_kernel
def _compare(
    names: Names, asked: Asked, weight: Weights, best: Codes, least: int, table: Codes, grade: Longs
) -> int:
    """Write what keys are like enough, and how, as numbers that are lower the better; return how many are."""
    kept = 0
    for b in range(len(best)):
        key = best[b]
        length = names.start[key + 1] - names.start[key]
        code = 2 * _digits(names, key) > length
        likeness, inner, ended = _align(names, asked, weight, key, code, table)
        if not code and likeness >= least and not _same_numbers(names, asked, key):
            likeness = likeness * OTHER_NUMBER // 100
        if likeness >= least:
            grade[kept] = ((1000 - likeness) << 34) | (key << 2) | _way(names, asked, key, inner, ended)
            kept += 1
    return kept


@kernel
def compare(names: Names, asked: Asked, weight: Weights, keys: Codes, least: int, most: int) -> Longs:
    """Keys that are like some words, best first: 1000 less the likeness, the key (32 bits), the way (2).

    So many of the keys are compared exactly as have most in common with the words.
    """
    best = _best(keys, _in_common(names, asked, keys), most)
    grade = np.empty(len(best), np.int64)
    kept = _compare(names, asked, weight, best, least, np.empty((7, MOST + 1), np.int32), grade)
    return np.sort(grade[:kept])
