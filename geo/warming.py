"""Everything compiled, or loaded from where it is kept, before anybody waits for it."""

from __future__ import annotations

from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

import geo.bins_people
import geo.duplicates
import geo.names
import geo.partition
import geo.scan
from geo.nearest import NearestIndex


@cache
def warm_up() -> None:
    """Compile, or load, every loop that an index of any layer may run; once in a process.

    Takes a second or two where compiled code is kept from earlier, else about a minute. Afterwards nobody
    waits: what is asked later is of the same types.
    """
    geo.partition.warm_up()
    geo.duplicates.warm_up()
    geo.names.warm_up()
    geo.scan.warm_up()
    geo.bins_people.warm_up()
    for geoms in _LAYERS:
        index = NearestIndex(geoms, tie_m=1e-6)
        _ask(index, np.linspace(0.0, 3.0, 7))
        index.one(0.5, 0.5, 10.0)


def _ask(index: NearestIndex, x: NDArray[np.float64]) -> None:
    """Ask everything, of one distance for all and of one for each point."""
    for limit in (np.float64(0.5), np.full(len(x), 0.5)):
        index.nearest(x, x, limit)
        index.within(x, x, limit)
        index.any_within(x, x, limit)
        index.k_nearest(x, x, 2, limit)
    index.within_own(x, x, np.full(len(index), 0.5))


_LAYERS = (
    [shapely.Point(0, 0), shapely.Point(1, 1), None],
    [shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(1, 0), (1, 2), (3, 2)])],
    [shapely.box(0, 0, 1, 1), shapely.box(0.5, 0.5, 2, 2), shapely.Point(2, 2).buffer(0.5)],
    [shapely.MultiPoint([(0, 0), (2, 2)]), shapely.MultiLineString([[(0, 0), (1, 1)], [(1, 1), (2, 0)]])],
)
