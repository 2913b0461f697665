"""Exports of hotspots for the tests of what draws them: tested as a city's are, on drawn points."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import ArrayLike, NDArray

from geo.bins import Lattice, bins
from geo.density import density
from geo.density_contours import contour_levels, contours
from geo.hotspots import by_count, judged
from geo.neighbours import bin_neighbours
from layers.exported import Export, ExportTable
from layers.hotspot_columns import COLUMNS

METRIC = "EPSG:4549"
CORNER = np.array([550_000.0, 3_540_000.0])
SIZE_M = 250.0
NOTES = (
    ("热点说的是偶然以外的集中，不是原因。", "A hotspot is more than chance; it tells nothing of causes."),
    ("一个人上报多次只算一次。", "Who reports many times counts once."),
)
ABOUT = {"baseline": "none", "since": "2026-01-01", "until": "2026-11-01", "generation": "0001"}


def points(seed: int, *, side: int = 20, noise: int = 600, hot: int = 160) -> NDArray[np.float64]:
    """Metres: noise over a square of so many bins, and so many points about two places."""
    draw = np.random.default_rng(seed)
    even = draw.uniform(0, side * SIZE_M, (noise, 2))
    places = np.array([[0.3, 0.3], [0.7, 0.65]]) * side * SIZE_M
    near = places[draw.integers(0, 2, hot)] + draw.normal(0, 1.2 * SIZE_M, (hot, 2))
    return np.concatenate([even, np.clip(near, 1, side * SIZE_M - 1)]) + CORNER


def cells(xy: ArrayLike, *, category: str = "", side: int = 20, size_m: float = SIZE_M) -> GeoDataFrame:
    """The hotspots of a category among square bins, in the columns of an export."""
    ground = shapely.box(*CORNER, *(CORNER + side * SIZE_M))
    binned = bins(Lattice("square", size_m), xy, within=ground)
    counts = np.bincount(binned.position, minlength=len(binned.key))
    [found] = judged([by_count(counts, bin_neighbours(binned.key, "queen"))])
    evidence, n = found.evidence, len(counts)
    columns = {
        "category": [category] * n,
        "cell_code": [f"X{a % 1000:03}Y{b % 1000:03}" for a, b in binned.key.tolist()],
        "class": found.class_,
        "observed": evidence.observed,
        "expected": evidence.expected,
        "excess": evidence.excess,
        "relative_risk": evidence.relative_risk,
        "rr_low": evidence.low,
        "rr_high": evidence.high,
        "z": evidence.z,
        "p": evidence.p,
        "q": found.q,
        "reports": counts,
        "issues": counts // 2,
        "is_new": (found.class_ == "hot") & (np.arange(n) % 3 == 0),
        "top_category": np.where(counts > 2, "0118", None),
        "top_asset": np.where(counts > 2, "L17", None),
        "top_asset_kind": np.where(counts > 2, "street_light", None),
        "top_asset_issues": np.where(counts > 2, 4.0, np.nan),
        "geometry": binned.polygons,
    }
    frame = gpd.GeoDataFrame(pd.DataFrame(columns), geometry="geometry", crs=METRIC)
    return frame.to_crs("EPSG:4326")


def hotspots(frame: GeoDataFrame) -> ExportTable:
    """The first table."""
    return ExportTable("hotspots", ("热点", "Hotspots"), frame, COLUMNS, class_by="class")


def clusters() -> ExportTable:
    """Two of a scan, one of them perhaps chance."""
    at = [CORNER + 0.3 * 20 * SIZE_M, CORNER + 0.7 * 20 * SIZE_M]
    rows = {
        "rank": [1, 2],
        "category": ["", ""],
        "cell_codes": [["A", "B", "C"], ["D"]],
        "observed": [41, 12],
        "expected": [12.25, 7.5],
        "relative_risk": [3.9, np.inf],
        "llr": [22.1, 3.2],
        "p": [0.001, 0.32],
        "radius_m": [612.0, 250.0],
    }
    circles = [shapely.Point(place).buffer(r) for place, r in zip(at, (612, 250), strict=True)]
    frame = gpd.GeoDataFrame(rows, geometry=circles, crs=METRIC).to_crs("EPSG:4326")
    return ExportTable("clusters", ("扫描聚集区", "Scan clusters"), frame)


def density_table(xy: ArrayLike) -> ExportTable:
    """Contours of the same points."""
    surface = density(xy, bandwidth_m=300.0)
    drawn = contours(surface, contour_levels(surface, 5))
    rows = {"category": [""] * 5, "per_km2": [c.per_km2 for c in drawn], "level": range(1, 6)}
    frame = gpd.GeoDataFrame(rows, geometry=[c.area for c in drawn], crs=METRIC).to_crs("EPSG:4326")
    return ExportTable("density", ("密度", "Density"), frame, is_picture=True)


def export(frame: GeoDataFrame | None = None, *others: ExportTable, **fields: Any) -> Export:
    """An export of that frame, else of about four hundred cells with two hot places."""
    drawn = cells(points(1)) if frame is None else frame
    about = {"title": ("垃圾上报热点", "Hotspots of litter"), "about": ABOUT, "notes": NOTES, **fields}
    return Export(tables=(hotspots(drawn), *others), **about)


def whole_export() -> Export:
    """Hotspots with clusters and a density."""
    xy = points(1)
    return export(cells(xy), clusters(), density_table(xy))
