"""Words and places over HTTP: the geocoder's own answers, in their order; nothing hostile does harm."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pandas as pd
import pyarrow as pa
import pytest

from api import many_rows
from api.geocode_routes import router
from geo.datum import convert
from geo.types import Datum
from layers.geocoder import Geocoder
from layers.geocoding_tables import GEOCODE_COLUMNS
from tests.cities import at
from tests.served import Served, served, twin_city

CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
CONTRACT = ["lng", "lat", "radius_m", "match", "text_score", "position_score", "label", "cell_code"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The city with everything that people name, and two estates of one name."""
    with served(twin_city(tmp_path_factory.mktemp("city")), router) as client:
        yield client


@pytest.fixture(scope="module")
def geocoder(city: Served) -> Geocoder:
    """What answers behind the routes."""
    return city.service.live.words.geocoder


def got(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask(city: Served, text: str, **said: object) -> Any:
    answer = city.get("/v1/geocode", params={"text": text, **said})
    assert answer.headers["content-type"] == "application/geo+json"
    return got(answer)


def post(city: Served, body: Any, **said: Any) -> Any:
    return got(city.post("/v1/geocode", json=body, params=said))["answers"]


def refused(answer: httpx.Response, status: int = 422) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, Any] = answer.json()
    return body


def moved(place: Sequence[float], datum: Datum) -> list[float]:
    """A WGS-84 position in another datum."""
    return [float(value) for value in convert(*place, Datum.WGS84, datum)]


TEXTS = [
    "虹桥北村65幢楼道里的灯不亮了",
    "人民西路与外环西路交叉口",
    "灯杆03120456",
    "双子花园",
    "今天天气真好",
    "",
]


# ---- one text


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_an_answer_is_the_geocoders_own(city: Served, geocoder: Geocoder, text: str) -> None:
    assert ask(city, text) == json.loads(json.dumps(geocoder.geocode(text).json()))


def test_outcome_and_question_tell_how_sure_it_is(city: Served) -> None:
    found, both, nothing = (ask(city, text) for text in (TEXTS[0], "双子花园", "今天天气真好"))
    assert (found["outcome"], found["question"]) == ("found", None)
    assert found["features"][0]["properties"]["match"] == "building"
    assert both["outcome"] == "ambiguous"
    assert set(both["question"]) == {"zh", "en"}
    assert len(both["features"]) == 2
    assert (nothing["outcome"], nothing["features"]) == ("none", [])


def test_a_position_or_a_cell_settles_what_words_leave_open(city: Served) -> None:
    lng, lat = at(0.5, 3)
    for said in ({"lng": lng, "lat": lat}, {"within": "A"}, {"within": "A/A2"}):
        answer = ask(city, "双子花园", **said)
        assert (answer["outcome"], answer["features"][0]["properties"]["id"]) == ("found", "T1")
    assert len(ask(city, "双子花园", limit=1)["features"]) == 1


def test_positions_are_wgs84_unless_another_datum_is_asked_for_and_then_it_is_named(city: Served) -> None:
    """The position in the question is in the same datum."""
    plain = ask(city, TEXTS[0])
    assert "datum" not in plain
    there = plain["features"][0]["geometry"]["coordinates"]
    for datum in (Datum.GCJ02, Datum.BD09):
        answer = ask(city, TEXTS[0], datum=datum.value)
        feature = answer["features"][0]
        assert answer["datum"] == datum
        assert feature["geometry"]["coordinates"] == pytest.approx(moved(there, datum))
        assert feature["bbox"][0] <= feature["geometry"]["coordinates"][0] <= feature["bbox"][2]
        assert feature["bbox"][0] - plain["features"][0]["bbox"][0] > 0.003
    lng, lat = moved(at(0.5, 3), Datum.GCJ02)
    assert ask(city, "双子花园", lng=lng, lat=lat, datum="gcj02")["outcome"] == "found"
    metric = ask(city, TEXTS[0], datum="EPSG:4549")
    assert metric["datum"] == "EPSG:4549"
    assert metric["features"][0]["geometry"]["coordinates"][1] > 3e6


