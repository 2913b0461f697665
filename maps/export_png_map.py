"""The map on a picture: shapes by class, the names of what matters, a scale bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from maps.export_classes import Look, looks_of
from maps.export_png_texts import Lettering
from maps.export_sheets import Geometries, Sheet, families

MOST_NAMES, MOST_CANDIDATES = 40, 400
MOST_ALL = 120  # of more, names on a few would say little
MARGIN = 0.03
INK = "#1f2933"
_LAST = ("hot", "rising", "cold", "falling")  # drawn over all others, and named first
_QUIET = ("not significant", "excluded")

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
Entries = list[tuple[Look, str, str]]
"""A look, its words, and what it is the look of: ``point``, ``line`` or ``polygon``."""


def draw_map(figure: Figure, box: Box, sheet: Sheet, letters: Lettering) -> Entries:
    """Draw a sheet into a part of a figure; returns the entries of its legend."""
    axes = figure.add_axes(box, facecolor="#fbfcfd")
    _frame(axes, sheet)
    looks = looks_of(sheet)
    rows = {look.value: _rows(sheet, look) for look in looks}
    order = sorted(looks, key=lambda look: (look.value in _LAST, look.value not in _QUIET))
    for turn, look in enumerate(order):
        _draw(axes, sheet.geometry[rows[look.value]], look, len(sheet.frame), turn / len(order))
    _scale_bar(axes, _unit(sheet), letters)
    _names(figure, axes, sheet, looks, rows, letters)
    said = [f"{letters.both(look.label)}  ({len(rows[look.value]):,})" for look in looks]
    kinds = [_family(sheet.geometry[rows[look.value]]) for look in looks]
    return list(zip(looks, said, kinds, strict=True))


def _family(geoms: Geometries) -> str:
    """What most of some geometries are."""
    names, counts = np.unique(families(geoms).astype(str), return_counts=True)
    placed = [(count, name) for name, count in zip(names, counts, strict=True) if name]
    return str(max(placed)[1]) if placed else "polygon"


def _rows(sheet: Sheet, look: Look) -> NDArray[np.intp]:
    if look.value is None:
        return np.arange(len(sheet.frame))
    values = sheet.frame[sheet.class_by].astype(object)
    if look.value == "":
        known = {other.value for other in looks_of(sheet)} - {""}
        return np.flatnonzero(~values.isin(known).to_numpy())
    return np.flatnonzero((values == look.value).to_numpy())


def _unit(sheet: Sheet) -> float:
    crs = sheet.frame.crs
    return 1.0 if crs is None else float(crs.axis_info[0].unit_conversion_factor)


def frame_of(geoms: Geometries) -> tuple[Floats, int]:
    """West, south, east, north of what is to be seen, and how many features lie off it.

    A few that lie far from all others would make the map of them a dot; the map leaves them out.
    """
    each = shapely.bounds(geoms[~shapely.is_missing(geoms)])
    if not len(each):
        return np.array([0.0, 0.0, 1000.0, 1000.0]), 0
    middle = (each[:, :2] + each[:, 2:]) / 2
    low, high = np.quantile(middle, [0.02, 0.98], axis=0)
    wide = np.maximum(high - low, 1.0)
    near = ((middle >= low - wide) & (middle <= high + wide)).all(axis=1)
    return np.array([*each[near, :2].min(axis=0), *each[near, 2:].max(axis=0)]), int((~near).sum())


def _frame(axes: Any, sheet: Sheet) -> None:
    """The extent with a margin, as wide as the part of the figure is; without numbers."""
    bounds, _ = frame_of(sheet.geometry)
    middle = (bounds[:2] + bounds[2:]) / 2
    half = np.maximum(bounds[2:] - bounds[:2], 50.0) / 2 * (1 + 2 * MARGIN)
    place = axes.get_window_extent()
    ratio = place.width / place.height
    half = np.array([max(half[0], half[1] * ratio), max(half[1], half[0] / ratio)])
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color("#cbd2d9")


def _draw(axes: Any, geoms: Geometries, look: Look, of: int, order: float) -> None:
    parts = _parts(geoms)
    kinds = shapely.get_type_id(parts)
    thin = float(np.clip(12 / np.sqrt(max(of, 1)), 0.08, 0.7))
    polygons, points = parts[kinds == 3], parts[kinds == 0]
    lines = parts[(kinds == 1) | (kinds == 2)]
    if len(polygons):
        hatch: dict[str, Any] = (
            {"facecolor": "none", "hatch": "////"} if look.is_hatched else {"facecolor": look.fill}
        )
        style: dict[str, Any] = {
            "edgecolor": look.edge,
            "linewidth": thin,
            "alpha": look.opacity,
            "zorder": order,
        }
        axes.add_collection(PathCollection(_outlines(polygons), **hatch, **style))
    if len(lines):
        width = max(thin * 2, 0.5)
        drawn = [shapely.get_coordinates(line) for line in lines]
        axes.add_collection(LineCollection(drawn, colors=look.fill, linewidths=width, zorder=3 + order))
    if len(points):
        xy = shapely.get_coordinates(points)
        size = float(np.clip(6000 / max(of, 1), 2, 36))
        edge = 0.4 if size > 8 else 0
        axes.scatter(*xy.T, s=size, c=look.fill, edgecolors="white", linewidths=edge, zorder=4 + order)


def _parts(geoms: Geometries) -> Geometries:
    parts = np.asarray(shapely.get_parts(geoms[~shapely.is_missing(geoms)]))
    while (shapely.get_type_id(parts) > 3).any():  # collections in collections
        parts = np.asarray(shapely.get_parts(parts))
    return parts


def _outlines(polygons: Geometries) -> list[Outline]:
    """Areas with their holes: rings of opposite turns leave out what is between them."""
    return [
        Outline.make_compound_path(
            *(
                Outline(shapely.get_coordinates(ring), closed=True)
                for ring in (polygon.exterior, *polygon.interiors)
            )
        )
        for polygon in shapely.orient_polygons(polygons)
    ]


def _scale_bar(axes: Any, unit: float, letters: Lettering) -> None:
    """A round length of at most a quarter of the map, in metres or kilometres; two halves, north above."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    most = (right - left) * unit / 4
    power = 10.0 ** np.floor(np.log10(most))
    metres = max(step * power for step in (1, 2, 5) if step * power <= most)
    long, x, y = metres / unit, left + (right - left) * 0.03, bottom + (top - bottom) * 0.035
    thick = (top - bottom) * 0.006
    halo = [withStroke(linewidth=2.5, foreground="white")]
    for turn, colour in enumerate((INK, "white")):
        axes.fill_between(
            [x + turn * long / 2, x + (turn + 1) * long / 2], y, y + thick, facecolor=colour, edgecolor=INK,
            linewidth=0.6, zorder=30,
        )  # fmt: skip
    said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    for at, text in ((x, "0"), (x + long, said)):
        letters.write(
            axes, at, y + thick * 2, text, size=8, color=INK, ha="center", va="bottom", zorder=31,
            path_effects=halo,
        )  # fmt: skip


