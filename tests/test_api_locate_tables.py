"""Tables over HTTP: CSV and Arrow in, the same rows with their answers out; nothing hostile does harm."""

from __future__ import annotations

import io
import json
import random
import resource
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from api import locate_tables, tables
from api.cli import woodpecker
from api.locate_routes import router
from layers.answers import ANSWER_COLUMNS
from layers.city import City
from layers.reading import arrow_bodies
from layers.reading.arrow_bodies import Room
from tests.cities import SOUTH, STEP, WEST
from tests.served import Served, published_city, served

CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
ROWS = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The small city, published."""
    return published_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def city(folder: City) -> Iterator[Served]:
    """The routes over it."""
    with served(folder, router) as client:
        yield client


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Reports of all kinds, some of which cannot be used."""
    rng = np.random.default_rng(11)
    lng = WEST + rng.uniform(-1, 5, ROWS) * STEP
    lat = SOUTH + rng.uniform(-1, 3, ROWS) * STEP
    lng[::4], lat[::4] = WEST + 2 * STEP, SOUTH + STEP  # a corner of four cells
    category = rng.choice(["0118", "E0105", "0126", "E0301", "路灯", "", 'od"d, one'], ROWS)
    accuracy = np.where(rng.random(ROWS) < 0.4, rng.uniform(0, 800, ROWS).round(1), 0)
    places = (
        pa.array(lng, mask=np.arange(ROWS) % 29 == 5),
        pa.array(np.where(np.arange(ROWS) == 7, 95.0, lat)),
    )
    return pa.table(
        {"no": np.arange(ROWS), "lng": places[0], "lat": places[1], "category": category.astype(object),
         "accuracy_m": accuracy, "datum": pa.array(["", "gcj02", "mars"] * (ROWS // 3)).dictionary_encode()}
    )  # fmt: skip


def stream(table: pa.Table, **options: Any) -> bytes:
    """A table as an Arrow stream."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return bytes(out.getvalue())


def as_csv(table: pa.Table) -> bytes:
    """A table as CSV."""
    return table.to_pandas().to_csv(index=False).encode()


def post(city: Served, body: bytes, kind: str, accept: str = "", **query: str) -> Any:
    """What is answered."""
    headers = {"Content-Type": kind, **({"Accept": accept} if accept else {})}
    return city.post("/v1/locate", content=body, headers=headers, params=query)


def read_csv(data: bytes) -> pd.DataFrame:
    """A CSV as texts."""
    return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)


def plain(table: pa.Table) -> list[dict[str, Any]]:
    """The answers of a table, comparable with those of any other."""
    return [
        {name: "" if value is None else value for name, value in row.items()}
        for row in table.select(list(ANSWER_COLUMNS)).to_pylist()
    ]


def of_csv(data: bytes) -> list[dict[str, Any]]:
    """The same of a CSV."""
    rows = read_csv(data)[list(ANSWER_COLUMNS)].to_dict("records")
    numbers = ("asset_m", "owner_share")
    return [{k: float(v) if k in numbers and v else v for k, v in row.items()} for row in rows]


@pytest.fixture(scope="module")
def answers(city: Served, table: pa.Table) -> list[dict[str, Any]]:
    """The answers to an Arrow stream."""
    said = post(city, stream(table), ARROW)
    assert said.status_code == 200, said.text
    assert said.headers["content-type"] == ARROW
    found = pa.ipc.open_stream(said.content).read_all()
    assert found.column_names == [*table.column_names, *ANSWER_COLUMNS]
    assert found.select(table.column_names).cast(table.schema).equals(table)
    return plain(found)


# ---- the same answers everywhere


def test_csv_and_arrow_are_answered_alike_in_every_form(
    city: Served, table: pa.Table, answers: list[dict[str, Any]]
) -> None:
    for body, kind in ((stream(table), ARROW), (as_csv(table), CSV)):
        assert of_csv(post(city, body, kind, CSV).content) == answers
        assert (
            plain(pa.ipc.open_stream(post(city, body, kind, f"x/y, {ARROW}").content).read_all()) == answers
        )
        told = post(city, body, kind, "application/json").json()["answers"]
        assert [{k: "" if v is None else v for k, v in row.items()} for row in told] == answers


def test_slices_are_answered_like_the_whole(
    city: Served, table: pa.Table, answers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locate_tables, "TOGETHER", 17)
    assert plain(pa.ipc.open_stream(post(city, stream(table), ARROW).content).read_all()) == answers
    assert of_csv(post(city, stream(table), ARROW, CSV).content) == answers
    assert len(post(city, stream(table), ARROW, "application/json").json()["answers"]) == ROWS


def test_a_row_is_answered_as_a_report_alone_is(
    city: Served, table: pa.Table, answers: list[dict[str, Any]]
) -> None:
    """One by one over JSON, but for what JSON refuses."""
    compared = 0
    for row, answer in zip(table.to_pylist(), answers, strict=True):
        if answer["topology"] == "none":
            continue
        said = {name: row[name] for name in ("lng", "lat", "category", "accuracy_m")}
        told = city.post("/v1/locate", json=[{**said, "datum": row["datum"] or "wgs84"}]).json()["answers"][0]
        assert {k: "" if told[k] is None else told[k] for k in ANSWER_COLUMNS} == answer
        compared += 1
    assert compared > ROWS / 2


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".arrow", ".feather"])
def test_the_command_answers_files_of_every_kind_alike(
    folder: City, table: pa.Table, answers: list[dict[str, Any]], tmp_path: Path, ending: str
) -> None:
    source, out = tmp_path / f"in{ending}", tmp_path / f"out{ending}"
    if ending == ".csv":
        source.write_bytes(as_csv(table))
    elif ending == ".parquet":
        pq.write_table(table, source)
    elif ending == ".arrow":
        source.write_bytes(stream(table))
    else:
        pa.feather.write_feather(table, str(source), chunksize=23)
    options = ["--category-col", "category", "--accuracy-col", "accuracy_m", "--datum-col", "datum", "--json"]
    done = CliRunner().invoke(
        woodpecker,
        ["locate", "--city", str(folder.folder), "--in", str(source), "--out", str(out), *options],
    )
    assert done.exit_code == 1, done.output
    rejects = sum(answer["topology"] == "none" for answer in answers)
    assert json.loads(done.stdout)["rejects"] == rejects == len(pd.read_csv(f"{out}.rejects.csv"))
    if ending == ".csv":
        assert of_csv(out.read_bytes()) == answers
    else:
        found = pq.read_table(out) if ending == ".parquet" else pa.feather.read_table(str(out))
        assert plain(found) == answers
        assert found.column("no").to_pylist() == list(range(ROWS))
        assert found.schema.field("reason").type == pa.string()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [source.name, out.name, f"{out.name}.rejects.csv"]
    )


def test_columns_may_be_named(city: Served, table: pa.Table, answers: list[dict[str, Any]]) -> None:
    names = {"lng": "a", "lat": "b", "category": "c", "accuracy_m": "d", "datum": "e"}
    renamed = table.rename_columns([names.get(name, name) for name in table.column_names])
    query = {"lng": "a", "lat": "b", "category_col": "c", "accuracy_col": "d", "datum_col": "e"}
    assert (
        plain(pa.ipc.open_stream(post(city, stream(renamed), ARROW, **query).content).read_all()) == answers
    )
    assert post(city, stream(renamed), ARROW, lng="none", lat="b").status_code == 422


def test_a_csv_may_be_in_gbk(city: Served) -> None:
    body = f"lng,lat,category\n{WEST + STEP / 2},{SOUTH + STEP / 2},路灯\n".encode("gbk")
    assert read_csv(post(city, body, CSV).content)["asset_id"][0] == "L0"
    assert read_csv(post(city, body, f"{CSV}; charset=gbk").content)["category"][0] == "路灯"


def test_times_and_numbers_are_read_whatever_their_type(city: Served) -> None:
    spot = {"lng": pa.array([WEST + STEP / 2], pa.float32()), "lat": [SOUTH + STEP / 2]}
    for category in (pa.array([118]), pa.array(["118"]), pa.array([118], pa.decimal128(5, 0))):
        said = post(city, stream(pa.table({**spot, "category": category})), ARROW, CSV)
        assert read_csv(said.content)["asset_id"][0] == "L0", said.text


# ---- what is hostile


def refused(city: Served, body: bytes, kind: str = ARROW) -> str:
    """The code of the problem."""
    said = post(city, body, kind)
    assert 400 <= said.status_code < 500, said.text[:300]
    assert said.headers["content-type"] == "application/problem+json"
    return str(said.json()["code"])


def one(**columns: Any) -> pa.Table:
    """A table of a place and more."""
    return pa.table({"lng": [WEST], "lat": [SOUTH], **columns})


NESTED = {
    "list": pa.array([[1]]), "struct": pa.array([{"a": 1}]),
    "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())),
    "view": pa.array(["a"], pa.string_view()), "fixed": pa.array([b""], pa.binary(0)),
    "run-end": pa.RunEndEncodedArray.from_arrays([1], ["a"]),
    "dictionary of bytes": pa.array([b"a"]).dictionary_encode(),
    "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16], pa.binary(16))),
}  # fmt: skip


@pytest.mark.parametrize("kind", NESTED)
def test_a_column_that_is_not_flat_is_refused_by_name(city: Served, kind: str) -> None:
    said = post(city, stream(one(odd=NESTED[kind])), ARROW)
    assert said.status_code == 422
    assert "'odd'" in said.json()["detail"]


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_compressed_buffers_are_refused_before_they_are_unpacked(city: Served, compression: str) -> None:
    body = stream(one(x=["a" * 50_000_000]), compression=compression)
    assert len(body) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(city, body) == "unsafe_file"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # kilobytes


def test_few_bytes_that_stand_for_many_rows_are_refused(
    city: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nulls take no room, nor do booleans take much; a dictionary repeats what is long."""
    many = pa.Array.from_buffers(pa.null(), 2**31 - 1, [None])
    nulls = pa.table({"lng": many, "lat": many})
    assert refused(city, stream(nulls)) == "unsafe_file"
    bits = pa.table({"lng": pa.nulls(10**6), "lat": pa.nulls(10**6), "x": pa.array(np.zeros(10**6, bool))})
    assert refused(city, stream(bits)) == "unsafe_file"
    long = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000, np.int8)), pa.array(["x" * 100_000]))
    places = {"lng": np.full(10_000, WEST), "lat": np.full(10_000, SOUTH)}
    assert refused(city, stream(pa.table({**places, "note": long}))) == "unsafe_file"
    assert refused(city, stream(one(category=["x" * 1_000]))) == "unsafe_file"
    monkeypatch.setattr(tables, "Room", partial(Room, cells=100))
    assert refused(city, b"lng,lat,a,b,c\n" + b"1\n" * 21, CSV) == "unsafe_file"


