"""diff: what publishing would change is found once, by its kind, and measured; nothing else is."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import MetricCrs
from layers.city import City, create_city
from layers.diff import Difference, LayerDiff, diff, load_both
from layers.diff_members import CHANGED, REDRAWN, SAME, Members, match, measure
from layers.diff_words import WordChange
from layers.importing import ImportOptions, import_layer
from layers.publish import publish
from layers.tables import read_table, replace_tables
from tests.cities import METRIC, at, bring, point, small_city, square, words

NOW = datetime(2026, 6, 30, tzinfo=UTC)
CELL_M2 = 945 * 1109  # about what a square of the lattice measures


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = small_city(tmp_path_factory.mktemp("diff"))
    publish(city, now=NOW)
    return city


@pytest.fixture
def city(published: City, tmp_path: Path) -> City:
    shutil.copytree(published.folder, tmp_path / "city")
    return City(tmp_path / "city")


def of(city: City) -> Difference:
    return diff(*load_both(city))


def cells(**changed: dict[str, Any] | None) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The cells of the small city; by code, what is otherwise (``shape`` for the polygon), None for gone."""
    rows = []
    for r in range(2):
        for c in range(4):
            code = f"{'A' if c < 2 else 'B'}{r}{c}"
            other = changed.pop(code, {})
            if other is not None:
                shape = other.pop("shape", square(c, r))
                rows.append((shape, {"code": code, "name": f"格{r}{c}", "body": f"body-{r}{c}", **other}))
    return rows


def layer(found: Difference, name: str) -> LayerDiff:
    return next(layer for layer in found.layers if layer.layer == name)


def told(of_layer: LayerDiff) -> list[tuple[str, str]]:
    return list(zip(of_layer.changes["kind"], of_layer.changes["code"], strict=True))


def test_a_draft_like_the_live_generation_differs_in_nothing(city: City) -> None:
    assert not of(city)
    bring(city, "grid:cell", cells(), owner="body")
    assert not of(city)


def test_with_nothing_live_everything_is_added(tmp_path: Path) -> None:
    found = of(small_city(tmp_path))
    assert found.live == ""
    assert {kind for layer in found.layers for kind in layer.counts} == {"added"}
    assert layer(found, "grid:cell").counts == {"added": 8}
    assert layer(found, "grid:cell").ground.cell_m2 == pytest.approx(8 * CELL_M2, rel=0.01)
    assert {change.kind for change in found.words} == {"added"}


def test_what_became_of_each_cell_is_told_once(city: City) -> None:
    changed = cells(
        A00={"shape": square(0, 0, 1.1, 1)}, A01={"shape": square(1.1, 0, 0.9, 1)}, A11=None,
        B02={"name": "新名"}, B03={"code": "B99"}, B12={"body": "somebody"},
    )  # fmt: skip
    bring(city, "grid:cell", [*changed, (square(4, 0), {"code": "C04", "body": "b"})], owner="body")
    found = of(city)
    assert [layer.layer for layer in found.layers] == ["grid:cell"]
    assert told(found.layers[0]) == [
        ("added", "C04"), ("removed", "A11"), ("recoded", "B99"), ("reshaped", "A00"), ("reshaped", "A01"),
        ("owner", "B12"), ("renamed", "B02"),
    ]  # fmt: skip
    changes = found.layers[0].changes.set_index(["kind", "code"])
    assert changes.loc[("reshaped", "A00"), "m2"] == pytest.approx(0.1 * CELL_M2, rel=0.01)
    assert tuple(changes.loc[("recoded", "B99"), ["before", "after"]]) == ("B03", "B99")
    assert tuple(changes.loc[("owner", "B12"), ["before", "after"]]) == ("body-12", "somebody")
    assert tuple(changes.loc[("renamed", "B02"), ["before", "after"]]) == ("格02", "新名")


def test_the_ground_that_changes_cell_or_owner_is_measured_and_has_a_place(city: City) -> None:
    bring(
        city, "grid:cell",
        cells(A00={"shape": square(0, 0, 1.1, 1)}, A01={"shape": square(1.1, 0, 0.9, 1)}, B12={"body": "x"},
              A10={"body": "one"}, A11=None),
        owner="body",
    )  # fmt: skip
    ground = layer(of(city), "grid:cell").ground
    rows = {(row.before, row.after): row for row in ground.pieces.itertuples()}
    assert rows.keys() == {("A01", "A00"), ("A11", ""), ("A10", "A10"), ("B12", "B12")}
    strip = rows["A01", "A00"]
    assert (strip.cell, strip.owner, strip.owner_before, strip.owner_after) == (
        True,
        True,
        "body-01",
        "body-00",
    )
    assert strip.m2 == pytest.approx(0.1 * CELL_M2, rel=0.01)
    assert strip.geometry.symmetric_difference(shapely.geometry.shape(square(1, 0, 0.1, 1))).area < 1e-10
    kept = rows["B12", "B12"]
    assert (kept.cell, kept.owner) == (False, True)
    assert ground.cell_m2 == pytest.approx(1.1 * CELL_M2, rel=0.01)
    assert ground.owner_m2 == pytest.approx(3.1 * CELL_M2, rel=0.01)


