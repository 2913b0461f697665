"""The places where owners quarrel: on the bridge or under it, this side or that, whose half of the road."""

from __future__ import annotations

import pytest

from tests.hard_cases import DRAWINGS, DRAWN, ask, drawing


def lead(proof: dict[str, object]) -> str:
    owners = proof["owners"]
    assert isinstance(owners, list)
    return str(owners[0]["id"])


def test_on_a_bridge_the_category_says_whether_bridge_road_or_river_is_meant() -> None:
    assert lead(ask("bridge", 4, 2, "E0110")) == "桥梁所"
    assert lead(ask("bridge", 4, 2, "E0105")) == "河道所"
    assert lead(ask("bridge", 4, 2, "E0406")) == "市政处"
    assert lead(ask("bridge", 4, 2, "E0102")) == "bridge-office"


@pytest.mark.parametrize("accuracy_m", [0, 5])
def test_beside_the_bridge_a_hole_in_the_road_is_the_roads(accuracy_m: float) -> None:
    assert lead(ask("bridge", 60, 2, "E0110", accuracy_m=accuracy_m)) == "市政处"


def test_at_the_end_of_the_bridge_nobody_is_certain() -> None:
    proof = ask("bridge", 20, 0, "E0110", accuracy_m=10)
    assert proof["certainty"] != "certain"
    assert {owner["id"] for owner in proof["owners"]} == {"桥梁所", "市政处"}


def test_between_lamps_of_two_owners_the_answer_is_open_and_the_side_would_settle_it() -> None:
    proof = ask("lamps", 2, -2, "0118", accuracy_m=8)
    assert (proof["certainty"], proof["bound"], proof["asset"]["name"]) == ("ambiguous", "street", "人民路")
    assert len(proof["candidates"]) == 3
    assert proof["question"] == {
        "zh": "在哪一侧：南侧还是北侧？",
        "en": "On which side: the south or the north?",
    }


def test_among_many_assets_the_number_is_asked_for_and_no_two_are_picked_out() -> None:
    proof = ask("lamps", 2, -2, "0118", accuracy_m=150, text="南北两侧都有")
    assert proof["question"] is None or "S-" not in proof["question"]["en"]
    assert proof["certainty"] == "ambiguous"


def test_the_named_side_settles_it() -> None:
    north = ask("lamps", 2, -2, "0118", accuracy_m=8, text="人民路北侧路灯不亮")
    south = ask("lamps", 2, -2, "0118", accuracy_m=8, text="lamp out on the south side of the street")
    assert (lead(north), lead(south)) == ("路灯所", "小区物业")
    assert north["certainty"] != "ambiguous"
    assert south["certainty"] == "certain"


def test_a_code_in_the_text_settles_it_however_far_the_position() -> None:
    proof = ask("lamps", 2, -2, "0118", accuracy_m=8, text="灯杆N-09不亮")
    assert (proof["asset"]["id"], proof["certainty"], proof["asset"]["share"]) == ("N-09", "certain", 1.0)
    assert ask("lamps", 2, -2, "0118", accuracy_m=8, text="65幢N-99")["asset"]["id"] != "N-09"


def test_of_two_carriageways_the_nearer_is_likelier_and_the_street_is_asked_for() -> None:
    proof = ask("carriageways", 0, 3, "E0110", accuracy_m=10)
    assert (lead(proof), proof["certainty"]) == ("公路中心", "ambiguous")
    assert proof["question"]["zh"] == "在哪条路上：快速路北幅还是快速路南幅？"
    assert ask("carriageways", 0, 9, "E0110", accuracy_m=5)["certainty"] == "certain"
    assert lead(ask("carriageways", 0, 3, "E0110", accuracy_m=10, text="快速路南幅有坑")) == "市政处"


def test_under_a_flyover_one_is_asked_on_the_bridge_or_under_it() -> None:
    proof = ask("underpass", 2, 1, "E0406", accuracy_m=5)
    assert proof["certainty"] == "ambiguous"
    assert proof["question"]["en"] == "On the bridge (高架路) or under it (建设路)?"
    assert (
        ask("underpass", 2, 1, "E0406")["certainty"] == "ambiguous"
    )  # an exact position does not tell either
    assert ask("underpass", 40, 1, "E0406", accuracy_m=5)["certainty"] == "certain"


def test_a_boundary_river_has_bank_owners() -> None:
    left, right = ask("banks", 40, 8, "E0105", accuracy_m=5), ask("banks", 40, -8, "E0105", accuracy_m=5)
    assert (lead(left), lead(right)) == ("北街道", "南街道")
    assert (left["certainty"], left["sections"]["river"]["side"]) == ("certain", "left")
    middle = ask("banks", 40, 0, "E0105", accuracy_m=5)
    assert middle["certainty"] == "ambiguous"
    assert middle["owners"][0]["share"] == pytest.approx(0.5, abs=0.02)


def test_the_river_chief_supervises_whoever_leads() -> None:
    assert ask("banks", 40, 8, "E0105")["roles"]["supervisor"]["owner_name"] == "河长办"
    assert ask("lamps", 2, -2, "0118")["roles"] == {}


def test_a_shared_edge_is_held_by_the_cell_that_the_city_agreed_on() -> None:
    for north in (-3, 0, 3):
        for accuracy_m in (0, 5):
            proof = ask("boundary", 20, north, "E0406", accuracy_m=accuracy_m)
            assert (lead(proof), proof["certainty"], proof["tie_break"]) == (
                "boundary-south",
                "certain",
                False,
            )
    on_the_line = ask("boundary", 20, 0, "E0406")
    # The drawn boundary passes within a micrometre of there, on it or beside it.
    assert on_the_line["cell"]["code"] in ("E1", "E2")
    assert lead(ask("boundary", 20, 30, "E0102")) == "boundary-north"


@pytest.mark.parametrize("name", DRAWN)
def test_the_drawings_in_the_docs_are_of_these_answers(name: str) -> None:
    assert (DRAWINGS / f"{name}.svg").read_text(encoding="utf-8") == drawing(name)
