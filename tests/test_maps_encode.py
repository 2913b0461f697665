"""The compact JSON of the map: nothing is lost but what was meant to be, and nothing can leave its script."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
    get_coordinates,
)

from maps.encode import column, columns, quantised, script_json, shapes, unit_of

UNIT = 1e-6


def read(coded: dict[str, Any], size: int) -> list[Any]:
    """The column as the page reads it (reader in data.js)."""
    if "all" in coded:
        return [coded["all"]] * size
    if "of" in coded:
        return [None if at < 0 else coded["of"][at] for at in coded["at"]]
    return list(coded["raw"])


def decoded(coded: dict[str, Any], size: int) -> list[Any]:
    """The shapes as the page reads them (decodeShapes in data.js)."""
    steps = np.cumsum(np.reshape(coded["xy"], (-1, 2)), axis=0) * UNIT
    vertices = iter([tuple(step) for step in steps.tolist()])

    def counts(name: str) -> Any:
        value = coded.get(name, 1)
        return iter(value) if isinstance(value, list) else iter(lambda: value, object())

    features, parts, rings = counts("features"), counts("parts"), counts("rings")

    def line() -> Any:
        return list(islice(vertices, next(rings)))

    def polygon() -> Any:
        return [line() for _ in range(next(parts))]

    part = (lambda: next(vertices), line, polygon)[coded["dimension"]]
    return [[part() for _ in range(next(features))] for _ in range(size)]


@given(st.text())
def test_json_in_a_script_says_the_same_and_holds_no_markup(text: str) -> None:
    coded = script_json({text: [text]})
    assert json.loads(coded) == {text: [text]}
    assert not set("<>&`\u2028\u2029") & set(coded)


def test_json_keeps_chinese_as_it_is() -> None:
    """An escape would make it twice as long."""
    assert script_json(["网格"]) == '["网格"]'


def test_nan_is_refused_rather_than_written_as_something_that_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json(float("nan"))


@given(st.lists(st.one_of(st.none(), st.text(max_size=3), st.integers(-5, 5), st.booleans())))
def test_a_column_reads_back_as_it_was(values: list[Any]) -> None:
    """Whatever the form; True and 1 are one value to pandas and are not mixed in real columns."""
    texts = [None if value is None else str(value) for value in values]
    assert read(column(pd.Series(texts, dtype=object)), len(texts)) == texts


@pytest.mark.parametrize(
    ("values", "form"),
    [(["a"] * 9, "all"), (["a", "b"] * 5, "of"), (list("abcdef"), "raw"), ([None, None], "all")],
)
def test_a_column_takes_its_shortest_form(values: list[Any], form: str) -> None:
    assert form in column(pd.Series(values, dtype=object))


def test_missing_values_of_every_kind_are_null() -> None:
    missing = [None, float("nan"), pd.NA, pd.NaT]
    assert read(column(pd.Series([*missing, "x"], dtype=object)), 5) == [None] * 4 + ["x"]


def test_numbers_are_rounded_and_whole_ones_lose_their_point() -> None:
    assert read(column(pd.Series([12.34, 5.0, np.nan, np.inf])), 4) == [12.3, 5, None, None]


def test_keys_of_templates_are_joined() -> None:
    parts = pd.Series([("topology.inside", "via.cell"), ["topology.none"], None])
    assert read(column(parts), 3) == ["topology.inside via.cell", "topology.none", None]


def test_absent_columns_are_left_out() -> None:
    assert list(columns(pd.DataFrame({"a": [1]}), ["a", "b"])) == ["a"]


def test_coordinates_are_whole_steps_and_null_where_there_are_none() -> None:
    assert quantised(np.array([120.1234567, np.nan, 0.0]), UNIT) == [120123457, None, 0]


@pytest.mark.parametrize(("extent", "unit"), [(0.3, 1e-6), (5.0, 1e-5)])
def test_the_step_fits_the_extent(extent: float, unit: float) -> None:
    assert unit_of([120, 30, 120 + extent, 30]) == unit


def test_shapes_read_back_within_half_a_step() -> None:
    """Holes, parts, missing and empty ones, and what a collection hides, each at its own position."""
    hole = Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 2, 2).exterior])
    geometry = gpd.GeoSeries(
        [
            hole,
            None,
            Polygon(),
            MultiPolygon([box(5, 5, 6, 6), box(7, 7, 8, 8)]),
            GeometryCollection([Point(0, 0), MultiPolygon([box(9, 9, 10, 10)])]),
            LineString([(0, 0), (1, 1)]),
        ]
    )
    found = decoded(shapes(geometry, 2, UNIT), len(geometry))
    assert [len(parts) for parts in found] == [1, 0, 0, 2, 1, 0]
    assert len(found[0][0]) == 2
    flat = np.array([vertex for parts in found for rings in parts for ring in rings for vertex in ring])
    wanted = get_coordinates([hole, box(5, 5, 6, 6), box(7, 7, 8, 8), box(9, 9, 10, 10)])
    assert np.abs(flat - wanted).max() <= UNIT / 2


@given(
    st.lists(
        st.lists(
            st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
            min_size=2,
            max_size=4,
            unique=True,
        ),
        max_size=4,
    )
)
def test_lines_and_points_read_back(lines: list[list[tuple[float, float]]]) -> None:
    whole = gpd.GeoSeries([MultiLineString(lines)])
    back = decoded(shapes(whole, 1, UNIT), 1)[0]
    assert [len(line) for line in back] == [len(line) for line in lines]
    points = [vertex for line in lines for vertex in line]
    back = decoded(shapes(gpd.GeoSeries([MultiPoint(points)]), 0, UNIT), 1)[0]
    assert np.allclose(np.reshape(back, (-1, 2)), np.reshape(points, (-1, 2)), atol=UNIT)
