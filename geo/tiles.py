"""Web Mercator tiles: where things lie on them, cut, simplified and rounded to their units.

The world is a square from (0, 0) in the north-west to (1, 1) in the south-east; a tile of zoom z is one of
4**z equal squares of it, numbered from the north-west, and is `EXTENT` units wide. What lies on the border of
two tiles belongs to the eastern or southern one. Latitudes beyond `MOST_LAT` are on the border of the world.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.densify import Geometries, Mapping, Points, map_geometries
from geo.errors import NotFoundError
from geo.types import Bbox

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Box = tuple[float, float, float, float]
"""West, north, east, south in the world: the least and the greatest x and y, as shapely has boxes."""

EXTENT = 4096
MOST_ZOOM = 22
MOST_LAT = 85.05112877980659
EARTH_M = 40_075_016.68557849  # around the equator
BEND_M = 0.5  # how far a straight edge in degrees may stray from its image


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of the world."""

    z: int
    x: int
    y: int

    @classmethod
    def checked(cls, z: int, x: int, y: int) -> Tile:
        """The tile; a `NotFoundError` where there is none of these numbers."""
        if 0 <= z <= MOST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z:
            return cls(z, x, y)
        raise NotFoundError(
            f"There is no tile {z}/{x}/{y}.",
            fix=f"Zooms are 0 to {MOST_ZOOM}; at zoom z, x and y are 0 to 2^z - 1.",
        )

    @property
    def unit(self) -> float:
        """The width of one of its units in the world."""
        return 1.0 / (EXTENT << self.z)

    def box(self, margin: float = 0.0) -> Box:
        """Its square in the world, wider by a margin in units on every side."""
        size, more = 1.0 / (1 << self.z), margin * self.unit
        west, north = self.x * size, self.y * size
        return west - more, north - more, west + size + more, north + size + more

    def degrees(self) -> Bbox:
        """A box in degrees that holds all that is on the tile, and up to a unit more."""
        west, north, east, south = self.box(1.0)
        (left, right), (top, bottom) = to_lnglat([max(west, 0.0), min(east, 1.0)], [north, south])
        last = (1 << self.z) - 1
        return Bbox(left, -90.0 if self.y == last else bottom, right, 90.0 if self.y == 0 else top)


def to_world(lng: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Where positions in degrees lie in the world, ``(x, y)``; NaN stays NaN."""
    sine = np.sin(np.radians(np.clip(np.asarray(lat, np.float64), -MOST_LAT, MOST_LAT)))
    y = np.clip(0.5 - np.arctanh(sine) / (2 * np.pi), 0.0, 1.0)
    return np.asarray(lng, np.float64) / 360 + 0.5, y


def to_lnglat(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Positions in degrees of places in the world, ``(lng, lat)``: the inverse of `to_world`."""
    lat = np.degrees(np.arcsin(np.tanh((0.5 - np.asarray(y, np.float64)) * (2 * np.pi))))
    return (np.asarray(x, np.float64) - 0.5) * 360, lat


def squares_of(x: Floats, y: Floats, z: int) -> tuple[Ints, Ints]:
    """The column and row of the square, of 2**z by 2**z of the world, in which places lie; -1 for NaN.

    At the zoom of a tile these are its numbers. The far borders of the world are in the last ones.
    """
    known, last = ~(np.isnan(x) | np.isnan(y)), (1 << z) - 1

    def numbers(axis: Floats) -> Ints:
        found = np.clip(np.floor(np.where(known, axis, 0.0) * (1 << z)), 0, last)
        return np.where(known, found, -1).astype(np.int64)

    return numbers(x), numbers(y)


def on_tile(x: Floats, y: Floats, tile: Tile) -> Bools:
    """Which places lie on a tile: each place of the world on exactly one tile of a zoom; NaN on none."""
    column, row = squares_of(x, y, tile.z)
    return np.asarray((column == tile.x) & (row == tile.y))


def to_units(xy: Points, tile: Tile) -> Ints:
    """Places in the world, (n, 2), in a tile's units from its north-west corner, rounded."""
    west, north, _, _ = tile.box()
    return np.rint((xy - (west, north)) / tile.unit).astype(np.int64)


def place_units(xy: Points, tile: Tile) -> Ints:
    """`to_units` of places on the tile, none on its far borders: maps leave out what lies there."""
    return np.clip(to_units(xy, tile), 0, EXTENT - 1)


def world_geometries(geoms: Geometries) -> Geometries:
    """Geometries in degrees, shape (n,), in the world: valid, edges within half a metre of their images.

    None and empty stay.
    """
    mapped = map_geometries(geoms, Mapping(_image, _gap_m), BEND_M)
    wrong = ~shapely.is_missing(mapped) & ~shapely.is_valid(mapped)
    mapped[wrong] = shapely.make_valid(mapped[wrong])
    return mapped


def _image(xy: Points) -> Points:
    return np.column_stack(to_world(xy[:, 0], xy[:, 1]))


def _gap_m(a: Points, b: Points) -> Floats:
    """Metres between places in the world; the scale is that of their latitude."""
    scale = np.cos(np.radians(to_lnglat(b[:, 0], b[:, 1])[1]))
    return np.asarray(np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1]) * EARTH_M * scale)


