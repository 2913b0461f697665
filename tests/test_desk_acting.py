"""Acting on an issue in a real browser: by keyboard and pointer, undone, seen by others, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us
from tests.cities import at
from tests.desk_pages import WAIT_MS, Desk, desk_of, middle, opened_desk, ready, rows, until
from tests.served import published_city

pytestmark = pytest.mark.browser

CLOSE = "?at=15.0/32.005/120.805&lang=zh"
expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A city without keys; every test reports its own issues."""
    with desk_of(published_city(tmp_path_factory.mktemp("city")).folder) as found:
        yield found


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, list[str]]]:
    """A city with the keys of two dispatchers, 甲 and 乙."""
    city = published_city(tmp_path_factory.mktemp("keyed"))
    keys = [create_key(city, Role.DISPATCHER, name=name, now_us=now_us())[1] for name in ("甲", "乙")]
    with desk_of(city.folder) as found:
        found.key = keys[0]
        yield found, keys


def opened_issue(page: Page, number: str) -> Page:
    """The page with the panel of an issue."""
    ready(page)
    page.evaluate(f"desk.select('{number}')")
    expect(page.locator("#panel .issue-number")).to_contain_text(number)
    expect(page.locator("#act")).to_be_visible()
    return page


def sign_in(page: Page, key: str) -> Page:
    page.locator("#access-key").fill(key)
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-ready]")
    return page


def state(page: Page) -> str:
    return page.locator(".issue-state strong").inner_text()


def shown(page: Page, status: str) -> None:
    expect(page.locator(".issue-state strong")).to_have_text(status)


def status_of(desk: Desk, number: str) -> str:
    return str(desk.ask("GET", f"/v1/issues/{number}")["properties"]["status"])


def test_a_dispatch_by_keyboard_is_seen_by_others_and_undone(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(0.2, 0.2))
    with (
        opened_desk(chromium, desk, CLOSE) as page,
        opened_desk(chromium, desk, f"{CLOSE}&issue={number}") as other,
    ):
        ready(other)
        shown(other, "已受理")
        ready(page)
        until(page, lambda: number in rows(page))
        while (
            page.locator("#rows .chosen").get_attribute("data-number") != number
            if page.locator("#rows .chosen").count()
            else True
        ):
            page.keyboard.press("j")
        page.keyboard.press("d")
        shown(page, "已派出")
        expect(page.locator(".notice").last).to_contain_text(f"已将 {number} 派遣给")
        shown(other, "已派出")
        expect(other.locator("#section-history")).to_contain_text("派遣")
        page.keyboard.press("u")
        shown(page, "已受理")
        shown(other, "已受理")
        page.keyboard.press("u")
        expect(page.locator("#act-reason, .notice").last).to_be_visible()
        assert status_of(desk, number) == "received"


def test_the_notice_has_an_undo(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(0.4, 0.2))
    with opened_desk(chromium, desk, CLOSE) as page:
        opened_issue(page, number)
        page.locator(".act-next").click()
        shown(page, "已派出")
        page.locator(".notice-action").click()
        shown(page, "已受理")


def test_the_day_of_an_issue_by_keys(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(0.6, 0.2))
    with opened_desk(chromium, desk, CLOSE) as page:
        opened_issue(page, number)
        page.keyboard.press("d")
        shown(page, "已派出")
        page.keyboard.press("r")
        expect(page.locator("#act-reason")).to_be_focused()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#act-fault")).to_have_text("请写明理由。")
        page.keyboard.type("不在我处 d r c u")
        page.keyboard.press("Control+Enter")
        shown(page, "已退回")
        expect(page.locator("#section-history")).to_contain_text("不在我处 d r c u")
        page.locator("body").click(position={"x": 5, "y": 5})
        page.keyboard.press("d")
        shown(page, "已派出")
        for status in ("已处理", "已核查", "已办结"):
            page.keyboard.press("c")
            shown(page, status)
        assert status_of(desk, number) == "closed"


def test_another_owner_is_found_by_name_and_needs_a_reason(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(0.8, 0.2))
    with opened_desk(chromium, desk, CLOSE) as page:
        opened_issue(page, number)
        page.locator('[data-action="dispatch-other"]').click()
        expect(page.locator(".act-owner")).to_be_focused()
        page.keyboard.type("wuye")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#act-fault")).to_have_text("请写明理由。")
        expect(page.locator("#act-reason")).to_be_focused()
        page.keyboard.type("物业的灯")
        page.locator('[data-key="act-submit"]').click()
        shown(page, "已派出")
        assert desk.ask("GET", f"/v1/issues/{number}")["properties"]["owner_id"] == "wuye"


