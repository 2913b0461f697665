"""What a [[rule]] may say, and what is refused with a word that helps."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from geo.errors import ConfigError
from layers.config import parse_config, parse_rules
from layers.rules import Rule, RuleError, parse_rule


def rule(text: str) -> Rule:
    return parse_rule(tomllib.loads(text))


def test_a_rule_leads_always_where_nothing_else_is_said() -> None:
    said = rule('id = "a"\nowner = "@cell"')
    assert (said.role, said.when, said.valid_from, said.valid_to) == ("lead", (), None, None)
    assert not said.is_bounded
    assert not said.needs_time


def test_role_days_and_conditions_are_read() -> None:
    said = rule(
        'id = "a"\nrole = "assist"\nowner = "@section.road"\nvalid_from = 2026-07-01\n'
        'valid_to = "2026-07-31"\nwhen = { weekday = ["周一", "wed-thu"], hours = "8:00-20:00", '
        'section.road = ["S1"] }'
    )
    assert (said.role, said.via, said.target, said.owner) == ("assist", "section", "road", "@section.road")
    assert (said.valid_from, said.valid_to) == (date(2026, 7, 1), date(2026, 7, 31))
    assert said.condition("weekday") == {"mon", "wed", "thu"}
    assert said.condition("hours") == {"08:00-20:00"}
    assert said.condition("section.road") == {"S1"}
    assert said.needs_time


def test_the_section_of_whatever_route_has_no_kind() -> None:
    said = rule('id = "a"\nowner = "@section"\nwhen = { section = "S1" }')
    assert (said.via, said.target, said.owner) == ("section", "", "@section")
    assert said.condition("section") == {"S1"}


def test_one_line_says_all_of_a_rule() -> None:
    said = rule('id = "a"\nrole = "supervisor"\nowner = "o"\nvalid_to = 2026-07-31\nwhen.weekday = "sat-sun"')
    assert said.line == "supervisor: weekday = sat | sun & valid_to = 2026-07-31 → o"
    assert rule('id = "a"\nowner = "@cell"').line == "* → @cell"


@pytest.mark.parametrize(
    ("text", "key", "words", "fix"),
    [
        ('role = "boss"', "role", "'boss'", '"supervisor"'),
        ("role = 1", "role", "1", '"lead"'),
        ("valid_from = 2026-07-01T08:00:00", "valid_from", "2026-07-01 08:00:00", "without an hour"),
        ('valid_to = "soon"', "valid_to", "'soon'", "2026-07-01"),
        ("valid_from = 2026-07-02\nvalid_to = 2026-07-01", "valid_to", "ends before it begins", "Exchange"),
        ('when = { weekday = "funday" }', "when", "'funday'", "mon-fri"),
        ('when = { weekday = ["mon", 2] }', "when", "['mon', 2]", "sat"),
        ('when = { hours = "8-20" }', "when", "'8-20'", "08:00-20:00"),
        ('when = { hours = ["08:00-08:00"] }', "when", "'08:00-08:00'", "00:00-24:00"),
        ("when = { hours = 8 }", "when", "8", "17:00-20:00"),
        ('when = { area = "x" }', "when", "'area'", "area.KIND"),
        ("when = { area = {} }", "when", "'area'", "area.KIND"),
        ('when = { sections = "x" }', "when", "'sections'", "section.KIND"),
    ],
)
def test_a_mistake_shows_the_value_and_how_to_mend_it(text: str, key: str, words: str, fix: str) -> None:
    with pytest.raises(RuleError) as caught:
        rule(f'id = "a"\nowner = "o"\n{text}')
    assert caught.value.key == key
    assert words in caught.value.message
    assert "'a'" in caught.value.message
    assert fix in caught.value.fix


@pytest.mark.parametrize("owner", ["@section.", "@asset.road", "@asset.", "@cell.x", "@area.", "@moon", "@"])
def test_an_owner_that_cannot_be_is_refused(owner: str) -> None:
    with pytest.raises(RuleError, match="unknown"):
        rule(f'id = "a"\nowner = "{owner}"')


def test_rules_alone_are_read_with_their_owners_and_errors_name_the_file() -> None:
    rules, owners = parse_rules('[[owner]]\nid = "o"\n[[rule]]\nid = "a"\nowner = "o"\n', "new.toml")
    assert ([r.id for r in rules], [o.id for o in owners]) == (["a"], ["o"])
    with pytest.raises(ConfigError, match=r"new\.toml, line 3: .*'@moon'"):
        parse_rules('[[rule]]\nid = "a"\nowner = "@moon"\n', "new.toml")
    with pytest.raises(ConfigError, match=r"new\.toml has no rules"):
        parse_rules('[[owner]]\nid = "o"\n', "new.toml")
    with pytest.raises(ConfigError, match=r"new\.toml cannot be read"):
        parse_rules("[[rule", "new.toml")


def test_one_bracket_too_few_is_said() -> None:
    with pytest.raises(ConfigError, match=r"line 3: 'rule'") as caught:
        parse_config('name = "x"\n\n[rule]\nid = "a"\n')
    assert "[[rule]]" in caught.value.fix