def clipped(geoms: Geometries, box: Box) -> Geometries:
    """What of geometries, shape (n,), lies in a box, empty where nothing does; those all inside stay."""
    west, north, east, south = box
    bounds = shapely.bounds(geoms)
    inside = (bounds[:, 0] >= west) & (bounds[:, 1] >= north)
    inside &= (bounds[:, 2] <= east) & (bounds[:, 3] <= south)
    if inside.all():
        return geoms
    cut = geoms.copy()
    cut[~inside] = shapely.intersection(geoms[~inside], shapely.box(*box))
    return cut


def simplified(geoms: Geometries, tolerance: float) -> Geometries:
    """Lines and areas whose vertices stray by no more than a tolerance; too small areas may be empty."""
    # Keeping topology takes ten times as long, and what crosses does so by less than anyone sees.
    return np.asarray(shapely.simplify(geoms, tolerance, preserve_topology=False))


@dataclass(frozen=True)
class Runs:
    """Points, lines or rings in a tile's units, in the order of what they belong to.

    Attributes:
        xy: all vertices, shape (n, 2); rings do not repeat their first.
        size: how many vertices each run has.
        owner: what each run belongs to, ascending; the rings of an area one after another, outer ones first.
    """

    xy: Ints
    size: NDArray[np.intp]
    owner: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.size)


def point_runs(geoms: Geometries, tile: Tile) -> Runs:
    """Every point of geometries that lies on a tile, one run each."""
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    here = on_tile(xy[:, 0], xy[:, 1], tile)
    return Runs(place_units(xy[here], tile), np.ones(int(here.sum()), dtype=np.intp), owner[here])


def line_runs(geoms: Geometries, tile: Tile) -> Runs:
    """The lines among the parts of geometries, without what is a point when rounded."""
    parts, owner = shapely.get_parts(geoms, return_index=True)
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    xy, line = shapely.get_coordinates(parts[lines], return_index=True)
    units, line = _stepping(to_units(xy, tile), line)
    size = np.bincount(line, minlength=int(lines.sum()))
    return _kept(units, size, owner[lines], size > 1)


def ring_runs(geoms: Geometries, tile: Tile) -> Runs:
    """The rings of the areas among the parts of geometries, without what is no area when rounded.

    Outer rings go clockwise on a screen, inner ones the other way round.
    """
    parts, owner = shapely.get_parts(geoms, return_index=True)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    # With y downwards what shapely calls anticlockwise is clockwise.
    rings, area = shapely.get_rings(shapely.orient_polygons(parts[areas]), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    units, ring = _stepping(to_units(xy, tile), ring)
    size = np.bincount(ring, minlength=len(rings))
    outer = np.diff(area, prepend=-1) > 0
    turn = _twice_areas(units, ring, len(rings))
    whole = np.where(outer, turn > 0, turn < 0)
    whole &= whole[outer][np.cumsum(outer) - 1] if len(rings) else outer  # a hole goes with what is around it
    # Rings come back to their first vertex, which is not said again.
    last = np.cumsum(size)[size > 1] - 1
    units, ring = np.delete(units, last, axis=0), np.delete(ring, last)
    size = np.bincount(ring, minlength=len(rings))
    return _kept(units, size, owner[areas][area], whole)


def _stepping(units: Ints, run: NDArray[np.intp]) -> tuple[Ints, NDArray[np.intp]]:
    """Vertices without those that are where the one before in their run is."""
    steps = np.ones(len(units), dtype=np.bool_)
    steps[1:] = (units[1:] != units[:-1]).any(axis=1) | (run[1:] != run[:-1])
    return units[steps], run[steps]


def _twice_areas(units: Ints, ring: NDArray[np.intp], count: int) -> Ints:
    """Twice the signed area of closed rings; positive clockwise on a screen."""
    cross = units[:-1, 0] * units[1:, 1] - units[1:, 0] * units[:-1, 1]
    same = ring[:-1] == ring[1:]
    sums = np.bincount(ring[:-1][same], weights=cross[same], minlength=count)
    return sums.astype(np.int64)


def _kept(units: Ints, size: NDArray[np.intp], owner: NDArray[np.intp], keep: Bools) -> Runs:
    return Runs(units[np.repeat(keep, size)], size[keep], owner[keep])
