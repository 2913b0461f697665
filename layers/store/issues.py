"""Issues: read one, change one, with its event in the same work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from geo.errors import ConflictError, StoreError
from layers.store import assignments
from layers.store.events import NewEvent, append_event, chain_head, events_of
from layers.store.fields import CHANGEABLE, issue_columns, told
from layers.store.schema import ISSUES, PHOTOS, REPORTS
from layers.store.values import Issue, IssueChanges, IssueRecord, Json, Report

COLUMNS = tuple(ISSUES.c[field.name] for field in fields(Issue))
REPORT_COLUMNS = tuple(REPORTS.c[field.name] for field in fields(Report) if field.name != "issue_uid")


def read_issue(connection: Connection, name: str) -> IssueRecord | None:
    """An issue with its reports and events, by uid or number; None where there is none."""
    row = connection.execute(select(ISSUES).where(or_(ISSUES.c.uid == name, ISSUES.c.number == name))).first()
    if row is None:
        return None
    return IssueRecord(issue_of(row), reports_of(connection, row.uid), events_of(connection, row.id))


def reports_of(connection: Connection, issue_uid: str) -> tuple[Report, ...]:
    """The reports of an issue, oldest first; none where there is no such issue."""
    asked = select(*REPORT_COLUMNS).join_from(ISSUES, REPORTS).where(ISSUES.c.uid == issue_uid)
    rows = connection.execute(asked.order_by(REPORTS.c.id))
    return tuple(Report(issue_uid=issue_uid, **said._asdict()) for said in rows)


def issues_named(connection: Connection, names: Collection[str]) -> dict[str, Issue]:
    """Issues as they stand, by the uid or number they are asked by; those that are not there are missing."""
    if not names:
        return {}
    asked = select(*COLUMNS).where(or_(ISSUES.c.uid.in_(names), ISSUES.c.number.in_(names)))
    found = [issue_of(row) for row in connection.execute(asked)]
    return {name: issue for issue in found for name in (issue.uid, issue.number) if name in names}


def cell_paths_of_photo(connection: Connection, sha256: str) -> tuple[str, ...]:
    """The cell paths of the issues whose reports name a photo: who sees one of these may see it."""
    asked = (
        select(ISSUES.c.cell_path).join_from(PHOTOS, REPORTS, PHOTOS.c.report_id == REPORTS.c.id).join(ISSUES)
    )
    return tuple(connection.scalars(asked.where(PHOTOS.c.sha256 == sha256).distinct()))


def change_issue(
    connection: Connection,
    uid: str,
    version: int,
    changes: IssueChanges,
    *,
    at_us: int,
    actor: str,
    kind: str,
    reason: str = "",
    also: Json | None = None,
) -> Issue:
    """Change an issue and write the event; returns it as it is now.

    No changes are an event too: a note in the reason.

    Args:
        uid: the issue's.
        version: the version that the actor saw.
        changes: fields and their new values; those that stay the same are left out of the event.
        kind: what was done: an action's word, such as ``dispatch``, or ``assigned``.
        also: what else the event tells, besides what changed.

    Raises:
        ConflictError: somebody else changed it since.
        StoreError: there is no such issue or no such proof, or a field that cannot be changed.
    """
    row = row_of(connection, uid)
    if row.version != version:
        raise moved_on(row, version)
    values = dict(changes)
    check_changeable(values)
    proof = changes.get("assignment")
    if isinstance(proof, str):
        assignments.check_kept(connection, proof)
    elif proof is not None:
        body, text = assignments.split(proof)
        (values["assignment"],) = assignments.keep(connection, [body])
        assignments.keep_text(connection, row.id, text)
    return bump(connection, row, values, NewEvent(row.id, at_us, actor, kind, reason, after=also or {}))


def bump(
    connection: Connection,
    row: Row[Any],
    values: Mapping[str, Any],
    event: NewEvent,
) -> Issue:
    """Bring an issue to its next version; what changes is added to the event, before and after.

    Raises:
        ConflictError: it is no longer the version of the row.
    """
    before, changed = differing(issue_of(row), values)
    columns = dict(changed)
    if "lng" in changed or "lat" in changed:
        columns = {"lng": row.lng, "lat": row.lat, **changed}
    columns |= {"updated_us": event.at_us, "seq": chain_head(connection).seq + 1}
    asked = update(ISSUES).where(ISSUES.c.id == row.id, ISSUES.c.version == row.version)
    after = connection.execute(asked.values(**issue_columns(columns)).returning(*COLUMNS)).first()
    if after is None:
        raise moved_on(row, row.version)
    append_event(
        connection,
        NewEvent(
            event.issue_id, event.at_us, event.actor, event.kind, event.reason,
            {**told(before), **event.before}, {**told(changed), **event.after}, event.private,
        ),
    )  # fmt: skip
    return issue_of(after)


def differing(issue: Issue, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a change changes: fields before and after, the version among them."""
    changed = {name: value for name, value in values.items() if value != getattr(issue, name)}
    changed["version"] = issue.version + 1
    return {name: getattr(issue, name) for name in changed}, changed


def check_changeable(names: Iterable[str]) -> None:
    """Refuse fields that no change may name.

    Raises:
        StoreError: of the first of them.
    """
    if unknown := sorted(set(names) - set(CHANGEABLE)):
        fix = f"Change one of {', '.join(CHANGEABLE)}."
        raise StoreError(f"An issue has no {unknown[0]!r} to change.", fix=fix)


def row_of(connection: Connection, uid: str) -> Row[Any]:
    """The row of an issue.

    Raises:
        StoreError: there is none.
    """
    row = connection.execute(select(ISSUES).where(ISSUES.c.uid == uid)).first()
    if row is None:
        raise StoreError(f"There is no issue {uid!r}.", fix="Give the id that the report was answered with.")
    return row


def issue_of(row: Row[Any]) -> Issue:
    """The value of a row."""
    said = row._mapping
    return Issue(**{column.name: said[column.name] for column in COLUMNS})


def moved_on(row: Row[Any] | Issue, seen: int, *, what: str = "version") -> ConflictError:
    """The error that says that an issue is no longer at the version, or the seq, that somebody saw."""
    now = row.seq if what == "seq" else row.version
    return ConflictError(
        f"Issue {row.number} has changed since {what} {seen}; it is at {what} {now}.",
        fix="Look at it again, then repeat the change if it still holds.",
    )
