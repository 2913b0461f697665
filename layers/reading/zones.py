"""Gauss-Krüger zones of China: eastings with and without the zone's number in front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

# By a word in the datum's name: EPSG codes of the first 6° (13) and 3° (25) zone, with the zone's number
# in the easting, then without.
_CODES = {
    "2000": (4491, 4513, 4502, 4534),
    "1980": (2327, 2349, 2338, 2370),
    "1954": (21413, 2401, 21453, 2422),
}


def prefixed_zone(x: NDArray[np.float64]) -> int | None:
    """The zone in front of typical eastings (40575595 → 40), or None when they carry none."""
    zone, easting = divmod(float(np.median(x)) if len(x) else 0.0, 1e6)
    return int(zone) if zone in (*range(13, 24), *range(25, 46)) and 1e5 < easting < 9e5 else None


def suggest_prefixed(zone: int | None, crs: CRS | None = None) -> int | None:
    """The EPSG code of a zone whose eastings carry its number, on the datum of ``crs`` (CGCS2000 without)."""
    codes = _codes(crs) if crs else _CODES["2000"]
    if zone is None or codes is None:
        return None
    return codes[0] + zone - 13 if zone < 25 else codes[1] + zone - 25


def suggest_bare(x: NDArray[np.float64], crs: CRS) -> int | None:
    """The EPSG code without zone numbers, when ``crs`` has them and the eastings have none."""
    zone, codes = _zone_of(crs), _codes(crs)
    if zone is None or codes is None or not 1e5 < float(np.median(x)) < 9e5:
        return None
    return codes[2] + zone - 13 if zone < 25 else codes[3] + zone - 25


def _zone_of(crs: CRS) -> int | None:
    """The zone's number in a CRS's false easting (40500000 → 40)."""
    operation = crs.coordinate_operation
    params = operation.params if operation else []
    false_easting = next((p.value for p in params if p.name == "False easting"), 0.0)
    return prefixed_zone(np.array([false_easting]))


def _codes(crs: CRS) -> tuple[int, int, int, int] | None:
    name = crs.geodetic_crs.name if crs.geodetic_crs else ""
    chinese = any(word in name for word in ("CGCS", "China Geodetic", "Xian", "Beijing"))
    return next((codes for year, codes in _CODES.items() if chinese and year in name), None)
