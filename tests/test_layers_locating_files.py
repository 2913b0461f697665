"""Files of reports, of any size and kind: every row in order, what is broken said, memory bounded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS

from geo.crs import from_wgs84, parse_reference
from geo.errors import CoordinateError, LayerError, UnsafeFileError
from layers.answers import ANSWER_COLUMNS
from layers.batch import coordinate_columns, locate_table
from layers.city import City
from layers.generation import Generation, load_draft
from layers.io import read_table
from layers.locating_files import Done, first_rows, locate_file, rejects_path
from layers.reading import stream_child, streaming
from layers.report_rows import ReportColumns
from layers.report_stream import Reports
from tests.cities import SOUTH, STEP, WEST, at, small_city


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> City:
    return small_city(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def city(made: City) -> Generation:
    return load_draft(made)


def guessed(reports: Reports) -> ReportColumns:
    """The columns of positions, and that of categories if there is one."""
    rows = first_rows(reports)
    reference = parse_reference("wgs84")
    lng, lat = ("lng", "lat") if reports.in_degrees else coordinate_columns(rows, reference)
    return ReportColumns(lng, lat, category="category" if "category" in rows.column_names else "")


def located(city: Generation, path: Path, out: Path, **said: Any) -> tuple[Done, pd.DataFrame]:
    """What came of a file, and its answers as texts."""
    done = locate_file(city, path, out, guessed, **said)
    if out.suffix == ".csv":
        return done, pd.read_csv(out, dtype=str, keep_default_na=False)
    table = pq.read_table(out) if out.suffix == ".parquet" else pa.feather.read_table(str(out))
    return done, table.to_pandas()


def places(count: int) -> tuple[Any, Any]:
    """Places in and around the small city."""
    rng = np.random.default_rng(2)
    return WEST + rng.uniform(-0.5, 4.5, count) * STEP, SOUTH + rng.uniform(-0.5, 2.5, count) * STEP


# ---- geometry


def geoparquet(
    path: Path, geometry: pa.Array, crs: Any = "left out", encoding: str = "WKB", **columns: Any
) -> Path:
    """A GeoParquet file."""
    meta: dict[str, Any] = {"encoding": encoding, "geometry_types": []}
    if crs != "left out":
        meta["crs"] = crs
    geo = {"version": "1.1.0", "primary_column": "shape", "columns": {"shape": meta}}
    table = pa.table({**columns, "shape": geometry})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def wkb(x: Any, y: Any, **options: Any) -> pa.Array:
    """Points as WKB."""
    return pa.array(shapely.to_wkb(shapely.points(x, y), **options))


def test_geoparquet_is_read_in_its_own_reference_whatever_its_encoding(
    city: Generation, tmp_path: Path
) -> None:
    lng, lat = places(50)
    expected = locate_table(
        city,
        pd.DataFrame({"lng": [*map(repr, lng.tolist())], "lat": [*map(repr, lat.tolist())]}),
        ReportColumns("lng", "lat"),
    ).table
    east, north = from_wgs84(lng, lat, parse_reference("EPSG:4549"))
    projjson = CRS.from_epsg(4549).to_json_dict()
    native = pa.StructArray.from_arrays([pa.array(lng), pa.array(lat)], ["x", "y"])
    files = {
        "wkb": geoparquet(tmp_path / "1.parquet", wkb(lng, lat)),
        "big-endian": geoparquet(tmp_path / "2.parquet", wkb(lng, lat, byte_order=0)),
        "projected": geoparquet(tmp_path / "3.parquet", wkb(east, north), projjson),
        "native": geoparquet(tmp_path / "4.parquet", native, encoding="point"),
        "large": geoparquet(tmp_path / "5.parquet", wkb(lng, lat).cast(pa.large_binary())),
        "unknown": geoparquet(tmp_path / "6.parquet", wkb(lng, lat), None),
    }
    for name, path in files.items():
        done, answers = located(city, path, tmp_path / "out.parquet")
        assert done.rows == 50, name
        for column in ("cell_code", "topology", "owner_id", "certainty"):
            assert list(answers[column]) == list(expected[column]), name
        assert list(answers.columns) == ["shape", "lng", "lat", *ANSWER_COLUMNS]
        np.testing.assert_allclose(answers["lng"], lng, atol=1e-9)
    assert json.loads(pq.read_schema(tmp_path / "out.parquet").metadata[b"geo"])["primary_column"] == "shape"


def test_named_columns_win_over_the_geometry(city: Generation, tmp_path: Path) -> None:
    spot = at(0.5, 0.5)
    path = geoparquet(tmp_path / "r.parquet", wkb([0.0], [0.0]), lng=[spot[0]], lat=[spot[1]])
    assert located(city, path, tmp_path / "o.parquet")[1]["topology"][0] == "outside"
    assert (
        locate_file(city, path, tmp_path / "o.csv", lambda _: ReportColumns("lng", "lat"), named=True).rows
        == 1
    )
    written = pd.read_csv(tmp_path / "o.csv")
    assert written["cell_code"][0] == "A00"


def test_a_geometry_leaves_a_csv_its_position(city: Generation, tmp_path: Path) -> None:
    path = geoparquet(tmp_path / "r.parquet", wkb(*([v] for v in at(0.5, 0.5))), lng=["its own"])
    written = located(city, path, tmp_path / "o.csv")[1]
    assert list(written.columns) == ["input_lng", "lng", "lat", *ANSWER_COLUMNS]
    assert float(written["lng"][0]) == at(0.5, 0.5)[0]


def test_missing_and_empty_points_are_rejects(city: Generation, tmp_path: Path) -> None:
    shapes = [
        shapely.Point(at(0.5, 0.5)),
        None,
        shapely.Point(),
        shapely.MultiPoint([at(0.5, 0.5)]),
        shapely.Point((*at(0.5, 0.5), 3)),
    ]
    path = geoparquet(tmp_path / "r.parquet", pa.array(shapely.to_wkb(np.array(shapes, dtype=object))))
    done, answers = located(city, path, tmp_path / "o.parquet")
    assert list(answers["topology"]) == ["inside", "none", "none", "inside", "inside"]
    assert list(pd.read_csv(rejects_path(tmp_path / "o.parquet"))["row"]) == [2, 3]
    assert done.rejects == 2


def test_lines_and_areas_in_parquet_are_what_was_reported(city: Generation, tmp_path: Path) -> None:
    line = shapely.LineString([at(0.2, 0.5), at(1.8, 0.5)])
    shapes = [shapely.Point(at(0.5, 0.5)), line]
    path = geoparquet(tmp_path / "r.parquet", pa.array(shapely.to_wkb(np.array(shapes, dtype=object))))
    _, answers = located(city, path, tmp_path / "o.parquet")
    assert "上报的是一段线" in answers["reason"][1]


def test_geoarrow_is_understood(city: Generation, tmp_path: Path) -> None:
    lng, lat = at(0.5, 0.5)
    meta = {b"ARROW:extension:name": b"geoarrow.point", b"ARROW:extension:metadata": b'{"crs":"EPSG:4326"}'}
    point = pa.StructArray.from_arrays([pa.array([lng]), pa.array([lat])], ["x", "y"])
    schema = pa.schema([pa.field("where", point.type, metadata=meta)])
    pa.feather.write_feather(pa.table([point], schema=schema), str(tmp_path / "r.feather"))
    assert located(city, tmp_path / "r.feather", tmp_path / "o.arrow")[1]["cell_code"][0] == "A00"


# ---- many rows, and how they lie in the file


def test_where_pieces_end_changes_nothing(
    city: Generation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lng, lat = places(3_000)
    category = np.random.default_rng(3).choice(["0118", "E0105", ""], 3_000).astype(object)
    table = pa.table({"lng": lng, "lat": lat, "category": pa.array(category).dictionary_encode()})
    pq.write_table(table, tmp_path / "r.parquet", row_group_size=700)
    pa.feather.write_feather(table, str(tmp_path / "r.feather"), chunksize=13)
    table.to_pandas().to_csv(tmp_path / "r.csv", index=False)
    whole = located(city, tmp_path / "r.parquet", tmp_path / "whole.parquet")[1]
    monkeypatch.setattr(streaming, "PIECE", 499)
    heard: list[tuple[int, int | None]] = []
    for name in ("r.parquet", "r.feather", "r.csv"):
        heard.clear()
        done, answers = located(
            city, tmp_path / name, tmp_path / "o.parquet", progress=lambda *said: heard.append(said)
        )
        assert done.rows == 3_000
        assert len(heard) == 7
        assert heard[-1] == (3_000, 3_000 if name == "r.parquet" else None)
        pd.testing.assert_frame_equal(answers[list(ANSWER_COLUMNS)], whole[list(ANSWER_COLUMNS)])


def test_an_empty_table_is_answered_with_one(city: Generation, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"lng": pa.array([], pa.float64()), "lat": pa.array([], pa.float64())}),
        tmp_path / "r.parquet",
    )
    for ending in (".csv", ".parquet", ".feather"):
        done, answers = located(city, tmp_path / "r.parquet", tmp_path / f"o{ending}")
        assert done.rows == len(answers) == 0
        assert list(answers.columns) == ["lng", "lat", *ANSWER_COLUMNS]


CONSTANT = """
import resource, sys
from pathlib import Path
from layers.city import City
from layers.generation import load_draft
from layers.locating_files import locate_file
from layers.report_rows import ReportColumns
generation = load_draft(City(Path(sys.argv[1])))
peak = lambda who: resource.getrusage(who).ru_maxrss // 1024
for name in sys.argv[2:]:
    locate_file(generation, Path(name), Path(name + ".out.parquet"), lambda _: ReportColumns("lng", "lat"))
    print(max(peak(resource.RUSAGE_SELF), peak(resource.RUSAGE_CHILDREN)))
