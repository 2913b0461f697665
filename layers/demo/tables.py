"""The demo city as tables, each as some office would keep it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.demo import coverages, crossings, furniture, lots
from layers.demo.bodies import POLICE_NAMES, PROPERTY_WORDS, SANITATION_WORDS, bodies
from layers.demo.buildings import Buildings, buildings
from layers.demo.curves import METRIC_CRS, ORIGIN, Array, to_wgs84
from layers.demo.divisions import DISTRICT_CODE, DISTRICT_NAME, divisions
from layers.demo.frame import frame
from layers.demo.furniture import COVERS
from layers.demo.regions import Labels
from layers.demo.roads import Streets, main_roads
from layers.demo.stones import RIVER, ROAD, stones
from layers.demo.territory import Territory, dissolved, territory
from layers.demo.villages import villages
from layers.demo.waters import HAO, YANGTZE, Waters, waters

POPULATION = 1_096_000


@dataclass(frozen=True)
class City:
    """Everything the demo knows of its city; geometry in EPSG:4549."""

    grid: Territory
    wet: Waters
    streets: Streets
    ground: lots.Lots
    houses: Buildings
    estate: NDArray[np.str_]
    population: Labels
    tables: dict[str, gpd.GeoDataFrame]


def city(seed: int) -> City:
    """The city of a seed."""
    # One stream a subject: a change in one leaves the others as they are.
    draw = [np.random.default_rng([seed, subject]) for subject in range(9)]
    base = frame(draw[0])
    grid, wet = territory(base, draw[1]), waters(base)
    streets, bridges = crossings.network(main_roads(base), grid, wet)
    ground = lots.lots(grid, streets, wet, draw[2])
    houses, estate = buildings(ground, grid, draw[3])
    people = _population(houses, len(grid.cells))
    property_ = _property(ground, estate, draw[4])
    tables = {
        **_grid_tables(grid, people),
        "area:property": property_,
        "area:sanitation": _sections(grid, draw[5]),
        "area:police": _precincts(grid, draw[5]),
        "asset:road": _roads(streets, grid),
        **_water_tables(wet, streets, grid),
        "asset:bridge": _bridges(bridges, grid),
        "asset:street_light": _lamps(streets, ground, grid, wet, property_, draw[6]),
        "asset:manhole": _manholes(streets, draw[7]),
        "asset:building": _buildings(houses, streets),
        "place": villages(grid, draw[8]),
    }
    tables["asset:river_mark"] = stones(tables["asset:river"], RIVER, "HZ")
    tables["asset:road_mark"] = stones(tables["asset:road"], ROAD, "DZ")
    return City(grid, wet, streets, ground, houses, estate, people, tables)


def owners() -> pd.DataFrame:
    """Every body that the other tables name."""
    return pd.DataFrame(bodies())


def communities_at(grid: Territory, geometries: NDArray[np.object_]) -> NDArray[np.str_]:
    """The code of the community at the middle of each geometry."""
    middle = shapely.centroid(geometries)
    return grid.community[grid.at(middle)]


def spoken(codes: NDArray[np.str_]) -> NDArray[np.str_]:
    """The names of divisions."""
    names = {d.code: d.name for d in divisions()}
    found: NDArray[np.str_] = np.array([names[str(code)] for code in codes])
    return found


def _metric(geometry: NDArray[np.object_], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=METRIC_CRS)


def _population(houses: Buildings, cells: int) -> Labels:
    """People in each cell, by the floor space of the homes in it."""
    homes = np.isin(houses.use, ("old", "slabs", "towers", "village"))
    floor_m2 = shapely.area(houses.shapes) * houses.storeys * homes
    space = np.bincount(houses.cell, weights=floor_m2, minlength=cells) + 2000.0
    return np.asarray(np.round(space / space.sum() * POPULATION), dtype=np.intp)


def _grid_tables(grid: Territory, people: Labels) -> dict[str, gpd.GeoDataFrame]:
    """The four levels in WGS-84, each dissolved from the cells' own vertices."""
    cells = to_wgs84(grid.cells)
    names = {d.code: d for d in divisions()}
    return {
        "grid:district": _level(cells, grid.codes.astype("U6"), people, {DISTRICT_CODE: DISTRICT_NAME}, {}),
        "grid:street": _level(cells, grid.street, people, *_named(names)),
        "grid:community": _level(cells, grid.community, people, *_named(names)),
        "grid:cell": _cell_level(cells, grid, people),
    }


