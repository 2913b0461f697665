"""Writes an `Export` in the format that a file's name says; hands out no file that reads back otherwise."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from geopandas import GeoDataFrame
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from geo.crs import choose_metric_crs
from geo.errors import CrsError, LayerError
from layers.exported import Export, Pair
from layers.tables import replacing
from maps.export_sheets import Book, Notes, prepare
from maps.export_target import DRAWN, Target, metric_target, target_of
from maps.export_words import only_category, only_first, without_about

Writer = Callable[[Book, Path], Notes]

# What each is written with is loaded only when it is asked for: some of it takes a second.
_MODULES = {
    ".gpkg": "geopackage",
    ".geojson": "geojson",
    ".shp.zip": "shapefile",
    ".kml": "kml",
    ".kmz": "kml",
    ".fgb": "flatgeobuf",
    ".parquet": "parquet",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".dxf": "dxf",
    ".png": "png",
}
FORMATS = tuple(_MODULES)
_SINGLE = {".geojson": ".gpkg", ".fgb": ".gpkg", ".parquet": ".gpkg", ".csv": ".xlsx", ".png": ".gpkg"}
"""Those of one layer, and which to take for all."""
PAGE = ".html"
"""Not written here: a page is drawn by who knows what it is about."""


def format_of(out: Path) -> str:
    """The format that a file's name says: one of `FORMATS`, or `PAGE`.

    Raises:
        LayerError: it says none.
    """
    name = out.name.lower()
    for suffix in (*FORMATS, PAGE):
        if name.endswith(suffix):
            return suffix
    is_shapefile = name.endswith((".shp", ".zip"))
    fix = f"End it in {', '.join((*FORMATS, PAGE))}."
    raise LayerError(
        f"{out.name!r} says no format that is known.",
        fix="A shapefile goes into one zip: end it in .shp.zip." if is_shapefile else fix,
    )


def write_export(
    export: Export,
    out: Path,
    *,
    crs: str = "",
    metric_crs: str = "",
    languages: Sequence[str] = ("zh", "en"),
) -> tuple[Pair, ...]:
    """Write an export and return what the format could not hold, in Chinese and English.

    The file is written beside ``out``, read back, compared with what it was to hold (rows, order, columns,
    values, vertices), and only then moved into its place.

    Args:
        out: its ending names the format: one of `FORMATS`.
        crs: ``EPSG:n``, or a datum: ``gcj02`` and ``bd09`` only where the file's name says so too. Empty is
            WGS-84, and the metric CRS for drawings (.dxf, .png).
        metric_crs: the city's; empty chooses one where it is needed.
        languages: in the order in which labels stand on pictures.

    Raises:
        LayerError: the name says no format, the format cannot hold such a table, or what was read back is
            not what was written.
        CrsError: the format or the name does not go with the CRS.
        CoordinateError: something lies where the CRS is not defined.
    """
    suffix = format_of(out)
    if suffix == PAGE:
        raise LayerError(f"{out.name} is a page, which is drawn elsewhere.", fix="Take another format.")
    export, said = _one_category(export) if suffix in DRAWN else (export, ())
    target = _target(export, crs, metric_crs, out, suffix)
    book, notes = prepare(export, target, languages)
    notes = said if suffix == ".png" else (*said, *notes)  # of columns, which a picture has none of
    if suffix == ".csv" and (export.about or export.notes):
        notes += (without_about(),)
    if suffix in _SINGLE and len(book.sheets) > 1:
        others = [sheet.name for sheet in book.sheets[1:]]
        notes += (only_first(book.first.name, others, _SINGLE[suffix]),)
        book = replace(book, sheets=book.sheets[:1])
    writer: Writer = importlib.import_module(f"maps.export_{_MODULES[suffix]}").write
    with replacing(out) as fresh:
        try:
            notes += writer(book, fresh)
        except (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError) as error:
            raise LayerError(
                f"{out.name} could not be written: {error}.", fix="Take another format, such as .gpkg."
            ) from error
    return tuple(dict.fromkeys(notes))


def _one_category(export: Export) -> tuple[Export, Notes]:
    """Hotspots of the category with most hot rows, the first of these; of others nothing could be seen."""
    table = export.tables[0]
    if table.class_by != "class" or "category" not in table.frame:
        return export, ()
    rows = table.frame["category"]
    hot = (table.frame["class"] == "hot").groupby(rows, sort=False).sum()
    if len(hot) < 2:
        return export, ()
    code = hot.index[hot.to_numpy().argmax()]
    note = only_category(_called(table.frame, code), len(hot) - 1)
    tables = tuple(replace(one, frame=_of_category(one.frame, code)) for one in export.tables)
    return replace(export, tables=tables, notes=(note, *export.notes)), (note,)


def _of_category(frame: GeoDataFrame, code: str) -> GeoDataFrame:
    return frame[frame["category"] == code] if "category" in frame else frame


def _called(frame: GeoDataFrame, code: str) -> str:
    """A category by its name and code, as far as there are."""
    name = frame["category_name"][frame["category"] == code].iloc[0] if "category_name" in frame else ""
    return " ".join(str(word) for word in (name, code) if word) or "-"


def _target(export: Export, crs: str, metric_crs: str, out: Path, suffix: str) -> Target:
    if suffix in DRAWN and not crs:
        return metric_target(metric_crs or _plane(export))
    return target_of(crs, out)


def _plane(export: Export) -> str:
    """A metric CRS for where the first table lies."""
    bounds = export.tables[0].frame.total_bounds
    if not np.isfinite(bounds).all():
        raise CrsError(
            "A drawing is in metres; no metric CRS is known, and nothing says where the data lie.",
            fix="Give --crs EPSG:n.",
        )
    return choose_metric_crs(bounds[[0, 2]], bounds[[1, 3]])
