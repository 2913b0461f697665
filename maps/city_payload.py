"""What the issue map's page is told of a city: its grid, its assets, its areas and its reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from layers.reasons import TEMPLATES
from maps.encode import columns, quantised, shapes, unit_of

MOST_POINTS = 5_000  # of one layer; what is beyond is thinned, and the page says so
MOST_SHAPES = 20_000  # lines and areas likewise
MOST_VERTICES = 150_000  # of one level; beyond, its outlines are simplified together

MAIN_ROADS = r"motorway|trunk|expressway|primary|secondary|arterial|主干|次干|快速|高速"

SHOWN = (
    *("category", "text", "status", "occurred_at", "cell_code", "cell_name", "cell_path"),
    *("topology", "certainty", "asset_id", "asset_kind", "asset_m", "owner_id", "owner_name"),
    *("alt_owner_id", "rule", "area_kind", "area_name", "problem", "accuracy_m", "parts"),
    *("number", "due_at", "overdue", "reason_zh", "reason_en"),  # of stored issues
)


def extent(frames: Sequence[GeoDataFrame], reports: pd.DataFrame | None) -> list[float]:
    """West, south, east, north of the layers, else of the reports, else of the whole world."""
    known = _boxes(frames) or _report_boxes(reports)
    if not known:
        return [-180.0, -60.0, 180.0, 75.0]
    west, south, east, north = np.transpose(known)
    return [float(west.min()), float(south.min()), float(east.max()), float(north.max())]


def _boxes(frames: Sequence[GeoDataFrame]) -> list[NDArray[np.float64]]:
    """The bounds of those frames that have any."""
    return [box for frame in frames if np.isfinite(box := frame.total_bounds).all()]


def _report_boxes(reports: pd.DataFrame | None) -> list[NDArray[np.float64]]:
    """The one box of all reports with a place, or none."""
    if reports is None:
        return []
    at = places(reports)
    at = at[np.isfinite(at[:, 0])]
    return [np.concatenate([at.min(axis=0), at.max(axis=0)])] if len(at) else []


def places(reports: pd.DataFrame) -> NDArray[np.float64]:
    """(n, 2) lng, lat of the reports; NaN in both where either is missing, no number or off the globe."""
    axes = [_degrees(reports, "lng", 180), _degrees(reports, "lat", 90)]
    at = np.column_stack(axes)
    at[np.isnan(at).any(axis=1)] = np.nan
    return at


def _degrees(frame: pd.DataFrame, name: str, most: float) -> NDArray[np.float64]:
    """A coordinate column as doubles, NaN where it is absent, no number or beyond the range."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    degrees = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.abs(degrees) <= most, degrees, np.nan)


def levels_payload(levels: Mapping[str, GeoDataFrame], unit: float, diagonal: float) -> list[dict[str, Any]]:
    """Every level, top first: names, the position of each cell's parent, where its name stands, outline."""
    coded: list[dict[str, Any]] = []
    upper: pd.Index[Any] = pd.Index([])
    for name, frame in levels.items():
        codes = pd.Index(frame["code"].astype(str))
        cells = columns(frame.assign(code=codes), ["code", "name", "owner_name"])
        parents = frame["parent"].astype(str) if "parent" in frame.columns else pd.Series([], dtype=str)
        outline = _coverage(frame.geometry, diagonal)
        coded.append(
            {
                "level": str(name),
                "count": len(frame),
                "columns": cells,
                "parent": _positions(upper, parents, len(frame)),
                "label": _label_points(frame.geometry, unit),
                "shapes": shapes(outline, 2, unit),
            }
        )
        upper = codes
    return coded


def _positions(index: pd.Index[Any], keys: pd.Series[Any], size: int) -> list[int]:
    """Where each key stands in the index (the first, if twice); -1 where it does not."""
    if not len(keys):
        return [-1] * size
    first = pd.Series(range(len(index)), index=index)
    first = first[~first.index.duplicated()]
    return [int(at) for at in first.reindex(keys).fillna(-1)]


