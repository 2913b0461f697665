"""The dispatcher's page for tests in a browser: a city served by another process, and the page open in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page

WAIT_MS = 60_000
_SERVE = "from api.cli import main; main()"
_T = TypeVar("_T")


@dataclass
class Desk:
    """A served city.

    Attributes:
        url: without a slash at its end.
        key: that requests of `ask` show.
    """

    url: str
    folder: Path
    process: subprocess.Popen[str] = field(repr=False)
    key: str = ""

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the service answers, as JSON; it has to be well."""
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError((method, path, error.code, error.read()[:500])) from error

    def report(self, place: Sequence[float], category: str = "0118", **said: object) -> str:
        """File a report; the number of the issue that it opens."""
        lng, lat = place
        found = self.ask("POST", "/v1/reports", {"lng": lng, "lat": lat, "category": category, **said})
        return str(found["issue"]["number"])

    def act(self, number: str, action: str, **said: object) -> Any:
        """Do something with an issue as it stands."""
        version = self.ask("GET", f"/v1/issues/{number}")["properties"]["version"]
        return self.ask(
            "POST", f"/v1/issues/{number}/actions", {"action": action, "version": version, **said}
        )


def started(folder: Path, port: int = 0) -> Desk:
    """A server of a city, which has to be stopped."""
    command = [sys.executable, "-c", _SERVE, "serve", "--city", str(folder), "--port", str(port)]
    root = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = ""
    for line in iter(process.stderr.readline, ""):
        said += line
        if found := re.search(r"at (http://[\d.]+:\d+)", said):
            process.stderr.readline()
            return Desk(found[1], folder, process)
    raise AssertionError(said)


def stop(desk: Desk) -> None:
    """End the server."""
    desk.process.terminate()
    desk.process.wait(60)
    assert desk.process.stderr is not None
    desk.process.stderr.close()


@contextmanager
def desk_of(folder: Path) -> Iterator[Desk]:
    """The server of a city."""
    desk = started(folder)
    try:
        yield desk
    finally:
        stop(desk)


class Faults:
    """What a page must not do: ask other hosts, log errors, open dialogs."""

    def __init__(self, page: Page, url: str) -> None:
        self.said: list[str] = []
        page.on("request", lambda request: self._asked(request.url, url))
        page.on("console", lambda message: self._logged(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))

    def _asked(self, asked: str, url: str) -> None:
        if not asked.startswith((f"{url}/", f"blob:{url}/", "data:")):
            self.said.append(asked)

    def _logged(self, kind: str, text: str) -> None:
        # The driver of a machine without a graphics card says how slow it is.
        if kind in ("error", "warning") and "GL Driver Message" not in text:
            self.said.append(text)


@contextmanager
def opened_desk(
    browser: Browser, desk: Desk, query: str = "", *, forgive: str = "", **context: Any
) -> Iterator[Page]:
    """The page in a fresh context, ready; on leaving, asks that it did nothing that it must not.

    Args:
        forgive: a pattern of what may be logged all the same.
    """
    fresh = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", **context})
    try:
        page = fresh.new_page()
        faults = Faults(page, desk.url)
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{desk.url}/{query}")
        yield page
        wrong = [one for one in faults.said if not (forgive and re.search(forgive, one))]
        assert not wrong, wrong
    finally:
        fresh.close()


def ready(page: Page) -> Page:
    """The page, when all its parts have started and the map has drawn what it shows."""
    page.wait_for_selector("body[data-ready]")
    until(page, lambda: page.evaluate("desk.map.loaded() && !desk.map.isMoving()"))
    return page


def rest(page: Page) -> None:
    """Wait until the map stands still: what is measured while it moves is elsewhere when it is clicked."""
    until(page, lambda: not page.evaluate("desk.map.isMoving()"))


def spot(page: Page, place: Sequence[float]) -> tuple[float, float]:
    """Where a place on the map is in the window."""
    rest(page)
    x, y = page.evaluate(
        "(place) => { const { x, y } = desk.map.project(place), box = desk.map.getCanvas()"
        ".getBoundingClientRect(); return [box.x + x, box.y + y]; }",
        list(place),
    )
    return x, y


def middle(page: Page, selector: str) -> tuple[float, float]:
    """The middle of an element on the map, in the window."""
    rest(page)
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def until(page: Page, found: Callable[[], _T]) -> _T:
    """What is found, once it is not false; the page's policy forbids `wait_for_function`."""
    ends = time.monotonic() + WAIT_MS / 1000
    while not (value := found()):
        assert time.monotonic() < ends, "it never came to be"
        page.wait_for_timeout(50)
    return value


def rows(page: Page) -> list[str]:
    """The numbers of the rows that are elements, in their order."""
    return [
        one
        for one in page.evaluate(
            "[...document.querySelectorAll('#rows > li')].map((li) => li.dataset.number)"
        )
        if one
    ]


def marks(page: Page) -> set[str]:
    """The numbers of the issues that the map shows one by one; none between a tile and its drawing."""
    layers = "{ layers: ['issue-mark', 'overlay-mark'] }"
    asked = f"desk.map.queryRenderedFeatures({layers}).filter((one) => !one.state.hidden)"
    numbers = f"{asked}.map((one) => one.properties.number)"
    found = page.evaluate(f"() => {{ try {{ return {numbers} }} catch {{ return [] }} }}")
    return set(found)


def camera(page: Page) -> list[float]:
    """Where the map looks."""
    numbers = "const { lng, lat } = desk.map.getCenter(); return [lng, lat, desk.map.getZoom()]"
    found: list[float] = page.evaluate(f"() => {{ {numbers}.map((one) => +one.toFixed(6)) }}")
    return found
