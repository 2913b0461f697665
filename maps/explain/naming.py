"""What is written into the drawing, and the spots where each label might stand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from maps.explain.labels import Spot, Text

TURNS = (0, 180, -45, 45, -135, 135, -90, 90)  # around a point, as drawn; the sides read best
RINGS_PX = (10.0, 18.0, 30.0, 46.0, 66.0, 90.0, 120.0)
LATTICE = 13  # spots to try along each side of an area
ALONG = (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)


def around(x: float, y: float, text: Text) -> Iterator[Spot]:
    """Spots beside a point, the near ones first."""
    for ring, away in enumerate(RINGS_PX):
        for turn, degrees in enumerate(TURNS):
            dx, dy = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            across, down = away + text.width / 2, away + text.height / 2
            yield Spot(x + dx * across, y + dy * down, cost=ring + turn * 0.1)


def beside(area: BaseGeometry, text: Text) -> Iterator[Spot]:
    """Spots below, above and to the sides of a small area."""
    if area.is_empty:
        return
    west, north, east, south = area.bounds
    x, y = (west + east) / 2, (north + south) / 2
    across, down = RINGS_PX[0] / 2 + text.width / 2, RINGS_PX[0] / 2 + text.height / 2
    yield Spot(x, south + down, cost=0.2)
    yield Spot(x, north - down, cost=0.3)
    yield Spot(east + across, y, cost=0.4)
    yield Spot(west - across, y, cost=0.5)


def within(area: BaseGeometry, text: Text, x: float, y: float, *, near: bool = False) -> Iterator[Spot]:
    """Spots at which a label lies wholly in the visible part of an area.

    Those far from (x, y) come first, where most is drawn already; or, on demand, those near it.
    """
    if area.is_empty:
        return
    shapely.prepare(area)
    west, south, east, north = area.bounds
    for column in np.linspace(west, east, LATTICE):
        for row in np.linspace(south, north, LATTICE):
            spot = Spot(float(column), float(row))
            if area.contains(spot.box(text)):
                far = math.hypot(column - x, row - y)
                yield Spot(spot.x, spot.y, cost=0.01 * far if near else -0.01 * far)


def along(line: BaseGeometry, text: Text) -> Iterator[Spot]:
    """Spots on the longest visible part of a line, turned as the line runs there, never upside down."""
    parts = [part for part in shapely.get_parts(line) if part.geom_type == "LineString"]
    if not parts:
        return
    longest = max(parts, key=lambda part: part.length)
    room = text.width
    if longest.length < room:
        return
    for number, part in enumerate(ALONG):
        middle = part * longest.length
        if not room / 2 <= middle <= longest.length - room / 2:
            continue
        ends = [longest.interpolate(middle + step * room / 2) for step in (-1, 1)]
        x, y = (ends[0].x + ends[1].x) / 2, (ends[0].y + ends[1].y) / 2
        angle = math.degrees(math.atan2(ends[1].y - ends[0].y, ends[1].x - ends[0].x))
        angle = (angle + 90) % 180 - 90
        yield Spot(x, y, round(angle, 1), cost=number)
