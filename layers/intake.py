"""Reports come in: each is located, assigned, compared with open issues, and stored; one use case for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from geo.errors import ConflictError, GridError, NotFoundError, ReusedKeyError
from layers.actors import Actor
from layers.incoming import Incoming
from layers.live import LiveCity
from layers.open_issues import SuspectIssue
from layers.photos import store_photo
from layers.preparing import Prepared, prepare
from layers.proof import Proof
from layers.store.assignments import read_assignment
from layers.store.filing import Desk, Filed, Filing, file_many
from layers.store.issues import issues_named
from layers.store.repeats import RequestKey, recall, remember, reused
from layers.store.values import Issue
from layers.suspects import likeliest

KEEP_US = 7 * 86_400 * 1_000_000  # how long an answer is kept for the same request again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a report.

    Attributes:
        outcome: it ``opened`` an issue, ``joined`` one, is ``repeated`` (it was here before), would open
            one (``proposed``), or was ``refused`` with an error.
        issue: as it is now; of what is only proposed None.
        proof: of whose it is.
        suspects: open issues that it may repeat, the likeliest first.
        told: the answer that a request with a key gets, now and again.
    """

    outcome: Literal["opened", "joined", "repeated", "proposed", "refused"]
    report_uid: str = ""
    issue: Issue | None = None
    proof: Proof | None = None
    flags: tuple[str, ...] = ()
    suspects: tuple[SuspectIssue, ...] = ()
    due_us: int | None = None
    error: GridError | None = None
    told: bytes = b""


Tell = Callable[[Outcome], bytes]


def file_reports(
    city: LiveCity,
    reports: Sequence[Incoming],
    *,
    actor: str,
    at_us: int,
    keys: Sequence[RequestKey | None] | None = None,
    tell: Tell | None = None,
) -> list[Outcome]:
    """Store reports, each with its issue; one outcome for each, in order, once all are on disk.

    Nothing is refused for being incomplete: what cannot be located or assigned waits without an owner.

    Args:
        actor: who brings them.
        at_us: now.
        keys: of the requests that they came with, or None.
        tell: makes the answer that is kept with a key.

    Raises:
        StoreUnavailableError: nothing was stored; the same again may be.
    """
    prepared = prepare(city, reports, at_us)
    photos = [photo for report in reports for photo in report.photos]
    for photo in photos:
        store_photo(city.photos, photo)  # on disk before the commit that names it
    desk = Desk(at_us, actor, city.zone)
    asked = keys or [None] * len(reports)
    joins = [report.issue for report in reports]

    def work(connection: Connection) -> list[Outcome]:
        for photo in photos:
            if not (city.photos / photo.file_name).exists():  # erased with another report meanwhile
                store_photo(city.photos, photo)
        return _store(city, connection, prepared, joins, desk, asked, tell)

    outcomes = city.store.write(work)
    city.changed(
        [
            (outcome.issue, one.said if outcome.outcome == "opened" else None)
            for outcome, one in zip(outcomes, prepared, strict=True)
            if outcome.issue is not None and outcome.outcome in ("opened", "joined")
        ]
    )
    city.tally.add(outcome.outcome for outcome in outcomes)
    return outcomes


def propose(city: LiveCity, reports: Sequence[Incoming], at_us: int) -> list[Outcome]:
    """What would become of reports; nothing is stored."""
    return [
        Outcome("proposed", "", None, one.proof, one.flags, tuple(one.suspects), one.issue.due_us)
        for one in prepare(city, reports, at_us)
    ]


def _store(
    city: LiveCity, connection: Connection, prepared: Sequence[Prepared], joins: Sequence[str], desk: Desk,
    keys: Sequence[RequestKey | None], tell: Tell | None,
) -> list[Outcome]:  # fmt: skip
    """The work: what was answered before is answered again, the rest is filed in one go."""
    outcomes: dict[int, Outcome] = _recalled(connection, keys, desk.at_us)
    joined = issues_named(connection, {name for name in joins if name})
    for row, name in enumerate(joins):
        if name and name not in joined:
            outcomes.setdefault(row, Outcome("refused", error=_no_such_issue(name)))
    twins = _twins(keys)
    rows = [row for row in range(len(prepared)) if row not in outcomes and row not in twins]
    filings = [
        Filing(prepared[row].report, joined[joins[row]].uid if joins[row] else prepared[row].issue)
        for row in rows
    ]
    filed = file_many(connection, filings, desk)
    issues = _issues_of(connection, filed)
    for row, one_filed in zip(rows, filed, strict=True):
        outcomes[row] = _outcome(connection, prepared[row], one_filed, issues)
    _suspect_each_other(city, prepared, outcomes)
    if tell is not None:
        for row in rows:
            outcomes[row] = replace(outcomes[row], told=tell(outcomes[row]))
        _remember(connection, {row: outcomes[row] for row in rows}, keys, desk.at_us)
    for row, first in twins.items():
        outcomes[row] = _again(outcomes[first], keys[first], keys[row])
    return [outcomes[row] for row in range(len(prepared))]


