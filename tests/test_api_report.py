"""woodpecker report: every row is filed once, or listed with its column and reason."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cities import at, bring, geojson, point
from click.testing import CliRunner, Result
from live_cities import NOW, published_city
from photo_files import jpeg

from api.cli import woodpecker
from api.serve_command import read_settings, run
from api.server import Server
from layers.city import create_city
from layers.publish import publish
from layers.store import open_readers
from layers.store.filters import IssueFilter
from layers.store.paging import page_issues
from layers.store.private import read_privates
from layers.store.values import Issue

HEAD = ("lng", "lat", "category", "text", "occurred_at", "accuracy_m", "reporter", "external_id", "photo")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published city in ``city``, and a table of reports beside it."""
    published_city(tmp_path / "city")
    return tmp_path


def table(folder: Path, *rows: dict[str, Any], head: tuple[str, ...] = HEAD) -> Path:
    path = folder / "reports.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, head)
        out.writeheader()
        out.writerows(rows)
    return path


def lamp(column: float = 0.5, **said: Any) -> dict[str, Any]:
    lng, lat = at(column, 0.5)
    return {"lng": lng, "lat": lat, "category": "0118", **said}


def file_it(folder: Path, path: Path, *more: str) -> Result:
    words = ["report", "--city", str(folder / "city"), "--in", str(path), *more]
    return CliRunner().invoke(woodpecker, words, catch_exceptions=False)


