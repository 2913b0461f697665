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

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from geo.errors import StoreError
from geo.types import Bbox
from layers.store.issues import COLUMNS, issue_of
from layers.store.quadkeys import quadkey_ranges
from layers.store.schema import ISSUES
from layers.store.values import Issue

MOST = 10_000  # issues on a page
_AFTER = chr(ord("/") + 1)  # sorts right after every path that goes on with a slash


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """Which issues: all conditions hold; an empty or missing one lets everything pass.

    Attributes:
        status, category, owner: one of these.
        cell_path: the cell of this path or one below it.
        boxes: the position lies in one of them, edges included; a box across the antimeridian is two.
        since_us: opened then or later.
        updated_since_us: changed then or later.
        unassigned: without an owner.
    """

    status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    cell_path: str = ""
    boxes: tuple[Bbox, ...] = ()
    since_us: int | None = None
    updated_since_us: int | None = None
    unassigned: bool = False


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
    if not 1 <= limit <= MOST:
        raise StoreError(f"A page of {limit!r} issues cannot be.", fix=f"Give a limit of 1 to {MOST}.")
    asked = select(*COLUMNS).where(*_conditions(wanted))
    if cursor:
        seq = _read_cursor(cursor, newest_first)
        asked = asked.where(ISSUES.c.seq < seq if newest_first else ISSUES.c.seq > seq)
    order = ISSUES.c.seq.desc() if newest_first else ISSUES.c.seq
    rows = connection.execute(asked.order_by(order).limit(limit + 1)).all()
    issues = tuple(issue_of(row) for row in rows[:limit])
    return Page(issues, _cursor(issues[-1].seq, newest_first) if issues else cursor, len(rows) > limit)


def unassigned(
    connection: Connection, status: tuple[str, ...] = (), *, cursor: str = "", limit: int = 100
) -> Page:
    """The queue of issues that no owner answers for, longest unchanged first."""
    return page_issues(connection, IssueFilter(status=status, unassigned=True), cursor=cursor, limit=limit)


def count_by_status(connection: Connection, wanted: IssueFilter | None = None) -> dict[str, int]:
    """How many issues that pass the filter have each status."""
    asked = select(ISSUES.c.status, func.count().label("n")).where(*_conditions(wanted or IssueFilter()))
    counts = connection.execute(asked.group_by(ISSUES.c.status).order_by(ISSUES.c.status))
    return {row.status: row.n for row in counts}


def _conditions(wanted: IssueFilter) -> list[ColumnElement[bool]]:
    columns = ISSUES.c
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (columns.status, wanted.status),
        (columns.category, wanted.category),
        (columns.owner_id, wanted.owner),
    ):
        if values:
            conditions.append(column.in_(values))
    if wanted.cell_path:
        conditions.append(_below(columns.cell_path, wanted.cell_path))
    if wanted.boxes:
        conditions.append(or_(false(), *(_inside(box) for box in wanted.boxes)))
    if wanted.since_us is not None:
        conditions.append(columns.created_us >= wanted.since_us)
    if wanted.updated_since_us is not None:
        conditions.append(columns.updated_us >= wanted.updated_since_us)
    if wanted.unassigned:
        conditions.append(columns.owner_id.is_(None))
    return conditions


def _below(column: ColumnElement[str], path: str) -> ColumnElement[bool]:
    """The path itself and what goes on after a slash; a range, so that an index serves it."""
    return or_(column == path, and_(column > f"{path}/", column < path + _AFTER))


def _inside(box: Bbox) -> ColumnElement[bool]:
    columns = ISSUES.c
    near = or_(false(), *(columns.quadkey.between(first, last) for first, last in quadkey_ranges(box)))
    exactly = (columns.lng.between(box.west, box.east), columns.lat.between(box.south, box.north))
    return and_(near, *exactly)


def _cursor(seq: int, newest_first: bool) -> str:
    text = f"{'n' if newest_first else 'o'}{seq}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, newest_first: bool) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    found = re.fullmatch(r"([no])(\d{1,18})", text, re.ASCII)
    if found is None or (found[1] == "n") != newest_first:
        fix = "Give the cursor of the page before, unchanged and with the same order, or none."
        raise StoreError(f"Cursor {cursor!r} is none of this list.", fix=fix)
    return int(found[2])
