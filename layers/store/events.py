"""The chain of events: every one holds the hash of the one before, so that none can be altered unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from layers.store.canonical import canonical, read_json, sha256_text
from layers.store.migrations import NO_HASH
from layers.store.schema import EVENTS, HEADS, ISSUES
from layers.store.values import Event, Json

_HASHED = ("seq", "issue_id", "at_us", "actor", "kind", "reason", "before", "after", "private", "prev_hash")
_CHUNK = 20_000

# Made once: to build a statement takes longer than to run it.
_INSERT = insert(EVENTS)
_HEAD = select(HEADS.c.event, HEADS.c.hash)
_MOVE_HEAD = update(HEADS).values(event=bindparam("seq"), hash=bindparam("last"))


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened, to be added to the chain.

    Attributes:
        issue_id: the issue's key inside the store, None where no single issue is concerned.
        before, after: the fields that changed.
        private: salted digests.
    """

    issue_id: int | None
    at_us: int
    actor: str
    kind: str
    reason: str = ""
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    private: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain; kept elsewhere, it proves that the chain was not cut or written anew."""

    seq: int
    hash: str


def append_event(connection: Connection, event: NewEvent) -> int:
    """Add an event to the chain; returns its seq."""
    return append_events(connection, [event])[0]


def append_events(connection: Connection, events: Sequence[NewEvent]) -> list[int]:
    """Add events in their order; returns their seqs."""
    if not events:
        return []
    head = chain_head(connection)
    rows, last = [], head.hash
    for seq, event in enumerate(events, head.seq + 1):
        row = _row(seq, event, last)
        last = row["hash"] = _hash(row)
        rows.append(row)
    connection.execute(_INSERT, rows)
    connection.execute(_MOVE_HEAD, {"seq": rows[-1]["seq"], "last": last})
    return [row["seq"] for row in rows]


def chain_head(connection: Connection) -> Head:
    """The last seq and hash; 0 and zeros before the first event."""
    return Head(*connection.execute(_HEAD).one())


def verify_chain(connection: Connection) -> int | None:
    """The seq of the first event that was altered, deleted or slipped in; None where all is as written.

    Whoever can write the file can also write a whole chain anew: compare `chain_head` with one that was kept
    elsewhere.
    """
    head, seq, last = chain_head(connection), 0, NO_HASH
    asked = select(*(EVENTS.c[name] for name in _HASHED), EVENTS.c.hash).order_by(EVENTS.c.seq)
    with connection.execute(asked.execution_options(yield_per=_CHUNK)) as result:
        for chunk in result.partitions():
            for *said, hash_ in chunk:
                seq += 1
                row = dict(zip(_HASHED, said, strict=True))
                if row["seq"] != seq or row["prev_hash"] != last or _hash(row) != hash_:
                    return seq
                last = hash_
    if seq != head.seq:
        return min(seq, head.seq) + 1
    return seq if last != head.hash else None


def events_of(connection: Connection, issue_id: int) -> tuple[Event, ...]:
    """The events of an issue, oldest first."""
    asked = _events().where(EVENTS.c.issue_id == issue_id).order_by(EVENTS.c.seq)
    return tuple(_event(row) for row in connection.execute(asked))


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
    said = row._asdict()
    return Event(**{**said, **{name: read_json(said[name]) for name in ("before", "after", "private")}})


def _row(seq: int, event: NewEvent, prev_hash: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "issue_id": event.issue_id,
        "at_us": event.at_us,
        "actor": event.actor,
        "kind": event.kind,
        "reason": event.reason,
        "before": canonical(event.before),
        "after": canonical(event.after),
        "private": canonical(event.private),
        "prev_hash": prev_hash,
    }


def _hash(row: Mapping[str, Any]) -> str:
    """SHA-256 of the row's canonical JSON without its hash; it holds the hash before."""
    return sha256_text(canonical(row))
