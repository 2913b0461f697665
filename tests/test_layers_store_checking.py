"""What was edited by hand in the file is found: the events tell another story."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from stores import NOON, desk, file_one, new_issue, new_report, opened

from layers.store import open_readers
from layers.store.checking import Edited, check_issues
from layers.store.filing import Filing, file_many
from layers.store.issues import change_issue
from layers.store.private import erase_reporter
from layers.store.values import Private

LINE = bytes.fromhex("010200000002000000" + "00" * 32)
FIRST, SECOND = "20261121-0001", "20261121-0002"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with issues that were changed, moved, joined, and one whose report was erased."""
    with opened(tmp_path) as store:
        first = file_one(store, report=new_report(geometry=LINE, level=68), geometry=LINE, lng=120)
        file_one(
            store, NOON + 1, new_report(private=Private("wang", "", "灯")), owner_id=None, lng=None, lat=None
        )
        joining = Filing(new_report(private=Private("wang", sources="[1]")), first.issue_uid)
        store.write(lambda c: file_many(c, [joining, Filing(new_report(), new_issue())], desk(NOON + 2)))
        for version, changes in enumerate([{"status": "dispatched"}, {"lat": 32.5, "geometry": None}, {}], 2):
            store.write(
                lambda c, v=version, ch=changes: change_issue(  # type: ignore[misc]
                    c, first.issue_uid, v, ch, at_us=NOON + v, actor="lin", kind="changed"
                )
            )
        store.write(lambda c: erase_reporter(c, "openid-1", at_us=NOON + 9, actor="privacy", most=1))
    return tmp_path / "issues.db"


def _checked(path: Path) -> list[Edited]:
    readers = open_readers(path)
    try:
        with readers.reading() as connection:
            return list(check_issues(connection))
    finally:
        readers.close()


def _edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for table in ("reports", "events"):
            raw.execute(f"DROP TRIGGER {table}_no_update")
            raw.execute(f"DROP TRIGGER {table}_no_delete")
        for statement in statements:
            raw.execute(statement)


def test_what_only_the_store_has_written_is_as_told(path: Path) -> None:
    assert _checked(path) == []


@pytest.mark.parametrize(
    "change",
    [
        "status = 'closed'", "category = ''", "lng = 1.0", "lat = NULL", "quadkey = 5", "cell_path = 'B'",
        "owner_id = 'friends'", "asset_id = NULL", "certainty = 'x'", "owner_share = 1", "assignment = NULL",
        "generation = '9'", "report_count = 1", "created_us = 1", "updated_us = 1", "due_us = 7",
        "flags = 'x'", "merged_into = 'y'", "version = 99", "seq = 99", "geometry = X'00'", "uid = 'u'",
    ],
)  # fmt: skip
def test_an_edited_issue_is_found_by_its_column(path: Path, change: str) -> None:
    _edit(path, f"UPDATE issues SET {change} WHERE number = '{FIRST}'")
    assert _checked(path) == [Edited("issues", FIRST, change.split(" ")[0])]


@pytest.mark.parametrize("change", ["lng = 1.0", "category = ''", "geometry = NULL", "received_us = 1"])
def test_an_edited_report_is_found(path: Path, change: str) -> None:
    _edit(path, f"UPDATE reports SET {change} WHERE id = 1")
    assert [(one.table, one.column) for one in _checked(path)] == [("reports", change.split(" ")[0])]


@pytest.mark.parametrize(
    "change", ["reporter = 'li'", "contact = '1'", "text = '好'", "sources = ''", "salt = X'00'"]
)
def test_an_edited_private_part_is_found(path: Path, change: str) -> None:
    _edit(path, f"UPDATE report_private SET {change} WHERE report_id = 3")
    assert [one.table for one in _checked(path)] == ["report_private"]


def test_an_exchanged_photo_is_found(path: Path) -> None:
    _edit(path, "UPDATE report_photos SET sha256 = '" + "c" * 64 + "'")
    assert {one.table for one in _checked(path)} == {"report_private"}


def test_issues_and_reports_that_came_or_went_unseen_are_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        columns = [row[1] for row in raw.execute("PRAGMA table_info(issues)")]
    new = {"id": "77", "uid": "'new'", "number": "'20261121-0077'", "seq": "77"}
    copied = ", ".join(new.get(name, name) for name in columns)
    _edit(
        path,
        f"INSERT INTO issues SELECT {copied} FROM issues WHERE number = '{SECOND}'",
        f"DELETE FROM issues WHERE number = '{SECOND}'",
        "DELETE FROM reports WHERE id = 3",
    )
    assert {(one.table, one.column) for one in _checked(path)} == {("issues", ""), ("reports", "")}
    assert {one.name for one in _checked(path) if one.table == "issues"} == {SECOND, "20261121-0077"}
