"""What is looked up for every report is what the layers say, and nothing for position -1."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layers.generation import Generation, load_draft
from tests.cities import small_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_draft(small_city(tmp_path_factory.mktemp("lookups")))


def test_assets_of_all_kinds_stand_end_to_end(city: Generation) -> None:
    first = city.lookups.first_asset
    for number, kind in enumerate(city.asset_kinds):
        own = city.lookups.asset_owner[first[number] : first[number + 1]]
        assert list(own) == list(city.assets[kind].owner)
    assert city.lookups.asset_owner[-1] == -1
    assert len(city.lookups.asset_owner) == first[-1] + 1


def test_assets_are_found_by_a_column_that_not_every_kind_has(city: Generation) -> None:
    found = city.lookups.assets_with("id", frozenset({"L1", "R1"}))
    ids = [id_ for kind in city.asset_kinds for id_ in city.assets[kind].id]
    assert [id_ for id_, hit in zip([*ids, ""], found, strict=True) if hit] == ["R1", "L1"]
    assert not city.lookups.assets_with("colour", frozenset({"red"})).any()


def test_cells_and_areas_are_found_by_their_codes_and_nothing_is_in_none(city: Generation) -> None:
    west = city.lookups.cells_in(frozenset({"A"}))
    assert list(west[:-1]) == [path.startswith("A") for path in city.cells.path]
    estate = city.lookups.areas_named("property", frozenset({"怡居小区"}))
    assert list(estate) == [True, False]
    assert list(city.lookups.areas_named("property", frozenset({"wuye"}))) == [True, False]
    assert not west[-1]


def test_a_table_is_made_once(city: Generation) -> None:
    asked = frozenset({"B"})
    assert city.lookups.cells_in(asked) is city.lookups.cells_in(frozenset(asked))
    assert city.lookups.assets_with("name", asked) is city.lookups.assets_with("name", asked)


def test_a_category_is_known_by_its_code_and_its_names(city: Generation) -> None:
    codes = city.lookups.codes
    table = city.config.categories
    assert codes["0118"] == codes["118"] == codes[table["0118"].name_zh] == "0118"
    assert codes[table["0118"].name_en.casefold()] == "0118"


def test_a_city_without_assets_has_none_to_look_up(city: Generation) -> None:
    bare = replace(city, assets={}).lookups
    assert list(bare.asset_owner) == [-1]
    assert list(bare.first_asset) == [0]
    assert list(bare.assets_with("name", frozenset({"x"}))) == [False]
