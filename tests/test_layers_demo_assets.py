"""The demo city's assets stand where they can stand and belong to somebody."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.routes import make_route
from layers.chainage import metres_of
from layers.demo.curves import ORIGIN
from layers.demo.tables import City, city, owners
from layers.demo.wordings import SPOTS

ASSETS = (
    "road",
    "river",
    "water_area",
    "bridge",
    "sluice",
    "pump_station",
    "street_light",
    "manhole",
    "building",
    "river_mark",
    "road_mark",
)


@pytest.fixture(scope="module")
def made() -> City:
    return city(320613)


def _shapes(table: gpd.GeoDataFrame) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(table.geometry.to_numpy())


@pytest.mark.parametrize("kind", ASSETS)
def test_assets_are_valid_and_have_a_code_of_their_own(made: City, kind: str) -> None:
    table = made.tables[f"asset:{kind}"]
    code = table["pole" if kind == "street_light" else "code"]
    assert code.is_unique
    assert (code != "").all()
    assert table.geometry.is_valid.all()
    assert not table.geometry.is_empty.any()
    assert table.crs == "EPSG:4549"


def test_every_owner_that_is_named_is_declared(made: City) -> None:
    declared = set(owners()["id"])
    for role, table in made.tables.items():
        if "owner" in table:
            assert set(table["owner"]) <= declared, role
    assert owners()["id"].is_unique


def test_twenty_thousand_lamps_of_several_owners(made: City) -> None:
    lamps = made.tables["asset:street_light"]
    assert len(lamps) == 20_000
    assert lamps["pole"].str.fullmatch(r"\d{8}").all()
    assert "03120456" in set(lamps["pole"])
    kind = lamps["owner"].str.split("-").str[0].value_counts()
    assert {"lighting", "street", "property", "zone"} <= set(kind.index)
    assert kind["lighting"] < 0.9 * len(lamps)


def test_lamps_stand_beside_roads_never_in_water(made: City) -> None:
    points = _shapes(made.tables["asset:street_light"])
    assert shapely.STRtree(points).query(made.wet.surfaces, predicate="intersects").size == 0
    kerb = made.tables["asset:street_light"]["road"].to_numpy() != ""
    away = shapely.STRtree(made.streets.lines).query_nearest(points[kerb], return_distance=True)[1]
    assert (away < made.streets.width_m.max() / 2 + 2).all()
    assert (away > 5).all(), "no lamp on a carriageway"


def test_lamps_of_a_street_are_eighteen_to_thirty_five_metres_apart(made: City) -> None:
    """On each kerb: the typical distance to the nearest lamp is that of its street's class."""
    lamps = made.tables["asset:street_light"]
    main = lamps[lamps["road"] == "世纪大道"]
    near = shapely.STRtree(_shapes(main)).query_nearest(_shapes(main), exclusive=True, return_distance=True)[
        1
    ]
    assert 18 <= np.median(near) <= 40


def test_buildings_stand_neither_on_roads_nor_in_water(made: City) -> None:
    houses = _shapes(made.tables["asset:building"])
    tree = shapely.STRtree(houses)
    ways = shapely.buffer(made.streets.lines, made.streets.width_m / 2, cap_style="flat")
    assert tree.query(made.wet.surfaces, predicate="intersects").size == 0
    assert tree.query(ways, predicate="intersects").size == 0
    assert 13_000 <= len(houses) <= 18_000


def test_buildings_do_not_overlap(made: City) -> None:
    houses = _shapes(made.tables["asset:building"])
    one, other = shapely.STRtree(houses).query(houses, predicate="overlaps")
    assert one.size == 0, f"{one[:3]} and {other[:3]}"


@pytest.mark.parametrize(
    ("estate", "community", "least"), [("虹桥北村", "新西社区", 65), ("怡居小区", "秦西社区", 8)]
)
def test_the_famous_estates_stand_in_their_communities(
    made: City, estate: str, community: str, least: int
) -> None:
    houses = made.tables["asset:building"]
    mine = houses[houses["estate"] == estate].sort_values("number")
    assert mine["number"].tolist() == list(range(1, len(mine) + 1))
    assert len(mine) >= least
    ground = made.tables["grid:community"].set_index("name").to_crs("EPSG:4549").geometry[community]
    assert mine.within(ground).all()
    area = made.tables["area:property"].set_index("name").geometry[estate]
    assert mine.within(area).all()


def test_buildings_of_an_estate_are_numbered_from_the_north(made: City) -> None:
    houses = made.tables["asset:building"]
    mine = houses[houses["estate"] == "虹桥北村"].sort_values("number")
    y = mine.geometry.centroid.y.to_numpy()
    third = len(y) // 3
    assert y[:third].min() > y[-third:].max()


def test_house_numbers_are_odd_on_one_side_and_even_on_the_other(made: City) -> None:
    houses = made.tables["asset:building"]
    assert houses["address"].is_unique
    mine = houses[houses["address"].str.match(r"新港中心路\d+号$")]
    assert len(mine) > 10
    odd = mine["address"].str.extract(r"(\d+)号$")[0].astype(int) % 2 == 1
    road = made.tables["asset:road"]
    line = road[road["name"] == "新港中心路"].union_all()
    foot = shapely.get_coordinates(shapely.shortest_line(_shapes(mine.set_geometry(mine.centroid)), line))[
        1::2
    ]
    north = mine.geometry.centroid.y.to_numpy() > foot[:, 1]
    assert (north == odd.to_numpy()).all()


