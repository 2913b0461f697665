"""A headless Chromium for tests: finds it, opens one file in it, and keeps all that a page must not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
STILL: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}


def chromium_path() -> str:
    """Where the system's Chromium is; without one, CI fails and everybody else skips."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    message = f"No browser: none of {', '.join(NAMES)} is on the path; see tests/install_browser.sh."
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def launched() -> Iterator[Browser]:
    """A running Chromium; one for a module of tests is enough."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page together with its errors, its dialogs and every request beyond its own file."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        page.on("request", lambda request: self._asked(request.url, url))
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", self._dialog)

    def _asked(self, asked: str, own: str) -> None:
        if asked.partition("#")[0] != own:
            self.requests.append(asked)

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.errors.append(text)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def faults(self) -> list[str]:
        """Everything that must not have happened."""
        return [*self.requests, *self.errors, *self.dialogs]


@contextmanager
def opened(browser: Browser, file: Path, **context: Any) -> Iterator[Page]:
    """The file in a fresh context; on leaving, asks that nothing was requested, logged as error or shown.

    Nothing moves by itself, as for a reader who asked for that: what is read is where it stays.
    """
    url = file.resolve().as_uri()
    fresh = browser.new_context(**{**STILL, **context})
    try:
        watched = Watched(fresh.new_page(), url)
        watched.page.set_default_timeout(10_000)
        watched.page.goto(url)
        yield watched.page
        assert watched.faults() == []
    finally:
        fresh.close()
