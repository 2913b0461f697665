"""backup, restore, erase and doctor: what a city keeps of its reports, from the command line."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stores import NOON, file_one, new_report, opened

from api.cli import woodpecker
from geo.errors import CityError, StoreError
from layers.city import open_city
from layers.store import open_store
from layers.store.private import read_private
from layers.store.values import Private
from tests.cities import small_city

COMMANDS = ("backup", "restore", "erase")
A, B = "a" * 64, "b" * 64


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A published city with two reports of wang and one of li, each with a photo; li's is also in wang's."""
    folder = small_city(tmp_path / "city").folder
    call("publish", "--city", folder)
    (folder / "photos").mkdir()
    for photo in (A, B):
        (folder / "photos" / f"{photo}.jpg").write_bytes(photo.encode())
    with opened(folder) as store:
        for reporter, photos, received in (("wang", (A,), 0), ("wang", (B,), NOON), ("li", (B,), NOON)):
            private = Private(reporter, "1380000", "灯不亮", photos)
            file_one(store, report=new_report(private=private, received_us=received))
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    shown = call(command, "--help")
    assert shown.exit_code == 0
    assert f"woodpecker {command} " in shown.stdout.partition("Example")[2]


# ---- backup and restore


def test_a_backup_made_while_a_server_writes_brings_the_city_back(city: Path, tmp_path: Path) -> None:
    with open_store(city / "issues.db"):
        made = call("backup", "--city", city, "--out", tmp_path / "b.tar", "--json")
    assert made.exit_code == 0, made.stderr
    said = json.loads(made.stdout)
    assert (said["reports"], said["chain"]["seq"]) == (3, 3)
    back = call("restore", tmp_path / "b.tar", "--city", tmp_path / "back", "--verify", "--json")
    assert json.loads(back.stdout) == said
    assert (tmp_path / "back" / "photos" / f"{A}.jpg").read_bytes() == A.encode()
    assert call("doctor", "--city", tmp_path / "back").exit_code == 0


def test_what_a_server_needs_comes_back_but_no_keys(city: Path, tmp_path: Path) -> None:
    for name in ("serve.toml", "keys.json", "serve.json"):
        (city / name).write_text(
            "{}" if name.endswith("json") else "retention_days = 730\n", encoding="utf-8"
        )
    call("backup", "--city", city, "--out", tmp_path / "b.tar")
    call("restore", tmp_path / "b.tar", "--city", tmp_path / "back")
    assert (tmp_path / "back" / "serve.toml").exists()
    assert not (tmp_path / "back" / "keys.json").exists()
    assert not (tmp_path / "back" / "serve.json").exists()


def test_a_city_is_replaced_only_when_told_and_when_nobody_writes_it(city: Path, tmp_path: Path) -> None:
    call("backup", "--city", city, "--out", tmp_path / "b.tar")
    with pytest.raises(CityError, match="holds a city already"):
        call("restore", tmp_path / "b.tar", "--city", city)
    with open_store(city / "issues.db"), pytest.raises(CityError, match="written by another process"):
        call("restore", tmp_path / "b.tar", "--city", city, "--overwrite")
    assert call("restore", tmp_path / "b.tar", "--city", city, "--overwrite").exit_code == 0


def test_a_damaged_backup_replaces_nothing(city: Path, tmp_path: Path) -> None:
    call("backup", "--city", city, "--out", tmp_path / "b.tar")
    data = bytearray((tmp_path / "b.tar").read_bytes())
    data[data.index(A.encode() * 1)] ^= 1
    (tmp_path / "b.tar").write_bytes(data)
    with pytest.raises(StoreError, match="damaged or exchanged"):
        call("restore", tmp_path / "b.tar", "--city", tmp_path / "back")
    assert not (tmp_path / "back" / "city.toml").exists()


def test_no_backup_replaces_the_citys_own_file(city: Path) -> None:
    assert call("backup", "--city", city, "--out", city / "issues.db").exit_code == 2


def test_a_table_of_categories_of_its_own_comes_back_too(city: Path, tmp_path: Path) -> None:
    table = "code,name_zh,name_en,asset_kinds\n1,灯,Light,\n"
    (city / "mine.csv").write_text(table, encoding="utf-8")
    (city / "other.csv").write_text("x\n", encoding="utf-8")
    words = (city / "city.toml").read_text(encoding="utf-8")
    (city / "city.toml").write_text(words.replace('"gbt30428"', '"mine.csv"'), encoding="utf-8")
    call("backup", "--city", city, "--out", tmp_path / "b.tar")
    call("restore", tmp_path / "b.tar", "--city", tmp_path / "back")
    assert "1" in open_city(tmp_path / "back").config().categories
    assert not (tmp_path / "back" / "other.csv").exists()


# ---- erase


def test_a_dry_run_counts_while_a_server_writes_and_erases_nothing(city: Path) -> None:
    with open_store(city / "issues.db"):
        said = json.loads(call("erase", "--city", city, "--reporter", "wang", "--dry-run", "--json").stdout)
    assert said == {"reports": 2, "photos": None, "dry_run": True}
    assert call("erase", "--city", city, "--reporter", "wang", "--dry-run").stderr.startswith(
        "2 reports would"
    )


