"""The story of an answer: everything that was decided is said, in words, in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from layers.generation import Generation
from layers.telling import error_radii, metres, percent, tell
from layers.telling_messages import TELLING
from tests.proofs import asset, bound, cell, full, owner, proof, report

LANGS = ("zh", "en")


def story(told: list[str]) -> str:
    return " ".join(told)


def test_both_languages_have_the_same_templates_with_the_same_facts() -> None:
    assert TELLING["zh"].keys() == TELLING["en"].keys()
    for key in TELLING["zh"]:
        facts = [
            {name for _, name, _, _ in string.Formatter().parse(TELLING[lang][key]) if name} for lang in LANGS
        ]
        assert facts[0] == facts[1], key


def test_everything_decided_is_said(generation: Generation) -> None:
    said = story(tell(full(), "zh", generation))
    for word in (
        *(
            "路灯（0118）",
            "2026-07-01 08:00",
            "这盏灯不亮",
            "20 米",
            "32 米",
            "格00",
            "西区",
            "怡居小区",
            "wuye",
        ),
        *("L0", "4.2 米", "71 %", "运料河", "长江路", "120 米", "左侧", "东段", "路灯管理所", "lamp"),
        *("0.8 %", "body-00", "28 %", "不到 1 %", "是灯坏了，还是路面坏了？", "园林处", "河长", "0001"),
    ):
        assert word in said, word


def test_english_has_english_words_and_names_in_the_citys_language(generation: Generation) -> None:
    told = tell(full(), "en", generation)
    assert "It is on 长江路 at metre 120, on the left, on the stretch 东段." in told
    assert "So it belongs to 路灯管理所, by the rule “lamp”: whoever owns the asset answers." in told
    assert "One question would settle it: Is it the lamp or the road?" in told
    frame = re.sub(r"[\u4e00-\u9fff]+", "", story(told))
    assert not re.search("[\u3000-\u303f\uff00-\uffef]", frame)


@pytest.mark.parametrize("lang", LANGS)
def test_no_placeholder_and_no_none_is_left(generation: Generation, lang: str) -> None:
    for one in (
        full(),
        proof(),
        proof(asset=bound(share=None), candidates=[asset(share=None, distance_m=None)]),
    ):
        for told in (tell(one, lang, generation), tell(one, lang)):
            assert not re.search(r"[{}]|None|nan", story(told))
            assert all(line.strip() for line in told)


def test_codes_stand_for_names_where_no_generation_lends_them() -> None:
    said = story(tell(full(), "en"))
    assert "A problem was reported: 0118." in said
    assert "2026-07-01 00:00 (UTC)" in said
    assert "part of A" in said


def test_a_report_without_a_place_has_no_cell_and_no_assets() -> None:
    lost = proof(report=report(lng=None, lat=None), cell=cell("", "", topology="none", distance_m=None),
                 owners=[], certainty="")  # fmt: skip
    assert tell(lost, "en") == [
        "A problem was reported, without a category.",
        "There is no usable position, so no cell can be named.",
        "No rule says whose it is.",
        "All this rests on version 0001 of the city's data.",
    ]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (cell(), "It lies in 格00 (A00), part of A."),
        (cell(topology="edge", tied=["A00", "A01"]), "exactly on the shared border of A00; A01"),
        (cell(topology="overlap", tied=["A00", "A01"]), "It lies in A00; A01 at once"),
        (cell(topology="gap", distance_m=3.04), "counts as the nearest, 格00 (A00), part of A, 3.0 m away"),
        (cell(topology="gap", distance_m=80.0), "A gap that large may be another jurisdiction's ground."),
        (
            cell(topology="outside", distance_m=12.0),
            "It lies 12 m outside every cell, no farther than its error",
        ),
        (cell("", "", topology="outside", distance_m=1234.0), "outside every cell, 1.2 km from the nearest."),
        (cell("", "", topology="outside", distance_m=None), "It lies outside every cell."),
    ],
)
def test_each_way_to_lie_to_the_cells_has_its_words(where: dict[str, object], said: str) -> None:
    assert said in story(tell(proof(cell=where), "en"))
    assert tell(proof(cell=where), "zh")


@pytest.mark.parametrize(
    ("certainty", "share", "accuracy", "said"),
    [
        ("certain", 1.0, 0.0, "If the position is right, that is certain."),
        ("certain", 1.0, 20.0, "That is certain: wherever within its error the problem really is"),
        ("certain", 0.97, 20.0, "That is certain: it holds for 97 % of where"),
        ("certain", 0.9999, 20.0, "That is certain: it holds for more than 99 % of where"),
        ("likely", 0.85, 20.0, "That is likely: it holds for 85 % of where"),
        ("ambiguous", 0.4, 20.0, "That is not settled: it holds for 40 % of where"),
        ("ambiguous", 1.0, 0.0, "That is not settled."),
        ("", None, 0.0, "How sure that is cannot be said."),
    ],
)
def test_how_sure_it_is_has_its_words(
    certainty: str, share: float | None, accuracy: float, said: str
) -> None:
    one = proof(report=report(accuracy_m=accuracy), owners=[owner("a", "A", share, "r")], certainty=certainty)
    assert said in story(tell(one, "en"))


def test_the_error_of_a_share_is_said_where_there_is_one() -> None:
    one = proof(owners=[owner("a", "A", 0.9, "r")], certainty="likely", share_error=0.015)
    assert "90 % of where the problem may really be, give or take 1.5 %." in story(tell(one, "en"))
    assert "give or take" not in story(tell({**one, "share_error": 0.0}, "en"))


def test_an_asset_settled_on_comes_before_those_considered() -> None:
    one = proof(
        asset=bound(share=0.9), candidates=[asset(share=0.9), asset("L1", share=0.1, distance_m=22.0)]
    )
    said = tell(one, "en")
    settled = next(
        line for line in said if line.startswith("It concerns the street light L0; it is 4.2 m away")
    )
    assert settled.endswith(", and with the error of the position it is this one 90 % of the time.")
    assert "Also considered: street light L1 (22 m, 10 %)." in said


def test_a_street_that_all_candidates_share_is_named() -> None:
    """Candidates without a share are not on it, or need not be."""
    street = bound(id_="D1", kind="road", name="人民路", distance_m=0.0, share=0.97)
    piece = asset("D1", kind="road", name="人民路", distance_m=0.0, share=0.6)
    one = proof(
        asset=street, bound="street", candidates=[piece, asset("L1", share=0.37), asset("L2", share=0.0)]
    )
    assert "but all are on 人民路: road 人民路 (D1) (0 m, 60 %); street light L1 (4.2 m, 37 %)." in story(
        tell(one, "en")
    )
    assert "都在「人民路」上" in story(tell(one, "zh"))
    assert "the same stretch of 人民路" in story(tell({**one, "bound": "section"}, "en"))


@pytest.mark.parametrize(
    ("shape", "extent", "said"),
    [
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", False, "but as an area: the problem is somewhere in it."),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", True, "but as an area: the problem is all over it."),
        ("LINESTRING (0 0, 1 1)", False, "but as a line: the problem is somewhere on it."),
        ("LINESTRING (0 0, 1 1)", True, "but as a line: the problem is all along it."),
    ],
)
def test_a_line_or_an_area_is_told_from_a_point(shape: str, extent: bool, said: str) -> None:
    told = story(tell(proof(report=report(shape=shape, extent=extent)), "en"))
    assert said in told
    assert "taken as exact" not in told


def test_the_way_of_every_rule_is_known(generation: Generation) -> None:
    ways = {
        "lamp": "whoever owns the asset answers",
        "property": "whoever looks after that area (property management) answers",
        "west-noise": "it answers for all problems of that kind",
        "territory": "whoever holds that ground answers",
    }
    for rule, way in ways.items():
        one = proof(owners=[owner("lamps", "路灯管理所", 1.0, rule)])
        assert way in story(tell(one, "en", generation))
    assert "by the rule “gone”." in story(
        tell(proof(owners=[owner("a", "A", 1.0, "gone")]), "en", generation)
    )


def test_what_a_reporter_writes_cannot_end_a_line_or_fill_the_page() -> None:
    hostile = "a\nb\x1b[31m\u202e" + "x" * 5000
    said = tell(proof(report=report(text=hostile)), "en")
    assert all(line.isprintable() for line in said)
    assert max(map(len, said)) < 300


def test_levels_of_accuracy_mean_what_the_rayleigh_distribution_says() -> None:
    assert error_radii(20, 68) == pytest.approx((20.0, 32.43), abs=0.01)
    assert error_radii(20, 95) == pytest.approx((12.33, 20.0), abs=0.01)
    assert error_radii(0, 68) is None
    assert error_radii(None, None) is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0 m"),
        (0.04, "0 m"),
        (4.24, "4.2 m"),
        (9.96, "10 m"),
        (35.4, "35 m"),
        (999.6, "1.0 km"),
        (1290, "1.3 km"),
    ],
)
def test_distances_are_as_fine_as_people_say_them(value: float, said: str) -> None:
    assert metres(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0 %"), (1e-6, "< 1 %"), (0.01, "1 %"), (0.714, "71 %"), (0.9951, "> 99 %"), (1.0, "100 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, said: str) -> None:
    assert percent(share) == said


def test_a_draft_says_that_it_was_not_published(tmp_path: Path) -> None:
    draft = proof(generation={"id": "draft", "sha256": ""})
    assert tell(draft, "en")[-1] == "All this rests on the draft, which was not published."
