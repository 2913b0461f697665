"""Which administrative boundaries of an extract become the levels of the grid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs
from geo.index import LayerIndex
from layers.findings import Finding
from layers.osm.extract import Extract, named

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]

PREFIX = "admin_"
COUNTRY_LEVEL = 3  # and above: a country or a union of them is no cell of a town
# Official numbers of a boundary, best first; ref comes late, because it is whatever people paint on signs.
CODE_TAGS = (
    *("de:amtlicher_gemeindeschluessel", "de:regionalschluessel", "ref:at:gkz", "swisstopo:BFS_NUMMER"),
    *("ref:INSEE", "ref:ISTAT", "ref:ine", "ref:nuts:3", "ref:gss", "ref:CN", "cn:code", "ksj2:AAC"),
    *("ISO3166-2", "ISO3166-1", "ISO3166-1:alpha2", "ref"),
)
INSIDE_SHARE = 0.5  # of a boundary's area has to lie within the extract's data
OVERLAP_SHARE = 0.01  # of a level's area may be covered twice
COVERED_SHARE = 0.9  # of the cells above has to be covered, where they have cells of the level at all
LEAST_COVERAGE = 0.1  # of the roads and buildings has to lie in cells, or the boundaries are no grid


class Chosen(NamedTuple):
    """The levels, top first, and what was said of the others."""

    levels: dict[str, geopandas.GeoDataFrame]
    findings: list[Finding]


def choose_levels(extract: Extract, spots: Objects, metric: MetricCrs) -> Chosen:
    """The grid levels that an extract's boundaries make, top first; none where they make no grid.

    A level is taken if its cells do not overlap and, where they divide a cell above, leave little of it over.

    Args:
        extract: what was read.
        spots: a point of every road and building.
        metric: to measure areas in.
    """
    findings = _others(extract)
    frame, outside = _inside(extract, spots, metric)
    findings += _told("osm_boundary_outside", "note", outside)
    taken: dict[str, geopandas.GeoDataFrame] = {}
    for level, cells in _by_level(frame):
        why = _why_not(cells, list(taken.values()), metric)
        if why:
            findings.append(_left_out(level, len(cells), why))
        else:
            taken[f"{PREFIX}{level}"] = _cells(cells)
    if taken:
        share = _coverage(taken, spots)
        findings += _judged(taken, share)
        taken = taken if share >= LEAST_COVERAGE else {}
    return Chosen(taken, findings)


def _others(extract: Extract) -> list[Finding]:
    """Boundaries that are no cells, told apart by why."""
    findings = []
    for why in ("cut", "open", "part"):
        names = pd.DataFrame([other for other in extract.others if other["why"] == why])
        severity = "warning" if why == "open" else "note"
        findings += _told(f"osm_boundary_{why}", severity, names)
    return findings


def _told(code: str, severity: str, boundaries: pd.DataFrame) -> list[Finding]:
    """One finding a level, with the names."""
    if boundaries.empty:
        return []
    return [
        Finding(
            code, "warning" if severity == "warning" else "note", f"grid:{PREFIX}{level}",
            value=named(_labels(of_level)), count=len(of_level),
        )
        for level, of_level in boundaries.groupby("level")
    ]  # fmt: skip


def _labels(boundaries: pd.DataFrame) -> list[str]:
    return [str(name or key) for name, key in zip(boundaries["name"], boundaries["id"], strict=True)]


def _inside(
    extract: Extract, spots: Objects, metric: MetricCrs
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """The closed boundaries that the extract holds the data of, and the others."""
    frame = extract.boundaries
    if frame.empty:
        return frame, frame
    areas = np.asarray(frame.geometry.array, dtype=object)
    _, cell = LayerIndex(areas).covering(spots)
    here = np.bincount(cell, minlength=len(areas)) > 0 if len(spots) else np.ones(len(areas), dtype=bool)
    if extract.box is not None:
        box = shapely.box(extract.box.west, extract.box.south, extract.box.east, extract.box.north)
        within = shapely.area(metric.geometries(shapely.intersection(areas, box)))
        here &= within >= INSIDE_SHARE * shapely.area(metric.geometries(areas))
    return frame[here], frame[~here]


def _by_level(frame: geopandas.GeoDataFrame) -> list[tuple[int, geopandas.GeoDataFrame]]:
    """Cells by level, top first; countries only where nothing else closes."""
    levels = sorted(set(frame["level"])) if len(frame) else []
    lower = [level for level in levels if level > COUNTRY_LEVEL]
    return [(level, frame[frame["level"] == level]) for level in lower or levels]


def _why_not(
    cells: geopandas.GeoDataFrame, above: list[geopandas.GeoDataFrame], metric: MetricCrs
) -> tuple[str, str] | None:
    """Why a level's cells make no grid level, in Chinese and English; None where they do."""
    areas = metric.geometries(np.asarray(cells.geometry.array, dtype=object))
    joined = shapely.union_all(areas)
    twice = 1 - joined.area / shapely.area(areas).sum()
    if twice > OVERLAP_SHARE:
        return f"互相重叠（{twice:.0%} 的面积）", f"they overlap one another ({twice:.0%} of their area)"
    if not above:
        return None
    upper = metric.geometries(np.asarray(above[-1].geometry.array, dtype=object))
    covered = shapely.area(shapely.intersection(upper, joined))
    divided = covered > OVERLAP_SHARE * shapely.area(upper)
    share = covered[divided].sum() / shapely.area(upper[divided]).sum() if divided.any() else 0.0
    if share < COVERED_SHARE:
        return f"只覆盖上级网格的 {share:.0%}", f"they cover only {share:.0%} of the cells above them"
    return None


