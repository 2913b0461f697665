"""Bringing layers in: codes and names guessed, levels ordered, parents linked, nothing lost in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.errors import CrsError, LayerError
from layers.city import City, create_city
from layers.columns import guess_code, guess_name
from layers.generation import load_draft
from layers.importing import ImportOptions, import_layer, parse_role
from layers.tables import read_table, table_names
from tests.cities import bring, geojson, point, small_city, square


def codes(findings: object) -> list[str]:
    return [finding.code for finding in findings]  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ["grid:cell", "area:物业", "asset:street_light", "owner", "place"])
def test_roles_that_there_are(role: str) -> None:
    assert ":".join(filter(None, parse_role(role))) == role


@pytest.mark.parametrize(
    "role", ["grid", "grid:", "asset:a b", "area:x;--", "road:a", "", "grid:" + "x" * 64]
)
def test_roles_that_there_are_not(role: str) -> None:
    with pytest.raises(LayerError, match="nothing a layer"):
        parse_role(role)


def test_identical_candidates_are_no_ambiguity() -> None:
    frame = pd.DataFrame({"community": ["a", "b"], "area_num_1": [1, 2], "NID": ["1", "2"]})
    assert guess_code(frame, "community") in ("area_num_1", "NID")


def test_candidates_that_differ_are_an_error_that_lists_them() -> None:
    frame = pd.DataFrame({"code_a": ["1", "2"], "code_b": ["3", "4"]})
    with pytest.raises(LayerError, match="code_a, code_b"):
        guess_code(frame, "cell")


def test_a_code_named_after_the_level_goes_before_the_others() -> None:
    frame = pd.DataFrame({"TOWNCODE": ["1", "2"], "VILLCODE": ["11", "21"], "TOWNID": ["A", "B"]})
    assert guess_code(frame, "vill") == "VILLCODE"


def test_a_column_that_repeats_is_no_code() -> None:
    frame = pd.DataFrame({"county_code": ["1"] * 50, "name": list("ab" * 25)})
    assert guess_code(frame, "cell") == ""


def test_the_name_is_the_one_that_tells_most_rows_apart() -> None:
    frame = pd.DataFrame({"COUNTYNAME": ["x", "x", "x"], "VILLNAME": ["a", "b", "c"], "n": [1, 2, 3]})
    assert guess_name(frame, "village", "") == "VILLNAME"
    assert (
        guess_name(pd.DataFrame({"community": ["a", "b"], "k": ["1", "2"]}), "community", "k") == "community"
    )


def test_what_names_a_road_names_no_lamp_that_stands_in_it() -> None:
    frame = pd.DataFrame({"编号": ["1", "2"], "路名": ["人民路", "青年路"]})
    assert guess_name(frame, "road", "编号") == "路名"
    assert guess_name(frame, "street_light", "编号") == ""
    assert guess_name(frame.rename(columns={"路名": "标准地名"}), "", "编号") == "标准地名"


def test_a_level_without_a_code_is_refused_with_its_columns(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    with pytest.raises(LayerError) as caught:
        bring(city, "grid:cell", [(square(0, 0), {"colour": "red"}), (square(1, 0), {"colour": "red"})])
    assert "--code" in caught.value.fix
    assert "colour" in caught.value.fix
    assert not city.draft.exists()


def test_assets_without_ids_are_numbered(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    imported = bring(city, "asset:lamp", [(point(0, 0), {"h": 8.5}), (point(1, 0), {"h": 9.5})])
    assert list(read_table(city.draft, "asset_lamp")["id"]) == ["lamp-000001", "lamp-000002"]
    assert "no_code" in codes(imported.findings)


def test_every_attribute_is_kept_and_none_hides_ours(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    given = {"id": "7", "Owner": "text", "PARENT": "p", "fid": 9, "材质": "木", "when": "2020-01-01"}
    bring(city, "asset:lamp", [(point(0, 0), given)], code="id")
    row = read_table(city.draft, "asset_lamp").iloc[0]
    assert row["id"] == "7"
    assert not row["owner"]
    assert {"source_Owner", "材质", "source_PARENT"} <= set(row.index)
    assert row["source_Owner"] == "text"


def test_ids_that_repeat_are_kept_apart_and_said(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    lamps = [(point(i, 0), {"id": name}) for i, name in enumerate(["a", "a", "b"])]
    imported = bring(city, "asset:lamp", lamps, code="id")
    assert list(read_table(city.draft, "asset_lamp")["id"]) == ["a", "a~2", "b"]
    finding = next(f for f in imported.findings if f.code == "duplicate_id")
    assert (finding.row, finding.value) == (2, "a")
    assert "a~2" in finding.reason("en")


def test_parts_of_one_cell_in_several_rows_become_one(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    parts = [(square(0, 0), {"code": "1", "name": "a"}), (square(2, 0), {"code": "1", "name": "a"})]
    imported = bring(city, "grid:cell", [*parts, (square(1, 0), {"code": "2", "name": "b"})], code="code")
    assert imported.features == 2
    assert "merged_parts" in codes(imported.findings)


def test_one_code_for_two_names_is_refused(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    with pytest.raises(LayerError, match="several cells"):
        bring(
            city, "grid:cell",
            [(square(0, 0), {"code": "1", "name": "a"}), (square(1, 0), {"code": "1", "name": "b"})],
            code="code",
        )  # fmt: skip


def test_a_row_without_a_code_is_listed(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    cells = [(square(i, 0), {"code": code}) for i, code in enumerate(["1", "", "3"])]
    imported = bring(city, "grid:cell", cells, code="code")
    assert imported.features == 2
    assert [(f.code, f.row) for f in imported.findings if f.severity == "warning"] == [("code_missing", 2)]


def test_levels_are_ordered_by_size_in_whatever_order_they_come(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    bring(city, "grid:cell", [(square(i, 0), {"code": f"A{i}"}) for i in range(2)])
    bring(city, "grid:city", [(square(0, 0, 4, 4), {"code": "C"})])
    bring(city, "grid:district", [(square(0, 0, 2), {"code": "A"}), (square(2, 0, 2), {"code": "B"})])
    assert city.config().levels == ("city", "district", "cell")
    cells = load_draft(city).cells
    assert list(cells.path[cells.level == "cell"]) == ["C/A/A0", "C/A/A1"]


def test_the_administrator_s_order_of_levels_stands(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    text = city.toml.read_text(encoding="utf-8").replace("levels = []", 'levels = ["small", "large"]')
    city.toml.write_text(text, encoding="utf-8")
    bring(city, "grid:large", [(square(0, 0, 2), {"code": "L"})])
    bring(city, "grid:small", [(square(0, 0), {"code": "S"})])
    assert city.config().levels == ("small", "large")


def test_a_parent_column_goes_before_containment(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    cells = [(square(0, 0), {"code": "1", "up": "B"}), (square(1, 0), {"code": "2", "up": ""})]
    bring(city, "grid:cell", cells, code="code", parent="up")
    cell = load_draft(city).cells
    assert list(cell.path[cell.level == "cell"]) == ["B/1", "A/2"]


def test_bringing_the_upper_level_later_links_the_cells_anew(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    bring(city, "grid:cell", [(square(0, 0), {"code": "1"}), (square(1, 0), {"code": "2"})])
    bring(city, "grid:district", [(square(0, 0, 2, 2), {"code": "D"})])
    cells = load_draft(city).cells
    assert list(cells.path[cells.leaves]) == ["D/1", "D/2"]


def test_an_import_replaces_its_level_and_nothing_else(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    before = set(table_names(city.draft))
    bring(city, "asset:street_light", [(point(0, 0), {"code": "new"})])
    assert set(table_names(city.draft)) == before
    assert list(read_table(city.draft, "asset_street_light")["id"]) == ["new"]
    assert len(read_table(city.draft, "grid_cell")) == 8


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    path = geojson(tmp_path / "cells.geojson", [(square(0, 0), {"code": "1"})])
    words = city.toml.read_bytes()
    imported = import_layer(city, path, "grid", "cell", ImportOptions(), dry_run=True)
    assert imported.features == 1
    assert not city.draft.exists()
    assert city.toml.read_bytes() == words


def test_the_first_import_picks_the_metric_crs_and_later_ones_keep_it(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    bring(city, "grid:cell", [(square(0, 0), {"code": "1"})])
    assert city.config().metric_crs == "EPSG:4549"


def test_a_metric_crs_that_does_not_fit_the_place_is_refused(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c", metric_crs="EPSG:32616")
    with pytest.raises(CrsError):
        bring(city, "grid:cell", [(square(0, 0), {"code": "1"})])


def test_a_layer_in_another_datum_far_from_the_city_is_refused_with_a_fix(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    swapped = {"type": "Point", "coordinates": [32.005, 120.805]}
    with pytest.raises(LayerError) as caught:
        bring(city, "asset:lamp", [(swapped, {"id": "1"})])
    assert "32.005" in caught.value.message or "120.805" in caught.value.message
    assert caught.value.fix


def test_population_has_to_be_numbers(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    with pytest.raises(LayerError, match="'many'"):
        bring(city, "grid:cell", [(square(0, 0), {"code": "1", "pop": "many"})], population="pop")


def test_owners_come_from_a_table_and_may_be_named_by_name(tmp_path: Path) -> None:
    city: City = small_city(tmp_path)
    path = tmp_path / "owners.csv"
    path.write_text("id,name,name_en,phone\nwest,西区城管,West district,123\n", encoding="utf-8")
    import_layer(city, path, "owner", "", ImportOptions())
    bring(city, "asset:lamp", [(point(0.5, 0.5), {"id": "1", "o": "西区城管"})], owner="o")
    generation = load_draft(city)
    owner = generation.owners[int(generation.assets["lamp"].owner[0])]
    assert (owner.id, owner.name, owner.name_en) == ("west", "西区城管", "West district")


def test_an_owner_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    path = tmp_path / "owners.csv"
    path.write_text("id,name\na,x\na,y\nb,z\n", encoding="utf-8")
    with pytest.raises(LayerError, match="more than once"):
        import_layer(city, path, "owner", "", ImportOptions(code="id"))


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    with pytest.raises(LayerError) as caught:
        bring(city, "grid:cell", [(square(0, 0), {"code": "1", "colour": "red"})], owner="boss")
    assert "'boss'" in caught.value.message
    assert "colour" in caught.value.fix


def test_coordinates_survive_the_draft_to_the_last_bit(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    lng, lat = np.nextafter(120.1, 121), np.nextafter(32.3, 33)
    bring(city, "asset:lamp", [({"type": "Point", "coordinates": [lng, lat]}, {"id": "1"})])
    stored = read_table(city.draft, "asset_lamp").geometry[0]
    assert (stored.x, stored.y) == (lng, lat)


def test_a_cell_in_no_parent_goes_where_its_code_says_if_codes_are_built_that_way(tmp_path: Path) -> None:
    city = create_city(tmp_path / "c", "c")
    bring(city, "grid:town", [(square(0, 0, 3), {"code": "10"}), (square(9, 9), {"code": "20"})])
    cells = [(square(i / 10, 0, 0.1), {"code": f"10{i:03d}"}) for i in range(20)]
    bring(city, "grid:cell", [*cells, (square(4, 4), {"code": "20001"}), (square(6, 6), {"code": "99"})])
    cells_now = load_draft(city).cells
    paths = dict(zip(cells_now.code, cells_now.path, strict=True))
    assert (paths["10003"], paths["20001"], paths["99"]) == ("10/10003", "20/20001", "99")