@pytest.mark.parametrize(("said", "field"), [
    ({}, "text"), ({"text": ""}, "text"), ({"text": "x" * 2001}, "text"), ({"text": "a\0b"}, "text"),
    ({"text": "\x1b[2J"}, "text"), ({"text": "a", "limit": 0}, "limit"),
    ({"text": "a", "limit": 51}, "limit"), ({"text": "a", "limit": "many"}, "limit"),
    ({"text": "a", "lng": 120.8}, "lat"), ({"text": "a", "lat": 32}, "lng"),
    ({"text": "a", "lng": "nan", "lat": 32}, "lng"), ({"text": "a", "lng": "inf", "lat": 32}, "lng"),
    ({"text": "a", "lng": 32, "lat": 120.8}, "lat"),
    ({"text": "a", "lng": 181, "lat": 32}, "lng"), ({"text": "a", "datum": "mars"}, "datum"),
    ({"text": "a", "within": "nowhere"}, "within"), ({"text": "a", "colour": "red"}, "colour"),
    ({"text": "a", "lng": 1e300, "lat": 1e300, "datum": "EPSG:4549"}, "lng"),
])  # fmt: skip
def test_a_question_that_cannot_be_is_refused_by_the_name_of_its_field(
    city: Served, said: dict[str, object], field: str
) -> None:
    assert refused(city.get("/v1/geocode", params=said))["errors"][0]["field"] == field


def test_swapped_axes_are_named_as_such(city: Served) -> None:
    said = refused(city.get("/v1/geocode", params={"text": "a", "lng": 32, "lat": 120.8}))
    assert "swapped" in said["detail"]
    assert "swapped" in refused(city.get("/v1/reverse", params={"lng": 32, "lat": 120.8}))["detail"]


@pytest.mark.parametrize("text", [
    " ", "\n", "<script>alert(1)</script>", "' OR 1=1 --", "%", "🙂" * 500, "\u202e虹桥", "路" * 2000,
    "1 " * 999, "K2+300" * 300, "人民西路与" * 400, "\ufeff", "\u0300" * 900,
])  # fmt: skip
def test_odd_words_are_words(city: Served, text: str) -> None:
    assert ask(city, text)["outcome"] in ("found", "ambiguous", "none")


# ---- many texts


def test_many_texts_are_answered_in_order_as_each_alone(city: Served) -> None:
    alone = [ask(city, text) for text in TEXTS[:-1]]
    assert post(city, {"texts": TEXTS})[:-1] == alone
    assert post(city, TEXTS)[-1] == {"type": "FeatureCollection", "outcome": "none", "question": None,
                                     "features": []}  # fmt: skip
    assert post(city, {"texts": []}) == []
    assert post(city, ["双子花园"], limit=1, datum="gcj02")[0]["datum"] == "gcj02"


def test_a_text_may_bring_what_is_known_and_its_own_id(city: Served) -> None:
    lng, lat = at(3.5, 3.5)
    rows = [
        {"text": "双子花园", "lng": lng, "lat": lat, "external_id": "WX-1"},
        {"text": "双子花园", "within": "A", "external_id": "WX-2"},
    ]
    answers = post(city, {"texts": rows})
    assert [one["external_id"] for one in answers] == ["WX-1", "WX-2"]
    assert [one["features"][0]["properties"]["id"] for one in answers] == ["T2", "T1"]


def test_what_is_malformed_is_told_in_its_place_and_spoils_no_other(city: Served) -> None:
    rows: list[Any] = [
        TEXTS[0], 5, None, [], {}, {"text": 5}, {"text": "a", "lng": 1, "external_id": "E"}, {"text": "a\0"},
        {"text": "a", "colour": 1}, {"text": "a", "within": "no"}, {"text": "a", "lng": 32, "lat": 120},
        "x" * 10_001, {"text": "a", "lng": True, "lat": 1}, TEXTS[0],
    ]  # fmt: skip
    answers = post(city, rows)
    assert answers[0] == answers[-1] == ask(city, TEXTS[0])
    assert all(one["error"]["code"] == "invalid_request" for one in answers[1:-1]), answers
    assert answers[6]["external_id"] == "E"


