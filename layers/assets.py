"""Which assets a report may concern, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.generation import NONE, Generation, Objects, Positions
from layers.mentions import named_codes, with_codes
from layers.records import concatenated, is_alone, starts, take

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# A point asset is as large as a thing one stands at; assets are surveyed to half a metre (class A of
# GB/T 30428.2), so that of two at one spot neither is nearer.
POINT_SIZE_M = 3.0
SURVEY_ACCURACY_M = 0.5
CODE_REACH_M = 300.0  # an asset whose code is named may lie this much farther away


@dataclass(frozen=True)
class AssetAnswer:
    """An asset for each entry: kind (position in ``kinds``), its position there, metres; -1 for none."""

    kinds: tuple[str, ...]
    kind: Positions
    position: Positions
    distance_m: Floats

    def rows(self, rows: Positions) -> AssetAnswer:
        """The answers of some entries."""
        return AssetAnswer(self.kinds, self.kind[rows], self.position[rows], self.distance_m[rows])


@dataclass(frozen=True)
class Candidates:
    """Assets that reports may concern, one entry a report and asset; by report, kind order, kind and id.

    Attributes:
        row: the report.
        kind, position: the asset, as in `AssetAnswer`.
        order: place of the kind in the category's list; 0 for all where no category is given.
        distance_m: to the asset, less the half-width of a line; 0 inside.
        coded: whether the report's text names the asset's id.
    """

    row: Positions
    kind: Positions
    position: Positions
    order: Positions
    distance_m: Floats
    coded: Bools

    def __len__(self) -> int:
        return len(self.row)

    def take(self, entries: Positions | Bools) -> Candidates:
        """Some of the entries."""
        return take(self, entries)

    @cached_property
    def ranked(self) -> Candidates:
        """By report, the first first: code named in the text, containment, order of kinds, distance, id."""
        order = np.arange(len(self))
        several = np.flatnonzero(~is_alone(self.row))
        of = self.take(several)
        keys = (of.position, of.kind, of.distance_m, of.order, of.distance_m > 0, ~of.coded, of.row)
        order[several] = several[np.lexsort(keys)]
        return self.take(order)

    def first(self) -> Candidates:
        """The first of each report and those that are as good: no worse but by their id."""
        ranked = self.ranked
        start = starts(ranked.row)
        best = np.repeat(start, np.diff(start, append=len(ranked)))
        same = (
            (ranked.coded == ranked.coded[best])
            & ((ranked.distance_m > 0) == (ranked.distance_m[best] > 0))
            & (ranked.order == ranked.order[best])
            & (ranked.distance_m <= ranked.distance_m[best] + SURVEY_ACCURACY_M)
        )
        return ranked.take(same)


def find_candidates(
    generation: Generation, x: Floats, y: Floats, codes: Objects, reach_m: Floats, texts: Objects
) -> Candidates:
    """Every asset that its category concerns and that lies within its kind's radius of where the report
    may be.

    Args:
        generation: the city.
        x, y: positions in metres; NaN is near nothing.
        codes: category codes; an empty one concerns every kind, an unknown one none.
        reach_m: how far the position may be wrong.
        texts: what the reports say.
    """
    spoken = with_codes(texts) if texts.any() else np.zeros(len(x), dtype=bool)
    of, given = pd.factorize(codes)
    lists = [concerned_kinds(generation, code) for code in given]
    found = [_none()]
    for number, kind in enumerate(generation.asset_kinds):
        place = np.array([_place_of(kind, listed) for listed in lists], dtype=np.intp)[of]
        rows = np.flatnonzero(place >= 0)
        if len(rows):
            among = _Among(rows, place[rows], x[rows], y[rows], reach_m[rows], texts, spoken[rows])
            found.append(_of_kind(generation, kind, number, among))
    every = concatenated(found)
    return every.take(np.lexsort((every.order, every.row)))


def _place_of(kind: str, listed: tuple[str, ...] | None) -> int:
    """The place of a kind in a category's list; the first for all where there is no category; -1 for none."""
    if listed is None:
        return 0
    return listed.index(kind) if kind in listed else NONE


