"""The page that describes the API works without any other host."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Watched, launched
from live_cities import published_city

from api.serve_command import read_settings, run
from api.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where a real server of the small city answers."""
    published_city(tmp_path)
    server, ready = Server("127.0.0.1", 0), threading.Event()
    settings = read_settings(tmp_path, "127.0.0.1")
    thread = threading.Thread(target=run, args=(settings, server), kwargs={"on_ready": ready.set})
    thread.start()
    try:
        assert ready.wait(60)
        yield server.url
    finally:
        server.stop()
        thread.join()


def test_the_page_describes_every_route_and_asks_no_other_host(url: str) -> None:
    with launched() as browser:
        watched = Watched(browser.new_page(), f"{url}/docs")
        watched.page.goto(f"{url}/docs")
        watched.page.get_by_text("File a report").first.wait_for()
        assert watched.page.get_by_text("/v1/issues/{name}/actions").first.is_visible()
    assert watched.errors == []
    assert [asked for asked in watched.requests if not asked.startswith((f"{url}/", "data:"))] == []
