"""The frame of the demo city: district, waters and main roads, and the superblocks between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from layers.demo import plan
from layers.demo.curves import GRID_M, ORIGIN, chaikin, drawn, meeting, snapped, wavering

# The border runs in the Yangtze, this far off the bank.
OFFSHORE_M = 380.0
RIVERSIDE_M = 420.0
# Main roads and waters are noded on this grid: no two vertices lie so close that one could be taken
# for the other when streets are joined to them.
NODE_M = 0.5
RIVERSIDE_ROAD = plan.Road("滨江大道", "arterial", 32, ())


@dataclass(frozen=True)
class Frame:
    """What the city is drawn on, in EPSG:4549.

    The canals run on through the Yangtze to the border, as the border between two streets would.
    """

    district: Polygon
    bank: LineString
    yangtze: Polygon
    hao: Polygon
    hao_line: LineString
    land: Polygon
    canals: tuple[LineString, ...]
    roads: tuple[tuple[plan.Road, LineString], ...]

    @property
    def barriers(self) -> list[BaseGeometry]:
        """Every line that bounds a superblock."""
        return [self.district.exterior, self.hao_line, *self.canals, *(line for _, line in self.roads)]


def frame(rng: np.random.Generator) -> Frame:
    """The frame, the same for the same state of ``rng``."""
    bank = wavering(plan.BANK, rng, every_m=450, sway_m=14)
    border = wavering(plan.BORDER, rng, every_m=600, sway_m=35)
    district = _district(bank, border)
    roads = [drawn(road.points, rng) for road in plan.ROADS]
    lines = meeting([*roads, beside(bank, -RIVERSIDE_M)])
    land = _largest(shapely.difference(district, _river(bank, 6000.0)))
    clipped = [_main_line(shapely.intersection(line, land)) for line in lines]
    canals = [drawn(canal.points, rng, shake_m=18) for canal in plan.CANALS]
    ring, water = _hao()
    return Frame(
        district,
        bank,
        _river(bank, 1900.0),
        water,
        ring,
        land,
        tuple(_main_line(shapely.intersection(line, district)) for line in canals),
        tuple(zip((*plan.ROADS, RIVERSIDE_ROAD), clipped, strict=True)),
    )


def superblocks(base: Frame) -> NDArray[np.object_]:
    """The faces between the main roads, the waters and the border, noded; they tile the district."""
    noded = shapely.union_all(base.barriers, grid_size=NODE_M)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside = shapely.contains(base.district, shapely.point_on_surface(faces))
    return np.asarray(faces[inside], dtype=object)


def beside(bank: LineString, by_m: float) -> LineString:
    """The bank moved into the river, square to its general run (on land where negative)."""
    xy = np.asarray(bank.coords)
    east, north = xy[-1] - xy[0]
    toward = np.array([north, -east]) / np.hypot(east, north)
    return LineString(snapped(xy + toward * by_m))


def _district(bank: LineString, border: LineString) -> Polygon:
    edge = beside(bank, OFFSHORE_M)
    return _largest(shapely.polygonize([shapely.union_all([edge, border], grid_size=GRID_M)]))


def _river(bank: LineString, width_m: float) -> Polygon:
    """The water between the bank and a line so far out."""
    far = np.asarray(beside(bank, width_m).coords)[::-1]
    return _largest(Polygon(np.vstack([np.asarray(bank.coords), far])).buffer(0))


def _hao() -> tuple[LineString, Polygon]:
    bearing, radius, width = np.asarray(plan.HAO, dtype=float).T
    toward = np.column_stack([np.sin(np.radians(bearing)), np.cos(np.radians(bearing))])
    middle = np.asarray(plan.HAO_MIDDLE) + ORIGIN
    rings = [
        snapped(chaikin(middle + toward * r[:, None], closed=True))
        for r in (radius, radius + width / 2, radius - width / 2)
    ]
    centre, outer, inner = (np.vstack([ring, ring[:1]]) for ring in rings)
    return LineString(centre), Polygon(outer, [inner])


def _largest(geometry: BaseGeometry) -> Polygon:
    parts = shapely.get_parts(geometry)
    return parts[int(np.argmax(shapely.area(parts)))]


def _main_line(geometry: BaseGeometry) -> LineString:
    parts = shapely.get_parts(geometry)
    return parts[int(np.argmax(shapely.length(parts)))]
