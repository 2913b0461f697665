"""GeoParquet, read with Arrow (GDAL as shipped has no driver for it)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import LayerError, UnsafeFileError
from layers.findings import Finding
from layers.reading.limits import Limits, RawLayer


def read_parquet(path: Path, name: str, limits: Limits, *, geometry: bool = True) -> RawLayer:
    """A GeoParquet file with its primary WKB geometry column.

    Raises:
        LayerError: no geometry column is declared, or it is not WKB.
    """
    file = pq.ParquetFile(path)
    if file.metadata.num_rows > limits.features:
        raise UnsafeFileError(f"{name!r} has more than {limits.features:,} rows.", fix="Split it.")
    table = file.read()
    if not geometry:
        nothing = np.full(table.num_rows, None, dtype=object)
        return _raw(table.drop_columns(_geometry_columns(file)), nothing, name, None)
    column = _primary(file, name)
    wkb = table[column].cast(pa.binary()).to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    return _raw(table.drop_columns([column]), shapes, name, _reference(file, column), wkb)


def _raw(table: pa.Table, shapes: Any, name: str, reference: str | None, wkb: Any = ()) -> RawLayer:
    given = np.array([value is not None for value in wkb] or [False] * len(shapes), dtype=bool)
    broken = given & shapely.is_missing(shapes)
    findings = [Finding("geometry_unreadable", row=int(at) + 1, value="WKB") for at in np.flatnonzero(broken)]
    table = table.replace_schema_metadata(None)
    return RawLayer(table, shapes, "GeoParquet", name, reference, "UTF-8", tuple(findings), broken)


def _geo(file: pq.ParquetFile) -> dict[str, Any]:
    """The "geo" metadata, or {} where there is none that makes sense."""
    try:
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    except ValueError:
        return {}
    return geo if isinstance(geo, dict) else {}


def _geometry_columns(file: pq.ParquetFile) -> list[str]:
    return [name for name in _geo(file).get("columns", {}) if name in file.schema_arrow.names]


def _primary(file: pq.ParquetFile, name: str) -> str:
    geo = _geo(file)
    column = geo.get("primary_column", "geometry")
    encoding = geo.get("columns", {}).get(column, {}).get("encoding")
    if column not in file.schema_arrow.names or encoding != "WKB":
        raise LayerError(
            f"{name!r} is Parquet without a WKB geometry column.", fix="Save it as GeoParquet with WKB."
        )
    return str(column)


def _reference(file: pq.ParquetFile, column: str) -> str | None:
    """The column's CRS as WKT. Left out it means WGS 84 (OGC:CRS84); null means unknown."""
    declared = _geo(file)["columns"][column]
    if "crs" not in declared:
        return "OGC:CRS84"
    try:
        return str(CRS.from_user_input(declared["crs"]).to_wkt()) if declared["crs"] else None
    except CRSError:
        return None
