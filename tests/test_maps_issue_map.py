"""The issue map in a real browser: what a reader sees, and what the file must never do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from browser import opened
from map_city import SOUTH, STEP, WEST, city, layer, report, reports
from playwright.sync_api import Browser, Page, expect
from shapely import LineString, Point

from layers.reasons import sentence
from layers.terms import term
from maps.issue_map import issue_map_html

pytestmark = pytest.mark.browser

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}${alert(3)}`'\"\u2028\u2029"
    "<a href=javascript:alert(4)>&lt;b&gt;%map%%title%\\u003c"
)


def written(folder: Path, **other: Any) -> Path:
    file = folder / "map.html"
    file.write_text(issue_map_html(**city(**other)), encoding="utf-8")
    return file


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    with opened(chromium, written(tmp_path)) as page:
        yield page


def choose(page: Page, facet: str, option: str) -> None:
    box = page.locator(f'[data-facet="{facet}"]')
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    box.get_by_label(option).click()


def classes(page: Page) -> list[str]:
    """The classes of the choropleth as the legend states them."""
    return page.locator("#classes li").all_inner_texts()


def open_first(page: Page) -> str:
    """Text of the popup that the list's first row opens."""
    page.locator(".jump").first.click()
    return page.locator(".leaflet-popup .report").inner_text()


def test_the_page_asks_no_host_for_anything_whatever_one_does(page: Page) -> None:
    """Leaving `opened` asserts it; here everything is touched once."""
    open_first(page)
    for at in range(page.locator("#legend .switch input").count()):
        page.locator("#legend .switch input").nth(at).click()
    page.locator("#legend-level").select_option("0")
    page.locator(".leaflet-control-zoom-in").click()
    page.locator("#whole-city").click()
    page.locator("#language-en").click()
    choose(page, "category", "Litter")
    page.emulate_media(media="print")
    page.emulate_media(color_scheme="dark", media="screen")


def test_language_and_title_are_declared(page: Page) -> None:
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.title() == "崇川区 issues"


def test_the_first_language_opens_the_page(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, languages=["en", "zh"])) as page:
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("#list-title").inner_text() == "List of reports"


def test_the_switch_changes_every_word_of_the_page(page: Page) -> None:
    page.locator("#language-en").click()
    page.locator("#language-en:focus").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    own = page.locator("#filters, #summary, #legend, #list-title, #list-help, #list-head, #pager")
    assert not re.search("[\u4e00-\u9fff]", " ".join(own.all_inner_texts()))


def test_the_summary_counts_what_is_shown_and_what_has_no_place(page: Page) -> None:
    assert page.locator("#summary").inner_text() == "共 12 件，显示 12 件。其中 1 件没有位置，只在列表里。"
    choose(page, "category", "垃圾")
    assert page.locator("#summary").inner_text() == "共 12 件，显示 4 件。"


def test_a_filter_changes_list_points_and_cells_together(page: Page) -> None:
    assert classes(page) == ["0 件", "1–4", "5–7"]
    choose(page, "category", "垃圾")
    assert classes(page) == ["0 件", "1–4"]
    assert page.locator("#list-body tr").count() == 4
    assert page.locator("#map-section .mark").all_inner_texts() == ["4"]


def test_the_counts_of_a_filter_answer_to_the_other_filters(page: Page) -> None:
    choose(page, "category", "垃圾")
    owners = page.locator('[data-facet="owner"] .options')
    page.locator('[data-facet="owner"] summary').click()
    assert owners.locator("li").filter(has_text="环卫所").locator(".count").inner_text() == "4"
    assert owners.locator("li").filter(has_text="路灯所").locator(".count").inner_text() == "0"


def test_cells_of_an_upper_level_count_what_lies_in_their_children(page: Page) -> None:
    page.locator("#legend-level").select_option("0")
    assert classes(page) == ["0 件", "1–4", "5–7"]
    choose(page, "status", "待处理")
    assert classes(page) == ["0 件", "1–7"]