def said(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def stored(folder: Path) -> list[Issue]:
    readers = open_readers(folder / "city" / "issues.db")
    with readers.reading() as connection:
        issues = list(page_issues(connection, IssueFilter(), limit=1000).issues)
    readers.close()
    return issues


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """A server of the city while the block lasts."""
    server = Server("127.0.0.1", 0)
    ready = threading.Event()
    settings = read_settings(folder / "city", "127.0.0.1")
    thread = threading.Thread(target=run, args=(settings, server), kwargs={"on_ready": ready.set})
    thread.start()
    try:
        assert ready.wait(60)
        yield
    finally:
        server.stop()
        thread.join()


def test_every_row_opens_an_issue_and_what_lacks_a_place_waits(folder: Path) -> None:
    path = table(folder, lamp(text="灯不亮"), lamp(1.5), {"text": "不知道在哪"})
    result = file_it(folder, path, "--json")
    assert result.exit_code == 0
    assert said(result) == {
        "opened": 3, "joined": 0, "repeated": 0, "unassigned": 1, "only_words": 1, "placed_by_words": 0,
        "rejects": 0, "rejects_file": None,
    }  # fmt: skip
    assert [issue.owner_id for issue in stored(folder)] == ["lamps", "parks", None]


def test_how_many_were_placed_by_their_words_is_said(folder: Path) -> None:
    path = table(
        folder,
        lamp(text="灯不亮"),
        {"text": "怡居小区门口积水"},
        {"text": "不知道在哪"},
        {"category": "0118"},
    )
    result = file_it(folder, path)
    assert "2 reports had no position but words: 1 placed by these." in result.stderr


def test_a_malformed_row_is_listed_and_the_others_are_filed(folder: Path) -> None:
    path = table(
        folder, lamp(), {"lng": "abc", "lat": 32}, {"lng": 32, "lat": 120.8}, lamp(occurred_at="soon")
    )
    result = file_it(folder, path)
    assert result.exit_code == 1
    with (folder / "reports.csv.rejects.csv").open(encoding="utf-8", newline="") as file:
        rejects = list(csv.DictReader(file))
    assert [(r["row"], r["column"], r["value"]) for r in rejects] == [
        ("2", "lng", "abc"), ("3", "lat", "120.8"), ("4", "occurred_at", "soon"),
    ]  # fmt: skip
    assert all(reject["reason"] for reject in rejects)
    assert len(stored(folder)) == 1


@pytest.fixture
def chicago(tmp_path: Path) -> Path:
    """A city of one cell where either axis may be either, in ``city``."""
    west, south, east, north = -87.7, 41.8, -87.6, 41.9
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    city = create_city(tmp_path / "city", "Chicago", metric_crs="EPSG:32616")
    bring(city, "grid:ward", [({"type": "Polygon", "coordinates": [ring]}, {"code": "1", "name": "First"})])
    publish(city, now=NOW)
    return tmp_path


def test_swapped_axes_and_places_far_away_are_noted_however_few_the_rows(chicago: Path) -> None:
    """They are filed all the same: nothing that was sent is lost."""
    for lng, lat, note in (
        (-87.65, 41.85, "1 issue opened"),
        (41.85, -87.65, "The two axes look swapped: 41.85, -87.65. Swap --lng and --lat"),
        (0, 0, "Position 0, 0 is far from the rest of the city."),
    ):
        result = file_it(chicago, table(chicago, {"lng": lng, "lat": lat, "text": "a lamp is out"}))
        assert (result.exit_code, len(stored(chicago))) == (0, 1), result.stderr
        assert result.stderr.startswith(note)
        (chicago / "city" / "issues.db").unlink()


def test_a_table_without_known_coordinates_says_which_columns_it_has(folder: Path) -> None:
    path = table(folder, {"text": "灯不亮", "ost": "120.8", "nord": "32"}, head=("text", "ost", "nord"))
    note = "No columns look like coordinates; name them with --lng and --lat. Columns: text, ost, nord."
    assert note in file_it(folder, path).stderr
    assert note not in file_it(folder, table(folder, lamp())).stderr


def test_the_same_file_is_filed_once(folder: Path) -> None:
    path = table(folder, lamp(), lamp(), lamp(external_id="E1"))
    assert said(file_it(folder, path, "--json"))["opened"] == 3
    assert said(file_it(folder, path, "--json")) | {"rejects_file": None} == {
        "opened": 0, "joined": 0, "repeated": 3, "unassigned": 0, "only_words": 0, "placed_by_words": 0,
        "rejects": 0, "rejects_file": None,
    }  # fmt: skip
    assert len(stored(folder)) == 3


def test_columns_are_found_by_chinese_names_and_by_map(folder: Path) -> None:
    lng, lat = at(0.5, 0.5)
    row = {"x": lng, "y": lat, "案件类别": "路灯", "备注": "坏了", "上报时间": "2026-11-20 08:30"}
    path = table(folder, row, head=tuple(row))
    assert file_it(folder, path, "--map", "text=备注", "--lng", "x", "--lat", "y").exit_code == 0
    (issue,) = stored(folder)
    assert (issue.category, issue.owner_id) == ("0118", "lamps")


def test_points_and_lines_of_a_layer_are_filed(folder: Path) -> None:
    line = {"type": "LineString", "coordinates": [list(at(0.2, 1.5)), list(at(1.8, 1.5))]}
    path = geojson(
        folder / "r.geojson",
        [(point(0.5, 0.5), {"category": "0118"}), (line, {"category": "E0105"})],
    )
    assert file_it(folder, path).exit_code == 0
    lit, river = stored(folder)
    assert (lit.owner_id, river.owner_id) == ("lamps", "water")
    assert (lit.geometry, river.geometry is None) == (None, False)


def test_a_photo_beside_the_table_comes_with_its_row(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(jpeg())
    (folder / "b.jpg").write_bytes(b"no photo")
    path = table(folder, lamp(photo="a.jpg"), lamp(photo="b.jpg"), lamp(photo="missing.jpg"))
    assert file_it(folder, path).exit_code == 1
    readers = open_readers(folder / "city" / "issues.db")
    with readers.reading() as connection:
        (issue,) = page_issues(connection, IssueFilter()).issues
        (private,) = read_privates(connection, issue.uid).values()
    readers.close()
    assert (folder / "city" / "photos" / f"{private.photos[0]}.jpg").is_file()


def test_while_a_server_runs_it_does_the_storing(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(jpeg())
    path = table(folder, lamp(), lamp(1.5, photo="a.jpg"), {"lng": "x", "lat": 1}, {"text": "irgendwo"})
    with running(folder):
        first = said(file_it(folder, path, "--json"))
        again = said(file_it(folder, path, "--json"))
    assert (first["opened"], first["unassigned"], first["rejects"]) == (3, 1, 1)
    assert (again["opened"], again["repeated"], again["rejects"]) == (0, 3, 1)
    assert len(stored(folder)) == 3
    assert not (folder / "city" / "serve.json").exists()


def test_a_column_that_is_not_there_or_a_field_that_is_none_is_said(folder: Path) -> None:
    path = table(folder, lamp())
    assert file_it(folder, path, "--map", "colour=x").exit_code == 2
    with pytest.raises(Exception, match="no column 'nothing'"):
        file_it(folder, path, "--map", "text=nothing")
