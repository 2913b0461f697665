"""Where a report may really be and which asset it may concern: weighed hypotheses.

The position's error is spread over what the category concerns: over the assets that lie under it where it
concerns assets, over the ground where it does not. A hypothesis is a place, an asset or none, and a weight;
each report's weights add up to 1. What an asset weighs is the part of the error that falls on it (its disc,
its band, its area), for a report on an asset comes from the asset: this is the posterior for a true
place that is equally likely anywhere on the assets concerned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.uncertainty import (
    POINTS,
    REACH,
    area_mass,
    line_nodes,
    point_mass,
    unit_points,
)
from layers.assets import POINT_SIZE_M, Candidates, concerned_kinds, find_candidates, kinds_of
from layers.evidence import Evidence
from layers.generation import NONE, Generation, Objects, Positions
from layers.mentions import named_names, side_named
from layers.records import concatenated, take
from layers.surroundings import STREET

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# How much likelier an asset is of a kind than of the next kind in the category's list, all else equal.
ORDER_ODDS = 2.0
NAMED_ODDS = 50.0  # an asset whose own name or street the text names, against one that it does not
SIDE_ODDS = 20.0  # a place on the side that the text names, against one on the other
PRIOR = 0.99  # of the reports whose category concerns assets, those that concern one that is there
TRACE = 0.02  # less than this is not followed up
REACH_95 = float(np.sqrt(-2 * np.log(0.05)))  # deviations that hold 95 % of the errors
LEAST_MASS = 1e-9  # of the error, on all candidates: less, and the position says nothing about them
SMALL_PART, FEW_POINTS = 0.25, 64
NEAREST_POINTS = 128  # without a category every place of the error asks for its own nearest asset


@dataclass(frozen=True)
class Hypotheses:
    """One entry a report and place.

    Attributes:
        row: the report.
        x, y: metres.
        kind, asset: as in `layers.assets.AssetAnswer`, -1 for none.
        distance_m: of that asset from the reported position, less its half-width; NaN for none.
        weight: adds up to 1 for each report.
        cell: a cell that stands fixed, -1 where the place tells it.
    """

    row: Positions
    x: Floats
    y: Floats
    kind: Positions
    asset: Positions
    distance_m: Floats
    weight: Floats
    cell: Positions

    def __len__(self) -> int:
        return len(self.row)

    def take(self, entries: Positions | Bools) -> Hypotheses:
        """Some of the entries."""
        return take(self, entries)


def ground(row: Positions, x: Floats, y: Floats, weight: Floats) -> Hypotheses:
    """Places without an asset."""
    none = np.full(len(row), NONE, dtype=np.intp)
    return Hypotheses(row, x, y, none, none.copy(), np.full(len(row), np.nan), weight, none.copy())


def joined(parts: list[Hypotheses]) -> Hypotheses:
    """All of them, by report, each report's weights made to add up to 1."""
    if not parts:
        nothing, none = np.empty(0), np.empty(0, dtype=np.intp)
        return ground(none, nothing, nothing, nothing)
    every = concatenated(parts)
    every = every.take(np.argsort(every.row, kind="stable"))
    total = np.bincount(every.row, every.weight) if len(every) else np.empty(0)
    every.weight[:] = every.weight / total[every.row]
    return every


def spread(
    generation: Generation, evidence: Evidence, rows: Positions, x: Floats, y: Floats
) -> tuple[Hypotheses, Candidates]:
    """The hypotheses about the reports in ``rows`` that have a point for a position, and their candidates.

    Args:
        generation: the city.
        evidence: the reports.
        rows: which of them.
        x, y: their positions in metres, as many as the evidence.
    """
    sigma = evidence.deviation_m
    reach = REACH * sigma
    here = np.isin(np.arange(len(x)), rows)
    candidates = find_candidates(
        generation, np.where(here, x, np.nan), y, evidence.codes, reach, evidence.texts
    )
    exact = (sigma == 0) & here
    uncertain = (sigma > 0) & here
    known = np.array([concerned_kinds(generation, code) is not None for code in evidence.codes], dtype=bool)
    has = np.zeros(len(x), dtype=bool)
    has[candidates.row] = True
    kinds = len(kinds_of(generation)) > 0
    on_assets = candidates.take((uncertain & known)[candidates.row])
    nothing = _nothing_there(generation, evidence, on_assets)
    weighed = _on_assets(generation, evidence, on_assets, x, y)
    mass = np.bincount(weighed.row, weighed.weight, len(x)) if len(weighed) else np.zeros(len(x))
    lost = uncertain & known & has & (mass < LEAST_MASS)  # so far from all that only their order tells
    weighed = weighed.take(~lost[weighed.row])
    weighed.weight[:] *= ((1 - nothing) / np.maximum(mass, LEAST_MASS))[weighed.row]
    near = _at_point(candidates.take((exact | lost)[candidates.row]), x, y)
    near.weight[:] *= np.where(lost, 1 - nothing, 1.0)[near.row]
    on_ground = uncertain & np.where(known, nothing > 0, not kinds)
    parts = [
        near,
        _bare(np.flatnonzero(exact & ~has), x, y),
        weighed,
        *_on_ground(generation, evidence, np.where(on_ground, nothing, 0.0), x, y),
        *_nearest_everywhere(generation, evidence, uncertain & ~known & kinds, x, y),
    ]
    return joined(parts), candidates


