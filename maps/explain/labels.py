"""Places for labels: each is put where it covers least, and where no other label lies."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

LINE_HEIGHT = 1.25
MARGIN_PX = 2.0  # of quiet around a label
INSET_PX = 4.0  # between labels and the window's border
BOLD = 1.1  # how much wider bold text is
_NARROW = frozenset(" .,:;'|!()[]ijlftIr·/-")
_WIDE = frozenset("mwMW%@—…")


@dataclass(frozen=True)
class Text:
    """What a label says, on one line or several."""

    lines: tuple[str, ...]
    size: float
    bold: bool = False

    @property
    def width(self) -> float:
        """In pixels."""
        return max(text_width(line, self.size, bold=self.bold) for line in self.lines)

    @property
    def height(self) -> float:
        """In pixels."""
        return len(self.lines) * self.size * LINE_HEIGHT


@dataclass(frozen=True)
class Spot:
    """Where the middle of a label might lie, turned clockwise by degrees, and how little one likes it."""

    x: float
    y: float
    angle: float = 0.0
    cost: float = 0.0

    def box(self, text: Text) -> shapely.Polygon:
        """What a label covers here."""
        half_width, half_height = text.width / 2 + MARGIN_PX, text.height / 2
        box = shapely.box(
            self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height
        )
        return affinity.rotate(box, self.angle, origin=(self.x, self.y)) if self.angle else box


@dataclass(frozen=True)
class Placed:
    """A label in its place."""

    text: Text
    spot: Spot
    box: shapely.Polygon


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is drawn, in pixels; rather too wide than too narrow."""
    return sum(map(_ems, text)) * size * (BOLD if bold else 1)


def _ems(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.02
    if sign in _NARROW:
        return 0.38
    return 0.95 if sign in _WIDE else 0.72 if sign.isupper() else 0.64


def shortened(text: str, size: float, room: float) -> str:
    """The text, or as much of its beginning as there is room for, and an ellipsis."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


class Placer:
    """Puts label after label into a window, the important ones first.

    Args:
        window: in pixels; no label crosses its border.
    """

    def __init__(self, window: shapely.Polygon) -> None:
        self._window = window.buffer(-INSET_PX, join_style="mitre")
        self._taken: list[BaseGeometry] = []
        self._soft: list[tuple[BaseGeometry, float]] = []
        self._tree: shapely.STRtree | None = None

    def block(self, shape: BaseGeometry) -> None:
        """Nothing may lie over this."""
        self._taken.append(shape)

    def avoid(self, shape: BaseGeometry, cost: float) -> None:
        """Better nothing lies over this."""
        self._soft.append((shape, cost))
        self._tree = None

    def place(self, text: Text, spots: Iterable[Spot], *, must: bool = False) -> Placed | None:
        """The label at the cheapest free spot, or None where there is none.

        A label that must be drawn takes the spot where it covers least if none is free.
        """
        tried = [(spot, spot.box(text)) for spot in spots]
        tried = [(spot, box) for spot, box in tried if self._window.covers(box)]
        free = [(self._cost(spot, box), i) for i, (spot, box) in enumerate(tried) if not self._covered(box)]
        if not free and must:
            free = [(self._covered(box), i) for i, (_, box) in enumerate(tried)]
        if not free:
            return None
        spot, box = tried[min(free)[1]]
        self._taken.append(box)
        return Placed(text, spot, box)

    def _covered(self, box: shapely.Polygon) -> float:
        """How much of what is there a label would cover, in square pixels."""
        covered = [box.intersection(other).area for other in self._taken if box.intersects(other)]
        return float(sum(covered) + 0.1 * len(covered))

    def _cost(self, spot: Spot, box: shapely.Polygon) -> float:
        if self._tree is None:
            self._tree = shapely.STRtree([shape for shape, _ in self._soft])
        touched = np.sort(self._tree.query(box, predicate="intersects"))
        return float(spot.cost + sum(self._soft[at][1] for at in touched))
