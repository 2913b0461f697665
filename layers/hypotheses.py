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
from numpy.typing import NDArray

from layers.generation import NONE, Positions
from layers.records import concatenated, take

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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
        places: how many places on equal ground, of equal weight, this one stands for; the weight is theirs.
    """

    row: Positions
    x: Floats
    y: Floats
    kind: Positions
    asset: Positions
    distance_m: Floats
    weight: Floats
    cell: Positions
    places: Positions

    def __len__(self) -> int:
        return len(self.row)

    def take(self, entries: Positions | Bools) -> Hypotheses:
        """Some of the entries."""
        return take(self, entries)


def ground(row: Positions, x: Floats, y: Floats, weight: Floats) -> Hypotheses:
    """Places without an asset."""
    none = np.full(len(row), NONE, dtype=np.intp)
    return on_asset(row, x, y, none, none.copy(), np.full(len(row), np.nan), weight)


def on_asset(
    row: Positions,
    x: Floats,
    y: Floats,
    kind: Positions,
    asset: Positions,
    distance_m: Floats,
    weight: Floats,
) -> Hypotheses:
    """Places on assets, each for itself."""
    cell, one = np.full(len(row), NONE, dtype=np.intp), np.ones(len(row), dtype=np.intp)
    return Hypotheses(row, x, y, kind, asset, distance_m, weight, cell, one)


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
