"""What reports are counted in: the cells of a level, square or hexagonal bins, or stretches of road."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.bins import Lattice, centres, keys_at, keys_over, polygons
from geo.bins_counts import numbered
from geo.bins_roads import RoadBins, nearest_stretch, road_bins
from geo.bulk import LOADING_PAYS, bulk
from geo.errors import GridError, NotFoundError
from geo.neighbours import Weights, area_neighbours, bin_neighbours, within_distance
from layers.cells import locate_cells
from layers.generation import NONE, Generation, Objects, Positions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

M2_PER_KM2 = 1e6
ROAD = "road"
BY_ROAD_M = 50.0
"""A report farther from every road is by none of them."""
LEAST_M, MOST_M = 1.0, 1e7
"""Bins of less are less than positions are known to; of more, than there is of the earth."""
TOUCHING_M = 2.0
"""Cells drawn so far apart are meant to touch."""
SHAPES = ("square", "hex", ROAD)
Place = Callable[[Floats, Floats], Positions]


@dataclass(frozen=True)
class Division:
    """How to divide a city.

    Attributes:
        kind: ``level``, ``square``, ``hex`` or ``road``.
        level: of cells; empty for the lowest.
        size_m: of bins and stretches.
        shift_m: how far the origin of bins lies from that of the metric CRS.
        within_m: centres so near are neighbours; 0 for what touches.
    """

    kind: Literal["level", "square", "hex", "road"] = "level"
    level: str = ""
    size_m: float = 0.0
    shift_m: tuple[float, float] = (0.0, 0.0)
    within_m: float = 0.0

    @property
    def text(self) -> str:
        """As it is asked for."""
        return self.level if self.kind == "level" else f"{self.kind}:{self.size_m:g}"


def parse_bins(text: str) -> Division:
    """``square:M``, ``hex:M`` or ``road:M``.

    Raises:
        GridError: it is something else, or the size is no length.
    """
    shape, colon, size = text.strip().casefold().partition(":")
    fix = "Say square:250, hex:250 or road:100; the number is in metres."
    if shape not in SHAPES or not colon:
        raise GridError(f"There are no bins {text!r}.", fix=fix)
    try:
        size_m = float(size.removesuffix("m"))
    except ValueError:
        size_m = np.nan
    if not LEAST_M <= size_m <= MOST_M:
        raise GridError(f"Bins cannot be {size!r} m large.", fix=fix)
    kinds: dict[str, Literal["square", "hex", "road"]] = {"square": "square", "hex": "hex", ROAD: "road"}
    return Division(kinds[shape], size_m=size_m)


@dataclass(frozen=True)
class Units:
    """The parts of a city, in columns of shape (n,).

    Attributes:
        division: how it was divided.
        code, name: of each; bins have no name.
        geometry: in degrees, on the whole earth; of stretches, lines.
        metric: the same in metres.
        centre: in metres, shape (n, 2).
        cells: of a level, positions in the generation's cells; else empty.
        place: which one each point in degrees lies in, -1 for none.
        neighbours: who touches whom, or is near.
        inside: what of each lies in the city, in metres; None where all of it does.
    """

    division: Division
    code: Objects
    name: Objects
    geometry: Objects
    metric: Objects
    centre: Floats
    place: Place
    neighbours: Weights
    cells: Positions = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    lattice: Lattice | None = None
    inside: Objects | None = None

    def __len__(self) -> int:
        return len(self.code)

    @property
    def ground(self) -> Objects:
        """What of each lies in the city, in metres."""
        return self.metric if self.inside is None else self.inside

    @cached_property
    def area_km2(self) -> Floats:
        """The ground of each inside the city; 0 for stretches."""
        return np.asarray(shapely.area(self.ground), dtype=np.float64) / M2_PER_KM2

    @cached_property
    def length_km(self) -> Floats:
        """The length of stretches; 0 of what has ground."""
        long = np.asarray(shapely.length(self.metric), dtype=np.float64) / 1000
        return long if self.division.kind == ROAD else np.zeros(len(long))


def units_of(generation: Generation, division: Division) -> Units:
    """The parts of a city.

    Raises:
        NotFoundError: it has no such level, no grid, or no roads.
        GridError: there would be too many.
    """
    if division.kind == "level":
        return _cells(generation, division)
    if division.kind == ROAD:
        return _stretches(generation, division)
    return _bins(generation, division)


def lowest_level(generation: Generation) -> str:
    """The level of most of the cells that have no cells in them."""
    cells = generation.cells
    found, count = np.unique(cells.level[cells.leaves].astype(str), return_counts=True)
    return str(found[count.argmax()]) if len(found) else ""


def _cells(generation: Generation, division: Division) -> Units:
    cells = generation.cells
    level = division.level or lowest_level(generation)
    rows = np.flatnonzero(cells.level == level)
    if not len(rows):
        there = [name for name in generation.config.levels if (cells.level == name).any()]
        if not there:
            raise _no_grid()
        raise NotFoundError(f"The city has no cells of level {level!r}.", fix=f"Levels: {', '.join(there)}.")
    rows = rows[np.argsort(cells.code[rows].astype(str), kind="stable")]
    at_level = _ancestor_at(cells.parent, rows)

    def place(lng: Floats, lat: Floats) -> Positions:
        with bulk(len(lng) >= LOADING_PAYS):
            cell = locate_cells(generation, lng, lat).cell
        return np.where(cell >= 0, at_level[cell], NONE)

    metric = generation.metric.geometries(cells.geometry[rows])
    centre = shapely.get_coordinates(shapely.centroid(metric))
    return Units(
        Division("level", level, within_m=division.within_m), cells.code[rows], cells.name[rows],
        cells.geometry[rows], metric, centre, place, _neighbours(division, metric, centre), rows,
    )  # fmt: skip


def _ancestor_at(parent: Positions, rows: Positions) -> Positions:
    """For each cell the position in `rows` of itself or of the one above it that stands there; -1."""
    found = np.full(len(parent) + 1, NONE, dtype=np.intp)
    found[rows] = np.arange(len(rows))
    above = np.append(parent, NONE)
    for _ in range(len(parent).bit_length() + 1):
        found = np.where(found >= 0, found, found[above])
        above = above[above]
    return found


def _neighbours(division: Division, metric: Objects, centre: Floats) -> Weights:
    if division.within_m:
        return within_distance(centre, division.within_m)
    return area_neighbours(metric, gap_m=0.0 if division.kind == ROAD else TOUCHING_M)


def _no_grid() -> NotFoundError:
    fix = "Import one with --as grid:LEVEL, for bins too lie where the city does. Roads allow road:100."
    return NotFoundError("The city has no grid.", fix=fix)


def _bins(generation: Generation, division: Division) -> Units:
    shape: Literal["square", "hex"] = "hex" if division.kind == "hex" else "square"
    lattice = Lattice(shape, division.size_m, division.shift_m)
    ground = generation.surroundings.ground
    if shapely.is_empty(ground):
        raise _no_grid()
    key = keys_over(lattice, ground)
    metric = polygons(lattice, key)
    inside, whole = _inside(ground, metric)
    place = _bin_place(generation, lattice, key, whole)
    centre = centres(lattice, key)
    kind: Literal["hex", "queen"] = "hex" if shape == "hex" else "queen"
    neighbours = (
        within_distance(centre, division.within_m) if division.within_m else bin_neighbours(key, kind)
    )
    return Units(
        division, bin_codes(division, key), np.full(len(key), "", dtype=object),
        to_degrees(generation, metric), metric, centre, place, neighbours, lattice=lattice, inside=inside,
    )  # fmt: skip


def bin_codes(division: Division, key: Ints) -> Objects:
    """What bins are called: shape, size, and their two numbers."""
    start = f"{'H' if division.kind == 'hex' else 'S'}{division.size_m:g}"
    if division.shift_m != (0.0, 0.0):
        start += "@" + ",".join(f"{shift:g}" for shift in division.shift_m)
    return np.array([f"{start}_{a}_{b}" for a, b in key.tolist()], dtype=object)


def _inside(ground: shapely.Geometry, metric: Objects) -> tuple[Objects, NDArray[np.bool_]]:
    """What of each bin lies in the city, and which bins do so wholly."""
    shapely.prepare(ground)
    inside, whole = metric.copy(), np.asarray(shapely.contains_properly(ground, metric))
    rows = np.flatnonzero(~whole)
    for some in _near_together(metric[rows]):
        # The ground of a city has many vertices: the few about these bins are cut out once.
        around = shapely.intersection(ground, shapely.box(*shapely.total_bounds(metric[rows[some]])))
        inside[rows[some]] = shapely.intersection(around, metric[rows[some]])
    return inside, whole


def _near_together(metric: Objects) -> list[Positions]:
    """Positions of shapes in groups of some ten that lie near each other."""
    if not len(metric):
        return []
    x, y = shapely.get_coordinates(shapely.centroid(metric)).T
    tiles = max(round(np.sqrt(len(metric)) / 3), 1)
    column, row = (((v - v.min()) / max(np.ptp(v), 1) * (tiles - 1)).astype(np.intp) for v in (x, y))
    tile = column * tiles + row
    order = np.argsort(tile, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(tile[order])) + 1)


def _bin_place(generation: Generation, lattice: Lattice, key: Ints, whole: NDArray[np.bool_]) -> Place:
    def place(lng: Floats, lat: Floats) -> Positions:
        x, y = generation.metric.points(lng, lat)
        there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        own = keys_at(lattice, np.stack([x[there], y[there]], axis=1))
        every, row = numbered(np.concatenate([key, own]))
        known = np.full(len(every), NONE, dtype=np.intp)
        known[row[: len(key)]] = np.arange(len(key))
        found = known[row[len(key) :]]
        # A bin at the border is not all city: reports beyond it are not the city's.
        asked = np.flatnonzero((found >= 0) & ~whole[found])
        with bulk(len(asked) >= LOADING_PAYS):
            cell = locate_cells(generation, lng[there[asked]], lat[there[asked]]).cell
        found[asked[cell < 0]] = NONE
        position = np.full(len(x), NONE, dtype=np.intp)
        position[there] = found
        return position

    return place


def _stretches(generation: Generation, division: Division) -> Units:
    roads = generation.assets.get(ROAD)
    if roads is None:
        fix = "Import them --as asset:road, or ask for other bins."
        raise NotFoundError("The city has no roads.", fix=fix)
    metric = generation.metric.geometries(roads.geometry)
    lines = shapely.get_dimensions(metric) == 1
    metric[~lines] = None
    cut: RoadBins = road_bins(metric, division.size_m)
    if not len(cut.stretch):
        raise NotFoundError("The city's roads are no lines.", fix="Ask for other bins.")
    centre = shapely.get_coordinates(shapely.line_interpolate_point(cut.stretch, 0.5, normalized=True))

    def place(lng: Floats, lat: Floats) -> Positions:
        x, y = generation.metric.points(lng, lat)
        there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        position = np.full(len(x), NONE, dtype=np.intp)
        position[there] = nearest_stretch(cut, np.stack([x[there], y[there]], axis=1), BY_ROAD_M)
        return position

    ids = zip(roads.id[cut.line], cut.from_m, cut.to_m, strict=True)
    code = np.array([f"{road}@{start:.0f}-{end:.0f}" for road, start, end in ids], dtype=object)
    return Units(
        division, _distinct(code), roads.name[cut.line], to_degrees(generation, cut.stretch), cut.stretch,
        centre, place, _neighbours(division, cut.stretch, centre),
    )  # fmt: skip


def _distinct(code: Objects) -> Objects:
    """Parts of one road that begin alike are told apart by a number."""
    seen: dict[str, int] = {}
    told = []
    for each in code:
        seen[each] = seen.get(each, 0) + 1
        told.append(each if seen[each] == 1 else f"{each}#{seen[each]}")
    return np.array(told, dtype=object)


def to_degrees(generation: Generation, metric: Objects) -> Objects:
    """Geometries in metres as degrees; edges of bins are short enough to stay straight."""
    xy = shapely.get_coordinates(metric)
    lng, lat = generation.metric.to_lnglat(xy[:, 0], xy[:, 1])
    return np.asarray(shapely.set_coordinates(metric.copy(), np.stack([lng, lat], axis=1)), dtype=object)
