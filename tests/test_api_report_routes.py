"""Reports over HTTP: answered when they are on disk, once for each key, never lost for being incomplete."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from cities import at
from photo_files import SECRETS, jpeg
from services import Served, lamp, served

from api.report_model import ReportIn

BATCH = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("city")) as found:
        yield found


def test_a_report_is_answered_with_its_issue_and_whose_it_is(here: Served) -> None:
    answer = here.client.post("/v1/reports", json=lamp(text="灯不亮"))
    said = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == said["issue"]["url"]
    assert said["assignment"]["owner_id"] == "lamps"
    assert said["assignment"]["cell_path"] == "A/A00"
    shown = here.client.get(said["issue"]["url"]).json()
    assert shown["properties"]["number"] == said["issue"]["number"]
    assert shown["reports"][0]["text"] == "灯不亮"
    assert [event["kind"] for event in shown["events"]] == ["received"]
    assert "dispatch" in shown["actions"]


def test_the_same_key_and_body_get_the_same_answer(here: Served) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = here.client.post("/v1/reports", json=lamp(), headers=headers)
    again = here.client.post("/v1/reports", json=lamp(), headers=headers)
    other = here.client.post("/v1/reports", json=lamp(text="x"), headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_whose_request_is_at_work_is_a_conflict(here: Served) -> None:
    with here.service.at_work("local", "k-2"):
        answer = here.client.post("/v1/reports", json=lamp(), headers={"Idempotency-Key": "k-2"})
    assert (answer.status_code, answer.json()["code"]) == (409, "still_running")


def test_an_external_id_is_one_report(here: Served) -> None:
    first = here.client.post("/v1/reports", json=lamp(external_id="E1"))
    again = here.client.post("/v1/reports", json=lamp(external_id="E1"))
    other = here.client.post("/v1/reports", json=lamp(external_id="E1", text="x"))
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["issue"] == first.json()["issue"]
    assert again.json()["outcome"] == "repeated"


def test_a_dry_run_stores_nothing(here: Served) -> None:
    before = here.service.live.open.count
    answer = here.client.post("/v1/reports?dry_run=true", json=lamp())
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "proposed"
    assert answer.json()["assignment"]["owner_id"] == "lamps"
    assert here.service.live.open.count == before


@pytest.mark.parametrize(("body", "field"), [
    ({"lng": 120.8}, "lat"), ({"lng": 32.0, "lat": 120.8}, "lat"), ({"lng": 400, "lat": 1}, "lng"),
    ({"lng": "abc", "lat": 1}, "lng"), ({"datum": "mars"}, "datum"), ({"occurred_at": "soon"}, "occurred_at"),
    ({"accuracy_m": -1}, "accuracy_m"), ({"title": "x"}, "title"), ({"text": 5}, "text"),
    ({"geometry": {"type": "Point", "coordinates": [1, 2]}}, "geometry"),
])  # fmt: skip
def test_what_is_malformed_is_refused_and_the_field_named(
    here: Served, body: dict[str, object], field: str
) -> None:
    answer = here.client.post("/v1/reports", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_words_alone_wait_in_the_queue_of_the_unassigned(here: Served) -> None:
    said = here.client.post("/v1/reports", json={"text": "路上有个坑"}).json()
    assert said["issue"]["queue"] == "unassigned"
    found = here.client.get("/v1/issues?unassigned=true&status=open").json()["features"]
    assert said["issue"]["number"] in [feature["properties"]["number"] for feature in found]


def test_a_photo_is_kept_without_what_it_told(here: Served) -> None:
    files = [("photo", ("a.jpg", jpeg(), "image/jpeg"))]
    answer = here.client.post("/v1/reports", data={"category": "0118"}, files=files)
    assert answer.status_code == 201
    (report,) = here.client.get(answer.json()["issue"]["url"]).json()["reports"]
    photo = here.client.get(report["photos"][0])
    assert photo.headers["content-type"] == "image/jpeg"
    assert not any(secret in photo.content for secret in SECRETS)
    assert b"Exif" not in photo.content


def test_a_file_that_is_no_photo_is_refused(here: Served) -> None:
    files = [("photo", ("a.jpg", b"<svg onload=alert(1)>", "image/jpeg"))]
    answer = here.client.post("/v1/reports", data={"text": "x"}, files=files)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_photo")


def test_every_line_of_a_batch_has_an_answer_in_order(here: Served) -> None:
    lines = [
        json.dumps(lamp(external_id="B1")), "", "{", json.dumps({"lng": 1}),
        json.dumps(lamp(external_id="B1")), json.dumps(lamp(external_id="B1", text="x")),
        json.dumps({"text": "somewhere"}),
    ]  # fmt: skip
    answer = here.client.post("/v1/reports/batch", content="\n".join(lines), headers=BATCH)
    said = [json.loads(line) for line in answer.content.splitlines()]
    assert [one["line"] for one in said] == [1, 3, 4, 5, 6, 7]
    assert [one["status"] for one in said] == [201, 422, 422, 200, 409, 201]
    assert said[0]["number"] == said[3]["number"]


def test_a_batch_with_a_key_may_be_sent_again(here: Served) -> None:
    lines = "\n".join(json.dumps(lamp(text=f"line {n}")) for n in range(5))
    headers = {**BATCH, "Idempotency-Key": "batch-1"}
    first, again = (here.client.post("/v1/reports/batch", content=lines, headers=headers) for _ in range(2))
    numbers = [
        [json.loads(line)["number"] for line in answer.content.splitlines()] for answer in (first, again)
    ]
    assert numbers[0] == numbers[1]
    assert len(set(numbers[0])) == 5


def test_text_is_not_markup_and_comes_back_as_it_was(here: Served) -> None:
    text = "<script>alert(1)</script> `${x}` =cmd() 张\u202e三"
    said = here.client.post("/v1/reports", json=lamp(text=text)).json()
    assert here.client.get(said["issue"]["url"]).json()["reports"][0]["text"] == text


def test_a_report_with_a_line_is_filed_and_others_need_not_wait_for_it(here: Served) -> None:
    """Lines and areas may take seconds; they have a desk of their own."""
    line = {"type": "LineString", "coordinates": [list(at(0.2, 1.5)), list(at(1.8, 1.5))]}
    answer = here.client.post(
        "/v1/reports", json={"geometry": line, "geometry_is": "extent", "category": "E0105"}
    )
    assert answer.status_code == 201
    assert answer.json()["assignment"]["owner_id"] == "water"
    wide = ReportIn(geometry=line).incoming(here.service.live.zone)
    assert here.service.desk_for(wide) is not here.service.desk


def test_a_shape_of_too_many_vertices_is_refused(here: Served) -> None:
    line = {"type": "LineString", "coordinates": [[120.8 + n / 1e6, 32.0] for n in range(2_001)]}
    answer = here.client.post("/v1/reports", json={"geometry": line})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "geometry")
