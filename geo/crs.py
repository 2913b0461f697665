"""Reference systems: their names, points and geometries carried through them, and one to measure in.

Axes are always (lng, lat) or (easting, northing), whatever order a system's authority prefers.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache, partial

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.datum import Floats, Pair, convert, in_mainland
from geo.densify import Mapping, Points, map_geometries
from geo.errors import CrsError
from geo.types import Datum

Reference = Datum | pyproj.CRS

MAX_EDGE_M = 0.01
MAX_SCALE_ERROR = 1e-3
METRES_PER_DEGREE = 111_700.0  # of latitude at the poles, where it is longest
WGS84 = "EPSG:4326"

_GIVE = "Give wgs84, gcj02, bd09, cgcs2000 or EPSG:n."
_NAMES = {datum.value: datum for datum in Datum}
_WEB_MERCATOR = {"Popular Visualisation Pseudo Mercator", "Mercator (1SP) (Spherical)"}


def parse_reference(text: str) -> Reference:
    """The datum or CRS that `text` names: wgs84, gcj02, bd09, cgcs2000 (any case, with - or _) or EPSG:n.

    Raises `CrsError` for anything else, with the nearest accepted name.
    """
    word = re.sub(r"[-_\s]", "", text).lower()
    if word in _NAMES:
        return _NAMES[word]
    code = re.fullmatch(r"epsg:(\d{1,9})", word)
    if code is None:
        raise CrsError(f"{text!r} names no datum or reference system.", fix=_hint(word))
    return _from_epsg(int(code[1]))


def _from_epsg(code: int) -> pyproj.CRS:
    try:
        crs = pyproj.CRS.from_epsg(code)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(f"EPSG has no reference system with the code {code}.", fix=_GIVE) from error
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(f"EPSG:{code} ({crs.name}) is neither geographic nor projected.", fix=_GIVE)
    return crs


def _hint(word: str) -> str:
    if word.isdigit():
        return f"Did you mean EPSG:{word}? {_GIVE}"
    close = difflib.get_close_matches(word, [datum.value for datum in Datum], n=1)
    return f"Did you mean {close[0]}? {_GIVE}" if close else _GIVE


def to_wgs84(x: ArrayLike, y: ArrayLike, reference: Reference) -> Pair:
    """WGS-84 ``(lng, lat)`` in degrees of points in `reference`; float64 arrays of the inputs' shape.

    What is not finite, or lies where the system is not defined, comes out as NaN.
    """
    return convert_points(x, y, reference, Datum.WGS84)


def from_wgs84(lng: ArrayLike, lat: ArrayLike, reference: Reference) -> Pair:
    """The points ``(x, y)`` in `reference` of WGS-84 positions; else as `to_wgs84`."""
    return convert_points(lng, lat, Datum.WGS84, reference)


def convert_points(x: ArrayLike, y: ArrayLike, source: Reference, target: Reference) -> Pair:
    """The points in another datum or CRS, ``(x, y)``, as float64 arrays of the inputs' broadcast shape.

    Between two datums, or two CRSs, directly; else through WGS-84. NaN as in `to_wgs84`.
    """
    if isinstance(source, Datum) and isinstance(target, Datum):
        return convert(x, y, source, target)
    if isinstance(source, Datum):
        x, y = convert(x, y, source, Datum.WGS84)
    points = _project(x, y, _crs_text(source), _crs_text(target))
    return convert(*points, Datum.WGS84, target) if isinstance(target, Datum) else points


def _crs_text(reference: Reference) -> str:
    return WGS84 if isinstance(reference, Datum) else reference.srs


def _project(x: ArrayLike, y: ArrayLike, source: str, target: str) -> Pair:
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    out = np.asarray(_transformer(source, target).transform(x, y), dtype=np.float64)
    out[:, ~np.isfinite(out).all(axis=0)] = np.nan  # PROJ says "not here" with infinity
    return out[0, ...], out[1, ...]


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    """One per pair: they are slow to make, and safe to share between threads."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def geometries_to_wgs84(geoms: NDArray[np.object_], reference: Reference) -> NDArray[np.object_]:
    """The geometries, shape (n,), in WGS-84 degrees; None and empty stay, Z is dropped.

    Edges are straight in a CRS, so vertices are added until an edge in degrees is within a centimetre of the
    true curve; neighbours keep identical shared edges. In GCJ-02 and BD-09 the vertices alone are converted:
    such a layer was made by shifting the vertices of one whose edges were straight before.

    Raises `CoordinateError` for a vertex where the CRS is not defined.
    """
    if isinstance(reference, Datum):
        return np.asarray(
            shapely.transform(shapely.force_2d(geoms), lambda xy: _shift_vertices(xy, reference))
        )
    if reference == pyproj.CRS.from_epsg(4326):
        return np.asarray(shapely.force_2d(geoms))
    mapping = Mapping(partial(_project_xy, source=reference.srs, target=WGS84), _gap_of_degrees)
    return map_geometries(geoms, mapping, MAX_EDGE_M)


