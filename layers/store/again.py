"""Issues to be assigned anew under another generation, with what their first report said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, func, select

from layers.store.canonical import read_json
from layers.store.filters import plain
from layers.store.issues import COLUMNS, REPORT_COLUMNS, issue_of
from layers.store.schema import EVENTS, ISSUES, PRIVATE, REPORTS
from layers.store.values import Issue, Report

MOVED = "move"  # the kind of the events that move an issue by hand


@dataclass(frozen=True, slots=True)
class ToAssign:
    """An issue and the report that opened it.

    Attributes:
        id: where the next page goes on.
        text: what was written in the report, as it was assigned by; None where it was erased.
        moved: whether the issue lies elsewhere than it was opened, because somebody moved it by hand; its
            own ``lng`` and ``lat`` hold then, and not the report's.
    """

    id: int
    issue: Issue
    report: Report
    text: str | None
    moved: bool


def to_assign_again(
    connection: Connection, states: Collection[str], after_id: int = 0, limit: int = 500
) -> tuple[ToAssign, ...]:
    """Issues in one of the states, in the order they were opened.

    Args:
        after_id: the ``id`` of the last one before; 0 to begin.
        limit: most issues to return; fewer mean that there are no more.
    """
    own = REPORTS.alias()
    first = select(func.min(own.c.id)).where(own.c.issue_id == ISSUES.c.id).scalar_subquery()
    joined = ISSUES.join(REPORTS, REPORTS.c.id == first).outerjoin(PRIVATE)
    # Hidden from the index on states: it would sort all that is left for every page.
    asked = select(*_COLUMNS).select_from(joined).where(plain(ISSUES.c.status).in_(states))
    rows = connection.execute(asked.where(ISSUES.c.id > after_id).order_by(ISSUES.c.id).limit(limit)).all()
    moved = _moved(connection, rows)
    return tuple(
        ToAssign(row.id, issue_of(row), _report(row), row.private_text, row.id in moved) for row in rows
    )


_COLUMNS = (
    ISSUES.c.id,
    *COLUMNS,
    *(column.label(f"report_{column.name}") for column in REPORT_COLUMNS),
    func.coalesce(PRIVATE.c.assigned_text, PRIVATE.c.text).label("private_text"),
)
_OWN = tuple(field.name for field in fields(Report) if field.name != "issue_uid")


def _report(row: Row[Any]) -> Report:
    said = row._mapping
    return Report(issue_uid=row.uid, **{name: said[f"report_{name}"] for name in _OWN})


def _moved(connection: Connection, rows: Sequence[Row[Any]]) -> set[int]:
    """Those that were moved and not moved back; by their first event, which tells where they were opened."""
    keys = [row.id for row in rows]
    moved = select(EVENTS.c.issue_id).where(EVENTS.c.issue_id.in_(keys), EVENTS.c.kind == MOVED)
    firsts = select(func.min(EVENTS.c.seq)).where(EVENTS.c.issue_id.in_(moved)).group_by(EVENTS.c.issue_id)
    asked = select(EVENTS.c.issue_id, EVENTS.c.after).where(EVENTS.c.seq.in_(firsts))
    opened = {row.issue_id: read_json(row.after) for row in connection.execute(asked)}
    here = {row.id: (row.lng, row.lat) for row in rows}
    return {key for key, said in opened.items() if (said.get("lng"), said.get("lat")) != here[key]}
