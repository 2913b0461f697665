"""Statements made once and run on the driver's own cursor: what filing would otherwise spend its time on.

Values are taken and returned as the driver has them: numbers, texts and bytes. Its errors come as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.sql import ClauseElement

Known = Literal["refuse", "leave", "replace"]
REFUSE: Known = "refuse"
LEAVE: Known = "leave"
REPLACE: Known = "replace"

_CHUNK = 1_000


class Prepared:
    """A statement that is run again and again; every value in it has a name."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement

    def row(self, connection: Connection, **values: Any) -> Sequence[Any] | None:
        """The first row, None where there is none."""
        text, names = _compiled(self._statement, connection.dialect)
        cursor = _cursor(connection)
        cursor.execute(text, [values[name] for name in names])
        found: Sequence[Any] | None = cursor.fetchone()
        cursor.close()
        return found

    def rows(self, connection: Connection, **values: Any) -> Iterator[Sequence[Any]]:
        """All rows, read as they are asked for."""
        text, names = _compiled(self._statement, connection.dialect)
        cursor = _cursor(connection)
        try:
            cursor.execute(text, [values[name] for name in names])
            while chunk := cursor.fetchmany(_CHUNK):
                yield from chunk
        finally:
            cursor.close()

    def run(self, connection: Connection, **values: Any) -> None:
        """Run a statement that returns nothing."""
        text, names = _compiled(self._statement, connection.dialect)
        cursor = _cursor(connection)
        cursor.execute(text, [values[name] for name in names])
        cursor.close()


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, known: Known = REFUSE
) -> None:
    """Insert rows.

    Args:
        rows: values in the order of the table's columns.
        known: what becomes of rows whose key is there already.
    """
    if rows:
        cursor = _cursor(connection)
        cursor.executemany(_insertion(table, connection.dialect, known), rows)
        cursor.close()


def _cursor(connection: Connection) -> Any:
    # Unlike a statement of SQLAlchemy, one of the driver begins no transaction.
    assert connection.in_transaction()
    return connection.connection.cursor()


@lru_cache(maxsize=256)
def _compiled(statement: ClauseElement, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The statement as the driver takes it, and the names of its values in their order."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(getattr(compiled, "positiontup", None) or ())


@lru_cache(maxsize=64)
def _insertion(table: Table, dialect: Dialect, known: Known) -> str:
    text, names = _compiled(insert(table), dialect)
    assert names == tuple(column.name for column in table.columns)
    if known == REFUSE:
        return text
    if known == LEAVE:
        return f"{text} ON CONFLICT DO NOTHING"
    key = [column.name for column in table.primary_key]
    others = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return f"{text} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {others}"