def _names(
    figure: Figure, axes: Any, sheet: Sheet, looks: Sequence[Look], rows: Any, letters: Lettering
) -> None:
    """Names where there is room for them: of what stands out, else of what is largest."""
    column = next((name for name in ("cell_name", "name") if sheet.kinds.get(name) == "text"), "")
    loud = [look for look in looks if look.value in _LAST]
    named = np.concatenate([rows[look.value] for look in loud]) if loud else np.arange(len(sheet.frame))
    tested = any(look.value in (*_LAST, *_QUIET) for look in looks)
    if not column or not len(named) or (tested and not loud) or (not tested and len(named) > MOST_ALL):
        return
    sizes = np.nan_to_num(shapely.area(sheet.geometry[named]))
    named = named[np.argsort(-sizes, kind="stable")][:MOST_CANDIDATES]
    renderer = figure.canvas.get_renderer() if hasattr(figure.canvas, "get_renderer") else None
    taken: list[Any] = []
    for row in named:
        text, geometry = sheet.frame[column].iloc[row], sheet.geometry[row]
        if not isinstance(text, str) or not text or geometry is None:
            continue
        spot = shapely.point_on_surface(geometry)
        drawn = letters.write(
            axes, spot.x, spot.y, text[:24], size=6.5, color=INK, ha="center", va="center", zorder=20,
            path_effects=[withStroke(linewidth=1.8, foreground="white")], clip_on=True,
        )  # fmt: skip
        place = drawn.get_window_extent(renderer).padded(3)
        inside = axes.get_window_extent()
        is_out = place.x0 < inside.x0 or place.x1 > inside.x1 or place.y0 < inside.y0 or place.y1 > inside.y1
        if is_out or any(place.overlaps(other) for other in taken):
            drawn.remove()
        else:
            taken.append(place)
        if len(taken) >= MOST_NAMES:
            break
