"""WGS-84, GCJ-02, BD-09 and CGCS2000: exact conversion both ways, on arrays.

GCJ-02 is WGS-84 plus a published shift of some hundred metres that applies inside the Chinese mainland only;
BD-09 is GCJ-02 plus a second offset. CGCS2000 in degrees equals WGS-84 to some centimetres: nothing to do.
The inverses solve the published formulas to less than a micrometre. What a map vendor's own service answers
differs from the published formula by centimetres (AMap) to a metre (Baidu); that is not ours to mend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.outline import HONG_KONG, MACAU, MAINLAND
from geo.types import Datum

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
Step = Callable[[Floats, Floats], Pair]

KRASOVSKY_A = 6378245.0
KRASOVSKY_EE = 0.00669342162296594323
BD_PI = np.pi * 3000 / 180
# A step shrinks what is left about 150-fold, so that after the naive inverse three leave up to 1.3 µm; on the
# meridian of 105° E, where the formula has a square root of zero, it shrinks less.
MAX_STEPS = 20
SOLVED_DEG = 1e-12


def convert(lng: ArrayLike, lat: ArrayLike, source: Datum, target: Datum) -> Pair:
    """The positions in another datum: ``(lng, lat)``, float64 arrays of the inputs' broadcast shape, degrees.

    What is not finite comes out as NaN. Points of the mainland survive a round trip through any datum to less
    than a micrometre. Along the outline (see `in_mainland`) the shift begins abruptly, so within its length
    (at most 713 m) two WGS-84 points can share one GCJ-02 image, of which the way back picks the one inside;
    and a GCJ-02 point that is the image of none stays where it is.

    Formulas: GCJ-02 as it leaked and circulates (Krasovsky 1940 ellipsoid, origin 105° E 35° N); BD-09 as
    users of Baidu's map published it, whose offset applies everywhere, also where GCJ-02 equals WGS-84.
    """
    x, y = np.broadcast_arrays(np.asarray(lng, np.float64), np.asarray(lat, np.float64))
    finite = np.isfinite(x) & np.isfinite(y)
    out = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers that are no degrees
        out[0][finite], out[1][finite] = _walk(x[finite], y[finite], _path(source, target))
    return out


def in_mainland(lng: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether each WGS-84 position lies where map services shift coordinates.

    The outline is coarse (a few kilometres along borders, some tens out at sea) and makes no statement about
    any boundary. NaN is outside.
    """
    x, y = np.broadcast_arrays(np.asarray(lng, np.float64), np.asarray(lat, np.float64))
    return np.asarray(shapely.contains_xy(_outline(), x, y), dtype=np.bool_)


@cache
def _outline() -> shapely.Polygon:
    outline = shapely.Polygon(MAINLAND, holes=[HONG_KONG, MACAU])
    shapely.prepare(outline)
    shapely.contains_xy(outline, 105.0, 35.0)  # builds the lookup now: threads may share it afterwards
    return outline


def _path(source: Datum, target: Datum) -> Sequence[Step]:
    """The conversions to apply, one after the other. WGS-84, GCJ-02 and BD-09 stand in a row."""
    row = {Datum.WGS84: 0, Datum.CGCS2000: 0, Datum.GCJ02: 1, Datum.BD09: 2}
    start, end = row[source], row[target]
    if start <= end:
        return [_wgs_to_gcj, _gcj_to_bd][start:end]
    return [_bd_to_gcj, _gcj_to_wgs][2 - start : 2 - end]


def _walk(lng: Floats, lat: Floats, path: Sequence[Step]) -> Pair:
    for step in path:
        lng, lat = step(lng, lat)
    return lng, lat


def _wgs_to_gcj(lng: Floats, lat: Floats) -> Pair:
    inside = in_mainland(lng, lat)
    out = lng.copy(), lat.copy()
    out[0][inside], out[1][inside] = _shift(lng[inside], lat[inside])
    return out


def _gcj_to_wgs(lng: Floats, lat: Floats) -> Pair:
    """Undoes the shift where that leads into the mainland: it is the answer that tells if it was shifted."""
    west, south, east, north = _outline().bounds
    near = np.flatnonzero((lng > west - 1) & (lng < east + 1) & (lat > south - 1) & (lat < north + 1))
    back_lng, back_lat = _solve(_shift, lng[near], lat[near])
    inside = in_mainland(back_lng, back_lat)
    out = lng.copy(), lat.copy()
    out[0][near[inside]], out[1][near[inside]] = back_lng[inside], back_lat[inside]
    return out


def _bd_to_gcj(lng: Floats, lat: Floats) -> Pair:
    return _solve(_gcj_to_bd, lng, lat)


def _solve(forward: Step, lng: Floats, lat: Floats) -> Pair:
    """The positions that `forward` takes to these, by fixed-point iteration on the offset.

    Each point stops by itself, so that its answer does not depend on its company.
    """
    x, y, at = lng.copy(), lat.copy(), np.arange(len(lng))
    for _ in range(MAX_STEPS):
        fx, fy = forward(x[at], y[at])
        dx, dy = lng[at] - fx, lat[at] - fy
        x[at], y[at] = x[at] + dx, y[at] + dy
        at = at[np.maximum(np.abs(dx), np.abs(dy)) > SOLVED_DEG]
        if not len(at):
            break
    return x, y


def _shift(lng: Floats, lat: Floats) -> Pair:
    """GCJ-02 of WGS-84 positions in the mainland."""
    phi = np.radians(lat)
    magic = 1 - KRASOVSKY_EE * np.sin(phi) ** 2
    metres_lng, metres_lat = _shift_m(lng - 105.0, lat - 35.0)
    meridian_radius = KRASOVSKY_A * (1 - KRASOVSKY_EE) / (magic * np.sqrt(magic))
    parallel_radius = KRASOVSKY_A / np.sqrt(magic) * np.cos(phi)
    return lng + np.degrees(metres_lng / parallel_radius), lat + np.degrees(metres_lat / meridian_radius)


def _shift_m(x: Floats, y: Floats) -> Pair:
    """The shift in metres (east, north) at x, y degrees from the origin."""
    root, xy = np.sqrt(np.abs(x)), x * y
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * xy + 0.1 * root
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * xy + 0.2 * root
    east += (ripple + _waves(x, 150, 300)) * 2 / 3
    north += (ripple + _waves(y, 160, 320)) * 2 / 3
    return east, north


def _waves(t: Floats, twelfth: float, thirtieth: float) -> Floats:
    """The four long waves along one axis; the two longest differ in height between the axes."""
    short = 20 * np.sin(np.pi * t) + 40 * np.sin(np.pi * t / 3)
    return np.asarray(short + twelfth * np.sin(np.pi * t / 12) + thirtieth * np.sin(np.pi * t / 30))


def _gcj_to_bd(lng: Floats, lat: Floats) -> Pair:
    z = np.hypot(lng, lat) + 2e-5 * np.sin(lat * BD_PI)
    theta = np.arctan2(lat, lng) + 3e-6 * np.cos(lng * BD_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006
