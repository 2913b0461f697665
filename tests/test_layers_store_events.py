"""The chain of events: nothing in it changes, goes or comes unseen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError
from stores import NOON, desk, file_one, new_issue, new_report, opened

from layers.store import open_readers
from layers.store.events import NewEvent, append_events, chain_head, events_after, verify_chain
from layers.store.filing import Filing, file_many

EVENTS = 30
FREE = ("DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete")


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A store with thirty events, closed."""
    filings = [Filing(new_report(external_id=str(n)), new_issue()) for n in range(EVENTS)]
    with opened(tmp_path) as store:
        store.write(lambda connection: file_many(connection, filings, desk()))
    return tmp_path / "issues.db"


def _tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for statement in (*FREE, *statements):
            raw.execute(statement)


def _verified(path: Path) -> int | None:
    readers = open_readers(path)
    with readers.reading() as connection:
        broken = verify_chain(connection)
    readers.close()
    return broken


def test_an_untouched_chain_is_whole(chain: Path) -> None:
    assert _verified(chain) is None


@pytest.mark.parametrize(
    "column", ["actor", "kind", "reason", "before", "after", "private", "prev_hash", "hash"]
)
def test_an_edited_text_is_found(chain: Path, column: str) -> None:
    _tamper(chain, f"UPDATE events SET {column} = {column} || ' ' WHERE seq = 7")
    assert _verified(chain) == 7


@pytest.mark.parametrize("change", ["at_us = at_us + 1", "issue_id = 1", "issue_id = NULL", "seq = 99"])
def test_an_edited_number_is_found(chain: Path, change: str) -> None:
    _tamper(chain, f"UPDATE events SET {change} WHERE seq = 7")
    assert _verified(chain) == 7


@pytest.mark.parametrize("seq", [1, 7, EVENTS])
def test_a_deleted_event_is_found_even_the_last(chain: Path, seq: int) -> None:
    _tamper(chain, f"DELETE FROM events WHERE seq = {seq}")
    assert _verified(chain) == seq


def test_a_chain_cut_to_nothing_is_found(chain: Path) -> None:
    _tamper(chain, "DELETE FROM events")
    assert _verified(chain) == 1


def test_an_inserted_event_is_found(chain: Path) -> None:
    columns = "issue_id, at_us, actor, kind, reason, before, after, private, prev_hash, hash"
    copied = f"INSERT INTO events (seq, {columns}) SELECT {EVENTS + 1}, {columns} FROM events WHERE seq = 1"
    _tamper(chain, copied)
    assert _verified(chain) == EVENTS + 1


def test_two_events_that_changed_places_are_found(chain: Path) -> None:
    moves = [(5, 99), (6, 5), (99, 6)]
    _tamper(chain, *(f"UPDATE events SET seq = {to} WHERE seq = {of}" for of, to in moves))
    assert _verified(chain) == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET reason = 'x' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 1",
        "REPLACE INTO events SELECT * FROM events WHERE seq = 1",
        "UPDATE reports SET category = 'x'",
        "DELETE FROM reports",
        "DELETE FROM assignments",
    ],
)
def test_the_database_itself_refuses_changes(tmp_path: Path, statement: str) -> None:
    with opened(tmp_path) as store:
        file_one(store)
        with pytest.raises(DatabaseError, match="never changed"):
            store.write(lambda connection: connection.exec_driver_sql(statement))
        with store.reading() as connection:
            assert verify_chain(connection) is None


def test_an_empty_chain_is_whole_and_grows_in_order(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with store.reading() as connection:
            assert verify_chain(connection) is None
            assert chain_head(connection).seq == 0
        events = [NewEvent(None, NOON, "desk", "note", reason=f"{n} “你好”\n") for n in range(3)]
        assert store.write(lambda connection: append_events(connection, events)) == [1, 2, 3]
        assert store.write(lambda connection: append_events(connection, [])) == []
        with store.reading() as connection:
            assert [event.reason[0] for event in events_after(connection, 1, 10)] == ["1", "2"]
            assert len(events_after(connection, 0, 2)) == 2
            assert len(events_after(connection, 0, 5, kinds={"note", "other"})) == 3
            assert events_after(connection, 0, 5, kinds={"other"}) == ()
            last = events_after(connection, 2, 10)[0]
            assert (chain_head(connection).hash, last.issue_uid) == (last.hash, None)


def test_what_no_json_can_hold_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    bad = NewEvent(None, NOON, "desk", "note", after={"lng": float("nan")})
    with opened(tmp_path) as store:
        with pytest.raises(ValueError, match="not JSON compliant"):
            store.write(lambda connection: append_events(connection, [bad]))
        with store.reading() as connection:
            assert chain_head(connection).seq == 0
