"""woodpecker rules test and rules replay: what they say to a person and to a program, and how they end."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from geo.errors import CityError, ConfigError, LayerError
from layers.actions import Asked, act
from layers.actors import Actor
from layers.city import City
from layers.intake import file_reports
from layers.life_cycle import Action, Role
from layers.publish import publish
from tests.cities import at, small_city
from tests.live_cities import NOON, live_city, report, words_only

LAMP = [repr(value) for value in at(0.5, 0.5)]
NEW = """
[[rule]]
id = "parks-first"
when = { category = "0118", hours = "00:00-12:00" }
owner = "parks"

[[rule]]
id = "territory"
owner = "@cell"
"""


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, ["rules", *(str(arg) for arg in args)], catch_exceptions=False)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    made = small_city(tmp_path_factory.mktemp("rules"))
    publish(made, now=datetime(2026, 6, 30, tzinfo=UTC))
    return made


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.toml"
    path.write_text(NEW, encoding="utf-8")
    return path


def table(path: Path, *rows: Sequence[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


# ---- test


def cases(folder: Path, *rows: Sequence[str]) -> Path:
    return table(folder / "cases.csv", ("place", "category", "time", "expected"), *rows)


def test_cases_that_all_pass_end_with_0(city: City, tmp_path: Path) -> None:
    result = call("test", cases(tmp_path, (" ".join(LAMP), "0118", "", "lamps")), "--city", city.folder)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "1 of 1 as expected.\n")


def test_a_failure_is_told_row_by_row_and_ends_with_1(city: City, tmp_path: Path) -> None:
    file = cases(
        tmp_path, (" ".join(LAMP), "0118", "2026-07-01", "body-00"), (" ".join(LAMP), "0118", "", "lamps"),
        ("nowhere", "0118", "", "lamps"),
    )  # fmt: skip
    result = call("test", file, "--city", city.folder)
    assert result.exit_code == 1
    assert result.stderr == "1 of 3 as expected.\n"
    first, second = (
        dict(row.split("\t") for row in part.split("\n")) for part in result.stdout.strip().split("\n\n")
    )
    why = first.pop("why")
    assert first == {
        "row": "1",
        "place": " ".join(LAMP),
        "category": "0118 Street light",
        "time": "2026-07-01",
        "expected": "body-00",
        "got": "lamps 路灯管理所 (rule lamp)",
        "hint": "Rule territory matches too and names body-00, but it stands after lamp.",
    }
    assert why.endswith("Rule lamp: the asset's owner, 路灯管理所.")
    assert (second["row"], second["expected"]) == ("3", "lamps 路灯管理所")
    assert "'nowhere'" in second["wrong"]
    assert "got" not in second


def test_a_program_gets_the_failures_as_json(city: City, tmp_path: Path) -> None:
    file = cases(tmp_path, ("street_light:L0", "0118", "", "parks"), ("street_light:L1", "0118", "", "parks"))
    result = call("test", file, "--city", city.folder, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {key: answer[key] for key in ("cases", "passed", "failed")} == {
        "cases": 2,
        "passed": 1,
        "failed": 1,
    }
    assert [f["owner_id"] for f in answer["failures"]] == ["lamps"]


def test_an_edit_of_city_toml_is_tested_before_it_is_published(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = cases(tmp_path, ("street_light:L0", "0118", "2026-07-01 09:00", "parks"))
    assert call("test", file, "--city", city.folder).exit_code == 1
    before = city.words()
    city.toml.write_text(before[: before.index("[[rule]]")] + NEW, encoding="utf-8")
    try:
        assert call("test", file, "--city", city.folder).exit_code == 0
    finally:
        city.toml.write_text(before, encoding="utf-8")


def test_a_file_that_is_no_table_of_cases_is_refused(city: City, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="expected owners"):
        call("test", table(tmp_path / "x.csv", ("place", "category"), ("A00", "1")), "--city", city.folder)
    with pytest.raises(LayerError):
        call("test", table(tmp_path / "y.csv", ("place", "expected")), "--city", city.folder)
    assert call("test", tmp_path / "missing.csv", "--city", city.folder).exit_code == 2


def test_cases_in_gbk_are_read(city: City, tmp_path: Path) -> None:
    path = tmp_path / "gbk.csv"
    path.write_bytes("地点,类别,责任单位\nstreet_light:L0,路灯,路灯管理所\n".encode("gb18030"))
    assert call("test", path, "--city", city.folder, "--encoding", "gb18030").exit_code == 0


def test_chinese_terminals_are_told_in_chinese(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = call("test", cases(tmp_path, ("nowhere", "0118", "", "lamps")), "--city", city.folder)
    assert "应由\tlamps 路灯管理所" in result.stdout
    assert result.stderr == "1 条用例中 0 条符合预期。\n"


# ---- replay


def reports(folder: Path, *rows: Sequence[str], more: Sequence[str] = ()) -> Path:
    return table(folder / "reports.csv", ("lng", "lat", "category", "occurred_at", *more), *rows)


def test_where_nothing_was_ever_reported_it_says_so(city: City, new: Path) -> None:
    with pytest.raises(CityError, match=r"issues\.db is not there") as told:
        call("replay", "--city", city.folder, "--rules", new)
    assert told.value.fix == "It is made with the first report."


def test_columns_of_a_file_that_is_not_given_are_refused(city: City, new: Path) -> None:
    result = call("replay", "--city", city.folder, "--rules", new, "--map", "category=c")
    assert result.exit_code == 2
    assert "give it with --in F" in result.output


def test_what_the_city_has_stored_is_replayed_as_a_file_of_it_would_be(new: Path, tmp_path: Path) -> None:
    morning, noon = "2026-11-20T09:00:00+08:00", "2026-11-20T13:00:00+08:00"
    with live_city(tmp_path / "stored") as live:
        sent = [report(text="又坏了", occurred_at=morning), report(occurred_at=noon)]
        sent += [report(occurred_at=morning), words_only("灯坏了")]
        filed = file_reports(live, sent, actor="desk", at_us=NOON)
        folder, chief = live.city.folder, Actor("chief", Role.ADMIN)
        for outcome, action in (
            (filed[0], Action.DISPATCH),
            (filed[0], Action.RETURN),
            (filed[2], Action.REJECT),
        ):
            assert outcome.issue is not None
            uid, asked = outcome.issue.uid, Asked(action, reason="not ours", as_it_is=True)
            live.store.write(lambda c, uid=uid, asked=asked: act(live.generation, c, uid, asked, chief, NOON))
    out = tmp_path / "moves.csv"
    result = call("replay", "--city", folder, "--rules", new, "--since", "2026-11-20", "--out", out, "--json")
    told = json.loads(result.stdout)
    assert (told["reports"], told["moved"], told["rejects"]) == (2, 2, [])
    first, second = read(out)
    assert [row["number"] for row in (first, second)] == [filed[n].issue.number for n in (0, 1)]  # type: ignore[union-attr]
    assert (first["old_owner_id"], first["new_owner_id"], first["returned"]) == ("lamps", "parks", "yes")
    assert (second["old_owner_id"], second["new_owner_id"], second["returned"]) == ("lamps", "body-00", "no")
    assert "text" not in first
    late = call("replay", "--city", folder, "--rules", new, "--since", "2026-11-21", "--json")
    assert json.loads(late.stdout)["reports"] == 0


def test_what_would_move_is_said_as_tables(city: City, new: Path, tmp_path: Path) -> None:
    file = reports(tmp_path, (*LAMP, "0118", "2026-07-01 09:00"), (*LAMP, "0118", "2026-07-01 13:00"),
                   (*LAMP, "E0102", "2026-07-01 13:00"))  # fmt: skip
    result = call("replay", "--city", city.folder, "--rules", new, "--in", file)
    assert result.exit_code == 0
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["from", "to", "reports"],
        ["lamps 路灯管理所", "body-00", "1"],
        ["lamps 路灯管理所", "parks", "1"],
        [""],
        ["rule", "before", "after", "gained", "lost"],
        ["lamp", "2", "0", "0", "2"],
        ["parks-first", "0", "1", "1", "0"],
        ["territory", "1", "2", "1", "0"],
    ]
    assert result.stderr == "2 of 3 reports would go elsewhere (66.7%).\n"


def test_moves_returns_and_rejects_are_written_and_end_with_1(city: City, new: Path, tmp_path: Path) -> None:
    file = reports(
        tmp_path, (*LAMP, "0118", "2026-07-01 09:00", "parks"),
        (*LAMP, "0118", "2026-07-01 13:00", "路灯管理所"), (*LAMP, "0118", "2026-06-01 13:00", "parks"),
        ("", "", "0118", "2026-07-01 13:00", ""), more=["by"],
    )  # fmt: skip
    out = tmp_path / "moves.csv"
    result = call(
        "replay", "--city", city.folder, "--rules", new, "--in", file, "--out", out, "--since", "2026-07-01",
        "--map", "final_owner=by",
    )  # fmt: skip
    assert result.exit_code == 1
    assert "Returns: 1 avoided, 1 caused." in result.stderr
    assert f"Rows that could not be used: 1, in {out}.rejects.csv." in result.stderr
    rows = read(out)
    assert [(row["row"], row["by"], row["new_owner_id"], row["return"]) for row in rows] == [
        ("1", "parks", "parks", "avoided"),
        ("2", "路灯管理所", "body-00", "caused"),
    ]
    rejects = read(Path(f"{out}.rejects.csv"))
    assert [(row["row"], row["column"]) for row in rejects] == [("4", "lng")]


def test_a_program_gets_the_replay_as_json(city: City, new: Path, tmp_path: Path) -> None:
    file = reports(
        tmp_path, (*LAMP, "0118", "2026-07-01 09:00", "1"), ("x", "y", "0118", "", ""), more=["退回"]
    )
    result = call("replay", "--city", city.folder, "--rules", new, "--in", file, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (answer["generation"], answer["reports"], answer["moved"]) == ("0001", 1, 1)
    assert answer["flows"][0]["to_id"] == "parks"
    assert answer["returns"] == {"avoided": 0, "caused": 0, "open": 1, "unknown_final_owners": {}}
    assert [reject["row"] for reject in answer["rejects"]] == [2]


def test_the_city_s_own_words_move_nothing(city: City, tmp_path: Path) -> None:
    file = reports(tmp_path, (*LAMP, "0118", ""))
    result = call("replay", "--city", city.folder, "--rules", city.toml, "--in", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 of 1 reports would go elsewhere (0.0%).\n"


def test_what_check_would_say_of_the_new_rules_is_said(city: City, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text('[[rule]]\nid = "a"\nowner = "stranger"\nwhen = { cell = "Z" }\n', encoding="utf-8")
    result = call(
        "replay", "--city", city.folder, "--rules", path, "--in", reports(tmp_path, (*LAMP, "1", ""))
    )
    assert "check: The rules have no last one" in result.stderr
    assert "check: Rule a: cell names what is not there: Z." in result.stderr
    assert "declared nowhere: stranger." in result.stderr


def test_rules_that_cannot_be_name_their_file_and_line(city: City, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text('[[rule]]\nid = "a"\nowner = "o"\nwhen = { hours = "8-20" }\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"new\.toml, line 4: .*'8-20'"):
        call("replay", "--city", city.folder, "--rules", path, "--in", reports(tmp_path, (*LAMP, "1", "")))
    path.write_bytes('[[rule]]\nid = "路灯规则"'.encode("gb18030"))
    with pytest.raises(ConfigError, match="UTF-8"):
        call("replay", "--city", city.folder, "--rules", path, "--in", reports(tmp_path, (*LAMP, "1", "")))


def test_no_result_replaces_an_input_and_no_name_is_invented(city: City, new: Path, tmp_path: Path) -> None:
    file = reports(tmp_path, (*LAMP, "0118", ""))
    asked = ("replay", "--city", city.folder, "--rules", new, "--in", file)
    for wrong in (("--out", new), ("--out", file), ("--map", "colour=red"), ("--map", "category=")):
        assert call(*asked, *wrong).exit_code == 2
