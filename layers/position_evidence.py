"""What a report says of its place, held together: what agrees narrows it, what does not is flagged."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.uncertainty import deviation, radius
from layers.generation import Generation
from layers.photo_exif import PhotoPosition
from layers.place_names import STANDS_FOR, FoundPlace

Objects = NDArray[np.object_]
Source = dict[str, object]

PHOTO_ELSEWHERE, TEXT_ELSEWHERE, TEXT_AMBIGUOUS = "photo_elsewhere", "text_elsewhere", "text_ambiguous"
DECLARED, PHOTO, TEXT = "declared", "photo", "text"
STAND_OFF_M = 50.0  # people stand so far from what they photograph, and mean what is so near a house
NAMED_M = 150.0  # and so far from what they name
ROUGH_M = 100.0  # the radius, with 68 %, of a position that a street's name narrows
PHONE_LEVEL = 68.0  # percent: what phones mean by their accuracy


@dataclass(slots=True)
class Place:
    """Where one report is, while it is found out.

    Attributes:
        by: what its position rests on.
        flags: what does not fit.
        others: what else was said of its place.
    """

    lng: float
    lat: float
    accuracy_m: float
    level: float
    shape: shapely.Geometry | None = None
    by: str = ""
    flags: list[str] = field(default_factory=list)
    others: list[Source] = field(default_factory=list)

    @property
    def error_m(self) -> float:
        """The standard deviation of each coordinate."""
        return error_m(self.accuracy_m, self.level)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a report says of its place beside its coordinates.

    Attributes:
        taken: lng and lat of the photo in WGS-84.
        named: the places that the words may mean.
    """

    photo: PhotoPosition | None
    taken: tuple[float, float]
    named: tuple[FoundPlace, ...]


def take_named(place: Place, named: Sequence[FoundPlace]) -> None:
    """Put a report that says nothing better where its words say; where they may mean several, nowhere."""
    place.others += [_source_of(one) for one in named]
    if len(named) > 1:
        place.flags.append(TEXT_AMBIGUOUS)
        return
    place.by = TEXT
    if named[0].is_point:
        place.lng, place.lat = named[0].geometry.x, named[0].geometry.y
        place.accuracy_m, place.level = named[0].radius_m, PHONE_LEVEL
    else:
        place.shape = named[0].geometry


def weigh(generation: Generation, places: Sequence[Place], evidence: Sequence[Evidence]) -> None:
    """Compare every position with the photo and the words of its report.

    A photo or words that lie elsewhere by more than the errors allow, and than people stand away, are
    flagged. What agrees narrows a position that states an error: of two fixes of a phone the better one
    counts; a named spot and a position are weighed by the inverses of their variances; and where a position
    is so rough that a named street or area tells more, it is the part of that within the error. Coordinates
    that state no error stay what they are.
    """
    rows = [row for row, said in enumerate(evidence) if _is_doubted(places[row], said)]
    here = _metric(generation, [(places[row].lng, places[row].lat) for row in rows])
    taken = _metric(generation, [evidence[row].taken for row in rows])
    for turn, row in enumerate(rows):
        place, said, at = places[row], evidence[row], here[turn]
        if place.shape is not None:
            at = generation.metric.geometries(np.array([place.shape], dtype=object))[0]
        if said.photo is not None and taken[turn] is not None and place.by == DECLARED:
            at = _weigh_photo(place, said.photo, said.taken, at, taken[turn])
        if said.named:
            _weigh_named(generation, place, said.named, at)


def _is_doubted(place: Place, said: Evidence) -> bool:
    return place.by in (DECLARED, PHOTO) and (said.photo is not None or bool(said.named))


def _weigh_photo(
    place: Place, photo: PhotoPosition, lnglat: tuple[float, float], here: shapely.Geometry,
    taken: shapely.Point,
) -> shapely.Geometry:  # fmt: skip
    """Compare with where the photo was taken; returns where the report is then, in metres."""
    error = error_m(photo.accuracy_m or 0.0, PHONE_LEVEL)
    far_m = float(shapely.distance(here, taken))
    agrees = far_m <= _reach_m(error) + STAND_OFF_M + _reach_m(place.error_m)
    place.others.append({
        "source": PHOTO, "lng": lnglat[0], "lat": lnglat[1], "accuracy_m": photo.accuracy_m,
        "distance_m": round(far_m, 1), "agrees": agrees,
    })  # fmt: skip
    if not agrees:
        place.flags.append(PHOTO_ELSEWHERE)
    if not agrees or place.shape is not None or not 0 < error < place.error_m:
        return here
    _keep_declared(place)
    (place.lng, place.lat), place.accuracy_m, place.level = lnglat, photo.accuracy_m or 0.0, PHONE_LEVEL
    return taken


