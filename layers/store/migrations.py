"""The store's schema version: made new, brought forward, or refused."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, inspect, select, text, update

from geo.errors import CityError
from layers.store.dialect import Dialect
from layers.store.schema import HEADS, META, METADATA, NEVER_CHANGED

Migration = Callable[[Connection], None]

NO_HASH = "0" * 64  # what the first event follows
VERSION = "schema"


def _with_claims(connection: Connection) -> None:
    """Issues can be claimed; none of those that are there is."""
    connection.execute(text("ALTER TABLE issues ADD COLUMN claimed_by TEXT"))
    connection.execute(text("ALTER TABLE issues ADD COLUMN claimed_us BIGINT"))


def _with_corrections(connection: Connection) -> None:
    """Staff can say where words are; nobody has yet."""
    connection.execute(
        text(
            "CREATE TABLE corrections (uid TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL,"
            " text TEXT NOT NULL, pattern TEXT NOT NULL, salt TEXT NOT NULL, cell_path TEXT NOT NULL,"
            " lng DOUBLE NOT NULL, lat DOUBLE NOT NULL,"
            " radius_m DOUBLE NOT NULL, issue_id INTEGER REFERENCES issues (id),"
            " reason TEXT NOT NULL, made_at_us BIGINT NOT NULL, made_by TEXT NOT NULL,"
            " revoked_at_us BIGINT, revoked_by TEXT, revoked_reason TEXT, replaced_by TEXT)"
        )
    )
    connection.execute(text("CREATE UNIQUE INDEX corrections_by_seq ON corrections (seq)"))
    connection.execute(text("CREATE INDEX corrections_by_pattern ON corrections (pattern)"))


# The n-th brings a store of version n to n + 1. Written once, never edited: stores out there have run them.
MIGRATIONS: tuple[Migration, ...] = (_with_claims, _with_corrections)


def prepare(connection: Connection, dialect: Dialect) -> None:
    """Make the tables of a new store, or bring those of an older one forward, in the caller's transaction.

    Raises:
        CityError: the store was written by a newer program, or is none.
    """
    found = schema_version(connection)
    if found is None:
        METADATA.create_all(connection)
        dialect.forbid_changes(connection, NEVER_CHANGED)
        connection.execute(insert(HEADS).values(id=1, report=0, issue=0, event=0, hash=NO_HASH))
        connection.execute(insert(META).values(key=VERSION, value=str(newest_version())))
        return
    check_version(found)
    for migrate in MIGRATIONS[found - 1 :]:
        migrate(connection)
    if found < newest_version():
        connection.execute(update(META).where(META.c.key == VERSION).values(value=str(newest_version())))


def check_version(found: int) -> None:
    """Refuse a store of a newer program.

    Raises:
        CityError: it is newer.
    """
    if found > newest_version():
        raise CityError(
            f"The store has schema version {found}; this program knows up to {newest_version()}.",
            fix="Install the newer program, or restore a backup that this one wrote.",
        )


def newest_version() -> int:
    """The schema version that this program writes."""
    return len(MIGRATIONS) + 1


def schema_version(connection: Connection) -> int | None:
    """The version of a store, None where the file is empty.

    Raises:
        CityError: there are tables, but not a store's.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    said = None
    if META.name in tables:
        said = connection.scalar(select(META.c.value).where(META.c.key == VERSION))
    if said is None or not said.isdecimal() or int(said) < 1:
        raise CityError(
            "This database is no live store of Woodpecker: it says no schema version.",
            fix="Move the file away, or restore a backup.",
        )
    return int(said)
