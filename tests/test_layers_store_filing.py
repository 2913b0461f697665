"""Reports come in: each once, with its issue and event, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from stores import NOON, PROOF, desk, file_one, new_issue, new_report, opened

from geo.errors import ConflictError, ReusedKeyError, StoreError
from layers.store.assignments import altered_assignments, read_assignment
from layers.store.events import verify_chain
from layers.store.filing import Filed, Filing, file_many, file_report
from layers.store.filters import IssueFilter
from layers.store.issues import read_issue
from layers.store.paging import page_issues
from layers.store.private import read_private
from layers.store.repeats import RequestKey, forget_expired, recall, remember
from layers.store.schema import ASSIGNMENTS, REPORTS
from layers.store.values import NewIssue, NewReport, Private

LINE = bytes.fromhex("010200000002000000" + "00" * 32)


def test_everything_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    report = new_report(external_id="x1", accuracy_m=12.5, level=0.68, geometry=LINE, zone_assumed=True)
    issue = new_issue(geometry=LINE, due_us=NOON + 5)
    with opened(tmp_path) as store:
        filed = file_one(store, NOON + 1, report, **{"geometry": LINE, "due_us": NOON + 5})
        with store.reading() as connection:
            found = read_issue(connection, filed.issue_uid)
            assert found == read_issue(connection, filed.number)
            assert read_private(connection, filed.report_uid) == report.private
    assert filed.number == "20261121-0001"
    assert found is not None
    for name in NewIssue.__slots__:
        if name != "assignment":
            assert getattr(found.issue, name) == getattr(issue, name), name
    for name in NewReport.__slots__:
        if name not in ("private", "body_digest"):
            assert getattr(found.reports[0], name) == getattr(report, name), name
    assert (found.issue.version, found.issue.report_count) == (1, 1)
    assert found.issue.created_us == found.issue.updated_us == NOON + 1
    assert [event.kind for event in found.events] == ["received"]


def test_an_empty_report_is_stored_too(tmp_path: Path) -> None:
    report = NewReport("phone", NOON, NOON, "b" * 64)
    with opened(tmp_path) as store:
        filed = store.write(lambda connection: file_report(connection, Filing(report, NewIssue()), desk()))
        with store.reading() as connection:
            found = read_issue(connection, filed.issue_uid)
            assert read_private(connection, filed.report_uid) == Private()
            assert read_assignment(connection, filed.issue_uid) is None
    assert found is not None
    assert found.issue.owner_id is None
    assert found.events[0].private == {}


def test_nothing_private_is_in_an_issue_its_events_or_its_proof(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filed = file_one(store)
        with store.reading() as connection:
            shown = repr(
                (read_issue(connection, filed.issue_uid), read_assignment(connection, filed.issue_uid))
            )
    for secret in ("openid-1", "13800000000", "张三", "a" * 64):
        assert secret not in shown


def test_a_proof_comes_back_whole_for_a_replay(tmp_path: Path) -> None:
    other = {**PROOF, "report": {"text": "as it was understood"}}
    with opened(tmp_path) as store:
        same, differs = file_one(store), file_one(store, assignment=other)
        with store.reading() as connection:
            assert read_assignment(connection, same.issue_uid, with_text=True) == PROOF
            assert read_assignment(connection, differs.issue_uid, with_text=True) == other
            assert read_assignment(connection, "nobody") is None
            assert altered_assignments(connection) == []


def test_equal_proofs_are_kept_once(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.write(lambda c: file_many(c, [Filing(new_report(), new_issue())] * 3, desk()))
        file_one(store)
        with store.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(ASSIGNMENTS)) == 1


def test_numbers_go_on_through_a_day_and_begin_anew_with_the_next(tmp_path: Path) -> None:
    half_a_day = 12 * 3_600_000_000
    with opened(tmp_path) as store:
        numbers = [file_one(store, at).number for at in (NOON, NOON + half_a_day - 1, NOON + half_a_day)]
    assert numbers == ["20261121-0001", "20261121-0002", "20261122-0001"]


def test_the_same_report_again_is_answered_as_before(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = file_one(store, report=new_report(external_id="x1"))
        again = file_one(store, report=new_report(external_id="x1"), category="0126")
        elsewhere = file_one(store, report=new_report(external_id="x1", channel="phone"))
        with store.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(REPORTS)) == 2
    assert (again.outcome, again.report_uid, again.number) == ("repeated", first.report_uid, first.number)
    assert elsewhere.outcome == "opened"


def test_the_same_external_id_with_another_body_is_a_conflict(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        file_one(store, report=new_report(external_id="x1"))
        with pytest.raises(ConflictError, match="'x1' of channel 'wechat'"):
            file_one(store, report=new_report(external_id="x1", body_digest="c" * 64))


def test_a_group_answers_each_and_a_conflict_stops_no_other(tmp_path: Path) -> None:
    filings = [
        Filing(new_report(external_id=external, body_digest=body * 64), new_issue())
        for external, body in [("x1", "a"), (None, "b"), ("x1", "a"), ("x1", "c"), ("x2", "d"), (None, "b")]
    ]
    with opened(tmp_path) as store:
        answers = store.write(lambda connection: file_many(connection, filings, desk()))
        with store.reading() as connection:
            assert verify_chain(connection) is None
    kinds = [answer.outcome if isinstance(answer, Filed) else "conflict" for answer in answers]
    assert kinds == ["opened", "opened", "repeated", "conflict", "opened", "opened"]
    assert [a.number[-1] for a in answers if isinstance(a, Filed)] == ["1", "2", "1", "3", "4"]


def test_a_report_joins_an_issue(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = file_one(store)
        joining = Filing(new_report(external_id="j"), first.issue_uid)
        answers = store.write(
            lambda c: file_many(c, [joining, Filing(new_report(), new_issue()), joining], desk(NOON + 9))
        )
        with store.reading() as connection:
            found = read_issue(connection, first.issue_uid)
            assert verify_chain(connection) is None
    assert [a.outcome for a in answers if isinstance(a, Filed)] == ["joined", "opened", "repeated"]
    assert found is not None
    assert (found.issue.report_count, found.issue.version, found.issue.updated_us) == (2, 2, NOON + 9)
    assert [report.external_id for report in found.reports] == [None, "j"]
    assert found.events[1].before == {"report_count": 1, "version": 1}
    assert found.issue.seq == found.events[-1].seq


def test_a_report_that_joins_nothing_is_refused_with_all_of_its_group(tmp_path: Path) -> None:
    filings = [Filing(new_report(), new_issue()), Filing(new_report(), "nobody")]
    with opened(tmp_path) as store:
        with pytest.raises(StoreError, match="'nobody'"):
            store.write(lambda connection: file_many(connection, filings, desk()))
        with store.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(REPORTS)) == 0
        assert file_one(store).number == "20261121-0001"


def test_no_reports_are_no_work(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert store.write(lambda connection: file_many(connection, [], desk())) == []


def test_an_idempotency_key_answers_again_until_it_expires(tmp_path: Path) -> None:
    mine, other = RequestKey("client", "k", "d" * 64), RequestKey("client", "k", "e" * 64)
    yours = RequestKey("other", "k", "d" * 64)
    with opened(tmp_path) as store:
        store.write(lambda c: remember(c, {mine: b"answer"}, expires_us=NOON + 10))
        assert store.write(lambda c: recall(c, [mine, yours], at_us=NOON)) == {mine: b"answer"}
        assert store.write(lambda c: recall(c, [other], at_us=NOON + 10)) == {}
        refused = store.write(lambda c: recall(c, [other], at_us=NOON))[other]
        assert isinstance(refused, ReusedKeyError)
        store.write(lambda c: remember(c, {other: b"new"}, expires_us=NOON + 30))
        assert store.write(lambda c: forget_expired(c, NOON + 29)) == 0
        assert store.write(lambda c: forget_expired(c, NOON + 30)) == 1


def test_joining_and_opening_in_one_group_is_numbered_in_one_chain(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = file_one(store)
        filings = [Filing(new_report(), new_issue()) for _ in range(3)]
        filings.insert(1, Filing(new_report(), first.issue_uid))
        store.write(lambda connection: file_many(connection, filings, desk()))
        with store.reading() as connection:
            assert verify_chain(connection) is None
            issues = page_issues(connection, IssueFilter()).issues
    assert [(issue.seq, issue.report_count) for issue in issues] == [(2, 1), (3, 1), (4, 1), (5, 2)]
