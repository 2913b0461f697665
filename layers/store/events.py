"""The chain of events: every one holds the hash of the one before, so that none can be altered unseen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from layers.store.canonical import canonical, read_json
from layers.store.migrations import NO_HASH
from layers.store.prepared import Prepared, insert_rows
from layers.store.schema import EVENTS, HEADS, ISSUES
from layers.store.values import Event, Json

# Made once: to build a statement takes longer than to run it.
_HEAD = select(HEADS.c.event, HEADS.c.hash)
_MOVE_HEAD = Prepared(update(HEADS).values(event=bindparam("seq"), hash=bindparam("last")))
_EVENT = frozenset(field.name for field in fields(Event))
_CHAIN = Prepared(select(*EVENTS.c).order_by(EVENTS.c.seq))


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened, to be added to the chain.

    Attributes:
        issue_id: the issue's key inside the store, None where no single issue is concerned.
        before, after: the fields that changed.
        private: a salted digest of what is private.
    """

    issue_id: int | None
    at_us: int
    actor: str
    kind: str
    reason: str = ""
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    private: Json = field(default_factory=dict)


class Head(NamedTuple):
    """The end of the chain; kept elsewhere, it proves that the chain was not cut or written anew."""

    seq: int
    hash: str


def append_event(connection: Connection, event: NewEvent) -> int:
    """Add an event to the chain; returns its seq."""
    return append_events(connection, [event])[0]


def append_events(connection: Connection, events: Sequence[NewEvent], head: Head | None = None) -> list[int]:
    """Add events in their order; returns their seqs.

    Args:
        head: the end of the chain, where it is known already.
    """
    if not events:
        return []
    before, last = head or chain_head(connection)
    seqs, rows = range(before + 1, before + len(events) + 1), []
    for seq, event in zip(seqs, events, strict=True):
        row = _row(seq, event, last)
        last = _hash(*row)
        rows.append((*row, last))
    insert_rows(connection, EVENTS, rows)
    _MOVE_HEAD.run(connection, seq=seqs[-1], last=last)
    return list(seqs)


def chain_head(connection: Connection) -> Head:
    """The last seq and hash; 0 and zeros before the first event."""
    return Head(*connection.execute(_HEAD).one())


def verify_chain(connection: Connection) -> int | None:
    """The seq of the first event that was altered, deleted or slipped in; None where all is as written.

    Whoever can write the file can also write a whole chain anew: compare `chain_head` with one that was kept
    elsewhere.
    """
    head, seq, last = chain_head(connection), 0, NO_HASH
    for row in _CHAIN.rows(connection):
        seq += 1
        if row[0] != seq or row[-2] != last or _hash(*row) != row[-1]:
            return seq
        last = row[-1]
    if seq != head.seq:
        return min(seq, head.seq) + 1
    return seq if last != head.hash else None


def events_of(connection: Connection, issue_id: int) -> tuple[Event, ...]:
    """The events of an issue, oldest first."""
    asked = _events().where(EVENTS.c.issue_id == issue_id).order_by(EVENTS.c.seq)
    return tuple(_event(row) for row in connection.execute(asked))


def events_of_many(connection: Connection, issue_ids: Collection[int]) -> dict[int, tuple[Event, ...]]:
    """The events of issues by the issues' keys, oldest first."""
    asked = _events().add_columns(EVENTS.c.issue_id)
    asked = asked.where(EVENTS.c.issue_id.in_(issue_ids)).order_by(EVENTS.c.seq)
    found: dict[int, list[Event]] = {}
    for row in connection.execute(asked):
        found.setdefault(row.issue_id, []).append(_event(row))
    return {key: tuple(events) for key, events in found.items()}


def events_after(
    connection: Connection, seq: int, limit: int, *, kinds: Collection[str] = ()
) -> tuple[Event, ...]:
    """The events that follow a seq, oldest first: what somebody who saw that one has missed.

    Args:
        kinds: those alone; all where none is named.
    """
    asked = _events().where(EVENTS.c.seq > seq).order_by(EVENTS.c.seq).limit(limit)
    if kinds:
        asked = asked.where(EVENTS.c.kind.in_(sorted(kinds)))
    return tuple(_event(row) for row in connection.execute(asked))


def _events() -> Select[Any]:
    columns = (column for column in EVENTS.c if column.name != "issue_id")
    return select(ISSUES.c.uid.label("issue_uid"), *columns).select_from(EVENTS.outerjoin(ISSUES))


def _event(row: Row[Any]) -> Event:
    said = {name: value for name, value in row._mapping.items() if name in _EVENT}
    return Event(**{**said, **{name: read_json(said[name]) for name in ("before", "after", "private")}})


def _row(seq: int, event: NewEvent, prev_hash: str) -> tuple[Any, ...]:
    """The columns of an event, without its hash."""
    return (
        seq, event.issue_id, event.at_us, event.actor, event.kind, event.reason,
        canonical(event.before), canonical(event.after), canonical(event.private), prev_hash,
    )  # fmt: skip


def _hash(
    seq: int, issue_id: int | None, at_us: int, actor: str, kind: str, reason: str,
    before: str, after: str, private: str, prev_hash: str, *_: str,
) -> str:  # fmt: skip
    """BLAKE2b of an event: of the hash before, and how long each text is: none runs into another."""
    said = (
        f"{seq} {issue_id} {at_us} {prev_hash}"
        f" {len(actor)} {len(kind)} {len(reason)} {len(before)} {len(after)} {len(private)}\n"
        f"{actor}{kind}{reason}{before}{after}{private}"
    )
    return blake2b(said.encode(), digest_size=32).hexdigest()
