"""Places for labels: each is put where it covers least, and where no other label lies."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

LINE_HEIGHT = 1.25
MARGIN_PX = 2.0  # of quiet around a label
_NARROW = frozenset(" .,:;'|!()[]ijlftIr·/-")
_WIDE = frozenset("mwMW%@—…")


@dataclass(frozen=True)
class Spot:
    """Where the middle of a label might lie, turned clockwise by degrees, and how little one likes it."""

    x: float
    y: float
    angle: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True)
class Placed:
    """A label in its place."""

    lines: tuple[str, ...]
    spot: Spot
    size: float
    box: shapely.Polygon


def text_width(text: str, size: float) -> float:
    """About how wide a text is drawn, in pixels; rather too wide than too narrow."""
    return sum(map(_ems, text)) * size


def _ems(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.02
    if sign in _NARROW:
        return 0.38
    return 0.92 if sign in _WIDE else 0.7 if sign.isupper() else 0.6


def shortened(text: str, size: float, room: float) -> str:
    """The text, or as much of its beginning as there is room for, and an ellipsis."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def box_of(lines: tuple[str, ...], size: float, spot: Spot) -> shapely.Polygon:
    """What a label covers."""
    half_width = max(text_width(line, size) for line in lines) / 2 + MARGIN_PX
    half_height = len(lines) * size * LINE_HEIGHT / 2
    box = shapely.box(spot.x - half_width, spot.y - half_height, spot.x + half_width, spot.y + half_height)
    return affinity.rotate(box, spot.angle, origin=(spot.x, spot.y)) if spot.angle else box


class Placer:
    """Puts label after label into a window, the important ones first.

    Args:
        window: in pixels; no label crosses its border.
    """

    def __init__(self, window: shapely.Polygon) -> None:
        self._window = window
        self._taken: list[BaseGeometry] = []
        self._soft: list[tuple[BaseGeometry, float]] = []

    def block(self, shape: BaseGeometry) -> None:
        """Nothing may lie over this."""
        self._taken.append(shape)

    def avoid(self, shape: BaseGeometry, cost: float) -> None:
        """Better nothing lies over this."""
        self._soft.append((shape, cost))

    def place(
        self, lines: tuple[str, ...], size: float, spots: Iterable[Spot], *, must: bool = False
    ) -> Placed | None:
        """The label at the cheapest free spot, or None where there is none.

        A label that must be drawn takes the spot where it covers least if none is free.
        """
        tried = [(spot, box_of(lines, size, spot)) for spot in spots]
        tried = [(spot, box) for spot, box in tried if self._window.covers(box)]
        free = [(self._cost(spot, box), i) for i, (spot, box) in enumerate(tried) if not self._covered(box)]
        if not free and must:
            free = [(self._covered(box), i) for i, (_, box) in enumerate(tried)]
        if not free:
            return None
        spot, box = tried[min(free)[1]]
        self._taken.append(box)
        return Placed(lines, spot, size, box)

    def _covered(self, box: shapely.Polygon) -> float:
        """How much of what is there a label would cover, in square pixels."""
        covered = [box.intersection(other).area for other in self._taken if box.intersects(other)]
        return float(sum(covered) + 0.1 * len(covered))

    def _cost(self, spot: Spot, box: shapely.Polygon) -> float:
        return spot.cost + sum(cost for shape, cost in self._soft if box.intersects(shape))