def test_another_parent_is_told(city: City) -> None:
    bring(city, "grid:district", [(square(0, 0, 2, 2), {"code": "A", "name": "西区", "body": "west"}),
                                  (square(2, 0, 2, 2), {"code": "Z", "name": "东区", "body": "east"})],
          owner="body")  # fmt: skip
    found = of(city)
    assert told(layer(found, "grid:district")) == [("recoded", "Z")]
    assert layer(found, "grid:cell").counts == {"reparented": 4}
    assert layer(found, "grid:cell").ground.cell_m2 == 0


def test_lamps_that_move_are_measured_in_metres_and_draw_their_way(city: City) -> None:
    lamps = [
        (point(0.5 + i + 0.01 * (i == 1), 0.5), {"code": f"L{i}", "owner": ("lamps", "x", "", "lamps")[i]})
        for i in range(4)
    ]
    bring(city, "asset:street_light", lamps[:3], owner="owner")
    found = layer(of(city), "asset:street_light")
    assert told(found) == [("removed", "L3"), ("moved", "L1"), ("owner", "L1")]
    way = found.changes.iloc[1]
    assert way["m"] == pytest.approx(9.45, rel=0.01)
    assert way.geometry.geom_type == "LineString"
    assert way.geometry.coords[0] == pytest.approx(at(1.5, 0.5))
    assert found.ground.pieces.empty


def test_lines_attributes_and_whole_layers_are_told(city: City) -> None:
    river = {"type": "LineString", "coordinates": [at(0, 1.5), at(4, 1.6)]}
    bring(city, "asset:river", [(river, {"code": "R1", "name": "运料河", "owner": "water", "class": "2"})],
          owner="owner")  # fmt: skip
    bring(city, "asset:bridge", [(point(1, 1), {"code": "b", "owner": "roads"})], owner="owner")
    found = of(city)
    assert told(layer(found, "asset:bridge")) == [("added", "b")]
    rivers = layer(found, "asset:river")
    assert told(rivers) == [("reshaped", "R1"), ("attributes", "R1")]
    assert rivers.changes["m"][0] == pytest.approx(0.1 * 1109, rel=0.01)
    assert "class=2" in rivers.changes["after"][1]


def test_a_layer_that_the_draft_has_no_more_is_removed(city: City) -> None:
    live, draft = load_both(city)
    fewer = type(draft)(**{**{f: getattr(draft, f) for f in draft.__dataclass_fields__}, "assets": {}})
    assert layer(diff(live, fewer), "asset:street_light").counts == {"removed": 4}


def test_outlines_drawn_again_within_the_slivers_of_check_are_redrawn(city: City) -> None:
    thin = 0.1 / 945
    bring(city, "grid:cell", cells(A00={"shape": square(0, 0, 1 + thin, 1)},
                                   A01={"shape": square(1 + thin, 0, 1 - thin, 1)}),
          owner="body")  # fmt: skip
    found = layer(of(city), "grid:cell")
    assert found.counts == {"redrawn": 2}
    assert (found.ground.pieces.empty, found.ground.slivers) == (True, 1)
    assert found.ground.sliver_m2 == pytest.approx(111, rel=0.05)


def test_a_vertex_more_on_the_same_edge_is_no_difference(city: City) -> None:
    ring = square(0, 0)["coordinates"][0]
    more = {"type": "Polygon", "coordinates": [[ring[0], list(at(0.5, 0)), *ring[1:]]]}
    bring(city, "grid:cell", cells(A00={"shape": more}), owner="body")
    assert not of(city)


def test_members_with_new_codes_are_known_by_their_shape_though_drawn_again(city: City) -> None:
    thin = 0.05 / 945
    codes = {f"{'A' if c < 2 else 'B'}{r}{c}": {"code": f"N{r}{c}"} for r in range(2) for c in range(4)}
    codes["A00"] |= {"shape": square(0, 0, 1 - thin, 1)}
    codes["A01"] |= {"shape": square(1 - thin, 0, 1 + thin, 1)}
    bring(city, "grid:cell", cells(**codes), owner="body")
    assert layer(of(city), "grid:cell").counts["recoded"] == 8
    assert "added" not in layer(of(city), "grid:cell").counts