def test_a_position_is_dragged_and_the_new_answer_seen_before_it_is_saved(
    chromium: Browser, desk: Desk
) -> None:
    number = desk.report(at(0.95, 0.8))
    with opened_desk(chromium, desk, "?at=14.5/32.007/120.81&lang=zh") as page:
        opened_issue(page, number)
        was = desk.ask("GET", f"/v1/issues/{number}")["properties"]["cell_code"]
        page.locator('[data-action="move"]').click()
        x, y = middle(page, ".move-mark")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y, steps=6)
        page.mouse.up()
        expect(page.locator("#move-preview")).to_contain_text("原为")
        assert desk.ask("GET", f"/v1/issues/{number}")["properties"]["cell_code"] == was
        before = float(page.locator("#move-lng").input_value())
        page.locator('[data-key="move-east"]').focus()
        page.keyboard.press("Shift+ArrowRight")
        assert 0 < float(page.locator("#move-lng").input_value()) - before < 0.0002
        page.locator('[data-key="act-submit"]').click()
        expect(page.locator(".notice").last).to_contain_text("已移动")
        moved = desk.ask("GET", f"/v1/issues/{number}")
        assert moved["properties"]["cell_code"] != was
        assert moved["geometry"]["coordinates"][0] > 120.8095
        expect(page.locator(".move-mark")).to_have_count(0)
        page.keyboard.press("u")
        until(page, lambda: desk.ask("GET", f"/v1/issues/{number}")["properties"]["cell_code"] == was)


def test_a_position_is_typed_in_another_datum(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(0.3, 0.8))
    with opened_desk(chromium, desk, CLOSE) as page:
        opened_issue(page, number)
        page.locator('[data-action="move"]').click()
        page.locator("#move-datum").select_option("gcj02")
        page.locator("#move-lng").fill("")
        page.locator("#move-lat").fill("")
        page.locator("#move-lng").fill("120.8100, 32.0040")
        assert page.locator("#move-lat").input_value() == "32.0040"
        expect(page.locator("#move-preview")).to_contain_text("移动后")
        page.locator('[data-key="act-submit"]').click()
        expect(page.locator(".notice").last).to_contain_text("已移动")
        lng, lat = desk.ask("GET", f"/v1/issues/{number}")["geometry"]["coordinates"]
        assert 120.804 < lng < 120.807
        assert 32.003 < lat < 32.0075


def test_a_duplicate_is_merged_from_the_suspects(chromium: Browser, desk: Desk) -> None:
    first = desk.report(at(0.2, 0.6), "0203")
    second = desk.report(at(0.2002, 0.6), "0203")
    with opened_desk(chromium, desk, CLOSE) as page:
        opened_issue(page, second)
        page.locator('[data-action="merge"]').click()
        page.locator(f'.act-suspects input[value="{first}"]').check()
        page.locator('[data-key="act-submit"]').click()
        shown(page, "已并案")
        found = desk.ask("GET", f"/v1/issues/{second}")["properties"]["merged_into"]
        assert found in (first, desk.ask("GET", f"/v1/issues/{first}")["id"])


def test_a_duplicate_is_merged_by_a_short_number(chromium: Browser, desk: Desk) -> None:
    first, second = desk.report(at(0.7, 0.7), "0203"), desk.report(at(0.2, 0.9), "0203")
    with opened_desk(chromium, desk, CLOSE) as page:
        opened_issue(page, second)
        page.locator('[data-action="merge"]').click()
        page.locator("#act-into").fill(str(int(first.rpartition("-")[2])))
        expect(page.locator("#act-into-told")).to_contain_text(first)
        page.locator('[data-key="act-submit"]').click()
        shown(page, "已并案")


