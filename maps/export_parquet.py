"""GeoParquet of an export: nothing is lost, what it was made of stands in the file's metadata."""

from __future__ import annotations

from pathlib import Path

import geopandas
import orjson
import pyarrow.parquet

from maps.export_compare import compare
from maps.export_sheets import Book, Notes, Sheet

KEY = b"woodpecker"


def write(book: Book, path: Path) -> Notes:
    """Write the first table."""
    sheet = book.first
    plain = path.with_name(path.name + ".plain")
    try:
        sheet.frame.to_parquet(plain, index=False, schema_version="1.1.0", geometry_encoding="WKB")
        table = pyarrow.parquet.read_table(plain)
    finally:
        plain.unlink(missing_ok=True)
    kept = {**(table.schema.metadata or {}), KEY: orjson.dumps(_said(book, sheet))}
    pyarrow.parquet.write_table(table.replace_schema_metadata(kept), path, compression="zstd")
    found = geopandas.read_parquet(path)
    compare(sheet, found)
    return ()


def _said(book: Book, sheet: Sheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "title": book.title,
        "about": dict(book.about),
        "notes": book.notes,
        "columns": dict(sheet.labels),
    }
