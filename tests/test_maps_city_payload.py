"""What the map's page is told of a city."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from geopandas import GeoSeries
from map_city import SOUTH, WEST, areas, assets, block, layer, levels, report, reports
from shapely import GeometryCollection, LineString, Point, box, coverage_is_valid, from_wkt, union_all

from maps import city_payload
from maps.city_payload import extent, layers_payload, levels_payload, places, reports_payload, thinned

UNIT = 1e-6


def told(frame: pd.DataFrame) -> dict[str, Any]:
    return reports_payload(frame, levels(), UNIT)


def test_the_extent_is_that_of_the_layers_not_of_a_stray_report() -> None:
    stray = pd.DataFrame([report(0, lng=0.0, lat=0.0)])
    assert extent([levels()["grid"]], stray) == pytest.approx([WEST, SOUTH, WEST + 0.03, SOUTH + 0.03])


def test_a_river_that_runs_far_beyond_the_grid_does_not_shrink_the_city() -> None:
    river = layer([{"id": "1", "geometry": LineString([(100, 30), (122, 32)])}])
    bounds = city_payload.city_ground(levels(), {"river": river}, {}).coded["bounds"]
    assert bounds == pytest.approx([WEST, SOUTH, WEST + 0.03, SOUTH + 0.03])


def test_without_layers_the_reports_give_the_extent() -> None:
    frame = pd.DataFrame([report(0, lng=1.0, lat=2.0), report(1, lng=3.0, lat=4.0), report(2, lng=None)])
    assert extent([], frame) == [1, 2, 3, 4]


def test_with_nothing_at_all_the_extent_is_the_world() -> None:
    assert extent([layer([{"geometry": None}])], None)[0] == -180
    assert extent([], reports()[["text"]])[0] == -180


@pytest.mark.parametrize("bad", [(None, 1.0), (181.0, 1.0), (1.0, -91.0), (np.inf, 1.0), ("x", 1.0)])
def test_a_place_that_is_none_is_none_in_both_axes(bad: tuple[Any, Any]) -> None:
    assert np.isnan(places(pd.DataFrame({"lng": [bad[0]], "lat": [bad[1]]}))).all()


def test_zero_is_a_place() -> None:
    assert places(pd.DataFrame({"lng": [0], "lat": [0]})).tolist() == [[0, 0]]


def test_cells_know_the_position_of_their_parent() -> None:
    coded = levels_payload(levels(), UNIT, 1)
    assert [entry["level"] for entry in coded] == ["district", "grid"]
    assert coded[0]["parent"] == [-1, -1]
    assert coded[1]["parent"] == [0, 0, 0, 1, 1, 1, 1, 1, 1]


def test_a_name_stands_inside_its_cell_even_if_the_centroid_does_not() -> None:
    ring = box(0, 0, 0.03, 0.03).difference(box(0.01, 0.01, 0.02, 0.02))
    frame = layer(
        [{"code": "1", "name": "ring", "geometry": ring}, {"code": "2", "name": "", "geometry": None}]
    )
    x, y = levels_payload({"grid": frame}, UNIT, 1)[0]["label"]
    assert ring.contains(Point(x[0] * UNIT, y[0] * UNIT))
    assert (x[1], y[1]) == (None, None)


def test_a_report_is_counted_in_the_lowest_level_that_knows_its_code() -> None:
    coded = told(
        pd.DataFrame([report(0), report(1, cell_code="D2", cell_path="D2"), report(2, cell_code=None)])
    )
    assert [coded["level"]["raw"], coded["cell"]["raw"]] == [[1, 0, -1], [0, 1, -1]]


def test_the_length_of_the_path_parts_levels_that_use_the_same_code() -> None:
    same = levels()
    same["grid"].loc[0, "code"] = "D1"
    rows = [report(0, cell_code="D1", cell_path=path) for path in ("D1", "D1/D1")]
    assert reports_payload(pd.DataFrame(rows), same, UNIT)["level"] == {"raw": [0, 1]}


def test_only_columns_that_are_shown_leave_the_house() -> None:
    """A reporter's telephone has no business in a file that is handed around."""
    coded = told(reports().assign(reporter="x", contact="555"))
    assert not {"reporter", "contact", "lng", "cell_m_private"} & set(coded["columns"])
    assert "cell_m" in coded["columns"]


