"""What an extract holds becomes tables: every damaged thing is listed, nothing is invented."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas
import pytest
import shapely
from osm_files import Town, ring, small_town, write_pbf, write_xml

from layers.osm.boundaries import boundary_table
from layers.osm.features import Losses, feature_tables, metres
from layers.osm.kinds import parse_kinds, shipped_kinds
from layers.osm.reading import Extract, read_extract
from layers.reading.limits import Limits

MOST = 200_000


def extract_of(town: Town, folder: Path, **how: str) -> Extract:
    path = write_xml(town, folder / "town.osm", **how)
    return read_extract(path, "osm", parse_kinds(shipped_kinds()), Limits(), lambda _: None)


def tables_of(town: Town, folder: Path, **how: str) -> tuple[dict[str, geopandas.GeoDataFrame], Losses]:
    tables, losses = feature_tables(extract_of(town, folder, **how), parse_kinds(shipped_kinds()), MOST)
    frames = {}
    for name, table in tables.items():
        geometry = shapely.from_wkb(table["wkb"].to_numpy())
        frames[name] = geopandas.GeoDataFrame(
            table.drop_columns(["wkb"]).to_pandas(), geometry=geometry, crs="EPSG:4326"
        )
    return frames, losses


def test_every_kind_of_the_small_town_is_there_with_its_geometry(tmp_path: Path) -> None:
    frames, losses = tables_of(small_town(), tmp_path)
    assert {name: len(frame) for name, frame in frames.items()} == {
        "asset_bridge": 1, "asset_building": 1, "asset_river": 1, "asset_road": 3, "asset_street_light": 1,
        "asset_water_area": 1, "place": 2,
    }  # fmt: skip
    assert not losses.ids
    assert len(frames["asset_water_area"].geometry.iloc[0].interiors) == 1
    assert frames["asset_river"]["waterway"].tolist() == ["stream"]
    assert all(frame.is_valid.all() and not frame.geometry.isna().any() for frame in frames.values())


def test_names_classes_owners_and_widths_come_along(tmp_path: Path) -> None:
    roads = tables_of(small_town(), tmp_path)[0]["asset_road"].set_index("name")
    assert roads.loc["Hauptstraße", ["class", "owner", "width_m"]].tolist() == ["primary", "Straßenamt", 6.5]
    assert roads.loc["Gasse", ["name_zh", "name_en", "owner"]].tolist() == ["小巷", "Lane", ""]
    assert roads.index.tolist()[2].startswith("w")  # a road without a name goes by its id


def test_a_house_is_a_building_and_an_address(tmp_path: Path) -> None:
    frames, _ = tables_of(small_town(), tmp_path)
    address = frames["place"].set_index("kind").loc["address"]
    assert address[["name", "street", "housenumber"]].tolist() == ["Gasse 12", "Gasse", "12"]
    assert frames["asset_building"].geometry.iloc[0].contains(address["geometry"])


@pytest.mark.parametrize("order", ["nwr", "wnr", "rwn"])
def test_the_order_of_the_entities_does_not_matter(tmp_path: Path, order: str) -> None:
    """Exports of web services put ways before their nodes."""
    frames, losses = tables_of(small_town(), tmp_path, order=order)
    assert sum(map(len, frames.values())) == 10
    assert not losses.ids


def test_pbf_and_xml_say_the_same(tmp_path: Path) -> None:
    kinds = parse_kinds(shipped_kinds())
    path = write_pbf(small_town(), tmp_path / "town.osm.pbf")
    packed = read_extract(path, "pbf", kinds, Limits(), lambda _: None)
    plain = extract_of(small_town(), tmp_path)
    assert packed.ways == plain.ways
    assert packed.relations == plain.relations


def test_objects_that_were_never_uploaded_are_read_too(tmp_path: Path) -> None:
    """An editor numbers them downwards from -1."""
    town = small_town()
    town.nodes = [(-key, *rest) for key, *rest in town.nodes]
    town.ways = [(-key, [-node for node in nodes], *rest) for key, nodes, *rest in town.ways]
    town.relations = [
        (-key, [(kind, -way, role) for kind, way, role in members], tags)
        for key, members, tags in town.relations
    ]
    frames, losses = tables_of(town, tmp_path)
    assert sum(map(len, frames.values())) == 10
    assert not losses.ids
    assert len(boundary_table(extract_of(town, tmp_path), MOST)[0]) == 2


def test_names_in_any_script_are_kept(tmp_path: Path) -> None:
    names = ["東京タワー", "شارع", "ถนน", "𠮷野家", "Ærøskøbing", "ქუჩა & <b>"]
    town = Town()
    for row, name in enumerate(names):
        town.way([(0, row), (1, row)], highway="residential", name=name)
    assert tables_of(town, tmp_path)[0]["asset_road"]["name"].tolist() == names


def test_a_road_without_its_own_name_has_the_one_it_has_in_chinese(tmp_path: Path) -> None:
    town = Town()
    town.way([(0, 0), (1, 0)], highway="residential", name__zh="人民路")
    assert tables_of(town, tmp_path)[0]["asset_road"]["name"].tolist() == ["人民路"]


# ---- what is damaged


def test_a_line_that_lacks_nodes_keeps_its_longest_stretch(tmp_path: Path) -> None:
    town = Town()
    known = [town.at(column, 0) for column in range(5)]
    cut = town.way_of([known[0], 999, *known[1:]], highway="residential")
    frames, losses = tables_of(town, tmp_path)
    assert shapely.get_num_coordinates(frames["asset_road"].geometry.iloc[0]) == 4
    assert dict(losses.ids) == {("osm_way_shortened", "asset_road"): [f"w{cut}"]}


def test_a_line_without_any_node_and_an_area_that_lacks_one_are_left_out(tmp_path: Path) -> None:
    town = Town()
    town.street(0, 0)
    nowhere = town.way_of([998, 999], highway="residential")
    corners = [town.at(*place) for place in ring(0, 0)]
    house = town.way_of([*corners[:2], 999, *corners[2:]], building="yes")
    frames, losses = tables_of(town, tmp_path)
    assert "asset_building" not in frames
    assert losses.ids["osm_nodes_missing", "asset_road"] == [f"w{nowhere}"]
    assert losses.ids["osm_nodes_missing", "asset_building"] == [f"w{house}"]


def test_an_open_line_that_ought_to_be_an_area_is_listed(tmp_path: Path) -> None:
    town = Town()
    open_house = town.way([(0, 0), (1, 0), (1, 1)], building="yes")
    frames, losses = tables_of(town, tmp_path)
    assert not frames
    assert dict(losses.ids) == {("osm_not_closed", "asset_building"): [f"w{open_house}"]}


def test_a_lake_that_lacks_its_shore_is_left_out_and_one_that_lacks_an_island_is_not(tmp_path: Path) -> None:
    town = Town()
    shore = town.way(ring(0, 0))
    town.relation([(shore, "outer"), (998, "inner")], type="multipolygon", natural="water")
    town.relation([(town.way(ring(5, 5)), "inner"), (999, "outer")], type="multipolygon", natural="water")
    frames, losses = tables_of(town, tmp_path)
    assert frames["asset_water_area"]["id"].tolist() == ["r1"]
    assert dict(losses.ids) == {
        ("osm_area_partial", "asset_water_area"): ["r1"], ("osm_area_cut", "asset_water_area"): ["r2"],
    }  # fmt: skip


def test_an_area_that_crosses_itself_is_mended(tmp_path: Path) -> None:
    town = Town()
    town.way([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)], natural="water")
    area = tables_of(town, tmp_path)[0]["asset_water_area"].geometry.iloc[0]
    assert area.is_valid
    assert area.area == pytest.approx(0.5 * 0.01**2)


def test_an_area_without_any_area_is_listed(tmp_path: Path) -> None:
    town = Town()
    flat = town.way([(0, 0), (1, 0), (2, 0), (0, 0)], natural="water")
    frames, losses = tables_of(town, tmp_path)
    assert not frames
    assert dict(losses.ids) == {("osm_area_collapsed", "asset_water_area"): [f"w{flat}"]}


def test_of_objects_that_are_there_twice_the_highest_version_is_kept(tmp_path: Path) -> None:
    town = Town()
    for version, name in ((1, "old"), (3, "new"), (2, "between")):
        town.way([(0, 0), (1, 0)], version, 7, highway="residential", name=name)
    extract = extract_of(town, tmp_path)
    assert [way.tags["name"] for way in extract.ways.values()] == ["new"]
    assert extract.duplicates == ["w7", "w7"]


def test_a_node_nowhere_on_earth_is_listed(tmp_path: Path) -> None:
    town = Town()
    town.street(0, 0)
    lamp = town.node(0, 5000, highway="street_lamp")
    _, losses = tables_of(town, tmp_path)
    assert losses.ids["osm_nodes_missing", "asset_street_light"] == [f"n{lamp}"]


# ---- the antimeridian


def test_a_road_and_a_lake_across_the_antimeridian_are_cut_there(tmp_path: Path) -> None:
    """Uncut, they would circle the earth: every report on that latitude would lie in the lake."""
    town = Town(west=179.995)
    town.way([(0, 0), (1, 0)], highway="residential")
    town.way(ring(0, 0), natural="water")
    frames, _ = tables_of(town, tmp_path)
    road, lake = frames["asset_road"].geometry.iloc[0], frames["asset_water_area"].geometry.iloc[0]
    assert road.length == pytest.approx(0.01)
    assert lake.area == pytest.approx(0.01**2)
    assert {part.bounds[0] for part in lake.geoms} == {-180.0, 179.995}
    assert lake.is_valid


# ---- boundaries


def test_closed_boundaries_are_told_from_those_that_the_edge_cuts_off(tmp_path: Path) -> None:
    town = small_town()
    town.relation(
        [(1, "outer"), (999, "outer")], type="boundary", boundary="administrative", admin_level="8", name="X"
    )
    table, others = boundary_table(extract_of(town, tmp_path), MOST)
    assert table["name"].to_pylist() == ["Westheim", "Ostheim"]
    assert [(other["name"], other["why"], other["missing"]) for other in others] == [("X", "cut", 1)]


def test_an_exclave_ring_of_a_cut_off_neighbour_makes_no_cell(tmp_path: Path) -> None:
    """The neighbour's exclave closes within the extract; the neighbour does not."""
    town = small_town()
    exclave = town.way(ring(0.7, 0.7, 0.1, 0.1))
    given = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "Nachbar"}
    town.relation([(exclave, "outer"), (999, "outer")], **given)
    table, others = boundary_table(extract_of(town, tmp_path), MOST)
    assert "Nachbar" not in table["name"].to_pylist()
    assert [other["why"] for other in others] == ["cut"]