def test_a_filter_that_matches_nothing_says_so(page: Page) -> None:
    choose(page, "category", "垃圾")
    choose(page, "status", "待处理")
    assert page.locator("#list-empty").inner_text() == "没有符合筛选条件的上报。"
    assert page.locator("#map-section .mark").count() == 0
    page.locator("#reset").click()
    assert page.locator("#list-body tr").count() == 12


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_popup_gives_the_reason_in_the_words_of_the_templates(page: Page, lang: str) -> None:
    page.locator(f"#language-{lang}").click()
    row = reports().iloc[0].to_dict()
    kind = term(lang, "street_light")
    expected = sentence(lang, row["parts"], {**row, "asset_m": 12.3, "asset_kind": kind})
    shown = open_first(page)
    assert expected in shown
    assert "南区 › 网格0-0 (G0000)" in shown


DOUBTFUL = {
    "certainty": "ambiguous",
    "owner_share": 0.623,
    "alt_owner_id": "estate-6",
    "alt_owner_name": "物业六处",
    "owner_percent": "62",
    "candidates": "L1 (62 %), L2 (1 %)",
    "question_zh": "是不是路灯的问题，还是别的东西？",
    "question_en": "Is it about the street light, or about something else?",
    "parts": ("topology.inside", "asset.open", "via.asset", "share.rival", "question"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_popup_of_a_doubtful_report_asks_its_question_once(
    chromium: Browser, tmp_path: Path, lang: str
) -> None:
    row = report(0, **DOUBTFUL)
    with opened(chromium, written(tmp_path, reports=pd.DataFrame([row]))) as page:
        page.locator(f"#language-{lang}").click()
        shown = open_first(page)
        assert shown.count(row[f"question_{lang}"]) == 1
        assert sentence(lang, ("asset.open", "via.asset", "share.rival"), row) in shown
        assert "estate-6" not in shown
        assert row[f"question_{lang}"] in page.locator("#list-body .col-why").inner_text()


def test_reports_are_filtered_by_how_sure_they_are(chromium: Browser, tmp_path: Path) -> None:
    rows = [report(0), report(1, **DOUBTFUL), report(2, certainty="", owner_id="", owner_name="")]
    with opened(chromium, written(tmp_path, reports=pd.DataFrame(rows))) as page:
        choose(page, "certainty", "不确定")
        assert page.locator("#list-body .col-number").all_inner_texts() == ["2"]
        page.locator("#language-en").click()
        assert page.locator('[data-facet="certainty"] .chosen').inner_text() == "ambiguous"


def test_an_asset_with_a_name_is_called_by_it(chromium: Browser, tmp_path: Path) -> None:
    row = report(0, asset_id="R1", asset_kind="road", asset_name="中心路", asset_m=0.0)
    with opened(chromium, written(tmp_path, reports=pd.DataFrame([row]))) as page:
        assert "道路 中心路 (R1) · 0 米" in open_first(page)


def test_list_and_popup_give_the_same_reason(page: Page) -> None:
    assert page.locator("#list-body .col-why").first.inner_text() in open_first(page)


def test_a_report_without_a_place_is_in_the_list_only(page: Page) -> None:
    last = page.locator("#list-body tr").last
    assert last.locator(".jump").count() == 0
    row = reports().iloc[-1].to_dict()
    assert sentence("zh", row["parts"], row) in last.inner_text()


def test_reports_at_one_place_are_turned_like_pages(page: Page) -> None:
    choose(page, "category", "垃圾")
    page.locator("#map-section .mark", has_text="4").click()
    popup = page.locator(".leaflet-popup .report")
    assert "此处第 1 / 4 件" in popup.inner_text()
    popup.locator(".next").click()
    expect(popup).to_contain_text("litter 8")


MOVED_AT_ONCE = """() => {
  const map = map_woodpecker, popups = () => document.querySelectorAll(".leaflet-popup").length;
  const left = map.containerPointToLatLng([300, 200]);
  map.panBy([100, 0]);
  const panned = Math.abs(map.latLngToContainerPoint(left).x - 200) < 2;
  map.stop().closePopup();
  return [panned, popups() === 0];
}"""


@pytest.mark.parametrize(("motion", "at_once"), [("reduce", True), ("no-preference", False)])
def test_the_map_moves_by_itself_only_where_the_system_allows_it(
    chromium: Browser, tmp_path: Path, motion: str, at_once: bool
) -> None:
    with opened(chromium, written(tmp_path), reduced_motion=motion) as page:
        open_first(page)
        assert page.evaluate(MOVED_AT_ONCE) == [at_once, at_once]
        expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_back_to_the_list_closes_the_popup_and_returns_to_the_row(page: Page) -> None:
    open_first(page)
    page.locator(".report .back").click()
    page.locator(".jump:focus").wait_for()
    page.locator(".leaflet-popup").wait_for(state="detached")


def test_the_map_says_what_lies_at_a_place(page: Page) -> None:
    """Also a proof that cells and layers are drawn where they are: 网格1-1 holds a part of the river."""
    at = page.evaluate("Object.values(map_woodpecker.latLngToContainerPoint([32.0195, 120.865]))")
    page.locator(".folium-map").click(position={"x": at[0], "y": at[1]})
    shown = page.locator(".leaflet-popup .report").inner_text()
    assert "北区" in shown
    assert "网格1-1" in shown
    assert "运料河 · 水务局" in shown


def test_names_of_cells_never_overlap_one_another_nor_the_reports(page: Page) -> None:
    for zoom in (-1, 1, 1):
        boxes = page.evaluate(
            "[...document.querySelectorAll('.cell-name, .mark-box')].map((e) => e.getBoundingClientRect())"
        )
        assert any(box["height"] for box in boxes)
        for at, one in enumerate(boxes):
            for other in boxes[:at]:
                assert (
                    one["right"] <= other["left"] + 1
                    or other["right"] <= one["left"] + 1
                    or one["bottom"] <= other["top"] + 1
                    or other["bottom"] <= one["top"] + 1
                )
        page.evaluate("(by) => map_woodpecker.setZoom(map_woodpecker.getZoom() + by, {animate: false})", zoom)


def test_hostile_text_stays_text_in_every_field(chromium: Browser, tmp_path: Path) -> None:
    """No element, no dialog, no request, no error: the words are shown as they were sent."""
    columns = {
        name: HOSTILE
        for name in report(0)
        if name not in ("lng", "lat", "cell_m", "asset_m", "owner_share", "parts")
    }
    row = report(0, **columns)
    cell = {"code": HOSTILE, "name": HOSTILE, "parent": HOSTILE, "owner_name": HOSTILE}
    level = layer([{**cell, "geometry": Point(row["lng"], row["lat"]).buffer(STEP)}])
    asset = {"id": HOSTILE, "code": HOSTILE, "class": HOSTILE, **cell}
    things = layer([{**asset, "geometry": Point(row["lng"], row["lat"])}])
    file = written(
        tmp_path,
        title=HOSTILE,
        note=HOSTILE,
        levels={HOSTILE: level, "__proto__": level},
        assets={HOSTILE: things, "constructor": things},
        areas={HOSTILE: level},
        reports=pd.DataFrame([row, report(1, category="__proto__", status="constructor", certainty="zh")]),
        categories={HOSTILE: (HOSTILE, HOSTILE)},
    )
    with opened(chromium, file) as page:
        open_first(page)
        for facet in ("status", "category", "owner", "certainty"):
            page.locator(f'[data-facet="{facet}"] summary').click()
        page.locator("#language-en").click()
        page.locator(".folium-map").click(position={"x": 500, "y": 300})
        foreign = "#woodpecker-data ~ img, img, a[href^='javascript'], main script, b, iframe"
        assert page.locator(foreign).count() == 0
        assert page.locator("script").count() == 4
        assert page.locator("h1").inner_text() == page.evaluate("(text) => text.trim()", HOSTILE)
        assert "49" not in page.locator("h1").inner_text()


def test_no_reports_is_said_in_words(chromium: Browser, tmp_path: Path) -> None:
    for nothing in (None, reports().iloc[:0]):
        with opened(chromium, written(tmp_path, reports=nothing)) as page:
            assert page.locator("#summary").inner_text() == "还没有任何上报。"
            assert page.locator("#list-empty").inner_text() == "还没有任何上报。"
            assert page.locator(".cell-name").count() == 9


def test_no_grid_is_said_in_words_and_the_reports_still_show(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, levels={}, assets={}, areas={})) as page:
        assert "没有网格" in page.locator("#legend").inner_text()
        assert page.locator("#map-section .mark").count() >= 2


def test_an_empty_city_opens(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, levels={}, assets={}, areas={}, reports=None)) as page:
        assert (
            page.locator("#map-empty").inner_text()
            == "还没有可以显示的内容：没有网格，没有部件，也没有上报。"
        )


