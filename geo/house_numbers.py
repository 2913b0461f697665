"""Where a house number lies along its street, from the numbers that are known: with a radius that is meant.

The rules of numbering (odd on one side, counted from the east) are only a prior: side, direction and spacing
are read from each street's own numbers. Everything is in metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.house_number_places import group_numbers, group_pieces, pieces_of
from geo.house_number_rows import SPACING_M, Axis, Guesses, Row, chosen, fits_its_row
from geo.linework import lines_of
from geo.routes import make_route

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]

KNOWN, BETWEEN, BEYOND, STREET = "known", "between", "beyond", "street"
SHARE = 0.68
"""The share of true places that a radius is to hold."""
KNOWN_M = 8.0
"""The least radius of a number that is known: its point is the entrance, or the middle of the house."""
ACROSS = 1.2
"""How much less the far side of a street tells than the own, before the street says."""
PRIOR_WEIGHT = 8.0
"""So many misses of its own weigh as much, for a street, as what is so as a rule."""
WIDTH_M = 15.0
"""How far houses stand from the line of a street, as a rule."""
SLACK_M = 40.0
"""By so much, and the guess's own radius, may a number run out over the end of the street."""

_RANK = {KNOWN: 0, BETWEEN: 0, BEYOND: 1, STREET: 2}


class Numbered(NamedTuple):
    """Where a number lies.

    Attributes:
        radius_m: about 68 % of the true places lie within.
        way: ``known`` itself, ``between`` known neighbours, ``beyond`` the last known, or just ``street``.
        neighbours: the known numbers that it was found by, ascending.
    """

    x: float
    y: float
    radius_m: float
    way: str
    neighbours: tuple[int, ...]


@dataclass(frozen=True)
class StreetNumbers:
    """The numbers of one street name: a `Stretch` for each place that bears it."""

    stretches: tuple[Stretch, ...]

    def at(self, number: float) -> Numbered | None:
        """Where the number most likely lies; None where nothing is known of the street at all."""
        return next(iter(self.all_at(number)), None)

    def all_at(self, number: float) -> list[Numbered]:
        """Every place that the number can have, the surest first.

        Where it is known or within the count of one place, places that would have to run on their count to
        reach it are left out; and those that know nothing but the street, where another knows more.
        """
        found = [stretch.at(number) for stretch in self.stretches]
        best = min((_RANK[one.way] for one in found), default=0)
        return sorted((one for one in found if _RANK[one.way] == best), key=lambda one: one.radius_m)


def _numbered(xy: Floats, radius_m: float, way: str, neighbours: tuple[int, ...]) -> Numbered:
    return Numbered(float(xy[0]), float(xy[1]), radius_m, way, neighbours)


def fit_street(
    line: shapely.Geometry | None, xy: ArrayLike, number: ArrayLike, *, place: ArrayLike | None = None
) -> StreetNumbers:
    """The numbers of a street, fitted.

    Args:
        line: all pieces of that name as one geometry; None or empty where the street has no line.
        xy: where each number is known, shape (n, 2), finite.
        number: shape (n,), finite; its fraction is what follows the number, as `sub_number` makes it.
        place: a label of the place (village, district) that each belongs to, -1 for unknown; numbers of two
            labels are never of one street.
    """
    at, numbers = _entries(xy, number)
    pieces = lines_of(line)
    piece_group = group_pieces(pieces)
    if not len(numbers):
        return StreetNumbers(tuple(_stretch(pieces[piece_group == one]) for one in np.unique(piece_group)))
    group = group_numbers(at, numbers, None if place is None else np.asarray(place, np.intp))
    rows = [group == one for one in range(int(group.max()) + 1)]
    return StreetNumbers(
        tuple(_stretch(pieces_of(pieces, piece_group, at[row]), at[row], numbers[row]) for row in rows)
    )


