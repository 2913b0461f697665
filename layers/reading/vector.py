"""Layers that GDAL reads. Runs in the child process, where only the one driver needed is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from geo.errors import UnsafeFileError
from layers.findings import Finding
from layers.reading.limits import Limits, RawLayer
from layers.reading.sniff import Format

_OPEN_OPTIONS = {Format.GEOPACKAGE: {"IMMUTABLE": "YES", "LIST_ALL_TABLES": "NO"}}


def layer_names(path: Path, *, drawn: bool = False) -> list[str]:
    """The layers of a file; only those with geometry if ``drawn`` and there are any."""
    listed = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    with_geometry = [name for name, kind in listed if kind is not None]
    return with_geometry if drawn and with_geometry else [name for name, _ in listed]


def read_vector(
    path: Path, form: Format, layer: str, encoding: str | None, limits: Limits, *, geometry: bool = True
) -> RawLayer:
    """One layer with all its attributes, curves as fine polylines, measures dropped."""
    options: dict[str, Any] = {"layer": layer, "encoding": encoding, **_OPEN_OPTIONS.get(form, {})}
    meta, table = pyogrio.raw.read_arrow(
        path, read_geometry=geometry, max_features=limits.features + 1, **options
    )
    if table.num_rows > limits.features:
        raise UnsafeFileError(f"Layer {layer!r} has more than {limits.features:,} features.", fix="Split it.")
    table, wkb = _split(table)
    shapes, findings, reported = _geometries(wkb, table.num_rows, path, options)
    used = encoding or meta["encoding"] or "UTF-8"
    return RawLayer(table, shapes, form.value, layer, meta["crs"], used, tuple(findings), reported)


def _split(table: pa.Table) -> tuple[pa.Table, pa.ChunkedArray | None]:
    """Attributes and WKB apart."""
    for index, field in enumerate(table.schema):
        if (field.metadata or {}).get(b"ARROW:extension:name") in (b"geoarrow.wkb", b"ogc.wkb"):
            return table.remove_column(index), table.column(index)
    return table, None


def _geometries(
    wkb: pa.ChunkedArray | None, rows: int, path: Path, options: dict[str, Any]
) -> tuple[NDArray[np.object_], list[Finding], NDArray[np.bool_]]:
    """Geometries, a finding for each that cannot be read, and which those are."""
    if wkb is None:
        return np.full(rows, None, dtype=object), [], np.zeros(rows, dtype=bool)
    values = wkb.to_numpy(zero_copy_only=False)
    try:
        shapes = shapely.from_wkb(values, on_invalid="ignore")
    except NotImplementedError:  # curves: GDAL turns them into polylines when it is not asked for Arrow
        values = pyogrio.raw.read(path, columns=[], **options)[2]
        shapes = _decode_each(values)
    broken = np.array([v is not None for v in values], dtype=bool) & shapely.is_missing(shapes)
    findings = [Finding("geometry_unreadable", row=int(at) + 1, value="WKB") for at in np.flatnonzero(broken)]
    return shapes, findings, broken


def _decode_each(values: NDArray[np.object_]) -> NDArray[np.object_]:
    """WKB one by one, None for the kinds that stay unknown (TIN, polyhedral surface)."""
    shapes = np.full(len(values), None, dtype=object)
    for at, value in enumerate(values):
        try:
            shapes[at] = shapely.from_wkb(value, on_invalid="ignore")
        except NotImplementedError:
            continue
    return shapes
