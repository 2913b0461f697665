"""What the geocoder asks of a city: its entries by their names, their shapes, and numbers along streets."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property, partial
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.address_ranges import Ranged
from geo.civic_latin_cases import straight
from geo.civic_text import HouseNumber, Mention
from geo.house_numbers import KNOWN, Numbered, StreetNumbers, fit_street, sub_number
from geo.names import NameIndex, fold
from geo.names_words import key_of
from layers.correction_scopes import line_of
from layers.gazetteer import Gazetteer, load_gazetteer, shape_of
from layers.gazetteer_columns import texts_like
from layers.gazetteer_entries import ADDRESS, CROSSING, NONE, STREET, WATERWAY, Objects, Positions
from layers.gazetteer_ranges import ranges_of
from layers.generation import PLACE, Generation
from layers.geocoding_ranges import numbers_by_ranges
from layers.geocoding_spelling_zh import CLEAR_SCORE, DOUBTFUL_SCORE, LEAST, PAIR, slip_of
from layers.geocoding_spots import edits, is_han
from layers.routes import MARK, Routes

Floats = NDArray[np.float64]
Made = TypeVar("Made")

LEAST_LIKE = 0.72  # of a name that is not written as it should be
LEAST_BENT = 0.5  # the same before its bends and shortenings are undone
LONG = 9  # letters of a name that may have two wrong ones
SLIP = (0.95, 0.9, 0.84)  # the least score of a name with so many wrong letters
LEAST_HAN = 0.7  # of a Chinese one, once a single slip in it is forgiven
MOST_HITS = 8
MOST_KEPT = 4_000  # shapes and fits of streets that were asked for
TOWN_COLUMNS = ("city addrcity town municipality ort kunta", "postcode addrpostcode zip zipcode plz")
WIDEST = 60  # numbers that one address may stand for
LETTER_M = 30.0  # the least radius of a number with a letter that nobody has entered: 10a where 10 is known
_LETTERED = re.compile(r"\d+\s?[a-z]{1,3}")
_RANGE = re.compile(r"(\d{1,6})-(\d{1,6})")
_HOUSE = re.compile(r"(\d+)\s*[-–—/之]?\s*([0-9A-Za-z甲乙丙丁]{0,3})")


class Hit(NamedTuple):
    """An entry that a name may mean.

    Attributes:
        score: how well the name fits, 0 to 1.
        way: exact, homophone, typo or part.
    """

    row: int
    score: float
    way: str


class CityPlaces:
    """A generation's gazetteer, ready to be asked; may be shared between threads."""

    def __init__(self, generation: Generation, gazetteer: Gazetteer | None = None) -> None:
        self.generation = generation
        self.gazetteer = load_gazetteer(generation) if gazetteer is None else gazetteer
        texts = self.gazetteer.names
        self.index = NameIndex(texts.text.tolist(), texts.row)
        self._ranges = ranges_of(generation, self.gazetteer)
        self._kept = _Kept(MOST_KEPT)
        self._routes: dict[str, Routes] = {}

    def hits(self, mention: Mention, fits: Callable[[str], bool] = bool) -> list[Hit]:
        """The entries that a mention may mean, of kinds that fit; those that bear the very name alone,
        where there are any.
        """
        kinds = self.gazetteer.kind
        exact = [Hit(row, 1.0, "exact") for row in self.bearing(mention.text) if fits(kinds[row])]
        if exact:
            return exact
        found = [hit for hit in self.like(mention.text) if fits(kinds[hit.row])]
        return likeliest(found, mention.text, self.gazetteer)

    def like(self, name: str) -> list[Hit]:
        """The entries whose names are like some words, the likeliest first."""
        return self._kept.of(("like", name), lambda: self._like(name))

    def bearing(self, name: str) -> list[int]:
        """The entries that bear a name, also as Finnish sentences bend it."""
        return self._kept.of(("bearing", name), lambda: self._bearing(name))

    def _bearing(self, name: str) -> list[int]:
        rows: list[int] = self.index.exact(name).tolist()
        plain = fold(name)
        if not rows and plain.isascii() and (base := straight(plain)) != plain:
            rows = self.index.exact(base).tolist()
        return rows

    def _like(self, name: str) -> list[Hit]:
        found = self.index.search(name, 3 * MOST_HITS, least=LEAST if is_han(name) else LEAST_BENT)
        hits = [Hit(one.entry, one.score, one.way) for one in found]
        if len(name) == PAIR and is_han(name):  # 江长
            return [Hit(row, CLEAR_SCORE, "typo") for row in self.index.exact(name[::-1]).tolist()] + hits
        return hits if is_han(name) else list(_slips(hits, [one.name for one in found], key_of(name)))

    def shape(self, row: int) -> shapely.Geometry:
        """The shape of an entry in degrees."""
        return self._kept.of(("shape", row), lambda: shape_of(self.generation, self.gazetteer, row))

    def metric(self, row: int) -> shapely.Geometry:
        """The shape of an entry in metres."""
        make = self.generation.metric.geometries
        return self._kept.of(("metric", row), lambda: make(np.array([self.shape(row)], dtype=object))[0])

    def is_line(self, row: int) -> bool:
        """Whether an entry is a street or a waterway."""
        return self.gazetteer.kind[row] in (STREET, WATERWAY)

    def children(self, row: int, kind: str) -> Positions:
        """The entries of a kind that belong to one."""
        rows = self.gazetteer.children(row)
        found: Positions = rows[self.gazetteer.kind[rows] == kind]
        return found

    def houses(self, row: int) -> tuple[Positions, Floats]:
        """The addresses of a street, estate or village, and their numbers as `sub_number` makes them."""
        return self._kept.of(("houses", row), lambda: self._houses(row))

    def _houses(self, row: int) -> tuple[Positions, Floats]:
        rows = self.children(row, ADDRESS)
        numbers = np.array([house_value(text) for text in self.gazetteer.number[rows].tolist()], dtype=float)
        known = np.isfinite(numbers) & np.isfinite(self.gazetteer.x[rows])
        return rows[known], numbers[known]

    def doors(self, row: int) -> Doors:
        """The addresses of a street, estate or village by their numbers as they are written."""
        make = partial(doors_of, self.gazetteer.number, *self.houses(row), is_fitted=self.is_line(row))
        return self._kept.of(("doors", row), make)

    def fit(self, row: int) -> StreetNumbers:
        """The numbers along a street, fitted; a street that nobody drew goes on in its next piece."""
        pieces = self.pieces(row)
        return self._kept.of(("fit", pieces[0]), lambda: self._fit(pieces))

    def pieces(self, row: int) -> list[int]:
        """A street, and where it is only known by its addresses all others of its name."""
        if self.gazetteer.kind[row] != STREET or self.gazetteer.layer[row]:
            return [row]
        rows = self.bearing(self.gazetteer.name[row])
        return [one for one in rows if self.gazetteer.kind[one] == STREET and not self.gazetteer.layer[one]]

    def _fit(self, pieces: list[int]) -> StreetNumbers:
        both = [self.houses(row) for row in pieces]
        rows, numbers = (np.concatenate(column) for column in zip(*both, strict=True))
        xy = np.column_stack([self.gazetteer.x[rows], self.gazetteer.y[rows]])
        line = self.metric(pieces[0]) if self.is_line(pieces[0]) else None
        return Lettered(fit_street(line, xy, numbers).stretches)

    def crossings(self, one: int, other: int) -> list[int]:
        """The entries of the crossings of two streets or waterways."""
        return self._crossings.get((min(one, other), max(one, other)), [])

    @cached_property
    def _crossings(self) -> dict[tuple[int, int], list[int]]:
        rows = np.flatnonzero(self.gazetteer.kind == CROSSING)
        first, second = self.gazetteer.parent[rows], self.gazetteer.other[rows]
        low, high = np.minimum(first, second).tolist(), np.maximum(first, second).tolist()
        found: dict[tuple[int, int], list[int]] = {}
        for row, *pair in zip(rows.tolist(), low, high, strict=True):
            found.setdefault((pair[0], pair[1]), []).append(row)
        return found

    def town(self, row: int) -> tuple[str, ...]:
        """The town and the postcode of an address, as its own source has them."""
        return tuple(column[row] for column in self._towns if column[row])

    def towns(self, row: int) -> tuple[str, ...]:
        """The towns and postcodes of the addresses along a street."""
        return self._kept.of(("towns", row), lambda: self._towns_along(row))

    def _towns_along(self, row: int) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(name for house in self.houses(row)[0].tolist() for name in self.town(house))
        )

    @cached_property
    def _towns(self) -> tuple[Objects, ...]:
        """The town and the postcode of every entry that has them."""
        gazetteer, layers = self.gazetteer, {PLACE: self.generation.places}
        layers |= {f"asset:{kind}": layer for kind, layer in self.generation.assets.items()}
        found = tuple(np.full(len(gazetteer), "", dtype=object) for _ in TOWN_COLUMNS)
        for name, layer in layers.items():
            rows = np.flatnonzero(
                (gazetteer.layer == name) & (gazetteer.kind == ADDRESS) & (gazetteer.row >= 0)
            )
            for column, words in zip(found, TOWN_COLUMNS, strict=True):
                column[rows] = texts_like(layer, words)[gazetteer.row[rows]] if len(rows) else ""
        return found

    def ranged(self, row: int, number: float) -> list[Ranged]:
        """The places of a number by the address ranges of a street's pieces."""
        if row not in self._ranges.streets:
            return []
        made = self._kept.of(("ranges", row), lambda: numbers_by_ranges(self.generation, self._ranges, row))
        return made.sides_at(number)

    def routes(self, kind: str) -> Routes:
        """The routes of a kind of assets."""
        if kind not in self._routes:
            assets = self.generation.assets
            crs = self.generation.config.metric_crs
            self._routes[kind] = Routes(assets.get(kind), assets.get(kind + MARK), crs)
        return self._routes[kind]

    def ancestors(self, cell: int) -> list[int]:
        """A cell and those above it, by position, the lowest first; none for -1."""
        return line_of(self.generation, cell)

    def leaf_at(self, x: float, y: float) -> tuple[float, float, int]:
        """Degrees of a place in metres, and the leaf cell there, -1 for none."""
        lng, lat = self.generation.metric.to_lnglat(np.array([x]), np.array([y]))
        leaves = self.generation.cells.leaves
        at = int(self.generation.leaf_index.first(lng, lat)[0]) if len(leaves) else NONE
        return float(lng[0]), float(lat[0]), int(leaves[at]) if at >= 0 else NONE


