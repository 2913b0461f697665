"""What has changed since: the events that follow a seq, each with its issue as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from layers.store.canonical import read_json
from layers.store.issues import COLUMNS, issue_of
from layers.store.schema import EVENTS, ISSUES
from layers.store.values import Issue

_PATH = "cell_path"
_EVENT = [EVENTS.c[name].label(f"event_{name}") for name in ("seq", "kind", "actor", "before")]
# Made once: to build a statement takes longer than to run it.
_AFTER = (
    select(*_EVENT, *COLUMNS)
    .join_from(EVENTS, ISSUES, EVENTS.c.issue_id == ISSUES.c.id)
    .where(EVENTS.c.seq > bindparam("after"), EVENTS.c.seq <= bindparam("upto"))
    .order_by(EVENTS.c.seq)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Change:
    """An event of an issue, and the issue as it stands: it may have changed again since.

    Attributes:
        kind, actor: of the event.
        left: the path of the cell where the event found the issue, where it took it elsewhere; else None.
    """

    seq: int
    kind: str
    actor: str
    issue: Issue
    left: str | None


def changes_after(connection: Connection, after: int, upto: int, most: int) -> list[Change]:
    """The changes of issues with a greater seq than one, up to another one, oldest first.

    Args:
        most: how many at most; where there are so many, more may follow.
    """
    rows = connection.execute(_AFTER, {"after": after, "upto": upto, "most": most})
    return [_change(row) for row in rows]


def _change(row: Row[Any]) -> Change:
    return Change(row.event_seq, row.event_kind, row.event_actor, issue_of(row), _left(row.event_before))


def _left(before: str) -> str | None:
    if _PATH not in before:
        return None
    path = read_json(before).get(_PATH)
    return None if path is None else str(path)
