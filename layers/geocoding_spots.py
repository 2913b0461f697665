"""Places that a reading may mean, while they are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import OSA

from geo.civic_latin_cases import forms
from geo.names_fold import fold_long
from geo.names_words import key_of
from layers.candidates import Fault, Match
from layers.gazetteer_entries import NONE

UNSURE = "spelling_unsure"  # the fault of a name that may be another, too

_HAN = re.compile("[\u4e00-\u9fff]")
FAR = 3  # letters by which a name is another


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a reading may mean.

    Attributes:
        x, y: metres.
        radius_m: as `layers.candidates.Candidate` has it.
        score: how well the names fit, before the faults are taken off.
        row: of the entry that it is, or that it was found by; -1 for none.
        is_entry: whether the entry itself is meant, with its whole shape.
        houses: the number it was found for, as it is to be written.
    """

    x: float
    y: float
    radius_m: float
    match: Match
    score: float
    label: str
    row: int = NONE
    is_entry: bool = False
    faults: tuple[Fault, ...] = ()
    number: str = ""

    @property
    def text_score(self) -> float:
        """The score less the penalties, not below 0."""
        return max(0.0, self.score - sum(fault.penalty for fault in self.faults))

    def with_faults(self, *faults: Fault | None) -> Spot:
        """The spot with more faults; None is none."""
        said = tuple(fault for fault in faults if fault is not None)
        return replace(self, faults=self.faults + said) if said else self


def typo(said: str, name: str, way: str) -> Fault | None:
    """The fault of a name that is not written as it should be; its penalty is in the score already."""
    if way == "exact":
        return None
    if way == "homophone":
        zh, en = f"“{said}”按同音字理解为“{name}”", f"“{said}” was read by its sound as “{name}”"
        return Fault("homophone", said, zh, en)
    if way == "other":
        zh, en = f"没有“{said}”，相近的是“{name}”", f"“{said}” is not known; “{name}” is near it"
        return Fault(UNSURE, said, zh, en, 0.2)
    return Fault("spelling", said, f"“{said}”按“{name}”理解", f"“{said}” was read as “{name}”")


def inferred(number: str, neighbours: tuple[int, ...]) -> Fault:
    """The fault of a house number that nobody has entered, between others."""
    known_zh, known_en = "、".join(map(str, neighbours)), ", ".join(map(str, neighbours))
    return Fault(
        "number_inferred", number, f"没有 {number} 的位置，按 {known_zh} 号推算",
        f"{number} is not known; placed by {known_en}", 0.03,
    )  # fmt: skip


def beyond(number: str, neighbours: tuple[int, ...]) -> Fault:
    """The fault of a number past the last known one."""
    known_zh, known_en = "、".join(map(str, neighbours)), ", ".join(map(str, neighbours))
    zh = f"{number} 超出已知号码（{known_zh}）"
    return Fault("number_beyond", number, zh, f"{number} lies beyond the known numbers ({known_en})", 0.12)


def unknown_number(number: str, name: str) -> Fault:
    """The fault of a number that the street or estate cannot have."""
    return Fault("number_unknown", number, f"“{name}”没有 {number}", f"“{name}” has no number {number}", 0.35)


def mistyped(code: str, found: str) -> Fault:
    """The fault of a code with one wrong character."""
    return Fault(
        "code_mistyped",
        code,
        f"没有编号 {code}，相近的是 {found}",
        f"there is no code {code}; {found} is near it",
        0.2,
    )


def elsewhere(parent: str, label: str) -> Fault:
    """The fault of a place outside an area that the text names."""
    return Fault(
        "parent_elsewhere", parent, f"“{label}”不在“{parent}”内", f"“{label}” is not in “{parent}”", 0.25
    )


def unknown_name(name: str) -> Fault:
    """The fault of a name that the city does not know; only the area around it is."""
    return Fault("name_unknown", name, f"不认识“{name}”", f"“{name}” is not known here", 0.15)


def unknown_parent(parent: str) -> Fault:
    """The fault of an area that the city does not know."""
    return Fault("parent_unknown", parent, f"不认识“{parent}”", f"“{parent}” is not known here", 0.03)


def is_han(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return not text.isascii() and _HAN.search(text) is not None


def edits(key: str, name: str) -> int:
    """Letters wrong, missing, too many or swapped between a key and a name, however that is spelt or bent;
    `FAR` for more than two.
    """
    return min(OSA.distance(key, form, score_cutoff=FAR - 1) for form in _forms(name))


@lru_cache(maxsize=20_000)
def _forms(name: str) -> tuple[str, ...]:
    """The keys of a name as it is written, with its dots written out, shortened, and bent."""
    keys = dict.fromkeys((key_of(name), key_of(fold_long(name))))
    return tuple(dict.fromkeys(form for key in keys for form in forms(key)))
