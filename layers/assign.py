"""Whose is it: positions in, cell, areas, asset, owner and reason out; one function for one or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from layers.generation import GAP_WIDTH_M, NEIGHBOUR, Features, Generation, Objects, Positions
from layers.rules import AREA, ASSET, CELL, Rule

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NONE = -1
# A boundary is drawn no better than the best class of GB/T 30428.2: this far outside is still its edge.
BOUNDARY_ACCURACY_M = 0.5
CERTAIN, LIKELY = 0.95, 0.8  # the least share of the lead owner for each certainty


@dataclass(frozen=True)
class CellAnswer:
    """Which cell each position lies in.

    Attributes:
        cell: position in the generation's cells, -1 for none.
        topology: inside, edge, overlap, gap, outside or none.
        distance_m: to the nearest cell where no cell covers the position, else 0; NaN for none.
        nearest: the nearest cell where the position is outside, else -1.
        rivals: (row, cell) of every cell that covers a position on an edge or overlap.
        neighbour: position in the neighbouring jurisdictions, -1 for none.
    """

    cell: Positions
    topology: Objects
    distance_m: Floats
    nearest: Positions
    rivals: tuple[Positions, Positions]
    neighbour: Positions

    @property
    def is_deep(self) -> Bools:
        """Gaps so deep that they may be somebody else's enclave: nobody can be certain there."""
        return np.asarray((self.topology == "gap") & (self.distance_m > GAP_WIDTH_M))


@dataclass(frozen=True)
class AssetAnswer:
    """The asset each report concerns: kind (position in ``kinds``), its position there, metres."""

    kinds: tuple[str, ...]
    kind: Positions
    position: Positions
    distance_m: Floats


@dataclass(frozen=True)
class Assignments:
    """The answers for many reports, as columns in the order of the reports.

    Attributes:
        rule: position of the rule that answered in the generation's rules, -1 for none.
        owner: position in the generation's owners, -1 for none.
        owner_share: share of the lead owner among the cells that tie; NaN where a stated accuracy
            was not weighed, in a deep gap, or where nobody answers.
        rival_owner: the runner-up among the cells that tie, -1 for none.
        categories: each row's category as given, resolved to its code where the table knows it.
        areas: per kind, the area that covers the position (lowest code), -1 for none.
    """

    generation: Generation
    lng: Floats
    lat: Floats
    accuracy_m: Floats
    categories: Objects
    cells: CellAnswer
    areas: Mapping[str, Positions]
    assets: AssetAnswer
    rule: Positions
    owner: Positions
    owner_share: Floats
    rival_owner: Positions

    def __len__(self) -> int:
        return len(self.lng)


def assign(
    generation: Generation,
    lng: ArrayLike,
    lat: ArrayLike,
    *,
    category: Sequence[str] | None = None,
    accuracy_m: ArrayLike | None = None,
) -> Assignments:
    """Assign reports to cell, areas, asset and owner.

    Args:
        generation: the version of the city to ask.
        lng, lat: shape (n,), WGS-84 degrees; not finite or out of range is answered with topology ``none``.
        category: codes or names of the generation's categories, empty where unknown.
        accuracy_m: radius of each position in metres; NaN or nothing means 0.
    """
    x, y = np.atleast_1d(np.asarray(lng, dtype=float)), np.atleast_1d(np.asarray(lat, dtype=float))
    usable = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # NaN is not usable
    lng, lat = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
    accuracy = (
        np.zeros(len(lng)) if accuracy_m is None else np.nan_to_num(np.asarray(accuracy_m, dtype=float))
    )
    codes = _category_codes(generation, category, len(lng))
    cells = _locate_cells(generation, lng, lat, accuracy)
    areas = _locate_areas(generation, lng, lat)
    assets = _find_assets(generation, lng, lat, codes)
    facts = _Facts(generation, codes, cells.cell, areas, assets)
    rule, owner = _resolve(facts)
    share, rival = _shares(facts, cells.rivals, owner)
    share[(accuracy > 0) | cells.is_deep] = np.nan
    return Assignments(generation, lng, lat, accuracy, codes, cells, areas, assets, rule, owner, share, rival)


