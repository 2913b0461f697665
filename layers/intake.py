"""Reports come in: each is located, assigned, compared with open issues, and stored; one use case for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.crs import Reference
from geo.errors import ConflictError, GridError, StoreError
from geo.types import Datum
from layers.assign import Assignments, assign
from layers.incoming import Incoming
from layers.issue_fields import fields_of
from layers.live import LiveCity, Words
from layers.open_issues import Said, SuspectIssue
from layers.photos import store_photo
from layers.positions import Positions, read_positions
from layers.proof import Proof, prove_all
from layers.store.assignments import read_assignment
from layers.store.filing import Desk, Filed, Filing, file_many
from layers.store.issues import issues_named
from layers.store.repeats import recall, remember
from layers.store.values import Issue, NewIssue, NewReport, Private

KEEP_US = 7 * 86_400 * 1_000_000  # how long an answer is kept for the same request again


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An idempotency key: the same one with the same body gets the same answer.

    Attributes:
        scope: whose key it is.
        digest: of the body.
    """

    scope: str
    key: str
    digest: str


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report that is located and assigned, ready to be stored; ``said`` is what memory keeps of it."""

    report: NewReport
    issue: NewIssue
    said: Said
    proof: Proof
    suspects: tuple[SuspectIssue, ...]


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
        return _store(connection, prepared, joins, desk, asked, tell)

    outcomes = city.store.write(work)
    city.changed(
        [
            (outcome.issue, one.said if outcome.outcome == "opened" else None)
            for outcome, one in zip(outcomes, prepared, strict=True)
            if outcome.issue is not None and outcome.outcome in ("opened", "joined")
        ]
    )
    return outcomes


def propose(city: LiveCity, reports: Sequence[Incoming], at_us: int) -> list[Outcome]:
    """What would become of reports; nothing is stored."""
    return [
        Outcome("proposed", "", None, one.proof, _flags(one), one.suspects, one.issue.due_us)
        for one in prepare(city, reports, at_us)
    ]


def prepare(city: LiveCity, reports: Sequence[Incoming], at_us: int) -> list[Prepared]:
    """Locate and assign reports, all of one generation at once."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    words: dict[int, Words] = {}
    for row, report in enumerate(reports):
        by = city.words_at(at_us if report.occurred_us is None else report.occurred_us)
        groups[id(by)].append(row)
        words[id(by)] = by
    found: dict[int, Prepared] = {}
    for key, rows in groups.items():
        found |= dict(zip(rows, _prepare(city, words[key], [reports[r] for r in rows], at_us), strict=True))
    return [found[row] for row in range(len(reports))]


def _prepare(city: LiveCity, words: Words, reports: Sequence[Incoming], at_us: int) -> list[Prepared]:
    generation = words.generation
    where = read_positions(generation, words.finder, reports)
    answers = assign(
        generation, where.lng, where.lat, category=[r.category for r in reports],
        accuracy_m=where.accuracy_m, level=where.level, text=[r.text for r in reports],
        occurred_at=np.array([_at(r, at_us) for r in reports], dtype="datetime64[us]"),
        shape=list(where.shapes), extent=where.extents,
    )  # fmt: skip
    proofs = prove_all(answers)
    issues = [_new_issue(answers, row, proofs[row], where, at_us) for row in range(len(reports))]
    said = [
        Said(report.text, float(answers.evidence.deviation_m[row]), _at(report, at_us))
        for row, report in enumerate(reports)
    ]
    suspects = city.open.suspects(city.open.tellings(list(zip(issues, said, strict=True))))
    return [
        Prepared(_new_report(report, sources, generation.id, at_us), *rest)
        for report, sources, *rest in zip(
            reports, where.sources, issues, said, proofs, map(tuple, suspects), strict=True
        )
    ]


def _at(report: Incoming, at_us: int) -> int:
    return at_us if report.occurred_us is None else report.occurred_us