def _nothing_there(generation: Generation, evidence: Evidence, candidates: Candidates) -> Floats:
    """How likely each report concerns no asset that is there, although its category concerns some.

    ``PRIOR`` of such reports concern one, and then lie on the assets; the others lie anywhere in the city.
    So the odds are how much of the error falls on the assets, against how much of the city they cover (and
    how much of it falls on the city, where it is wider).
    Reporters stand within the kind's radius of the asset (95 %), besides the position's error. 1 where there
    is no candidate, 0 where a code is named or it is less than `TRACE`.
    """
    sigma = evidence.deviation_m
    support = np.zeros(len(sigma))
    for number, kind in enumerate(kinds_of(generation)):
        of = candidates.take(candidates.kind == number)
        if not len(of):
            continue
        stand = np.hypot(sigma[of.row], generation.config.radius(kind) / REACH_95)
        shapes = generation.asset_index[kind].geometries[of.position]
        points, metres, ground_m2 = np.maximum(generation.surroundings.extent(kind), 1.0)
        disc = 2 * np.pi * stand**2
        density = np.choose(
            np.clip(shapely.get_dimensions(shapes), 0, 2),
            [
                1 / disc / points,
                1 / np.sqrt(disc) / metres,
                np.minimum(shapely.area(shapes) / disc, 1) / ground_m2,
            ],
        )
        near = density * np.exp(-0.5 * (of.distance_m / stand) ** 2)
        wide = np.maximum(disc, generation.surroundings.ground_m2)
        support += np.bincount(of.row, wide * near, len(sigma))
    nothing = (1 - PRIOR) / (PRIOR * support + 1 - PRIOR)
    nothing[(nothing < TRACE) | np.isin(np.arange(len(sigma)), candidates.row[candidates.coded])] = 0.0
    return np.asarray(nothing)


def _bare(rows: Positions, x: Floats, y: Floats) -> Hypotheses:
    return ground(rows, x[rows], y[rows], np.ones(len(rows)))


def _at_point(candidates: Candidates, x: Floats, y: Floats) -> Hypotheses:
    """The position itself, with the asset ranked first, or with each of several that are as good."""
    first = candidates.first()
    row = first.row
    none = np.full(len(row), NONE, dtype=np.intp)
    return Hypotheses(
        row, x[row], y[row], first.kind, first.position, first.distance_m, np.ones(len(row)), none
    )


def _on_ground(
    generation: Generation, evidence: Evidence, part: Floats, x: Floats, y: Floats
) -> list[Hypotheses]:
    """The part of each report's error that is spread over the ground, as places that share it.

    Where no boundary is near, the position stands for all of it; a small part needs few places.
    """
    rows = np.flatnonzero(part > 0)
    near = generation.surroundings.boundaries.any_within(
        shapely.points(x[rows], y[rows]), REACH * evidence.deviation_m[rows]
    )
    small = part[rows] < SMALL_PART
    places = [
        _bare(rows[~near], x, y),
        _scattered(evidence, rows[near & ~small], x, y, POINTS),
        _scattered(evidence, rows[near & small], x, y, FEW_POINTS),
    ]
    for of in places:
        of.weight[:] *= part[of.row]
    return places


def _scattered(evidence: Evidence, rows: Positions, x: Floats, y: Floats, count: int) -> Hypotheses:
    offset = evidence.deviation_m[rows][:, None, None] * unit_points(count)
    row = np.repeat(rows, count)
    places = np.stack([x[rows], y[rows]], axis=1)[:, None, :] + offset
    flat = places.reshape(-1, 2)
    return ground(row, flat[:, 0].copy(), flat[:, 1].copy(), np.full(len(row), 1.0 / count))


def _nearest_everywhere(
    generation: Generation, evidence: Evidence, which: Bools, x: Floats, y: Floats
) -> list[Hypotheses]:
    """Without a category any kind may be concerned: every place of the error has its own nearest asset."""
    places = _scattered(evidence, np.flatnonzero(which), x, y, NEAREST_POINTS)
    blank = np.full(len(places), "", dtype=object)
    found = find_candidates(generation, places.x, places.y, blank, np.zeros(len(places)), blank).first()
    _, entry = np.unique(found.row, return_index=True)
    found = found.take(entry)
    places.kind[found.row], places.asset[found.row] = found.kind, found.position
    places.distance_m[found.row] = found.distance_m
    return [places]


# ---- assets under an error


def _on_assets(
    generation: Generation, evidence: Evidence, candidates: Candidates, x: Floats, y: Floats
) -> Hypotheses:
    """Each candidate's places, weighed by the part of the error that falls on them."""
    coded = np.zeros(len(x), dtype=bool)
    coded[candidates.row[candidates.coded]] = True
    candidates = candidates.take(candidates.coded | ~coded[candidates.row])
    kinds = kinds_of(generation)
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
    none = np.full(len(entry), NONE, dtype=np.intp)
    return Hypotheses(
        of.row[entry], x, y, of.kind[entry], of.position[entry], of.distance_m[entry], mass, none
    )


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
                points = shapely.points(every.x[later], every.y[later])
                on = generation.asset_index[kind].within_own(points, generation.half_width[kind])
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
    for number, kind in enumerate(kinds_of(generation)):
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
    kind = kinds_of(generation)[some.kind[entry]]
    shape: shapely.Geometry = generation.asset_index[kind].geometries[some.asset[entry]]
    if shapely.get_dimensions(shape) == 1:
        return shape
    street = generation.surroundings.streets(kind)[some.asset[entry]]
    return generation.asset_index[STREET].geometries[street] if street >= 0 else None
