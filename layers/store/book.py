"""Issues that are changed in one work: read together, changed one after the other, and written together.

A change costs a fraction of what `layers.store.issues.change_issue` takes, which reads and writes each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from layers.store import assignments
from layers.store.events import NewEvent, append_events, chain_head, events_of_many
from layers.store.fields import issue_columns, told
from layers.store.issues import COLUMNS, check_changeable, differing, issue_of, moved_on
from layers.store.prepared import Prepared
from layers.store.schema import ISSUES
from layers.store.values import Event, Issue, IssueChanges, IssueRecord, Json

AT_ONCE = 200  # names in one question


class Book:
    """The issues of one work. What is read is as it was changed here; nothing is written before `write`.

    Args:
        names: uids and numbers of the issues to read at once; others are read when they are asked for.
    """

    def __init__(self, connection: Connection, names: Iterable[str] = ()) -> None:
        self.connection = connection
        self._head = chain_head(connection)
        self._uids: dict[str, str | None] = {}
        self._keys: dict[str, int] = {}
        self._records: dict[str, IssueRecord] = {}
        self._events: list[NewEvent] = []
        self._updates: list[tuple[Issue, dict[str, Any]]] = []
        self._changed: dict[str, None] = {}
        self._read(list(dict.fromkeys(names)))

    def find(self, name: str) -> IssueRecord | None:
        """An issue with its events, by uid or number, without its reports; None where there is none."""
        if name not in self._uids:
            self._read([name])
        uid = self._uids[name]
        return None if uid is None else self._records[uid]

    def change(
        self,
        issue: Issue,
        changes: IssueChanges,
        *,
        at_us: int,
        actor: str,
        kind: str,
        reason: str = "",
        also: Json | None = None,
    ) -> Issue:
        """Change an issue that was found here; returns it as it then is. As `change_issue`, but for when it
        is written.
        """
        values = self._with_proof(issue, changes)
        before, changed = differing(issue, values)
        seq = self._head.seq + len(self._events) + 1
        columns = {**changed, "updated_us": at_us, "seq": seq}
        after = replace(issue, **columns)
        new = NewEvent(self._keys[issue.uid], at_us, actor, kind, reason, *_told(before, changed, also))
        self._events.append(new)
        self._updates.append((issue, columns))
        self._changed[issue.uid] = None
        record, event = self._records[issue.uid], _event(new, seq, issue.uid)
        self._records[issue.uid] = replace(record, issue=after, events=(*record.events, event))
        return after

    def note(self, event: NewEvent) -> int:
        """Add an event of no issue, between those of the issues; returns the seq that it will have."""
        self._events.append(event)
        return self._head.seq + len(self._events)

    def write(self) -> list[Issue]:
        """Write all changes; returns the issues that changed, as they are now.

        Raises:
            ConflictError: somebody else has changed one of them since it was read: impossible in one work.
        """
        for issue, columns in self._updates:
            if "lng" in columns or "lat" in columns:
                columns = {"lng": issue.lng, "lat": issue.lat, **columns}
            found = issue_columns(columns)
            statement = _update(tuple(sorted(found)))
            key = self._keys[issue.uid]
            if statement.row(self.connection, **found, its_key=key, its_version=issue.version) is None:
                raise moved_on(issue, issue.version)
        append_events(self.connection, self._events, self._head)
        self._events, self._updates, self._head = [], [], chain_head(self.connection)
        changed, self._changed = [self._records[uid].issue for uid in self._changed], {}
        return changed

    def _with_proof(self, issue: Issue, changes: IssueChanges) -> dict[str, Any]:
        check_changeable(changes)
        values = dict(changes)
        proof = changes.get("assignment")
        if isinstance(proof, str):
            assignments.check_kept(self.connection, proof)
        elif proof is not None:
            body, text = assignments.split(proof)
            (values["assignment"],) = assignments.keep(self.connection, [body])
            assignments.keep_text(self.connection, self._keys[issue.uid], text)
        return values

    def _read(self, names: list[str]) -> None:
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            asked = select(ISSUES.c.id, *COLUMNS)
            rows = self.connection.execute(
                asked.where(or_(ISSUES.c.uid.in_(some), ISSUES.c.number.in_(some)))
            ).all()
            events = events_of_many(self.connection, [row.id for row in rows])
            self._uids.update(dict.fromkeys(some))
            for row in rows:
                self._uids |= {row.uid: row.uid, row.number: row.uid}
                if row.uid not in self._records:  # else asked for by its other name, and changed meanwhile
                    self._keys[row.uid] = row.id
                    self._records[row.uid] = IssueRecord(issue_of(row), (), events.get(row.id, ()))


@cache
def _update(columns: tuple[str, ...]) -> Prepared:
    """The statement that changes these columns of one issue."""
    its = (ISSUES.c.id == bindparam("its_key"), ISSUES.c.version == bindparam("its_version"))
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return Prepared(update(ISSUES).where(*its).values(values).returning(ISSUES.c.id))


def _told(
    before: Mapping[str, Any], changed: Mapping[str, Any], also: Json | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    return told(before), {**told(changed), **(also or {})}


def _event(new: NewEvent, seq: int, uid: str) -> Event:
    """An event that is not written yet, and so has no hash."""
    return Event(
        seq, uid, new.at_us, new.actor, new.kind, new.reason, new.before, new.after, new.private, "", ""
    )
