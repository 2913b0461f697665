"""A table for spreadsheets and scripts: UTF-8 with a mark for Excel, positions as columns."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from maps import export_words as words
from maps.export_compare import Slack, broken, compare, compare_geometries
from maps.export_sheets import (
    Book,
    Geometries,
    Notes,
    Sheet,
    has_blank,
    mend,
    unique_names,
    values_of,
    with_names,
)

Floats = NDArray[np.float64]
ENCODING = "utf-8-sig"
WKT = "wkt"
GUARD = "'"
_FIRST = "=+@\t\r＝＋－＠-"
_SLACK = Slack(blank_is_missing=True)


def write(book: Book, path: Path) -> Notes:
    """Write the first table.

    Points have two columns before all others; lines and areas a column of WKT behind them.
    """
    sheet, notes = guarded(_renamed(book.first, book.target.axes))
    shape = shape_columns(sheet, book.target.axes)
    columns = {name: _cells(values_of(sheet, name)) for name in sheet.kinds}
    with path.open("w", encoding=ENCODING, newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*shape.before, *columns, *shape.after])
        rows.writerows(zip(*shape.before.values(), *columns.values(), *shape.after.values(), strict=True))
    _check(sheet, path, book.target.axes)
    return (*notes, words.blank_is_missing()) if has_blank(sheet) else notes


class _Shape:
    """The columns that say where a row is: before the others, and behind them."""

    def __init__(self, before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
        self.before, self.after = before, after


def shape_columns(sheet: Sheet, axes: tuple[str, str]) -> _Shape:
    """Points as two columns, all else as WKT; a table with both kinds has both, each row one of them."""
    geoms = sheet.geometry
    single = shapely.get_type_id(geoms) == shapely.GeometryType.POINT
    others = ~single & ~shapely.is_missing(geoms)
    before, after = {}, {}
    if single.any() or not others.any():
        for axis, values in zip(axes, (shapely.get_x(geoms), shapely.get_y(geoms)), strict=True):
            cells = values.astype(object)
            cells[~single] = ""
            before[axis] = cells.tolist()
    if others.any():
        texts = shapely.to_wkt(geoms, rounding_precision=-1)
        after[wkt_column(axes)] = [text if shown else "" for text, shown in zip(texts, others, strict=True)]
    return _Shape(before, after)


def wkt_column(axes: tuple[str, str]) -> str:
    """What a column of WKT is called: ``wkt``, and ``wkt_gcj02`` where axes are ``lng_gcj02`` and so on."""
    return WKT + axes[0].removeprefix("lng").removeprefix("easting")


def _renamed(sheet: Sheet, axes: tuple[str, str]) -> Sheet:
    """Columns of its own that are called like those of positions, called otherwise."""
    names = unique_names([*axes, wkt_column(axes), *sheet.kinds])[3:]
    return with_names(sheet, dict(zip(sheet.kinds, names, strict=True)))


def guarded(sheet: Sheet) -> tuple[Sheet, Notes]:
    """The sheet with texts that no spreadsheet takes for formulas, and what to say of that."""
    return mend(sheet, f"^[{_FIRST}]", guarded_text, words.guarded)


def guarded_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return GUARD + text if text and text[0] in _FIRST else text


def _cells(values: list[Any]) -> list[Any]:
    """As `csv` writes them: numbers as Python says them, nothing as an empty cell."""
    return ["" if value is None else value for value in values]


def _check(sheet: Sheet, path: Path, axes: tuple[str, str]) -> None:
    found = pd.read_csv(path, encoding=ENCODING, dtype=str, na_filter=False, skip_blank_lines=False)
    if list(sheet.kinds) != [name for name in found.columns if name not in (*axes, wkt_column(axes))]:
        raise broken(sheet.name, f"columns {list(found.columns)}")
    own = {name: _read(found[name], kind) for name, kind in sheet.kinds.items()}
    compare(sheet, pd.DataFrame(own, index=found.index), _SLACK)
    compare_geometries(sheet, _shapes(found, axes))


def _read(cells: pd.Series, kind: str) -> Any:
    if kind == "text":
        return cells
    texts = cells.to_numpy(dtype=object)
    if kind == "real":
        return _numbers(cells)
    if kind == "time":
        return pd.to_datetime(pd.Series(texts).replace("", None), utc=True, format="ISO8601")
    read = {"True": True, "False": False}.get if kind == "bool" else int
    return pd.array([None if text == "" else read(text) for text in texts], dtype="Int64")


def _numbers(cells: pd.Series) -> Floats:
    """Read as exactly as Python does."""
    return np.array([text or "nan" for text in cells.to_numpy(dtype=object)], dtype=np.float64)


def _shapes(found: pd.DataFrame, axes: tuple[str, str]) -> Geometries:
    out: Geometries = np.full(len(found), None, dtype=object)
    if axes[0] in found:
        x, y = (_numbers(found[axis]) for axis in axes)
        at = np.isfinite(x)
        out[at] = shapely.points(x[at], y[at])
    if wkt_column(axes) in found:
        texts = found[wkt_column(axes)].to_numpy(dtype=object)
        at = texts != ""
        out[at] = shapely.from_wkt(texts[at])
    return out
