"""What reports are held against: inhabitants, ground, or assets of a kind, in each part of a city."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import NotFoundError
from layers.generation import Features, Generation, Objects
from layers.hotspot_units import ROAD, Units
from layers.population import summed_population

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

POPULATION, AREA = "population", "area"
WATER_KINDS = ("river", "water_area", "water", "lake", "reservoir", "canal")
"""Where these lie as areas, only what concerns them can be reported."""
NEARLY = 0.9
"""A baseline that is chosen must be known in so many of the cells of a level."""
LEAST_GROUND = 0.01
"""Where cells leave less of the one above them, nobody lives between them."""
UNDER_WATER = 0.9
"""A part of a city with so much water on it is water."""


def exposure_of(generation: Generation, units: Units, baseline: str) -> Floats:
    """What each part has of a baseline: inhabitants, km² (km, of stretches of road), or assets of a kind:
    how many, or, of lines, km (along stretches of other lines, how many). Shape (n,).

    Raises:
        NotFoundError: nobody said how many live where, or the city has no assets of the kind.
    """
    if baseline == POPULATION:
        return _population(generation, units)
    if baseline == AREA:
        return units.length_km if units.division.kind == ROAD else units.area_km2
    layer = generation.assets.get(baseline)
    if layer is None:
        kinds = ", ".join(["share", POPULATION, AREA, "none", *sorted(generation.assets)])
        raise NotFoundError(f"There is no baseline {baseline!r}.", fix=f"Choose one of: {kinds}.")
    return _assets(generation, units, layer)


def has_population(generation: Generation) -> bool:
    """Whether it was said how many live nearly everywhere."""
    cells = generation.cells
    people = summed_population(cells.parent, generation.surroundings.declared_population)
    known = ~np.isnan(people)
    for level in dict.fromkeys(cells.level.tolist()):
        rows = cells.level == level
        if (people[rows] > 0).any() and known[rows].mean() >= NEARLY:
            return True
    return False


def _population(generation: Generation, units: Units) -> Floats:
    declared = generation.surroundings.declared_population
    if not (declared > 0).any():
        fix = "Import a grid with --population COL, or take another baseline."
        raise NotFoundError("Nobody said how many live in the cells.", fix=fix)
    people = summed_population(generation.cells.parent, declared)[units.cells]
    if len(units.cells) and not np.isnan(people).any():
        return np.asarray(people)
    lived = _spread(units, *_homes(generation, declared))
    return np.asarray(np.where(np.isnan(people), lived, people)) if len(units.cells) else lived


def _homes(generation: Generation, declared: Floats) -> tuple[Objects, Floats]:
    """Areas in which people are taken to live evenly, and how many in each.

    They are the cells that say it: the lowest whole, and of those above them the ground of which no cell
    below says it, with the people who are not in these.
    """
    said = ~np.isnan(declared)
    lowest, above = np.flatnonzero(said), generation.cells.parent[said]
    while (skipped := (above >= 0) & ~said[above]).any():
        above[skipped] = generation.cells.parent[above[skipped]]
    metric = generation.metric.geometries(generation.cells.geometry[lowest])
    homes, people = shapely.make_valid(metric), declared[lowest].copy()
    below = np.bincount(above[above >= 0], declared[lowest][above >= 0], minlength=len(said))[lowest]
    for row in np.flatnonzero(np.isin(lowest, above)):
        people[row] = max(people[row] - below[row], 0)
        rest = homes[row]
        if people[row] > 0:
            rest = shapely.difference(
                rest, shapely.union_all(shapely.make_valid(metric[above == lowest[row]]))
            )
        if shapely.area(rest) < LEAST_GROUND * shapely.area(homes[row]):
            people[row] = 0  # two censuses, or slits between the cells
        homes[row] = rest
    return homes[people > 0], people[people > 0]


def _spread(units: Units, homes: Objects, people: Floats) -> Floats:
    """Of people who live in areas, those in each part, by the share of the ground (the length) it has."""
    unit, home = shapely.STRtree(homes).query(units.metric, predicate="intersects")
    measure = shapely.length if units.division.kind == ROAD else shapely.area
    shared = measure(shapely.intersection(units.metric[unit], homes[home]))
    total = np.bincount(home, shared, minlength=len(homes)) if units.division.kind == ROAD else measure(homes)
    part = shared / np.where(total > 0, total, 1)[home]
    return np.bincount(unit, people[home] * part, minlength=len(units)).astype(np.float64)


def _assets(generation: Generation, units: Units, layer: Features) -> Floats:
    metric = generation.metric.geometries(layer.geometry)
    lines = shapely.get_dimensions(metric) == 1
    are_lines = 2 * lines.sum() > (~shapely.is_missing(metric)).sum()
    if are_lines and units.division.kind == ROAD and layer.kind == ROAD:
        return units.length_km
    if are_lines and units.division.kind != ROAD:
        unit, line = shapely.STRtree(metric[lines]).query(units.ground, predicate="intersects")
        each = shapely.length(shapely.intersection(units.ground[unit], metric[lines][line])) / 1000
        return np.bincount(unit, each, minlength=len(units)).astype(np.float64)
    return _numbers(units, layer.geometry)


def _numbers(units: Units, geometry: Objects) -> Floats:
    there = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    points = shapely.point_on_surface(there)
    position = units.place(shapely.get_x(points), shapely.get_y(points))
    return np.bincount(position[position >= 0], minlength=len(units)).astype(np.float64)


def is_water(generation: Generation, units: Units) -> Bools:
    """Which parts are all but covered by water, shape (n,)."""
    layers = [generation.assets[kind] for kind in WATER_KINDS if kind in generation.assets]
    shapes = np.concatenate([np.empty(0, dtype=object), *(layer.geometry for layer in layers)])
    shapes = shapes[shapely.get_dimensions(shapes) == 2]
    if not len(shapes) or units.division.kind == ROAD:
        return np.zeros(len(units), dtype=np.bool_)
    water = shapely.make_valid(generation.metric.geometries(shapes))
    unit, of = shapely.STRtree(water).query(units.ground, predicate="intersects")
    covered = np.zeros(len(units))
    order = np.argsort(unit, kind="stable")
    unit, of = unit[order], of[order]
    for each, start, end in zip(*_runs(unit), strict=True):
        pieces = shapely.union_all(shapely.intersection(units.ground[each], water[of[start:end]]))
        covered[each] = shapely.area(pieces)
    ground = units.area_km2 * 1e6
    return np.asarray((ground > 0) & (covered >= UNDER_WATER * ground))


def _runs(sorted_: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    each, start = np.unique(sorted_, return_index=True)
    return each, start, np.append(start[1:], len(sorted_)).astype(np.intp)


def has_any(generation: Generation, units: Units, kinds: Sequence[str]) -> Bools | None:
    """Which parts have, or touch, an asset of one of the kinds; None where the city has none of them."""
    layers = [generation.assets[kind] for kind in kinds if kind in generation.assets]
    if not layers:
        return None
    geometry = np.concatenate([layer.geometry for layer in layers])
    metric = generation.metric.geometries(geometry[~shapely.is_missing(geometry)])
    found = np.zeros(len(units), dtype=np.bool_)
    unit, _ = shapely.STRtree(metric).query(units.metric, predicate="dwithin", distance=BESIDE_M)
    found[unit] = True
    return found


BESIDE_M = 30.0
"""Reports of an asset lie so far beside it."""
