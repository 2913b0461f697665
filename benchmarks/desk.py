"""The dispatcher's page at 100,000 open issues: ``python -m benchmarks.desk [--made FOLDER]``.

The demo city, a real server, the real page in a headless Chromium that draws without a graphics card.
Times are those of a clock, as a dispatcher sees them; the machine's load stands beside them. FOLDER keeps
the city, which takes a minute or two to make.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.demo_city import demo_city
from benchmarks.stored_issues import store_issues
from layers.generation import load_live

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from tests.browser import ARGS, NAMES
from tests.desk_pages import Desk, desk_of

OPEN = 100_000
VIEWPORT: Any = {"width": 1440, "height": 900}
# When the first rows have words and the map shows the first issues, in milliseconds since the page was asked.
USEFUL = """new Promise((done) => {
  const times = {};
  const look = () => {
    const layers = ['cluster', 'issue-mark'].filter((one) => window.desk?.map.getLayer(one));
    const loaded = layers.length > 0 && desk.map.isSourceLoaded('issues');
    const marks = () => loaded && desk.map.queryRenderedFeatures({ layers }).length > 0;
    if (document.querySelector('#rows .row-what')) times.list ??= performance.now();
    if (times.list !== undefined && marks()) times.map ??= performance.now();
    if (times.list !== undefined && times.map !== undefined) done(times); else setTimeout(look, 50);
  };
  look();
})"""
# How long the page took for each frame, until STOP is set.
FRAMES = """(() => {
  window.frames_ms = [];
  window.counting = true;
  let last = performance.now();
  const step = () => {
    const now = performance.now();
    frames_ms.push(now - last);
    last = now;
    if (counting) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})()"""
STOP = "(() => { window.counting = false; return frames_ms.slice(1) })()"
SCROLL = """new Promise((done) => {
  const list = document.getElementById('list'), frames = [], began = performance.now();
  let last = began;
  const step = () => {
    const now = performance.now();
    frames.push(now - last);
    last = now;
    if (now - began > 1500) return done(frames.slice(1));
    list.scrollTop += 90;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
# From a jump into the middle of the list until all rows in sight have words.
JUMP = """new Promise((done) => {
  const list = document.getElementById('list'), began = performance.now();
  list.scrollTop = list.scrollHeight * SHARE;
  const look = () => {
    const rows = [...document.querySelectorAll('#rows > li')];
    const there = rows.length > 5 && rows.every((one) => one.dataset.number);
    const gap = there ? Math.abs(parseFloat(rows[0].style.transform.slice(11)) - list.scrollTop) : Infinity;
    if (gap < 2000) done(performance.now() - began);
    else setTimeout(look, 5);
  };
  requestAnimationFrame(() => requestAnimationFrame(look));
})"""


def main() -> None:
    """Print the table."""
    said = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        made = said.made or Path(folder) / "made"
        if not (made / "city" / "city.toml").exists():
            _make(made)
        with desk_of(made / "city") as desk, _launched() as browser:
            _print(_measured(browser, desk, said.rounds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--made", type=Path, help="a folder with the city of an earlier run, or for this one")
    parser.add_argument("--rounds", type=int, default=3, help="how often the page is opened")
    return parser.parse_args()


def _make(made: Path) -> None:
    city = demo_city(made)
    store_issues(city.folder, load_live(city), OPEN, OPEN)


@contextmanager
def _launched() -> Iterator[Browser]:
    path = next(found for name in NAMES if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        yield browser
        browser.close()


def _measured(browser: Browser, desk: Desk, rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}

    def add(name: str, *values: float) -> None:
        found.setdefault(name, []).extend(values)

    for number in range(rounds):
        context = browser.new_context(viewport=VIEWPORT, locale="zh-CN")
        for way in ("first visit", "again"):
            page = context.new_page()
            times = _opened(page, desk)
            add(f"list, {way}", times["list"])
            add(f"map, {way}", times["map"])
            if way == "again":
                _use(page, desk, number, add)
            page.close()
        context.close()
    return found


def _opened(page: Page, desk: Desk) -> dict[str, float]:
    page.goto(desk.url, wait_until="commit")
    times: dict[str, float] = page.evaluate(USEFUL)
    return times


def _use(page: Page, desk: Desk, number: int, add: Callable[..., None]) -> None:
    page.wait_for_selector("body[data-ready]")
    page.wait_for_timeout(1500)
    _drag(page, "whole city", add)
    page.evaluate("desk.map.jumpTo({ zoom: 15.5 })")
    page.wait_for_timeout(1500)
    _drag(page, "streets", add)
    page.locator("#scope").click()
    page.wait_for_timeout(1500)
    add("a frame while the list is scrolled", *page.evaluate(SCROLL))
    for share in ("0.3", "0.7", "0.95"):
        add("a jump in the list until its rows are there", page.evaluate(JUMP.replace("SHARE", share)))
    add("a report, from its answer until it is on the page", _live(page, desk, number))


def _drag(page: Page, where: str, add: Callable[..., None]) -> None:
    """Drag the map with the mouse."""
    page.mouse.move(900, 500)
    page.mouse.down()
    page.evaluate(FRAMES)
    began = _processor_ms()
    for n in range(60):
        page.mouse.move(900 - 4 * n, 500 - 2 * n)
    took, frames = _processor_ms() - began, page.evaluate(STOP)
    page.mouse.up()
    add(f"a frame while the map is dragged, {where}", *frames)
    add(f"of the processor, for such a frame, {where}", took / max(1, len(frames)))


def _processor_ms() -> float:
    """What all processes of the browser have taken of the processors."""
    tick_ms, taken = 1000 / os.sysconf("SC_CLK_TCK"), 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue  # it has just ended
        if "chrom" in name and _is_ours(stat.parent):
            taken += (int(rest.split()[11]) + int(rest.split()[12])) * tick_ms
    return taken


def _is_ours(process: Path) -> bool:
    """Whether this process started it, or one that it started."""
    number = process.name
    while number not in ("0", "1", str(os.getpid())):
        try:
            number = Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            return False
    return number == str(os.getpid())


def _live(page: Page, desk: Desk, number: int) -> float:
    lng, lat = page.evaluate("(() => { const { lng, lat } = desk.map.getCenter(); return [lng, lat] })()")
    page.evaluate("""desk.live.onChange((change) => {
      (window.heard ??= {})[change.feature.properties.number] = Date.now();
    })""")
    name = desk.report((lng + number * 1e-4, lat), text="lamp")
    answered = time.time() * 1000
    heard = f"window.heard?.['{name}']"
    while not (at := page.evaluate(heard)):
        page.wait_for_timeout(20)
    return max(0.0, float(at) - answered)


def _print(found: dict[str, list[float]]) -> None:
    print(
        f"\n{OPEN:,} open issues; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    print("\n| what | middle ms | p95 ms | most ms |\n|---|--:|--:|--:|")
    for name, values in found.items():
        ranked = sorted(values)
        p95 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
        print(f"| {name} | {statistics.median(ranked):.0f} | {p95:.0f} | {ranked[-1]:.0f} |")


if __name__ == "__main__":
    main()
