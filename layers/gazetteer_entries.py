"""The gazetteer: every named, coded or numbered thing of a city, as columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import MetricCrs
from layers.gazetteer_columns import BETWEEN, key, split, text_column
from layers.records import concatenated

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Positions = NDArray[np.intp]

NONE = -1
# A name of one character is in too many texts; one longer than this nobody says, and looking for it is slow.
LEAST_NAME, MOST_NAME = 2, 100
STREET, WATERWAY, ESTATE, BUILDING, ADDRESS = "street", "waterway", "estate", "building", "address"
CROSSING, MILEPOST, GROUP = "crossing", "milepost", "group"
_NUMBER = re.compile(r"\d+")
_SIGNS = re.compile(r"[^\w\n]|_")


class Texts(NamedTuple):
    """What entries are called; an entry may be called several things.

    Attributes:
        text: as it is written.
        row: of the entry.
    """

    text: Objects
    row: Positions


@dataclass(frozen=True)
class Gazetteer:
    """The entries, or some of them, as columns; positions are the rows.

    Attributes:
        kind: ``cell:LEVEL``, ``area:KIND``, ``asset:KIND``, ``section:KIND``, ``place:KIND``, or one of
            street, waterway, estate, building, address, crossing, milepost and group.
        name: what people call it; made up of street or estate and number where it has no name of its own.
        is_named: whether the name is its own, and is looked for as such.
        alias, code: other names, and codes, joined by ``;``.
        layer: the layer that it comes from, such as ``asset:road`` or ``place``; empty where it was inferred.
        id: of the source's row; of the first piece of a street.
        row: position in the layer, -1 for none.
        pieces: of a street or waterway: the positions of its pieces in the layer, with blanks between.
        parent: row of the street, estate or village that it belongs to, -1 for none.
        other: row of the second street or river of a crossing, bridge or gate, -1 for none.
        number: house or building number, metres, or number of the group, as written; empty for none.
        street: name of an address's street.
        x, y: metres in the city's metric CRS; NaN for nowhere.
        radius_m: within so far of the point about 68 % of the thing lies.
        lng, lat: WGS-84 degrees.
        cell: position of the leaf cell that it lies in, -1 for none.
    """

    kind: Objects
    name: Objects
    is_named: Bools
    alias: Objects
    code: Objects
    layer: Objects
    id: Objects
    row: Positions
    pieces: Objects
    parent: Positions
    other: Positions
    number: Objects
    street: Objects
    x: Floats
    y: Floats
    radius_m: Floats
    lng: Floats
    lat: Floats
    cell: Positions

    def __len__(self) -> int:
        return len(self.kind)

    @cached_property
    def names(self) -> Texts:
        """Every name and alias that is a name of its own, by row; not those made up of street and number."""
        own = np.flatnonzero(self.is_named)
        other = np.flatnonzero(self.alias.astype(bool))
        text, row = _parts(self.alias, other)
        return _by_row(np.concatenate([self.name[own], text]), np.concatenate([own, row]))

    @cached_property
    def codes(self) -> Texts:
        """Every code, by row."""
        return Texts(*_parts(self.code, np.flatnonzero(self.code.astype(bool))))

    def with_code(self, code: str) -> Positions:
        """The rows that bear a code, whatever its case, width and signs between."""
        places, starts, rows = self._by_code
        at = places.get(plain_code(code))
        return rows[:0] if at is None else rows[starts[at] : starts[at + 1]]

    @cached_property
    def _by_code(self) -> tuple[dict[str, int], Positions, Positions]:
        """The number of each code, and where its rows begin among the rows by code."""
        text, row = self.codes
        of, codes = pd.factorize(_plain_codes(text))
        order = np.argsort(of, kind="stable")
        starts = np.searchsorted(of[order], np.arange(len(codes) + 1)).astype(np.intp)
        return {code: at for at, code in enumerate(codes.tolist())}, starts, row[order]

    @cached_property
    def value(self) -> Positions:
        """The first whole number within each number, -1 for none: 12 of ``12a``."""
        of, numbers = pd.factorize(self.number)  # a city has few different ones
        found = (_NUMBER.search(text) if text else None for text in numbers.tolist())
        values = [min(int(one[0]), 2**62) if one else NONE for one in found]
        return np.array([*values, NONE], dtype=np.intp)[of]

    @cached_property
    def is_number_first(self) -> bool:
        """Whether the city writes 1283 Canal St, as most of its addresses are written."""
        doors = np.flatnonzero(self.kind == ADDRESS)
        said = zip(self.name[doors].tolist(), self.number[doors].tolist(), strict=True)
        return bool(2 * sum(name.startswith(number) for name, number in said) > len(doors))

    def children(self, row: int) -> Positions:
        """The rows whose parent this is, in row order."""
        order, parent = self._by_parent
        first, last = np.searchsorted(parent, [row, row + 1]) if row >= 0 else (0, 0)
        return order[first:last]

    @cached_property
    def _by_parent(self) -> tuple[Positions, Positions]:
        order = np.argsort(self.parent, kind="stable").astype(np.intp)
        return order, self.parent[order]

    def pieces_of(self, row: int) -> Positions:
        """Positions in its layer of what an entry is drawn by; none for what was inferred."""
        if self.pieces[row]:
            return np.array(self.pieces[row].split(), dtype=np.intp)
        return self.row[row : row + 1] if self.row[row] >= 0 else np.empty(0, dtype=np.intp)


def _parts(lists: Objects, rows: Positions) -> tuple[Objects, Positions]:
    """The parts of the lists of some rows, and the row of each."""
    said = lists[rows]
    if not any(BETWEEN in text for text in said.tolist()):
        return said, rows.astype(np.intp)
    parts = [split(text) if BETWEEN in text else [text] for text in said.tolist()]
    row = np.repeat(rows, [len(texts) for texts in parts])
    return text_column(text for texts in parts for text in texts), row.astype(np.intp)


def _by_row(text: Objects, row: Positions) -> Texts:
    fits = np.array([_is_said(name) for name in text.tolist()], dtype=bool)
    order = np.flatnonzero(fits)[np.argsort(row[fits], kind="stable")]
    return Texts(text[order], row[order])


def _is_said(name: str) -> bool:
    return LEAST_NAME <= len(name) <= MOST_NAME and not name.isdecimal()


def plain_code(code: str) -> str:
    """A code as it is compared: letters and digits, without case."""
    folded = key(code)
    return folded if folded.isalnum() else re.sub(r"[\W_]", "", folded)


def _plain_codes(codes: Objects) -> Objects:
    """`plain_code` of many at once."""
    lines = "\n".join(codes.tolist())
    if lines.isascii():
        plain = _SIGNS.sub("", lines.casefold()).split("\n")
        if len(plain) == len(codes):
            return text_column(plain)
    return text_column(map(plain_code, codes))


# ---- making them

_FILL = {"O": "", "b": False, "i": NONE, "f": np.nan}
_KIND = {"Objects": "O", "Bools": "b", "Positions": "i", "Floats": "f"}
_DTYPE: dict[str, Any] = {"O": object, "b": np.bool_, "i": np.intp, "f": np.float64}


def entries(count: int, **columns: Any) -> Gazetteer:
    """So many entries; a column may be one value for all, and those not given are empty."""
    made = {}
    for field in fields(Gazetteer):
        kind = _KIND[str(field.type)]
        column = np.empty(count, dtype=_DTYPE[kind])
        column[:] = columns.pop(field.name, _FILL[kind])
        made[field.name] = column
    assert not columns
    return Gazetteer(**made)


class Collected:
    """Entries on their way into one gazetteer: rows that were given do not change."""

    def __init__(self) -> None:
        self._parts = [entries(0)]
        self._count = 0

    def add(self, part: Gazetteer) -> Positions:
        """The rows of new entries."""
        self._parts.append(part)
        self._count += len(part)
        return np.arange(self._count - len(part), self._count)

    def all(self) -> Gazetteer:
        """Everything that was added."""
        whole = concatenated(self._parts)
        self._parts = [whole]
        return whole


def placed(gazetteer: Gazetteer, metric: MetricCrs, leaf_of: Any) -> Gazetteer:
    """The entries with their degrees and cells.

    Args:
        gazetteer: entries with places in metres.
        metric: the city's metric CRS.
        leaf_of: gives the leaf cells of degrees.
    """
    columns = {field.name: getattr(gazetteer, field.name) for field in fields(Gazetteer)}
    lng, lat = metric.to_lnglat(gazetteer.x, gazetteer.y)
    return Gazetteer(**{**columns, "lng": lng, "lat": lat, "cell": leaf_of(lng, lat)})
