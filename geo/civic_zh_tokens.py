"""The tokens of a Chinese text: numbers of houses and assets, relations, and all that is no address.

Names are not here: they are what is left between tokens (`geo.civic_zh_names`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from geo.civic_numerals import CHINESE_NUMERALS, digits, number
from geo.civic_reading import Building, HouseNumber, Relation
from geo.civic_zh_patterns import TOKEN
from geo.civic_zh_words import NameKind


class Token(NamedTuple):
    """A piece of the text and what it says.

    ``kind``: name, house, building, unit, dash, number, group, code, chainage, relation, crossing, join,
    thing; or skip (may stand within an address), comma (parents may stand before it), break (ends it).
    """

    kind: str
    start: int
    end: int
    value: object = None
    quality: float = 1.0


class Code(NamedTuple):
    """A number that an asset bears, and the word that came with it; 号 may stand between (13号路灯)."""

    code: str
    kind: str
    is_numbered: bool = False


class Chainage(NamedTuple):
    """Metres along a route; a loose one (2公里处, K12) needs the route's name before it."""

    metres: float
    is_loose: bool


class Name(NamedTuple):
    """What a name token holds.

    ``split``: where the name stops that stands within it before its last, empty-bodied ending (运料河|闸口,
    人民路|123弄), or 0; ``is_split_known``: whether that is a name of the lexicon. ``shared_end``: where it
    stops if the first glyph of the next word is its ending (新港中心|路灯), or 0.
    """

    kind: NameKind
    known: bool
    split: int = 0
    is_split_known: bool = False
    shared_end: int = 0


_LEAST_JOINED = 3  # digits of a short number that is a code because it is joined to one

_COMPASS = {
    "东": "E",
    "南": "S",
    "西": "W",
    "北": "N",
    "东北": "NE",
    "东南": "SE",
    "西北": "NW",
    "西南": "SW",
}


def scan(text: str, start: int, end: int) -> Iterator[Token]:
    """The tokens of ``text[start:end]`` (in plain glyphs, see `geo.civic_glyphs`), from left to right."""
    for match in TOKEN.finditer(text, start, end):
        name = match.lastgroup
        # The outer group is the last one to close, so lastgroup names the alternative.
        token = _MAKERS.get(name or "", _plain)(match)
        if token is not None:
            yield token