"""


def test_six_times_the_rows_take_no_more_memory(
    made: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces are of 131,072 rows; a file of six of them needs little more than one of one."""
    names = []
    for pieces in (1, 6):
        lng, lat = places(pieces << 17)
        names.append(str(tmp_path / f"{pieces}.parquet"))
        pq.write_table(pa.table({"lng": lng, "lat": lat, "note": ["x" * 50] * len(lng)}), names[-1])
    done = subprocess.run(
        [sys.executable, "-c", CONSTANT, str(made.folder), *names],
        capture_output=True, text=True, check=True, cwd=Path(stream_child.__file__).parents[2],
    )  # fmt: skip
    one, six = map(int, done.stdout.split())
    assert six < one + 250  # megabytes


# ---- CSV


def csv_rows(path: Path) -> pd.DataFrame:
    """What the stream makes of a CSV."""
    with streaming.stream_rows(path) as stream:
        return pa.Table.from_batches(list(stream.pieces())).to_pandas()


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n", "\ufeffa;b\r\n1;2\r\n\r\n3;4\r\n", 'a\tb\n"x\ny"\t"q""r"\n', "a,b\n1\n1,2,3\n\n4,5\n",
        'a,b\n"1,2",3\n"lf\nin it",é\n', "a,a,\n1,2,3\n", "经度,纬度\n一,二\n三\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_csv_in_pieces_is_the_csv_at_once(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode(encoding, "ignore"))
    table, noticed = read_table(tmp_path / "t.csv")
    with streaming.stream_rows(tmp_path / "t.csv") as stream:
        rows = pa.Table.from_batches(list(stream.pieces())).to_pandas()
        found = [(f.code, f.row, f.value) for f in stream.findings]
    assert rows.to_numpy().tolist() == table.to_numpy().tolist()
    assert list(rows.columns) == list(table.columns)
    assert sorted(map(str, found)) == sorted(str((f.code, f.row, f.value)) for f in noticed)


