"""Reports of a file count like stored ones, whatever its format, and what cannot be used is told."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cities import at, geojson, point
from hotspot_cities import LAMP, code_of, hotspots, lattice_generation, rows_of, somewhere

from geo.crs import from_wgs84
from geo.errors import CoordinateError, GridError, LayerError
from geo.types import Datum
from layers.hotspot_files import FileOfReports, refuse_useless, reports_of_file
from layers.hotspot_reports import NEVER, NOBODY

HEADER = ("lng", "lat", "category", "occurred_at", "reporter", "channel", "external_id", "status")
HERE = at(1.1, 1.1)


def read(path: Path, **said: object) -> FileOfReports:
    return reports_of_file(lattice_generation(), path, **said)  # type: ignore[arg-type]


def said_of(file: FileOfReports, code: str) -> str:
    """What is said of findings of a code, with what to do."""
    found = [finding for finding in file.findings if finding.code == code]
    assert all(finding.reason("zh") and finding.fix("zh") for finding in found)
    return "\n".join(f"{finding.reason('en')} {finding.fix('en')}" for finding in found)


def row(**said: object) -> dict[str, object]:
    given = {"lng": HERE[0], "lat": HERE[1], "category": LAMP, "occurred_at": "2026-05-01"}
    return {**dict.fromkeys(HEADER, ""), **given, **said}


def written(
    folder: Path, rows: Sequence[dict[str, object]], encoding: str = "utf-8", header: Sequence[str] = HEADER
) -> Path:
    path = folder / "reports.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, header, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_row_says_what_a_stored_report_says(tmp_path: Path) -> None:
    said = row(reporter="ann", channel="app", external_id="X-1", occurred_at="2026-05-01T08:00")
    file = read(written(tmp_path, [said, row()]))
    points = file.points
    assert (file.rows, len(file.rejects)) == (2, 0)
    assert (points.lng[0], points.lat[0]) == pytest.approx(HERE)
    assert points.occurred_us[0] == pd.Timestamp("2026-05-01T08:00+08:00").value // 1000
    assert points.category.decoded().tolist() == [LAMP, LAMP]
    assert points.channel.decoded().tolist() == ["app", ""]
    assert points.issue_ids[points.issue].tolist() == ["X-1", "2"]
    assert (points.reporter[0] >= 0, points.reporter[1]) == (True, NOBODY)
    assert file.columns == {name: name for name in HEADER}


def test_names_of_categories_stand_for_their_codes(tmp_path: Path) -> None:
    rows = [row(category=said) for said in ("路灯", LAMP, "118", "street light", "Potholes", " 路灯 ")]
    said = read(written(tmp_path, rows)).points.category.decoded().tolist()
    assert said == [LAMP, LAMP, LAMP, LAMP, "Potholes", LAMP]


def test_rows_that_cannot_be_used_are_told_with_column_value_and_reason(tmp_path: Path) -> None:
    rows = [row(), row(lng="east"), row(lat=""), row(lat="91"), row()]
    file = read(written(tmp_path, rows))
    assert len(file.points) == 2
    assert list(file.rejects.columns) == ["row", "column", "value", "reason"]
    assert file.rejects["row"].tolist() == [2, 3, 4]
    assert file.rejects["column"].tolist() == ["lng", "lat", "lat"]
    assert file.rejects["value"].tolist() == ["east", "", "91"]
    assert file.rejects["reason"].ne("").all()


def test_a_time_that_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    rows = [row(occurred_at=said) for said in ("", "soon", "2026-05-01", "01/02/2026")]
    file = read(written(tmp_path, rows))
    assert len(file.points) == 4
    assert (file.points.occurred_us == NEVER).tolist() == [True, True, False, True]
    told = said_of(file, "times_unread")
    assert "2 of 3 times in 'occurred_at' cannot be read, such as 'soon'." in told
    assert "2026-07-01 08:30" in told


def test_where_no_time_can_be_read_that_is_told_of_all_batches(tmp_path: Path) -> None:
    n = 70_000
    lng, lat = somewhere(np.random.default_rng(1), n)
    path = tmp_path / "reports.csv"
    pd.DataFrame({"lng": lng, "lat": lat, "date": 1_370_044_800}).to_csv(path, index=False)
    file = read(path)
    assert (file.points.occurred_us == NEVER).all()
    assert "70,000 of 70,000 times in 'date' cannot be read, such as '1370044800'." in said_of(
        file, "times_unread"
    )


def test_nothing_is_said_of_times_that_are_read_or_missing(tmp_path: Path) -> None:
    rows = [row(occurred_at=said) for said in ("", "06/30/2026 08:00:00 AM", "2026年6月30日 8:00")]
    file = read(written(tmp_path, rows))
    assert not file.findings
    at = pd.Timestamp("2026-06-30T08:00+08:00").value // 1000
    assert file.points.occurred_us.tolist() == [NEVER, at, at]


def test_duplicates_count_as_reports_and_as_no_issue(tmp_path: Path) -> None:
    """The city that says "Completed - Dup" or 重复 has looked at them already."""
    rows = [row(status=said) for said in ("Completed", "Completed - Dup", "重复上报", "Open - Dup", "")]
    file = read(written(tmp_path, rows))
    assert (file.points.issue >= 0).tolist() == [True, False, False, False, True]
    cell = rows_of(hotspots(file.points, baseline="none")).loc[code_of(4, 4)]
    assert cell[["reports", "issues", "observed"]].tolist() == [5, 2, 2]
    every = rows_of(hotspots(file.points, baseline="none", counting="reports")).loc[code_of(4, 4)]
    assert every["observed"] == 5


def test_rows_with_one_id_are_one_issue(tmp_path: Path) -> None:
    rows = [row(external_id=said) for said in ("A", "B", "A", "", "")]
    file = read(written(tmp_path, rows))
    points = file.points
    assert points.issue_ids[points.issue].tolist() == ["A", "B", "A", "4", "5"]
    told = said_of(file, "ids_shared")
    assert (
        "1 row shares an id with an earlier one (column 'external_id', such as 'A') and counts once" in told
    )
    assert "--map external_id=" in told
    cell = rows_of(hotspots(points, baseline="none")).loc[code_of(4, 4)]
    assert cell[["reports", "issues"]].tolist() == [5, 4]


@pytest.mark.parametrize("name", ["number", "ID", "编号"])
def test_a_column_that_may_number_anything_is_one_of_ids_only_if_these_differ(
    tmp_path: Path, name: str
) -> None:
    """House numbers made one issue of all reports from the houses 12 of a city."""
    header = ("lng", "lat", name)
    rows = [{**row(), name: n % 94 if n < 100 else ""} for n in range(150)]
    doubtful = read(written(tmp_path, rows, header=header))
    assert "external_id" not in doubtful.columns
    assert len(set(doubtful.points.issue)) == 150
    told = said_of(doubtful, "ids_doubtful")
    assert f"Column {name!r} is not taken for ids" in told
    assert "only 94 different ones in 100 rows" in told
    assert f"--map external_id={name}" in told
    said = read(written(tmp_path, rows, header=header), named={"external_id": name})
    assert said.columns["external_id"] == name
    assert len(set(said.points.issue)) == 144
    assert "6 rows share an id" in said_of(said, "ids_shared")
    rows = [{**row(), name: n % 95} for n in range(100)]
    taken = read(written(tmp_path, rows, header=header))
    assert taken.columns["external_id"] == name
    assert len(set(taken.points.issue)) == 95


def test_ids_of_rows_that_do_not_count_as_issues_are_not_told_to_be_shared(tmp_path: Path) -> None:
    rows = [row(external_id="A"), row(external_id="A", status="Dup"), row(external_id="A", lat="")]
    assert not read(written(tmp_path, rows)).findings


def test_a_column_may_be_said_to_be_none(tmp_path: Path) -> None:
    rows = [row(external_id="A", reporter="ann")] * 3
    file = read(written(tmp_path, rows), named={"external_id": "", "reporter": ""})
    assert not {"external_id", "reporter"} & set(file.columns)
    assert len(set(file.points.issue)) == 3
    assert (file.points.reporter == NOBODY).all()
    assert not file.findings


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(lng=1_181_868.5, lat=1_871_686.6)] * 3, ("None of 3 rows", "'1181868.5'", "--datum EPSG:n")),
        ([row(lng="", lat=""), row(lng="", lat="x")], ("None of 2 rows", "missing", "--lng and --lat")),
        ([row(lng=lat, lat=lng) for lng, lat in [HERE] * 2], ("row 1 with lat '120.", "Swap")),
        ([row(lat="x"), *[row(lng=900)] * 2], ("row 2 with lng '900'", "--datum")),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_refused_with_the_likely_mistake(
    tmp_path: Path, rows: list[dict[str, object]], words: tuple[str, ...]
) -> None:
    file = read(written(tmp_path, rows))
    with pytest.raises(LayerError) as refused:
        refuse_useless(file)
    said = f"{refused.value} {refused.value.fix}"
    assert all(word in said for word in words), said
    refuse_useless(read(written(tmp_path, [*rows, row()])))


def test_a_gbk_file_with_chinese_headers_is_understood(tmp_path: Path) -> None:
    header = {
        "经度": "lng", "纬度": "lat", "类别": "category", "上报时间": "occurred_at",
        "上报人": "reporter", "编号": "external_id", "状态": "status", "渠道": "channel",
    }  # fmt: skip
    rows = [
        {name: row(category="路灯", reporter="张三", status="重复")[field] for name, field in header.items()}
        for _ in range(30)
    ]
    path = written(tmp_path, rows, "gbk", list(header))
    for encoding in ("", "gbk"):
        file = read(path, encoding=encoding)
        assert file.columns == {field: name for name, field in header.items()}
        assert set(file.points.category.decoded()) == {LAMP}
        assert (file.points.reporter >= 0).all()
        assert (file.points.issue == -1).all()


def test_columns_may_be_named_and_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    header = ("x", "y", "what", "lng", "lat", "category")
    rows = [{"x": HERE[0], "y": HERE[1], "what": LAMP, "lng": 0, "lat": 0, "category": "other"}]
    path = written(tmp_path, rows, header=header)
    file = read(path, lng="x", lat="y", named={"category": "what"})
    assert file.points.category.decoded().tolist() == [LAMP]
    assert file.points.lng[0] == pytest.approx(HERE[0])
    with pytest.raises(LayerError) as refused:
        read(path, named={"category": "kind"})
    assert "kind" in str(refused.value)


def test_a_file_without_categories_counts_all_reports(tmp_path: Path) -> None:
    file = read(written(tmp_path, [row()] * 3, header=("lng", "lat")))
    assert set(file.columns) == {"lng", "lat"}
    assert file.points.category.decoded().tolist() == ["", "", ""]
    assert (file.points.occurred_us == NEVER).all()
    frame = rows_of(hotspots(file.points, categories=["each"]))
    assert frame["reports"].sum() == 3


@pytest.mark.parametrize("text", ["", "lng,lat,category\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match=r"empty|no rows"):
        read(path)


def test_a_datum_is_converted_and_a_wrong_one_refused(tmp_path: Path) -> None:
    lng, lat = somewhere(np.random.default_rng(1), 40, 4, 4, 1, 1)
    moved = from_wgs84(lng, lat, Datum.GCJ02)
    rows = [row(lng=x, lat=y) for x, y in zip(*moved, strict=True)]
    path = written(tmp_path, rows)
    found = read(path, datum="gcj02").points
    assert np.allclose(found.lng, lng, atol=1e-6)
    assert np.allclose(found.lat, lat, atol=1e-6)
    with pytest.raises(CoordinateError):
        read(path, datum="EPSG:4549")
    with pytest.raises(GridError):
        read(path, datum="mars")


def test_a_file_of_another_city_is_noticed(tmp_path: Path) -> None:
    lng, lat = somewhere(np.random.default_rng(1), 40)
    far = read(written(tmp_path, [row(lng=x - 5, lat=y - 5) for x, y in zip(lng, lat, strict=True)]))
    assert [finding.code for finding in far.findings] == ["far_from_city"]
    here = read(written(tmp_path, [row(lng=x, lat=y) for x, y in zip(lng, lat, strict=True)]))
    assert not here.findings


def test_a_column_may_say_the_datum_of_each_row(tmp_path: Path) -> None:
    x, y = (float(each[0]) for each in from_wgs84(*([value] for value in HERE), Datum.GCJ02))
    rows = [row(), {**row(lng=x, lat=y), "datum": "gcj02"}]
    file = read(written(tmp_path, rows, header=(*HEADER, "datum")))
    assert np.allclose(file.points.lng, HERE[0], atol=1e-6)


def test_parquet_with_dictionaries_and_nulls_is_read_as_csv_is(tmp_path: Path) -> None:
    n = 200
    lng, lat = somewhere(np.random.default_rng(1), n)
    said = {
        "category": [LAMP, None, "E0301", ""] * (n // 4),
        "reporter": ["ann", None] * (n // 2),
        "status": ["Completed - Dup", None, "Open", None] * (n // 4),
    }
    times = pa.array([None, *range(1, n)], pa.timestamp("us", tz="UTC"))
    table = pa.table({"lng": lng, "lat": [None, *lat[1:]], "occurred_at": times, **said})
    for name in said:
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].dictionary_encode())
    path = tmp_path / "reports.parquet"
    pq.write_table(table, path, row_group_size=37)
    file = read(path)
    assert file.rejects["row"].tolist() == [1]
    assert len(file.points) == n - 1
    assert file.points.category.decoded().tolist() == [each or "" for each in said["category"]][1:]
    assert (file.points.reporter == NOBODY).tolist() == [each is None for each in said["reporter"]][1:]
    assert (file.points.issue == -1).sum() == n // 4 - 1
    assert file.points.occurred_us.tolist() == list(range(1, n))


def test_a_column_of_lists_is_read_as_arrow_prints_them(tmp_path: Path) -> None:
    table = pa.table({"lng": [HERE[0]] * 2, "lat": [HERE[1]] * 2, "category": [["lamp", "pole"], None]})
    pq.write_table(table, tmp_path / "lists.parquet")
    said = read(tmp_path / "lists.parquet").points.category.decoded().tolist()
    assert said == ["['lamp', 'pole']", ""]


def test_geojson_counts_where_its_features_lie(tmp_path: Path) -> None:
    features = [(point(1.1, 1.1), {"category": LAMP}), (point(2.1, 2.1), {"category": "E0301"})]
    file = read(geojson(tmp_path / "reports.geojson", features))
    assert file.points.category.decoded().tolist() == [LAMP, "E0301"]
    frame = rows_of(hotspots(file.points))
    assert frame.loc[[code_of(4, 4), code_of(8, 8)], "reports"].tolist() == [1, 1]
    assert frame["reports"].sum() == 2


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_of_several_batches_is_one_file(tmp_path: Path, ending: str) -> None:
    """Things and people are the same from batch to batch, and rejects tell the row of the file."""
    n = 70_000
    lng, lat = somewhere(np.random.default_rng(1), n)
    numbers = np.arange(n)
    frame = pd.DataFrame(
        {
            "lng": lng, "lat": lat, "category": np.where(numbers < n - 9, LAMP, "only at the end"),
            "reporter": np.char.add("p", (numbers % 100).astype(str)),
            "external_id": np.char.add("i", (numbers % 50_000).astype(str)),
        }
    )  # fmt: skip
    frame.loc[[5, n - 1], "lat"] = np.nan
    path = tmp_path / f"reports.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path, index=False)
    file = read(path)
    assert (file.rows, len(file.points)) == (n, n - 2)
    assert file.rejects["row"].tolist() == [6, n]
    assert len(set(file.points.issue)) == 50_000
    assert len(set(file.points.reporter)) == 100
    kept = np.delete(numbers, [5, n - 1])
    assert file.points.category.decoded().tolist() == frame["category"].to_numpy()[kept].tolist()
    assert file.points.issue_ids[file.points.issue].tolist() == frame["external_id"].to_numpy()[kept].tolist()


@pytest.mark.parametrize(
    "header",
    [
        ("经度", "纬度", "问题类型", "上报时间", "来电人", "问题来源", "工单编号", "处理状态"),
        (
            "Longitude",
            "Latitude",
            "Complaint Type",
            "Created Date",
            "Reporter",
            "channel",
            "Unique Key",
            "Status",
        ),
        (
            "lon",
            "lat",
            "service_name",
            "requested_datetime",
            "reporter",
            "channel",
            "service_request_id",
            "status",
        ),
    ],
)
def test_columns_of_other_cities_are_found_by_their_names(tmp_path: Path, header: tuple[str, ...]) -> None:
    said = row(reporter="ann", channel="app", external_id="X-1", status="open").values()
    file = read(written(tmp_path, [dict(zip(header, said, strict=True))], header=header))
    lng, lat, *rest = header
    assert file.columns == dict(zip(HEADER[2:], rest, strict=True)) | {"lng": lng, "lat": lat}
    assert (file.points.category.values[0], file.points.issue_ids.tolist()) == (LAMP, ["X-1"])
