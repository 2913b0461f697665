"""The command line as a stranger drives it: results on stdout, words on stderr, honest exit codes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli import woodpecker
from tests.cities import at, geojson, point, small_city, square

COMMANDS = [
    tuple(words.split())
    for words in (
        "", "init", "import", "import layer", "check", "publish", "convert", "locate", "map", "demo", "doctor"
    )
]  # fmt: skip


def call(*args: object) -> Result:
    runner = CliRunner()
    return runner.invoke(woodpecker, [str(arg) for arg in args], standalone_mode=True, catch_exceptions=False)


def shell(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return small_city(tmp_path / "city").folder


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    result = call(*command, "--help")
    assert result.exit_code == 0
    if command and command != ("import",):
        assert "Example" in result.stdout
        assert f"woodpecker {' '.join(command)}" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    heavy = "('pandas', 'geopandas', 'shapely', 'numpy', 'folium')"
    code = f"import sys, api.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_city_from_nothing_to_an_answer(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert call("init", folder, "--name", "新城").exit_code == 0
    cells = geojson(
        tmp_path / "cells.geojson",
        [(square(i, 0), {"code": str(i), "name": f"格{i}", "body": "b"}) for i in range(3)],
    )
    done = call("import", "layer", cells, "--city", folder, "--as", "grid:cell", "--owner", "body", "--json")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["features"], report["columns"]["code"]) == (3, "code")
    lng, lat = at(1.5, 0.5)
    draft = call("locate", "--city", folder, lng, lat, "--json")
    assert "draft" in draft.stderr
    assert call("publish", "--city", folder).exit_code == 0
    answer = json.loads(call("locate", "--city", folder, lng, lat, "--json").stdout)
    assert (answer["cell_code"], answer["owner_id"], answer["generation"]) == ("1", "b", "0001")


def test_a_negative_longitude_is_a_number_not_an_option(city: Path) -> None:
    answer = json.loads(call("locate", "--city", city, "-87.6", "41.8", "--json").stdout)
    assert (answer["lng"], answer["topology"]) == (-87.6, "outside")
    assert call("convert", "-87.6", "-41.8", "--from", "wgs84", "--to", "wgs84").stdout.split() == [
        "-87.6",
        "-41.8",
    ]


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("1",), "LNG LAT"),
        (("1", "2", "3"), "LNG LAT"),
        (("--catgory", "2"), "--catgory"),
        (("a", "b"), "'a'"),
        (("1", "2", "--in", "x.csv"), "not both"),
        (("--in", "x.csv"), "--out"),
        (("--in", "missing.csv", "--out", "o.csv"), "missing.csv"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(city: Path, args: tuple[str, ...], word: str) -> None:
    result = call("locate", "--city", city, *args)
    assert result.exit_code == 2
    assert word in result.stderr


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("32.0", "120.8"), "swap"),
        (("200", "95"), "200"),
        (("nan", "1"), "nan"),
        (("120.8", "32.0", "--datum", "mars"), "mars"),
        (("120.8", "32.0", "--accuracy", "-5"), "-5"),
    ],
)
def test_bad_data_ends_with_3_shows_the_value_and_a_fix(city: Path, args: tuple[str, ...], word: str) -> None:
    result = shell("locate", "--city", city, *args)
    assert result.returncode == 3, result.stdout + result.stderr
    assert word in result.stderr
    assert "Fix:" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_is_no_city_ends_with_3(tmp_path: Path) -> None:
    result = shell("check", "--city", tmp_path)
    assert result.returncode == 3
    assert "woodpecker init" in result.stderr


def test_rejects_stand_beside_the_result_and_end_with_1(city: Path, tmp_path: Path) -> None:
    lng, lat = at(0.5, 0.5)
    reports = tmp_path / "reports.csv"
    reports.write_text(f"lng,lat,kind\n{lng},{lat},0118\n,,0118\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    result = call("locate", "--city", city, "--in", reports, "--out", out, "--category-col", "kind")
    assert result.exit_code == 1
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["owner_id"] for row in rows] == ["lamps", ""]
    rejects = list(
        csv.DictReader((tmp_path / "out.csv.rejects.csv").read_text(encoding="utf-8").splitlines())
    )
    assert [(r["row"], r["column"]) for r in rejects] == [("2", "lng")]
    good = tmp_path / "good.csv"
    good.write_text(f"lng,lat\n{lng},{lat}\n", encoding="utf-8")
    assert call("locate", "--city", city, "--in", good, "--out", out).exit_code == 0
    assert not (tmp_path / "out.csv.rejects.csv").exists()


def test_one_and_many_answer_alike(city: Path, tmp_path: Path) -> None:
    lng, lat = at(0.5, 0.5)
    single = json.loads(call("locate", "--city", city, lng, lat, "--category", "0118", "--json").stdout)
    (tmp_path / "in.csv").write_text(f"lng,lat,c\n{lng!r},{lat!r},0118\n", encoding="utf-8")
    call(
        "locate",
        "--city",
        city,
        "--in",
        tmp_path / "in.csv",
        "--out",
        tmp_path / "o.csv",
        "--category-col",
        "c",
    )
    row = next(csv.DictReader((tmp_path / "o.csv").read_text(encoding="utf-8").splitlines()))
    shared = [name for name in row if name in single and name not in ("lng", "lat", "asset_m", "owner_share")]
    assert len(shared) == 12
    assert {name: row[name] for name in shared} == {name: single[name] for name in shared}


def test_check_ends_with_1_on_findings_and_writes_the_layer(city: Path, tmp_path: Path) -> None:
    cells = geojson(
        tmp_path / "c.geojson", [(square(0, 0, 2.1, 2), {"code": "1"}), (square(2, 0, 2, 2), {"code": "2"})]
    )
    call("import", "layer", cells, "--city", city, "--as", "grid:cell")
    result = call("check", "--city", city, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert {"overlap", "outside_parent"} <= {finding["code"] for finding in found}
    assert next(f for f in found if f["code"] == "overlap")["area_m2"] == pytest.approx(209_600, rel=0.01)
    assert (city / "check.gpkg").exists()


def test_check_of_a_sound_city_ends_with_0(city: Path) -> None:
    words = (city / "city.toml").read_text(encoding="utf-8").split("[[owner]]")[0]
    rest = '[[owner]]\nid = "x"\n[[rule]]\nid = "all"\nwhen = {asset_kind = ["street_light"]}\nowner = "x"\n'
    owners = "".join(
        f'[[owner]]\nid = "{i}"\n'
        for i in [
            "west",
            "east",
            "wuye",
            "lamps",
            "parks",
            "water",
            *(f"body-{r}{c}" for r in "01" for c in "0123"),
        ]
    )
    (city / "city.toml").write_text(
        words + owners + rest + '[[rule]]\nid = "last"\nowner = "@cell"\n', encoding="utf-8"
    )
    result = call("check", "--city", city)
    assert result.exit_code == 0, result.stdout
    assert "No findings" in result.stderr


def test_a_dry_run_with_rejects_ends_with_1_and_names_them(city: Path, tmp_path: Path) -> None:
    cells = geojson(tmp_path / "c.geojson", [(square(0, 0), {"code": "1"}), (square(1, 0), {"code": ""})])
    args = ("import", "layer", cells, "--city", city, "--as", "grid:extra", "--code", "code", "--dry-run")
    result = call(*args)
    assert result.exit_code == 1
    assert "would be imported" in result.stderr
    assert "2" in result.stdout
    assert "extra" not in (city / "city.toml").read_text(encoding="utf-8")


def test_what_cannot_be_imported_as_is_wrong_usage(city: Path, tmp_path: Path) -> None:
    path = geojson(tmp_path / "c.geojson", [(square(0, 0), {"code": "1"})])
    assert call("import", "layer", path, "--city", city, "--as", "road").exit_code == 2
    both = call(
        "import", "layer", path, "--city", city, "--as", "grid:x", "--crs", "EPSG:4549", "--datum", "gcj02"
    )
    assert both.exit_code == 2


def test_converting_a_file_adds_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("名称,经度,纬度\n甲,120.857394,32.009889\n", encoding="gb18030")
    out = tmp_path / "out.csv"
    result = call("convert", "--in", path, "--out", out, "--from", "wgs84", "--to", "EPSG:4549")
    assert result.exit_code == 0, result.stderr
    row = next(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert row["名称"] == "甲"
    assert float(row["out_lng"]) == pytest.approx(580_900, abs=3_000)
    assert float(row["out_lat"]) == pytest.approx(3_543_000, abs=3_000)


def test_publish_and_roll_back(city: Path) -> None:
    assert json.loads(call("publish", "--city", city, "--json").stdout)["generation"] == 1
    assert (
        json.loads(call("publish", "--city", city, "--json", "--effective", "2026-07-01").stdout)[
            "generation"
        ]
        == 2
    )
    assert json.loads(call("publish", "--city", city, "--rollback", "1", "--json").stdout)["generation"] == 1
    assert (city / "LIVE").read_text(encoding="utf-8").strip() == "0001"


def test_the_map_is_one_file_with_the_reports_in_it(city: Path, tmp_path: Path) -> None:
    reports = geojson(
        tmp_path / "r.geojson", [(point(0.5, 0.5), {"category": "0118", "text": "灯不亮", "status": "open"})]
    )
    page = tmp_path / "map.html"
    result = call("map", "--city", city, "--in", reports, "--out", page)
    assert result.exit_code == 0, result.stderr
    assert "灯不亮" in page.read_text(encoding="utf-8")
    assert call("map", "--city", city, "--in", reports, "--out", page, "--map", "colour=x").exit_code == 2


def test_doctor_looks_at_the_machine_and_the_city(city: Path) -> None:
    call("publish", "--city", city)
    result = call("doctor", "--city", city, "--json")
    checks = {check["check"]: check["ok"] for check in json.loads(result.stdout)}
    assert checks["generation 0001"]
    assert checks["live"]
    path = city / "generations" / "0001.gpkg"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    broken = call("doctor", "--city", city, "--json")
    assert broken.exit_code == 1
    assert not {c["check"]: c["ok"] for c in json.loads(broken.stdout)}["generation 0001"]


def test_text_from_a_city_is_never_a_command_to_the_terminal(tmp_path: Path) -> None:
    folder = small_city(tmp_path / "city").folder
    cells = geojson(
        tmp_path / "c.geojson", [(square(0, 0), {"code": "1", "name": "\x1b]0;evil\x07[red]x[/red]"})]
    )
    call("import", "layer", cells, "--city", folder, "--as", "grid:cell")
    lng, lat = at(0.5, 0.5)
    shown = call("locate", "--city", folder, lng, lat)
    assert "\x1b" not in shown.stdout
    assert "[red]x[/red]" in shown.stdout


def test_the_demo_does_not_overwrite_what_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = call("demo", "--dir", tmp_path)
    assert result.exit_code == 2
    assert (tmp_path / "mine.txt").exists()


def test_no_result_replaces_its_input_or_a_file_of_the_city(city: Path, tmp_path: Path) -> None:
    call("publish", "--city", city)
    reports = tmp_path / "r.csv"
    reports.write_text("lng,lat\n120.805,32.005\n", encoding="utf-8")
    before = reports.read_bytes()
    for command in (("map",), ("locate",)):
        assert call(*command, "--city", city, "--in", reports, "--out", reports).exit_code == 2
    assert reports.read_bytes() == before
    generation = city / "generations" / "0001.gpkg"
    published = generation.read_bytes()
    for own in (generation, city / "city.toml", city / "LIVE", city / "draft.gpkg"):
        assert call("check", "--city", city, "--fix", "--out", own).exit_code == 2
    assert generation.read_bytes() == published
    assert call("map", "--city", city, "--out", tmp_path / "missing" / "m.html").exit_code == 2
    assert call("map", "--city", city, "--out", tmp_path).exit_code == 2


def test_rows_that_an_import_leaves_out_stand_in_a_file(city: Path, tmp_path: Path) -> None:
    lamps = tmp_path / "lamps.csv"
    lamps.write_text("id,lng,lat\n1,120.805,32.005\n2,0,0\n3,,\n4,120.806,32.006\n", encoding="utf-8")
    result = call("import", "layer", lamps, "--city", city, "--as", "asset:street_light", "--code", "id")
    assert result.exit_code == 1
    rows = list(csv.DictReader((city / "lamps.csv.rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert sorted(row["row"] for row in rows) == ["2", "3"]
    assert all(row["reason"] for row in rows)


@pytest.mark.parametrize(("x", "y"), [("3542132.11", "575595.60"), ("116", "39")])
def test_coordinates_that_cannot_be_in_their_reference_are_refused(city: Path, x: str, y: str) -> None:
    for args in (
        ("convert", "--from", "EPSG:4549", "--to", "wgs84"),
        ("locate", "--city", city, "--datum", "EPSG:4549"),
    ):
        result = shell(*args, x, y)
        assert result.returncode == 3, result.stdout
        assert "Fix:" in result.stderr


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda city: (city / "city.toml").write_bytes('name = "城"'.encode("gbk")), "UTF-8"),
        (
            lambda city: (city / "draft.gpkg").write_bytes((city / "draft.gpkg").read_bytes()[:5000]),
            "damaged",
        ),
        (lambda city: (city / "LIVE").write_bytes(b"\xff\xfe"), "LIVE"),
        (lambda city: (city / "LIVE").mkdir(), "LIVE"),
    ],
    ids=["toml in GBK", "draft cut short", "LIVE is noise", "LIVE is a folder"],
)
def test_damage_is_named_without_a_traceback(city: Path, damage: object, word: str) -> None:
    damage(city)  # type: ignore[operator]
    result = shell("locate", "--city", city, "120.805", "32.005")
    assert result.returncode == 3
    assert word in result.stderr
    assert "Traceback" not in result.stderr


def test_a_city_toml_with_a_byte_order_mark_is_read(city: Path) -> None:
    path = city / "city.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert call("locate", "--city", city, "120.805", "32.005").exit_code == 0


def test_a_lost_live_is_not_taken_for_a_new_city(city: Path) -> None:
    call("publish", "--city", city)
    (city / "LIVE").unlink()
    result = shell("locate", "--city", city, "120.805", "32.005")
    assert result.returncode == 3
    assert "--rollback" in result.stderr
    assert call("publish", "--city", city, "--rollback", "1").exit_code == 0
    assert call("locate", "--city", city, "120.805", "32.005").exit_code == 0


def test_a_level_that_differs_only_in_case_is_refused_before_anything_changes(
    city: Path, tmp_path: Path
) -> None:
    cells = geojson(tmp_path / "c.geojson", [(square(0, 0), {"code": "1"})])
    before = (city / "city.toml").read_bytes()
    result = shell("import", "layer", cells, "--city", city, "--as", "grid:CELL")
    assert result.returncode == 3
    assert "'cell'" in result.stderr
    assert (city / "city.toml").read_bytes() == before


def test_what_the_input_says_under_our_names_is_kept(city: Path, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("lng,lat,reason,extra\n120.805,32.005,mine,x,surplus\n", encoding="utf-8")
    result = call("locate", "--city", city, "--in", tmp_path / "r.csv", "--out", tmp_path / "o.csv")
    row = next(csv.DictReader((tmp_path / "o.csv").read_text(encoding="utf-8").splitlines()))
    assert row["input_reason"] == "mine"
    assert "row 1" in result.stderr  # the surplus field is said


def test_a_row_with_a_nonsense_datum_is_one_reject(city: Path, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("lng,lat,d\n120.805,32.005,\n120.805,32.005,mars\n", encoding="utf-8")
    result = call(
        "locate", "--city", city, "--in", tmp_path / "r.csv", "--out", tmp_path / "o.csv", "--datum-col", "d"
    )
    assert result.exit_code == 1
    rejects = list(csv.DictReader((tmp_path / "o.csv.rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert [(r["row"], r["column"], r["value"]) for r in rejects] == [("2", "d", "mars")]


def test_reported_lines_and_areas_are_answered_by_length_and_ground(city: Path, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [at(0.5, 0.2), at(1.5, 0.2)]}
    mixed = [
        (square(0.5, 0), {"text": "area"}),
        (line, {"text": "line"}),
        (point(0.5, 0.2), {"text": "spot"}),
    ]
    given = geojson(tmp_path / "a.geojson", mixed)
    done = shell("locate", "--city", city, "--in", given, "--out", tmp_path / "o.csv")
    assert done.returncode == 0, done.stderr
    rows = pd.read_csv(tmp_path / "o.csv")
    assert list(rows["owner_share"].round(2)) == [0.5, 0.5, 1.0]
    assert list(rows["certainty"]) == ["ambiguous", "ambiguous", "certain"]
    assert shell("map", "--city", city, "--in", given, "--out", tmp_path / "m.html").returncode == 0


def test_what_is_said_once_holds_for_every_row_that_says_nothing(city: Path, tmp_path: Path) -> None:
    lng, lat = at(0.99, 0.2)
    given = tmp_path / "r.csv"
    given.write_text(f"lng,lat,category,acc\n{lng},{lat},mine,\n{lng},{lat},mine,14.2\n", encoding="utf-8")
    said = ("--accuracy", "150", "--accuracy-col", "acc", "--category", "0118")
    assert shell("locate", "--city", city, "--in", given, "--out", tmp_path / "o.csv", *said).returncode == 0
    rows = pd.read_csv(tmp_path / "o.csv")
    assert list(rows["category"]) == ["mine", "mine"]
    assert rows["owner_share"][0] < rows["owner_share"][1] < 1


def test_shapes_need_no_coordinates_beside_them(city: Path, tmp_path: Path) -> None:
    (west, south), (east, north) = at(0.2, 0.2), at(0.4, 0.4)
    given = tmp_path / "r.csv"
    box = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    given.write_text(f'estate,wkt\nin,"{box}"\nnothing,\n', encoding="utf-8")
    done = shell("locate", "--city", city, "--in", given, "--out", tmp_path / "o.csv", "--shape-col", "wkt")
    assert done.returncode == 1, done.stderr
    rows = pd.read_csv(tmp_path / "o.csv", keep_default_na=False)
    assert list(rows["cell_code"]) == ["A00", ""]
    assert list(pd.read_csv(tmp_path / "o.csv.rejects.csv")["row"]) == [2]
    assert shell("locate", "--city", city, "--in", given, "--out", tmp_path / "o.csv").returncode == 3