# ---- words


OTHER = """
[[owner]]
id = "lamps"
name = "路灯所"

[[rule]]
id = "west-noise"
when = { category = ["E0301"], cell = "A" }
owner = "noise-west"

[[rule]]
id = "lamp"
when = { category = ["0118", "0119"], asset_kind = "street_light" }
owner = "@asset"

[[rule]]
id = "property"
when = { category = ["0126"] }
owner = "@area.property"

[[rule]]
id = "bridge"
when = { asset_kind = "bridge" }
owner = "roads"

[[rule]]
id = "territory"
owner = "@cell"
"""


def test_rules_owners_and_settings_are_told_with_their_old_and_new_lines(city: City) -> None:
    words(city, OTHER)
    text = city.toml.read_text("utf-8").replace("street_light = 30", "street_light = 35")
    text += '\n[limits]\n"0118" = 24\n"*" = 72\n'  # and 72 is what is shipped
    city.toml.write_text(text, encoding="utf-8")
    assert set(of(city).words) == {
        WordChange("rules", "changed", "lamp",
                   "asset_kind = street_light & category = 0118 → @asset",
                   "asset_kind = street_light & category = 0118 | 0119 → @asset"),
        WordChange("rules", "removed", "river", "asset_kind = river & category = E0105 → @asset"),
        WordChange("rules", "added", "bridge", "", "asset_kind = bridge → roads"),
        WordChange("rules", "reordered", "west-noise", "4", "1"),
        WordChange("owners", "changed", "lamps", "路灯管理所", "路灯所"),
        WordChange("owners", "added", "roads", "", "roads"),
        WordChange("settings", "changed", "radius_m.street_light", "30", "35"),
        WordChange("settings", "added", "limits.0118", "", "24"),
    }  # fmt: skip


def test_categories_of_another_table_are_told(city: City) -> None:
    text = city.toml.read_text("utf-8").replace('table = "gbt30428"', 'table = "none"')
    text += '\n[[category]]\ncode = "0118"\nname_zh = "灯"\n'
    city.toml.write_text(text, encoding="utf-8")
    told = [change for change in of(city).words if change.section == "categories"]
    assert {change.kind for change in told} == {"changed", "removed"}
    assert [change.after for change in told if change.kind == "changed"] == ["灯"]


# ---- against brute force


SQUARES = st.lists(st.integers(-1, 3), min_size=9, max_size=9)


