"""The ground under an error: how far nothing changes, and what part of the error lies on which ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.uncertainty import POINTS, REACH, unit_points
from layers.cells import BOUNDARY_ACCURACY_M, CellAnswer, locate_areas, locate_cells
from layers.evidence import Evidence
from layers.generation import Generation, Positions
from layers.hypotheses import Hypotheses, ground
from layers.records import take
from layers.sections import locate_sections

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SMALL_PART, FEW_POINTS = 0.25, 64
BEYOND_M = 50.0  # beside the error boundaries are sought so far, for the assets there
WIDEST = float(np.hypot(*unit_points(POINTS)[-1]))  # deviations, of the places that stand for an error
DRAWN_M = 0.1  # boundaries are surely known to this, in the city's plane


@dataclass(frozen=True)
class Around:
    """What is known of the ground around each position.

    Attributes:
        free_m: within this the cell and the areas that rules ask for are those of the position.
        has_boundary: whether a boundary lies within the error.
    """

    free_m: Floats
    has_boundary: Bools


def look_around(
    generation: Generation, evidence: Evidence, cells: CellAnswer, x: Floats, y: Floats
) -> Around:
    """What lies around the positions that have an error; nothing is free around the others."""
    around = Around(np.zeros(len(x)), np.zeros(len(x), dtype=bool))
    rows = np.flatnonzero((evidence.deviation_m > 0) & np.isfinite(x))
    if not len(rows):
        return around
    error = REACH * evidence.deviation_m[rows]
    _, away = generation.surroundings.boundaries.nearest(x[rows], y[rows], error + BEYOND_M)
    around.has_boundary[rows] = away <= error
    # Between cells and outside, the cell may change where no boundary is.
    covered = cells.distance_m[rows] == 0
    free = np.where(np.isnan(away), error + BEYOND_M, away) - DRAWN_M
    around.free_m[rows] = np.where(covered, np.maximum(free, 0.0), 0.0)
    return around


def on_ground(
    generation: Generation, evidence: Evidence, part: Floats, around: Around, x: Floats, y: Floats
) -> list[Hypotheses]:
    """The part of each report's error that is spread over the ground, as places that share it.

    Where no boundary is near, the position stands for all of it; a small part needs few places.
    """
    rows = np.flatnonzero(part > 0)
    near, small = around.has_boundary[rows], part[rows] < SMALL_PART
    places = [bare(rows[~near], x, y)]
    for which, count in ((near & ~small, POINTS), (near & small, FEW_POINTS)):
        apart = _is_apart(generation, evidence, rows[which], x, y)
        places.append(scattered(evidence, rows[which][apart], x, y, count))
        equal = rows[which][~apart]
        if len(equal):
            places.append(_on_equal_ground(generation, evidence, equal, around, x, y, count))
    for of in places:
        of.weight[:] *= part[of.row]
    return places


def bare(rows: Positions, x: Floats, y: Floats) -> Hypotheses:
    """The positions themselves, without an asset."""
    return ground(rows, x[rows], y[rows], np.ones(len(rows)))


def scattered(evidence: Evidence, rows: Positions, x: Floats, y: Floats, count: int) -> Hypotheses:
    """Places that stand for the error of each of some reports."""
    return _places(evidence, np.repeat(rows, count), np.tile(np.arange(count), len(rows)), x, y, count)


def _places(
    evidence: Evidence, row: Positions, number: Positions, x: Floats, y: Floats, count: int
) -> Hypotheses:
    unit, sigma = unit_points(count), evidence.deviation_m[row]
    return ground(
        row, x[row] + sigma * unit[number, 0], y[row] + sigma * unit[number, 1],
        np.full(len(row), 1.0 / count),
    )  # fmt: skip


def _on_equal_ground(
    generation: Generation,
    evidence: Evidence,
    rows: Positions,
    around: Around,
    x: Floats,
    y: Floats,
    count: int,
) -> Hypotheses:
    """The places that stand for each report's error, the first of those on equal ground for all of them."""
    routes = _near_routes(generation, evidence, rows, x, y)
    radius = np.hypot(*unit_points(count).T)  # ascending
    free = np.where(routes, 0, np.searchsorted(radius, around.free_m[rows] / evidence.deviation_m[rows]))
    # The first place stands for all on the free ground, so the next is the first beyond it.
    skipped = np.maximum(free - 1, 0)
    each = count - skipped
    row = np.repeat(rows, each)
    first = np.cumsum(each) - each
    number = np.arange(len(row)) + np.repeat(skipped - first, each)
    number[first] = 0
    places = _places(evidence, row, number, x, y, count)
    places.places[first] = skipped + 1
    return _merged(places, _grounds(generation, places, np.repeat(routes, each)))


def _is_apart(generation: Generation, evidence: Evidence, rows: Positions, x: Floats, y: Floats) -> Bools:
    """For which reports every place counts for itself: it may have several cells, or a shared edge's."""
    apart = np.full(len(rows), generation.surroundings.cells_overlap)
    for kind, edge_of in generation.surroundings.shared.items():
        half = generation.half_width[kind][edge_of >= 0]
        reach = half.max(initial=0.0) + BOUNDARY_ACCURACY_M + DRAWN_M
        near, asset, _ = generation.asset_index[kind].within(
            x[rows], y[rows], reach + WIDEST * evidence.deviation_m[rows]
        )
        apart[near[edge_of[asset] >= 0]] = True
    return apart


def _near_routes(generation: Generation, evidence: Evidence, rows: Positions, x: Floats, y: Floats) -> Bools:
    """Whether a route with sections may be near a place that stands for each report's error."""
    near = np.zeros(len(rows), dtype=bool)
    for kind in generation.sections:
        reach = generation.config.radius(kind) + WIDEST * evidence.deviation_m[rows] + DRAWN_M
        near |= generation.lookups.section_members(kind).any_within(x[rows], y[rows], reach)
    return near


def _grounds(generation: Generation, places: Hypotheses, routes: Bools) -> list[Positions]:
    """Cell, areas and sections of each place, as far as an answer may depend on them."""
    lng, lat = generation.metric.to_lnglat(places.x, places.y)
    grounds = [locate_cells(generation, lng, lat).cell]
    grounds += locate_areas(generation, lng, lat, generation.surroundings.asked_areas).values()
    for kind in generation.sections if routes.any() else ():
        grounds.append(locate_sections(generation, kind, places.x, places.y, near=routes).position)
    return grounds


def _merged(places: Hypotheses, grounds: list[Positions]) -> Hypotheses:
    """The first place of each report on each ground, with the weight of all."""
    key = places.row
    for column in grounds:
        key = pd.factorize(key * (int(column.max(initial=0)) + 2) + column + 1)[0]
    first = np.flatnonzero(np.diff(np.maximum.accumulate(key), prepend=-1))
    merged = take(places, first)
    count = np.bincount(key, places.places)
    merged.weight[:] *= count
    merged.places[:] = count
    return merged