def test_more_than_there_is_room_for_is_refused(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(city.post("/v1/geocode", json=[""] * 10_001))
    refused(city.post("/v1/geocode", json={"text": "a"}))
    refused(city.post("/v1/geocode", content=b"{", headers={"content-type": "application/json"}))
    refused(city.post("/v1/geocode", content=b"a", headers={"content-type": "text/plain"}), 415)
    monkeypatch.setattr(many_rows, "MOST_BYTES", 10)
    refused(city.post("/v1/geocode", json=["x" * 20]), 413)


def test_more_texts_than_go_together_are_answered_all(city: Served) -> None:
    answers = post(city, ["今天天气真好", TEXTS[0]] * 60)
    assert [one["outcome"] for one in answers] == ["none", "found"] * 60


# ---- tables


def send(city: Served, body: bytes, kind: str = CSV, accept: str = "", **said: str) -> httpx.Response:
    headers = {"content-type": kind, **({"accept": accept} if accept else {})}
    return city.post("/v1/geocode", content=body, headers=headers, params=said)


def frame(answer: httpx.Response) -> pd.DataFrame:
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.BytesIO(answer.content), dtype=str, keep_default_na=False)


def test_a_csv_comes_back_row_by_row_with_the_contracts_columns_first(city: Served) -> None:
    told = pd.DataFrame({"no": range(len(TEXTS)), "text": TEXTS, "note": 'a,"b'})
    rows = frame(send(city, told.to_csv(index=False).encode(), column="text"))
    assert list(rows.columns) == ["no", "text", "note", *GEOCODE_COLUMNS]
    assert list(GEOCODE_COLUMNS[:8]) == CONTRACT
    assert rows["no"].tolist() == [str(n) for n in range(len(TEXTS))]
    assert rows["text"].tolist() == TEXTS
    assert rows["outcome"].tolist() == ["found", "found", "found", "ambiguous", "none", "none"]
    best = ask(city, TEXTS[0])["features"][0]
    assert [float(rows["lng"][0]), float(rows["lat"][0])] == best["geometry"]["coordinates"]
    for name in ("match", "label", "cell_code"):
        assert rows[name][0] == best["properties"][name]
    assert rows["lng"][3:].tolist() == ["", "", ""]  # a place only where one is meant


def test_the_column_may_be_named_or_told_and_columns_of_ours_are_set_aside(city: Served) -> None:
    body = "地址,lng,datum\n双子花园,1,x\n虹桥北村65幢,2,y\n".encode()
    rows = frame(send(city, body, datum="gcj02"))
    assert rows["input_lng"].tolist() == ["1", "2"]
    assert rows["input_datum"].tolist() == ["x", "y"]
    assert rows["datum"].tolist() == ["gcj02", "gcj02"]
    there = ask(city, "虹桥北村65幢", datum="gcj02")["features"][0]["geometry"]["coordinates"]
    assert [float(rows["lng"][1]), float(rows["lat"][1])] == pytest.approx(there)
    said = refused(send(city, b"a,b\nxx,yy\nzz,uu\n"))
    assert "?column=" in said["fix"]
    refused(send(city, body, column="none"))


def test_csv_arrow_and_json_are_answered_alike(city: Served) -> None:
    table = pa.table({"text": TEXTS})
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    arrow = pa.ipc.open_stream(send(city, bytes(out.getvalue()), ARROW).content).read_all()
    as_json = got(send(city, bytes(out.getvalue()), ARROW, "application/json"))["answers"]
    assert arrow.select(list(GEOCODE_COLUMNS)).to_pylist() == as_json
    csv = frame(send(city, pd.DataFrame({"text": TEXTS}).to_csv(index=False).encode()))
    assert csv["label"].tolist() == [one["label"] or "" for one in as_json]
    assert arrow.schema.field("lng").type == pa.float64()


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xff\xfe", b"text\n\x81\n", b"," * 2000 + b"\n1\n"])
def test_what_is_no_table_of_texts_is_refused(city: Served, body: bytes) -> None:
    assert refused(send(city, body))["code"] == "invalid_layer"


def test_cells_that_are_long_or_odd_are_rows_like_others(city: Served) -> None:
    texts = ["x" * 20_000, "a\x1bb", '"; DROP', "虹桥北村65幢\n第二行"]
    rows = frame(send(city, pd.DataFrame({"text": texts}).to_csv(index=False).encode(), column="text"))
    assert rows["outcome"].tolist() == ["none", "none", "none", "found"]


# ---- reverse and autocomplete


