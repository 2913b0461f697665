"""Rules that give a first sensible answer for a town that has told us nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources

import geopandas

from layers.new_city import NEW_CITY

FIRST_RULE = "\n[[rule]]\n"
KIND, ATTRIBUTE = "asset_kind", "asset."
Frames = Mapping[str, geopandas.GeoDataFrame]


def with_starter_rules(text: str, before: Frames, after: Frames) -> str:
    """The text of a city.toml with the starter rules, if nobody has changed its rules.

    Unchanged are those that ``init`` wrote, and those that an earlier import did; else the text stays.

    Args:
        text: a city.toml.
        before: the draft's ``asset_KIND`` tables before this import.
        after: those that it leaves.
    """
    for written in (NEW_CITY[NEW_CITY.index(FIRST_RULE) + 1 :].format(), starter_rules(before)):
        head = text.removesuffix(written)
        if head != text and not re.search(r"^\[\[(?:rule|owner)\]\]", head, re.MULTILINE):
            return head + starter_rules(after)
    return text


def starter_rules(assets: Frames) -> str:
    """The shipped owners and rules as TOML, without those that concern nothing the town has."""
    shipped = (resources.files("layers") / "data" / "rules_town.toml").read_text("utf-8")
    blocks = [_pruned(block, assets) for block in shipped.strip().split("\n\n")]
    rules = "\n\n".join(block for block in blocks if "[[owner]]" not in block)
    kept = [
        block for block in blocks if block and ("[[owner]]" not in block or _owner(block) in _owners(rules))
    ]
    return "\n\n".join(kept) + "\n"


def _owner(block: str) -> str:
    return str(tomllib.loads(block)["owner"][0]["id"])


def _owners(rules: str) -> set[str]:
    return {rule["owner"] for rule in tomllib.loads(rules)["rule"]}


def _pruned(block: str, assets: Frames) -> str:
    """A block with its conditions cut down to what is there; empty if nothing of them is."""
    for rule in tomllib.loads(block).get("rule", ()):
        when = _flat(rule.get("when", {}))
        kinds = [kind for kind in when.get(KIND, []) if f"asset_{kind}" in assets]
        there = {key: _present(key, values, kinds, assets) for key, values in when.items()}
        if not all(there.values()):
            return ""
        words = ", ".join(f"{key} = [{', '.join(map(_quoted, values))}]" for key, values in there.items())
        block = re.sub(r"^when = .*$", f"when = {{ {words} }}", block, flags=re.MULTILINE)
    return block


def _flat(when: Mapping[str, list[str] | Mapping[str, list[str]]]) -> dict[str, list[str]]:
    """Conditions by their dotted keys, which TOML reads as tables."""
    flat: dict[str, list[str]] = {}
    for key, value in when.items():
        flat |= {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, Mapping) else {key: value}
    return flat


def _present(key: str, values: list[str], kinds: list[str], assets: Frames) -> list[str]:
    if key == KIND:
        return kinds
    columns = [assets[f"asset_{kind}"].get(key.removeprefix(ATTRIBUTE)) for kind in kinds]
    found = {value for column in columns if column is not None for value in column.dropna()}
    return [value for value in values if value in found]


def _quoted(word: str) -> str:
    return f'"{word}"'
