"""Where cases and past reports lie: the positions of a table, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.types import Datum
from layers.batch import REJECT_COLUMNS, ReportColumns, convert_table
from layers.findings import Lang
from layers.reasons import TEMPLATES

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Positions:
    """The positions of a table's rows.

    Attributes:
        lng, lat: WGS-84 degrees, NaN where unusable.
        accuracy_m: NaN where nothing is said.
        rejects: row (from 1, without the header), column, value and reason of what cannot be used.
    """

    lng: Floats
    lat: Floats
    accuracy_m: Floats
    rejects: pd.DataFrame


def read_positions(table: pd.DataFrame, columns: ReportColumns, lang: Lang) -> Positions:
    """The positions of a table of texts, converted each from its own datum.

    Raises:
        CoordinateError: most of them cannot be in the reference that was declared.
    """
    converted, rejects = convert_table(table, columns, Datum.WGS84)
    said = {TEMPLATES["en"][key]: text for key, text in TEMPLATES[lang].items() if key.startswith("problem.")}
    rejects = rejects.assign(reason=rejects["reason"].map(said))
    accuracy, wrong = _accuracies(table, columns.accuracy_m)
    if wrong.any():
        rows = np.flatnonzero(wrong)
        values = list(table[columns.accuracy_m].iloc[rows])
        reason = TEMPLATES[lang]["problem.accuracy"]
        more = {"row": rows + 1, "column": columns.accuracy_m, "value": values, "reason": reason}
        rejects = pd.concat([rejects, pd.DataFrame(more, columns=list(REJECT_COLUMNS))], ignore_index=True)
    lng, lat = (converted[name].to_numpy(dtype=float) for name in ("out_lng", "out_lat"))
    return Positions(lng, lat, accuracy, rejects)


def _accuracies(table: pd.DataFrame, name: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Metres, NaN where nothing is said; and which rows say something that is no accuracy."""
    if not name:
        return np.full(len(table), np.nan), np.zeros(len(table), dtype=bool)
    texts = table[name].str.strip()
    metres = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    # Written so that NaN is wrong.
    return metres, (texts != "").to_numpy(dtype=bool) & ~((metres >= 0) & np.isfinite(metres))
