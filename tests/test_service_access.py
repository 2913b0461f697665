"""Every route × every role of the service itself, and what each may read: nobody sees what is not his."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from hook_server import Receiver, receiving
from photo_files import corners, jpeg
from services import Served, lamp, served

from api.access import ACCESS, routes_of, unlisted
from layers.keys import create_key, revoke_key
from layers.life_cycle import Role
from layers.serve_config import ServeConfig
from layers.times import now_us

SERVING = Path(__file__).parents[1] / "docs" / "serving.md"
REPORTER, OFFICER, DISPATCHER, PLANNER, ADMIN = Role
COLUMNS = ("nobody", *(role.value for role in Role))
EVERYBODY = frozenset(COLUMNS)
TEXT, EXTERNAL, PERSON, CONTACT = "秘密的话-4711", "EXT-4711", "reporter-4711", "138-0000-4711"
COMMENT = "答复 4711 的人"
DAY_US = 86_400_000_000


def table() -> dict[tuple[str, str], frozenset[str]]:
    """The table of docs/serving.md, for people to read: who may ask which route."""
    rows = re.findall(r"^\| `(\w+) (/\S*)` \|(.*)\|$", SERVING.read_text("utf-8"), re.MULTILINE)
    found = {}
    for method, path, marks in rows:
        cells = [mark.strip() for mark in marks.split("|")]
        assert len(cells) == len(COLUMNS)
        assert set(cells) <= {"●", ""}
        found[method, path] = frozenset(who for who, cell in zip(COLUMNS, cells, strict=True) if cell)
    return found


TABLE = table()
ROWS = [pytest.param(method, path, id=f"{method} {path}") for method, path in TABLE]


@dataclass
class Manned:
    """A service with a key of every role, the officer's for the district A only, and reports in A and B."""

    here: Served
    keys: dict[str, str] = field(default_factory=dict)
    filled: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    photos: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, who: str, **said: Any) -> httpx.Response:
        """The answer to somebody."""
        headers = {"authorization": f"Bearer {self.keys[who]}"} if who != "nobody" else {}
        return self.here.client.request(method, path, headers=headers | said.pop("headers", {}), **said)

    def path(self, path: str) -> str:
        """A path of the table with what is there in its parts."""
        return re.sub(r"\{\w+\}", lambda _: self.filled.get(path, "x"), path)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def manned(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Manned]:
    config = ServeConfig(webhooks=(receiver.hook(),))
    with served(tmp_path_factory.mktemp("city"), config=config) as here:
        city, now = here.service.live.city, now_us()
        found = Manned(here)
        for role in Role:
            cells = ("A",) if role == OFFICER else ()
            found.keys[role.value] = create_key(city, role, name=f"the {role}", cells=cells, now_us=now)[1]
        revoked, found.keys["revoked"] = create_key(city, ADMIN, now_us=now)
        revoke_key(city, revoked.id, now_us=now)
        made = now - 2 * DAY_US
        found.keys["expired"] = create_key(city, ADMIN, now_us=made, expires_us=now - DAY_US)[1]
        found.keys["unknown"] = found.keys["admin"][:-8] + "00000000"
        for cell, column in (("A", 0.5), ("B", 2.5)):
            _seed(found, cell, column)
        found.filled |= {
            "/v1/issues/{id}": found.numbers["A"],
            "/v1/issues/{id}/actions": found.numbers["A"],
            "/v1/photos/{id}": found.photos["A"],
            "/issues/{id}/work-order.html": found.numbers["A"],
            "/v1/cells/{code}": "A00",
            "/v1/assets/{kind}": "street_light",
            "/problems/{code}": "not_found",
        }
        yield found


def _seed(found: Manned, cell: str, column: float) -> None:
    named = {"external_id": f"{EXTERNAL}-{cell}", "reporter": PERSON, "contact": CONTACT}
    said = lamp(column, text=f"{TEXT} {cell}", **named)
    form = {name: str(value) for name, value in said.items()}
    picture = jpeg(corners(90 + int(column)))  # another one in each
    files = [("photo", (f"{CONTACT}.jpg", picture, "image/jpeg"))]
    answer = found.ask("POST", "/v1/reports", "reporter", data=form, files=files)
    assert answer.status_code == 201, answer.text
    number = found.numbers[cell] = answer.json()["issue"]["number"]
    comment = {"action": "comment", "reason": COMMENT}
    assert found.ask("POST", f"/v1/issues/{number}/actions", "dispatcher", json=comment).status_code == 200
    shown = found.ask("GET", f"/v1/issues/{number}", "dispatcher").json()
    found.photos[cell] = shown["reports"][0]["photos"][0].rpartition("/")[2]


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# Who may ask.


