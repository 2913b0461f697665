"""Stores and reports for the tests of the live store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from layers.store import Store, open_store
from layers.store.filing import Desk, Filed, Filing, file_report
from layers.store.values import Issue, NewIssue, NewReport, Private

ZONE = ZoneInfo("Asia/Shanghai")
NOON = 1_795_233_600_000_000  # 2026-11-21 12:00 in Shanghai, in microseconds
PROOF = {"format": 1, "report": {"lng": 120.8, "lat": 32.0, "text": "张三 门口 13800000000"}, "roles": {}}


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """A store in a folder, closed afterwards."""
    with open_store(folder / "issues.db") as store:
        yield store


def desk(at_us: int = NOON, actor: str = "desk") -> Desk:
    """Who files, when and where."""
    return Desk(at_us, actor, ZONE)


def new_report(**values: Any) -> NewReport:
    """A report with everything in it."""
    private = Private("openid-1", "13800000000", PROOF["report"]["text"], ("a" * 64,))  # type: ignore[index]
    given = {"channel": "wechat", "received_us": NOON, "occurred_us": NOON, "body_digest": "b" * 64}
    return NewReport(**{**given, "lng": 120.8, "lat": 32.0, "category": "0118", "private": private, **values})


def new_issue(**values: Any) -> NewIssue:
    """An issue with everything in it."""
    given = {
        "category": "0118", "lng": 120.8, "lat": 32.0, "cell_code": "A00", "cell_path": "A/A00",
        "owner_id": "lamps", "asset_kind": "street_light", "asset_id": "L1", "certainty": "certain",
        "owner_share": 0.97, "assignment": PROOF, "generation": "0001",
    }  # fmt: skip
    return NewIssue(**{**given, **values})


def file_one(store: Store, at_us: int = NOON, report: NewReport | None = None, **issue: Any) -> Filed:
    """File a report that opens an issue."""
    filing = Filing(report or new_report(), new_issue(**issue))
    return store.write(lambda connection: file_report(connection, filing, desk(at_us)))


def an_issue(**values: Any) -> Issue:
    """An issue with everything in it, as it came out of a store."""
    given = {
        **{field.name: getattr(new_issue(), field.name) for field in fields(NewIssue)},
        "uid": "01890000-0000-7000-8000-000000000001", "number": "20261121-0001", "assignment": "a" * 64,
        "report_count": 1, "created_us": NOON, "updated_us": NOON, "version": 1, "seq": 1,
    }  # fmt: skip
    return Issue(**{**given, **values})
