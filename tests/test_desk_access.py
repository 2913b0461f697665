"""The dispatcher's page for those who see little, use no mouse, or have a screen reader: WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import violations
from tests.cities import at
from tests.desk_pages import Desk, desk_of, marks, opened_desk, ready, rows, until
from tests.served import published_city

pytestmark = pytest.mark.browser

CLOSE = "at=15.0/32.005/120.805"
# What a reader may set for himself (WCAG 1.4.12).
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
)

FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: one.id || `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`,
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: middle !== null && (one.contains(middle) || middle.contains(one)),
  };
}"""

UNREACHED = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.closest('#rows')
    && one.type !== 'radio' && one.tabIndex < 0).map((one) => one.id || one.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll('button, input, select, textarea, summary, label.option')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('label'))
  .map((one) => [one.id || one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([name, box]) => [name, box.width, box.height])"""

CUT = """() => [...document.querySelectorAll(
    'button, h1, h2, h3, label, dt, dd, legend, summary, p, #time-told')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !one.closest('.row, .hidden, .maplibregl-map, .skip'))
  .filter((one) => ['hidden', 'clip'].includes(getComputedStyle(one).overflowX)
    ? one.scrollWidth > one.clientWidth + 2 || one.scrollHeight > one.clientHeight + 4
    : one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.id || one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Eight lamps in the west, one dispatched, one with a likely repeat; litter in the east."""
    city = published_city(tmp_path_factory.mktemp("city"))
    with desk_of(city.folder) as found:
        numbers = [found.report(at(0.2 + 0.08 * n, 0.5), text=f"灯不亮 {n}") for n in range(8)]
        found.act(numbers[1], "dispatch", owner="parks", reason="theirs")
        found.report(at(2.2, 0.5), "0203", text="litter")
        yield found


def state_open(page: Page) -> None:
    """An issue is open."""
    page.keyboard.press("j")
    expect(page.locator("#panel .issue-number")).to_be_visible()


def state_menu(page: Page) -> None:
    page.locator("#menu-status").click()
    expect(page.locator("#options-status input").first).to_be_visible()


def state_views(page: Page) -> None:
    page.keyboard.press("Escape")
    page.locator("#view-cells").click()
    page.locator("#menu-views").click()


def state_help(page: Page) -> None:
    page.locator("#title").click()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def state_new(page: Page) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.locator("#new-words").fill("32.005 120.805 灯不亮")
    expect(page.locator("#new-preview .hint")).to_be_visible()  # these words are no place


def state_search(page: Page) -> None:
    page.locator("#search").fill("32.005,120.805")
    expect(page.locator("#search-found .found").first).to_be_visible()


def state_empty(page: Page) -> None:
    page.evaluate("desk.map.jumpTo({ center: [120.79, 32.04], zoom: 16 })")
    expect(page.locator("#list-state")).to_be_visible()


STATES: list[Callable[[Page], None]] = [
    state_open,
    state_menu,
    state_views,
    state_help,
    state_new,
    state_search,
    state_empty,
]


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "light"), ("en", "dark")])
def test_axe_finds_nothing_whatever_is_open(chromium: Browser, desk: Desk, lang: str, scheme: Any) -> None:
    with opened_desk(chromium, desk, f"?{CLOSE}&lang={lang}", color_scheme=scheme) as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)
        found = {"start": violations(page)}
        for state in STATES:
            state(page)
            found[state.__name__] = violations(page)
        assert {name: said for name, said in found.items() if said} == {}


def test_axe_finds_nothing_at_400_percent_in_the_other_languages_and_themes(
    chromium: Browser, desk: Desk
) -> None:
    for lang, scheme in (("zh", "dark"), ("en", "light")):
        small: Any = {"viewport": {"width": 320, "height": 256}, "color_scheme": scheme}
        with opened_desk(chromium, desk, f"?{CLOSE}&lang={lang}", **small) as page:
            ready(page)
            state_open(page)
            assert violations(page) == []


def test_the_tab_key_reaches_everything_and_the_focus_is_always_seen(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, f"?{CLOSE}&lang=zh") as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)
        state_open(page)
        page.keyboard.press("Enter")
        assert page.evaluate(UNREACHED) == []
        page.locator(".skip").focus()
        names: list[str] = []
        for _ in range(150):
            found = page.evaluate(FOCUS)
            if found is None:
                break
            assert found["ring"], found
            assert found["seen"], found
            names.append(found["name"])
            page.keyboard.press("Tab")
        assert found is None, "the focus goes round and never leaves"
        assert len(names) > 25
        for wanted in ("search", "new-issue-open", "menu-status", "sort", "view-heat", "panel-close"):
            assert wanted in names


def test_a_morning_by_keyboard_alone_never_loses_the_focus(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, f"?{CLOSE}&lang=zh") as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)

        def held(where: str) -> None:
            within = f"document.getElementById('{where}').contains(document.activeElement)"
            until(page, lambda: page.evaluate(within))
            assert page.evaluate(FOCUS) is not None

        page.keyboard.press("j")
        held("rows")
        page.keyboard.press("Enter")
        held("panel")
        page.keyboard.press("Escape")
        held("list")
        page.keyboard.press("/")
        held("search-slot")
        page.keyboard.insert_text("32.005,120.805")
        expect(page.locator("#search-found .found").first).to_be_visible()
        page.keyboard.press("Enter")
        assert page.evaluate(FOCUS) is not None
        page.keyboard.press("Escape")
        assert page.evaluate(FOCUS) is not None
        page.keyboard.press("j")
        held("rows")
        page.keyboard.press("n")
        held("new-issue")
        page.keyboard.press("Escape")
        held("rows")
        page.keyboard.press("?")
        held("help")
        page.keyboard.press("Escape")
        held("rows")
        # The row that had the focus goes while a dialog is open.
        page.keyboard.press("?")
        held("help")
        page.evaluate("document.querySelectorAll('#rows > li').forEach((row) => row.remove())")
        page.keyboard.press("Escape")
        held("list")
        # The list becomes empty under the focus.
        expect(page.locator("#panel")).to_have_attribute("aria-busy", "false")
        until(page, lambda: not page.evaluate("desk.map.isMoving()"))
        page.evaluate("desk.map.jumpTo({ center: [120.79, 32.04], zoom: 16 })")
        expect(page.locator("#list-state")).to_be_visible()
        assert page.evaluate(FOCUS) is not None


def test_a_row_that_was_away_for_a_while_has_the_focus_again(chromium: Browser, desk: Desk) -> None:
    """While the map moves, the list may well be empty, or without the issue, for a moment."""
    with opened_desk(chromium, desk, f"?{CLOSE}&lang=zh") as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)
        number = rows(page)[1]
        page.locator(f'#rows > li[data-number="{number}"] button').focus()
        page.evaluate("desk.map.jumpTo({ center: [120.79, 32.04], zoom: 16 })")
        expect(page.locator("#list-state")).to_be_focused()
        page.evaluate("desk.map.jumpTo({ center: [120.805, 32.005], zoom: 15 })")
        expect(page.locator(f'#rows > li[data-number="{number}"] button')).to_be_focused()


def test_a_place_for_a_new_issue_needs_no_mouse(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, f"?{CLOSE}&lang=en") as page:
        ready(page)
        page.keyboard.press("n")
        page.locator("#new-centre").press("Enter")
        expect(page.locator("#new-where")).to_contain_text("32.005")
        expect(page.locator("#new-preview dl")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_targets_are_large_enough_and_no_text_is_cut_when_spaced(
    chromium: Browser, desk: Desk, lang: str
) -> None:
    with opened_desk(chromium, desk, f"?{CLOSE}&lang={lang}", bypass_csp=True) as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)
        state_open(page)
        assert page.evaluate(SMALL) == []
        page.add_style_tag(content=SPACING)
        page.wait_for_timeout(200)
        assert page.evaluate(CUT) == []


@pytest.mark.parametrize(("width", "height"), [(320, 256), (360, 740), (768, 1024)])
def test_nothing_scrolls_sideways_whatever_is_open(
    chromium: Browser, desk: Desk, width: int, height: int
) -> None:
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    size: Any = {"viewport": {"width": width, "height": height}}
    with opened_desk(chromium, desk, f"?{CLOSE}&lang=en", **size) as page:
        ready(page)
        until(page, lambda: len(rows(page)) >= 5)
        for state in STATES:
            state(page)
            assert page.evaluate(over) <= 0, state.__name__


def test_nothing_moves_for_those_who_asked_for_rest(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, f"?{CLOSE}&lang=zh", reduced_motion="reduce") as page:
        ready(page)
        page.locator("#map-busy").evaluate("(bar) => { bar.hidden = false }")
        moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
        assert page.evaluate(moving) == 0
        state_open(page)
        before = page.evaluate("desk.map.getZoom()")
        page.evaluate("document.getElementById('zoom-in')?.click()")
        assert page.evaluate("desk.map.isMoving()") is False, before


def test_list_and_map_tell_the_same_and_news_are_said(chromium: Browser, desk: Desk) -> None:
    with opened_desk(chromium, desk, f"?{CLOSE}&lang=en") as page:
        ready(page)
        until(page, lambda: rows(page) != [] and set(rows(page)) == marks(page))
        until(page, lambda: page.evaluate("desk.store.state.connection") == "live")
        assert page.locator("#map").get_attribute("aria-hidden") == "true"
        row = page.locator("#rows > li").first
        assert row.get_attribute("aria-setsize") == str(len(rows(page)))
        assert row.get_attribute("aria-posinset") == "1"
        first = rows(page)[0]
        said = row.locator("button").inner_text()
        assert first in said
        desk.report(at(0.45, 0.52), text="another")
        expect(page.locator("#announced")).to_contain_text("1")
        until(page, lambda: set(rows(page)) == marks(page))
