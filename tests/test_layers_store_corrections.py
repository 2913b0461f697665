"""Words of which staff said where they are: kept, taken back, restored and erased, all in the chain."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from stores import NOON, file_one, opened

from geo.errors import NotFoundError, WrongState
from layers.store import Store, open_readers, open_store
from layers.store.backup import examine
from layers.store.checking import Edited, check_issues
from layers.store.corrections import (
    By,
    NewCorrection,
    active_corrections,
    all_corrections,
    erase_correction,
    last_change,
    make_correction,
    read_correction,
    restore_correction,
    revoke_correction,
    take_back,
)
from layers.store.events import chain_head, events_after, verify_chain
from layers.store.values import Correction

FIRST = Path(__file__).parent / "data" / "store_version_1.sql"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as store:
        yield store
        with store.reading() as connection:
            assert verify_chain(connection) is None
            assert list(check_issues(connection)) == []


def by(hours: int = 0, actor: str = "li", reason: str = "") -> By:
    return By(NOON + hours * 3_600_000_000, actor, reason)


def new(words: str = "老桥", **said: Any) -> NewCorrection:
    given = {
        "text": words,
        "pattern": words,
        "cell_path": "A/A00",
        "lng": 120.8,
        "lat": 32.0,
        "radius_m": 5.0,
    }
    return NewCorrection(**{**given, **said})


def made(store: Store, words: str = "老桥", at: By | None = None, **said: Any) -> Correction:
    return store.write(lambda c: make_correction(c, new(words, **said), at or by())).correction


def active(store: Store) -> list[str]:
    with store.reading() as connection:
        return [one.uid for one in active_corrections(connection)]


def test_a_correction_is_as_it_was_made_and_its_event_tells_all_but_the_words(store: Store) -> None:
    filed = file_one(store)
    one = made(store, at=by(1, reason="looked"), issue_uid=filed.issue_uid)
    assert (one.text, one.issue, one.made_by, one.reason) == ("老桥", filed.number, "li", "looked")
    assert one.is_active
    with store.reading() as connection:
        assert read_correction(connection, one.uid) == one
        (event,) = events_after(connection, one.seq - 1, 10)
        assert chain_head(connection).seq == last_change(connection) == one.seq
    place = {"cell_path": "A/A00", "lng": 120.8, "lat": 32.0, "radius_m": 5.0}
    assert event.after == {"correction": one.uid, **place, "issue": filed.issue_uid}
    assert (event.kind, event.issue_uid, event.reason) == ("correction_made", None, "looked")
    assert "老桥" not in str(event)


def test_the_later_one_of_the_same_words_in_the_same_cell_takes_the_place(store: Store) -> None:
    first, elsewhere = made(store), made(store, cell_path="B/B00")
    result = store.write(lambda c: make_correction(c, new(lng=120.81), by(1, "wang")))
    assert result.replaced == (first.uid,)
    assert active(store) == sorted([elsewhere.uid, result.correction.uid])
    with store.reading() as connection:
        gone = read_correction(connection, first.uid)
    assert gone is not None
    assert (gone.revoked_by, gone.replaced_by) == ("wang", result.correction.uid)


def test_what_is_revoked_can_be_restored_and_nothing_is_done_twice(store: Store) -> None:
    one = made(store)
    revoked = store.write(lambda c: revoke_correction(c, one.uid, by(1, reason="wrong")))
    assert (active(store), revoked.revoked_reason) == ([], "wrong")
    with pytest.raises(WrongState, match="revoked already"):
        store.write(lambda c: revoke_correction(c, one.uid, by(2)))
    again = store.write(lambda c: restore_correction(c, one.uid, by(3))).correction
    assert again.is_active
    assert (again.text, again.made_at_us, again.revoked_by) == ("老桥", one.made_at_us, None)
    with pytest.raises(WrongState, match="is active"):
        store.write(lambda c: restore_correction(c, one.uid, by(4)))
    with pytest.raises(NotFoundError, match="no correction 'x'"):
        store.write(lambda c: revoke_correction(c, "x", by()))


def test_to_restore_one_takes_the_place_of_the_later(store: Store) -> None:
    first, later = made(store), made(store, lng=120.9)
    result = store.write(lambda c: restore_correction(c, first.uid, by(1)))
    assert (active(store), result.replaced) == ([first.uid], (later.uid,))


def test_what_is_taken_back_leaves_all_as_it_was(store: Store) -> None:
    first, later = made(store), made(store, lng=120.9)
    store.write(lambda c: take_back(c, later.uid, by(1)))
    assert active(store) == [first.uid]
    store.write(lambda c: take_back(c, later.uid, by(2)))  # revoked since
    assert active(store) == [first.uid]


def test_erased_words_are_nowhere_in_the_file_and_the_chain_holds(store: Store) -> None:
    one = made(store, "张家老宅")
    erased = store.write(lambda c: erase_correction(c, one.uid, by(1, reason="a name of a person")))
    store.trim()
    assert (erased.text, erased.pattern, erased.is_active, erased.lng) == ("", "", False, one.lng)
    assert "张家老宅".encode() not in store.path.read_bytes()
    for work in (restore_correction, erase_correction):
        with pytest.raises(WrongState, match="were erased"):
            store.write(lambda c, work=work: work(c, one.uid, by(2)))  # type: ignore[misc]


def test_words_of_a_revoked_one_can_be_erased_too(store: Store) -> None:
    one = made(store)
    revoked = store.write(lambda c: revoke_correction(c, one.uid, by(1)))
    erased = store.write(lambda c: erase_correction(c, one.uid, by(2, "chen")))
    assert (erased.revoked_by, erased.revoked_at_us) == ("li", revoked.revoked_at_us)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("UPDATE corrections SET lng = 121", "lng"),
        ("UPDATE corrections SET text = '新桥'", "text"),
        ("UPDATE corrections SET salt = 'none'", "text"),
        ("UPDATE corrections SET revoked_at_us = 7", "revoked_at_us"),
        ("UPDATE corrections SET issue_id = NULL", "issue"),
        ("DELETE FROM corrections", ""),
    ],
)
def test_what_was_edited_by_hand_is_found(tmp_path: Path, change: str, column: str) -> None:
    with opened(tmp_path) as store:
        one = made(store, issue_uid=file_one(store).issue_uid)
        store.write(lambda c: c.execute(text(change)))
        with store.reading() as connection:
            assert Edited("corrections", one.uid, column) in list(check_issues(connection))


def test_an_altered_event_of_a_correction_breaks_the_chain(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        seq = made(store).seq
    with closing(sqlite3.connect(tmp_path / "issues.db")) as raw:
        raw.execute("DROP TRIGGER events_no_update")
        raw.execute("UPDATE events SET after = replace(after, '120.8', '120.9') WHERE kind LIKE 'corr%'")
        raw.commit()
    with opened(tmp_path) as store, store.reading() as connection:
        assert verify_chain(connection) == seq


def test_an_older_store_has_none_and_takes_some_once_it_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "issues.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(FIRST.read_text(encoding="utf-8"))
    readers = open_readers(path)
    with readers.reading() as connection:
        assert all_corrections(connection) == active_corrections(connection) == ()
    readers.close()
    with open_store(path) as store:
        one = made(store)
        with store.reading() as connection:
            assert all_corrections(connection) == (one,)
            assert verify_chain(connection) is None
    assert examine(path).schema == 3
