"""Points, lines, polygons: which family a geometry is of, and what of a collection is accepted."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

COLLECTION = "GeometryCollection"
# By shapely's type id: Point, LineString, LinearRing, Polygon, their Multi forms, GeometryCollection.
_FAMILY = np.array(
    ["Point", "LineString", "LineString", "Polygon", "Point", "LineString", "Polygon", COLLECTION]
)
# The part that weighs most is kept first.
ALL_FAMILIES = ("Polygon", "LineString", "Point")
_GATHER = {
    "Point": shapely.multipoints,
    "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons,
}


def families(geoms: NDArray[np.object_]) -> NDArray[np.str_]:
    """The family of each geometry (none may be None)."""
    return np.asarray(_FAMILY[shapely.get_type_id(geoms)])


def accepted_part(collection: shapely.Geometry, accept: frozenset[str]) -> shapely.Geometry | None:
    """What a collection holds of the first accepted family, polygons before lines before points."""
    parts = _flat(collection)
    kinds = families(parts) if len(parts) else np.array([])
    for family in ALL_FAMILIES:
        chosen = parts[kinds == family] if family in accept else parts[:0]
        if len(chosen):
            return chosen[0] if len(chosen) == 1 else _GATHER[family](chosen)
    return None


def _flat(collection: shapely.Geometry) -> NDArray[np.object_]:
    """Every single geometry in a collection, however deep."""
    parts = shapely.get_parts(collection)
    while len(parts) and (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[~shapely.is_empty(parts)])
