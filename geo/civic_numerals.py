"""Numbers as people write them in addresses: 65, 六十五, 廿二, 一百零三, 二〇一."""

from __future__ import annotations

_DIGITS = {glyph: value for value, glyph in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2, "幺": 1}
_DIGITS |= {glyph: value for value, glyph in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": "二十", "卅": "三十", "卌": "四十"}

CHINESE_DIGITS = "".join(_DIGITS)
CHINESE_NUMERALS = CHINESE_DIGITS + "".join(_UNITS) + "".join(_TENS)
NUMBER = rf"(?:[0-9]{{1,5}}|[{CHINESE_NUMERALS}]{{1,7}})"  # the pattern of what `number` reads
_MOST_GLYPHS = 9


def number(text: str) -> int | None:
    """The whole number that the glyphs say, or None where they say none ("百十", "3百", "").

    Without units the digits are read one by one: 二〇一 is 201. A last digit after a bare hundred or
    thousand counts tens or hundreds, as in speech: 一百二 is 120, 一百零二 is 102.
    """
    if not 0 < len(text) <= _MOST_GLYPHS:
        return None
    if text.isascii():
        return int(text) if text.isdecimal() else None
    spelled = "".join(_TENS.get(glyph, glyph) for glyph in text)
    one_by_one = digits(spelled)
    return int(one_by_one) if one_by_one else _with_units(spelled)


def digits(text: str) -> str:
    """The digits that stand for the glyphs one by one (零三一二: "0312"), or "" where one is no digit."""
    found = [glyph if glyph.isascii() else str(_DIGITS.get(glyph, "")) for glyph in text]
    whole = "".join(found)
    return whole if len(whole) == len(text) and whole.isascii() and whole.isdecimal() else ""


def _with_units(text: str) -> int | None:
    total, last_unit, digit = 0, 10_000, None
    for glyph in text:
        if glyph in _UNITS:
            unit = _UNITS[glyph]
            if unit >= last_unit or digit == 0 or (digit is None and unit > 10):
                return None
            total += (1 if digit is None else digit) * unit
            last_unit, digit = unit, None
        elif glyph not in _DIGITS or digit:
            return None
        else:
            digit = _DIGITS[glyph]
    return total + (digit or 0) * (last_unit // 10 if _ends_short(text, last_unit) else 1)


def _ends_short(text: str, last_unit: int) -> bool:
    """Whether the last digit stands right behind a hundred or thousand (一百二)."""
    return last_unit >= 100 and len(text) > 1 and text[-2] in _UNITS
