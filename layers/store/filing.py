"""A report comes in: it opens an issue or joins one, with its event, in the caller's work."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from geo.errors import ConflictError
from layers.store import assignments
from layers.store.canonical import salted
from layers.store.events import NewEvent, append_events
from layers.store.fields import issue_fields, issue_row, report_fields, report_row, told
from layers.store.ids import city_day, uuid7s
from layers.store.issues import bump, row_of
from layers.store.numbering import Keys, take_keys, take_numbers
from layers.store.prepared import insert_rows
from layers.store.private import digest, keep_private
from layers.store.repeats import Known, known_reports, name_of
from layers.store.schema import ISSUES, REPORTS
from layers.store.values import Issue, NewIssue, NewReport, Private

RECEIVED, JOINED = "received", "joined"
_FIRST = {"report_count": 1, "version": 1}
_SALT = 32  # bytes


@dataclass(frozen=True, slots=True)
class Filing:
    """A report and what becomes of it.

    Attributes:
        issue: the issue that it opens, or the uid of the issue that it joins.
    """

    report: NewReport
    issue: NewIssue | str


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a report is stored.

    Attributes:
        outcome: it ``opened`` an issue, ``joined`` one, or is ``repeated``: it was here, nothing was stored.
        issue: as it is now; None where the report was here.
    """

    outcome: Literal["opened", "joined", "repeated"]
    report_uid: str
    issue_uid: str
    number: str
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """A report on its way in, with the names it got."""

    filing: Filing
    report_id: int
    report_uid: str
    salt: bytes

    @property
    def opens(self) -> bool:
        """Whether it opens an issue, and joins none."""
        return isinstance(self.filing.issue, NewIssue)

    def private(self, text: str | None) -> tuple[int, bytes, Private, str | None]:
        """What is private, with the text that its issue was assigned by."""
        return self.report_id, self.salt, self.filing.report.private, text


@dataclass(frozen=True, slots=True)
class Desk:
    """Who files, when and where: the same for all reports of a work.

    Attributes:
        at_us: now; numbers are of its day.
        actor: who brings the reports.
        zone: the city's.
    """

    at_us: int
    actor: str
    zone: ZoneInfo


def file_report(connection: Connection, filing: Filing, desk: Desk) -> Filed:
    """Store one report; see `file_many`.

    Raises:
        ConflictError: its external id belongs to a report with another body.
        StoreError: there is no such issue to join.
    """
    (filed,) = file_many(connection, [filing], desk)
    if isinstance(filed, ConflictError):
        raise filed
    return filed


def file_many(connection: Connection, filings: Sequence[Filing], desk: Desk) -> list[Filed | ConflictError]:
    """Store reports with their issues and events; one answer for each, in order.

    A report whose external id is known in its channel is not stored again: the same body is answered as
    before, another one with a `ConflictError`. Those that open an issue come before those that join one.

    Raises:
        StoreError: there is no such issue to join; nothing is stored then.
    """
    names = [name_of(filing.report) for filing in filings]
    known = known_reports(connection, [name for name in names if name])
    firsts = {name or position: position for position, name in reversed([*enumerate(names)])}
    fresh = sorted(position for name, position in firsts.items() if name not in known)
    answers = dict(zip(fresh, _store(connection, [filings[at] for at in fresh], desk), strict=True))
    twins = [name for position, name in enumerate(names) if name and position not in answers]
    known |= known_reports(connection, [name for name in twins if name not in known])
    return [
        answers[position] if position in answers else _repeated(known[names[position] or ("", "")], filing)
        for position, filing in enumerate(filings)
    ]


def _repeated(known: Known, filing: Filing) -> Filed | ConflictError:
    report = filing.report
    if known.has_body(report.body_digest):
        return Filed("repeated", known.report_uid, known.issue_uid, known.number)
    return ConflictError(
        f"External id {report.external_id!r} of channel {report.channel!r} belongs to another report, "
        f"of issue {known.number}.",
        fix="Give every report an id of its own; to correct one, write to its issue.",
    )


