"""Who keeps which metres: main roads that two departments share, a river between two street offices."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.routes import Route, make_route
from layers.chainage import chainage
from layers.demo.curves import Array
from layers.demo.territory import Territory

Offices = NDArray[np.str_]

ROADS = 6  # how many of the longest main roads are shared
TOWN, COUNTRY = "municipal", "highway"
STEP_M = 100  # offices change hands at whole hundreds
BANK_M = 10.0  # beside the water's edge


def road_sections(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """The longest main roads that are drawn in one go: the first half the town's, the other the highways'.

    With the columns and chainages of a department's own list.
    """
    rows = [row for name, route in _shared(roads) for row in _halves(name, route)]
    columns = ["编号", "路线名称", "起点桩号", "终点桩号", "养护单位"]
    return pd.DataFrame([(f"YH{n:03d}", *row) for n, row in enumerate(rows, 1)], columns=columns)


def _shared(roads: gpd.GeoDataFrame) -> list[tuple[str, Route]]:
    fits = (roads["class"] == "arterial") & (roads["owner"] == TOWN)
    mine = roads[~roads["name"].isin(roads["name"][~fits])]
    routes = [(str(name), make_route(pieces.to_numpy())) for name, pieces in mine.groupby("name")["geometry"]]
    joined = [(name, route) for name, route in routes if len(route.parts) == 1]
    return sorted(joined, key=lambda found: (-found[1].length_m, found[0]))[:ROADS]


def _halves(name: str, route: Route) -> Iterator[tuple[str, str, str, str]]:
    end = round(route.length_m)
    middle = STEP_M * round(end / 2 / STEP_M)
    yield name, chainage(0), chainage(middle), TOWN
    yield name, chainage(middle), chainage(end), COUNTRY


def bank_sections(rivers: gpd.GeoDataFrame, grid: Territory) -> pd.DataFrame:
    """The river that divides two street offices along most of its way: each bank is its office's."""
    routes = [make_route([line]) for line in rivers.geometry]
    banks = [_banks(route, width, grid) for route, width in zip(routes, rivers["width_m"], strict=True)]
    divides = [float((left != right).mean()) for left, right in banks]
    best = int(np.argmax(divides))
    end = round(routes[best].length_m)
    rows = [
        (rivers["code"].iloc[best], from_m, to_m, side, f"street-{office}")
        for side, offices in zip(("left", "right"), banks[best], strict=True)
        for from_m, to_m, office in _runs(offices, end)
    ]
    return pd.DataFrame(rows, columns=["river", "from_m", "to_m", "side", "owner"])


def _banks(route: Route, width_m: float, grid: Territory) -> tuple[Offices, Offices]:
    """The street office on the left and on the right of every hundred metres."""
    middle = np.arange(STEP_M / 2, max(route.length_m, STEP_M), STEP_M)
    line = route.parts[0]
    ahead, behind = (_places(line, middle + shift) for shift in (1.0, -1.0))
    way = (ahead - behind) / np.maximum(np.hypot(*(ahead - behind).T), 1e-9)[:, None]
    aside = np.column_stack([-way[:, 1], way[:, 0]]) * (width_m / 2 + BANK_M)
    left, right = (_offices(_places(line, middle) + sign * aside, grid) for sign in (1, -1))
    return left, right


def _places(line: shapely.LineString, along: Array) -> Array:
    xy: Array = shapely.get_coordinates(shapely.line_interpolate_point(line, np.clip(along, 0, line.length)))
    return xy


def _offices(xy: Array, grid: Territory) -> Offices:
    """The last three digits of the street whose cell lies nearest."""
    cell = shapely.STRtree(grid.cells).nearest(shapely.points(xy))
    codes: Offices = np.array([code[6:9] for code in grid.codes[cell]])
    return codes


def _runs(offices: Offices, end: int) -> Iterator[tuple[int, int, str]]:
    """From, to and office of each run of hundreds with the same office."""
    starts = [0, *(int(at) for at in np.flatnonzero(offices[1:] != offices[:-1]) + 1)]
    for at, behind in zip(starts, [*starts[1:], len(offices)], strict=True):
        yield at * STEP_M, end if behind == len(offices) else behind * STEP_M, str(offices[at])
