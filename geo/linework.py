"""The lines of shapes: a street may be drawn as lines, as the area of a square, or as both."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]


def lines_of(shape: shapely.Geometry | None) -> Geometries:
    """The LineStrings that a shape is drawn by: lines, and the outlines of areas; none without a length."""
    parts = shapely.get_parts(shapely.get_parts(np.array([] if shape is None else [shape], dtype=object)))
    areas = shapely.get_dimensions(parts) == 2
    parts[areas] = shapely.boundary(parts[areas])
    parts = shapely.get_parts(parts)
    lines: Geometries = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)]
    return lines
