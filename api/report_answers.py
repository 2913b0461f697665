"""What a report is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from layers.intake import Outcome
from layers.life_cycle import queue_of
from layers.live import LiveCity
from layers.open_issues import SuspectIssue
from layers.times import time_text
from layers.told import told_answer

CREATED, OK = 201, 200
ANSWER_EXAMPLE = {
    "outcome": "opened",
    "report": {"id": "019ab0c5-6f1e-7c3a-9c55-2f6b7f0c1d2e"},
    "issue": {
        "id": "019ab0c5-6f1e-7c3a-9c55-2f6b7f0c1d2f",
        "number": "20261121-0042",
        "url": "/v1/issues/019ab0c5-6f1e-7c3a-9c55-2f6b7f0c1d2f",
        "status": "received",
        "queue": "to_dispatch",
        "version": 1,
    },
    "due_at": "2026-11-24T11:30:00.000000Z",
    "assignment": {
        "cell_code": "320613002008006",
        "cell_path": "320613/320613002/320613002008/320613002008006",
        "topology": "inside",
        "certainty": "certain",
        "asset_kind": "street_light",
        "asset_id": "02120400",
        "owner_id": "lighting",
        "owner_share": 1.0,
        "rule": "lamp",
    },
    "flags": [],
    "duplicates": [],
}


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept for the same request again.

    Attributes:
        location: the issue's address, empty where there is none.
    """

    status: int
    location: str
    body: bytes

    def pack(self) -> bytes:
        """The answer as bytes."""
        return b"%d %s\n%s" % (self.status, self.location.encode(), self.body)

    @classmethod
    def unpack(cls, data: bytes) -> Kept:
        """What `pack` made."""
        head, _, body = data.partition(b"\n")
        status, _, location = head.decode().partition(" ")
        return cls(int(status), location, body)


def pack_outcome(city: LiveCity, outcome: Outcome) -> bytes:
    """The answer to a single report, packed; empty for a refusal, which is no answer to keep."""
    if outcome.error is not None:
        return b""
    status = CREATED if outcome.outcome in ("opened", "joined") else OK
    location = f"/v1/issues/{outcome.issue.uid}" if outcome.issue else ""
    return Kept(status, location, orjson.dumps(outcome_json(city, outcome))).pack()


def outcome_json(city: LiveCity, outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON: the report, its issue, whose it is and why, and what it may repeat."""
    issue, languages = outcome.issue, city.generation.config.languages
    return {
        "outcome": outcome.outcome,
        "report": {"id": outcome.report_uid} if outcome.report_uid else None,
        "issue": None if issue is None else {
            "id": issue.uid,
            "number": issue.number,
            "url": f"/v1/issues/{issue.uid}",
            "status": issue.status,
            "queue": queue_of(issue.status, has_owner=issue.owner_id is not None),
            "version": issue.version,
        },
        "due_at": None if outcome.due_us is None else time_text(outcome.due_us),
        "assignment": None if outcome.proof is None else told_answer(outcome.proof, languages),
        "flags": list(outcome.flags),
        "duplicates": [suspect_json(one) for one in outcome.suspects],
    }  # fmt: skip


def batch_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a line of a batch's answer tells it."""
    issue, cell = outcome.issue, (outcome.proof or {}).get("cell", {})
    return {
        "outcome": outcome.outcome,
        "report": outcome.report_uid,
        "issue": issue.uid if issue else None,
        "number": issue.number if issue else None,
        "cell_code": cell.get("code", issue.cell_code if issue else ""),
        "owner_id": (issue.owner_id if issue else None) or "",
        "certainty": issue.certainty if issue else "",
        "flags": list(outcome.flags),
        "duplicates": [{"number": one.number, "score": round(one.score, 3)} for one in outcome.suspects],
    }


def suspect_json(suspect: SuspectIssue) -> dict[str, Any]:
    """An open issue that a report may repeat."""
    return {
        "id": suspect.uid,
        "number": suspect.number,
        "score": round(suspect.score, 3),
        "reasons": list(suspect.reasons),
        "distance_m": _known(suspect.distance_m, 1),
        "apart_s": _known(suspect.apart_s, 0),
    }


def _known(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
