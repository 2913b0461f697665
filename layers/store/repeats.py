"""The same message sent again: by external id within its channel, and by idempotency key."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select

from geo.errors import ReusedKeyError
from layers.store.canonical import salted
from layers.store.prepared import Prepared
from layers.store.schema import IDEMPOTENCY, ISSUES, PRIVATE, REPORTS
from layers.store.values import NewReport

Name = tuple[str, str]  # a channel and an external id in it
_KNOWN = Prepared(
    select(
        REPORTS.c.uid.label("report_uid"),
        ISSUES.c.uid.label("issue_uid"),
        ISSUES.c.number,
        REPORTS.c.body_digest,
        PRIVATE.c.salt,
    )
    .select_from(REPORTS.join(ISSUES).outerjoin(PRIVATE))
    .where(REPORTS.c.channel == bindparam("of"), REPORTS.c.external_id == bindparam("named"))
)


@dataclass(frozen=True, slots=True)
class Known:
    """A report that is stored already."""

    report_uid: str
    issue_uid: str
    number: str
    body_digest: str
    salt: bytes | None

    def has_body(self, digest: str) -> bool:
        """Whether it had this body; nobody can tell once it was erased, so then it had."""
        if self.salt is None:
            return True
        return hmac.compare_digest(self.body_digest, salted(self.salt, "body", digest))


def name_of(report: NewReport) -> Name | None:
    """What a report is known by outside, None where it has no external id."""
    return None if report.external_id is None else (report.channel, report.external_id)


def known_reports(connection: Connection, names: Collection[Name]) -> dict[Name, Known]:
    """Those that are stored, by name."""
    rows = ((name, _KNOWN.row(connection, of=name[0], named=name[1])) for name in names)
    return {name: Known(*row) for name, row in rows if row is not None}


def recall(connection: Connection, scope: str, key: str, body_digest: str, *, at_us: int) -> bytes | None:
    """The answer that a request was given before, None where it is new or its key has expired.

    Args:
        scope: whose key it is: two clients may choose the same one.

    Raises:
        ReusedKeyError: the key came with another body.
    """
    columns = IDEMPOTENCY.c
    asked = select(columns.body_digest, columns.answer).where(
        columns.scope == scope, columns.key == key, columns.expires_us > at_us
    )
    row = connection.execute(asked).first()
    if row is None:
        return None
    if row.body_digest != body_digest:
        raise ReusedKeyError(
            f"Idempotency key {key!r} was sent before with another body.",
            fix="Make a new key for every request; repeat one only with the same body.",
        )
    return bytes(row.answer)


def remember(
    connection: Connection, scope: str, key: str, body_digest: str, answer: bytes, *, expires_us: int
) -> None:
    """Keep an answer for the same request again, in the work that stores what was requested."""
    columns = IDEMPOTENCY.c
    # An expired one may still lie there.
    connection.execute(delete(IDEMPOTENCY).where(columns.scope == scope, columns.key == key))
    values = {"scope": scope, "key": key, "body_digest": body_digest, "answer": answer}
    connection.execute(insert(IDEMPOTENCY).values(**values, expires_us=expires_us))


def forget_expired(connection: Connection, at_us: int) -> int:
    """Remove the answers whose time is over; returns how many."""
    return connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.expires_us <= at_us)).rowcount
