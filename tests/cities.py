"""Small cities for the tests, made the way an administrator makes them."""

from __future__ import annotations

import atexit
import functools
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from layers.city import City, create_city
from layers.importing import Imported, ImportOptions, import_layer, parse_role

METRIC = "EPSG:4549"
WEST, SOUTH, STEP = 120.80, 32.00, 0.01  # a lattice of cells of about 950 m × 1,110 m near Nantong


def square(column: float, row: float, width: float = 1, height: float = 1) -> dict[str, Any]:
    """A polygon of the lattice, its corner at (column, row)."""
    x0, y0 = WEST + column * STEP, SOUTH + row * STEP
    x1, y1 = WEST + (column + width) * STEP, SOUTH + (row + height) * STEP
    return {"type": "Polygon", "coordinates": [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]}


def point(column: float, row: float) -> dict[str, Any]:
    """A point of the lattice."""
    return {"type": "Point", "coordinates": [WEST + column * STEP, SOUTH + row * STEP]}


def at(column: float, row: float) -> tuple[float, float]:
    """The degrees of a place of the lattice."""
    return WEST + column * STEP, SOUTH + row * STEP


def geojson(path: Path, features: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Path:
    """A GeoJSON file of (geometry, properties)."""
    body = [{"type": "Feature", "geometry": g, "properties": dict(p)} for g, p in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": body}), encoding="utf-8")
    return path


def bring(city: City, role: str, features: Sequence[Any], **options: str) -> Imported:
    """Import features as a role."""
    what, kind = parse_role(role)
    path = geojson(city.folder / f"{what}_{kind}.geojson", features)
    return import_layer(city, path, what, kind, ImportOptions(**options))


def words(city: City, rules: str) -> None:
    """Put other rules (and owners, categories …) in the place of those in city.toml."""
    head = re.split(r"\n\[\[(?:owner|rule)\]\]", city.toml.read_text(encoding="utf-8"), maxsplit=1)[0]
    city.toml.write_text(f"{head}\n{rules}", encoding="utf-8")


def small_city(folder: Path) -> City:
    """Two districts of 2 × 2 cells each with owners, one property area across them, two kinds of assets."""
    shutil.copytree(_small_city(), folder, dirs_exist_ok=True)
    return City(folder)


@functools.cache
def _small_city() -> Path:
    """Made once for all tests: every import starts a process."""
    city = create_city(Path(tempfile.mkdtemp(prefix="woodpecker-test-")), "小城", metric_crs=METRIC)
    atexit.register(shutil.rmtree, city.folder, ignore_errors=True)
    bring(
        city, "grid:district",
        [(square(0, 0, 2, 2), {"code": "A", "name": "西区", "body": "west"}),
         (square(2, 0, 2, 2), {"code": "B", "name": "东区", "body": "east"})],
        owner="body",
    )  # fmt: skip
    cells = [
        (
            square(c, r),
            {"code": f"{'A' if c < 2 else 'B'}{r}{c}", "name": f"格{r}{c}", "body": f"body-{r}{c}"},
        )
        for r in range(2)
        for c in range(4)
    ]
    bring(city, "grid:cell", cells, owner="body")
    bring(
        city,
        "area:property",
        [(square(1.5, 0.5), {"code": "P1", "name": "怡居小区", "owner": "wuye"})],
        owner="owner",
    )
    lamps = [
        (point(0.5 + i, 0.5), {"code": f"L{i}", "owner": ("lamps", "parks", "", "lamps")[i]})
        for i in range(4)
    ]
    bring(city, "asset:street_light", lamps, owner="owner")
    river = {"type": "LineString", "coordinates": [at(0, 1.5), at(4, 1.5)]}
    bring(city, "asset:river", [(river, {"code": "R1", "name": "运料河", "owner": "water"})], owner="owner")
    words(city, RULES)
    return city.folder


RULES = """
[[owner]]
id = "lamps"
name = "路灯管理所"

[[rule]]
id = "lamp"
when = { category = ["0118"], asset_kind = "street_light" }
owner = "@asset"

[[rule]]
id = "river"
when = { category = "E0105", asset_kind = "river" }
owner = "@asset"

[[rule]]
id = "property"
when = { category = ["0126"] }
owner = "@area.property"

[[rule]]
id = "west-noise"
when = { category = ["E0301"], cell = "A" }
owner = "noise-west"

[[rule]]
id = "territory"
owner = "@cell"
"""
