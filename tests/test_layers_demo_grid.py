"""The demo city's grid tiles exactly, nests exactly, and its codes say where a cell lies."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.demo.divisions import Division, communities, divisions, streets
from layers.demo.tables import City, city
from layers.demo.territory import reading_order, rows_of

LEVELS = ("grid:district", "grid:street", "grid:community", "grid:cell")


@pytest.fixture(scope="module")
def made() -> City:
    return city(320613)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_tiles_without_gap_or_overlap(made: City, level: str) -> None:
    shapes = made.tables[level].geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    assert set(shapely.get_type_id(shapes)) == {3}, "every unit is one polygon"
    assert shapely.get_num_interior_rings(shapes).sum() == 0, "no unit surrounds another"


@pytest.mark.parametrize(("upper", "lower"), list(itertools.pairwise(LEVELS)))
def test_a_parent_is_the_union_of_its_children(made: City, upper: str, lower: str) -> None:
    """Vertex for vertex: what the union of the children leaves is the parent's own border."""
    parents, children = made.tables[upper], made.tables[lower]
    assert set(children["parent"]) == set(parents["code"])
    for code, shape in zip(parents["code"], parents.geometry, strict=True):
        mine = children.geometry[children["parent"] == code].to_numpy()
        union = shapely.coverage_union_all(mine)
        assert _vertices(union) == _vertices(shape), code
        assert shapely.equals(union, shape), code


def _vertices(shape: shapely.Geometry) -> set[tuple[float, float]]:
    return {(float(x), float(y)) for x, y in shapely.get_coordinates(shape)}


def test_a_shifted_vertex_would_be_noticed(made: City) -> None:
    """The tiling's test can fail: one vertex of one cell moved by a nanodegree opens a gap."""
    shapes = made.tables["grid:cell"].geometry.to_numpy().copy()
    inner = int(np.argmin(shapely.distance(shapes, shapely.centroid(shapely.union_all(shapes)))))
    xy = shapely.get_coordinates(shapes[inner])
    xy[1] += 1e-9
    shapes[inner] = shapely.Polygon(xy)
    assert not shapely.coverage_is_valid(shapes)


def test_vertices_survive_nine_decimals(made: City) -> None:
    xy = shapely.get_coordinates(made.tables["grid:cell"].geometry.to_numpy())
    assert (xy == np.round(xy, 9)).all()


def test_it_is_chongchuan_in_size_and_place(made: City) -> None:
    cells = made.tables["grid:cell"]
    assert 1400 <= len(cells) <= 1650
    assert len(made.tables["grid:community"]) == 179
    assert len(made.tables["grid:street"]) == 16
    west, south, east, north = cells.total_bounds
    assert 120.7 < west < 120.86 < east < 121.0
    assert 31.9 < south < 32.01 < north < 32.15
    assert 900_000 < cells["population"].sum() < 1_300_000


def test_downtown_cells_are_smaller(made: City) -> None:
    area = shapely.area(made.grid.cells)
    hao = shapely.centroid(made.wet.surfaces[1])
    away = shapely.distance(shapely.points(made.grid.middle), hao)
    assert 2 * np.median(area[away < 2000]) < np.median(area[away > 6000])


def test_codes_are_unique_and_made_of_their_parents(made: City) -> None:
    cells = made.tables["grid:cell"]
    codes = cells["code"]
    assert codes.is_unique
    assert codes.str.fullmatch(r"320613\d{9}").all()
    assert (codes.str[:12] == cells["parent"]).all()
    number = codes.str[12:].astype(int)
    assert (number.groupby(cells["parent"]).max() == number.groupby(cells["parent"]).count()).all()
    assert number.min() == 1


def test_cells_are_numbered_from_the_north_western_corner(made: City) -> None:
    """In every community each row is numbered from west to east and lies north of the next."""
    assert (np.diff(made.grid.codes.astype(np.int64)) > 0).all()
    for community in np.unique(made.grid.community):
        mine = made.grid.cells[made.grid.community == community]
        points = shapely.get_coordinates(shapely.point_on_surface(mine))
        north = [row[:, 1] for row in _rows(points)]
        assert all((np.diff(row[:, 0]) > 0).all() for row in _rows(points))
        assert all(a.min() >= b.max() for a, b in itertools.pairwise(north))


def _rows(points: np.ndarray) -> list[np.ndarray]:  # type: ignore[type-arg]
    """The numbered positions in the rows that reading order cut."""
    rows = rows_of(len(points))
    rank = np.argsort(np.argsort(-points[:, 1]))
    row = rank * rows // len(points)
    assert (np.diff(row) >= 0).all(), "a number of a southern row comes before one of a northern"
    return [points[row == r] for r in range(rows)]


def test_reading_order_goes_west_to_east_then_south() -> None:
    x, y = np.meshgrid([0.0, 10.0, 20.0], [5.0, -5.0])
    shaken = np.column_stack([x.ravel(), y.ravel() + np.array([0.3, -0.4, 0.1, 0.2, -0.3, 0.4])])
    shuffled = np.array([4, 0, 5, 2, 3, 1])
    assert shuffled[reading_order(shaken[shuffled], 2)].tolist() == [0, 1, 2, 3, 4, 5]


def test_every_level_has_its_body_and_no_person(made: City) -> None:
    assert (
        made.tables["grid:street"]["owner"] == "street-" + made.tables["grid:street"]["code"].str[6:]
    ).all()
    community = made.tables["grid:community"]
    assert (community["owner"] == "community-" + community["code"].str[6:]).all()
    cells = made.tables["grid:cell"]
    assert (cells["owner"] == "community-" + cells["parent"].str[6:]).all()
    assert (cells["leader"] == cells["name"] + "网格长").all(), "a post, not a name"


def test_population_adds_up_from_level_to_level(made: City) -> None:
    totals = {int(made.tables[level]["population"].sum()) for level in LEVELS}
    assert len(totals) == 1


@pytest.mark.parametrize(
    ("official", "name"),
    [
        ("新西社区居委会", "新西社区"),
        ("秦西社区居民委委会", "秦西社区"),
        ("碧林湾社区居民委员会", "碧林湾社区"),
        ("五星村委会", "五星村"),
        ("育爱村村委会", "育爱村"),
        ("光明村社区", "光明村社区"),
        ("八里庙村社区居委会", "八里庙村社区"),
    ],
)
def test_names_lose_their_official_tails(official: str, name: str) -> None:
    assert Division("320613001001", official).name == name


def test_the_divisions_are_the_official_ones() -> None:
    by_code = {d.code: d.name for d in divisions()}
    assert by_code["320613005005"] == "新西社区"
    assert by_code["320613019"] == "秦灶街道"
    assert sum(len(communities(street.code)) for street in streets()) == 179


def test_the_cases_communities_lie_where_they_happened(made: City) -> None:
    community = made.tables["grid:community"].set_index("name").to_crs("EPSG:4549").geometry
    river = made.tables["asset:river"].set_index("name").geometry
    assert community["城港社区"].distance(river["运料河"]) < 50
    assert community["临江社区"].distance(river["长江"]) < 600
    road = made.tables["asset:road"].set_index("name").geometry
    assert isinstance(road["新港中心路"], gpd.GeoSeries)
    assert community["狼山社区"].intersects(road["新港中心路"].union_all())