def _category_codes(generation: Generation, category: Sequence[str] | None, n: int) -> Objects:
    """Each row's category code; a name, or a code that lost its leading zeros, stands for the code; an
    unknown text for itself.
    """
    if category is None:
        return np.full(n, "", dtype=object)
    known = {code.lstrip("0"): code for code in generation.config.categories if code.isdecimal()}
    known |= {c.name_en.casefold(): c.code for c in generation.config.categories.values()}
    known |= {c.name_zh: c.code for c in generation.config.categories.values()}
    known |= {code: code for code in generation.config.categories}
    given, row = np.unique(np.asarray(category, dtype=str), return_inverse=True)
    codes = [known.get(text.strip(), known.get(text.strip().casefold(), text.strip())) for text in given]
    return np.array(codes, dtype=object)[row]


# ---- cells


def _locate_cells(generation: Generation, lng: Floats, lat: Floats, accuracy: Floats) -> CellAnswer:
    n, leaves = len(lng), generation.cells.leaves
    row, leaf = generation.leaf_index.covering_xy(lng, lat)
    count = np.bincount(row, minlength=n)
    cell = np.full(n, NONE, dtype=np.intp)
    cell[row[::-1]] = leaves[leaf[::-1]]  # leaves are in code order: the lowest code is written last
    topology = np.where(count == 1, "inside", "none").astype(object)
    several = count[row] > 1
    row, leaf = row[several], leaf[several]
    on_edge = np.ones(n, dtype=bool)
    inner = ~generation.leaf_index.on_boundary(shapely.points(lng[row], lat[row]), leaf)
    on_edge[row[inner]] = False
    topology[count > 1] = np.where(on_edge[count > 1], "edge", "overlap")
    answer = CellAnswer(
        cell, topology, np.where(count > 0, 0.0, np.nan), np.full(n, NONE, dtype=np.intp),
        (row, leaves[leaf]), np.full(n, NONE, dtype=np.intp),
    )  # fmt: skip
    _locate_uncovered(generation, np.flatnonzero((count == 0) & ~np.isnan(lng)), lng, lat, accuracy, answer)
    return answer


def _locate_uncovered(
    generation: Generation, rows: Positions, lng: Floats, lat: Floats, accuracy: Floats, answer: CellAnswer
) -> None:
    """Fill in the rows that no leaf covers: a gap takes the nearest cell, so does the outside within
    the stated accuracy.
    """
    answer.topology[rows] = "outside"
    if not len(rows) or not len(generation.cells.code):
        return
    neighbour = _neighbours(generation, lng[rows], lat[rows])
    answer.neighbour[rows] = neighbour
    x, y = generation.metric.points(lng[rows], lat[rows])
    found, leaf, distance = generation.metric_leaf_index.nearest(shapely.points(x, y), np.inf)
    nearest = generation.cells.leaves[leaf]
    answer.distance_m[rows[found]] = distance
    gap = generation.gaps.inside(x, y) & (neighbour < 0)
    gap[generation.upper_index.covering_xy(lng[rows], lat[rows])[0]] = True
    gap[found] |= (distance <= BOUNDARY_ACCURACY_M) & (neighbour[found] < 0)
    near = accuracy[rows] > 0
    near[found] &= distance <= accuracy[rows[found]]
    answer.topology[rows[gap]] = "gap"
    taken = (gap | (near & (neighbour < 0)))[found]
    answer.cell[rows[found[taken]]] = nearest[taken]
    answer.nearest[rows[found]] = nearest


def _neighbours(generation: Generation, lng: Floats, lat: Floats) -> Positions:
    neighbour = np.full(len(lng), NONE, dtype=np.intp)
    if NEIGHBOUR in generation.areas:
        row, area = generation.area_index[NEIGHBOUR].covering_xy(lng, lat)
        neighbour[row[::-1]] = area[::-1]
    return neighbour


# ---- areas and assets


