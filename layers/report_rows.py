"""The rows of a table of reports: what each says of its position, error, time and shape; what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geo.crs import Reference, convert_points, parse_reference
from geo.errors import CoordinateError, CrsError
from geo.types import Datum
from layers.assign import Assignments, assign
from layers.coded import Coded, nothing
from layers.findings import Lang
from layers.generation import Generation
from layers.reading.references import contradiction
from layers.reasons import TEMPLATES
from layers.report_shapes import shapes_said
from layers.report_values import blank, column_of, instants, numbers, text_of, words
from layers.rule_times import times_said

Texts = NDArray[np.object_]
Floats = NDArray[np.float64]

REJECT_COLUMNS = ("row", "column", "value", "reason")


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """Which columns of a table hold what; empty where there is none.

    Attributes:
        reference: the datum or EPSG:n of rows that name none.
        level: column of the percent of the positions that the accuracy holds.
        usual_level, usual_accuracy_m: of rows that name none, where None what the city says.
        usual_category, usual_text: of every row, where no column holds them.
        channel: column of channels, by which accuracy and level are understood where a row says none.
        lng, lat: columns of coordinates; empty where the shapes are all there is.
        shape: column of WKT: where the place is to be sought, in the table's reference.
        lenient_times: a time that cannot be read is not known, and no reason to refuse its row.
        is_checked: earlier rows showed that positions can be in the reference.
    """

    lng: str
    lat: str
    category: str = ""
    accuracy_m: str = ""
    datum: str = ""
    reference: Reference = Datum.WGS84
    level: str = ""
    usual_level: float | None = None
    usual_accuracy_m: float | None = None
    usual_category: str = ""
    usual_text: str = ""
    text: str = ""
    occurred_at: str = ""
    channel: str = ""
    shape: str = ""
    lenient_times: bool = False
    is_checked: bool = False


@dataclass(frozen=True)
class ReportRows:
    """What the rows say, as columns, and for each row what is wrong in which column.

    Attributes:
        unread: which name a time that cannot be read, whether or not that refuses them.
    """

    lng: Floats
    lat: Floats
    accuracy_m: Floats
    level: Floats
    category: Texts
    text: Texts
    occurred_at: NDArray[np.datetime64]
    shape: Texts
    extent: NDArray[np.bool_]
    problem: Texts
    column: Texts
    unread: NDArray[np.bool_]


def read_report_rows(
    generation: Generation,
    table: pd.DataFrame | pa.Table,
    columns: ReportColumns,
    *,
    now: np.datetime64 | None = None,
    extents: Texts | None = None,
) -> ReportRows:
    """What the rows of a table say; a row with a problem has no position.

    Args:
        generation: the city, which says what positions mean that state no error.
        table: shape (n, …), texts (``""`` where empty), numbers or times, null where there is nothing.
        columns: which of them hold what.
        now: UTC; when reports that name no time were made.
        extents: reported lines and areas in WGS-84 degrees, None where the row has a point.

    Raises:
        CoordinateError: most positions cannot be in the reference that was declared.
    """
    lng, lat, problem, column = read_positions(table, columns)
    shape, no_shape = _shapes(table, columns)
    extent = np.zeros(len(table), dtype=bool) if extents is None else ~pd.isna(extents)
    if extents is not None:
        shape[extent] = extents[extent]
    if columns.shape or extents is not None:
        problem[shape != np.array(None)] = ""
    accuracy, no_accuracy = _positive(table, columns.accuracy_m, 0.0, np.inf)
    level, no_level = _positive(table, columns.level, 1.0, 99.9)
    times, unread = _times(generation, table, columns, now)
    no_time = unread & (not columns.lenient_times)
    wrong = (
        (no_shape, "shape", columns.shape), (no_accuracy, "accuracy", columns.accuracy_m),
        (no_level, "level", columns.level), (no_time, "time", columns.occurred_at),
    )  # fmt: skip
    for rows, what, name in wrong:
        if not rows.any():
            continue
        problem[rows], column[rows] = what, name
        lng[rows] = lat[rows] = np.nan
        shape[rows] = None
    usual_accuracy, usual_level = _usual(generation, table, columns)
    return ReportRows(
        lng, lat,
        np.where(np.isnan(accuracy), usual_accuracy, accuracy),
        np.where(np.isnan(level) | no_level, usual_level, level),
        _texts(table, columns.category, columns.usual_category),
        _texts(table, columns.text, columns.usual_text),
        times, shape, extent, problem, column, unread,
    )  # fmt: skip


def ask(generation: Generation, rows: ReportRows) -> Assignments:
    """The answers for rows that were read."""
    texts: dict[str, Any] = {"category": rows.category, "text": rows.text, "shape": rows.shape}
    return assign(
        generation, rows.lng, rows.lat, accuracy_m=rows.accuracy_m, level=rows.level,
        occurred_at=rows.occurred_at, extent=rows.extent, **texts,
    )  # fmt: skip


def rejects_of(table: pd.DataFrame | pa.Table, rows: ReportRows, lang: Lang) -> pd.DataFrame:
    """One line for each row that could not be used; rows count from 1, without the header."""
    return rejects(table, rows.problem, rows.column, lang)


def read_positions(
    table: pd.DataFrame | pa.Table, columns: ReportColumns, target: Reference = Datum.WGS84
) -> tuple[Floats, Floats, Texts, Texts]:
    """Coordinates in the target, NaN where unusable, and for each row what is wrong in which column.

    Raises:
        CoordinateError: most of them cannot be in the reference that was declared.
    """
    if not columns.lng:
        nowhere = np.full(len(table), np.nan)
        missing, where = (np.full(len(table), word, dtype=object) for word in ("missing", columns.shape))
        return nowhere, nowhere.copy(), missing, where
    given_x, given_y = column_of(table, columns.lng), column_of(table, columns.lat)
    x, y = numbers(given_x), numbers(given_y)
    said = words(column_of(table, columns.datum)) if columns.datum else None
    if said is None and not columns.is_checked:
        refuse_contradiction(x, y, columns.reference)
    problem, column = np.full(len(x), "", dtype=object), np.full(len(x), "", dtype=object)
    out_x, out_y = _convert(said or nothing(len(table)), columns, x, y, target)
    useless = ~(np.isfinite(out_x) & np.isfinite(out_y))
    if not useless.any() and said is None:
        return out_x, out_y, problem, column
    swapped = (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)
    problem[useless] = np.where(swapped[useless], "swapped", "range")
    column[useless] = np.where(np.abs(x[useless]) <= 180, columns.lat, columns.lng)
    if said is not None:
        is_unknown = np.array([_reference(name, columns) is None for name in said.values], dtype=bool)
        unknown = is_unknown[said.codes]
        problem[unknown], column[unknown] = "datum", columns.datum
    for name, given, values in ((columns.lat, given_y, y), (columns.lng, given_x, x)):
        unread = ~np.isfinite(values)
        problem[unread], column[unread] = np.where(blank(given)[unread], "missing", "number"), name
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


def _convert(
    said: Coded, columns: ReportColumns, x: Floats, y: Floats, target: Reference
) -> tuple[Floats, Floats]:
    """Each row from its own datum where it names one, else from the table's; NaN where that cannot be."""
    out_x, out_y = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for which, name in said.used():
        source = _reference(name, columns)
        if source is None:
            continue
        fits = np.isfinite(x) & np.isfinite(y) & which
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


