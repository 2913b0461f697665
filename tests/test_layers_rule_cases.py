"""Cases with a known owner: how they are read, what fails, and which hint a failure gets."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from geo.errors import LayerError
from layers.generation import Generation, load_draft
from layers.rule_cases import OUTCOME_COLUMNS, run_cases
from tests.cities import RULES, at, small_city, words

MORE = """
[[owner]]
id = "wuye"
name = "怡居物业"

[[owner]]
id = "night"
name = "Night desk"

[[owner]]
id = "chief"
name = "City watch"

[[rule]]
id = "at-night"
when = { category = "E0301", hours = "22:00-06:00" }
owner = "night"
"""
AFTER = """
[[rule]]
id = "late"
when = { category = "0118" }
owner = "night"

[[rule]]
id = "watch"
role = "supervisor"
when = { category = "0118", weekday = "mon-fri" }
owner = "chief"
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    made = small_city(tmp_path_factory.mktemp("cases"))
    head, rules = RULES.split("[[rule]]", 1)
    rules = "[[rule]]" + rules
    last = rules.index('[[rule]]\nid = "territory"')
    words(made, head + MORE + rules[:last] + AFTER + rules[last:])
    return load_draft(made)


def place(column: float, row: float) -> str:
    return "{!r} {!r}".format(*at(column, row))


LAMP = place(0.5, 0.5)  # beside lamp L0 of the lamps office, in cell A00


def run(city: Generation, *cases: dict[str, str]) -> pd.DataFrame:
    return run_cases(city, pd.DataFrame(list(cases)).fillna("").astype(str), "en")


def one(city: Generation, **case: str) -> dict[str, Any]:
    return dict(run(city, case).iloc[0])


def test_a_case_that_comes_out_as_expected_passes(city: Generation) -> None:
    outcomes = run(
        city,
        {"place": LAMP, "category": "0118", "expected": "lamps", "rule": "lamp"},
        {"place": LAMP, "category": "路灯", "expected": "路灯管理所", "role": "lead"},
        {"place": LAMP, "category": "0118", "expected": "", "role": "assist"},
    )
    assert list(outcomes.columns) == list(OUTCOME_COLUMNS)
    assert list(outcomes["ok"]) == [True, True, True]
    assert list(outcomes["row"]) == [1, 2, 3]


@pytest.mark.parametrize(
    "case",
    [
        {"place": LAMP},
        {"place": LAMP.replace(" ", ",")},
        {"place": LAMP.replace(" ", "，")},
        {"place": LAMP.replace(" ", " ; ")},
        {"place": "street_light:L0"},
        {"地点": "street_light:L0"},
        {"lng": LAMP.split()[0], "lat": LAMP.split()[1]},
        {"经度": LAMP.split()[0], "纬度": LAMP.split()[1], "place": "nowhere"},
        {"place": LAMP, "datum": "wgs84", "accuracy_m": "1"},
    ],
)
def test_a_place_is_coordinates_or_an_asset(city: Generation, case: dict[str, str]) -> None:
    assert one(city, category="0118", expected="lamps", **case)["ok"]


def test_a_place_may_be_a_cell_of_any_level(city: Generation) -> None:
    assert one(city, place="A01", category="E0102", expected="body-01")["ok"]
    assert one(city, place="A", category="E0301", expected="noise-west")["ok"]


def test_coordinates_in_another_datum_are_converted_and_those_of_a_cell_are_not(city: Generation) -> None:
    outcomes = run(
        city,
        {"place": "120.8044 32.0029", "category": "E0102", "expected": "body-00", "datum": "gcj02"},
        {"place": "A00", "category": "E0102", "expected": "body-00", "datum": "gcj02"},
        {"place": LAMP, "category": "E0102", "expected": "body-00", "datum": "mars"},
    )
    assert list(outcomes["ok"]) == [True, True, False]
    assert "datum" in outcomes["problem"][2]


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ({"place": ""}, "There is no place."),
        ({"place": "Main Street"}, "'Main Street'"),
        ({"place": "street_light:L99"}, "There is no street_light with the id 'L99'."),
        ({"place": "32.005 120.805"}, "swapped"),
        ({"place": LAMP, "expected": "nobody-knows"}, "no owner 'nobody-knows'"),
        ({"place": LAMP, "time": "noon"}, "'noon' is not a time"),
        ({"place": LAMP, "role": "boss"}, "'boss'"),
        ({"place": LAMP, "rule": "lamb"}, "no rule 'lamb'"),
        ({"place": LAMP, "rule": "watch"}, "role supervisor, not lead"),
        ({"place": LAMP, "accuracy_m": "about 5"}, "accuracy"),
    ],
)
def test_what_cannot_be_understood_fails_and_says_why(
    city: Generation, case: dict[str, str], says: str
) -> None:
    outcome = one(city, **{"category": "0118", "expected": "lamps", **case})
    assert not outcome["ok"]
    assert says in outcome["problem"]
    assert outcome["hint"] == ""