def geometries_from_wgs84(geoms: NDArray[np.object_], reference: Reference) -> NDArray[np.object_]:
    """WGS-84 geometries, shape (n,), in a datum or CRS: the way back of `geometries_to_wgs84`, and as exact.

    Raises `CoordinateError` for a vertex where the CRS is not defined.
    """
    if isinstance(reference, Datum):
        return np.asarray(
            shapely.transform(shapely.force_2d(geoms), lambda xy: _shift_vertices(xy, Datum.WGS84, reference))
        )
    if reference == pyproj.CRS.from_epsg(4326):
        return np.asarray(shapely.force_2d(geoms))
    unit = reference.axis_info[0].unit_conversion_factor
    gap = (lambda a, b: _gap_of_metres(a, b) * unit) if reference.is_projected else _gap_of_degrees
    return map_geometries(
        geoms, Mapping(partial(_project_xy, source=WGS84, target=reference.srs), gap), MAX_EDGE_M
    )


def _shift_vertices(xy: Points, source: Datum, target: Datum = Datum.WGS84) -> Points:
    return np.column_stack(convert(xy[:, 0], xy[:, 1], source, target))


def _project_xy(xy: Points, source: str, target: str) -> Points:
    return np.column_stack(_project(xy[:, 0], xy[:, 1], source, target))


def _gap_of_degrees(a: Points, b: Points) -> Floats:
    east = (a[:, 0] - b[:, 0]) * np.cos(np.radians(b[:, 1]))
    return np.asarray(np.hypot(east, a[:, 1] - b[:, 1]) * METRES_PER_DEGREE)


def _gap_of_metres(a: Points, b: Points) -> Floats:
    return np.asarray(np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1]))


