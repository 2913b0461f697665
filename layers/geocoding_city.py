"""What the geocoder asks of a city: its entries by their names, their shapes, and numbers along streets."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.civic_text import Mention
from geo.house_numbers import StreetNumbers, fit_street, sub_number
from geo.names import NameIndex
from layers.gazetteer import Gazetteer, load_gazetteer, shape_of
from layers.gazetteer_entries import ADDRESS, NONE, STREET, WATERWAY, Positions
from layers.generation import Generation
from layers.routes import MARK, Routes

Floats = NDArray[np.float64]
Made = TypeVar("Made")

LEAST_LIKE = 0.72  # of a name that is not written as it should be
MOST_HITS = 8
MOST_KEPT = 4_000  # shapes and fits of streets that were asked for
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
        self._kept = _Kept(MOST_KEPT)
        self._routes: dict[str, Routes] = {}

    def hits(self, mention: Mention, fits: Callable[[str], bool] = bool) -> list[Hit]:
        """The entries that a mention may mean, of kinds that fit; those that bear the very name alone,
        where there are any.
        """
        kinds = self.gazetteer.kind
        exact = [
            Hit(row, 1.0, "exact") for row in self.index.exact(mention.text).tolist() if fits(kinds[row])
        ]
        if exact:
            return exact
        found = self.index.search(mention.text, 3 * MOST_HITS, least=LEAST_LIKE)
        return [Hit(one.entry, one.score, one.way) for one in found if fits(kinds[one.entry])][:MOST_HITS]

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

    def fit(self, row: int) -> StreetNumbers:
        """The numbers along a street, fitted."""
        return self._kept.of(("fit", row), lambda: self._fit(row))

    def _fit(self, row: int) -> StreetNumbers:
        rows, numbers = self.houses(row)
        xy = np.column_stack([self.gazetteer.x[rows], self.gazetteer.y[rows]])
        return fit_street(self.metric(row) if self.is_line(row) else None, xy, numbers)

    def routes(self, kind: str) -> Routes:
        """The routes of a kind of assets."""
        if kind not in self._routes:
            assets = self.generation.assets
            crs = self.generation.config.metric_crs
            self._routes[kind] = Routes(assets.get(kind), assets.get(kind + MARK), crs)
        return self._routes[kind]

    def ancestors(self, cell: int) -> list[int]:
        """A cell and those above it, by position, the lowest first; none for -1."""
        found, parent = [], self.generation.cells.parent
        while cell != NONE:
            found.append(cell)
            cell = int(parent[cell])
        return found

    def leaf_at(self, x: float, y: float) -> tuple[float, float, int]:
        """Degrees of a place in metres, and the leaf cell there, -1 for none."""
        lng, lat = self.generation.metric.to_lnglat(np.array([x]), np.array([y]))
        leaves = self.generation.cells.leaves
        at = int(self.generation.leaf_index.first(lng, lat)[0]) if len(leaves) else NONE
        return float(lng[0]), float(lat[0]), int(leaves[at]) if at >= 0 else NONE


def house_value(text: str) -> float:
    """A house number as a number that can be counted with; NaN where it is none."""
    found = _HOUSE.search(text)
    return sub_number(int(found[1]), found[2]) if found and len(found[1]) < 9 else float("nan")


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
