"""What memory holds of a store when it begins: the issues in some states, with the words that opened each."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, func, select

from layers.store.issues import COLUMNS, issue_of
from layers.store.schema import ISSUES, PRIVATE, REPORTS
from layers.store.values import Issue

_CHUNK = 5_000


def issues_with_text(connection: Connection, states: Collection[str]) -> Iterator[tuple[Issue, str]]:
    """The issues in one of the states, each with the text of its first report, empty where it was erased."""
    first = select(func.min(REPORTS.c.id)).where(REPORTS.c.issue_id == ISSUES.c.id).scalar_subquery()
    joined = ISSUES.outerjoin(PRIVATE, PRIVATE.c.report_id == first)
    asked = select(*COLUMNS, PRIVATE.c.text.label("private_text")).select_from(joined)
    asked = asked.where(ISSUES.c.status.in_(states)).execution_options(yield_per=_CHUNK)
    for row in connection.execute(asked):
        yield issue_of(row), row.private_text or ""
