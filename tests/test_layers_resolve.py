"""Which rule answers: one for each role, at its time, on its days, for its section."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layers.assets import AssetAnswer
from layers.generation import Generation, load_draft
from layers.resolve import Facts, answer_of, named_by, resolve, unmet
from layers.rule_owners import with_rules
from layers.rules import Owner, Rule
from tests.cities import small_city

OWNERS = tuple(Owner(name, name) for name in ("day", "night", "helper", "chief", "north", "south", "dike"))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_draft(small_city(tmp_path_factory.mktemp("resolve")))


def facts(
    city: Generation,
    *rules: Rule,
    times: list[str] | None = None,
    cell: int = 0,
    kind: str = "",
    sections: dict[str, list[int]] | None = None,
) -> Facts:
    """Reports at some times (or one without) in one cell, concerning the first asset of a kind, if any."""
    times = times or ["NaT"]
    n, kinds = len(times), tuple(sorted(city.assets))
    number = kinds.index(kind) if kind else -1
    assets = AssetAnswer(
        kinds, np.full(n, number), np.full(n, 0 if kind else -1), np.full(n, 0.0 if kind else np.nan)
    )
    asked = with_rules(city, rules, OWNERS)
    ends = positions(asked, "north", "south")
    own: dict[str, Any] = {
        "road": SimpleNamespace(id=["K1", "K2"], name=["North stretch", ""], owner=ends),
        "river": SimpleNamespace(id=["W1"], name=["Bank"], owner=positions(asked, "dike")),
    }
    found = {name: np.array(position, dtype=np.intp) for name, position in (sections or {}).items()}
    return Facts(
        replace(asked, sections={name: own[name] for name in found}),
        np.full(n, "0118", dtype=object),
        np.full(n, cell, dtype=np.intp),
        {},
        assets,
        np.array(times, dtype="datetime64[us]"),
        found,
    )


def positions(city: Generation, *ids: str) -> np.ndarray:
    there = [owner.id for owner in city.owners]
    return np.array([there.index(name) for name in ids], dtype=np.intp)


def answers(asked: Facts, role: str = "lead") -> list[tuple[str, str]]:
    """Rule and owner of each report, empty for none."""
    rules = [*(rule.id for rule in asked.generation.config.rules), ""]
    owners = [*(owner.id for owner in asked.generation.owners), ""]
    return [(rules[r], owners[o]) for r, o in zip(*resolve(asked, role), strict=True)]


def when(**conditions: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((key.replace("__", "."), frozenset(value.split())) for key, value in conditions.items())


LAST = Rule("territory", "fixed", "day")


def test_each_role_has_its_own_first_match_and_positions_count_all_rules(city: Generation) -> None:
    asked = facts(
        city,
        Rule("watch", "fixed", "chief", role="supervisor"),
        Rule("help", "fixed", "helper", role="assist"),
        LAST,
        Rule("help-too", "fixed", "night", role="assist"),
    )
    assert answers(asked) == [("territory", "day")]
    assert answers(asked, "assist") == [("help", "helper")]
    assert answers(asked, "supervisor") == [("watch", "chief")]
    assert resolve(asked)[0][0] == 2


def test_a_role_without_rules_has_nobody(city: Generation) -> None:
    assert answers(facts(city, LAST), "assist") == [("", "")]


def test_hours_and_weekdays_go_by_the_city_s_clock(city: Generation) -> None:
    # Shanghai is eight hours ahead: Friday 13:00 UTC is 21:00, 22:30 UTC is Saturday 06:30.
    times = ["2026-07-03T13:00", "2026-07-03T22:30", "NaT"]
    night = Rule("night", "fixed", "night", when(hours="20:00-06:00"))
    friday = Rule("friday", "fixed", "helper", when(weekday="fri"))
    assert answers(facts(city, night, LAST, times=times)) == [
        ("night", "night"),
        ("territory", "day"),
        ("territory", "day"),
    ]
    assert [rule for rule, _ in answers(facts(city, friday, LAST, times=times))] == [
        "friday",
        "territory",
        "territory",
    ]


def test_a_rule_holds_from_its_first_day_to_the_end_of_its_last(city: Generation) -> None:
    july = Rule("july", "fixed", "night", valid_from=date(2026, 7, 1), valid_to=date(2026, 7, 31))
    times = ["2026-06-30T15:59", "2026-06-30T16:00", "2026-07-31T15:59:59", "2026-07-31T16:00", "NaT"]
    found = [rule for rule, _ in answers(facts(city, july, LAST, times=times))]
    assert found == ["territory", "july", "july", "territory", "territory"]


def test_the_section_s_owner_answers_for_the_kind_that_is_named(city: Generation) -> None:
    sections = {"road": [1], "river": [0]}
    assert answers(facts(city, Rule("s", "section", "road"), LAST, sections=sections)) == [("s", "south")]
    assert answers(facts(city, Rule("s", "section", "river"), LAST, sections=sections)) == [("s", "dike")]
    assert answers(facts(city, Rule("s", "section", "canal"), LAST, sections=sections)) == [
        ("territory", "day")
    ]


def test_without_a_kind_it_is_the_section_of_the_asset_s_kind_else_the_first_that_has_one(
    city: Generation,
) -> None:
    rule = Rule("s", "section")
    both = {"road": [0], "river": [0]}
    assert answers(facts(city, rule, LAST, sections=both)) == [("s", "dike")]  # river comes before road
    assert answers(facts(city, rule, LAST, sections={"road": [0], "river": [-1]})) == [("s", "north")]
    assert answers(facts(city, rule, LAST, sections=both, kind="river")) == [("s", "dike")]
    # A lamp's kind has no sections: the first that has one there.
    assert answers(facts(city, rule, LAST, sections=both, kind="street_light")) == [("s", "dike")]
    # The asset is a river that has sections, and none of them is here: not the road's.
    elsewhere = {"road": [0], "river": [-1]}
    assert answers(facts(city, rule, LAST, sections=elsewhere, kind="river")) == [("territory", "day")]
    assert answers(facts(city, rule, LAST)) == [("territory", "day")]


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("section", "W1", True),
        ("section", "Bank", True),
        ("section", "dike", True),
        ("section", "K1", False),
        ("section__road", "K1", True),
        ("section__road", "north", True),
        ("section__road", "K2", False),
        ("section__road", "W1", False),
        ("section__canal", "K1", False),
    ],
)
def test_a_section_is_asked_by_id_name_or_owner(city: Generation, key: str, value: str, fits: bool) -> None:
    rule = Rule("s", "fixed", "night", when(**{key: value}))
    found = answers(facts(city, rule, LAST, sections={"road": [0], "river": [0]}))
    assert found == [("s", "night") if fits else ("territory", "day")]


def test_outside_every_cell_a_section_of_the_city_s_own_is_the_city_s(city: Generation) -> None:
    there = {"cell": -1, "sections": {"road": [0]}}
    named = Rule("s", "fixed", "night", when(section__road="K1"))
    assert answers(facts(city, named, LAST, **there)) == [("s", "night")]  # type: ignore[arg-type]
    assert answers(facts(city, Rule("s", "section"), LAST, **there)) == [("s", "north")]  # type: ignore[arg-type]
    assert answers(facts(city, LAST, **there)) == [("", "")]  # type: ignore[arg-type]


def test_what_a_rule_names_and_why_it_does_not_match_can_be_asked(city: Generation) -> None:
    rule = Rule(
        "n",
        "fixed",
        "night",
        when(hours="20:00-06:00", category="0118 0119", cell="B"),
        valid_to=date(2026, 1, 1),
    )
    asked = facts(city, rule, LAST, times=["2026-07-03T04:00", "2025-07-03T13:00"])
    assert list(named_by(asked, 0)) == list(positions(asked.generation, "night", "night"))
    assert list(answer_of(asked, 0)) == [-1, -1]
    assert unmet(asked, 0) == [{"hours", "cell", "valid_from … valid_to"}, {"cell"}]
    assert unmet(asked, 1) == [set(), set()]


def test_some_reports_in_other_cells_keep_their_own_facts(city: Generation) -> None:
    sections = {"road": [0, 1, -1]}
    asked = facts(city, LAST, times=["2026-07-01", "2026-07-02", "NaT"], sections=sections)
    some = asked.rows(np.array([2, 1]), np.array([3, 3]))
    assert list(some.sections["road"]) == [-1, 1]
    assert list(some.cell) == [3, 3]
    assert some.occurred_at[1] == np.datetime64("2026-07-02", "us")
