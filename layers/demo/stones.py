"""Kilometre stones along one river and one road of the demo city."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.routes import Route, make_route
from layers.chainage import chainage
from layers.demo.curves import METRIC_CRS

RIVER, ROAD = "通吕运河", "外环西路"
STEP_M = 500
ASIDE_M = 3.0  # from the edge of the water or the carriageway


def stones(lines: gpd.GeoDataFrame, name: str, letters: str) -> gpd.GeoDataFrame:
    """The stones of a route, one every half kilometre on the side of its right hand; owned as it is.

    Args:
        lines: rivers or roads, with their names and widths.
        name: of the route.
        letters: what the codes begin with.
    """
    mine = lines[lines["name"] == name]
    route = make_route(mine.geometry.to_numpy())
    metres = np.arange(0, int(route.length_m) + 1, STEP_M)
    aside = float(mine["width_m"].iloc[0]) / 2 + ASIDE_M
    said = [chainage(metre) for metre in metres.tolist()]
    columns = {
        "code": [f"{letters}{n:03d}" for n in range(len(metres))],
        "name": [f"{name}{stone}" for stone in said],
        "route": name,
        "m": said,
        "owner": mine["owner"].iloc[0],
    }
    return gpd.GeoDataFrame(columns, geometry=_beside(route, metres, aside), crs=METRIC_CRS)


def _beside(route: Route, metres: NDArray[np.intp], aside: float) -> NDArray[np.object_]:
    line = shapely.LineString(shapely.get_coordinates(route.parts))
    ahead, behind = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, np.clip(metres + by, 0, line.length)))
        for by in (1.0, -1.0)
    )
    middle = shapely.get_coordinates(shapely.line_interpolate_point(line, metres))
    way = (ahead - behind) / np.hypot(*(ahead - behind).T)[:, None]
    return np.asarray(shapely.points((middle + aside * np.column_stack([way[:, 1], -way[:, 0]])).round(2)))
