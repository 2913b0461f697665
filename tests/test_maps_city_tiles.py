"""The tiles of a city show what its generation holds, where it lies, and not more than a map can take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.tiles import EXTENT, Tile, squares_of, to_world
from layers.generation import Cells, Features, Generation
from maps import city_tiles
from maps.city_tiles import FIELDS, MARGIN, CityTiles
from maps.city_zooms import first_zooms, layer_of, ranks
from tests.cities import at


@pytest.fixture(scope="module")
def tiles(generation: Generation) -> CityTiles:
    return CityTiles(generation)


def tile_at(z: int, column: float = 2, row: float = 1) -> Tile:
    lng, lat = at(column, row)
    (x,), (y,) = squares_of(*to_world(np.array([lng]), np.array([lat])), z)
    return Tile(z, int(x), int(y))


def all_tiles(z: int) -> list[Tile]:
    """Those of the small city."""
    west, east = tile_at(z, 0, 2), tile_at(z, 4, 0)
    return [Tile(z, x, y) for x in range(west.x, east.x + 1) for y in range(west.y, east.y + 1)]


def layers(tiles: CityTiles, tile: Tile) -> dict[str, list[dict[str, Any]]]:
    found = mapbox_vector_tile.decode(tiles.tile(tile), default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in found.items()}


def others(generation: Generation, **changes: Any) -> CityTiles:
    """Tiles of a city that differs."""
    return CityTiles(replace(generation, **changes))


def features(kind: str, geometry: Sequence[Any], **columns: Sequence[Any]) -> Features:
    ids = np.array([f"{kind}{n}" for n in range(len(geometry))], dtype=object)
    shapes = np.array([*geometry, None], dtype=object)[:-1]
    return Features(
        kind, ids, ids.copy(), np.full(len(ids), -1), shapes, pd.DataFrame(columns, index=range(len(ids)))
    )


# ---- what is there


def test_only_layers_that_the_city_has_are_promised(tiles: CityTiles, generation: Generation) -> None:
    assert tiles.layers == ("water", "area", "cell", "asset", "cell_name")
    assert others(generation, assets={}, areas={}).layers == ("cell", "cell_name")
    assert set(layers(tiles, tile_at(14))) <= set(tiles.layers)


def test_a_city_of_nothing_has_empty_tiles(generation: Generation) -> None:
    none = np.empty(0, dtype=object)
    cells = Cells(none, none, none, np.empty(0, int), np.empty(0, int), np.empty(0, bool), none, none)
    empty = others(generation, cells=cells, assets={}, areas={})
    assert empty.layers == ()
    assert empty.tile(Tile(0, 0, 0)) == b""


def test_the_world_beside_the_city_is_empty(tiles: CityTiles) -> None:
    assert tiles.tile(Tile(5, 3, 3)) == b""


def test_every_cell_of_every_level_is_there_with_its_position(
    tiles: CityTiles, generation: Generation
) -> None:
    """`id` is what feature-state and the counts go by."""
    cells = generation.cells
    found = layers(tiles, tile_at(11))["cell"]
    said = {one["id"]: one["properties"] for one in found}
    assert said == {
        row: {"code": cells.code[row], "name": cells.name[row], "level": cells.level[row]}
        for row in range(len(cells.code))
    }


def test_names_of_cells_stand_once_on_the_tiles_of_a_zoom(tiles: CityTiles, generation: Generation) -> None:
    names = [one for tile in all_tiles(14) for one in layers(tiles, tile).get("cell_name", [])]
    assert sorted(one["id"] for one in names) == list(range(len(generation.cells.code)))
    assert all(set(one["properties"]) == {"name", "level"} for one in names)


def test_properties_are_those_that_are_promised(tiles: CityTiles) -> None:
    for z in (10, 12, 14, 16):
        for name, found in layers(tiles, tile_at(z)).items():
            for one in found:
                assert set(one["properties"]) <= set(FIELDS[name])


def test_assets_say_kind_id_and_name(tiles: CityTiles) -> None:
    found = layers(tiles, tile_at(13))
    (river,) = found["water"]
    assert river["geometry"]["type"] == "LineString"
    assert river["properties"]["kind"] == "river"
    assert river["properties"]["name"] == "运料河"
    lamps = [one for tile in all_tiles(14) for one in layers(tiles, tile).get("asset", [])]
    assert sorted(one["properties"]["id"] for one in lamps) == ["L0", "L1", "L2", "L3"]
    assert all("name" not in one["properties"] for one in lamps), "a name that repeats the id is none"


# ---- where it is


@pytest.mark.parametrize("z", [8, 11, 13, 15, 17, 20])
def test_cells_are_within_a_unit_of_what_geos_cuts(tiles: CityTiles, generation: Generation, z: int) -> None:
    for tile in {tile_at(z), tile_at(z, 0.3, 0.4), tile_at(z, 3.99, 1.99)}:
        west, north, _, _ = tile.box()
        frame = shapely.box(-MARGIN, -MARGIN, EXTENT + MARGIN, EXTENT + MARGIN)

        def in_units(xy: Any, tile: Tile = tile, west: float = west, north: float = north) -> Any:
            return (np.column_stack(to_world(xy[:, 0], xy[:, 1])) - (west, north)) / tile.unit

        exact = shapely.intersection(shapely.transform(generation.cells.geometry, in_units), frame)
        got = {one["id"]: shapely.geometry.shape(one["geometry"]) for one in layers(tiles, tile)["cell"]}
        for row, wanted in enumerate(exact):
            shown = got.get(row, shapely.Polygon())
            assert shapely.difference(shown, shapely.buffer(wanted, 1.02)).area < 1e-6
            assert shapely.difference(shapely.buffer(wanted, -1.02), shown).area < 1e-6


def test_neighbours_meet_on_every_tile(tiles: CityTiles, generation: Generation) -> None:
    """What lies between the cells of a level that meet is no wider than the rounding."""
    for tile in all_tiles(14):
        leaves = [one for one in layers(tiles, tile)["cell"] if one["properties"]["level"] == "cell"]
        shapes = [shapely.geometry.shape(one["geometry"]) for one in leaves]
        whole = shapely.union_all([shapely.buffer(one, 0.5) for one in shapes])
        assert not any(shapely.get_num_interior_rings(part) for part in shapely.get_parts(whole))


# ---- how much of it


def lattice_of(count: int) -> list[Any]:
    lng, lat = at(0, 0)
    side = int(np.ceil(count**0.5))
    return [shapely.Point(lng + n % side * 2e-4, lat + n // side * 2e-4) for n in range(count)]


def test_points_are_thinned_at_low_zooms_and_all_there_at_high_ones(generation: Generation) -> None:
    crowd = others(generation, assets={"tree": features("tree", lattice_of(10_000))})
    counts = {
        z: sum(len(layers(crowd, tile).get("asset", [])) for tile in all_tiles(z)) for z in (11, 12, 14, 16)
    }
    assert counts[11] == 0
    assert 0 < counts[12] < counts[14] < counts[16] == 10_000
    assert max(len(layers(crowd, tile).get("asset", [])) for tile in all_tiles(14)) <= 32 * 32


def test_points_that_a_zoom_shows_the_next_shows_too(generation: Generation) -> None:
    crowd = others(generation, assets={"tree": features("tree", lattice_of(3_000))})
    shown: set[str] = set()
    for z in (12, 13, 14, 15, 16):
        now = {
            one["properties"]["id"] for tile in all_tiles(z) for one in layers(crowd, tile).get("asset", [])
        }
        assert shown <= now
        shown = now


def test_a_tile_is_never_full_of_one_kind(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest stay; points on one spot are a sample."""
    monkeypatch.setattr(city_tiles, "MOST_SHAPES", 10)
    monkeypatch.setattr(city_tiles, "MOST_POINTS", 10)
    lng, lat = at(1, 1)
    houses = [shapely.box(lng, lat, lng + 1e-4 * (1 + n), lat + 1e-4) for n in range(30)]
    spot = [shapely.Point(lng, lat)] * 50
    full = others(
        generation, assets={"building": features("building", houses), "tree": features("tree", spot)}
    )
    found = layers(full, tile_at(17, 1.001, 1.001))
    assert [one["properties"]["id"] for one in found["building"]] == [f"building{n}" for n in range(20, 30)]
    assert len(found["asset"]) == 10


