"""Corrections compared with the events that tell how they came about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from layers.store.canonical import read_json
from layers.store.corrections import KINDS, MADE, RESTORED, WORDS_ERASED, digest, has_corrections
from layers.store.schema import CORRECTIONS, EVENTS, ISSUES

_REVOCATION = ("revoked_at_us", "revoked_by", "revoked_reason", "replaced_by")
Row = dict[str, Any]


def edited_corrections(connection: Connection) -> Iterator[tuple[str, str]]:
    """The uid of each correction that is not what its events tell, and the column that differs.

    The column is empty where the whole row came or went unseen, and ``text`` where the words differ.
    """
    if not has_corrections(connection):
        return
    wanted = _told(connection)
    asked = select(CORRECTIONS, ISSUES.c.uid.label("issue")).select_from(CORRECTIONS.outerjoin(ISSUES))
    found = {row.uid: dict(row._mapping) for row in connection.execute(asked)}
    yield from ((uid, "") for uid in sorted(found.keys() ^ wanted.keys()))
    for uid in sorted(found.keys() & wanted.keys()):
        row, told = found[uid], wanted[uid]
        yield from ((uid, name) for name, value in told.items() if name != "digest" and row[name] != value)
        if _digest(row) != told["digest"]:
            yield uid, "text"


def _digest(row: Row) -> str:
    """The digest of a row's words; empty where they were erased."""
    if not (row["text"] or row["pattern"] or row["salt"]):
        return ""
    try:
        return digest(bytes.fromhex(row["salt"]), row["text"], row["pattern"])
    except ValueError:
        return "no salt"


def _told(connection: Connection) -> dict[str, Row]:
    """What the events tell of each correction."""
    told: dict[str, Row] = {}
    for event in connection.execute(select(EVENTS).where(EVENTS.c.kind.in_(KINDS)).order_by(EVENTS.c.seq)):
        after = read_json(event.after)
        uid = str(after.pop("correction", ""))
        if event.kind == MADE:
            made = {"made_at_us": event.at_us, "made_by": event.actor, "reason": event.reason}
            words = {"digest": read_json(event.private).get("digest")}
            told[uid] = {**after, **made, **words, **dict.fromkeys(_REVOCATION), "seq": event.seq}
        elif uid in told:
            told[uid] |= {**_changed(event, told[uid], after), "seq": event.seq}
    return told


def _changed(event: Any, before: Row, after: Row) -> Row:
    if event.kind == RESTORED:
        return dict.fromkeys(_REVOCATION)
    words = {"digest": ""} if event.kind == WORDS_ERASED else {}
    if before["revoked_at_us"] is not None:
        return words
    by = (event.at_us, event.actor, event.reason, after.get("replaced_by"))
    return {**words, **dict(zip(_REVOCATION, by, strict=True))}
