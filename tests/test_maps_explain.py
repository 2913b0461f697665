"""The drawing and the page of an answer: true to scale, legible, the same every time, and nobody's markup."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from browser import opened
from playwright.sync_api import Browser, Page

from layers.assign import assign
from layers.generation import Generation, load_live
from layers.proof import canonical, prove
from layers.telling import error_radii
from maps.explain import explain_html, explain_svg
from tests.cities import METRIC, SOUTH, WEST, bring, create_city, words
from tests.proofs import cell, owner, proof, report

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text></svg><script>alert(1)</script><img src=x onerror=alert(2)>&\"'\x01\u2028{x}"
M_LNG, M_LAT = 1 / 94_500, 1 / 110_900  # degrees a metre, about
RULES = """
[[owner]]
id = "lamps"
name = "路灯管理所"

[[rule]]
id = "lamp"
when = { category = ["0118"], asset_kind = "street_light" }
owner = "@asset"

[[rule]]
id = "territory"
owner = "@cell"
"""


def at(east: float, north: float) -> tuple[float, float]:
    """Degrees of a place, in metres from the middle of the street."""
    return WEST + 0.01 + east * M_LNG, SOUTH + 0.01 + north * M_LAT


def ground(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    corners = [at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)]
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


def line(*places: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(at(*place)) for place in places]}


def street(folder: Path, name: str = "人民路") -> Generation:
    """A street 20 m wide with lamps on both sides, a cell on either side, and a river under a bridge."""
    city = create_city(folder, "小城", metric_crs=METRIC)
    cells = [
        (ground(-400, 0, 400, 400), {"code": "N1", "name": f"{name}北网格", "body": "north"}),
        (ground(-400, -400, 400, 0), {"code": "S1", "name": f"{name}南网格", "body": "south"}),
    ]
    bring(city, "grid:cell", cells, owner="body")
    estate = {"code": "P1", "name": f"{name}小区", "owner": "wuye"}
    bring(city, "area:property", [(ground(-100, 5, 60, 300), estate)], owner="owner")
    lamps = [
        (
            {"type": "Point", "coordinates": list(at(30 * i, side))},
            {"code": f"L{i + 5}{'NS'[side < 0]}", "owner": "lamps"},
        )
        for i in range(-5, 6)
        for side in (11, -11)
    ]
    bring(city, "asset:street_light", lamps, owner="owner")
    roads = [(line((-400, 0), (400, 0)), {"code": "D1", "name": name, "width_m": 20})]
    bring(city, "asset:road", roads)
    rivers = [(line((70, -400), (70, 400)), {"code": "R1", "name": f"{name}河", "width_m": 24})]
    bring(city, "asset:river", rivers)
    bring(city, "asset:bridge", [(ground(56, -12, 84, 12), {"code": "B1", "name": f"{name}桥"})])
    words(city, RULES)
    return load_live(city)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return street(tmp_path_factory.mktemp("street"))


def asked(generation: Generation, east: float = 4, north: float = 8, **said: Any) -> dict[str, Any]:
    lng, lat = at(east, north)
    given = {"category": ["0118"], "accuracy_m": [12.0], **said}
    return prove(assign(generation, [lng], [lat], **given))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def metres_to_pixels(root: ET.Element) -> float:
    """The scale that the bar states."""
    window = root.find(f"{SVG}svg")
    assert window is not None
    said = next(text for text in texts(window) if re.fullmatch(r"\d+ k?m", text))
    bars = [
        e.get("d", "")
        for e in window.findall(f"{SVG}path")
        if re.fullmatch(r"M12 [\d.]+v5h[\d.]+v-5", e.get("d", ""))
    ]
    length = float(re.search(r"h([\d.]+)", bars[0])[1])  # type: ignore[index]
    number, unit = said.split()
    return length / (float(number) * (1000 if unit == "km" else 1))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_one_element_that_refers_to_nothing_outside(generation: Generation, lang: Any) -> None:
    svg = explain_svg(asked(generation), generation, lang=lang)
    root = parsed(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "rect", "circle", "text", "tspan"),
    }
    assert not re.search(r"href|url\(|@import|<style|<script|\bid=", svg)
    assert svg.count("http") == 1  # the name of the language it is written in
    assert root.get("lang") == {"zh": "zh-CN", "en": "en"}[lang]


def test_circles_are_as_large_as_the_error_is(generation: Generation) -> None:
    for accuracy, level in ((12.0, 68), (12.0, 95), (80.0, 68)):
        one = asked(generation, accuracy_m=[accuracy], level=level)
        root = parsed(explain_svg(one, generation, lang="en"))
        window = root.find(f"{SVG}svg")
        assert window is not None
        drawn = [float(circle.get("r", "0")) for circle in window.findall(f"{SVG}circle")][:2]
        radii = error_radii(accuracy, level)
        assert radii is not None
        assert drawn == pytest.approx([radius * metres_to_pixels(root) for radius in radii], rel=0.02)


def test_the_larger_circle_and_every_candidate_are_in_the_window(generation: Generation) -> None:
    one = asked(generation, accuracy_m=[30.0])
    root = parsed(explain_svg(one, generation, lang="en", width=400, height=400))
    window = root.find(f"{SVG}svg")
    assert window is not None
    width, height = float(window.get("width", "0")), float(window.get("height", "0"))
    circles = [
        [float(circle.get(key, "0")) for key in ("cx", "cy", "r")]
        for circle in window.findall(f"{SVG}circle")
    ]
    assert len(circles) == 2 + len(one["candidates"])
    for x, y, r in circles:
        assert r <= x <= width - r
        assert r <= y <= height - r


def test_every_candidate_has_its_label_with_distance_and_share(generation: Generation) -> None:
    one = asked(generation, east=15, north=8, accuracy_m=[20.0])
    assert len(one["candidates"]) == 3
    said = texts(parsed(explain_svg(one, generation, lang="zh")))
    for candidate in one["candidates"]:
        label = next(text for text in said if text.startswith(f"{candidate['id']} · "))
        assert re.fullmatch(r"\w+ · [\d.]+ m · [<>]? ?\d+ %", label)


def test_the_answer_the_version_and_the_names_around_are_written(generation: Generation) -> None:
    one = asked(generation)
    said = texts(parsed(explain_svg(one, generation, lang="zh")))
    assert said[0].startswith("归 路灯管理所")
    for name in ("人民路", "人民路北网格N1", "人民路南网格S1", "物业 人民路小区", "北"):
        assert name in said, name
    assert any(text.endswith(one["generation"]["sha256"][:12]) for text in said)


def test_a_name_that_the_label_of_a_candidate_gives_is_not_written_twice(generation: Generation) -> None:
    one = asked(generation, east=70, north=0, category=["E0110"])
    said = texts(parsed(explain_svg(one, generation, lang="zh")))
    assert sum(text.startswith("人民路桥") for text in said) == 1


def test_the_same_arguments_give_the_same_bytes_and_few_of_them(
    generation: Generation, tmp_path: Path
) -> None:
    one = asked(generation)
    svg = explain_svg(one, generation, lang="zh")
    assert svg == explain_svg(json.loads(canonical(one)), street(tmp_path), lang="zh")
    assert len(svg.encode()) < 12_000


def test_coordinates_have_one_decimal_at_most(generation: Generation) -> None:
    svg = explain_svg(asked(generation), generation, lang="zh")
    drawn = re.findall(r' (?:d|x|y|cx|cy|r|width|height|transform)="([^"]*)"', svg)
    assert not [value for value in drawn if re.search(r"\.\d\d", value)]


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    generation = street(tmp_path, HOSTILE[:60])
    one = {**asked(generation, text=[HOSTILE]), "owners": [owner("x", HOSTILE, 0.9, HOSTILE)]}
    for lang in ("zh", "en"):
        root = parsed(explain_svg(one, generation, lang=lang))
        assert not [element for element in root.iter() if element.tag in (f"{SVG}script", f"{SVG}img")]
        page = explain_html(one, generation, lang)
        assert "<script" not in page
        assert "<img" not in page


NOWHERE = cell("", "", topology="none", distance_m=None)
OUTSIDE = cell("", "", topology="outside", distance_m=4000.0)
GONE = {"kind": "gone", "id": "x", "name": "", "distance_m": 1.0, "share": 0.5, "owner_id": ""}
POLYGON = "POLYGON ((120.81 32.01, 120.812 32.01, 120.812 32.012, 120.81 32.01))"
ODD = {
    "no place": proof(report=report(lng=None, lat=None), cell=NOWHERE, owners=[], certainty=""),
    "outside": proof(report=report(-3, -3), cell=OUTSIDE, owners=[], certainty=""),
    "very wrong": proof(report=report(accuracy_m=3000.0)),
    "polygon": proof(report=report(shape=POLYGON)),
    "line": proof(report=report(shape="LINESTRING (120.81 32.01, 120.812 32.01)", extent=True)),
    "points": proof(report=report(shape="MULTIPOINT ((120.81 32.01), (120.812 32.01))")),
    "no such area": proof(areas={"gone": {"code": "x", "name": "", "owner_id": ""}}),
    "no such asset": proof(candidates=[GONE]),
}


@pytest.mark.parametrize("one", ODD.values(), ids=list(ODD))
def test_whatever_is_missing_the_drawing_is_whole(generation: Generation, one: dict[str, Any]) -> None:
    for lang in ("zh", "en"):
        parsed(explain_svg(one, generation, lang=lang))
        parsed(explain_svg(one, generation, lang=lang, width=320, height=320))


def test_a_place_outside_points_to_the_nearest_cell(generation: Generation) -> None:
    lng, lat = at(0, 450)
    one = proof(
        report=report(lng=lng, lat=lat), cell=cell("", "", topology="outside", distance_m=50.0), owners=[]
    )
    assert any(
        re.fullmatch(r"最近的网格 人民路北网格 · 5\d m", text)
        for text in texts(parsed(explain_svg(one, generation, lang="zh")))
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_holds_the_story_the_shares_and_the_proof(generation: Generation, lang: Any) -> None:
    one = asked(generation)
    page = explain_html(one, generation, lang)
    assert page.count("<svg") >= 4  # two drawings with a window in each
    assert "default-src 'none'; style-src 'sha256-" in page
    assert one["generation"]["sha256"] in page
    assert "woodpecker explain --city DIR --replay F.json" in page


def boxes(page: Page) -> list[dict[str, float]]:
    """Where the labels of the drawing shown lie; upright ones, since boxes of turned ones are too large."""
    found: list[dict[str, float]] = page.evaluate(
        "[...document.querySelectorAll('figure svg svg g > text:not([transform])')]"
        ".map((e) => e.getBoundingClientRect()).filter((box) => box.width)"
        ".map(({left, right, top, bottom}) => ({left, right, top, bottom}))"
    )
    return found


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return across > 1 and down > 3  # a line's box is higher than its letters


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 1200])
def test_in_a_browser_nothing_is_asked_for_and_no_label_lies_on_another(
    chromium: Browser, generation: Generation, tmp_path: Path, lang: Any, width: int
) -> None:
    """Leaving `opened` asserts that there was no request, no error and no dialog."""
    file = tmp_path / "why.html"
    file.write_text(
        explain_html(asked(generation, east=15, accuracy_m=[20.0]), generation, lang), encoding="utf-8"
    )
    with opened(chromium, file, viewport={"width": width, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("figure > div:visible").count() == 1
        assert not [pair for pair in itertools.combinations(boxes(page), 2) if overlap(*pair)]
        inside = page.locator("figure > div:visible > svg").bounding_box()
        assert inside is not None
        for box in boxes(page):
            assert inside["x"] <= box["left"]
            assert box["right"] <= inside["x"] + inside["width"]


@pytest.mark.browser
def test_the_proof_can_be_copied_from_the_page_byte_for_byte(
    chromium: Browser, generation: Generation, tmp_path: Path
) -> None:
    one = asked(generation, text=['  a <b> & "c"\n\t中文 '])
    file = tmp_path / "why.html"
    file.write_text(explain_html(one, generation, "en"), encoding="utf-8")
    with opened(chromium, file) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.locator("details[open] pre").evaluate("e => e.textContent").encode() == canonical(one)


@pytest.mark.browser
def test_text_can_be_read_on_a_phone_and_in_the_dark(
    chromium: Browser, generation: Generation, tmp_path: Path
) -> None:
    file = tmp_path / "why.html"
    file.write_text(explain_html(asked(generation), generation, "zh"), encoding="utf-8")
    for scheme in ("light", "dark"):
        with opened(chromium, file, viewport={"width": 320, "height": 600}, color_scheme=scheme) as page:
            shown = page.locator("figure > div:visible > svg").bounding_box()
            assert shown is not None
            assert shown["width"] / 360 * 11 >= 9  # the smallest text, in pixels
            paper, ink = page.locator(".wp-explain").evaluate(
                "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
            )
            dark = sum(map(int, re.findall(r"\d+", paper))) < sum(map(int, re.findall(r"\d+", ink)))
            assert dark == (scheme == "dark")
