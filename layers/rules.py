"""Owner rules: the first that matches and names an owner answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.errors import ConfigError

# Where a rule finds its owner.
FIXED, ASSET, AREA, CELL = "fixed", "asset", "area", "cell"
RULE_KEYS = frozenset({"id", "role", "when", "owner"})
CONDITIONS = ("category", "cell", "asset_kind", "area.KIND", "asset.ATTRIBUTE")


@dataclass(frozen=True, slots=True)
class Owner:
    """A body that answers for something."""

    id: str
    name: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of city.toml.

    Attributes:
        when: condition → the values any of which fulfils it; all conditions have to hold.
        via: where the owner comes from: fixed, asset, area or cell.
        target: the owner's id for fixed, the area kind for area, else empty.
    """

    id: str
    via: str
    target: str = ""
    when: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def owner(self) -> str:
        """The owner as city.toml writes it."""
        if self.via == FIXED:
            return self.target
        return f"@{self.via}.{self.target}" if self.target else f"@{self.via}"

    def condition(self, key: str) -> frozenset[str] | None:
        """The values of a condition, or None where the rule does not have it."""
        return dict(self.when).get(key)


class RuleError(ConfigError):
    """A rule that cannot be; ``key`` names the key at fault."""

    def __init__(self, message: str, key: str, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.key = key


def parse_rule(entry: Mapping[str, Any]) -> Rule:
    """The rule that a ``[[rule]]`` table says.

    Raises:
        RuleError: an unknown key, condition or owner reference.
    """
    for key in entry:
        if key not in RULE_KEYS:
            raise RuleError(
                f"{key!r} is not a key of [[rule]].", key, f"Known: {', '.join(sorted(RULE_KEYS))}."
            )
    rule_id = entry.get("id")
    if not isinstance(rule_id, str) or not rule_id.strip():
        raise RuleError("a rule has no id.", "id", 'Give it one: id = "lamp".')
    if entry.get("role", "lead") != "lead":
        raise RuleError(f"role {entry['role']!r} of rule {rule_id!r} is unknown.", "role", 'Known: "lead".')
    via, target = _reference(entry.get("owner"), rule_id)
    return Rule(rule_id, via, target, _conditions(entry.get("when", {}), rule_id))


def _reference(owner: object, rule_id: str) -> tuple[str, str]:
    if not isinstance(owner, str) or not owner.strip():
        fix = "Give an owner's id, @asset, @area.KIND or @cell."
        raise RuleError(f"rule {rule_id!r} has no owner.", "owner", fix)
    if not owner.startswith("@"):
        return FIXED, owner
    via, _, target = owner[1:].partition(".")
    if (via in (ASSET, CELL) and not target) or (via == AREA and target):
        return via, target
    fix = "Use @asset, @area.KIND, @cell or an owner's id."
    raise RuleError(f"owner {owner!r} of rule {rule_id!r} is unknown.", "owner", fix)


def _conditions(when: object, rule_id: str) -> tuple[tuple[str, frozenset[str]], ...]:
    if not isinstance(when, Mapping):
        fix = 'Write when = { category = ["0118"] }.'
        raise RuleError(f"'when' of rule {rule_id!r} is {when!r}, not a table.", "when", fix)
    flat: dict[str, object] = {}
    for key, value in when.items():  # area.KIND arrives as a table inside the table
        flat.update(
            {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, Mapping) else {key: value}
        )
    return tuple((_known(key, rule_id), _values(key, value, rule_id)) for key, value in flat.items())


def _known(key: str, rule_id: str) -> str:
    head, _, tail = key.partition(".")
    if key in CONDITIONS[:3] or (head in (AREA, ASSET) and tail):
        return key
    fix = f"Known: {', '.join(CONDITIONS)}."
    raise RuleError(f"condition {key!r} of rule {rule_id!r} is unknown.", "when", fix)


def _values(key: str, value: object, rule_id: str) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(v, str) and v for v in values):
        what = f"condition {key!r} of rule {rule_id!r} is {value!r}."
        raise RuleError(what, "when", 'Give a text or a list of texts: "0118" or ["0118", "0120"].')
    return frozenset(values)
