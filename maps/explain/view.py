"""What part of the city a drawing shows, and how metres become pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

LEAST_M = 40.0  # shown to every side of the position
PADDING_PX = 30.0
BEYOND_PX = 6.0  # shapes are cut this far outside the view, so that the cut is not seen
FINEST_PX = 0.5  # bends smaller than this are left out


@dataclass(frozen=True)
class View:
    """A window onto the metric plane; pixels go right and down from its corner.

    Attributes:
        left, top: metres of the window's upper left corner.
        scale: pixels to a metre.
        width, height: in pixels.
    """

    left: float
    top: float
    scale: float
    width: float
    height: float

    @property
    def window(self) -> shapely.Polygon:
        """The window in pixels."""
        return shapely.box(0, 0, self.width, self.height)

    @property
    def ground(self) -> shapely.Polygon:
        """The window in metres, and a little around it."""
        beyond = BEYOND_PX / self.scale
        right, bottom = self.left + self.width / self.scale, self.top - self.height / self.scale
        return shapely.box(self.left - beyond, bottom - beyond, right + beyond, self.top + beyond)

    def point(self, place: shapely.Point) -> tuple[float, float]:
        """Where a point in metres is drawn."""
        return (place.x - self.left) * self.scale, (self.top - place.y) * self.scale

    def drawn(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in metres, cut to the window, in pixels."""
        cut = shapely.intersection(geometry, self.ground)
        return shapely.simplify(shapely.transform(cut, self._pixels), FINEST_PX)

    def _pixels(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        return (metres - (self.left, self.top)) * (self.scale, -self.scale)


def fit(here: shapely.Point, shown: Iterable[BaseGeometry], width: float, height: float) -> View:
    """The window of that size in which everything to be shown has its place, at the largest scale."""
    near = shapely.buffer(here, LEAST_M, cap_style="square")
    west, south, east, north = shapely.total_bounds(np.array([near, *shown], dtype=object))
    scale = min(
        (width - 2 * PADDING_PX) / (east - west),
        (height - 2 * PADDING_PX) / (north - south),
    )
    left, top = (west + east) / 2 - width / 2 / scale, (south + north) / 2 + height / 2 / scale
    return View(float(left), float(top), float(scale), width, height)
