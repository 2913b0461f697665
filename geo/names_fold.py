"""The one folding of names and texts: two spellings of the same word become the same characters."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MARKS = range(0x300, 0x370)
"""Accents and dots that stand on a letter of their own."""
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
_LONG = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"}
_SIGNS = dict.fromkeys("‐‑‒–—―−⁃﹣", "-") | dict.fromkeys("‘’‛`´ʼ′", "'") | dict.fromkeys("“”„‟″", '"')
_SIGNS |= {"〜": "~"}


class _Table(dict[int, str]):
    """What each character becomes; filled as characters come up."""

    def __init__(self, special: dict[str, str]) -> None:
        super().__init__()
        self._special = special

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = self._once(character)
        if folded not in ("", character):
            folded = folded.translate(self)
        self[code] = folded
        return folded

    def _once(self, character: str) -> str:
        if character.isspace():
            return " "
        if (special := self._special.get(character)) is not None:
            return special
        if (
            unicodedata.category(character) in ("Cc", "Cf", "Cn", "Co", "Cs")
            or 0xFE00 <= ord(character) <= 0xFE0F
        ):
            return ""
        spread = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", character).casefold())
        return unicodedata.normalize("NFC", "".join(c for c in spread if ord(c) not in MARKS))


def _both_cases(table: dict[str, str]) -> dict[str, str]:
    return table | {letter.upper(): value for letter, value in table.items() if len(letter.upper()) == 1}


FOLDED = _Table(_both_cases(_PLAIN | _SIGNS))
"""What each character becomes when it is folded, by its code point."""
_FOLD_LONG = _Table(_both_cases(_PLAIN | _SIGNS | _LONG))


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that remembers where it came from.

    Attributes:
        text: what `fold` makes of the original.
        at: per character of ``text``, where the character that it came from stands in the original; and one
            more, where the last one ends.
    """

    text: str
    at: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the original of ``text[start:end]``; nothing of no character."""
        if start >= end:
            return self.at[start], self.at[start]
        return self.at[start], max(self.at[end], self.at[end - 1] + 1)


def fold(text: str) -> str:
    """The text without what spellings differ in.

    Compatible characters are one (full-width and half-width, ① and 1), letters small, ß is ss, accents and
    dots are off (ä is a), dashes and quotes are plain, blanks are one, none stands at the ends, and invisible
    characters are gone. Folding again changes nothing.
    """
    return " ".join(text.translate(FOLDED).split())


def fold_long(text: str) -> str:
    """As `fold`, but ä, ö, ü, ø, å are written out: ae, oe, ue, oe, aa."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join(composed.translate(_FOLD_LONG).split())


@lru_cache(maxsize=64)  # a text is folded by whoever looks at it, one after the other
def folded(text: str) -> Folded:
    """The text folded as `fold` does it, with the way back to the original."""
    characters: list[str] = []
    at: list[int] = []
    end, blank = 0, False
    for place, character in enumerate(text):
        piece = FOLDED[ord(character)]
        for one in piece:
            if one == " ":
                blank = bool(characters)
                continue
            if blank:
                characters.append(" ")
                at.append(end)
                blank = False
            characters.append(one)
            at.append(place)
        if piece.strip() or (not piece and not blank):
            end = place + 1
    return Folded("".join(characters), (*at, end))