def test_low_levels_are_left_out_where_they_would_be_dust(generation: Generation) -> None:
    """The top level is drawn at every zoom at which it is more than a dot."""
    tiles = CityTiles(generation)
    shown = {
        z: {one["properties"]["level"] for one in layers(tiles, tile_at(z)).get("cell", [])}
        for z in (5, 9, 12)
    }
    assert shown[5] == {"district"}
    assert shown[12] == shown[9] == {"district", "cell"}


def test_a_level_is_whole_or_not_there(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city_tiles, "MOST_CELLS", 7)
    found = layers(CityTiles(generation), tile_at(11))["cell"]
    assert {one["properties"]["level"] for one in found} == {"district"}


# ---- kinds


def test_kinds_that_a_map_knows_have_layers_of_their_own() -> None:
    kinds = ("road", "River", "water_area", "building", "park", "street_light", "道路")
    assert [layer_of(kind) for kind in kinds] == [
        "road", "water", "water", "building", "green", "asset", "road",
    ]  # fmt: skip


def test_main_roads_come_first_by_class_or_else_by_width() -> None:
    lines = np.ones(6, dtype=int)
    classes = ["motorway", "residential", "footway", "某路", None, None]
    width = np.array([0.0, 0.0, 0.0, 40.0, 7.0, 0.0])
    zooms = first_zooms("road", classes, width, lines)
    assert zooms.tolist() == [6, 12, 14, 8, 12, 12]
    assert ranks("road", zooms) == [1, 5, 7, 2, 5, 5]
    assert ranks("water", zooms) == [None] * 6
    assert first_zooms("road", [None] * 6, width, lines * 2).tolist() == [0] * 6


