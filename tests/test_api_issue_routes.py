"""Issues over HTTP: pages that miss nothing, actions that lose nothing, and nobody sees what he may not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from services import Served, lamp, served

from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us

BATCH = {"Content-Type": "application/x-ndjson"}
PRIVATE = ("张三家门口", "u-4711", "138-0000")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A city with a dispatcher, an officer of the west, a planner and a reporter, and twelve issues."""
    with served(tmp_path_factory.mktemp("city")) as found:
        lines = [
            json.dumps(lamp(0.5 + n % 4, text=PRIVATE[0], reporter=PRIVATE[1], contact=PRIVATE[2]))
            for n in range(12)
        ]
        found.client.post("/v1/reports/batch", content="\n".join(lines), headers=BATCH)
        found.hire()
        yield found


def walk(here: Served, query: str, role: Role = Role.DISPATCHER) -> list[str]:
    """The numbers of all pages."""
    numbers: list[str] = []
    cursor = ""
    while True:
        page = here.client.get(f"/v1/issues?{query}&cursor={cursor}", headers=here.as_(role)).json()
        numbers += [feature["properties"]["number"] for feature in page["features"]]
        if not page["more"]:
            return numbers
        cursor = page["next"]


def new_issue(here: Served) -> dict[str, object]:
    """A fresh issue."""
    return here.client.post("/v1/reports", json=lamp(), headers=here.as_(Role.DISPATCHER)).json()["issue"]


def act(here: Served, issue: object, role: Role = Role.DISPATCHER, **said: object) -> tuple[int, dict]:
    answer = here.client.post(f"/v1/issues/{issue}/actions", json=said, headers=here.as_(role))
    return answer.status_code, answer.json()


@pytest.mark.parametrize("status", ["", "status=open", "status=received,dispatched"])
def test_pages_hold_every_issue_once(here: Served, status: str) -> None:
    numbers = walk(here, f"{status}&limit=5&cell=A")
    assert len(numbers) == len(set(numbers)) >= 6
    assert set(numbers) == set(walk(here, f"{status}&limit=500&cell=A"))


def test_memory_and_store_answer_alike(here: Served) -> None:
    for query in ("owner=lamps", "category=0118", "cell=A00,B02", "bbox=120.8,32.0,120.82,32.02", "limit=3"):
        assert walk(here, f"{query}&status=open") == walk(here, query)


@pytest.mark.parametrize(("query", "field"), [
    ("bbox=1,2", "bbox"), ("bbox=a,b,c,d", "bbox"), ("bbox=nan,1,2,3", "bbox"), ("bbox=1,5,2,3", "bbox"),
    ("status=gone", "status"), ("limit=0", "limit"), ("limit=99999", "limit"), ("since=soon", "since"),
    ("colour=red", "colour"), ("limit=1e999", "limit"),
])  # fmt: skip
def test_a_query_that_cannot_be_is_refused(here: Served, query: str, field: str) -> None:
    answer = here.client.get(f"/v1/issues?{query}", headers=here.as_(Role.DISPATCHER))
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


def test_a_cursor_of_nothing_is_refused(here: Served) -> None:
    for status in ("", "&status=open"):
        answer = here.client.get(f"/v1/issues?cursor=zzz{status}", headers=here.as_(Role.DISPATCHER))
        assert answer.status_code == 422


def test_a_cell_that_is_not_there_holds_nothing(here: Served) -> None:
    assert walk(here, "cell=nowhere") == walk(here, "cell=nowhere&status=open") == []


def test_an_issue_goes_its_way_and_every_step_is_told(here: Served) -> None:
    issue = new_issue(here)["number"]
    assert act(here, issue, action="dispatch", version=1)[0] == 200
    assert act(here, issue, action="start", version=2)[0] == 200
    status, said = act(here, issue, action="handled", version=3, reason="换了灯泡")
    assert (status, said["properties"]["status"]) == (200, "handled")
    shown = here.client.get(f"/v1/issues/{issue}", headers=here.as_(Role.DISPATCHER)).json()
    assert [event["kind"] for event in shown["events"]] == ["received", "dispatch", "start", "handled"]
    assert shown["events"][3]["reason"] == "换了灯泡"
    assert shown["actions"][0] in ("verify", "close")


def test_who_acts_on_what_has_changed_is_told_so(here: Served) -> None:
    issue = new_issue(here)["id"]
    assert act(here, issue, action="dispatch", version=1)[0] == 200
    status, said = act(here, issue, action="reject", version=1, reason="double")
    assert (status, said["code"]) == (409, "conflict")


def test_a_state_or_a_role_that_does_not_allow_it_says_what_is_allowed(here: Served) -> None:
    issue = new_issue(here)["id"]
    assert act(here, issue, action="verify", version=1)[1]["code"] == "not_allowed_in_state"
    status, said = act(here, issue, Role.OFFICER, action="dispatch", version=1)
    assert (status, said["code"]) == (403, "not_allowed_for_role")
    assert "comment" in said["fix"]


def test_moving_asks_anew_whose_it_is_and_undo_puts_it_back(here: Served) -> None:
    issue = new_issue(here)["id"]
    status, said = act(here, issue, action="move", version=1, lng=120.815, lat=32.005)
    assert (status, said["properties"]["owner_id"]) == (200, "parks")
    status, said = act(here, issue, action="undo", version=2)
    assert (status, said["properties"]["owner_id"]) == (200, "lamps")


def test_an_officer_sees_only_his_cells(here: Served) -> None:
    mine = walk(here, "limit=500", Role.OFFICER)
    assert set(mine) == set(walk(here, "limit=500&cell=A"))
    assert walk(here, "limit=500&cell=B", Role.OFFICER) == []
    other = walk(here, "limit=1&cell=B")[0]
    assert here.client.get(f"/v1/issues/{other}", headers=here.as_(Role.OFFICER)).status_code == 404
    assert act(here, other, Role.OFFICER, action="comment", reason="x")[0] == 404


def test_what_is_personal_reaches_only_who_may_know_it(here: Served) -> None:
    number = walk(here, "limit=1&cell=A")[0]
    told = {
        role: here.client.get(f"/v1/issues/{number}", headers=here.as_(role)).text for role in here.keys
    }  # fmt: skip
    assert all(word in told[Role.DISPATCHER] for word in PRIVATE)
    assert PRIVATE[0] in told[Role.OFFICER]
    assert not any(word in told[Role.OFFICER] for word in PRIVATE[1:])
    for role in (Role.PLANNER, Role.REPORTER):
        assert not any(word in told[role] for word in PRIVATE)
    listed = here.client.get("/v1/issues?limit=500", headers=here.as_(Role.DISPATCHER)).text
    assert not any(word in listed for word in PRIVATE)


def test_what_was_erased_is_gone_and_the_issue_stays(here: Served) -> None:
    said = here.client.post(
        "/v1/reports", json=lamp(reporter="gone", text="bye"), headers=here.as_(Role.DISPATCHER)
    )
    url = said.json()["issue"]["url"]
    admin = create_key(here.service.live.city, Role.ADMIN, name="admin", now_us=now_us())[1]
    erased = here.client.post(
        "/v1/erase", json={"reporter": "gone"}, headers={"Authorization": f"Bearer {admin}"}
    )
    assert erased.json()["reports"] == 1
    shown = here.client.get(url, headers=here.as_(Role.DISPATCHER)).json()
    assert "text" not in shown["reports"][0]
    assert shown["properties"]["owner_id"] == "lamps"
