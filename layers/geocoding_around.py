"""What lies around a place: the nearest street, address and landmark, the assets near it, what holds it."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.near import NearIndex
from layers.gazetteer_entries import ADDRESS, BUILDING, CROSSING, ESTATE, NONE, STREET, WATERWAY, Positions
from layers.generation import PLACE
from layers.geocoding_address import features_of
from layers.geocoding_city import CityPlaces

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

REACH_M = 1_000.0  # the nearest street or address is no farther
LANDMARK_M = 150.0  # what a place is said to be near is no farther
LARGEST_M = 150.0  # a place with a greater radius is no landmark


class Near(NamedTuple):
    """An entry near a place; row -1 and NaN for none."""

    row: int
    distance_m: float
    shape: shapely.Geometry | None


NOTHING_NEAR = Near(NONE, float("nan"), None)


class Around:
    """Finds what lies around a place in one city; may be shared between threads."""

    def __init__(self, city: CityPlaces) -> None:
        self._city = city

    @cached_property
    def _streets(self) -> _Entries:
        return self._lines(STREET)

    @cached_property
    def _waterways(self) -> _Entries:
        return self._lines(WATERWAY)

    def _lines(self, kind: str) -> _Entries:
        """The pieces of all streets or waterways."""
        gazetteer = self._city.gazetteer
        rows = np.flatnonzero(gazetteer.kind == kind)
        pieces = [gazetteer.pieces_of(row) for row in rows.tolist()]
        row = np.repeat(rows, [len(some) for some in pieces]).astype(np.intp)
        return self._entries(row, np.concatenate([np.empty(0, np.intp), *pieces]))

    @cached_property
    def _addresses(self) -> _Entries:
        """Addresses, and buildings of estates after them: of one building its address answers."""
        gazetteer = self._city.gazetteer
        buildings = (gazetteer.kind == BUILDING) & (gazetteer.number != "")
        rows = np.concatenate([np.flatnonzero(gazetteer.kind == ADDRESS), np.flatnonzero(buildings)])
        return self._entries(rows, gazetteer.row[rows])

    @cached_property
    def _landmarks(self) -> _Entries:
        rows = np.flatnonzero(self._is_landmark())
        return self._entries(rows, self._city.gazetteer.row[rows])

    def _is_landmark(self) -> NDArray[np.bool_]:
        """What people say that something is near of: crossings, estates, named assets and places."""
        gazetteer = self._city.gazetteer
        kinds = gazetteer.kind.astype(str)
        small = ~(gazetteer.radius_m > LARGEST_M)
        kept: NDArray[np.bool_] = np.isin(kinds, [CROSSING, ESTATE])
        kept |= np.char.startswith(kinds, "asset:") & gazetteer.is_named & small
        kept |= np.char.startswith(kinds, f"{PLACE}:") & (kinds != f"{PLACE}:{ADDRESS}") & small
        kept |= (kinds == BUILDING) & gazetteer.is_named
        kept &= (gazetteer.name != "").astype(np.bool_)
        return kept

    def _entries(self, row: Positions, at: Positions) -> _Entries:
        """Entries with their shapes in metres: those of their layers, else their points."""
        gazetteer = self._city.gazetteer
        shapes = np.empty(len(row), dtype=object)
        layers = gazetteer.layer[row]
        for layer in np.unique(layers[at >= 0].astype(str)).tolist():
            of = np.flatnonzero((layers == layer) & (at >= 0))
            shapes[of] = self._of_layer(layer)[at[of]]
        bare = np.flatnonzero(shapely.is_missing(shapes))
        shapes[bare] = shapely.points(gazetteer.x[row[bare]], gazetteer.y[row[bare]])
        return _Entries(row, NearIndex(shapes))

    def _of_layer(self, layer: str) -> Objects:
        generation = self._city.generation
        role, _, kind = layer.partition(":")
        if role == "asset":
            return generation.asset_index[kind].geometries
        features = features_of(generation, layer)
        return np.empty(0, object) if features is None else generation.metric.geometries(features.geometry)

    def street(self, x: float, y: float) -> Near:
        """The nearest piece of a street."""
        return self._streets.nearest(x, y, REACH_M)

    def address(self, x: float, y: float) -> Near:
        """The nearest address or building of an estate."""
        return self._addresses.nearest(x, y, REACH_M)

    def landmark(self, x: float, y: float) -> Near:
        """The nearest thing that people know by its name; a river where there is nothing else."""
        found = self._landmarks.nearest(x, y, LANDMARK_M)
        return found if found.row != NONE else self._waterways.nearest(x, y, LANDMARK_M)

    def assets(self, x: float, y: float, radius_m: float) -> list[tuple[float, str, int]]:
        """Distance, kind and position of the assets within a radius, the nearest first."""
        at = np.array([x]), np.array([y])
        found: list[tuple[float, str, int]] = []
        for kind, index in self._city.generation.asset_index.items():
            if index.one(x, y, radius_m)[0] >= 0:
                _, position, distance = index.within(*at, radius_m)
                found += zip(distance.tolist(), [kind] * len(position), position.tolist(), strict=True)
        return sorted(found)

    def areas(self, lng: float, lat: float) -> list[tuple[str, int]]:
        """Kind and position of the areas that hold a place."""
        index = self._city.generation.area_index
        return [(kind, position) for kind in sorted(index) for position in index[kind].one(lng, lat)]

    def cells(self, lng: float, lat: float) -> list[int]:
        """The cells that hold a place, the lowest first; where no leaf does, those above it that do."""
        generation = self._city.generation
        leaf = generation.leaf_index.one(lng, lat)
        if leaf:
            return self._city.ancestors(int(generation.cells.leaves[leaf[0]]))
        upper = generation.upper_index.one(lng, lat)
        lines = [self._city.ancestors(at) for at in self._upper[list(upper)].tolist()]
        return max(lines, key=len, default=[])

    @cached_property
    def _upper(self) -> Positions:
        cells = self._city.generation.cells
        return np.setdiff1d(np.arange(len(cells.code)), cells.leaves)


class _Entries:
    """Entries by where they are."""

    def __init__(self, row: Positions, index: NearIndex) -> None:
        self._row, self._index = row, index

    def nearest(self, x: float, y: float, max_m: float) -> Near:
        at, distance = self._index.one(x, y, max_m)
        return Near(int(self._row[at]), distance, self._index.geometries[at]) if at >= 0 else NOTHING_NEAR
