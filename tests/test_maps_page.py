"""The file around the map: self-contained, the same every time, small, closed to foreign scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from map_city import SOUTH, WEST, city, levels, report

from maps import hotspot_report
from maps.files import WEB
from maps.issue_map import MODULES, issue_map_html
from maps.page import bundle


@pytest.fixture(scope="module")
def html() -> str:
    return issue_map_html(**city())


def test_nothing_in_the_file_names_something_to_load(html: str) -> None:
    markup = re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.DOTALL)
    assert not re.search(r"\b(src|srcset|data|action)=|<link|<iframe|<object|@import", markup)
    assert "googleapis" not in html
    assert "cdn" not in html.lower()


def test_the_policy_allows_the_files_own_scripts_and_no_request(html: str) -> None:
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1])  # type: ignore[index]
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    assert len(scripts) == 3
    assert policy == (
        "default-src 'none'; script-src "
        + " ".join(f"'sha256-{digest}'" for digest in digests)
        + "; style-src 'unsafe-inline'; img-src data:"
    )


def test_the_same_city_makes_the_same_file(html: str) -> None:
    assert issue_map_html(**city()) == html


def test_readers_may_zoom(html: str) -> None:
    """Folium's own viewport forbids it."""
    assert "user-scalable" not in html
    assert "maximum-scale" not in html


def test_texts_are_never_read_as_templates() -> None:
    html = issue_map_html(**city(title="{{ 7*7 }} {% raw %}", note="{{ this }}"))
    assert "<title>{{ 7*7 }} {% raw %}</title>" in html
    assert '"note":"{{ this }}"' in html


def test_a_lone_surrogate_does_not_stop_the_file() -> None:
    issue_map_html(**city(title="\ud800", note="\udfff")).encode("utf-8")


def test_the_modules_are_bundled_whole_and_in_an_order_that_works() -> None:
    """Every module is listed, and each comes after those whose names it needs at once."""
    for folder, modules in (("page", MODULES), ("hotspots", hotspot_report.MODULES)):
        own = sorted(name for name in modules if name.startswith(f"{folder}/"))
        assert own == sorted(f"{folder}/{file.stem}" for file in (WEB / folder).glob("*.js"))
        text = bundle(WEB, modules)
        assert not re.search(r"^(import|export) ", text, re.MULTILINE)
        names = re.findall(r"^(?:const|let|function) (\w+)", text, re.MULTILINE)
        assert len(names) == len(set(names))


def test_no_module_writes_markup_from_text() -> None:
    risky = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(")
    files = [file for folder in ("page", "hotspots") for file in (WEB / folder).glob("*.js")]
    assert files
    assert [file.name for file in files if risky.search(file.read_text("utf-8"))] == []


def many(size: int, side: int) -> pd.DataFrame:
    """Reports with words of their own, spread over a grid of side by side cells."""
    random = np.random.default_rng(7)
    cell = random.integers(0, side * side, size)
    row, column = np.divmod(cell, side)
    step = 0.3 / side
    codes = [f"G{r:02}{c:02}" for r, c in zip(row, column, strict=True)]
    numbers = np.arange(size)
    frame = pd.DataFrame([report(0)]).loc[np.zeros(size, int)].reset_index(drop=True)
    return frame.assign(
        lng=WEST + (column + random.random(size)) * step,
        lat=SOUTH + (row + random.random(size)) * step,
        text=[f"中心路与人民西路交叉口东北角第{n}号路灯不亮已三天请尽快派人修理" for n in numbers],
        occurred_at=[f"2026-11-{1 + n % 20:02}T{n % 24:02}:{n % 60:02}:00Z" for n in numbers],
        cell_code=codes,
        cell_name=[f"网格{code}" for code in codes],
        cell_path=[f"D2/{code}" for code in codes],
        asset_id=[f"street_light-{n * 7 % 99991:06}" for n in numbers],
        asset_m=random.random(size) * 40,
        owner_id=[f"owner-{n % 60}" for n in numbers],
        owner_name=[f"第{n % 60}养护所" for n in numbers],
    )


def test_ten_thousand_reports_on_fifteen_hundred_cells_fit_in_four_megabytes() -> None:
    """Each with words, an asset and a reason of its own."""
    file = issue_map_html(**city(levels=levels(39, 0.3 / 39), reports=many(10_000, 39)))
    assert len(file.encode()) <= 4_000_000
