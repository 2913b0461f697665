"""How many people live in each cell, as imports said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from layers.tables import columns_of, read_columns, table_names

if TYPE_CHECKING:
    from layers.generation import Cells

Floats = NDArray[np.float64]
COLUMN = "population"


def declared_population(path: Path, cells: Cells) -> Floats:
    """The inhabitants of each of a generation's cells, by its file; NaN where nothing was said."""
    people = np.full(len(cells.code), np.nan)
    there = set(table_names(path))
    for level in dict.fromkeys(cells.level.tolist()):
        table = f"grid_{level}"
        if table not in there or COLUMN not in columns_of(path, table):
            continue
        said = read_columns(path, table, ["code", COLUMN]).set_index("code")[COLUMN]
        rows = np.flatnonzero(cells.level == level)
        people[rows] = said.astype(float).reindex(cells.code[rows]).to_numpy()
    return people


def summed_population(parent: NDArray[np.intp], declared: Floats) -> Floats:
    """The same, and where nothing was said of a cell the sum of what lies in it; NaN where nothing is."""
    people = declared.copy()
    depth = _depth(parent)
    for level in range(int(depth.max(initial=0)), 0, -1):
        rows = np.flatnonzero((depth == level) & ~np.isnan(people))
        missing = np.isnan(declared)
        of = rows[missing[parent[rows]]]
        total = np.bincount(parent[of], people[of], minlength=len(people))
        found = np.bincount(parent[of], minlength=len(people)) > 0
        people[found] = total[found]
    return people


def _depth(parent: NDArray[np.intp]) -> NDArray[np.intp]:
    depth = np.zeros(len(parent), dtype=np.intp)
    above = parent.copy()
    while (above >= 0).any():
        depth[above >= 0] += 1
        above = np.where(above >= 0, parent[above], -1)
    return depth
