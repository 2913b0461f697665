"""Lines and areas that reports write as WKT, each read for itself: what is nonsense spoils no other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Reference, geometries_to_wgs84
from geo.errors import CoordinateError
from geo.types import Datum

Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]


def shapes_said(texts: Objects, reference: Reference) -> tuple[Objects, Bools]:
    """The line or area that each text says, in WGS-84 degrees, None where it says none; and which texts,
    not being empty, say no usable one: no WKT, curves, points, empty or invalid shapes, and vertices that
    cannot be in the reference.

    Args:
        texts: WKT without blanks around it, shape (n,).
        reference: of their coordinates.
    """
    with np.errstate(all="ignore"):  # of NaN and 1e308 among coordinates, which are then refused
        shapes = _each(_from_wkt, texts, (NotImplementedError,))
        _keep(shapes, _is_usable(shapes))
    if isinstance(reference, Datum) or reference.is_geographic:
        _keep(shapes, _is_in_degrees(shapes))
    shapes = _each(lambda some: geometries_to_wgs84(some, reference), shapes, (CoordinateError,))
    _keep(shapes, _is_in_degrees(shapes))
    return shapes, np.asarray((texts != "") & shapely.is_missing(shapes))


def usable_shape(shape: shapely.Geometry, reference: Reference) -> bool:
    """Whether a geometry is a valid line or area whose vertices can be in the reference."""
    shapes = np.array([shape], dtype=object)
    with np.errstate(all="ignore"):
        usable = bool(_is_usable(shapes)[0])
        if usable and (isinstance(reference, Datum) or reference.is_geographic):
            usable = bool(_is_in_degrees(shapes)[0])
    return usable


def _from_wkt(texts: Objects) -> Objects:
    return np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)


def _each(
    change: Callable[[Objects], Objects], values: Objects, refusals: tuple[type[Exception], ...]
) -> Objects:
    """All values changed at once, or one by one where that is refused: then None for those to blame."""
    try:
        return change(values)
    except refusals:
        if len(values) == 1:
            return np.array([None], dtype=object)
        half = len(values) // 2
        return np.concatenate([_each(change, part, refusals) for part in (values[:half], values[half:])])


def _keep(shapes: Objects, good: Bools) -> None:
    shapes[~good] = None


def _is_usable(shapes: Objects) -> Bools:
    has_size = (shapely.length(shapes) > 0) & np.isfinite(shapely.length(shapes))
    return np.asarray((shapely.get_dimensions(shapes) >= 1) & shapely.is_valid(shapes) & has_size)


def _is_in_degrees(shapes: Objects) -> Bools:
    """Which are within the range of longitudes and latitudes; what is missing is not."""
    west, south, east, north = shapely.bounds(shapes).T
    return np.asarray((west >= -180) & (east <= 180) & (south >= -90) & (north <= 90))
