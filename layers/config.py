"""city.toml: the words of a city, read with line numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geo.errors import ConfigError
from layers.categories import NO_TABLE, SHIPPED, Category, by_code, read_categories
from layers.findings import Lang
from layers.rules import Owner, Rule, RuleError, parse_rule
from layers.shared_edges import SharedEdge
from layers.time_limits import ANY, CLAIM, Limits, shipped_limits

DEFAULT_RADIUS_M = 50.0
USUAL_CHANNEL = "default"
# How wide lines are where their layer has no column of widths.
DEFAULT_WIDTH_M = {"road": 7.0, "river": 10.0, "canal": 10.0, "dike": 6.0, "bridge": 8.0}
NAME_PATTERN = re.compile(r"\w[\w-]{0,62}")  # levels and kinds become table names

TOP_KEYS = frozenset(
    {"name", "metric_crs", "time_zone", "languages", "levels", "categories", "category"}
    | {"owner", "rule", "radius_m", "width_m", "shared_edge", "channel", "limits"}
)


@dataclass(frozen=True, slots=True)
class Channel:
    """What a channel means by its positions.

    Attributes:
        accuracy_m: of positions that state none.
        level: percent of the positions that an accuracy holds.
    """

    accuracy_m: float = 0.0
    level: float = 68.0


@dataclass(frozen=True, slots=True)
class CityConfig:
    """What city.toml says.

    Attributes:
        metric_crs: EPSG:n or a PROJ string; empty until the first import picks one.
        levels: grid levels, top first.
        radius_m: how far an asset of a kind may lie from a report; `radius` answers for all kinds.
        width_m: how wide the lines of a kind are where they do not say it; `width` answers for all kinds.
        limits: how long an issue may take; the shipped ones where the city sets none.
    """

    name: str
    metric_crs: str = ""
    time_zone: str = "Asia/Shanghai"
    languages: tuple[Lang, ...] = ("zh", "en")
    levels: tuple[str, ...] = ()
    categories: Mapping[str, Category] = field(default_factory=dict)
    owners: tuple[Owner, ...] = ()
    rules: tuple[Rule, ...] = ()
    radius_m: Mapping[str, float] = field(default_factory=dict)
    width_m: Mapping[str, float] = field(default_factory=dict)
    shared_edges: tuple[SharedEdge, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    limits: Limits = field(default_factory=shipped_limits)

    @property
    def usual(self) -> Channel:
        """What positions mean whose channel says nothing: the channel ``default``."""
        return self.channels.get(USUAL_CHANNEL, Channel())

    def exactness(self, channel: str, accuracy_m: float | None, level: float | None) -> tuple[float, float]:
        """Accuracy in metres and level of a position: what it says itself, else what its channel means."""
        means = self.channels.get(channel, self.usual)
        return (
            means.accuracy_m if accuracy_m is None else accuracy_m, means.level if level is None else level
        )  # fmt: skip

    def width(self, kind: str) -> float:
        """The width of an asset kind's lines in metres, where they do not say it themselves."""
        return self.width_m.get(kind, DEFAULT_WIDTH_M.get(kind, 0.0))

    def radius(self, kind: str) -> float:
        """The radius of an asset kind in metres."""
        return self.radius_m.get(kind, DEFAULT_RADIUS_M)


def parse_config(
    text: str, folder: Path = Path(), categories: Mapping[str, Category] | None = None
) -> CityConfig:
    """What the text of a city.toml says.

    Args:
        text: TOML.
        folder: where a category table of the city's own lies.
        categories: a frozen category table, instead of the one that the text names.

    Raises:
        ConfigError: the text is no TOML, or says what cannot be; names the line.
    """
    at = Lines(text)
    data = read_toml(at, TOP_KEYS)
    if categories is None:
        categories = _categories(data, folder, at)
    return CityConfig(
        name=_text(data, "name", at, ""),
        metric_crs=_text(data, "metric_crs", at, "", required=False),
        time_zone=_time_zone(data, at),
        languages=_languages(data, at),
        levels=tuple(_names(data, "levels", at)),
        categories=categories,
        owners=_owners(data, at),
        rules=_rules(data, at),
        radius_m=_metres(data, "radius_m", at),
        width_m=_metres(data, "width_m", at),
        shared_edges=tuple(
            _shared_edge(entry, index, at) for index, entry in enumerate(tables_of(data, "shared_edge", at))
        ),
        channels={name: _channel(name, said, at) for name, said in _table(data, "channel", at).items()},
        limits=_limits(data, categories, at),
    )