def _coverage(outline: GeoSeries, diagonal: float) -> GeoSeries:
    """The outlines; where they have many vertices, simplified so that neighbours keep their common edges."""
    polygons = np.array(outline.values)
    polygons[shapely.is_missing(polygons)] = shapely.Polygon()
    invalid = ~shapely.is_valid(polygons)
    polygons[invalid] = shapely.buffer(polygons[invalid], 0)
    tolerance = diagonal / 20_000
    while shapely.get_num_coordinates(polygons).sum() > MOST_VERTICES and tolerance < diagonal / 1_000:
        try:
            polygons = shapely.coverage_simplify(polygons, tolerance)
        except shapely.errors.GEOSException:  # cells that overlap or collapse have no common edges to keep
            break
        tolerance *= 2
    return GeoSeries(polygons, crs=outline.crs)


def _label_points(outline: GeoSeries, unit: float) -> list[list[int | None]]:
    """Where names stand: the centroid, or, where that lies outside, a point that lies inside."""
    polygons = np.asarray(outline.values)
    centre = shapely.centroid(polygons)
    inside = shapely.intersects(centre, polygons)
    at = np.where(inside, centre, shapely.point_on_surface(polygons))
    return [quantised(shapely.get_x(at), unit), quantised(shapely.get_y(at), unit)]


def layers_payload(
    layers: Mapping[str, GeoDataFrame], key: str, unit: float, diagonal: float
) -> list[dict[str, Any]]:
    """Every kind with what is shown of it: ids, names, owners, and the shapes of its dimensions."""
    return [_layer(str(kind), frame, key, unit, diagonal) for kind, frame in layers.items()]


def _layer(kind: str, frame: GeoDataFrame, key: str, unit: float, diagonal: float) -> dict[str, Any]:
    total = len(frame)
    frame = thinned(frame, _most(frame))
    outline = frame.geometry.simplify(diagonal / 50_000)
    dimensions = set(shapely.get_dimensions(np.asarray(frame.geometry.values)).tolist()) - {-1}
    if (frame.geometry.geom_type == "GeometryCollection").any():
        dimensions = {0, 1, 2}
    return {
        "kind": kind,
        "total": total,
        "count": len(frame),
        "columns": columns(frame.rename(columns={key: "id"}), ["id", "name", "owner_name", "class"]),
        "shapes": [shapes(outline, dimension, unit) for dimension in sorted(dimensions, reverse=True)],
    }


def _most(frame: GeoDataFrame) -> int:
    """How many features of a layer are shown at most."""
    points = (shapely.get_dimensions(np.asarray(frame.geometry.values)) == 0).sum()
    return MOST_POINTS if 2 * points > len(frame) else MOST_SHAPES


def thinned(frame: GeoDataFrame, most: int) -> GeoDataFrame:
    """At most that many: main roads, then the largest lines and areas; points evenly over the ground."""
    if len(frame) <= most:
        return frame
    outline = np.asarray(frame.geometry.values)
    size = shapely.length(outline)
    if np.nanmedian(size) > 0:
        kept = np.lexsort((-np.nan_to_num(size), ~_main_roads(frame)))[:most]
    else:
        known = np.flatnonzero(~(shapely.is_missing(outline) | shapely.is_empty(outline)))
        along = known[np.argsort(frame.geometry.iloc[known].hilbert_distance().to_numpy(), kind="stable")]
        kept = along[np.linspace(0, len(along) - 1, min(most, len(along))).astype(int)]
    return frame.iloc[np.sort(kept)]


def _main_roads(frame: GeoDataFrame) -> NDArray[np.bool_]:
    """Which features are roads of a class that a map without them would be none."""
    if "class" not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(frame["class"].astype(str).str.contains(MAIN_ROADS), dtype=bool)