def test_a_stream_that_is_cut_or_torn_anywhere_is_answered_or_refused(city: Served, table: pa.Table) -> None:
    """Some tears are not seen, for bytes are bytes; none is an error of ours."""
    rng, body = random.Random(4), stream(table.slice(0, 20))
    for size in range(0, len(body) - 8, 41):
        assert post(city, body[:size], ARROW).status_code in (200, 422)
    for _ in range(150):
        torn = bytearray(body)
        for _ in range(rng.randint(1, 4)):
            torn[rng.randrange(len(torn))] = rng.choice((0, 1, 127, 128, 255))
        assert post(city, bytes(torn), ARROW).status_code in (200, 422)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"ARROW1\0\0",
        b"\xff" * 40,
        b"\xff\xff\xff\xff\0\0\0\0",
        b"\xff\xff\xff\xff\xf0\xff\xff\x7f",
    ],
)
def test_what_is_no_arrow_is_refused(city: Served, body: bytes) -> None:
    assert refused(city, body) == "invalid_layer"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"a,b\n",
        b"a,b\n1,2\n",
        b"lng\n1\n",
        b"\xff\xfe",
        b"lng,lat\n\x81\n",
        b"," * 2000 + b"\n1\n",
    ],
)
def test_what_is_no_table_of_places_is_refused(city: Served, body: bytes) -> None:
    assert refused(city, body, CSV) == "invalid_layer"


