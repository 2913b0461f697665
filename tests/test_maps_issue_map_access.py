"""The issue map for every reader: by keyboard, in narrow windows, with enough contrast, on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import opened
from map_city import city, reports
from playwright.sync_api import Browser, Page

from maps.issue_map import issue_map_html

pytestmark = pytest.mark.browser


def written(folder: Path, **other: Any) -> Path:
    file = folder / "map.html"
    file.write_text(issue_map_html(**city(**other)), encoding="utf-8")
    return file


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    with opened(chromium, written(tmp_path)) as page:
        yield page


def test_the_keyboard_alone_leads_from_skip_link_to_filter_list_map_and_back(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator('[data-facet="category"] summary').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("#list-body tr").count() == 8
    assert page.evaluate("document.activeElement.type") == "checkbox"
    page.keyboard.press("Escape")
    assert page.locator(".facet[open]").count() == 0
    page.locator('[data-column="text"]').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("th.col-text").get_attribute("aria-sort") == "descending"
    page.locator(".jump").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('.leaflet-popup') !== null")
    page.keyboard.press("Escape")
    page.locator(".jump:focus").wait_for()


def test_the_map_is_no_trap_for_the_keyboard(page: Page) -> None:
    """One stop for the map, its buttons, and none for any report."""
    page.locator("#map-section .folium-map").focus()
    stops = page.evaluate("[...document.querySelectorAll('#map-section [tabindex=\"0\"]')].length")
    assert stops == 1
    for _ in range(4):
        page.keyboard.press("Tab")
    assert not page.evaluate("document.querySelector('#map-section').contains(document.activeElement)")


def test_every_control_has_a_name_and_every_id_is_unique(page: Page) -> None:
    nameless = page.evaluate(
        """[...document.querySelectorAll('button, a[href], input, select, summary')].filter((e) => !(
            e.getAttribute('aria-label') || e.innerText?.trim() || e.labels?.[0]?.textContent.trim()
            || e.textContent.trim() || e.title)).map((e) => e.outerHTML)"""
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


TEXTS = (
    "h1, h2, h3, p, th, td, button:not([disabled]), summary, summary span, label, li, small, dt,"
    " .mark-cluster, .leaflet-bar a:not(.leaflet-disabled)"
)
# The colour of every text that shows, and of the first ground behind it that is not transparent.
PAIRS = """(texts) => [...document.querySelectorAll(texts)].filter((e) => e.innerText?.trim()).map((e) => {
    let ground = e;
    while (ground.parentElement && /, 0\\)$/.test(getComputedStyle(ground).backgroundColor)) {
        ground = ground.parentElement;
    }
    return [getComputedStyle(e).color, getComputedStyle(ground).backgroundColor, e.innerText];
})"""


def _luminance(colour: str) -> float:
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(chromium: Browser, tmp_path: Path, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG AA) for every text of the page outside disabled controls."""
    with opened(chromium, written(tmp_path), color_scheme=scheme) as page:
        pairs = page.evaluate(PAIRS, TEXTS)
    assert len(pairs) > 50
    for ink, ground, text in pairs:
        low, high = sorted((_luminance(ink), _luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ink, ground)


@pytest.mark.parametrize("width", [320, 360, 390, 768])
def test_narrow_windows_scroll_in_one_direction_only(chromium: Browser, tmp_path: Path, width: int) -> None:
    long = reports().assign(text="x" * 300, owner_name="很长的责任单位名称" * 20)
    file = written(tmp_path, title="W" * 200, reports=long)
    with opened(chromium, file, viewport={"width": width, "height": 640}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator(".jump").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


ON_PAPER = """() => {
    const map = map_woodpecker;
    matchMedia("print").addEventListener("change", ({ matches }) => (window.printed ??= []).push([
        matches, map.getBounds().contains([[32.0, 120.85], [32.03, 120.88]]),
        map.getSize().x - map.getContainer().clientWidth, map.getSize().y - map.getContainer().clientHeight,
        map.getSize().x]));
}"""


def test_on_paper_and_after_it_the_whole_city_stays_in_view(page: Page, tmp_path: Path) -> None:
    """The sheet has another shape than the window."""
    wide = page.evaluate("map_woodpecker.getSize().x")
    page.evaluate(ON_PAPER)
    page.pdf(path=tmp_path / "map.pdf")
    page.wait_for_function("window.printed?.length === 2")
    (paper, *on_paper, narrow), (again, *after, back) = page.evaluate("printed")
    assert (paper, on_paper) == (True, [True, 0, 0])
    assert (again, after) == (False, [True, 0, 0])
    assert narrow < wide == back


def test_print_leaves_out_what_cannot_be_used_on_paper(page: Page) -> None:
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert page.locator("#legend").is_visible()
    assert page.locator("#list-body tr").first.is_visible()
