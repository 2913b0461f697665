"""Traditional characters and the simplified ones that stand for the same word."""

from __future__ import annotations

from importlib.resources import files

FIRST_PLANE = 0x10000


def _simplified() -> dict[int, str]:
    """The first simplified form of each traditional character, as OpenCC's table of characters has it.

    Without those whose simplified form lies beyond the first plane: fonts and tables of sounds lack them.
    """
    table = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8")
    pairs = [line.split() for line in table.splitlines()]
    return {ord(pair[0]): pair[1] for pair in pairs if _is_common(*pair[:2])}


def _is_common(traditional: str, simplified: str) -> bool:
    return traditional != simplified and len(simplified) == 1 and ord(simplified) < FIRST_PLANE


# 乾 is a name of its own; 衞 is how Hong Kong writes 衛.
SIMPLIFIED = {code: plain for code, plain in _simplified().items() if code != ord("乾")} | {ord("衞"): "卫"}
"""For `str.translate`: one character to one, so that places in a text stay."""