def test_a_boundary_with_all_its_ways_that_does_not_close_is_open_not_cut(tmp_path: Path) -> None:
    town = small_town()
    way = town.way([(5, 5), (6, 5), (6, 6)])
    town.relation([(way, "outer")], type="boundary", boundary="administrative", admin_level="8")
    assert boundary_table(extract_of(town, tmp_path), MOST)[1][0]["why"] == "open"


def test_a_boundary_way_that_lacks_a_node_cuts_its_commune_off(tmp_path: Path) -> None:
    town = small_town()
    town.ways[0][1].insert(1, 999)
    table, others = boundary_table(extract_of(town, tmp_path), MOST)
    assert table["name"].to_pylist() == ["Ostheim"]
    assert others[0]["why"] == "cut"


def test_a_closed_way_is_a_boundary_unless_it_is_a_ring_of_one(tmp_path: Path) -> None:
    town = Town()
    given = {"boundary": "administrative", "admin_level": "8"}
    own, exclave = town.way(ring(0, 0), name="Alone", **given), town.way(ring(5, 5), **given)
    town.relation([(exclave, "outer")], type="boundary", name="Twin", **given)
    table, others = boundary_table(extract_of(town, tmp_path), MOST)
    assert table["id"].to_pylist() == ["r1", f"w{own}"]
    assert [(other["id"], other["why"]) for other in others] == [(f"w{exclave}", "part")]