def test_what_lies_at_a_place_is_the_geocoders_own(city: Served, geocoder: Geocoder) -> None:
    lng, lat = at(0.67, 1.1)
    said = got(city.get("/v1/reverse", params={"lng": lng, "lat": lat, "radius_m": 50}))
    assert said == json.loads(json.dumps(geocoder.reverse(lng, lat, radius_m=50).json()))
    assert said["properties"]["cell_code"] == "A1"
    assert set(said["properties"]["words"]) == {"zh", "en"}


def test_a_place_in_another_datum_is_the_same_place(city: Served) -> None:
    lng, lat = at(0.67, 1.1)
    there = moved((lng, lat), Datum.GCJ02)
    plain = got(city.get("/v1/reverse", params={"lng": lng, "lat": lat}))
    said = got(city.get("/v1/reverse", params={"lng": there[0], "lat": there[1], "datum": "gcj02"}))
    assert said["datum"] == "gcj02"
    assert said["geometry"]["coordinates"] == there
    assert said["properties"]["words"] == plain["properties"]["words"]
    point = plain["properties"]["address"]["geometry"]["coordinates"]
    there = said["properties"]["address"]["geometry"]["coordinates"]
    assert there == pytest.approx(moved(point, Datum.GCJ02))


@pytest.mark.parametrize("said", [
    {}, {"lng": 120.8}, {"lng": "nan", "lat": 32}, {"lng": 120.8, "lat": 32, "radius_m": -1},
    {"lng": 120.8, "lat": 32, "radius_m": 1e9}, {"lng": 120.8, "lat": 32, "radius_m": "nan"},
    {"lng": 120.8, "lat": 91}, {"lng": 120.8, "lat": 32, "zoom": 3}, {"lng": 120.8, "lat": 32, "datum": "x"},
])  # fmt: skip
def test_a_place_that_cannot_be_is_refused(city: Served, said: dict[str, object]) -> None:
    refused(city.get("/v1/reverse", params=said))


def test_a_place_far_away_has_neither_cell_nor_street(city: Served) -> None:
    said = got(city.get("/v1/reverse", params={"lng": 0, "lat": 0}))["properties"]
    assert (said["cells"], said["street"], said["address"], said["assets"]) == ([], None, None, [])


def test_what_is_typed_is_completed(city: Served, geocoder: Geocoder) -> None:
    said = got(city.get("/v1/autocomplete", params={"text": "人民", "limit": 3}))
    expected = [json.loads(json.dumps(one.json())) for one in geocoder.autocomplete("人民", limit=3)]
    assert said == {"type": "FeatureCollection", "features": expected}
    assert expected
    lng, lat = at(3.5, 3.5)
    near = got(city.get("/v1/autocomplete", params={"text": "双子", "lng": lng, "lat": lat}))["features"]
    assert [one["properties"]["id"] for one in near] == ["T2", "T1"]
    assert got(city.get("/v1/autocomplete", params={"text": "双子", "datum": "gcj02"}))["datum"] == "gcj02"


@pytest.mark.parametrize("said", [{}, {"text": ""}, {"text": "a\0"}, {"text": "a", "within": "A"}])
def test_what_cannot_be_completed_is_refused(city: Served, said: dict[str, object]) -> None:
    refused(city.get("/v1/autocomplete", params=said))


# ---- what the documentation shows


def test_every_example_of_the_documentation_is_answered(city: Served) -> None:
    page = (Path(__file__).parents[1] / "docs" / "http.md").read_text("utf-8")
    section = page.partition("\n## Geocode\n")[2].partition("\n## Nominatim\n")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", "").splitlines()]
    assert len(lines) == 6
    for line in lines:
        route, said = asked(shlex.split(line))
        answer = city.request(*route, **said)
        assert answer.status_code == 200, (line, answer.text)


def asked(words: list[str]) -> Any:
    """Method and address of a curl command, with its headers and body."""
    url = next(word for word in words if word.startswith("http"))
    said = {words[at]: words[at + 1] for at in range(len(words) - 1) if words[at].startswith("-")}
    path = url.removeprefix("http://127.0.0.1:8000")
    if more := said.get("--data-urlencode"):
        path += ("&" if "?" in path else "?") + urlencode([tuple(more.split("=", 1))])
    body = "text\n虹桥北村65幢\n" if "--data-binary" in said else said.get("-d")
    header = dict([said["-H"].split(": ")]) if "-H" in said else {}
    return ("POST" if body else "GET", path), {"content": body, "headers": header}