def sub_number(number: int, suffix: str) -> float:
    """The number with what follows it as a fraction: 12 and ``a`` are 12.01, 18 and ``-3`` are 18.03."""
    text = suffix.strip(" -/").casefold()
    if text.isdecimal():
        return number + min(int(text), 99) / 100
    letter = ord(text[0]) - ord("a") + 1 if text else 0
    return number + (letter if 0 <= letter <= 26 else 27) / 100


def _entries(xy: ArrayLike, number: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(xy, np.float64).reshape(-1, 2), np.asarray(number, np.float64).reshape(-1)


def _stretch(pieces: Geometries, xy: Floats | None = None, number: Floats | None = None) -> Stretch:
    axis = Axis(make_route(pieces))
    if xy is None or number is None:
        return Stretch(axis, np.empty((0, 2)), np.empty(0))
    return Stretch(axis, xy, number)


@dataclass(frozen=True)
class Stretch:
    """The street of one place, with the entries of its known numbers."""

    axis: Axis
    entry_xy: Floats
    entry_number: Floats

    @cached_property
    def number(self) -> Floats:
        """The known numbers, each once, ascending."""
        return np.unique(self.entry_number)

    @cached_property
    def _of(self) -> Ints:
        return np.searchsorted(self.number, self.entry_number)

    @cached_property
    def xy(self) -> Floats:
        """For each number the entry nearest to the middle of its entries."""
        away = np.hypot(*(self.entry_xy - self._middle[self._of]).T)
        order = np.lexsort((np.arange(len(away)), away, self._of))
        first = np.searchsorted(self._of[order], np.arange(len(self.number)))
        return self.entry_xy[order[first]]

    @cached_property
    def _middle(self) -> Floats:
        if len(self.number) == len(self._of):
            return self.entry_xy[np.argsort(self._of)]
        rows = range(len(self.number))
        return np.array([np.median(self.entry_xy[self._of == row], axis=0) for row in rows])

    def at(self, number: float) -> Numbered:
        """Where the number lies; at least the street itself, with a radius that holds most of it."""
        row = int(np.searchsorted(self.number, number))
        if row < len(self.number) and self.number[row] == number:
            away = np.hypot(*(self.entry_xy[self._of == row] - self.xy[row]).T)
            radius = max(KNOWN_M, float(np.quantile(away, SHARE)))
            return _numbered(self.xy[row], radius, KNOWN, (int(number),))
        street = self._street
        if not len(self.number):
            return street
        wanted = np.array([number])
        xy, radius_m, overshoot = self._guess(wanted)
        radius = float(radius_m[0]) * self._scale
        if overshoot[0] > SLACK_M + radius or radius > max(street.radius_m, 100.0):
            return street
        near = self._neighbours(number)
        return _numbered(xy[0], radius, self._way(number), near)

    def _way(self, number: float) -> str:
        known = np.floor(self.number)
        return BETWEEN if known.min() <= np.floor(number) <= known.max() else BEYOND

    def _neighbours(self, number: float) -> tuple[int, ...]:
        row = self._rows[int(number) % 2]
        row = row if len(row.number) else self._rows[1 - int(number) % 2]
        guess = row.guess(np.array([number]), SPACING_M)
        ends = [int(row.number[end[0]]) for end in (guess.low, guess.high) if end[0] >= 0]
        return tuple(sorted(set(ends)))

    @cached_property
    def _street(self) -> Numbered:
        along = np.linspace(0, self.axis.length_m, 101)
        line = self.axis.place(along, np.zeros(101)) if self.axis.length_m else self.entry_xy
        middle = line[50] if self.axis.length_m else np.median(line, axis=0)
        away = np.hypot(*(np.vstack([line, self.entry_xy]) - middle).T)
        return _numbered(middle, float(np.quantile(away, SHARE)) + WIDTH_M, STREET, ())

    @cached_property
    def _rows(self) -> tuple[Row, Row]:
        even, odd = (self._row(np.floor(self.number) % 2 == parity) for parity in (0, 1))
        return even, odd

    def _row(self, rows: Bools) -> Row:
        return _fitted_row(self.axis, self.number[rows], self.xy[rows])

    @cached_property
    def _spacing_m(self) -> float:
        own = np.concatenate([row.spacings_m for row in self._rows])
        return float(np.median(np.concatenate([own, [SPACING_M]])))

    # ---- two guesses made one

    def _guess(self, wanted: Floats) -> tuple[Floats, Floats, Floats]:
        """Places, radii before the street's own `_scale`, and how far they run out over its ends."""
        own, across = self._by_side(wanted)
        misses = [trust * guess.model_m for trust, guess in zip(self._trusts, (own, across), strict=True)]
        weights = [miss**-2.0 for miss in misses]
        places = self._places(own, across)
        total = np.nansum(weights, axis=0)
        total[total == 0] = np.nan
        shares = [np.nan_to_num(weight / total) for weight in weights]
        xy = sum(share[:, None] * np.nan_to_num(at) for share, at in zip(shares, places, strict=True))
        over = [self.axis.overshoot(guess.along) for guess in (own, across)]
        over = np.where(np.isfinite(over), over, np.inf).min(axis=0)
        radius = sum(share * np.nan_to_num(miss) for share, miss in zip(shares, misses, strict=True))
        return (
            np.asarray(xy),
            np.where(np.isnan(total), np.nan, radius),
            np.where(np.isfinite(over), over, 0.0),
        )

    def _by_side(self, wanted: Floats) -> tuple[Guesses, Guesses]:
        """What the number's own side says, and what the other."""
        even, odd = (row.guess(wanted, self._spacing_m) for row in self._rows)
        shifted_even = self._rows[1].shift(odd, wanted, self._rows[0], even, self._spacing_m)
        shifted_odd = self._rows[0].shift(even, wanted, self._rows[1], odd, self._spacing_m)
        is_even = np.floor(wanted) % 2 == 0
        return chosen(is_even, even, odd), chosen(is_even, shifted_odd, shifted_even)

    def _places(self, own: Guesses, across: Guesses) -> tuple[Floats, Floats]:
        """Where each says; a number stands as far from the axis as its own side does."""
        offset = np.where(np.isfinite(own.offset), own.offset, -across.offset)
        return own.settled(self.axis, offset), across.settled(self.axis, offset)

    def ratios(self, xy: Floats, model_m: Floats) -> Floats:
        """How far each entry lies from where its number was guessed, by how far it should."""
        ratios = np.hypot(*(xy[self._of] - self.entry_xy).T) / model_m[self._of]
        return np.asarray(ratios[np.isfinite(ratios)])

    @cached_property
    def _trusts(self) -> tuple[float, float]:
        """How many times as far off as a rule the two sides are, here: by leaving out each number."""
        both = self._by_side(self.number)
        places = self._places(*both)
        own, across = (
            _drawn(self.ratios(place, guess.model_m), prior)
            for place, guess, prior in zip(places, both, (1.0, ACROSS), strict=True)
        )
        return own, across

    @cached_property
    def _scale(self) -> float:
        """What the radii must be multiplied by so that they hold their share here."""
        xy, radius_m, _ = self._guess(self.number)
        return _drawn(self.ratios(xy, radius_m), 1.0)


def _fitted_row(axis: Axis, number: Floats, xy: Floats) -> Row:
    fits = fits_its_row(number, xy)
    return Row(axis, number[fits], xy[fits])


def _drawn(ratios: Floats, prior: float) -> float:
    """The 68 % quantile of some ratios, drawn towards what is so as a rule."""
    if not len(ratios):
        return prior
    own = float(np.quantile(ratios, SHARE))
    return (own * len(ratios) + prior * PRIOR_WEIGHT) / (len(ratios) + PRIOR_WEIGHT)
