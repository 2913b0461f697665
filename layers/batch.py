"""Many reports in a table: located, answered; what cannot be used is kept and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geo.crs import Reference
from layers.answers import ANSWER_COLUMNS, answer_frame, reasons
from layers.generation import Generation
from layers.reading.delimited import Delimited
from layers.reading.points import guessed_pair
from layers.report_rows import (
    ReportColumns,
    ask,
    read_positions,
    read_report_rows,
    rejects,
    rejects_of,
)

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Located:
    """The answers for a table.

    Attributes:
        table: every row of the input in its order: its columns and `layers.answers.ANSWER_COLUMNS`.
        answers: `layers.answers.answer_frame` of the same rows.
        rejects: row, column, value and reason of what could not be used.
        tie_breaks: how many answers rest on the last resort, the lowest code of several cells.
    """

    table: pd.DataFrame
    answers: pd.DataFrame
    rejects: pd.DataFrame
    tie_breaks: int


def locate_table(
    generation: Generation,
    table: pd.DataFrame,
    columns: ReportColumns,
    *,
    now: np.datetime64 | None = None,
    extents: Texts | None = None,
) -> Located:
    """Locate every row of a table of texts.

    Args:
        generation: the city to ask.
        table: shape (n, …), all columns as text, ``""`` where empty.
        columns: which of them hold what.
        now: UTC; when reports that name no time were made.
        extents: reported lines and areas in WGS-84 degrees, None where the row has a point.
    """
    rows = read_report_rows(generation, table, columns, now=now, extents=extents)
    answers = ask(generation, rows)
    frame = answer_frame(answers, list(rows.problem))
    frame["reason"] = reasons(frame, generation.config.languages)
    kept = set_aside(table, ANSWER_COLUMNS)
    added = frame[list(ANSWER_COLUMNS)].set_axis(table.index)
    rejected = rejects_of(table, rows, generation.config.languages[0])
    ties = int((answers.is_tie_break & (rows.problem == "")).sum())
    return Located(pd.concat([kept, added], axis=1), frame, rejected, ties)


def convert_table(
    table: pd.DataFrame, columns: ReportColumns, target: Reference
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table with ``out_lng`` and ``out_lat`` (easting and northing for a projected target), and the
    rejects: rows without usable coordinates are kept, with nothing in these columns.
    """
    x, y, problem, column = read_positions(table, columns, target)
    out = set_aside(table, ("out_lng", "out_lat")).assign(out_lng=x, out_lat=y)
    return out, rejects(table, problem, column, "en")


def set_aside(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The table with columns that bear names of ours called ``input_NAME``: nothing of the input is lost."""
    taken = {name: f"input_{name}" for name in names if name in table.columns}
    return table.drop(columns=[old for old in taken.values() if old in table.columns]).rename(columns=taken)


def coordinate_columns(table: pd.DataFrame, reference: Reference) -> tuple[str, str]:
    """The columns that hold longitudes (eastings) and latitudes (northings), by name and content.

    Raises:
        LayerError: none look like it, or several do and differ.
    """
    source = Delimited(pa.Table.from_pandas(table, preserve_index=False), "", ",", ())
    pair = guessed_pair(source, reference)
    return pair.x_name, pair.y_name
