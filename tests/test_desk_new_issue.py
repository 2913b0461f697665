"""The search box and new issues in a real browser: a call becomes an issue, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.cities import at
from tests.desk_pages import Desk, desk_of, opened_desk, ready, spot, until
from tests.served import published_city

pytestmark = pytest.mark.browser

VIEW = "?at=15.0/32.005/120.805&lang=zh"
HERE = at(0.5, 0.5)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A city with one open issue."""
    city = published_city(tmp_path_factory.mktemp("city"))
    with desk_of(city.folder) as found:
        found.report(HERE, text="路灯不亮")
        yield found


def find(page: Page, text: str) -> None:
    """Type into the search box, by keyboard alone."""
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#search").fill(text)
    expect(page.locator("#search-found li").first).to_be_visible()


def test_an_issue_is_found_by_its_number_and_opened(chromium: Browser, desk: Desk) -> None:
    number = desk.ask("GET", "/v1/issues")["features"][0]["properties"]["number"]
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        find(page, number)
        page.keyboard.press("Enter")
        expect(page.locator("#panel .issue-number")).to_contain_text(number)


def test_a_cell_is_found_and_the_list_can_be_held_to_it(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        find(page, "A00")
        page.keyboard.press("Enter")
        page.locator(".notice-action", has_text="只看此网格").click()
        until(page, lambda: "cell=A00" in page.url)
        expect(page.locator("#list-title")).to_contain_text("1")


def test_what_is_nowhere_is_said(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        page.locator("#search").fill("没有这个地方")
        expect(page.locator("#search-told")).to_have_text("没有找到“没有这个地方”。")


def test_a_call_becomes_an_issue_whose_owner_was_seen_before(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        page.keyboard.press("n")
        expect(page.locator("#new-words")).to_be_focused()
        page.keyboard.type("井盖丢了，很危险")
        page.locator("#new-category").select_option("0118")
        page.mouse.click(*spot(page, HERE))
        preview = page.locator("#new-preview")
        expect(preview).to_contain_text("责任单位")
        expect(preview.locator(".suspects li")).to_have_count(1)  # the open one, at the same lamp
        page.locator("#new-issue button[type=submit]").click()
        expect(page.locator("#new-issue")).to_have_count(0)
        expect(page.locator("#panel")).to_contain_text("井盖丢了")
        number = page.locator("#panel .issue-number").inner_text()[:13]
    [filed] = desk.ask("GET", f"/v1/issues/{number}")["reports"]
    assert (filed["text"], filed["channel"]) == ("井盖丢了，很危险", "desk")
    assert abs(filed["lng"] - HERE[0]) < 1e-4


def test_a_call_joins_an_open_issue(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(1.5, 0.5), text="路灯不亮")
    with opened_desk(chromium, desk, "?at=15.0/32.005/120.818&lang=zh") as page:
        ready(page)
        page.locator("#new-issue-open").click()
        page.locator("#new-category").select_option("0118")
        page.mouse.click(*spot(page, at(1.5, 0.5)))
        page.locator("#new-preview .suspects li", has_text=number).locator(
            "button", has_text="归入此案件"
        ).click()
        page.locator("#new-issue button[type=submit]").click()
        expect(page.locator("#panel .issue-number")).to_contain_text(number)
    assert len(desk.ask("GET", f"/v1/issues/{number}")["reports"]) == 2


def test_words_outlive_a_lost_service_and_are_filed_once(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW, forgive="ERR_FAILED") as page:
        ready(page)
        page.keyboard.press("n")
        page.keyboard.type("树倒了")
        expect(page.locator("#new-preview")).to_contain_text("尚无位置")
        answers: list[str] = []

        def lost(route: Route) -> None:  # the first answer is lost on its way
            if not answers:
                answers.append(route.fetch().text())
                route.abort()
            else:
                route.continue_()

        page.route("**/v1/reports", lost)
        page.locator("#new-issue button[type=submit]").click()
        expect(page.locator("#new-issue .fault")).not_to_be_empty()
        expect(page.locator("#new-words")).to_have_value("树倒了")
        page.locator("#new-issue button[type=submit]").click()
        expect(page.locator("#panel")).to_contain_text("树倒了")
    found = desk.ask("GET", f"/v1/issues?text={quote('树倒了')}")["features"]
    assert [one["properties"]["report_count"] for one in found] == [1]
    assert len(answers) == 1


def test_what_is_not_saved_is_not_closed_by_one_press(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        page.keyboard.press("n")
        page.keyboard.type("半句话")
        page.keyboard.press("Escape")
        expect(page.locator("#new-issue .fault")).to_contain_text("还没有保存")
        page.keyboard.press("Escape")
        expect(page.locator("#new-issue")).to_have_count(0)
        expect(page.locator("#new-issue-open")).to_be_visible()
