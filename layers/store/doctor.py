"""Is a city's store in order? Looked at while it is at work, and never written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from geo.errors import CityError, StoreUnavailableError
from layers.findings import Finding
from layers.store.assignments import altered_assignments
from layers.store.checking import check_issues
from layers.store.dialect import Dialect, dialect_of
from layers.store.events import chain_head, verify_chain
from layers.store.messages import STORE_MESSAGES as STORE_MESSAGES
from layers.store.photo_files import missing_photos, unnamed_photos
from layers.store.store import STORE, open_readers

SHOWN = 20  # findings of a kind
_LAYER = "issues.db"


def examine_store(folder: Path, *, now_s: float) -> list[Finding]:
    """What is not in order in the store of a city, the worst first; nothing where there is no store.

    Args:
        folder: the city's.
        now_s: seconds since 1970; photos that came within the last hour may not be named yet.
    """
    if not (folder / STORE).exists():
        return []
    old = dialect_of(folder / STORE)[0].faulty_version()
    found = [Finding("sqlite_version", "note", _LAYER, value=old)] if old else []
    try:
        readers = open_readers(folder / STORE)
    except (CityError, StoreUnavailableError) as error:
        return [_unreadable(error.message, error.fix), *found]
    try:
        with readers.reading() as connection:
            return [*_examined(connection, readers.dialect, folder / "photos", now_s), *found]
    except (StoreUnavailableError, SQLAlchemyError) as error:
        return [_unreadable(str(error).splitlines()[0], getattr(error, "fix", "")), *found]
    finally:
        readers.close()


def described(folder: Path) -> str:
    """How much a store holds, and the end of its chain, which is worth noting down elsewhere.

    Raises:
        GridError: it cannot be read.
    """
    readers = open_readers(folder / STORE)
    try:
        with readers.reading() as connection:
            head = chain_head(connection)
            return f"{head.seq:,} events, the chain ends with {head.hash}"
    finally:
        readers.close()


def _examined(connection: Connection, dialect: Dialect, photos: Path, now_s: float) -> Iterator[Finding]:
    yield from (_error("store_damaged", line) for line in dialect.damages(connection))
    broken = verify_chain(connection)
    if broken is not None:
        yield _error("chain_broken", str(broken))
    yield from (_error("proof_altered", key) for key in altered_assignments(connection)[:SHOWN])
    for one in islice(check_issues(connection), SHOWN):
        yield Finding("row_edited", "error", one.table, value=one.name, detail={"what": one.column or "*"})
    if missing := missing_photos(connection, photos):
        yield Finding("photo_missing", "error", "photos", value=missing[0], count=len(missing))
    if unnamed := unnamed_photos(connection, photos, before_s=now_s - 3600):
        yield Finding("photo_unnamed", "warning", "photos", value=unnamed[0], count=len(unnamed))


def _error(code: str, value: str) -> Finding:
    return Finding(code, "error", _LAYER, value=value)


def _unreadable(said: str, mend: str) -> Finding:
    return Finding("store_unreadable", "error", _LAYER, value=said, detail={"mend": mend})
