"""What lies around things in a city: boundaries, the street an asset stands in, roads on a boundary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.near import NearIndex
from layers.population import declared_population
from layers.rules import AREA

if TYPE_CHECKING:
    from layers.generation import Generation

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Positions = NDArray[np.intp]

NEIGHBOUR = "neighbour"  # an area kind: the jurisdictions around the city
STREET = "road"  # the asset kind that streets are
NOTHING = np.array([None], dtype=object)  # so that bounds of no shapes are NaN
STREET_REACH_M = 50.0  # an asset farther from every street stands in none


class Surroundings:
    """Found when first asked, and kept; belongs to a generation."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._streets: dict[str, Positions] = {}
        self._labels: dict[str, Positions] = {}
        self._street_names: dict[str, Objects] = {}
        self._kinds: dict[str, int] = {}
        self._extents: dict[str, tuple[float, float, float]] = {}

    @cached_property
    def boundaries(self) -> NearIndex:
        """The lines, in metres, where the cell or an area that a rule asks for may change."""
        metric, areas = self._generation.metric, self._generation.areas
        shapes = [metric.geometries(areas[kind].geometry) for kind in self.asked_areas]
        return NearIndex(shapely.boundary(np.concatenate([self._generation.metric_leaves, *shapes])))

    @cached_property
    def asked_areas(self) -> tuple[str, ...]:
        """The area kinds that may change an answer: rules ask for them, or they are the neighbours'."""
        rules = self._generation.config.rules
        asked = {rule.target for rule in rules if rule.via == AREA} | {NEIGHBOUR}
        asked |= {
            key.partition(".")[2] for rule in rules for key, _ in rule.when if key.startswith(f"{AREA}.")
        }
        return tuple(sorted(asked & set(self._generation.areas)))

    @cached_property
    def ground(self) -> shapely.Geometry:
        """What the cells cover, in metres; empty where there are none."""
        leaves = shapely.make_valid(self._generation.metric_leaves)
        try:
            ground = shapely.coverage_union_all(leaves)
        except shapely.GEOSException:
            ground = shapely.union_all(leaves)
        return ground if shapely.is_valid(ground) else shapely.union_all(leaves)

    @cached_property
    def declared_population(self) -> Floats:
        """The inhabitants of each cell, as imports said; NaN where they said nothing."""
        return declared_population(self._generation.path, self._generation.cells)

    @cached_property
    def ground_m2(self) -> float:
        """The city's ground: its cells', or where there are none what its assets span."""
        leaves = self._generation.metric_leaves
        if len(leaves):
            return float(shapely.area(leaves).sum())
        east, north = self._span
        return (east + 100) * (north + 100)

    @cached_property
    def widest_deviation_m(self) -> float:
        """Half the city's diagonal: a position less exact than that says only that it is in the city."""
        return float(np.hypot(*self._span)) / 2 + 100

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the city in degrees; of a city of nothing, the whole world."""
        generation = self._generation
        layers = [*generation.assets.values(), *generation.areas.values()]
        shapes = [generation.cells.geometry, *(layer.geometry for layer in layers), NOTHING]
        found = shapely.total_bounds(np.concatenate(shapes))
        west, south, east, north = found.tolist() if np.isfinite(found).all() else (-180, -90, 180, 90)
        return west, south, east, north

    @cached_property
    def _span(self) -> tuple[float, float]:
        """From west to east and from south to north, in metres; of a city of nothing, nothing."""
        generation = self._generation
        shapes = [generation.metric_leaves]
        if not len(shapes[0]):
            shapes = [index.geometries for index in generation.asset_index.values()]
            shapes += [generation.metric.geometries(layer.geometry) for layer in generation.areas.values()]
        west, south, east, north = shapely.total_bounds(np.concatenate([*shapes, NOTHING]))
        return float(np.nan_to_num(east - west)), float(np.nan_to_num(north - south))

    @cached_property
    def cells_overlap(self) -> bool:
        """Whether any two leaf cells share ground."""
        leaves = self._generation.metric_leaves
        tree = shapely.STRtree(leaves)
        pairs = [tree.query(leaves, predicate) for predicate in ("overlaps", "covers")]
        return any(bool((one != other).any()) for one, other in pairs)

    @cached_property
    def corners(self) -> int:
        """How many points the assets are drawn with, all together: a measure of what there is to weigh."""
        return int(
            sum(shapely.get_num_coordinates(a.geometry).sum() for a in self._generation.assets.values())
        )

    def extent(self, kind: str) -> tuple[float, float, float]:
        """How many points, metres of line and square metres the assets of a kind have."""
        if kind not in self._extents:
            shapes = self._generation.asset_index[kind].geometries
            points = float((shapely.get_dimensions(shapes) == 0).sum())
            lines = shapely.length(shapes[shapely.get_dimensions(shapes) == 1]).sum()
            self._extents[kind] = (points, float(lines), float(shapely.area(shapes).sum()))
        return self._extents[kind]

    def streets(self, kind: str) -> Positions:
        """For each asset of a kind the road it stands in: the nearest, -1 where none is near; a road is
        its own.
        """
        if kind not in self._streets:
            self._streets[kind] = self._nearest_roads(kind)
        return self._streets[kind]

    def _nearest_roads(self, kind: str) -> Positions:
        generation = self._generation
        count = len(generation.assets[kind].id)
        if kind == STREET:
            return np.arange(count)
        if STREET not in generation.assets:
            return np.full(count, -1, dtype=np.intp)
        middle = shapely.centroid(generation.asset_index[kind].geometries)
        x, y = shapely.bounds(middle)[:, :2].T.copy()  # NaN for those of nothing
        return generation.asset_index[STREET].nearest(x, y, STREET_REACH_M)[0]

    @cached_property
    def first_roads(self) -> Positions:
        """For each road the first of its name; -1 for those of none: nobody knows roads by number."""
        roads = self._generation.assets[STREET]
        _, first, of = np.unique(roads.name.astype(str), return_index=True, return_inverse=True)
        return np.where((roads.name != "") & (roads.name != roads.id), first[of], -1)

    def street_labels(self, kind: str) -> Positions:
        """A number for the street of each asset of a kind, the same for all pieces of one name; -1 for none.
        Lines, such as rivers, are streets of their own.
        """
        if kind not in self._labels:
            self._labels[kind] = self._numbered(kind)
        return self._labels[kind]

    def is_line(self, kind: str) -> bool:
        """Whether assets of a kind are roads, rivers or other lines."""
        return kind == STREET or bool((self._generation.half_width[kind] > 0).any())

    def _numbered(self, kind: str) -> Positions:
        generation = self._generation
        if self.is_line(kind):
            layer = generation.assets[kind]
            keys = np.where(layer.name != "", layer.name, layer.id)
            first = self._kinds.setdefault(kind, 1_000_000_000 * len(self._kinds))
            labels: Positions = pd.factorize(keys)[0].astype(np.intp) + first
            return labels
        if STREET not in generation.assets:
            return np.full(len(generation.assets[kind].id), -1, dtype=np.intp)
        return np.append(self.street_labels(STREET), -1)[self.streets(kind)]

    def street_names(self, kind: str) -> Objects:
        """The name of the road that each asset of a kind stands in, empty where there is none."""
        if kind not in self._street_names:
            roads = self._generation.assets.get(STREET)
            names = np.append([] if roads is None else roads.name, "").astype(object)
            self._street_names[kind] = names[self.streets(kind)]
        return self._street_names[kind]

    @cached_property
    def shared(self) -> Mapping[str, NDArray[np.intp]]:
        """Per asset kind, which shared edge of city.toml each asset falls under, -1 for none."""
        generation, edges = self._generation, self._generation.config.shared_edges
        found: dict[str, NDArray[np.intp]] = {}
        for number, edge in reversed(list(enumerate(edges))):  # the first that names an asset holds
            if edge.kind in generation.assets:
                layer = generation.assets[edge.kind]
                at = found.setdefault(edge.kind, np.full(len(layer.id), -1, dtype=np.intp))
                at[(layer.id == edge.asset) | (layer.name == edge.asset)] = number
        return found