def lattice(owner: list[int]) -> Members:
    """Cells out of nine squares: to which of four each square belongs, -1 for none."""
    code = np.array(sorted({k for k in owner if k >= 0}), dtype=object)
    shapes = [
        shapely.union_all([shapely.geometry.shape(square(n % 3, n // 3)) for n in range(9) if owner[n] == k])
        for k in code
    ]
    texts = np.array([f"K{k}" for k in code], dtype=object)
    none = np.full(len(code), "", dtype=object)
    named = np.zeros(len(code), dtype=bool)
    geometry = np.array([*shapes, None], dtype=object)[:-1]
    return Members(texts, texts, texts, named, none, geometry, shapely_frame(len(code)))


def shapely_frame(n: int) -> Any:
    import pandas as pd

    return pd.DataFrame(index=range(n))


@given(SQUARES, SQUARES)
@settings(max_examples=50)
def test_members_are_paired_as_brute_force_pairs_them(before: list[int], after: list[int]) -> None:
    one, two = lattice(before), lattice(after)
    pairs = match(one, two, MetricCrs(METRIC))
    codes = set(one.code) & set(two.code)
    assert {one.code[i] for i, known in zip(pairs.old, pairs.by_code, strict=True) if known} == codes
    changed = {
        k
        for k in range(4)
        if {n for n in range(9) if before[n] == k} != {n for n in range(9) if after[n] == k}
    }
    assert {one.code[i] for i in pairs.old[pairs.state == CHANGED]} == {f"K{k}" for k in changed} & codes
    by_shape = {
        (one.geometry[i].wkt, two.geometry[j].wkt)
        for i, j in zip(pairs.old[~pairs.by_code], pairs.new[~pairs.by_code], strict=True)
    }
    left = [g for c, g in zip(one.code, one.geometry, strict=True) if c not in codes]
    others = [g for c, g in zip(two.code, two.geometry, strict=True) if c not in codes]
    assert len(by_shape) == sum(any(g.equals(h) for h in others) for g in left)
    assert len(pairs.removed) == len(left) - len(by_shape)
    assert len(pairs.added) == len(others) - len(by_shape)


def test_noise_slivers_and_changes_are_told_apart() -> None:
    base = shapely.box(0, 0, 1000, 1000)
    others = [shapely.box(0, 0, 1000 + wide, 1000) for wide in (0.005, 0.1, 0.5)]
    state, m2, _ = measure(np.array([base] * 3), np.array(others))
    assert state.tolist() == [SAME, REDRAWN, CHANGED]
    assert m2 == pytest.approx([0, 100, 500], rel=0.01)
    points = np.array([shapely.Point(x, 0) for x in (0.01, 0.1, 3)])
    state, _, m = measure(np.array([shapely.Point(0, 0)] * 3), points)
    assert state.tolist() == [SAME, REDRAWN, CHANGED]
    assert m == pytest.approx([0.01, 0.1, 3])


# ---- a country


def test_taiwan_s_changed_villages_are_found_among_7701(
    shared_data: Path, tmp_path: Path, record_property: Any
) -> None:
    city = create_city(tmp_path / "taiwan", "臺灣", time_zone="Asia/Taipei")
    path = shared_data / "taiwan" / "taiwan_villages-10t.topojson"
    import_layer(city, path, "grid", "village", ImportOptions(layer="villages"))
    publish(city, now=NOW)
    frame = read_table(city.generation(1), "grid_village")
    expected = _redistrict(frame)
    replace_tables(city.draft, {"grid_village": frame[frame["code"] != ""]}, start=city.live_file())
    live, draft = load_both(city)
    started = datetime.now(UTC)
    found = diff(live, draft)
    assert (datetime.now(UTC) - started).total_seconds() <= 20
    villages = layer(found, "grid:village")
    assert set(told(villages)) == expected
    assert villages.counts == {"removed": 2, "recoded": 1, "reshaped": 3, "renamed": 1}
    assert villages.ground.slivers == 0
    assert len(villages.ground.pieces) == 4


def _redistrict(frame: Any) -> set[tuple[str, str]]:
    """Move a boundary, merge two villages, rename one, re-code one, delete one; returns what that changes."""
    shapes, codes = (
        np.asarray(frame.geometry.array, dtype=object).copy(),
        frame["code"].to_numpy(object).copy(),
    )
    tree = shapely.STRtree(shapes)
    winner, kept, renamed, recoded, deleted = 100, 2000, 3000, 4000, 5000
    loser, merged = _neighbour(tree, shapes, winner), _neighbour(tree, shapes, kept)
    strip = shapely.intersection(shapes[loser], shapely.buffer(shapes[winner], 0.0005))
    shapes[winner] = shapely.union(shapes[winner], strip)
    shapes[loser] = shapely.difference(shapes[loser], strip)
    shapes[kept] = shapely.union(shapes[kept], shapes[merged])
    expected = {("reshaped", codes[i]) for i in (winner, loser, kept)}
    expected |= {("removed", codes[i]) for i in (merged, deleted)} | {("renamed", codes[renamed])}
    codes[recoded] += "X"
    expected |= {("recoded", codes[recoded])}
    codes[[merged, deleted]] = ""
    frame.geometry, frame["code"] = shapes, codes
    frame.loc[renamed, "name"] = "新名里"
    return expected


def _neighbour(tree: shapely.STRtree, shapes: np.ndarray, of: int) -> int:
    """The one with the longest common border."""
    near = tree.query(shapes[of], predicate="touches")
    return int(near[np.argmax(shapely.length(shapely.intersection(shapes[of], shapes[near])))])


def test_no_kind_of_change_is_without_words() -> None:
    from layers.diff_members import KINDS
    from layers.diff_messages import WORDS

    assert set(KINDS) <= WORDS.keys()
    assert all(re.search("[\u4e00-\u9fff]", zh) and en for zh, en in WORDS.values())


def test_a_cell_with_another_code_and_nearly_the_same_ground_is_the_same_cell(city: City) -> None:
    west, east = square(0, 0, 2.05, 2), square(2.05, 0, 1.95, 2)
    bring(
        city, "grid:district",
        [(west, {"code": "W1", "name": "西区", "body": "west"}),
         (east, {"code": "B", "name": "东区", "body": "east"})],
        code="code", owner="body",
    )  # fmt: skip
    rows = next(layer.changes for layer in of(city).layers if layer.layer == "grid:district")
    kinds = set(zip(rows["kind"], rows["code"], strict=True))
    assert {("recoded", "W1"), ("reshaped", "W1"), ("reshaped", "B")} <= kinds
    assert not {kind for kind, _ in kinds} & {"added", "removed"}
