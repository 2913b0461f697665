"""The column of an Arrow table that holds its geometry, and the points in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

Floats = NDArray[np.float64]

_WKB_POINT = 21  # bytes of a point without a height
_EXTENSION, _EXTENSION_META = b"ARROW:extension:name", b"ARROW:extension:metadata"
_WGS84 = "OGC:CRS84"


@dataclass(frozen=True)
class GeometryColumn:
    """A column of geometries.

    Attributes:
        encoding: wkb, or point for columns of x and y.
        reference: its CRS as WKT, None where that is not known.
    """

    name: str
    encoding: str
    reference: str | None


class NotPointsError(Exception):
    """A geometry is no single point."""


def geometry_column(schema: pa.Schema) -> GeometryColumn | None:
    """The primary geometry column of GeoParquet or GeoArrow, None where there is none that is understood."""
    geo = _json((schema.metadata or {}).get(b"geo"))
    name = geo.get("primary_column", "geometry")
    columns = geo.get("columns")
    declared = columns.get(name) if isinstance(columns, dict) and isinstance(name, str) else None
    if isinstance(declared, dict) and name in schema.names:
        encoding = str(declared.get("encoding", "")).lower()
        if encoding in ("wkb", "point"):
            return GeometryColumn(name, encoding, _reference(declared.get("crs", _WGS84)))
    return next(filter(None, map(_geoarrow, schema)), None)


def _geoarrow(field: pa.Field) -> GeometryColumn | None:
    meta = field.metadata or {}
    kind = meta.get(_EXTENSION, b"").decode("ascii", "replace").partition("geoarrow.")[2]
    if kind not in ("wkb", "point"):
        return None
    return GeometryColumn(field.name, kind, _reference(_json(meta.get(_EXTENSION_META)).get("crs")))


def _json(text: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(text or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reference(said: Any) -> str | None:
    try:
        return str(CRS.from_user_input(said).to_wkt()) if said else None
    except CRSError:
        return None


def points_of(column: pa.Array, encoding: str) -> tuple[Floats, Floats]:
    """Both coordinates of points, NaN where there is none.

    Raises:
        NotPointsError: a geometry is a line, an area, or several points.
    """
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if encoding == "point":
        return _native(column)
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise NotPointsError
    plain = _plain_points(column)
    return plain if plain is not None else _any_points(column)


def _native(column: pa.Array) -> tuple[Floats, Floats]:
    if pa.types.is_struct(column.type) and {"x", "y"} <= {field.name for field in column.type}:
        x, y = (pc.struct_field(column, name) for name in ("x", "y"))
    elif pa.types.is_fixed_size_list(column.type) and column.type.list_size >= 2:
        x, y = (pc.list_element(column, at) for at in (0, 1))
    else:
        raise NotPointsError
    if not (pa.types.is_floating(x.type) and pa.types.is_floating(y.type)):
        raise NotPointsError
    valid = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    return _doubles(x, valid), _doubles(y, valid)


def _doubles(values: pa.Array, valid: NDArray[np.bool_]) -> Floats:
    numbers = values.cast(pa.float64()).fill_null(float("nan")).to_numpy(zero_copy_only=False)
    return np.where(valid, numbers, np.nan)


def _plain_points(column: pa.Array) -> tuple[Floats, Floats] | None:
    """Where every value is the little-endian WKB of a point, or null, which has no bytes."""
    sizes = pc.binary_length(column)
    valid = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    filled = np.asarray(sizes.fill_null(0).to_numpy(zero_copy_only=False))
    if not (filled == np.where(valid, _WKB_POINT, 0)).all():
        return None
    flat = pc.drop_null(column) if column.null_count else column
    x, y = np.full(len(column), np.nan), np.full(len(column), np.nan)
    if not len(flat):
        return x, y
    wide = np.int64 if pa.types.is_large_binary(flat.type) else np.int32
    offsets = np.frombuffer(flat.buffers()[1], wide)[flat.offset : flat.offset + len(flat) + 1]
    data = np.frombuffer(flat.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].reshape(-1, _WKB_POINT)
    if not (data[:, :5] == np.array([1, 1, 0, 0, 0], np.uint8)).all():
        return None
    both = np.ascontiguousarray(data[:, 5:]).view("<f8")
    x[valid], y[valid] = both.T
    return x, y


def _any_points(column: pa.Array) -> tuple[Floats, Floats]:
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    single = (shapely.get_dimensions(shapes) == 0) & (shapely.get_num_geometries(shapes) == 1)
    if not single[there].all():
        raise NotPointsError
    points = np.full(len(shapes), None, dtype=object)
    points[there] = shapely.get_geometry(shapes[there], 0)
    return shapely.get_x(points), shapely.get_y(points)
