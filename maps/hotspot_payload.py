"""What pages of hotspots are told of an export: cells, clusters and density, and how many are which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from layers.exported import Export, ExportTable
from maps.encode import column, shapes, unit_of

MOST_CELLS = 5_000  # of one category; of more, those that do not stand out are one outline
MOST_ROWS = 40_000  # of all categories
DIGITS = 4
STANDING_OUT = ("hot", "cold")
CLASSES = (*STANDING_OUT, "not significant", "excluded")
SHOWN = (
    *("category", "cell_code", "cell_name", "class", "observed", "expected", "relative_risk", "rr_low"),
    *(
        "rr_high",
        "z",
        "q",
        "stability",
        "reports",
        "issues",
        "reporters",
        "is_new",
        "recent_class",
        "change_ratio",
    ),
    *("change_low", "change_high", "change_class", "trend_class", "top_category", "top_asset"),
    *("top_asset_kind", "top_asset_issues"),
)
CLUSTER_COLUMNS = (
    *("rank", "category", "observed", "expected", "relative_risk", "llr", "p", "radius_m", "cells"),
)
DENSITY_COLUMNS = ("category", "per_km2", "level")


def hotspot_payload(export: Export) -> dict[str, Any]:
    """Everything of an export that is drawn or listed, ready for `maps.encode.script_json`.

    Infinite numbers become ``"inf"`` and ``"-inf"``, since JSON has none; what is no number becomes null.
    """
    tables = {table.name: table for table in export.tables}
    bounds = _bounds([table.frame for table in export.tables])
    unit = unit_of(bounds) if bounds else 1e-6
    coded: dict[str, Any] = {
        "title": list(export.title),
        "about": [[str(name), str(value)] for name, value in export.about.items()],
        "notes": [list(note) for note in export.notes],
        "unit": unit,
        "bounds": bounds,
        "hotspots": _hotspots(export.tables[0], unit) if export.tables else None,
    }
    for name, columns in (("clusters", CLUSTER_COLUMNS), ("density", DENSITY_COLUMNS)):
        coded[name] = _table(tables[name], columns, unit) if name in tables else None
    return coded


def _bounds(frames: Sequence[GeoDataFrame]) -> list[float] | None:
    """West, south, east, north of all tables; None where they hold no geometry."""
    boxes = [box for frame in frames if len(frame) and np.isfinite(box := frame.total_bounds).all()]
    if not boxes:
        return None
    west, south, east, north = np.transpose(boxes)
    return [float(west.min()), float(south.min()), float(east.max()), float(north.max())]


def _hotspots(table: ExportTable, unit: float) -> dict[str, Any]:
    frame = table.frame.reset_index(drop=True)
    for name in ("category", "class"):
        frame = frame if name in frame.columns else frame.assign(**{name: ""})
    frame = frame.assign(category=_texts(frame["category"]), **{"class": _texts(frame["class"])})
    drawn = _drawn(frame)
    return {
        **_coded(table, frame[drawn], SHOWN, unit),
        "tally": _tally(frame, drawn),
        "outline": None if drawn.all() else shapes(_outline(frame.geometry, unit), 2, unit),
    }


def _texts(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype(object).where(values.notna(), "").astype(str)


def _drawn(frame: GeoDataFrame) -> NDArray[np.bool_]:
    """Which rows are drawn one by one: all while they are few, else what stands out, the surest first."""
    biggest = int(frame.groupby("category").size().max()) if len(frame) else 0
    if biggest <= MOST_CELLS and len(frame) <= MOST_ROWS:
        return np.ones(len(frame), dtype=np.bool_)
    chosen = np.asarray(frame["class"].isin(STANDING_OUT), dtype=np.bool_)
    if chosen.sum() > MOST_ROWS:
        depth = np.abs(_floats(frame, "z"))
        order = np.lexsort((-np.nan_to_num(depth), np.nan_to_num(_floats(frame, "q"), nan=1.0), ~chosen))
        chosen = np.zeros(len(frame), dtype=np.bool_)
        chosen[order[:MOST_ROWS]] = True
    return chosen


def _floats(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column as numbers, NaN where it is absent or none."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)


def _tally(frame: pd.DataFrame, drawn: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """How many cells of each category are which, in the order in which the categories come."""
    tally = []
    for category, rows in frame.assign(_drawn=drawn).groupby("category", sort=False):
        classes = rows["class"].value_counts()
        names = rows["category_name"].dropna().tolist() if "category_name" in rows.columns else []
        tally.append(
            {
                "category": str(category),
                "name": str(names[0]) if names else "",
                "cells": len(rows),
                "drawn": int(rows["_drawn"].sum()),
                "classes": [int(classes.get(name, 0)) for name in CLASSES],
            }
        )
    return tally


def _outline(geometry: GeoSeries, unit: float) -> GeoSeries:
    """The ground that cells share, as one feature: what is drawn in place of a hundred thousand squares."""
    polygons = np.unique(shapely.to_wkb(np.asarray(geometry.values)[shapely.area(geometry.values) > 0]))
    try:
        whole = shapely.coverage_union_all(shapely.from_wkb(polygons))
    except shapely.errors.GEOSException:  # cells that overlap are no coverage
        whole = shapely.union_all(shapely.from_wkb(polygons), grid_size=unit)
    return GeoSeries([shapely.Polygon() if whole is None else whole], crs=geometry.crs)


def _table(table: ExportTable, names: Sequence[str], unit: float) -> dict[str, Any]:
    frame = table.frame.reset_index(drop=True)
    if "cell_codes" in frame.columns:
        frame = frame.assign(cells=frame["cell_codes"].map(_how_many))
    if "category" in frame.columns:
        frame = frame.assign(category=_texts(frame["category"]))
    return _coded(table, frame, names, unit)


def _how_many(codes: object) -> int:
    """Of cell codes as a list, or as text with blanks or commas between."""
    if isinstance(codes, str):
        return len(codes.replace(",", " ").replace(";", " ").split())
    return len(codes) if isinstance(codes, (list, tuple, np.ndarray)) else 0


def _coded(table: ExportTable, frame: GeoDataFrame, names: Sequence[str], unit: float) -> dict[str, Any]:
    """Rows with their columns, and each distinct shape once: categories share their cells."""
    outline = np.asarray(frame.geometry.values)
    shape_of, distinct = pd.factorize(pd.Series(shapely.to_wkb(outline), dtype=object))
    kept = GeoSeries(shapely.from_wkb(np.asarray(distinct, dtype=object)), crs=frame.crs)
    dimensions = sorted(set(shapely.get_dimensions(np.asarray(kept.values)).tolist()) - {-1}, reverse=True)
    return {
        "title": list(table.title),
        "is_picture": table.is_picture,
        "labels": {name: list(table.labels[name]) for name in names if name in table.labels},
        "count": len(frame),
        "columns": {name: _column(frame[name]) for name in names if name in frame.columns},
        "shape": shape_of.tolist(),
        "shape_count": len(kept),
        "shapes": [shapes(kept, dimension, unit) for dimension in dimensions],
    }


def _column(values: pd.Series[Any]) -> dict[str, Any]:
    """A column as `maps.encode.column` has it, numbers to a few significant digits."""
    if pd.api.types.is_float_dtype(values):
        floats = values.to_numpy(np.float64, na_value=np.nan)
        values = pd.Series([_number(value) for value in floats.tolist()], dtype=object)
    return column(values)


def _number(value: float) -> float | str | None:
    if np.isnan(value):
        return None
    return str(value) if np.isinf(value) else float(f"{value:.{DIGITS}g}")