class MetricCrs:
    """A city's plane of metres: carries points and geometries from WGS-84 into it, and points back.

    Distances and areas are measured here and nowhere else. May be shared between threads.

    Raises `CrsError` where `check_metric_crs` does.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.crs = check_metric_crs(text)

    def points(self, lng: ArrayLike, lat: ArrayLike) -> Pair:
        """``(x, y)`` in metres of WGS-84 positions in degrees; NaN where either is not finite."""
        return _project(lng, lat, WGS84, self.text)

    def to_lnglat(self, x: ArrayLike, y: ArrayLike) -> Pair:
        """WGS-84 ``(lng, lat)`` in degrees of points in metres; NaN where either is not finite."""
        return _project(x, y, self.text, WGS84)

    def geometries(self, geoms: NDArray[np.object_]) -> NDArray[np.object_]:
        """WGS-84 geometries, shape (n,), in metres; None and empty stay, Z is dropped.

        Edges are straight in degrees here, so vertices are added as in `geometries_to_wgs84`.
        """
        mapping = Mapping(partial(_project_xy, source=WGS84, target=self.text), _gap_of_metres)
        return map_geometries(geoms, mapping, MAX_EDGE_M)


def choose_metric_crs(lng: ArrayLike, lat: ArrayLike) -> str:
    """The CRS to measure the extent of these WGS-84 points in, as text that `check_metric_crs` accepts.

    A CGCS2000 3° Gauss-Krüger zone (EPSG:4534 to 4554) when the extent's middle lies in mainland China, else
    a UTM zone; if that distorts lengths by more than 1e-3 anywhere in the extent, an azimuthal equal-area
    projection about its middle. Extents may cross the antimeridian. Raises `CrsError` if no point is finite.
    """
    box = _extent(lng, lat)
    middle_lng, middle_lat = _wrap((box[0] + box[2]) / 2), (box[1] + box[3]) / 2
    zone = _gauss_kruger(middle_lng) if in_mainland(middle_lng, middle_lat) else _utm(middle_lng, middle_lat)
    if box[1] >= -80 and box[3] <= 84 and scale_error(zone, *_samples(box)) <= MAX_SCALE_ERROR:
        return zone
    return _equal_area(middle_lng, middle_lat)


def _gauss_kruger(lng: float) -> str:
    """CGCS2000 / 3-degree Gauss-Kruger CM 75E … 135E are EPSG:4534 … 4554."""
    zone = min(max(round(lng / 3), 25), 45)
    return f"EPSG:{4534 + zone - 25}"


def _utm(lng: float, lat: float) -> str:
    zone = int((lng + 180) // 6) % 60 + 1
    return f"EPSG:{32600 + zone if lat >= 0 else 32700 + zone}"


def _equal_area(lng: float, lat: float) -> str:
    return f"+proj=laea +lat_0={lat:.2f} +lon_0={lng:.2f} +datum=WGS84 +units=m +no_defs +type=crs"


def _wrap(lng: float) -> float:
    return (lng + 180) % 360 - 180


def _extent(lng: ArrayLike, lat: ArrayLike) -> tuple[float, float, float, float]:
    """West, south, east, north of the finite points; east passes 180 where that makes the box narrower."""
    x, y = np.broadcast_arrays(np.asarray(lng, np.float64), np.asarray(lat, np.float64))
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        raise CrsError("No position is finite: there is no extent to choose a metric CRS for.")
    x, y = x[finite], y[finite]
    eastern = np.where(x < 0, x + 360, x)
    x = eastern if np.ptp(eastern) < np.ptp(x) else x
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _samples(box: tuple[float, float, float, float]) -> Pair:
    """A lattice of 9 × 9 positions over the extent."""
    lng, lat = np.meshgrid(np.linspace(box[0], box[2], 9), np.linspace(box[1], box[3], 9))
    return (lng.ravel() + 180) % 360 - 180, lat.ravel()


def scale_error(crs: str | pyproj.CRS, lng: ArrayLike, lat: ArrayLike) -> float:
    """The greatest relative error of a length, in any direction, at these WGS-84 positions.

    The axes of Tissot's indicatrix (Snyder, Map Projections: A Working Manual, 1987, p. 20) less 1; infinite
    where the projection is not defined.
    """
    x, y = np.broadcast_arrays(np.asarray(lng, np.float64), np.asarray(lat, np.float64))
    factors = pyproj.Proj(crs).get_factors(x, y)
    axes = np.stack([factors.tissot_semimajor, factors.tissot_semiminor])
    return float(np.max(np.abs(axes - 1), initial=0.0)) if np.isfinite(axes).all() else np.inf


def check_metric_crs(text: str, lng: ArrayLike | None = None, lat: ArrayLike | None = None) -> pyproj.CRS:
    """The CRS that `text` names, if lengths and areas may be measured in it; else `CrsError`.

    It must be projected, in metres, and not web mercator. Over the extent of the WGS-84 points, if given, it
    may distort lengths by at most 1e-3; or, where the extent is too large for that in one plane, by no more
    than the equal-area projection that `choose_metric_crs` proposes (whose areas are true nevertheless).
    """
    crs = _parse_metric(text)
    if lng is None or lat is None:
        return crs
    samples, proposal = _samples(_extent(lng, lat)), choose_metric_crs(lng, lat)
    error, limit = scale_error(crs, *samples), max(MAX_SCALE_ERROR, scale_error(proposal, *samples))
    if not error <= limit:
        raise CrsError(
            f"{text} distorts lengths here by up to {error:.2%}, and {limit:.2%} is the most allowed.",
            fix=f"Use {proposal}.",
        )
    return crs


def _parse_metric(text: str) -> pyproj.CRS:
    try:
        crs = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(f"{text!r} is no reference system.", fix="Give EPSG:n, such as EPSG:4549.") from error
    unit = {(axis.unit_name, axis.unit_conversion_factor) for axis in crs.axis_info}
    fault = ""
    if not crs.is_projected:
        fault = "is not projected: degrees measure nothing"
    elif crs.coordinate_operation is not None and crs.coordinate_operation.method_name in _WEB_MERCATOR:
        fault = "is web mercator, which stretches lengths"
    elif any(factor != 1.0 for _, factor in unit):
        fault = f"counts in {unit.pop()[0]}"
    if fault:
        raise CrsError(
            f"{text} {fault}.", fix="Use a projected one in metres, such as EPSG:4549 or a UTM zone."
        )
    return crs