def _issues_of(connection: Connection, filed: Sequence[Filed | ConflictError]) -> dict[str, Issue]:
    """The issues of what is filed, by uid, as they are after the last of it."""
    stored = [one for one in filed if isinstance(one, Filed)]
    changed = {one.issue_uid: one.issue for one in stored if one.issue is not None}
    return changed | issues_named(connection, {one.issue_uid for one in stored} - changed.keys())


def _suspect_each_other(city: LiveCity, prepared: Sequence[Prepared], outcomes: dict[int, Outcome]) -> None:
    """Add to the suspects of what was opened what was opened with it, before it."""
    opened = [(row, one.issue) for row, one in outcomes.items() if one.outcome == "opened" and one.issue]
    if len(opened) < 2:
        return
    found = city.open.suspects_together([(issue, prepared[row].telling) for row, issue in opened])
    for (row, _), more in zip(opened, found, strict=True):
        if more:
            both = tuple(likeliest(outcomes[row].suspects, more))
            outcomes[row] = replace(outcomes[row], suspects=both)


def _twins(keys: Sequence[RequestKey | None]) -> dict[int, int]:
    """The rows whose key an earlier row of the group has, and that row."""
    first: dict[tuple[str, str], int] = {}
    return {
        row: at
        for row, key in enumerate(keys)
        if key is not None and (at := first.setdefault((key.scope, key.key), row)) != row
    }


def _again(first: Outcome, key: RequestKey | None, other: RequestKey | None) -> Outcome:
    """The outcome of a request whose key came a moment ago."""
    if key != other and key is not None:
        return Outcome("refused", error=reused(key))
    return first if first.error is not None else Outcome("repeated", told=first.told)


def check_join(city: LiveCity, report: Incoming, actor: Actor) -> None:
    """Refuse a report that is to join an issue that its sender must not see, as if there were none.

    Raises:
        NotFoundError: for one who is confined to cells, there is no such issue.
    """
    if not report.issue or not actor.cells:
        return
    with city.store.reading() as connection:
        found = issues_named(connection, {report.issue}).get(report.issue)
    if found is None or not actor.sees(found.cell_path):
        raise _no_such_issue(report.issue)


def _no_such_issue(name: str) -> NotFoundError:
    fix = 'Give the id or number that an issue was answered with, or leave "issue" out.'
    return NotFoundError(f"There is no issue {name!r} to join.", fix=fix)


def _recalled(connection: Connection, keys: Sequence[RequestKey | None], at_us: int) -> dict[int, Outcome]:
    asked = {key for key in keys if key is not None}
    known = recall(connection, asked, at_us=at_us) if asked else {}
    return {row: _kept(known[key]) for row, key in enumerate(keys) if key in known}


def _kept(told: bytes | ReusedKeyError) -> Outcome:
    if isinstance(told, bytes):
        return Outcome("repeated", told=told)
    return Outcome("refused", error=told)


def _outcome(
    connection: Connection, one: Prepared, filed: Filed | ConflictError, issues: dict[str, Issue]
) -> Outcome:
    if isinstance(filed, ConflictError):
        return Outcome("refused", error=filed)
    issue = issues[filed.issue_uid]
    if filed.outcome == "repeated":
        proof = read_assignment(connection, filed.issue_uid)
        return Outcome("repeated", filed.report_uid, issue, proof, due_us=issue.due_us)
    return Outcome(
        filed.outcome, filed.report_uid, issue, one.proof, one.flags, tuple(one.suspects), issue.due_us
    )


def _remember(
    connection: Connection, outcomes: Mapping[int, Outcome], keys: Sequence[RequestKey | None], at_us: int
) -> None:
    """Keep the answers of requests with keys; a refusal may be different another time."""
    answers = {
        key: outcomes[row].told
        for row, key in enumerate(keys)
        if key is not None and row in outcomes and outcomes[row].error is None
    }
    remember(connection, answers, expires_us=at_us + KEEP_US)
