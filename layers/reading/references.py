"""Which reference a layer is in: what the file says, what was declared, what the numbers allow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

import layers.reading.messages  # noqa: F401 - what the findings here say
from geo.crs import Reference, to_wgs84
from geo.errors import LayerError
from geo.types import Bbox, Datum
from layers.findings import Finding
from layers.reading.zones import prefixed_zone, suggest_bare, suggest_prefixed

Floats = NDArray[np.float64]

AREA_MARGIN = 0.5  # degrees that a layer may reach beyond the area its CRS is made for
NEAR_MARGIN = 0.5  # degrees beyond the rest of the city that are still no surprise


def parse_own(text: str | None) -> CRS | None:
    """The reference a file carries, or None when it carries none or a mere drawing plane."""
    if not text:
        return None
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        return None
    return crs if crs.is_geographic or crs.is_projected else None


def is_wgs84(crs: CRS) -> bool:
    """Whether a CRS is longitude and latitude on the WGS-84 ellipsoid, whatever it is called."""
    ellipsoid = crs.ellipsoid
    return (
        crs.is_geographic
        and ellipsoid is not None
        and ellipsoid.semi_major_metre == 6378137.0
        and abs(ellipsoid.inverse_flattening - 298.257223563) < 1e-9
    )


def label(reference: Reference) -> str:
    """A datum's word or a CRS's code, else its name."""
    if isinstance(reference, Datum):
        return str(reference)
    authority = reference.to_authority(min_confidence=100)
    return ":".join(authority) if authority else reference.name


def choose(
    own: CRS | None, declared: Reference | None, x: Floats, y: Floats
) -> tuple[Reference | None, list[Finding]]:
    """The reference to use, and a finding when file and declaration differ.

    The declared one fills in what the file lacks. It also wins over a file that says WGS 84, because
    GCJ-02 layers circulate under that label. Any other reference in the file wins over it.
    """
    if own is None or declared is None:
        return (Datum.WGS84 if own is not None and is_wgs84(own) else own) or declared, []
    if _agree(own, declared, x, y):
        return declared, []
    detail = {"own": label(own)}
    if is_wgs84(own):
        return declared, [Finding("reference_overridden", "note", value=label(declared), detail=detail)]
    return own, [Finding("reference_ignored", value=label(declared), detail=detail)]


def _agree(own: CRS, declared: Reference, x: Floats, y: Floats) -> bool:
    """Whether two references put a sample of the layer in the same places."""
    step = max(1, len(x) // 100)
    sample = x[::step], y[::step]
    here, there = to_wgs84(*sample, own), to_wgs84(*sample, declared)
    return bool(np.allclose(here, there, rtol=0, atol=1e-8))


def assume(x: Floats, y: Floats, name: str) -> Finding:
    """The finding that a layer without any reference is taken as WGS 84.

    Raises:
        LayerError: its numbers are no degrees.
    """
    if _mostly(in_degrees(x, y)) or _mostly(in_degrees(y, x)):
        return Finding("reference_assumed", "note", value="WGS-84")
    zone = prefixed_zone(x)
    hint = f" They look like zone {zone}, such as EPSG:{suggest_prefixed(zone)}." if zone else ""
    raise LayerError(
        f"{name!r} declares no reference, and {_position(x, y)} is not in degrees.",
        fix=f"Declare one with --crs EPSG:n.{hint}",
    )


def in_degrees(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Which pairs can be longitude and latitude; NaN cannot."""
    return (np.abs(x) <= 180) & (np.abs(y) <= 90)


def contradiction(x: Floats, y: Floats, reference: Reference) -> Finding | None:
    """The finding that most positions cannot be in a reference, with the likely mistake, or None."""
    if not len(x):
        return None
    if isinstance(reference, Datum) or not reference.is_projected:
        return _not_geographic(x, y, reference)
    if _mostly(_in_use(x, y, reference)):
        return None
    return _not_projected(x, y, reference)


def _not_geographic(x: Floats, y: Floats, reference: Reference) -> Finding | None:
    bad = ~in_degrees(x, y)
    if not _mostly(bad):
        return None
    code = "axes_swapped" if _mostly(in_degrees(y, x)) else "not_degrees"
    return _error(code, x[bad], y[bad], reference)


def _not_projected(x: Floats, y: Floats, crs: CRS) -> Finding:
    if _mostly(in_degrees(x, y)):
        return _error("degrees_as_metres", x, y, crs)
    if _mostly(_in_use(y, x, crs)):
        return _error("axes_swapped", x, y, crs)
    if prefixed := suggest_prefixed(prefixed_zone(x), crs):
        return _error("zone_prefix", x, y, crs, f"EPSG:{prefixed}")
    if bare := suggest_bare(x, crs):
        return _error("zone_prefix_missing", x, y, crs, f"EPSG:{bare}")
    return _error("outside_area_of_use", x, y, crs)


def _error(code: str, x: Floats, y: Floats, reference: Reference, suggested: str = "") -> Finding:
    detail = {"reference": label(reference), "suggested": suggested}
    return Finding(code, "error", value=_position(x, y), count=len(x), detail=detail)


def _in_use(x: Floats, y: Floats, crs: CRS) -> NDArray[np.bool_]:
    """Which positions lie in the area a CRS is made for, or near it."""
    lng, lat = to_wgs84(x, y, crs)  # NaN, which is in no box, where the CRS is not defined
    area = crs.area_of_use
    if area is None or area.west > area.east:
        return in_degrees(lng, lat)
    return _in_box(lng, lat, Bbox(area.west, area.south, area.east, area.north), AREA_MARGIN)


def _in_box(lng: Floats, lat: Floats, box: Bbox, margin: float) -> NDArray[np.bool_]:
    across = (lng >= box.west - margin) & (lng <= box.east + margin)
    return across & (lat >= box.south - margin) & (lat <= box.north + margin)


def far_away(lng: Floats, lat: Floats, near: Bbox) -> tuple[NDArray[np.bool_], Finding | None]:
    """Which positions are far from the rest of the city, and an error finding when most are."""
    margin = max(NEAR_MARGIN, near.east - near.west, near.north - near.south)
    far = ~_in_box(lng, lat, near, margin)
    if not _mostly(far):
        return far, None
    code = "axes_swapped" if _mostly(_in_box(lat, lng, near, margin)) else "far_from_city"
    return far, Finding(code, "error", value=_position(lng[far], lat[far]), count=int(far.sum()))


def _mostly(mask: NDArray[np.bool_]) -> bool:
    return bool(mask.size) and bool(mask.mean() > 0.5)


def _position(x: Floats, y: Floats) -> str:
    """A typical position, as a person would write it."""
    middle = len(x) // 2
    return f"{x[middle]:.10g}, {y[middle]:.10g}"
