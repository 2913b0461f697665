"""What only SQLite does: opening, locking, refusing changes, copying, and what its errors mean.

A second dialect is a module with these functions. Nothing else in the store knows which one it is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from geo.errors import CityError, StoreUnavailableError

BUSY_S = 5.0
PAGE = 8192  # bytes; three proofs fit
READERS = 8  # connections that stay open; as many again may be opened for a while
_RETRY = "Nothing was stored of this request; send it again"
_CODES = {
    sqlite3.SQLITE_FULL: ("the disk is full", f"{_RETRY} when there is space."),
    sqlite3.SQLITE_IOERR: ("the disk reports an error", f"{_RETRY}; look at the disk if it stays."),
    sqlite3.SQLITE_BUSY: ("another program holds its lock", f"{_RETRY}; close the other program."),
    sqlite3.SQLITE_LOCKED: ("another program holds its lock", f"{_RETRY}; close the other program."),
    sqlite3.SQLITE_READONLY: ("it may not be written", "Give the program the right to write to the folder."),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "Look whether the folder is there and may be read."),
    sqlite3.SQLITE_NOMEM: ("the memory is full", f"{_RETRY} later."),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "Restore a backup: woodpecker restore."),
    sqlite3.SQLITE_NOTADB: ("it is no database", "Restore a backup: woodpecker restore."),
}  # fmt: skip
_WRITER_PRAGMAS = (
    "synchronous=FULL",  # an acknowledged report survives a power cut
    "foreign_keys=ON",
    "recursive_triggers=ON",  # else REPLACE deletes a row past the trigger that forbids it
    "secure_delete=ON",  # what was erased is overwritten
    "trusted_schema=OFF",
    "cache_size=-65536",
    "journal_size_limit=67108864",
)


def writer_engine(path: Path) -> Engine:
    """An engine with the one connection that writes; its transactions hold the write lock from the start.

    Raises:
        CityError: the file system cannot keep a write-ahead log.
    """
    if not path.exists():
        path.touch(mode=0o600)  # it will hold telephone numbers

    def connect() -> sqlite3.Connection:
        raw = _connect(path, "rw")
        try:
            _prepare_writer(raw, path)
        except BaseException:
            raw.close()
            raise
        return raw

    return _engine(connect, "BEGIN IMMEDIATE", size=1, overflow=0)


def _prepare_writer(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute(f"PRAGMA page_size={PAGE}")  # of a new file; others keep theirs
    if raw.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
        raise CityError(f"{path} cannot keep a write-ahead log there.", fix="Put the city on a local disk.")
    for pragma in _WRITER_PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")


def reader_engine(path: Path) -> Engine:
    """An engine whose connections cannot write; each transaction sees one moment of the store."""

    def connect() -> sqlite3.Connection:
        raw = _connect(path, "ro")
        raw.execute("PRAGMA query_only=ON")
        return raw

    return _engine(connect, "BEGIN", size=READERS, overflow=READERS)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # isolation_level None: the driver begins nothing by itself.
    address = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


def _engine(connect: Any, begin: str, *, size: int, overflow: int) -> Engine:
    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=size, max_overflow=overflow
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def forbid_changes(connection: Connection, tables: Iterable[Table]) -> None:
    """Have the database refuse to change or delete what the tables hold."""
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table.name}_no_{change.lower()} BEFORE {change} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} are never changed'); END"
            )


def unavailable(error: BaseException) -> StoreUnavailableError | None:
    """What an error means to those who wait, where it is the disk's or a lock's and not the work's own."""
    if isinstance(error, PoolTimeoutError):
        fix = "Ask again in a moment."
        return StoreUnavailableError("The store cannot be read: too many are reading.", fix=fix)
    raw = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(raw, "sqlite_errorcode", 0) & 0xFF
    if code not in _CODES:
        return None
    said, fix = _CODES[code]
    return StoreUnavailableError(f"The store cannot be used: {said} ({raw}).", fix=fix)


def copy_to(connection: Connection, target: Path) -> None:
    """Copy the store as it stands at this moment into a new file; writing goes on meanwhile."""
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    target.touch(mode=0o600)
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        # All pages in one step: with several, every commit in between would start the copy anew.
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    finally:
        copy.close()
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def damages(connection: Connection) -> list[str]:
    """What SQLite finds wrong in its file, up to ten lines; none where it is sound."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)")]
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(10)
    return [line for line in found if line != "ok"] + [
        f"{row[0]} row {row[1]} lost its {row[2]}" for row in lost
    ]


def faulty_version() -> str:
    """The version of SQLite where it can damage a file that two programs write at once, else empty."""
    # https://sqlite.org/wal.html#walresetbug
    return sqlite3.sqlite_version if (3, 7, 0) <= sqlite3.sqlite_version_info < (3, 51, 3) else ""


def trim(connection: Connection) -> None:
    """Move the log into the file and empty it: what was erased must not lie on in it.

    Only the writer's connection, and only between transactions. Readers that are at work keep it from
    being emptied; the next call does.
    """
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def remove_beside(path: Path) -> None:
    """Remove what lies beside a file that is to be replaced: its log would be applied to the new one."""
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
