"""A report comes in: it opens an issue or joins one, with its event, in the caller's work."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from geo.errors import ConflictError
from layers.store import assignments
from layers.store.canonical import salted
from layers.store.events import NewEvent, append_events, chain_head
from layers.store.fields import issue_columns, report_columns, told, told_report
from layers.store.ids import city_day, uuid7
from layers.store.issues import bump, row_of
from layers.store.numbering import take_keys, take_numbers
from layers.store.private import digests, keep_private
from layers.store.repeats import Known, known_reports, name_of
from layers.store.schema import ISSUES, REPORTS
from layers.store.values import NewIssue, NewReport

RECEIVED, JOINED = "received", "joined"

_INSERT_ISSUES, _INSERT_REPORTS = insert(ISSUES), insert(REPORTS)


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
    """

    outcome: Literal["opened", "joined", "repeated"]
    report_uid: str
    issue_uid: str
    number: str


@dataclass(frozen=True, slots=True)
class _Given:
    """A report on its way in, with the names it got."""

    filing: Filing
    report_id: int
    report_uid: str
    salt: bytes


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
    opening = sum(isinstance(filing.issue, NewIssue) for filing in filings)
    report_id, issue_id = take_keys(connection, reports=len(filings), issues=opening)
    given = [
        _Given(filing, report_id + turn, str(uuid7(desk.at_us)), secrets.token_bytes(32))
        for turn, filing in enumerate(filings)
    ]
    opened = _open(
        connection, [one for one in given if isinstance(one.filing.issue, NewIssue)], issue_id, desk
    )
    return [
        opened[one.report_id] if one.report_id in opened else _join(connection, one, desk) for one in given
    ]


def _open(connection: Connection, given: Sequence[_Given], issue_id: int, desk: Desk) -> dict[int, Filed]:
    """Store reports that each open an issue; where each is stored, by its key."""
    if not given:
        return {}
    numbers = take_numbers(connection, city_day(desk.at_us, desk.zone), len(given))
    seq = chain_head(connection).seq + 1
    issues = [new for one in given if isinstance(new := one.filing.issue, NewIssue)]
    proofs = [assignments.split(new.assignment) if new.assignment is not None else None for new in issues]
    keys = iter(assignments.keep(connection, [proof[0] for proof in proofs if proof]))
    rows = [
        _issue_row(new, next(keys) if proof else None, number, desk)
        for new, proof, number in zip(issues, proofs, numbers, strict=True)
    ]
    connection.execute(
        _INSERT_ISSUES,
        [
            {**issue_columns(row), "id": issue_id + turn, "seq": seq + turn,
             "created_us": desk.at_us, "updated_us": desk.at_us}
            for turn, row in enumerate(rows)
        ],
    )  # fmt: skip
    _insert_reports(connection, [(one, issue_id + turn) for turn, one in enumerate(given)])
    texts = [proof[1] if proof else None for proof in proofs]
    keep_private(
        connection,
        [
            (one.report_id, one.salt, one.filing.report.private, text)
            for one, text in zip(given, texts, strict=True)
        ],
    )
    append_events(
        connection,
        [
            _event(one, issue_id + turn, RECEIVED, desk, told(row))
            for turn, (one, row) in enumerate(zip(given, rows, strict=True))
        ],
    )
    return {
        one.report_id: Filed("opened", one.report_uid, row["uid"], row["number"])
        for one, row in zip(given, rows, strict=True)
    }


def _join(connection: Connection, given: _Given, desk: Desk) -> Filed:
    issue = row_of(connection, str(given.filing.issue))
    _insert_reports(connection, [(given, issue.id)])
    keep_private(connection, [(given.report_id, given.salt, given.filing.report.private, None)])
    counted = {"report_count": issue.report_count + 1}
    bump(connection, issue, counted, _event(given, issue.id, JOINED, desk, {}))
    return Filed("joined", given.report_uid, issue.uid, issue.number)


def _issue_row(new: NewIssue, assignment: str | None, number: str, desk: Desk) -> dict[str, Any]:
    fields = {name: getattr(new, name) for name in NewIssue.__slots__}
    names = {"uid": str(uuid7(desk.at_us)), "number": number, "report_count": 1, "version": 1}
    return {**fields, "assignment": assignment, **names}


def _insert_reports(connection: Connection, given: Sequence[tuple[_Given, int]]) -> None:
    connection.execute(
        _INSERT_REPORTS,
        [
            {**report_columns(one.filing.report), "id": one.report_id, "uid": one.report_uid,
             "issue_id": issue_id,
             "body_digest": salted(one.salt, "body", one.filing.report.body_digest)}
            for one, issue_id in given
        ],
    )  # fmt: skip


def _event(one: _Given, issue_id: int, kind: str, desk: Desk, after: dict[str, object]) -> NewEvent:
    report = one.filing.report
    told_ = {"uid": one.report_uid, **told_report(report)}
    private = digests(one.salt, report)
    return NewEvent(issue_id, desk.at_us, desk.actor, kind, after={**after, "report": told_}, private=private)
