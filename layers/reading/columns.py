"""Column names: made safe, looked up, and recognised as coordinates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import product

from geo.errors import LayerError
from layers.findings import Finding

# Names of coordinate pairs, written small and without separators; x or longitude first.
PAIRS: tuple[tuple[str, str], ...] = (
    ("lng", "lat"),
    ("lon", "lat"),
    ("long", "lat"),
    ("longitude", "latitude"),
    ("经度", "纬度"),
    ("xcoord", "ycoord"),
    ("xcoordinate", "ycoordinate"),
    ("coordx", "coordy"),
    ("pointx", "pointy"),
    ("easting", "northing"),
    ("东坐标", "北坐标"),
    ("横坐标", "纵坐标"),
    ("x坐标", "y坐标"),
    ("x", "y"),
)
# Where there is no such pair, one of each: lon with latitude.
_HALVES = (("lng", "lon", "long", "longitude"), ("lat", "latitude"))
# Endings by which any other two columns are told to be a pair: start_lng, start_lat.
_ENDINGS = (("longitude", "latitude"), ("lng", "lat"), ("lon", "lat"), ("经度", "纬度"))

WKT_NAMES = ("wkt", "geom", "geometry", "thegeom", "wktgeom", "wktgeometry", "geometrywkt")


def safe_names(names: Sequence[str], taken: Sequence[str] = ("geometry",)) -> tuple[list[str], list[Finding]]:
    """Names without control characters, none empty, twice or ``taken``; and what was changed."""
    safe: list[str] = []
    findings = []
    used = {name.casefold() for name in taken}
    for position, name in enumerate(names, start=1):
        new = _unused(_plain(name) or f"column_{position}", used)
        used.add(new.casefold())
        safe.append(new)
        if new != name:
            findings.append(Finding("column_renamed", "note", column=new, value=repr(name)))
    return safe, findings


def _plain(name: str) -> str:
    visible = (c if unicodedata.category(c) not in ("Cc", "Cf", "Cs") else " " for c in name)
    return " ".join("".join(visible).split())


def _unused(name: str, used: set[str]) -> str:
    number, new = 1, name
    while new.casefold() in used:
        number += 1
        new = f"{name}_{number}"
    return new


def find_column(names: Sequence[str], wanted: str) -> str:
    """The column that a person means by a name: the same, or the only one that differs in case or blanks.

    Raises:
        LayerError: there is none; lists those there are.
    """
    if wanted in names:
        return wanted
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    raise LayerError(f"There is no column {wanted!r}.", fix=f"Columns: {', '.join(names)}.")


def column_called(names: Sequence[str], words: Iterable[str]) -> str:
    """The column whose name is the first of some words that one has; empty if none does.

    Letter case does not count, and a blank is a low line; of columns called alike the first is taken.
    """
    known = {"_".join(name.casefold().split()): name for name in reversed(names)}
    return next((known[word] for word in words if word in known), "")


def coordinate_pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of columns that are named like coordinates (x, y): well-known names, else names by ending."""
    by_key = {_key(name): name for name in reversed(names)}

    def known(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(by_key[x], by_key[y]) for x, y in pairs if x in by_key and y in by_key]

    return known(PAIRS) or known(product(*_HALVES)) or _pairs_by_ending(by_key)


def _pairs_by_ending(by_key: dict[str, str]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for x, y in _ENDINGS:
        for key in (key for key in by_key if key.endswith(x)):
            partner = key.removesuffix(x) + y
            if partner in by_key:
                found[by_key[key], by_key[partner]] = None
    return sorted(found, key=lambda pair: list(by_key.values()).index(pair[0]), reverse=True)


def named_backwards(x: str, y: str) -> bool:
    """Whether the names say that x is a latitude and y a longitude."""
    return (_key(y), _key(x)) in (*PAIRS, *product(*_HALVES))


def wkt_column(names: Sequence[str]) -> str | None:
    """The column that by its name may hold WKT."""
    return next((name for name in names if _key(name) in WKT_NAMES), None)


def _key(name: str) -> str:
    return re.sub(r"[\s_.\-()（）]", "", name).casefold()