def test_reports_with_a_place_and_nothing_else_open(chromium: Browser, tmp_path: Path) -> None:
    bare = reports()[["lng", "lat"]]
    with opened(chromium, written(tmp_path, reports=bare)) as page:
        assert page.locator("#list-body tr").count() == 12
        assert page.locator("th").all_inner_texts()[0].startswith("序号")
        assert "12 件不在任何网格内。" in page.locator("#legend").inner_text()


def test_a_thinned_layer_says_how_much_of_it_is_shown(chromium: Browser, tmp_path: Path) -> None:
    lamps = layer([{"id": str(n), "geometry": Point(WEST + n * 4e-6, SOUTH)} for n in range(6000)])
    with opened(chromium, written(tmp_path, assets={"street_light": lamps})) as page:
        switch = page.locator("#legend .switch", has_text="路灯")
        assert "显示 5,000 / 6,000 个 · 放大后显示" in switch.inner_text()
        page.evaluate("() => { map_woodpecker.setZoom(16, {animate: false}); }")
        assert "放大后显示" not in switch.inner_text()


def test_many_roads_with_a_square_among_them_are_still_drawn_from_afar(
    chromium: Browser, tmp_path: Path
) -> None:
    """One area, or one line among points, does not make a layer something else."""
    lines = [LineString([(WEST, SOUTH + n * 1e-5), (WEST + 0.01, SOUTH + n * 1e-5)]) for n in range(400)]
    square = [Point(WEST, SOUTH).buffer(0.001)]
    roads = layer([{"id": str(n), "class": "primary", "geometry": g} for n, g in enumerate(lines + square)])
    with opened(chromium, written(tmp_path, assets={"road": roads})) as page:
        assert "放大后显示" not in page.locator("#legend .switch", has_text="道路").inner_text()


