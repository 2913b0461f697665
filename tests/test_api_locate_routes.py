"""One place or many, over HTTP or from the command line: the same answer; a bad row spoils no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from api import locate_routes, many_rows
from api.cli import woodpecker
from api.locate_routes import router
from api.many_rows import MOST_ROWS
from geo.crs import convert_points
from geo.types import Datum
from layers.city import City
from layers.proof import canonical, replay
from layers.publish import publish
from tests.cities import RULES, SOUTH, STEP, WEST, at, words
from tests.served import PUBLISHED, Served, published_city, served
from tests.test_api_city_routes import ODD

NEAR_L0 = at(0.5, 0.5)
RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The small city, published."""
    return published_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def city(folder: City) -> Iterator[Served]:
    """The routes over it."""
    with served(folder, router) as client:
        yield client


def one(city: Served, **query: Any) -> dict[str, Any]:
    """The answer to one question."""
    said = city.get("/v1/locate", params=query)
    assert said.status_code == 200, said.text
    answer: dict[str, Any] = said.json()
    return answer


def many(city: Served, rows: Any, **query: Any) -> list[dict[str, Any]]:
    """The answers to many."""
    said = city.post("/v1/locate", json=rows, params=query)
    assert said.status_code == 200, said.text
    answers: list[dict[str, Any]] = said.json()["answers"]
    assert len(answers) == len(rows["reports"] if isinstance(rows, dict) else rows)
    return answers


def place(number: int) -> dict[str, Any]:
    """Some question about the small city."""
    lng, lat = WEST + RNG.uniform(-1, 5) * STEP, SOUTH + RNG.uniform(-1, 3) * STEP
    said: dict[str, Any] = {"lng": lng, "lat": lat}
    if number % 2:
        said["category"] = str(RNG.choice(["0118", "E0105", "0126", "E0301", "路灯"]))
    if number % 3 == 1:
        said["accuracy_m"] = round(float(RNG.uniform(0, 800)), 1)
    if number % 5 == 2:
        said["datum"] = str(RNG.choice(["gcj02", "bd09", "cgcs2000"]))
    if number % 7 == 3:
        said["text"] = "L1 的灯不亮"
    return said


EXACTLY = [dict(zip(("lng", "lat"), at(*place), strict=True)) for place in ((1, 1), (2, 1), (2, 0), (-30, 0))]
PLACES = [place(number) for number in range(36)] + EXACTLY


# ---- the same answer


def command_line(folder: City, said: dict[str, Any]) -> dict[str, Any]:
    """What `woodpecker locate --json` answers."""
    names = {"category": "--category", "accuracy_m": "--accuracy", "datum": "--datum", "text": "--text"}
    options = [word for name in said if name in names for word in (names[name], str(said[name]))]
    done = CliRunner().invoke(
        woodpecker,
        ["locate", "--city", str(folder.folder), repr(said["lng"]), repr(said["lat"]), *options, "--json"],
    )
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_command_line_and_the_routes_answer_alike(folder: City, city: Served) -> None:
    typed = [command_line(folder, said) for said in PLACES]
    assert [one(city, **said) for said in PLACES] == typed
    assert many(city, {"reports": PLACES}) == typed
    assert {answer["certainty"] for answer in typed} >= {"certain", "likely", "ambiguous"}
    assert any(answer["candidates"] for answer in typed)


def test_the_bare_array_is_answered_like_the_object(city: Served) -> None:
    assert many(city, PLACES) == many(city, {"reports": PLACES})


