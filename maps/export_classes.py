"""What classes look like in every format: words, and colours that the colour-blind can tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.exported import Pair
from layers.terms import TERMS
from maps.export_sheets import Sheet

MOST = 40  # classes that a legend can show


@dataclass(frozen=True)
class Look:
    """How a class is drawn.

    Attributes:
        value: as the column has it; None where the whole table looks alike, empty for what has no class.
        label: in Chinese and in English.
        fill: as #rrggbb.
        edge: of its outline.
        opacity: of the fill, 0 to 1.
        is_hatched: drawn as lines, not as a surface.
        acad: the nearest of the colours that drawings have numbers for.
    """

    value: str | None
    label: Pair
    fill: str
    edge: str
    opacity: float = 0.65
    is_hatched: bool = False
    acad: int = 7


_KNOWN = {
    "hot": (("热点", "hot"), "#b2182b", "#7a0f1d", 0.7, 1),
    "cold": (("冷点", "cold"), "#2166ac", "#123c68", 0.7, 5),
    "rising": (("上升", "rising"), "#e08214", "#8f520a", 0.7, 30),
    "falling": (("下降", "falling"), "#5aae9e", "#2c6b60", 0.7, 4),
    "not significant": (("不显著", "not significant"), "#d9d9d9", "#a6a6a6", 0.55, 8),
    "excluded": (("未检验", "not tested"), "#bdbdbd", "#c8c8c8", 0.6, 9),
}
_THINGS = {  # as maps usually show them: fill, and the number for drawings
    **dict.fromkeys(("river", "canal", "water", "water_area"), ("#7fb3d5", 151)),
    **dict.fromkeys(("road", "street"), ("#8a8f98", 8)),
    "building": ("#cdbfae", 33),
    **dict.fromkeys(("tree", "park"), ("#4c9a5b", 94)),
    "street_light": ("#e69f00", 40),
    "manhole": ("#33363b", 7),
}
# Okabe and Ito's palette and some between; yellow is left out, which is hardly seen on white.
_OTHERS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#6f4fa0", "#8c6d31"),
    *("#00507d", "#a34500", "#5fc9a8", "#8f3f6b", "#a6761d", "#4d4d4d", "#b3a2d0", "#2b7a78"),
)
_ACAD = (5, 30, 3, 6, 4, 40, 200, 42, 174, 32, 113, 224, 44, 250, 203, 124)
_PLAIN = "#0072b2"
_REST = Look("", ("其他", "other"), "#e8e8e8", "#c8c8c8", 0.5, acad=9)


def looks_of(sheet: Sheet) -> tuple[Look, ...]:
    """The classes of a table that has some, known ones first; else one look for all of it."""
    if not sheet.class_by:
        return (Look(None, sheet.title, _PLAIN, "#004a75", 0.35, acad=5),)
    values = sheet.frame[sheet.class_by]
    found = {str(value) for value in values.dropna().unique()}
    known = [value for value in _KNOWN if value in found or (found & {"hot", "cold"} and value in _TESTED)]
    others = sorted(found - set(known))[:MOST]
    plain = [value for value in others if value not in _THINGS]
    looks = (*map(_known, known), *(_other(v, plain.index(v) if v in plain else 0) for v in others))
    has_rest = values.isna().any() or len(found) > len(looks)
    return (*looks, _REST) if has_rest else looks


_TESTED = ("hot", "cold", "not significant")


def _known(value: str) -> Look:
    label, fill, edge, opacity, acad = _KNOWN[value]
    return Look(value, label, fill, edge, opacity, value == "excluded", acad)


def _other(value: str, place: int) -> Look:
    turn = place % len(_OTHERS)
    fill, acad = _THINGS.get(value, (_OTHERS[turn], _ACAD[turn]))
    return Look(value, TERMS.get(value, (value, value)), fill, _darker(fill), acad=acad)


def _darker(colour: str) -> str:
    rgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) * 0.6
    return "#" + "".join(f"{int(part):02x}" for part in rgb)


def rgb(colour: str) -> tuple[int, int, int]:
    """#rrggbb as three numbers."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def label_column(sheet: Sheet) -> str:
    """The column whose value names a feature on a drawing; empty where there is none."""
    # Of the tables of a city only assets have an id, and among columns of their source any of the others.
    wanted = ("id", "number", "cell_code", "code", "cell_name", "name")
    return next((name for name in wanted if sheet.kinds.get(name) == "text"), "")
