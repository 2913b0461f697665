"""What reports hold of persons: kept apart, read by name, erased without breaking the chain.

Events hold a digest of it, salted with 32 random bytes that lie beside it. With the text goes its salt, and
then nobody can try out what the text was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select

from layers.store.canonical import canonical, salted
from layers.store.events import NewEvent, append_event
from layers.store.prepared import insert_rows
from layers.store.schema import ISSUES, PHOTOS, PRIVATE, REPORTS
from layers.store.values import Private

ERASED = "erased"
_NOTHING = Private()
AT_ONCE = 500  # reports erased in one work, so that others need not wait long


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        reports: uids of the reports that have lost what was private in them.
        photos: SHA-256 of photos that no report names any more: their files may go.
    """

    reports: tuple[str, ...]
    photos: tuple[str, ...]


def digest(salt: bytes, private: Private) -> dict[str, str]:
    """The salted digest of what is private in a report, for its event; empty where nothing is."""
    if private == _NOTHING:
        return {}
    said = {name: getattr(private, name) for name in Private.__slots__}
    return {"digest": salted(salt, "private", canonical(said))}


def keep_private(connection: Connection, reports: Sequence[tuple[int, bytes, Private, str | None]]) -> None:
    """Store what is private: report key, salt, content, text of the proof (None where it has none)."""
    rows = [
        (report_id, salt, private.reporter, private.contact, private.text, private.sources,
         None if text == private.text else text)
        for report_id, salt, private, text in reports
    ]  # fmt: skip
    insert_rows(connection, PRIVATE, rows)
    photos = [
        (report_id, position, photo)
        for report_id, _, private, _ in reports
        for position, photo in enumerate(private.photos)
    ]
    insert_rows(connection, PHOTOS, photos)


def read_private(connection: Connection, report_uid: str) -> Private | None:
    """What is private in a report; None where it was erased or there is no such report."""
    return _read(connection, REPORTS.c.uid == report_uid).get(report_uid)


def read_privates(connection: Connection, issue_uid: str) -> dict[str, Private]:
    """What is private in the reports of an issue, by report uid; without those that were erased."""
    issue = select(ISSUES.c.id).where(ISSUES.c.uid == issue_uid).scalar_subquery()
    return _read(connection, REPORTS.c.issue_id == issue)


def _read(connection: Connection, which: ColumnElement[bool]) -> dict[str, Private]:
    asked = select(REPORTS.c.uid, PRIVATE).join_from(REPORTS, PRIVATE).where(which).order_by(REPORTS.c.id)
    rows = connection.execute(asked).all()
    photos: dict[int, list[str]] = {row.report_id: [] for row in rows}
    named = select(PHOTOS).where(PHOTOS.c.report_id.in_(photos)).order_by(PHOTOS.c.position)
    for photo in connection.execute(named):
        photos[photo.report_id].append(photo.sha256)
    return {
        row.uid: Private(row.reporter, row.contact, row.text, tuple(photos[row.report_id]), row.sources)
        for row in rows
    }


def first_texts(connection: Connection, issue_uids: Collection[str]) -> dict[str, str]:
    """What was written with the first report of each issue that has words; by the issue's uid."""
    asked = select(ISSUES.c.uid, PRIVATE.c.text).join_from(ISSUES, REPORTS).join(PRIVATE)
    asked = asked.where(ISSUES.c.uid.in_(issue_uids), PRIVATE.c.text != "").order_by(REPORTS.c.id)
    texts: dict[str, str] = {}
    for row in connection.execute(asked):
        texts.setdefault(row.uid, row.text)
    return texts


class FirstReport(NamedTuple):
    """When the first report of an issue saw it, and what it wrote; empty where that was erased."""

    occurred_us: int
    text: str


def first_reports(connection: Connection, issue_uids: Collection[str]) -> dict[str, FirstReport]:
    """The first report of each issue, by the issue's uid."""
    asked = select(ISSUES.c.uid, REPORTS.c.occurred_us, PRIVATE.c.text)
    asked = asked.select_from(ISSUES.join(REPORTS).outerjoin(PRIVATE)).where(ISSUES.c.uid.in_(issue_uids))
    found: dict[str, FirstReport] = {}
    for row in connection.execute(asked.order_by(REPORTS.c.id)):
        found.setdefault(row.uid, FirstReport(row.occurred_us, row.text or ""))
    return found


def named_photos(connection: Connection, photos: Collection[str]) -> frozenset[str]:
    """Those of the photos that a report names. Ask within the work that deletes the others' files."""
    return frozenset(connection.scalars(select(PHOTOS.c.sha256).where(PHOTOS.c.sha256.in_(photos))))


def erase_reporter(
    connection: Connection, reporter: str, *, at_us: int, actor: str, reason: str = "", most: int = AT_ONCE
) -> Erased:
    """Erase what is private in up to ``most`` reports of somebody, with an event that says which reports.

    Call again, in another work, until no report is told.
    """
    return _erase(connection, PRIVATE.c.reporter == reporter, at_us, actor, reason, most)


def erase_before(
    connection: Connection, before_us: int, *, at_us: int, actor: str, reason: str = "", most: int = AT_ONCE
) -> Erased:
    """The same for reports received before a time."""
    return _erase(connection, REPORTS.c.received_us < before_us, at_us, actor, reason, most)


def _erase(
    connection: Connection, which: ColumnElement[bool], at_us: int, actor: str, reason: str, most: int
) -> Erased:
    asked = select(REPORTS.c.id, REPORTS.c.uid).join_from(PRIVATE, REPORTS).where(which)
    rows = connection.execute(asked.order_by(PRIVATE.c.report_id).limit(most)).all()
    if not rows:
        return Erased((), ())
    keys, uids = [row.id for row in rows], tuple(row.uid for row in rows)
    gone = set(connection.scalars(select(PHOTOS.c.sha256).where(PHOTOS.c.report_id.in_(keys))))
    connection.execute(delete(PHOTOS).where(PHOTOS.c.report_id.in_(keys)))
    connection.execute(delete(PRIVATE).where(PRIVATE.c.report_id.in_(keys)))
    append_event(connection, NewEvent(None, at_us, actor, ERASED, reason, after={"reports": uids}))
    return Erased(uids, tuple(sorted(gone - named_photos(connection, gone))))
