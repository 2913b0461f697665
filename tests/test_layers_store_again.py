"""Issues to be assigned anew come with what their first report said."""

from __future__ import annotations

from pathlib import Path

from stores import NOON, PROOF, desk, file_one, new_report, opened

from layers.store import Store
from layers.store.again import to_assign_again
from layers.store.filing import Filing, file_report
from layers.store.issues import change_issue, read_issue
from layers.store.private import erase_reporter
from layers.store.values import IssueChanges, Private


def _change(store: Store, uid: str, version: int, changes: IssueChanges, kind: str) -> None:
    store.write(
        lambda c: change_issue(c, uid, version, changes, at_us=NOON + version, actor="lin", kind=kind)
    )


def test_only_issues_in_the_states_come_page_by_page_in_their_order(tmp_path: Path) -> None:
    states = ("received", "returned")
    with opened(tmp_path) as store:
        filed = [file_one(store) for _ in range(5)]
        _change(store, filed[0].issue_uid, 1, {"status": "returned"}, "return")
        _change(store, filed[2].issue_uid, 1, {"status": "dispatched"}, "dispatch")
        with store.reading() as connection:
            first = to_assign_again(connection, states, limit=3)
            rest = to_assign_again(connection, states, first[-1].id, limit=3)
            assert to_assign_again(connection, (), limit=3) == ()
    assert [one.issue.uid for one in (*first, *rest)] == [filed[n].issue_uid for n in (0, 1, 3, 4)]


def test_an_issue_comes_with_the_report_that_opened_it(tmp_path: Path) -> None:
    report = new_report(lng=120.9, accuracy_m=7.0, level=0.68, private=Private("wang", text="灯不亮"))
    with opened(tmp_path) as store:
        filed = file_one(store, report=report, assignment=None)
        joining = Filing(new_report(lng=121.5), filed.issue_uid)
        store.write(lambda connection: file_report(connection, joining, desk(NOON + 5)))
        with store.reading() as connection:
            (found,) = to_assign_again(connection, ("received",))
            record = read_issue(connection, filed.issue_uid)
        store.write(lambda c: erase_reporter(c, "wang", at_us=NOON, actor="privacy"))
        with store.reading() as connection:
            (erased,) = to_assign_again(connection, ("received",))
    assert record is not None
    assert (found.issue, found.report) == (record.issue, record.reports[0])
    assert (found.report.lng, found.report.accuracy_m, found.text, found.moved) == (
        120.9,
        7.0,
        "灯不亮",
        False,
    )
    assert erased.text is None


def test_an_issue_is_moved_until_the_move_is_undone(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        uid = file_one(store).issue_uid
        seen = []
        for version, (lng, kind) in enumerate([(120.81, "move"), (120.8, "undo"), (120.82, "move")], 1):
            _change(store, uid, version, {"lng": lng}, kind)
            with store.reading() as connection:
                (found,) = to_assign_again(connection, ("received",))
            seen.append((found.issue.lng, found.moved))
    assert seen == [(120.81, True), (120.8, False), (120.82, True)]


def test_another_place_by_another_answer_is_no_move(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        _change(store, file_one(store).issue_uid, 1, {"lng": 120.81}, "assigned")
        with store.reading() as connection:
            assert not to_assign_again(connection, ("received",))[0].moved


def test_the_text_is_the_one_that_the_issue_was_assigned_by(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        file_one(store, report=new_report(private=Private("wang", text="灯不亮")))
        with store.reading() as connection:
            (found,) = to_assign_again(connection, ("received",))
    assert found.text == PROOF["report"]["text"]
