"""The places that the words of a report name, as evidence of where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely

from layers.candidates import Candidate, Match
from layers.generation import NONE, Generation
from layers.geocoder import Geocoder

MOST_PLACES = 8
STANDS_FOR = frozenset({Match.CODE, Match.ASSET, Match.MILEPOST, Match.RELATION, Match.CORRECTION})
"""Ways to name the very spot; of a house or a crossing people mean what is at or near it."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where words say that something is.

    Attributes:
        geometry: WGS-84 degrees; the place lies somewhere in it (a point is the place itself).
        metric: the same in the city's metric CRS, its edges straight there.
        label: what was understood.
        radius_m: how far from a point the place may be, with 68 %; of a line or an area, its own.
        match: the way in which it was found, as `layers.candidates.Match` has it.
    """

    geometry: shapely.Geometry
    metric: shapely.Geometry
    label: str
    radius_m: float
    match: Match

    @property
    def is_point(self) -> bool:
        """Whether it is a spot rather than a street or an area."""
        return bool(shapely.get_dimensions(self.geometry) == 0)


class PlaceFinder(Protocol):
    """Understands what a reporter wrote."""

    def find(self, text: str) -> tuple[FoundPlace, ...]:
        """The place that a text names; several where it may be one of them; none where it names none."""
        ...


class GeocodedPlaces:
    """The places that a geocoder finds; the city as a whole is none, for it tells nothing."""

    def __init__(self, generation: Generation, geocoder: Geocoder) -> None:
        self._generation, self._geocoder = generation, geocoder
        cells = generation.cells
        is_whole = (cells.parent == NONE) & (len(generation.config.levels) > 1)
        self._whole = frozenset(cells.code[np.flatnonzero(is_whole)].tolist())

    def find(self, text: str) -> tuple[FoundPlace, ...]:
        """As `PlaceFinder.find`."""
        answer = self._geocoder.geocode(text, limit=MOST_PLACES)
        meant = answer.candidates if answer.best is None else (answer.best,)
        return tuple(self._found(one) for one in meant if not self._is_whole(one))

    def _is_whole(self, candidate: Candidate) -> bool:
        return candidate.match is Match.CELL and candidate.id in self._whole

    def _found(self, candidate: Candidate) -> FoundPlace:
        geometry = candidate.geometry or shapely.Point(candidate.lng, candidate.lat)
        # Vertex by vertex: what a long edge is off by does not matter to who compares places.
        metric = shapely.transform(geometry, self._metres)
        return FoundPlace(geometry, metric, candidate.label, candidate.radius_m, candidate.match)

    def _metres(self, degrees: np.ndarray) -> np.ndarray:
        return np.column_stack(self._generation.metric.points(degrees[:, 0], degrees[:, 1]))
