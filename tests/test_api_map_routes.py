"""The page of stored issues: what the filters say, nothing private, and it opens under its own policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from browser import STILL, Watched
from playwright.sync_api import Browser, Page

from api import map_routes
from api.map_routes import HEADERS, PAGE, router
from api.report_routes import router as reports
from layers.action_changes import Asked
from layers.actions import act
from layers.actors import Actor
from layers.life_cycle import STATE_WORDS, Role, State
from layers.publish import publish
from tests.cities import at
from tests.served import PUBLISHED, Served, published_city, served
from tests.test_api_city_routes import ODD

TEXT = "张三家门口<b>灯</b>不亮"
REPORTER, CONTACT = "openid-4711", "138 0000 4711"
PLACES = [at(0.5, 0.5), at(1.5, 0.5), at(2.2, 0.3), at(3.7, 1.2), at(-30, 0)]
DISPATCHER = Actor("desk", Role.DISPATCHER)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Five issues, the second dispatched, the third rejected."""
    with served(published_city(tmp_path_factory.mktemp("city")), router, reports) as client:
        for lng, lat in PLACES:
            said = {"lng": lng, "lat": lat, "category": "0118", "text": TEXT}
            done = client.post("/v1/reports", json={**said, "reporter": REPORTER, "contact": CONTACT})
            assert done.status_code == 201
        numbers = [one["number"] for one in rows(client)][::-1]
        do(client, numbers[1], Asked("dispatch", version=1, owner="parks"))
        do(client, numbers[2], Asked("reject", "nothing is there", 1))
        yield client


def do(city: Served, number: str, asked: Asked) -> None:
    """Act on an issue."""
    live, now = city.service.live, city.service.now_us()
    changed = live.store.write(lambda c: act(live.generation, c, number, asked, DISPATCHER, now))
    live.changed([(one, None) for one in changed])


