"""Every error is a problem document: right status, stable code, both languages, no internals."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any

import orjson
import pytest
from fastapi import FastAPI, Query
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

import geo.errors
from api import errors
from api.errors import CODES, KINDS, install, kind_of, language, problem_json
from api.field_errors import MOST_FIELDS, MOST_SHOWN, shown
from geo.errors import CityError, ConflictError, GridError, StoreUnavailableError
from layers.life_cycle import check_reason, move
from tests.asgi import Client

SECRET = "13800000000"


class Body(BaseModel):
    """A tiny request."""

    lng: float
    title: str = Field(default="", max_length=5)
    tags: list[int] = []


def app_that_raises(error: Exception | None = None) -> Client:
    app = FastAPI()
    install(app)

    @app.get("/raise")
    async def _() -> None:
        assert error is not None
        raise error

    @app.get("/action")
    async def _(state: str, action: str, role: str) -> str:
        check_reason(state, action, "")
        return move(state, action, role)

    @app.get("/number")
    async def _(n: Annotated[int, Query(le=5)]) -> int:
        return n

    @app.post("/body")
    async def _(body: Body) -> float:
        return body.lng

    return Client(app)


def answer(error: Exception, **headers: str) -> tuple[int, dict[str, Any], Any]:
    got = app_that_raises(error).get("/raise", headers={k.replace("_", "-"): v for k, v in headers.items()})
    assert got.headers["content-type"] == "application/problem+json"
    return got.status_code, orjson.loads(got.content), got.headers


EXPECTED = {
    "GridError": (422, "invalid_input"),
    "CoordinateError": (422, "invalid_coordinates"),
    "CrsError": (422, "invalid_crs"),
    "LayerError": (422, "invalid_layer"),
    "UnsafeFileError": (422, "unsafe_file"),
    "ConfigError": (503, "city_unavailable"),
    "CityError": (503, "city_unavailable"),
    "PhotoError": (422, "invalid_photo"),
    "NotFoundError": (404, "not_found"),
    "NotAllowed": (422, "invalid_action"),
    "WrongState": (409, "not_allowed_in_state"),
    "WrongRole": (403, "not_allowed_for_role"),
    "StoreError": (500, "store_error"),
    "ConflictError": (409, "conflict"),
    "ClaimedError": (409, "claimed"),
    "ReusedKeyError": (422, "idempotency_key_reused"),
    "StoreUnavailableError": (503, "store_unavailable"),
}


def test_every_error_of_the_domain_has_a_row_of_its_own() -> None:
    """A new exception has to be thought about: it must not fall through to its base's row unseen."""
    of_domain = {name for name, cls in vars(geo.errors).items() if isinstance(cls, type)}
    assert of_domain == set(EXPECTED)
    assert of_domain <= {cls.__name__ for cls in KINDS}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_domain_error_has_its_status_and_stable_code(name: str) -> None:
    status, body, _ = answer(getattr(geo.errors, name)("It is wrong.", fix="Mend it."))
    assert (status, body["code"]) == EXPECTED[name]
    assert body["type"] == f"/problems/{body['code']}"
    assert body["status"] == status
    assert body["instance"] == "/raise"
    assert {"title", "title_zh", "title_en"} <= set(body)


def test_message_and_fix_are_told() -> None:
    _, body, _ = answer(ConflictError("The issue has moved on.", fix="Read it again."))
    assert (body["detail"], body["fix"]) == ("The issue has moved on.", "Read it again.")


@pytest.mark.parametrize("error", [
    CityError("/srv/nantong/city.toml is damaged."), StoreUnavailableError("/srv/issues.db: disk full"),
])  # fmt: skip
def test_what_concerns_the_servers_files_stays_in_its_log(
    error: GridError, caplog: pytest.LogCaptureFixture
) -> None:
    status, body, headers = answer(error)
    assert "srv" not in json.dumps(body)
    assert status == 503
    assert int(headers["retry-after"]) > 0
    assert "/srv/" in caplog.text


def test_an_unforeseen_error_tells_nothing_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="woodpecker"):
        status, body, _ = answer(KeyError(SECRET))
    assert (status, body["code"]) == (500, "internal_error")
    assert SECRET not in json.dumps(body)
    assert "detail" not in body
    assert "GET /raise failed" in caplog.text
    assert "KeyError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(("asked", "status", "code"), [
    (("closed", "dispatch", "dispatcher"), 409, "not_allowed_in_state"),
    (("received", "undo", "admin"), 409, "not_allowed_in_state"),
    (("received", "dispatch", "planner"), 403, "not_allowed_for_role"),
    (("received", "fly", "admin"), 422, "invalid_action"),
    (("received", "reject", "admin"), 422, "invalid_action"),  # without a reason
])  # fmt: skip
def test_a_refused_action_tells_whether_state_role_or_request_is_to_blame(
    asked: tuple[str, str, str], status: int, code: str
) -> None:
    got = app_that_raises().get("/action", params=dict(zip(("state", "action", "role"), asked, strict=True)))
    assert (got.status_code, got.json()["code"]) == (status, code)


