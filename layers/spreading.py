"""A position's error spread over what a report may concern: assets, or the ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.uncertainty import REACH
from layers.asset_places import LEAST_MASS, on_assets
from layers.assets import Candidates, Nearest, concerned_kinds, find_candidates
from layers.evidence import Evidence
from layers.generation import Generation, Positions
from layers.ground import Around, bare, on_ground, scattered
from layers.hypotheses import Hypotheses, joined, on_asset

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PRIOR = 0.99  # of the reports whose category concerns assets, those that concern one that is there
TRACE = 0.02  # less than this is not followed up
REACH_95 = float(np.sqrt(-2 * np.log(0.05)))  # deviations that hold 95 % of the errors
NEAREST_POINTS = 128  # without a category every place of the error asks for its own nearest asset


def spread(
    generation: Generation, evidence: Evidence, rows: Positions, around: Around, x: Floats, y: Floats
) -> tuple[Hypotheses, Candidates]:
    """The hypotheses about the reports in ``rows`` that have a point for a position, and their candidates.

    Args:
        generation: the city.
        evidence: the reports.
        rows: which of them.
        around: what is known of the ground around them.
        x, y: their positions in metres, as many as the evidence.
    """
    sigma = evidence.deviation_m
    reach = REACH * sigma
    here = np.zeros(len(x), dtype=bool)
    here[rows] = True
    candidates = find_candidates(
        generation, np.where(here, x, np.nan), y, evidence.codes, reach, evidence.texts
    )
    exact = (sigma == 0) & here
    uncertain = (sigma > 0) & here
    has = np.zeros(len(x), dtype=bool)
    has[candidates.row] = True
    alone = bare(np.flatnonzero(exact & ~has), x, y)
    if not uncertain.any():
        return joined([_at_point(candidates, x, y), alone]), candidates
    known = np.array([concerned_kinds(generation, code) is not None for code in evidence.codes], dtype=bool)
    kinds = len(generation.asset_kinds) > 0
    weighable = candidates.take((uncertain & known)[candidates.row])
    nothing = _nothing_there(generation, evidence, weighable)
    weighed = on_assets(generation, evidence, weighable, x, y)
    mass = np.bincount(weighed.row, weighed.weight, len(x)) if len(weighed) else np.zeros(len(x))
    lost = uncertain & known & has & (mass < LEAST_MASS)  # so far from all that only their order tells
    weighed = weighed.take(~lost[weighed.row])
    weighed.weight[:] *= ((1 - nothing) / np.maximum(mass, LEAST_MASS))[weighed.row]
    near = _at_point(candidates.take((exact | lost)[candidates.row]), x, y)
    near.weight[:] *= np.where(lost, 1 - nothing, 1.0)[near.row]
    grounded = uncertain & np.where(known, nothing > 0, not kinds)
    parts = [
        near,
        alone,
        weighed,
        *on_ground(generation, evidence, np.where(grounded, nothing, 0.0), around, x, y),
        _nearest_everywhere(generation, evidence, uncertain & ~known & kinds, candidates, x, y),
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
    for number, kind in enumerate(generation.asset_kinds):
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


def _at_point(candidates: Candidates, x: Floats, y: Floats) -> Hypotheses:
    """The position itself, with the asset ranked first, or with each of several that are as good."""
    first = candidates.first()
    row = first.row
    return on_asset(row, x[row], y[row], first.kind, first.position, first.distance_m, np.ones(len(row)))


def _nearest_everywhere(
    generation: Generation, evidence: Evidence, which: Bools, candidates: Candidates, x: Floats, y: Floats
) -> Hypotheses:
    """Without a category any kind may be concerned: every place of the error has its own nearest asset."""
    rows = np.flatnonzero(which)
    places = scattered(evidence, rows, x, y, NEAREST_POINTS)
    found = Nearest.none(len(places))
    for number, kind in enumerate(generation.asset_kinds):
        # What is near a place is a candidate of its report.
        has = np.zeros(len(x), dtype=bool)
        has[candidates.row[candidates.kind == number]] = True
        found.improve(generation, kind, np.flatnonzero(has[places.row]), places.x, places.y)
    return replace(places, kind=found.kind, asset=found.position, distance_m=found.distance_m)
