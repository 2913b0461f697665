"""The report of hotspots for every reader: by keyboard, in narrow windows, in the dark, on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe import violations
from browser import opened
from hotspot_exports import cells, export, points, whole_export
from map_city import levels
from playwright.sync_api import Browser, Page, expect

from layers.exported import Export
from maps.hotspot_report import hotspot_report_html

pytestmark = pytest.mark.browser

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
SHEET_PX = 277 / 25.4 * 96  # of A4, without its margins
LONG = "很长很长的单元名称没有任何空格" * 6


def written(folder: Path, exported: Export) -> Path:
    file = folder / "report.html"
    text = hotspot_report_html(exported, languages=["zh", "en"], generated_at=AT, levels=levels())
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("report"), whole_export())


@pytest.fixture
def page(chromium: Browser, whole: Path) -> Iterator[Page]:
    # Axe is run by the page's console, which its policy allows nothing else to do.
    with opened(chromium, whole, bypass_csp=True) as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_layer_or_language(chromium: Browser, whole: Path, scheme: str) -> None:
    with opened(chromium, whole, bypass_csp=True, color_scheme=scheme) as page:
        assert violations(page) == []
        for layer in ("clusters", "density"):
            page.locator(f"input[value={layer}]").check()
            assert violations(page) == []
        page.locator("#language-en").click()
        page.locator("#list-body .jump").first.click()
        assert violations(page) == []


@pytest.mark.parametrize("width", [320, 360, 768])
def test_narrow_windows_scroll_in_one_direction_only(chromium: Browser, tmp_path: Path, width: int) -> None:
    frame = cells(points(1)).assign(cell_name=LONG, top_category="W" * 90, top_asset="W" * 90)
    file = written(tmp_path, export(frame, title=(LONG, "W" * 200), about={"W" * 60: "W" * 200}))
    with opened(chromium, file, viewport={"width": width, "height": 640}, bypass_csp=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#list-body .jump").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        popup = page.locator(".leaflet-popup").bounding_box()
        assert popup is not None
        assert popup["width"] <= width
        assert violations(page) == []


def test_at_400_percent_everything_is_there_and_can_be_reached(chromium: Browser, whole: Path) -> None:
    """As 1280 by 1024 pixels are, magnified four times."""
    with opened(chromium, whole, viewport={"width": 320, "height": 256}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        for part in ("#headline", "#map-section", "#forest svg", "#list-body .jump >> nth=0", "#about"):
            page.locator(part).scroll_into_view_if_needed()
            assert page.locator(part).is_visible()


def test_the_keyboard_reaches_everything_and_is_caught_nowhere(page: Page) -> None:
    """Skip link, languages, layers, map, legend, table: in their order, each seen, none twice."""
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("[document.activeElement].map((e) => e.id || e.className || e.value)[0]")
        seen.append(name)
        if name == "more":
            break
    assert seen[0] == "skip"
    for name in ("language-zh", "whole-city", "legend", "more"):
        assert name in seen, seen
    assert seen.index("language-zh") < seen.index("legend") < seen.index("more")
    assert seen.count("jump") == 15


def test_a_row_with_the_focus_is_marked_on_the_map(page: Page) -> None:
    marked = page.locator(".leaflet-marked-pane path")
    assert marked.count() == 0
    page.locator("#list-body .jump").nth(2).focus()
    assert marked.count() == 1
    page.locator("#whole-city").focus()
    assert marked.count() == 0


def test_classes_differ_by_more_than_colour(page: Page) -> None:
    """Stripes on cold and on new hot cells, in the legend and on the map; none is told by its hue alone."""
    shapes = page.locator("#classes svg").evaluate_all("(all) => all.map((one) => one.innerHTML)")
    without_colour = [re.sub("#[0-9a-f]{6}", "", shape) for shape in shapes]
    assert len(set(without_colour[:3])) == 3


def test_it_prints_on_one_sheet(chromium: Browser, tmp_path: Path) -> None:
    about = {f"parameter {at}": "a value of usual length" for at in range(22)}
    notes = [("一句话的说明" * 4, "A note of the length of a sentence that is not a short one.")] * 5
    exported = whole_export()
    full = export(exported.tables[0].frame, *exported.tables[1:], about=about, notes=tuple(notes))
    with opened(chromium, written(tmp_path, full)) as page:
        for lang in ("zh", "en"):
            page.locator(f"#language-{lang}").click()
            sheet = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheet)) == 1
        page.emulate_media(media="print")
        assert page.evaluate("document.querySelector('#about').getBoundingClientRect().bottom") <= SHEET_PX


def test_paper_has_the_finding_the_map_the_charts_and_the_first_rows(page: Page) -> None:
    page.emulate_media(media="print")
    drawn = page.locator(".leaflet-cells-pane svg path.leaflet-interactive")
    expect(drawn).to_have_count(400)
    for part in ("#headline", "#classes", "#forest svg", "#dumbbell svg", "#about"):
        assert page.locator(part).is_visible()
    assert page.locator("#list-body tr:visible").count() == 10
    assert page.locator("#list-paper").inner_text() == "显示 10 / 27 个"
    for part in ("#controls", "#more", "#languages", ".leaflet-control-zoom"):
        assert not page.locator(part).is_visible()
    page.emulate_media(media="screen")
    expect(drawn).to_have_count(0)
