"""Many issues at once in a real browser: selected by lasso, keys and view, acted on, each told of, undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cities import at
from tests.desk_pages import WAIT_MS, Desk, desk_of, opened_desk, ready, rows, spot, until
from tests.served import published_city

pytestmark = pytest.mark.browser

CLOSE = "?at=15.0/32.005/120.805&lang=zh&sort=number"
PLACES = [at(0.2 + 0.15 * n, 0.3) for n in range(4)]
FAR = at(0.5, 0.85)
expect.set_options(timeout=WAIT_MS)


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, list[str]]]:
    """Four lamps in a row and a fifth north of them."""
    with desk_of(published_city(tmp_path_factory.mktemp("city")).folder) as found:
        yield found, [found.report(place) for place in [*PLACES, FAR]]


def lasso(page: Page) -> None:
    """Draw around the four, leaving the fifth out."""
    page.keyboard.press("l")
    corners = [at(0.12, 0.2), at(0.75, 0.2), at(0.75, 0.45), at(0.12, 0.45)]
    first, *others = [spot(page, corner) for corner in corners]
    page.mouse.move(*first)
    page.mouse.down()
    for corner in others:
        page.mouse.move(*corner, steps=5)
    page.mouse.up()


def picked(page: Page) -> list[str]:
    return list(
        page.evaluate("[...document.querySelectorAll('#rows > .picked')].map((li) => li.dataset.number)")
    )


def statuses(desk: Desk, numbers: list[str]) -> list[str]:
    return [desk.ask("GET", f"/v1/issues/{one}")["properties"]["status"] for one in numbers]


def test_a_lasso_closes_what_can_be_closed_and_says_what_not(
    chromium: Browser, desk: tuple[Desk, list[str]]
) -> None:
    served, numbers = desk
    for number in numbers[:3]:
        served.act(number, "dispatch")
        served.act(number, "handled")
    with opened_desk(chromium, served, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        lasso(page)
        expect(page.locator("#pick-count")).to_have_text("已选 4 件")
        assert picked(page) == numbers[:4]
        expect(page.locator("#panel")).to_be_hidden()
        page.keyboard.press("c")
        expect(page.locator("#bulk-title")).to_have_text("批量操作：4 件")
        page.locator("#bulk-reason").fill("现场已看")
        expect(page.locator("#bulk-preview")).to_contain_text("3 件可以，1 件不行")
        assert statuses(served, numbers[:4]) == ["handled"] * 3 + ["received"]
        page.locator("#bulk-run").click()
        expect(page.locator("#bulk-results h3")).to_have_text("完成 3 件，1 件未成功。")
        refused = page.locator("#bulk-results .refused")
        expect(refused).to_have_count(1)
        expect(refused).to_contain_text(numbers[3])
        expect(refused).to_contain_text("当前状态")
        assert statuses(served, numbers) == ["closed"] * 3 + ["received"] * 2
        until(page, lambda: rows(page) == numbers[3:])
        until(page, lambda: picked(page) == [numbers[3]])
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        until(page, lambda: statuses(served, numbers[:3]) == ["handled"] * 3)
        until(page, lambda: rows(page) == numbers)


def test_rows_are_selected_by_keys_and_dispatched_together(
    chromium: Browser, desk: tuple[Desk, list[str]]
) -> None:
    served, numbers = desk
    with opened_desk(chromium, served, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        page.locator("#rows button").first.focus()
        page.keyboard.press("Space")
        until(page, lambda: picked(page) == numbers[:1])
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+ArrowDown")
        until(page, lambda: picked(page) == numbers[:3])
        page.keyboard.press("Space")
        until(page, lambda: picked(page) == numbers[:2])
        page.keyboard.press("d")
        expect(page.locator("#bulk-preview")).to_contain_text("2 件都可以")
        page.locator("#bulk-run").click()
        expect(page.locator("#bulk-results h3")).to_have_text("完成 2 件。")
        expect(page.locator("#bulk-results h3")).to_be_focused()
        assert statuses(served, numbers) == ["dispatched"] * 2 + ["received"] * 3


def test_rows_are_selected_by_mouse_and_by_view(chromium: Browser, desk: tuple[Desk, list[str]]) -> None:
    served, numbers = desk
    with opened_desk(chromium, served, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        row = page.locator("#rows > li button")
        row.nth(1).click(modifiers=["Control"])
        row.nth(3).click(modifiers=["Shift"])
        until(page, lambda: picked(page) == numbers[1:4])
        row.nth(2).click(modifiers=["Control"])
        until(page, lambda: picked(page) == [numbers[1], numbers[3]])
        expect(page.locator("#panel")).to_be_hidden()
        page.locator("#pick-clear").click()
        page.locator("#pick-mode").click()
        row.nth(4).click()
        until(page, lambda: picked(page) == [numbers[4]])
        page.locator("#pick-mode").click()
        page.locator("#pick-view").click()
        until(page, lambda: picked(page) == numbers)
        served.act(numbers[0], "comment", reason="seen")
        served.report(at(0.9, 0.9))
        until(page, lambda: len(rows(page)) == 6)
        assert picked(page) == numbers


def test_what_changed_since_it_was_selected_is_refused(
    chromium: Browser, desk: tuple[Desk, list[str]]
) -> None:
    served, numbers = desk
    with opened_desk(chromium, served, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        page.locator("#pick-view").click()
        until(page, lambda: len(picked(page)) == 5)
        page.locator("#pick-act").click()
        expect(page.locator("#bulk-action")).to_be_focused()
        page.locator("#bulk-action").select_option("reject")
        page.locator("#bulk-run").click()
        expect(page.locator("#bulk-fault")).to_have_text("请写明理由。")
        page.locator("#bulk-reason").fill("误报")
        expect(page.locator("#bulk-preview")).to_contain_text("5 件都可以")

        def another_is_faster(route: object) -> None:
            served.act(numbers[0], "dispatch")
            route.continue_()  # type: ignore[attr-defined]

        page.route("**/v1/issues/actions", another_is_faster)
        page.locator("#bulk-run").click()
        expect(page.locator("#bulk-results h3")).to_have_text("完成 4 件，1 件未成功。")
        assert statuses(served, numbers) == ["dispatched"] + ["rejected"] * 4


def test_a_finger_draws_a_lasso_and_escape_ends_it(chromium: Browser, desk: tuple[Desk, list[str]]) -> None:
    served, numbers = desk
    with opened_desk(chromium, served, CLOSE, has_touch=True) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        page.keyboard.press("l")
        expect(page.locator("#lasso")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#lasso")).to_have_count(0)
        expect(page.locator("#pick-lasso")).to_have_attribute("aria-pressed", "false")
        page.locator("#pick-lasso").tap()
        corners = [at(0.12, 0.2), at(0.75, 0.2), at(0.75, 0.45), at(0.12, 0.45)]
        points = [spot(page, corner) for corner in corners]
        touch = page.context.new_cdp_session(page)
        for at_step, (x, y) in enumerate(points):
            kind = "touchStart" if at_step == 0 else "touchMove"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        until(page, lambda: picked(page) == numbers[:4])
