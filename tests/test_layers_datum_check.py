"""A layer or batch in another datum than was declared is told from the others, with the evidence."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from cities import METRIC, bring, small_city
from click.testing import CliRunner
from numpy.typing import NDArray

from api.cli import woodpecker
from geo.crs import MetricCrs
from geo.datum import convert
from geo.types import Datum
from layers.check import check
from layers.city import City
from layers.datum_check import batch_findings, datum_findings, row_findings, table_findings
from layers.generation import Features, Generation, load_draft
from layers.report_rows import ReportColumns

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]
WGS, GCJ, BD = Datum.WGS84, Datum.GCJ02, Datum.BD09
CRS = MetricCrs(METRIC)
WEST_M, SOUTH_M, WIDE_M, HIGH_M = 575_600.0, 3_541_600.0, 3_700.0, 2_100.0  # the small city, nearly


@cache
def streets() -> Objects:
    """Winding streets over the small city, in metres."""
    rng = np.random.default_rng(6)
    lines = []
    for _ in range(11):
        along, bend = np.linspace(0, 1, 30), np.cumsum(rng.normal(0, 12, 30))
        across, upon = rng.random(2)
        lines += [
            np.stack([WEST_M + along * WIDE_M, SOUTH_M + across * HIGH_M + bend], axis=1),
            np.stack([WEST_M + upon * WIDE_M + bend, SOUTH_M + along * HIGH_M], axis=1),
        ]
    return np.array([shapely.LineString(line) for line in lines], dtype=object)


def beside(count: int, away_m: float, seed: int) -> Objects:
    """Points beside the streets, in metres."""
    rng = np.random.default_rng(seed)
    line = streets()[rng.integers(len(streets()), size=count)]
    at = shapely.get_coordinates(shapely.line_interpolate_point(line, rng.random(count), normalized=True))
    turn = rng.random(count) * 2 * np.pi
    return shapely.points(at + away_m * np.stack([np.cos(turn), np.sin(turn)], axis=1))


def taken(shapes: Objects, actual: Datum = WGS, declared: Datum = WGS) -> Objects:
    """Metric shapes in degrees, as they come out of an import that says the wrong datum."""

    def wrong(xy: Floats) -> Floats:
        written = convert(*CRS.to_lnglat(xy[:, 0], xy[:, 1]), WGS, actual)
        return np.column_stack(convert(*written, declared, WGS))

    return np.asarray(shapely.transform(shapes, wrong))


def layer(kind: str, geometry: Objects) -> Features:
    ids = np.array([f"{kind}-{n}" for n in range(len(geometry))], dtype=object)
    return Features(kind, ids, ids, np.full(len(ids), -1), geometry, pd.DataFrame(index=range(len(ids))))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_draft(small_city(tmp_path_factory.mktemp("city") / "c"))


@pytest.fixture
def city_of(base: Generation) -> Callable[..., Generation]:
    """The small city with these assets instead of its own."""

    def made(**assets: Objects) -> Generation:
        return replace(base, assets={kind: layer(kind, geometry) for kind, geometry in assets.items()})

    return made


ROAD, LAMP, HOLE = streets(), beside(80, 8.0, 1), beside(60, 2.0, 2)


def test_a_city_in_good_order_has_no_such_finding(city_of: Callable[..., Generation]) -> None:
    right = city_of(road=taken(ROAD), lamp=taken(LAMP), hole=taken(HOLE))
    assert list(datum_findings(right)) == []


@pytest.mark.parametrize(("actual", "declared"), [(GCJ, WGS), (BD, WGS), (WGS, GCJ)])
def test_a_layer_in_another_datum_is_named_with_the_evidence(
    city_of: Callable[..., Generation], actual: Datum, declared: Datum
) -> None:
    """Manholes that lie on the roads tell that it is the lamps that are wrong."""
    city = city_of(road=taken(ROAD), lamp=taken(LAMP, actual, declared), hole=taken(HOLE))
    (finding,) = datum_findings(city)
    assert (finding.code, finding.layer, finding.severity) == ("datum_wrong", "asset:lamp", "warning")
    assert (finding.detail["declared"], finding.value) == (declared, actual)
    assert finding.detail["in_band"] > max(finding.detail["elsewhere"], finding.detail["as_declared"])
    assert finding.detail["median_m"] < 10 < finding.detail["declared_m"]
    assert f"seems to be in {actual}" in finding.reason("en")
    assert f"看来是 {actual}" in finding.reason("zh")
    assert f"--datum {actual}" in finding.fix("en")
    assert f"--datum {actual}" in finding.fix("zh")


def test_roads_that_all_others_disagree_with_are_to_blame(city_of: Callable[..., Generation]) -> None:
    """Not each of the layers that are right: a second layer of lines along which they lie tells."""
    path = np.array([shapely.LineString(p) for p in np.array_split(shapely.get_coordinates(ROAD), 22)])
    city = city_of(road=taken(ROAD, GCJ), path=taken(path), lamp=taken(LAMP), hole=taken(HOLE))
    (finding,) = datum_findings(city)
    assert (finding.code, finding.layer, finding.value) == ("datum_wrong", "asset:road", "gcj02")


@pytest.mark.parametrize("wrong", ["lamp", "road"])
def test_of_two_layers_alone_either_may_be_wrong(city_of: Callable[..., Generation], wrong: str) -> None:
    """The finding is of the one that would have been imported without a word of its datum, and says so."""
    datums = {"lamp": WGS, "road": WGS, wrong: GCJ}
    city = city_of(road=taken(ROAD, datums["road"]), lamp=taken(LAMP, datums["lamp"]))
    (finding,) = datum_findings(city)
    other = "road" if wrong == "lamp" else "lamp"
    assert (finding.code, finding.layer, finding.value) == ("datum_doubtful", f"asset:{wrong}", "gcj02")
    assert finding.reason("en").endswith(f"Or asset:{other} was taken for gcj02 and is in wgs84.")


def test_check_says_it_and_publishing_is_still_possible(tmp_path: Path) -> None:
    """It is a warning, and first among what is in doubt."""
    city = small_city(tmp_path)
    bring(city, "asset:road", features(taken(ROAD)))
    bring(city, "asset:street_light", features(taken(LAMP, GCJ)))
    found = [finding for finding in check(load_draft(city)) if finding.code.startswith("datum_")]
    assert [(finding.layer, finding.value) for finding in found] == [("asset:street_light", "gcj02")]
    said = CliRunner().invoke(woodpecker, ["check", "--city", str(tmp_path)])
    assert said.exit_code == 1
    assert "seems to be in gcj02" in said.stdout
    bring(city, "asset:street_light", features(taken(LAMP, GCJ)), reference="gcj02")
    assert list(datum_findings(load_draft(city))) == []  # its own advice mends it


def features(shapes: Objects) -> list[tuple[dict[str, object], dict[str, object]]]:
    return [(shapely.geometry.mapping(shape), {"code": f"C{n}"}) for n, shape in enumerate(shapes)]


def test_a_city_without_anything_or_outside_the_mainland_has_none(
    base: Generation, city_of: Callable[..., Generation]
) -> None:
    empty = replace(base, assets={}, cells=replace(base.cells, geometry=base.cells.geometry))
    assert list(datum_findings(empty)) == []
    moved = replace(base.config, metric_crs="EPSG:32651")

    def to_taipei(shapes: Objects) -> Objects:
        return np.asarray(shapely.transform(shapes, lambda xy: xy + np.array([0.7, -7.0])))

    there = city_of(road=to_taipei(taken(ROAD)), lamp=to_taipei(taken(LAMP, GCJ)))
    cells = replace(base.cells, geometry=to_taipei(base.cells.geometry))
    assert list(datum_findings(replace(there, config=moved, cells=cells))) == []


# ---- batches


@pytest.fixture
def streeted(city_of: Callable[..., Generation]) -> Generation:
    return city_of(road=taken(ROAD))


def lnglat(shapes: Objects) -> tuple[Floats, Floats]:
    return shapely.get_x(shapes), shapely.get_y(shapes)


def test_a_batch_in_another_datum_is_noted(streeted: Generation) -> None:
    """The rows' own word is what was declared; right ones get no note."""
    written = convert(*lnglat(taken(LAMP)), WGS, GCJ)
    (finding,) = row_findings(streeted, *written, ["wgs84"] * 80)
    assert (finding.code, finding.severity, finding.count) == ("batch_datum", "note", 80)
    assert finding.reason("en").startswith("80 rows are taken for wgs84 and seem to be in gcj02: of 79 ")
    assert finding.reason("zh").startswith("80 行按 wgs84 处理，但看来是 gcj02：")
    assert "Nothing was converted" in finding.fix("en")
    assert row_findings(streeted, *written, ["gcj02"] * 80) == []


