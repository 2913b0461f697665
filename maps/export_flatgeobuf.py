"""FlatGeobuf of an export, its rows in their order."""

from __future__ import annotations

from pathlib import Path

import orjson
import pyogrio

from maps.export_compare import compare
from maps.export_geopackage import to_milliseconds, write_layer
from maps.export_sheets import Book, Notes


def write(book: Book, path: Path) -> Notes:
    """Write the first table."""
    sheet, notes = to_milliseconds(book.first)
    said = {"about": dict(book.about), "notes": book.notes}
    options = {
        "SPATIAL_INDEX": "NO",  # the index would put the rows in its own order
        "TITLE": " / ".join(sheet.title),
        "DESCRIPTION": orjson.dumps(said).decode(),
    }
    write_layer(sheet, path, "FlatGeobuf", layer_options=options)
    # Not by Arrow: GDAL's reader ends the process where a row has no geometry.
    compare(sheet, pyogrio.read_dataframe(path, use_arrow=False))
    return notes