def test_slices_are_answered_like_the_whole(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = many(city, PLACES, proof="true")
    monkeypatch.setattr(locate_routes, "TOGETHER", 7)
    assert many(city, PLACES, proof="true") == whole


def test_the_proof_can_be_replayed(city: Served) -> None:
    answer = one(city, **PLACES[1], proof="true")
    assert canonical(replay(city.service.live.generation, answer["proof"])) == canonical(answer["proof"])
    assert "proof" not in one(city, **PLACES[1])
    assert many(city, [PLACES[1]], proof="true") == [answer]


def test_every_datum_means_the_same_place(city: Served) -> None:
    here = one(city, lng=NEAR_L0[0], lat=NEAR_L0[1], category="0118")
    for datum in (Datum.GCJ02, Datum.BD09):
        (lng,), (lat,) = convert_points([NEAR_L0[0]], [NEAR_L0[1]], Datum.WGS84, datum)
        there = one(city, lng=lng, lat=lat, datum=datum.value, category="0118")
        assert {**there, "lng": 0, "lat": 0, "asset_m": 0} == {**here, "lng": 0, "lat": 0, "asset_m": 0}
        assert (there["lng"], there["lat"]) == pytest.approx(NEAR_L0, abs=1e-9)


def test_a_name_in_the_text_is_a_place_where_no_coordinates_are(city: Served) -> None:
    answer = one(city, text="格01 那边", category="0126")
    assert answer["cell_code"] == "A01"
    assert one(city, category="0126")["topology"] == "none"
    assert one(city)["lng"] is None


def test_a_line_that_is_reported_is_answered(city: Served) -> None:
    line = {"type": "LineString", "coordinates": [at(0.2, 0.5), at(0.8, 0.5)]}
    answer, other = many(city, [{"geometry": line, "geometry_is": "extent"}, {"geometry": line}])
    assert answer["cell_code"] == other["cell_code"] == "A00"


def test_a_channel_says_what_positions_mean_only_where_it_is_said(tmp_path: Path) -> None:
    """Without one it is the city's usual, as on the command line; not that of reports by the same way."""
    folder = published_city(tmp_path / "c")
    folder.toml.write_text(
        folder.toml.read_text("utf-8") + "\n[channel.api]\naccuracy_m = 700\n", encoding="utf-8"
    )
    publish(folder, now=PUBLISHED)
    with served(folder, router) as city:
        where = dict(zip(("lng", "lat"), at(0.9, 0.9), strict=True))
        assert one(city, **where)["certainty"] == "certain"
        assert one(city, **where, channel="api")["certainty"] != "certain"
        assert many(city, [where, {**where, "channel": "api"}]) == [
            one(city, **where),
            one(city, **where, channel="api"),
        ]


def test_the_time_counts_where_a_rule_asks_for_it(tmp_path: Path) -> None:
    folder = published_city(tmp_path / "c")
    night = '[[rule]]\nid = "night"\nwhen = { hours = "20:00-06:00" }\nowner = "lamps"\n'
    words(folder, RULES.replace("[[rule]]", f"{night}\n[[rule]]", 1))
    publish(folder, now=PUBLISHED)
    with served(folder, router) as city:
        where = dict(zip(("lng", "lat"), at(0.2, 0.2), strict=True))
        assert one(city, **where, occurred_at="2026-11-21T22:00")["rule"] == "night"
        assert one(city, **where, occurred_at="2026-11-21T22:00Z")["rule"] == "territory"
        (answer,) = many(city, [{**where, "occurred_at": "2026-11-21T14:00:00Z"}])
        assert answer["rule"] == "night"


# ---- what is malformed

BAD: list[Any] = [
    None, 3, "x", [], {"lng": "a", "lat": 1}, {"lng": 1}, {"lng": 200, "lat": 1}, {"lng": 1, "lat": 100},
    {"lng": 1, "lat": 2, "datum": "mars"}, {"x": 1}, {"lng": 1, "lat": 2, "accuracy_m": -1},
    {"text": "a\u0000b"}, {"occurred_at": "yesterday"},
    {"geometry": {"type": "Point", "coordinates": [1, 2]}},
    {"lng": 18446744073709551617, "lat": 1}, {"text": "x" * 10_001},
]  # fmt: skip


def test_a_bad_row_is_answered_in_its_place_and_spoils_no_other(city: Served) -> None:
    good = one(city, **PLACES[1])
    rows = [row for bad in BAD for row in (bad, PLACES[1])]
    answers = many(city, rows)
    assert answers[1::2] == [good] * len(BAD)
    for bad, answer in zip(BAD, answers[::2], strict=True):
        assert list(answer) == ["error"], bad
        assert answer["error"]["code"] == "invalid_request"
        assert answer["error"]["detail"]


def test_a_row_that_is_nested_too_deeply_is_a_bad_row(city: Served) -> None:
    deep = b"[" * 300 + b"]" * 300
    body = b'[{"geometry":' + deep + b'},{"lng":120.805,"lat":32.005}]'
    said = city.post("/v1/locate", content=body, headers={"Content-Type": "application/json"}).json()
    assert "error" in said["answers"][0]
    assert said["answers"][1]["cell_code"] == "A00"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"3", b"null", b"{}", b'{"reports":3}', b'{"reports":[],"more":1}', b"[NaN]", b"[1e999",
     b'["\xff"]', b'["\\ud800"]', b"[" * 2000, b'{"reports":{}}'],
)  # fmt: skip
def test_a_body_that_is_no_list_is_refused(city: Served, body: bytes) -> None:
    said = city.post("/v1/locate", content=body, headers={"Content-Type": "application/json"})
    assert said.status_code == 422
    assert said.json()["code"] == "invalid_request"


