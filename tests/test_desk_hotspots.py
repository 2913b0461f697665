"""The layer of hotspots on the dispatcher's page: asked for, drawn, told, and never in anybody's way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us
from tests.axe import violations
from tests.cities import at
from tests.desk_pages import WAIT_MS, Desk, desk_of, opened_desk, ready, rows, spot, until
from tests.hotspot_cities import LIT, SIDE, SIZE, lattice_city

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)

LAMP, NOISE = "0118", "E0301"
WHOLE = "at=13.2/32.02/120.82"
ASKED = "**/v1/hotspots?**"


def in_cell(column: int, row: int) -> tuple[float, float]:
    return at((column + 0.4) * SIZE, (row + 0.4) * SIZE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A lamp and a noise in every other cell, and many lamps in sixteen."""
    city = lattice_city(tmp_path_factory.mktemp("city") / "city")
    with desk_of(city.folder) as found:
        for column in range(0, SIDE, 2):
            for row in range(0, SIDE, 2):
                found.report(in_cell(column, row), NOISE)
                if column < LIT:
                    found.report(in_cell(column, row), LAMP)
        for n in range(48):
            found.report(in_cell(2 + n % 4, 2 + n // 4 % 4), LAMP)
        yield found


def answer(*classes: str, **about: str) -> dict[str, Any]:
    """What the service might say of so many cells in a row."""
    features = []
    for n, name in enumerate(classes):
        west, south, east, north = *at(0.25 * n, 0), *at(0.25 * n + 0.25, 0.25)
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        properties = {
            **{"category": "", "cell_code": f"S{n}", "cell_name": f"格{n}", "class": name, "is_new": n == 1},
            **{"observed": 12.0, "expected": 3.456, "reports": 7, "issues": 6, "q": 0.0004},
            **{"relative_risk": 3.47, "rr_low": 1.9 - n / 10, "rr_high": None},
        }
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    note = {"zh": "热点说的不是原因。", "en": "Hot tells of no cause."}
    return {"type": "FeatureCollection", "features": features, "about": about, "notes": [note]}


def stub(page: Page, said: dict[str, Any], asked: list[str] | None = None) -> None:
    def reply(route: Route) -> None:
        if asked is not None:
            asked.append(route.request.url)
        route.fulfill(body=json.dumps(said), content_type="application/geo+json")

    page.route(ASKED, reply)


def told(page: Page) -> str:
    return page.locator("#hotspots").inner_text()


def test_hotspots_of_the_filtered_category_are_found_drawn_and_told(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, f"?{WHOLE}&lang=zh&category={LAMP}") as page:
        ready(page)
        assert not page.locator("#hotspots").is_visible()
        page.locator("#view-hotspots").click()
        expect(page.locator("#hotspots-state")).to_contain_text("192 个单元中，1 个热点")
        expect(page.locator("#view-hotspots")).to_have_attribute("aria-pressed", "true")
        assert "占全部上报" in told(page)
        page.locator(".spot-list summary").click()
        page.locator(".spot").first.click()
        facts = page.locator("#spot-facts")
        expect(facts).to_be_focused()
        for word in ("热点", "实际数", "期望数", "相对风险", "q 值"):
            expect(facts).to_contain_text(word)
        until(page, lambda: "hotspots=share" in page.url and "hotspot=C" in page.url)
        code = page.evaluate("desk.store.state.hotspot")
        ready(page)
        state = f"desk.map.getFeatureState({{ source: 'hotspots', id: '{code}' }}).chosen"
        until(page, lambda: page.evaluate(state))
        page.reload()
        ready(page)
        expect(page.locator("#spot-facts")).to_be_visible()
        page.locator("#tool-lang").click()
        expect(page.locator("#hotspots-state")).to_contain_text("are hot")
        page.locator("#hotspots-close").click()
        expect(page.locator("#hotspots")).to_be_hidden()
        expect(page.locator("#view-hotspots")).to_be_focused()
        until(page, lambda: "hotspot" not in page.url)


def test_a_cell_that_is_clicked_is_told_of(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, f"?{WHOLE}&lang=en&hotspots=none&view=heat") as page:
        stub(page, answer("hot", "hot", "cold", "not significant", baseline="none"))
        page.reload()
        ready(page)
        expect(page.locator("#hotspots-state")).to_have_text("Of 4 cells 2 are hot and 1 cold.")
        page.evaluate("(place) => desk.map.jumpTo({ center: place, zoom: 15 })", list(at(0.6, 0.12)))
        ready(page)
        page.mouse.move(*spot(page, at(0.6, 0.12)))
        until(page, lambda: "Cold" in page.locator("#map-tip").text_content())
        page.mouse.click(*spot(page, at(0.6, 0.12)))
        expect(page.locator("#spot-title")).to_have_text("格2")
        facts = page.locator("#spot-facts").inner_text()
        for word in ("Cold", "12", "3.5", "< 0.001", "7 reports, 6 issues"):
            assert word in facts, word
        page.locator(".spot-list summary").click()
        page.locator("#spot-facts button").click()
        expect(page.locator(".spot[data-code=S2]")).to_be_focused()


def test_filters_window_and_baseline_are_asked_for_and_stay_in_the_address(
    chromium: Browser, desk: Desk
) -> None:
    asked: list[str] = []
    with opened_desk(chromium, desk, f"?{WHOLE}&lang=en") as page:
        stub(page, answer("hot"), asked)
        ready(page)
        assert asked == []
        page.locator("#view-hotspots").click()
        until(page, lambda: len(asked) == 1)
        page.locator("#hotspots-days").focus()
        page.locator("#hotspots-days").select_option("90")
        until(page, lambda: len(asked) == 2)
        expect(page.locator("#hotspots-days")).to_be_focused()
        page.locator("#hotspots-baseline").select_option("area")
        until(page, lambda: len(asked) == 3)
        page.evaluate(
            "desk.store.set({ filters: { ...desk.store.state.filters, category: ['0118', 'E0301'] } })"
        )
        until(page, lambda: len(asked) == 4)
        assert "category=0118%2CE0301" in asked[3]
        assert "baseline=area" in asked[3]
        assert "since=20" in asked[3]
        until(page, lambda: "hotspots=area" in page.url and "days=90" in page.url)
        page.evaluate("desk.store.set({ filters: { ...desk.store.state.filters, text: 'x' } })")
        page.wait_for_timeout(600)
        assert len(asked) == 4


def test_while_it_is_worked_out_everything_else_can_be_done(chromium: Browser, desk: Desk) -> None:
    held: list[Route] = []
    with opened_desk(chromium, desk, f"?{WHOLE}&lang=zh") as page:
        page.route(ASKED, lambda route: held.append(route))
        ready(page)
        page.locator("#view-hotspots").click()
        until(page, lambda: bool(held))
        expect(page.locator("#hotspots-state")).to_have_text("正在检验，请稍候…")
        until(page, lambda: bool(rows(page)))
        page.keyboard.press("j")
        expect(page.locator("#panel .issue-number")).to_be_visible()
        page.keyboard.press("Escape")
        held[0].fulfill(body=json.dumps(answer("not significant")), content_type="application/geo+json")
        expect(page.locator("#hotspots-state")).to_have_text("没有超出偶然的单元。")


def test_what_goes_wrong_is_said_and_can_be_tried_again(chromium: Browser, desk: Desk) -> None:
    turns = iter([429, 200])

    def reply(route: Route) -> None:
        if next(turns) == 429:
            problem = {
                "code": "too_many",
                "title": "Busy",
                "detail": "8 questions wait.",
                "detail_zh": "已有 8 个查询。",
            }
            return route.fulfill(
                status=429, body=json.dumps(problem), content_type="application/problem+json"
            )
        return route.fulfill(body=json.dumps(answer()), content_type="application/geo+json")

    with opened_desk(chromium, desk, f"?{WHOLE}&lang=zh", forgive="429") as page:
        page.route(ASKED, reply)
        ready(page)
        page.locator("#view-hotspots").click()
        expect(page.locator("#hotspots-state")).to_have_text("已有 8 个查询。")
        page.locator("#hotspots-again").click()
        expect(page.locator("#hotspots-state")).to_have_text("没有可以检验的单元。")


def test_several_categories_are_looked_at_one_by_one(chromium: Browser, desk: Desk) -> None:
    said = answer("hot", "cold")
    said["features"][0]["properties"]["category"] = LAMP
    said["features"][1]["properties"]["category"] = NOISE
    with opened_desk(chromium, desk, f"?{WHOLE}&lang=en&hotspots=share") as page:
        stub(page, said)
        page.reload()
        ready(page)
        expect(page.locator("#hotspots-state")).to_have_text("Of 1 cells 1 are hot and 0 cold.")
        page.locator("#hotspots-category").select_option(NOISE)
        expect(page.locator("#hotspots-state")).to_have_text("Of 1 cells 0 are hot and 1 cold.")


def test_names_from_the_city_are_text(chromium: Browser, desk: Desk) -> None:
    said = answer("hot")
    hostile = "<img src=/nowhere onerror=alert(1)>"
    said["features"][0]["properties"] |= {"cell_name": hostile, "top_asset": hostile, "top_category": hostile}
    with opened_desk(chromium, desk, f"?{WHOLE}&lang=en&hotspots=share&hotspot=S0") as page:
        stub(page, said)
        page.reload()
        ready(page)
        expect(page.locator("#spot-title")).to_have_text(hostile)
        assert page.locator("#hotspots img").count() == 0


@pytest.mark.parametrize(
    ("lang", "scheme", "width"), [("zh", "light", 1280), ("en", "dark", 1280), ("zh", "dark", 320)]
)
def test_axe_finds_nothing_and_nothing_runs_over(
    chromium: Browser, desk: Desk, lang: str, scheme: Any, width: int
) -> None:
    size: Any = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    query = f"?{WHOLE}&lang={lang}&hotspots=none&category={LAMP}"
    with opened_desk(chromium, desk, query, **size) as page:
        ready(page)
        page.locator(".spot-list summary").click()
        page.locator(".spot").first.click()
        expect(page.locator("#spot-facts")).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_who_may_not_ask_has_no_button(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> None:
    city = lattice_city(tmp_path_factory.mktemp("keys") / "city")
    key = create_key(city, Role.OFFICER, name="走格", cells=["D00"], now_us=now_us())[1]
    with desk_of(city.folder) as served, opened_desk(chromium, served, "?lang=zh", forgive="401") as page:
        page.locator("#access-key").fill(key)
        page.keyboard.press("Enter")
        ready(page)
        assert page.locator("#view-hotspots").count() == 0
