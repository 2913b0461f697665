"""Which section a place lies in: by metre, by side, by route; the lowest id where several could answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from layers.chainage import chainage, metres_of, sides_of
from layers.diff import diff, load_both
from layers.diff_layers import write_diff_layers
from layers.generation import load_draft, load_live
from layers.publish import publish
from layers.sections import locate_sections
from layers.tables import read_table
from tests.cities import at, bring, point
from tests.routes_city import ask, cut, owners, road_city, route
from tests.test_layers_publish import NOW

ROAD = ["人民路,0,1000,,west", "人民路,K1+000,K3+780,,east"]


# ---- words


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("K12+300", 12_300), ("k12+300.5", 12_300.5), ("12+300", 12_300), ("DK3+050", 3050), ("ZK0+000", 0),
        ("Ｋ１２＋３００", 12_300), ("12300", 12_300), ("12300.0", 12_300), (" 300 m ", 300), ("300米", 300),
        ("K12", 12_000), ("1.5km", 1500), ("12公里", 12_000), ("-5", -5), (0.0, 0), ("1e3", 1000),
    ],
)  # fmt: skip
def test_metres_as_people_write_them(text: object, metres: float) -> None:
    assert metres_of([text])[0] == metres


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        np.nan,
        "x",
        "K",
        "12+",
        "12+1300",
        "1,200",
        "12 - 15",
        "nan",
        "inf",
        "1e999",
        "1e308",
        "-1e308",
        "9" * 400,
    ],
)
def test_what_says_no_metres(text: object) -> None:
    assert np.isnan(metres_of([text])[0])


def test_sides_as_people_write_them() -> None:
    texts = ["left", " L ", "左岸", "右", "Right Bank", "双侧", "", None, np.nan, "两岸", "上游"]
    found = ["left", "left", "left", "right", "right", "both", "both", "both", "both", "both", None]
    assert sides_of(texts).tolist() == found


def test_a_metre_is_told_as_on_a_kilometre_stone() -> None:
    assert [chainage(m) for m in (0, 12_300, 1234.56, 999.96, -20)] == [
        "K0+000", "K12+300", "K1+234.6", "K1+000", "-K0+020"
    ]  # fmt: skip


# ---- places


def test_from_is_in_a_section_and_to_in_the_next_and_the_route_s_end_in_the_last(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["人民路,0,1000,,west", "人民路,1000,3779.5,,east"])
    draft = load_draft(city)
    named = draft.sections["road"].routes["人民路"]
    assert named is not None
    on = shapely.line_interpolate_point(named.route.parts[0], [0, 999.999, 1000, named.route.length_m])
    x, y = shapely.get_coordinates(on).T
    lng, lat = draft.metric.to_lnglat(x, y)
    spots = [((a - 120.8) * 100, (b - 32) * 100) for a, b in zip(lng, lat, strict=True)]
    answer = ask(draft, "road", *spots)
    assert owners(draft, "road", answer) == ["west", "west", "east", "east"]
    assert answer.both_sides.all()
    assert np.allclose(answer.offset_m, 0, atol=1e-3)


def test_before_the_start_and_behind_the_end_the_ends_answer(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ROAD)
    draft = load_draft(city)
    answer = ask(draft, "road", (-0.02, 0.5), (4.02, 0.5), (4.2, 0.5))
    assert owners(draft, "road", answer) == ["west", "east", "-"]
    assert answer.route_m[0] == 0
    assert np.isnan(answer.route_m[2]), "no road within the radius"


def test_the_left_bank_of_a_border_river_is_one_body_s_and_the_right_bank_another_s(tmp_path: Path) -> None:
    """The river runs north along the border of districts A, on its left, and B."""
    city = road_city(tmp_path / "c")
    cut(city, ["界河,0,2218,左岸,west", "界河,0,2218,右岸,east"], "river")
    draft = load_draft(city)
    answer = ask(draft, "river", (1.99, 1), (2.01, 1), (2, 1), (1.99, 2.001))
    assert owners(draft, "river", answer) == ["west", "east", "west", "west"]
    assert answer.both_sides.tolist() == [False, False, True, False]
    assert answer.offset_m[0] == pytest.approx(9.4, abs=0.1)
    assert answer.offset_m[1] == pytest.approx(-9.4, abs=0.1)
    assert answer.route_m[0] == pytest.approx(1109, abs=1)


def test_of_overlapping_sections_the_lowest_id_answers(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(
        city,
        ["s2,人民路,0,2000,b", "s1,人民路,1000,3780,a"],
        head="code,route,from_m,to_m,owner",
        code="code",
    )
    draft = load_draft(city)
    assert list(draft.sections["road"].id) == ["s1", "s2"]
    assert owners(draft, "road", ask(draft, "road", (0.5, 0.5), (1.5, 0.5), (3, 0.5))) == ["b", "a", "a"]


def test_a_gap_up_to_half_a_metre_belongs_to_the_section_before_it_a_larger_one_to_nobody(
    tmp_path: Path,
) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["人民路,0,944.8,,a", "人民路,945.2,1889,,b", "人民路,1900,3780,,c"])
    draft = load_draft(city)
    answer = ask(draft, "road", (1, 0.5), (2.005, 0.5))
    assert answer.route_m == pytest.approx([944.7, 1894.5], abs=0.5)
    assert owners(draft, "road", answer) == ["a", "-"]


def test_a_reversed_section_is_read_the_other_way_round(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["人民路,2000,0,,a"])
    draft = load_draft(city)
    assert owners(draft, "road", ask(draft, "road", (1, 0.5), (3, 0.5))) == ["a", "-"]


def test_the_asset_of_a_report_decides_the_route_else_the_nearest_does(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, [*ROAD, "青年路,0,3780,,young"])
    draft = load_draft(city)
    assert list(draft.assets["road"].id) == ["D1", "D2", "D3"]
    spot = (1.5, 1.19)
    assert owners(draft, "road", ask(draft, "road", spot)) == ["young"]
    answer = ask(draft, "road", spot, spot, spot, asset=np.array([0, 1, -1]))
    assert owners(draft, "road", answer) == ["east", "east", "young"], "D1 and D2 are one route by their name"


def test_a_section_may_name_its_route_by_id_and_then_it_is_that_piece_alone(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["D2,0,500,,a"])
    draft = load_draft(city)
    answer = ask(draft, "road", (0.3, 0.5), (2.3, 0.5))
    assert owners(draft, "road", answer) == ["-", "a"]
    assert answer.route_m[1] == pytest.approx(0.3 * 944.7, abs=1)


def test_one_answer_is_the_same_among_many(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["人民路,0,1500,left,a", "人民路,500,3780,right,b", "青年路,100,900,,c", "D2,0,500,,d"])
    draft = load_draft(city)
    random = np.random.default_rng(5)
    spots = [tuple(map(float, spot)) for spot in random.uniform([-0.1, 0.45], [4.1, 0.55], (60, 2))]
    many = ask(draft, "road", *spots)  # type: ignore[arg-type]
    assert len(set(many.position)) > 3
    for at_, spot in enumerate(spots):
        one = ask(draft, "road", spot)  # type: ignore[arg-type]
        assert one.position[0] == many.position[at_]
        assert one.route_m[0] == pytest.approx(many.route_m[at_], nan_ok=True)


def test_sections_brute_force(tmp_path: Path) -> None:
    """By GEOS alone: the nearest road, its linear reference, and every section in turn."""
    city = road_city(tmp_path / "c")
    cut(city, ["人民路,0,1500,left,a", "人民路,500,3780,right,b", "人民路,1200,2500,,c"])
    draft = load_draft(city)
    sections, line = draft.sections["road"], draft.sections["road"].routes["人民路"].route.parts[0]  # type: ignore[union-attr]
    random = np.random.default_rng(6)
    lng, lat = (np.array([at(c, r) for c, r in random.uniform([0.1, 0.46], [3.9, 0.54], (300, 2))])).T
    x, y = draft.metric.points(lng, lat)
    found = locate_sections(draft, "road", x, y, asset=np.zeros(300, dtype=np.intp))
    for i, spot in enumerate(shapely.points(x, y)):
        metre = shapely.line_locate_point(line, spot)
        foot = shapely.line_interpolate_point(line, metre)
        left = spot.y > foot.y
        fits = [
            at_
            for at_ in range(len(sections))
            if sections.from_m[at_] <= metre < sections.to_m[at_]
            and (
                sections.side[at_] == "both"
                or (sections.side[at_] == "left") == left
                or foot.distance(spot) <= 0.5
            )
        ]
        assert found.position[i] == (fits[0] if fits else -1)


@pytest.mark.parametrize("kind", ["road", "river", "nothing"])
def test_a_city_without_sections_answers_nothing(tmp_path: Path, kind: str) -> None:
    draft = load_draft(road_city(tmp_path / "c"))
    assert draft.sections == {}
    answer = ask(draft, kind, (1, 0.5))
    assert answer.position.tolist() == [-1]
    assert np.isnan(answer.route_m).all()


def test_places_that_are_not_finite_are_in_no_section(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ROAD)
    draft = load_draft(city)
    answer = locate_sections(draft, "road", [np.nan, np.inf], [0, 0], asset=np.array([0, -1]))
    assert answer.position.tolist() == [-1, -1]
    assert not answer.both_sides.any()
    assert len(locate_sections(draft, "road", [], []).position) == 0


# ---- metres of the city's own


def test_columns_start_m_and_end_m_of_the_pieces_calibrate_the_route(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    pieces = [
        route((0, 0.5), (2, 0.5), code="D1", name="人民路", start_m="K10+000", end_m="K12+000"),
        route((2, 0.5), (4, 0.5), code="D2", name="人民路", start_m="", end_m=14_000),
    ]
    cut(city, ["人民路,10000,12000,,a", "人民路,12000,14000,,b"])
    bring(city, "asset:road", pieces)
    draft = load_draft(city)
    answer = ask(draft, "road", (0.5, 0.5), (1.99, 0.5), (2.01, 0.5), (4, 0.5))
    assert answer.route_m == pytest.approx([10_500, 11_990, 12_010, 14_000], abs=0.5)
    assert owners(draft, "road", answer) == ["a", "a", "b", "b"]


def test_kilometre_stones_calibrate_piece_by_piece_and_may_run_against_the_drawing(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    stones = [
        (point(at_, 0.5005), {"code": f"M{at_}", "route": "人民路", "M": metre})
        for at_, metre in ((0, "K4+000"), (1, "3+000"), (3, "0"), (2, "9999"))
    ]
    cut(city, ["人民路,-1000,1500,left,a", "人民路,1500,4000,,b"])
    bring(city, "asset:road_mark", [*stones, (point(0, 1.9), {"code": "far", "route": "D1", "M": "1"})])
    draft = load_draft(city)
    answer = ask(draft, "road", (0.5, 0.5), (2.1, 0.499), (2.1, 0.501), (3.5, 0.501))
    assert answer.route_m == pytest.approx([3500, 1350, 1350, -472.3], abs=1)
    assert answer.offset_m[1] > 0, "south of the road is left of falling eastings"
    assert owners(draft, "road", answer) == ["b", "a", "-", "-"]
    named = draft.sections["road"].routes["人民路"]
    assert named is not None
    assert named.refused == ("far", "9999 m")


# ---- elsewhere in the city


def test_the_stretch_is_drawn_at_import_and_again_when_the_routes_change(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["人民路,0,944.7,,a", "别处路,0,500,,b"])
    drawn = read_table(city.draft, "section_road")
    assert list(drawn.columns[:7]) == ["id", "name", "route", "from_m", "to_m", "side", "owner"]
    assert drawn.geometry[0].bounds == pytest.approx((*at(0, 0.5), *at(1, 0.5)), abs=1e-5)
    assert drawn.geometry[1] is None
    bring(city, "asset:road", [route((0, 1), (4, 1), code="X", name="别处路")])
    again = read_table(city.draft, "section_road")
    assert again.geometry[0] is None
    assert again.geometry[1].bounds[1] == pytest.approx(at(0, 1)[1])
    assert load_draft(city).sections["road"].geometry[0].is_empty


def test_publishing_keeps_sections_and_diff_shows_what_becomes_of_them(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(
        city,
        ["a,人民路,0,1000,x", "b,人民路,1000,3780,y", "c,别处路,0,1,z"],
        head="code,route,from_m,to_m,owner",
    )
    publish(city, now=NOW)
    live = load_live(city)
    assert list(live.sections["road"].id) == ["a", "b", "c"]
    assert owners(live, "road", ask(live, "road", (3, 0.5))) == ["y"]
    assert not diff(*load_both(city))
    cut(city, ["a,人民路,0,1500,x", "d,人民路,1500,3780,y"], head="code,route,from_m,to_m,owner")
    (layer,) = diff(*load_both(city)).layers
    assert layer.layer == "section:road"
    assert layer.counts == {"added": 1, "removed": 2, "reshaped": 1, "renamed": 1, "attributes": 1}
    changed = layer.changes.set_index("kind")
    assert changed.loc["attributes", "before"].strip() == "to_m=1000.0"
    assert changed.loc["attributes", "after"].strip() == "to_m=1500.0"
    assert not len(layer.ground.pieces)


def test_a_section_that_loses_its_route_is_reshaped_by_no_distance(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["a,人民路,0,1000,x", "c,别处路,0,1,z"], head="code,route,from_m,to_m,owner")
    publish(city, now=NOW)
    cut(city, ["a,没有路,0,1000,x", "d,别处路,0,1,z"], head="code,route,from_m,to_m,owner")
    (layer,) = diff(*load_both(city)).layers
    assert layer.counts == {"added": 1, "removed": 1, "reshaped": 1, "renamed": 1, "attributes": 1}
    reshaped = layer.changes.set_index("kind").loc["reshaped"]
    assert np.isnan(reshaped["m"])
    assert write_diff_layers(tmp_path / "d.gpkg", diff(*load_both(city))) == []


def test_a_section_keeps_its_stretch_its_owner_and_its_other_columns(tmp_path: Path) -> None:
    city = road_city(tmp_path / "c")
    cut(city, ["人民路,0,1000,左,west,v1"], head="route,from_m,to_m,side,owner,contract")
    draft = load_draft(city)
    (sections,) = draft.sections.values()
    (row,) = zip(sections.route, sections.from_m, sections.side, sections.attributes["contract"], strict=True)
    assert row == ("人民路", 0, "left", "v1")
    assert [draft.owners[owner].name for owner in sections.owner] == ["west"]
    assert [line.geom_type for line in sections.geometry] == ["LineString"]