def test_more_rows_than_are_answered_at_once_are_refused(city: Served) -> None:
    said = city.post("/v1/locate", json=[0] * (MOST_ROWS + 1))
    assert said.status_code == 422
    assert "10,000" in said.json()["detail"]
    assert len(many(city, [0] * MOST_ROWS)) == MOST_ROWS
    assert many(city, []) == []


def test_a_larger_body_is_refused(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_rows, "MOST_BYTES", 1000)
    assert city.post("/v1/locate", json=[{"text": "x" * 1000}]).status_code == 413


def test_what_does_not_say_that_it_is_json_is_refused(city: Served) -> None:
    assert city.post("/v1/locate", content=b"[]").status_code == 415


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "name",
    [
        "lng",
        "lat",
        "datum",
        "category",
        "accuracy_m",
        "level",
        "text",
        "occurred_at",
        "proof",
        "channel",
        "x",
    ],
)
def test_an_odd_question_is_answered_or_refused(city: Served, name: str, odd: str) -> None:
    raw = quote(odd, errors="surrogatepass")
    said = city.get(f"/v1/locate?lng=120.805&lat=32.005&{name}={raw}")
    assert said.status_code in (200, 422)
    assert city.get(f"/v1/locate?{name}={raw}&{name}={raw}").status_code in (200, 422)
    assert city.post(f"/v1/locate?{name}={raw}", json=[]).status_code in (200, 422)


@pytest.mark.parametrize(
    ("query", "field"),
    [("lng=1", "lat"), ("lat=1", "lat"), ("lng=181&lat=1", "lng"), ("lng=1&lat=91", "lat"),
     ("lng=a&lat=1", "lng"), ("datum=x", "datum"), ("accuracy_m=-1", "accuracy_m"), ("level=0", "level"),
     ("occurred_at=x", "occurred_at"), ("proof=maybe", "proof"), ("reporter=x", "reporter")],
)  # fmt: skip
def test_a_refusal_names_the_field(city: Served, query: str, field: str) -> None:
    said = city.get(f"/v1/locate?{query}")
    assert said.status_code == 422
    assert said.json()["errors"][0]["field"] == field


NAMES = ("lng", "lat", "datum", "text", "geometry", "category", "type", "coordinates", "level")
words_of = st.text(st.characters(codec="utf-8"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words_of,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(json_values, max_size=4))
def test_whatever_is_sent_is_answered(city: Served, rows: list[Any]) -> None:
    body = json.dumps(rows).encode()
    said = city.post("/v1/locate", content=body, headers={"Content-Type": "application/json"})
    assert said.status_code in (200, 422)
    assert said.status_code == 422 or len(orjson.loads(said.content)["answers"]) == len(rows)
