"""The dispatcher's page in a browser: map and list agree, the address holds the view, news disturb nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us
from tests.cities import at
from tests.desk_pages import Desk, camera, desk_of, marks, opened_desk, ready, rows, started, stop, until
from tests.served import published_city

pytestmark = pytest.mark.browser

WORDS = '张三家门口<b id="x">灯</b><img src=/nowhere onerror=alert(1)>不亮'
CLOSE = "?at=15.0/32.005/120.805&lang=zh"
PLACES = [at(0.3 + 0.1 * n, 0.5) for n in range(5)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Five lamps in the west, the second dispatched; litter in the east; one without a place."""
    city = published_city(tmp_path_factory.mktemp("city"))
    with desk_of(city.folder) as found:
        numbers = [found.report(place, text=WORDS) for place in PLACES]
        found.act(numbers[1], "dispatch", owner="parks", reason="theirs")
        found.report(at(2.2, 0.5), "0203", text="litter")
        yield found


def panel(page: Page) -> str:
    return page.locator("#panel").inner_text()


def shown(page: Page) -> str:
    """The number of the issue that is open."""
    return page.locator("#panel .issue-number").inner_text().split()[0]


def choose(page: Page, menu: str, value: str) -> None:
    """Tick an option of a filter."""
    page.locator(f"#menu-{menu}").click()
    page.locator(f'#options-{menu} input[value="{value}"]').click()
    page.keyboard.press("Escape")


def test_map_and_list_show_the_same_issues(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5 and set(rows(page)) == marks(page))
        expect(page.locator("#list-title")).to_have_text("视野内 5 件")
        page.evaluate("desk.map.jumpTo({ center: [120.822, 32.005], zoom: 15 })")
        until(page, lambda: len(rows(page)) == 1 and set(rows(page)) == marks(page))
        page.locator("#scope").click()
        until(page, lambda: len(rows(page)) == 6)
        assert page.locator("#rows > li").first.get_attribute("aria-setsize") == "6"
        assert page.locator("#map").get_attribute("aria-hidden") == "true"


def test_selecting_works_both_ways(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        first, second = rows(page)[:2]
        page.keyboard.press("j")
        expect(page.locator("#panel .issue-number")).to_contain_text(first)
        page.keyboard.press("j")
        expect(page.locator("#panel .issue-number")).to_contain_text(second)
        expect(page.locator("#rows .chosen")).to_have_attribute("data-number", second)
        assert f"issue={second}" in until(page, lambda: page.url if second in page.url else "")
        ready(page)
        lng, lat = PLACES[0]
        x, y = page.evaluate(f"Object.values(desk.map.project([{lng}, {lat}]))")
        page.locator("#map canvas").click(position={"x": x, "y": y})
        until(page, lambda: page.locator("#rows .chosen").get_attribute("data-number") not in (None, second))
        page.keyboard.press("Escape")
        expect(page.locator("#panel")).to_be_hidden()
        assert "issue=" not in until(page, lambda: page.url if "issue=" not in page.url else "")


def test_without_a_graphics_card_a_moving_map_is_coarse_and_a_resting_one_sharp(
    chromium: Browser, desk: Desk
) -> None:
    """The browser of the tests paints in software; what a drag moves does not depend on it."""
    width = "desk.map.getCanvas().width / desk.map.getCanvas().clientWidth"
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: page.evaluate(width) == 1)
        before = page.evaluate("desk.map.project([120.805, 32.005]).x")
        page.mouse.move(900, 500)
        page.mouse.down()
        page.mouse.move(850, 500, steps=5)
        until(page, lambda: page.evaluate(width) == 0.5)
        page.mouse.move(700, 500, steps=5)
        page.wait_for_timeout(300)  # so that it is not thrown
        page.mouse.up()
        until(page, lambda: page.evaluate(width) == 1)
        assert page.evaluate("desk.map.project([120.805, 32.005]).x") == pytest.approx(before - 200, abs=8)