def test_what_is_documented_is_what_holds() -> None:
    holds = {
        route: EVERYBODY if roles == "public" else frozenset(role.value for role in roles)
        for route, roles in ACCESS.items()
    }
    assert holds == TABLE


def test_every_route_is_in_the_table_and_everything_in_the_table_is_a_route(manned: Manned) -> None:
    routes = manned.here.app.routes
    assert unlisted(routes) == []
    there = {(method, re.sub(r"\{\w+", "{", path)) for method, path in routes_of(routes)}
    assert {(method, re.sub(r"\{\w+", "{", path)) for method, path in TABLE} == there


@pytest.mark.parametrize(("method", "path"), ROWS)
def test_every_route_is_for_whom_the_table_says(manned: Manned, method: str, path: str) -> None:
    for who in COLUMNS:
        answer = manned.ask(method, manned.path(path), who)
        if who in TABLE[method, path]:
            assert answer.status_code < 500
            assert answer.status_code not in (401, 403, 405), (who, answer.text)
        elif who == "nobody":
            assert code(answer) == (401, "unauthorized")
        else:
            assert code(answer) == (403, "forbidden")


@pytest.mark.parametrize("who", ["revoked", "expired", "unknown"])
@pytest.mark.parametrize(("method", "path"), [row for row in ROWS if TABLE[tuple(row.values)] != EVERYBODY])
def test_a_key_that_is_none_opens_nothing(manned: Manned, method: str, path: str, who: str) -> None:
    assert code(manned.ask(method, manned.path(path), who)) == (401, "unauthorized")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
@pytest.mark.parametrize(("method", "path"), [row for row in ROWS if row.values[0] != "GET"])
def test_a_page_of_another_site_changes_nothing(manned: Manned, method: str, path: str, origin: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "origin": origin}
    answer = manned.ask(method, manned.path(path), "admin", headers=form, content=b"reporter=x")
    assert code(answer) == (403, "foreign_origin")


# What they may read.


def may_read(who: str, path: str) -> set[str]:
    """Which of the secrets may stand in an answer; the table of what is personal."""
    if path in ("/maps/issues.html", "/issues/{id}/work-order.html"):
        return {TEXT} if who in ("officer", "dispatcher", "admin") else set()
    if path != "/v1/issues/{id}":
        return set()
    if who == "officer":
        return {TEXT, EXTERNAL, COMMENT}
    return {TEXT, EXTERNAL, COMMENT, PERSON, CONTACT} if who in ("dispatcher", "admin") else set()


@pytest.mark.parametrize("path", [path for method, path in TABLE if method == "GET"])
def test_what_is_personal_stands_only_in_what_is_meant_to_hold_it(manned: Manned, path: str) -> None:
    for who in COLUMNS:
        answer = manned.ask("GET", manned.path(path), who)
        said = answer.content.decode("utf-8", "replace")
        read = {secret for secret in (TEXT, EXTERNAL, COMMENT, PERSON, CONTACT) if secret in said}
        escaped = {secret for secret in (TEXT, COMMENT) if json.dumps(secret)[1:-1] in said}
        assert read | escaped == may_read(who, path), who


@pytest.mark.parametrize(
    "query", ["status=open", "order=newest", "unassigned=false", "limit=1", "status=done"]
)
def test_no_list_holds_what_is_personal(manned: Manned, query: str) -> None:
    for who in ("officer", "dispatcher", "planner", "admin"):
        said = manned.ask("GET", f"/v1/issues?{query}", who).text
        assert not any(secret in said for secret in (TEXT, EXTERNAL, COMMENT, PERSON, CONTACT))


def test_the_answer_to_a_report_repeats_nothing_that_is_personal(manned: Manned) -> None:
    again = lamp(0.5, text=TEXT, reporter=PERSON, contact=CONTACT, external_id=f"{EXTERNAL}-again")
    answers = [
        manned.ask("POST", "/v1/reports", "reporter", json=again),
        manned.ask("POST", "/v1/reports?dry_run=true", "reporter", json=again),
        manned.ask("POST", "/v1/locate", "reporter", json=[again]),
        manned.ask("POST", "/v1/reports/batch", "dispatcher", content=json.dumps(again),
                   headers={"content-type": "application/x-ndjson"}),
    ]  # fmt: skip
    for answer in answers:
        assert answer.status_code < 300
        assert not any(secret in answer.text for secret in (TEXT, EXTERNAL, PERSON, CONTACT))


