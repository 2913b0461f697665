"""A dispatcher's day on the page, from the first look to the evening, with a colleague beside him."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cities import at
from tests.desk_pages import WAIT_MS, Desk, camera, desk_of, middle, opened_desk, ready, rows, spot, until
from tests.served import published_city

pytestmark = pytest.mark.browser

CLOSE = "?at=15.0/32.005/120.805&lang=zh&sort=number"
LAMPS = [at(0.2 + 0.15 * n, 0.3) for n in range(4)]
LITTER = [at(0.4, 0.75), at(0.4003, 0.75)]
expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(published_city(tmp_path_factory.mktemp("city")).folder) as found:
        yield found


def shows(page: Page, status: str) -> None:
    expect(page.locator(".issue-state strong")).to_have_text(status)


def chosen(page: Page, number: str) -> None:
    """Go down the list by key until an issue is open."""
    ready(page)
    until(page, lambda: number in rows(page))
    for _ in rows(page):
        page.keyboard.press("j")
        expect(page.locator("#panel .issue-number")).to_be_visible()
        if number in page.locator("#panel .issue-number").inner_text():
            return
    raise AssertionError(f"{number} was not reached")


def status_of(desk: Desk, number: str) -> str:
    return str(desk.ask("GET", f"/v1/issues/{number}")["properties"]["status"])


def drag(page: Page, start: tuple[float, float], *places: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for place in places:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_dispatchers_day(chromium: Browser, desk: Desk) -> None:
    lamps = [desk.report(place) for place in LAMPS]
    litter = [desk.report(place, "0203", text="河边一堆垃圾") for place in LITTER]
    with opened_desk(chromium, desk, CLOSE) as page, opened_desk(chromium, desk, CLOSE) as colleague:
        ready(page)
        until(page, lambda: rows(page) == [*lamps, *litter])
        _filter(page, litter)
        _dispatch_and_undo(page, colleague, lamps[0])
        _correct_a_position(page, desk, lamps[3])
        _merge(page, desk, litter)
        _close_many(page, desk, lamps[:3])
        _evening(page, [lamps[3], litter[0]])


def _filter(page: Page, litter: list[str]) -> None:
    page.locator("#menu-category").click()
    page.locator('#options-category input[value="0203"]').click()
    page.keyboard.press("Escape")
    until(page, lambda: rows(page) == litter)
    page.locator("#filters-clear").click()
    until(page, lambda: len(rows(page)) == 6)


def _dispatch_and_undo(page: Page, colleague: Page, lamp: str) -> None:
    chosen(colleague, lamp)
    chosen(page, lamp)
    page.keyboard.press("d")
    shows(page, "已派出")
    shows(colleague, "已派出")
    page.keyboard.press("u")
    shows(page, "已受理")
    shows(colleague, "已受理")


def _correct_a_position(page: Page, desk: Desk, lamp: str) -> None:
    chosen(page, lamp)
    before = desk.ask("GET", f"/v1/issues/{lamp}")["geometry"]["coordinates"]
    page.locator('[data-action="move"]').click()
    x, y = middle(page, ".move-mark")
    drag(page, (x, y), (x, y - 70))
    expect(page.locator("#move-preview dl, #move-preview p").first).to_be_visible()
    assert desk.ask("GET", f"/v1/issues/{lamp}")["geometry"]["coordinates"] == before
    page.locator('[data-key="act-submit"]').click()
    expect(page.locator(".notice").last).to_contain_text("已移动")
    until(page, lambda: desk.ask("GET", f"/v1/issues/{lamp}")["geometry"]["coordinates"][1] > before[1])


def _merge(page: Page, desk: Desk, litter: list[str]) -> None:
    chosen(page, litter[1])
    page.locator('[data-action="merge"]').click()
    page.locator(f'.act-suspects input[value="{litter[0]}"]').check()
    page.locator('[data-key="act-submit"]').click()
    shows(page, "已并案")
    assert status_of(desk, litter[1]) == "merged"
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def _close_many(page: Page, desk: Desk, lamps: list[str]) -> None:
    for lamp in lamps:
        desk.act(lamp, "dispatch")
        desk.act(lamp, "handled")
    ready(page)
    page.keyboard.press("l")
    corners = [spot(page, at(x, y)) for x, y in ((0.12, 0.2), (0.57, 0.2), (0.57, 0.4), (0.12, 0.4))]
    drag(page, corners[0], *corners[1:])
    expect(page.locator("#pick-count")).to_have_text("已选 3 件")
    page.keyboard.press("c")
    page.locator("#bulk-reason").fill("现场已看")
    page.locator("#bulk-run").click()
    expect(page.locator("#bulk-results h3")).to_have_text("完成 3 件。")
    assert [status_of(desk, lamp) for lamp in lamps] == ["closed"] * 3
    page.keyboard.press("Escape")


def _evening(page: Page, left: list[str]) -> None:
    until(page, lambda: rows(page) == left)
    page.locator("#tool-lang").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#list-title")).to_contain_text("in view")
    page.evaluate("desk.map.jumpTo({ center: [120.806, 32.006], zoom: 14.6 })")
    ready(page)
    until(page, lambda: "at=14.6" in page.url and "lang=en" in page.url)
    place = camera(page)
    page.reload()
    ready(page)
    until(page, lambda: rows(page) == left)
    expect(page.locator("#tool-lang")).to_have_text("中文")
    assert camera(page) == pytest.approx(place, abs=1e-4)