def _new_report(report: Incoming, sources: str, generation: str, at_us: int) -> NewReport:
    photos = tuple(photo.sha256 for photo in report.photos)
    return NewReport(
        channel=report.channel, received_us=at_us, occurred_us=_at(report, at_us),
        body_digest=report.body_digest, external_id=report.external_id, zone_assumed=report.zone_assumed,
        lng=report.lng, lat=report.lat, datum=_datum(report.reference), accuracy_m=report.accuracy_m,
        level=report.level, geometry=None if report.geometry is None else shapely.to_wkb(report.geometry),
        category=report.category, generation=generation,
        private=Private(report.reporter, report.contact, report.text, photos, sources),
    )  # fmt: skip


def _datum(reference: Reference) -> str:
    return reference.value if isinstance(reference, Datum) else f"EPSG:{reference.to_epsg()}"


def _new_issue(answers: Assignments, row: int, proof: Proof, where: Positions, at_us: int) -> NewIssue:
    category = str(answers.categories[row])
    fields: dict[str, Any] = {**fields_of(answers, row, proof)}
    due_us = answers.generation.config.limits.due_at(category, at_us)
    return NewIssue(category=category, flags=",".join(where.flags[row]), due_us=due_us, **fields)


def _flags(one: Prepared) -> tuple[str, ...]:
    return tuple(flag for flag in one.issue.flags.split(",") if flag)


def _store(
    connection: Connection, prepared: Sequence[Prepared], joins: Sequence[str], desk: Desk,
    keys: Sequence[RequestKey | None], tell: Tell | None,
) -> list[Outcome]:  # fmt: skip
    """The work: what was answered before is answered again, the rest is filed in one go."""
    outcomes: dict[int, Outcome] = _recalled(connection, keys, desk.at_us)
    joined = issues_named(connection, {name for name in joins if name})
    for row, name in enumerate(joins):
        if name and name not in joined:
            outcomes.setdefault(row, _no_such_issue(name))
    rows = [row for row in range(len(prepared)) if row not in outcomes]
    filings = [
        Filing(prepared[row].report, joined[joins[row]].uid if joins[row] else prepared[row].issue)
        for row in rows
    ]
    filed = file_many(connection, filings, desk)
    issues = issues_named(connection, {one.issue_uid for one in filed if isinstance(one, Filed)})
    for row, one_filed in zip(rows, filed, strict=True):
        outcomes[row] = _outcome(connection, prepared[row], one_filed, issues)
        outcomes[row] = _remembered(connection, outcomes[row], keys[row], desk.at_us, tell)
    return [outcomes[row] for row in range(len(prepared))]


def _no_such_issue(name: str) -> Outcome:
    fix = 'Give the id or number that an issue was answered with, or leave "issue" out.'
    return Outcome("refused", error=StoreError(f"There is no issue {name!r} to join.", fix=fix))


def _recalled(connection: Connection, keys: Sequence[RequestKey | None], at_us: int) -> dict[int, Outcome]:
    found = {}
    for row, key in enumerate(keys):
        if key is not None:
            try:
                told = recall(connection, key.scope, key.key, key.digest, at_us=at_us)
            except GridError as error:
                found[row] = Outcome("refused", error=error)
                continue
            if told is not None:
                found[row] = Outcome("repeated", told=told)
    return found


def _outcome(
    connection: Connection, one: Prepared, filed: Filed | ConflictError, issues: dict[str, Issue]
) -> Outcome:
    if isinstance(filed, ConflictError):
        return Outcome("refused", error=filed)
    issue = issues[filed.issue_uid]
    if filed.outcome == "repeated":
        proof = read_assignment(connection, filed.issue_uid)
        return Outcome("repeated", filed.report_uid, issue, proof, due_us=issue.due_us)
    return Outcome(filed.outcome, filed.report_uid, issue, one.proof, _flags(one), one.suspects, issue.due_us)


def _remembered(
    connection: Connection, outcome: Outcome, key: RequestKey | None, at_us: int, tell: Tell | None
) -> Outcome:
    """The outcome with its answer, kept for the same request again; a refusal may be different then."""
    if tell is None:
        return outcome
    told = tell(outcome)
    if key is not None and outcome.error is None:
        remember(connection, key.scope, key.key, key.digest, told, expires_us=at_us + KEEP_US)
    return replace(outcome, told=told)