def _locate_areas(generation: Generation, lng: Floats, lat: Floats) -> dict[str, Positions]:
    answer = {}
    for kind, index in generation.area_index.items():
        row, area = index.covering_xy(lng, lat)
        answer[kind] = np.full(len(lng), NONE, dtype=np.intp)
        answer[kind][row[::-1]] = area[::-1]  # the lowest code is written last
    return answer


def _find_assets(generation: Generation, lng: Floats, lat: Floats, codes: Objects) -> AssetAnswer:
    """The asset concerned: one that contains the position, else the first kind of the category's
    that has one within its radius, else none; without a category the nearest of any kind.
    """
    kinds = tuple(sorted(generation.assets))
    n = len(lng)
    nothing = np.full(n, NONE, dtype=np.intp)
    answer = AssetAnswer(kinds, nothing, nothing.copy(), np.full(n, np.nan))
    if not kinds or not n:
        return answer
    x, y = generation.metric.points(lng, lat)
    for concerned, rows in _by_kinds(generation, codes):
        known = concerned is not None
        for kind in concerned if concerned is not None else kinds:
            if kind in generation.assets:
                _nearest_of(generation, kind, rows, x, y, answer, in_order=known)
    return answer


def _by_kinds(generation: Generation, codes: Objects) -> list[tuple[tuple[str, ...] | None, Positions]]:
    """Rows by the asset kinds that their category concerns; None where there is no category."""
    groups: dict[tuple[str, ...] | None, list[Positions]] = {}
    given, row = np.unique(codes.astype(str), return_inverse=True)
    for i, code in enumerate(given):
        category = generation.config.categories.get(code)
        key = category.asset_kinds if category is not None else _kinds_of(generation, code)
        groups.setdefault(key, []).append(np.flatnonzero(row == i))
    return [(kinds, np.concatenate(rows)) for kinds, rows in groups.items()]


def _kinds_of(generation: Generation, code: str) -> tuple[str, ...] | None:
    """What an unknown category concerns: the asset kind of that name, or nothing; without one, any kind."""
    if not code:
        return None
    return (code,) if code in generation.assets else ()


def _nearest_of(
    generation: Generation,
    kind: str,
    rows: Positions,
    x: Floats,
    y: Floats,
    answer: AssetAnswer,
    *,
    in_order: bool,
) -> None:
    points = shapely.points(x[rows], y[rows])
    radius = generation.config.radius(kind)
    found, position, distance = generation.asset_index[kind].nearest(points, radius)
    row = rows[found]
    best = answer.distance_m[row]
    # A kind that comes later wins only by containing the position (or by being nearer, in no order).
    better = np.isnan(best) | ((distance == 0) & (best > 0) if in_order else distance < best)
    row, position, distance = row[better], position[better], distance[better]
    answer.kind[row] = answer.kinds.index(kind)
    answer.position[row] = position
    answer.distance_m[row] = distance


# ---- owners


@dataclass(frozen=True)
class _Facts:
    """What the rules look at, one entry a report."""

    generation: Generation
    codes: Objects
    cell: Positions
    areas: Mapping[str, Positions]
    assets: AssetAnswer

    def rows(self, rows: Positions, cell: Positions) -> _Facts:
        """The facts of some reports, each in another cell."""
        a = self.assets
        assets = AssetAnswer(a.kinds, a.kind[rows], a.position[rows], a.distance_m[rows])
        areas = {kind: position[rows] for kind, position in self.areas.items()}
        return _Facts(self.generation, self.codes[rows], cell, areas, assets)


def _resolve(facts: _Facts) -> tuple[Positions, Positions]:
    """The first rule that matches each report and names an owner, and that owner."""
    n = len(facts.cell)
    answered, owner = np.full(n, NONE, dtype=np.intp), np.full(n, NONE, dtype=np.intp)
    generation = facts.generation
    for number, (rule, fixed) in enumerate(zip(generation.config.rules, generation.fixed_owner, strict=True)):
        candidate = _owner_of(rule, fixed, facts)
        hit = (owner < 0) & (candidate >= 0) & _matches(rule, facts)
        answered[hit], owner[hit] = number, candidate[hit]
    return answered, owner


