"""Who answers: rules, facts in, owners out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.assets import AssetAnswer
from layers.generation import NONE, Generation, Objects, Positions
from layers.rule_times import Bools, LocalTimes, Times, local_times
from layers.rules import AREA, ASSET, CELL, HOURS, LEAD, SECTION, WEEKDAY, Rule

VALIDITY = "valid_from … valid_to"  # what `unmet` calls the days of a rule


@dataclass(frozen=True)
class Facts:
    """What the rules look at, one entry a report.

    Attributes:
        areas: per kind, the position of the area, -1 for none.
        occurred_at: UTC; where it is not known (NaT), no rule that asks for a time holds.
        sections: per route kind, the position in the generation's sections of that kind, -1 for none.
        holder: the owner that holds the place in the cell's stead (a shared edge), -1 for none.
    """

    generation: Generation
    codes: Objects
    cell: Positions
    areas: Mapping[str, Positions]
    assets: AssetAnswer
    occurred_at: Times
    sections: Mapping[str, Positions] = field(default_factory=dict)
    holder: Positions | None = None

    def rows(self, rows: Positions, cell: Positions) -> Facts:
        """The facts of some reports, each in another cell."""
        a = self.assets
        assets = AssetAnswer(a.kinds, a.kind[rows], a.position[rows], a.distance_m[rows])
        areas = {kind: position[rows] for kind, position in self.areas.items()}
        sections = {kind: position[rows] for kind, position in self.sections.items()}
        times = self.occurred_at[rows]
        holder = None if self.holder is None else self.holder[rows]
        return Facts(self.generation, self.codes[rows], cell, areas, assets, times, sections, holder)

    @cached_property
    def category(self) -> tuple[Positions, Objects]:
        """Each report's category as a position in the codes that there are."""
        number, codes = pd.factorize(self.codes)
        return number, np.asarray(codes, dtype=object)

    @cached_property
    def local(self) -> LocalTimes:
        """The times by the city's clock."""
        return local_times(self.occurred_at, self.generation.config.time_zone)

    @cached_property
    def asset_place(self) -> Positions:
        """Each report's asset as a position in `layers.lookups` of all assets, -1 for none."""
        kind, first = self.assets.kind, self.generation.lookups.first_asset
        return np.where(kind >= 0, first[kind] + self.assets.position, NONE)

    @cached_property
    def section_kind(self) -> Positions:
        """Which kind's section a report is about, as a position in `section_kinds`, -1 for none.

        That of the asset concerned where its kind has sections, else the first kind in code-point order that
        has one there.
        """
        chosen = np.full(len(self.cell), NONE, dtype=np.intp)
        for number, kind in reversed(list(enumerate(self.section_kinds))):
            chosen[self.sections[kind] >= 0] = number
        for number, kind in enumerate(self.section_kinds):
            if kind in self.assets.kinds:
                chosen[self.assets.kind == self.assets.kinds.index(kind)] = number
        return chosen

    @property
    def section_kinds(self) -> list[str]:
        """The route kinds that have sections, in code-point order."""
        return sorted(self.sections)


def resolve(facts: Facts, role: str = LEAD) -> tuple[Positions, Positions]:
    """The first rule of a role that matches each report and names an owner, and that owner.

    Returns:
        the rule's position among all rules of the generation, and the owner's; -1 for none.
    """
    n = len(facts.cell)
    answered, owner = np.full(n, NONE, dtype=np.intp), np.full(n, NONE, dtype=np.intp)
    for number in _concerning(facts, role):
        candidate = answer_of(facts, number)
        hit = np.flatnonzero((owner < 0) & (candidate >= 0))
        if len(hit):
            answered[hit], owner[hit] = number, candidate[hit]
            if owner.min() >= 0:
                break
    return answered, owner


def _concerning(facts: Facts, role: str) -> list[int]:
    """The rules of a role, in their order, that the category of any report does not rule out."""
    rules_for = facts.generation.lookups.rules_for
    return sorted(frozenset[int]().union(*(rules_for(role, code) for code in facts.category[1])))


def answer_of(facts: Facts, number: int) -> Positions:
    """The owner that one rule gives each report by itself, -1 where it does not match or names nobody."""
    rule = facts.generation.config.rules[number]
    fits = _in_force(rule, facts) if rule.is_bounded else None
    for key, values in rule.when:
        holds = _condition(key, values, facts)
        fits = holds if fits is None else fits & holds
        if not fits.any():
            return np.full(len(fits), NONE)
    named = named_by(facts, number)
    return named if fits is None else np.where(fits, named, NONE)


