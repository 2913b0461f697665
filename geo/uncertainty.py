"""How positions are wrong: error circles, fixed points that stand for them, and what lies under them.

A position's error is a circular normal: both coordinates err independently with the same standard
deviation. Its accuracy is the radius that holds a stated part (the level) of the errors, so that
``accuracy = deviation * sqrt(-2 ln(1 - level))`` (the Rayleigh distribution's quantile). Phones state 68 %
(Android's ``Location.getAccuracy``), browsers 95 % (W3C Geolocation). Lengths are metres.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from geo.errors import CoordinateError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Objects = NDArray[np.object_]

LEVELS = (68, 95)
POINTS = 512
LEAST_HALF_WIDTH_M = 0.5
REACH = 3.5  # deviations: 99.8 % of the errors are smaller
BEYOND = 9.0  # deviations: no double tells the errors that are larger from none
HALF_PLANE_ERROR = 0.015
"""The most by which the part of `unit_points` in any half-plane differs from its probability: what a
straight boundary cuts off is known to this; a test takes the supremum over directions and offsets."""


def deviation(accuracy_m: ArrayLike, level: ArrayLike = 68) -> Floats:
    """The standard deviation of each coordinate for an accuracy in metres at a level in percent.

    Raises:
        CoordinateError: a level that is not between 1 and 99.9.
    """
    part = np.asarray(level, dtype=np.float64) / 100
    if not ((part >= 0.01) & (part <= 0.999)).all():
        shown = np.asarray(level).ravel().tolist()[:3]
        raise CoordinateError(f"Level {shown} is no percentage.", fix="Phones mean 68, browsers 95.")
    return np.asarray(np.asarray(accuracy_m, dtype=np.float64) / np.sqrt(-2 * np.log1p(-part)))


def radius(deviation_m: ArrayLike, part: float) -> Floats:
    """The radius that holds a part (0 to 1) of the errors."""
    return np.asarray(np.asarray(deviation_m, dtype=np.float64) * math.sqrt(-2 * math.log1p(-part)))


@functools.cache
def unit_points(count: int = POINTS) -> Floats:
    """Points, shape (count, 2), that stand for the standard circular normal, each for an equal part of it.

    They are the same on every machine and for every report: radii at the middles of equal parts, turned by
    the golden angle (Vogel 1979, "A better way to construct the sunflower head").
    """
    rank = np.arange(count)
    r = np.sqrt(-2 * np.log1p(-(rank + 0.5) / count))
    turn = rank * math.pi * (3 - math.sqrt(5))
    points = np.column_stack([r * np.cos(turn), r * np.sin(turn)])
    points.setflags(write=False)
    return points


def point_mass(distance_m: Floats, deviation_m: Floats, size_m: ArrayLike) -> Floats:
    """The part of the errors that falls on a small disc of radius ``size_m`` at a distance."""
    scale = np.asarray(size_m) / deviation_m
    return np.asarray(0.5 * scale * scale * np.exp(-0.5 * (distance_m / deviation_m) ** 2))


def area_mass(distance_m: Floats, deviation_m: Floats, area_m2: Floats) -> Floats:
    """About the part of the errors that falls on a compact area at a distance, for those too small or too
    far for points to hit them: that of a square of the same size, seen from the front.
    """
    side = np.sqrt(area_m2) / deviation_m
    d = distance_m / deviation_m
    # Upper tails, which keep their digits far out.
    deep = ndtr(-d) - ndtr(-(d + side))
    return np.asarray(deep * (1 - 2 * ndtr(-side / 2)))


def line_nodes(
    lines: Objects, x: Floats, y: Floats, deviation_m: Floats, half_width_m: Floats
) -> tuple[Ints, Floats, Floats, Floats]:
    """The band along each line under its position's error, as weighed points on both halves of the band.

    Args:
        lines: shapely LineStrings or MultiLineStrings, shape (n,); None and empty ones give nothing.
        x, y: one position for each.
        deviation_m: of each position, above 0.
        half_width_m: of each line; half a metre at least is taken.

    Returns:
        (which line, x, y, mass), shape (m,): pieces at most half a deviation long, two points each, left and
        right of the line, and the part of the errors that falls on that half of the piece: exact for
        straight pieces.
    """
    of, low, high, unit, h = _strips(lines, np.column_stack([x, y]), deviation_m, half_width_m)
    sigma = deviation_m[of]
    pieces = np.maximum(np.ceil((high - low) / (0.5 * sigma)), 1).astype(np.intp)
    each = np.repeat(np.arange(len(of)), pieces)
    k = np.arange(len(each)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = ((high - low) / np.maximum(pieces, 1))[each]
    a = low[each] + k * step
    of, unit, h, sigma = of[each], unit[each], h[each], sigma[each]
    part = ndtr((a + step) / sigma) - ndtr(a / sigma)
    half = np.maximum(half_width_m[of], LEAST_HALF_WIDTH_M)
    middle = (a + step / 2)[:, None] * unit + np.column_stack([x, y])[of]
    normal = np.column_stack([-unit[:, 1], unit[:, 0]])
    sides = [(h, h + half), (h - half, h)]
    mass = [part * (ndtr(left / sigma) - ndtr(right / sigma)) for right, left in sides]
    xy = np.concatenate([middle + ((right + left) / 2)[:, None] * normal for right, left in sides])
    return np.tile(of, 2), xy[:, 0], xy[:, 1], np.concatenate(mass)


def _strips(
    lines: Objects, p: Floats, deviation_m: Floats, half_width_m: Floats
) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """The straight pieces within reach of their positions: which line, from and to along the piece
    (metres from the foot of the perpendicular), its direction, and how far it passes to the left.
    """
    of, start, along = _segments(lines)
    length = np.hypot(along[:, 0], along[:, 1])
    real = length > 0
    of, start, along, length = of[real], start[real], along[real], length[real]
    unit = along / length[:, None]
    rel = start - p[of]
    foot = (rel * unit).sum(axis=1)
    h = rel[:, 1] * unit[:, 0] - rel[:, 0] * unit[:, 1]
    reach = REACH * deviation_m[of] + half_width_m[of]
    # Nothing of the error is farther along; a broad band under a small error would be cut into millions.
    far = np.minimum(reach, BEYOND * deviation_m[of])
    low, high = np.maximum(foot, -far), np.minimum(foot + length, far)
    near = (low < high) & (np.abs(h) <= reach)
    return of[near], low[near], high[near], unit[near], h[near]


def _segments(lines: Objects) -> tuple[Ints, Floats, Floats]:
    """Every straight piece of the lines: which line, its start, its vector."""
    parts, line = shapely.get_parts(lines, return_index=True)
    if not len(parts):
        return np.empty(0, dtype=np.intp), np.empty((0, 2)), np.empty((0, 2))
    xy, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    return line[part[:-1][joined]].astype(np.intp), xy[:-1][joined], (xy[1:] - xy[:-1])[joined]
