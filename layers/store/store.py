"""The open store: one writer, several readers, one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from geo.errors import CityError
from layers.store.dialect import Dialect, dialect_of
from layers.store.migrations import check_version, prepare, schema_version
from layers.store.writer import Work, Writer

T = TypeVar("T")

STORE = "issues.db"  # its name in a city's folder


@dataclass(frozen=True)
class Readers:
    """Connections that only read, for any number of threads."""

    path: Path
    engine: Engine
    dialect: Dialect

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the store as long as the block lasts.

        Raises:
            StoreUnavailableError: the store cannot be read now.
        """
        try:
            with self.engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self.dialect.unavailable(error) or error from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.engine.dispose()


@dataclass(frozen=True)
class Store:
    """The live store of a city; close it, or use it as a context manager.

    Attributes:
        readers: connections to read with.
        writer: the one that writes.
    """

    path: Path
    readers: Readers
    writer: Writer
    _lock: FileLock

    @property
    def alive(self) -> bool:
        """Whether the store can be written; once it is not, only opening it anew helps."""
        return self.writer.alive

    def submit(self, work: Work[T]) -> Future[T]:
        """Have a work done by the writer; see `layers.store.writer`."""
        return self.writer.submit(work)

    def write(self, work: Work[T]) -> T:
        """Do a work and wait until it is on disk.

        Raises:
            StoreUnavailableError: the disk or the writer failed. Otherwise, what the work raises.
        """
        return self.writer.submit(work).result()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """`Readers.reading`."""
        with self.readers.reading() as connection:
            yield connection

    def trim(self) -> None:
        """Empty the write-ahead log; after erasing, so that what was erased does not lie on in it."""
        self.writer.submit_trim().result()

    def close(self) -> None:
        """Finish what waits, then close all connections."""
        self.readers.close()
        self.writer.close()
        self._lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(address: Path | str, *, on_death: Callable[[BaseException], None] | None = None) -> Store:
    """Open the store for writing, making or migrating it where needed.

    Args:
        address: the database file, ``issues.db`` in a city's folder.
        on_death: called, from the writer's thread, should the writer end by an error.

    Raises:
        CityError: another process writes it, a newer program wrote it, or it is no store.
        StoreUnavailableError: the disk does not let it be opened, or it is damaged.
    """
    dialect, path = dialect_of(address)
    lock = lock_store(path)
    try:
        engine = dialect.writer_engine(path)
        _prepare(engine, dialect)
    except BaseException:
        lock.release()
        raise
    readers = Readers(path, dialect.reader_engine(path), dialect)
    return Store(path, readers, Writer(engine, dialect, on_death), lock)


def open_readers(address: Path | str) -> Readers:
    """Open the store only to read it; somebody else may be writing.

    Raises:
        CityError: there is none, or a newer program wrote it.
    """
    dialect, path = dialect_of(address)
    if not path.is_file():
        raise CityError(f"{path} is not there.", fix="It is made with the first report.")
    readers = Readers(path, dialect.reader_engine(path), dialect)
    try:
        with readers.reading() as connection:
            check_version(schema_version(connection) or 0)
    except BaseException:
        readers.close()
        raise
    return readers


def lock_store(path: Path) -> FileLock:
    """The lock that the one writing process holds, taken.

    Raises:
        CityError: another process holds it.
    """
    # Not by thread: the thread that closes a store need not be the one that opened it.
    lock = FileLock(path.with_name(path.name + ".lock"), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        fix = "Only one process writes a store: send the request to it, or stop it."
        raise CityError(f"{path} is being written by another process.", fix=fix) from error
    return lock


def _prepare(engine: Engine, dialect: Dialect) -> None:
    try:
        with engine.begin() as connection:
            prepare(connection, dialect)
    except SQLAlchemyError as error:
        engine.dispose()
        raise dialect.unavailable(error) or error from error
    except BaseException:
        engine.dispose()
        raise
