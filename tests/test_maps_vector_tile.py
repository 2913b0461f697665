"""Tiles as they are written are what `mapbox_vector_tile` writes of the same features, and reads."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.tiles import Runs, Tile, line_runs, point_runs, ring_runs
from maps.vector_tile import Part, Shape, layer_bytes

TILE = Tile(0, 0, 0)
OPTIONS = {"y_coord_down": True, "check_winding_order": False}
VALUES = st.none() | st.text(max_size=5) | st.integers(-(2**62), 2**62) | st.booleans() | st.floats(-1e9, 1e9)


def in_units(shapes: list[Any]) -> Any:
    """Shapes in units, in the world."""
    return shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * TILE.unit)


def decoded(tile: bytes) -> dict[str, Any]:
    found: dict[str, Any] = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return found


def geometries(tile: bytes, name: str = "a") -> list[Any]:
    return [one["geometry"] for one in decoded(tile)[name]["features"]]


SHAPES = {
    Shape.POINT: (point_runs, [shapely.Point(3, 4), shapely.Point(0, 0), shapely.Point(4000, 7)]),
    Shape.LINE: (
        line_runs,
        [
            shapely.LineString([(5, 5), (9, 9), (2, 4000)]),
            shapely.MultiLineString([[(0, 0), (1, 1)], [(7, 8), (9, 1), (3, 3)]]),
        ],
    ),
    Shape.AREA: (
        ring_runs,
        [
            shapely.box(10, 10, 20, 20),
            shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6)),
            shapely.MultiPolygon([shapely.box(100, 100, 120, 130), shapely.box(200, 200, 220, 205)]),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", list(Shape))
def test_shapes_are_written_as_the_library_writes_them(shape: Shape) -> None:
    runs_of, shapes = SHAPES[shape]
    oriented = [shapely.orient_polygons(one) for one in shapes]
    theirs = mapbox_vector_tile.encode(
        [{"name": "a", "features": [{"geometry": one, "properties": {}} for one in oriented]}],
        default_options=OPTIONS,
    )
    ours = layer_bytes("a", [Part(shape, runs_of(in_units(shapes), TILE))])

    def regions(tile: bytes) -> list[Any]:
        return [shapely.normalize(shapely.geometry.shape(one)) for one in geometries(tile)]

    assert regions(ours) == regions(theirs)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=20))
def test_properties_come_back_with_their_types(rows: list[tuple[Any, Any]]) -> None:
    runs = Runs(np.zeros((len(rows), 2), np.int64), np.ones(len(rows), np.intp), np.arange(len(rows)))
    columns = {"first": [one for one, _ in rows], "第二": [other for _, other in rows]}
    found = decoded(layer_bytes("层", [Part(Shape.POINT, runs, columns, range(len(rows)))]))["层"]["features"]
    for number, (one, said) in enumerate(zip(found, rows, strict=True)):
        wanted = {name: value for name, value in zip(columns, said, strict=True) if value is not None}
        assert one["properties"] == wanted
        assert {name: type(value) for name, value in one["properties"].items()} == {
            name: type(value) for name, value in wanted.items()
        }
        assert one["id"] == number


def test_owners_are_rows_of_the_columns_and_parts_share_a_layer() -> None:
    lines = line_runs(in_units([shapely.LineString([(0, 0), (5, 5)])]), TILE)
    lines = Runs(lines.xy, lines.size, lines.owner + 2)
    points = point_runs(in_units([shapely.Point(1, 1)]), TILE)
    names = ["a", "b", "c"]
    tile = layer_bytes(
        "x", [Part(Shape.LINE, lines, {"name": names}), Part(Shape.POINT, points, {"name": names})]
    )
    found = decoded(tile)["x"]["features"]
    assert [(one["geometry"]["type"], one["properties"]["name"]) for one in found] == [
        ("LineString", "c"), ("Point", "a"),
    ]  # fmt: skip


def test_a_layer_without_features_is_nothing_and_layers_join() -> None:
    nothing = Runs(np.empty((0, 2), np.int64), np.empty(0, np.intp), np.empty(0, np.intp))
    assert layer_bytes("a", [Part(Shape.AREA, nothing)]) == b""
    point = Part(Shape.POINT, point_runs(in_units([shapely.Point(1, 1)]), TILE))
    assert set(decoded(layer_bytes("a", [point]) + layer_bytes("b", [point]))) == {"a", "b"}
