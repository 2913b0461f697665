"""Stored issues as a table, for maps: each with why it is whose, by the names of `layers.answers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection

from layers.issue_features import Names
from layers.proof import Proof
from layers.store.assignments import read_proofs
from layers.store.filters import IssueFilter
from layers.store.paging import MOST, count_by_status, page_issues
from layers.store.private import first_texts
from layers.store.values import Issue
from layers.time_limits import is_overdue

TOGETHER = 1_000  # issues whose proofs are in memory at a time
COLUMNS = (
    *("lng", "lat", "number", "category", "status", "overdue", "occurred_at", "due_at"),
    *("cell_code", "cell_name", "cell_path", "topology", "certainty", "asset_id", "asset_name", "asset_kind"),
    *("asset_m", "owner_id", "owner_name", "owner_share", "rule", "reason_zh", "reason_en", "text"),
)

NUMBERS = ("lng", "lat", "asset_m", "owner_share")


@dataclass(frozen=True)
class IssueTable:
    """Some issues.

    Attributes:
        rows: a row an issue, in `COLUMNS`; what there is none of is None.
        left_out: how many more pass the filter.
    """

    rows: pd.DataFrame
    left_out: int


def issue_table(
    connection: Connection,
    wanted: IssueFilter,
    names: Names,
    *,
    zone: ZoneInfo,
    now_us: int,
    most: int,
    with_text: bool,
) -> IssueTable:
    """The issues that pass a filter, the last changed first.

    Args:
        names: of the generation that names things.
        zone: by whose clock times are told.
        now_us: what is overdue then.
        most: how many at most.
        with_text: also what was written with the first report of each; personal.
    """
    issues = _issues(connection, wanted, most)
    rows: list[dict[str, Any]] = []
    for start in range(0, len(issues), TOGETHER):
        some = issues[start : start + TOGETHER]
        proofs = read_proofs(connection, {issue.assignment for issue in some if issue.assignment})
        texts = first_texts(connection, [issue.uid for issue in some]) if with_text else {}
        rows += [
            _row(issue, proofs, names, now_us) | _times(issue, zone) | {"text": texts.get(issue.uid)}
            for issue in some
        ]
    total = sum(count_by_status(connection, wanted).values()) if len(issues) == most else len(issues)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(NUMBERS, float))
    return IssueTable(table, total - len(issues))


def _issues(connection: Connection, wanted: IssueFilter, most: int) -> list[Issue]:
    found: list[Issue] = []
    cursor = ""
    while len(found) < most:
        limit = min(most - len(found), MOST)
        page = page_issues(connection, wanted, cursor=cursor, limit=limit, newest_first=True)
        found += page.issues
        cursor = page.cursor
        if not page.more:
            break
    return found


def _row(issue: Issue, proofs: Mapping[str, Proof], names: Names, now_us: int) -> dict[str, Any]:
    proof = proofs.get(issue.assignment or "", {})
    asset = proof.get("asset") or {}
    lead: Mapping[str, Any] = next(iter(proof.get("owners", ())), {})
    reason = proof.get("reason", {})
    return {
        "lng": issue.lng,
        "lat": issue.lat,
        "number": issue.number,
        "category": issue.category or None,
        "status": issue.status,
        "overdue": is_overdue(issue.status, issue.due_us, now_us),
        "cell_code": issue.cell_code or None,
        "cell_name": names.cells.get(issue.cell_path),
        "cell_path": issue.cell_path or None,
        "topology": proof.get("cell", {}).get("topology"),
        "certainty": issue.certainty or None,
        "asset_id": issue.asset_id,
        "asset_name": asset.get("name") or None,
        "asset_kind": issue.asset_kind,
        "asset_m": asset.get("distance_m"),
        "owner_id": issue.owner_id,
        "owner_name": names.owners.get(issue.owner_id or ""),
        "owner_share": issue.owner_share,
        "rule": lead.get("rule") or None,
        "reason_zh": reason.get("zh"),
        "reason_en": reason.get("en"),
    }


def _times(issue: Issue, zone: ZoneInfo) -> dict[str, Any]:
    due = None if issue.due_us is None else _clock(issue.due_us, zone)
    return {"occurred_at": _clock(issue.created_us, zone), "due_at": due}


def _clock(at_us: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_us / 1e6, zone).isoformat(timespec="minutes")
