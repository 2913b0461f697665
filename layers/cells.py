"""Where positions lie: the cell of each, and the area of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.generation import GAP_WIDTH_M, NONE, Generation, Objects, Positions
from layers.surroundings import NEIGHBOUR

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# A boundary is drawn no better than the best class of GB/T 30428.2: this far outside is still its edge.
BOUNDARY_ACCURACY_M = 0.5


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
    def is_tied(self) -> Bools:
        """Positions that several cells cover."""
        return np.asarray((self.topology == "edge") | (self.topology == "overlap"))

    @property
    def is_deep(self) -> Bools:
        """Gaps so deep that they may be somebody else's enclave: nobody can be certain there."""
        return np.asarray((self.topology == "gap") & (self.distance_m > GAP_WIDTH_M))


def locate_cells(
    generation: Generation, lng: Floats, lat: Floats, points: Objects, accuracy: Floats | None = None
) -> CellAnswer:
    """The cell of each position in degrees, which ``points`` are too; NaN is in none.

    ``accuracy`` in metres lets the outside snap; without it nothing does, and the nearest cell and its
    distance are told only for positions in a gap.
    """
    n, leaves = len(lng), generation.cells.leaves
    row, leaf = generation.leaf_index.covering_xy(lng, lat, points)
    count = np.bincount(row, minlength=n)
    cell = np.full(n, NONE, dtype=np.intp)
    cell[row[::-1]] = leaves[leaf[::-1]]  # leaves are in code order: the lowest code is written last
    topology = np.where(count == 1, "inside", "none").astype(object)
    several = count[row] > 1
    row, leaf = row[several], leaf[several]
    on_edge = np.ones(n, dtype=bool)
    inner = ~generation.leaf_index.on_boundary(points[row], leaf)
    on_edge[row[inner]] = False
    topology[count > 1] = np.where(on_edge[count > 1], "edge", "overlap")
    answer = CellAnswer(
        cell, topology, np.where(count > 0, 0.0, np.nan), np.full(n, NONE, dtype=np.intp),
        (row, leaves[leaf]), np.full(n, NONE, dtype=np.intp),
    )  # fmt: skip
    _locate_uncovered(generation, np.flatnonzero((count == 0) & ~np.isnan(lng)), lng, lat, accuracy, answer)
    return answer


def _locate_uncovered(
    generation: Generation,
    rows: Positions,
    lng: Floats,
    lat: Floats,
    accuracy: Floats | None,
    answer: CellAnswer,
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
    points = shapely.points(x, y)
    gap = generation.gaps.inside(x, y) & (neighbour < 0)
    gap[generation.upper_index.covering_xy(lng[rows], lat[rows])[0]] = True
    sought = np.full(len(rows), np.inf)
    if accuracy is None:
        accuracy = np.zeros(len(lng))
        sought[~gap & ~generation.metric_leaf_index.any_within(points, BOUNDARY_ACCURACY_M)] = np.nan
    found, leaf, distance = generation.metric_leaf_index.nearest(points, sought)
    nearest = generation.cells.leaves[leaf]
    answer.distance_m[rows[found]] = distance
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


def locate_areas(
    generation: Generation, lng: Floats, lat: Floats, points: Objects, kinds: Sequence[str] | None = None
) -> dict[str, Positions]:
    """Per area kind, or of some kinds, the area that covers each position (lowest code), -1 for none."""
    answer = {}
    for kind in generation.area_index if kinds is None else kinds:
        row, area = generation.area_index[kind].covering_xy(lng, lat, points)
        answer[kind] = np.full(len(lng), NONE, dtype=np.intp)
        answer[kind][row[::-1]] = area[::-1]  # the lowest code is written last
    return answer
