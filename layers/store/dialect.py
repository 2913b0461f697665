"""What the store needs of a database, and which one an address means."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, Table

from geo.errors import CityError, StoreUnavailableError
from layers.store import sqlite


class Dialect(Protocol):
    """What every database does in its own way: a module with these functions, as `layers.store.sqlite` is."""

    def writer_engine(self, path: Path, /) -> Engine:
        """An engine with the one connection that writes."""

    def reader_engine(self, path: Path, /) -> Engine:
        """An engine whose connections cannot write; each transaction sees one moment of the store."""

    def forbid_changes(self, connection: Connection, tables: Iterable[Table], /) -> None:
        """Have the database refuse to change or delete what the tables hold."""

    def unavailable(self, error: BaseException, /) -> StoreUnavailableError | None:
        """What an error means to those who wait, where it is the disk's or a lock's."""

    def copy_to(self, connection: Connection, target: Path, /) -> None:
        """Copy the store as it stands at this moment into a new file."""

    def damages(self, connection: Connection, /) -> list[str]:
        """What the database finds wrong in its file; none where it is sound."""

    def faulty_version(self) -> str:
        """The version of the database where it has a fault worth knowing, else empty."""

    def trim(self, connection: Connection, /) -> None:
        """Remove what was erased from the database's log."""

    def remove_beside(self, path: Path, /) -> None:
        """Remove what lies beside a file that is to be replaced."""


def dialect_of(address: Path | str) -> tuple[Dialect, Path]:
    """The database that an address means, and the file it is kept in.

    Args:
        address: the path of an SQLite file.

    Raises:
        CityError: it is the address of a server.
    """
    if "://" in str(address):
        kind = str(address).partition("://")[0]  # never the rest: it may hold a password
        fix = "Give the path of a file: issues.db in the city's folder."
        raise CityError(f"A store cannot be kept in {kind} yet.", fix=fix)
    return sqlite, Path(address)
