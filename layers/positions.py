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
from layers.photo_exif import PhotoPosition
from layers.place_names import FoundPlace, PlaceFinder

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

PHOTO_ELSEWHERE, TEXT_ELSEWHERE = "photo_elsewhere", "text_elsewhere"
STAND_OFF_M = 50.0  # people stand so far from what they photograph or point at
NAMED_M = 150.0  # and so far from what they name
PHOTO_LEVEL = 68.0  # what phones mean by their accuracy
DECLARED, PHOTO, TEXT = "declared", "photo", "text"
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


@dataclass(slots=True)
class _Place:
    """Where one report is, while it is found out."""

    lng: float
    lat: float
    accuracy_m: float
    level: float
    shape: shapely.Geometry | None = None
    by: str = ""
    flags: list[str] = field(default_factory=list)
    others: list[dict[str, object]] = field(default_factory=list)


def read_positions(generation: Generation, finder: PlaceFinder, reports: Sequence[Incoming]) -> Positions:
    """Where each report is.

    Coordinates and shapes that a report declares are its position; the photo and the words are then only
    compared with it, and flagged where they lie elsewhere by more than the errors allow.
    """
    photos = [next((p.position for p in r.photos if p.position is not None), None) for r in reports]
    taken = _converted([(p.lng, p.lat, p.datum) if p else _NOTHING for p in photos])
    named = [finder.find(report.text) if report.text else None for report in reports]
    places = [
        _place(generation.config, *said)
        for said in zip(
            reports, _converted([(r.lng, r.lat, r.reference) for r in reports]), _shapes(reports),
            photos, taken, named, strict=True,
        )
    ]  # fmt: skip
    _compare(generation, places, photos, taken, named)
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
    photo: PhotoPosition | None, taken: tuple[float, float], named: FoundPlace | None,
) -> _Place:  # fmt: skip
    usual = config.channels.get(report.channel, config.usual)
    accuracy = usual.accuracy_m if report.accuracy_m is None else report.accuracy_m
    level = usual.level if report.level is None else report.level
    place = _Place(*declared, accuracy, level, shape)
    if declared[0] == declared[0] or shape is not None:
        place.by = DECLARED
    elif photo is not None and taken[0] == taken[0]:
        place.by, (place.lng, place.lat) = PHOTO, taken
        if photo.accuracy_m is not None:
            place.accuracy_m, place.level = photo.accuracy_m, PHOTO_LEVEL
    elif named is not None:
        _take_named(place, named)
    return place


def _take_named(place: _Place, named: FoundPlace) -> None:
    place.by = TEXT
    if isinstance(named.geometry, shapely.Point):
        place.lng, place.lat = named.geometry.x, named.geometry.y
        place.accuracy_m, place.level = named.radius_m, PHOTO_LEVEL
    else:
        place.shape = named.geometry
    place.others.append({"source": TEXT, "label": named.label})


def _compare(
    generation: Generation, places: Sequence[_Place], photos: Sequence[PhotoPosition | None],
    taken: Sequence[tuple[float, float]], named: Sequence[FoundPlace | None],
) -> None:  # fmt: skip
    """Flag what lies elsewhere: farther than both errors with 95 %, and than people stand away."""
    doubted = [row for row in range(len(places)) if photos[row] is not None or named[row] is not None]
    if not doubted:
        return
    here = _metric(generation, [(places[row].lng, places[row].lat) for row in doubted])
    for turn, row in enumerate(doubted):
        if places[row].shape is not None and places[row].by == DECLARED:
            here[turn] = generation.metric.geometries(np.array([places[row].shape], dtype=object))[0]
    nothing = np.array([one and one.metric for one in (named[row] for row in doubted)], dtype=object)
    to_photo = shapely.distance(here, _metric(generation, [taken[row] for row in doubted])).tolist()
    to_named = shapely.distance(here, nothing).tolist()
    for turn, row in enumerate(doubted):
        place, photo, name = places[row], photos[row], named[row]
        if photo is not None and place.by == DECLARED:
            said = {
                "source": PHOTO,
                "lng": taken[row][0],
                "lat": taken[row][1],
                "accuracy_m": photo.accuracy_m,
            }
            error = _reach_m(photo.accuracy_m or 0.0, PHOTO_LEVEL)
            _note(place, PHOTO_ELSEWHERE, to_photo[turn], error + STAND_OFF_M, said, always=True)
        if name is not None and place.by in (DECLARED, PHOTO):
            error = _reach_m(name.radius_m, PHOTO_LEVEL)
            said = {"source": TEXT, "label": name.label}
            _note(place, TEXT_ELSEWHERE, to_named[turn], error + NAMED_M, said)


def _metric(generation: Generation, lnglat: Sequence[tuple[float, float]]) -> Objects:
    """Points in metres; None where there is none."""
    degrees = np.array(lnglat, dtype=float).reshape(-1, 2)
    points = np.full(len(degrees), None, dtype=object)
    known = np.isfinite(degrees[:, 0])
    points[known] = shapely.points(*generation.metric.points(degrees[known, 0], degrees[known, 1]))
    return points


def _note(
    place: _Place, flag: str, far_m: float, allowed_m: float, said: dict[str, object], *, always: bool = False
) -> None:
    """Keep what another source says of the place, and flag it where that is too far away."""
    elsewhere = far_m > allowed_m + _reach_m(place.accuracy_m, place.level)
    if elsewhere:
        place.flags.append(flag)
    if elsewhere or always:
        place.others.append({**said, "distance_m": round(far_m, 1)})


@functools.lru_cache(maxsize=4096)
def error_m(accuracy_m: float, level: float) -> float:
    """The standard deviation of each coordinate, 0 where no error is stated."""
    return float(deviation(accuracy_m, level)) if accuracy_m > 0 else 0.0


def _reach_m(accuracy_m: float, level: float) -> float:
    return float(radius(error_m(accuracy_m, level), 0.95))
