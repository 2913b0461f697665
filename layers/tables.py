"""GeoPackage tables of a city: read whole, replaced whole, never half written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geo.errors import CityError

WGS84 = "EPSG:4326"


def table_names(path: Path) -> list[str]:
    """The tables of a GeoPackage, in the order they were written; none where the file is missing."""
    if not path.exists():
        return []
    with _sound(path):
        return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def read_table(path: Path, table: str) -> geopandas.GeoDataFrame | pd.DataFrame:
    """One table, with its geometry where it has one; texts are str with None where empty."""
    with _sound(path):
        return pyogrio.read_dataframe(path, layer=table, use_arrow=True)


def columns_of(path: Path, table: str) -> list[str]:
    """The columns of a table, without its geometry."""
    with _sound(path):
        return [str(name) for name in pyogrio.read_info(path, layer=table)["fields"]]


def read_columns(path: Path, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Some columns of a table, or all but its geometry."""
    with _sound(path):
        frame: pd.DataFrame = pyogrio.read_dataframe(
            path, layer=table, columns=columns, read_geometry=False, use_arrow=True
        )
    return frame


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """What GDAL cannot read of a city's own file is damage."""
    try:
        yield
    except (DataSourceError, DataLayerError, OSError) as error:
        fix = "Restore it from a backup, or make another generation live: woodpecker publish --rollback N."
        raise CityError(f"{path} is damaged: {error}.", fix=fix) from error


def write_table(path: Path, table: str, frame: pd.DataFrame) -> None:
    """Add a table to a GeoPackage or replace the one of that name."""
    options = {"SPATIAL_INDEX": "YES"} if isinstance(frame, geopandas.GeoDataFrame) else {}
    pyogrio.write_dataframe(
        frame, path, layer=table, driver="GPKG", promote_to_multi=None, layer_options=options
    )


def replace_tables(
    path: Path, frames: Mapping[str, pd.DataFrame], *, start: Path | None = None, drop: Collection[str] = ()
) -> None:
    """Write tables into a copy of the GeoPackage and put it in the file's place: all of them or none.

    Args:
        path: the GeoPackage; may be missing.
        frames: tables by name.
        start: what to copy where ``path`` is missing.
        drop: tables to take away.
    """
    with replacing(path) as fresh:
        origin = path if path.exists() else start
        if origin is not None and not drop:
            shutil.copyfile(origin, fresh)
        elif origin is not None:
            stays = [table for table in table_names(origin) if table not in {*drop, *frames}]
            frames = {**{table: read_table(origin, table) for table in stays}, **frames}
        for table, frame in frames.items():
            write_table(fresh, table, frame)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file that takes the path's place, fsynced, when the block ends without an error."""
    fresh = path.with_name(f".{path.stem}.new{path.suffix}")
    fresh.unlink(missing_ok=True)
    try:
        yield fresh
        _sync(fresh)
        fresh.replace(path)
        _sync(path.parent)
    finally:
        fresh.unlink(missing_ok=True)
        fresh.with_name(fresh.name + "-journal").unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replace a small file at once."""
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
