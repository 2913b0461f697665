"""Shapefiles of an export in one zip, with the names that their columns had."""

from __future__ import annotations

import csv
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio

from geo.errors import LayerError
from layers.exported import Pair
from maps import export_words as words
from maps.export_compare import Slack, compare
from maps.export_csv import guarded_text
from maps.export_geopackage import write_layer
from maps.export_sheets import (
    Book,
    Notes,
    Sheet,
    cut_texts,
    families,
    finite,
    has_blank,
    mend,
    times_said,
    values_of,
    whole_said,
    with_names,
)

MOST_BYTES, MOST_NAME = 254, 10
MOST_WHOLE = 10**17
MOST_COLUMNS = 255
MOST_REAL, LEAST_REAL = 1e15, 1e-6
_SLACK = Slack(blank_is_missing=True, real=1e-12, decimals=1e-15, reorders=True)
_ENCODING = "utf-8-sig"


def write(book: Book, path: Path) -> Notes:
    """Write all tables, those with several kinds of geometries as several shapefiles."""
    notes: list[Pair] = [words.short_names()]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".shp-") as made:
        folder = Path(made)
        held: list[Sheet] = []
        mapping: list[tuple[str, ...]] = [("layer", "column", "name", "name_zh", "name_en")]
        for sheet in book.sheets:
            short, said = _short(sheet)
            notes += said
            parts = _parts(short)
            if len(parts) > 1:
                notes.append(words.split(sheet.name, [part.name for part in parts]))
            for part in parts:
                _write_layer(part, folder)
                mapping += _mapping(part.name, sheet, short)
            held += parts
        _write_rows(folder / "columns.csv", mapping)
        _write_rows(folder / "about.csv", [("name", "value"), *book.rows()])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.iterdir()):
                archive.write(file, file.name)
    for part in held:
        compare(part, pyogrio.read_dataframe(f"/vsizip/{path}/{part.name}.shp", use_arrow=True), _SLACK)
    return tuple(dict.fromkeys(notes))


def _short(sheet: Sheet) -> tuple[Sheet, list[Pair]]:
    """The sheet as DBF holds it."""
    if len(sheet.kinds) > MOST_COLUMNS:
        raise LayerError(
            f"{sheet.name} has {len(sheet.kinds)} columns, and a shapefile holds {MOST_COLUMNS}.",
            fix="Take .gpkg instead.",
        )
    notes: list[Pair] = []
    for step in (finite, _with_whole, _with_reals, _with_times, _cut, _without_blank):
        sheet, said = step(sheet)
        notes += said
    if not sheet.kinds:  # a DBF has at least one column
        ids = np.arange(1, len(sheet.frame) + 1)
        sheet = sheet.with_columns({"id": ids}, {"id": "int"})
    return with_names(sheet, dict(zip(sheet.kinds, short_names(list(sheet.kinds)), strict=True))), notes


def _with_whole(sheet: Sheet) -> tuple[Sheet, Notes]:
    return whole_said(sheet, MOST_WHOLE)


def _with_reals(sheet: Sheet) -> tuple[Sheet, Notes]:
    """Numbers have 24 places, 15 of them decimals."""
    sizes = {name: sheet.frame[name].abs() for name in sheet.of_kind("real")}
    large = [name for name, size in sizes.items() if (size > MOST_REAL).any()]
    small = [name for name, size in sizes.items() if ((size > 0) & (size < LEAST_REAL)).any()]
    columns: dict[str, Any] = {
        name: np.array([None if v is None else repr(float(v)) for v in values_of(sheet, name)], dtype=object)
        for name in large
    }
    notes = [words.large_as_text(large)] if large else []
    notes += [words.decimals(small)] if small else []
    return sheet.with_columns(columns, dict.fromkeys(columns, "text")), tuple(notes)


def _with_times(sheet: Sheet) -> tuple[Sheet, Notes]:
    times = sheet.of_kind("time")
    return times_said(sheet), (words.times_as_text(times),) if times else ()


def _cut(sheet: Sheet) -> tuple[Sheet, Notes]:
    return cut_texts(sheet, first_bytes, MOST_BYTES // 4, "254 B")


def first_bytes(text: str, most: int = MOST_BYTES) -> str:
    """As much of a text as its bytes allow, no character in halves; the very same where it fits."""
    body = text.encode()
    return text if len(body) <= most else body[:most].decode(errors="ignore")


def _without_blank(sheet: Sheet) -> tuple[Sheet, Notes]:
    """DBF fills up with blanks, so that those at both ends of a text are lost with it."""
    sheet, notes = mend(sheet, "^ | $", lambda text: text.strip(" "), words.no_end_blanks)
    return sheet, (*notes, words.blank_is_missing()) if has_blank(sheet) else notes


def short_names(names: Sequence[str]) -> list[str]:
    """Names of at most ten letters, digits and underscores that no two columns share."""
    used: set[str] = set()
    found = []
    for place, name in enumerate(names, 1):
        plain = re.sub(r"[^A-Za-z0-9_]", "", name) if name.isascii() else ""
        base = plain if re.match(r"[A-Za-z]", plain) else f"col_{place}"
        short, count = base[:MOST_NAME], 1
        while short.casefold() in used:
            count += 1
            short = f"{base[: MOST_NAME - len(str(count)) - 1]}_{count}"
        used.add(short.casefold())
        found.append(short)
    return found


def _parts(sheet: Sheet) -> list[Sheet]:
    """The sheet by the family of its geometries; rows without go with the first."""
    kinds = families(sheet.geometry)
    found = [str(kind) for kind in dict.fromkeys(kinds) if kind]
    if "collection" in found:
        raise LayerError(
            f"{sheet.name} has geometry collections, which no shapefile holds.", fix="Take .gpkg instead."
        )
    if len(found) < 2:
        return [sheet]
    kinds[kinds == ""] = found[0]
    return [
        replace(sheet, name=f"{sheet.name}_{kind}", frame=sheet.frame[kinds == kind].reset_index(drop=True))
        for kind in found
    ]


def _write_layer(sheet: Sheet, folder: Path) -> None:
    path = folder / f"{sheet.name}.shp"
    write_layer(sheet, path, "ESRI Shapefile", layer_options={"ENCODING": "UTF-8"})


def _mapping(layer: str, sheet: Sheet, short: Sheet) -> list[tuple[str, ...]]:
    names = list(sheet.kinds) or ["id"]
    return [
        (layer, column, name, *sheet.labels.get(name, ("", "")))
        for column, name in zip(short.kinds, names, strict=True)
    ]


def _write_rows(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding=_ENCODING, newline="") as file:
        csv.writer(file).writerows([guarded_text(cell) for cell in row] for row in rows)
