"""The basemap of a city as vector tiles, of whatever kinds a generation holds.

What is missing of a property is left out, and so is a name that only repeats the id. See `FIELDS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.densify import Geometries
from geo.tiles import (
    Bools,
    Floats,
    Runs,
    Tile,
    clipped,
    line_runs,
    point_runs,
    ring_runs,
    simplified,
    squares_of,
    world_geometries,
)
from layers.generation import Cells, Features, Generation
from maps.city_zooms import Zooms, first_zooms, layer_of, ranks
from maps.vector_tile import Part, Positions, Shape, Value, layer_bytes

_ASSET_FIELDS = {"kind": "String", "id": "String", "name": "String", "class": "String", "width": "Number"}
_CELL_FIELDS = {"code": "String", "name": "String", "level": "String"}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "green": _ASSET_FIELDS,
    "water": _ASSET_FIELDS,
    "building": _ASSET_FIELDS,
    "area": {"kind": "String", "code": "String", "name": "String"},
    "cell": _CELL_FIELDS,
    "road": {**_ASSET_FIELDS, "rank": "Number"},
    "asset": _ASSET_FIELDS,
    "cell_name": {"name": "String", "level": "String"},
}
"""The layers, the lowest first, and their properties.

``width`` is in metres, of lines; ``rank`` says how important a road is, from 1, motorways, to 7, paths.
"""

MARGIN = 64  # units around a tile that are drawn too, so that lines run on beyond its border
CELL_TOLERANCE, TOLERANCE = 0.25, 2.0  # units; a screen shows eight in a pixel
SMALLEST = 8.0  # units: areas below are left out
SMALLEST_CELLS = 12.0  # units: a level below the top whose cells are mostly smaller is left out
SMALLEST_NAMED = 128.0  # units: cells below have no name
MOST_CELLS = 4_000  # of a level below the top: where more are on a tile, the level is left out
MOST_SHAPES = 3_000  # of a kind: where more are on a tile, the main ones, then the largest
MOST_POINTS = 5_000
THIN_BELOW, THIN_ZOOMS = 16, 5  # below this zoom a kind has one point in each of 32 × 32 squares of a tile
_DRAWN = ((Shape.AREA, 2, ring_runs), (Shape.LINE, 1, line_runs))


class CityTiles:
    """The tiles of a generation; may be shared between threads. Each kind is made ready when first drawn."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self._grounds = [ground for ground in _grounds(generation) if len(ground.geometry)]

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that its tiles may have, the lowest first."""
        found = {ground.layer for ground in self._grounds}
        return tuple(layer for layer in FIELDS if layer.removesuffix("_name") in found)

    def tile(self, tile: Tile) -> bytes:
        """A tile; empty where it holds nothing."""
        parts: dict[str, list[Part]] = {layer: [] for layer in FIELDS}
        for ground in self._grounds:
            rows = ground.rows(tile)
            parts[ground.layer] += ground.parts(rows, tile)
            if ground.layer == "cell":
                parts["cell_name"].append(ground.names(rows, tile))
        return b"".join(layer_bytes(layer, own) for layer, own in parts.items())

    def warm(self) -> None:
        """Make all kinds ready."""
        for ground in self._grounds:
            _ = ground.world


@dataclass
class _Ground:
    """The things of one kind, area kind or level.

    Attributes:
        first: the zoom from which on each is drawn.
        together: all that are on a tile, or none where they would be too small or too many.
        ids: of the features.
    """

    layer: str
    geometry: Geometries
    columns: Mapping[str, Sequence[Value]]
    first: Zooms
    smallest: float = SMALLEST
    tolerance: float = TOLERANCE
    together: bool = False
    ids: Sequence[int] | None = None
    _making: Any = field(default_factory=Lock)
    _world: _World | None = None

    @property
    def world(self) -> _World:
        """Its geometries in the world."""
        with self._making:
            if self._world is None:
                self._world = _World(self.geometry)
            return self._world

    def rows(self, tile: Tile) -> Positions:
        """Which are drawn on a tile, of lines and areas."""
        if not (self.first <= tile.z).any():
            return np.empty(0, dtype=np.intp)
        world = self.world
        if self.together and world.usual_size < SMALLEST_CELLS * tile.unit:
            return np.empty(0, dtype=np.intp)
        seen = world.near(tile) & (self.first <= tile.z)
        seen &= (world.dimension < 2) | (world.size >= self.smallest * tile.unit)
        rows = np.flatnonzero(seen)
        if self.together:
            return rows if len(rows) <= MOST_CELLS else rows[:0]
        return self._main(rows)

    def _main(self, rows: Positions) -> Positions:
        """At most `MOST_SHAPES` besides the points, in their order."""
        world = self.world
        shapes = rows[world.dimension[rows] > 0]
        if len(shapes) <= MOST_SHAPES:
            return rows
        order = np.lexsort((shapes, -world.size[shapes], self.first[shapes]))
        points = rows[world.dimension[rows] == 0]
        return np.sort(np.concatenate([points, shapes[order[:MOST_SHAPES]]]))

    def parts(self, rows: Positions, tile: Tile) -> list[Part]:
        """Some rows as they are drawn."""
        world = self.world if len(rows) else None
        if world is None:
            return []
        drawn = [*world.shapes(rows, tile, self.tolerance), (Shape.POINT, world.points(rows, tile))]
        return [Part(shape, runs, self.columns, self.ids) for shape, runs in drawn if len(runs)]

    def names(self, rows: Positions, tile: Tile) -> Part:
        """Where the names of some rows stand."""
        if len(rows):
            rows = rows[self.world.size[rows] >= SMALLEST_NAMED * tile.unit]
        places = self.world.names[rows] if len(rows) else np.empty(0, dtype=object)
        runs = point_runs(places, tile)
        names = {name: self.columns[name] for name in FIELDS["cell_name"]}
        return Part(Shape.POINT, Runs(runs.xy, runs.size, rows[runs.owner]), names, self.ids)


class _World:
    """Geometries in the world, and what is asked of them for every tile."""

    def __init__(self, geometry: Geometries) -> None:
        self.geometry = world_geometries(geometry)
        self.dimension = shapely.get_dimensions(self.geometry)
        self.bounds = shapely.bounds(self.geometry)
        self.size: Floats = np.fmax(*(self.bounds[:, 2:] - self.bounds[:, :2]).T)
        self.usual_size = float(np.median(self.size[np.isfinite(self.size)])) if len(geometry) else 0.0
        self._names: Geometries | None = None

    @property
    def names(self) -> Geometries:
        """Where names stand: the centroid, or, where that lies outside, a point that lies inside."""
        if self._names is None:
            centre = shapely.centroid(self.geometry)
            outside = ~shapely.intersects(centre, self.geometry)
            centre[outside] = shapely.point_on_surface(self.geometry[outside])
            self._names = centre
        return self._names

    def near(self, tile: Tile) -> Bools:
        """Whose boxes meet that of a tile with its margin; none of None and empty ones."""
        west, north, east, south = tile.box(MARGIN)
        bounds = self.bounds
        near = bounds[:, 0] <= east
        near &= bounds[:, 2] >= west
        near &= bounds[:, 1] <= south
        near &= bounds[:, 3] >= north
        return np.asarray(near)

    def shapes(self, rows: Positions, tile: Tile, tolerance: float) -> Iterator[tuple[Shape, Runs]]:
        """The areas, then the lines, of some rows as they are drawn; owners are the rows."""
        rows = rows[self.dimension[rows] > 0]
        if not len(rows):
            return
        cut = simplified(clipped(self.geometry[rows], tile.box(MARGIN)), tolerance * tile.unit)
        for shape, dimension, runs_of in _DRAWN:
            own = self.dimension[rows] >= dimension  # a collection holds also what is less
            runs = runs_of(cut[own], tile)
            yield shape, Runs(runs.xy, runs.size, rows[own][runs.owner])

    def points(self, rows: Positions, tile: Tile) -> Runs:
        """The points of some rows that lie on a tile, thinned below `THIN_BELOW`; owners are the rows."""
        rows = rows[self.dimension[rows] == 0]
        if tile.z < THIN_BELOW and len(rows):
            rows = rows[_first_in_squares(self.bounds[rows], tile.z + THIN_ZOOMS)]
        if len(rows) > MOST_POINTS:
            rows = rows[np.linspace(0, len(rows) - 1, MOST_POINTS).astype(np.intp)]
        runs = point_runs(self.geometry[rows], tile)
        return Runs(runs.xy, runs.size, rows[runs.owner])


def _first_in_squares(bounds: Floats, zoom: int) -> NDArray[np.intp]:
    """The first of the points in each square of a zoom, ascending; at the next zoom it is so, too."""
    column, row = squares_of(bounds[:, 0], bounds[:, 1], zoom)
    _, first = np.unique(column << 32 | row, return_index=True)
    return np.sort(first)


def _grounds(generation: Generation) -> Iterator[_Ground]:
    for kind in generation.asset_kinds:
        yield _assets(generation, kind)
    for kind in sorted(generation.areas):
        yield _areas(kind, generation.areas[kind])
    for rank, level in enumerate(generation.config.levels):
        yield _cells(generation.cells, level, is_top=rank == 0)


def _assets(generation: Generation, kind: str) -> _Ground:
    features, layer = generation.assets[kind], layer_of(kind)
    width = 2 * generation.half_width[kind]
    classes = _texts(features.column("class"), len(features.id))
    first = first_zooms(layer, classes, width, shapely.get_dimensions(features.geometry))
    columns: dict[str, Sequence[Value]] = {
        "kind": [kind] * len(features.id),
        "id": list(features.id),
        "name": _names(features),
        "class": classes,
        "rank": ranks(layer, first),
        "width": [round(one, 1) if one > 0 else None for one in width.tolist()],
    }
    return _Ground(layer, features.geometry, columns, first)


def _areas(kind: str, features: Features) -> _Ground:
    columns: dict[str, Sequence[Value]] = {
        "kind": [kind] * len(features.id),
        "code": list(features.id),
        "name": _names(features),
    }
    return _Ground("area", features.geometry, columns, np.zeros(len(features.id), dtype=np.int8))


def _cells(cells: Cells, level: str, *, is_top: bool) -> _Ground:
    rows = np.flatnonzero(cells.level == level)
    columns: dict[str, Sequence[Value]] = {
        "code": list(cells.code[rows]),
        "name": [name or None for name in cells.name[rows]],
        "level": [level] * len(rows),
    }
    return _Ground(
        "cell", cells.geometry[rows], columns, np.zeros(len(rows), dtype=np.int8), smallest=0.0,
        tolerance=CELL_TOLERANCE, together=not is_top, ids=rows.tolist(),
    )  # fmt: skip


def _names(features: Features) -> list[Value]:
    pairs = zip(features.name, features.id, strict=True)
    return [name if name and name != id_ else None for name, id_ in pairs]


def _texts(column: NDArray[np.object_] | None, count: int) -> list[str | None]:
    """Texts of a column; None where it is missing, or no text."""
    values = [None] * count if column is None else column.tolist()
    return [value if isinstance(value, str) and value else None for value in values]
