"""The work order: what it says is right, fits on paper in a real browser, and nobody's markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import segno
from browser import launched, opened
from cities import at
from playwright.sync_api import Browser
from stores import NOON, an_issue

from geo.datum import convert
from geo.types import Datum
from layers.assign import assign
from layers.findings import Lang
from layers.generation import Generation
from layers.proof import prove
from layers.store.values import Event
from maps.work_order import WorkOrder, work_order_html

HOSTILE = "</q></script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'\x01\u2028{x}"
ADDRESS = "https://city.example/?issue=20261121-0001"
DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


def order(generation: Generation, *, texts: tuple[str, ...] = (), **fields: Any) -> WorkOrder:
    """The work order of a lamp in the middle of a cell."""
    lng, lat = at(0.5, 0.5)
    proof = prove(assign(generation, [lng], [lat], category=["0118"], accuracy_m=[10.0]))
    given = {"lng": lng, "lat": lat, "asset_id": "L0", "owner_id": "lamps", "due_us": NOON + 3 * DAY_US}
    sent = Event(7, "u", NOON + 60_000_000, "王调度", "dispatch", "", {}, {}, {}, "", "")
    return WorkOrder(
        an_issue(**{**given, **fields}), [sent], texts, (), proof, generation, ADDRESS,
        ZoneInfo("Asia/Shanghai"), NOON + DAY_US,
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_on_one_sheet_and_asks_for_nothing(
    browser: Browser, generation: Generation, tmp_path: Path, lang: Lang
) -> None:
    file = tmp_path / "order.html"
    file.write_text(work_order_html(order(generation, texts=("灯不亮，晚上很黑",)), lang), encoding="utf-8")
    with opened(browser, file) as page:
        printed = page.pdf(prefer_css_page_size=True)
        shown = page.locator("main").inner_text()
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if lang == "zh" else "en")
        assert page.locator("svg:visible").count() >= 2
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    expected = ["20261121-0001", "灯不亮，晚上很黑", "西区 › ", "路灯管理所", "2026-11-24 12:00", "王调度"]
    expected += ["2026-11-22 12:00", "0118", "WGS-84 120.805000, 32.005000"]
    expected += ["处置人签字" if lang == "zh" else "Signature of the handler"]
    for words in expected:
        assert words in shown, words


def test_the_button_prints(browser: Browser, generation: Generation, tmp_path: Path) -> None:
    file = tmp_path / "order.html"
    file.write_text(work_order_html(order(generation), "en"), encoding="utf-8")
    with opened(browser, file) as page:
        page.evaluate("window.print = () => { document.title = 'printed' }")
        page.get_by_role("button", name="Print").click()
        assert page.title() == "printed"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_comes_from_outside_is_text(
    browser: Browser, generation: Generation, tmp_path: Path, lang: Lang
) -> None:
    """In the report, in the names of city, cells, owners and assets, and in who sent it."""
    hostile = order(generation, texts=(HOSTILE, HOSTILE), category=HOSTILE, status="received")
    cells = replace(generation.cells, name=generation.cells.name + HOSTILE)
    owners = tuple(replace(owner, name=HOSTILE, name_en=HOSTILE) for owner in generation.owners)
    lamps = generation.assets["street_light"]
    assets = {**generation.assets, "street_light": replace(lamps, name=lamps.name + HOSTILE)}
    config = replace(generation.config, name=HOSTILE)
    other = replace(generation, cells=cells, owners=owners, assets=assets, config=config)
    event = replace(hostile.events[0], actor=HOSTILE)
    file = tmp_path / "order.html"
    page_text = work_order_html(replace(hostile, generation=other, events=[event]), lang)
    file.write_text(page_text, encoding="utf-8")
    assert "<script>alert" not in page_text
    assert "<img" not in page_text
    with opened(browser, file) as page:
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 1
        assert "<img src=x onerror=alert(2)>" in page.locator("q").first.inner_text()


def test_the_code_holds_the_address_of_the_issue(generation: Generation) -> None:
    page = work_order_html(order(generation), "zh")
    drawn = segno.make(ADDRESS, error="m", micro=False).svg_inline(border=4, omitsize=True, light="#fff")
    assert drawn in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_links_open_the_spot_in_the_datum_of_their_map(generation: Generation, lang: Lang) -> None:
    said = order(generation)
    lng, lat = at(0.5, 0.5)
    amap, baidu = (urlsplit(address or "") for address in (said.amap(), said.baidu()))
    gcj = [float(part) for part in convert(lng, lat, Datum.WGS84, Datum.GCJ02)]
    bd = [float(part) for part in convert(lng, lat, Datum.WGS84, Datum.BD09)]
    position = [float(part) for part in parse_qs(amap.query)["position"][0].split(",")]
    location = [float(part) for part in parse_qs(baidu.query)["location"][0].split(",")]
    assert position == pytest.approx(gcj, abs=1e-6)
    assert location == pytest.approx([bd[1], bd[0]], abs=1e-6)
    assert parse_qs(baidu.query)["coord_type"] == ["bd09ll"]
    assert parse_qs(amap.query)["coordinate"] == ["gaode"]
    page = work_order_html(said, lang)
    hrefs = re.findall(r'<a href="(https[^"]+)"', page)
    assert [href.replace("&amp;", "&") for href in hrefs] == [said.amap(), said.baidu()]


def test_an_issue_without_a_place_or_an_owner_has_an_order_too(generation: Generation) -> None:
    said = order(generation, lng=None, lat=None, owner_id=None, due_us=None, asset_id=None, cell_path="")
    for proof in (said.proof, None):
        page = work_order_html(replace(said, proof=proof), "en")
        assert "There is no usable position." in page
        assert "Nobody yet" in page
        assert "no limit" in page
        assert "amap.com" not in page


def test_what_is_late_says_so(generation: Generation) -> None:
    assert "⚠ overdue" in work_order_html(order(generation, due_us=NOON), "en")
    assert "⚠" not in work_order_html(order(generation, due_us=NOON, status="handled"), "en")


def test_the_reason_stands_only_where_the_rules_chose_the_owner(generation: Generation) -> None:
    """Somebody who transferred it had another."""
    assert "归属理由" in work_order_html(order(generation), "zh")
    assert "归属理由" not in work_order_html(order(generation, owner_id="parks"), "zh")
