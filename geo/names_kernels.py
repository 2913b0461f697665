"""The compiled loops of the names index: grams of names, names that share them, how alike names are.

All numbers are whole, so that an answer does not depend on the order of sums. Weights are per cent: how much
a character says, from 50 (it is in most names) to 100 (in one).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.kernels import kernel, lean_kernel
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
SAME, NEAR, FULL = 25, 40, 100
"""What it costs to take one character for another: of the same sound, of nearly the same, of any."""
TELLING = 200
OTHER_NUMBER = 80
"""Per cent that is left of the likeness of names with different numbers in them."""
END_GAP, END_GAP_HALF = 280, 400
"""Words that stand before or after a name cost this in the limit, and half where they weigh the other."""
KIND_SOUND, KIND_DIGIT, KIND_TELLING = 1, 2, 4
TYPO, HOMOPHONE, PART, EXACT = 0, 1, 2, 3


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


class Asked(NamedTuple):
    """Words to look for: their characters (below 0 where no name has them), and the sounds of each."""

    code: Codes
    sound: Codes


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
def _end_gap(weight: int) -> int:
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
def _asked(names: Names, code: Codes, unknown: Codes) -> Asked:
    sound = np.empty((len(code), names.sound.shape[1]), np.int32)
    for i in range(len(code)):
        for column in range(names.sound.shape[1]):
            sound[i, column] = names.sound[code[i], column] if code[i] >= 0 else unknown[-1 - code[i], column]
    return Asked(code, sound)


@kernel
def search(names: Names, code: Codes, unknown: Codes, least: int, many: int, most: int, budget: int) -> Longs:
    """Keys like some words, best first: 1000 less the likeness, the key (32 bits), the way (2 bits).

    The words are characters as the names have them; below 0 is -1 less a row of ``unknown``.
    """
    size = len(code)
    asked = _asked(names, code, unknown)
    block = asked.sound[:, 7].copy()
    gram, at, span = np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32), np.empty(4 * MOST, np.int32)
    count = _grams(block, 0, size, gram, at, span)
    weight = np.empty(size, np.uint8)
    _weigh(gram, at, span, count, size, names.gram_weight, weight, 0)
    found, shared, all_asked = _shared(names, gram, count, budget)
    best = _top(found, _sharing(names, found, shared, all_asked), many)
    best = _top(best, _in_common(names, asked, best), most)
    grade = np.empty(len(best), np.int64)
    kept = _compare(names, asked, weight, best, least, np.empty((7, MOST + 1), np.int32), grade)
    return np.sort(grade[:kept])
