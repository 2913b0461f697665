"""Frames as compact JSON: dictionary-coded columns and quantised, delta-coded geometry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoSeries
from numpy.typing import NDArray

# `<` could close the script element, the two separators end a line in old JavaScript.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&`\u2028\u2029"}
_POLYGONAL = 2


def script_json(value: object) -> str:
    """The value as JSON that may stand inside a ``<script type="application/json">``."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ESCAPES)


def plain(value: Any) -> str | int | float | bool | None:
    """One value as JSON knows it; missing ones are None, tuples (keys of templates) are joined by blanks."""
    if isinstance(value, (tuple, list)):
        return " ".join(map(str, value))
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return _number(float(value))
    return str(value)


def _number(value: float) -> int | float | None:
    if not np.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def column(values: pd.Series[Any], digits: int = 1) -> dict[str, Any]:
    """A column in its shortest form: ``{all}`` one value, ``{of, at}`` a dictionary, or ``{raw}``.

    In ``at``, -1 stands for a missing value. Floats are rounded to ``digits``.
    """
    if pd.api.types.is_float_dtype(values):
        values = values.round(digits)
    if values.dtype == object:
        values = values.map(lambda value: tuple(value) if isinstance(value, list) else value)
    codes, distinct = pd.factorize(values)
    if len(distinct) == 0:
        return {"all": None}
    if len(distinct) == 1 and (codes == 0).all():
        return {"all": plain(distinct[0])}
    if 2 * len(distinct) <= len(values):
        return {"of": [plain(value) for value in distinct], "at": codes.tolist()}
    return {"raw": [plain(value) for value in values]}


def columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those of the named columns that the frame has, each in its shortest form."""
    return {name: column(frame[name]) for name in names if name in frame.columns}


def unit_of(bounds: Sequence[float]) -> float:
    """The step of quantised coordinates, in degrees: a tenth of a metre in a city, a metre in a country."""
    extent = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    return 1e-5 if extent > 1 else 1e-6


def quantised(degrees: NDArray[np.float64], unit: float) -> list[int | None]:
    """Coordinates as whole steps; None where there is none."""
    steps = np.rint(degrees / unit)
    return [int(step) if np.isfinite(step) else None for step in steps]


def shapes(geometry: GeoSeries, dimension: int, unit: float) -> dict[str, Any]:
    """The parts of that dimension (0, 1, 2) of every geometry: deltas of whole steps, and counts.

    ``features`` counts the parts of each geometry (0 for None, empty, or another dimension),
    ``parts`` the rings of each polygon, ``rings`` the vertices of each ring or line.
    """
    parts, of_feature = _parts(np.asarray(geometry.values), dimension)
    coded: dict[str, Any] = {"dimension": dimension, "features": _counts(of_feature, len(geometry))}
    lines = parts
    if dimension == _POLYGONAL:
        lines, of_part = shapely.get_rings(parts, return_index=True)
        coded["parts"] = _counts(of_part, len(parts))
    xy, of_line = shapely.get_coordinates(lines, return_index=True)
    if dimension:
        coded["rings"] = _counts(of_line, len(lines))
    steps = np.rint(xy / unit).astype(np.int64)
    coded["xy"] = np.diff(steps, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
    return coded


def _parts(geometry: NDArray[Any], dimension: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The single geometries of one dimension, and the position of each one's feature."""
    parts, at = shapely.get_parts(geometry, return_index=True)
    inner, of_part = shapely.get_parts(parts, return_index=True)  # collections may hold multi-geometries
    fits = (shapely.get_dimensions(inner) == dimension) & ~shapely.is_empty(inner)
    return inner[fits], at[of_part][fits]


def _counts(index: NDArray[np.int64], size: int) -> int | list[int]:
    """How often each position occurs; a single number where all are alike."""
    counts = np.bincount(index, minlength=size)
    return int(counts[0]) if size and (counts == counts[0]).all() else counts.tolist()
