"""What a caller knows of a place beside its words: the cell that holds it, and about where it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.errors import NotFoundError
from layers.gazetteer_entries import NONE
from layers.generation import Generation
from layers.geocoding_city import CityPlaces
from layers.geocoding_spots import Spot

# Of two places that fit equally well the one is meant that is so much nearer.
TIMES_NEARER, NEARER_M = 2.0, 200.0


def cells_called(generation: Generation, said: str) -> frozenset[int]:
    """The positions of the cells with a code or path, else of those with the name.

    Raises:
        NotFoundError: there is none.
    """
    cells = generation.cells
    found = np.flatnonzero((cells.code == said) | (cells.path == said))
    if not len(found):
        found = np.flatnonzero(cells.name == said)
    if not len(found):
        raise NotFoundError(f"There is no cell {said[:60]!r}.", fix="Give the code or the path of one.")
    return frozenset(found.tolist())


def inside(city: CityPlaces, spots: Sequence[Spot], cells: frozenset[int]) -> list[Spot]:
    """The spots that lie in one of the cells, or in a cell below it."""
    return [spot for spot in spots if not cells.isdisjoint(_cells(city, spot))]


def _cells(city: CityPlaces, spot: Spot) -> list[int]:
    leaf = city.leaf_at(spot.x, spot.y)[2]
    return [] if leaf == NONE else city.ancestors(leaf)


def nearest_first(spots: Sequence[Spot], x: float, y: float) -> list[Spot]:
    """Equally good spots, the nearest to a place first; it alone where the others are far from there."""
    far = np.array([np.hypot(spot.x - x, spot.y - y) for spot in spots])
    order = np.argsort(far, kind="stable")
    clear = far[order[1:2]] >= far[order[0]] * TIMES_NEARER + NEARER_M
    meant = order[:1] if clear.all() else order
    return [spots[at] for at in meant.tolist()]
