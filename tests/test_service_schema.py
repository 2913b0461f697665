"""Whatever fits the OpenAPI document, and whatever does not, is answered as the document says: no 5xx.

A longer search: ``WOODPECKER_EXAMPLES=2000 pytest tests/test_service_schema.py``.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from cities import at
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photo_files import jpeg
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks
from services import Served, lamp, served

from api.app import ROUTERS
from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us

HOST = "http://localhost"
NDJSON = {"content-type": "application/x-ndjson"}
EXAMPLES = int(os.environ.get("WOODPECKER_EXAMPLES", "20"))  # of each operation and kind
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip
BOUNDED = settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
SENT = ("method", "url", "headers", "params", "data", "json", "files", "cookies")


@schemathesis.serializer("application/x-ndjson")
def _lines(_: Any, value: Any) -> Any:
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


def operations() -> list[tuple[str, str]]:
    """Methods and paths of the document; it is the same for every city."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    return [(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item]


@dataclass(frozen=True)
class Described:
    """A service, its document, and somebody who may do everything."""

    here: Served
    schema: schemathesis.BaseSchema
    headers: dict[str, str]
    loop: asyncio.Runner

    def operation(self, method: str, path: str) -> APIOperation[Any, Any, Any, Any]:
        """An operation of the document."""
        return self.schema[path][method]

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """The answer to a request."""
        return self.loop.run(self._send(method, url, {**headers, **self.headers}, body))

    async def _send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        transport = self.here.client.transport
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            return await client.request(method, url, headers=headers, content=body)

    def answer(self, case: Case) -> httpx.Response:
        """The answer to a case, as a client would send it."""
        said = case.as_transport_kwargs(base_url=HOST)
        sent = requests.Request(**{name: said[name] for name in SENT if name in said}).prepare()
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
        return self.send(str(sent.method), str(sent.url), dict(sent.headers), body)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    with served(tmp_path_factory.mktemp("city")) as here, asyncio.Runner() as loop:
        _, key = create_key(here.service.live.city, Role.ADMIN, name="admin", now_us=now_us())
        headers = here.as_key(key)
        document = here.client.get("/openapi.json").json()
        for item in document["paths"].values():
            for operation in item.values():
                del operation["responses"]["default"]  # every status has to be named
        yield Described(here, schemathesis.openapi.from_dict(document), headers, loop)


@pytest.fixture(scope="module")
def known(described: Described) -> dict[str, str]:
    """What the parts of paths can be called so that something is there."""
    files = [("photo", ("a.jpg", jpeg(), "image/jpeg"))]
    client, headers = described.here.client, described.headers
    form = {name: str(value) for name, value in lamp(text="灯不亮", reporter="u1").items()}
    issue = client.post("/v1/reports", data=form, files=files, headers=headers).json()["issue"]
    shown = client.get(issue["url"], headers=headers).json()
    photo = shown["reports"][0]["photos"][0].rpartition("/")[2]
    return {"name": issue["number"], "sha256": photo, "code": "A00", "kind": "street_light"}


def cases(operation: APIOperation[Any, Any, Any, Any], known: dict[str, str]) -> st.SearchStrategy[Case]:
    """Requests that fit the document and such that do not, to what is there and to what is not."""
    named = {one.name: known[one.name] for one in operation.path_parameters or () if one.name in known}
    there = [{"path_parameters": named}] if named else []
    return st.one_of(
        operation.as_strategy(generation_mode=mode, **said, **_kind(operation, mode))
        for said in ({}, *there)
        for mode in GenerationMode
        if mode.is_positive or not operation_says_nothing(operation)
    )


def _kind(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> dict[str, str]:
    """Bodies that do not fit are JSON where there is a choice: of a form's files none can be made."""
    kinds = [body.media_type for body in operation.body]
    return {"media_type": "application/json"} if len(kinds) > 1 and not mode.is_positive else {}


def operation_says_nothing(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Whether there is nothing that a request could get wrong."""
    return not any(operation.iter_parameters()) and not operation.body


@pytest.mark.parametrize(("method", "path"), [pytest.param(*one, id=" ".join(one)) for one in operations()])
def test_every_operation_answers_as_its_document_says(
    described: Described, known: dict[str, str], method: str, path: str
) -> None:
    operation = described.operation(method, path)

    @BOUNDED
    @given(cases(operation, known))
    def check(case: Case) -> None:
        case.validate_response(described.answer(case), checks=CHECKS)

    check()


def test_every_line_of_a_batch_is_answered_whatever_stands_in_it(described: Described) -> None:
    operation = described.operation("POST", "/v1/reports")
    bodies = st.one_of(
        operation.as_strategy(generation_mode=mode, media_type="application/json") for mode in GenerationMode
    ).map(lambda case: _line(case.body))

    @BOUNDED
    @given(st.lists(bodies, min_size=1, max_size=20))
    def check(lines: list[bytes]) -> None:
        answer = described.send("POST", f"{HOST}/v1/reports/batch", NDJSON, b"\n".join(lines))
        said = [json.loads(line) for line in answer.content.splitlines()]
        full = [number for number, line in enumerate(lines, 1) if line.strip()]
        assert [one["line"] for one in said] == full
        assert {one["status"] for one in said} <= {200, 201, 404, 409, 422}

    check()


def _line(body: Any) -> bytes:
    return body.replace(b"\n", b" ") if isinstance(body, bytes) else json.dumps(body, default=str).encode()


def test_every_example_is_one_that_works(described: Described) -> None:
    """What stands in the document as an example is taken as it is."""
    for method, path in operations():
        operation = described.schema.raw_schema["paths"][path][method.lower()]
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if "example" not in content:
                continue
            body = content["example"]
            if path == "/v1/corrections":  # its place has to lie in the city that is asked
                body = body | dict(zip(("lng", "lat"), at(0.5, 0.5), strict=True))
            sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            answer = described.send(method, f"{HOST}{path}", {"content-type": kind}, sent)
            assert answer.status_code in (200, 201, 401, 404), (method, path, answer.text)
