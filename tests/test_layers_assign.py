"""Whose is it: topology, path, areas, assets, rules and reasons, and equality with GEOS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.answers import ANSWER_COLUMNS, answer_frame, reasons
from layers.assign import assign
from layers.generation import Generation, load_draft
from tests.cities import at, bring, small_city, square, words


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_draft(small_city(tmp_path_factory.mktemp("small")))


def ask(
    city: Generation, column: float, row: float, category: str = "", accuracy_m: float = 0.0
) -> dict[str, object]:
    lng, lat = at(column, row)
    frame = answer_frame(assign(city, [lng], [lat], category=[category], accuracy_m=[accuracy_m]))
    frame["reason"] = reasons(frame, city.config.languages)
    return dict(frame.iloc[0])


def test_inside_a_cell_the_path_runs_from_the_top(city: Generation) -> None:
    answer = ask(city, 0.3, 0.3)
    assert (answer["cell_code"], answer["cell_path"], answer["topology"]) == ("A00", "A/A00", "inside")
    assert (answer["owner_id"], answer["rule"], answer["certainty"]) == ("body-00", "territory", "certain")


def test_on_a_shared_edge_the_lowest_code_answers_and_says_so(city: Generation) -> None:
    answer = ask(city, 1, 0.3)
    assert (answer["topology"], answer["cell_code"]) == ("edge", "A00")
    assert "格01 (A01)" in str(answer["cells"])
    assert "last resort" in str(answer["reason"])
    # Two bodies share the edge: half the cells say so, half another.
    assert (answer["owner_share"], answer["certainty"], answer["alt_owner_id"]) == (
        0.5,
        "ambiguous",
        "body-01",
    )


def test_at_a_corner_of_four_cells_each_counts(city: Generation) -> None:
    answer = ask(city, 1, 1)
    assert (answer["topology"], answer["owner_share"]) == ("edge", 0.25)


def test_cells_that_agree_on_the_owner_leave_no_doubt(city: Generation) -> None:
    # A rule by district answers for both cells of the edge.
    answer = ask(city, 1, 0.3, "E0301")
    assert (answer["owner_id"], answer["owner_share"], answer["certainty"]) == ("noise-west", 1.0, "certain")


def test_outside_there_is_a_nearest_cell_and_no_owner(city: Generation) -> None:
    answer = ask(city, 4.1, 0.5)
    assert (answer["topology"], answer["cell_code"], answer["owner_id"]) == ("outside", "", "")
    assert answer["nearest_code"] == "B03"
    assert answer["cell_m"] == pytest.approx(94.5, abs=0.5)  # 0.001° at 32° N
    assert answer["certainty"] == ""


def test_within_the_stated_accuracy_the_nearest_cell_is_taken(city: Generation) -> None:
    near = ask(city, 4.02, 0.5, accuracy_m=25)
    assert (near["topology"], near["cell_code"]) == ("outside", "B03")
    assert "18.9" in str(near["reason"])
    assert ask(city, 4.02, 0.5, accuracy_m=15)["cell_code"] == ""


def test_an_error_is_weighed_in(city: Generation) -> None:
    middle = ask(city, 0.5, 0.2, accuracy_m=30)
    assert (middle["certainty"], middle["owner_share"]) == ("certain", 1.0)
    assert "30.0 m (68 %)" in str(middle["reason"])
    # The boundary is 9.4 m away, one deviation of an error of 14.2 m at 68 %: 84.1 % lie this side of it.
    near = ask(city, 0.99, 0.2, accuracy_m=14.2)
    assert (near["certainty"], near["alt_owner_id"]) == ("likely", "body-01")
    assert near["owner_share"] == pytest.approx(0.841, abs=0.015)


def test_a_lamp_is_found_within_its_radius_and_its_owner_answers(city: Generation) -> None:
    answer = ask(city, 0.5002, 0.5, "0118")
    assert (answer["asset_kind"], answer["asset_id"], answer["owner_id"]) == ("street_light", "L0", "lamps")
    assert answer["owner_name"] == "路灯管理所"
    assert answer["rule"] == "lamp"
    assert answer["asset_m"] == pytest.approx(0.19, abs=0.1)
    assert ask(city, 0.55, 0.5, "0118")["asset_id"] == ""  # 470 m away


def test_a_category_is_known_by_its_name_too(city: Generation) -> None:
    for name in ("路灯", "Street light", "street LIGHT"):
        assert ask(city, 0.5, 0.5, name)["rule"] == "lamp"


def test_an_asset_without_an_owner_leaves_it_to_the_next_rule(city: Generation) -> None:
    answer = ask(city, 2.5, 0.5, "0118")
    assert (answer["asset_id"], answer["owner_id"], answer["rule"]) == ("L2", "body-02", "territory")


def test_only_kinds_that_the_category_concerns_are_asked(city: Generation) -> None:
    answer = ask(city, 0.5, 1.5, "E0105")
    assert (answer["asset_kind"], answer["asset_id"], answer["owner_id"]) == ("river", "R1", "water")
    assert ask(city, 0.5, 1.5, "E0501")["asset_id"] == ""


def test_without_a_category_the_nearest_asset_of_any_kind_is_named(city: Generation) -> None:
    assert ask(city, 0.5, 0.5)["asset_id"] == "L0"
    assert ask(city, 0.5, 1.5)["asset_id"] == "R1"


def test_an_area_that_does_not_nest_answers_where_it_covers(city: Generation) -> None:
    inside = ask(city, 1.7, 0.7, "0126")
    assert (inside["owner_id"], inside["rule"]) == ("wuye", "property")
    assert "怡居小区" in str(inside["reason"])
    assert ask(city, 0.2, 0.2, "0126")["rule"] == "territory"


def test_a_rule_by_district_holds_in_all_its_cells_and_no_others(city: Generation) -> None:
    assert ask(city, 1.5, 1.2, "E0301")["owner_id"] == "noise-west"
    assert ask(city, 2.5, 1.2, "E0301")["owner_id"] == "body-12"


def test_the_reason_speaks_both_languages_and_names_rule_and_facts(city: Generation) -> None:
    reason = str(ask(city, 0.5, 0.5, "0118")["reason"])
    zh, en = reason.split(" | ")
    assert all(fact in zh for fact in ("lamp", "路灯管理所", "L0", "格00"))
    assert all(fact in en for fact in ("lamp", "路灯管理所", "L0", "格00"))
    assert "{" not in reason


@pytest.mark.parametrize("lng", [np.nan, np.inf, -np.inf, 181.0, 1e308])
def test_an_impossible_position_is_answered_with_none(city: Generation, lng: float) -> None:
    frame = answer_frame(assign(city, [lng], [32.0]))
    assert (frame["topology"][0], frame["cell_code"][0], frame["owner_id"][0]) == ("none", "", "")


def test_zero_is_a_place(city: Generation) -> None:
    assert answer_frame(assign(city, [0.0], [0.0]))["topology"][0] == "outside"


def test_no_reports_give_no_answers(city: Generation) -> None:
    assert len(answer_frame(assign(city, [], []))) == 0


def test_one_and_many_get_the_same_answers(city: Generation) -> None:
    rng = np.random.default_rng(1)
    lng, lat = rng.uniform(120.79, 120.85, 300), rng.uniform(31.99, 32.03, 300)
    category = rng.choice(["", "0118", "E0105", "0126", "E0301", "nonsense"], 300)
    many = answer_frame(assign(city, lng, lat, category=list(category)))
    one = [
        answer_frame(assign(city, [x], [y], category=[c])) for x, y, c in zip(lng, lat, category, strict=True)
    ]
    pd.testing.assert_frame_equal(many, pd.concat(one, ignore_index=True))


LATTICE = st.integers(0, 8).map(lambda n: n / 2)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(LATTICE, st.floats(-0.5, 4.5)),
            st.one_of(LATTICE, st.floats(-0.5, 2.5)),
            st.integers(-1, 1),
        ),
        min_size=1,
    )
)
def test_cells_equal_geos_on_vertices_edges_and_one_ulp_beside(
    city: Generation, places: list[tuple[float, float, int]]
) -> None:
    lng = np.array([at(c, r)[0] for c, r, _ in places])
    lat = np.array([at(c, r)[1] for c, r, _ in places])
    lng = np.where([n != 0 for *_, n in places], np.nextafter(lng, [n * np.inf for *_, n in places]), lng)
    frame = answer_frame(assign(city, lng, lat))
    leaves = city.cells.leaves
    covers = shapely.covers(city.cells.geometry[leaves][None, :], shapely.points(lng, lat)[:, None])
    for row, covered in enumerate(covers):
        codes = sorted(city.cells.code[leaves][covered])
        if codes:
            assert frame["cell_code"][row] == codes[0]
        else:
            assert frame["topology"][row] in ("outside", "gap")


def test_a_gap_inside_the_city_takes_the_nearest_cell(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    holed = [
        (square(0, 0, 1, 2), {"code": "1", "name": "a"}),
        (square(1.002, 0, 1, 2), {"code": "2", "name": "b"}),
    ]
    bring(city, "grid:cell", holed)
    generation = load_draft(city)
    answer = ask(generation, 1.0005, 1)
    assert (answer["topology"], answer["cell_code"]) == ("gap", "1")
    assert answer["cell_m"] == pytest.approx(0.5, abs=0.05)


def test_overlapping_cells_are_told_from_a_shared_edge(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "grid:cell", [(square(0, 0, 1.5), {"code": "1"}), (square(1, 0), {"code": "2"})])
    assert ask(load_draft(city), 1.2, 0.5)["topology"] == "overlap"


def test_a_neighbour_that_is_loaded_is_named(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "area:neighbour", [(square(4, 0, 2, 2), {"code": "N", "name": "通州区"})])
    answer = ask(load_draft(city), 4.1, 0.5)
    assert (answer["topology"], answer["cell_code"]) == ("outside", "")
    assert "通州区" in str(answer["reason"])


def test_a_district_without_cells_is_its_own_leaf(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    bring(city, "grid:cell", [(square(0, 0), {"code": "A1", "name": "only"})])
    generation = load_draft(city)
    assert ask(generation, 3.5, 0.5)["cell_path"] == "B"
    assert ask(generation, 1.5, 1.5)["topology"] == "gap"  # in district A, in none of its cells


def test_rules_ask_attributes_and_areas(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    lamps = [
        ({"type": "Point", "coordinates": at(0.5, 0.5)}, {"code": "L", "owner": "x", "material": "wood"})
    ]
    bring(city, "asset:street_light", lamps, owner="owner")
    words(
        city,
        '[[rule]]\nid = "yangtze"\nwhen = { "asset.name" = "运料河" }\nowner = "dike"\n'
        '[[rule]]\nid = "wood"\nwhen = { asset.material = "wood" }\nowner = "carpenters"\n'
        '[[rule]]\nid = "estate"\nwhen = { area.property = "怡居小区" }\nowner = "wuye"\n'
        '[[rule]]\nid = "last"\nowner = "@cell"\n',
    )
    generation = load_draft(city)
    assert ask(generation, 0.5, 0.5)["owner_id"] == "carpenters"
    assert ask(generation, 1.7, 0.7)["rule"] == "estate"
    assert ask(generation, 0.2, 1.5)["owner_id"] == "dike"


def test_a_city_with_assets_and_no_grid_still_names_the_asset(tmp_path: Path) -> None:
    from layers.city import create_city

    city = create_city(tmp_path / "bare", "bare")
    bring(
        city,
        "asset:street_light",
        [({"type": "Point", "coordinates": at(0, 0)}, {"id": "7", "o": "DDOT"})],
        owner="o",
    )
    answer = ask(load_draft(city), 0, 0)
    assert (answer["topology"], answer["asset_id"], answer["owner_id"]) == ("outside", "7", "DDOT")


def test_the_answer_has_the_promised_columns(city: Generation) -> None:
    assert set(ANSWER_COLUMNS) <= set(ask(city, 0.5, 0.5))


def test_a_gap_as_large_as_an_enclave_is_not_called_certain(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    ring = square(0, 0, 4, 2)
    ring["coordinates"].append(square(1, 0.5, 2, 1)["coordinates"][0])
    bring(city, "grid:district", [(ring, {"code": "A", "name": "环"})])
    bring(city, "grid:cell", [(ring, {"code": "1", "name": "环"})])
    deep = ask(load_draft(city), 2, 1)
    assert (deep["topology"], deep["cell_code"], deep["certainty"]) == ("gap", "1", "ambiguous")
    assert "another jurisdiction" in str(deep["reason"])
    assert ask(load_draft(city), 1.01, 1)["certainty"] == "certain"


def test_a_rule_may_name_an_owner_by_name(tmp_path: Path) -> None:
    city = small_city(tmp_path)
    words(city, '[[owner]]\nid = "lamps"\nname = "路灯管理所"\n[[rule]]\nid = "all"\nowner = "路灯管理所"\n')
    assert ask(load_draft(city), 0.3, 0.3)["owner_id"] == "lamps"


def test_a_code_without_its_zero_is_understood_an_unknown_one_binds_no_asset(city: Generation) -> None:
    assert ask(city, 0.5, 0.5, "118")["rule"] == "lamp"
    unknown = ask(city, 0.5, 0.5, "Sanitation Code Violation")
    assert (unknown["asset_id"], unknown["rule"]) == ("", "territory")
    assert "not in the category table" in str(unknown["reason"])
    assert ask(city, 0.5, 0.5, "street_light")["asset_id"] == "L0"
