"""What check says of sections: gaps and overlaps on each side, metres that cannot be, routes in parts."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pytest
from click.testing import CliRunner

from api.cli import woodpecker
from layers.check import check
from layers.check_layers import write_check_layers
from layers.city import City
from layers.consequences import DOUBTFUL, NO_OWNER, consequence
from layers.findings import Finding
from layers.generation import load_draft
from layers.section_messages import CHECK_SECTION_MESSAGES
from tests.cities import bring, point
from tests.routes_city import cut, road_city, route


@pytest.fixture
def city(tmp_path: Path) -> City:
    return road_city(tmp_path / "city")


def found(city: City) -> list[Finding]:
    """What check says of sections and their routes, without the owners that nobody declared."""
    return [f for f in check(load_draft(city)) if f.code in CHECK_SECTION_MESSAGES]


def spans(findings: list[Finding], code: str) -> list[tuple[float, float, str]]:
    return [(f.detail["from_m"], f.detail["to_m"], f.detail["side"]) for f in findings if f.code == code]


def test_a_route_in_good_order_has_no_finding(city: City) -> None:
    cut(city, ["人民路,0,1000,,a", "人民路,1000.3,3780,,b"])
    cut(city, ["界河,0,1000,左,a", "界河,1000,2218,左,b", "界河,0,2218,右,c"], "river")
    assert found(city) == []


def test_a_route_without_sections_is_left_alone(city: City) -> None:
    assert found(city) == []
    cut(city, ["青年路,0,3780,,a"])
    assert found(city) == []


def test_gaps_are_listed_at_the_start_between_and_at_the_end(city: City) -> None:
    cut(city, ["人民路,100,1000,,a", "人民路,1200,3000,,b", "人民路,1500,1600,,c"])
    findings = found(city)
    assert spans(findings, "section_gap") == [(3000, 3779.8, "both"), (1000, 1200, "both"), (0, 100, "both")]
    first = findings[0]
    assert first.reason("en") == "人民路 has no section from K3+000 to K3+779.8 (779.8 m)."
    assert first.reason("zh") == "人民路 的 K3+000 至 K3+779.8 没有责任段（779.8 米）。"
    assert first.geometry is not None
    assert first.geometry.bounds[2] == pytest.approx(120.84)


def test_gaps_are_told_by_side_where_sections_have_sides(city: City) -> None:
    cut(city, ["界河,0,2218,left,a", "界河,0,1000,right,b", "界河,1500,2218,right,c"], "river")
    findings = found(city)
    assert spans(findings, "section_gap") == [(1000, 1500, "right")]
    assert "on the right" in findings[0].reason("en")
    assert "右侧" in findings[0].reason("zh")


def test_a_gap_on_both_sides_is_said_once(city: City) -> None:
    cut(city, ["界河,0,1000,left,a", "界河,0,1000,right,b", "界河,1500,2218,,c"], "river")
    assert spans(found(city), "section_gap") == [(1000, 1500, "both")]


def test_overlaps_are_listed_by_pair_and_side(city: City) -> None:
    cut(city, ["人民路,0,2000,,a", "人民路,1500,3780,,b"])
    cut(
        city,
        ["界河,0,1200,left,a", "界河,0,2218,right,b", "界河,1000,2218,left,c", "界河,2200,2218,,d"],
        "river",
    )
    findings = found(city)
    assert spans(findings, "section_overlap") == [
        (1500, 2000, "both"), (1000, 1200, "left"), (2200, 2218, "right"), (2200, 2218, "left")
    ]  # fmt: skip
    assert findings[0].value == "section-000001 section-000002"
    assert findings[0].geometry is not None


def test_what_differs_by_half_a_metre_or_less_is_no_gap_and_no_overlap(city: City) -> None:
    cut(city, ["人民路,0.4,1000,,a", "人民路,1000.5,2000,,b", "人民路,1999.5,3779.4,,c"])
    assert found(city) == []


def test_a_section_written_backwards_is_said_and_read_the_other_way_round(city: City) -> None:
    cut(city, ["人民路,1000,0,,a", "人民路,1000,3780,,b"])
    (finding,) = found(city)
    assert finding.code == "section_reversed"
    assert finding.value == "section-000001"


def test_metres_outside_the_route_are_said(city: City) -> None:
    cut(city, ["人民路,-20,1000,,a", "人民路,1000,9000,,b"])
    findings = found(city)
    assert [(f.code, f.value, f.detail["length_m"]) for f in findings] == [
        ("section_beyond", "section-000002", 5220.2), ("section_beyond", "section-000001", 20.0)
    ]  # fmt: skip
    assert "K0+000 to K3+779.8" in findings[0].reason("en")


def test_a_section_wholly_outside_the_route_leaves_it_uncovered(city: City) -> None:
    cut(city, ["人民路,5000,9000,,a"])
    findings = found(city)
    assert spans(findings, "section_gap") == [(0, 3779.8, "both")]
    assert [f.code for f in findings] == ["section_gap", "section_beyond"]


def test_sections_of_a_route_that_is_not_there_or_of_nobody_are_said_once(city: City) -> None:
    cut(city, ["人民道,0,10,,a", "人民道,10,20,,a", "青年路,0,3780,,"])
    assert [(f.code, f.value, f.count) for f in found(city)] == [
        ("section_without_owner", "section-000003", 1), ("section_no_route", "人民道", 2)
    ]  # fmt: skip


def test_a_point_asset_is_no_route(city: City) -> None:
    bring(city, "asset:road", [(point(1, 1), {"code": "P", "name": "人民路"})])
    cut(city, ["人民路,0,10,,a"])
    assert [f.code for f in found(city)] == ["section_no_route"]


def test_a_route_in_parts_says_how_far_they_lie_apart_and_counts_on(city: City) -> None:
    east, west = (route((x, 0.5), (x + 1, 0.5), code=f"D{2 - x // 2}", name="断路") for x in (2, 0))
    bring(city, "asset:road", [east, west])
    cut(city, ["断路,0,1890,,a"])
    (finding,) = found(city)
    assert (finding.code, finding.detail["parts"]) == ("route_broken", 2)
    assert finding.detail["length_m"] == pytest.approx(945, abs=1)
    assert finding.geometry is not None
    assert finding.geometry.bounds[0] == pytest.approx(120.81), (
        "the jump, from the western part to the eastern"
    )


def test_marks_that_were_not_used_are_said(city: City) -> None:
    cut(city, ["人民路,0,3780,,a"])
    stones = [
        ("人民路", 0, 0),
        ("人民路", 1, 5000),
        ("人民路", 2, 1890),
        ("人民路", 4, 3780),
        ("无名路", 1, 1),
    ]
    marks = [(point(x, 0.5), {"code": f"M{n}", "route": r, "m": m}) for n, (r, x, m) in enumerate(stones)]
    bring(city, "asset:road_mark", marks)
    assert [(f.code, f.value, f.detail["names"]) for f in found(city)] == [
        ("route_mark_unused", "无名路", "?"), ("route_mark_unused", "人民路", "5000 m")
    ]  # fmt: skip
    bring(city, "asset:road_mark", [(point(1, 0.5), {"code": "M1", "road": "人民路"})])
    assert [f.code for f in found(city)] == ["route_marks_unread"]


def test_findings_are_ranked_by_what_they_mean_and_have_both_languages_and_a_fix(city: City) -> None:
    cut(city, ["人民路,1000,100,,", "人民路,900,9000,,b", "无,0,1,,b"])
    findings = found(city)
    means = [consequence(f.code) for f in findings]
    assert means == sorted(means, key=[NO_OWNER, DOUBTFUL].index)
    assert {f.code for f in findings} == {
        "section_without_owner", "section_no_route", "section_gap", "section_overlap", "section_reversed",
        "section_beyond",
    }  # fmt: skip
    for finding in findings:
        assert finding.severity == "warning"
        assert all((finding.reason("zh"), finding.reason("en"), finding.fix("zh"), finding.fix("en")))


def test_the_places_of_findings_are_layers_to_look_at(city: City, tmp_path: Path) -> None:
    cut(city, ["人民路,1000,100,,a", "人民路,900,9000,,b"])
    draft = load_draft(city)
    written = write_check_layers(tmp_path / "check.gpkg", draft, check(draft))
    assert {"section_gap", "section_overlap", "section_reversed", "section_beyond"} <= set(written)
    assert len(pyogrio.read_dataframe(tmp_path / "check.gpkg", layer="section_gap")) == 1


def test_the_command_tells_them(city: City) -> None:
    cut(city, ["人民路,0,1000,,a"])
    result = CliRunner().invoke(woodpecker, ["check", "--city", str(city.folder)])
    assert result.exit_code == 1
    assert "人民路 has no section from K1+000 to K3+779.8 (2,779.8 m)." in result.output
