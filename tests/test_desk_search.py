"""Words that say where, in a browser: found with their radius, chosen from with a question, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.axe import violations
from tests.cities import at
from tests.desk_pages import Desk, desk_of, opened_desk, ready, rest, until
from tests.served import twin_city

pytestmark = pytest.mark.browser

VIEW = "?at=14.0/32.015/120.815&lang=zh"
COMPLAINT = "人名西路与外环西路交叉口信号灯不亮，过马路很危险，请尽快派人来看看"
CROSSING = at(1, 0.5)
NEAR = 2e-4  # degrees


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A city with everything that people name, two estates of one name, and an issue in the wrong place."""
    with desk_of(twin_city(tmp_path_factory.mktemp("city")).folder) as found:
        yield found


def typed(page: Page, text: str) -> None:
    page.keyboard.press("/")
    page.locator("#search").fill(text)
    expect(page.locator("#search-found li").first).to_be_visible()


def drawn(page: Page) -> list[Any]:
    """What is drawn on the map: the kinds of shapes."""
    found: list[Any] = page.evaluate(
        "async () => (await desk.map.getSource('drawn').getData()).features.map((one) => one.geometry.type)"
    )
    return found


def centre(page: Page) -> tuple[float, float]:
    rest(page)
    lng, lat = page.evaluate("(() => { const c = desk.map.getCenter(); return [c.lng, c.lat]; })()")
    return lng, lat


def test_a_pasted_complaint_leads_to_its_place_with_its_radius_and_what_was_misspelt(
    chromium: Browser, desk: Desk
) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        typed(page, COMPLAINT)
        first = page.locator("#search-found li").first
        expect(first).to_contain_text("人民西路与外环西路交叉口")
        expect(first).to_contain_text("± ")
        expect(first).to_contain_text("“人名西路”按同音字理解为“人民西路”")
        expect(page.locator("#search-question")).to_be_hidden()
        page.keyboard.press("Enter")
        until(page, lambda: drawn(page) == ["Polygon", "Point"])
        assert centre(page) == pytest.approx(CROSSING, abs=NEAR)
        page.locator(".notice-action", has_text="在此新建案件").click()
        expect(page.locator("#new-words")).to_have_value(COMPLAINT)
        assert int(page.locator("#new-accuracy").input_value()) > 0
        expect(page.locator("#new-where")).to_contain_text(f"{CROSSING[0]:.4f}")


