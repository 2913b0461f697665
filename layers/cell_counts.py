"""How many open issues each cell of a level has: for a map that colours cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.generation import Cells
from layers.open_view import OpenView


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Open issues by cell.

    Attributes:
        cells: positions of those cells of a level that have any, ascending.
        open, overdue: how many in each.
        elsewhere: how many are in none of the level's cells, open and overdue.
    """

    cells: NDArray[np.intp]
    open: NDArray[np.intp]
    overdue: NDArray[np.intp]
    elsewhere: tuple[int, int]


def counts_by_cell(view: OpenView, cells: Cells, level: str) -> CellCounts:
    """The issues of a view by the cell of a level in or below which they lie."""
    rows = np.flatnonzero(cells.level == level)
    at = {path: place for place, path in enumerate(cells.path[rows])}
    nowhere = len(rows)
    place_of = np.array([_place(path or "", at, nowhere) for path in view.cell.words], dtype=np.intp)
    place = place_of[view.cell.codes] if len(view) else np.empty(0, dtype=np.intp)
    counts = np.bincount(place, minlength=nowhere + 1)
    late = np.bincount(place[view.overdue], minlength=nowhere + 1)
    some = np.flatnonzero(counts[:nowhere])
    return CellCounts(rows[some], counts[some], late[some], (int(counts[nowhere]), int(late[nowhere])))


def _place(path: str, at: dict[str, int], nowhere: int) -> int:
    """Where the cell of the level among a path and those above it stands."""
    return next((at[above] for above in _self_and_above(path) if above in at), nowhere)


def _self_and_above(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]