def payload(html: str) -> dict[str, Any]:
    """What the page is told."""
    found = re.search(r'<script type="application/json" id="woodpecker-data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    said: dict[str, Any] = json.loads(found[1])
    return said


def column(coded: dict[str, Any], count: int) -> list[Any]:
    """A column as it was before it was made short."""
    if "all" in coded:
        return [coded["all"]] * count
    if "of" in coded:
        return [None if at < 0 else coded["of"][at] for at in coded["at"]]
    values: list[Any] = coded["raw"]
    return values


def rows(city: Served, actor: Actor | None = None, **query: Any) -> list[dict[str, Any]]:
    """The issues on the page, as somebody sees it."""
    city.actor = actor or DISPATCHER
    answer = city.get(PAGE, params=query)
    assert answer.status_code == 200, answer.text
    told = payload(answer.text)["reports"]
    columns = {name: column(coded, told["count"]) for name, coded in told["columns"].items()}
    return [{name: values[at] for name, values in columns.items()} for at in range(told["count"])]


# ---- what stands on it


def test_open_issues_stand_on_it_the_last_changed_first(city: Served) -> None:
    found = rows(city)
    assert [one["status"] for one in found] == ["dispatched", "received", "received", "received"]
    first = found[0]
    assert first["owner_id"] == "parks"
    assert first["due_at"] > first["occurred_at"]
    assert first["due_at"].endswith("+08:00")  # by the city's clock
    assert re.fullmatch(r"\d{8}-0002", first["number"])
    assert "L1" in first["reason_zh"]
    assert "L1" in first["reason_en"]
    assert not first["overdue"]


def test_the_filters_are_those_of_the_list_of_issues(city: Served) -> None:
    assert len(rows(city, status="open,done")) == 5
    assert [one["status"] for one in rows(city, status="rejected")] == ["rejected"]
    assert len(rows(city, cell="A")) == 2
    assert len(rows(city, owner="parks")) == 1
    assert len(rows(city, bbox="120.80,32.00,120.81,32.01")) == 1
    assert rows(city, category="0203") == []


def test_who_is_confined_to_cells_sees_no_others(city: Served) -> None:
    assert len(rows(city, Actor("west", Role.OFFICER, ("A",)))) == 2


@pytest.mark.parametrize("role", list(Role))
def test_what_citizens_wrote_is_for_those_who_need_it(city: Served, role: Role) -> None:
    city.actor = Actor("x", role)
    html = city.get(PAGE, params={"status": "open,done"}).text
    told = payload(html)["reports"]
    texts = set(column(told["columns"]["text"], told["count"]))
    assert texts == ({TEXT} if role in (Role.OFFICER, Role.DISPATCHER, Role.ADMIN) else {None})
    assert REPORTER not in html
    assert CONTACT not in html
    assert "<b>灯</b>" not in html


def test_more_issues_than_a_page_holds_are_counted(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_routes, "MOST_ISSUES", 3)
    said = payload(city.get(PAGE).text)
    assert (said["reports"]["count"], said["left_out"]) == (3, 1)
    assert payload(city.get(PAGE, params={"cell": "A"}).text)["left_out"] == 0


def test_issues_that_nobody_answers_for_stand_on_it(city: Served) -> None:
    found = rows(city, unassigned="true")
    assert [one["cell_code"] for one in found] == [None]


def test_every_state_has_its_word_in_both_languages(city: Served) -> None:
    terms = payload(city.get(PAGE).text)["terms"]
    assert {state: tuple(terms[state.value]) for state in State} == STATE_WORDS


def test_the_ground_is_drawn_once_for_each_generation(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = published_city(tmp_path / "c")
    drawn: list[str] = []

    def counted(generation: Any) -> Any:
        drawn.append(generation.id)
        return original(generation)

    original = map_routes.ground_of
    monkeypatch.setattr(map_routes, "ground_of", counted)
    with served(folder, router) as city:
        first, second = city.get(PAGE).text, city.get(PAGE).text
        assert payload(first)["levels"] == payload(second)["levels"]
        publish(folder, now=PUBLISHED)
        city.service.live.follow()
        assert payload(city.get(PAGE).text)["reports"]["count"] == 0
    assert drawn == ["0001", "0002"]


# ---- how it is answered


def test_it_is_kept_nowhere_and_framed_by_nobody_else(city: Served) -> None:
    said = city.get(PAGE)
    assert said.headers["content-type"] == "text/html; charset=utf-8"
    policy = said.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "http" not in policy
    assert said.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "name", ["status", "category", "cell", "owner", "unassigned", "bbox", "since", "updated_since", "limit"]
)
def test_an_odd_question_is_answered_or_refused(city: Served, name: str, odd: str) -> None:
    raw = quote(odd, errors="surrogatepass")
    assert city.get(f"{PAGE}?{name}={raw}&{name}={raw}").status_code in (200, 422)


# ---- in a browser


@pytest.fixture(scope="module")
def html(city: Served) -> str:
    """The page with all issues; asked for before the browser takes the event loop."""
    city.actor = DISPATCHER
    return city.get(PAGE, params={"status": "open,done"}).text


@pytest.fixture
def page(html: str, chromium: Browser) -> Iterator[Page]:
    """The page as a browser gets it: with its headers, from a host of its own."""
    url = f"http://city.test{PAGE}"
    fresh = chromium.new_context(**STILL)
    try:
        watched = Watched(fresh.new_page(), url)
        watched.page.route(
            url, lambda route: route.fulfill(body=html, headers=HEADERS, content_type="text/html")
        )
        watched.page.goto(url)
        yield watched.page
        assert watched.faults() == []
    finally:
        fresh.close()


@pytest.mark.browser
def test_it_opens_under_its_policy_and_calls_issues_issues(page: Page) -> None:
    assert page.locator("#summary").inner_text().startswith("共 5 件，显示 5 件。")
    assert page.locator("#list-title").inner_text() == "案件列表"
    page.locator("#language-en").click()
    assert page.locator("#summary").inner_text().startswith("5 issues, 5 shown.")
    assert page.locator("#list-title").inner_text() == "List of issues"
    assert "report" not in page.locator("body").inner_text().lower()


@pytest.mark.browser
def test_the_list_tells_number_state_and_due_time(page: Page) -> None:
    number = page.locator("#list-body .col-number").all_inner_texts()
    assert number == sorted(number, reverse=True)
    assert re.fullmatch(r"\d{8}-0005", number[0])
    assert page.locator("#list-body .col-status").all_inner_texts() == [
        "已受理", "已受理", "不予受理", "已派出", "已受理",
    ]  # fmt: skip
    due = page.locator("#list-body .col-due").all_inner_texts()
    assert all(re.match(r"\d{4}-\d\d-\d\d", one) for one in due)
    assert page.locator("#list-body .col-text").all_inner_texts() == [TEXT] * 5


@pytest.mark.browser
def test_the_popup_tells_number_state_due_time_owner_and_reason(page: Page) -> None:
    page.locator("#list-body tr", has_text="已派出").locator(".jump").click()
    said = page.locator(".leaflet-popup .report").inner_text()
    for word in ("案件 20", "-0002", TEXT, "已派出", "时限", "parks", "依据", "L1"):
        assert word in said, word
    page.locator("#language-en").click()
    page.locator("#list-body tr", has_text="dispatched").locator(".jump").click()
    said = page.locator(".leaflet-popup .report").inner_text()
    for word in ("Issue 20", "dispatched", "Due", "The position lies in"):
        assert word in said, word
