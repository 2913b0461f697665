"""Acting over HTTP: claims, previews, many at once; and an issue tells all that a panel needs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from cities import at
from services import Served, lamp, served

from api.action_routes import MOST_ISSUES
from layers.keys import create_key
from layers.life_cycle import ACTION_WORDS, Role
from layers.store.checking import check_issues
from layers.store.doctor import examine_store
from layers.store.events import verify_chain
from layers.times import now_us

PEOPLE = {
    "li": (Role.DISPATCHER, ()), "wang": (Role.DISPATCHER, ()), "west": (Role.DISPATCHER, ("A",)),
    "zhao": (Role.OFFICER, ()), "plan": (Role.PLANNER, ()),
    "chen": (Role.ADMIN, ()), "citizen": (Role.REPORTER, ()),
}  # fmt: skip
KEYS: dict[str, str] = {}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("city")) as found:
        city = found.service.live.city
        for name, (role, cells) in PEOPLE.items():
            KEYS[name] = create_key(city, role, name=name, cells=cells, now_us=now_us())[1]
        yield found
        with found.service.live.store.reading() as connection:
            assert verify_chain(connection) is None
            assert list(check_issues(connection)) == []
        findings = examine_store(city.folder, now_s=0.0)
        assert [one for one in findings if one.severity == "error"] == []


def post(here: Served, url: str, who: str, said: object) -> tuple[int, Any]:
    answer = here.client.post(url, json=said, headers=here.as_key(KEYS[who]))
    return answer.status_code, answer.json()


def act(here: Served, name: str, who: str = "li", query: str = "", **said: object) -> tuple[int, Any]:
    return post(here, f"/v1/issues/{name}/actions{query}", who, said)


def many(
    here: Served, ids: list[object], who: str = "li", query: str = "", **said: object
) -> tuple[int, Any]:
    return post(here, f"/v1/issues/actions{query}", who, {**said, "ids": ids})


def new(here: Served, column: float = 0.5, **said: object) -> str:
    number: str = post(here, "/v1/reports", "li", lamp(column, **said))[1]["issue"]["number"]
    return number


def shown(here: Served, name: str, who: str = "li") -> Any:
    return here.client.get(f"/v1/issues/{name}", headers=here.as_key(KEYS[who])).json()


# ---- claims


def test_a_claim_is_the_issues_and_another_one_is_told_who_has_it(here: Served) -> None:
    number = new(here)
    status, said = act(here, number, action="claim")
    assert (status, said["properties"]["claimed_by"]) == (200, "li")
    assert said["properties"]["claimed_until"] > said["properties"]["updated_at"]
    for action in ({"action": "claim"}, {"action": "reject", "reason": "x", "version": 2}):
        status, said = act(here, number, "wang", **action)
        assert (status, said["code"], said["title_zh"]) == (409, "claimed", "已被他人领取")
        assert "'li'" in said["detail"]
    assert "claim" not in shown(here, number, "wang")["actions"]
    assert {"release", "dispatch"} <= set(shown(here, number)["actions"])
    assert act(here, number, "chen", action="release")[0] == 200


def test_of_desks_that_claim_at_once_one_has_it(here: Served) -> None:
    number, start, answers = new(here), threading.Barrier(2), []

    def work(who: str) -> None:
        start.wait()
        answers.append((act(here, number, who, action="claim")[0], who))

    threads = [threading.Thread(target=work, args=(who,)) for who in ("li", "wang")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (won,) = [who for status, who in answers if status == 200]
    assert sorted(status for status, _ in answers) == [200, 409]
    assert shown(here, number)["properties"]["claimed_by"] == won


def test_of_two_who_saw_the_same_seq_one_wins_and_the_other_is_told(here: Served) -> None:
    number = new(here)
    seq = shown(here, number)["properties"]["seq"]
    assert act(here, number, action="dispatch", seq=seq)[0] == 200
    status, said = act(here, number, "wang", action="reject", reason="x", seq=seq)
    assert (status, said["code"]) == (409, "conflict")
    assert f"seq {seq}" in said["detail"]


# ---- what an issue tells


def test_an_issue_tells_why_and_what_may_be_done(here: Served) -> None:
    number = new(here, 0.9, accuracy_m=60, text="灯不亮")
    said = shown(here, number)
    why = said["why"]
    assert [cell["name"] for cell in why["cells"]] == ["西区", "格00"]
    assert why["owner"]["id"] == said["proposed_owner"]["id"] == said["properties"]["owner_id"]
    assert why["rivals"][0]["share"] < why["owner"]["share"]
    assert all(why["story"][lang] for lang in ("zh", "en"))
    assert "灯不亮" not in str(why)
    assert [form["action"] for form in said["may"]] == said["actions"]
    assert all(form["name"]["zh"] == ACTION_WORDS[form["action"]][0] for form in said["may"])
    needs = {form["action"]: form["needs"] for form in said["may"]}
    assert (needs["reject"], needs["merge"], needs["move"]) == (["reason"], ["into"], ["lng", "lat"])
    assert needs["dispatch"] == []
    assert said["events"][0]["name"] == {"zh": "上报", "en": "reported"}


def test_an_issue_shows_its_asset_and_where_it_is_nearest(here: Served) -> None:
    lng, lat = at(0.5, 0.5)
    said = shown(here, new(here, 0.52))["why"]["asset"]
    assert (said["id"], said["kind_name"]["zh"]) == ("L0", "路灯")
    assert said["geometry"]["coordinates"] == pytest.approx([lng, lat], abs=1e-6)
    assert said["nearest"] == pytest.approx([lng, lat], abs=1e-6)
    assert said["distance_m"] > 10


def test_suspected_duplicates_say_why_and_where(here: Served) -> None:
    first, second = new(here, 3.5, text="路灯不亮"), new(here, 3.5, text="路灯不亮了")
    (found,) = [one for one in shown(here, second)["duplicates"] if one["number"] == first]
    assert "同一部件" in found["reasons_told"]["zh"]
    assert (found["status"], found["report_count"], found["category_name"]["en"]) == (
        "received",
        1,
        "Street light",
    )
    assert [found["lng"], found["lat"]] == pytest.approx(at(3.5, 0.5), abs=1e-6)


def test_the_history_says_what_was_taken_back_and_what_an_undo_would(here: Served) -> None:
    number = new(here)
    act(here, number, action="dispatch", version=1)
    act(here, number, action="undo", version=2)
    act(here, number, action="reject", version=3, reason="重复")
    said = shown(here, number)
    assert [(event["kind"], event["undone"]) for event in said["events"]] == [
        ("received", False), ("dispatch", True), ("undo", False), ("reject", False),
    ]  # fmt: skip
    (undo,) = [form for form in said["may"] if form["action"] == "undo"]
    assert (undo["leads_to"], undo["undoes"]["action"], undo["undoes"]["actor"]) == (
        "received",
        "reject",
        "li",
    )
    assert said["events"][-1]["reason"] == "重复"


def test_who_is_not_to_act_is_offered_nothing(here: Served) -> None:
    assert shown(here, new(here), "citizen")["may"] == []


# ---- before it is done


def test_a_move_can_be_seen_before_it_is_done(here: Served) -> None:
    number, (lng, lat) = new(here), at(1.5, 0.5)
    before = shown(here, number)
    status, said = act(here, number, query="?dry_run=true", action="move", lng=lng, lat=lat)
    assert (status, said["dry_run"], said["properties"]["owner_id"]) == (200, True, "parks")
    assert said["proposed_owner"]["id"] == "parks"
    assert said["why"]["cells"][-1]["code"] == said["assignment"]["cell_code"] == "A01"
    assert shown(here, number) == before
    status, said = act(here, number, "plan", "?dry_run=true", action="move", lng=lng, lat=lat)
    assert (status, said["code"]) == (403, "not_allowed_for_role")
    status, said = act(here, number, query="?dry_run=true", action="move", lng=999, lat=lat)
    assert (status, said["code"]) == (422, "invalid_coordinates")


def test_a_report_can_be_seen_before_it_is_filed(here: Served) -> None:
    twin = new(here, 2.5, text="井盖丢了")
    status, said = post(here, "/v1/reports?dry_run=true", "li", lamp(2.5, text="井盖丢了"))
    assert (status, said["outcome"], said["issue"]) == (200, "proposed", None)
    assert said["category_name"] == {"zh": "路灯", "en": "Street light"}
    assert said["why"]["cells"][-1]["name"]
    assert said["proposed_owner"]["id"] == said["assignment"]["owner_id"]
    (found,) = [one for one in said["duplicates"] if one["number"] == twin]
    assert found["reasons_told"]["en"]
    confined = post(here, "/v1/reports?dry_run=true", "west", lamp(2.5, text="井盖丢了"))[1]
    assert confined["duplicates"] == []


# ---- many


def test_many_are_answered_in_order_each_with_its_own(here: Served) -> None:
    good, done, old, east = new(here), new(here), new(here), new(here, 2.5)
    act(here, done, action="reject", version=1, reason="x")
    act(here, old, action="comment", reason="x")
    seen = {"id": old, "seq": 1}
    status, said = many(here, [good, done, "none", seen, {"id": east}], "west", action="dispatch")
    assert (status, said["done"], said["refused"], said["dry_run"]) == (200, 1, 4, False)
    assert [one["id"] for one in said["results"]] == [good, done, "none", old, east]
    assert [one["ok"] for one in said["results"]] == [True, False, False, False, False]
    assert said["results"][0]["issue"]["properties"]["status"] == "dispatched"
    errors = [one["error"] for one in said["results"][1:]]
    assert [one["code"] for one in errors] == ["not_allowed_in_state", "not_found", "conflict", "not_found"]
    assert all(one["title_zh"] and one["detail"] for one in errors)
    assert shown(here, good)["properties"] == said["results"][0]["issue"]["properties"]
    assert shown(here, east)["properties"]["status"] == "received"


def test_what_somebody_else_claimed_is_left_out_of_many(here: Served) -> None:
    mine, his = new(here), new(here)
    act(here, his, "wang", action="claim")
    said = many(here, [mine, his], action="reject", reason="不属实")[1]
    assert [one.get("error", {}).get("code") for one in said["results"]] == [None, "claimed"]


def test_who_may_not_is_refused_for_each(here: Served) -> None:
    said = many(here, [new(here), new(here)], "plan", action="dispatch")[1]
    assert [one["error"]["code"] for one in said["results"]] == ["not_allowed_for_role"] * 2
    assert many(here, [new(here)], "citizen", action="comment", reason="x")[0] == 403


def test_more_than_a_group_is_done_and_shown_in_the_list(here: Served) -> None:
    numbers: list[object] = [new(here, 1.5) for _ in range(105)]
    assert many(here, numbers, action="confirm")[1]["done"] == 105
    listed = here.client.get(
        "/v1/issues?status=open&limit=1000&cell=A01", headers=here.as_key(KEYS["li"])
    ).json()
    flags = {one["properties"]["number"]: one["properties"]["flags"] for one in listed["features"]}
    assert all(flags[str(number)] == ["confirmed"] for number in numbers)
    again = many(here, numbers, action="confirm")[1]
    assert (again["done"], again["refused"]) == (0, 105)


def test_many_can_be_seen_before_they_are_done(here: Served) -> None:
    number = new(here)
    before = shown(here, number)
    said = many(here, [number, "none"], query="?dry_run=true", action="dispatch")[1]
    assert (said["done"], said["refused"], said["dry_run"]) == (1, 1, True)
    assert said["results"][0]["issue"]["properties"]["status"] == "dispatched"
    assert shown(here, number) == before


@pytest.mark.parametrize(("said", "field"), [
    ({"action": "burn", "ids": ["x"]}, "action"), ({"action": "claim", "ids": []}, "ids"),
    ({"action": "claim"}, "ids"),
    ({"action": "claim", "ids": ["x"] * (MOST_ISSUES + 1)}, "ids"), ({"action": "claim", "ids": [7]}, "ids"),
    ({"action": "claim", "ids": [{"id": "x", "seq": True}]}, "ids"),
    ({"action": "claim", "ids": ["x"], "version": 1}, "version"),
])  # fmt: skip
def test_what_cannot_be_asked_of_many_is_refused(here: Served, said: object, field: str) -> None:
    status, told = post(here, "/v1/issues/actions", "li", said)
    assert status == 422
    assert told["errors"][0]["field"].startswith(field)


def test_a_datum_that_is_none_is_refused_before_anything_is_done(here: Served) -> None:
    status, said = many(here, [new(here)], action="move", lng=1, lat=1, datum="mars")
    assert (status, said["code"]) == (422, "invalid_crs")
