"""What is wrong with rules is found before they act."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from layers.check import check
from layers.city import City
from layers.findings import Finding
from layers.generation import load_draft
from layers.rule_checks import rule_findings
from tests.cities import small_city, words

LAST = '[[rule]]\nid = "territory"\nowner = "@cell"\n'


@pytest.fixture
def city(tmp_path: Path) -> City:
    return small_city(tmp_path)


def found(city: City, rules: str) -> dict[str, list[Finding]]:
    """The findings about rules, but for owners that nobody declared, by code."""
    words(city, rules)
    by_code: dict[str, list[Finding]] = {}
    for finding in rule_findings(load_draft(city)):
        if finding.code != "undeclared_owner":
            by_code.setdefault(finding.code, []).append(finding)
    return by_code


def rule(id_: str, owner: str, more: str = "") -> str:
    return f'[[rule]]\nid = "{id_}"\nowner = "{owner}"\n{more}\n'


def test_rules_of_other_roles_may_follow_the_last_that_leads(city: City) -> None:
    assert found(city, LAST + rule("help", "o", 'role = "assist"')) == {}


@pytest.mark.parametrize(
    "last",
    [
        rule("x", "@cell", "valid_from = 2026-07-01"),
        rule("x", "@cell", 'when = { hours = "08:00-20:00" }'),
        rule("x", "@section"),
        rule("x", "@cell", 'role = "assist"'),
    ],
)
def test_a_last_rule_that_does_not_always_answer_is_an_error(city: City, last: str) -> None:
    findings = found(city, last)["no_last_rule"]
    assert [f.severity for f in findings] == ["error"]
    assert "valid_from" in findings[0].reason("en")
    assert "lead" in findings[0].reason("zh")


def test_times_are_never_called_never(city: City) -> None:
    more = 'when = { weekday = "mon-fri", hours = "20:00-06:00" }\nvalid_to = 2001-01-01'
    assert found(city, rule("x", "o", more) + LAST) == {}


def test_sections_that_are_not_there_are_named(city: City) -> None:
    text = (
        rule("a", "@section") + rule("b", "@section.road") + rule("c", "o", 'when = { section.road = "K9" }')
    )
    findings = found(city, text + LAST)["rule_never"]
    assert [(f.column, f.detail["missing"]) for f in findings] == [
        ("@section", "section"),
        ("@section.road", "road"),
        ("section.road", "K9"),
    ]


def test_sections_that_are_there_are_known_by_id_name_and_owner(city: City) -> None:
    names = '["K1", "Stretch", "west", "K9"]'
    text = rule("a", "@section.road") + rule("b", "o", f"when = {{ section = {names} }}") + LAST
    words(city, text)
    draft = load_draft(city)
    west = [owner.id for owner in draft.owners].index("west")
    road = SimpleNamespace(id=["K1"], name=["Stretch"], owner=np.array([west]))
    findings = [f for f in rule_findings(replace(draft, sections={"road": road})) if f.code == "rule_never"]  # type: ignore[dict-item]
    assert [(f.column, f.detail["missing"]) for f in findings] == [("section", "K9")]


@pytest.mark.parametrize(
    ("above", "below", "shadowed"),
    [
        ("", "", True),
        ("", 'when = { category = "0118" }', True),
        ('when = { category = ["0118", "0119"] }', 'when = { category = "0118", cell = "A" }', True),
        ('when = { category = "0118" }', 'when = { category = ["0118", "0119"] }', False),
        ('when = { category = "0118" }', "", False),
        ("valid_from = 2026-01-01", "", False),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2026-02-01", True),
        ("valid_to = 2026-01-31", "valid_from = 2026-01-01\nvalid_to = 2026-02-01", False),
        ('role = "assist"', "", False),
        ('role = "assist"', 'role = "assist"\nwhen = { category = "0118" }', True),
        ('when = { hours = "08:00-20:00" }', 'when = { hours = ["08:00-20:00", "22:00-23:00"] }', False),
    ],
)
def test_a_rule_to_which_another_leaves_nothing_is_found(
    city: City, above: str, below: str, shadowed: bool
) -> None:
    findings = found(city, rule("above", "o", above) + rule("below", "p", below) + LAST).get(
        "rule_shadowed", []
    )
    assert ("below" in [f.value for f in findings]) == shadowed
    if shadowed:
        assert findings[0].detail == {"rule": "below", "above": "above"}


def test_a_rule_that_may_name_nobody_leaves_the_rest_to_others(city: City) -> None:
    assert "rule_shadowed" not in found(city, rule("a", "@asset") + rule("b", "@area.property") + LAST)


def test_an_owner_for_some_hours_is_no_owner_for_an_asset_or_a_category(city: City) -> None:
    named = 'when = { asset_kind = "street_light" }'
    bare = {"asset_without_owner", "category_without_owner"}

    def codes(rules: str) -> set[str]:
        words(city, rules)
        return {f.code for f in check(load_draft(city))} & bare

    assert codes(rule("a", "o", named) + LAST) == set()
    for more in ('role = "assist"', "valid_to = 2026-07-31"):
        assert codes(rule("a", "o", f"{named}\n{more}") + LAST) == {"asset_without_owner"}
    assert "category_without_owner" in codes(rule("a", "@cell", "valid_to = 2026-07-31"))
