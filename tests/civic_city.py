"""A small city with everything that people name: streets, a river, an estate, numbers, codes, a village."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layers.city import City, create_city
from tests.cities import METRIC, at, bring, square


def line(*places: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(at(*place)) for place in places]}


def spot(column: float, row: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(at(column, row))}


def box(column: float, row: float, width: float = 0.02, height: float = 0.01) -> dict[str, Any]:
    return square(column - width / 2, row - height / 2, width, height)


def civic_city(folder: Path) -> City:
    """Two streets (街道) of two communities each; the columns are those that registers have."""
    city = create_city(folder, "测试市", metric_crs=METRIC)
    grid = {
        "street": [
            (square(0, 0, 2, 4), {"code": "A", "name": "虹桥街道"}),
            (square(2, 0, 2, 4), {"code": "B", "name": "幸福街道"}),
        ],
        "community": [
            (square(0, 0, 2, 2), {"code": "A1", "name": "新西社区", "parent": "A"}),
            (square(0, 2, 2, 2), {"code": "A2", "name": "北渡村", "parent": "A"}),
            (square(2, 0, 2, 2), {"code": "B1", "name": "秦西社区", "parent": "B"}),
            (square(2, 2, 2, 2), {"code": "B2", "name": "八里庙村社区", "parent": "B"}),
        ],
    }
    for level, cells in grid.items():
        bring(city, f"grid:{level}", cells)
    bring(city, "asset:road", _roads())
    bring(city, "asset:river", [(line((0, 1.5), (4, 1.5)), {"id": "R1", "name": "运料河"})])
    bring(
        city,
        "asset:sluice",
        [(spot(1, 1.5), {"id": "Z1", "name": "人民西路闸口", "road": "外环西路", "river": "运料河"})],
    )
    bring(
        city,
        "asset:street_light",
        [(spot(0.2 + 0.1 * n, 0.52), {"id": f"0312045{n}", "name": f"灯杆0312045{n}"}) for n in range(8)],
    )
    bring(
        city,
        "area:property",
        [
            (square(0.2, 0.7, 0.6, 0.5), {"code": "W1", "name": "虹桥北村"}),
            (square(3.0, 0.7, 0.4, 0.4), {"code": "W2", "name": "怡居小区"}),
        ],
    )
    bring(city, "asset:building", _buildings())
    return city


def _roads() -> list[Any]:
    return [
        (line((0, 0.5), (4, 0.5)), {"id": "L1", "name": "人民西路"}),
        (line((1, 0), (1, 4)), {"id": "L2", "name": "外环西路"}),
        (line((2.2, 3), (3.8, 3)), {"id": "L3", "name": "新港中心路"}),
    ]


def _buildings() -> list[Any]:
    """61幢 to 75幢 but 68 in rows of five; houses 1 to 40 but 17 and 18 on both sides of a road."""
    rows: list[Any] = []
    for n in range(61, 76):
        if n != 68:
            place = box(0.27 + 0.1 * ((n - 61) % 5), 1.1 - 0.1 * ((n - 61) // 5))
            rows.append(
                (
                    place,
                    {
                        "id": f"B{n}",
                        "name": f"虹桥北村{n}幢",
                        "estate": "虹桥北村",
                        "number": n,
                        "address": "",
                    },
                )
            )
    for n in range(1, 41):
        if n not in (17, 18):
            place = box(2.2 + 0.04 * n, 3.02 if n % 2 else 2.98, 0.01)
            rows.append(
                (
                    place,
                    {"id": f"H{n}", "name": "", "estate": "", "number": None, "address": f"新港中心路{n}号"},
                )
            )
    return rows
