"""Who answers: rules, facts in, owners out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.assets import AssetAnswer
from layers.generation import NONE, Features, Generation, Objects, Positions
from layers.rules import AREA, ASSET, CELL, Rule

Bools = NDArray[np.bool_]
Times = NDArray[np.datetime64]  # UTC, microseconds; NaT where not known


@dataclass(frozen=True)
class Facts:
    """What the rules look at, one entry a report."""

    generation: Generation
    codes: Objects
    cell: Positions
    areas: Mapping[str, Positions]
    assets: AssetAnswer
    occurred_at: Times

    def rows(self, rows: Positions, cell: Positions) -> Facts:
        """The facts of some reports, each in another cell."""
        a = self.assets
        assets = AssetAnswer(a.kinds, a.kind[rows], a.position[rows], a.distance_m[rows])
        areas = {kind: position[rows] for kind, position in self.areas.items()}
        return Facts(self.generation, self.codes[rows], cell, areas, assets, self.occurred_at[rows])


def resolve(facts: Facts) -> tuple[Positions, Positions]:
    """The first rule that matches each report and names an owner, and that owner."""
    n = len(facts.cell)
    answered, owner = np.full(n, NONE, dtype=np.intp), np.full(n, NONE, dtype=np.intp)
    generation = facts.generation
    for number, (rule, fixed) in enumerate(zip(generation.config.rules, generation.fixed_owner, strict=True)):
        candidate = _owner_of(rule, fixed, facts)
        hit = (owner < 0) & (candidate >= 0) & _matches(rule, facts)
        answered[hit], owner[hit] = number, candidate[hit]
    return answered, owner


def _owner_of(rule: Rule, fixed: int, facts: Facts) -> Positions:
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


def _asset_values(facts: Facts, values: Mapping[str, NDArray[np.intp]]) -> Positions:
    picked = np.full(len(facts.cell), NONE, dtype=np.intp)
    for number, kind in enumerate(facts.assets.kinds):
        of_kind = facts.assets.kind == number
        picked[of_kind] = values[kind][facts.assets.position[of_kind]]
    return picked


def _matches(rule: Rule, facts: Facts) -> Bools:
    fits = np.ones(len(facts.cell), dtype=bool)
    for key, values in rule.when:
        fits &= _condition(key, values, facts)
    return fits


def _condition(key: str, values: frozenset[str], facts: Facts) -> Bools:
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


def _in_area(facts: Facts, kind: str, values: frozenset[str]) -> Bools:
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
