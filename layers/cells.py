"""Where positions lie: the cell of each, and the area of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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
        tied = np.zeros(len(self.cell), dtype=np.bool_)
        tied[self.rivals[0]] = True
        return tied

    @property
    def is_deep(self) -> Bools:
        """Gaps so deep that they may be somebody else's enclave: nobody can be certain there."""
        deep: Bools = self.distance_m > GAP_WIDTH_M
        deep[deep] = self.topology[deep] == "gap"
        return deep


def locate_cells(
    generation: Generation, lng: Floats, lat: Floats, accuracy: Floats | None = None
) -> CellAnswer:
    """The cell of each position in degrees; NaN is in none.

    ``accuracy`` in metres lets the outside snap; without it nothing does, and the nearest cell and its
    distance are told only for positions in a gap.
    """
    n, leaves = len(lng), generation.cells.leaves
    # Leaves are in code order: the first is that of the lowest code.
    first, (row, leaf) = generation.leaf_index.first_and_rivals(lng, lat)
    covered = first >= 0
    cell = np.full(n, NONE, dtype=np.intp)
    cell[covered] = leaves[first[covered]]
    topology = np.full(n, "none", dtype=object)
    topology[covered] = "inside"
    topology[row] = "edge"
    topology[row[~generation.leaf_index.on_boundary(lng[row], lat[row], leaf)]] = "overlap"
    answer = CellAnswer(
        cell, topology, np.where(covered, 0.0, np.nan), np.full(n, NONE, dtype=np.intp),
        (row, leaves[leaf]), np.full(n, NONE, dtype=np.intp),
    )  # fmt: skip
    _locate_uncovered(generation, np.flatnonzero(~covered & ~np.isnan(lng)), lng, lat, accuracy, answer)
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
    gap = generation.gaps.inside(x, y) & (neighbour < 0)
    gap |= generation.upper_index.first(lng[rows], lat[rows]) >= 0
    sought = np.full(len(rows), np.inf)
    if accuracy is None:
        accuracy = np.zeros(len(lng))
        sought[~gap & ~generation.metric_leaf_index.any_within(x, y, BOUNDARY_ACCURACY_M)] = np.nan
    leaf, distance = generation.metric_leaf_index.nearest(x, y, sought)
    found = np.flatnonzero(leaf >= 0)
    nearest, distance = generation.cells.leaves[leaf[found]], distance[found]
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
        neighbour = generation.area_index[NEIGHBOUR].first(lng, lat)
    return neighbour


def locate_areas(
    generation: Generation, lng: Floats, lat: Floats, kinds: Sequence[str] | None = None
) -> dict[str, Positions]:
    """Per area kind, or of some kinds, the area that covers each position (lowest code), -1 for none."""
    asked = generation.area_index if kinds is None else kinds
    return {kind: generation.area_index[kind].first(lng, lat) for kind in asked}
