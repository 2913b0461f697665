"""The short way to a route answers as the way that is described, and takes only what is certainly its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from asgi import Client
from fastapi import FastAPI, Query
from services import lamp, served
from starlette.routing import Match

from api.direct import Direct, reads
from api.issue_query import IssueQuery


def test_both_ways_answer_alike(tmp_path: Path) -> None:
    with served(tmp_path) as service:
        short = [service.client.post("/v1/reports", json=lamp()) for _ in range(2)]
        long = [service.client.post("/v1/reports?dry_run=false", json=lamp()) for _ in range(2)]
        wrong = [
            service.client.post(f"/v1/reports{query}", json={"lng": "?"}) for query in ("", "?dry_run=0")
        ]
    for one, other in zip(short, long, strict=True):
        assert (one.status_code, set(one.json())) == (other.status_code, set(other.json()))
        assert set(one.headers) == set(other.headers)
    assert [one.status_code for one in wrong] == [422, 422]
    assert wrong[0].json()["errors"] == wrong[1].json()["errors"]


@pytest.mark.parametrize(
    ("scope", "match"),
    [
        ({"type": "http", "path": "/a", "method": "POST", "query_string": b""}, Match.FULL),
        ({"type": "http", "path": "/a", "method": "POST", "query_string": b"x=1"}, Match.NONE),
        ({"type": "http", "path": "/a", "method": "GET", "query_string": b""}, Match.NONE),
        ({"type": "http", "path": "/b", "method": "POST", "query_string": b""}, Match.NONE),
        ({"type": "websocket", "path": "/a"}, Match.NONE),
    ],
)
def test_it_takes_its_own_requests_only(scope: dict[str, object], match: Match) -> None:
    assert Direct("/a", str, methods=["POST"]).matches(dict(scope))[0] is match


@pytest.mark.parametrize(
    "query",
    [
        "", "status=open&limit=500&bbox=120.1,31.2,120.3,31.4", "status=open,closed&status=received",
        "limit=5&limit=7", "unassigned=true&overdue=0", "category=&text=%E7%81%AF+a", "order=newest&cell=1",
        "limit=0", "limit=x", "who=1", "status=nothing", "bbox=1,2", "cursor=x", "unassigned=",
    ],
)  # fmt: skip
def test_a_query_is_read_as_the_framework_reads_it(query: str) -> None:
    app = FastAPI()

    @app.get("/")
    def echo(asked: Annotated[IssueQuery, Query()]) -> dict[str, object]:
        return asked.model_dump()

    answer = Client(app).get(f"/?{query}")
    said = reads(IssueQuery)(query.encode())
    assert (said is None) is (answer.status_code == 422)
    assert said is None or (isinstance(said, IssueQuery) and said.model_dump() == answer.json())


def test_a_query_that_cannot_be_is_refused_as_before(tmp_path: Path) -> None:
    with served(tmp_path) as service:
        service.client.post("/v1/reports", json=lamp())
        page = service.client.get("/v1/issues?status=open&limit=1")
        wrong = service.client.get("/v1/issues?limit=0")
    assert (page.status_code, page.json()["numberReturned"]) == (200, 1)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "limit")