def test_shares_keep_two_digits() -> None:
    assert told(pd.DataFrame([report(0)]))["columns"]["owner_share"] == {"all": 97}


def test_big_layers_keep_their_largest_lines_and_say_how_many_there_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(city_payload, "MOST_SHAPES", 2)
    rows = [{"id": str(n), "geometry": LineString([(0, 0), (n, 0)])} for n in (1, 5, 3, 4)]
    coded = layers_payload({"road": layer(rows)}, "id", UNIT, 1)[0]
    assert (coded["total"], coded["count"]) == (4, 2)
    assert coded["columns"]["id"] == {"raw": ["5", "4"]}


def test_main_roads_stay_when_a_big_layer_is_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short stretch of motorway matters more than a long track."""
    monkeypatch.setattr(city_payload, "MOST_SHAPES", 2)
    roads = [("track", 9), ("motorway_link", 1), ("track", 8), ("主干路", 2)]
    rows = [
        {"id": grade, "class": grade, "geometry": LineString([(0, 0), (length, 0)])}
        for grade, length in roads
    ]
    coded = layers_payload({"road": layer(rows)}, "id", UNIT, 1)[0]
    assert coded["columns"]["id"] == {"raw": ["motorway_link", "主干路"]}


def test_a_layer_of_points_with_one_line_is_thinned_as_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city_payload, "MOST_POINTS", 10)
    rows = [{"id": str(n), "geometry": Point(n, 0)} for n in range(40)]
    rows.append({"id": "line", "geometry": LineString([(0, 0), (1, 0)])})
    assert layers_payload({"manhole": layer(rows)}, "id", UNIT, 1)[0]["count"] == 10


def test_points_are_thinned_evenly_over_the_ground() -> None:
    """Every quarter of a square keeps about its share; taking the first ones would empty three."""
    axis = np.linspace(0, 1, 40)
    frame = layer([{"geometry": Point(x, y)} for x in axis for y in axis])
    kept = thinned(frame, 400).geometry
    quarter = kept[(kept.x < 0.5) & (kept.y < 0.5)]
    assert len(kept) == 400
    assert 80 <= len(quarter) <= 120


def test_thinning_is_the_same_every_time_and_leaves_small_layers_alone() -> None:
    frame = layer([{"geometry": Point(x, -x)} for x in range(20)])
    assert thinned(frame, 20) is frame
    assert thinned(frame, 7).index.tolist() == thinned(frame, 7).index.tolist()


def test_a_mixed_layer_is_told_by_dimension() -> None:
    mixed = [Point(0, 0), box(0, 0, 1, 1), None, GeometryCollection([LineString([(0, 0), (1, 1)])])]
    coded = layers_payload({"x": layer([{"id": "1", "geometry": one} for one in mixed])}, "id", UNIT, 1)[0]
    assert [shape["dimension"] for shape in coded["shapes"]] == [2, 1, 0]


def test_areas_are_told_by_their_code() -> None:
    assert layers_payload(areas(), "code", UNIT, 1)[0]["columns"]["id"] == {"all": "E1"}


def test_an_empty_layer_is_told_as_empty() -> None:
    empty = assets()["road"].iloc[:0]
    assert layers_payload({"road": empty}, "id", UNIT, 1)[0]["count"] == 0


def test_big_levels_are_simplified_without_tearing_neighbours_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city_payload, "MOST_VERTICES", 50)
    cells = [block(column, row).segmentize(1e-4) for row in range(3) for column in range(3)]
    frame = layer([{"code": str(n), "name": "", "geometry": cell} for n, cell in enumerate(cells)])
    outline = city_payload._coverage(frame.geometry, 0.04)
    assert outline.count_coordinates().sum() < frame.count_coordinates().sum() / 10
    assert coverage_is_valid(outline.values)
    assert union_all(outline.values).area == pytest.approx(union_all(cells).area)


def test_cells_that_collapse_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invalid cell, as in published village maps, must not cost the whole map."""
    monkeypatch.setattr(city_payload, "MOST_VERTICES", 3)
    bow = from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")
    cells = GeoSeries([None, block(0, 0), bow], crs="EPSG:4326")
    assert len(city_payload._coverage(cells, 1)) == 3