def test_shapes_of_every_sort_are_drawn(generation: Generation) -> None:
    """Points, lines and areas of one kind, several in one, None and empty ones."""
    lng, lat = at(1, 1)
    mixed = [
        shapely.Point(lng, lat), shapely.MultiPoint([(lng, lat), (lng + 0.001, lat)]), None,
        shapely.Polygon(),
        shapely.LineString([(lng, lat), (lng + 0.005, lat)]), shapely.box(lng, lat, lng + 0.005, lat + 0.005),
        shapely.GeometryCollection([shapely.box(lng, lat, lng + 0.004, lat + 0.004),
                                    shapely.LineString([(lng, lat), (lng - 0.004, lat)])]),
    ]  # fmt: skip
    every = others(
        generation, assets={"thing": features("thing", mixed, **{"class": [None, 3, "", "x", "y", "z", 1.5]})}
    )
    found = layers(every, tile_at(16, 1.001, 1.001))["asset"]
    assert {(one["properties"]["id"], one["geometry"]["type"]) for one in found} == {
        ("thing0", "Point"), ("thing1", "Point"), ("thing4", "LineString"), ("thing5", "Polygon"),
        ("thing6", "Polygon"), ("thing6", "LineString"),
    }  # fmt: skip


def test_shapes_that_the_projection_bends_out_of_shape_are_no_error(generation: Generation) -> None:
    """A bow-tie, poles, the antimeridian: drawn as well as may be."""
    odd = [
        shapely.Polygon([(120, 31), (122, 33), (122, 31), (120, 33)]),
        shapely.box(-180, -90, 180, 90),
        shapely.LineString([(179, 89), (180, -90)]),
    ]
    every = others(generation, assets={"thing": features("thing", odd)})
    for tile in (Tile(0, 0, 0), Tile(3, 7, 0), tile_at(12), tile_at(16)):
        every.tile(tile)
