"""Which cell or owner holds a place on a road or river that runs along a boundary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.cells import BOUNDARY_ACCURACY_M
from layers.generation import NONE, Generation, Positions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Holders:
    """Who holds each place by a shared edge of city.toml.

    Attributes:
        edge: which shared edge, -1 for none.
        cell: position of the leaf cell that holds it, -1 where an owner does or nobody was named.
        owner: position of the owner that holds it in the cells' place, -1 for none.
    """

    edge: Positions
    cell: Positions
    owner: Positions


def find_holders(generation: Generation, x: Floats, y: Floats) -> Holders:
    """Who holds places, in metres, that lie both on a shared road or river and on a boundary.

    A place is on the line within its half-width, and on a boundary where two leaf cells or more are within
    that; half a metre more for both, which is how well they are drawn.
    """
    none = np.full(len(x), NONE, dtype=np.intp)
    held = Holders(none, none.copy(), none.copy())
    if not generation.surroundings.shared:
        return held
    for kind, edge_of in generation.surroundings.shared.items():
        half = generation.half_width[kind]
        shared = np.flatnonzero(edge_of >= 0)
        if not len(shared):
            continue
        widest = float(half[shared].max()) + BOUNDARY_ACCURACY_M
        near, asset, distance = generation.asset_index[kind].within(x, y, widest)
        on = (edge_of[asset] >= 0) & (distance <= half[asset] + BOUNDARY_ACCURACY_M) & (held.edge[near] < 0)
        near, asset = near[on], asset[on]
        near, first = np.unique(near, return_index=True)
        _fill(generation, held, near, edge_of[asset[first]], half[asset[first]], x[near], y[near])
    return held


def _fill(
    generation: Generation,
    held: Holders,
    places: Positions,
    edge: Positions,
    half: Floats,
    x: Floats,
    y: Floats,
) -> None:
    row, leaf, _ = generation.metric_leaf_index.within(x, y, half + BOUNDARY_ACCURACY_M)
    several = np.bincount(row, minlength=len(places)) > 1
    row, leaf = row[several[row]], leaf[several[row]]
    edges = generation.config.shared_edges
    for number in np.unique(edge):
        said = edges[number]
        mine = several & (edge == number)
        if said.owner:
            held.edge[places[mine]] = number
            held.owner[places[mine]] = generation.owner_position(said.owner)
            continue
        cells = generation.cells.leaves[leaf]
        fits = mine[row] & generation.lookups.cells_in(frozenset({said.cell}))[cells]
        # Pairs are in leaf order, so the lowest code is written last.
        held.cell[places[row[fits][::-1]]] = cells[fits][::-1]
        held.edge[places[row[fits]]] = number