def test_a_reporter_is_erased_with_the_photos_that_nobody_else_named(city: Path) -> None:
    done = call("erase", "--city", city, "--reporter", "wang", "--reason", "asked for it")
    assert done.exit_code == 0
    assert done.stderr == "2 reports lost what is personal; 1 photo deleted.\n"
    assert [path.name for path in (city / "photos").iterdir()] == [f"{B}.jpg"]
    assert b"wang" not in b"".join(path.read_bytes() for path in city.glob("issues.db*"))
    assert call("doctor", "--city", city).exit_code == 0
    again = call("erase", "--city", city, "--reporter", "wang", "--json")
    assert json.loads(again.stdout) == {"reports": 0, "photos": 0, "dry_run": False}


def test_what_is_older_is_erased_and_the_event_says_why(city: Path) -> None:
    call("erase", "--city", city, "--older-than", "3650", "--reason", "ten years")
    with closing(sqlite3.connect(city / "issues.db")) as raw:
        rows = raw.execute("SELECT actor, kind, reason FROM events WHERE issue_id IS NULL").fetchall()
        left = raw.execute("SELECT count(*) FROM report_private").fetchone()[0]
    assert rows == [("command line", "erased", "ten years")]
    assert left == 2


def test_nothing_is_erased_while_a_server_holds_the_store(city: Path) -> None:
    with open_store(city / "issues.db") as store:
        with pytest.raises(CityError, match="being written by another process"):
            call("erase", "--city", city, "--reporter", "wang")
        with store.reading() as connection:
            assert read_private(connection, "nobody") is None


@pytest.mark.parametrize("wrong", [(), ("--reporter", "a", "--older-than", "1"), ("--reporter", "")])
def test_erase_wants_to_know_whose(city: Path, wrong: tuple[str, ...]) -> None:
    assert call("erase", "--city", city, *wrong).exit_code == 2


def test_a_city_without_reports_has_nothing_to_erase(tmp_path: Path) -> None:
    folder = small_city(tmp_path / "city").folder
    with pytest.raises(CityError, match=r"issues\.db is not there"):
        call("erase", "--city", folder, "--reporter", "wang")
    assert not (folder / "issues.db").exists()


# ---- doctor


def _checks(city: Path) -> dict[str, bool]:
    said = json.loads(call("doctor", "--city", city, "--json").stdout)
    return {check["check"]: check["ok"] for check in said if check["check"].startswith("store")}


def _edit(city: Path, *statements: str) -> None:
    with closing(sqlite3.connect(city / "issues.db", isolation_level=None)) as raw:
        for statement in statements:
            raw.execute(statement)


def test_a_sound_store_is_said_to_be_so_while_a_server_writes(city: Path) -> None:
    with open_store(city / "issues.db"):
        result = call("doctor", "--city", city)
    assert result.exit_code == 0
    assert "3 events, the chain ends with" in result.stdout
    assert all(_checks(city).values())


def test_a_city_without_a_store_is_in_order(tmp_path: Path) -> None:
    folder = small_city(tmp_path / "city").folder
    call("publish", "--city", folder)
    assert _checks(folder) == {}


@pytest.mark.parametrize(
    ("code", "statements"),
    [
        ("row_edited", ["UPDATE issues SET status = 'closed' WHERE id = 1"]),
        ("chain_broken", ["DROP TRIGGER events_no_update", "UPDATE events SET actor = 'x' WHERE seq = 2"]),
        ("proof_altered", ["DROP TRIGGER assignments_no_update", "UPDATE assignments SET body = '{}'"]),
        ("store_damaged", ["UPDATE report_private SET report_id = 99 WHERE report_id = 3"]),
        ("store_unreadable", ["UPDATE meta SET value = '99' WHERE key = 'schema'"]),
        ("photo_missing", ["UPDATE report_photos SET sha256 = 'c'"]),
    ],
)  # fmt: skip
def test_what_was_changed_past_the_program_is_found(city: Path, code: str, statements: list[str]) -> None:
    _edit(city, *statements)
    assert _checks(city)[f"store: {code}"] is False
    assert call("doctor", "--city", city).exit_code == 1


def test_texts_that_cannot_be_read_are_said_and_end_nothing(city: Path) -> None:
    _edit(city, "UPDATE issues SET status = CAST(X'FF' AS TEXT)")
    assert call("doctor", "--city", city).exit_code == 1


def test_a_file_that_is_no_database_is_said(city: Path) -> None:
    (city / "issues.db").write_bytes(b"<html>" * 500)
    assert _checks(city)["store: store_unreadable"] is False


def test_photos_that_are_missing_or_belong_to_nobody_are_found(city: Path) -> None:
    (city / "photos" / f"{A}.jpg").unlink()
    stray = city / "photos" / f"{'f' * 64}.jpg"
    stray.write_bytes(b"x")
    assert "store: photo_unnamed" not in _checks(city)  # its report may be on its way
    os.utime(stray, (0, 0))
    assert _checks(city)["store: photo_missing"] is False
    assert _checks(city)["store: photo_unnamed"] is False


def test_findings_are_said_in_chinese_where_the_terminal_is(
    city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    _edit(city, "UPDATE issues SET status = 'closed' WHERE id = 1")
    assert "与事件记录不符" in call("doctor", "--city", city).stdout