def _named(names: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    return {c: d.name for c, d in names.items()}, {c: d.body_id for c, d in names.items()}


def _level(
    cells: NDArray[np.object_],
    keys: NDArray[np.str_],
    people: Labels,
    names: dict[str, str],
    owner: dict[str, str],
) -> gpd.GeoDataFrame:
    shapes, codes = dissolved(cells, keys)
    heads = np.bincount(np.unique(keys, return_inverse=True)[1], weights=people).astype(int)
    parent = {6: 0, 9: 6, 12: 9}[len(codes[0])]
    columns = {
        "code": codes,
        "name": [names[str(code)] for code in codes],
        "parent": [str(code)[:parent] for code in codes],
        "owner": [owner.get(str(code), "district") for code in codes],
        "population": heads,
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def _cell_level(cells: NDArray[np.object_], grid: Territory, people: Labels) -> gpd.GeoDataFrame:
    place = spoken(grid.community)
    body = {d.code: d.body_id for d in divisions()}
    name = [f"{p}第{int(c[12:])}网格" for p, c in zip(place, grid.codes, strict=True)]
    columns = {
        "code": grid.codes,
        "name": name,
        "parent": grid.community,
        "owner": [body[str(code)] for code in grid.community],
        # The post, never the person.
        "leader": [f"{n}网格长" for n in name],
        "population": people,
    }
    return gpd.GeoDataFrame(columns, geometry=cells, crs="EPSG:4326")


def _property(ground: lots.Lots, estate: NDArray[np.str_], rng: np.random.Generator) -> gpd.GeoDataFrame:
    shapes, names, manager = coverages.estates(ground, estate, rng)
    code = [f"WY{n:04d}" for n in range(1, len(names) + 1)]
    owner = [f"property-{m + 1:02d}" for m in manager]
    firm = [f"{PROPERTY_WORDS[m]}物业服务有限公司" for m in manager]
    return _metric(shapes, code=code, name=names, owner=owner, manager=firm)


def _sections(grid: Territory, rng: np.random.Generator) -> gpd.GeoDataFrame:
    shapes = coverages.sections(grid, rng)
    number = np.arange(len(shapes))
    owner = [f"cleaning-{n % len(SANITATION_WORDS) + 1:02d}" for n in number]
    name = [f"{place}保洁标段" for place in spoken(communities_at(grid, shapes))]
    return _metric(shapes, code=[f"HW{n + 1:02d}" for n in number], name=name, owner=owner)


def _precincts(grid: Territory, rng: np.random.Generator) -> gpd.GeoDataFrame:
    shapes = coverages.precincts(grid, rng)
    number = np.arange(1, len(shapes) + 1)
    name = [f"{n}派出所辖区" for n in POLICE_NAMES]
    code, owner = [f"PCS{n:02d}" for n in number], [f"police-{n:02d}" for n in number]
    return _metric(shapes, code=code, name=name, owner=owner)


def _roads(streets: Streets, grid: Territory) -> gpd.GeoDataFrame:
    """Main and secondary streets are the city's, small ones the street offices', fast ones the highways'."""
    office = np.array([f"street-{code[6:9]}" for code in communities_at(grid, streets.lines)])
    owner = np.where(streets.klass == "branch", office, "municipal")
    owner = np.where(streets.klass == "expressway", "highway", owner)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(streets.lines, 0.5, normalized=True))
    owner = np.where(furniture.in_zone(middle) & (streets.klass != "expressway"), "zone", owner)
    code = [f"DL{n:05d}" for n in range(1, len(owner) + 1)]
    columns = {"code": code, "name": streets.names, "class": streets.klass, "width_m": streets.width_m}
    return _metric(streets.lines, **columns, owner=owner)


def _water_owner(names: tuple[str, ...]) -> list[str]:
    return [{YANGTZE: "yangtze", HAO: "hao"}.get(name, "river") for name in names]


def _water_tables(wet: Waters, streets: Streets, grid: Territory) -> dict[str, gpd.GeoDataFrame]:
    number = range(1, len(wet.names) + 1)
    common = {
        "name": wet.names,
        "name_en": wet.names_en,
        "width_m": wet.width_m,
        "owner": _water_owner(wet.names),
    }
    gates, gate_names = furniture.sluices(wet, streets)
    pumps = shapely.points(furniture.pump_stations(wet))
    places = spoken(communities_at(grid, pumps))
    state = np.where(np.arange(len(gates)) % 5 == 3, "关闭", "开启")
    names = pd.Series(places).str.removesuffix("社区")
    again = names.groupby(names).cumcount()
    return {
        "asset:river": _metric(wet.lines, code=[f"HD{n:03d}" for n in number], **common),
        "asset:water_area": _metric(wet.surfaces, code=[f"SY{n:03d}" for n in number], **common),
        "asset:sluice": _metric(
            shapely.points(gates), code=[f"ZK{n + 1:03d}" for n in range(len(gates))], name=gate_names,
            state=state, owner="sluice",
        ),
        "asset:pump_station": _metric(
            pumps, code=[f"BZ{n + 1:03d}" for n in range(len(pumps))],
            name=names + np.where(again > 0, (again + 1).astype(str) + "号", "") + "泵站", owner="sluice",
        ),
    }  # fmt: skip


def _bridges(found: crossings.Bridges, grid: Territory) -> gpd.GeoDataFrame:
    """Bridges of main roads are the city's, the others the street offices'; two are old and unsafe."""
    community = communities_at(grid, found.lines)
    middle = shapely.get_coordinates(shapely.centroid(found.lines))
    names = crossings.bridge_names(found, spoken(community), lots.bearing(middle))
    small = np.isin(found.klass, ("secondary", "branch"))
    state = np.where(small & (np.arange(len(small)) % 9 == 4), "待修", "完好").astype("U4")
    old = np.flatnonzero(small)[_nearest_first(middle[small], np.array(OLD_BRIDGES_AT) + ORIGIN)][:2]
    for at, name in zip(old, OLD_BRIDGES, strict=True):
        names[at], state[at] = name, "危桥"
    office = np.array([f"street-{code[6:9]}" for code in community])
    owner = np.where(small, office, np.where(found.klass == "expressway", "highway", "municipal"))
    code = [f"QL{n:03d}" for n in range(1, len(names) + 1)]
    return _metric(
        found.decks, code=code, name=names, road=found.street, river=found.water, state=state, owner=owner
    )


OLD_BRIDGES = ("八里庙村社区老桥", "八里庙村社区东桥")
OLD_BRIDGES_AT = (3300.0, 6100.0)


def _nearest_first(xy: Array, spot: Array) -> Labels:
    return np.argsort(np.hypot(*(xy - spot).T), kind="stable")


def _lamps(
    streets: Streets,
    ground: lots.Lots,
    grid: Territory,
    wet: Waters,
    property_: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    lit = furniture.lamps(streets, ground, grid, wet, rng)
    points = shapely.points(lit.xy)
    area, lamp = shapely.STRtree(points).query(property_.geometry.to_numpy(), predicate="contains")
    manager = np.full(len(points), "", dtype="U12")
    manager[lamp] = property_["owner"].to_numpy()[area]
    pole = furniture.pole_numbers(lit, grid)
    road = np.where(lit.street >= 0, streets.names[lit.street], "")
    owner = furniture.lamp_owners(lit, grid, manager, rng)
    feeder = [f"{p[:2]}-{int(p[2:]) // 50:04d}" for p in pole]
    order = np.argsort(pole)
    table = _metric(points, pole=pole, name=np.char.add("灯杆", pole), road=road, feeder=feeder, owner=owner)
    return table.iloc[order].reset_index(drop=True)


def _manholes(streets: Streets, rng: np.random.Generator) -> gpd.GeoDataFrame:
    xy, street, kind = furniture.manholes(streets, rng)
    code = [f"320613{COVERS[k][0]}{n:06d}" for n, k in enumerate(kind, 1)]
    what, owner = np.array([c[1] for c in COVERS])[kind], np.array([c[2] for c in COVERS])[kind]
    name = np.char.add(what, "井盖")
    return _metric(shapely.points(xy), code=code, name=name, road=streets.names[street], owner=owner)


def _buildings(houses: Buildings, streets: Streets) -> gpd.GeoDataFrame:
    """Buildings of estates by number, others by the house number on their street."""
    address = _addresses(houses, streets)
    numbered = np.char.add(np.char.add(houses.estate, houses.number.astype("U4")), "幢")
    name = np.where(houses.estate != "", numbered, address)
    code = [f"LZ{n:06d}" for n in range(1, len(name) + 1)]
    columns = {"estate": houses.estate, "number": houses.number, "address": address, "use": houses.use}
    return _metric(houses.shapes, code=code, name=name, **columns, storeys=houses.storeys)


def _addresses(houses: Buildings, streets: Streets) -> NDArray[np.str_]:
    """Street and house number: odd on one side, even on the other, rising along the street."""
    # Pieces of a street are numbered as one: by the distance from its eastern or northern end.
    middle = shapely.get_coordinates(shapely.centroid(houses.shapes))
    street = shapely.STRtree(streets.lines).nearest(shapely.points(middle))
    name = streets.names[street]
    along_x = _runs_east(streets)[street]
    place = np.where(along_x, -middle[:, 0], -middle[:, 1])
    # North and west of an E-W and N-S street are the odd sides (GB/T 35639).
    foot = shapely.get_coordinates(
        shapely.line_interpolate_point(
            streets.lines[street], shapely.line_locate_point(streets.lines[street], shapely.points(middle))
        )
    )
    odd = np.where(along_x, middle[:, 1] > foot[:, 1], middle[:, 0] < foot[:, 0])
    order = np.lexsort((place, odd, name))
    key = np.char.add(name, odd.astype("U5"))[order]
    first = np.r_[True, key[1:] != key[:-1]]
    rank = np.arange(len(key)) - np.maximum.accumulate(np.where(first, np.arange(len(key)), 0))
    number = np.empty(len(key), dtype=int)
    number[order] = 2 * rank + np.where(odd[order], 1, 2)
    return np.char.add(np.char.add(name, number.astype("U5")), "号")


def _runs_east(streets: Streets) -> NDArray[np.bool_]:
    """Whether each street as a whole, by its name, runs rather east to west than north to south."""
    _, label = np.unique(streets.names, return_inverse=True)
    start = shapely.get_coordinates(shapely.get_point(streets.lines, 0))
    span = np.abs(shapely.get_coordinates(shapely.get_point(streets.lines, -1)) - start)
    east, north = (np.bincount(label, weights=axis) for axis in span.T)
    return np.asarray((east > north)[label], dtype=np.bool_)