def _weigh_named(
    generation: Generation, place: Place, named: Sequence[FoundPlace], here: shapely.Geometry
) -> None:
    """Compare with what the words name; of several places that they may mean, with the nearest."""
    far = [float(shapely.distance(here, one.metric)) for one in named]
    nearest = int(np.argmin(far))
    meant, far_m = named[nearest], far[nearest]
    error = error_m(meant.radius_m, PHONE_LEVEL) if meant.is_point else 0.0
    agrees = far_m <= _reach_m(error) + NAMED_M + _reach_m(place.error_m)
    place.others.append({**_source_of(meant), "distance_m": round(far_m, 1), "agrees": agrees})
    if not agrees:
        place.flags.append(TEXT_ELSEWHERE)
    elif place.error_m > 0 and place.shape is None:
        _narrow(generation, place, meant, here)


def _narrow(generation: Generation, place: Place, named: FoundPlace, here: shapely.Point) -> None:
    if named.is_point:
        _fuse(generation, place, named, here)
    elif float(radius(place.error_m, PHONE_LEVEL / 100)) > min(named.radius_m, ROUGH_M):
        _cut(generation, place, named, here)


def _fuse(generation: Generation, place: Place, named: FoundPlace, here: shapely.Point) -> None:
    """The mean of two positions, weighed by the inverses of their variances, and its error."""
    spread = 0.0 if named.match in STANDS_FOR else STAND_OFF_M / _reach_m(1.0)
    ours, theirs = place.error_m**2, error_m(named.radius_m, PHONE_LEVEL) ** 2 + spread**2
    weight = ours / (ours + theirs)  # of the words
    x = here.x + weight * (named.metric.x - here.x)
    y = here.y + weight * (named.metric.y - here.y)
    _keep_declared(place)
    lng, lat = generation.metric.to_lnglat(np.array([x]), np.array([y]))
    place.lng, place.lat = float(lng[0]), float(lat[0])
    place.accuracy_m = float(radius((ours * theirs / (ours + theirs)) ** 0.5, PHONE_LEVEL / 100))
    place.level = PHONE_LEVEL


def _cut(generation: Generation, place: Place, named: FoundPlace, here: shapely.Point) -> None:
    """The part of a street or an area that lies within the error; nothing where none does."""
    part = shapely.intersection(shapely.make_valid(named.metric), here.buffer(_reach_m(place.error_m)))
    if shapely.get_dimensions(part) == shapely.get_dimensions(named.metric):
        _keep_declared(place)
        inverse = generation.metric.to_lnglat
        place.shape = shapely.transform(part, lambda xy: np.column_stack(inverse(xy[:, 0], xy[:, 1])))
        place.lng = place.lat = float("nan")


def _keep_declared(place: Place) -> None:
    """Note what was declared, before something better takes its place."""
    if not any(one["source"] == DECLARED for one in place.others):
        said = {"lng": place.lng, "lat": place.lat, "accuracy_m": place.accuracy_m, "level": place.level}
        place.others.append({"source": DECLARED, **said})


def _source_of(named: FoundPlace) -> Source:
    at = named.geometry if named.is_point else shapely.point_on_surface(named.geometry)
    return {
        "source": TEXT, "label": named.label, "match": named.match.value, "lng": round(at.x, 7),
        "lat": round(at.y, 7), "radius_m": round(named.radius_m, 1),
    }  # fmt: skip


def _metric(generation: Generation, lnglat: Sequence[tuple[float, float]]) -> Objects:
    """Points in metres; None where there is none."""
    degrees = np.array(lnglat, dtype=float).reshape(-1, 2)
    points = np.full(len(degrees), None, dtype=object)
    known = np.isfinite(degrees[:, 0])
    points[known] = shapely.points(*generation.metric.points(degrees[known, 0], degrees[known, 1]))
    return points


@functools.lru_cache(maxsize=4096)
def error_m(accuracy_m: float, level: float) -> float:
    """The standard deviation of each coordinate, 0 where no error is stated."""
    return float(deviation(accuracy_m, level)) if accuracy_m > 0 else 0.0


def _reach_m(error: float) -> float:
    return float(radius(error, 0.95))
