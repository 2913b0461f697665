"""Pages of other sites get nowhere, answers are what they say they are, and the log tells no secrets."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response
from hypothesis import given
from hypothesis import strategies as st

from api.access import ACCESS, Access
from api.errors import install as install_errors
from api.guards import guard
from api.logs import SafeFormatter, log_config, one_line
from api.sessions import router
from api.settings import Settings
from layers.city import create_city
from layers.keys import KeyRing, create_key
from layers.life_cycle import Role
from layers.serve_config import ServeConfig
from tests.asgi import Client

PORTAL = "https://portal.example"


def client_of(folder: Path, *, local: bool = True, **options: Any) -> Client:
    ring = KeyRing(create_city(folder, "小城"))
    app = FastAPI()
    install_errors(app)
    app.include_router(router)

    @app.get("/v1/city")
    @app.post("/v1/erase")
    async def _() -> str:
        return "done"

    @app.get("/")
    async def _() -> Response:
        return Response("<p>", media_type="text/html")

    @app.get("/maps/issues.html")
    async def _() -> Response:
        return Response(
            "<p>", media_type="text/html", headers={"Content-Security-Policy": "default-src 'self'"}
        )

    @app.get("/v1/owners")
    async def _() -> None:
        raise KeyError

    host = "127.0.0.1" if local else "0.0.0.0"
    app.add_middleware(Access, ring=ring, local=local)
    guard(app, Settings(folder, host, config=ServeConfig(**options)))
    return Client(app)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return client_of(tmp_path_factory.mktemp("guards") / "city", hosts=("city.example",), cors=(PORTAL,))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def erase(client: Client, **headers: str) -> httpx.Response:
    return client.post(
        "/v1/erase", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


# Hosts.


@pytest.mark.parametrize("host", [
    "localhost", "localhost:8000", "127.0.0.1:9", "[::1]", "[::1]:8000", "LOCALHOST", "city.example:443",
    "City.Example.",
])  # fmt: skip
def test_its_own_names_are_answered(client: Client, host: str) -> None:
    assert client.get("/v1/city", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", [
    "evil.example", "localhost.evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "0.0.0.0",
    "[::1", "localhost@evil.example", "evil.example#localhost", "127.0.0.2", "x" * 5000, "localhost:80:80",
    "localhost:",
])  # fmt: skip
def test_other_names_are_not(client: Client, host: str) -> None:
    assert code(client.get("/healthz", headers={"host": host})) == (421, "wrong_host")


def test_one_host_is_needed(client: Client) -> None:
    two = client.get("/v1/city", headers=[("host", "localhost"), ("host", "localhost")])
    assert code(two) == (400, "bad_request")


def test_a_service_for_everybody_answers_to_any_name_unless_some_are_set(tmp_path: Path) -> None:
    anywhere = client_of(tmp_path / "a", local=False)
    assert anywhere.get("/v1/session", headers={"host": "any.example"}).status_code == 200
    named = client_of(tmp_path / "b", local=False, hosts=("city.example",))
    assert named.get("/v1/session", headers={"host": "any.example"}).status_code == 421
    assert named.get("/v1/session", headers={"host": "city.example"}).status_code == 200


# Origins.


@pytest.mark.parametrize("headers", [
    {}, {"origin": "http://localhost"}, {"origin": "http://localhost:80"}, {"origin": PORTAL},
    {"origin": "http://localhost", "sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"},
    {"origin": PORTAL, "sec_fetch_site": "cross-site"}, {"origin": "https://city.example"},
    {"origin": "http://localhost:8000", "host": "localhost:8000"},
    {"origin": "https://city.example", "host": "localhost:8000"},
])  # fmt: skip
def test_own_pages_allowed_ones_and_programs_may_change(client: Client, headers: dict[str, str]) -> None:
    assert erase(client, **headers).status_code == 200


@pytest.mark.parametrize("headers", [
    {"origin": "null"}, {"origin": "https://evil.example"}, {"origin": "http://localhost:8001"},
    {"origin": ""},
    {"origin": "http://localhost.evil.example"}, {"origin": "https://portal.example.evil"},
    {"origin": "http://localhost@evil.example"}, {"origin": "file://localhost"}, {"origin": "http://[::1"},
    {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"sec_fetch_site": "x"},
    {"origin": "https://evil.example", "sec_fetch_site": "same-origin"},
    {"origin": "http://portal.example"},
])  # fmt: skip
def test_other_pages_may_not(client: Client, headers: dict[str, str]) -> None:
    """Though the city has no keys, so that whoever sits at the machine is its administrator."""
    assert code(erase(client, **headers)) == (403, "foreign_origin")
    assert (
        client.get("/v1/city", headers={k.replace("_", "-"): v for k, v in headers.items()}).status_code
        == 200
    )


def test_another_site_cannot_sign_anybody_in_or_out(client: Client) -> None:
    headers = {"origin": "https://evil.example"}
    assert client.post("/v1/session", headers=headers).status_code == 403
    assert client.delete("/v1/session", headers=headers).status_code == 403


def test_pages_of_an_allowed_origin_may_ask_without_cookies(client: Client) -> None:
    asked = {"origin": PORTAL, "access-control-request-method": "POST",
             "access-control-request-headers": "authorization,idempotency-key"}  # fmt: skip
    answer = client.request("OPTIONS", "/v1/reports", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PORTAL
    assert "access-control-allow-credentials" not in answer.headers
    assert client.get("/v1/city", headers={"origin": PORTAL}).headers["access-control-allow-origin"] == PORTAL
    refused = client.get("/nowhere", headers={"origin": PORTAL})
    assert refused.headers["access-control-allow-origin"] == PORTAL
    answer = client.get("/v1/city", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_without_allowed_origins_no_page_may_ask(tmp_path: Path) -> None:
    client = client_of(tmp_path / "city")
    headers = {"origin": PORTAL, "access-control-request-method": "GET"}
    answer = client.request("OPTIONS", "/v1/city", headers=headers)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


# Headers.


@pytest.mark.parametrize("path", ["/v1/city", "/", "/nowhere", "/v1/owners"])
def test_every_answer_is_taken_for_what_it_is(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    if path != "/v1/owners":  # an internal error is answered before all guards
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "cache-control" in headers
        assert ("default-src 'none'" in headers["content-security-policy"]) == (path != "/")


def test_a_page_keeps_its_own_policy(client: Client) -> None:
    assert client.get("/maps/issues.html").headers.get_list("content-security-policy") == [
        "default-src 'self'"
    ]


def test_a_refused_request_is_answered_with_the_headers_too(client: Client) -> None:
    assert client.get("/v1/city", headers={"host": "evil"}).headers["x-content-type-options"] == "nosniff"


def test_every_listed_route_stands_behind_the_guards(client: Client) -> None:
    for method, path in ACCESS:
        answer = client.request(method, path, headers={"host": "evil.example"})
        assert answer.status_code == 421


# The log.


def logged(message: str, *args: object, error: BaseException | None = None) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(SafeFormatter("%(levelname)s %(message)s"))
    handler.handle(
        logging.LogRecord(
            "x", logging.ERROR, "", 0, message, args, (type(error), error, None) if error else None
        )
    )
    return out.getvalue()


@given(st.text())
def test_an_entry_is_one_line_without_control_characters(text: str) -> None:
    line = logged("%s", text)
    assert line.endswith("\n")
    assert line[:-1].isprintable()


def test_an_entry_cannot_be_forged(tmp_path: Path) -> None:
    assert logged("path %s", "/a\r\nERROR all is lost\x1b[2J\u2028\u202e") == (
        "ERROR path /a\\r\\nERROR all is lost\\x1b[2J\\u2028\\u202e\n"
    )


def test_a_key_and_a_query_are_left_out(tmp_path: Path) -> None:
    info, key = create_key(create_city(tmp_path / "city", "小城"), Role.ADMIN, now_us=1)
    line = logged("GET /v1/issues?contact=13800000000 by %s and %s", key, key[:40])
    assert line == f"ERROR GET /v1/issues?… by wp_{info.id}_… and wp_{info.id}_…\n"


def test_an_exception_is_told_by_type_and_place_without_its_text() -> None:
    def fail() -> None:
        try:
            raise ValueError("13800000000")
        except ValueError as error:
            raise KeyError("wp_secret") from error

    with pytest.raises(KeyError) as caught:
        fail()
    line = logged("failed", error=caught.value)
    assert "13800000000" not in line
    assert "wp_secret" not in line
    assert "ValueError\nwhich led to" in line
    assert "test_api_guards.py" in line
    assert line.endswith("KeyError\n")


def test_the_configuration_of_the_log_can_be_used() -> None:
    import logging.config

    logging.config.dictConfig(log_config())
    try:
        handlers = logging.getLogger("woodpecker").handlers
        assert [type(handler.formatter) for handler in handlers] == [SafeFormatter]
    finally:
        for name in ("woodpecker", "uvicorn", "asyncio"):
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).propagate = True
            logging.getLogger(name).setLevel(logging.NOTSET)


def test_plain_text_stays_as_it_is() -> None:
    assert one_line("桥面破损 at 3 m") == "桥面破损 at 3 m"
