"""Who answers for what in the demo city, as the words of city.toml."""

from __future__ import annotations

from typing import NamedTuple


class _Rule(NamedTuple):
    id: str
    owner: str
    category: tuple[str, ...] = ()
    asset_kind: tuple[str, ...] = ()
    more: str = ""


# In order: the first rule that matches and finds an owner answers.
RULES: tuple[_Rule, ...] = (
    _Rule("gas-leak", "gas", ("E0403",)),
    _Rule("water-main", "water", ("E0402",)),
    _Rule("lamp", "@asset", ("0118", "0119", "0120", "0106"), ("street_light",)),
    _Rule("lamp-in-estate", "@area.property", ("0118", "0119")),
    _Rule("lamp-unknown", "lighting", ("0118", "0119", "0120")),
    _Rule(
        "manhole", "@asset", ("0101", "0102", "0103", "0104", "0105", "0107", "0111", "E0404"), ("manhole",)
    ),
    _Rule("manhole-unknown", "municipal", ("0102", "0103", "0104", "0114")),
    _Rule("signals", "traffic", ("0209", "0210", "0211", "0213")),
    _Rule("bridge", "@asset", ("0208", "0207", "0205", "E0110"), ("bridge",)),
    _Rule("water-works", "@asset", ("0603", "2103"), ("sluice", "pump_station")),
    _Rule("yangtze-dike", "yangtze", ("0606", "2104", "E0111"), more='"asset.name" = "长江"'),
    _Rule("river-bank", "@section.river", ("E0105", "E0111", "0603", "0604"), ("river", "water_area")),
    _Rule(
        "litter-afloat", "@asset", ("E0105", "E0111", "0603", "0604", "0606", "2104"), ("river", "water_area")
    ),
    _Rule(
        "in-estate", "@area.property", ("E0103", "E0118", "E0506", "E0507", "E0408", "0126", "0305", "0405")
    ),
    _Rule("cleaning", "@area.sanitation", ("E0102", "E0103", "E0104", "E0112", "0305")),
    _Rule("greenery", "garden", ("0401", "0402", "0405", "0406", "0407", "0408", "E0106")),
    _Rule("parking", "traffic", ("E0505",)),
    _Rule("street-order", "urban", ("E0501", "E0504", "E0506", "E0507", "E0508", "E0510")),
    _Rule("advertising", "urban", ("E0201", "E0203", "E0205", "0307")),
    _Rule("building-site", "housing", ("E0301", "E0302", "E0303", "0602")),
    _Rule("flooded-road", "municipal", ("E0406",)),
    _Rule("shared-road", "@section.road", ("E0110", "E0304", "E0401", "2101", "2102"), ("road",)),
    _Rule("road", "@asset", ("E0110", "E0304", "E0401", "2101", "2102"), ("road",)),
    _Rule("power", "power", ("0116", "0133", "0134")),
    _Rule("cables", "telecom", ("E0408",)),
    _Rule("building", "@area.property", asset_kind=("building",)),
    _Rule("territory", "@cell"),
)


def rules_toml() -> str:
    """The ``[[rule]]`` entries of city.toml, the one that answers for everything last."""
    return "\n".join(_entry(rule) for rule in RULES)


def _entry(rule: _Rule) -> str:
    when = [f"{key} = {_words(words)}" for key, words in _conditions(rule) if words]
    when += [rule.more] if rule.more else []
    lines = ["[[rule]]", f'id = "{rule.id}"']
    lines += [f"when = {{ {', '.join(when)} }}"] if when else []
    return "\n".join([*lines, f'owner = "{rule.owner}"', ""])


def _conditions(rule: _Rule) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("category", rule.category), ("asset_kind", rule.asset_kind)


def _words(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
