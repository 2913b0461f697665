"""What differs between the words of two generations: rules, categories, owners, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from layers.categories import Category
from layers.config import CityConfig
from layers.generation import Generation
from layers.rules import Rule
from layers.time_limits import shipped_limits


@dataclass(frozen=True, slots=True)
class WordChange:
    """One thing that is said otherwise.

    Attributes:
        section: ``rules``, ``categories``, ``owners`` or ``settings``.
        kind: ``added``, ``removed``, ``changed`` or ``reordered``.
        key: the rule's id, the category's code, the owner's id or the setting's name.
        before, after: the old and the new line; empty where there is none.
    """

    section: str
    kind: str
    key: str
    before: str = ""
    after: str = ""


def word_changes(live: Generation, draft: Generation) -> tuple[WordChange, ...]:
    """What the draft says otherwise than the live generation, rules first."""
    one, two = live.config, draft.config
    return (
        *_rules(one.rules, two.rules),
        *_entries("categories", _categories(one), _categories(two)),
        *_entries("owners", _owners(live), _owners(draft)),
        *_entries("settings", _settings(one), _settings(two)),
    )


def _rules(before: tuple[Rule, ...], after: tuple[Rule, ...]) -> Iterator[WordChange]:
    lines = [{rule.id: rule.line for rule in rules} for rules in (before, after)]
    yield from _entries("rules", *lines)
    one, two = ([key for key in said if key in lines[0].keys() & lines[1].keys()] for said in lines)
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    kept = {key for block in blocks for key in one[block.a : block.a + block.size]}
    places = [{rule.id: number for number, rule in enumerate(rules, 1)} for rules in (before, after)]
    for key in two:
        if key not in kept:
            yield WordChange("rules", "reordered", key, str(places[0][key]), str(places[1][key]))


def _entries(section: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[WordChange]:
    for key in (*before, *(key for key in after if key not in before)):
        one, two = before.get(key), after.get(key)
        if one != two:
            kind = "added" if one is None else "removed" if two is None else "changed"
            yield WordChange(section, kind, key, one or "", two or "")


def _categories(config: CityConfig) -> dict[str, str]:
    def line(category: Category) -> str:
        kinds = " ".join(category.asset_kinds)
        names = (category.name_zh, category.name_en, category.class_zh, category.class_en)
        return " / ".join(name for name in (*names, kinds and f"[{kinds}]") if name)

    return {code: line(category) for code, category in config.categories.items()}


def _owners(generation: Generation) -> dict[str, str]:
    """The owners that somebody named; cells that stand for themselves come and go with the cells."""
    cells = generation.cells
    bare = {generation.owners[i].id for i in cells.body[~cells.declared]}
    declared = {owner.id for owner in generation.config.owners}
    return {
        owner.id: f"{owner.name} / {owner.name_en}" if owner.name_en else owner.name
        for owner in generation.owners
        if owner.id in declared or owner.id not in bare
    }


def _settings(config: CityConfig) -> dict[str, str]:
    said = {
        "name": config.name,
        "metric_crs": config.metric_crs,
        "time_zone": config.time_zone,
        "languages": " ".join(config.languages),
        "levels": " ".join(config.levels),
        **{f"radius_m.{kind}": f"{radius:g}" for kind, radius in config.radius_m.items()},
        **{f"width_m.{kind}": f"{width:g}" for kind, width in config.width_m.items()},
        **{f"limits.{code}": f"{hours:g}" for code, hours in _own_limits(config).items()},
        **{f"shared_edge.{e.kind}:{e.asset}": e.cell or e.owner for e in config.shared_edges},
    }
    return {key: value for key, value in said.items() if value}


def _own_limits(config: CityConfig) -> dict[str, float]:
    """The hours that the city sets otherwise than the shipped table."""
    shipped = shipped_limits().hours
    return {code: hours for code, hours in config.limits.hours.items() if shipped.get(code) != hours}
