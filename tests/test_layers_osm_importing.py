"""A city made of an extract by one call: whole or not at all, and again from a newer one."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from osm_files import Town, ring, small_town, write_pbf, write_xml

from api.cli import woodpecker
from geo.errors import GridError, LayerError, UnsafeFileError
from geo.index import LayerIndex
from layers.assign import assign
from layers.check import check
from layers.city import City, create_city
from layers.config import parse_config
from layers.generation import load_draft
from layers.new_city import new_city_text
from layers.osm.importing import ImportedOsm, OsmOptions, import_osm
from layers.osm.starter import with_starter_rules
from layers.reading.limits import Limits
from layers.tables import read_table, table_names, write_table


def bring(town: Town, folder: Path, options: OsmOptions | None = None) -> ImportedOsm:
    path = write_xml(town, folder.parent / f"{folder.name}.osm")
    return import_osm(City(folder), path, options or OsmOptions())


def codes(imported: ImportedOsm) -> set[str]:
    return {finding.code for finding in imported.findings}


def test_one_call_makes_a_city_that_can_answer(tmp_path: Path) -> None:
    imported = bring(small_town(), tmp_path / "town")
    assert imported.created
    assert imported.levels == ("admin_8",)
    draft = load_draft(City(tmp_path / "town"))
    assert draft.config.name == "town"
    answers = assign(draft, [10.003, 10.013], [50.005, 50.005], category=["0118", "E0110"])
    assert draft.cells.name[answers.cells.cell].tolist() == ["Westheim", "Ostheim"]
    owners = [draft.owners[i].name for i in answers.owner]
    assert owners == ["Westheim", "Straßenamt"]  # the lamp is the commune's, the road as the map says
    assert not [finding for finding in check(draft) if finding.severity == "error"]


def test_main_roads_and_waters_have_owners_though_the_map_names_none(tmp_path: Path) -> None:
    town = small_town()
    town.way([(0.1, 0.9), (0.9, 0.9)], highway="primary")
    bring(town, tmp_path / "town")
    draft = load_draft(City(tmp_path / "town"))
    answers = assign(draft, [10.005, 10.0141], [50.009, 50.0012], category=["E0110", "E0105"])
    assert [draft.owners[i].id for i in answers.owner] == ["state-roads", "water-board"]


def test_without_a_closed_boundary_squares_are_laid_and_said(tmp_path: Path) -> None:
    town = Town()
    for step in range(4):
        town.street(step, step)
    imported = bring(town, tmp_path / "town", OsmOptions(square_m=250))
    assert "osm_square_grid" in codes(imported)
    assert imported.levels == ("square",)
    cells = read_table(tmp_path / "town" / "draft.gpkg", "grid_square")
    assert cells["code"].is_unique
    assert cells["code"].min().startswith("R001")
    assert cells.total_bounds[3] == pytest.approx(cells.loc[cells["code"].idxmin()].geometry.bounds[3])
    metric = load_draft(City(tmp_path / "town")).metric
    assert shapely.area(metric.geometries(cells.geometry.to_numpy())) == pytest.approx(250**2, rel=1e-6)


def test_squares_share_their_corners_bit_for_bit_and_hold_every_road(tmp_path: Path) -> None:
    town = Town()
    town.way([(0, 0), (0, 3), (3, 3)], highway="residential")
    bring(town, tmp_path / "town")
    draft = tmp_path / "town" / "draft.gpkg"
    cells, roads = read_table(draft, "grid_square"), read_table(draft, "asset_road")
    corners = {tuple(xy) for xy in shapely.get_coordinates(cells.geometry.to_numpy())}
    rounded = {tuple(np.round(xy, 9)) for xy in corners}
    assert len(corners) == len(rounded)
    along = roads.geometry.iloc[0].segmentize(1e-4)
    row, _ = LayerIndex(cells.geometry.to_numpy()).covering(shapely.points(shapely.get_coordinates(along)))
    assert len(np.unique(row)) == shapely.get_num_coordinates(along)


def test_levels_above_one_another_are_linked_and_countries_left_out(tmp_path: Path) -> None:
    town = small_town()
    town.commune(0, 0, 2, 1, name="Kreis", admin_level="6")
    town.commune(0, 0, 2, 1, name="Land", admin_level="2")
    imported = bring(town, tmp_path / "town")
    assert imported.levels == ("admin_6", "admin_8")
    communes = read_table(tmp_path / "town" / "draft.gpkg", "grid_admin_8")
    assert communes["code"].tolist() == ["O1", "W1"]
    assert communes["parent_level"].tolist() == ["admin_6", "admin_6"]


def test_levels_that_overlap_or_cover_little_are_not_taken(tmp_path: Path) -> None:
    town = small_town()
    town.commune(0.1, 0.4, 0.2, 0.2, name="Viertel", admin_level="10")
    town.street(0.15, 0.55)
    town.commune(0, 0, 1.5, 1, name="A", admin_level="9")
    town.commune(0.5, 0, 1.5, 1, name="B", admin_level="9")
    imported = bring(town, tmp_path / "town")
    assert imported.levels == ("admin_8",)
    left = {f.value: f.detail["why_en"] for f in imported.findings if f.code == "osm_level_left_out"}
    assert "overlap" in left["9"]
    assert "cover only" in left["10"]


def test_a_boundary_of_ground_that_the_extract_does_not_hold_is_no_cell(tmp_path: Path) -> None:
    town = small_town()
    town.commune(2, 0, name="Leer", ref="X")
    imported = bring(town, tmp_path / "town")
    said = [finding for finding in imported.findings if finding.code == "osm_boundary_outside"]
    assert [finding.value for finding in said] == ["Leer"]
    assert imported.counts["grid_admin_8"] == 2


def test_codes_that_two_communes_share_are_not_used(tmp_path: Path) -> None:
    town = Town()
    for column in (0, 1):
        town.commune(column, 0, name="Same", ref="1")
        town.street(column + 0.2, 0.5)
    bring(town, tmp_path / "town")
    assert read_table(tmp_path / "town" / "draft.gpkg", "grid_admin_8")["code"].tolist() == ["r1", "r2"]


def test_a_newer_extract_replaces_the_older_one_and_what_is_gone_goes(tmp_path: Path) -> None:
    bring(small_town(), tmp_path / "town")
    newer = Town()
    newer.street(0, 0)
    imported = bring(newer, tmp_path / "town")
    assert not imported.created
    assert set(table_names(tmp_path / "town" / "draft.gpkg")) == {"grid_square", "asset_road"}
    assert City(tmp_path / "town").config().levels == ("square",)


def test_layers_of_other_files_are_kept(tmp_path: Path) -> None:
    bring(small_town(), tmp_path / "town")
    draft = tmp_path / "town" / "draft.gpkg"
    own = read_table(draft, "asset_street_light").assign(id="LAMP-1")
    write_table(draft, "asset_street_light", own)
    imported = bring(small_town(), tmp_path / "town")
    assert "osm_kept_table" in codes(imported)
    assert read_table(draft, "asset_street_light")["id"].tolist() == ["LAMP-1"]


def test_a_grid_of_the_citys_own_gets_no_squares_beneath(tmp_path: Path) -> None:
    bring(small_town(), tmp_path / "town")
    city = City(tmp_path / "town")
    write_table(city.draft, "grid_community", read_table(city.draft, "grid_admin_8"))
    city.toml.write_text(city.toml.read_text("utf-8").replace('"admin_8"', '"admin_8", "community"'), "utf-8")
    newer = Town()
    newer.street(0.2, 0.2)
    imported = bring(newer, city.folder)
    assert imported.levels == ("community",)
    assert "osm_own_grid" in codes(imported)


def test_a_town_across_the_antimeridian_is_one_town(tmp_path: Path) -> None:
    town = Town(west=179.99)
    town.way([(0, 0), (2, 0)], highway="residential")
    town.way(ring(0.8, 0.2, 0.4, 0.4), building="yes")
    bring(town, tmp_path / "town")
    draft = load_draft(City(tmp_path / "town"))
    answers = assign(draft, [179.999, -179.999, 0.0], [50.0, 50.0, 50.0])
    assert (answers.cells.cell >= 0).tolist() == [True, True, False]
    assert np.nanmax(shapely.length(draft.metric_leaves)) < 4_000


# ---- rules


def test_starter_rules_name_only_what_the_town_has(tmp_path: Path) -> None:
    bring(small_town(), tmp_path / "town")
    draft = load_draft(City(tmp_path / "town"))
    assert "rule_never" not in {finding.code for finding in check(draft)}
    assert [rule.id for rule in draft.config.rules] == [
        "named-on-the-map", "main-road", "water", "town", "territory"
    ]  # fmt: skip
    assert {owner.id for owner in draft.config.owners} == {"state-roads", "water-board"}


def test_starter_rules_follow_a_newer_extract(tmp_path: Path) -> None:
    bring(small_town(), tmp_path / "town")
    newer = small_town()
    newer.node(0.4, 0.4, emergency="fire_hydrant")
    assert "osm_rules" in codes(bring(newer, tmp_path / "town"))
    assert "hydrant" in [rule.id for rule in City(tmp_path / "town").config().rules]


def test_the_last_starter_rule_answers_for_everything() -> None:
    config = parse_config(with_starter_rules(new_city_text("x", "", "Asia/Shanghai"), {}, {}))
    assert [(rule.via, rule.when) for rule in config.rules] == [("cell", ())]


def test_rules_that_the_administrator_changed_are_left_alone(tmp_path: Path) -> None:
    text = new_city_text("x", "", "Asia/Shanghai")
    for changed in (text.replace('"asset-owner"', '"mine"'), text + '\n[[owner]]\nid = "me"\n'):
        assert with_starter_rules(changed, {}, {}) == changed
    create_city(tmp_path / "town", "x")
    toml = tmp_path / "town" / "city.toml"
    toml.write_text(toml.read_text("utf-8").replace('"asset-owner"', '"mine"'), "utf-8")
    assert "osm_rules" not in codes(bring(small_town(), tmp_path / "town"))
    assert [rule.id for rule in City(tmp_path / "town").config().rules] == ["mine", "territory"]


def test_starter_rules_that_the_administrator_changed_are_left_alone(tmp_path: Path) -> None:
    bring(small_town(), tmp_path / "town")
    toml = City(tmp_path / "town").toml
    toml.write_text(toml.read_text("utf-8").replace('"water-board"', '"river-chief"'), "utf-8")
    bring(small_town(), tmp_path / "town")
    assert "river-chief" in {owner.id for owner in City(tmp_path / "town").config().owners}


# ---- files


def test_all_four_formats_bring_the_same(tmp_path: Path) -> None:
    plain = write_xml(small_town(), tmp_path / "town.osm")
    packed = {"a.osm.gz": gzip.compress(plain.read_bytes()), "a.osm.bz2": bz2.compress(plain.read_bytes())}
    for name, body in packed.items():
        (tmp_path / name).write_bytes(body)
    paths = [plain, write_pbf(small_town(), tmp_path / "town.osm.pbf"), *(tmp_path / name for name in packed)]
    counts = [import_osm(City(tmp_path / "x"), path, OsmOptions(), dry_run=True).counts for path in paths]
    assert counts == [counts[0]] * 4


def refused(path: Path, tmp_path: Path, limits: Limits | None = None) -> GridError:
    """The error that importing raises; no city may come of it."""
    with pytest.raises(GridError) as caught:
        import_osm(City(tmp_path / "none"), path, OsmOptions(), limits=limits or Limits())
    assert not (tmp_path / "none").exists()
    return caught.value


@pytest.mark.parametrize("kept", [10, 200, -100, -10])
def test_a_truncated_pbf_is_refused_and_makes_no_city(tmp_path: Path, kept: int) -> None:
    path = write_pbf(small_town(), tmp_path / "town.osm.pbf")
    path.write_bytes(path.read_bytes()[:kept])
    assert isinstance(refused(path, tmp_path), LayerError)


@pytest.mark.parametrize("name", ["town.osm", "town.osm.gz", "town.osm.bz2"])
def test_truncated_xml_is_refused_packed_or_not(tmp_path: Path, name: str) -> None:
    body = write_xml(small_town(), tmp_path / "whole.osm").read_bytes()
    pack = {"gz": gzip.compress, "bz2": bz2.compress}.get(name.rpartition(".")[2], bytes)
    (tmp_path / name).write_bytes(pack(body)[:-60])
    assert name in refused(tmp_path / name, tmp_path).message


def test_a_damaged_byte_in_the_middle_is_refused_or_harmless(tmp_path: Path) -> None:
    body = bytearray(write_pbf(small_town(), tmp_path / "town.osm.pbf").read_bytes())
    body[len(body) // 2] ^= 0xFF
    (tmp_path / "damaged.osm.pbf").write_bytes(bytes(body))
    refused(tmp_path / "damaged.osm.pbf", tmp_path)


def test_other_files_are_refused_by_what_they_hold(tmp_path: Path) -> None:
    bodies = {"a.osm.pbf": b"PK\x03\x04", "b.osm": b"<gpx/>", "c.osm": b"<osmChange/>", "d.osm": b""}
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
        assert isinstance(refused(tmp_path / name, tmp_path), LayerError)


def test_a_file_with_nothing_of_a_town_is_refused(tmp_path: Path) -> None:
    assert "nothing" in refused(write_xml(Town(), tmp_path / "empty.osm"), tmp_path).message


def test_a_file_that_unpacks_to_more_than_allowed_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "bomb.osm.gz").write_bytes(gzip.compress(b"<osm>" + b" " * 200_000_000))
    assert isinstance(refused(tmp_path / "bomb.osm.gz", tmp_path), UnsafeFileError)


def test_an_oversized_blob_is_refused(tmp_path: Path) -> None:
    """A blob that claims 2 GB, of which the file holds nothing."""
    header = b"\x0a\x09OSMHeader\x18\xff\xff\xff\xff\x07"
    (tmp_path / "blob.osm.pbf").write_bytes(len(header).to_bytes(4, "big") + header + b"\0" * 100)
    assert isinstance(refused(tmp_path / "blob.osm.pbf", tmp_path), UnsafeFileError)


def test_too_many_objects_are_stopped_by_the_limits(tmp_path: Path) -> None:
    path = write_xml(small_town(), tmp_path / "town.osm")
    assert isinstance(refused(path, tmp_path, Limits(features=3)), UnsafeFileError)


def test_entities_of_xml_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    (tmp_path / "bomb.osm").write_text(f'{bomb}<osm version="0.6"><node id="1" lat="1" lon="1">'
                                       '<tag k="highway" v="&b;"/></node></osm>', "utf-8")  # fmt: skip
    assert isinstance(refused(tmp_path / "bomb.osm", tmp_path), LayerError)


def test_squares_are_metres_that_make_sense(tmp_path: Path) -> None:
    path = write_xml(small_town(), tmp_path / "town.osm")
    for side in (float("nan"), 0.0, -5.0, 1e9):
        with pytest.raises(LayerError, match="no grid"):
            import_osm(City(tmp_path / "none"), path, OsmOptions(square_m=side))


# ---- kinds of one's own


def test_a_kinds_table_of_ones_own_is_used(tmp_path: Path) -> None:
    table = tmp_path / "kinds.csv"
    head = "role,kind,geometry,key,values,where,columns\n"
    table.write_text(
        head + "asset,road,line,highway,*,,\nasset,长椅,point,amenity,bench,,material\n", "utf-8"
    )
    town = small_town()
    town.node(0.3, 0.3, amenity="bench", material="wood")
    imported = bring(town, tmp_path / "town", OsmOptions(kinds=table))
    assert imported.counts == {"grid_admin_8": 2, "asset_road": 3, "asset_长椅": 1}


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("asset,a b,point,x,*,,", "kind"), ("asset,a,cube,x,*,,", "geometry"),
        ("thing,a,point,x,*,,", "role"), ("asset,a,point,,*,,", "key"),
        ("asset,a,point,x,*,=b,", "condition"), ("asset,a,point,x", "fields"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_a_kinds_table_is_named_by_its_line(tmp_path: Path, row: str, what: str) -> None:
    table = tmp_path / "kinds.csv"
    table.write_text(f"# mine\nrole,kind,geometry,key,values,where,columns\n{row}\n", "utf-8")
    with pytest.raises(LayerError, match=f"Line 3 .*{what}"):
        bring(small_town(), tmp_path / "town", OsmOptions(kinds=table))


# ---- the command


def test_the_command_makes_the_city_and_says_what_is_next(tmp_path: Path) -> None:
    path = write_xml(small_town(), tmp_path / "heim.osm")
    result = CliRunner().invoke(woodpecker, ["import", "osm", str(path), "--city", str(tmp_path / "town")])
    assert result.exit_code == 0, result.output
    assert "asset_road\t3" in result.output
    assert "woodpecker publish --city" in result.output
    publish = CliRunner().invoke(woodpecker, ["publish", "--city", str(tmp_path / "town")])
    assert publish.exit_code == 0, publish.output


def test_a_dry_run_writes_nothing_and_json_counts(tmp_path: Path) -> None:
    path = write_xml(small_town(), tmp_path / "heim.osm")
    words = ["import", "osm", str(path), "--city", str(tmp_path / "town"), "--dry-run", "--json"]
    result = CliRunner().invoke(woodpecker, words)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["tables"]["asset_road"] == 3
    assert answer["levels"] == ["admin_8"]
    assert [path.name for path in tmp_path.iterdir()] == ["heim.osm"]
