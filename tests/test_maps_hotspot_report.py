"""The report of hotspots in a real browser: what a planner reads, and what the file must never do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from browser import opened
from hotspot_exports import cells, export, points, whole_export
from playwright.sync_api import Browser, Page
from shapely import LineString

from layers.exported import Export
from maps.hotspot_report import hotspot_report_html

pytestmark = pytest.mark.browser

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
CATEGORIES = {"0118": ("路灯不亮", "Street light out"), "0203": ("垃圾", "Litter")}
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}${alert(3)}`'\"\u2028\u2029"
    "<a href=javascript:alert(4)>&lt;b&gt;%map%%title%\\u003c"
)


def written(folder: Path, exported: Export, **other: Any) -> Path:
    given = {"languages": ["zh", "en"], "generated_at": AT, "categories": CATEGORIES, **other}
    file = folder / "report.html"
    file.write_text(hotspot_report_html(exported, **given), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("report"), whole_export(), note="generation 0001")


@pytest.fixture
def page(chromium: Browser, whole: Path) -> Iterator[Page]:
    with opened(chromium, whole) as page:
        yield page


def few(**columns: Any) -> gpd.GeoDataFrame:
    """Three cells, of which the first is hot."""
    frame = cells(points(1)).iloc[:3].reset_index(drop=True)
    frame["class"] = ["hot", "not significant", "excluded"]
    return frame.assign(**columns)


def named(page: Page, column: str) -> list[str]:
    return page.locator(f"#list-body .col-{column}").all_inner_texts()


def test_the_page_asks_no_host_for_anything_whatever_one_does(page: Page) -> None:
    """Leaving `opened` asserts it; here everything is touched once."""
    page.locator("#list-body .jump").first.click()
    for layer in ("clusters", "density", "hotspots"):
        page.locator(f"input[value={layer}]").check()
    page.locator("#more").click()
    page.locator(".leaflet-control-zoom-in").click()
    page.locator("#whole-city").click()
    page.locator("#language-en").click()
    page.emulate_media(media="print")
    page.emulate_media(color_scheme="dark", media="screen")


def test_the_headline_says_how_many_stand_out_and_which_most(page: Page) -> None:
    frame = whole_export().tables[0].frame
    hot = frame[frame["class"] == "hot"].sort_values("rr_low", ascending=False)
    cold = int((frame["class"] == "cold").sum())
    page.locator("#language-en").click()
    said = page.locator("#headline").inner_text()
    assert said.startswith(f"{len(hot)} of 400 cells stand out as hot, {cold} as cold.")
    first = hot.iloc[0]
    risk = f"{first['relative_risk']:.1f} ({first['rr_low']:.1f}–{first['rr_high']:.1f})"
    assert f"Strongest: {first['cell_code']}, relative risk {risk}, q < 0.001." in said
    page.locator("#language-zh").click()
    assert page.locator("#headline").inner_text().startswith(f"400 个单元中，{len(hot)} 个是热点，{cold} 个")


def test_language_and_title_are_declared_and_follow_the_switch(page: Page) -> None:
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.title() == page.locator("h1").inner_text() == "垃圾上报热点"
    page.locator("#language-en").click()
    page.locator("#language-en:focus").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == page.locator("h1").inner_text() == "Hotspots of litter"
    own = page.locator("main").inner_text()
    assert not re.search("[\u4e00-\u9fff]", own)


def test_the_first_language_opens_the_page(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, export(few()), languages=["en", "zh"])) as page:
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.title() == "Hotspots of litter"


def test_the_list_is_sorted_by_the_lower_limit_and_then_by_any_column(page: Page) -> None:
    frame = whole_export().tables[0].frame
    hot = frame[frame["class"] == "hot"].round(6).sort_values(["rr_low", "z"], ascending=False, kind="stable")
    assert named(page, "cell") == hot["cell_code"].tolist()[:15]
    page.locator('[data-column="observed"]').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator('[data-column="observed"]:focus').wait_for()
    assert page.locator("th.col-observed").get_attribute("aria-sort") == "descending"
    shown = [int(text) for text in named(page, "observed")]
    assert shown == sorted(shown, reverse=True)


def test_a_name_in_the_list_shows_its_facts_on_the_map_and_gives_the_focus_back(page: Page) -> None:
    frame = whole_export().tables[0].frame
    page.locator("#language-en").click()
    code = named(page, "cell")[0]
    row = frame[frame["cell_code"] == code].iloc[0]
    page.locator("#list-body .jump").first.focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup .report").inner_text()
    for fact in (code, "Hot", f"{row['observed']:.0f}", f"{row['expected']:.1f}", "street light L17"):
        assert fact in popup
    assert "Street light out" in popup
    at = [row.geometry.centroid.y, row.geometry.centroid.x]
    assert page.evaluate("(at) => map_woodpecker.getBounds().contains(at)", at)
    page.keyboard.press("Escape")
    page.locator(".jump:focus").wait_for()


def test_the_pointer_is_told_what_lies_below_it(page: Page) -> None:
    frame = whole_export().tables[0].frame
    cold = frame[frame["class"] == "cold"].iloc[0].geometry.centroid
    at = page.evaluate("(at) => Object.values(map_woodpecker.latLngToContainerPoint(at))", [cold.y, cold.x])
    page.locator(".folium-map").hover(position={"x": at[0], "y": at[1]})
    assert "冷点" in page.locator(".leaflet-tooltip").inner_text()


def test_layers_are_switched_and_the_density_says_that_it_tests_nothing(page: Page) -> None:
    page.locator("#language-en").click()
    page.locator("input[value=clusters]").check()
    assert "Cluster 2: Relative risk ∞, p = 0.32" in page.locator("#legend").inner_text()
    assert not page.locator("#picture-note").is_visible()
    page.locator("[data-cluster]").first.click()
    assert "612 m" in page.locator(".leaflet-popup .report").inner_text()
    page.keyboard.press("Escape")
    page.locator("[data-cluster]:focus").wait_for()
    page.locator("input[value=density]").check()
    assert page.locator("#picture-note").inner_text() == "A picture, not a test"
    assert page.locator("#legend .key li").count() == 5
    page.locator("#language-zh").click()
    assert page.locator("#picture-note").inner_text() == "示意图，不是检验"


def test_without_other_tables_there_is_nothing_to_switch(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, export(few()))) as page:
        assert not page.locator("#layers").is_visible()
        assert not page.locator("#category-choice").is_visible()


def test_a_category_is_chosen_for_everything_at_once(chromium: Browser, tmp_path: Path) -> None:
    frame = pd.concat([cells(points(1), category="0118"), cells(points(5, hot=0), category="0203")])
    frame["category_name"] = ["the city's word"] * len(frame)
    with opened(chromium, written(tmp_path, export(frame))) as page:
        options = page.locator("#category option").all_inner_texts()
        assert options[0].startswith("路灯不亮（")
        assert options[1] == "垃圾（0 个热点）"
        before = page.locator("#headline").inner_text()
        assert before.startswith("路灯不亮：400 个单元中")
        page.locator("#category").select_option("0203")
        said = page.locator("#headline").inner_text()
        assert said != before
        hot = int((frame[frame["category"] == "0203"]["class"] == "hot").sum())
        assert hot == 0
        assert "没有" in said
        assert page.locator("#forest svg").count() == 0


def test_no_hotspot_is_said_in_words(chromium: Browser, tmp_path: Path) -> None:
    frame = few(**{"class": "not significant"})
    with opened(chromium, written(tmp_path, export(frame), languages=["en"])) as page:
        assert page.locator("#headline").inner_text() == "None of 3 cells stands out from chance."
        assert page.locator("#list-empty").inner_text().startswith("No cell stands out from chance")
        assert not page.locator("#list").is_visible()
        assert page.locator("#languages button").count() == 0


def test_an_export_without_rows_opens(chromium: Browser, tmp_path: Path) -> None:
    for empty in (export(few().iloc[:0]), Export(("空", "Empty"), ())):
        with opened(chromium, written(tmp_path, empty)) as page:
            assert page.locator("#headline").inner_text() == "没有可以检验的单元。"
            assert page.locator("#map-empty").inner_text() == "没有可以检验的单元。"


def test_infinite_and_unknown_numbers_are_signs(chromium: Browser, tmp_path: Path) -> None:
    odd = {"relative_risk": [np.inf, np.nan, 1.0], "rr_low": [3.0, np.nan, 0], "rr_high": [np.inf, np.nan, 2]}
    frame = few(**odd, expected=[0.0, np.nan, 1], observed=[4.0, np.nan, 1], q=[1e-9, np.nan, np.nan])
    frame["class"] = ["hot", "hot", "cold"]
    with opened(chromium, written(tmp_path, export(frame), languages=["en"])) as page:
        assert named(page, "risk") == ["∞ (3.0–∞)", "—", "1.0 (0–2.0)"]
        assert named(page, "q") == ["< 0.001", "—", "—"]
        assert "relative risk ∞ (3.0–∞), q < 0.001" in page.locator("#headline").inner_text()
        assert page.locator("#forest path").count() == 1
        for column in ("risk", "expected", "q", "conclusion"):
            page.locator(f'[data-column="{column}"]').click()
        assert "NaN" not in page.locator("main").inner_text()
        assert "NaN" not in page.locator("main").inner_html()


def test_bare_columns_are_enough(chromium: Browser, tmp_path: Path) -> None:
    bare = few()[["cell_code", "class", "geometry"]]
    with opened(chromium, written(tmp_path, export(bare), languages=["en"])) as page:
        assert page.locator("#headline").inner_text().startswith("1 of 2 cells stand out as hot.")
        assert page.locator("#list-head th").count() == 3


def test_roads_are_drawn_as_lines(chromium: Browser, tmp_path: Path) -> None:
    lines = [LineString([(121, 32 + at / 500), (121.01, 32 + at / 500)]) for at in range(3)]
    frame = few().set_geometry(lines, crs="EPSG:4326")
    with opened(chromium, written(tmp_path, export(frame))) as page:
        at = page.evaluate("Object.values(map_woodpecker.latLngToContainerPoint([32, 121.005]))")
        page.locator(".folium-map").click(position={"x": at[0], "y": at[1]})
        assert "热点" in page.locator(".leaflet-popup .report").inner_text()


def test_hostile_text_stays_text_in_every_field(chromium: Browser, tmp_path: Path) -> None:
    """No element, no dialog, no request, no error: the words are shown as they were sent."""
    texts = (
        "category",
        "cell_code",
        "cell_name",
        "top_category",
        "top_asset",
        "top_asset_kind",
        "change_class",
    )
    frame = few(**dict.fromkeys((*texts, "category_name", "recent_class", "trend_class"), HOSTILE))
    second = few(category="__proto__", category_name="constructor")
    odd = export(
        pd.concat([frame, second]),
        title=(HOSTILE, HOSTILE),
        about={HOSTILE: HOSTILE, "__proto__": "x"},
        notes=((HOSTILE, HOSTILE),),
    )
    with opened(chromium, written(tmp_path, odd, note=HOSTILE, categories={HOSTILE: (HOSTILE, "")})) as page:
        page.locator("#list-body .jump").first.click()
        page.locator("#language-en").click()
        page.locator("#category").select_option("__proto__")
        assert page.locator("img, a[href^='javascript'], main script, b, iframe").count() == 0
        assert page.locator("script").count() == 4
        assert page.locator("h1").inner_text() == page.evaluate("(text) => text.trim()", HOSTILE)
        assert page.evaluate("document.title").startswith("</script>")


def test_many_cells_are_drawn_as_an_outline_and_those_that_stand_out(
    chromium: Browser, tmp_path: Path
) -> None:
    frame = cells(points(1, side=80, noise=2_000, hot=900), side=80)
    with opened(chromium, written(tmp_path, export(frame), languages=["en"])) as page:
        assert "Too many cells" in page.locator("#legend").inner_text()
        assert "of 6,400 cells stand out as hot" in page.locator("#headline").inner_text()
        colours = page.evaluate(
            """() => { const canvas = document.querySelector('.leaflet-cells-pane canvas');
            const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            const found = new Set(); for (let at = 0; at < all.length; at += 4)
                if (all[at + 3] > 150) found.add(`${all[at]},${all[at + 1]},${all[at + 2]}`);
            return found.size; }"""
        )
        assert colours > 2


def test_the_charts_draw_what_the_list_says(page: Page) -> None:
    assert page.locator("#forest rect").count() == 15
    assert page.locator("#forest .value").all_text_contents() == named(page, "risk")
    assert page.locator("#dumbbell circle").count() == 30
    label = page.locator("#forest svg").get_attribute("aria-label")
    assert label is not None
    assert named(page, "cell")[0] in label