class Doors(NamedTuple):
    """Addresses by their numbers.

    Attributes:
        exact: rows by the number as it is written, without blanks and in small letters.
        by_value: rows by the number as `sub_number` makes it.
        ranges: rows of those that stand for several numbers (19-21), with the first and the last.
        is_fitted: whether they stand along a line, so that a number that is missing can be placed by others.
    """

    exact: dict[str, list[int]]
    by_value: dict[float, list[int]]
    ranges: list[tuple[int, int, int]]
    is_fitted: bool = False

    def find(self, number: HouseNumber) -> list[int]:
        """The rows of a number: as it is written, else by its value, in a range, without what follows it.

        House 10a is not 10 where it can be placed by the others; the staircase of 10 A and 18号-1 is.
        """
        wanted = sub_number(number.value, number.suffix)
        found = self.exact.get(plain_number(number.text)) or self.by_value.get(wanted)
        if found or (self.is_fitted and _LETTERED.fullmatch(number.text)):
            return found or []
        return self._in_range(number.value) or self.by_value.get(float(number.value)) or []

    def _in_range(self, value: int) -> list[int]:
        return [row for row, low, high in self.ranges if low <= value <= high and (value - low) % 2 == 0]


@dataclass(frozen=True)
class Lettered(StreetNumbers):
    """The numbers along a street; one with a letter that is not known stands behind or beside its house."""

    def all_at(self, number: float) -> list[Numbered]:
        """Every place that the number can have, the surest first."""
        return [
            one if one.way == KNOWN or number.is_integer() else _wider(one) for one in super().all_at(number)
        ]


