"""What memory holds of a store when it begins: issues in some states, with what their first report said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from layers.store.issues import COLUMNS, issue_of
from layers.store.schema import ISSUES, PRIVATE, REPORTS
from layers.store.values import Issue

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Opening:
    """An issue and what the report said that opened it; the text is empty where it was erased."""

    issue: Issue
    text: str
    channel: str
    accuracy_m: float | None
    level: float | None
    occurred_us: int


def openings(connection: Connection, states: Collection[str]) -> Iterator[Opening]:
    """The issues in one of the states."""
    own = REPORTS.alias()
    first = select(func.min(own.c.id)).where(own.c.issue_id == ISSUES.c.id).scalar_subquery()
    joined = ISSUES.join(REPORTS, REPORTS.c.id == first).outerjoin(PRIVATE)
    said = (REPORTS.c.channel, REPORTS.c.accuracy_m, REPORTS.c.level, REPORTS.c.occurred_us)
    asked = select(*COLUMNS, PRIVATE.c.text.label("private_text"), *said).select_from(joined)
    asked = asked.where(ISSUES.c.status.in_(states)).execution_options(yield_per=_CHUNK)
    rows: Iterable[Row[Any]] = connection.execute(asked)
    for row in rows:
        yield Opening(
            issue_of(row), row.private_text or "", row.channel, row.accuracy_m, row.level, row.occurred_us
        )


def issues_of_reports(connection: Connection, reports: Collection[str]) -> list[str]:
    """The uids of the issues that reports belong to."""
    found: set[str] = set()
    uids = sorted(reports)
    for start in range(0, len(uids), _CHUNK):
        asked = select(ISSUES.c.uid).join_from(REPORTS, ISSUES)
        found.update(connection.scalars(asked.where(REPORTS.c.uid.in_(uids[start : start + _CHUNK]))))
    return sorted(found)
