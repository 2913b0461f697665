"""Lines and areas that cross the 180th meridian: the shorter way round is meant, and they are cut there."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.datum import Floats

HALF_TURN = 180.0
_EAST = shapely.box(-180.0, -90.0, 180.0, 90.0)
_BEYOND = shapely.box(180.0, -90.0, 540.0, 90.0)


def unwrapped(xy: Floats, line: NDArray[np.int64]) -> Floats:
    """Coordinates, shape (n, 2), with every line that crosses the 180th meridian moved to 0 … 360 degrees.

    A line crosses it if one of its edges spans more than 180 degrees; ``line`` tells each vertex's line.
    """
    jumps = (np.abs(np.diff(xy[:, 0])) > HALF_TURN) & (line[1:] == line[:-1])
    western = np.isin(line, line[1:][jumps]) & (xy[:, 0] < 0)
    moved = xy.copy()
    moved[western, 0] += 2 * HALF_TURN
    return moved


def unwrapped_lines(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Lines, none of them None, as `unwrapped` moves them."""
    xy, at = shapely.get_coordinates(lines, return_index=True)
    return np.asarray(shapely.set_coordinates(lines.copy(), unwrapped(xy, at)))


def cut_at_antimeridian(geoms: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries that reach beyond 180° cut there, what lies beyond moved back to -180°; None stays."""
    far = np.flatnonzero(shapely.bounds(geoms)[:, 2] > HALF_TURN)
    if not len(far):
        return geoms
    beyond = shapely.transform(shapely.intersection(geoms[far], _BEYOND), _back)
    cut = geoms.copy()
    cut[far] = shapely.union(shapely.intersection(geoms[far], _EAST), beyond)
    return cut


def _back(xy: Floats) -> Floats:
    return np.column_stack([xy[:, 0] - 2 * HALF_TURN, xy[:, 1]])