@pytest.mark.parametrize(
    "columns",
    [
        {"lng": [None], "lat": [None]}, {"lng": [float("nan")], "lat": [float("inf")]},
        {"lng": ["a"], "lat": [""]}, {"lng": [1e308], "lat": [-1e308]}, {"lng": [True], "lat": [False]},
        {"lng": [WEST], "lat": [SOUTH], "accuracy_m": [float("nan")], "occurred_at": [2**62]},
        {"lng": [WEST], "lat": [SOUTH], "accuracy_m": ["1e999"], "datum": [None]},
        {"lng": [WEST], "lat": [SOUTH], "occurred_at": pa.array([2**62], pa.timestamp("s"))},
        {"lng": [WEST], "lat": [SOUTH], "occurred_at": pa.array([-(2**62)], pa.timestamp("us", "UTC"))},
        {"lng": [WEST], "lat": [SOUTH], "level": [0], "input_rule": ["x"], "rule": [b"\xff"]},
        {"lng": [], "lat": []}, {"lng": [WEST], "lat": [SOUTH], "lng\0": [1], "": [2]},
        {"lng": [WEST], "lat": [SOUTH], "when": pa.array([1], pa.duration("ns"))},
    ],
)  # fmt: skip
def test_odd_values_are_answered_row_by_row(city: Served, columns: dict[str, Any]) -> None:
    for accept in (ARROW, CSV, "application/json"):
        said = post(city, stream(pa.table(columns)), ARROW, accept)
        assert said.status_code in (200, 422), said.text[:300]
        if said.status_code == 200 and accept == ARROW:
            assert pa.ipc.open_stream(said.content).read_all().num_rows == len(columns["lng"])


def test_columns_that_bear_the_same_name_do_no_harm(city: Served) -> None:
    twice = pa.Table.from_arrays(
        [pa.array([WEST]), pa.array([SOUTH]), pa.array([1.0])], ["lng", "lat", "lat"]
    )
    assert post(city, stream(twice), ARROW).status_code in (200, 422)
    assert refused(city, stream(pa.table({}))) == "invalid_layer"


def test_a_larger_body_is_refused(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 100)
    assert post(city, b"lng,lat\n" + b"1,2\n" * 100, CSV).status_code == 413


@pytest.mark.parametrize("data", [b"", b"\0" * 3, b"\xff" * 64, bytes(range(200, 250))])
def test_a_flatbuffer_that_points_nowhere_is_no_message(data: bytes) -> None:
    """What is looked into never reaches beyond the message."""
    with pytest.raises(struct.error):
        arrow_bodies._is_compressed(data, is_dictionary=False)
