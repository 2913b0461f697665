"""Rows compared with the events that tell how they came about: what was edited by hand is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, inspect, select

from layers.store.canonical import read_json
from layers.store.checking_corrections import edited_corrections
from layers.store.fields import REPORT_TOLD, TOLD, issue_columns, told
from layers.store.private import digest
from layers.store.schema import CORRECTIONS, EVENTS, ISSUES, PHOTOS, PRIVATE, REPORTS
from layers.store.values import Private

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Edited:
    """A row that is not what its events tell.

    Attributes:
        table: ``issues``, ``reports``, ``report_private`` or ``corrections``.
        name: number of the issue, uid of the report or correction.
        column: which column differs; empty where the whole row came or went unseen, or all of it is meant.
    """

    table: str
    name: str
    column: str


def check_issues(connection: Connection) -> Iterator[Edited]:
    """The rows of issues, reports, what is private and corrections that are not what the events tell.

    Holds for as much as the events do: see `layers.store.events.verify_chain`. What was erased is not missed.
    The memory it takes does not grow with the issues.
    """
    yield from _vanished(connection)
    columns = _columns(connection)
    last = 0
    while rows := connection.execute(_next(columns, last)).all():
        last = rows[-1].id
        keys = [row.id for row in rows]
        events = _events(connection, keys)
        for row in rows:
            yield from _issue(row, events.get(row.id, []))
        yield from _reports(connection, keys, [said for found in events.values() for _, said in found])
    for uid, column in edited_corrections(connection):
        yield Edited(CORRECTIONS.name, uid, column)


def _next(columns: Sequence[Column[Any]], last: int) -> Any:
    return select(*columns).where(ISSUES.c.id > last).order_by(ISSUES.c.id).limit(_CHUNK)


def _columns(connection: Connection) -> list[Column[Any]]:
    """The columns of the issues; a store that nobody brought forward yet lacks the later ones."""
    there = {column["name"] for column in inspect(connection).get_columns(ISSUES.name)}
    return [column for column in ISSUES.columns if column.name in there]


Told = tuple[Any, dict[str, Any]]  # an event, and what it says came after


def _events(connection: Connection, keys: Sequence[int]) -> dict[int, list[Told]]:
    columns = (EVENTS.c.issue_id, EVENTS.c.seq, EVENTS.c.at_us, EVENTS.c.after, EVENTS.c.private)
    asked = select(*columns).where(EVENTS.c.issue_id.in_(keys)).order_by(EVENTS.c.seq)
    found: dict[int, list[Told]] = {}
    for row in connection.execute(asked):
        said = read_json(row.after)
        if "report" in said:
            said["report"]["private"] = read_json(row.private)
        found.setdefault(row.issue_id, []).append((row, said))
    return found


def _vanished(connection: Connection) -> Iterator[Edited]:
    """Issues that events name and that are gone."""
    joined = EVENTS.outerjoin(ISSUES)
    asked = select(EVENTS.c.after).select_from(joined)
    asked = asked.where(EVENTS.c.issue_id.is_not(None), ISSUES.c.id.is_(None))
    for row in connection.execute(asked):
        if number := read_json(row.after).get("number"):
            yield Edited(ISSUES.name, str(number), "")


def _issue(row: Row[Any], events: Sequence[Told]) -> Iterator[Edited]:
    if not events:
        yield Edited(ISSUES.name, row.number, "")
        return
    fields: dict[str, Any] = {}
    for _, said in events:
        fields |= said
    place = issue_columns({"lng": fields.get("lng"), "lat": fields.get("lat")})
    wanted = {name: fields.get(name) for name in TOLD} | {
        "created_us": events[0][0].at_us, "updated_us": events[-1][0].at_us, "seq": events[-1][0].seq,
        "quadkey": place["quadkey"],
    }  # fmt: skip
    said = told(row._asdict())
    yield from _differing(ISSUES, row.number, said, {name: wanted[name] for name in wanted if name in said})


def _reports(connection: Connection, keys: Sequence[int], said: Sequence[dict[str, Any]]) -> Iterator[Edited]:
    wanted = {one["report"]["uid"]: one["report"] for one in said if "report" in one}
    rows = connection.execute(select(REPORTS).where(REPORTS.c.issue_id.in_(keys))).all()
    uids = {row.uid for row in rows}
    private = _privates(connection, [row.id for row in rows])
    for uid in sorted(uids ^ wanted.keys()):
        yield Edited(REPORTS.name, uid, "")
    for row in rows:
        if row.uid in wanted:
            yield from _differing(REPORTS, row.uid, told(row._asdict()), wanted[row.uid], REPORT_TOLD)
            kept = private.get(row.id)
            if kept is not None and digest(*kept) != wanted[row.uid]["private"]:
                yield Edited(PRIVATE.name, row.uid, "")


def _privates(connection: Connection, keys: Sequence[int]) -> dict[int, tuple[bytes, Private]]:
    """The salt and the private part of reports that were not erased."""
    photos: dict[int, list[str]] = {}
    named = select(PHOTOS).where(PHOTOS.c.report_id.in_(keys)).order_by(PHOTOS.c.position)
    for row in connection.execute(named):
        photos.setdefault(row.report_id, []).append(row.sha256)
    return {
        row.report_id: (
            row.salt,
            Private(row.reporter, row.contact, row.text, tuple(photos.get(row.report_id, ())), row.sources),
        )
        for row in connection.execute(select(PRIVATE).where(PRIVATE.c.report_id.in_(keys)))
    }


def _differing(
    table: Table, name: str, row: Mapping[str, Any], wanted: Mapping[str, Any], columns: Sequence[str] = ()
) -> Iterator[Edited]:
    for column in columns or wanted:
        if row[column] != wanted[column]:
            yield Edited(table.name, name, column)
