"""The places on assets that lie under an error, and what each weighs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.uncertainty import (
    POINTS,
    area_mass,
    line_nodes,
    point_mass,
    unit_points,
)
from layers.assets import POINT_SIZE_M, Candidates, concerned_kinds
from layers.evidence import Evidence
from layers.generation import Generation, Objects, Positions
from layers.hypotheses import Hypotheses, joined, on_asset
from layers.mentions import named_names, side_named
from layers.records import concatenated
from layers.surroundings import STREET

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# How much likelier an asset is of a kind than of the next kind in the category's list, all else equal.
ORDER_ODDS = 2.0
NAMED_ODDS = 50.0  # an asset whose own name or street the text names, against one that it does not
SIDE_ODDS = 20.0  # a place on the side that the text names, against one on the other
LEAST_MASS = 1e-9  # of the error, on all candidates: less, and the position says nothing about them


def on_assets(
    generation: Generation, evidence: Evidence, candidates: Candidates, x: Floats, y: Floats
) -> Hypotheses:
    """Each candidate's places, weighed by the part of the error that falls on them."""
    coded = np.zeros(len(x), dtype=bool)
    coded[candidates.row[candidates.coded]] = True
    candidates = candidates.take(candidates.coded | ~coded[candidates.row])
    kinds = generation.asset_kinds
    parts = []
    for number in np.unique(candidates.kind):
        of_kind = candidates.take(candidates.kind == number)
        shapes = generation.asset_index[kinds[number]].geometries[of_kind.position]
        half = generation.half_width[kinds[number]][of_kind.position]
        parts += _places(evidence, of_kind, shapes, half, x, y)
    if not parts:
        return joined([])
    entry = [_hypotheses(candidate, *place) for candidate, place in parts]
    every = concatenated(entry)
    order = np.concatenate([candidate.order[place[0]] for candidate, place in parts])
    every.weight[:] *= ORDER_ODDS ** -order.astype(float)
    every.weight[_in_earlier(generation, evidence, every, order)] = 0.0
    every.weight[:] *= _odds_of_text(generation, evidence, every)
    # A code settles it, however far the asset is.
    every.weight[coded[every.row]] += LEAST_MASS
    return every.take(every.weight > 0)


def _hypotheses(of: Candidates, entry: Positions, x: Floats, y: Floats, mass: Floats) -> Hypotheses:
    return on_asset(of.row[entry], x, y, of.kind[entry], of.position[entry], of.distance_m[entry], mass)


Place = tuple[Positions, Floats, Floats, Floats]  # which candidate, x, y, mass


def _places(
    evidence: Evidence, of: Candidates, shapes: Objects, half: Floats, x: Floats, y: Floats
) -> list[tuple[Candidates, Place]]:
    dimension = shapely.get_dimensions(shapes)
    sigma = evidence.deviation_m[of.row]
    px, py = x[of.row], y[of.row]
    points, lines = dimension == 0, dimension == 1
    areas = dimension == 2
    return [
        (of.take(points), _point_places(shapes[points], sigma[points], px[points], py[points])),
        (of.take(lines), line_nodes(shapes[lines], px[lines], py[lines], sigma[lines], half[lines])),
        (of.take(areas), _area_places(shapes[areas], sigma[areas], px[areas], py[areas])),
    ]


def _point_places(shapes: Objects, sigma: Floats, px: Floats, py: Floats) -> Place:
    xy = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])  # NaN for those of several points
    several = np.isnan(xy[:, 0])
    to = shapely.shortest_line(shapely.points(px[several], py[several]), shapes[several])
    xy[several] = shapely.get_coordinates(shapely.get_point(to, -1)).reshape(-1, 2)
    distance = np.hypot(xy[:, 0] - px, xy[:, 1] - py)
    mass = point_mass(distance, sigma, POINT_SIZE_M)
    return np.arange(len(shapes)), xy[:, 0], xy[:, 1], mass


