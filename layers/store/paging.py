"""Issues by filters, page by page, in the order of their last change.

A page goes on where the one before ended, by the seq of the last event. Read oldest first, no issue is missed
while others are added and changed: one that changes comes again, later, as it is then. Read newest first, one
that changes meanwhile may be missed; start anew to see it.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from geo.errors import StoreError
from layers.store.filters import IssueFilter, plain, plan
from layers.store.issues import COLUMNS
from layers.store.schema import ISSUES
from layers.store.values import Issue

MOST = 10_000  # issues on a page


@dataclass(frozen=True, slots=True)
class Page:
    """Some issues.

    Attributes:
        cursor: where the next page goes on; also later, for what has changed since. Empty before any.
        more: whether a next page has something now.
    """

    issues: tuple[Issue, ...]
    cursor: str
    more: bool


def page_issues(
    connection: Connection,
    wanted: IssueFilter,
    *,
    cursor: str = "",
    limit: int = 100,
    newest_first: bool = False,
) -> Page:
    """The next issues that pass the filter.

    Args:
        cursor: of the page before; empty for the first.
        limit: most issues on the page, 1 to `MOST`.

    Raises:
        StoreError: the cursor or the limit cannot be.
    """
    check_limit(limit)
    conditions, is_few = plan(connection, wanted)
    seq: ColumnElement[int] = plain(ISSUES.c.seq) if is_few else ISSUES.c.seq
    if cursor:
        last = read_cursor(cursor, newest_first)
        conditions.append(seq < last if newest_first else seq > last)
    asked = select(*COLUMNS).where(*conditions).order_by(seq.desc() if newest_first else seq)
    rows = connection.execute(asked.limit(limit + 1)).all()
    issues = tuple(Issue(*row) for row in rows[:limit])
    return Page(issues, cursor_of(issues[-1].seq, newest_first) if issues else cursor, len(rows) > limit)


def unassigned(
    connection: Connection, status: tuple[str, ...] = (), *, cursor: str = "", limit: int = 100
) -> Page:
    """The queue of issues that no owner answers for, longest unchanged first."""
    return page_issues(connection, IssueFilter(status=status, unassigned=True), cursor=cursor, limit=limit)


def count_by_status(connection: Connection, wanted: IssueFilter | None = None) -> dict[str, int]:
    """How many issues that pass the filter have each status."""
    conditions, is_few = plan(connection, wanted or IssueFilter())
    status = (plain(ISSUES.c.status) if is_few else ISSUES.c.status).label("status")
    asked = select(status, func.count().label("n")).where(*conditions).group_by(status).order_by(status)
    counts = connection.execute(asked)
    return {row.status: row.n for row in counts}


def check_limit(limit: int) -> None:
    """Raise `StoreError` where a page of so many issues cannot be."""
    if not 1 <= limit <= MOST:
        raise StoreError(f"A page of {limit!r} issues cannot be.", fix=f"Give a limit of 1 to {MOST}.")


def cursor_of(seq: int, newest_first: bool) -> str:
    """The cursor after an issue, by the seq of its last event."""
    text = f"{'n' if newest_first else 'o'}{seq}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, newest_first: bool) -> int:
    """The seq that a cursor was made of.

    Raises:
        StoreError: it was not made for this order.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    found = re.fullmatch(r"([no])(\d{1,18})", text, re.ASCII)
    if found is None or (found[1] == "n") != newest_first:
        fix = "Give the cursor of the page before, unchanged and with the same order, or none."
        raise StoreError(f"Cursor {cursor!r} is none of this list.", fix=fix)
    return int(found[2])
