"""What a store remembers besides reports and issues: a word by its key."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from geo.errors import StoreError
from layers.store.migrations import VERSION
from layers.store.schema import META


def read_meta(connection: Connection, key: str) -> str | None:
    """What was written under a key, None where nothing was."""
    return connection.scalar(select(META.c.value).where(META.c.key == key))


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Write a word under a key, in the place of the one before.

    Raises:
        StoreError: the key is the store's own.
    """
    if key == VERSION:
        raise StoreError(f"{key!r} is the store's own key.", fix="Choose another key.")
    if not connection.execute(update(META).where(META.c.key == key).values(value=value)).rowcount:
        connection.execute(insert(META).values(key=key, value=value))
