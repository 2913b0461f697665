"""Statements that are made once do what their slow twins do."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import bindparam, select
from stores import opened

from layers.store.prepared import LEAVE, REPLACE, Prepared, insert_rows
from layers.store.schema import ASSIGNMENTS, META

VALUE = Prepared(select(META.c.value).where(META.c.key == bindparam("named")))
ALL = Prepared(select(META.c.key).where(META.c.key != bindparam("but")).order_by(META.c.key))


def test_rows_are_inserted_and_found_by_name(tmp_path: Path) -> None:
    words = [(f"{n:05d}", str(n)) for n in range(2500)]
    with opened(tmp_path) as store:
        store.write(lambda connection: insert_rows(connection, META, words))
        assert store.write(lambda connection: VALUE.row(connection, named="00007")) == ("7",)
        assert store.write(lambda connection: VALUE.row(connection, named="none")) is None
        keys = store.write(lambda connection: [row[0] for row in ALL.rows(connection, but="schema")])
    assert keys == [key for key, _ in words]


def test_rows_that_are_there_are_left_out_where_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for body in (b"1", b"2"):
            row = ("a" * 64, body)
            store.write(lambda c, row=row: insert_rows(c, ASSIGNMENTS, [row, row], known=LEAVE))  # type: ignore[misc]
        kept = store.write(lambda c: c.execute(select(ASSIGNMENTS.c.body)).scalars().all())
    assert kept == [b"1"]


def test_rows_that_are_there_are_replaced_where_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for said in ("1", "2"):
            row = ("k", said)
            store.write(lambda c, row=row: insert_rows(c, META, [row], known=REPLACE))  # type: ignore[misc]
        assert store.write(lambda connection: VALUE.row(connection, named="k")) == ("2",)


def test_a_statement_outside_a_transaction_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.reading() as connection, pytest.raises(AssertionError):
        VALUE.row(connection, named="schema")