def test_of_two_dispatchers_the_second_is_told_and_loses_nothing(
    chromium: Browser, keyed: tuple[Desk, list[str]]
) -> None:
    desk, keys = keyed
    number = desk.report(at(0.2, 0.2))
    with ExitStack() as stack:
        pages = [stack.enter_context(opened_desk(chromium, desk, CLOSE, forgive="401|409")) for _ in keys]
        first, second = (
            opened_issue(sign_in(page, key), number) for page, key in zip(pages, keys, strict=True)
        )
        second.locator('[data-action="reject"]').click()
        second.locator("#act-reason").fill("重复巡查")
        first.keyboard.press("d")
        shown(first, "已派出")
        expect(second.locator("#act-meanwhile")).to_contain_text("甲")
        assert second.locator("#act-reason").input_value() == "重复巡查"
        second.locator('[data-key="act-submit"]').click()
        conflict = second.locator(".act-conflict")
        for word in ("甲", "派遣", "现为：已派出", "重复巡查", "现在不能再“不予受理”"):
            expect(conflict).to_contain_text(word)
        assert status_of(desk, number) == "dispatched"
        second.locator('[data-key="conflict-comment"]').click()
        expect(second.locator("#section-history")).to_contain_text("重复巡查")
        second.locator('[data-action="transfer"]').click()
        second.locator(".act-owner").fill("wuye")
        second.locator(".act-owner").press("Enter")
        second.locator("#act-reason").fill("物业的灯")
        desk.act(number, "move", lng=at(0.25, 0.2)[0], lat=at(0.25, 0.2)[1], reason="看过")
        second.locator('[data-key="act-submit"]').click()
        expect(second.locator(".act-conflict")).to_contain_text("看过")
        second.locator('[data-key="conflict-again"]').click()
        expect(second.locator(".act-conflict")).to_have_count(0)
        until(
            second,
            lambda: desk.ask("GET", f"/v1/issues/{number}")["properties"]["owner_id"] == "wuye",
        )


def test_a_claim_keeps_another_away_and_queues_show_it(
    chromium: Browser, keyed: tuple[Desk, list[str]]
) -> None:
    desk, keys = keyed
    number = desk.report(at(0.8, 0.8))
    with ExitStack() as stack:
        pages = [stack.enter_context(opened_desk(chromium, desk, CLOSE, forgive="401|409")) for _ in keys]
        first, second = (sign_in(page, key) for page, key in zip(pages, keys, strict=True))
        ready(first)
        first.keyboard.press("g")
        expect(first.locator(".notice").last).to_contain_text("已领取")
        claimed = first.locator("#panel .issue-number").inner_text().split()[0]
        assert desk.ask("GET", f"/v1/issues/{claimed}")["properties"]["claimed_by"] == "甲"
        first.locator("#queue-mine").click()
        until(first, lambda: rows(first) == [claimed])
        opened_issue(second, claimed)
        second.locator("#queue-free").click()
        until(second, lambda: claimed not in rows(second))
        second.keyboard.press("d")
        expect(second.locator(".act-conflict, .notice").first).to_be_visible()
        assert status_of(desk, claimed) == "received"
        first.keyboard.press("u")
        until(first, lambda: desk.ask("GET", f"/v1/issues/{claimed}")["properties"]["claimed_by"] is None)
        assert number


def test_words_stay_when_the_service_fails_and_nothing_is_done_twice(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(0.5, 0.9))
    with opened_desk(chromium, desk, CLOSE, forgive="ERR_|Failed to load|503|409") as page:
        opened_issue(page, number)

        def lose_the_answer(route: Route) -> None:
            route.fetch()
            route.abort()

        refusal = {"status": 503, "title_zh": "暂停"}
        page.route("**/actions", lambda route: route.fulfill(status=503, json=refusal))
        page.locator('[data-action="reject"]').click()
        page.locator("#act-reason").fill("不在本市")
        page.locator('[data-key="act-submit"]').click()
        expect(page.locator("#act-fault")).to_contain_text("暂停")
        assert page.locator("#act-reason").input_value() == "不在本市"
        page.unroute("**/actions")
        page.route("**/actions", lose_the_answer)
        page.locator('[data-key="act-submit"]').click()
        until(page, lambda: status_of(desk, number) == "rejected")
        expect(page.locator("#act-fault")).to_contain_text("连接不上")
        page.unroute("**/actions")
        page.locator('[data-key="act-submit"]').click()
        shown(page, "不予受理")
        kinds = [event["kind"] for event in desk.ask("GET", f"/v1/issues/{number}")["events"]]
        assert kinds.count("reject") == 1


def test_a_half_written_form_outlives_other_issues_and_the_other_language(
    chromium: Browser, desk: Desk
) -> None:
    number, other = desk.report(at(0.1, 0.3)), desk.report(at(0.9, 0.5))
    with opened_desk(chromium, desk, CLOSE) as page:
        opened_issue(page, number)
        page.locator('[data-action="comment"]').click()
        page.locator("#act-reason").fill("半句话")
        opened_issue(page, other)
        expect(page.locator("#act-reason")).to_have_count(0)
        opened_issue(page, number)
        expect(page.locator("#act-reason")).to_have_value("半句话")
        page.locator("#tool-lang").click()
        expect(page.locator(".act-form label").first).to_have_text("Comment")
        expect(page.locator("#act-reason")).to_have_value("半句话")
        page.locator("#act-reason").press("Escape")
        expect(page.locator("#act-reason")).to_have_count(0)
        expect(page.locator("#panel")).to_be_visible()
