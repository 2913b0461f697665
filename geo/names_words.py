"""What is left of a name when spellings of its words no longer count: its key; and the words of a text.

A key has no blanks and no punctuation (but a low line between two numbers), no abbreviations and no
traditional characters: Hauptstr. and Haupt-Straße, St and Street, 臺北路 and 台北路 are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.names_fold import FOLDED, fold, fold_long
from geo.names_hanzi import SIMPLIFIED

HAN = "㐀-鿿豈-﫿\U00020000-\U0003ffff〇々"
"""For a class of a regular expression: Chinese characters."""
_SINGLE = HAN + "぀-ヿ"  # written without blanks: each stands alone
_UNIT = re.compile(
    rf"(?P<between>(?<=[0-9])[\W_]+(?=[0-9]))|(?P<plain>[a-z0-9]+)|[{_SINGLE}]|[^\W_a-z0-9{_SINGLE}]+"
)
_PART = re.compile(r"[a-z]+|[0-9]+")
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
_DOT_END = re.compile(r"([a-z]{3}(k|pl))\.(?![a-z])")
_DOT_FULL = {"k": "atu", "pl": "atz"}  # Aleksanterink. is Aleksanterinkatu, Marktpl. is Marktplatz
_LETTER_HAN = re.compile(rf"([a-z])(?=[{HAN}])")
_HAN_LETTER = re.compile(rf"([{HAN}])(?=[a-z])")
_HAN = re.compile(rf"[{HAN}]")
_NUMBERS = re.compile(r"([0-9]) +(?=[0-9])")
_UMLAUT = re.compile("[äöüøåæÄÖÜØÅÆ]|[aouAOU][\u0308\u030a]")
_WRITTEN_OUT = re.compile(r"[ao]e|u(?<![aeiouqy]u)e|aa", re.IGNORECASE)

# The commonest abbreviations of streets, as the postal services of these countries list them. One that means
# several words stands for all of them: St is street and saint, Dr is drive and doctor.
_SHORT = {
    "alley": "aly", "avenue": "ave av", "beach": "bch", "boulevard": "blvd boul bd bvd", "bridge": "brg",
    "burgermeister": "bgm buergermeister", "center": "ctr centre", "chemin": "ch", "circle": "cir",
    "court": "ct", "crossing": "xing", "drive": "dr doctor doktor", "east": "e", "expressway": "expy",
    "fort": "ft", "freeway": "fwy", "gardens": "gdns", "heights": "hts", "highway": "hwy",
    "junction": "jct", "lane": "ln", "mount": "mt", "north": "n", "northeast": "ne",
    "northwest": "nw", "park": "pk", "parkway": "pkwy pky", "place": "pl", "plaza": "plz", "point": "pt",
    "professor": "prof", "road": "rd", "route": "rte", "south": "s", "southeast": "se", "southwest": "sw",
    "square": "sq", "strasse": "str", "street": "st saint sankt sainte ste sct", "terrace": "ter terr",
    "trail": "trl", "west": "w",
}  # fmt: skip
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_FULL = {short: full for full, shorts in _SHORT.items() for short in shorts.split()}
_FULL |= {word: f"{number}th" for number, word in enumerate(_ORDINALS, 1)}


class Unit(NamedTuple):
    """One word, number or Chinese character of a folded text, as it stands in a key."""

    key: str
    start: int
    end: int


class _Signs(dict[int, str]):
    """What each character is before words are looked at: folded, simplified, or a blank."""

    def __missing__(self, code: int) -> str:
        letters = FOLDED[code].translate(SIMPLIFIED)
        plain = "".join(letter if letter.isalnum() or letter == "." else " " for letter in letters)
        self[code] = plain
        return plain


_SIGNS = _Signs({ord("\n"): "\n"})


def key_of(text: str) -> str:
    """The key of a name, or of a text."""
    return _keys(text.replace("\n", " "))


def keys_of(names: Sequence[str]) -> list[str]:
    """The key of each name."""
    lines = "\n".join(names)
    if lines.count("\n") >= max(len(names), 1):
        lines = "\n".join(name.replace("\n", " ") for name in names)
    return _keys(lines).split("\n") if names else []


def other_keys(names: Sequence[str]) -> tuple[list[int], list[str]]:
    """Further keys by which names may be asked for, and the row of the name that each is of.

    Müller is also asked for as Mueller; and where such letters occur at all, Mueller as Müller.
    """
    lines = "\n".join(names)
    if not _UMLAUT.search(lines):
        return [], []
    ends = np.cumsum(np.fromiter(map(len, names), np.intp, len(names)) + 1)
    rows = _rows(_UMLAUT, lines, ends)
    spelt = [fold_long(names[row]) for row in rows]
    dotted = set(rows)
    for row in _rows(_WRITTEN_OUT, lines, ends):
        if row not in dotted:
            rows.append(row)
            spelt.append(_WRITTEN_OUT.sub(lambda match: match[0][0], names[row]))
    return rows, keys_of(spelt)


def begun_keys(text: str) -> tuple[str, ...]:
    """What the keys begin with that somebody has begun to type: the last word may be short, or not whole."""
    plain = fold(text)
    parts = list(units(plain))
    if not parts:
        return ()
    last = plain[parts[-1].start : parts[-1].end].translate(SIMPLIFIED).removesuffix(".")
    return tuple(dict.fromkeys((key_of(text), "".join(part.key for part in parts[:-1]) + last)))


def units(text: str) -> Iterator[Unit]:
    """The words, numbers and single characters of a folded text; their keys joined are its key."""
    text = text.translate(SIMPLIFIED)
    longer = {match.end() - 1: _DOT_FULL[match[2]] for match in _DOT_END.finditer(text)}
    for match in _UNIT.finditer(text):
        start, end = match.span()
        if match.lastgroup != "plain":
            yield Unit("_" if match.lastgroup else match[0], start, end)
            continue
        token = match[0] + longer.get(end, "")
        for key, part in (
            [(part, part) for part in _PART.findall(token)] if _glued(text, start, end) else _parts(token)
        ):
            yield Unit(key, start, min(start + len(part), end))
            start += len(part)


def _rows(pattern: re.Pattern[str], lines: str, ends: NDArray[np.intp]) -> list[int]:
    """Which of the lines have the pattern, ascending; each ends before the place in ``ends``."""
    starts = np.array([match.start() for match in pattern.finditer(lines)], dtype=np.intp)
    rows: list[int] = np.unique(np.searchsorted(ends, starts, side="right")).tolist()
    return rows


def _keys(lines: str) -> str:
    """The key of each line."""
    text = lines.translate(_SIGNS)
    if "." in text:
        text = _DOT_END.sub(lambda match: match[1] + _DOT_FULL[match[2]], text).replace(".", " ")
    if not text.isascii() and _HAN.search(text):
        text = _LETTER_HAN.sub(r"\1 ", _HAN_LETTER.sub(r"\1 ", text))
    words = _NUMBERS.sub(r"\1 _ ", text).replace("\n", " \n ").split(" ")
    full = {word: full for word in set(words) if word.isascii() and (full := _full(word)) != word}
    return "".join(map(full.get, words, words) if full else words)


def _glued(text: str, start: int, end: int) -> bool:
    """Whether letters of another script, or a Chinese character beside a number, belong to the same word."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isalnum() and not (_HAN.match(before) and text[start].isalpha())) or (
        after.isalnum() and not (_HAN.match(after) and text[end - 1].isalpha())
    )


def _full(word: str) -> str:
    return "".join(key for key, _ in _parts(word))


def _parts(word: str) -> list[tuple[str, str]]:
    """The letters and the numbers of a plain word: as they stand in a key, and as they are."""
    if word in _FULL or word.isalpha() or word.isdecimal():
        return [(_long(word), word)]
    if match := _ORDINAL.fullmatch(word):
        return [(f"{match[1]}th", word)]
    return [(_long(part) if len(part) > 2 else part, part) for part in _PART.findall(word)] or [(word, word)]


def _long(letters: str) -> str:
    """A word without abbreviation."""
    if (full := _FULL.get(letters)) is not None:
        return full
    return letters[:-3] + "strasse" if letters.endswith("str") and len(letters) > 4 else letters
