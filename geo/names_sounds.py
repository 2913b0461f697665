"""What Chinese characters sound like, as numbers that can be compared.

Sounds have no tones: who mistypes a name by its pinyin chose another character of the same syllable. Near
sounds leave out what many speakers and most input methods do not tell apart: zh and z, ch and c, sh and s, n
and l, -ng and -n, ü and u.
"""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from functools import cache
from importlib.machinery import PathFinder
from typing import NamedTuple

READINGS = 3
"""So many readings of a character are compared."""
NO_SOUND = -1
LETTER = 1 << 29
"""Classes of what has no sound begin here; classes of sounds are less."""
_NEAR = ((re.compile("^(z|c|s)h"), r"\1"), (re.compile("^l"), "n"), (re.compile("ng$"), "n"))
_TELLING = frozenset("东南西北中上下前后左右内外大小新老一二三四五六七八九十百千")


class Sound(NamedTuple):
    """What is compared of a character.

    Attributes:
        same: the numbers of its syllables, `NO_SOUND` beyond the last.
        near: the same without what is often mixed up.
        block: the class under which names that have it are looked for.
        digit: whether it is one.
        telling: whether it tells one name from its neighbour, as east from west and one from two.
    """

    same: tuple[int, ...]
    near: tuple[int, ...]
    block: int
    digit: bool
    telling: bool


@cache
def sound_of(character: str) -> Sound:
    """The sounds of one character of a key."""
    spoken = [] if character.isascii() else syllables(character)
    same, near = _numbers(spoken), _numbers([_near(syllable) for syllable in spoken])
    block = near[0] if spoken else LETTER + ord(character)
    digit = character.isdigit()
    return Sound(same, near, block, digit, digit or character in _TELLING)


@cache
def syllables(character: str) -> list[str]:
    """The toneless syllables of a Chinese character, the commonest first; ü is v. Else none."""
    readings = _pinyin().get(ord(character), "")
    plain = dict.fromkeys(_toneless(reading) for reading in readings.split(",") if reading)
    return [syllable for syllable in plain if syllable.isascii() and syllable.isalpha()][:READINGS]


def number_of(syllable: str) -> int:
    """A syllable as a number that is its own: letters are digits to the base 27."""
    number = 0
    for letter in syllable[:6]:
        number = number * 27 + ord(letter) - 96
    return number


def _numbers(spoken: list[str]) -> tuple[int, ...]:
    numbers = [number_of(syllable) for syllable in spoken]
    return (*numbers, *[NO_SOUND] * (READINGS - len(numbers)))


def _near(syllable: str) -> str:
    for pattern, replacement in _NEAR:
        syllable = pattern.sub(replacement, syllable)
    return syllable.replace("v", "u")


def _toneless(reading: str) -> str:
    spread = unicodedata.normalize("NFD", reading).replace("u\u0308", "v").replace("ê", "e")
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


@cache
def _pinyin() -> dict[int, str]:
    """Readings of each code point, joined by commas.

    Only the table of characters is loaded: the package's phrases, which it loads with itself, take a quarter
    of a second and 60 MB.
    """
    package = importlib.util.find_spec("pypinyin")
    folders = None if package is None else package.submodule_search_locations
    spec = PathFinder.find_spec("pinyin_dict", folders)
    if spec is None or spec.loader is None:
        from pypinyin.pinyin_dict import pinyin_dict

        return dict(pinyin_dict)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table: dict[int, str] = module.pinyin_dict
    return table