def test_right_positions_declared_as_gcj02_are_noted(streeted: Generation) -> None:
    lng, lat = lnglat(taken(LAMP))
    (finding,) = row_findings(streeted, lng, lat, ["gcj02"] * 80)
    assert (finding.detail["declared"], finding.value) == ("gcj02", "wgs84")


def test_the_channel_that_is_wrong_is_named(streeted: Generation) -> None:
    """The rows of the others are right, and more: together they would hide it."""
    more = beside(200, 5.0, 3)
    lng, lat = lnglat(np.concatenate([taken(LAMP, GCJ), taken(more)]))
    channel = ["wechat"] * 80 + ["patrol"] * 200
    (finding,) = batch_findings(streeted, lng, lat, [WGS] * 280, channel)
    assert finding.count == 80
    assert finding.reason("en").startswith("80 rows of channel wechat are taken for wgs84")
    assert finding.reason("zh").startswith("渠道 wechat 的 80 行")
    assert batch_findings(streeted, lng[80:], lat[80:], [WGS] * 200, channel[80:]) == []


def test_channels_with_few_rows_are_looked_at_together(streeted: Generation) -> None:
    lng, lat = lnglat(taken(LAMP, BD))
    (finding,) = batch_findings(streeted, lng, lat, [WGS] * 80, [f"channel {n % 8}" for n in range(80)])
    assert (finding.count, finding.value, finding.detail["whose_en"]) == (80, "bd09", "")


