"""What a phrase may mean: its names in their roles, and its numbers as house, building or lane."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from geo.civic_numerals import NUMBER, number
from geo.civic_reading import Building, HouseNumber, Mention, Reading, Relation, Role
from geo.civic_zh_names import THINGS, kind_of
from geo.civic_zh_phrases import Phrase
from geo.civic_zh_tokens import Name, Token, scan
from geo.civic_zh_words import NameKind

_LINES = {"street", "water"}
_HOLDING = {"上", "上的", "的"}  # 人民路上的和平公园
_STRETCH = {"至", "到", "-"}
_LANE = re.compile(rf"({NUMBER})(?:弄|巷|胡同|条巷)$")
_LONGEST_HOUSE = 4  # digits
_SHORTENED = 4  # glyphs that are kept of a long name that only its ending or position proposes
_LONG = 6
_SECOND = 0.99  # what the second of two addresses is worth: people name the place first
_NEAR = 40  # glyphs that are looked at for its number


class _Part(NamedTuple):
    """A name with its role."""

    token: Token
    role: Role

    @property
    def name(self) -> Name:
        assert isinstance(self.token.value, Name)
        return self.token.value


class _Arrangement(NamedTuple):
    """One way to give the names of a phrase their roles, and what that is worth."""

    parts: tuple[_Part, ...]
    factor: float
    is_crossing: bool = False
    thing: str = ""
    lane: HouseNumber | None = None
    relation: Relation | None = None


class _Numbers(NamedTuple):
    """One way to read the numbers of a phrase, and what that is worth."""

    house: HouseNumber | None
    building: Building | None
    unit: str
    factor: float = 1.0


def of_phrase(phrase: Phrase, original: str, text: str, factor: float) -> list[Reading]:
    """The readings of one phrase; positions are those of the original text."""
    return [
        _reading(one, arrangement, numbers, original, factor)
        for each in _addresses(phrase, text)
        for one in (each, *_as_house(each))
        for arrangement in _arrangements(one, text)
        for numbers in _numbers(one, arrangement)
    ]


def _addresses(phrase: Phrase, text: str) -> tuple[Phrase, ...]:
    """人民西路18号和人民中路20号 as two phrases; a crossing stays one."""
    house, names = phrase.house, phrase.names
    if house is None or phrase.is_crossing or phrase.thing:
        return (phrase,)
    joined = [place for place, join in enumerate(phrase.joins) if place and join]
    gaps = ((one, text.find(house.text, names[one - 1].end, names[one].start)) for one in joined)
    place, at = next((gap for gap in gaps if gap[1] >= 0), (0, 0))
    if not place:
        return (phrase,)
    between = phrase.relation is not None and phrase.relation.kind == "between"
    first = replace(
        phrase,
        names=names[:place],
        joins=phrase.joins[:place],
        relation=phrase.relation if between else None,
        end=at + len(house.text),
    )
    return first, _behind(phrase, place, text)


def _behind(phrase: Phrase, place: int, text: str) -> Phrase:
    """What a phrase says from a name on, with the house number that stands behind it."""
    end = phrase.names[-1].end
    behind = text[end : end + _NEAR]
    start = end + len(behind) - len(behind.lstrip())
    token = next(scan(text, start, end + len(behind)), None)
    house, stop = None, phrase.end
    if token is not None and token.start == start and isinstance(token.value, HouseNumber):
        house, stop = token.value, token.end
    return replace(
        phrase,
        names=phrase.names[place:],
        joins=["", *phrase.joins[place + 1 :]],
        house=house,
        start=phrase.names[place].start,
        end=stop,
        factor=phrase.factor * _SECOND,
    )


def _as_house(phrase: Phrase) -> Iterator[Phrase]:
    """人民路13号路灯 as the lamp before house 13, where it is not lamp 13."""
    code = phrase.code
    if code is None or not phrase.names or not code.is_numbered or phrase.house or phrase.building:
        return
    if code.code.isdecimal() and len(code.code) <= _LONGEST_HOUSE:
        yield replace(phrase, code=None, house=HouseNumber(int(code.code), "", None, code.code + "号"))


def _reading(
    phrase: Phrase, arrangement: _Arrangement, numbers: _Numbers, original: str, factor: float
) -> Reading:
    parts = arrangement.parts
    return Reading(
        names=tuple(_mention(part, original) for part in parts),
        number=numbers.house,
        building=numbers.building,
        unit=numbers.unit,
        code=phrase.code.code if phrase.code else "",
        code_kind=phrase.code.kind if phrase.code else "",
        chainage_m=phrase.chainage.metres if phrase.chainage else None,
        group=phrase.group,
        is_crossing=arrangement.is_crossing,
        relation=arrangement.relation or phrase.relation,
        start=min([phrase.start, *(part.token.start for part in parts)]),
        end=max([phrase.end, *(part.token.end for part in parts)]),
        score=round(_score(phrase, arrangement) * numbers.factor * phrase.factor * factor, 4),
        thing=arrangement.thing,
    )


def _mention(part: _Part, original: str) -> Mention:
    token = part.token
    return Mention(original[token.start : token.end], token.start, token.end, part.role, part.name.known)


def _score(phrase: Phrase, arrangement: _Arrangement) -> float:
    if phrase.code is not None:
        return 0.97 * phrase.code_quality
    qualities = [part.token.quality for part in arrangement.parts]
    main = [part.token.quality for part in arrangement.parts if part.role == "main"]
    names = (0.85 * main[0] + 0.15 * min(qualities)) if main else 0.4
    says_more = phrase.has_details or arrangement.is_crossing or arrangement.thing
    return names * (0.96 if says_more else 0.7) * phrase.quality * arrangement.factor


# Roles ------------------------------------------------------------------------------------------------


def _arrangements(phrase: Phrase, text: str) -> Iterator[_Arrangement]:
    if not phrase.names:
        yield _Arrangement((), 1.0)
        return
    joins = list(enumerate(phrase.joins))
    stretch = next((place for place, join in joins[2:] if join in _STRETCH), 0)
    joined = stretch or next((place for place, join in joins[1:] if join), 0)
    if joined:
        yield from _joined(phrase, joined, text)
        return
    parts = _standing(phrase.names)
    before, last = parts[:-1], parts[-1]
    line_before = bool(before) and before[-1].name.kind in _LINES
    if line_before and last.name.kind in _LINES and not phrase.house:
        yield from _two_lines(phrase, parts, text)
        return
    yield _Arrangement(parts, 1.0, phrase.is_crossing)
    yield from _split(phrase, before, last, text, line_before=line_before)
    if line_before and last.name.kind == "area":
        yield _Arrangement(
            (*_standing(phrase.names[:-1]), _Part(last.token, "parent")), 0.9, phrase.is_crossing
        )
    yield from _shortened(phrase, before, last)
    if last.name.shared_end:
        street = last.token._replace(end=last.name.shared_end, value=Name("street", known=False))
        yield _Arrangement((*before, _Part(street, "main")), 0.8, phrase.is_crossing)


def _standing(names: list[Token]) -> tuple[_Part, ...]:
    """Names in a row: the last is the thing itself, lines before it cross it, all else contains it."""
    before = tuple(_Part(token, _role_before(token)) for token in names[:-1])
    return (*before, _Part(names[-1], "main"))


def _role_before(token: Token) -> Role:
    assert isinstance(token.value, Name)
    return "cross" if token.value.kind in _LINES else "parent"


def _two_lines(phrase: Phrase, parts: tuple[_Part, ...], text: str) -> Iterator[_Arrangement]:
    """人民西路外环西路口, 运料河人民西路闸口: the first line is crossed by the second."""
    *before, first, second = parts
    split = second.name.split
    thing = text[split : second.token.end] if split else ""
    second_line = _inner(second.token, text) if thing in THINGS else second.token
    both = (*before, _Part(first.token, "main"), _Part(second_line, "cross"))
    yield _Arrangement(both, 1.0 if phrase.is_crossing else 0.85, True, thing if thing in THINGS else "")
    if not phrase.is_crossing:
        yield _Arrangement(parts, 0.75, False)


def _joined(phrase: Phrase, place: int, text: str) -> Iterator[_Arrangement]:
    """A与B: a crossing, a stretch between two crossings (人民路青年路至外环路), or two places."""
    names, joins = phrase.names, phrase.joins
    first, second, before = names[place - 1], names[place], names[: place - 1]
    around = tuple(_Part(token, _role_before(token)) for token in before)
    between = phrase.relation is not None and phrase.relation.kind == "between"
    if before and around[-1].role == "cross" and (between or joins[place] in _STRETCH):
        along = (*around[:-1], _Part(before[-1], "main"), _Part(first, "cross"), _Part(second, "cross"))
        yield _Arrangement(along, 0.9, relation=Relation("between"))
        return
    spanned = _spanned(first, second, text)
    if spanned is not None:
        first, second, thing = spanned
    else:
        thing = phrase.thing
    both = (*around, _Part(first, "main"), _Part(second, "cross"))
    lines = all(_could_be_line(token) for token in (first, second))
    if phrase.is_crossing or between or lines:
        surely = phrase.is_crossing or bool(thing)
        yield _Arrangement(both, 1.0 if surely else 0.9, surely or not between, thing)
    elif joins[place] in _HOLDING:
        yield _Arrangement((*around, _Part(first, _role_before(first)), _Part(second, "main")), 0.95)
    else:
        yield _Arrangement((*around, _Part(first, "main")), 0.9)
        yield _Arrangement((*around, _Part(second, "main")), 0.85)


def _spanned(first: Token, second: Token, text: str) -> tuple[Token, Token, str] | None:
    """The two lines of 九圩港大桥（外环西路）, and what is there; None where one is no line."""
    for whole, other in ((first, second), (second, first)):
        assert isinstance(whole.value, Name)
        assert isinstance(other.value, Name)
        tail = text[whole.value.split : whole.end]
        if not whole.value.split or tail not in THINGS or other.value.kind not in _LINES:
            continue
        inner = _inner(whole, text)
        assert isinstance(inner.value, Name)
        if inner.value.kind in _LINES:
            return (inner, other, tail) if whole is first else (other, inner, tail)
    return None


def _could_be_line(token: Token) -> bool:
    assert isinstance(token.value, Name)
    return token.value.kind in {"street", "water", ""}


def _split(
    phrase: Phrase, before: tuple[_Part, ...], last: _Part, text: str, *, line_before: bool
) -> Iterator[_Arrangement]:
    """The name without its last ending: 运料河|闸口, 人民路|123弄, 解放路|小区."""
    if not last.name.split:
        return
    inner, tail = _inner(last.token, text), text[last.name.split : last.token.end]
    lane = _LANE.search(tail)
    main = (*before, _Part(inner, "main"))
    kind = kind_of(text, inner.start, inner.end)
    if lane and (value := number(lane[1])) is not None:
        yield _Arrangement(main, 0.97, False, "", HouseNumber(value, "", None, tail))
    elif tail in THINGS and line_before and kind in _LINES:
        crossed = (*before[:-1], _Part(before[-1].token, "main"), _Part(inner, "cross"))
        yield _Arrangement(crossed, 1.02, True, tail)
    elif tail in THINGS and kind in _LINES:
        yield _Arrangement(main, 0.9, phrase.is_crossing, tail)
    elif tail in THINGS or last.name.kind == "":
        own = last.token._replace(start=last.name.split, value=Name(last.name.kind, known=False))
        yield _Arrangement((*before, _Part(inner, _role_before(inner)), _Part(own, "main")), 0.9)
    elif kind == "street" or last.name.is_split_known:
        same = tail.endswith(("期", "区", "居委会", "村委会", "委员会"))
        yield _Arrangement(main, 0.93 if same else 0.7, phrase.is_crossing)


def _inner(token: Token, text: str) -> Token:
    """The name within a name, up to where its last ending begins."""
    assert isinstance(token.value, Name)
    end = token.value.split
    kind: NameKind = kind_of(text, token.start, end)
    return Token("name", token.start, end, Name(kind, token.value.is_split_known), token.quality)


def _shortened(phrase: Phrase, before: tuple[_Part, ...], last: _Part) -> Iterator[_Arrangement]:
    """The last glyphs of a long name that nobody knows: other words may stand before it."""
    token = last.token
    if last.name.known or last.name.split or token.end - token.start <= _LONG:
        return
    short = token._replace(start=token.end - _SHORTENED - (2 if last.name.kind else 0))
    yield _Arrangement((*before, _Part(short, "main")), 0.8, phrase.is_crossing)


# Numbers ----------------------------------------------------------------------------------------------


def _numbers(phrase: Phrase, arrangement: _Arrangement) -> Iterator[_Numbers]:
    """The numbers as they are written, then as what people also mean: 65号 of an estate is building 65."""
    house, building, unit = phrase.house, phrase.building, phrase.unit
    main = next((part for part in arrangement.parts if part.role == "main"), None)
    on_street = main is not None and main.name.kind == "street"
    if arrangement.lane is not None:
        inside = Building(house.value, house.text) if house and building is None else building
        yield _Numbers(arrangement.lane, inside, unit)
    elif phrase.dash is not None:
        yield from _dashed(phrase.dash, on_street=on_street)
    else:
        yield _Numbers(house, building, unit)
        if house and building is None and not on_street and not house.suffix and house.to is None:
            yield _Numbers(None, Building(house.value, house.text), unit, 0.93)
        unsure = main is not None and not main.name.known and main.name.kind == ""
        if building and house is None and (on_street or unsure) and isinstance(building.value, int):
            yield _Numbers(HouseNumber(building.value, "", None, building.text), None, unit, 0.93)


def _dashed(dash: Token, *, on_street: bool) -> Iterator[_Numbers]:
    """65-2-301 of an estate is building, unit and room; 18-1 of a street is a house behind number 18."""
    assert isinstance(dash.value, tuple)
    first, *rest = dash.value
    written = "-".join(map(str, dash.value))
    as_house = _Numbers(HouseNumber(first, str(rest[0]), None, written), None, "", 0.9 if on_street else 0.7)
    as_building = _Numbers(
        None, Building(first, written), "-".join(map(str, rest)), 0.7 if on_street else 0.9
    )
    yield from (as_house, as_building) if on_street else (as_building, as_house)
