"""Finding the place that words name: the seam for a geocoder, and a first one that knows exact names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely

from layers.generation import Generation

LEAST_CHARS = 2
MOST_PIECES = 60  # a name that more things bear names no place


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where words say that something is.

    Attributes:
        geometry: WGS-84 degrees; the place lies somewhere in it (a point is the place itself).
        metric: the same in the city's metric CRS, its edges straight there.
        label: what was understood.
        radius_m: how far from a point the place may be, with 68 %; 0 for lines and areas.
    """

    geometry: shapely.Geometry
    metric: shapely.Geometry
    label: str
    radius_m: float = 0.0


class PlaceFinder(Protocol):
    """Understands what a reporter wrote."""

    def find(self, text: str) -> FoundPlace | None:
        """The place that a text names; None where it names none, or more than one."""
        ...


class ExactNames:
    """Knows the names of cells, areas and assets, as they are written.

    The longest name within the text counts. Where several things of one kind bear it (the pieces of a road),
    it is all of them; where things of different kinds do, it names nothing.
    """

    def __init__(self, generation: Generation) -> None:
        named: defaultdict[str, dict[str, list[shapely.Geometry]]] = defaultdict(lambda: defaultdict(list))
        for kind, name, geometry in _named(generation):
            named[name][kind].append(geometry)
        self._places = {name: kinds for name, kinds in named.items() if len(kinds) == 1}
        sizes: defaultdict[str, set[int]] = defaultdict(set)
        for name in self._places:
            sizes[name[:LEAST_CHARS]].add(len(name))
        # How long the names are that begin with some letters, the longest first.
        self._sizes = {start: sorted(found, reverse=True) for start, found in sizes.items()}
        self._found: dict[str, FoundPlace] = {}
        metric = generation.metric
        # Vertex by vertex: what a long edge is off by does not matter to who compares places.
        self._metric = lambda xy: np.column_stack(metric.points(xy[:, 0], xy[:, 1]))

    def find(self, text: str) -> FoundPlace | None:
        """As `PlaceFinder.find`."""
        longest = 0
        names: set[str] = set()
        for at in range(len(text) - LEAST_CHARS + 1):
            for size in self._sizes.get(text[at : at + LEAST_CHARS], ()):
                if size < longest:
                    break
                if (name := text[at : at + size]) in self._places and len(name) == size:
                    names = {name} | (names if size == longest else set())
                    longest = size
                    break
        return self._place(names) if names else None

    def _place(self, names: Iterable[str]) -> FoundPlace | None:
        name, *others = names
        (pieces,) = self._places[name].values()
        if others or len(pieces) > MOST_PIECES:
            return None
        if name not in self._found:
            whole = shapely.union_all(np.array(pieces, dtype=object))
            self._found[name] = FoundPlace(whole, shapely.transform(whole, self._metric), name)
        return self._found[name]


def _named(generation: Generation) -> Iterator[tuple[str, str, shapely.Geometry]]:
    cells = generation.cells
    levels = generation.config.levels
    for level, name, geometry in zip(cells.level, cells.name, cells.geometry, strict=True):
        # The name of a whole city is in half of all texts and tells nothing.
        if len(levels) < 2 or level != levels[0]:
            yield from _one(f"cell:{level}", name, geometry)
    for layers in (generation.areas, generation.assets):
        for kind, layer in layers.items():
            for name, geometry in zip(layer.name, layer.geometry, strict=True):
                yield from _one(kind, name, geometry)


def _one(kind: str, name: str, geometry: shapely.Geometry) -> Iterator[tuple[str, str, shapely.Geometry]]:
    name = name.strip()
    if len(name) >= LEAST_CHARS and not name.isdecimal() and not shapely.is_empty(geometry):
        yield kind, name, geometry