def test_few_rows_rows_without_positions_and_cities_without_lines_get_no_note(
    streeted: Generation, base: Generation
) -> None:
    lng, lat = lnglat(taken(LAMP, GCJ))
    assert batch_findings(streeted, lng[:29], lat[:29], [WGS] * 29) == []
    assert batch_findings(streeted, np.full(80, np.nan), lat, [WGS] * 80) == []
    assert batch_findings(streeted, lng + 20, lat, [WGS] * 80) == []
    assert batch_findings(replace(base, assets={}), lng, lat, [WGS] * 80) == []
    assert batch_findings(streeted, np.array([]), np.array([]), []) == []


def test_a_table_is_looked_at_by_its_columns(streeted: Generation) -> None:
    """Nonsense in the column of datums, and rows without positions, are for others to refuse."""
    lng, lat = convert(*lnglat(taken(LAMP)), WGS, GCJ)
    datum = ["", "nonsense", *["wgs84"] * 78]
    table = pa.table({"e": [None, *lng[1:]], "n": lat, "d": datum, "c": ["app"] * 80})
    columns = ReportColumns("e", "n", datum="d", channel="c")
    (finding,) = table_findings(streeted, table, columns)
    assert (finding.value, finding.count) == ("gcj02", 78)
    assert table_findings(streeted, table, replace(columns, datum="", reference=GCJ)) == []
    assert table_findings(streeted, table.slice(0, 20), columns) == []


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = small_city(tmp_path_factory.mktemp("town"))
    bring(city, "asset:road", features(taken(ROAD)))
    return city


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """Reports in GCJ-02."""
    path = tmp_path / "reports.csv"
    lng, lat = convert(*lnglat(taken(LAMP)), WGS, GCJ)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("lng", "lat", "category"))
        out.writerows((f"{x:.6f}", f"{y:.6f}", "0118") for x, y in zip(lng, lat, strict=True))
    return path


NOTE = "80 rows are taken for wgs84 and seem to be in gcj02"


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(woodpecker, words, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_locate_notes_it_on_stderr_and_answers_all_the_same(town: City, batch: Path) -> None:
    ask = ("locate", "--city", str(town.folder), "--in", str(batch), "--out", str(batch) + ".out.csv")
    code, stdout, stderr = run(*ask)
    assert (code, NOTE in stderr, NOTE in stdout) == (0, True, False)
    assert len(pd.read_csv(str(batch) + ".out.csv")) == 80
    code, _, stderr = run(*ask, "--datum", "gcj02")
    assert (code, "seem to be" in stderr) == (0, False)


def test_report_notes_it_on_stderr_and_files_all_the_same(town: City, batch: Path) -> None:
    code, stdout, stderr = run("report", "--city", str(town.folder), "--in", str(batch), "--json")
    assert (code, NOTE in stderr, '"opened": 80' in stdout) == (0, True, True)
