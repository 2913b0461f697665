"""Many reports in a table: located, answered; what cannot be used is kept and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geo.crs import Reference
from layers.answer_codes import coded_columns
from layers.answers import ANSWER_COLUMNS, answer_frame, reasons
from layers.assign import Assignments
from layers.coded import Coded
from layers.coded_reasons import coded_reasons
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
from layers.report_values import is_number, is_text

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


@dataclass(frozen=True, slots=True)
class LocatedPiece:
    """The answers for some rows of a file.

    Attributes:
        table: the rows with `layers.answers.ANSWER_COLUMNS`, whose texts are dictionaries.
        rejects: as in `Located`; rows count from the first of the file.
        tie_breaks: as in `Located`.
    """

    table: pa.Table
    rejects: pd.DataFrame
    tie_breaks: int


def locate_piece(
    generation: Generation,
    table: pa.Table,
    columns: ReportColumns,
    *,
    now: np.datetime64 | None = None,
    extents: Texts | None = None,
    before: int = 0,
) -> LocatedPiece:
    """Locate some rows of a file; as `locate_table`, in columns to the end.

    Args:
        generation, columns, now, extents: as in `locate_table`.
        table: shape (n, …), texts, numbers or times.
        before: how many rows of the file came before.
    """
    rows = read_report_rows(generation, table, columns, now=now, extents=extents)
    answers = ask(generation, rows)
    kept, added = arrow_set_aside(table, ANSWER_COLUMNS), answer_arrays(answers, rows.problem)
    for name in ANSWER_COLUMNS:
        kept = kept.append_column(name, added[name])
    rejected = rejects_of(table, rows, generation.config.languages[0])
    rejected["row"] += before
    return LocatedPiece(kept, rejected, int((answers.is_tie_break & (rows.problem == "")).sum()))


def arrow_set_aside(table: pa.Table, ours: Sequence[str]) -> pa.Table:
    """As `set_aside`."""
    names = table.column_names
    taken = {name: f"input_{name}" for name in ours if name in names}
    kept = [at for at, name in enumerate(names) if name not in taken.values()]
    return renamed(table.select(kept), [taken.get(names[at], names[at]) for at in kept])


def renamed(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """The table with other names, and with what its schema and fields say beside."""
    fields = [field.with_name(name) for field, name in zip(table.schema, names, strict=True)]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields, table.schema.metadata))


def answer_arrays(answers: Assignments, problems: Texts | None = None) -> dict[str, pa.Array]:
    """`layers.answers.ANSWER_COLUMNS` as Arrow has them: texts as dictionaries, null where a number is not
    known. Each different text is made once.
    """
    columns = coded_columns(answers, problems)
    texts, which = coded_reasons(columns, answers.generation.config.languages)
    said = {
        name: column.arrow() if isinstance(column, Coded) else pa.array(column, from_pandas=True)
        for name in ANSWER_COLUMNS
        if name != "reason"
        for column in [columns[name]]
    }
    return {**said, "reason": pa.DictionaryArray.from_arrays(which, texts)}


def set_aside(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The table with columns that bear names of ours called ``input_NAME``: nothing of the input is lost."""
    taken = {name: f"input_{name}" for name in names if name in table.columns}
    return table.drop(columns=[old for old in taken.values() if old in table.columns]).rename(columns=taken)


def coordinate_columns(table: pd.DataFrame | pa.Table, reference: Reference) -> tuple[str, str]:
    """The columns that hold longitudes (eastings) and latitudes (northings), by name and content.

    Raises:
        LayerError: none look like it, or several do and differ.
    """
    if isinstance(table, pd.DataFrame):
        texts = pa.Table.from_pandas(table, preserve_index=False)
    else:
        names = table.column_names
        texts = pa.table([_told(table.column(at)) for at in range(len(names))], names=names)
    source = Delimited(texts, "", ",", ())
    pair = guessed_pair(source, reference)
    return pair.x_name, pair.y_name


def _told(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as texts, empty where it is of a type that holds no numbers."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (is_text(kind) or is_number(kind)):
        return pa.chunked_array([pa.array([""] * len(column), pa.string())])
    return column.cast(kind).cast(pa.string()).fill_null("")
