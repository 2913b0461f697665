"""How wide roads, rivers and other lines are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.config import CityConfig

Floats = NDArray[np.float64]

WIDTH_COLUMNS = ("width_m", "width", "宽度", "路宽", "河宽", "路面宽度")
LANE_COLUMNS = ("lanes", "车道数")
LANE_M = 3.5  # CJJ 37: a lane of an urban road is 3.25 to 3.75 m wide
MOST_M = 2_000.0  # wider than the Yangtze's stretches that cities draw as lines: a mistake


def half_widths(
    config: CityConfig, kind: str, geometry: NDArray[np.object_], columns: pd.DataFrame
) -> Floats:
    """Half the width of every line in metres; 0 for points and areas, which are as wide as they are drawn.

    A line's width is what a column says (`WIDTH_COLUMNS`, such as ``7``, ``7.5 m``), else its lanes, else
    what city.toml says for the kind.
    """
    width = _column(columns, WIDTH_COLUMNS)
    lanes = _column(columns, LANE_COLUMNS)
    width = np.where(np.isnan(width), lanes * LANE_M, width)
    width = np.where(np.isnan(width), config.width(kind), width)
    return np.where(shapely.get_dimensions(geometry) == 1, width / 2, 0.0)


def _column(columns: pd.DataFrame, names: tuple[str, ...]) -> Floats:
    """The first column there is of these, as numbers; NaN where it says nothing usable."""
    there = {str(name).casefold(): name for name in columns.columns}
    for name in names:
        if name in there:
            texts = (
                columns[there[name]].astype("string").str.extract(r"^\s*(\d+(?:\.\d+)?)\s*(?:m|米)?\s*$")[0]
            )
            numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            return np.where((numbers > 0) & (numbers <= MOST_M), numbers, np.nan)
    return np.full(len(columns), np.nan)
