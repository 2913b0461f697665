"""What memory holds of a store when it begins: issues in some states, with what their first report said."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from layers.store.issues import COLUMNS
from layers.store.prepared import Prepared
from layers.store.schema import ISSUES, PRIVATE, REPORTS
from layers.store.values import Issue

_CHUNK = 5_000
_FIELDS = len(COLUMNS)  # those of an issue, in the order of its fields


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
    if not connection.in_transaction():
        connection.begin()
    named = {f"state{n}": state for n, state in enumerate(states)}
    for row in _openings(len(named)).rows(connection, **named):
        yield Opening(Issue(*row[:_FIELDS]), row[_FIELDS] or "", *row[_FIELDS + 1 :])


@functools.cache
def _openings(states: int) -> Prepared:
    """The question about so many states."""
    own = REPORTS.alias()
    first = select(func.min(own.c.id)).where(own.c.issue_id == ISSUES.c.id).scalar_subquery()
    joined = ISSUES.join(REPORTS, REPORTS.c.id == first).outerjoin(PRIVATE)
    said = (PRIVATE.c.text, REPORTS.c.channel, REPORTS.c.accuracy_m, REPORTS.c.level, REPORTS.c.occurred_us)
    named: list[BindParameter[str]] = [bindparam(f"state{n}") for n in range(states)]
    return Prepared(select(*COLUMNS, *said).select_from(joined).where(ISSUES.c.status.in_(named)))


def issues_of_reports(connection: Connection, reports: Collection[str]) -> list[str]:
    """The uids of the issues that reports belong to."""
    found: set[str] = set()
    uids = sorted(reports)
    for start in range(0, len(uids), _CHUNK):
        asked = select(ISSUES.c.uid).join_from(REPORTS, ISSUES)
        found.update(connection.scalars(asked.where(REPORTS.c.uid.in_(uids[start : start + _CHUNK]))))
    return sorted(found)
