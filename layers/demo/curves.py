"""Curves of the demo city: smoothed, shaken, and turned into WGS-84 vertex by vertex."""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from layers.demo.plan import Points

Array = NDArray[np.float64]

METRIC_CRS = "EPSG:4549"
# The city's middle, 120.86 E 32.01 N, in EPSG:4549, rounded.
ORIGIN = (581_250.0, 3_543_280.0)
# Vertices lie on this grid, so that neighbours share them bit for bit.
GRID_M = 0.01
# 1e-9 degrees is 0.1 mm: finer than the grid, and short enough to survive every text format.
DEGREE_DIGITS = 9


@cache
def _to_degrees() -> Transformer:
    # CGCS2000 and WGS-84 are the same here; going to EPSG:4490 leaves PROJ no choice of datum shift.
    return Transformer.from_crs(METRIC_CRS, "EPSG:4490", always_xy=True)


def snapped(xy: Array) -> Array:
    """The coordinates rounded to the grid."""
    return np.round(np.round(xy / GRID_M) * GRID_M, 2)


def lng_lat(xy: Array) -> Array:
    """Degrees (n, 2) for EPSG:4549 metres (n, 2); the same metres always give the same degrees."""
    lng, lat = _to_degrees().transform(xy[:, 0], xy[:, 1])
    return np.round(np.column_stack([lng, lat]), DEGREE_DIGITS)


def to_wgs84(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """The geometries with every vertex moved from EPSG:4549 to WGS-84 degrees."""
    return cast("NDArray[np.object_]", shapely.transform(geometries, lng_lat))


def chaikin(points: Array, rounds: int = 3, *, closed: bool = False) -> Array:
    """The polyline with its corners cut ``rounds`` times; an open one keeps its two ends."""
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0) if closed else points[1:]
        before = points if closed else points[:-1]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
        points = cut if closed else np.vstack([points[:1], cut, points[-1:]])
    return points


def drawn(points: Points, rng: np.random.Generator, *, shake_m: float = 25.0) -> LineString:
    """The smooth curve near some control points, in EPSG:4549; its ends are not shaken."""
    xy = np.asarray(points, dtype=float) + ORIGIN
    xy[1:-1] += rng.uniform(-shake_m, shake_m, xy[1:-1].shape)
    return LineString(snapped(chaikin(xy)))


def wavering(points: Points, rng: np.random.Generator, *, every_m: float, sway_m: float) -> LineString:
    """A curve that wavers about its control points as a bank or an old border does."""
    line = drawn(points, rng, shake_m=60)
    along = np.arange(0.0, line.length, every_m)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    xy[1:] += rng.normal(0, sway_m, xy[1:].shape)
    return LineString(snapped(chaikin(np.vstack([xy, line.coords[-1]]), 2)))


def bowed(start: Array, end: Array, bow: float) -> Array:
    """Seven points from start to end on an arc whose middle stands off by ``bow`` times the length."""
    t = np.linspace(0, 1, 7)[:, None]
    across = np.array([start[1] - end[1], end[0] - start[0]])
    return start * (1 - t) + end * t + across * bow * 4 * t * (1 - t)


def meeting(lines: list[LineString], *, reach_m: float = 450.0) -> list[LineString]:
    """The lines with each loose end led on to the nearest other line within reach (and 1 m past it)."""
    out = []
    for i, line in enumerate(lines):
        others = shapely.union_all(lines[:i] + lines[i + 1 :])
        coords = np.asarray(line.coords)
        head = _onward(coords[0], others, reach_m)
        tail = _onward(coords[-1], others, reach_m)
        out.append(LineString(snapped(np.vstack([*head, coords, *tail]))))
    return out


def _onward(end: Array, others: BaseGeometry, reach_m: float) -> list[Array]:
    here = shapely.Point(end)
    gap = float(shapely.distance(here, others))
    if not 0 < gap <= reach_m:
        return []
    there = np.asarray(shapely.shortest_line(here, others).coords)[1]
    return [(there + (there - end) / gap)[None, :]]
