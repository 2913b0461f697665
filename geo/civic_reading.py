"""What the words of a civic text say about a place, before anybody looks a name up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["parent", "main", "cross"]
RelationKind = Literal[
    "opposite", "near", "side", "offset", "under", "front", "behind", "between", "entrance"
]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that stands in the text, and what it does there.

    Attributes:
        text: the name as it was written.
        start, end: its place in the original text.
        role: ``parent``: an area that must contain the answer; ``main``: the thing itself;
            ``cross``: a second line or thing that the place lies on or at (the other road of a crossing,
            the road of a gate or bridge, the road an estate stands on, both ends of a stretch).
        known: whether the lexicon has it; otherwise its ending or its position made it a name.
    """

    text: str
    start: int
    end: int
    role: Role
    known: bool


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """The number of a house in its street or lane: 18号, 18-1号, 12a, 12-14.

    Attributes:
        value: the number itself.
        suffix: what tells it from its neighbours of the same number ("1" of 18-1号, "a", "甲", "3" of 12/3).
        to: the last number of a range, or None.
        text: as it was written, in half width and small letters.
    """

    value: int
    suffix: str
    to: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Building:
    """A building of an estate: 65幢, 65号楼, 65#, A座; letters are capitals."""

    value: int | str
    text: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Where the place lies as seen from what is named: opposite it, 30 m north of it, below it.

    Attributes:
        kind: ``side`` has a direction, ``offset`` has metres (and mostly a direction).
        direction: N NE E SE S SW W NW, or "".
        metres: how far, or None.
    """

    kind: RelationKind
    direction: str = ""
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the location words of a text.

    Attributes:
        names: in the order of the text; at most one is ``main``.
        number, building, unit: the house, the building of the estate, and what lies within (not located).
        code, code_kind: the number on an asset and the word that came with it (灯杆, pole), or "".
        chainage_m: metres along the main name (K2+300).
        group: the villagers' group (22组).
        is_crossing: the place where the main name meets the cross name.
        relation: where the place lies as seen from all that.
        start, end: the part of the original text that was read.
        score: 0..1, how well the words fit the pattern; not a probability.
        thing: the word for the object that is meant where it has no name of its own (闸口, 桥), or "".
    """

    names: tuple[Mention, ...]
    number: HouseNumber | None
    building: Building | None
    unit: str
    code: str
    code_kind: str
    chainage_m: float | None
    group: int | None
    is_crossing: bool
    relation: Relation | None
    start: int
    end: int
    score: float
    thing: str = ""

    @property
    def main(self) -> Mention | None:
        """The name of the thing itself, or None (a bare code has none)."""
        return next((name for name in self.names if name.role == "main"), None)