def _owner_of(rule: Rule, fixed: int, facts: _Facts) -> Positions:
    """The owner that a rule names for each report (``fixed`` where it names one by id), -1 for none.

    Outside every cell only what rests on an asset or an area of the city's own is the city's.
    """
    if rule.via == CELL:
        return _pick(facts.generation.cells.body, facts.cell)
    if rule.via == AREA:
        if rule.target not in facts.areas:
            return np.full(len(facts.cell), NONE, dtype=np.intp)
        return _pick(facts.generation.areas[rule.target].owner, facts.areas[rule.target])
    if rule.via == ASSET:
        return _asset_values(facts, {k: f.owner for k, f in facts.generation.assets.items()})
    ours = facts.cell >= 0
    if rule.condition("asset_kind") is not None:
        ours = ours | (facts.assets.kind >= 0)
    return np.where(ours, fixed, NONE)


def _pick(values: Positions, position: Positions) -> Positions:
    """``values[position]``, and -1 where the position is -1."""
    return np.append(values, NONE)[position]


def _asset_values(facts: _Facts, values: Mapping[str, NDArray[np.intp]]) -> Positions:
    picked = np.full(len(facts.cell), NONE, dtype=np.intp)
    for number, kind in enumerate(facts.assets.kinds):
        of_kind = facts.assets.kind == number
        picked[of_kind] = values[kind][facts.assets.position[of_kind]]
    return picked


def _matches(rule: Rule, facts: _Facts) -> Bools:
    fits = np.ones(len(facts.cell), dtype=bool)
    for key, values in rule.when:
        fits &= _condition(key, values, facts)
    return fits


def _condition(key: str, values: frozenset[str], facts: _Facts) -> Bools:
    generation = facts.generation
    head, _, tail = key.partition(".")
    if key == "category":
        return np.isin(facts.codes.astype(str), list(values))
    if key == "cell":
        return np.append(generation.cells.lineage(values), False)[facts.cell]
    if key == "asset_kind":
        kinds = [i for i, kind in enumerate(facts.assets.kinds) if kind in values]
        return np.isin(facts.assets.kind, kinds)
    if head == AREA:
        return _in_area(facts, tail, values)
    flags = {kind: _has_value(layer, tail, values) for kind, layer in generation.assets.items()}
    return _asset_values(facts, flags) > 0


def _in_area(facts: _Facts, kind: str, values: frozenset[str]) -> Bools:
    """Whether the area of a kind is one of those named, by its code, its name or its body's id."""
    if kind not in facts.areas:
        return np.zeros(len(facts.cell), dtype=bool)
    layer, owners = facts.generation.areas[kind], facts.generation.owners
    bodies = [owners[i].id if i >= 0 else "" for i in layer.owner]
    named = [bool(values & set(texts)) for texts in zip(layer.id, layer.name, bodies, strict=True)]
    return np.array([*named, False], dtype=bool)[facts.areas[kind]]


def _has_value(layer: Features, attribute: str, values: frozenset[str]) -> Positions:
    """1 for each asset whose attribute has one of the values, else 0."""
    column = layer.column(attribute)
    if column is None:
        return np.zeros(len(layer.id), dtype=np.intp)
    return np.isin(column.astype(str), list(values)).astype(np.intp)


def _shares(facts: _Facts, rivals: tuple[Positions, Positions], owner: Positions) -> tuple[Floats, Positions]:
    """The lead owner's share among the cells that tie for a position, and the first other owner."""
    share = np.where(owner >= 0, 1.0, np.nan)
    rival = np.full(len(owner), NONE, dtype=np.intp)
    row, cell = rivals
    if len(row):
        _, other = _resolve(facts.rows(row, cell))
        agrees = other == owner[row]
        tied = np.bincount(row, minlength=len(owner))
        share = np.where(tied > 0, np.bincount(row, agrees, len(owner)) / np.maximum(tied, 1), share)
        share[owner < 0] = np.nan
        rival[row[~agrees][::-1]] = other[~agrees][::-1]
    return share, rival
