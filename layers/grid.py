"""The grid's levels: their order, the parents of their cells, cells that come in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import MetricCrs
from geo.errors import LayerError
from geo.index import LayerIndex
from layers.findings import MESSAGES, Finding, Message

GRID = "grid"
PREFIX_SHARE = 0.9  # of a level's codes have to begin with their parent's for codes to be built that way
Objects = NDArray[np.object_]

MESSAGES["merged_parts"] = Message(
    "编码 {value}（{name}）有 {count} 个面，合并为一个网格。",
    "Code {value} ({name}) comes in {count} rows, merged into one cell.",
)


def merge_parts(frame: geopandas.GeoDataFrame, level: str) -> tuple[geopandas.GeoDataFrame, list[Finding]]:
    """Cells whose parts stand in several rows, as one cell each.

    Raises:
        LayerError: rows with one code but several names: which is the cell?
    """
    repeated = frame[frame["code"].duplicated(keep=False)]
    if repeated.empty:
        return frame, []
    names = repeated.groupby("code")["name"].nunique()
    if (names > 1).any():
        code = str(names.index[names > 1][0])
        several = ", ".join(map(str, repeated.loc[repeated["code"] == code, "name"].unique()[:3]))
        raise LayerError(
            f"Code {code!r} stands for several cells of level {level!r}: {several}.",
            fix="Codes are unique within a level: choose the right column with --code.",
        )
    first = frame[~frame["code"].duplicated()].copy()
    merged = {code: shapely.union_all(part.to_numpy()) for code, part in repeated.groupby("code")["geometry"]}
    first["geometry"] = [merged.get(c, g) for c, g in zip(first["code"], first["geometry"], strict=True)]
    counts = repeated["code"].value_counts(sort=False)
    findings = [
        Finding("merged_parts", "note", f"grid:{level}", value=str(code), count=int(n), detail={"name": name})
        for (code, n), name in zip(
            counts.items(), repeated.groupby("code", sort=False)["name"].first(), strict=True
        )
    ]
    return first, findings


def place_level(
    levels: Sequence[str],
    grid: Mapping[str, geopandas.GeoDataFrame],
    level: str,
    frame: geopandas.GeoDataFrame,
    metric_crs: str,
) -> tuple[str, ...]:
    """The levels with a new one in its place: larger cells stand above smaller ones.

    A level that is in the list already keeps the place the administrator gave it.
    """
    if level in levels:
        return tuple(levels)
    metric = MetricCrs(metric_crs)
    size = _median_area(metric, frame)
    smaller = (i for i, lv in enumerate(levels) if lv in grid and _median_area(metric, grid[lv]) < size)
    at = next(smaller, len(levels))
    return (*levels[:at], level, *levels[at:])


def _median_area(metric: MetricCrs, frame: geopandas.GeoDataFrame) -> float:
    return float(np.median(shapely.area(metric.geometries(np.asarray(frame.geometry.array, dtype=object)))))


def link_parents(
    levels: Sequence[str], grid: Mapping[str, geopandas.GeoDataFrame]
) -> dict[str, geopandas.GeoDataFrame]:
    """Every level with each cell's ``parent`` and ``parent_level`` found anew.

    The parent is the cell of the level above that ``parent_given`` names, else the one that contains
    the cell's representative point, else the one that its code begins with; where that level has none,
    the next level up is asked.
    """
    present = [level for level in levels if level in grid]
    linked: dict[str, geopandas.GeoDataFrame] = {}
    for depth, level in enumerate(present):
        frame = grid[level].drop(columns=["parent", "parent_level"], errors="ignore").reset_index(drop=True)
        parent = pd.Series("", frame.index, dtype=object)
        parent_level = parent.copy()
        for above in reversed(present[:depth]):
            orphans = parent.index[parent == ""]
            if len(orphans):
                found = _parents_in(linked[above], frame.loc[orphans])
                parent[orphans] = found
                parent_level[orphans] = np.where(found != "", above, "")
        frame.insert(2, "parent", parent)
        frame.insert(3, "parent_level", parent_level)
        linked[level] = frame
    return linked


def _parents_in(above: geopandas.GeoDataFrame, cells: geopandas.GeoDataFrame) -> pd.Series:
    codes = above["code"].to_numpy(dtype=object)
    given = cells["parent_given"].fillna("")
    parent = given.where(given.isin(codes), "")
    loose = parent.index[(parent == "") & (given == "")]
    inner = shapely.point_on_surface(np.asarray(cells.geometry[loose].array, dtype=object))
    order = np.argsort(codes.astype(str), kind="stable")
    row, cell = LayerIndex(np.asarray(above.geometry.array, dtype=object)[order]).covering(inner)
    parent[loose[row[::-1]]] = codes[order][cell[::-1]]  # the lowest code is written last
    _by_prefix(parent, cells["code"], codes, parent.index[(parent == "") & (given == "")])
    return pd.Series(parent, dtype=object)


def _by_prefix(parent: pd.Series, code: pd.Series, above: Objects, orphans: pd.Index) -> None:
    """Give cells that lie in no parent the one their code begins with, where codes are built that way."""
    found = parent.index[parent != ""]
    agreeing = [c.startswith(p) for c, p in zip(code[found], parent[found], strict=True)]
    if not agreeing or sum(agreeing) < PREFIX_SHARE * len(agreeing):
        return
    known = set(above)
    lengths = sorted({len(p) for p in known}, reverse=True)
    for row in orphans:
        starts = (code[row][:length] for length in lengths if length < len(code[row]))
        parent[row] = next((start for start in starts if start in known), "")
