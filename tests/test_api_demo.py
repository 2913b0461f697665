"""The demo files its reports as any client would, and ends when it is told to."""

from __future__ import annotations

import csv
import socket
from pathlib import Path

import pytest
from cities import at
from live_cities import published_city

from api.demo_command import _serve
from layers.store import open_readers
from layers.store.filters import IssueFilter
from layers.store.paging import page_issues


def made(folder: Path) -> None:
    """A small city and three reports, one of them malformed, where the demo leaves its own."""
    (folder / "sources").mkdir()
    lng, lat = at(0.5, 0.5)
    rows = [(lng, lat, "0118", "closed"), (lng, "不详", "0118", "open"), ("", "", "0118", "open")]
    with (folder / "sources" / "reports.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("lng", "lat", "category", "status"), *rows])


@pytest.mark.parametrize("taken", [False, True])
def test_reports_are_filed_over_http_and_the_map_is_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], taken: bool
) -> None:
    city = published_city(tmp_path / "city")
    made(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1] if taken else 0
        assert _serve(city, tmp_path, port, end=True) == 0
    said = capfd.readouterr().err
    assert "2 issues opened, 1 of them without an owner yet" in said
    assert "1 row refused" in said
    assert (f"Port {port} is taken" in said) == taken
    assert (tmp_path / "map.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    readers = open_readers(tmp_path / "city" / "issues.db")
    with readers.reading() as connection:
        owners = [issue.owner_id for issue in page_issues(connection, IssueFilter()).issues]
    readers.close()
    assert owners == ["lamps", None]
