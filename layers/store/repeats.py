"""The same message sent again: by external id within its channel, and by idempotency key."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select

from geo.errors import ReusedKeyError
from layers.store.canonical import salted
from layers.store.prepared import REPLACE, Prepared, insert_rows
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


_KEPT = Prepared(
    select(IDEMPOTENCY.c.body_digest, IDEMPOTENCY.c.answer).where(
        IDEMPOTENCY.c.scope == bindparam("of"),
        IDEMPOTENCY.c.key == bindparam("said"),
        IDEMPOTENCY.c.expires_us > bindparam("now"),
    )
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


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An idempotency key: the same one with the same body gets the same answer.

    Attributes:
        scope: whose key it is: two clients may choose the same one.
        digest: of the body.
    """

    scope: str
    key: str
    digest: str


def recall(
    connection: Connection, keys: Collection[RequestKey], *, at_us: int
) -> dict[RequestKey, bytes | ReusedKeyError]:
    """The answers that requests were given before; an error where a key came with another body then. Those
    that are new, or whose key has expired, are missing.
    """
    found: dict[RequestKey, bytes | ReusedKeyError] = {}
    for key in keys:
        kept = _KEPT.row(connection, of=key.scope, said=key.key, now=at_us)
        if kept is not None:
            digest, answer = kept
            found[key] = bytes(answer) if digest == key.digest else reused(key)
    return found


def remember(connection: Connection, answers: Mapping[RequestKey, bytes], *, expires_us: int) -> None:
    """Keep answers for the same requests again, in the work that stores what was requested.

    What is there of a key has expired: else it would have been recalled.
    """
    rows = [(key.scope, key.key, key.digest, answer, expires_us) for key, answer in answers.items()]
    insert_rows(connection, IDEMPOTENCY, rows, known=REPLACE)


def reused(key: RequestKey) -> ReusedKeyError:
    """The error for a key that was sent with another body."""
    return ReusedKeyError(
        f"Idempotency key {key.key!r} was sent before with another body.",
        fix="Make a new key for every request; repeat one only with the same body.",
    )


def forget_expired(connection: Connection, at_us: int) -> int:
    """Remove the answers whose time is over; returns how many."""
    return connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.expires_us <= at_us)).rowcount