def _wider(one: Numbered) -> Numbered:
    return one._replace(radius_m=max(one.radius_m, LETTER_M))


def doors_of(texts: Objects, rows: Positions, numbers: Floats, *, is_fitted: bool = False) -> Doors:
    """The addresses of some rows by their numbers."""
    doors = Doors({}, {}, [], is_fitted)
    for row, value in zip(rows.tolist(), numbers.tolist(), strict=True):
        text = plain_number(texts[row])
        doors.exact.setdefault(text, []).append(row)
        doors.by_value.setdefault(value, []).append(row)
        if (ends := _RANGE.fullmatch(text)) and int(ends[1]) < int(ends[2]) <= int(ends[1]) + WIDEST:
            doors.ranges.append((row, int(ends[1]), int(ends[2])))
    return doors


def plain_number(text: str) -> str:
    """A house number without blanks, in small letters."""
    return "".join(text.casefold().split()).replace("–", "-")


def house_value(text: str) -> float:
    """A house number as a number that can be counted with; NaN where it is none."""
    found = _HOUSE.search(text)
    return sub_number(int(found[1]), found[2]) if found and len(found[1]) < 9 else float("nan")


def _slips(hits: list[Hit], names: list[str], asked: str) -> list[Hit]:
    """Entries that a Latin name may mean: a letter or two away, also bent or shortened, or much like it."""
    found = []
    for hit, name in zip(hits, names, strict=True):
        apart = edits(asked, name)
        if hit.way != "exact" and apart <= (2 if len(asked) >= LONG else 1):
            found.append(Hit(hit.row, max(hit.score, SLIP[apart]), "typo"))
        elif hit.score >= LEAST_LIKE:
            found.append(hit)
    return sorted(found, key=lambda hit: -hit.score)