def _none() -> Candidates:
    nothing = np.empty(0, dtype=np.intp)
    return Candidates(nothing, nothing, nothing, nothing, np.empty(0), np.empty(0, dtype=bool))


@dataclass(frozen=True)
class _Among:
    """Reports whose category concerns a kind.

    Attributes:
        order: the place of the kind in the category's list.
        texts: those of all reports, by row.
        spoken: whether a report's text holds words that may be codes.
    """

    rows: Positions
    order: Positions
    x: Floats
    y: Floats
    reach_m: Floats
    texts: Objects
    spoken: Bools


def _of_kind(generation: Generation, kind: str, number: int, among: _Among) -> Candidates:
    half = generation.half_width[kind]
    widest = float(half.max(initial=0.0))
    radius = generation.config.radius(kind) + among.reach_m
    near, position, centre = generation.asset_index[kind].within(
        among.x, among.y, radius + widest + np.where(among.spoken, CODE_REACH_M, 0.0)
    )
    if not len(near):
        return _none()
    distance = np.maximum(centre - half[position], 0.0)
    coded = np.zeros(len(near), dtype=bool)
    told = np.flatnonzero(among.spoken[near])
    if len(told):
        ids = generation.assets[kind].id[position[told]]
        coded[told] = named_codes(among.texts, among.rows[near[told]], ids)
    keep = (distance <= radius[near]) | coded
    near, position, distance, coded = near[keep], position[keep], distance[keep], coded[keep]
    of = np.full(len(near), number, dtype=np.intp)
    return Candidates(among.rows[near], of, position, among.order[near], distance, coded)


@dataclass(frozen=True)
class Nearest:
    """The first asset of each place by distance, then kind, then id: -1 and NaN for none yet."""

    kind: Positions
    position: Positions
    distance_m: Floats

    @classmethod
    def none(cls, count: int) -> Nearest:
        """For so many places nothing."""
        nothing = np.full(count, NONE, dtype=np.intp)
        return cls(nothing, nothing.copy(), np.full(count, np.nan))

    def improve(self, generation: Generation, kind: str, of: Positions, x: Floats, y: Floats) -> None:
        """Enter the assets of a kind that are within its radius and nearer than what was found before, for
        some of the places; to be called kind by kind, in their order.
        """
        of, position, distance = _nearest_of_kind(generation, kind, of, x, y)
        # The following negation handles NaN correctly. Don't change.
        nearer = ~(distance >= self.distance_m[of])
        of = of[nearer]
        self.kind[of] = generation.asset_kinds.index(kind)
        self.position[of], self.distance_m[of] = position[nearer], distance[nearer]


def _nearest_of_kind(
    generation: Generation, kind: str, of: Positions, x: Floats, y: Floats
) -> tuple[Positions, Positions, Floats]:
    """``(place, position, distance)`` of the nearest asset within the kind's radius, less its half-width."""
    half, radius = generation.half_width[kind], generation.config.radius(kind)
    widest = float(half.max(initial=0.0))
    if not widest:
        position, distance = generation.asset_index[kind].nearest(x[of], y[of], radius)
        found = np.flatnonzero(position >= 0)
        return of[found], position[found], distance[found]
    place, position, centre = generation.asset_index[kind].within(x[of], y[of], radius + widest)
    distance = np.maximum(centre - half[position], 0.0)
    kept = np.flatnonzero(distance <= radius)
    kept = kept[np.lexsort((position[kept], distance[kept], place[kept]))]
    kept = kept[starts(place[kept])]
    return of[place[kept]], position[kept], distance[kept]


def concerned_kinds(generation: Generation, code: str) -> tuple[str, ...] | None:
    """The asset kinds that a category concerns, in order; None where there is no category. An unknown one
    concerns the asset kind of its name, or nothing.
    """
    category = generation.config.categories.get(code)
    if category is not None:
        return category.asset_kinds
    if not code:
        return None
    return (code,) if code in generation.assets else ()
