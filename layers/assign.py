"""Whose is it: positions in, cell, areas, asset, owner and reason out; one function for one or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from layers.assets import AssetAnswer, find_assets
from layers.cells import CellAnswer, locate_areas, locate_cells
from layers.generation import NONE, Generation, Objects, Positions
from layers.resolve import Facts, resolve

Floats = NDArray[np.float64]

CERTAIN, LIKELY = 0.95, 0.8  # the least share of the lead owner for each certainty


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
    occurred_at: ArrayLike | None = None,
) -> Assignments:
    """Assign reports to cell, areas, asset and owner.

    Args:
        generation: the version of the city to ask.
        lng, lat: shape (n,), WGS-84 degrees; not finite or out of range is answered with topology ``none``.
        category: codes or names of the generation's categories, empty where unknown.
        accuracy_m: radius of each position in metres; NaN or nothing means 0.
        occurred_at: when, in UTC, as datetime64; NaT or nothing where not known: then no rule that asks
            for a time holds.
    """
    x, y = np.atleast_1d(np.asarray(lng, dtype=float)), np.atleast_1d(np.asarray(lat, dtype=float))
    usable = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # NaN is not usable
    lng, lat = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
    accuracy = (
        np.zeros(len(lng)) if accuracy_m is None else np.nan_to_num(np.asarray(accuracy_m, dtype=float))
    )
    codes = _category_codes(generation, category, len(lng))
    cells = locate_cells(generation, lng, lat, accuracy)
    areas = locate_areas(generation, lng, lat)
    assets = find_assets(generation, lng, lat, codes)
    never = np.full(len(lng), np.datetime64("NaT"), dtype="datetime64[us]")
    times = never if occurred_at is None else np.asarray(occurred_at, dtype="datetime64[us]")
    facts = Facts(generation, codes, cells.cell, areas, assets, times)
    rule, owner = resolve(facts)
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


def _shares(facts: Facts, rivals: tuple[Positions, Positions], owner: Positions) -> tuple[Floats, Positions]:
    """The lead owner's share among the cells that tie for a position, and the first other owner."""
    share = np.where(owner >= 0, 1.0, np.nan)
    rival = np.full(len(owner), NONE, dtype=np.intp)
    row, cell = rivals
    if len(row):
        _, other = resolve(facts.rows(row, cell))
        agrees = other == owner[row]
        tied = np.bincount(row, minlength=len(owner))
        share = np.where(tied > 0, np.bincount(row, agrees, len(owner)) / np.maximum(tied, 1), share)
        share[owner < 0] = np.nan
        rival[row[~agrees][::-1]] = other[~agrees][::-1]
    return share, rival
