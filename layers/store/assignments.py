"""Proofs of answers: each kept once, by its SHA-256; what the reporter wrote is kept apart from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from geo.errors import StoreError
from layers.store.canonical import canonical_bytes, read_json, sha256_of
from layers.store.prepared import LEAVE, insert_rows
from layers.store.schema import ASSIGNMENTS, ISSUES, PRIVATE, REPORTS
from layers.store.values import Json


def split(assignment: Json | None) -> tuple[bytes | None, str | None]:
    """A proof's canonical JSON without the text of its report, and that text; None and None of none."""
    if assignment is None:
        return None, None
    report = assignment.get("report")
    if not isinstance(report, dict) or not report.get("text"):
        return canonical_bytes(assignment), ""
    return canonical_bytes({**assignment, "report": {**report, "text": ""}}), str(report["text"])


def keep(connection: Connection, bodies: Sequence[bytes | None]) -> list[str | None]:
    """Keep proofs, each once; returns their SHA-256."""
    keys = [None if body is None else sha256_of(body) for body in bodies]
    rows = [(key, body) for key, body in zip(keys, bodies, strict=True) if key is not None]
    insert_rows(connection, ASSIGNMENTS, rows, known=LEAVE)
    return keys


def check_kept(connection: Connection, key: str) -> None:
    """Refuse the SHA-256 of a proof that is not stored.

    Raises:
        StoreError: it is not.
    """
    if connection.scalar(select(ASSIGNMENTS.c.sha256).where(ASSIGNMENTS.c.sha256 == key)) is None:
        fix = "Give the proof itself, or the SHA-256 of one that an event of the issue names."
        raise StoreError(f"There is no stored proof {key!r}.", fix=fix)


def keep_text(connection: Connection, issue_id: int, text: str | None) -> None:
    """Keep the text that an issue was assigned by with its first report, where it is not the report's own."""
    first = connection.execute(_first_private(issue_id)).first()
    if first is not None:
        own = None if text == first.text else text
        kept = update(PRIVATE).where(PRIVATE.c.report_id == first.report_id)
        connection.execute(kept.values(assigned_text=own))


def read_assignment(connection: Connection, uid: str, *, with_text: bool = False) -> dict[str, Any] | None:
    """The proof of an issue as it stands; None where it has none.

    Args:
        uid: the issue's.
        with_text: put back what the reporter wrote, as a replay needs it; gone once it was erased.

    Raises:
        StoreError: it was altered.
    """
    asked = select(ISSUES.c.id, ASSIGNMENTS).join_from(ISSUES, ASSIGNMENTS).where(ISSUES.c.uid == uid)
    row = connection.execute(asked).first()
    if row is None:
        return None
    if not _is_whole(row):
        raise StoreError(
            f"The assignment of {uid} was altered: it is not {row.sha256}.", fix="Restore a backup."
        )
    proof = read_json(row.body)
    private = connection.execute(_first_private(row.id)).first() if with_text else None
    if private is not None and isinstance(proof.get("report"), dict):
        text = private.text if private.assigned_text is None else private.assigned_text
        proof["report"]["text"] = text
    return proof


def read_proofs(connection: Connection, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """Stored proofs by their SHA-256, without what reporters wrote; those that are not there are missing."""
    asked = select(ASSIGNMENTS.c.sha256, ASSIGNMENTS.c.body).where(ASSIGNMENTS.c.sha256.in_(keys))
    return {row.sha256: read_json(row.body) for row in connection.execute(asked)}


def altered_assignments(connection: Connection) -> list[str]:
    """The SHA-256 of proofs that are no longer what they were."""
    rows = connection.execution_options(yield_per=1000).execute(select(ASSIGNMENTS))
    return [row.sha256 for row in rows if not _is_whole(row)]


def _is_whole(row: Row[Any]) -> bool:
    """Whether a proof is still what it was; written by hand it may even be a text."""
    return isinstance(row.body, bytes) and sha256_of(row.body) == row.sha256


def _first_private(issue_id: int) -> Any:
    """What is private in the report that opened an issue."""
    columns = (PRIVATE.c.report_id, PRIVATE.c.text, PRIVATE.c.assigned_text)
    asked = select(*columns).join_from(REPORTS, PRIVATE).where(REPORTS.c.issue_id == issue_id)
    return asked.order_by(REPORTS.c.id).limit(1)