def test_a_layer_can_be_switched_off(page: Page) -> None:
    """What is not drawn is not named at its place either."""
    page.locator("#legend .switch", has_text="水体").locator("input").uncheck()
    at = page.evaluate("Object.values(map_woodpecker.latLngToContainerPoint([32.0195, 120.865]))")
    page.locator(".folium-map").click(position={"x": at[0], "y": at[1]})
    shown = page.locator(".leaflet-popup .report").inner_text()
    assert "网格1-1" in shown
    assert "运料河" not in shown


def test_many_reports_are_drawn_as_few_circles_that_count_them_all(chromium: Browser, tmp_path: Path) -> None:
    rows = [report(n % 40, lat=SOUTH + 0.0007 * (n // 40)) for n in range(1600)]
    with opened(chromium, written(tmp_path, reports=pd.DataFrame(rows))) as page:
        marks = page.locator("#map-section .mark").all_inner_texts()
        assert len(marks) < 200
        assert sum(int(mark.replace(",", "") or 1) for mark in marks) == 1600


def test_the_list_is_paged(chromium: Browser, tmp_path: Path) -> None:
    rows = pd.DataFrame([report(n) for n in range(60)])
    with opened(chromium, written(tmp_path, reports=rows)) as page:
        page.locator('#pager [data-key="last"]').click()
        assert page.locator("#list-body tr").count() == 10
        assert page.locator("#list-range").inner_text() == "第 51–60 件，共 60 件"
        page.locator("#list-size").select_option("100")
        assert page.locator("#list-body tr").count() == 60
