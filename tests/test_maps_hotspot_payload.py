"""What the report of hotspots is told: every number, thinned where there are too many, none made up."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hotspot_exports import cells, clusters, export, points, whole_export
from shapely import LineString, Point, Polygon, box

import maps.hotspot_payload
from layers.exported import Export
from maps.encode import script_json
from maps.hotspot_payload import CLASSES, hotspot_payload


def rows(**columns: object) -> gpd.GeoDataFrame:
    """Cells side by side, hot unless told otherwise."""
    n = max((len(c) for c in columns.values() if isinstance(c, list)), default=1)
    squares = [box(120 + at * 0.01, 32, 120 + (at + 1) * 0.01, 32.01) for at in range(n)]
    given = {"category": [""] * n, "cell_code": [str(at) for at in range(n)], "class": ["hot"] * n, **columns}
    return gpd.GeoDataFrame(given, geometry=given.pop("geometry", squares), crs="EPSG:4326")


def test_the_tally_counts_every_class_of_every_category() -> None:
    frame = pd.concat([cells(points(1), category="a"), cells(points(2, hot=0), category="b")])
    tally = hotspot_payload(export(frame))["hotspots"]["tally"]
    assert [one["category"] for one in tally] == ["a", "b"]
    for one in tally:
        own = frame[frame["category"] == one["category"]]["class"]
        assert one["classes"] == [int((own == name).sum()) for name in CLASSES]
        assert one["drawn"] == one["cells"] == 400


def test_infinite_and_unknown_numbers_survive_as_json() -> None:
    frame = rows(relative_risk=[np.inf, np.nan, 2.34567], rr_low=[-np.inf, 1, 0], q=[1e-300, 0.05, 1e-320])
    coded = hotspot_payload(export(frame))
    columns = json.loads(script_json(coded))["hotspots"]["columns"]
    assert columns["relative_risk"] == {"raw": ["inf", None, 2.346]}
    assert columns["rr_low"]["raw"][0] == "-inf"
    assert columns["q"]["raw"] == [1e-300, 0.05, 1e-320]


def test_categories_share_the_shapes_of_their_cells() -> None:
    frame = pd.concat([cells(points(1), category="a"), cells(points(2), category="b")])
    coded = hotspot_payload(export(frame))["hotspots"]
    assert coded["count"] == 800
    assert coded["shape_count"] == 400
    assert coded["shape"][:400] == coded["shape"][400:]


def test_of_many_cells_only_those_that_stand_out_are_drawn_and_one_outline() -> None:
    frame = cells(points(1, side=80, noise=2_000, hot=900), side=80)
    coded = hotspot_payload(export(frame))["hotspots"]
    standing_out = int(frame["class"].isin(["hot", "cold"]).sum())
    assert len(frame) == 6_400
    assert 0 < coded["count"] == standing_out < 1_000
    assert coded["tally"][0]["cells"] == 6_400
    assert coded["tally"][0]["drawn"] == standing_out
    assert coded["outline"]["features"] == 1


def test_of_too_many_that_stand_out_the_surest_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = rows(q=[0.01, 0.001, 0.04, 0.001, 0.9], z=[3.0, 4.0, 2.0, 9.0, 0.1])
    frame.loc[4, "class"] = "not significant"
    monkeypatch.setattr(maps.hotspot_payload, "MOST_ROWS", 2)
    coded = hotspot_payload(export(frame))["hotspots"]
    assert coded["columns"]["cell_code"] == {"raw": ["1", "3"]}


def test_a_hundred_thousand_cells_make_a_page_that_can_be_sent() -> None:
    frame = cells(points(1, side=320, noise=30_000, hot=3_000), side=320)
    coded = script_json(hotspot_payload(export(frame)))
    assert len(frame) == 102_400
    assert len(coded) < 3_000_000


def test_lines_and_missing_shapes_keep_their_rows() -> None:
    frame = rows(
        **{"class": ["hot", "cold", "hot", "hot"]},
        geometry=[LineString([(120, 32), (120.01, 32)]), None, Polygon(), Point(120, 32).buffer(0.001)],
    )
    coded = hotspot_payload(export(frame))["hotspots"]
    assert coded["count"] == 4
    assert coded["shape"][1] == -1
    assert sorted(shape["dimension"] for shape in coded["shapes"]) == [1, 2]


def test_clusters_say_how_many_cells_they_hold_however_these_are_listed() -> None:
    table = clusters()
    as_text = table.frame.assign(cell_codes=["A, B C", "D"])
    for frame in (table.frame, as_text):
        coded = hotspot_payload(export(rows(), replace(table, frame=frame)))["clusters"]
        assert coded["columns"]["cells"]["raw"] == [3, 1]


def test_an_export_without_rows_or_tables_is_told_as_empty() -> None:
    coded = hotspot_payload(export(rows().iloc[:0]))
    assert coded["hotspots"]["count"] == 0
    assert coded["hotspots"]["tally"] == []
    assert coded["bounds"] is None
    assert hotspot_payload(Export(("空", "empty"), ()))["hotspots"] is None


def test_the_same_export_gives_the_same_payload() -> None:
    assert script_json(hotspot_payload(whole_export())) == script_json(hotspot_payload(whole_export()))
