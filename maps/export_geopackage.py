"""A GeoPackage of an export: every table a layer that opens styled, with what it was made of beside them."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio

from layers.exported import Pair
from maps import export_words as words
from maps.export_compare import compare
from maps.export_qml import qml
from maps.export_sheets import Book, Notes, Sheet, families, uniform

PARAMETERS = "parameters"
UNDEFINED = "0"  # of a GeoPackage: degrees of nobody knows what
_TYPES = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
_STYLES = """CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""


def write(book: Book, path: Path) -> Notes:
    """Write all tables."""
    notes: list[Pair] = []
    sheets = []
    for sheet in book.sheets:
        held, said = to_milliseconds(sheet)
        sheets.append(held)
        notes += said
        _write_layer(held, path, book)
    parameters = pd.DataFrame(book.rows(), columns=["name", "value"])
    pyogrio.write_dataframe(parameters, path, driver="GPKG", layer=PARAMETERS)
    with closing(sqlite3.connect(path)) as connection:
        _describe(connection, book, sheets)
    for sheet in sheets:
        compare(sheet, pyogrio.read_dataframe(path, layer=sheet.name, use_arrow=True))
    return tuple(dict.fromkeys(notes))


def to_milliseconds(sheet: Sheet) -> tuple[Sheet, Notes]:
    """The sheet with times that GDAL's formats can hold, and what to say of that."""
    columns: dict[str, Any] = {}
    for name in sheet.of_kind("time"):
        whole = sheet.frame[name].dt.floor("ms")
        if (whole != sheet.frame[name])[sheet.frame[name].notna()].any():
            columns[name] = whole
    notes = (words.milliseconds(list(columns)),) if columns else ()
    return sheet.with_columns(columns), notes


def geometry_type(sheet: Sheet) -> str:
    """As GDAL calls the type of a layer's geometries; ``Unknown`` of mixed ones."""
    kinds = {str(kind) for kind in families(sheet.geometry)} - {""}
    if len(kinds) != 1 or not kinds <= _TYPES.keys():
        return "Unknown"
    multi = {str(kind) for kind in sheet.frame.geometry.geom_type.dropna()}
    return ("Multi" if any(kind.startswith("Multi") for kind in multi) else "") + _TYPES[kinds.pop()]


def written_frame(sheet: Sheet) -> geopandas.GeoDataFrame:
    """The frame with geometries of one type where they are of one family."""
    frame = sheet.frame
    if geometry_type(sheet) == "Unknown":
        return frame
    return frame.set_geometry(geopandas.GeoSeries(uniform(sheet.geometry), crs=frame.crs, index=frame.index))


def _write_layer(sheet: Sheet, path: Path, book: Book) -> None:
    options = {"SPATIAL_INDEX": "YES", "GEOMETRY_NAME": "geom"}
    if book.target.crs is None:
        options["SRID"] = UNDEFINED
    dataset = {} if path.exists() else {"VERSION": "1.2"}  # older programs read no later one
    write_layer(sheet, path, "GPKG", layer_options=options, dataset_options=dataset)


def write_layer(sheet: Sheet, path: Path, driver: str, **options: Any) -> None:
    """Write a sheet by GDAL; without a reference system where its coordinates have none."""
    given = {"layer": sheet.name, "use_arrow": True, "promote_to_multi": False}
    kind = geometry_type(sheet)
    if driver == "ESRI Shapefile":
        given.pop("layer")
        kind = "Point" if kind == "Unknown" else kind
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(
            written_frame(sheet), path, driver=driver, geometry_type=kind, **given, **options
        )


def _describe(connection: sqlite3.Connection, book: Book, sheets: list[Sheet]) -> None:
    """Titles, and a style for every layer that has geometries of one kind."""
    with connection:
        connection.execute(_STYLES)
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
        for sheet in sheets:
            connection.execute(
                "UPDATE gpkg_contents SET description = ? WHERE table_name = ?",
                (_description(book, sheet), sheet.name),
            )
            kinds = {str(kind) for kind in families(sheet.geometry)} - {""}
            if len(kinds) == 1 and kinds <= _TYPES.keys():
                _add_styles(connection, sheet, kinds.pop())


def _description(book: Book, sheet: Sheet) -> str:
    said = [f"{sheet.title[0]} / {sheet.title[1]}", f"{book.target.said[0]} / {book.target.said[1]}"]
    if sheet.is_picture:
        said += words.picture_only(sheet.title)
    return "\n".join(said)


def _add_styles(connection: sqlite3.Connection, sheet: Sheet, kind: str) -> None:
    """The style that it opens with, and one for every other column of classes, to choose from."""
    _add_style(connection, sheet, kind, sheet.name, is_default=True)
    for name in sheet.of_kind("text"):
        if name.endswith("_class"):
            _add_style(connection, replace(sheet, class_by=name), kind, name)


def _add_style(
    connection: sqlite3.Connection, sheet: Sheet, kind: str, name: str, *, is_default: bool = False
) -> None:
    title = sheet.title if is_default else sheet.labels.get(name, (name, name))
    row: Mapping[str, Any] = {
        "f_table_catalog": "", "f_table_schema": "", "f_table_name": sheet.name, "f_geometry_column": "geom",
        "styleName": name[:30], "styleQML": qml(sheet, kind), "styleSLD": "", "useAsDefault": is_default,
        "description": " / ".join(title), "owner": "",
    }  # fmt: skip
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO layer_styles ({names}) VALUES ({marks})", tuple(row.values()))
