"""The table that says what of an OpenStreetMap file becomes which kind: read, checked, and asked."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from geo.errors import LayerError

Tags = Mapping[str, str]

POINT, LINE, AREA, SPOT = "point", "line", "area", "spot"
ASSET, PLACE = "asset", "place"
COLUMNS = ("role", "kind", "geometry", "key", "values", "where", "columns")
ANY = "*"
KIND = re.compile(r"\w[\w-]{0,62}")  # kinds become table names
CONDITION = re.compile(r"(!?)([^\s=!|]+)(?:(!?=)(\S+))?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of the column ``where``: a key that has to be there, to be absent, or to have a value."""

    key: str
    values: frozenset[str]
    negated: bool

    def holds(self, tags: Tags) -> bool:
        """Whether the tags fulfil it."""
        found = tags.get(self.key) in self.values if self.values else self.key in tags
        return found != self.negated


@dataclass(frozen=True, slots=True)
class KindRule:
    """A row of the table.

    Attributes:
        geometry: of point, line, area and spot those that may be taken, best first.
        columns: attribute column → the tags it is taken from, the first that is there.
    """

    role: str
    kind: str
    geometry: tuple[str, ...]
    key: str
    values: frozenset[str]
    where: tuple[Condition, ...]
    columns: Mapping[str, tuple[str, ...]]

    @property
    def table(self) -> str:
        """The table of a city that it fills."""
        return f"{self.role}_{self.kind}" if self.role == ASSET else self.role

    def matches(self, tags: Tags) -> bool:
        """Whether an object with these tags is of this kind."""
        value = tags.get(self.key, "")
        known = value in self.values or (ANY in self.values and value not in ("", "no"))
        return known and all(condition.holds(tags) for condition in self.where)

    def fits(self, possible: frozenset[str]) -> str:
        """The first geometry that the object can be, or an empty text."""
        return next((geometry for geometry in self.geometry if geometry in possible), "")


class Match(NamedTuple):
    """A rule that an object fulfils, and the geometry it is taken as."""

    rule: KindRule
    geometry: str


@dataclass(frozen=True)
class Kinds:
    """The whole table."""

    rules: tuple[KindRule, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys by which objects are told at all."""
        return tuple(dict.fromkeys(rule.key for rule in self.rules))

    def of(self, tags: Tags, possible: frozenset[str]) -> dict[str, Match]:
        """What an object is, by table, each told by the first row that fits.

        ``possible`` is what it can be drawn as.
        """
        found: dict[str, Match] = {}
        for rule in self.rules:
            if rule.key in tags and rule.table not in found and rule.matches(tags):
                geometry = rule.fits(possible)
                if geometry:
                    found[rule.table] = Match(rule, geometry)
        return found

    def columns(self, table: str) -> dict[str, tuple[str, ...]]:
        """Every attribute column of a table, in the order of the rows."""
        merged: dict[str, tuple[str, ...]] = {}
        for rule in self.rules:
            if rule.table == table:
                merged |= {column: tags for column, tags in rule.columns.items() if column not in merged}
        return merged


def shipped_kinds() -> str:
    """The text of the table that comes with Woodpecker."""
    return (resources.files("layers") / "data" / "osm_kinds.csv").read_text("utf-8")


def read_kinds_text(path: Path | None) -> str:
    """The text of a user's table, or of the shipped one.

    Raises:
        LayerError: the file cannot be read.
    """
    if path is None:
        return shipped_kinds()
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LayerError(
            f"The kinds table {str(path)!r} cannot be read: {error}.", fix="Save it as UTF-8."
        ) from error


def parse_kinds(text: str) -> Kinds:
    """The table that a CSV text holds.

    Raises:
        LayerError: a row says what cannot be; names the line.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not _is_remark(line)]
    header = next(csv.reader([lines[0][1]]), []) if lines else []
    if tuple(header) != COLUMNS:
        raise LayerError(
            f"The kinds table has the columns {', '.join(header) or 'none'}.",
            fix=f"It needs {', '.join(COLUMNS)}.",
        )
    rules = tuple(_rule(number, row) for number, row in _rows(lines[1:]))
    if not rules:
        raise LayerError("The kinds table has no rows.", fix="Start from the shipped one and change it.")
    return Kinds(rules)


def _is_remark(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _rows(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in lines:
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        if len(cells) != len(COLUMNS):
            raise _wrong(number, f"has {len(cells)} fields, {len(COLUMNS)} are needed")
        yield number, dict(zip(COLUMNS, cells, strict=True))


def _wrong(number: int, what: str) -> LayerError:
    return LayerError(
        f"Line {number} of the kinds table {what}.", fix="The head of the shipped table says how."
    )


def _rule(number: int, row: Mapping[str, str]) -> KindRule:
    geometry = tuple(row["geometry"].split())
    if row["role"] not in (ASSET, PLACE):
        raise _wrong(number, f"has the role {row['role']!r}; asset or place is needed")
    if not geometry or not set(geometry) <= {POINT, LINE, AREA, SPOT}:
        raise _wrong(number, f"has the geometry {row['geometry']!r}; point, line, area or spot is needed")
    if not KIND.fullmatch(row["kind"]) and not (row["role"] == PLACE and not row["kind"]):
        raise _wrong(number, f"has the kind {row['kind']!r}; letters, digits, _ and - are allowed")
    if not row["key"] or not row["values"]:
        raise _wrong(number, "has no key or no values")
    where = tuple(_condition(number, word) for word in row["where"].split())
    values = frozenset(row["values"].split())
    return KindRule(row["role"], row["kind"], geometry, row["key"], values, where, _columns(row["columns"]))


def _condition(number: int, word: str) -> Condition:
    found = CONDITION.fullmatch(word)
    if found is None or (found[1] and found[3]):
        raise _wrong(number, f"has the condition {word!r}; key, !key, key=a|b or key!=a|b is needed")
    return Condition(
        found[2], frozenset((found[4] or "").split("|")) - {""}, bool(found[1]) or found[3] == "!="
    )


def _columns(text: str) -> dict[str, tuple[str, ...]]:
    pairs = (word.partition("=") for word in text.split())
    return {re.sub(r"\W", "_", column): tuple((tags or column).split("|")) for column, _, tags in pairs}
