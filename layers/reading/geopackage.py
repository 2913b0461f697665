"""What a GeoPackage is asked before GDAL opens it: SQLite runs the SQL that a file brings along."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from geo.errors import LayerError, UnsafeFileError


def check_geopackage(path: Path, name: str) -> None:
    """Passes GeoPackages whose layers are plain tables.

    Raises:
        UnsafeFileError: a layer is a view or a virtual table, which computes when it is read, maybe forever.
        LayerError: it is another SQLite database, is damaged, or is being written by another program.
    """
    _refuse_unfinished(path, name)
    uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            _check(database, name)
    except sqlite3.Error as error:
        raise LayerError(
            f"{name!r} is a damaged GeoPackage ({error}).", fix="Copy or export it again."
        ) from error


def _refuse_unfinished(path: Path, name: str) -> None:
    real = path.resolve()
    wal = real.with_name(real.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise LayerError(f"{name!r} is open in another program.", fix="Save and close it there first.")


def _check(database: sqlite3.Connection, name: str) -> None:
    computed = {
        row[0]
        for row in database.execute("SELECT name, type, sql FROM sqlite_master")
        if row[1] == "view" or str(row[2] or "").upper().startswith("CREATE VIRTUAL")
    }
    plain = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    hostile = {table for table in computed if str(table).lower().startswith("gpkg_")}
    if "gpkg_contents" in plain - computed:
        listed = {row[0] for row in database.execute("SELECT table_name FROM gpkg_contents LIMIT 10000")}
        hostile |= computed & listed
    elif not hostile:
        raise LayerError(f"{name!r} is a SQLite database, not a GeoPackage.", fix="Export a GeoPackage.")
    if hostile:
        raise UnsafeFileError(
            f"Layer {min(hostile)!r} of {name!r} is computed by SQL in the file.",
            fix="Export it as a plain table.",
        )