def _store(connection: Connection, filings: Sequence[Filing], desk: Desk) -> list[Filed]:
    if not filings:
        return []
    opening = [new for filing in filings if isinstance(new := filing.issue, NewIssue)]
    keys = take_keys(connection, reports=len(filings), issues=len(opening))
    uids, salts = uuid7s(desk.at_us, len(filings)), os.urandom(_SALT * len(filings))
    given = [
        _Given(filing, keys.report + turn, uid, salts[_SALT * turn : _SALT * (turn + 1)])
        for turn, (filing, uid) in enumerate(zip(filings, uids, strict=True))
    ]
    # First all that open, then all that join: the keys and events of the issues follow each other.
    opened = iter(_open(connection, [one for one in given if one.opens], opening, keys, desk))
    return [next(opened) if one.opens else _join(connection, one, desk) for one in given]


def _open(
    connection: Connection, given: Sequence[_Given], new: Sequence[NewIssue], keys: Keys, desk: Desk
) -> list[Filed]:
    """Store reports that each open an issue."""
    if not given:
        return []
    proofs = [assignments.split(one.assignment) for one in new]
    issues = _issues(connection, new, assignments.keep(connection, [body for body, _ in proofs]), desk)
    opened = _insert_issues(connection, issues, keys, desk)
    _insert_reports(connection, [(one, keys.issue + turn) for turn, one in enumerate(given)])
    keep_private(connection, [one.private(text) for one, (_, text) in zip(given, proofs, strict=True)])
    events = [
        _event(one, keys.issue + n, RECEIVED, desk, told(issue))
        for n, (one, issue) in enumerate(zip(given, issues, strict=True))
    ]
    append_events(connection, events, keys.head)
    return [
        Filed("opened", one.report_uid, issue.uid, issue.number, issue)
        for one, issue in zip(given, opened, strict=True)
    ]


def _issues(
    connection: Connection, new: Sequence[NewIssue], proofs: Sequence[str | None], desk: Desk
) -> list[dict[str, Any]]:
    """The fields of issues that are opened, with the names they get."""
    numbers = take_numbers(connection, city_day(desk.at_us, desk.zone), len(new))
    names = zip(new, proofs, uuid7s(desk.at_us, len(new)), numbers, strict=True)
    return [
        {**issue_fields(one), "assignment": proof, "uid": uid, "number": number, **_FIRST}
        for one, proof, uid, number in names
    ]


def _insert_issues(
    connection: Connection, issues: Sequence[Mapping[str, Any]], keys: Keys, desk: Desk
) -> list[Issue]:
    now, seq = {"created_us": desk.at_us, "updated_us": desk.at_us}, keys.head.seq + 1
    whole = [{**issue, **now, "seq": seq + turn} for turn, issue in enumerate(issues)]
    rows = [issue_row(issue, id=keys.issue + turn) for turn, issue in enumerate(whole)]
    insert_rows(connection, ISSUES, rows)
    return [Issue(**issue) for issue in whole]


def _join(connection: Connection, given: _Given, desk: Desk) -> Filed:
    issue = row_of(connection, str(given.filing.issue))
    _insert_reports(connection, [(given, issue.id)])
    keep_private(connection, [given.private(None)])
    counted = {"report_count": issue.report_count + 1}
    joined = bump(connection, issue, counted, _event(given, issue.id, JOINED, desk, {}))
    return Filed("joined", given.report_uid, issue.uid, issue.number, joined)


def _insert_reports(connection: Connection, given: Sequence[tuple[_Given, int]]) -> None:
    rows = [
        report_row(
            report_fields(one.filing.report),
            id=one.report_id,
            uid=one.report_uid,
            issue_id=issue_id,
            external_id=one.filing.report.external_id,
            body_digest=salted(one.salt, "body", one.filing.report.body_digest),
        )
        for one, issue_id in given
    ]
    insert_rows(connection, REPORTS, rows)


def _event(one: _Given, issue_id: int, kind: str, desk: Desk, after: dict[str, object]) -> NewEvent:
    report = one.filing.report
    after["report"] = {"uid": one.report_uid, **told(report_fields(report))}
    private = digest(one.salt, report.private)
    return NewEvent(issue_id, desk.at_us, desk.actor, kind, after=after, private=private)
