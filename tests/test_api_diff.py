"""woodpecker diff: what it says, to a person, to a program and on a file, and how it ends."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from layers.city import City
from layers.publish import publish
from layers.tables import read_table, table_names
from tests.cities import at, bring, small_city, square

pytestmark = pytest.mark.usefixtures("_english")


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, ["diff", *(str(arg) for arg in args)], catch_exceptions=False)


@pytest.fixture
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = small_city(tmp_path_factory.mktemp("diff"))
    publish(city, now=datetime(2026, 6, 30, tzinfo=UTC))
    return city


@pytest.fixture(scope="module")
def redrawn(published: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city with a draft in which two districts share the ground otherwise."""
    folder = tmp_path_factory.mktemp("redrawn") / "city"
    shutil.copytree(published.folder, folder)
    city = City(folder)
    bring(
        city, "grid:district",
        [(square(0, 0, 2.5, 2), {"code": "A", "name": "西区", "body": "west"}),
         (square(2.5, 0, 1.5, 2), {"code": "B", "name": "<东区>", "body": "east"})],
        owner="body",
    )  # fmt: skip
    text = city.toml.read_text("utf-8").replace('owner = "@area.property"', 'owner = "@cell"')
    city.toml.write_text(text, encoding="utf-8")
    return city


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A property complaint in P1, a lamp in the middle of A00, and a place with no coordinates."""
    path = tmp_path_factory.mktemp("places") / "places.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["lng", "lat", "kind"])
        rows.writerow([*at(2.2, 1.2), "0126"])
        rows.writerow([*at(0.5, 0.5), "0118"])
        rows.writerow(["", "", "0118"])
    return path


def test_an_untouched_draft_differs_in_nothing_and_ends_with_0(published: City) -> None:
    result = call("--city", published.folder)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No differences.\n")


def test_differences_are_a_table_and_end_with_1(redrawn: City) -> None:
    result = call("--city", redrawn.folder)
    assert result.exit_code == 1
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert rows[0] == ["layer", "change", "code", "name", "before", "after", "size"]
    assert ["grid:district", "renamed", "B", "<东区>", "东区", "<东区>", ""] in rows
    ground = next(row for row in rows if row[1] == "ground changes cell and owner")
    assert ground[4:6] == ["B · east", "A · west"]
    assert [
        "rules",
        "changed",
        "property",
        "",
        "category = 0126 → @area.property",
        "category = 0126 → @cell",
        "",
    ] in rows
    assert "m² change cell" in result.stderr


def test_the_table_speaks_chinese_where_the_locale_does(
    redrawn: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = call("--city", redrawn.folder)
    assert result.stdout.startswith("图层\t变化")
    assert "平方米换网格" in result.stderr


def test_nothing_published_yet_means_that_everything_is_added(tmp_path: Path) -> None:
    result = call("--city", small_city(tmp_path).folder, "--json")
    assert result.exit_code == 1
    assert "Nothing was published yet" in result.stderr
    answer = json.loads(result.stdout)
    assert answer["live"] is None
    assert answer["layers"]["grid:cell"]["counts"] == {"added": 8}


def test_json_holds_both_ids_and_every_change(redrawn: City, places: Path) -> None:
    result = call("--city", redrawn.folder, "--json", "--places", places, "--category-col", "kind")
    answer = json.loads(result.stdout)
    assert (answer["live"], answer["draft"], answer["differs"]) == ("0001", "draft", True)
    district = answer["layers"]["grid:district"]
    assert district["counts"] == {"reshaped": 2, "renamed": 1}
    assert district["cell_m2"] == pytest.approx(0.5 * 945 * 2 * 1109, rel=0.01)
    assert district["ground"][0]["m2"] == district["cell_m2"]
    assert {(c["section"], c["key"]) for c in answer["words"]} == {("rules", "property")}
    moved = answer["places"]
    assert (moved["places"], moved["unusable"], moved["counts"]) == (
        3,
        1,
        {"cell": 1, "asset": 0, "owner": 1},
    )
    move = moved["moves"][0]
    assert (move["row"], move["owner_before"], move["owner_after"]) == (1, "wuye", "body-12")


def test_places_that_move_are_listed(redrawn: City, places: Path) -> None:
    result = call("--city", redrawn.folder, "--places", places, "--category-col", "kind")
    assert (
        "1 of 3 places would move: 1 to another cell, 0 to another asset, 1 to another owner" in result.stderr
    )
    assert "places\tanother cell, another owner\t1\t0126" in result.stdout


def test_layers_for_a_gis_hold_each_kind_of_change(redrawn: City, places: Path, tmp_path: Path) -> None:
    out = tmp_path / "changes.gpkg"
    call("--city", redrawn.folder, "--out", out, "--places", places, "--category-col", "kind")
    assert set(table_names(out)) == {
        "ground_cell", "ground_owner", "reshaped_polygons", "reparented_polygons", "renamed_polygons",
        "places", "words",
    }  # fmt: skip
    piece = read_table(out, "ground_cell").iloc[0]
    assert (piece["before"], piece["after"]) == ("B", "A")
    assert piece.geometry.area == pytest.approx(0.005 * 0.02, rel=0.01)


def test_a_page_is_written(redrawn: City, tmp_path: Path) -> None:
    out = tmp_path / "changes.html"
    assert call("--city", redrawn.folder, "--out", out).exit_code == 1
    html = out.read_text("utf-8")
    assert "default-src 'none'" in html
    assert "<东区>" not in html


def test_no_file_is_written_where_nothing_differs(published: City, tmp_path: Path) -> None:
    out = tmp_path / "changes.gpkg"
    assert call("--city", published.folder, "--out", out).exit_code == 0
    assert not out.exists()


@pytest.mark.parametrize(
    ("args", "word"), [(("--out", "x.pdf"), "x.pdf"), (("--places", "missing.csv"), "missing.csv")]
)
def test_wrong_usage_ends_with_2(published: City, args: tuple[str, ...], word: str) -> None:
    result = call("--city", published.folder, *args)
    assert result.exit_code == 2
    assert word in result.stderr


def test_help_has_examples() -> None:
    result = call("--help")
    assert result.exit_code == 0
    assert "woodpecker diff --city nantong --out changes.html" in result.stdout
