"""An issue changes by versions, and its events tell all of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from stores import NOON, PROOF, file_one, opened

from geo.errors import ConflictError, StoreError
from layers.store import Store
from layers.store.assignments import read_assignment
from layers.store.events import events_after, verify_chain
from layers.store.fields import TOLD, told
from layers.store.filing import Filed
from layers.store.issues import change_issue, read_issue, reports_of
from layers.store.values import Issue, IssueChanges


def _change(store: Store, uid: str, version: int, changes: IssueChanges, **more: Any) -> Issue:
    given = {"at_us": NOON + version, "actor": "lin", "kind": "changed", **more}
    return store.write(lambda connection: change_issue(connection, uid, version, changes, **given))


def test_a_change_is_stored_with_its_event(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        changes: IssueChanges = {"status": "dispatched", "owner_id": "lamps", "due_us": NOON + 99}
        after = _change(store, filed.issue_uid, 1, changes, kind="dispatched", reason="by telephone")
        with store.reading() as connection:
            found = read_issue(connection, filed.issue_uid)
    assert found is not None
    assert found.issue == after
    assert (after.status, after.due_us, after.version, after.updated_us) == (
        "dispatched",
        NOON + 99,
        2,
        NOON + 1,
    )
    event = found.events[-1]
    assert (event.kind, event.actor, event.reason, event.at_us) == (
        "dispatched",
        "lin",
        "by telephone",
        NOON + 1,
    )
    assert event.before == {"status": "received", "due_us": None, "version": 1}
    assert event.after == {"status": "dispatched", "due_us": NOON + 99, "version": 2}


def test_a_note_is_an_event_without_changes(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        after = _change(store, filed.issue_uid, 1, {}, kind="note", reason="seen on site")
        with store.reading() as connection:
            assert events_after(connection, 1, 10)[0].reason == "seen on site"
    assert after.version == 2


def test_who_saw_an_older_version_is_told_of_the_conflict(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        _change(store, filed.issue_uid, 1, {"status": "dispatched"})
        with pytest.raises(ConflictError, match="version 1; it is at version 2"):
            _change(store, filed.issue_uid, 1, {"status": "closed"})
        with store.reading() as connection:
            found = read_issue(connection, filed.issue_uid)
    assert found is not None
    assert (found.issue.status, len(found.events)) == ("dispatched", 2)


def test_what_is_not_there_cannot_be_changed(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with pytest.raises(StoreError, match="no issue 'nobody'"):
            _change(store, "nobody", 1, {"status": "closed"})
        filed = file_one(store)
        with pytest.raises(StoreError, match="no 'number' to change"):
            _change(store, filed.issue_uid, 1, {"number": "1"})  # type: ignore[typeddict-unknown-key]
        with store.reading() as connection:
            assert read_issue(connection, "nobody") is None


def test_another_place_is_found_by_its_box(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        moved = _change(store, filed.issue_uid, 1, {"lat": 33.0})
        assert (moved.lng, moved.lat) == (120.8, 33.0)
        assert _change(store, filed.issue_uid, 2, {"lng": None, "lat": None}).lng is None


def test_another_assignment_replaces_the_proof_and_the_old_one_stays_readable(tmp_path: Path) -> None:
    other = {**PROOF, "format": 2}
    with opened(tmp_path) as store:
        filed = file_one(store)
        after = _change(store, filed.issue_uid, 1, {"assignment": other, "generation": "0002"})
        with store.reading() as connection:
            assert read_assignment(connection, filed.issue_uid, with_text=True) == other
            found = read_issue(connection, filed.issue_uid)
        gone = _change(store, filed.issue_uid, 2, {"assignment": None})
    assert found is not None
    assert found.events[-1].after["assignment"] == after.assignment
    assert found.events[-1].before["assignment"] != after.assignment
    assert gone.assignment is None


def test_an_earlier_assignment_can_be_put_back_by_its_digest(tmp_path: Path) -> None:
    other = {**PROOF, "report": {"text": "as it was understood"}}
    with opened(tmp_path) as store:
        filed = file_one(store)
        with store.reading() as connection:
            first = read_issue(connection, filed.issue_uid)
        assert first is not None
        assert first.issue.assignment is not None
        _change(store, filed.issue_uid, 1, {"assignment": other})
        back = _change(store, filed.issue_uid, 2, {"assignment": first.issue.assignment})
        with pytest.raises(StoreError, match="no stored proof 'abc'"):
            _change(store, filed.issue_uid, 3, {"assignment": "abc"})
        with store.reading() as connection:
            proof = read_assignment(connection, filed.issue_uid, with_text=True)
    assert back.assignment == first.issue.assignment
    assert proof is not None
    assert proof["report"]["text"] == "as it was understood"  # the text is left as it was


def test_flags_and_what_an_issue_was_merged_into_change_as_the_rest(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        kept, gone = file_one(store), file_one(store, flags="positions_differ")
        after = _change(store, gone.issue_uid, 1, {"merged_into": kept.issue_uid, "flags": ""})
        with store.reading() as connection:
            found = read_issue(connection, gone.issue_uid)
    assert found is not None
    assert (after.flags, after.merged_into) == ("", kept.issue_uid)
    assert found.events[0].after["flags"] == "positions_differ"
    assert found.events[0].after["merged_into"] is None
    assert found.events[1].after == {"flags": "", "merged_into": kept.issue_uid, "version": 2}


def test_the_reports_of_an_issue_are_read_by_its_uid(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        with store.reading() as connection:
            assert [report.uid for report in reports_of(connection, filed.issue_uid)] == [filed.report_uid]
            assert reports_of(connection, "nobody") == ()


def test_an_issue_can_be_derived_from_its_events(tmp_path: Path) -> None:
    changes: list[IssueChanges] = [
        {"status": "dispatched", "geometry": b"\1\2"},
        {"owner_id": None, "cell_path": "B/B1", "lng": 121.0},
        {"owner_share": 0.5},
    ]
    with opened(tmp_path) as store:
        filed = file_one(store)
        for version, change in enumerate(changes, 1):
            _change(store, filed.issue_uid, version, change)
        with store.reading() as connection:
            found = read_issue(connection, filed.issue_uid)
    assert found is not None
    derived: dict[str, Any] = {}
    for event in found.events:
        assert all(derived.get(name) == value for name, value in event.before.items())
        derived |= event.after
    assert {name: derived[name] for name in TOLD} == told({name: getattr(found.issue, name) for name in TOLD})


def test_two_who_move_one_issue_lose_no_move(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        conflicts: list[int] = []
        threads = [
            threading.Thread(target=lambda: conflicts.append(_count_up(store, filed))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.reading() as connection:
            found = read_issue(connection, filed.issue_uid)
            assert verify_chain(connection) is None
    assert found is not None
    assert found.issue.due_us == 100
    assert len(found.events) == 101
    assert len(conflicts) == 4


def _count_up(store: Store, filed: Filed) -> int:
    """Add one to a number of the issue, 25 times; how often somebody else was faster."""
    done = conflicts = 0
    while done < 25:
        with store.reading() as connection:
            found = read_issue(connection, filed.issue_uid)
        assert found is not None
        issue = found.issue
        try:
            _change(store, issue.uid, issue.version, {"due_us": (issue.due_us or 0) + 1})
            done += 1
        except ConflictError:
            conflicts += 1
    return conflicts


def test_two_works_of_one_group_conflict_too(tmp_path: Path) -> None:
    gate = threading.Event()
    with opened(tmp_path) as store:
        filed = file_one(store)
        store.submit(lambda _: gate.wait(10))

        def close(status: str) -> Any:
            def work(connection: Connection) -> Issue:
                return change_issue(
                    connection,
                    filed.issue_uid,
                    1,
                    {"status": status},
                    at_us=NOON,
                    actor=status,
                    kind="closed",
                )

            return store.submit(work)

        first, second = close("solved"), close("refused")
        gate.set()
        assert first.result().status == "solved"
        with pytest.raises(ConflictError):
            second.result()
