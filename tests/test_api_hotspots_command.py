"""woodpecker hotspots: a file with the columns of the contract, notes for the reader, codes for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hotspot_cities import LAMP, NOISE, code_of, lattice_city, somewhere
from stores import desk, new_issue, new_report

from api.cli import woodpecker
from geo.crs import from_wgs84
from geo.errors import GridError
from geo.types import Datum
from layers.store import open_store
from layers.store.filing import Filing, file_report
from layers.store.values import Private

CONTRACT = ["cell_code", "observed", "expected", "relative_risk", "z", "p", "q", "class"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city of 256 cells with 200 stored reports, sixty of them of lamps in four cells."""
    folder = lattice_city(tmp_path_factory.mktemp("city")).folder
    rng = np.random.default_rng(1)
    places = [
        *zip(*somewhere(rng, 140), [LAMP, NOISE] * 70, strict=True),
        *zip(*somewhere(rng, 60, 4, 4, 2, 2), [LAMP] * 60, strict=True),
    ]
    with open_store(folder / "issues.db") as store:
        for n, (lng, lat, category) in enumerate(places):
            report = new_report(lng=lng, lat=lat, category=category, private=Private())
            issue = new_issue(lng=lng, lat=lat, category=category, asset_kind="", asset_id="")
            filing = Filing(report, issue)
            store.write(lambda connection, filing=filing, n=n: file_report(connection, filing, desk(n + 1)))
    return folder


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return


def call(city: Path, *args: object) -> Result:
    words = ["hotspots", "--city", str(city), *(str(arg) for arg in args)]
    return CliRunner().invoke(woodpecker, words)


def refused(city: Path, options: tuple[str, ...], words: tuple[str, ...]) -> int:
    """The code that it ended with, having said these words and left no traceback."""
    result = call(city, *options)
    said = result.output
    if isinstance(result.exception, GridError):  # what the process says before it ends with 3
        said += f"{result.exception} {result.exception.fix}"
    assert all(word in said for word in words), said
    return 3 if isinstance(result.exception, GridError) else result.exit_code


