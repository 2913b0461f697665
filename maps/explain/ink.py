"""SVG as text: elements with everything escaped, geometries as compact paths."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINES, _POLYGONS = (1, 5), (3, 6)  # GEOS numbers: LineString, MultiLineString; Polygon, MultiPolygon


def plain(text: object) -> str:
    """Text that XML can hold, escaped for an element or an attribute."""
    return escape(_NOT_XML.sub("\ufffd", str(text)))


def number(value: float) -> str:
    """A coordinate to 0.1 px, without what says nothing."""
    return f"{round(float(value), 1) + 0.0:g}"


def tag(name: str, /, *children: str, **attributes: object) -> str:
    """An element; children are markup, ``stroke_width`` becomes ``stroke-width``, None is left out."""
    given = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    said = "".join(f' {key}="{_value(value)}"' for key, value in given if value is not None)
    inner = "".join(children)
    return f"<{name}{said}>{inner}</{name}>" if inner else f"<{name}{said}/>"


def _value(value: object) -> str:
    return number(value) if isinstance(value, float) else plain(value)


def path(*geometries: BaseGeometry) -> str:
    """The ``d`` of a path through geometries in pixels; a point is a stroke of no length."""
    return "".join(_part(part) for geometry in geometries for part in shapely.get_parts(geometry))


def _part(geometry: BaseGeometry) -> str:
    if geometry.is_empty:
        return ""
    if isinstance(geometry, shapely.Polygon):
        return "".join(_run(ring) + "z" for ring in shapely.get_rings(geometry))
    run = _run(geometry)
    return run + "h0" if isinstance(geometry, shapely.Point) else run


def _run(geometry: BaseGeometry) -> str:
    """A line relative to its start, in tenths of a pixel, so that rounding never adds up."""
    tenths: NDArray[np.int64] = np.rint(shapely.get_coordinates(geometry) * 10).astype(np.int64)
    steps = np.diff(tenths, axis=0)
    steps = steps[steps.any(axis=1)]
    if geometry.geom_type == "LinearRing" and len(steps):
        steps = steps[:-1]  # "z" draws the last one
    start = f"M{_tenths(tenths[0, 0])} {_tenths(tenths[0, 1])}"
    moves = "".join(f"{_next(dx)}{_next(dy)}" for dx, dy in steps).lstrip()
    return start + (f"l{moves}" if moves else "")


def _tenths(value: int) -> str:
    return f"{value / 10:g}"


def _next(value: int) -> str:
    """A number of a sequence; a minus sign is as good as a blank."""
    text = _tenths(value)
    return text if text.startswith("-") else f" {text}"
