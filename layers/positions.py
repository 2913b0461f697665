"""Where reports are: by what they declare, else their photo, else their words; and where these differ."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo.crs import Reference, convert_points, geometries_to_wgs84
from geo.types import Datum
from geo.uncertainty import deviation, radius
from layers.config import CityConfig
from layers.generation import Generation
from layers.incoming import Incoming
from layers.photos import Photo
from layers.place_names import FoundPlace, PlaceFinder

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

PHOTO_ELSEWHERE, TEXT_ELSEWHERE = "photo_elsewhere", "text_elsewhere"
STAND_OFF_M = 50.0  # people stand so far from what they photograph or point at
NAMED_M = 150.0  # and so far from what they name
PHOTO_LEVEL = 68.0  # what phones mean by their accuracy
_NOWHERE = (float("nan"), float("nan"))


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


@dataclass(slots=True)
class _Place:
    """Where one report is, while it is found out."""

    lng: float
    lat: float
    accuracy_m: float
    level: float
    shape: shapely.Geometry | None = None
    flags: list[str] = field(default_factory=list)
    others: list[dict[str, object]] = field(default_factory=list)


def read_positions(generation: Generation, finder: PlaceFinder, reports: Sequence[Incoming]) -> Positions:
    """Where each report is.

    Coordinates and shapes that a report declares are its position; the photo and the words are then only
    compared with it, and flagged where they lie elsewhere by more than the errors allow.
    """
    declared = _converted([(r.lng, r.lat, r.reference) for r in reports])
    shapes = _shapes(reports)
    places = [
        _place(generation, finder, report, lng, lat, shape)
        for report, (lng, lat), shape in zip(reports, declared, shapes, strict=True)
    ]
    found = np.empty(len(reports), dtype=object)
    found[:] = [place.shape for place in places]
    return Positions(
        np.array([place.lng for place in places], dtype=float),
        np.array([place.lat for place in places], dtype=float),
        np.array([place.accuracy_m for place in places], dtype=float),
        np.array([place.level for place in places], dtype=float),
        found,
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
    generation: Generation, finder: PlaceFinder, report: Incoming, lng: float, lat: float,
    shape: shapely.Geometry | None,
) -> _Place:  # fmt: skip
    place = _declared(generation.config, report, lng, lat, shape)
    photo = next((photo for photo in report.photos if photo.position is not None), None)
    named = finder.find(report.text) if report.text else None
    if lng == lng or shape is not None:
        _compare(generation, place, photo, named)
    elif photo is not None:
        _take_photo(place, photo)
        _compare(generation, place, None, named)
    elif named is not None:
        _take_named(place, named)
    return place


def _declared(
    config: CityConfig, report: Incoming, lng: float, lat: float, shape: shapely.Geometry | None
) -> _Place:
    usual = config.channels.get(report.channel, config.usual)
    accuracy = usual.accuracy_m if report.accuracy_m is None else report.accuracy_m
    return _Place(lng, lat, accuracy, usual.level if report.level is None else report.level, shape)


def _take_photo(place: _Place, photo: Photo) -> None:
    place.lng, place.lat = _of_photo(photo)
    assert photo.position is not None
    if photo.position.accuracy_m is not None:
        place.accuracy_m, place.level = photo.position.accuracy_m, PHOTO_LEVEL


def _take_named(place: _Place, named: FoundPlace) -> None:
    if isinstance(named.geometry, shapely.Point):
        place.lng, place.lat = named.geometry.x, named.geometry.y
        place.accuracy_m, place.level = named.radius_m, PHOTO_LEVEL
    else:
        place.shape = named.geometry
    place.others.append({"source": "text", "label": named.label})


def _of_photo(photo: Photo) -> tuple[float, float]:
    assert photo.position is not None
    at = photo.position
    return _converted([(at.lng, at.lat, at.datum)])[0]


def _compare(generation: Generation, place: _Place, photo: Photo | None, named: FoundPlace | None) -> None:
    """Flag what lies elsewhere: farther than both errors with 95 %, and than people stand away."""
    if photo is None and named is None:
        return
    here = place.shape if place.shape is not None else shapely.Point(place.lng, place.lat)
    mine = generation.metric.geometries(np.array([here], dtype=object))[0]
    error_m = _reach_m(place.accuracy_m, place.level)
    if photo is not None and photo.position is not None:
        lng, lat = _of_photo(photo)
        there = generation.metric.geometries(np.array([shapely.Point(lng, lat)], dtype=object))[0]
        accuracy = photo.position.accuracy_m
        far = float(shapely.distance(mine, there))
        if far > error_m + _reach_m(accuracy or 0.0, PHOTO_LEVEL) + STAND_OFF_M:
            place.flags.append(PHOTO_ELSEWHERE)
        said = {"source": "photo", "lng": lng, "lat": lat, "accuracy_m": accuracy}
        place.others.append({**said, "distance_m": round(far, 1)})
    if named is not None:
        far = float(shapely.distance(mine, named.metric))
        if far > error_m + _reach_m(named.radius_m, PHOTO_LEVEL) + NAMED_M:
            place.flags.append(TEXT_ELSEWHERE)
            place.others.append({"source": "text", "label": named.label, "distance_m": round(far, 1)})


@functools.lru_cache(maxsize=4096)
def error_m(accuracy_m: float, level: float) -> float:
    """The standard deviation of each coordinate, 0 where no error is stated."""
    return float(deviation(accuracy_m, level)) if accuracy_m > 0 else 0.0


def _reach_m(accuracy_m: float, level: float) -> float:
    return float(radius(error_m(accuracy_m, level), 0.95))
