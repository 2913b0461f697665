"""Synthetic layers that tile the plane, with wriggling common edges."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Objects = NDArray[np.object_]

_BEND = 0.1


def partition(polygons: int, *, halvings: int = 4, seed: int = 0) -> Objects:
    """About so many valid polygons that tile; each common edge is halved so often, and bent each time.

    With four halvings a polygon has about 94 vertices; with none, it is a cell of Voronoi's.
    """
    rng = np.random.default_rng(seed)
    side = max(round(polygons**0.5), 2)
    lattice = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    seeds = shapely.multipoints(lattice + rng.uniform(0.1, 0.9, lattice.shape))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    xy, cell = shapely.get_coordinates(cells, return_index=True)
    same = cell[:-1] == cell[1:]
    begin, end, cell = xy[:-1][same], xy[1:][same], cell[:-1][same]
    turned = (begin[:, 0] > end[:, 0]) | ((begin[:, 0] == end[:, 0]) & (begin[:, 1] > end[:, 1]))
    begin[turned], end[turned] = end[turned], begin[turned]
    edges, edge = np.unique(np.column_stack([begin, end]), axis=0, return_inverse=True)
    bend = rng.uniform(-_BEND, _BEND, (2**halvings, len(edges)))
    while True:
        out = _assembled(_bent(edges, bend, halvings), edge.reshape(-1), turned, cell)
        crossed = np.flatnonzero(~shapely.is_valid(out))
        if not len(crossed):
            return out
        bend[:, edge.reshape(-1)[np.isin(cell, crossed)]] = 0


def _bent(edges: Floats, bend: Floats, halvings: int) -> Floats:
    """Each edge as a chain of 2 ** halvings + 1 vertices, shape (edges, vertices, 2)."""
    chain, used = edges.reshape(-1, 2, 2), 0
    for _ in range(halvings):
        step = np.diff(chain, axis=1)
        across = np.stack([-step[..., 1], step[..., 0]], axis=-1)
        share = bend[used : used + step.shape[1]].T[..., None]
        middle = (chain[:, :-1] + chain[:, 1:]) / 2 + across * share
        both = np.stack([chain[:, :-1], middle], axis=2).reshape(len(chain), -1, 2)
        chain, used = np.concatenate([both, chain[:, -1:]], axis=1), used + step.shape[1]
    return chain


def _assembled(chains: Floats, edge: Ints, turned: NDArray[np.bool_], cell: Ints) -> Objects:
    """The polygons whose borders walk the edges, some of them backwards."""
    walked = np.where(turned[:, None, None], chains[edge, ::-1], chains[edge])[:, :-1]
    xy, of = walked.reshape(-1, 2), np.repeat(cell, walked.shape[1])
    return np.asarray(shapely.polygons(shapely.linearrings(xy, indices=of)))
