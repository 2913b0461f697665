"""A grid of squares for a town without boundaries."""

from __future__ import annotations

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.antimeridian import cut_at_antimeridian, unwrapped
from geo.crs import MetricCrs
from geo.errors import LayerError
from layers.tables import WGS84

Objects = NDArray[np.object_]
Cells = NDArray[np.int64]

LEVEL = "square"
MOST_CELLS = 100_000
CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])


def square_grid(geoms: Objects, metric: MetricCrs, side_m: float) -> geopandas.GeoDataFrame:
    """The squares of a lattice that the geometries touch, as a grid level.

    Codes are ``R001C001`` …: rows from north to south, columns from west to east.
    Corners are shared bit for bit.

    Args:
        geoms: WGS-84 lines and areas, such as roads and buildings.
        metric: the plane of the squares.
        side_m: their side in metres; lines of the lattice lie on multiples of it.

    Raises:
        LayerError: there would be more than 100,000 of them, or none.
    """
    cells = _touched(metric.geometries(geoms), side_m)
    if not len(cells):
        raise LayerError(
            "The extract holds no road and no building to lay a grid over.", fix="Take a larger extract."
        )
    if len(cells) > MOST_CELLS:
        fix = f"Take larger squares: --square {side_m * 2:g}."
        raise LayerError(f"{len(cells):,} squares of {side_m:g} m would be needed.", fix=fix)
    codes = _codes(cells)
    table = {"code": codes, "name": codes, "owner": "", "parent_given": ""}
    frame = geopandas.GeoDataFrame(table, geometry=_squares(cells, metric, side_m), crs=WGS84)
    return frame.sort_values("code", ignore_index=True)


def _touched(geoms: Objects, side_m: float) -> Cells:
    """(column, row) of every square that one of the geometries touches, without repetition."""
    bounds = shapely.bounds(geoms)
    geoms, bounds = geoms[np.isfinite(bounds).all(axis=1)], bounds[np.isfinite(bounds).all(axis=1)]
    low, high = np.floor(bounds[:, :2] / side_m).astype(int), np.floor(bounds[:, 2:] / side_m).astype(int)
    single = (low == high).all(axis=1)
    found = [np.unique(low[single], axis=0)] if single.any() else []
    found += [
        _of_large(geom, first, last, side_m)
        for geom, first, last in zip(geoms[~single], low[~single], high[~single], strict=True)
    ]
    return np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2), dtype=int)


def _of_large(geom: shapely.Geometry, low: Cells, high: Cells, side_m: float) -> Cells:
    columns, rows = (np.arange(a, b + 1) for a, b in zip(low, high, strict=True))
    if len(columns) * len(rows) > 50 * MOST_CELLS:
        raise LayerError(
            f"An object is {len(columns):,} by {len(rows):,} squares large.", fix="Take larger squares."
        )
    cells = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    boxes = shapely.box(*(cells * side_m).T, *((cells + 1) * side_m).T)
    shapely.prepare(geom)
    return np.asarray(cells[shapely.intersects(geom, boxes)])


def _codes(cells: Cells) -> Objects:
    column, row = cells[:, 0] - cells[:, 0].min() + 1, cells[:, 1].max() - cells[:, 1] + 1
    width = max(3, len(str(max(column.max(), row.max()))))
    return np.array([f"R{r:0{width}d}C{c:0{width}d}" for c, r in zip(column, row, strict=True)], dtype=object)


def _squares(cells: Cells, metric: MetricCrs, side_m: float) -> Objects:
    """The squares in degrees, each corner converted by itself, so that neighbours agree on it."""
    corners = ((cells[:, None, :] + CORNERS) * side_m).reshape(-1, 2)
    xy = np.column_stack(metric.to_lnglat(corners[:, 0], corners[:, 1]))
    at = np.repeat(np.arange(len(cells)), len(CORNERS))
    return cut_at_antimeridian(shapely.polygons(shapely.linearrings(unwrapped(xy, at), indices=at)))