def _left_out(level: int, count: int, why: tuple[str, str]) -> Finding:
    layer, detail = f"grid:{PREFIX}{level}", {"why_zh": why[0], "why_en": why[1]}
    return Finding("osm_level_left_out", "note", layer, value=str(level), count=count, detail=detail)


def _coverage(levels: Mapping[str, geopandas.GeoDataFrame], spots: Objects) -> float:
    """The share of the points that lie in some cell."""
    if not len(spots):
        return 1.0
    areas = np.concatenate([np.asarray(frame.geometry.array, dtype=object) for frame in levels.values()])
    row, _ = LayerIndex(areas).covering(spots)
    return len(np.unique(row)) / len(spots)


def _judged(levels: Mapping[str, geopandas.GeoDataFrame], share: float) -> list[Finding]:
    if share < LEAST_COVERAGE:
        why = (f"只覆盖道路和建筑的 {share:.0%}", f"they hold only {share:.0%} of the roads and buildings")
        return [_left_out(int(name.removeprefix(PREFIX)), len(frame), why) for name, frame in levels.items()]
    count = sum(map(len, levels.values()))
    said = [Finding("osm_levels", "note", "grid", value=", ".join(levels), count=count)]
    if share < COVERED_SHARE:
        said.append(Finding("osm_coverage", "warning", "grid", value=f"{share:.0%}"))
    return said


def _cells(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """A level as the draft holds it."""
    codes = _codes(frame)
    table = {
        "code": codes,
        "name": frame["name"].where(frame["name"].notna(), codes),
        "name_zh": frame["name_zh"],
        "name_en": frame["name_en"],
        "owner": "",
        "parent_given": "",
        "osm_id": frame["id"],
    }
    cells = geopandas.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs)
    return cells.sort_values("code", ignore_index=True)


def _codes(frame: geopandas.GeoDataFrame) -> pd.Series[Any]:
    """The first official number that every cell of the level has and no two share, else the map's id."""
    tags = [json.loads(text) for text in frame["tags"]]
    for key in CODE_TAGS:
        values = [of.get(key, "").strip() for of in tags]
        if all(values) and len(set(values)) == len(values):
            return pd.Series(values, frame.index, dtype=object)
    return pd.Series(frame["id"], dtype=object)
