"""GeoJSON (RFC 7946) of an export, with what it was made of beside the features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import orjson
import pandas as pd
import shapely

from layers.exported import Pair
from maps.export_compare import compare
from maps.export_sheets import Book, Notes, Sheet, finite, values_of

TOGETHER = 10_000


def write(book: Book, path: Path) -> Notes:
    """Write the first table, which is in WGS-84, GCJ-02 or BD-09."""
    sheet, notes = finite(book.first)
    with path.open("wb") as file:
        file.write(orjson.dumps(_head(book, sheet))[:-1] + b',"features":[\n')
        for turn, some in enumerate(_features(sheet)):
            file.write((b",\n" if turn else b"") + some)
        file.write(b"\n]}\n")
    _check(sheet, path)
    return notes


def _head(book: Book, sheet: Sheet) -> Mapping[str, Any]:
    return {
        "type": "FeatureCollection",
        "name": sheet.name,
        "title": _pair(book.title),
        "about": dict(book.about),
        "notes": [_pair(note) for note in book.notes],
        "columns": {name: _pair(label) for name, label in sheet.labels.items()},
    }


def _pair(pair: Pair) -> dict[str, str]:
    return {"zh": pair[0], "en": pair[1]}


def _features(sheet: Sheet) -> Iterator[bytes]:
    geoms = shapely.orient_polygons(sheet.geometry)
    for start in range(0, len(geoms), TOGETHER):
        rows = slice(start, start + TOGETHER)
        shapes = shapely.to_geojson(geoms[rows])
        columns = [values_of(sheet, name, rows) for name in sheet.kinds]
        records = zip(*columns, strict=True) if columns else ((),) * len(shapes)
        yield b",\n".join(
            b'{"type":"Feature","properties":%b,"geometry":%b}'
            % (orjson.dumps(dict(zip(sheet.kinds, record, strict=True))), (shape or "null").encode())
            for record, shape in zip(records, shapes, strict=True)
        )


def _check(sheet: Sheet, path: Path) -> None:
    """Read the file as a program that knows only JSON would."""
    features = orjson.loads(path.read_bytes())["features"]
    columns = {name: [feature["properties"][name] for feature in features] for name in sheet.kinds}
    texts = [feature["geometry"] and orjson.dumps(feature["geometry"]).decode() for feature in features]
    geoms = shapely.from_geojson(np.array(texts, dtype=object))
    oriented = sheet.with_columns({sheet.frame.geometry.name: shapely.orient_polygons(sheet.geometry)})
    found = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    found = found if columns else pd.DataFrame(index=range(len(features)))
    compare(oriented, geopandas.GeoDataFrame(found, geometry=geoms))
