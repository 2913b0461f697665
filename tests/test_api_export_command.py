"""woodpecker export: issues, the grid and assets as files, without what is personal."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import geopandas
import pyogrio
import pytest
from click.testing import CliRunner, Result
from stores import NOON, file_one, new_report, opened

from api.cli import woodpecker
from geo.errors import CrsError, GridError, NotFoundError
from layers.store.values import Private
from maps.export import FORMATS, PAGE
from tests.cities import small_city

EVERY = pytest.mark.parametrize("suffix", [*FORMATS, PAGE])
WHAT = ("issues", "grid", "assets")
DAY = 86_400_000_000
SECRETS = ("openid-9", "13912345678", "灯不亮我住三栋", "staff-wang")


def call(*args: object) -> Result:
    return CliRunner().invoke(woodpecker, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published city in which nothing was reported."""
    folder = small_city(tmp_path_factory.mktemp("bare") / "city").folder
    call("publish", "--city", folder)
    return folder


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published city with five issues, a day apart; the last is closed."""
    folder = small_city(tmp_path_factory.mktemp("filled") / "city").folder
    call("publish", "--city", folder)
    private = Private("openid-9", "13912345678", "灯不亮我住三栋", ("a" * 64,))
    proof = {"format": 1, "report": {"text": "灯不亮我住三栋"}, "roles": {}}
    with opened(folder) as store:
        for n in range(5):
            file_one(
                store, NOON + n * DAY, new_report(private=private), assignment=proof,
                claimed_by="staff-wang", claimed_us=NOON, status="closed" if n == 4 else "received",
            )  # fmt: skip
    return folder


def unpacked(path: Path) -> bytes:
    """All bytes of a file, those that are packed in it unpacked."""
    body = path.read_bytes()
    if path.suffix == ".parquet":
        return body + geopandas.read_parquet(path).to_csv().encode()
    if not zipfile.is_zipfile(path):
        return body
    with zipfile.ZipFile(path) as archive:
        return body + b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("what", WHAT)
def test_every_command_has_help_with_examples(what: str) -> None:
    shown = call("export", what, "--help")
    assert shown.exit_code == 0
    assert f"woodpecker export {what} --city nantong --out" in shown.stdout.partition("Examples:")[2]


@EVERY
@pytest.mark.parametrize("what", WHAT)
def test_everything_is_written_in_every_format(what: str, suffix: str, city: Path, tmp_path: Path) -> None:
    out = tmp_path / f"a{suffix}"
    done = call("export", what, "--city", city, "--out", out)
    assert done.exit_code == 0, done.stderr
    assert str(out) in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == [out]


@EVERY
def test_no_byte_of_any_format_leads_to_a_person(suffix: str, city: Path, tmp_path: Path) -> None:
    out = tmp_path / f"a{suffix}"
    call("export", "issues", "--city", city, "--out", out)
    body = unpacked(out)
    for secret in SECRETS:
        for encoding in ("utf-8", "gbk", "utf-16-le"):
            assert secret.encode(encoding) not in body, (secret, encoding)
        assert json.dumps(secret)[1:-1].encode() not in body


@EVERY
def test_a_city_without_reports_gives_an_empty_file_and_a_word(
    suffix: str, bare: Path, tmp_path: Path
) -> None:
    done = call("export", "issues", "--city", bare, "--out", tmp_path / f"a{suffix}")
    assert done.exit_code == 0, done.stderr
    assert "Nothing was reported" in done.stderr
    assert not (bare / "issues.db").exists()


def test_it_works_while_somebody_writes(city: Path, tmp_path: Path) -> None:
    with opened(city) as store:
        file_one(store, NOON + 9 * DAY)
        done = call("export", "issues", "--city", city, "--out", tmp_path / "a.csv", "--since", "2026-11-29")
    assert "1 row in 1 table" in done.stderr


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (("--status", "open"), 4),
        (("--status", "done"), 1),
        (("--status", "received,closed"), 5),
        (("--until", "2026-11-22"), 2),
        (("--until", "20261122"), 2),
        (("--until", "2026-W47-7"), 2),
        (("--until", "2026/11/22"), 2),
        (("--until", "2026.11.22"), 2),
        (("--since", "20261122", "--until", "2026-11-22"), 1),
        (("--since", "2026/11/24"), 2),
        (("--since", "2026-11-9", "--until", "2026/11/22 12:00"), 2),
        (("--since", "2026-11-9", "--until", "2026/11/22 9:00"), 1),
        (("--since", "2026-11-22T12:00:00+08:00", "--until", "2026-11-23T11:59"), 1),
    ],
)
def test_issues_are_chosen_by_status_and_day(
    asked: tuple[str, ...], left: int, city: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.csv"
    done = call("export", "issues", "--city", city, "--out", out, "--until", "2026-11-27", *asked)
    assert done.exit_code == 0, done.stderr
    assert len(list(csv.reader(io.StringIO(out.read_text("utf-8-sig"))))) == left + 1


def test_layers_of_a_package_are_levels_and_kinds(city: Path, tmp_path: Path) -> None:
    call("export", "grid", "--city", city, "--out", tmp_path / "g.gpkg")
    call("export", "assets", "--city", city, "--out", tmp_path / "a.gpkg", "--crs", "EPSG:4549")
    grid = [name for name, _ in pyogrio.list_layers(tmp_path / "g.gpkg")]
    assert grid[:2] == ["grid_cell", "grid_district"]
    lamps = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="asset_street_light")
    assert lamps.crs.to_epsg() == 4549
    assert lamps["id"].tolist() == ["L0", "L1", "L2", "L3"]
    about = pyogrio.read_dataframe(tmp_path / "g.gpkg", layer="parameters", read_geometry=False)
    said = dict(zip(about["name"], about["value"], strict=True))
    assert said["generation"] == "0001"
    assert said["city"] == "小城"


def test_one_kind_and_one_level_can_be_chosen(city: Path, tmp_path: Path) -> None:
    call("export", "assets", "--city", city, "--out", tmp_path / "a.geojson", "--kind", "river")
    call("export", "grid", "--city", city, "--out", tmp_path / "g.geojson", "--level", "district")
    for name, count in (("a.geojson", 1), ("g.geojson", 2)):
        assert len(json.loads((tmp_path / name).read_text("utf-8"))["features"]) == count
    with pytest.raises(NotFoundError):
        call("export", "assets", "--city", city, "--out", tmp_path / "b.csv", "--kind", "dragon")


def test_gcj02_is_written_only_under_a_name_that_says_so(city: Path, tmp_path: Path) -> None:
    with pytest.raises(CrsError) as caught:
        call("export", "grid", "--city", city, "--out", tmp_path / "g.geojson", "--crs", "gcj02")
    assert "g.gcj02.geojson" in caught.value.fix
    call("export", "grid", "--city", city, "--out", tmp_path / "g.gcj02.geojson", "--crs", "gcj02")
    body = json.loads((tmp_path / "g.gcj02.geojson").read_text("utf-8"))
    assert body["name"] == "grid_gcj02"
    assert body["about"]["coordinates_en"] == "GCJ-02, not WGS-84"


def test_a_format_that_is_not_in_the_asked_system_is_refused_before_its_name(city: Path) -> None:
    with pytest.raises(CrsError, match=r"KML is in WGS-84, not in GCJ-02\."):
        call("export", "issues", "--city", city, "--out", "i.kml", "--crs", "gcj02")


def test_issues_are_called_by_their_numbers_on_a_globe(city: Path, tmp_path: Path) -> None:
    call("export", "issues", "--city", city, "--out", tmp_path / "i.kml")
    call("export", "issues", "--city", city, "--out", tmp_path / "i.csv")
    with (tmp_path / "i.csv").open(encoding="utf-8-sig", newline="") as file:
        numbers = [row["number"] for row in csv.DictReader(file)]
    body = (tmp_path / "i.kml").read_text("utf-8")
    assert re.findall(r"<Placemark><name>(.*?)</name>", body) == numbers


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (("--out", "a.shp"), ".shp.zip"),
        (("--out", "a.html", "--crs", "EPSG:4549"), "leave --crs out"),
        (("--out", "nowhere/a.csv"), "does not exist"),
        (("--out", "a.csv", "--status", "sleeping"), "known: open"),
        (("--out", "a.csv", "--since", "yesterday"), "Write 2026-05-01"),
        (("--out", "a.csv", "--until", "2026-02-30"), "no day"),
        (("--out", "a.csv", "--since", "2026-07-01", "--until", "2026-06-30"), "is after --until"),
        (("--out", "a.html", "--since", "20260701", "--until", "2026/6/30"), "is after --until"),
        ((), "--out"),
    ],
)
def test_wrong_usage_says_what_is_right(
    asked: tuple[str, ...], hint: str, city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("export", "issues", "--city", city, *asked)
    assert done.exit_code == 2
    assert hint in " ".join(done.stderr.split())


@pytest.mark.parametrize(("what", "option"), [("grid", "--level"), ("assets", "--kind")])
@pytest.mark.parametrize("asked", ["district", "river", "nonsense"])
def test_a_page_of_a_part_is_refused_and_not_drawn_whole(
    what: str, option: str, asked: str, city: Path, tmp_path: Path
) -> None:
    done = call("export", what, "--city", city, "--out", tmp_path / "a.html", option, asked)
    assert done.exit_code == 2
    assert f"A page shows all: leave {option} out." in " ".join(done.stderr.split())
    assert not list(tmp_path.iterdir())


def test_no_file_of_the_city_is_replaced(city: Path) -> None:
    assert call("export", "grid", "--city", city, "--out", city / "draft.gpkg").exit_code == 2


def test_a_folder_that_is_no_city_is_said(tmp_path: Path) -> None:
    with pytest.raises(GridError):
        call("export", "grid", "--city", tmp_path, "--out", tmp_path / "a.csv")


def test_remarks_are_in_the_language_of_the_terminal(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "列名缩短" in call("export", "grid", "--city", city, "--out", tmp_path / "a.shp.zip").stderr
