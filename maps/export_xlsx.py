"""A workbook of an export: a sheet a table, then what its columns mean and what it was made of."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from geo.errors import LayerError
from layers.exported import Pair
from maps import export_words as words
from maps.export_compare import Slack, broken, compare
from maps.export_csv import shape_columns
from maps.export_geopackage import to_milliseconds
from maps.export_sheets import (
    NO_XML,
    Book,
    Notes,
    Sheet,
    cut_texts,
    families,
    finite,
    has_blank,
    in_xml,
    mend,
    times_said,
    unique_names,
    values_of,
    whole_said,
    with_names,
)

MOST_ROWS, MOST_COLUMNS, MOST_UNITS = 1_048_576, 16_384, 32_767
MOST_WHOLE = 10**15 - 1  # of the digits of a number, fifteen are kept
COLUMNS, ABOUT = "columns", "about"
_FIRST_DAY = pd.Timestamp("1900-03-01", tz="UTC")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # which a reader would take for a character
# A cell has sixteen digits of a number; a double may need one more.
_SLACK = Slack(real=1e-15, blank_is_missing=True, time_us=1_000)
_HEAD = PatternFill("solid", fgColor="FFE8EEF4")


def write(book: Book, path: Path) -> Notes:
    """Write all tables."""
    notes: list[Pair] = []
    held = []
    workbook = openpyxl.Workbook(write_only=True)
    titles = unique_names([COLUMNS, ABOUT, *(_title(sheet.name) for sheet in book.sheets)])[2:]
    for sheet, title in zip(book.sheets, titles, strict=True):
        short, said = _held(sheet, book.target.axes)
        notes += said
        _write_sheet(workbook, short, title, book.target.axes)
        held.append((title, short))
    meanings = [
        (sheet.name, name, *sheet.labels.get(name, ("", ""))) for sheet in book.sheets for name in sheet.kinds
    ]
    _write_words(workbook, COLUMNS, ("table", "column", "中文", "English"), meanings)
    _write_words(workbook, ABOUT, ("name", "value"), book.rows())
    workbook.save(path)
    _check(held, path, book.target.axes)
    return tuple(dict.fromkeys(notes))


def _title(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "_", name)[:31]


def _held(sheet: Sheet, axes: tuple[str, str]) -> tuple[Sheet, list[Pair]]:
    """The sheet as cells hold it."""
    if len(sheet.frame) >= MOST_ROWS or len(sheet.kinds) + 2 > MOST_COLUMNS:
        raise LayerError(
            f"{sheet.name} has {len(sheet.frame):,} rows, and a workbook's sheet holds {MOST_ROWS - 1:,}.",
            fix="Take .csv or .gpkg instead.",
        )
    notes: list[Pair] = []
    if {"line", "polygon", "collection", "multi"} & _shapes(sheet):
        notes.append(words.no_geometry(sheet.name))
    names = unique_names([*axes, *sheet.kinds])[2:]
    sheet = with_names(sheet, dict(zip(sheet.kinds, names, strict=True)))
    old = [name for name in sheet.of_kind("time") if (sheet.frame[name] < _FIRST_DAY).any()]
    sheet = times_said(sheet, old)
    if old:
        notes.append(words.times_as_text(old))
    for step in (to_milliseconds, finite, _with_whole, _with_texts):
        sheet, said = step(sheet)
        notes += said
    if times := sheet.of_kind("time"):
        notes.append(words.utc_times(times))
    return sheet, notes


def _shapes(sheet: Sheet) -> set[str]:
    kinds = {str(kind) for kind in families(sheet.geometry)}
    multi = (sheet.frame.geometry.geom_type == "MultiPoint").any()
    return kinds | ({"multi"} if multi else set())


def _with_whole(sheet: Sheet) -> tuple[Sheet, Notes]:
    return whole_said(sheet, MOST_WHOLE)


def _with_texts(sheet: Sheet) -> tuple[Sheet, Notes]:
    sheet, notes = mend(sheet, NO_XML, in_xml, words.mended)
    sheet, said = mend(sheet, "\r", lambda text: re.sub("\r\n?", "\n", text), words.line_ends)
    notes += said
    blank = (words.blank_is_missing(),) if has_blank(sheet) else ()
    sheet, cut = cut_texts(sheet, first_units, MOST_UNITS // 2, "32,767")
    return sheet, (*notes, *cut, *blank)


def first_units(text: str, most: int = MOST_UNITS) -> str:
    """As much of a text as a cell holds, which counts rare characters twice."""
    if len(text) * 2 <= most:
        return text
    body = text.encode("utf-16-le")
    return text if len(body) <= 2 * most else body[: 2 * most].decode("utf-16-le", errors="ignore")


def _write_sheet(workbook: Any, sheet: Sheet, title: str, axes: tuple[str, str]) -> None:
    page = workbook.create_sheet(title)
    before = shape_columns(sheet, axes).before
    columns = [*before.values(), *(_cells(sheet, name) for name in sheet.kinds)]
    header = [*before, *sheet.kinds]
    page.freeze_panes = "A2"
    for place, (name, values) in enumerate(zip(header, columns, strict=True), 1):
        page.column_dimensions[get_column_letter(place)].width = _width(name, values)
    last = get_column_letter(max(len(header), 1))
    page.auto_filter.ref = f"A1:{last}{len(sheet.frame) + 1}"
    page.append([_bold(page, name) for name in header])
    for row in zip(*columns, strict=True):
        page.append([_cell(page, value) for value in row])


def _cells(sheet: Sheet, name: str) -> list[Any]:
    if sheet.kinds[name] == "time":
        known = sheet.frame[name].dt.tz_localize(None)
        return [None if pd.isna(time) else time.to_pydatetime() for time in known]
    return values_of(sheet, name)


def _cell(page: Any, value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        cell = WriteOnlyCell(page, value)
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell
    if not isinstance(value, str):
        return None if value == "" else value.item() if isinstance(value, np.generic) else value
    if not value:
        return None
    cell = WriteOnlyCell(page, _CODE.sub("_x005F_", value))
    cell.data_type = "s"  # also what looks like a formula or an error
    if value.startswith(_FORMULA):
        cell.quotePrefix = True  # and stays a text when somebody edits it
    return cell


def _bold(page: Any, name: str) -> Any:
    cell = WriteOnlyCell(page, name)
    cell.data_type, cell.font, cell.fill = "s", Font(bold=True), _HEAD
    return cell


def _width(name: str, values: Sequence[Any]) -> float:
    """In characters; Chinese ones are twice as wide."""
    shown = [name, *(str(value) for value in values[:200] if value is not None)]
    widest = max(sum(2 if ord(c) > 0x2E7F else 1 for c in text[:60]) for text in shown)
    return float(min(max(widest + 2, 8), 48))


def _write_words(workbook: Any, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    page = workbook.create_sheet(title)
    page.freeze_panes = "A2"
    for place in range(len(header)):
        page.column_dimensions[get_column_letter(place + 1)].width = 60 if place and len(header) == 2 else 24
    page.append([_bold(page, name) for name in header])
    for row in rows:
        page.append([_cell(page, first_units(in_xml(value))) for value in row])


def _check(held: list[tuple[str, Sheet]], path: Path, axes: tuple[str, str]) -> None:
    workbook = openpyxl.load_workbook(path, read_only=True)
    try:
        for title, sheet in held:
            before = shape_columns(sheet, axes).before
            header, rows = _rows(workbook[title], len(before) + len(sheet.kinds))
            if header != [*before, *sheet.kinds]:
                raise broken(sheet.name, f"columns {header}")
            found = pd.DataFrame(
                {
                    name: _read([row[len(before) + place] for row in rows], kind)
                    for place, (name, kind) in enumerate(sheet.kinds.items())
                },
                index=range(len(rows)),
            )
            compare(sheet, found, _SLACK)
            for place, values in enumerate(before.values()):
                if not _close([row[place] for row in rows], values):
                    raise broken(sheet.name, f"other values in column {header[place]!r}")
    finally:
        workbook.close()


def _close(found: list[Any], was: list[Any]) -> bool:
    pairs = zip(found, was, strict=True)
    return all(
        now is None if value == "" else abs(now - value) <= _SLACK.real * abs(value) for now, value in pairs
    )


def _rows(page: Any, width: int) -> tuple[list[str], list[tuple[Any, ...]]]:
    lines: Iterator[tuple[Any, ...]] = page.iter_rows(values_only=True, max_col=max(width, 1))
    header = [str(name) for name in next(lines) if name is not None]
    return header, list(lines)


def _read(values: list[Any], kind: str) -> pd.Series:
    if kind == "text":
        texts = [value if value is None else str(value).replace("_x005F_", "_") for value in values]
        return pd.Series(texts, dtype=object)
    if kind == "time":
        return pd.to_datetime(pd.Series(values, dtype=object), utc=True)
    return pd.Series(values, dtype=object)