def test_enter_right_after_the_words_waits_for_their_answer(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        page.keyboard.press("/")
        page.locator("#search").fill("新港中心路19号对面")
        page.keyboard.press("Enter")
        until(page, lambda: "Polygon" in drawn(page))
        assert centre(page)[0] == pytest.approx(at(2.96, 3)[0], abs=NEAR)


def test_an_answer_that_comes_after_escape_is_not_shown(chromium: Browser, desk: Desk) -> None:
    held: list[Route] = []
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        page.route("**/v1/search?*", lambda route: held.append(route))
        page.keyboard.press("/")
        page.locator("#search").fill("虹桥北村6")
        until(page, lambda: len(held) == 1)
        with page.expect_event("requestfailed"):  # it is called off
            page.keyboard.press("Escape")
        expect(page.locator("#search")).not_to_be_focused()
        expect(page.locator("#search-found")).to_be_hidden()


def test_enter_takes_no_result_of_words_that_were_typed_on(chromium: Browser, desk: Desk) -> None:
    held: list[Route] = []
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        typed(page, "虹桥北村6")
        page.route("**/v1/search?*", lambda route: held.append(route))
        page.locator("#search").fill("新港中心路18号")
        page.keyboard.press("Enter")
        until(page, lambda: len(held) == 1)
        page.locator("#search").fill("新港中心路19号对面")
        until(page, lambda: len(held) == 2)
        held[1].continue_()
        expect(page.locator("#search-found li").first).to_contain_text("19号")
        expect(page.locator("#search")).to_be_focused()
        assert drawn(page) == []


def test_names_are_completed_while_they_are_typed(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        typed(page, "虹桥北村6")
        expect(page.locator("#search-found li strong").first).to_have_text("虹桥北村61幢")
        page.locator("#search").fill("hqbc")
        expect(page.locator("#search-found li strong").first).to_have_text("虹桥北村")


def test_what_may_be_two_places_is_a_choice_with_its_question(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        page.keyboard.press("/")
        page.locator("#search").fill("双子花园门口路灯不亮")
        page.keyboard.press("Enter")  # the choice is looked at before it is made
        question = page.locator("#search-question")
        expect(question).to_be_visible()
        expect(question).to_contain_text("还是")
        expect(page.locator("#search-found li")).to_have_count(2)
        page.keyboard.press("ArrowDown")
        chosen = page.locator('#search-found li[aria-selected="true"]')
        expect(chosen).to_have_attribute("id", "found-1")
        page.keyboard.press("Enter")
        expect(question).to_be_hidden()
        until(page, lambda: "Point" in drawn(page))


def test_questions_and_faults_are_told_in_english_too(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, VIEW.replace("lang=zh", "lang=en")) as page:
        ready(page)
        typed(page, COMPLAINT)
        expect(page.locator("#search-found li").first).to_contain_text("was read by its sound as")
        page.locator("#search").fill("双子花园门口路灯不亮")
        expect(page.locator("#search-question")).to_contain_text("Which one")


def test_a_new_issue_gets_its_place_by_words_and_loses_the_error_where_somebody_points(
    chromium: Browser, desk: Desk
) -> None:
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        page.keyboard.press("n")
        page.locator("#new-by-words").fill("新港中心路18号")
        page.keyboard.press("Enter")
        told = page.locator("#new-by-words-told")
        expect(told).to_contain_text("没有 18号 的位置")
        expect(page.locator("#new-accuracy")).not_to_have_value("")
        until(page, lambda: drawn(page) == ["Polygon", "Point"])
        expect(page.locator("#new-issue")).to_have_count(1)  # Enter looked for the words and filed nothing
        page.locator("#new-centre").click()
        expect(page.locator("#new-accuracy")).to_have_value("")
        until(page, lambda: drawn(page) == ["Point"])
        page.locator("#new-by-words").fill("没有这个地方")
        page.locator("#new-by-words").press("Enter")
        expect(told).to_contain_text("没有找到")


def test_a_position_is_corrected_by_words_and_the_words_are_remembered(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(3.9, 3.9), text="老桥头栏杆断了")
    refused = "422"  # the report names no place
    with opened_desk(chromium, desk, f"{VIEW}&issue={number}", forgive=refused) as page:
        ready(page)
        page.locator("#act button", has_text="移动").first.click()
        page.locator("#move-words").fill("运料河人民西路闸口")
        page.keyboard.press("Enter")
        expect(page.locator("#move-words-told")).to_contain_text("人民西路闸口")
        expect(page.locator("#move-lng")).to_have_value(f"{at(1, 1.5)[0]:.6f}")
        until(page, lambda: "Polygon" in drawn(page))
        page.locator("#move-remember").check()
        expect(page.locator("#move-preview")).to_contain_text("上报内容没有说明地点")
        page.locator("#move-remember-words").fill("老桥头")
        expect(page.locator("#move-preview")).to_contain_text("以后“老桥头”就指这里")
        page.locator("#act-reason").fill("来电人确认")
        page.locator("#act button[type=submit]").click()
        expect(page.locator(".notice", has_text=f"已移动 {number}")).to_be_visible()
    lng, lat = desk.ask("GET", f"/v1/issues/{number}")["geometry"]["coordinates"]
    assert (lng, lat) == pytest.approx(at(1, 1.5), abs=NEAR)
    with opened_desk(chromium, desk, VIEW) as page:
        ready(page)
        typed(page, "老桥头又有人钓鱼")
        expect(page.locator("#search-found li").first).to_contain_text("人工更正")


def test_a_choice_is_offered_where_a_position_is_corrected(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(0.5, 0.5), text="灯坏了")
    with opened_desk(chromium, desk, f"{VIEW}&issue={number}") as page:
        ready(page)
        page.locator("#act button", has_text="移动").first.click()
        page.locator("#move-words").fill("双子花园")
        page.locator("[data-key=move-words-find]").click()
        choices = page.locator("#move-words-told .words-pick")
        expect(choices).to_have_count(2)
        expect(page.locator("#move-words-told .question")).to_contain_text("还是")
        choices.nth(1).click()
        expect(choices).to_have_count(0)
        expect(page.locator("#move-words")).to_be_focused()


@pytest.mark.parametrize(("lang", "scheme", "width"), [("zh", "dark", 1280), ("en", "light", 320)])
def test_axe_finds_nothing_in_what_words_lead_to(
    chromium: Browser, desk: Desk, lang: str, scheme: Any, width: int
) -> None:
    number = desk.report(at(0.6, 0.5), text="人民西路闸口的灯坏了")
    view = VIEW.replace("lang=zh", f"lang={lang}&issue={number}")
    small: Any = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with opened_desk(chromium, desk, view, **small) as page:
        ready(page)
        page.locator("#search").fill("双子花园门口路灯不亮")
        expect(page.locator("#search-question")).to_be_visible()
        found = {"choice": violations(page)}
        height = page.locator("#new-issue-open").bounding_box()
        assert height is not None
        assert height["height"] < 80  # the button does not grow with the list beside it
        page.locator("#search").press("Escape")
        page.locator("#act button", has_text="移动" if lang == "zh" else "Move").first.click()
        page.locator("#move-words").fill("新港中心路18号")
        page.locator("#move-words").press("Enter")
        expect(page.locator("#move-words-told .place-fault")).to_have_count(1)
        page.locator("#move-remember").check()
        found["move"] = violations(page)
        page.locator("#move-words").fill("双子花园")
        page.locator("#move-words").press("Enter")
        expect(page.locator("#move-words-told .words-pick")).to_have_count(2)
        found["choice of a move"] = violations(page)
        page.locator("#new-issue-open").click()
        page.locator("#new-by-words").fill("虹桥北村68幢")
        page.locator("#new-by-words").press("Enter")
        expect(page.locator("#new-by-words-told .place-fault")).to_have_count(1)
        found["new"] = violations(page)
    assert {name: said for name, said in found.items() if said} == {}
