"""What a report says of its place twice: the page tells where it does not fit, and draws both places."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.cities import at
from tests.desk_pages import Desk, camera, desk_of, opened_desk, ready, until
from tests.served import published_city

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(published_city(tmp_path_factory.mktemp("city")).folder) as found:
        yield found


def test_a_place_that_the_words_name_elsewhere_is_told_and_drawn(chromium: Browser, desk: Desk) -> None:
    number = desk.report(at(3.5, 0.5), text="怡居小区的灯不亮")
    with opened_desk(chromium, desk, f"?issue={number}&lang=zh") as page:
        ready(page)
        expect(page.locator("#panel .flags")).to_contain_text("文字所指在别处")
        said = page.locator("#section-reports .sources button")
        expect(said).to_contain_text("文字所指：怡居小区")
        expect(said).to_contain_text("不符")
        drawn = "desk.map.getStyle().sources.drawn.data.features"
        labels = page.evaluate(f"{drawn}.map((one) => one.properties.label)")
        assert any("怡居小区" in (label or "") for label in labels)
        before = camera(page)
        said.click()
        until(page, lambda: camera(page) != before)
        page.locator("#tool-lang").click()
        expect(page.locator("#panel .flags")).to_contain_text("Words name another place")