def test_the_panel_tells_why_and_draws_it(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        number = next(one for one in rows(page) if one.endswith("-0003"))  # beside a lamp
        page.locator(f'#rows [data-number="{number}"] button').click()
        expect(page.locator("#section-why")).to_be_visible()
        said = panel(page)
        for word in ("西区 › 格00", "路灯", "规则", WORDS, "经过", "上报"):
            assert word in said, word
        page.locator(".story summary").click()
        assert page.locator(".story li").count() > 3
        drawn = "desk.map.getStyle().sources.drawn.data.features"
        roles = page.evaluate(f"{drawn}.map((one) => one.properties.role)")
        assert "asset" in roles
        page.locator("#tool-lang").click()
        expect(page.locator("#section-why h3")).to_have_text("Why")
        assert "Runner-up" in panel(page) or "Rule" in panel(page)


def test_what_was_reported_is_never_markup(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        page.keyboard.press("j")
        expect(page.locator("#section-reports blockquote")).to_have_text(WORDS)
        assert page.locator("#x, #panel img").count() == 0


def test_filters_and_view_survive_a_reload(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        choose(page, "status", "dispatched")
        until(page, lambda: len(rows(page)) == 1 and set(rows(page)) == marks(page))
        choose(page, "category", "0118")
        page.locator("#view-cells").click()
        page.locator("#sort").select_option("created")
        page.locator("#time-24").click()
        page.keyboard.press("j")
        expect(page.locator("#panel .issue-number")).to_be_visible()
        until(page, lambda: "issue=" in page.url and "hours=24" in page.url)
        ready(page)
        before = (
            rows(page),
            camera(page),
            shown(page),
            page.url,
        )
        page.reload()
        ready(page)
        expect(page.locator("#panel .issue-number")).to_be_visible()
        until(page, lambda: rows(page) == before[0])
        assert camera(page)[2] == pytest.approx(before[1][2], abs=0.01)
        assert shown(page) == before[2]
        assert page.url == before[3]
        for part in ("status=dispatched", "category=0118", "view=cells", "sort=created", "hours=24"):
            assert part in page.url
        expect(page.locator("#view-cells")).to_have_attribute("aria-pressed", "true")
        page.locator("#filters-clear").click()
        until(page, lambda: len(rows(page)) == 5)
        assert "status=" not in until(page, lambda: page.url if "status=" not in page.url else "")


@pytest.mark.parametrize(
    "query",
    ["?at=x&view=<b>&sort=;&hours=-3&age=1e999&scope=1", "?issue=%3Cb%3E&lang=xx", "?at=99/99/999"],
)
def test_an_odd_address_opens_all_the_same(chromium: Browser, desk: Desk, query: str) -> None:
    with opened_desk(chromium, desk, query, forgive="404|422") as page:
        page.wait_for_selector("body[data-ready]")
        expect(page.locator("#list-title")).to_contain_text("件")


def test_a_live_update_keeps_panel_selection_and_view(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) == 5)
        expect(page.locator("#connection")).to_have_text("实时")
        page.locator("#rows > li").nth(2).locator("button").click()
        expect(page.locator("#panel .issue-number")).to_be_visible()
        ready(page)
        page.locator(".story summary").click()
        page.evaluate("document.querySelector('#panel').scrollTop = 90")
        chosen = page.locator("#rows .chosen").get_attribute("data-number")
        before = (camera(page), page.evaluate("document.querySelector('#panel').scrollTop"), page.url)
        new = desk.report(at(0.42, 0.55), text="new")
        until(page, lambda: new in rows(page))
        until(page, lambda: new in marks(page))
        desk.act(str(chosen), "comment", reason="seen")
        expect(page.locator("#section-history")).to_contain_text("seen")
        assert (camera(page), page.evaluate("document.querySelector('#panel').scrollTop"), page.url) == before
        expect(page.locator("#rows .chosen")).to_have_attribute("data-number", str(chosen))
        desk.act(new, "reject", reason="twice")
        until(page, lambda: new not in rows(page) and new not in marks(page))
        assert (camera(page), page.url) == (before[0], before[2])


def test_what_happened_while_it_was_cut_off_is_there_afterwards(chromium: Browser, tmp_path: Path) -> None:
    first = started(published_city(tmp_path / "c").folder)
    number = first.report(PLACES[0])
    try:
        with opened_desk(chromium, first, CLOSE, forgive="ERR_|Failed to|50[0-9]|tile") as page:
            ready(page)
            until(page, lambda: rows(page) == [number])
            expect(page.locator("#connection")).to_have_text("实时")
            stop(first)
            expect(page.locator("#connection")).to_contain_text("连接中断")
            first = started(first.folder, int(first.url.rpartition(":")[2]))
            other = first.report(PLACES[1])
            until(page, lambda: sorted(rows(page)) == sorted([number, other]))
            expect(page.locator("#connection")).to_have_text("实时")
    finally:
        stop(first)


def test_an_empty_city_says_so(chromium: Browser, tmp_path: Path) -> None:
    with desk_of(published_city(tmp_path / "c").folder) as empty, opened_desk(chromium, empty) as page:
        ready(page)
        expect(page.locator("#list-state")).to_contain_text("没有")
        number = empty.report(PLACES[0])
        until(page, lambda: rows(page) == [number])


def test_a_long_list_is_a_few_elements(chromium: Browser, tmp_path: Path) -> None:
    with desk_of(published_city(tmp_path / "c").folder) as desk:
        for n in range(150):
            desk.report(at(0.2 + 0.02 * n, 0.1 + 0.01 * (n % 90)))
        with opened_desk(chromium, desk, "?scope=all&sort=number") as page:
            ready(page)
            until(page, lambda: len(rows(page)) > 5)
            assert page.locator("#rows > li").count() < 40
            first = rows(page)[0]
            page.locator("#list").evaluate("(list) => { list.scrollTop = list.scrollHeight }")
            until(page, lambda: bool(rows(page)) and rows(page)[-1].endswith("-0150"))
            assert first not in rows(page)
            assert page.locator("#rows > li").last.get_attribute("aria-posinset") == "150"
            clusters = page.evaluate(
                "desk.map.queryRenderedFeatures({ layers: ['cluster'] }).map((one) => one.properties.count)"
            )
            assert sum(clusters) + len(marks(page)) >= 100


def test_views_are_saved_and_used_again(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        choose(page, "status", "dispatched")
        page.locator("#menu-views").click()
        page.locator("#view-name").fill("派出的 <b>")
        page.locator("#saved form button").click()
        page.keyboard.press("Escape")
        page.locator("#filters-clear").click()
        page.evaluate("desk.map.jumpTo({ center: [120.83, 32.01], zoom: 13 })")
        until(page, lambda: "status=" not in page.url)
        page.locator("#menu-views").click()
        page.locator("#saved .saved-row button", has_text="派出的 <b>").click()
        until(page, lambda: "status=dispatched" in page.url and camera(page)[2] == 15)


def test_nobody_sees_anything_without_a_key(chromium: Browser, tmp_path: Path) -> None:
    city = published_city(tmp_path / "c")
    keys = {
        role: create_key(city, role, name=role.value, now_us=now_us())[1]
        for role in (Role.PLANNER, Role.REPORTER, Role.DISPATCHER)
    }
    with desk_of(city.folder) as desk, opened_desk(chromium, desk, forgive="401") as page:
        desk.key = keys[Role.DISPATCHER]
        number = desk.report(PLACES[0], text=WORDS)
        expect(page.locator("#sign-in")).to_be_visible()
        page.locator("#access-key").fill("wp_00000000_" + "0" * 64)
        page.keyboard.press("Enter")
        expect(page.locator("#sign-in-fault")).not_to_be_empty()
        page.locator("#access-key").fill(keys[Role.REPORTER])
        page.keyboard.press("Enter")
        expect(page.locator("#sign-in-fault")).to_contain_text("上报渠道")
        page.locator("#access-key").fill(keys[Role.PLANNER])
        page.keyboard.press("Enter")
        ready(page)
        until(page, lambda: rows(page) == [number])
        page.keyboard.press("j")
        expect(page.locator("#section-reports")).to_contain_text("不能查看")
        page.locator("#tool-out").click()
        expect(page.locator("#sign-in")).to_be_visible()


def test_cells_are_coloured_by_their_number(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, "?view=cells&level=district") as page:
        ready(page)
        counts = desk.ask("GET", "/v1/issues/counts?level=district")["cells"]
        state = "desk.map.getFeatureState({ source: 'base', sourceLayer: 'cell', id: %d }).open"
        for one in counts.values():
            until(page, lambda one=one: page.evaluate(state % one["id"]) == one["open"])
        assert page.locator("#legend .swatch").count() >= 2
        page.locator("#view-heat").click()
        expect(page.locator("#legend .ramp")).to_be_visible()
        assert page.evaluate("desk.map.getLayoutProperty('heat', 'visibility')") == "visible"


def test_it_prints_map_legend_and_list(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, CLOSE) as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)
        done = "window.dispatchEvent(new Event('beforeprint')); document.body.dataset.printed = 'true'"
        page.evaluate(f"window.print = () => {{ {done} }}")
        page.locator("#tool-print").click()
        page.wait_for_selector("body[data-printed]")
        page.emulate_media(media="print")
        assert page.locator("#print-list tbody tr").count() == len(rows(page))
        expect(page.locator(".print-map")).to_be_visible()
        # The picture is decoded beside the page.
        until(page, lambda: page.locator(".print-map").evaluate("(image) => image.naturalWidth") > 300)
        expect(page.locator("#legend .key")).to_be_visible()
        expect(page.locator("#filters")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(768, 1024), (320, 256)])
def test_nothing_is_cut_off_on_a_tablet_or_at_400_percent(
    chromium: Browser, desk: Desk, width: int, height: int
) -> None:
    with opened_desk(chromium, desk, CLOSE, viewport={"width": width, "height": height}) as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)
        page.keyboard.press("j")
        expect(page.locator("#panel .issue-number")).to_be_visible()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        for name in ("#map", "#list", "#panel", "#time"):
            box = page.locator(name).bounding_box()
            assert box is not None
            assert box["x"] >= -1
            assert box["x"] + box["width"] <= width + 1, name
            assert box["height"] >= 30, name