def reports_payload(
    reports: pd.DataFrame | None, levels: Mapping[str, GeoDataFrame], unit: float
) -> dict[str, Any]:
    """Every report: its place, its cell as (level, position), and the columns a reader sees."""
    if reports is None or not len(reports):
        return {"count": 0, "columns": {}, "lng": [], "lat": [], "level": {"all": -1}, "cell": {"all": -1}}
    frame = reports.reset_index(drop=True)
    at = places(frame)
    level, cell = _cells(frame, levels)
    where = columns(pd.DataFrame({"level": level, "cell": cell}), ["level", "cell"])
    return {
        "count": len(frame),
        "columns": columns(frame, _shown_columns()) | _share(frame),
        "lng": quantised(at[:, 0], unit),
        "lat": quantised(at[:, 1], unit),
        **where,
    }


def _shown_columns() -> list[str]:
    """What the page shows, and what the sentences of the reasons need."""
    sentences = (text for table in TEMPLATES.values() for text in table.values())
    needed = {name for text in sentences for _, name, _, _ in Formatter().parse(text) if name}
    return [*SHOWN, *sorted(needed - set(SHOWN) - {"category_name"})]


def _share(frame: pd.DataFrame) -> dict[str, Any]:
    """The owner's share as a percentage; rounded to one digit, .95 and .99 would be the same."""
    if "owner_share" not in frame.columns:
        return {}
    return columns(pd.DataFrame({"owner_share": 100 * frame["owner_share"]}), ["owner_share"])


def _cells(
    frame: pd.DataFrame, levels: Mapping[str, GeoDataFrame]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Level and position of every report's cell, -1 where it has none.

    Where two levels use the same code, the length of the cell's path tells them apart.
    """
    level = np.full(len(frame), -1)
    cell = np.full(len(frame), -1)
    if "cell_code" not in frame.columns:
        return level, cell
    codes = frame["cell_code"].astype(str)
    depth = _depths(frame)
    for number, cells in reversed(list(enumerate(levels.values()))):
        at = np.array(_positions(pd.Index(cells["code"].astype(str)), codes, len(frame)))
        better = (at >= 0) & ((level < 0) | (depth == number + 1))
        level[better], cell[better] = number, at[better]
    return level, cell


def _depths(frame: pd.DataFrame) -> NDArray[np.int64]:
    """How many codes the path of every report's cell has; 0 without one."""
    if "cell_path" not in frame.columns:
        return np.zeros(len(frame), np.int64)
    path = frame["cell_path"].fillna("").astype(str)
    return np.where(path == "", 0, path.str.count("/") + 1).astype(np.int64)


@dataclass(frozen=True)
class Ground:
    """What a page shows beside the reports: the same until the city changes.

    Attributes:
        levels: the grid, as it was given.
        coded: ready for `maps.encode.script_json`.
    """

    levels: Mapping[str, GeoDataFrame]
    coded: Mapping[str, Any]


def city_ground(
    levels: Mapping[str, GeoDataFrame],
    assets: Mapping[str, GeoDataFrame],
    areas: Mapping[str, GeoDataFrame],
    reports: pd.DataFrame | None = None,
) -> Ground:
    """The grid and the layers; of a city without any the reports say where it is.

    Args:
        levels: the grid, top level first: code, name, parent (a code of the level above), owner_name,
            geometry in WGS-84 degrees.
        assets: by kind: id, name, owner_name, geometry (points, lines, areas), for roads also class.
        areas: by kind: code, name, owner_name, geometry.
    """
    grid, others = list(levels.values()), [*assets.values(), *areas.values()]
    bounds = extent(grid if _boxes(grid) else others, reports)  # a river may run far beyond the city
    unit = unit_of(bounds)
    diagonal = float(np.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])) or 1e-3
    coded = {
        "unit": unit,
        "bounds": bounds,
        "levels": levels_payload(levels, unit, diagonal),
        "assets": layers_payload(assets, "id", unit, diagonal),
        "areas": layers_payload(areas, "code", unit, diagonal),
    }
    return Ground(levels, coded)


def city_payload(ground: Ground, reports: pd.DataFrame | None) -> dict[str, Any]:
    """Everything of a city that the page draws or lists, ready for `maps.encode.script_json`."""
    return {**ground.coded, "reports": reports_payload(reports, ground.levels, ground.coded["unit"])}