def with_labels(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, where a label holds for the codes that are joined to its own: 路灯02120400、02120410."""
    labelled = list(tokens)
    places = [at for at, token in enumerate(labelled) if token.kind != "skip"]
    beside = [
        (first, last, labelled[middle].kind)
        for first, middle, last in zip(places, places[1:], places[2:], strict=False)
        if labelled[middle].kind in {"join", "comma"}
    ]
    for first, last, sign in beside:
        labelled[last] = _labelled_as(labelled[last], labelled[first], is_joined=sign == "join")
    for first, last, _ in reversed(beside):
        if labelled[first].kind == "code":
            labelled[first] = _labelled_as(labelled[first], labelled[last], is_joined=False)
    return labelled


def _labelled_as(token: Token, by: Token, *, is_joined: bool) -> Token:
    """A number as a code of the same kind as one beside it, where it can be."""
    if by.kind != "code" or by.quality < 1 or not isinstance(by.value, Code):
        return token
    value = token.value
    if isinstance(value, Code) and token.quality < 1:
        is_alike, code = is_joined or len(value.code) == len(by.value.code), value.code
    elif isinstance(value, HouseNumber) and token.kind == "number":
        code = value.text
        is_alike = is_joined and len(code) == len(by.value.code) >= _LEAST_JOINED
    else:
        return token
    return Token("code", token.start, token.end, Code(code, by.value.kind)) if is_alike else token


def _plain(match: re.Match[str]) -> Token:
    kind = match.lastgroup or "break"
    return Token(kind if kind in _KEPT else "break", match.start(), match.end())


_KEPT = {"skip", "comma", "join", "break"}


def _labelled(match: re.Match[str]) -> Token | None:
    label, written = match["label"], match["labelled_code"]
    code = digits(written) or written
    follows = match.string[match.end() : match.end() + 1]
    if len(code) < 2 or (len(code) < 3 and (label.endswith("灯") or follows == "号")):
        return Token("break", match.start(), match.end())
    return _code(match, code, "" if label.endswith("编号") or label in {"设施", "部件"} else label)


def _carried(match: re.Match[str]) -> Token:
    written = match["carried_code"] or match["carried_long"]
    value = None if written.isascii() else number(written)
    token = _code(match, written if value is None else str(value), match["carried_kind"])
    assert isinstance(token.value, Code)
    return token._replace(value=token.value._replace(is_numbered=match["carried_code"] is not None))


def _code(match: re.Match[str], code: str, kind: str) -> Token:
    return Token("code", match.start(), match.end(), Code(code.upper(), kind))


def _bare(match: re.Match[str]) -> Token:
    return Token("code", match.start(), match.end(), Code(match[0].upper(), ""), 0.5)


def _chainage(match: re.Match[str]) -> Token:
    whole = float(match["post_km"] or match["k_km"] or match["p_km"])
    metres = float(match["post_m"] or match["k_m"] or match["p_m"] or 0)
    loose = match["post"] is None and match["k_m"] is None and match["p_m"] is None
    return Token("chainage", match.start(), match.end(), Chainage(whole * 1000 + metres, loose))


def _kilometre(match: re.Match[str]) -> Token | None:
    whole = _measure(match["km"])
    metres = _measure(match["km_m"]) if match["km_m"] else 0.0
    if whole is None or metres is None:
        return None
    return Token("chainage", match.start(), match.end(), Chainage(whole * 1000 + metres, True))


def _measure(text: str) -> float | None:
    """The number a measure begins with: "30", "3.5", "三十"."""
    if text.isascii():
        return float(text)
    value = number(text)
    return None if value is None else float(value)


def _building(match: re.Match[str]) -> Token | None:
    word, written, unit = match["b_word"], match["b_number"], match["b_unit"]
    if word:
        return Token("building", match.start(), match.end(), Building(word.upper(), match[0]))
    value = number(written)
    if value is None or (unit == "座" and not written.isascii() and match[0][0] != "第"):
        return Token("break", match.start(), match.end())
    return Token(
        "building", match.start(), match.end(), Building(value, match[0]), 0.9 if unit == "座" else 1.0
    )


def _group(match: re.Match[str]) -> Token | None:
    value = number(match["g_number"])
    return None if value is None else Token("group", match.start(), match.end(), value)


def _house(match: re.Match[str]) -> Token | None:
    value = number(match["h_number"])
    if value is None:
        return None
    second = match["h_second"] or ""
    last = number(second) if second and not ("a" <= second <= "z") else None
    # 12-14号 are two houses, 18-1号 is the first one behind number 18.
    to = last if match["h_sign"] != "之" and last is not None and last > value else None
    sub = "" if to is not None else second if last is None else str(last)
    after = match["h_after"] or ""
    suffix = match["h_before"] or match["h_letter"] or sub or match["h_mark"] or str(number(after) or after)
    return Token("house", match.start(), match.end(), HouseNumber(value, suffix, to, match[0].strip()))


def _no(match: re.Match[str]) -> Token:
    return Token(
        "house", match.start(), match.end(), HouseNumber(int(match["no_number"]), "", None, match[0])
    )


def _number(match: re.Match[str]) -> Token:
    return Token("number", match.start(), match.end(), HouseNumber(int(match[0]), "", None, match[0]), 0.7)


def _dash(match: re.Match[str]) -> Token:
    parts = tuple(int(part) for part in (match["d_first"], match["d_second"], match["d_third"]) if part)
    return Token("dash", match.start(), match.end(), parts, 0.85)


def _unit(match: re.Match[str]) -> Token:
    return Token("unit", match.start(), match.end())


def _gate(match: re.Match[str]) -> Token:
    return _related(match, Relation("entrance", _COMPASS.get(match["g_direction"] or "", "")))


def _offset(match: re.Match[str]) -> Token | None:
    metres = _metres(match["o_far"])
    if metres is None:
        return None
    direction, word = _COMPASS.get(match["o_direction"] or "", ""), match["o_word"] or ""
    if word in {"旁边", "附近", "周边"}:
        return _related(match, Relation("near", "", metres))
    if word:
        return _related(match, Relation("behind" if word[0] == "后" else "front", "", metres))
    return _related(match, Relation("offset", direction, metres))


def _away(match: re.Match[str]) -> Token | None:
    metres = _metres(match["a_far"] or match["a_bare"])
    return None if metres is None else _related(match, Relation("offset", "", metres))


def _metres(text: str) -> float | None:
    found = re.search(rf"[0-9]+(?:\.[0-9]+)?|[{CHINESE_NUMERALS}]+", text)
    value = _measure(found[0]) if found else None
    if value is None:
        return None
    return value * 1000 if text.endswith(("公里", "千米", "km")) else value


def _side(match: re.Match[str]) -> Token:
    direction = match["s_direction"] or match["s_beyond"] or match["s_bare"]
    return _related(match, Relation("side", _COMPASS[direction]))


def _related(match: re.Match[str], relation: Relation) -> Token:
    return Token("relation", match.start(), match.end(), relation)


def _crossing(match: re.Match[str]) -> Token:
    return Token("crossing", match.start(), match.end(), match[0])


_MAKERS: dict[str, Callable[[re.Match[str]], Token | None]] = {
    "labelled": _labelled,
    "carried": _carried,
    "bare": _bare,
    "road": lambda match: Token("name", match.start(), match.end(), Name("street", False), 0.85),
    "chainage": _chainage,
    "kilometre": _kilometre,
    "building": _building,
    "group": _group,
    "house": _house,
    "no": _no,
    "number": _number,
    "dash": _dash,
    "unit": _unit,
    "gate": _gate,
    "gate_number": lambda match: _related(match, Relation("entrance")),
    "offset": _offset,
    "away": _away,
    "side": _side,
    "opposite": lambda match: _related(match, Relation("opposite")),
    "between": lambda match: _related(match, Relation("between")),
    "near": lambda match: _related(match, Relation("near")),
    "under": lambda match: _related(match, Relation("under")),
    "front": lambda match: _related(match, Relation("front")),
    "behind": lambda match: _related(match, Relation("behind")),
    "crossing": _crossing,
    "over": lambda match: Token("join", match.start(), match.end()),
    "thing": lambda match: Token("thing", match.start(), match.end(), match["t_word"]),
    "corner": lambda match: Token("corner", match.start(), match.end(), match[0]),
}