def csv_of(folder: Path, rows: list[tuple[object, ...]], header: str = "lng,lat,category") -> Path:
    path = folder / "in.csv"
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--category", LAMP), ("categories", "--map category=COL")),
        (("--category", "each"), ("categories", "--map category=COL")),
        (("--since", "2026-05-01"), ("times", "--map occurred_at=COL")),
    ],
)
def test_a_file_without_what_is_asked_for_is_refused(
    city: Path, tmp_path: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    rows = csv_of(tmp_path, [(120.86, 32.0, "x")], "lng,lat,remark")
    out = tmp_path / "x.gpkg"
    assert refused(city, (*options, "--in", str(rows), "--out", str(out)), words) == 3
    assert not out.exists()


def test_a_geopackage_has_the_columns_of_the_contract_and_what_is_hot(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "lamps.gpkg"
    result = call(city, "--category", LAMP, "--baseline", "none", "--out", out)
    assert result.exit_code == 0, result.output
    frame = geopandas.read_file(out, layer="hotspots").set_index("cell_code", drop=False)
    assert set(CONTRACT) <= set(frame.columns)
    assert len(frame) == 256
    assert frame.crs.to_epsg() == 4326
    assert frame.loc[code_of(4, 4), "class"] == "hot"
    assert set(geopandas.list_layers(out)["name"]) >= {"hotspots", "clusters", "density"}
    assert code_of(4, 4) in result.stdout
    assert "256 parts of the city:" in result.output
    assert "Hot is only where reports are many" in result.output
    assert str(out) in result.output


def test_json_says_where_how_many_and_why(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "lamps.csv"
    result = call(city, "--category", LAMP, "--baseline", "none", "--out", out, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["out"] == str(out)
    assert said["parts"] == sum(said["classes"].values()) == 256
    assert said["classes"]["hot"] >= 4
    assert said["clusters"] == 1
    assert any("finds 1 cluster; the likeliest has" in note for note in said["notes"])
    assert said["rejects_file"] is None
    assert said["about"]["baseline"] == "none"
    assert any("reports are many" in note for note in said["notes"])


@pytest.mark.parametrize(("bins", "said"), [("square:20000", "finds no cluster"), ("hex:90", "was not made")])
def test_what_the_circular_scan_found_is_said(city: Path, tmp_path: Path, bins: str, said: str) -> None:
    result = call(city, "--category", LAMP, "--bins", bins, "--out", tmp_path / "a.csv")
    assert result.exit_code == 0, result.output
    assert said in result.output


def test_notes_are_in_the_language_of_the_reader(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "zh_CN.UTF-8")
    result = call(city, "--category", LAMP, "--baseline", "none", "--out", tmp_path / "a.csv", "--json")
    assert any("热点只说明上报多的地方" in note for note in json.loads(result.stdout)["notes"])


def test_a_file_of_reports_is_taken_instead_of_the_stored_ones(city: Path, tmp_path: Path) -> None:
    lng, lat = somewhere(np.random.default_rng(1), 30, 9, 9, 1, 1)
    path = csv_of(tmp_path, list(zip(lng, lat, ["路灯"] * 30, strict=True)))
    out = tmp_path / "a.csv"
    result = call(city, "--in", path, "--out", out)
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(out).set_index("cell_code")
    assert frame["reports"].sum() == frame.loc[code_of(9, 9), "reports"] == 30
    assert "category from 'category'" in result.output
    assert not (tmp_path / "a.csv.rejects.csv").exists()


def test_rows_that_cannot_be_used_go_to_a_file_beside_the_result(city: Path, tmp_path: Path) -> None:
    lng, lat = somewhere(np.random.default_rng(1), 3)
    rows = [(x, y, LAMP) for x, y in zip(lng, lat, strict=True)]
    path = csv_of(tmp_path, [*rows, ("east", lat[0], LAMP), (lng[0], "", LAMP)])
    out = tmp_path / "a.gpkg"
    result = call(city, "--in", path, "--out", out)
    assert result.exit_code == 1, result.output
    beside = tmp_path / "a.gpkg.rejects.csv"
    told = pd.read_csv(beside)
    assert list(told.columns) == ["row", "column", "value", "reason"]
    assert told["row"].tolist() == [4, 5]
    assert f"2 of 5 rows could not be used: {beside}." in result.output
    assert out.exists()
    said = json.loads(call(city, "--in", path, "--out", out, "--json").stdout)
    assert said["rejects_file"] == str(beside)
    assert call(city, "--in", csv_of(tmp_path, rows), "--out", out).exit_code == 0
    assert not beside.exists()


def test_a_file_of_which_no_row_can_be_used_is_refused_and_nothing_is_written(
    city: Path, tmp_path: Path
) -> None:
    """Feet that were taken for degrees ended in a finished map where nothing was significant."""
    path = csv_of(tmp_path, [(1_181_868.5, 1_871_686.6, LAMP)] * 9, "x,y,category")
    options = ("--in", str(path), "--lng", "x", "--lat", "y", "--out", str(tmp_path / "a.gpkg"))
    words = ("None of 9 rows could be used", "out of range", "--datum EPSG:n", "lng from 'x'")
    assert refused(city, options, words) == 3
    assert [each.name for each in tmp_path.iterdir()] == ["in.csv"]


def test_what_was_noticed_of_times_and_ids_is_said_before_the_result(city: Path, tmp_path: Path) -> None:
    lng, lat = somewhere(np.random.default_rng(1), 30)
    rows = [(x, y, "31/02/2013", n % 9) for n, (x, y) in enumerate(zip(lng, lat, strict=True))]
    path = csv_of(tmp_path, rows, "lng,lat,date,number")
    said = call(city, "--in", path, "--out", tmp_path / "a.csv").stderr
    assert "30 of 30 times in 'date' cannot be read, such as '31/02/2013'." in said
    assert "Column 'number' is not taken for ids" in said
    given = ("--map", "external_id=number", "--map", "occurred_at=")
    said = call(city, "--in", path, "--out", tmp_path / "a.csv", *given).stderr
    assert "21 rows share an id" in said
    assert "cannot be read" not in said
    assert "occurred_at from" not in said


def test_a_file_of_another_city_is_noticed_before_one_wonders(city: Path, tmp_path: Path) -> None:
    lng, lat = somewhere(np.random.default_rng(1), 40)
    path = csv_of(tmp_path, [(x - 5, y - 5, LAMP) for x, y in zip(lng, lat, strict=True)])
    said = call(city, "--in", path, "--out", tmp_path / "a.csv").output
    assert "is far from the rest of the city" in said
    assert "40 reports lie in no part of the city" in said


def test_the_datum_and_the_columns_of_a_file_can_be_said(city: Path, tmp_path: Path) -> None:
    lng, lat = from_wgs84(*somewhere(np.random.default_rng(1), 40, 9, 9, 1, 1), Datum.GCJ02)
    rows = list(zip(lng, lat, [LAMP] * 40, strict=True))
    path, out = csv_of(tmp_path, rows, "x,y,kind"), tmp_path / "a.csv"
    named = ("--lng", "x", "--lat", "y", "--datum", "gcj02", "--map", "category=kind")
    result = call(city, "--in", path, "--out", out, "--category", "路灯", *named)
    assert result.exit_code == 0, result.output
    assert pd.read_csv(out).set_index("cell_code").loc[code_of(9, 9), "reports"] == 40


def test_the_crs_of_the_result_can_be_said(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.gpkg"
    assert call(city, "--level", "district", "--out", out, "--crs", "EPSG:4549").exit_code == 0
    frame = geopandas.read_file(out, layer="hotspots")
    assert frame.crs.to_epsg() == 4549
    assert frame.area.max() / 1e6 == pytest.approx(frame["area_km2"].max(), rel=1e-6)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--crs", "foo", "--in", "bad.csv", "--out", "a.gpkg"), 3, ("'foo'", "EPSG:n")),
        (("--crs", "EPSG:3857", "--in", "bad.csv", "--out", "a.geojson"), 3, ("GeoJSON", "EPSG:3857")),
        (("--crs", "EPSG:3857", "--in", "bad.csv", "--out", "a.html"), 3, ("A page is in WGS-84",)),
        (("--level", "ward", "--in", "bad.csv", "--out", "a.gpkg"), 3, ("'ward'", "district, cell")),
        (("--level", "cell", "--bins", "hex:400", "--out", "a.gpkg"), 2, ("--level or --bins",)),
        (("--bins", "hex:400"), 2, ("--out",)),
        (("--count", "people", "--out", "a.gpkg"), 2, ("people", "reporters")),
        (("--alpha", "often", "--out", "a.gpkg"), 2, ("often",)),
        (("--in", "gone.csv", "--out", "a.gpkg"), 2, ("gone.csv",)),
        (("--in", "a.csv", "--out", "a.csv"), 2, ("same file",)),
        (("--out", "nowhere/a.gpkg"), 2, ("nowhere",)),
        (("--map", "colour=red", "--out", "a.gpkg"), 2, ("colour", "category")),
        (("--map", "category", "--out", "a.gpkg"), 2, ("category=",)),
        (("--bins", "circle:5", "--out", "a.gpkg"), 3, ("'circle:5'", "square:250")),
        (("--level", "street", "--out", "a.gpkg"), 3, ("'street'", "district, cell")),
        (("--category", "Lamps", "--out", "a.gpkg"), 3, ("'Lamps'", LAMP)),
        (("--baseline", "hydrant", "--out", "a.gpkg"), 3, ("'hydrant'", "street_light")),
        (("--since", "soon", "--out", "a.gpkg"), 3, ("'soon'", "2026-05-01")),
        (("--alpha", "2", "--out", "a.gpkg"), 3, ("2.0", ".05")),
        (("--crs", "EPSG:4549", "--out", "a.html"), 3, ("WGS-84",)),
        (("--out", "a.pdf"), 3, (".gpkg",)),
        (("--out", "hotspots"), 3, (".gpkg",)),
        (("--channel", "web", "--out", "a.gpkg"), 3, ("'web'", "Reported are: wechat.")),
    ],
)
def test_what_cannot_be_done_is_said_with_a_code(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int,
    words: tuple[str, ...],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("lng,lat\n120.81,32.01\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("read,this\nand,be refused\n", encoding="utf-8")
    assert refused(city, options, words) == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "bad.csv"]


def test_a_format_that_is_none_is_refused_before_the_work(tmp_path: Path) -> None:
    """Also before it is noticed that there is no such city."""
    result = call(tmp_path / "nowhere", "--out", tmp_path / "a.pdf")
    assert ".gpkg" in str(getattr(result.exception, "fix", "")) + str(result.exception)


def test_a_city_that_nothing_was_reported_to_says_so(tmp_path: Path) -> None:
    folder = lattice_city(tmp_path / "city").folder
    result = call(folder, "--out", tmp_path / "a.gpkg")
    assert isinstance(result.exception, GridError)
    with open_store(folder / "issues.db"):
        pass
    for more in ((), ("--category", "each"), ("--bins", "road:200")):
        result = call(folder, "--out", tmp_path / "a.gpkg", *more)
        assert result.exit_code == 0, (result.output, result.exception)
        assert "no reports to count" in result.output


def test_help_shows_examples_and_every_option(city: Path) -> None:
    said = CliRunner().invoke(woodpecker, ["hotspots", "--help"]).output
    assert "woodpecker hotspots --city nantong --category 0118 --out lamps.gpkg" in said
    for option in ("--category", "--level", "--bins", "--since", "--until", "--baseline", "--in", "--crs"):
        assert option in said
