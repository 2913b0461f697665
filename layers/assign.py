"""Whose is it: reports in, cell, areas, asset, owners and how sure out; one function for one or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.bulk import bulk
from layers.assets import AssetAnswer
from layers.blocks import blocks, on_threads, together
from layers.cells import CellAnswer, locate_areas, locate_cells
from layers.evidence import Evidence, read_evidence
from layers.extents import over_shapes
from layers.generation import NONE, Generation, Objects, Positions
from layers.ground import Around, look_around
from layers.holders import Holders, find_holders
from layers.hypotheses import Hypotheses, joined
from layers.questions import find_questions
from layers.records import starts, take
from layers.resolve import Facts, resolve
from layers.rules import ROLES
from layers.sections import locate_sections
from layers.spreading import spread
from layers.surroundings import STREET
from layers.verdicts import (
    STREET_BOUND,
    AssetShares,
    Bound,
    OwnerShares,
    asset_shares,
    bind,
    owner_shares,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDING_M = 0.001
MANY = 256  # reports for which it may pay to make what answers faster
CERTAIN, LIKELY = 0.95, 0.8  # the least share of the lead owner for each certainty


@dataclass(frozen=True)
class SectionPlace:
    """The section of one route kind that each report lies in: position, metre, metres to the left."""

    position: Positions
    route_m: Floats
    offset_m: Floats


@dataclass(frozen=True)
class Verdicts:
    """The answers that rest on the rules and on how wrong positions are.

    Attributes:
        bound: the asset, street or section that the report is bound to.
        assets: every asset that may be concerned, with its share.
        owners: every owner that may answer, with its share.
        rule, owner, share: the lead owner, its rule and its share; -1 and NaN for none.
        rival: the runner-up, -1 for none.
        others: per other role the rule and the owner.
        sections: per route kind.
        question_zh, question_en: what would settle most, where the owner is ambiguous.
    """

    bound: Bound
    assets: AssetShares
    owners: OwnerShares
    rule: Positions
    owner: Positions
    share: Floats
    rival: Positions
    others: Mapping[str, tuple[Positions, Positions]]
    sections: Mapping[str, SectionPlace]
    question_zh: Objects
    question_en: Objects


@dataclass(frozen=True)
class Assignments:
    """The answers for many reports, as columns in the order of the reports.

    Attributes:
        generation: the version of the city that answered.
        evidence: what the reports say.
        cells: where the positions lie in the grid.
        areas: per kind, the area that covers the position (lowest code), -1 for none.
        holders: who holds the position by a shared edge.
        verdicts: whose it is.
    """

    generation: Generation
    evidence: Evidence
    cells: CellAnswer
    areas: Mapping[str, Positions]
    holders: Holders
    verdicts: Verdicts

    def __len__(self) -> int:
        return len(self.evidence)

    @property
    def lng(self) -> Floats:
        """Of the positions, in degrees."""
        return self.evidence.lng

    @property
    def lat(self) -> Floats:
        """Of the positions, in degrees."""
        return self.evidence.lat

    @property
    def categories(self) -> Objects:
        """Category codes as the table knows them."""
        return self.evidence.codes

    @property
    def assets(self) -> AssetAnswer:
        """The asset, or piece of the street or section, that each report is bound to."""
        return self.verdicts.bound.assets

    @property
    def owner(self) -> Positions:
        """The lead owners."""
        return self.verdicts.owner

    @property
    def rule(self) -> Positions:
        """The rules that named the lead owners."""
        return self.verdicts.rule

    @property
    def is_tie_break(self) -> Bools:
        """Which answers rest on the last resort, the lowest code of several cells."""
        return np.asarray(self.cells.is_tied & (self.holders.edge < 0))


def assign(
    generation: Generation,
    lng: ArrayLike,
    lat: ArrayLike,
    *,
    category: Sequence[str] | None = None,
    accuracy_m: ArrayLike | None = None,
    level: ArrayLike = 68,
    text: Sequence[str] | None = None,
    occurred_at: ArrayLike | None = None,
    shape: Sequence[shapely.Geometry | None] | None = None,
    extent: ArrayLike | None = None,
) -> Assignments:
    """Assign reports to cell, areas, asset and owners.

    Args:
        generation: the version of the city to ask.
        lng, lat: shape (n,), WGS-84 degrees; not finite or out of range is answered with topology ``none``.
        category: codes or names of the generation's categories, empty where unknown.
        accuracy_m: radius of each position in metres; NaN or nothing means 0.
        level: the part of the errors, in percent, that the accuracy holds: 68 on phones, 95 in browsers.
        text: what the reporters wrote: a code in it, a street or a side of it tells assets apart.
        occurred_at: when, in UTC, as datetime64; NaT or nothing where not known: then no rule that asks
            for a time holds.
        shape: geometries in degrees, or None: a polygon that holds the place somewhere, or the reported
            line or area itself. Where there is one, it is the position.
        extent: whether the shape is the thing itself; its owners then share its length or area.

    Raises:
        CoordinateError: a level that is no percentage.
    """
    evidence = read_evidence(
        generation, lng, lat, category, accuracy_m, level, text, occurred_at, shape, extent
    )
    with bulk(len(evidence) >= MANY):
        several = blocks(generation, evidence)
        if len(several) == 1:
            return _assign(generation, evidence)
        return together(on_threads(lambda block: _assign(generation, take(evidence, block)), several))


def _assign(generation: Generation, evidence: Evidence) -> Assignments:
    on_shapes, evidence = over_shapes(generation, evidence)
    cells = locate_cells(generation, evidence.lng, evidence.lat, evidence.accuracy_m)
    areas = locate_areas(generation, evidence.lng, evidence.lat)
    x, y = generation.metric.points(evidence.lng, evidence.lat)
    holders = find_holders(generation, x, y)
    tied = cells.is_tied & (holders.cell >= 0)
    cells.cell[tied] = holders.cell[tied]
    rows = np.flatnonzero(np.isfinite(x) & ~evidence.is_shape)
    around = look_around(generation, evidence, cells, x, y)
    at_points, candidates = spread(generation, evidence, rows, around, x, y)
    hypotheses = _among_cells(generation, joined([on_shapes, at_points]), evidence, cells, holders)
    places, facts = _facts(generation, evidence, hypotheses, cells, areas, around, x, y)
    verdicts = _decide(generation, evidence, hypotheses, facts, places, asset_shares(hypotheses, candidates))
    _measure_streets(generation, verdicts.bound, x, y)
    return Assignments(generation, evidence, cells, areas, holders, verdicts)


def _among_cells(
    generation: Generation, hypotheses: Hypotheses, evidence: Evidence, cells: CellAnswer, holders: Holders
) -> Hypotheses:
    """Places in several cells: a hypothesis for each cell, unless a shared edge decides. Of positions with an
    error those are asked that lie where cells overlap; nothing of an error falls just on an edge.
    """
    row, cell = cells.rivals
    open_ = (evidence.deviation_m[row] == 0) & (holders.edge[row] < 0) & ~evidence.is_shape[row]
    hypotheses = _divided(hypotheses, hypotheses.row, row[open_], cell[open_])
    if not generation.surroundings.cells_overlap:
        return hypotheses
    wide = np.flatnonzero(evidence.deviation_m[hypotheses.row] > 0)
    lng, lat = generation.metric.to_lnglat(hypotheses.x[wide], hypotheses.y[wide])
    there = locate_cells(generation, lng, lat)
    place, cell = there.rivals
    inner = there.topology[place] == "overlap"
    return _divided(hypotheses, np.arange(len(hypotheses)), wide[place[inner]], cell[inner])


def _divided(hypotheses: Hypotheses, key: Positions, of: Positions, cell: Positions) -> Hypotheses:
    """Every hypothesis once for each cell of its key, which share its weight; ``of`` are the cells' keys,
    ascending. Those without cells stay as they are.
    """
    if not len(of):
        return hypotheses
    count = np.bincount(of, minlength=int(key.max()) + 1)
    each = np.maximum(count[key], 1)
    entry = np.repeat(np.arange(len(hypotheses)), each)
    turn = np.arange(len(entry)) - np.repeat(np.cumsum(each) - each, each)
    several = hypotheses.take(entry)
    tied = count[key[entry]] > 0
    start = np.cumsum(count) - count
    several.cell[tied] = cell[start[key[entry][tied]] + turn[tied]]
    several.weight[:] /= each[entry]
    return several


def _facts(
    generation: Generation, evidence: Evidence, hypotheses: Hypotheses,
    cells: CellAnswer, areas: Mapping[str, Positions], around: Around, x: Floats, y: Floats,
) -> tuple[dict[str, SectionPlace], Facts]:  # fmt: skip
    """The section of each kind and what the rules look at, for every hypothesis; those on the free
    ground around the position share its cell and areas.
    """
    h, row = hypotheses, hypotheses.row
    elsewhere = np.flatnonzero(np.hypot(h.x - x[row], h.y - y[row]) > around.free_m[row])
    cell = np.where(h.cell >= 0, h.cell, cells.cell[row])
    asked = generation.surroundings.asked_areas
    under = {kind: areas[kind][row] for kind in asked}
    if len(elsewhere):
        lng, lat = generation.metric.to_lnglat(h.x[elsewhere], h.y[elsewhere])
        there = locate_cells(generation, lng, lat)
        fixed = h.cell[elsewhere] >= 0
        cell[elsewhere] = np.where(fixed, h.cell[elsewhere], there.cell)
        for kind, position in locate_areas(generation, lng, lat, asked).items():
            under[kind][elsewhere] = position
    held = find_holders(generation, h.x, h.y)
    cell = np.where(held.cell >= 0, held.cell, cell)
    assets = AssetAnswer(generation.asset_kinds, h.kind, h.asset, h.distance_m)
    places = _sections(generation, h, assets, x, y)
    sections = {kind: place.position for kind, place in places.items()}
    times = evidence.occurred_at[row]
    return places, Facts(generation, evidence.codes[row], cell, under, assets, times, sections, held.owner)


def _sections(
    generation: Generation, hypotheses: Hypotheses, assets: AssetAnswer, x: Floats, y: Floats
) -> dict[str, SectionPlace]:
    """The section of each kind for every hypothesis about the reports at ``x``, ``y``."""
    h, found = hypotheses, {}
    for kind in sorted(generation.sections):
        number = assets.kinds.index(kind) if kind in assets.kinds else None
        own = np.where(assets.kind == number, assets.position, NONE) if number is not None else None
        near = _near_routes(generation, kind, h, x, y)
        answer = locate_sections(generation, kind, h.x, h.y, own, near)
        found[kind] = SectionPlace(answer.position, answer.route_m, answer.offset_m)
    return found


def _near_routes(
    generation: Generation, kind: str, hypotheses: Hypotheses, x: Floats, y: Floats
) -> Bools | None:
    """Which hypotheses may be near a route with sections, by how far from its position each report's lie;
    None where each report has but one: then it is as easy to ask for those.
    """
    row = hypotheses.row
    reports = row[starts(row)]
    if len(reports) == len(row):
        return None
    away, near = np.zeros(len(x)), np.zeros(len(x), dtype=bool)
    np.maximum.at(away, row, np.hypot(hypotheses.x - x[row], hypotheses.y - y[row]))
    reach = generation.config.radius(kind) + away[reports] + ROUNDING_M
    members = generation.lookups.section_members(kind)
    near[reports] = members.any_within(x[reports], y[reports], reach)
    return near[row]


def _decide(
    generation: Generation, evidence: Evidence, hypotheses: Hypotheses, facts: Facts,
    places: Mapping[str, SectionPlace], assets: AssetShares,
) -> Verdicts:  # fmt: skip
    n = len(evidence)
    rule, owner = resolve(facts)
    neighbour = facts.areas.get("neighbour")
    nobody = (owner < 0) & (neighbour >= 0) if neighbour is not None else np.zeros(len(owner), dtype=bool)
    owners = owner_shares(hypotheses, owner, rule, nobody)
    lead = starts(owners.row)
    answer = _columns(n, owners, lead)
    second = lead[lead + 1 < len(owners.row)] + 1
    second = second[owners.row[second] == owners.row[second - 1]]
    rival = np.full(n, NONE, dtype=np.intp)
    rival[owners.row[second]] = owners.owner[second]
    bound = bind(generation, assets, hypotheses, facts.sections, n)
    others = {
        role: _likeliest(hypotheses, *resolve(facts, role), owner >= 0, n)
        for role in ROLES[1:]
        if any(r.role == role for r in generation.config.rules)
    }
    questions = find_questions(facts, hypotheses, owner, answer[2] < LIKELY)
    sections = _report_sections(places, hypotheses, n)
    return Verdicts(bound, assets, owners, *answer, rival, others, sections, *questions)


def _measure_streets(generation: Generation, bound: Bound, x: Floats, y: Floats) -> None:
    """The distance of the streets that reports are bound to for the sake of the assets on them."""
    rows = np.flatnonzero((bound.what == STREET_BOUND) & np.isnan(bound.assets.distance_m))
    if len(rows):
        road = bound.assets.position[rows]
        points = shapely.points(x[rows], y[rows])
        distance = shapely.distance(generation.asset_index[STREET].geometries[road], points)
        bound.assets.distance_m[rows] = np.maximum(distance - generation.half_width[STREET][road], 0.0)


def _columns(n: int, owners: OwnerShares, lead: Positions) -> tuple[Positions, Positions, Floats]:
    """Rule, owner and share of the lead owners; nobody's share is not known."""
    rule, owner = np.full(n, NONE, dtype=np.intp), np.full(n, NONE, dtype=np.intp)
    share = np.full(n, np.nan)
    real = lead[owners.owner[lead] >= 0]
    rule[owners.row[real]] = owners.rule[real]
    owner[owners.row[real]] = owners.owner[real]
    share[owners.row[real]] = owners.share[real]
    return rule, owner, share


def _likeliest(
    hypotheses: Hypotheses, rule: Positions, owner: Positions, ours: Bools, n: int
) -> tuple[Positions, Positions]:
    """For each report the rule and owner with the largest share of the places that are the city's; nobody
    where nobody has it.
    """
    shares = owner_shares(hypotheses, owner, rule, (owner < 0) & ours)
    lead = starts(shares.row)
    return _columns(n, shares, lead)[:2]


def _report_sections(
    places: Mapping[str, SectionPlace], hypotheses: Hypotheses, n: int
) -> dict[str, SectionPlace]:
    """Each report's section of every kind: that of its weightiest place."""
    best = starts(hypotheses.row)
    row = hypotheses.row[best]
    if len(best) < len(hypotheses):
        weight = hypotheses.weight / hypotheses.places
        best = np.lexsort((-weight.round(12), hypotheses.row))[best]
    found = {}
    for kind, place in places.items():
        section = SectionPlace(np.full(n, NONE, dtype=np.intp), np.full(n, np.nan), np.full(n, np.nan))
        section.position[row] = place.position[best]
        section.route_m[row] = place.route_m[best]
        section.offset_m[row] = place.offset_m[best]
        found[kind] = section
    return found
