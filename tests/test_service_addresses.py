"""Addresses, queries, methods and headers of a hostile client: refused, and nobody is sent elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from services import Served, lamp, refused, served


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("city")) as found:
        yield found


@pytest.mark.parametrize("path", [
    "/v1/issues/{}", "/v1/photos/{}", "/v1/cells/{}", "/v1/assets/{}", "/problems/{}", "/{}", "/docs/{}",
    "/v1/{}", "/maps/{}",
])  # fmt: skip
def test_what_is_not_there_is_not_found_however_it_is_written(here: Served, path: str) -> None:
    for name in (
        "..%2f..%2fkeys.json", "%2e%2e%2f%2e%2e%2fkeys.json", "..%5c..%5ckeys.json", "%2fetc%2fpasswd",
        "....//",
        "%00", "a%00b", "%ff%fe", "%c0%ae%c0%ae", "%ed%a0%80", "%0d%0aSet-Cookie:%20x=1", "'%20or%201=1--",
        "%25%73", "{7*7}", "${jndi:ldap://x}", "x" * 5000, "%F0%9F%92%A9", "*", "%", "-1", "0", "1e999",
        "\u202egpj", "keys.json", "issues.db", "city.toml",
    ):  # fmt: skip
        answer = here.client.get(path.replace("{}", name))
        assert refused(answer, 404)
        assert "set-cookie" not in answer.headers


def test_no_path_sends_anybody_elsewhere(here: Served) -> None:
    for path in (
        "//evil.example", "//evil.example/v1/issues", "/\\evil.example", "/v1/issues/", "//v1/city",
        "/v1//city", "/docs/", "/%2f%2fevil.example", "/.//evil.example", "/v1/cells/?next=//evil.example",
    ):  # fmt: skip
        answer = here.client.get(f"http://localhost{path}", follow_redirects=False)
        assert refused(answer, 404)
        assert "location" not in answer.headers


QUERIES = [
    "&".join(f"a{n}=1" for n in range(5000)), "&" * 20_000, "status=open&" * 200, "cell=" + "a," * 5000,
    "=&=&=", "%00=%00", "cursor=%ff%fe", "since=%00", "bbox=a,b", "bbox=a,b,c,d", "bbox=" + "1," * 50,
    "order=desc;drop%20table", "category='%20or%201=1--", "owner=%ed%a0%80", "status[]=open",
    "limit=1&limit=2",
    "since=9999-12-31T23:59:59-14:00", "since=0001-01-01T00:00:00%2B14:00", "since=" + "9" * 40,
    "cursor=bzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", "filter=%7B%22a%22:%7B%22b%22:1%7D%7D", "sort=(select%201)",
    "updated_since=9999-12-31", "bbox=-180,-90,180,90", "bbox=180,0,-180,1", "cursor=MCA",
    "cursor=" + "A" * 999,
    "occurred_at=9999-12-31T23:59:59-14:00", "occurred_at=0001-01-01", "lng=1&lat=1&datum=EPSG:999999",
    "lng=1&lat=1&accuracy_m=1e300", "lng=1e300&lat=1e300&datum=EPSG:3857", "lng=180&lat=90&accuracy_m=1e7",
]  # fmt: skip


@pytest.mark.parametrize("path", [
    "/v1/issues", "/v1/issues?status=open", "/v1/issues?status=done", "/v1/cells", "/v1/owners", "/v1/city",
    "/v1/assets/street_light", "/v1/locate", "/v1/generations", "/maps/issues.html",
])  # fmt: skip
def test_no_query_breaks_anything(here: Served, path: str) -> None:
    for query in QUERIES:
        answer = here.client.get(f"{path}{'&' if '?' in path else '?'}{query}")
        assert answer.status_code == 200 or refused(answer, 400, 422)


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/issues", "/v1/issues/1", "/", "/docs", "/v1/photos/x"])
def test_other_methods_are_not_possible(here: Served, path: str) -> None:
    for method in ("OPTIONS", "TRACE", "PUT", "PATCH", "CONNECT", "PROPFIND", "X" * 500):
        assert refused(here.client.request(method, path), 405)


@pytest.mark.parametrize("path", ["/healthz", "/v1/issues", "/v1/city", "/v1/cells", "/docs", "/v1/issues/1"])
def test_a_head_is_answered_like_a_get_without_the_body(here: Served, path: str) -> None:
    head, get = here.client.request("HEAD", path), here.client.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_a_cookie_of_garbage_is_no_session(here: Served) -> None:
    for cookie in (
        b"woodpecker=", b"=" * 5000, b";" * 5000, b"a=\xff\xfe", b"woodpecker_00000000=v1.a.b.c", b'a="\\',
        b"\x01=\x7f", b"woodpecker_=v1.00000000.99999999999999999999." + b"0" * 64,
    ):  # fmt: skip
        answer = here.client.get("/v1/session", headers={"cookie": cookie, "x-forwarded-for": "10.0.0.1"})
        assert answer.json()["role"] is None


def test_another_host_is_not_answered(here: Served) -> None:
    for host in (
        "evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:80", "", " ",
        "[::1",
        "\xff", "127.0.0.1.nip.io", "0.0.0.0", "localhost, evil.example", "2130706433", "localhost/../evil",
        "localhost:80:80", "localhost:x", "a" * 5000,
    ):  # fmt: skip
        for path in ("/v1/city", "/healthz", "/"):
            assert refused(here.client.get(path, headers={"host": host.encode("latin-1")}), 421, 400)


@pytest.mark.parametrize("name", [
    "accept-language", "if-none-match", "accept", "origin", "referer", "user-agent", "range",
    "x-forwarded-for",
    "authorization", "x-api-key", "content-length", "idempotency-key", "expect",
])  # fmt: skip
def test_no_header_breaks_anything(here: Served, name: str) -> None:
    for value in (
        b"\xff\xfe\x80",
        b"," * 5000,
        b";q=nan",
        b"zh;q=1e999,*;q=-1",
        b'"',
        b"{7*7}",
        b"",
        b"9" * 400,
    ):
        for path in ("/v1/cells", "/v1/issues", "/healthz", "/nowhere"):
            answer = here.client.get(path, headers={name: value})
            assert answer.status_code in (200, 304) or refused(answer, 400, 401, 404)
        answer = here.client.post("/v1/reports?dry_run=1", json=lamp(), headers={name: value})
        assert answer.status_code == 200 or refused(answer, 400, 401, 403, 413)
