"""The gazetteer as a table of a generation's GeoPackage: points that any GIS opens."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from layers.gazetteer_entries import Gazetteer
from layers.tables import WGS84, read_columns, write_table

TABLE = "gazetteer"


def write_gazetteer(path: Path, gazetteer: Gazetteer) -> None:
    """Put a gazetteer into a GeoPackage, in place of the one that it holds."""
    columns = {field.name: getattr(gazetteer, field.name) for field in fields(Gazetteer)}
    points = shapely.points(gazetteer.lng, gazetteer.lat)
    points[~np.isfinite(gazetteer.lng)] = None
    frame = geopandas.GeoDataFrame(columns, geometry=points, crs=WGS84)
    write_table(path, TABLE, frame)


def read_gazetteer(path: Path) -> Gazetteer:
    """The gazetteer of a GeoPackage."""
    frame = read_columns(path, TABLE, [field.name for field in fields(Gazetteer)])
    return Gazetteer(**{field.name: _column(frame[field.name], field.type) for field in fields(Gazetteer)})


def _column(column: pd.Series, kind: object) -> Any:
    """A column of the table as one of the gazetteer; empty texts come back as nothing."""
    if kind == "Objects":
        return column.astype(object).where(column.notna(), "").to_numpy(dtype=object)
    dtype: Any = {"Bools": np.bool_, "Positions": np.intp, "Floats": np.float64}[str(kind)]
    return column.to_numpy(dtype=dtype)
