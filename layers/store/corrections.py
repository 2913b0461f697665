"""Words of which staff have said where they are: kept, taken back and restored, each with its event.

The events hold everything but the words, of which they have a salted digest: words can be erased, and the
chain of events stays whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, inspect, select, update

from geo.errors import NotFoundError, WrongState
from layers.store.canonical import canonical, salted
from layers.store.events import NewEvent, append_event
from layers.store.ids import uuid7s
from layers.store.schema import CORRECTIONS, ISSUES
from layers.store.values import Correction

MADE, REVOKED, RESTORED = "correction_made", "correction_revoked", "correction_restored"
WORDS_ERASED = "correction_erased"
KINDS = (MADE, REVOKED, RESTORED, WORDS_ERASED)
"""Of the events; each names its correction."""
_SALT = 32  # bytes
_OWN = tuple(field.name for field in fields(Correction) if field.name != "issue")
_STANDING: dict[str, Any] = dict.fromkeys(("revoked_at_us", "revoked_by", "revoked_reason", "replaced_by"))

Note = Callable[[NewEvent], int]
"""Adds an event to the chain, and returns its seq: `layers.store.book.Book.note`, or at once."""


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """What is to be made; as `layers.store.values.Correction` has it.

    Attributes:
        issue_uid: of the issue that was moved there, or None.
    """

    text: str
    pattern: str
    cell_path: str
    lng: float
    lat: float
    radius_m: float
    issue_uid: str | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who changes a correction, when, and why."""

    at_us: int
    actor: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A correction that is active now, and the uids of those whose place it took."""

    correction: Correction
    replaced: tuple[str, ...] = ()


def make_correction(connection: Connection, new: NewCorrection, by: By, *, note: Note | None = None) -> Made:
    """Keep a correction; one that is active for the same words and the same cell is revoked.

    Raises:
        NotFoundError: there is no such issue.
    """
    (uid,), salt = uuid7s(by.at_us, 1), os.urandom(_SALT)
    replaced = _replace(connection, new.pattern, new.cell_path, uid, by, note)
    place = {name: getattr(new, name) for name in ("cell_path", "lng", "lat", "radius_m")}
    event = NewEvent(
        None, by.at_us, by.actor, MADE, by.reason,
        after={"correction": uid, **place, "issue": new.issue_uid},
        private={"digest": digest(salt, new.text, new.pattern)},
    )  # fmt: skip
    row = {
        **place, "uid": uid, "seq": _note(connection, event, note), "text": new.text, "pattern": new.pattern,
        "salt": salt.hex(), "issue_id": _issue_key(connection, new.issue_uid), "reason": by.reason,
        "made_at_us": by.at_us, "made_by": by.actor,
    }  # fmt: skip
    connection.execute(insert(CORRECTIONS).values(row))
    return Made(_known(connection, uid), replaced)


def revoke_correction(
    connection: Connection, uid: str, by: By, *, note: Note | None = None, replaced_by: str | None = None
) -> Correction:
    """Have a correction hold no more; it can be restored.

    Raises:
        NotFoundError: there is none.
        WrongState: it is revoked already.
    """
    known = _known(connection, uid)
    if not known.is_active:
        raise WrongState(f"Correction {uid} is revoked already.", fix="Restore it, or leave it.")
    return _change(connection, uid, REVOKED, _revoked(by, replaced_by), by, note)


def restore_correction(connection: Connection, uid: str, by: By, *, note: Note | None = None) -> Made:
    """Have a revoked correction hold again; one that is active for the same words and cell is revoked.

    Raises:
        NotFoundError: there is none.
        WrongState: it is active, or its words were erased.
    """
    known = _known(connection, uid)
    if known.is_active:
        raise WrongState(f"Correction {uid} is active.", fix="Nothing is to be done.")
    if not known.text:
        raise WrongState(f"The words of correction {uid} were erased.", fix="Make a new correction.")
    replaced = _replace(connection, known.pattern, known.cell_path, uid, by, note)
    return Made(_change(connection, uid, RESTORED, _STANDING, by, note), replaced)


def erase_correction(connection: Connection, uid: str, by: By, *, note: Note | None = None) -> Correction:
    """Erase the words of a correction, which then holds no more; place, time and actor stay.

    Raises:
        NotFoundError: there is none.
        WrongState: they were erased before.
    """
    known = _known(connection, uid)
    if not known.text:
        raise WrongState(f"The words of correction {uid} were erased before.", fix="Nothing is to be done.")
    revoked = _revoked(by, None) if known.is_active else {}
    gone = {"text": "", "pattern": "", "salt": ""}
    return _change(connection, uid, WORDS_ERASED, {**revoked, **gone}, by, note)


def take_back(connection: Connection, uid: str, by: By, *, note: Note | None = None) -> None:
    """Revoke a correction that was made with something that is undone, and restore those it replaced.

    One that was revoked since, or is not there, is left alone.
    """
    found = read_correction(connection, uid)
    if found is None or not found.is_active:
        return
    revoke_correction(connection, uid, by, note=note)
    asked = select(CORRECTIONS.c.uid).where(CORRECTIONS.c.replaced_by == uid, CORRECTIONS.c.text != "")
    for earlier in connection.scalars(asked.order_by(CORRECTIONS.c.uid)).all():
        restore_correction(connection, earlier, by, note=note)


def read_correction(connection: Connection, uid: str) -> Correction | None:
    """A correction; None where there is none."""
    row = connection.execute(_asked().where(CORRECTIONS.c.uid == uid)).first()
    return None if row is None else _correction(row)


def active_corrections(connection: Connection) -> tuple[Correction, ...]:
    """Those by which words are understood, oldest first; none in a store that nobody brought forward."""
    if not has_corrections(connection):
        return ()
    return _all(connection, CORRECTIONS.c.revoked_at_us.is_(None))


def all_corrections(connection: Connection) -> tuple[Correction, ...]:
    """All of them, the revoked too, oldest first; none in a store that nobody brought forward."""
    return _all(connection) if has_corrections(connection) else ()


def last_change(connection: Connection) -> int:
    """The seq of the last event of any correction; 0 before any."""
    return connection.scalar(select(func.max(CORRECTIONS.c.seq))) or 0


def has_corrections(connection: Connection) -> bool:
    """Whether the store has a table for them; one of an earlier version has none."""
    return inspect(connection).has_table(CORRECTIONS.name)


def digest(salt: bytes, text: str, pattern: str) -> str:
    """The salted digest of the words of a correction, for its event."""
    return salted(salt, "correction", canonical([text, pattern]))


def _all(connection: Connection, *which: ColumnElement[bool]) -> tuple[Correction, ...]:
    rows = connection.execute(_asked().where(*which).order_by(CORRECTIONS.c.uid))
    return tuple(_correction(row) for row in rows)


def _asked() -> Any:
    columns = (CORRECTIONS.c[name] for name in _OWN)
    return select(*columns, ISSUES.c.number).select_from(CORRECTIONS.outerjoin(ISSUES))


def _correction(row: Row[Any]) -> Correction:
    said = dict(row._mapping)
    return Correction(issue=said.pop("number"), **said)


def _known(connection: Connection, uid: str) -> Correction:
    found = read_correction(connection, uid)
    if found is None:
        raise NotFoundError(f"There is no correction {uid!r}.", fix="GET /v1/corrections lists them.")
    return found


def _replace(
    connection: Connection, pattern: str, cell_path: str, uid: str, by: By, note: Note | None
) -> tuple[str, ...]:
    """Revoke what is active for the same words and cell."""
    same = (CORRECTIONS.c.pattern == pattern, CORRECTIONS.c.cell_path == cell_path)
    active = select(CORRECTIONS.c.uid).where(*same, CORRECTIONS.c.revoked_at_us.is_(None))
    found: Sequence[str] = connection.scalars(active.order_by(CORRECTIONS.c.uid)).all()
    for earlier in found:
        revoke_correction(connection, earlier, by, note=note, replaced_by=uid)
    return tuple(found)


def _revoked(by: By, replaced_by: str | None) -> dict[str, Any]:
    return {
        "revoked_at_us": by.at_us, "revoked_by": by.actor, "revoked_reason": by.reason,
        "replaced_by": replaced_by,
    }  # fmt: skip


def _change(
    connection: Connection, uid: str, kind: str, columns: dict[str, Any], by: By, note: Note | None
) -> Correction:
    after = {"correction": uid}
    if columns.get("replaced_by"):
        after["replaced_by"] = columns["replaced_by"]
    event = NewEvent(None, by.at_us, by.actor, kind, by.reason, after=after)
    values = {**columns, "seq": _note(connection, event, note)}
    connection.execute(update(CORRECTIONS).where(CORRECTIONS.c.uid == uid).values(values))
    return _known(connection, uid)


def _note(connection: Connection, event: NewEvent, note: Note | None) -> int:
    return (note or partial(append_event, connection))(event)


def _issue_key(connection: Connection, uid: str | None) -> int | None:
    if uid is None:
        return None
    key: int | None = connection.scalar(select(ISSUES.c.id).where(ISSUES.c.uid == uid))
    if key is None:
        raise NotFoundError(f"There is no issue {uid!r}.", fix="Give the id of one that was moved.")
    return key
