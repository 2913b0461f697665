"""The map of changes in a real browser: every change is drawn and listed, no host is asked for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from browser import opened
from map_city import AT, block, levels
from playwright.sync_api import Browser, Page

from layers.diff import Difference, LayerDiff
from layers.diff_ground import Ground, no_ground
from layers.diff_places import PlaceMoves
from layers.diff_words import WordChange
from maps.diff_map import diff_map_html
from maps.files import WEB

pytestmark = pytest.mark.browser

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}%map%"
NONE = float("nan")


def frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def found(name: str = "网格0-0") -> Difference:
    """A cell that is gone, one that lost ground, one renamed; a lamp that moved; a rule that changed."""
    base = {"name": name, "before": "", "after": "", "m2": NONE, "m": NONE}
    cells = frame(
        [
            {**base, "kind": "removed", "code": "G0000", "before": name, "geometry": block(0, 0)},
            {**base, "kind": "reshaped", "code": "G0001", "m2": 1234.5, "geometry": block(1, 0)},
            {
                **base,
                "kind": "renamed",
                "code": "G0002",
                "before": "old",
                "after": "new",
                "geometry": block(2, 0),
            },
        ]
    )
    piece = {"before": "G0000", "after": "", "owner_before": "a", "owner_after": "b", "pieces": 1, "m2": 99.5}
    ground = frame([{**piece, "cell": True, "owner": True, "geometry": block(0, 0)}])
    way = shapely.LineString([(120.851, 32.001), (120.852, 32.002)])
    lamps = frame([{**base, "kind": "moved", "code": "L1", "m": 145.25, "geometry": way}])
    layers = (
        LayerDiff("grid:grid", cells, Ground(ground, 0, 0.0)),
        LayerDiff("asset:street_light", lamps, no_ground()),
    )
    return Difference("0001", "draft", layers, (WordChange("rules", "changed", "lamp", "a → @asset", name),))


def moves() -> PlaceMoves:
    sides = {
        f"{what}_{when}": what + when for what in ("cell", "asset", "owner") for when in ("before", "after")
    }
    row = {"row": 7, "lng": 120.855, "lat": 32.005, "category": "0118", "moves": "cell owner", **sides}
    return PlaceMoves(9, 1, frame([{**row, "geometry": shapely.Point(120.855, 32.005)}]))


def html(**other: object) -> str:
    asked = {
        "title": "崇川区",
        "languages": ["zh", "en"],
        "levels": levels(),
        "found": found(),
        "moves": moves(),
    }
    return diff_map_html(**{**asked, "generated_at": AT, **other})  # type: ignore[arg-type]


def written(folder: Path, **other: object) -> Path:
    file = folder / "changes.html"
    file.write_text(html(**other), encoding="utf-8")
    return file


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    with opened(chromium, written(tmp_path)) as page:
        yield page


def test_the_page_asks_no_host_for_anything_whatever_one_does(page: Page) -> None:
    """Leaving `opened` asserts it; here everything is touched once."""
    for at in range(page.locator(".jump").count()):
        page.locator(".jump").nth(at).click()
    for at in range(page.locator("#legend .switch input").count()):
        page.locator("#legend .switch input").nth(at).click()
    page.locator("#whole-city").click()
    page.locator("#language-en").click()
    page.locator(".leaflet-control-zoom-in").click()
    page.emulate_media(color_scheme="dark")


def test_every_kind_is_in_the_legend_and_every_change_in_the_list(page: Page) -> None:
    shown = page.locator("#legend .switch").all_inner_texts()
    assert [text.replace("\n", "") for text in shown] == [
        "范围换网格和责任单位1", "删除1", "移位1", "变形1", "改名1", "地点1",
    ]  # fmt: skip
    assert page.locator("#list-body tr").count() == 6
    assert page.locator("#map-section path.leaflet-interactive").count() == 6
    assert "1,234.5 m²" in page.locator("#list-body").inner_text()
    assert "145.25 m" in page.locator("#list-body").inner_text()


def test_a_kind_that_is_switched_off_leaves_map_and_list(page: Page) -> None:
    page.locator("#legend .switch input").nth(1).click()
    assert page.locator("#list-body tr").count() == 5
    assert page.locator("#map-section path.leaflet-interactive").count() == 5


def test_the_list_leads_to_the_place_and_says_what_changed(page: Page) -> None:
    page.get_by_label("在地图上看 G0002").click()
    popup = page.locator(".leaflet-popup .change-popup")
    assert "改名: 网格0-0 · G0002" in popup.inner_text()
    assert "old" in popup.inner_text()
    assert page.evaluate("document.activeElement.tagName") == "H3"


def test_rules_are_shown_with_both_lines(page: Page) -> None:
    assert page.locator("#words-body tr").all_inner_texts() == ["规则\t变更\tlamp\ta → @asset\t网格0-0"]


def test_the_switch_changes_every_word_of_the_page(page: Page) -> None:
    page.locator("#language-en").click()
    assert page.locator("html").get_attribute("lang") == "en"
    own = page.locator("#summary, #legend, #list-title, #list-head, #list-range, #words-title, #words-head")
    assert not re.search("[\u4e00-\u9fff]", " ".join(own.all_inner_texts()))


def test_nothing_from_a_city_is_read_as_markup(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, title=HOSTILE, found=found(HOSTILE))) as page:
        assert page.title() == HOSTILE
        assert HOSTILE in page.locator("#words-body").inner_text()
        page.locator(".jump").nth(1).click()
        assert HOSTILE in page.locator(".change-popup").inner_text()


def test_no_difference_is_a_page_too(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, written(tmp_path, found=Difference("0001", "draft", (), ()), moves=None)) as page:
        assert page.locator("#summary").inner_text() == "没有差别。"
        assert page.locator("#list").is_hidden()


def test_the_same_difference_is_the_same_file() -> None:
    assert html() == html()
    later = html(generated_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert html() != later


def test_the_modules_of_the_page_are_all_bundled() -> None:
    from maps.diff_map import MODULES

    own = {name for name in MODULES if name.startswith("diff/")}
    assert own == {f"diff/{file.stem}" for file in (WEB / "diff").glob("*.js")}
