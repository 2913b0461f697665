"""Corrections over HTTP: made with a move or alone, understood at once, listed, revoked, restored, erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cities import at
from services import Served, lamp, served

from layers.corrections import replay_city
from layers.keys import create_key
from layers.life_cycle import Role
from layers.store.checking import check_issues
from layers.store.events import events_after, verify_chain
from layers.times import now_us

PEOPLE = {
    "li": (Role.DISPATCHER, ()), "west": (Role.DISPATCHER, ("A",)), "zhao": (Role.OFFICER, ()),
    "plan": (Role.PLANNER, ()), "chen": (Role.ADMIN, ()), "citizen": (Role.REPORTER, ()),
}  # fmt: skip
KEYS: dict[str, str] = {}
LNG, LAT = at(2.6, 1.4)  # in the cell 格12 of the district B, 东区
ROUTE = "/v1/corrections"


@pytest.fixture(scope="module")
def module_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("city")) as found:
        for name, (role, cells) in PEOPLE.items():
            city = found.service.live.city
            KEYS[name] = create_key(city, role, name=name, cells=cells, now_us=now_us())[1]
        yield found
        with found.service.live.store.reading() as connection:
            assert verify_chain(connection) is None
            assert list(check_issues(connection)) == []


@pytest.fixture
def here(module_city: Served) -> Served:
    """The city, with no correction that holds."""
    for one in listed(module_city, query="?active=true&limit=1000")["corrections"]:
        assert post(module_city, f"{ROUTE}/{one['id']}/revoke", "chen", {"reason": "next test"})[0] == 200
    return module_city


def post(here: Served, url: str, who: str, said: object) -> tuple[int, Any]:
    answer = here.client.post(url, json=said, headers=here.as_key(KEYS[who]))
    return answer.status_code, answer.json()


def listed(here: Served, who: str = "chen", query: str = "") -> Any:
    answer = here.client.get(ROUTE + query, headers=here.as_key(KEYS[who]))
    assert answer.status_code == 200, answer.text
    return answer.json()


def say(text: str = "老桥", **more: object) -> dict[str, object]:
    return {"text": text, "lng": LNG, "lat": LAT, "reason": "looked", **more}


def make(here: Served, text: str = "老桥", who: str = "li", **more: object) -> Any:
    status, said = post(here, ROUTE, who, say(text, **more))
    assert status == 201, said
    return said


def found_at(here: Served, text: str) -> tuple[float, float] | None:
    """Where the city understands words, as it runs."""
    best = here.service.live.words.geocoder.geocode(text).best
    return None if best is None else (best.lng, best.lat)


def test_words_are_understood_as_soon_as_they_were_corrected(here: Served) -> None:
    assert found_at(here, "老桥栏杆坏了") is None
    said = make(here, radius_m=12)
    assert found_at(here, "老桥栏杆坏了") == pytest.approx((LNG, LAT), abs=1e-8)
    assert said["text"] == "老桥"
    assert (said["cell_path"], said["cell_name"], said["radius_m"]) == ("B", "东区", 12)
    assert (said["made_by"], said["reason"], said["issue"], said["replaced"]) == ("li", "looked", None, [])
    assert said["active"]
    assert said["made_at"].endswith("Z")


def test_a_correction_can_be_made_in_another_datum(here: Served) -> None:
    said = make(here, datum="gcj02")
    assert said["lng"] == pytest.approx(LNG, abs=0.01)
    assert said["lng"] != LNG


def test_what_is_revoked_is_not_understood_and_what_is_restored_is(here: Served) -> None:
    one = make(here)["id"]
    assert post(here, f"{ROUTE}/{one}/revoke", "li", {"reason": "torn down"})[1]["active"] is False
    assert found_at(here, "老桥") is None
    status, said = post(here, f"{ROUTE}/{one}/revoke", "li", {"reason": "again"})
    assert (status, said["code"]) == (409, "not_allowed_in_state")
    status, said = post(here, f"{ROUTE}/{one}/restore", "chen", {"reason": "by mistake"})
    assert (status, said["active"], said["revoked_by"]) == (200, True, None)
    assert found_at(here, "老桥") is not None


def test_the_later_of_the_same_words_takes_the_place_and_says_so(here: Served) -> None:
    first = make(here)["id"]
    second = make(here, lng=LNG + 0.001)
    assert second["replaced"] == [first]
    gone = here.client.get(f"{ROUTE}/{first}", headers=here.as_key(KEYS["zhao"])).json()
    assert (gone["active"], gone["replaced_by"], gone["revoked_by"]) == (False, second["id"], "li")


def test_erased_words_are_gone_from_list_and_file_but_not_the_chain(here: Served) -> None:
    one = make(here, "张家老宅院")["id"]
    status, said = post(here, f"{ROUTE}/{one}/erase", "chen", {"reason": "a person's name"})
    assert (status, said["text"], said["active"]) == (200, None, False)
    assert "张家老宅院".encode() not in (here.service.live.city.folder / "issues.db").read_bytes()
    assert post(here, f"{ROUTE}/{one}/restore", "chen", {"reason": "x"})[0] == 409


def test_a_list_is_read_page_by_page_newest_first(here: Served) -> None:
    made = [make(here, words)["id"] for words in ("老桥", "三角地菜场", "大榕树广场")]
    post(here, f"{ROUTE}/{made[1]}/revoke", "li", {"reason": "x"})
    page = listed(here, query="?active=true&limit=1")
    assert (page["numberMatched"], [one["id"] for one in page["corrections"]]) == (2, [made[2]])
    page = listed(here, query=f"?active=true&limit=1&cursor={page['next']}")
    assert ([one["id"] for one in page["corrections"]], page["next"]) == ([made[0]], None)
    revoked = listed(here, query="?active=false&limit=1000")["corrections"]
    assert made[1] in [one["id"] for one in revoked]
    assert all(not one["active"] for one in revoked)


# ---- with a move


def moved(here: Served, who: str = "li", query: str = "", **said: object) -> tuple[str, int, Any]:
    text = said.pop("text", "三角地菜场门口的灯坏了")
    number = post(here, "/v1/reports", "li", lamp(text=text))[1]["issue"]["number"]
    body = {"action": "move", "version": 1, "lng": LNG, "lat": LAT, "remember": True, **said}
    return number, *post(here, f"/v1/issues/{number}/actions{query}", who, body)


def test_a_move_has_the_words_of_the_report_remembered_until_it_is_undone(here: Served) -> None:
    number, status, said = moved(here, remember="三角地菜场", accuracy_m=20)
    assert status == 200, said
    (one,) = listed(here, query="?active=true")["corrections"]
    assert (one["text"], one["issue"], one["radius_m"]) == ("三角地菜场", number, 20)
    assert found_at(here, "三角地菜场有积水") is not None
    shown = here.client.get(f"/v1/issues/{number}", headers=here.as_key(KEYS["li"])).json()
    assert shown["events"][-1]["after"]["correction"] == one["id"]
    undo = {"action": "undo", "version": 2}
    assert post(here, f"/v1/issues/{number}/actions", "li", undo)[0] == 200
    assert found_at(here, "三角地菜场有积水") is None
    with here.service.live.store.reading() as connection:
        *_, made, move, revoked, last = events_after(connection, 0, 10_000)
    assert [made.kind, move.kind, revoked.kind, last.kind] == [
        "correction_made", "move", "correction_revoked", "undo",
    ]  # fmt: skip
    assert made.after["correction"] == move.after["correction"] == last.after["correction"] == one["id"]
    assert "三角地" not in str([made, move, revoked, last])


def test_what_would_be_remembered_is_shown_before(here: Served) -> None:
    _, status, said = moved(here, query="?dry_run=true", remember="三角地菜场", remember_in="格12")
    assert (status, said["remembers"]) == (
        200, {"text": "三角地菜场", "cell_path": "B/B12", "radius_m": 5.0},
    )  # fmt: skip
    assert listed(here, query="?active=true")["corrections"] == []


def test_a_panel_is_told_who_can_have_words_remembered(here: Served) -> None:
    number = post(here, "/v1/reports", "li", lamp())[1]["issue"]["number"]
    for who, can in (("li", True), ("zhao", False)):
        shown = here.client.get(f"/v1/issues/{number}", headers=here.as_key(KEYS[who])).json()
        (form,) = (one for one in shown["may"] if one["action"] == "move")
        assert ("remember" in form["takes"]) is can


def test_many_moves_can_have_words_remembered_too(here: Served) -> None:
    numbers = [post(here, "/v1/reports", "li", lamp())[1]["issue"]["number"] for _ in range(2)]
    body = {"action": "move", "ids": numbers, "lng": LNG, "lat": LAT, "remember": "老桥"}
    assert post(here, "/v1/issues/actions", "li", body)[1]["done"] == 2
    (one,) = listed(here, query="?active=true")["corrections"]
    assert one["issue"] == numbers[1]
    assert found_at(here, "老桥") is not None


def test_erasing_a_report_leaves_the_name_of_the_place_and_nothing_else_of_its_words(here: Served) -> None:
    text = "三角地菜场门口的灯坏了，我是张三，13800000000"
    number = post(here, "/v1/reports", "li", lamp(text=text, reporter="openid-7"))[1]["issue"]["number"]
    move = {"action": "move", "version": 1, "lng": LNG, "lat": LAT, "remember": "三角地菜场"}
    assert post(here, f"/v1/issues/{number}/actions", "li", move)[0] == 200
    assert post(here, "/v1/erase", "chen", {"reporter": "openid-7"})[1]["reports"] == 1
    body = (here.service.live.city.folder / "issues.db").read_bytes()
    assert b"13800000000" not in body
    assert found_at(here, "三角地菜场") is not None


# ---- refused


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (say("路灯不亮"), 422, "invalid_action"),
        (say("桥"), 422, "invalid_action"),
        (say("老" * 201), 422, "invalid_request"),
        (say("老桥\n坏了"), 422, "invalid_request"),
        (say("老桥\u202e"), 422, "invalid_action"),
        (say(text=["老桥"]), 422, "invalid_request"),
        (say(lng="east"), 422, "invalid_request"),
        (say(lng=True), 422, "invalid_request"),
        (say(lng=1e400), 422, "invalid_request"),
        (say(lng=500), 422, None),
        (say(lng=0, lat=0), 422, "invalid_action"),
        (say(radius_m=-1), 422, "invalid_request"),
        (say(datum="mars"), 422, None),
        (say(cell="A"), 422, "invalid_action"),
        (say(reason="  "), 422, "invalid_request"),
        (say(reason="x" * 501), 422, "invalid_request"),
        (say(also="x"), 422, "invalid_request"),
        ([], 422, "invalid_request"),
    ],
)
def test_what_cannot_be_is_refused_and_says_why(
    here: Served, said: object, status: int, code: str | None
) -> None:
    body = json.dumps(said).replace("Infinity", "1e400")
    headers = {**here.as_key(KEYS["li"]), "Content-Type": "application/json"}
    answer = here.client.post(ROUTE, content=body.encode(), headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] == (code or answer.json()["code"])
    assert listed(here, query="?active=true")["corrections"] == []


def test_a_move_refuses_words_that_cannot_be_remembered(here: Served) -> None:
    for said in ({"text": ""}, {"remember": "路灯"}, {"remember_in": "A"}):
        _, status, told = moved(here, **said)
        assert (status, told["code"]) == (422, "invalid_action"), told
    for said in ({"remember": 1}, {"remember": None}, {"remember": ["x"]}, {"remember": "x" * 201}):
        assert moved(here, **said)[1] == 422
    assert moved(here, "zhao")[1:2] == (403,)
    assert listed(here, query="?active=true")["corrections"] == []


def test_each_role_may_what_the_table_says(here: Served) -> None:
    one = make(here)["id"]
    for who, reads, changes, erases in (
        ("citizen", 403, 403, 403), ("plan", 403, 403, 403), ("zhao", 200, 403, 403), ("li", 200, 409, 403),
    ):  # fmt: skip
        headers = here.as_key(KEYS[who])
        assert here.client.get(ROUTE, headers=headers).status_code == reads
        assert here.client.get(f"{ROUTE}/{one}", headers=headers).status_code == reads
        assert post(here, f"{ROUTE}/{one}/restore", who, {"reason": "x"})[0] == changes
        assert post(here, f"{ROUTE}/{one}/erase", who, {"reason": "x"})[0] == erases
        if changes == 403:
            assert post(here, ROUTE, who, say())[0] == 403
    assert here.client.get(ROUTE).status_code == 401


def test_who_is_confined_to_cells_sees_and_changes_only_what_is_there(here: Served) -> None:
    one = make(here)["id"]
    assert listed(here, "west")["corrections"] == []
    for url in (f"{ROUTE}/{one}/revoke", f"{ROUTE}/{one}/restore", f"{ROUTE}/none/revoke"):
        assert post(here, url, "west", {"reason": "x"})[0] == 404
    assert here.client.get(f"{ROUTE}/{one}", headers=here.as_key(KEYS["west"])).status_code == 404
    assert post(here, ROUTE, "west", say("西桥"))[0] == 422
    lng, lat = at(0.5, 0.5)
    own = make(here, "西桥头", "west", lng=lng, lat=lat)
    assert [one["id"] for one in listed(here, "west", "?active=true")["corrections"]] == [own["id"]]


def test_a_service_that_starts_again_knows_what_was_corrected(here: Served) -> None:
    make(here)
    live = here.service.live
    assert [(one.text, one.right) for one in replay_city(live.city)] == [("老桥", True)]
    live.follow()
    assert found_at(here, "老桥") is not None
