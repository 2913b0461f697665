"""House numbers along roads: columns named or known, what is left out, and where they end up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo.errors import LayerError
from layers.city import City
from layers.generation import load_draft
from layers.importing import Imported
from layers.importing_ranges import RANGES, range_columns
from tests.cities import bring, point, small_city
from tests.routes_city import route


def road(spot: float, name: str, numbers: tuple[Any, ...], columns: str) -> Any:
    """A piece of a road with its house numbers."""
    named = dict(zip(columns.split(","), numbers, strict=True))
    return route((0, spot), (2, spot), id=f"D{spot}", name=name, **named)


def with_roads(city: City, *numbers: tuple[Any, ...], columns: str = "a,b,c,d", **options: str) -> Imported:
    """A city with one road for each four numbers."""
    roads = [road(0.2 * at, f"路{at}", four, columns) for at, four in enumerate(numbers)]
    return bring(city, "asset:road", roads, **options)


def kept(city: City) -> list[tuple[str, ...]]:
    attributes = load_draft(city).assets["road"].attributes
    return list(attributes[list(RANGES)].fillna("").itertuples(index=False, name=None))


def test_house_numbers_of_roads_reach_the_generation(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    imported = with_roads(city, (1, 99, 2, 98), ("101A", "199", "100", "198"), ranges="a,b,c,d")
    assert kept(city) == [("1", "99", "2", "98"), ("101A", "199", "100", "198")]
    assert not imported.rejects


def test_the_columns_may_be_named_in_any_case_and_with_blanks(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    with_roads(city, (1, 99, 2, 98), ranges=" A, b ,C,d")
    assert kept(city) == [("1", "99", "2", "98")]


def test_columns_of_well_known_road_files_are_taken_and_said(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    imported = with_roads(city, (1, 99, 2, 98), columns="L_F_ADD,L_T_ADD,R_F_ADD,R_T_ADD")
    assert kept(city) == [("1", "99", "2", "98")]
    said = next(finding for finding in imported.findings if finding.code == "guessed_ranges")
    assert said.severity == "note"
    assert "L_F_ADD, L_T_ADD, R_F_ADD, R_T_ADD" in said.reason("en")


def test_roads_without_house_numbers_get_no_columns(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    with_roads(city, (1, 99, 2, 98))
    assert not set(RANGES) & set(load_draft(city).assets["road"].attributes.columns)


def test_own_columns_may_be_in_another_order_in_the_source(tmp_path: Path) -> None:
    """What is called left_from in the file and was not named as such stays, under another name."""
    city = small_city(tmp_path)
    with_roads(city, (1, 99, 2, "x7"), columns="a,b,c,left_from", ranges="a,b,c,c")
    assert kept(city) == [("1", "99", "2", "2")]
    assert list(load_draft(city).assets["road"].attributes["source_left_from"]) == ["x7"]


def test_what_is_no_house_number_is_left_out_and_said(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    imported = with_roads(city, ("one", "99", "2", "98"), (None, "7", "", None), ranges="a,b,c,d")
    assert kept(city) == [("", "", "2", "98"), ("", "", "", "")]
    said = {(f.code, f.row, f.value, f.count) for f in imported.findings if f.severity == "warning"}
    assert said == {("range_unreadable", 1, "one", 1), ("range_half", None, "", 2)}


def test_points_with_house_numbers_of_roads_are_a_finding(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    lamp = (point(0.5, 0.5), {"code": "L", "a": 1, "b": 3, "c": 2, "d": 4})
    imported = bring(city, "asset:lamp", [lamp], ranges="a,b,c,d")
    assert [f.count for f in imported.findings if f.code == "range_no_line"] == [1]


@pytest.mark.parametrize("said", ["a", "a,b,c", "a,b,c,d,e", "a,,c,d", ","])
def test_anything_but_four_columns_is_refused(said: str) -> None:
    with pytest.raises(LayerError, match="not four columns"):
        range_columns(["a", "b", "c", "d", "e"], said)


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="nowhere"):
        with_roads(small_city(tmp_path), (1, 99, 2, 98), ranges="a,b,c,nowhere")


def test_only_assets_have_house_numbers_along_them(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="house numbers of roads"):
        bring(small_city(tmp_path), "area:x", [], ranges="a,b,c,d")
