"""Up, ready and in numbers: what fails is named, and no label holds what a client sends."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Scope

from api import health_routes, report_routes
from api.health_routes import router
from api.metrics import Measured, Metrics
from layers.city import City
from layers.serve_config import ServeConfig
from layers.store import meta
from layers.webhook_sender import HookStats
from tests.asgi import Client
from tests.cities import at
from tests.served import Served, published_city, served

PAUSE_S = 5


def measure(served: Served) -> None:
    """Have an app count its requests."""
    served.app.state.metrics = Metrics()
    served.app.add_middleware(Measured, metrics=served.app.state.metrics)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The small city, published."""
    return published_city(tmp_path_factory.mktemp("city"))


@pytest.fixture
def city(folder: City, tmp_path: Path) -> Iterator[Served]:
    """The routes over a copy of it."""
    shutil.copytree(folder.folder, tmp_path / "c")
    with served(City(tmp_path / "c"), router, report_routes.router) as client:
        measure(client)
        yield client


def numbers(city: Client) -> dict[str, float]:
    """What is told to Prometheus, by name and labels."""
    said = city.get("/metrics")
    assert said.status_code == 200
    assert said.headers["content-type"].startswith("text/plain")
    return {
        sample.name
        + "".join(f",{name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(said.text)
        for sample in family.samples
    }


# ---- up and ready


def test_the_process_is_up(city: Served) -> None:
    said = city.get("/healthz")
    assert (said.status_code, said.json()) == (200, {"status": "ok"})


def test_ready_proves_a_write(city: Served) -> None:
    said = city.get("/readyz")
    assert said.status_code == 200
    checks = said.json()["checks"]
    assert {name for name, check in checks.items() if check["ok"]} == {
        "write", "schema", "disk", "writer", "intake", "generation",
    }  # fmt: skip
    assert checks["generation"]["id"] == "0001"
    with city.service.live.store.reading() as connection:
        assert int(meta.read_meta(connection, "ready") or 0) > 1_700_000_000_000_000


def not_ready(city: Served) -> dict[str, Any]:
    """The checks, where the service is not ready."""
    said = city.get("/readyz")
    assert said.status_code == 503
    assert int(said.headers["retry-after"]) > 0
    assert said.headers["content-type"] == "application/problem+json"
    body = said.json()
    assert body["code"] == "not_ready"
    failed = {name for name, check in body["checks"].items() if not check["ok"]}
    assert body["detail"] == f"These checks failed: {', '.join(n for n in body['checks'] if n in failed)}."
    return {name: body["checks"][name] for name in failed}


def test_a_full_disk_is_not_ready(city: Served) -> None:
    city.service.settings = replace(city.service.settings, config=ServeConfig(least_free_mb=10**9))
    assert not_ready(city).keys() == {"disk"}


def test_a_disk_that_is_gone_is_not_ready(city: Served, tmp_path: Path) -> None:
    city.service.settings = replace(city.service.settings, folder=tmp_path / "gone")
    assert not_ready(city)["disk"]["free_mb"] is None


def test_a_writer_that_has_ended_is_not_ready(city: Served) -> None:
    city.service.live.store.writer.close()
    assert not_ready(city).keys() == {"write", "writer"}


def test_an_intake_that_has_ended_is_not_ready(city: Served) -> None:
    city.service.desk.close()
    assert not_ready(city).keys() == {"intake"}


def test_a_store_of_another_version_is_not_ready(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_routes, "newest_version", lambda: 99)
    assert not_ready(city) == {"schema": {"ok": False, "version": 3}}


def test_a_write_that_takes_too_long_is_not_ready(city: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that is stuck is told after the time that a check may take, not when it goes on."""
    monkeypatch.setattr(health_routes, "WITHIN_S", 0.05)
    go_on = threading.Event()
    stuck = city.service.live.store.submit(lambda _: go_on.wait(PAUSE_S))
    try:
        assert "write" in not_ready(city)
    finally:
        go_on.set()
    stuck.result()
    monkeypatch.undo()
    assert city.get("/readyz").status_code == 200


# ---- numbers


def test_requests_are_counted_by_the_route_and_never_by_what_was_sent(city: Served) -> None:
    for path in ("/healthz", "/healthz", "/nowhere/secret-1", "/nowhere/secret-2"):
        city.get(path)
    city.request("SECRET", "/healthz")
    city.post("/v1/reports?secret=1", json={"text": "secret"}, headers={"X-Secret": "secret"})
    text = city.get("/metrics").text
    assert "secret" not in text.lower()
    found = numbers(city)
    assert found["woodpecker_http_requests_total,method=GET,route=/healthz,status=200"] == 2
    assert found["woodpecker_http_requests_total,method=GET,route=none,status=404"] == 2
    assert found["woodpecker_http_requests_total,method=other,route=/healthz,status=405"] == 1
    assert found["woodpecker_http_request_seconds_count,method=GET,route=/healthz"] == 2


def test_reports_and_open_issues_are_counted(city: Served) -> None:
    lng, lat = at(0.5, 0.5)
    report = {"lng": lng, "lat": lat, "category": "0118", "external_id": "1"}
    for _ in range(2):
        city.post("/v1/reports", json=report)
    city.post("/v1/reports", json={**report, "text": "other"})
    city.post("/v1/reports", json={**report, "external_id": "2"})
    found = numbers(city)
    assert found["woodpecker_reports_total,outcome=opened"] == 2
    assert found["woodpecker_reports_total,outcome=repeated"] == 1
    assert found["woodpecker_reports_total,outcome=refused"] == 1
    assert found["woodpecker_issues_open,status=received"] == 2
    assert found["woodpecker_issues_open,status=dispatched"] == 0
    assert found["woodpecker_issues_overdue"] == 0


def test_the_parts_of_the_service_are_looked_at(city: Served) -> None:
    found = numbers(city)
    sha256 = city.service.live.generation.sha256
    assert found[f"woodpecker_generation_info,id=0001,sha256={sha256}"] == 1
    for part in ("store_writer", "intake"):
        assert found[f"woodpecker_{part}_alive"] == 1
        assert found[f"woodpecker_{part}_waiting"] == 0
    assert found["process_resident_memory_bytes"] > 0
    city.service.desk.close()
    city.service.live.store.writer.close()
    found = numbers(city)
    assert found["woodpecker_store_writer_alive"] == found["woodpecker_intake_alive"] == 0


def test_webhooks_are_told_once_somebody_says_how_they_do(city: Served) -> None:
    assert not [name for name in numbers(city) if "webhook" in name]
    city.app.state.metrics.webhooks = lambda: {"example.cn": HookStats(5, 2, 7, gone=False, alive=True)}
    found = numbers(city)
    expected = {"delivered_total": 5, "failed_total": 2, "waiting": 7, "gone": 0, "alive": 1}
    said = {word: found[f"woodpecker_webhook_{word},webhook=example.cn"] for word in expected}
    assert said == expected


def test_two_apps_count_for_themselves(folder: City, tmp_path: Path, city: Served) -> None:
    shutil.copytree(folder.folder, tmp_path / "other")
    with served(City(tmp_path / "other"), router) as other:
        measure(other)
        other.get("/healthz")
        assert not [name for name in numbers(city) if "route=/healthz" in name]
        assert [name for name in numbers(other) if "route=/healthz" in name]


def test_an_answer_that_never_began_counts_as_an_error() -> None:
    """And so does the time that it took, by the clock that is given."""
    ticks = iter([1.0, 3.5])

    async def breaks(scope: Scope, receive: Any, send: Any) -> None:
        raise RuntimeError

    async def call(scope: Scope, receive: Any, send: Any) -> None:
        await measured({**scope, "app": FastAPI()}, receive, send)

    measured = Measured(breaks, Metrics(), clock=lambda: next(ticks))
    assert Client(call).get("/x").status_code == 500
    samples = {
        sample.name: sample.value
        for family in measured.metrics.registry.collect()
        for sample in family.samples
        if sample.labels.get("route") == "none" and "le" not in sample.labels
    }
    assert samples["woodpecker_http_requests_total"] == 1
    assert samples["woodpecker_http_request_seconds_sum"] == 2.5


def test_what_is_no_request_passes() -> None:
    seen: list[str] = []

    async def inner(scope: Scope, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    async def never() -> Message:
        raise AssertionError

    asyncio.run(Measured(inner, Metrics())({"type": "lifespan", "app": FastAPI()}, never, never))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
