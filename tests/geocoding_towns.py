"""Two tiny towns as GeoPackages, in metres that are easy to check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import shapely
from shapely import LineString, Point, box

from layers.tables import write_table

UTM, GAUSS = "EPSG:32632", "EPSG:4549"
X, Y = 664_000.0, 5_486_000.0  # near Lauf
EAST, NORTH = 580_000.0, 3_543_000.0  # near Nantong
Row = tuple[shapely.Geometry, dict[str, Any]]


def write(path: Path, table: str, metric: str, rows: list[Row]) -> None:
    """A table of metric shapes, in degrees."""
    frame = geopandas.GeoDataFrame(
        [words for _, words in rows], geometry=[shape for shape, _ in rows], crs=metric
    )
    write_table(path, table, frame.to_crs(4326))


def line(*points: tuple[float, float], at: tuple[float, float] = (X, Y)) -> LineString:
    """A line through points in metres from the town's corner."""
    return LineString([(at[0] + east, at[1] + north) for east, north in points])


def german(folder: Path) -> Path:
    """Hauptstraße from west to east with houses 20 m apart, what crosses it, and what only nearly does."""
    path = folder / "lauf" / "draft.gpkg"
    path.parent.mkdir()
    roads = {
        "Hauptstraße": line((0, 0), (1000, 0)),
        "Bachgasse": line((300, -200), (300, 200)),
        "Endweg": line((500, 5), (500, 300)),
        "Ringstraße": line((100, -50), (100, 100), (250, 100), (250, -50)),
        "Fernallee": line((0, 2000), (500, 2000)),
    }
    write(path, "asset_road", UTM, [
        (shape, {"id": f"w{at}", "name": name, "class": "residential"})
        for at, (name, shape) in enumerate(roads.items())
    ])  # fmt: skip
    write(path, "place", UTM, [
        (Point(X + 20 * n, Y + (18 if n % 2 else -18)), _house("Hauptstraße", str(n))) for n in range(1, 41)
    ] + [(Point(X + 305, Y + 10 * n), _house("Bachgasse", f"{n}a")) for n in range(1, 13)])  # fmt: skip
    return path


def _house(street: str, number: str) -> dict[str, Any]:
    return {
        "id": f"n{street}{number}", "name": f"{street} {number}", "kind": "address", "street": street,
        "housenumber": number, "postcode": "91207", "city": "Lauf",
    }  # fmt: skip


def chinese(folder: Path) -> Path:
    """One estate, two roads, a river with a bridge and a gate, poles, covers and groups of a village."""
    path = folder / "demo" / "draft.gpkg"
    path.parent.mkdir()
    at = (EAST, NORTH)
    west, south = line((0, 0), (4000, 0), at=at), line((1000, -2000), (1000, 2000), at=at)
    write(path, "asset_road", GAUSS, [
        (west, {"id": "DL1", "name": "人民西路", "class": "arterial"}),
        (south, {"id": "DL2", "name": "外环西路", "class": "arterial"}),
        (line((0, 9000), (500, 9000), at=at), {"id": "DL3", "name": "狼山路", "class": "branch"}),
    ])  # fmt: skip
    river = line((2000, -2000), (2000, 2000), at=at)
    write(path, "asset_river", GAUSS, [(river, {"id": "HD1", "name": "运料河"})])
    write(path, "asset_bridge", GAUSS, [
        (box(EAST + 1990, NORTH - 10, EAST + 2010, NORTH + 10),
         {"id": "QL1", "name": "人民西路运料河桥", "road": "人民西路", "river": "运料河"}),
    ])  # fmt: skip
    gate = Point(EAST + 2000, NORTH + 60)
    write(path, "asset_sluice", GAUSS, [(gate, {"id": "ZK1", "name": "人民西路闸口"})])
    station = Point(EAST + 2100, NORTH + 300)
    write(path, "asset_pump_station", GAUSS, [(station, {"id": "BZ1", "name": "丽都泵站"})])
    write(path, "asset_building", GAUSS, [
        (box(EAST + 100 * n, NORTH + 20, EAST + 100 * n + 30, NORTH + 40),
         {"id": f"LZ{n}", "name": f"虹桥北村{n}幢", "estate": "虹桥北村", "number": n,
          "address": f"人民西路{2 * n}号"})
        for n in range(1, 13)
    ])  # fmt: skip
    estate = box(EAST, NORTH, EAST + 1300, NORTH + 100)
    write(path, "area_property", GAUSS, [(estate, {"code": "WY1", "name": "虹桥北村"})])
    write(path, "asset_street_light", GAUSS, [
        (Point(EAST + 30 * n, NORTH + 8), {"id": f"L{n}", "pole": f"031200{n:02d}", "road": "人民西路"})
        for n in range(1, 31)
    ])  # fmt: skip
    write(path, "asset_manhole", GAUSS, [
        (Point(EAST + 40 * n, NORTH), {"id": f"m{n}", "code": f"32061301020011{n:02d}", "road": "人民西路"})
        for n in range(1, 11)
    ])  # fmt: skip
    write(path, "section_road", GAUSS, [
        (shapely.reverse(west), {"id": "YH1", "name": "人民西路 K0", "route": "人民西路", "from_m": 0.0})
    ])  # fmt: skip
    write(path, "asset_river_mark", GAUSS, [
        (river.interpolate(1000 * n), {"id": f"HZ{n}", "route": "运料河", "m": f"K{n}+000"})
        for n in range(4)
    ])  # fmt: skip
    write(path, "place", GAUSS, [
        (Point(EAST + 3000, NORTH + 300 + 100 * n), {"id": f"g{n}", "name": f"北渡村{n}组", "kind": "group"})
        for n in range(1, 13)
    ])  # fmt: skip
    street, west_part = box(EAST - 500, NORTH - 2500, EAST + 5000, NORTH + 2500), (EAST - 500, EAST + 2500)
    write(path, "grid_street", GAUSS, [(street, {"code": "S1", "name": "虹桥街道"})])
    write(path, "grid_community", GAUSS, [
        (box(west_part[0], NORTH - 2500, west_part[1], NORTH + 2500), {"code": "C1", "name": "新西社区"}),
        (box(west_part[1], NORTH - 2500, EAST + 5000, NORTH + 2500), {"code": "C2", "name": "城港社区"}),
    ])  # fmt: skip
    return path
