"""Where reports are: by what they declare, else their photo, else their words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo.crs import Reference, convert_points, geometries_to_wgs84
from geo.types import Datum
from layers.config import CityConfig
from layers.generation import Generation
from layers.incoming import Incoming
from layers.place_names import PlaceFinder
from layers.position_evidence import DECLARED, PHONE_LEVEL, PHOTO, Evidence, Place, take_named, weigh

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

_NOWHERE = (float("nan"), float("nan"))
_NOTHING = (None, None, Datum.WGS84)


@dataclass(frozen=True)
class Positions:
    """The positions of reports, as columns for `layers.assign.assign`.

    Attributes:
        lng, lat: WGS-84; NaN where nothing tells it.
        accuracy_m, level: of the position.
        shapes: WGS-84; None where there is none.
        extents: whether the shape is the thing itself.
        flags: of each report, what does not fit.
        sources: of each report, what else was said of its place, as JSON; personal like the report.
    """

    lng: Floats
    lat: Floats
    accuracy_m: Floats
    level: Floats
    shapes: Objects
    extents: NDArray[np.bool_]
    flags: list[tuple[str, ...]]
    sources: list[str]


def read_positions(generation: Generation, finder: PlaceFinder, reports: Sequence[Incoming]) -> Positions:
    """Where each report is.

    Coordinates and shapes that a report declares are its position; the photo and the words are held against
    it (`layers.position_evidence.weigh`).
    """
    photos = [next((p.position for p in r.photos if p.position is not None), None) for r in reports]
    taken = _converted([(p.lng, p.lat, p.datum) if p else _NOTHING for p in photos])
    named = [finder.find(report.text) if report.text else () for report in reports]
    evidence = [Evidence(*said) for said in zip(photos, taken, named, strict=True)]
    declared = _converted([(r.lng, r.lat, r.reference) for r in reports])
    places = [
        _place(generation.config, *said)
        for said in zip(reports, declared, _shapes(reports), evidence, strict=True)
    ]
    weigh(generation, places, evidence)
    shapes = np.empty(len(reports), dtype=object)
    shapes[:] = [place.shape for place in places]
    return Positions(
        np.array([place.lng for place in places], dtype=float),
        np.array([place.lat for place in places], dtype=float),
        np.array([place.accuracy_m for place in places], dtype=float),
        np.array([place.level for place in places], dtype=float),
        shapes,
        np.array([report.is_extent and report.geometry is not None for report in reports], dtype=bool),
        [tuple(place.flags) for place in places],
        [orjson.dumps(place.others).decode() if place.others else "" for place in places],
    )


def _converted(said: Sequence[tuple[float | None, float | None, Reference]]) -> list[tuple[float, float]]:
    """Positions in WGS-84, each from its own reference; NaN where there is none."""
    rows: defaultdict[Reference, list[int]] = defaultdict(list)
    for row, (lng, lat, reference) in enumerate(said):
        if lng is not None and lat is not None:
            rows[reference].append(row)
    found = [_NOWHERE] * len(said)
    for reference, of in rows.items():
        given = np.array([said[row][:2] for row in of], dtype=float)
        xs, ys = convert_points(given[:, 0], given[:, 1], reference, Datum.WGS84)
        for row, x, y in zip(of, xs.tolist(), ys.tolist(), strict=True):
            found[row] = (x, y) if abs(x) <= 180 and abs(y) <= 90 else _NOWHERE
    return found


def _shapes(reports: Sequence[Incoming]) -> list[shapely.Geometry | None]:
    shapes: list[shapely.Geometry | None] = [None] * len(reports)
    for row, report in enumerate(reports):
        if report.geometry is not None:
            shapes[row] = geometries_to_wgs84(np.array([report.geometry], dtype=object), report.reference)[0]
    return shapes


def _place(
    config: CityConfig, report: Incoming, declared: tuple[float, float], shape: shapely.Geometry | None,
    said: Evidence,
) -> Place:  # fmt: skip
    place = Place(*declared, *config.exactness(report.channel, report.accuracy_m, report.level), shape)
    if declared[0] == declared[0] or shape is not None:
        place.by = DECLARED
    elif said.photo is not None and said.taken[0] == said.taken[0]:
        place.by, (place.lng, place.lat) = PHOTO, said.taken
        if said.photo.accuracy_m is not None:
            place.accuracy_m, place.level = said.photo.accuracy_m, PHONE_LEVEL
    elif said.named:
        take_named(place, said.named)
    return place
