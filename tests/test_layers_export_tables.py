"""The grid, the assets and the issues of a city as tables for files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import shapely
from stores import NOON, file_one, new_report, opened

from geo.errors import NotFoundError
from layers.export_issues import LABELS, filter_said, issue_export
from layers.export_tables import asset_export, grid_export, table_name
from layers.exported import Export
from layers.generation import Generation, load_live
from layers.store import Store
from layers.store.filters import IssueFilter
from tests.cities import bring, small_city, square
from tests.stores import ZONE

HOUR = 3_600_000_000


def issues(store: Store, generation: Generation, wanted: IssueFilter | None = None) -> pd.DataFrame:
    with store.reading() as connection:
        return issue_export(connection, generation, wanted or IssueFilter(), {}).tables[0].frame


# ---- the grid


def test_a_grid_has_every_level_with_parents_paths_and_owners(generation: Generation) -> None:
    (table,) = grid_export(generation).tables
    rows = table.frame.set_index("code")
    assert list(rows["level"].unique()) == ["district", "cell"]
    assert rows.loc["A00", ["parent", "path", "owner_id"]].tolist() == ["A", "A/A00", "body-00"]
    assert pd.isna(rows.loc["A", "parent"])
    assert "population" not in rows
    assert table.class_by == "level"


def test_layers_have_the_lowest_level_first(generation: Generation) -> None:
    assert [table.name for table in grid_export(generation, as_layers=True).tables] == [
        "grid_cell", "grid_district",
    ]  # fmt: skip


def test_one_level_is_one_table(generation: Generation) -> None:
    (table,) = grid_export(generation, level="district").tables
    assert table.frame["code"].tolist() == ["A", "B"]
    with pytest.raises(NotFoundError) as caught:
        grid_export(generation, level="street")
    assert caught.value.fix == "There are: district, cell."


def test_a_grid_says_how_many_live_there_where_that_was_imported(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    cells = [(square(c, 0), {"code": f"A0{c}", "name": "x", "people": 10 * c}) for c in range(2)]
    bring(city, "grid:cell", cells, population="people")
    frame = grid_export(load_live(city), level="cell").tables[0].frame
    assert frame["population"].tolist() == [0, 10]


# ---- assets


def test_assets_in_one_table_keep_their_attributes_as_json(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    lamp = {"type": "Point", "coordinates": [120.805, 32.005]}
    bring(city, "asset:street_light", [(lamp, {"code": "L0", "lamp": "LED", "灯杆": 8})])
    (table,) = asset_export(load_live(city)).tables
    row = table.frame.set_index("id").loc["L0"]
    assert json.loads(row["attributes"]) == {"code": "L0", "lamp": "LED", "灯杆": 8}
    assert set(table.frame["kind"]) == {"river", "street_light"}
    assert table.class_by == "kind"


def test_a_kind_alone_has_its_attributes_as_columns(generation: Generation) -> None:
    (table,) = asset_export(generation, kind="street_light").tables
    assert table.name == "asset_street_light"
    assert table.frame["owner_name"].fillna("").tolist() == ["路灯管理所", "parks", "", "路灯管理所"]
    assert [one.name for one in asset_export(generation, as_layers=True).tables] == [
        "asset_river", "asset_street_light",
    ]  # fmt: skip
    with pytest.raises(NotFoundError):
        asset_export(generation, kind="bridge")


def test_columns_of_the_source_that_are_called_like_ours_are_kept(tmp_path: Path) -> None:
    city = small_city(tmp_path / "city")
    lamp = {"type": "Point", "coordinates": [120.805, 32.005]}
    own = {"kind": "LED", "id": 77, "owner_id": "x", "owner_name": "王五", "source_kind": "old"}
    bring(city, "asset:street_light", [(lamp, {"code": "L0", **own})])
    (table,) = asset_export(load_live(city), kind="street_light").tables
    row = table.frame.set_index("id").loc["L0"]
    assert row["kind"] == "street_light"
    assert row["source_source_kind"] == "LED"
    assert (row["source_owner_id"], row["source_owner_name"]) == ("x", "王五")
    assert row["source_kind"] == "old"
    assert int(row["source_id"]) == 77
    assert table.frame.columns.is_unique


def test_names_of_layers_are_ascii() -> None:
    assert table_name("asset", "Street-Light") == "asset_street_light"
    assert table_name("grid", "街道") == "grid_88579053"


# ---- issues


def test_all_issues_leave_closed_ones_too_in_the_order_they_were_opened(
    tmp_path: Path, generation: Generation
) -> None:
    with opened(tmp_path) as store:
        numbers = [file_one(store, NOON + n * HOUR, status=s).number
                   for n, s in enumerate(("received", "closed", "merged"))]  # fmt: skip
        frame = issues(store, generation)
    assert frame["number"].tolist() == numbers
    assert frame["status"].tolist() == ["received", "closed", "merged"]
    row = frame.iloc[0]
    assert row["owner_name"] == "路灯管理所"
    assert row["cell_name"] == "格00"
    assert row["category_zh"]
    assert row["created_at"] == pd.Timestamp(NOON, unit="us", tz="UTC")
    assert pd.isna(row["due_at"])
    assert row.geometry.equals(shapely.Point(120.8, 32.0))
    assert list(frame.columns) == [*LABELS, "geometry"]


def test_an_issue_of_a_line_is_a_line_and_one_of_nowhere_has_no_geometry(
    tmp_path: Path, generation: Generation
) -> None:
    line = shapely.LineString([(120.8, 32), (120.81, 32)])
    with opened(tmp_path) as store:
        file_one(store, geometry=shapely.to_wkb(line))
        file_one(store, lng=None, lat=None, owner_id=None, cell_code="", cell_path="")
        frame = issues(store, generation)
    assert frame.geometry.iloc[0].equals(line)
    assert frame.geometry.iloc[1] is None
    assert pd.isna(frame["owner_name"].iloc[1])
    assert pd.isna(frame["cell_code"].iloc[1])


def test_a_filter_leaves_what_passes_it(tmp_path: Path, generation: Generation) -> None:
    with opened(tmp_path) as store:
        for n in range(4):
            file_one(store, NOON + n * HOUR)
        frame = issues(store, generation, IssueFilter(since_us=NOON + HOUR, created_until_us=NOON + 2 * HOUR))
    assert len(frame) == 2
    assert filter_said(IssueFilter(since_us=NOON), ZONE)["since"].startswith("2026-11-21T04:00")


def test_nothing_that_leads_to_a_person_is_read(tmp_path: Path, generation: Generation) -> None:
    with opened(tmp_path) as store:
        file_one(store, report=new_report(), claimed_by="王五", claimed_us=NOON)
        frame = issues(store, generation)
    said = frame.drop(columns="geometry").to_csv()
    for secret in ("openid-1", "13800000000", "张三", "王五"):
        assert secret not in said


def test_a_city_without_reports_has_an_empty_table_with_all_columns(generation: Generation) -> None:
    made: Export = issue_export(None, generation, IssueFilter(), {})
    assert list(made.tables[0].frame.columns) == [*LABELS, "geometry"]
    assert made.about["issues"] == "0"
