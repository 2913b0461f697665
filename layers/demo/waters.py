"""The waters of the demo city as lines and as surfaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from layers.demo.curves import Array
from layers.demo.frame import OFFSHORE_M, Frame, beside
from layers.demo.plan import CANALS

YANGTZE, HAO = "长江", "濠河"


@dataclass(frozen=True)
class Waters:
    """Every river and canal: name, width, line and surface (in EPSG:4549); surfaces don't overlap."""

    names: tuple[str, ...]
    names_en: tuple[str, ...]
    width_m: Array
    lines: NDArray[np.object_]
    surfaces: NDArray[np.object_]

    def wet(self, points: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Whether each geometry touches water."""
        hit = shapely.STRtree(points).query(self.surfaces, predicate="intersects")[1]
        out = np.zeros(len(points), dtype=bool)
        out[hit] = True
        return out


def waters(base: Frame) -> Waters:
    """The waters of the frame, the Yangtze first, the Hao second, the canals from wide to narrow."""
    order = sorted(range(len(CANALS)), key=lambda i: -CANALS[i].width_m)
    canals = [CANALS[i] for i in order]
    lines = [_on_land(base.canals[i], base) for i in order]
    wide = [float(c.width_m) for c in canals]
    beds = [
        base.yangtze,
        base.hao,
        *(line.buffer(w / 2, quad_segs=4) for line, w in zip(lines, wide, strict=True)),
    ]
    stream = beside(base.bank, OFFSHORE_M / 2)
    return Waters(
        (YANGTZE, HAO, *(c.name for c in canals)),
        ("Yangtze", "Hao River", *(c.name_en for c in canals)),
        np.array([OFFSHORE_M, 150.0, *wide]),
        np.array([stream, base.hao_line, *lines], dtype=object),
        np.array(_apart(beds), dtype=object),
    )


def _on_land(canal: LineString, base: Frame) -> LineString:
    parts = shapely.get_parts(shapely.intersection(canal, base.land))
    return parts[int(np.argmax(shapely.length(parts)))]


def _apart(beds: list[shapely.Polygon]) -> list[shapely.Geometry]:
    """The surfaces, each without those before it."""
    out: list[shapely.Geometry] = []
    for bed in beds:
        before = [other for other in out if other.intersects(bed)]
        rest = shapely.difference(bed, shapely.union_all(before), grid_size=0.01) if before else bed
        parts = shapely.get_parts(rest)
        out.append(shapely.union_all(parts[shapely.area(parts) > 30]))
    return out