def test_a_failure_says_which_later_rule_names_the_expected_owner(city: Generation) -> None:
    outcome = one(city, place=LAMP, category="0118", expected="Night desk")
    assert (outcome["ok"], outcome["owner_id"], outcome["rule"]) == (False, "lamps", "lamp")
    assert outcome["expected_owner_id"] == "night"
    assert outcome["hint"] == "Rule late matches too and names night Night desk, but it stands after lamp."
    assert "Rule lamp: the asset's owner, 路灯管理所." in outcome["reason"]


def test_a_failure_says_which_condition_kept_the_expected_owner_away(city: Generation) -> None:
    asked = {"place": place(0.3, 0.3), "category": "E0301", "expected": "night"}
    by_day = one(city, time="2026-07-01 12:00", **asked)
    assert by_day["hint"] == (
        "Rule at-night names night Night desk, but these conditions of it do not hold: hours."
    )
    assert one(city, time="2026-07-01 23:00", **asked)["ok"]
    assert one(city, time="2026-07-01T15:00Z", **asked)["ok"]
    assert not one(city, time="2026-07-01T23:00Z", **asked)["ok"]
    assert "hours" in one(city, **asked)["hint"]  # without a time no rule that asks for one holds


def test_a_rule_that_is_asked_for_is_explained(city: Generation) -> None:
    late = one(city, place=LAMP, category="0118", expected="lamps", rule="late")
    assert not late["ok"]
    assert late["hint"].startswith("Rule late matches too")
    river = one(city, place=LAMP, category="0118", expected="lamps", rule="river")
    assert river["hint"].endswith("do not hold: asset_kind, category.")
    estate = one(city, place=LAMP, category="0126", expected="body-00", rule="property")
    assert estate["hint"] == "The conditions of rule property hold, but it names nobody here."


def test_other_roles_have_their_own_answer_reason_and_hint(city: Generation) -> None:
    asked = {"place": LAMP, "category": "0118", "expected": "City watch", "role": "督办"}
    on_friday = one(city, time="2026-07-03 12:00", **asked)
    assert (on_friday["ok"], on_friday["role"], on_friday["rule"]) == (True, "supervisor", "watch")
    assert "Rule watch names City watch." in on_friday["reason"]
    on_sunday = one(city, time="2026-07-05 12:00", **asked)
    assert (on_sunday["ok"], on_sunday["owner_id"]) == (False, "")
    assert on_sunday["hint"].endswith("do not hold: weekday.")


def test_nobody_may_be_expected(city: Generation) -> None:
    far = one(city, place="121.9 32.9", category="E0102", expected="")
    assert (far["ok"], far["owner_id"]) == (True, "")
    near = one(city, place=LAMP, category="E0102", expected="")
    assert (near["ok"], near["hint"]) == (False, "")


def test_chinese_columns_and_sentences(city: Generation) -> None:
    table = pd.DataFrame(
        [{"地点": LAMP, "类别": "0118", "时间": "2026/7/3 12:00", "责任单位": "夜班", "角色": "主办"}]
    )
    outcome = run_cases(city, table, "zh").iloc[0]
    assert outcome["problem"] == "责任单位「夜班」在本市没有登记；请写它的编码或名称。"


def test_a_table_without_owners_or_places_is_refused(city: Generation) -> None:
    with pytest.raises(LayerError, match="expected owners"):
        run(city, {"place": LAMP, "category": "0118"})
    with pytest.raises(LayerError, match="places"):
        run(city, {"category": "0118", "expected": "lamps"})
