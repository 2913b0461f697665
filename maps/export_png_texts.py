"""The letters on a picture: in Chinese where this machine has a font for it, else in English."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import font_manager

from layers.exported import Pair

_CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei"),
    *("PingFang SC", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC"),
    *("Noto Sans CJK TC", "Noto Sans CJK JP", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun"),
    *("Songti SC", "STSong", "AR PL UMing CN", "AR PL UKai CN", "Droid Sans Fallback", "Arial Unicode MS"),
)
_LATIN = "DejaVu Sans"  # comes with the drawing library


@functools.cache
def chinese_font() -> str:
    """The first installed font that has Chinese letters; empty where there is none."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CHINESE if name in installed), "")


@dataclass(frozen=True)
class Lettering:
    """In which languages, and with which letters, a picture speaks.

    Attributes:
        languages: those it can show, in order.
        families: fonts, the first that has a letter draws it.
        lacks_chinese: Chinese was wanted, and there is no font for it.
    """

    languages: tuple[str, ...]
    families: tuple[str, ...]
    lacks_chinese: bool

    @property
    def first(self) -> str:
        """The language of what is said once."""
        return self.languages[0]

    def of(self, pair: Pair) -> str:
        """In the first language."""
        return pair[0 if self.first == "zh" else 1] or pair[0] or pair[1]

    def both(self, pair: Pair) -> str:
        """In all languages, in one line."""
        said = [pair[0 if language == "zh" else 1] for language in self.languages]
        return "  ".join(dict.fromkeys(text for text in said if text)) or self.of(pair)

    def titles(self, pair: Pair) -> tuple[str, str]:
        """The title, and the one below it, which may be empty."""
        first = self.of(pair)
        second = pair[1 if self.first == "zh" else 0] if len(self.languages) > 1 else ""
        return first, "" if second == first else second

    def write(self, where: Any, x: float, y: float, text: str, **look: Any) -> Any:
        """A text as it stands: a ``$`` in it begins no formula."""
        return where.text(x, y, text, family=list(self.families), parse_math=False, **look)


def lettering(languages: Sequence[str]) -> Lettering:
    """What a picture in these languages can be lettered with."""
    font = chinese_font()
    shown = tuple(language for language in languages if language == "en" or font) or ("en",)
    return Lettering(shown, (font, _LATIN) if font else (_LATIN,), "zh" in languages and not font)


def wrapped(text: str, most: int) -> list[str]:
    """A text in lines of so many Latin letters; Chinese ones are as wide as two, and break anywhere."""
    lines, line, width = [], "", 0
    for word in _words(" ".join(text.split())):
        wide = sum(_width(letter) for letter in word)
        if line and width + wide > most:
            lines.append(line.rstrip())
            line, width = "", 0
            word = word.lstrip()
        while _total(word) > most:  # a word longer than a line
            cut = next(n for n in range(len(word), 0, -1) if _total(word[:n]) <= most or n == 1)
            lines.append(word[:cut])
            word = word[cut:]
        line, width = line + word, width + _total(word)
    return [*lines, line] if line else lines


def _total(word: str) -> int:
    return sum(_width(letter) for letter in word)


def _width(letter: str) -> int:
    return 2 if ord(letter) > 0x2E7F else 1


def _words(text: str) -> list[str]:
    """Pieces that stay together: a Chinese letter, or what stands between two blanks."""
    found: list[str] = []
    for letter in text:
        if found and _width(letter) == 1 and not found[-1].endswith(" ") and _width(found[-1][-1]) == 1:
            found[-1] += letter
        else:
            found.append(letter)
    return found
