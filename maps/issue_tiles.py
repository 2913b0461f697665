"""Open issues as vector tiles: points where they are few, and clusters with their counts where they are many.

Each open issue with a position is on exactly one tile of a zoom, as an ``issue`` or in the counts of one
``cluster``. One with a line or an area is where its position is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geo.tiles import Floats, Runs, Tile, on_tile, place_units, squares_of, to_lnglat, to_world
from geo.types import Bbox
from layers.open_issues import OPEN, OpenIssues
from layers.open_view import OpenView
from layers.store.filters import IssueFilter
from maps.vector_tile import Part, Positions, Shape, Value, layer_bytes

FIELDS: Mapping[str, Mapping[str, str]] = {
    "issue": {
        "id": "String", "number": "String", "status": "String", "category": "String", "due_us": "Number",
        "overdue": "Boolean", "certainty": "String", "owner": "String",
    },
    "cluster": {
        "count": "Number", "overdue": "Number", "bbox": "String", **{one.value: "Number" for one in OPEN}
    },
}  # fmt: skip
"""The layers and their properties; ``bbox`` of a cluster holds all its issues."""

FEW = 200  # of all that pass the filter: drawn one by one at any zoom
CLOSE_ZOOM, MOST_CLOSE = 15, 2_000  # from this zoom on one by one, unless a tile has more
SQUARES, FEW_IN_SQUARE = 3, 4  # else by 8 × 8 squares of a tile: so few in one are drawn one by one
CLOSE_SQUARES, FEW_IN_CLOSE = 6, 1  # from the close zoom on by 64 × 64 squares


def narrowed(wanted: IssueFilter, tile: Tile) -> IssueFilter | None:
    """The filter for what is on a tile, or not far from it; None where that is nothing."""
    own = tile.degrees()
    if not wanted.boxes:
        return replace(wanted, boxes=(own,))
    boxes = tuple(common for box in wanted.boxes if (common := _common(box, own)) is not None)
    return replace(wanted, boxes=boxes) if boxes else None


def _common(a: Bbox, b: Bbox) -> Bbox | None:
    west, south = max(a.west, b.west), max(a.south, b.south)
    east, north = min(a.east, b.east), min(a.north, b.north)
    return Bbox(west, south, east, north) if west <= east and south <= north else None


def issue_tile(open_: OpenIssues, wanted: IssueFilter, tile: Tile, *, now_us: int) -> bytes:
    """The tile of those open issues that pass a filter; empty where there are none.

    Which are clusters depends on what is around each, not on the tile: maps show no seams.

    Args:
        now_us: what is overdue then.
    """
    near = narrowed(wanted, tile)
    if near is None:
        return b""
    view = open_.view(near, now_us=now_us)
    x, y = to_world(view.lng, view.lat)
    here = np.flatnonzero(on_tile(x, y, tile))
    places = np.column_stack((x[here], y[here]))
    if tile.z >= CLOSE_ZOOM:
        is_few = len(here) <= MOST_CLOSE
    else:
        is_few = len(here) <= FEW and len(open_.view(wanted, now_us=now_us)) <= FEW
    if is_few:
        return layer_bytes("issue", [_issues(view, here, places, tile)])
    squares = _Squares(places, tile)
    alone = squares.alone
    single = layer_bytes("issue", [_issues(view, here[alone], places[alone], tile)])
    return layer_bytes("cluster", [squares.clusters(view, here)]) + single


def _issues(view: OpenView, rows: Positions, places: Floats, tile: Tile) -> Part:
    issues = view.issues(rows)
    due = [int(at) if at == at else "" for at in view.due_us[rows].tolist()]
    columns: dict[str, Sequence[Value]] = {
        "id": [issue.uid for issue in issues],
        "number": [issue.number for issue in issues],
        "status": _words(view, "status", rows),
        "category": _words(view, "category", rows),
        "due_us": due,
        "overdue": view.overdue[rows].tolist(),
        "certainty": _words(view, "certainty", rows),
        "owner": _words(view, "owner", rows),
    }
    return Part(Shape.POINT, _points(places, tile), columns)


def _words(view: OpenView, name: str, rows: Positions) -> list[Value]:
    """The words of some rows; None for what says nothing."""
    column = getattr(view, name)
    return [column.words[code] or None for code in column.codes[rows].tolist()]


def _points(places: Floats, tile: Tile) -> Runs:
    ones = np.ones(len(places), dtype=np.intp)
    return Runs(place_units(places, tile), ones, np.arange(len(places)))


class _Squares:
    """Places on a tile by the square of it in which they lie.

    Attributes:
        alone: the places in squares that have few.
    """

    def __init__(self, places: Floats, tile: Tile) -> None:
        self._tile, self._places = tile, places
        is_close = tile.z >= CLOSE_ZOOM
        self._zooms = CLOSE_SQUARES if is_close else SQUARES
        side = 1 << self._zooms
        column, row = squares_of(places[:, 0], places[:, 1], tile.z + self._zooms)
        self._square = (row - tile.y * side) * side + column - tile.x * side
        self._count = np.bincount(self._square, minlength=side * side)
        self._many = self._count > (FEW_IN_CLOSE if is_close else FEW_IN_SQUARE)
        self.alone: Positions = np.flatnonzero(~self._many[self._square])

    def clusters(self, view: OpenView, rows: Positions) -> Part:
        """The squares with many; each stands in the middle of what is in it.

        Args:
            rows: of the view, those of the places.
        """
        shown = np.flatnonzero(self._many)
        columns: dict[str, Sequence[Value]] = {
            "count": self._count[shown].tolist(),
            "overdue": self._sums(view.overdue[rows])[shown].astype(np.int64).tolist(),
            "bbox": self._boxes(shown),
            **self._by_status(view, rows, shown),
        }
        middle = np.column_stack([self._sums(axis)[shown] / self._count[shown] for axis in self._places.T])
        return Part(Shape.POINT, _points(middle, self._tile), columns)

    def _sums(self, weights: NDArray[np.generic]) -> Floats:
        sums = np.bincount(self._square, weights=weights, minlength=len(self._count))
        return sums.astype(np.float64)

    def _by_status(self, view: OpenView, rows: Positions, shown: Positions) -> dict[str, Sequence[Value]]:
        words = list(view.status.words)
        both = self._square * len(words) + view.status.codes[rows]
        counts = np.bincount(both, minlength=len(self._count) * len(words)).reshape(-1, len(words))[shown]
        none = [0] * len(shown)
        return {
            state.value: counts[:, words.index(state.value)].tolist() if state.value in words else none
            for state in OPEN
        }

    def _boxes(self, squares: Positions) -> list[Value]:
        """West, south, east, north of squares, as the filters take it."""
        side, tile = 1 << self._zooms, self._tile
        size = 1.0 / (1 << tile.z + self._zooms)
        west = (tile.x * side + squares % side) * size
        north = (tile.y * side + squares // side) * size
        left, top = to_lnglat(west, north)
        right, bottom = to_lnglat(west + size, north + size)
        rows = np.column_stack((left, bottom, right, top)).tolist()
        return [",".join(f"{one:.7f}" for one in row) for row in rows]