def read_rules(path: Path) -> tuple[tuple[Rule, ...], tuple[Owner, ...]]:
    """`parse_rules` of a file.

    Raises:
        ConfigError: as there, or the file is not UTF-8.
    """
    try:
        return parse_rules(path.read_text(encoding="utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 ({error.reason}).", fix="Save it as UTF-8.") from error


def parse_rules(text: str, file: str) -> tuple[tuple[Rule, ...], tuple[Owner, ...]]:
    """The rules and owners of a city.toml, or of a text that has nothing but ``[[rule]]`` and ``[[owner]]``.

    Args:
        text: TOML.
        file: what errors call it.

    Raises:
        ConfigError: the text is no TOML, has no rule, or says what cannot be; names the line.
    """
    at = Lines(text, file)
    data = read_toml(at, TOP_KEYS)
    rules = _rules(data, at)
    if not rules:
        fix = "Write [[rule]] tables as in city.toml."
        raise ConfigError(f"{file} has no rules: there is no [[rule]] in it.", fix=fix)
    return rules, _owners(data, at)


def read_toml(at: Lines, known: frozenset[str]) -> dict[str, Any]:
    """What a TOML text says, all of its top-level keys known.

    Raises:
        ConfigError: it is no TOML, or has another key; names the line.
    """
    try:
        data = tomllib.loads(at.text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{at.file} cannot be read: {error}.", fix="Mend the TOML there.") from error
    no_unknown(data, known, at, "")
    return data


@dataclass(frozen=True)
class Lines:
    """Where things stand in a TOML text, so that an error can name the line."""

    text: str
    file: str = "city.toml"

    def of(self, key: str, table: str = "", index: int = 0) -> int:
        """The 1-based line of a key of the index-th ``[[table]]`` (or of the top, or a ``[table]``)."""
        start, lines = 1, self.text.splitlines()
        if table:
            heads = [n for n, line in enumerate(lines, 1) if re.match(rf"\s*\[\[?\s*{table}\s*\]", line)]
            start = heads[index] if index < len(heads) else 1
        for number in range(start, len(lines) + 1):
            line = lines[number - 1]
            if number > start and table and line.lstrip().startswith("["):
                break
            if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
                return number
        return start

    def error(self, what: str, key: str, table: str = "", index: int = 0, fix: str = "") -> ConfigError:
        """A `ConfigError` that begins with the line."""
        return ConfigError(f"{self.file}, line {self.of(key, table, index)}: {what}", fix=fix)


def no_unknown(data: Mapping[str, Any], known: frozenset[str], at: Lines, table: str, index: int = 0) -> None:
    """Refuse, with its line, a key that a table cannot have."""
    for key in data:
        if key not in known:
            what = f"{key!r} is not a key" + (f" of [[{table}]]." if table else ".")
            raise at.error(what, key, table, index, fix=f"Known: {', '.join(sorted(known))}.")


def _text(
    data: Mapping[str, Any], key: str, at: Lines, table: str, index: int = 0, *, required: bool = True
) -> str:
    value = data.get(key, "")
    if not isinstance(value, str) or (required and not value.strip()):
        shown = f"is {value!r}" if key in data else "is missing"
        raise at.error(f"{key!r} {shown}; a text is needed.", key, table, index)
    return value


def _names(data: Mapping[str, Any], key: str, at: Lines) -> Sequence[str]:
    values = data.get(key, [])
    if not isinstance(values, list) or not all(
        isinstance(v, str) and NAME_PATTERN.fullmatch(v) for v in values
    ):
        fix = "Give a list of names made of letters, digits, _ and -."
        raise at.error(f"{key!r} is {values!r}.", key, fix=fix)
    if len({v.casefold() for v in values}) < len(values):
        raise at.error(f"{key!r} names something twice: {values!r}.", key)
    return values


def _languages(data: Mapping[str, Any], at: Lines) -> tuple[Lang, ...]:
    languages = data.get("languages", ["zh", "en"])
    if (
        not isinstance(languages, list)
        or not languages
        or not all(lang in ("zh", "en") for lang in languages)
    ):
        raise at.error(f"'languages' is {languages!r}.", "languages", fix='Use "zh", "en" or both.')
    return tuple(dict.fromkeys(languages))


def _time_zone(data: Mapping[str, Any], at: Lines) -> str:
    zone = _text({"time_zone": "Asia/Shanghai", **data}, "time_zone", at, "")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        fix = 'Use a name of the tz database, such as "Asia/Shanghai".'
        raise at.error(f"time_zone {zone!r} is unknown.", "time_zone", fix=fix) from error
    return zone


def _metres(data: Mapping[str, Any], table: str, at: Lines) -> dict[str, float]:
    """A table of kind = metres."""
    metres = _table(data, table, at)
    for kind, value in metres.items():
        # Written so that NaN and booleans fail.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 10_000:
            what = f"{table} of {kind!r} is {value!r}; metres, up to 10000, are needed."
            raise at.error(what, kind, table)
    return {kind: float(value) for kind, value in metres.items()}


def _limits(data: Mapping[str, Any], categories: Mapping[str, Category], at: Lines) -> Limits:
    """The shipped limits, but for those that the city sets; each is of a category, a class or ``*``; and how
    long a claim holds.
    """
    limits = shipped_limits()
    for code, hours in _table(data, "limits", at).items():
        if code not in (ANY, CLAIM) and not any(known.startswith(code) for known in categories):
            fix = f'Give a category\'s code, what the codes of a class begin with, or "{ANY}" for all others.'
            raise at.error(f"the limit of {code!r} is of no category.", code, "limits", fix=fix)
        try:
            limits = limits.replaced({code: hours})
        except ConfigError as error:
            raise at.error(error.message, code, "limits", fix=error.fix) from error
    return limits


def _channel(name: str, said: Any, at: Lines) -> Channel:
    known = {"accuracy_m": (0.0, 10_000.0), "level": (1.0, 99.9)}
    table = rf"channel\.{re.escape(name)}"
    if not isinstance(said, Mapping):
        raise at.error(
            f"channel {name!r} is {said!r}.", name, "channel", fix="Write [channel.NAME] level = 95."
        )
    for key, value in said.items():
        least, most = known.get(key, (0.0, -1.0))
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            fix = "Known: accuracy_m, metres up to 10000; level, percent from 1 to 99.9."
            raise at.error(f"{key!r} of channel {name!r} is {value!r}.", key, table, fix=fix)
    return Channel(**{key: float(value) for key, value in said.items()})


def _shared_edge(entry: Mapping[str, Any], index: int, at: Lines) -> SharedEdge:
    table = "shared_edge"
    no_unknown(entry, frozenset({"asset", "cell", "owner"}), at, table, index)
    kind, _, asset = _text(entry, "asset", at, table, index).partition(":")
    if not kind or not asset:
        fix = 'Write KIND:ID or KIND:NAME, such as "river:运料河".'
        raise at.error(f"'asset' is {entry['asset']!r}.", "asset", table, index, fix=fix)
    if ("cell" in entry) == ("owner" in entry):
        fix = "Say which cell (a code at any level) or which owner (an id) holds it."
        raise at.error("a shared edge needs a cell or an owner.", "asset", table, index, fix=fix)
    cell, owner = (_text(entry, key, at, table, index, required=key in entry) for key in ("cell", "owner"))
    if owner.startswith("@"):
        raise at.error(f"{owner!r} is no owner's id.", "owner", table, index, fix="Give an owner's id.")
    return SharedEdge(kind, asset, cell, owner)


def _categories(data: Mapping[str, Any], folder: Path, at: Lines) -> dict[str, Category]:
    where = _table(data, "categories", at)
    no_unknown(where, frozenset({"table"}), at, "categories")
    table = _text({"table": NO_TABLE if "category" in data else SHIPPED, **where}, "table", at, "categories")
    own = [_own_category(entry, i, at) for i, entry in enumerate(tables_of(data, "category", at))]
    return {**read_categories(table, folder), **by_code(own)}


def _own_category(entry: Mapping[str, Any], index: int, at: Lines) -> Category:
    known = frozenset({"code", "name_zh", "name_en", "asset_kinds"})
    no_unknown(entry, known, at, "category", index)
    kinds = entry.get("asset_kinds", [])
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise at.error(f"'asset_kinds' is {kinds!r}; a list is needed.", "asset_kinds", "category", index)
    return Category(
        _text(entry, "code", at, "category", index),
        _text(entry, "name_zh", at, "category", index, required=False),
        _text(entry, "name_en", at, "category", index, required=False),
        tuple(kinds),
    )


def _table(data: Mapping[str, Any], key: str, at: Lines) -> Mapping[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, Mapping):
        what = f"{key!r} is {table!r}, not a table."
        raise at.error(what, key, fix=f"Begin it with [{key}] on a line of its own.")
    return table


def tables_of(data: Mapping[str, Any], table: str, at: Lines) -> Sequence[Mapping[str, Any]]:
    """The entries of a list of tables, none where it is absent."""
    entries = data.get(table, [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        what = f"{table!r} is not a list of tables."
        raise at.error(what, table, table, fix=f"Begin each with [[{table}]], two brackets on either side.")
    return entries


def _owners(data: Mapping[str, Any], at: Lines) -> tuple[Owner, ...]:
    owners: dict[str, Owner] = {}
    for index, entry in enumerate(tables_of(data, "owner", at)):
        no_unknown(entry, frozenset({"id", "name", "name_en"}), at, "owner", index)
        owner = Owner(
            _text(entry, "id", at, "owner", index),
            _text({"name": entry.get("id", ""), **entry}, "name", at, "owner", index),
            _text(entry, "name_en", at, "owner", index, required=False),
        )
        if owner.id in owners:
            raise at.error(f"owner {owner.id!r} is declared twice.", "id", "owner", index)
        if owner.id.startswith("@"):
            raise at.error(f"owner id {owner.id!r} begins with @.", "id", "owner", index)
        owners[owner.id] = owner
    return tuple(owners.values())


def _rules(data: Mapping[str, Any], at: Lines) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for index, entry in enumerate(tables_of(data, "rule", at)):
        try:
            rule = parse_rule(entry)
        except RuleError as error:
            raise at.error(error.message, error.key, "rule", index, fix=error.fix) from error
        if rule.id in rules:
            raise at.error(
                f"rule {rule.id!r} is there twice.", "id", "rule", index, fix="Give each its own id."
            )
        rules[rule.id] = rule
    return tuple(rules.values())
