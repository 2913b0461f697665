"""Boxes as ranges of one number, so that any dialect finds them by an ordinary index.

A quadkey interleaves the bits of longitude and latitude, each cut into 2²⁶ steps (0.6 m and 0.3 m at the
equator). A box becomes a few ranges that cover it and a little more; the exact comparison comes after.
"""

from __future__ import annotations

from geo.types import Bbox

BITS = 26
_STEPS = 1 << BITS
MOST_RANGES = 24


def quadkey(lng: float, lat: float) -> int:
    """The quadkey of a position in degrees."""
    x, y = _steps(lng, lat)
    return _spread(x) | _spread(y) << 1


def quadkey_ranges(box: Bbox) -> list[tuple[int, int]]:
    """Ranges of quadkeys, first and last, that hold every position of the box, edges included."""
    west, south = _steps(box.west, box.south)
    east, north = _steps(box.east, box.north)
    whole: list[tuple[int, int, int]] = []  # squares: size in bits, x, y
    open_ = [(BITS, 0, 0)]
    while open_ and len(whole) + len(open_) + 3 <= MOST_RANGES:
        # The largest first: it holds most of what lies outside the box.
        bits, x, y = open_.pop(0)
        for child in _children(bits, x, y):
            size, left, low = 1 << child[0], child[1], child[2]
            if left > east or low > north or left + size - 1 < west or low + size - 1 < south:
                continue
            inside = left >= west and low >= south and left + size - 1 <= east and low + size - 1 <= north
            (whole if inside or child[0] == 0 else open_).append(child)
    return _joined([*whole, *open_])


def _steps(lng: float, lat: float) -> tuple[int, int]:
    x, y = int((lng + 180.0) / 360.0 * _STEPS), int((lat + 90.0) / 180.0 * _STEPS)
    return min(x, _STEPS - 1), min(y, _STEPS - 1)


def _spread(value: int) -> int:
    """The bits of a number, each followed by a zero."""
    return int(f"{value:b}", 4)


def _children(bits: int, x: int, y: int) -> list[tuple[int, int, int]]:
    half = 1 << (bits - 1)
    return [(bits - 1, x + dx, y + dy) for dy in (0, half) for dx in (0, half)]


def _joined(squares: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for first, bits in sorted((_spread(x) | _spread(y) << 1, bits) for bits, x, y in squares):
        last = first + (1 << 2 * bits) - 1
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges
