"""The one writer: groups share a commit, nothing is half done, and its death is seen."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError
from stores import NOON, desk, file_one, new_issue, new_report, opened

from geo.errors import CityError, StoreUnavailableError
from layers.store import Store, open_readers, open_store
from layers.store.events import NewEvent, append_event, chain_head, verify_chain
from layers.store.filing import Filing, file_report
from layers.store.schema import META, REPORTS


def _put(key: str, value: str = "") -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(insert(META).values(key=key, value=value))
        return key

    return work


def _fail(_: Connection) -> None:
    raise LookupError("the work's own mistake")


def _keys(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(select(META.c.key))) - {"schema"}


def _group(store: Store, works: list[Callable[[Connection], Any]]) -> list[Future[Any]]:
    """Have works wait together, so that they share a transaction."""
    gate = threading.Event()
    first = store.submit(lambda _: gate.wait(10))
    futures = [store.submit(work) for work in works]
    gate.set()
    assert first.result()
    return futures


def test_works_that_wait_together_share_a_commit(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        futures = _group(store, [_put(str(n)) for n in range(20)])
        assert [future.result() for future in futures] == [str(n) for n in range(20)]
        assert len(_keys(store)) == 20


def test_a_failing_member_fails_alone(tmp_path: Path) -> None:
    def half(connection: Connection) -> None:
        _put("half")(connection)
        _fail(connection)

    def exits(_: Connection) -> None:
        raise SystemExit(3)

    with opened(tmp_path) as store:
        one, failed, exited, twice, other = _group(store, [_put("a"), half, exits, _put("a"), _put("b")])
        assert (one.result(), other.result()) == ("a", "b")
        assert isinstance(failed.exception(), LookupError)
        assert isinstance(exited.exception(), SystemExit)
        assert isinstance(twice.exception(), IntegrityError)
        assert _keys(store) == {"a", "b"}
        assert store.alive


def test_a_failing_member_leaves_the_chain_whole(tmp_path: Path) -> None:
    def half(connection: Connection) -> None:
        append_event(connection, NewEvent(None, NOON, "desk", "note"))
        _fail(connection)

    def whole(connection: Connection) -> int:
        return append_event(connection, NewEvent(None, NOON, "desk", "note"))

    with opened(tmp_path) as store:
        first, _, second = _group(store, [whole, half, whole])
        assert (first.result(), second.result()) == (1, 2)
        with store.reading() as connection:
            assert verify_chain(connection) is None


def test_a_commit_that_fails_is_tried_again_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = [OperationalError("COMMIT", None, sqlite3.OperationalError("no")), None, None, None]
    commit = Connection._commit_impl

    def flaky(self: Connection) -> None:
        if (error := fails.pop(0)) is not None:
            raise error
        commit(self)

    with opened(tmp_path) as store:
        gate = threading.Event()
        store.submit(lambda _: gate.wait(10))
        futures = [store.submit(work) for work in (_put("a"), _fail, _put("b"))]
        fails.insert(0, None)
        monkeypatch.setattr(Connection, "_commit_impl", flaky)
        gate.set()
        assert [futures[0].result(), futures[2].result()] == ["a", "b"]
        assert isinstance(futures[1].exception(), LookupError)
        assert _keys(store) == {"a", "b"}


def test_a_work_that_ends_the_transaction_fails_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        one, bad, other = _group(store, [_put("a"), lambda c: c.rollback(), _put("b")])
        assert (one.result(), other.result()) == ("a", "b")
        assert bad.exception() is not None
        assert _keys(store) == {"a", "b"}


def test_who_gave_up_waiting_is_not_served(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        gate = threading.Event()
        store.submit(lambda _: gate.wait(10))
        given_up, kept = store.submit(_put("a")), store.submit(_put("b"))
        assert given_up.cancel()
        gate.set()
        assert kept.result() == "b"
        assert _keys(store) == {"b"}


def _limit_pages(store: Store, more: int | None) -> None:
    """Let the file grow by so many pages, or freely."""

    def work(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        most = 2**30 if more is None else pages + more
        connection.exec_driver_sql(f"PRAGMA max_page_count={most}")

    store.write(work)


def test_a_full_disk_loses_nothing_acknowledged_and_recovers(tmp_path: Path) -> None:
    def filing(number: int) -> Callable[[Connection], Any]:
        report = new_report(external_id=str(number))
        return lambda connection: file_report(connection, Filing(report, new_issue()), desk())

    with opened(tmp_path) as store:
        file_one(store)
        _limit_pages(store, 12)
        futures = [
            future for n in range(12) for future in _group(store, [filing(10 * n + i) for i in range(10)])
        ]
        acknowledged = {str(n) for n, future in enumerate(futures) if future.exception() is None}
        refused = [error for future in futures if (error := future.exception())]
        assert acknowledged
        assert refused
        assert all(isinstance(error, StoreUnavailableError) for error in refused)
        assert "disk is full" in str(refused[0])
        assert store.alive
        with store.reading() as connection:
            assert set(connection.scalars(select(REPORTS.c.external_id))) - {None} == acknowledged
            assert verify_chain(connection) is None
        _limit_pages(store, None)
        again = _group(store, [filing(n) for n in range(120)])
        assert {future.result().outcome for future in again} == {"opened", "repeated"}
        with store.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(REPORTS)) == 121
            assert verify_chain(connection) is None


def test_another_program_with_the_lock_is_told_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.store.sqlite.BUSY_S", 0.05)
    with opened(tmp_path) as store, closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="another program holds its lock"):
            store.write(_put("a"))
        other.execute("ROLLBACK")
        assert store.write(_put("a")) == "a"


def test_the_writers_death_is_seen_by_everyone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths: list[BaseException] = []
    with open_store(tmp_path / "issues.db", on_death=deaths.append) as store:
        gate = threading.Event()
        first = store.submit(lambda _: gate.wait(10))
        second = store.submit(_put("a"))

        def broken(*_: object) -> None:
            raise RuntimeError("a bug of the writer's own")

        monkeypatch.setattr(Connection, "begin_nested", broken)
        monkeypatch.setattr(Connection, "_commit_impl", broken)
        gate.set()
        for future in (first, second, store.submit(_put("b"))):
            with pytest.raises(StoreUnavailableError, match="bug of the writer's own"):
                future.result(timeout=10)
        assert not store.alive
        assert [str(death) for death in deaths] == ["a bug of the writer's own"]
        monkeypatch.undo()
    with opened(tmp_path) as store:
        assert _keys(store) == set()


def test_closing_finishes_what_waits_and_accepts_no_more(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        gate = threading.Event()
        store.submit(lambda _: gate.wait(10))
        futures = [store.submit(_put(str(n))) for n in range(300)]
        gate.set()
    assert all(future.done() and future.exception() is None for future in futures)
    assert not store.alive
    with pytest.raises(StoreUnavailableError, match="closed"):
        store.write(_put("late"))
    assert not (tmp_path / "issues.db-wal").exists()


def test_a_reader_sees_one_moment_and_cannot_write(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with store.reading() as connection:
            before = chain_head(connection)
            file_one(store)
            assert chain_head(connection) == before
            with pytest.raises(StoreUnavailableError, match="may not be written"), store.reading() as other:
                other.execute(insert(META).values(key="x", value=""))
        with store.reading() as connection:
            assert chain_head(connection).seq == 1


def test_only_one_process_writes(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(CityError, match="written by another process"):
        open_store(tmp_path / "issues.db")
    with opened(tmp_path) as store:
        assert store.alive


def test_another_thread_may_close_the_store(tmp_path: Path) -> None:
    store = open_store(tmp_path / "issues.db")
    thread = threading.Thread(target=store.close)
    thread.start()
    thread.join()
    with opened(tmp_path) as again:
        assert again.alive


def test_the_store_is_nobody_elses_to_read(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        file_one(store)
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("issues.db*")}
    assert modes.pop("issues.db.lock", 0) is not None
    assert set(modes.values()) == {0}


def test_reading_needs_a_store(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="not there"):
        open_readers(tmp_path / "issues.db")


def test_a_folder_with_odd_characters_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c%20 城"
    folder.mkdir()
    with opened(folder) as store:
        file_one(store)
        with store.reading() as connection:
            assert chain_head(connection).seq == 1
    assert sorted(os.listdir(tmp_path)) == [folder.name]  # noqa: PTH208 - names, not paths