def unmet(facts: Facts, number: int) -> list[set[str]]:
    """For each report the conditions of a rule that do not hold."""
    rule = facts.generation.config.rules[number]
    failing: list[set[str]] = [set() for _ in facts.cell]
    tests = {key: _condition(key, values, facts) for key, values in rule.when}
    for key, fits in {**tests, VALIDITY: _in_force(rule, facts)}.items():
        for row in np.flatnonzero(~fits):
            failing[row].add(key)
    return failing


def named_by(facts: Facts, number: int) -> Positions:
    """The owner that a rule names for each report, whether or not its conditions hold; -1 for nobody.

    Outside every cell only what rests on an asset, a section or an area of the city's own is the city's.
    """
    rule, generation = facts.generation.config.rules[number], facts.generation
    if rule.via == CELL:
        body = _pick(generation.cells.body, facts.cell)
        return body if facts.holder is None else np.where(facts.holder >= 0, facts.holder, body)
    if rule.via == AREA:
        if rule.target not in facts.areas:
            return np.full(len(facts.cell), NONE, dtype=np.intp)
        return _pick(generation.areas[rule.target].owner, facts.areas[rule.target])
    if rule.via == ASSET:
        return generation.lookups.asset_owner[facts.asset_place]
    if rule.via == SECTION:
        owners = {kind: np.append(generation.sections[kind].owner, NONE) for kind in facts.sections}
        return _section_values(facts, rule.target, owners)
    return np.where(_ours(rule, facts), generation.fixed_owner[number], NONE)


def _ours(rule: Rule, facts: Facts) -> Bools:
    """Whether a report is the city's, as far as a rule with a fixed owner goes."""
    ours = facts.cell >= 0
    if rule.condition("asset_kind") is not None:
        ours = ours | (facts.assets.kind >= 0)
    if any(key.partition(".")[0] == SECTION for key, _ in rule.when):
        for position in facts.sections.values():
            ours = ours | (position >= 0)
    return ours


def _pick(values: Positions, position: Positions) -> Positions:
    """``values[position]``, and -1 where the position is -1."""
    return np.append(values, NONE)[position]


def _section_values(facts: Facts, kind: str, values: Mapping[str, NDArray[Any]]) -> Positions:
    """The value of the section of a kind, or of the one that the report is about where no kind is given;
    each kind's values end with that of no section.
    """
    picked = np.full(len(facts.cell), NONE, dtype=np.intp)
    for number, other in enumerate(facts.section_kinds):
        found = values[other][facts.sections[other]]
        rows = facts.section_kind == number if not kind else np.full(len(picked), other == kind)
        picked[rows] = found[rows]
    return picked


def _in_force(rule: Rule, facts: Facts) -> Bools:
    """Whether the rule is valid on the day of each report."""
    if not rule.is_bounded:
        return np.ones(len(facts.cell), dtype=bool)
    return facts.local.between(rule.valid_from, rule.valid_to)


def _condition(key: str, values: frozenset[str], facts: Facts) -> Bools:
    generation = facts.generation
    head, _, tail = key.partition(".")
    if key == "category":
        number, codes = facts.category
        return np.array([code in values for code in codes], dtype=bool)[number]
    if key == "cell":
        return generation.lookups.cells_in(values)[facts.cell]
    if key == "asset_kind":
        return np.array([*(kind in values for kind in facts.assets.kinds), False])[facts.assets.kind]
    if key == WEEKDAY:
        return facts.local.on(values)
    if key == HOURS:
        return facts.local.within(values)
    if head == AREA:
        return _in_area(facts, tail, values)
    if head == SECTION:
        named = {kind: generation.lookups.sections_named(kind, values) for kind in facts.sections}
        return _section_values(facts, tail, named) > 0
    return generation.lookups.assets_with(tail, values)[facts.asset_place]


def _in_area(facts: Facts, kind: str, values: frozenset[str]) -> Bools:
    """Whether the area of a kind is one of those named."""
    if kind not in facts.areas:
        return np.zeros(len(facts.cell), dtype=bool)
    return facts.generation.lookups.areas_named(kind, values)[facts.areas[kind]]