def test_what_the_framework_refuses_is_a_problem_too() -> None:
    client = app_that_raises()
    missing, wrong = client.get("/nowhere"), client.delete("/number")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET"


@pytest.mark.parametrize(("status", "code"), [
    (400, "bad_request"), (413, "body_too_large"), (415, "unsupported_media_type"), (418, "bad_request"),
    (429, "too_many_requests"), (502, "internal_error"), (503, "unavailable"),
])  # fmt: skip
def test_an_http_exception_of_any_status_has_a_code(status: int, code: str) -> None:
    _, body, _ = answer(HTTPException(status, "why"))
    assert body["code"] == code
    assert body.get("detail") == (None if status == 502 else "why")


def test_wrong_fields_are_named_with_value_and_problem() -> None:
    got = app_that_raises().post("/body", json={"title": "far too long", "tags": [1, "x"]})
    assert (got.status_code, got.json()["code"]) == (422, "invalid_request")
    found = {one["field"]: one for one in got.json()["errors"]}
    assert set(found) == {"lng", "title", "tags.1"}
    assert found["lng"]["value"] is None
    assert found["title"]["value"] == "'far too long'"
    assert found["tags.1"]["problem_zh"] == "应为整数"
    assert "(and 2 more)" in got.json()["detail"]


@pytest.mark.parametrize("body", [
    b'{"lng": NaN, "title": 7}', b'{"lng": "\\ud800"}', b'{"lng": 1e999, "title": []}', b'{"lng": ',
    b"\xff\xfe",
    b'{"lng": "\\u0000"}', b'{"lng": ' + b"9" * 4000 + b', "title": ' + b"9" * 4000 + b"}",
    b'{"tags": [' + b"null," * 5000 + b"null]}", b'{"\\ud800": 1}',
])  # fmt: skip
def test_no_value_breaks_the_answer(body: bytes) -> None:
    got = app_that_raises().post("/body", content=body, headers={"content-type": "application/json"})
    assert got.status_code == 422
    found = orjson.loads(got.content)["errors"]
    assert 0 < len(found) <= MOST_FIELDS
    assert len(got.content) < 10_000


def test_a_query_value_is_told_safely() -> None:
    got = app_that_raises().get("/number?n=%00%ff<script>")
    assert got.json()["errors"][0]["value"] == "'\\x00�<script>'"


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
))  # fmt: skip
def test_any_value_is_shown_in_few_printable_characters(value: object) -> None:
    text = shown(value)
    assert text is None or (len(text) <= MOST_SHOWN + 2 and text.isprintable())
    orjson.dumps(text)


def test_a_gigantic_integer_is_shown_by_its_size() -> None:
    assert shown(1 << 100_000) == "an integer of 100001 bits"


@pytest.mark.parametrize(("header", "lang"), [
    ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,zh;q=0.5", "en"), ("fr,zh;q=0.1", "zh"), ("", "en"),
    ("zh;q=0", "en"),
    ("zh;q=x,en;q=0.2", "en"), ("*", "en"), ("," * 5000 + "zh", "en"),
])  # fmt: skip
def test_the_title_is_in_the_language_that_is_preferred(header: str, lang: str) -> None:
    assert language(Headers({"accept-language": header})) == lang
    _, body, headers = answer(ConflictError("x"), accept_language=header)
    assert body["title"] == body[f"title_{lang}"]
    assert headers["content-language"] == lang


def test_an_error_of_http_speaks_chinese_where_it_can() -> None:
    error = errors.LargeBodyError(
        "Too large.", fix="Send less.", zh="太大。", headers={"Connection": "close"}
    )
    _, body, headers = answer(error, accept_language="zh")
    assert (body["detail"], body["fix"]) == ("太大。", "Send less.")
    assert headers["connection"] == "close"


def test_each_code_is_one_kind_and_is_explained_at_its_address() -> None:
    every = [*KINDS.values(), *errors.BY_STATUS.values(), errors.INTERNAL]
    assert all(CODES[kind.code] == kind for kind in every)
    client = app_that_raises()
    for code, kind in CODES.items():
        got = client.get(f"/problems/{code}").json()
        assert (got["status"], got["title_zh"]) == (kind.status, kind.zh)
    assert client.get("/problems/nothing").status_code == 404


def test_a_subclass_is_answered_as_its_nearest_base() -> None:
    class FreshError(ConflictError):
        """A conflict of a new kind."""

    assert kind_of(FreshError("x")) == KINDS[ConflictError]


def test_a_very_long_message_is_cut() -> None:
    _, body, _ = answer(GridError("é\ud800" * 5000))
    assert len(body["detail"]) == errors.MOST_DETAIL


def test_an_error_can_be_a_member_of_another_answer() -> None:
    told = problem_json(ConflictError("It moved on.", fix="Read it again."))
    assert (told["status"], told["code"], told["detail"]) == (409, "conflict", "It moved on.")
    assert "detail" not in problem_json(CityError("/srv/nantong is damaged."))
