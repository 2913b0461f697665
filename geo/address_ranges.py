"""House numbers from address ranges: each piece of a street says which numbers its two sides hold.

Everything is in metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.house_number_rows import HOUSE_M, Axis
from geo.house_numbers import BETWEEN, WIDTH_M, Numbered
from geo.routes import Route

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Geometries = NDArray[np.object_]

LOOSE = 0.2
"""How far off a place is for each metre of its piece: ranges name what could be built, not what was. A prior,
the miss in the middle of an even gap; ranges say nothing by which it could be read from the street."""


class Ranged(NamedTuple):
    """A place by a range, and the side of its piece, as this is drawn."""

    place: Numbered
    is_left: bool


@dataclass(frozen=True)
class RangeNumbers:
    """The numbers of a street by the ranges of its pieces; see `fit_ranges`."""

    pieces: Geometries
    first: Floats
    last: Floats

    def at(self, number: float) -> Numbered | None:
        """Where the number most likely lies; None where no range holds it."""
        return next(iter(self.all_at(number)), None)

    def all_at(self, number: float) -> list[Numbered]:
        """Every place whose range holds the number, the surest first, then as the pieces are given.

        Several, where a name is borne in several places or ranges overlap; ``neighbours`` are the ends of the
        range, ascending.
        """
        return [one.place for one in self.sides_at(number)]

    def sides_at(self, number: float) -> list[Ranged]:
        """`all_at`, each with its side."""
        held = zip(*np.nonzero(self._holds(np.floor(number))), strict=True)
        found = [Ranged(self._numbered(int(piece), int(side), number), side == 0) for piece, side in held]
        return sorted(found, key=lambda one: one.place.radius_m)

    def _holds(self, number: float) -> NDArray[np.bool_]:
        """Which pieces and sides, shape (n, 2): of a range with one parity, only its own."""
        low, high = np.minimum(self.first, self.last), np.maximum(self.first, self.last)
        is_mixed = low % 2 != high % 2
        holds: NDArray[np.bool_] = (low <= number) & (number <= high) & (is_mixed | (low % 2 == number % 2))
        return holds

    def _numbered(self, piece: int, side: int, number: float) -> Numbered:
        first, last = self.first[piece, side], self.last[piece, side]
        # Half a house in from both ends: a range begins at its first house, not at the corner.
        houses = abs(last - first) / (2 if first % 2 == last % 2 else 1) + 1
        share = 0.5 if first == last else (number - first) / (last - first)
        share = (0.5 + min(max(share, 0.0), 1.0) * (houses - 1)) / houses
        length = self._axes[piece].length_m
        offset = WIDTH_M if side == 0 else -WIDTH_M
        x, y = self._axes[piece].place(np.array([share * length]), np.array([offset]))[0]
        ends = tuple(sorted({int(first), int(last)}))
        return Numbered(float(x), float(y), float(np.hypot(HOUSE_M, LOOSE * length)), BETWEEN, ends)

    @cached_property
    def _axes(self) -> list[Axis]:
        return [Axis(Route(shapely.get_parts([piece]))) for piece in self.pieces]


def fit_ranges(
    pieces: Sequence[shapely.Geometry | None] | Geometries, first: ArrayLike, last: ArrayLike
) -> RangeNumbers:
    """The numbers of a street, by what each of its pieces says.

    Args:
        pieces: lines in the direction of their ranges, shape (n,); None, empty and other geometries hold no
            number.
        first: the numbers at the start of each piece, on its left and its right, shape (n, 2); NaN or 0, as
            such tables write it, for a side without houses.
        last: those at its end; they may descend.
    """
    lines = np.asarray(pieces, dtype=object).reshape(-1)
    usable = np.isin(shapely.get_type_id(lines), (1, 5)) & (shapely.length(lines) > 0)
    start, end = (np.array(column, np.float64).reshape(-1, 2) for column in (first, last))
    empty = ~usable[:, None] | ~(start > 0) | ~(end > 0)
    start[empty], end[empty] = np.nan, np.nan
    return RangeNumbers(lines, start, end)
