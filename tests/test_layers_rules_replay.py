"""Past reports under other rules: what moves, which rules gain, which returns they would have spared."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geo.errors import LayerError
from layers.config import parse_rules
from layers.generation import Generation, load_draft
from layers.report_rows import ReportColumns
from layers.rule_owners import with_rules
from layers.rules_replay import MOVE_COLUMNS, Replay, end_columns, replay
from tests.cities import at, small_city

NEW = """
[[owner]]
id = "night"
name = "Night desk"

[[rule]]
id = "at-night"
when = { category = "E0301", hours = "20:00-06:00" }
owner = "night"

[[rule]]
id = "west-noise"
when = { category = ["E0301"], cell = "A" }
owner = "noise-west"

[[rule]]
id = "territory"
owner = "@cell"
"""
X, Y = (repr(value) for value in at(0.3, 0.3))
COLUMNS = ReportColumns("lng", "lat", "category")
DAY, NIGHT = "2026-07-01 12:00", "2026-07-02 23:00"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_draft(small_city(tmp_path_factory.mktemp("replay")))


@pytest.fixture(scope="module")
def other(live: Generation) -> Generation:
    return with_rules(live, *parse_rules(NEW, "new.toml"))


def run(
    live: Generation,
    other: Generation,
    *rows: dict[str, str],
    since: date | None = None,
    columns: ReportColumns = COLUMNS,
) -> Replay:
    table = pd.DataFrame([{"lng": X, "lat": Y, "category": "E0301", **row} for row in rows]).fillna("")
    named = {"occurred_at": "occurred_at" if "occurred_at" in table.columns else ""}
    named |= end_columns(list(table.columns), {})
    return replay(live, other, table, columns, named, since=since)


def test_the_same_rules_move_nothing(live: Generation) -> None:
    same = with_rules(live, live.config.rules, live.config.owners)
    found = run(live, same, {"occurred_at": NIGHT}, {"category": "0118"})
    assert (found.reports, len(found.moves), len(found.flows), len(found.rules)) == (2, 0, 0, 0)
    assert found.returns is None


def test_what_moves_is_listed_with_old_and_new_and_the_rest_is_counted(
    live: Generation, other: Generation
) -> None:
    found = run(
        live, other, {"occurred_at": DAY}, {"occurred_at": NIGHT}, {"occurred_at": ""},
        {"occurred_at": NIGHT, "category": "E0102"}, {"occurred_at": "2026-07-03T15:00:00Z"},
    )  # fmt: skip
    assert found.reports == 5
    assert list(found.moves["row"]) == [2, 5]
    assert list(found.moves.columns) == ["lng", "lat", "category", "occurred_at", *MOVE_COLUMNS]
    first = found.moves.iloc[0]
    assert (first["old_owner_id"], first["old_rule"]) == ("noise-west", "west-noise")
    assert (first["new_owner_id"], first["new_owner_name"], first["new_rule"]) == (
        "night", "Night desk", "at-night",
    )  # fmt: skip
    assert "west-noise" in first["old_reason"]
    assert "Night desk" in first["new_reason"]
    flows = found.flows.to_dict("records")
    assert [(f["from_id"], f["to_id"], f["reports"]) for f in flows] == [("noise-west", "night", 2)]
    rules = {
        r["rule"]: (r["before"], r["after"], r["gained"], r["lost"]) for r in found.rules.to_dict("records")
    }
    assert rules == {"at-night": (0, 2, 2, 0), "west-noise": (4, 2, 0, 2)}


def test_returns_are_avoided_and_caused_by_the_final_owner(live: Generation, other: Generation) -> None:
    found = run(
        live, other,
        {"occurred_at": NIGHT, "final_owner": "Night desk"},
        {"occurred_at": NIGHT, "final_owner": "noise-west"},
        {"occurred_at": NIGHT, "final_owner": "lamps"},
        {"occurred_at": NIGHT, "final_owner": "Somebody"},
        {"occurred_at": DAY, "final_owner": "night"},
        {"occurred_at": NIGHT, "final_owner": ""},
    )  # fmt: skip
    assert found.returns is not None
    assert list(found.moves["return"]) == ["avoided", "caused", "", "", ""]
    assert (found.returns.avoided, found.returns.caused, found.returns.open) == (1, 1, 0)
    assert found.returns.unknown == {"Somebody": 1}


def test_only_what_was_returned_can_be_avoided_where_the_file_says_it(
    live: Generation, other: Generation
) -> None:
    found = run(
        live, other,
        {"occurred_at": NIGHT, "final_owner": "night", "returned": "是"},
        {"occurred_at": NIGHT, "final_owner": "night", "returned": "否"},
        {"occurred_at": NIGHT, "final_owner": "noise-west", "returned": "0"},
    )  # fmt: skip
    assert list(found.moves["return"]) == ["avoided", "", "caused"]


def test_without_a_final_owner_what_nobody_returned_was_right_and_the_rest_is_open(
    live: Generation, other: Generation
) -> None:
    found = run(
        live, other, {"occurred_at": NIGHT, "returned": "2"}, {"occurred_at": NIGHT, "returned": ""},
        {"occurred_at": DAY, "returned": "1"},
    )  # fmt: skip
    assert found.returns is not None
    assert list(found.moves["return"]) == ["", "caused"]
    assert (found.returns.avoided, found.returns.caused, found.returns.open) == (0, 1, 1)


def test_reports_since_a_day_are_those_of_the_city_s_clock(live: Generation, other: Generation) -> None:
    rows = [
        {"occurred_at": "2026-07-01T15:59:00Z"},
        {"occurred_at": "2026-07-01T16:00:00Z"},
        {"occurred_at": ""},
        {"occurred_at": "2026-06-01", "lng": "x"},
    ]
    found = run(live, other, *rows, since=date(2026, 7, 2))
    assert found.reports == 1
    assert list(found.rejects["row"]) == [3]  # the last is too old to matter
    assert "--since" in found.rejects["reason"][0]
    with pytest.raises(LayerError, match="--since"):
        run(live, other, {"category": "0118"}, since=date(2026, 7, 2))


def test_rows_that_cannot_be_used_are_listed_once_each_in_their_order(
    live: Generation, other: Generation
) -> None:
    found = run(
        live, other,
        {"occurred_at": "noon"},
        {"occurred_at": NIGHT},
        {"occurred_at": "soon", "lng": ""},
        {"occurred_at": NIGHT, "lat": "91"},
        {"occurred_at": NIGHT, "acc": "far"},
        columns=ReportColumns("lng", "lat", "category", "acc"),
    )  # fmt: skip
    assert found.reports == 1
    assert list(found.rejects["row"]) == [1, 3, 4, 5]
    assert list(found.rejects["column"]) == ["occurred_at", "lng", "lat", "acc"]
    assert list(found.rejects["value"]) == ["noon", "", "91", "far"]


def test_columns_of_ours_in_the_file_are_kept_under_another_name(live: Generation, other: Generation) -> None:
    found = run(live, other, {"occurred_at": NIGHT, "row": "7", "return": "r"})
    assert (found.moves["row"][0], found.moves["input_row"][0], found.moves["input_return"][0]) == (
        2 - 1,
        "7",
        "r",
    )


def test_an_owner_that_layers_name_and_the_new_rules_declare_is_the_same(live: Generation) -> None:
    declared = '[[owner]]\nid = "w1"\nname = "west"\n[[owner]]\nid = "body-00"\nname = "Cell body"\n'
    renamed = with_rules(live, *parse_rules(declared + NEW, "new.toml"))
    ids = [owner.id for owner in renamed.owners]
    assert len(ids) == len(set(ids))
    assert ids.index("w1") == [owner.id for owner in live.owners].index("west")
    found = run(live, renamed, {"category": "E0102", "occurred_at": DAY})
    assert len(found.moves) == 0


def test_owners_that_nobody_declared_are_known_as_such(live: Generation) -> None:
    asked = with_rules(live, *parse_rules('[[rule]]\nid = "a"\nowner = "stranger"\n', "new.toml"))
    assert set(asked.undeclared) - set(live.undeclared) == {"stranger"}
    assert asked.config.owners == live.config.owners


def test_columns_of_the_end_are_found_by_name_or_named() -> None:
    names = ["a", "最终责任单位", "Handled_By", "退回次数"]
    assert end_columns(names, {}) == {"final_owner": "Handled_By", "returned": "退回次数"}
    assert end_columns(names, {"final_owner": "a"})["final_owner"] == "a"
    assert end_columns(["x"], {}) == {"final_owner": "", "returned": ""}
    with pytest.raises(LayerError, match="'b'"):
        end_columns(names, {"returned": "b"})