def likeliest(hits: list[Hit], said: str, gazetteer: Gazetteer) -> list[Hit]:
    """Those of some entries that a name may mean: where some are one letter off, the others are not meant;
    of others the first few.
    """
    if is_han(said):
        return _likeliest_han(hits, said, gazetteer)
    if len(hits) < 2:
        return hits[:MOST_HITS]
    asked = key_of(said)
    apart = [edits(asked, gazetteer.name[hit.row]) for hit in hits]
    return [hit for hit, far in zip(hits, apart, strict=True) if far <= 1 or min(apart) > 1][:MOST_HITS]


def _likeliest_han(hits: list[Hit], said: str, gazetteer: Gazetteer) -> list[Hit]:
    """Where a Chinese name has one slip it says as much as a Latin one: of three glyphs two are right."""
    slips = {name: slip_of(said, name) for name in {str(gazetteer.name[hit.row]) for hit in hits}}
    alike = any(hit.way == "homophone" for hit in hits)
    best = [name for name, slip in slips.items() if slip and slip != "other"]
    meant = best or [name for name, slip in slips.items() if slip]
    least = 0.0 if alike else CLEAR_SCORE if len(meant) == 1 else DOUBTFUL_SCORE
    raised = [_raised(hit, str(gazetteer.name[hit.row]), slips, meant, least) for hit in hits]
    return sorted((hit for hit in raised if hit.score >= LEAST_HAN), key=lambda hit: -hit.score)[:MOST_HITS]


def _raised(hit: Hit, name: str, slips: dict[str, str], meant: list[str], least: float) -> Hit:
    if hit.way == "homophone" or not slips[name]:
        return hit
    way = "other" if slips[name] == "other" else hit.way
    return hit._replace(score=max(hit.score, least) if name in meant else 0.0, way=way)


class _Kept:
    """What was made, by key; what was asked for longest ago goes first."""

    def __init__(self, most: int) -> None:
        self._most, self._turn = most, Lock()
        self._made: OrderedDict[Hashable, Any] = OrderedDict()

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was kept under a key, else made now."""
        with self._turn:
            if key in self._made:
                self._made.move_to_end(key)
                kept: Made = self._made[key]
                return kept
        made = make()
        with self._turn:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made
