"""Old stores are brought forward, newer ones refused, and other files left alone."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from stores import file_one, opened

from geo.errors import CityError, StoreUnavailableError
from layers.store import migrations, open_readers, open_store
from layers.store.checking import check_issues
from layers.store.corrections import By, NewCorrection, active_corrections, make_correction
from layers.store.events import verify_chain
from layers.store.filters import IssueFilter
from layers.store.issues import change_issue, read_issue
from layers.store.migrations import newest_version, schema_version
from layers.store.paging import page_issues
from layers.store.schema import METADATA
from layers.store.values import IssueChanges

FIRST = Path(__file__).parent / "data" / "store_version_1.sql"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A store as the first version wrote it: two issues, one of them changed, three events."""
    path = tmp_path / "issues.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(FIRST.read_text(encoding="utf-8"))
    return path


def test_a_store_of_the_first_version_is_read_as_it_was_written(first: Path) -> None:
    with open_store(first) as store:
        with store.reading() as connection:
            assert schema_version(connection) == newest_version()
            assert verify_chain(connection) is None
            issues = page_issues(connection, IssueFilter()).issues
            assert [(issue.number, issue.status) for issue in issues] == [
                ("20261121-0002", "received"),
                ("20261121-0001", "dispatched"),
            ]
        assert file_one(store).number == "20261121-0003"


def test_a_store_that_nobody_brought_forward_is_in_order(first: Path) -> None:
    """Looking at it, as doctor does, writes nothing and misses no column that came later."""
    before = first.read_bytes()
    readers = open_readers(first)
    try:
        with readers.reading() as connection:
            assert list(check_issues(connection)) == []
            assert schema_version(connection) == 1
    finally:
        readers.close()
    assert first.read_bytes() == before


def test_issues_of_an_older_store_can_be_claimed(first: Path) -> None:
    with open_store(first) as store:
        with store.reading() as connection:
            record = read_issue(connection, "20261121-0001")
            assert record is not None
            assert (record.issue.claimed_by, record.issue.claimed_us) == (None, None)
        claim: IssueChanges = {"claimed_by": "Li", "claimed_us": 7}
        uid = record.issue.uid
        store.write(lambda c: change_issue(c, uid, 2, claim, at_us=7, actor="Li", kind="claim"))
        with store.reading() as connection:
            assert verify_chain(connection) is None
            assert list(check_issues(connection)) == []


def test_a_store_of_the_second_version_takes_corrections(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as second:
        second.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:1])
        with open_store(first) as store, store.reading() as connection:
            assert (schema_version(connection), active_corrections(connection)) == (2, ())
    new = NewCorrection("老桥", "老桥", "A/A00", 120.8, 32.0, 5.0)
    with open_store(first) as store:
        made = store.write(lambda c: make_correction(c, new, By(7, "Li"))).correction
        with store.reading() as connection:
            assert schema_version(connection) == newest_version()
            assert active_corrections(connection) == (made,)
            assert verify_chain(connection) is None
            assert list(check_issues(connection)) == []


def test_a_migrated_store_has_the_tables_of_a_new_one(first: Path, tmp_path: Path) -> None:
    with open_store(first), open_store(tmp_path / "new.db"):
        assert _shape(first) == _shape(tmp_path / "new.db")


def _shape(path: Path) -> set[tuple[str, str]]:
    """Indexes and triggers as they are written; tables by columns, whose order tells how old a store is."""
    with closing(sqlite3.connect(path)) as raw:
        made = raw.execute("SELECT name, type, sql FROM sqlite_master WHERE sql <> ''").fetchall()
        tables = [name for name, kind, _ in made if kind == "table"]
        columns = {name: raw.execute(f"PRAGMA table_info({name})").fetchall() for name in tables}
        foreign = {name: raw.execute(f"PRAGMA foreign_key_list({name})").fetchall() for name in tables}
    shape = {(name, re.sub(r"\s+", " ", sql)) for name, kind, sql in made if kind != "table"}
    shape |= {(name, str(one[1:])) for name in tables for one in columns[name]}
    return shape | {(name, str(one)) for name in tables for one in foreign[name]}


def test_later_migrations_run_once_and_in_order(first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    def add(connection: Connection) -> None:
        steps.append("add")
        connection.execute(text("ALTER TABLE issues ADD COLUMN priority TEXT DEFAULT 'normal'"))

    def fill(connection: Connection) -> None:
        steps.append("fill")
        connection.execute(text("UPDATE issues SET priority = 'high' WHERE number = '20261121-0001'"))

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, add, fill))
    for _ in range(2):
        with open_store(first) as store, store.reading() as connection:
            found = read_issue(connection, "20261121-0001")
            assert found is not None
            assert connection.scalar(text("SELECT priority FROM issues ORDER BY id")) == "high"
            assert schema_version(connection) == newest_version()
            assert verify_chain(connection) is None
    assert steps == ["add", "fill"]


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE issues ADD COLUMN priority TEXT"))

    def fail(_: Connection) -> None:
        raise LookupError("half way")

    before = _shape(first)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, add, fail))
    with pytest.raises(LookupError):
        open_store(first)
    assert _shape(first) == before
    monkeypatch.undo()
    with open_store(first) as store:
        assert store.alive


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.write(lambda c: c.execute(text("UPDATE meta SET value = '99' WHERE key = 'schema'")))
    for open_ in (open_store, open_readers):
        with pytest.raises(CityError, match=f"version 99; this program knows up to {newest_version()}"):
            open_(tmp_path / "issues.db")  # type: ignore[operator]


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "issues.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE photos (id)")
    with pytest.raises(CityError, match="no live store"):
        open_store(path)
    assert len(_shape(path)) == 1


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "issues.db"
    path.write_bytes(b"<html>" * 500)
    with pytest.raises(StoreUnavailableError, match="no database"):
        open_store(path)
    with pytest.raises(StoreUnavailableError, match="no database"):
        open_readers(path)
    assert path.read_bytes() == b"<html>" * 500


def test_postgresql_could_have_the_same_tables() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in METADATA.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "CREATE" in str(CreateIndex(index).compile(dialect=dialect))


def test_only_the_dialect_module_knows_sqlite() -> None:
    for path in (Path(__file__).parents[1] / "layers" / "store").glob("*.py"):
        if path.name != "sqlite.py":
            code = path.read_text(encoding="utf-8")
            assert "PRAGMA" not in code, path.name
            assert "exec_driver_sql" not in code, path.name
            assert "import sqlite3" not in code, path.name
        if path.name not in ("sqlite.py", "dialect.py"):
            assert "sqlite." not in code.replace("layers.store.sqlite", ""), path.name


def test_the_address_of_a_server_is_refused_without_telling_its_password() -> None:
    for open_ in (open_store, open_readers):
        with pytest.raises(CityError, match=r"^A store cannot be kept in postgresql\+psycopg yet\.$"):
            open_("postgresql+psycopg://woodpecker:secret@db/city")  # type: ignore[operator]


def test_a_path_as_text_is_a_path(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "issues.db")) as store:
        assert store.path == tmp_path / "issues.db"