def _texts(table: pd.DataFrame | pa.Table, column: str, usual: str) -> Texts:
    if column:
        return words(column_of(table, column)).decoded()
    return np.full(len(table), usual, dtype=object)


def _usual(
    generation: Generation, table: pd.DataFrame | pa.Table, columns: ReportColumns
) -> tuple[Floats, Floats]:
    """The accuracy and level of rows that say none: what the user said, else their channel's."""
    channels, usual = generation.config.channels, generation.config.usual
    said = words(column_of(table, columns.channel)) if columns.channel else nothing(len(table))
    mine = [channels.get(name.strip(), usual) for name in said.values]
    accuracy = [c.accuracy_m if columns.usual_accuracy_m is None else columns.usual_accuracy_m for c in mine]
    level = [c.level if columns.usual_level is None else columns.usual_level for c in mine]
    return np.array(accuracy, dtype=float)[said.codes], np.array(level, dtype=float)[said.codes]


def _positive(
    table: pd.DataFrame | pa.Table, name: str, least: float, most: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Numbers, NaN where nothing is said; and which rows say something out of range, or no number."""
    if not name:
        return np.full(len(table), np.nan), np.zeros(len(table), dtype=bool)
    column = column_of(table, name)
    values = numbers(column)
    return values, ~blank(column) & ~((values >= least) & (values <= most) & np.isfinite(values))


def _times(
    generation: Generation, table: pd.DataFrame | pa.Table, columns: ReportColumns, now: np.datetime64 | None
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Times in UTC, NaT where not known, and which rows say something that cannot be read as one."""
    if columns.occurred_at:
        column = column_of(table, columns.occurred_at)
        zone = generation.config.time_zone
        read = instants(column, zone)
        times, unread = times_said(text_of(column), zone) if read is None else read
    else:
        times = np.full(len(table), np.datetime64("NaT"), dtype="datetime64[us]")
        unread = np.zeros(len(table), dtype=bool)
    if now is not None:
        times[np.isnat(times) & ~unread] = now
    return times, unread


def _shapes(table: pd.DataFrame | pa.Table, columns: ReportColumns) -> tuple[Texts, NDArray[np.bool_]]:
    """Lines and polygons that hold the place, in degrees, None where nothing is said; and which rows say
    nonsense. Like the coordinates they are in the row's datum; where that is none, so is the shape.
    """
    shapes, wrong = np.full(len(table), None, dtype=object), np.zeros(len(table), dtype=bool)
    if columns.shape:
        written = words(column_of(table, columns.shape))
        said = np.array([text.strip() for text in written.values], dtype=object)[written.codes]
        datums = words(column_of(table, columns.datum)) if columns.datum else nothing(len(table))
        for which, name in datums.used():
            rows = np.flatnonzero(which & (said != ""))
            source = _reference(name, columns)
            if source is not None:
                shapes[rows], wrong[rows] = shapes_said(said[rows], source)
    return shapes, wrong


def rejects(table: pd.DataFrame | pa.Table, problem: Texts, column: Texts, lang: Lang) -> pd.DataFrame:
    """One line for each row that could not be used; rows count from 1, without the header."""
    rows = np.flatnonzero(problem != "")
    values = np.full(len(rows), "", dtype=object)
    for name in pd.unique(column[rows]):
        of = np.flatnonzero(column[rows] == name)
        texts = text_of(column_of(table, name).take(pa.array(rows[of])))
        values[of] = ["" if text is None else text for text in texts.to_pylist()]
    why = [TEMPLATES[lang][f"problem.{problem[row]}"] for row in rows]
    return pd.DataFrame(
        {"row": rows + 1, "column": column[rows], "value": values, "reason": why},
        columns=list(REJECT_COLUMNS),
    )