def test_bridges_cross_a_water_on_a_street(made: City) -> None:
    bridges = made.tables["asset:bridge"]
    water = made.tables["asset:water_area"].set_index("name").geometry
    assert bridges["name"].is_unique
    for name, deck in zip(bridges["river"], bridges.geometry, strict=True):
        assert deck.intersects(water[name])
    assert {"八里庙村社区老桥", "八里庙村社区东桥", "跃龙桥", "和平桥"} <= set(bridges["name"])
    assert bridges["owner"].nunique() > 5


def test_the_old_bridges_lie_at_their_community(made: City) -> None:
    ground = made.tables["grid:community"].set_index("name").to_crs("EPSG:4549").geometry["八里庙村社区"]
    bridges = made.tables["asset:bridge"].set_index("name")
    assert (bridges.loc[["八里庙村社区老桥", "八里庙村社区东桥"]].distance(ground) < 60).all()
    assert (bridges.loc[["八里庙村社区老桥", "八里庙村社区东桥"], "state"] == "危桥").all()


def test_yunliao_river_runs_from_its_sluice_to_the_canal(made: City) -> None:
    """2,500 m × 45 m, from 人民西路闸口 to the 通吕运河, as the newspaper has it."""
    river = made.tables["asset:river"].set_index("name")
    line = river.geometry["运料河"]
    assert 2300 < line.length < 2800
    assert river["width_m"]["运料河"] == 45
    gate = made.tables["asset:sluice"].set_index("name").geometry["人民西路闸口"]
    assert gate.distance(line) < 1
    assert line.distance(river.geometry["通吕运河"]) < 40


def test_waters_do_not_overlap(made: City) -> None:
    shapes = _shapes(made.tables["asset:water_area"])
    assert abs(shapely.area(shapes).sum() - shapely.area(shapely.union_all(shapes))) < 1


def test_areas_do_not_nest_in_the_grid(made: City) -> None:
    """Estates leave parts uncovered, cleaning cuts across cells, precincts across communities."""
    cells = made.tables["grid:cell"].to_crs("EPSG:4549")
    estates, sections = made.tables["area:property"], made.tables["area:sanitation"]
    assert estates.area.sum() < 0.3 * cells.area.sum()
    middle = shapely.point_on_surface(_shapes(cells))
    precinct = shapely.STRtree(_shapes(made.tables["area:police"])).nearest(middle)
    per_community = cells.assign(precinct=precinct).groupby("parent")["precinct"].nunique()
    assert (per_community > 1).sum() > 20
    cut = shapely.STRtree(_shapes(cells)).query(_shapes(sections), predicate="overlaps")[1]
    assert len(np.unique(cut)) > 200
    crossing = shapely.STRtree(_shapes(cells)).query(_shapes(estates), predicate="overlaps")[0]
    assert len(np.unique(crossing)) >= 1


def test_cleaning_sections_cover_the_land_once(made: City) -> None:
    sections = _shapes(made.tables["area:sanitation"])
    whole = shapely.union_all(made.grid.cells)
    assert abs(shapely.area(sections).sum() - whole.area) < 1e-3 * whole.area
    assert shapely.area(shapely.union_all(sections)) > 0.999 * whole.area


def test_main_roads_meet(made: City) -> None:
    """The crossing that the hotline speaks of is there, and the network hangs together."""
    road = made.tables["asset:road"]
    line = {name: road[road["name"] == name].union_all() for name in ("人民西路", "外环西路")}
    assert line["人民西路"].intersects(line["外环西路"])
    main = road[road["class"].isin(["arterial", "expressway"])]
    parts = shapely.get_parts(shapely.union_all(shapely.buffer(_shapes(main), 2)))
    assert shapely.area(parts).max() > 0.98 * shapely.area(parts).sum()


@pytest.mark.parametrize(("kind", "name"), [("river", "通吕运河"), ("road", "外环西路")])
def test_kilometre_stones_say_the_metres_of_their_route(made: City, kind: str, name: str) -> None:
    """So that sections and places along it are the same with and without them."""
    table, marks = made.tables[f"asset:{kind}"], made.tables[f"asset:{kind}_mark"]
    pieces = table[table["name"] == name]
    along, _, away = make_route(pieces.geometry.to_numpy()).project(_shapes(marks))
    assert len(marks) > 20
    assert np.abs(along - metres_of(marks["m"].to_numpy())).max() < 1
    assert (away < pieces["width_m"].iloc[0]).all()


def test_villages_have_groups_and_the_newspapers_one_lies_where_it_was(made: City) -> None:
    places = made.tables["place"]
    groups = places[places["kind"] == "group"].set_index("name")
    assert groups.index.is_unique
    community = made.tables["grid:community"].set_index("name").to_crs("EPSG:4549").geometry
    villages = groups.index.str.extract(r"(.+?)\d+组$")[0]
    assert villages.nunique() > 10
    for name in set(villages) - {"北渡村"}:
        assert groups[(villages == name).to_numpy()].within(community[name]).all(), name
    x, y = groups.geometry["北渡村22组"].coords[0]
    assert (x, y) == (SPOTS["北渡村22组"][0] + ORIGIN[0], SPOTS["北渡村22组"][1] + ORIGIN[1])
