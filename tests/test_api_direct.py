"""The short way to a route answers as the way that is described, and takes only what is certainly its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from services import lamp, served
from starlette.routing import Match

from api.direct import Direct


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
