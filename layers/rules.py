"""Owner rules: for each role the first that matches and names an owner answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo.errors import ConfigError
from layers.rule_times import day_said, hours_said, weekdays_said

# Where a rule finds its owner.
FIXED, ASSET, SECTION, AREA, CELL = "fixed", "asset", "section", "area", "cell"
# What the owner that it names has to do: one leads, others help or watch.
LEAD, ASSIST, SUPERVISOR = ROLES = ("lead", "assist", "supervisor")
WEEKDAY, HOURS = "weekday", "hours"
RULE_KEYS = frozenset({"id", "role", "when", "owner", "valid_from", "valid_to"})
_PLAIN = ("category", "cell", "asset_kind", SECTION, WEEKDAY, HOURS)
CONDITIONS = (*_PLAIN, "area.KIND", "asset.ATTRIBUTE", "section.KIND")


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
        when: condition → the values any of which fulfils it; all conditions have to hold. Weekdays are
            ``mon`` … ``sun``, hours ``HH:MM-HH:MM``, however they were written.
        via: where the owner comes from: fixed, asset, section, area or cell.
        target: the owner's id for fixed, the kind for area (and for section, where it names one), else empty.
        role: lead, assist or supervisor.
        valid_from, valid_to: the first and the last day on which it holds, by the city's clock.
    """

    id: str
    via: str
    target: str = ""
    when: tuple[tuple[str, frozenset[str]], ...] = ()
    role: str = LEAD
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def owner(self) -> str:
        """The owner as city.toml writes it."""
        if self.via == FIXED:
            return self.target
        return f"@{self.via}.{self.target}" if self.target else f"@{self.via}"

    @property
    def is_bounded(self) -> bool:
        """Whether it holds on certain days only."""
        return self.valid_from is not None or self.valid_to is not None

    @property
    def needs_time(self) -> bool:
        """Whether it holds only for a report whose time is known."""
        return self.is_bounded or any(key in (WEEKDAY, HOURS) for key, _ in self.when)

    @property
    def line(self) -> str:
        """The rule in one line: role unless it leads, conditions, days, owner."""
        said = [f"{key} = {' | '.join(sorted(values))}" for key, values in sorted(self.when)]
        said += [f"valid_from = {self.valid_from}"] if self.valid_from else []
        said += [f"valid_to = {self.valid_to}"] if self.valid_to else []
        role = "" if self.role == LEAD else f"{self.role}: "
        return f"{role}{' & '.join(said) or '*'} → {self.owner}"

    @property
    def asks_for_time(self) -> bool:
        """Whether it depends on when a report was made."""
        timed = {key for key, _ in self.when} & {WEEKDAY, HOURS}
        return bool(timed) or self.valid_from is not None or self.valid_to is not None

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
        RuleError: an unknown key, role, condition or owner reference, or days that cannot be.
    """
    for key in entry:
        if key not in RULE_KEYS:
            raise RuleError(
                f"{key!r} is not a key of [[rule]].", key, f"Known: {', '.join(sorted(RULE_KEYS))}."
            )
    rule_id = entry.get("id")
    if not isinstance(rule_id, str) or not rule_id.strip():
        raise RuleError("a rule has no id.", "id", 'Give it one: id = "lamp".')
    via, target = _reference(entry.get("owner"), rule_id)
    when = _conditions(entry.get("when", {}), rule_id)
    first, last = _validity(entry, rule_id)
    return Rule(rule_id, via, target, when, _role(entry, rule_id), first, last)


def _role(entry: Mapping[str, Any], rule_id: str) -> str:
    role = entry.get("role", LEAD)
    if role not in ROLES:
        known = ", ".join(f'"{role}"' for role in ROLES)
        raise RuleError(f"role {role!r} of rule {rule_id!r} is unknown.", "role", f"Known: {known}.")
    return str(role)


def _validity(entry: Mapping[str, Any], rule_id: str) -> tuple[date | None, date | None]:
    first, last = (_day(entry, key, rule_id) for key in ("valid_from", "valid_to"))
    if first is not None and last is not None and last < first:
        what = f"rule {rule_id!r} is valid from {first} to {last}: it ends before it begins."
        raise RuleError(what, "valid_to", "Exchange valid_from and valid_to, or correct one.")
    return first, last


def _day(entry: Mapping[str, Any], key: str, rule_id: str) -> date | None:
    if key not in entry:
        return None
    try:
        return day_said(entry[key])
    except ValueError as error:
        shown = entry[key] if isinstance(entry[key], date) else repr(entry[key])
        what = f"{key} of rule {rule_id!r} is {shown}, not a day."
        raise RuleError(what, key, f"Write {key} = 2026-07-01, a day without an hour.") from error


def _reference(owner: object, rule_id: str) -> tuple[str, str]:
    if not isinstance(owner, str) or not owner.strip():
        fix = "Give an owner's id, @asset, @section, @section.KIND, @area.KIND or @cell."
        raise RuleError(f"rule {rule_id!r} has no owner.", "owner", fix)
    if not owner.startswith("@"):
        return FIXED, owner
    via, dot, target = owner[1:].partition(".")
    if (via in (ASSET, CELL) and not dot) or (via == AREA and target):
        return via, target
    if via == SECTION and bool(dot) == bool(target):
        return via, target
    fix = "Use @asset, @section, @section.KIND, @area.KIND, @cell or an owner's id."
    raise RuleError(f"owner {owner!r} of rule {rule_id!r} is unknown.", "owner", fix)


def _conditions(when: object, rule_id: str) -> tuple[tuple[str, frozenset[str]], ...]:
    if not isinstance(when, Mapping):
        fix = 'Write when = { category = ["0118"] }.'
        raise RuleError(f"'when' of rule {rule_id!r} is {when!r}, not a table.", "when", fix)
    flat: dict[str, object] = {}
    for key, value in when.items():  # area.KIND arrives as a table inside the table
        inner = isinstance(value, Mapping) and value
        flat.update({f"{key}.{k}": v for k, v in inner.items()} if inner else {key: value})
    return tuple((_known(key, rule_id), _values(key, value, rule_id)) for key, value in flat.items())


def _known(key: str, rule_id: str) -> str:
    head, _, tail = key.partition(".")
    if key in _PLAIN or (head in (AREA, ASSET, SECTION) and tail):
        return key
    fix = f"Known: {', '.join(CONDITIONS)}."
    raise RuleError(f"condition {key!r} of rule {rule_id!r} is unknown.", "when", fix)


def _values(key: str, value: object, rule_id: str) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    texts = [text for text in values if isinstance(text, str) and text]
    if not values or len(texts) < len(values):
        what = f"condition {key!r} of rule {rule_id!r} is {value!r}."
        raise RuleError(what, "when", f"Give a text or a list of texts: {_EXAMPLES.get(key, _CODES)}.")
    if key in (WEEKDAY, HOURS):
        return frozenset[str]().union(*(_times(key, text, rule_id) for text in texts))
    return frozenset(texts)


_CODES = '"0118" or ["0118", "0120"]'
_EXAMPLES = {WEEKDAY: '"mon-fri" or ["sat", "sun"]', HOURS: '"08:00-20:00" or ["06:00-09:00", "17:00-20:00"]'}
_FIXES = {
    WEEKDAY: 'Use mon, tue, wed, thu, fri, sat, sun or 周一 … 周日; a range is "mon-fri".',
    HOURS: 'Write from and to by the 24-hour clock: "08:00-20:00"; "20:00-06:00" runs over midnight; '
    '"00:00-24:00" is the whole day.',
}


def _times(key: str, text: str, rule_id: str) -> frozenset[str]:
    try:
        return weekdays_said(text) if key == WEEKDAY else frozenset({hours_said(text)})
    except ValueError as error:
        what = f"condition {key!r} of rule {rule_id!r} is {text!r}."
        raise RuleError(what, "when", _FIXES[key]) from error
