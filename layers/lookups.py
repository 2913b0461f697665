"""What is looked up for every report: found when first asked, and kept with the generation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geo.near import NearIndex

if TYPE_CHECKING:
    from layers.generation import Features, Generation
    from layers.sections import Sections

Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]
Positions = NDArray[np.intp]

NONE = -1


class Lookups:
    """Tables of a generation, by position; the last entry of each is for position -1, which is nothing.

    Tables over the assets hold all kinds end to end, in the order of the generation's ``asset_kinds``.
    """

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._kept: dict[tuple[str, str, frozenset[str]], Bools] = {}
        self._section_members: dict[str, NearIndex] = {}
        self._rules: dict[tuple[str, str], frozenset[int]] = {}

    @cached_property
    def codes(self) -> dict[str, str]:
        """The category code that a text stands for: a code, one without its leading zeros, or a name."""
        table = self._generation.config.categories
        known = {code.lstrip("0"): code for code in table if code.isdecimal()}
        known |= {c.name_en.casefold(): c.code for c in table.values()}
        known |= {c.name_zh: c.code for c in table.values()}
        return known | {code: code for code in table}

    @cached_property
    def first_asset(self) -> Positions:
        """Where the assets of each kind begin in tables over all."""
        counts = [len(self._generation.assets[kind].id) for kind in self._generation.asset_kinds]
        return np.cumsum([0, *counts], dtype=np.intp)

    @cached_property
    def asset_owner(self) -> Positions:
        """Each asset's owner."""
        owners = [self._generation.assets[kind].owner for kind in self._generation.asset_kinds]
        return np.concatenate([*owners, [NONE]]).astype(np.intp)

    @cached_property
    def asset_texts(self) -> dict[str, Objects]:
        """Ids and names of the assets, with an empty text for none."""
        layers = [self._generation.assets[kind] for kind in self._generation.asset_kinds]
        return {
            name: np.concatenate(
                [np.empty(0, dtype=object), *(getattr(layer, name) for layer in layers), [""]]
            )
            for name in ("id", "name")
        }

    @cached_property
    def cell_texts(self) -> dict[str, Objects]:
        """Codes, names and paths of the cells, with an empty text for none."""
        cells = self._generation.cells
        return {name: np.append(getattr(cells, name), "") for name in ("code", "name", "path")}

    def assets_with(self, attribute: str, values: frozenset[str]) -> Bools:
        """Which assets have one of the values in an attribute."""
        layers = [self._generation.assets[kind] for kind in self._generation.asset_kinds]
        return self._keep(
            ("asset", attribute, values),
            lambda: np.concatenate([[], *(_has_value(layer, attribute, values) for layer in layers)]),
        )

    def cells_in(self, codes: frozenset[str]) -> Bools:
        """Which cells are, or lie under, a cell with one of the codes."""
        return self._keep(("cell", "", codes), lambda: self._generation.cells.lineage(codes))

    def areas_named(self, kind: str, values: frozenset[str]) -> Bools:
        """Which areas have one of the values for their id, name or body's id."""
        return self._keep(("area", kind, values), lambda: self._named(self._generation.areas[kind], values))

    def sections_named(self, kind: str, values: frozenset[str]) -> Bools:
        """Which sections have one of the values for their id, name or body's id."""
        layer = self._generation.sections[kind]
        return self._keep(("section", kind, values), lambda: self._named(layer, values))

    def rules_for(self, role: str, code: str) -> frozenset[int]:
        """The rules of a role that a category does not rule out, by their place among all."""
        key = (role, code)
        if key not in self._rules:
            asked = ((n, r, r.condition("category")) for n, r in enumerate(self._generation.config.rules))
            fit = {n for n, rule, codes in asked if rule.role == role and (codes is None or code in codes)}
            if code not in self._generation.config.categories:
                return frozenset(fit)  # texts from outside are without end, and not kept
            self._rules[key] = frozenset(fit)
        return self._rules[key]

    def section_members(self, kind: str) -> NearIndex:
        """The assets of a kind, in metres, that are part of a route with sections."""
        if kind not in self._section_members:
            members = np.unique(self._generation.sections[kind].membership[0])
            index = self._generation.asset_index.get(kind)
            self._section_members[kind] = NearIndex([] if index is None else index.geometries[members])
        return self._section_members[kind]

    def _named(self, layer: Features | Sections, values: frozenset[str]) -> Bools:
        bodies = [self._generation.owners[i].id if i >= 0 else "" for i in layer.owner]
        rows = zip(layer.id, layer.name, bodies, strict=True)
        return np.array([not values.isdisjoint(texts) for texts in rows], dtype=bool)

    def _keep(self, key: tuple[str, str, frozenset[str]], make: Callable[[], Bools]) -> Bools:
        if key not in self._kept:
            self._kept[key] = np.append(make(), False).astype(bool)
        return self._kept[key]


def _has_value(layer: Features, attribute: str, values: frozenset[str]) -> Bools:
    column = layer.column(attribute)
    if column is None:
        return np.zeros(len(layer.id), dtype=bool)
    return np.isin(column.astype(str), list(values))