def _area_places(shapes: Objects, sigma: Floats, px: Floats, py: Floats) -> Place:
    """Small areas by their middle, large ones by the points of the error that fall into them."""
    size = np.sqrt(shapely.area(shapes))
    small = np.flatnonzero(size < sigma)
    large = np.flatnonzero(size >= sigma)
    entry, x, y, mass = _hits(shapes, large, sigma, px, py)
    hit = np.isin(large, entry)
    missed = large[~hit]
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes[small])).reshape(-1, 2)
    away = np.hypot(middle[:, 0] - px[small], middle[:, 1] - py[small])
    small_mass = point_mass(away, sigma[small], size[small] / np.sqrt(np.pi))
    points = shapely.points(px[missed], py[missed])
    edge = shapely.get_coordinates(
        shapely.get_point(shapely.shortest_line(points, shapes[missed]), -1)
    ).reshape(-1, 2)
    far = np.hypot(edge[:, 0] - px[missed], edge[:, 1] - py[missed])
    missed_mass = area_mass(far, sigma[missed], size[missed] ** 2)
    return (
        np.concatenate([entry, small, missed]),
        np.concatenate([x, middle[:, 0], edge[:, 0]]),
        np.concatenate([y, middle[:, 1], edge[:, 1]]),
        np.concatenate([mass, small_mass, missed_mass]),
    )


def _hits(shapes: Objects, large: Positions, sigma: Floats, px: Floats, py: Floats) -> Place:
    entry = np.repeat(large, POINTS)
    unit = np.tile(unit_points(POINTS), (len(large), 1))
    x, y = px[entry] + sigma[entry] * unit[:, 0], py[entry] + sigma[entry] * unit[:, 1]
    shapely.prepare(shapes[large])
    inside = shapely.intersects_xy(shapes[entry], x, y)
    entry, x, y = entry[inside], x[inside], y[inside]
    return entry, x, y, np.full(len(entry), 1.0 / POINTS)


def _in_earlier(generation: Generation, evidence: Evidence, every: Hypotheses, order: Positions) -> Bools:
    """Places that an asset of an earlier kind contains: on the bridge they are the bridge's."""
    taken = np.zeros(len(every), dtype=bool)
    of, codes = pd.factorize(evidence.codes)
    for number, code in enumerate(codes):
        for place, kind in enumerate(concerned_kinds(generation, code) or ()):
            later = np.flatnonzero((of[every.row] == number) & (order > place))
            if kind in generation.assets and len(later):
                half = generation.half_width[kind]
                on = generation.asset_index[kind].within_own(every.x[later], every.y[later], half)
                taken[later[on]] = True
    return taken


# ---- what the text says


def _odds_of_text(generation: Generation, evidence: Evidence, every: Hypotheses) -> Floats:
    odds = np.ones(len(every))
    told = np.flatnonzero(evidence.texts[every.row] != "")
    if len(told):
        some = every.take(told)
        odds[told[_named(generation, evidence.texts, some)]] = NAMED_ODDS
        odds[told] *= np.where(_on_named_side(generation, evidence.texts, some), SIDE_ODDS, 1.0)
    return odds


def _named(generation: Generation, texts: Objects, some: Hypotheses) -> Bools:
    """Whether the text names the asset or the street it stands in."""
    own = np.full(len(some), "", dtype=object)
    street = own.copy()
    for number, kind in enumerate(generation.asset_kinds):
        of_kind = some.kind == number
        position = some.asset[of_kind]
        own[of_kind] = generation.assets[kind].name[position]
        street[of_kind] = generation.surroundings.street_names(kind)[position]
    return named_names(texts, some.row, [own, street])


def _on_named_side(generation: Generation, texts: Objects, some: Hypotheses) -> Bools:
    """Whether the place lies on the side that the text names: of the line it is on, else of its street."""
    rows = np.unique(some.row)
    towards = {int(row): side_named(texts[row]) for row in rows}
    direction = np.array([towards[int(row)] for row in some.row]).reshape(-1, 2)
    on_side = np.zeros(len(some), dtype=bool)
    named = np.flatnonzero(np.abs(direction).sum(axis=1) > 0)
    for entry in named:  # few reports name a side
        line = _line_of(generation, some, int(entry))
        if line is not None:
            place = shapely.Point(some.x[entry], some.y[entry])
            foot = shapely.get_point(shapely.shortest_line(place, line), -1)
            offset = np.array([place.x - foot.x, place.y - foot.y])
            on_side[entry] = float(offset @ direction[entry]) > 0
    return on_side


def _line_of(generation: Generation, some: Hypotheses, entry: int) -> shapely.Geometry | None:
    kind = generation.asset_kinds[some.kind[entry]]
    shape: shapely.Geometry = generation.asset_index[kind].geometries[some.asset[entry]]
    if shapely.get_dimensions(shape) == 1:
        return shape
    street = generation.surroundings.streets(kind)[some.asset[entry]]
    return generation.asset_index[STREET].geometries[street] if street >= 0 else None
