"""city.toml: what it may say, and where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import ConfigError
from layers.config import parse_config
from layers.new_city import edit, new_city_text
from layers.time_limits import shipped_limits

LAST = '[[rule]]\nid = "territory"\nowner = "@cell"\n'


def test_a_new_city_s_words_are_valid_whatever_its_name() -> None:
    for name in ("崇川", 'A "quoted" name', "back\\slash", "two\nlines", "{braces}"):
        config = parse_config(new_city_text(name, "", "Asia/Shanghai"))
        assert config.name == name
        assert config.rules[-1].id == "territory"
        assert config.categories["0118"].name_zh == "路灯"


def test_edits_keep_comments_and_order() -> None:
    text = '# ours\nname = "x"  # the name\n\n# rules\n' + LAST
    edited = edit(text, metric_crs="EPSG:4549", levels=["a"])
    assert "# ours" in edited
    assert "# the name" in edited
    config = parse_config(edited)
    assert config.metric_crs == "EPSG:4549"
    assert config.levels == ("a",)
    assert config.rules[0].id == "territory"


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('name = "x"\nbogus = 1\n', 2, "bogus"),
        ('name = ""\n', 1, "name"),
        ('name = "x"\nlanguages = ["fr"]\n', 2, "fr"),
        ('name = "x"\nlevels = ["a", "A"]\n', 2, "twice"),
        ('name = "x"\nlevels = ["a b"]\n', 2, "a b"),
        ('name = "x"\ntime_zone = "Mars/Base"\n', 2, "Mars/Base"),
        ('name = "x"\n[radius_m]\nlamp = nan\n', 3, "nan"),
        ('name = "x"\n[radius_m]\nlamp = true\n', 3, "True"),
        ('name = "x"\n[[owner]]\nid = "a"\n[[owner]]\nid = "a"\n', 5, "twice"),
        ('name = "x"\n[[rule]]\nid = "a"\nowner = "@moon"\n', 4, "@moon"),
        ('name = "x"\n[[rule]]\nid = "a"\nowner = "@area"\n', 4, "@area"),
        (f'name = "x"\n{LAST}{LAST}', 6, "twice"),
        ('name = "x"\n[[rule]]\nid = "a"\nowner = "o"\nwhen = { colour = "red" }\n', 5, "colour"),
        ('name = "x"\n[[rule]]\nid = "a"\nowner = "o"\nwhen = { category = [] }\n', 5, "category"),
        ('name = "x"\n[[rule]]\nid = "a"\nowner = "o"\nrole = "boss"\n', 5, "boss"),
        ('name = "x"\n[[rule]]\nowner = "o"\n', 2, "no id"),
        ('name = "x"\n[limits]\n"0118" = 24\n"*" = "soon"\n', 4, "'soon'"),
        ('name = "x"\n[limits]\n0118 = nan\n', 3, "nan"),
        ('name = "x"\n[limits]\n"0118" = 0\n', 3, "0"),
        ('name = "x"\n[limits]\n118 = 24\n', 3, "'118'"),
        ('name = "x"\nlimits = 24\n', 2, "limits"),
        ('name = "x"\n[[shared_edge]]\nasset = "river:R1"\nowner = "@asset"\n', 4, "@asset"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text)
    assert f"line {line}:" in caught.value.message
    assert word in caught.value.message


@pytest.mark.parametrize("value", ["5", "[1]", "[[1]]", "[{}]", "nan", "true", "2026-01-01"])
@pytest.mark.parametrize(
    "key",
    [
        *("languages", "levels", "metric_crs", "time_zone", "categories", "category"),
        *("owner", "rule", "radius_m", "width_m", "shared_edge", "channel"),
    ],
)
def test_a_key_of_the_wrong_type_is_named_with_its_line(key: str, value: str) -> None:
    """Refused in words, not tripped over."""
    with pytest.raises(ConfigError) as caught:
        parse_config(f'name = "x"\n{key} = {value}\n')
    assert caught.value.message.startswith("city.toml, line ")
    assert (
        key in caught.value.message or "is missing" in caught.value.message or "no id" in caught.value.message
    )


def test_broken_toml_names_the_place() -> None:
    with pytest.raises(ConfigError, match="line 4"):
        parse_config('name = "x"\nlevels = [\n"a"\n"b"]')


def test_a_city_brings_its_own_categories(tmp_path: Path) -> None:
    table = tmp_path / "ours.csv"
    table.write_text("code,name_zh,name_en,asset_kinds\n1,路灯,Lamp,street_light sign\n", encoding="utf-8")
    config = parse_config('name = "x"\n[categories]\ntable = "ours.csv"\n', tmp_path)
    assert config.categories["1"].asset_kinds == ("street_light", "sign")
    with pytest.raises(ConfigError, match="missing"):
        parse_config('name = "x"\n[categories]\ntable = "missing.csv"\n', tmp_path)


def test_one_category_of_its_own_joins_the_shipped_table() -> None:
    text = 'name = "x"\n[categories]\ntable = "gbt30428"\n[[category]]\ncode = "9901"\nname_zh = "飞线充电"\n'
    categories = parse_config(text).categories
    assert {"0118", "9901"} <= categories.keys()
    assert categories["9901"].name("en") == "飞线充电"


def test_radii_have_a_default() -> None:
    config = parse_config('name = "x"\n[radius_m]\nlamp = 30\n')
    assert (config.radius("lamp"), config.radius("bridge")) == (30.0, 50.0)


def test_limits_stand_for_the_shipped_ones_by_code_by_class_and_for_all_others() -> None:
    config = parse_config('name = "x"\n[limits]\n"0118" = 24\n"E01" = 4.5\n"*" = 100\n')
    hours = {code: config.limits.hours_of(code) for code in ("0118", "E0199", "none such", "0101")}
    assert hours == {"0118": 24, "E0199": 4.5, "none such": 100, "0101": 2}


def test_a_city_that_sets_no_limit_has_the_shipped_ones() -> None:
    assert parse_config(f'name = "x"\n{LAST}').limits == shipped_limits()
