"""Phrases: tokens of a Chinese text that speak of one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from geo.civic_reading import Building, HouseNumber, Relation
from geo.civic_zh_tokens import Chainage, Code, Name, Token

_UNNUMBERED = (
    "街道",
    "街道办",
    "区",
    "市",
    "县",
    "省",
    "镇",
    "乡",
    "社区",
    "居委会",
    "村委会",
)  # no house numbers


_CROSSED = {"street", "water", "structure"}  # 人民路（青年路, 九圩港大桥（外环西路


@dataclass(slots=True)
class Phrase:
    """What was said of one place: names in order, what joins each to the one before it, and details."""

    names: list[Token] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    house: HouseNumber | None = None
    building: Building | None = None
    dash: Token | None = None
    unit: str = ""
    group: int | None = None
    code: Code | None = None
    code_quality: float = 1.0
    chainage: Chainage | None = None
    relation: Relation | None = None
    thing: str = ""
    is_crossing: bool = False
    start: int = -1
    end: int = -1
    quality: float = 1.0
    factor: float = 1.0

    @property
    def has_details(self) -> bool:
        """Whether it says more than names."""
        return bool(self.house or self.building or self.dash or self.code or self.is_crossing) or (
            self.group is not None or self.chainage is not None
        )

    @property
    def stands_alone(self) -> bool:
        """Whether it says something without any name: a code, or a milepost that is marked as one."""
        return self.code is not None or (self.chainage is not None and not self.chainage.is_loose)


def phrases(text: str, tokens: Iterable[Token]) -> Iterator[Phrase]:
    """The phrases of a text, from left to right; those without names too."""
    reader = _Reader(text)
    for token in tokens:
        if reader.take(token):
            continue
        if reader.phrase.start >= 0:
            yield reader.phrase
            reader = _Reader(text)
        reader.forget()
        reader.take(token)
    if reader.phrase.start >= 0:
        yield reader.phrase


class _Reader:
    """Takes tokens into one phrase until one does not fit."""

    def __init__(self, text: str) -> None:
        self.phrase = Phrase()
        self._text = text
        self._joined = ""  # what the next name or number is joined with to the one before
        self._comma = self._bracket = False  # whether a comma, or a bracket, stands before the next token

    def forget(self) -> None:
        """Makes nothing of a comma or a joining word that nothing followed."""
        self._joined = ""
        self._comma = self._bracket = False

    def take(self, token: Token) -> bool:
        """Whether the token belongs to the phrase; it is part of it then."""
        if token.kind == "skip":
            return True
        if token.kind == "comma":
            self._comma, self._bracket = True, self._text[token.start] == "("
            return True
        if token.kind not in _TAKERS or not _TAKERS[token.kind](self, token):
            return False
        if token.kind != "join":
            self._joined, self._comma, self._bracket = "", False, False
            self.phrase.start = token.start if self.phrase.start < 0 else self.phrase.start
            self.phrase.end = token.end
        return True

    def name(self, token: Token) -> bool:
        phrase = self.phrase
        if (phrase.relation is not None or phrase.has_details) and not self._joined:
            return False
        if phrase.names and self._comma and not self._joined and not self._goes_on_after_comma(token):
            return False
        phrase.joins.append(self._joined)
        phrase.names.append(token)
        return True

    def _goes_on_after_comma(self, token: Token) -> bool:
        """Whether 虹桥街道，新西社区 are one address (an area comes first), or 人民路（青年路 a crossing."""
        last, name = self.phrase.names[-1].value, token.value
        assert isinstance(last, Name)
        assert isinstance(name, Name)
        if last.kind in _CROSSED and name.kind in _CROSSED and self._bracket:
            self._joined = "("
        return bool(self._joined) or last.kind == "area" or (last.kind == "" and last.known)

    def join(self, token: Token) -> bool:
        if self._joined or self.phrase.relation or not (self.phrase.names or self.phrase.building):
            return False
        if self._comma and not self._bracket:
            return False
        joined = self._text[token.start : token.end].strip()
        if joined == "、" and self.phrase.has_details:  # a list of addresses
            return False
        self._joined = joined
        return True

    def house(self, token: Token) -> bool:
        phrase = self.phrase
        if not phrase.names or self._comma:
            return False
        last = phrase.names[-1]
        assert isinstance(last.value, Name)
        if (
            phrase.group is None
            and last.value.kind == "area"
            and self._text.endswith(_UNNUMBERED, last.start, last.end)
        ):
            return False
        if phrase.house is not None:
            return bool(self._joined)
        assert isinstance(token.value, HouseNumber)
        phrase.house = token.value
        phrase.quality = min(phrase.quality, token.quality)
        return True

    def number(self, token: Token) -> bool:
        phrase = self.phrase
        return not phrase.has_details and phrase.relation is None and self.house(token)

    def building(self, token: Token) -> bool:
        if self.phrase.building is None:
            assert isinstance(token.value, Building)
            self.phrase.building = token.value
            return True
        return bool(self._joined)

    def unit(self, token: Token) -> bool:
        self.phrase.unit = self.phrase.unit or self._text[token.start : token.end].strip()
        return True

    def dash(self, token: Token) -> bool:
        if not self.phrase.names or self.phrase.has_details or self._comma:
            return False
        self.phrase.dash = token
        return True

    def group(self, token: Token) -> bool:
        if not self.phrase.names:
            return False
        assert isinstance(token.value, int)
        self.phrase.group = token.value
        return True

    def code(self, token: Token) -> bool:
        if self.phrase.code is not None:
            return False
        assert isinstance(token.value, Code)
        self.phrase.code, self.phrase.code_quality = token.value, token.quality
        return True

    def chainage(self, token: Token) -> bool:
        assert isinstance(token.value, Chainage)
        if self.phrase.chainage is not None:
            return bool(self._joined)
        if token.value.is_loose and not self.phrase.names:
            return False
        self.phrase.chainage = token.value
        return True

    def relation(self, token: Token) -> bool:
        phrase, relation = self.phrase, token.value
        assert isinstance(relation, Relation)
        if phrase.start < 0 or (self._comma and relation.metres is None):
            return False
        phrase.relation = _together(phrase.relation, relation)
        return True

    def crossing(self, _token: Token) -> bool:
        self.phrase.is_crossing = bool(self.phrase.names)
        return bool(self.phrase.names)

    def thing(self, token: Token) -> bool:
        assert isinstance(token.value, str)
        self.phrase.thing = token.value
        return len(self.phrase.names) > 1

    def corner(self, _token: Token) -> bool:
        self.phrase.is_crossing |= len(self.phrase.names) > 1
        return bool(self.phrase.names)


_TAKERS: dict[str, Callable[[_Reader, Token], bool]] = {
    "name": _Reader.name,
    "join": _Reader.join,
    "house": _Reader.house,
    "number": _Reader.number,
    "building": _Reader.building,
    "unit": _Reader.unit,
    "dash": _Reader.dash,
    "group": _Reader.group,
    "code": _Reader.code,
    "chainage": _Reader.chainage,
    "relation": _Reader.relation,
    "crossing": _Reader.crossing,
    "corner": _Reader.corner,
    "thing": _Reader.thing,
}


def _together(first: Relation | None, second: Relation) -> Relation:
    """Two relations in a row as one: 东侧 + 30米处, 北门 + 附近 (the first says more)."""
    if first is None:
        return second
    if first.metres is None and second.metres is not None and second.kind == "offset":
        kind = "offset" if first.kind == "side" else first.kind
        return replace(second, kind=kind, direction=second.direction or first.direction)
    return first
