"""What is wrong with a city's rules before they act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from layers.check_messages import CHECK_MESSAGES
from layers.findings import MESSAGES, Finding
from layers.generation import Features, Generation
from layers.rules import AREA, CELL, FIXED, HOURS, LEAD, ROLES, SECTION, WEEKDAY, Rule
from layers.sections import Sections

_Layer = Features | Sections

MESSAGES.update(CHECK_MESSAGES)


def rule_findings(generation: Generation) -> Iterator[Finding]:
    """A missing last rule, rules that can never act, and owners that nobody declared."""
    rules = generation.config.rules
    leading = [rule for rule in rules if rule.role == LEAD]
    if not leading or not _answers_everything(leading[-1]):
        yield Finding("no_last_rule", "error", "city.toml", value=leading[-1].id if leading else "")
    for rule in rules:
        yield from _never(generation, rule)
    if len(generation.cells.code):  # without a grid the last rule answers nothing
        for role in ROLES:
            yield from _shadowed([rule for rule in rules if rule.role == role])
    for owner in generation.undeclared[:1]:
        names = ", ".join(generation.undeclared[:5])
        yield Finding(
            "undeclared_owner", "warning", "city.toml", value=owner, count=len(generation.undeclared),
            detail={"names": names},
        )  # fmt: skip


def _answers_everything(rule: Rule) -> bool:
    return not rule.when and not rule.is_bounded and rule.via in (CELL, FIXED)


def _never(generation: Generation, rule: Rule) -> Iterator[Finding]:
    """Conditions and references that can never hold, usually a typing mistake."""
    for key, values in rule.when:
        if key in (WEEKDAY, HOURS):  # read when the rule was: each of them comes round
            continue
        missing = sorted(values - _known(generation, key))
        if missing:
            yield _finding(rule, key, missing)
    if rule.via == AREA and rule.target not in generation.areas:
        yield _finding(rule, rule.owner, [rule.target])
    if rule.via == SECTION and not _of_kind(generation.sections, rule.target):
        yield _finding(rule, rule.owner, [rule.target or SECTION])


def _finding(rule: Rule, column: str, missing: Sequence[str]) -> Finding:
    detail = {"rule": rule.id, "missing": ", ".join(missing[:5])}
    return Finding("rule_never", "warning", "city.toml", column=column, count=len(missing), detail=detail)


def _known(generation: Generation, key: str) -> set[str]:
    """What a condition can ask for."""
    head, _, tail = key.partition(".")
    if key == "category":
        return set(generation.config.categories)
    if key == "cell":
        return set(generation.cells.code)
    if key == "asset_kind":
        return set(generation.assets)
    if head == AREA:
        return _names(generation, _of_kind(generation.areas, tail))
    if head == SECTION:
        return _names(generation, _of_kind(generation.sections, tail))
    columns = [layer.column(tail) for layer in generation.assets.values()]
    return {str(value) for column in columns if column is not None for value in np.unique(column.astype(str))}


def _of_kind(layers: Mapping[str, Features] | Mapping[str, Sections], kind: str) -> list[_Layer]:
    """The layer of a kind, where there is one; all of them where no kind is named."""
    return [layer for name, layer in layers.items() if kind in ("", name)]


def _names(generation: Generation, layers: Sequence[_Layer]) -> set[str]:
    """Ids, names and bodies' ids of the members."""
    bodies = {generation.owners[i].id for layer in layers for i in layer.owner if i >= 0}
    return bodies.union(*([*layer.id, *layer.name] for layer in layers))


def _shadowed(rules: Sequence[Rule]) -> Iterator[Finding]:
    """Rules of one role before which another has answered whatever they match."""
    for number, rule in enumerate(rules):
        above = next((other for other in rules[:number] if _takes_all(other, rule)), None)
        if above is not None:
            detail = {"rule": rule.id, "above": above.id}
            yield Finding("rule_shadowed", "warning", "city.toml", value=rule.id, detail=detail)


def _takes_all(above: Rule, rule: Rule) -> bool:
    """Whether, inside the grid, the one above answers everything that the other matches."""
    if above.via not in (CELL, FIXED):
        return False  # may name nobody
    narrower = all(
        (values := rule.condition(key)) is not None and values <= allowed for key, allowed in above.when
    )
    first, last = above.valid_from or date.min, above.valid_to or date.max
    return narrower and first <= (rule.valid_from or date.min) and (rule.valid_to or date.max) <= last
