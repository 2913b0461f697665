"""House numbers that are known by ranges: from and to, on each side of a street's pieces."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from layers.gazetteer_columns import texts
from layers.gazetteer_entries import NONE, STREET, Gazetteer, Objects, Positions
from layers.generation import Features, Generation
from layers.importing_ranges import RANGES
from layers.records import concatenated, take

Bools = NDArray[np.bool_]
_NUMBER = re.compile(r"\d+")
_SIDES = ((True, *RANGES[:2]), (False, *RANGES[2:]))


@dataclass(frozen=True)
class Ranges:
    """The sides of pieces that have house numbers, as columns, by street.

    Attributes:
        street: row of the street in the gazetteer.
        kind: of the asset layer.
        piece: position in it.
        is_left: of the piece, as it is drawn.
        first, last: the house numbers at the start and the end of the piece; the first may be the higher.
    """

    street: Positions
    kind: Objects
    piece: Positions
    is_left: Bools
    first: Positions
    last: Positions

    def __len__(self) -> int:
        return len(self.street)

    def of_street(self, row: int) -> Ranges:
        """Those of one street."""
        start, end = np.searchsorted(self.street, [row, row + 1])
        return take(self, slice(start, end))

    @cached_property
    def streets(self) -> frozenset[int]:
        """The streets that have any."""
        return frozenset(np.unique(self.street).tolist())


def ranges_of(generation: Generation, gazetteer: Gazetteer) -> Ranges:
    """The house numbers along a city's streets, as `woodpecker import layer --ranges` brought them in."""
    found = [_none()]
    for kind, layer in sorted(generation.assets.items()):
        columns = {str(name).casefold(): str(name) for name in layer.attributes.columns}
        if set(RANGES) <= columns.keys():
            street = _streets(gazetteer, f"asset:{kind}", len(layer.id))
            found += [
                _side(kind, layer, street, columns[start], columns[end], is_left=is_left)
                for is_left, start, end in _SIDES
            ]
    every = concatenated(found)
    return take(every, np.lexsort((~every.is_left, every.piece, every.kind.astype(str), every.street)))


def _none() -> Ranges:
    nothing = np.empty(0, dtype=np.intp)
    return Ranges(nothing, np.empty(0, dtype=object), nothing, np.empty(0, dtype=np.bool_), nothing, nothing)


def _streets(gazetteer: Gazetteer, layer: str, count: int) -> Positions:
    """The street of each piece of a layer, -1 for none."""
    street = np.full(count, NONE, dtype=np.intp)
    for row in np.flatnonzero((gazetteer.kind == STREET) & (gazetteer.layer == layer)).tolist():
        street[gazetteer.pieces_of(row)] = row
    return street


def _side(kind: str, layer: Features, street: Positions, start: str, end: str, *, is_left: bool) -> Ranges:
    first, last = (_numbers(texts(layer.attributes[column])) for column in (start, end))
    # A side without houses has 0 at both ends in many files.
    piece = np.flatnonzero((street != NONE) & (first > 0) & (last > 0))
    return Ranges(
        street[piece], np.full(len(piece), kind, dtype=object), piece, np.full(len(piece), is_left),
        first[piece], last[piece],
    )  # fmt: skip


def _numbers(said: Objects) -> Positions:
    """The first whole number in each text, -1 for none."""
    found = (_NUMBER.search(unicodedata.normalize("NFKC", text)) for text in said.tolist())
    return np.array([min(int(one[0]), 2**62) if one else NONE for one in found], dtype=np.intp)
