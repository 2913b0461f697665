"""Hotspots as a layer of the issue map: told, switched off, found by keyboard; none where none were given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from axe import violations
from browser import opened
from geopandas import GeoDataFrame
from hotspot_exports import ABOUT, NOTES, cells, export, points
from map_city import SOUTH, STEP, WEST, city
from playwright.sync_api import Browser, Page, expect

from maps.issue_map import issue_map_html

pytestmark = pytest.mark.browser
HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}"


def over_the_city(frame: GeoDataFrame) -> GeoDataFrame:
    """The same cells, moved and scaled onto the small city."""
    west, south, east, north = frame.total_bounds
    corner, size = (west, south), (east - west, north - south)
    moved = shapely.transform(
        frame.geometry.to_numpy(), lambda xy: (xy - corner) / size * (3 * STEP) + (WEST, SOUTH)
    )
    return frame.set_geometry(list(moved), crs="EPSG:4326")


def written(folder: Path, frame: GeoDataFrame, **fields: Any) -> Path:
    file = folder / "map.html"
    file.write_text(issue_map_html(**city(hotspots=export(over_the_city(frame), **fields))), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def map_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("map"), cells(points(1)))


@pytest.fixture
def page(chromium: Browser, map_file: Path) -> Iterator[Page]:
    with opened(chromium, map_file, bypass_csp=True) as page:
        yield page


def at(page: Page, row: pd.Series) -> dict[str, float]:
    """Where the middle of a cell is on the map."""
    centre = over_the_city(cells(points(1))).geometry.loc[row.name].centroid
    place = page.evaluate(
        "(at) => Object.values(map_woodpecker.latLngToContainerPoint(at))", [centre.y, centre.x]
    )
    return {"x": place[0], "y": place[1]}


def test_the_legend_counts_the_classes_and_says_what_they_were_held_against(page: Page) -> None:
    frame = cells(points(1))
    counts = page.locator("#spot-classes .count").all_inner_texts()
    assert sum(int(count) for count in counts[:2]) == int((frame["class"] == "hot").sum())
    said = page.locator("#legend").inner_text()
    assert "基数 无" in said
    assert "2026-01-01" in said
    page.locator("#language-en").click()
    assert "Show hotspots" in page.locator("#legend").inner_text()


def test_what_one_must_know_unfolds_in_both_languages_and_stays_so(page: Page) -> None:
    said = page.locator("#legend")
    zh, en = zip(*NOTES, strict=True)
    assert zh[0] not in said.inner_text()
    page.locator("#legend-spot-notes").focus()
    page.keyboard.press("Enter")
    assert all(note in said.inner_text() for note in zh)
    page.locator("#language-en").click()
    assert all(note in said.inner_text() for note in en)
    page.locator("#legend-spot-notes").focus()
    page.evaluate("void map_woodpecker.zoomIn(1, { animate: false })")
    page.locator("#legend-spot-notes:focus").wait_for()
    assert en[0] in said.inner_text()


def test_the_window_is_in_days_where_it_is_of_days_else_in_minutes(chromium: Browser, tmp_path: Path) -> None:
    about = {"since": "2026-01-01T00:00:00+08:00", "until_before": "2026-06-30T14:05:00.000001+08:00"}
    file = written(tmp_path, cells(points(1)), about=ABOUT | about)
    with opened(chromium, file) as page:
        said = page.locator("#legend").inner_text()
        assert "自 2026-01-01 · 止于（不含） 2026-06-30 14:05+08:00." in said


def test_without_notes_nothing_unfolds(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, cells(points(1)), notes=())) as page:
        assert page.locator("#legend-spot-notes").count() == 0


def test_a_click_on_a_hot_cell_tells_its_facts_and_what_else_is_there(page: Page) -> None:
    frame = cells(points(1))
    hot = frame[frame["class"] == "hot"].iloc[0]
    page.locator(".folium-map").click(position=at(page, hot))
    said = page.locator(".leaflet-popup").inner_text()
    for fact in (hot["cell_code"], "热点", f"{hot['observed']:.0f}", "相对风险", "此处"):
        assert fact in said, fact


def test_switched_off_it_is_neither_drawn_nor_told(page: Page) -> None:
    frame = cells(points(1))
    hot = frame[frame["class"] == "hot"].iloc[0]
    page.locator("#legend-spots").uncheck()
    page.locator(".folium-map").click(position=at(page, hot))
    assert hot["cell_code"] not in page.locator(".leaflet-popup").inner_text()
    assert page.locator("#spot-classes").count() == 0
    page.emulate_media(media="print")
    expect(page.locator(".leaflet-spots-pane svg path")).to_have_count(0)


def test_the_strongest_are_reached_by_keyboard_and_give_the_focus_back(page: Page) -> None:
    page.locator("#legend-spot-strongest").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.id")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('.leaflet-popup') !== null")
    page.keyboard.press("Escape")
    page.locator(f"#{first}:focus").wait_for()


def test_axe_finds_nothing(page: Page) -> None:
    page.locator("#legend-spot-notes").click()
    page.locator("#legend-spot-strongest").click()
    for lang in ("zh", "en"):
        page.locator(f"#language-{lang}").click()
        assert violations(page) == []


def test_names_stay_text(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, cells(points(1)).assign(cell_name=HOSTILE))) as page:
        page.locator("#legend-spot-strongest").click()
        page.locator("details.spots li button").first.click()
        assert HOSTILE in page.locator(".leaflet-popup").inner_text()
        assert page.locator("img").count() == 0


def test_hotspots_of_reports_that_are_not_on_the_page_deny_none(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    said = {**city(hotspots=export(over_the_city(cells(points(1))))), "reports": None}
    file.write_text(issue_map_html(**said), encoding="utf-8")
    with opened(chromium, file) as page:
        assert page.locator("#summary").inner_text() == "这里没有逐件列出上报。"
        page.locator("#language-en").click()
        assert page.locator("#list-empty").inner_text() == "The reports are not listed here."


def test_without_hotspots_nothing_speaks_of_them(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    file.write_text(issue_map_html(**city()), encoding="utf-8")
    with opened(chromium, file) as page:
        assert "热点" not in page.locator("#legend").inner_text()
        assert page.locator("#legend-level").input_value() != "-1"