def test_a_row_of_another_width_far_down_is_levelled_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{n},x{n}" for n in range(5_000_0)]
    rows[40_000] = "40000"
    (tmp_path / "t.csv").write_text("a,b\n" + "\n".join(rows) + "\n")
    found = csv_rows(tmp_path / "t.csv")
    assert list(found["a"]) == [str(n) for n in range(50_000)]
    assert found["b"][40_000] == ""


# ---- what fails


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.parquet", b"PAR1 and nothing"), ("r.arrow", b"ARROW1\0\0 and nothing"),
        ("r.arrow", b"\xff\xff\xff\xff\x10\0\0\0"), ("r.feather", b"FEA1old"), ("r.csv", b"lng,lat\n"),
        ("r.csv", b"\xff\xff\xff"), ("r.csv", b""), ("r.csv", b"a,b\n1,2\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_leaves_what_stood_there(
    city: Generation, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "o.csv").write_text("earlier")
    with pytest.raises((LayerError, UnsafeFileError)):
        locate_file(city, tmp_path / name, tmp_path / "o.csv", guessed)
    assert (tmp_path / "o.csv").read_text() == "earlier"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted({name, "o.csv"})


def test_a_file_that_is_torn_in_the_middle_leaves_nothing(
    city: Generation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lng, lat = places(5_000)
    pa.feather.write_feather(
        pa.table({"lng": lng, "lat": lat}), str(tmp_path / "r.feather"), chunksize=500, compression="lz4"
    )
    data = bytearray((tmp_path / "r.feather").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = b"\xff" * 3000
    (tmp_path / "r.feather").write_bytes(bytes(data))
    monkeypatch.setattr(streaming, "PIECE", 100)
    with pytest.raises((LayerError, UnsafeFileError)):
        located(city, tmp_path / "r.feather", tmp_path / "o.parquet")
    assert [p.name for p in tmp_path.iterdir()] == ["r.feather"]


def test_an_ending_that_is_not_written_is_refused_first(city: Generation, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="xlsx"):
        locate_file(city, tmp_path / "none.csv", tmp_path / "o.xlsx", guessed)


def test_degrees_in_a_projected_reference_are_refused(city: Generation, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("lng,lat\n120.8,32.0\n")
    columns = ReportColumns("lng", "lat", reference=parse_reference("EPSG:4549"))
    with pytest.raises(CoordinateError):
        locate_file(city, tmp_path / "r.csv", tmp_path / "o.csv", lambda _: columns)
    assert [p.name for p in tmp_path.iterdir()] == ["r.csv"]


# ---- real files


DATA = Path(os.environ.get("WOODPECKER_DATA", "/nonexistent"))


@pytest.mark.skipif(not (DATA / "chicago").is_dir(), reason="the real files are not here")
def test_real_reports_in_two_references_get_the_same_answers(city: Generation, tmp_path: Path) -> None:
    """Chicago's carry degrees and feet of Illinois; here they lie outside, at the same distance."""
    source = DATA / "chicago/chicago_311_sanitation_2013H1.csv"
    frame, _ = read_table(source)
    frame.head(400).to_csv(tmp_path / "r.csv", index=False)
    feet = ReportColumns("X_Coordinate", "Y_Coordinate", reference=parse_reference("EPSG:3435"))
    degrees = ReportColumns("Longitude", "Latitude")
    names = set(frame.columns)
    if not {degrees.lng, degrees.lat, feet.lng, feet.lat} <= names:
        pytest.skip(f"other columns: {sorted(names)}")
    for number, columns in enumerate((degrees, feet)):
        locate_file(city, tmp_path / "r.csv", tmp_path / f"{number}.csv", lambda _, c=columns: c)
    one, two = (pd.read_csv(tmp_path / f"{n}.csv", dtype=str, keep_default_na=False) for n in (0, 1))
    assert list(one["topology"]) == list(two["topology"])
    assert set(one["topology"]) <= {"outside", "none"}