# ---- rings


def test_rings_that_touch_share_edges_or_lie_in_one_another_follow_the_even_odd_rule(tmp_path: Path) -> None:
    """Roles are wrong on purpose: they are in the wild."""
    town = Town()
    rings = [ring(0, 0, 9, 9), ring(1, 1), ring(2, 1), ring(4, 4, 3, 3), ring(5, 5), ring(20, 0)]
    ways = [(town.way(places), "inner" if n % 2 else "") for n, places in enumerate(rings)]
    town.relation(ways, type="multipolygon", natural="water")
    area = tables_of(town, tmp_path)[0]["asset_water_area"].geometry.iloc[0]
    assert area.area == pytest.approx((81 - 2 - 9 + 1 + 1) * 0.01**2)


def test_two_rings_that_meet_in_a_node_come_out_whole(tmp_path: Path) -> None:
    town = Town()
    places = [(1, 1), (0, 0), (2, 0), (1, 1), (0, 2), (2, 2), (1, 1)]
    ways = [town.way(pair) for pair in itertools.pairwise(places)]
    town.relation([(way, "outer") for way in ways], type="multipolygon", natural="water")
    area = tables_of(town, tmp_path)[0]["asset_water_area"].geometry.iloc[0]
    assert area.is_valid
    assert area.area == pytest.approx(2 * 0.01**2)


# ---- lengths


@pytest.mark.parametrize(
    ("text", "length"),
    [("3", 3.0), ("2,5 m", 2.5), ("10 ft", 3.048), ("12'", 3.6576), ("narrow", None), (None, None)],
)
def test_lengths_are_read_in_metres(text: str | None, length: float | None) -> None:
    assert metres(text) == (None if length is None else pytest.approx(length))
