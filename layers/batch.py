"""Many reports in a table: positions read, assigned, answered; what cannot be used is kept and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geo.crs import Reference, convert_points, parse_reference
from geo.errors import CoordinateError, CrsError
from geo.types import Datum
from layers.answers import ANSWER_COLUMNS, answer_frame, reasons
from layers.assign import assign
from layers.findings import Lang
from layers.generation import Generation
from layers.reading.delimited import Delimited
from layers.reading.points import guessed_pair
from layers.reading.references import contradiction
from layers.reasons import TEMPLATES

Texts = NDArray[np.object_]
Floats = NDArray[np.float64]

REJECT_COLUMNS = ("row", "column", "value", "reason")


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """Which columns of a table hold what; empty where there is none.

    Attributes:
        reference: the datum or EPSG:n of rows that name none.
    """

    lng: str
    lat: str
    category: str = ""
    accuracy_m: str = ""
    datum: str = ""
    reference: Reference = Datum.WGS84


@dataclass(frozen=True, slots=True)
class Located:
    """The answers for a table.

    Attributes:
        table: every row of the input in its order: its columns and `layers.answers.ANSWER_COLUMNS`.
        answers: `layers.answers.answer_frame` of the same rows.
        rejects: row, column, value and reason of what could not be used.
    """

    table: pd.DataFrame
    answers: pd.DataFrame
    rejects: pd.DataFrame


def locate_table(generation: Generation, table: pd.DataFrame, columns: ReportColumns) -> Located:
    """Locate every row of a table of texts.

    Args:
        generation: the city to ask.
        table: shape (n, …), all columns as text, ``""`` where empty.
        columns: which of them hold the position, the category and the accuracy.
    """
    lng, lat, problem, column = _positions(table, columns)
    accuracy, wrong = _accuracies(table, columns.accuracy_m)
    problem[wrong], column[wrong] = "accuracy", columns.accuracy_m
    lng[wrong] = lat[wrong] = np.nan
    category = list(table[columns.category]) if columns.category else None
    answers = answer_frame(
        assign(generation, lng, lat, category=category, accuracy_m=accuracy), list(problem)
    )
    answers["reason"] = reasons(answers, generation.config.languages)
    kept = _set_aside(table, ANSWER_COLUMNS)
    added = answers[list(ANSWER_COLUMNS)].set_axis(table.index)
    lang = generation.config.languages[0]
    return Located(pd.concat([kept, added], axis=1), answers, _rejects(table, problem, column, lang))


def convert_table(
    table: pd.DataFrame, columns: ReportColumns, target: Reference
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table with ``out_lng`` and ``out_lat`` (easting and northing for a projected target), and the
    rejects: rows without usable coordinates are kept, with nothing in these columns.
    """
    x, y, problem, column = _positions(table, columns, target)
    out = _set_aside(table, ("out_lng", "out_lat")).assign(out_lng=x, out_lat=y)
    return out, _rejects(table, problem, column, "en")


def _set_aside(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
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


def _positions(
    table: pd.DataFrame, columns: ReportColumns, target: Reference = Datum.WGS84
) -> tuple[Floats, Floats, Texts, Texts]:
    """Coordinates in the target, NaN where unusable, and for each row what is wrong in which column.

    Raises:
        CoordinateError: most of them cannot be in the reference that was declared.
    """
    x, y = _numbers(table[columns.lng]), _numbers(table[columns.lat])
    if not columns.datum:
        refuse_contradiction(x, y, columns.reference)
    problem, column = np.full(len(x), "", dtype=object), np.full(len(x), "", dtype=object)
    out_x, out_y = _convert(table, columns, x, y, target)
    useless = ~(np.isfinite(out_x) & np.isfinite(out_y))
    swapped = (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)
    problem[useless] = np.where(swapped[useless], "swapped", "range")
    column[useless] = np.where(np.abs(x[useless]) <= 180, columns.lat, columns.lng)
    if columns.datum:
        unknown = table[columns.datum].map(
            {d: _reference(d, columns) is None for d in table[columns.datum].unique()}
        )
        problem[unknown], column[unknown] = "datum", columns.datum
    for name, values in ((columns.lat, y), (columns.lng, x)):
        unread = ~np.isfinite(values)
        empty = (table[name].str.strip() == "").to_numpy()
        problem[unread], column[unread] = np.where(empty[unread], "missing", "number"), name
    out_x[useless] = out_y[useless] = np.nan
    return out_x, out_y, problem, column


def refuse_contradiction(x: Floats, y: Floats, reference: Reference) -> None:
    """Refuse coordinates most of which cannot be in a projected reference.

    Raises:
        CoordinateError: says the likely mistake: swapped axes, degrees, a zone's prefix.
    """
    if _in_degrees(reference):
        return  # such rows are rejects, one by one
    given = np.isfinite(x) & np.isfinite(y)
    finding = contradiction(x[given], y[given], reference)
    if finding is not None:
        raise CoordinateError(finding.reason("en"), fix=finding.fix("en"))


def _numbers(texts: pd.Series) -> Floats:
    return pd.to_numeric(texts.str.strip(), errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()


def _convert(
    table: pd.DataFrame, columns: ReportColumns, x: Floats, y: Floats, target: Reference
) -> tuple[Floats, Floats]:
    """Each row from its own datum where it names one, else from the table's; NaN where that cannot be."""
    said = table[columns.datum] if columns.datum else pd.Series("", table.index)
    out_x, out_y = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for name in said.unique():
        source = _reference(name, columns)
        if source is None:
            continue
        fits = np.isfinite(x) & np.isfinite(y) & (said == name).to_numpy()
        if _in_degrees(source):
            fits &= (np.abs(x) <= 180) & (np.abs(y) <= 90)
        out_x[fits], out_y[fits] = convert_points(x[fits], y[fits], source, target)
    if _in_degrees(target):
        wrong = ~((np.abs(out_x) <= 180) & (np.abs(out_y) <= 90))
        out_x[wrong] = out_y[wrong] = np.nan
    return out_x, out_y


def _in_degrees(reference: Reference) -> bool:
    return isinstance(reference, Datum) or reference.is_geographic


def _reference(said: str, columns: ReportColumns) -> Reference | None:
    """The reference that a row says, the table's where it says nothing, None where it says nonsense."""
    try:
        return parse_reference(said) if said.strip() else columns.reference
    except CrsError:
        return None


def _accuracies(table: pd.DataFrame, name: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Metres, NaN where nothing is said; and which rows say something that is no accuracy."""
    if not name:
        return np.full(len(table), np.nan), np.zeros(len(table), dtype=bool)
    metres = _numbers(table[name])
    said = (table[name].str.strip() != "").to_numpy()
    return metres, said & ~((metres >= 0) & np.isfinite(metres))


def _rejects(table: pd.DataFrame, problem: Texts, column: Texts, lang: Lang) -> pd.DataFrame:
    """One line for each row that could not be used; rows count from 1, without the header."""
    rows = np.flatnonzero(problem != "")
    values = [table[column[row]].iloc[row] for row in rows]
    why = [TEMPLATES[lang][f"problem.{problem[row]}"] for row in rows]
    return pd.DataFrame(
        {"row": rows + 1, "column": column[rows], "value": values, "reason": why},
        columns=list(REJECT_COLUMNS),
    )
