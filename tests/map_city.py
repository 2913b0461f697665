"""A small city for the tests of its map: nine blocks in two districts, three layers, a dozen reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, box, union_all

from maps.city_payload import city_ground

WEST, SOUTH, STEP = 120.85, 32.00, 0.01
AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
CATEGORIES = {"0118": ("路灯不亮", "Street light out"), "0203": ("垃圾", "Litter")}


def block(column: int, row: int, step: float = STEP) -> Any:
    """One square cell of the grid."""
    return box(WEST + column * step, SOUTH + row * step, WEST + (column + 1) * step, SOUTH + (row + 1) * step)


def layer(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """A frame in WGS-84."""
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def levels(side: int = 3, step: float = STEP) -> dict[str, gpd.GeoDataFrame]:
    """Two districts over ``side`` by ``side`` cells: the lowest row, and the rest."""
    cells = [
        {
            "code": f"G{row:02}{column:02}",
            "name": f"网格{row}-{column}",
            "parent": "D1" if row == 0 else "D2",
            "owner_name": f"社区{row}",
            "geometry": block(column, row, step),
        }
        for row in range(side)
        for column in range(side)
    ]
    grid = layer(cells)
    districts = [
        {"code": code, "name": name, "parent": "", "owner_name": name, "geometry": union_all(part.geometry)}
        for code, name, part in (
            ("D1", "南区", grid[grid.parent == "D1"]),
            ("D2", "北区", grid[grid.parent == "D2"]),
        )
    ]
    return {"district": layer(districts), "grid": grid}


def assets() -> dict[str, gpd.GeoDataFrame]:
    """A river, a road and a lamp."""
    river = LineString([(WEST, SOUTH + 0.018), (WEST + 0.03, SOUTH + 0.021)]).buffer(0.0012)
    road = LineString([(WEST, SOUTH + 0.005), (WEST + 0.03, SOUTH + 0.005)])
    return {
        "water": layer([{"id": "W1", "name": "运料河", "owner_name": "水务局", "geometry": river}]),
        "road": layer([{"id": "R1", "name": "中心路", "owner_name": "市政", "geometry": road}]),
        "street_light": layer(
            [
                {
                    "id": "L1",
                    "name": None,
                    "owner_name": "路灯所",
                    "geometry": Point(WEST + 0.015, SOUTH + 0.005),
                }
            ]
        ),
    }


def areas() -> dict[str, gpd.GeoDataFrame]:
    """One estate."""
    return {
        "estate": layer([{"code": "E1", "name": "怡居小区", "owner_name": "物业", "geometry": block(1, 1)}])
    }


def report(number: int, **other: Any) -> dict[str, Any]:
    """A report in cell G0000, unless told otherwise."""
    return {
        "lng": WEST + 0.002 + 0.0005 * number,
        "lat": SOUTH + 0.003,
        "category": "0118",
        "text": f"第{number}盏灯不亮",
        "status": "open",
        "occurred_at": "2026-11-20T10:00:00Z",
        "cell_code": "G0000",
        "cell_name": "网格0-0",
        "cell_path": "D1/G0000",
        "cell_m": 0.0,
        "topology": "inside",
        "certainty": "certain",
        "asset_id": "L1",
        "asset_kind": "street_light",
        "asset_m": 12.34,
        "owner_id": "lamps",
        "owner_name": "路灯所",
        "owner_share": 0.97,
        "rule": "lamp",
        "parts": ("topology.inside", "asset.found", "via.asset"),
        **other,
    }


def reports() -> pd.DataFrame:
    """Twelve: seven lamps, four of litter in another cell, one without a place."""
    litter = {
        "category": "0203",
        "lng": WEST + 0.025,
        "lat": SOUTH + 0.025,
        "cell_code": "G0202",
        "cell_name": "网格2-2",
        "cell_path": "D2/G0202",
        "owner_id": "san",
        "owner_name": "环卫所",
        "rule": "litter",
        "asset_id": None,
        "asset_m": None,
        "parts": ("topology.inside", "asset.none", "via.cell"),
    }
    nowhere = {"lng": None, "lat": None, "cell_code": None, "cell_name": None, "cell_path": None}
    nowhere |= {"topology": "none", "owner_id": None, "owner_name": None, "rule": None, "asset_id": None}
    nowhere |= {"problem": "没有坐标", "parts": ("topology.none", "via.none"), "status": "unassigned"}
    rows = [report(number) for number in range(7)]
    rows += [report(number, **litter, text=f"litter {number}", status="closed") for number in range(7, 11)]
    return pd.DataFrame([*rows, report(11, **nowhere)])


def city(**other: Any) -> dict[str, Any]:
    """Everything that `maps.issue_map.issue_map_html` asks for."""
    layers = {"levels": levels, "assets": assets, "areas": areas}
    given = {name: other.pop(name) if name in other else made() for name, made in layers.items()}
    rows = other.pop("reports") if "reports" in other else reports()
    return {
        "title": "崇川区 issues",
        "languages": ["zh", "en"],
        "ground": city_ground(**given, reports=rows),
        "reports": rows,
        "categories": CATEGORIES,
        "generated_at": AT,
        "note": "generation 0001",
        **other,
    }