def test_webhooks_are_told_nothing_that_is_personal(manned: Manned, receiver: Receiver) -> None:
    came = [receiver.next() for _ in range(4)]
    assert [one.data["kind"] for one in came] == ["received", "comment"] * 2
    told = b"".join(one.body for one in came).decode()
    assert not any(secret in told for secret in (TEXT, EXTERNAL, COMMENT, PERSON, CONTACT))


def test_no_log_holds_what_was_sent(manned: Manned, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {"text": TEXT, "reporter": PERSON, "contact": CONTACT, "external_id": EXTERNAL}
    for said in (lamp(**secrets), {**secrets, "lng": 400}, {**secrets, "lat": 1}, {"nothing": CONTACT}):
        manned.ask("POST", "/v1/reports", "reporter", json=said)
        manned.ask("POST", "/v1/reports/batch", "officer", content=json.dumps(said),
                   headers={"content-type": "application/x-ndjson"})  # fmt: skip
    manned.ask("POST", "/v1/erase", "admin", json={"reporter": "nobody", "reason": COMMENT})
    manned.ask("GET", f"/v1/locate?text={CONTACT}&lng=x", "reporter")
    for key in manned.keys.values():
        manned.ask("GET", f"/v1/issues?key={key}", "admin")
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name.partition(".")[0] != "httpx"
    )
    assert not any(secret in logged for secret in (*secrets.values(), COMMENT, *manned.keys.values()))


# What belongs to others.


def test_what_is_anothers_is_answered_as_if_it_were_not_there(manned: Manned) -> None:
    """The bodies are the same but for the name that was asked for."""
    his, gone = manned.numbers["B"], "20261121-9999"
    for method, path, said in (
        ("GET", "/v1/issues/{}", {}),
        ("POST", "/v1/issues/{}/actions", {"json": {"action": "comment", "reason": "x"}}),
    ):
        told = [manned.ask(method, path.format(name), "officer", **said) for name in (his, gone)]
        assert [answer.status_code for answer in told] == [404, 404]
        assert told[0].text.replace(his, gone) == told[1].text
    photos = [manned.ask("GET", f"/v1/photos/{name}", "officer") for name in (manned.photos["B"], "0" * 64)]
    assert [code(answer) for answer in photos] == [(404, "not_found")] * 2
    assert photos[0].json()["detail"] == photos[1].json()["detail"]
    page = manned.ask("GET", "/maps/issues.html", "officer").text
    assert f"{TEXT} A" in page
    assert f"{TEXT} B" not in page
    assert his not in page
    assert manned.ask("GET", f"/v1/photos/{manned.photos['A']}", "officer").status_code == 200
    assert manned.ask("GET", f"/v1/photos/{manned.photos['B']}", "dispatcher").status_code == 200


def test_nobody_brings_a_report_to_an_issue_that_he_does_not_see(manned: Manned) -> None:
    his, gone = manned.numbers["B"], "20261121-9999"
    told = [manned.ask("POST", "/v1/reports", "officer", json=lamp(issue=name)) for name in (his, gone)]
    assert [answer.status_code for answer in told] == [404, 404]
    assert told[0].text.replace(his, gone) == told[1].text
    lines = "\n".join(json.dumps(lamp(issue=name)) for name in (his, gone, manned.numbers["A"]))
    batch = manned.ask("POST", "/v1/reports/batch", "officer", content=lines,
                       headers={"content-type": "application/x-ndjson"})  # fmt: skip
    assert [json.loads(line)["status"] for line in batch.content.splitlines()] == [404, 404, 201]


def test_an_officer_is_not_told_of_likely_repeats_beyond_his_cells(manned: Manned) -> None:
    """Two issues on both sides of the border between the districts A and B."""
    west, east = (
        manned.ask("POST", "/v1/reports", "dispatcher", json=lamp(column, category="0126", text="井盖破了"))
        for column in (1.999, 2.001)
    )
    number, other = west.json()["issue"]["number"], east.json()["issue"]["number"]
    told = {who: manned.ask("GET", f"/v1/issues/{number}", who).json() for who in ("dispatcher", "officer")}
    assert other in [one["number"] for one in told["dispatcher"]["duplicates"]]
    assert other not in [one["number"] for one in told["officer"]["duplicates"]]


def test_nobody_is_offered_an_action_that_his_role_may_not_ask_for(manned: Manned) -> None:
    told = {
        who: manned.ask("GET", f"/v1/issues/{manned.numbers['A']}", who).json()["actions"]
        for who in ("reporter", "officer", "dispatcher", "planner", "admin")
    }
    assert told["reporter"] == []
    assert told["planner"] == ["comment"]
    assert set(told["officer"]) < set(told["dispatcher"]) == set(told["admin"])
