"""The search box over HTTP: everything that has a name or a number is found, the best first, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from cities import at
from services import Served, lamp, served

from layers.life_cycle import Role

BATCH = {"Content-Type": "application/x-ndjson"}
FIELDS = {"kind", "label", "lng", "lat", "bbox", "id", "layer", "detail"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A city with twelve issues, a dispatcher, an officer of the west, a planner and a reporter."""
    with served(tmp_path_factory.mktemp("city")) as found:
        lines = [json.dumps(lamp(0.5 + n % 4, text="张三家门口")) for n in range(12)]
        found.client.post("/v1/reports/batch", content="\n".join(lines), headers=BATCH)
        found.hire()
        yield found


def look(here: Served, text: str, role: Role = Role.DISPATCHER, limit: int = 10) -> list[dict]:
    answer = here.client.get("/v1/search", params={"q": text, "limit": limit}, headers=here.as_(role))
    assert answer.status_code == 200, answer.text
    results: list[dict] = answer.json()["results"]
    assert all(set(one) == FIELDS for one in results)
    return results


@pytest.mark.parametrize(("text", "kind", "layer", "id_"), [
    ("A00", "cell", "cell", "A00"), ("a00", "cell", "cell", "A00"), ("格12", "cell", "cell", "B12"),
    ("西区", "cell", "district", "A"), ("怡居小区", "area", "property", "P1"),
    ("P1", "area", "property", "P1"),
    ("L2", "asset", "street_light", "L2"), ("运料河", "asset", "river", "R1"),
    ("运料", "asset", "river", "R1"),
])  # fmt: skip
def test_what_has_a_name_or_a_code_is_found_first(
    here: Served, text: str, kind: str, layer: str, id_: str
) -> None:
    first = look(here, text)[0]
    assert (first["kind"], first["layer"], first["id"]) == (kind, layer, id_)
    assert set(first["detail"]) == {"zh", "en"}


def test_coordinates_lead_to_their_place_and_say_how_they_were_read(here: Served) -> None:
    lng, lat = at(1.5, 0.5)
    first = look(here, f"{lat} {lng}")[0]
    assert first["kind"] == "point"
    assert (first["lng"], first["lat"]) == pytest.approx((lng, lat))
    assert first["detail"] == {
        "zh": "按 WGS-84 坐标 · 纬度在前 · 格01",
        "en": "read as WGS-84 · latitude first · 格01",
    }
    assert look(here, f"{lng},{lat} gcj02")[0]["layer"] == "gcj02"
    assert "outside" in look(here, "2.35 48.85")[0]["detail"]["en"]


def test_an_issue_is_found_by_its_number_id_and_parts_of_it(here: Served) -> None:
    issue = here.client.post("/v1/reports", json=lamp(), headers=here.as_(Role.DISPATCHER)).json()["issue"]
    number, turn = issue["number"], issue["number"].split("-")[1]
    for text in (number, f"#{number}", issue["id"], issue["id"].upper(), f" {number} "):
        assert [one["id"] for one in look(here, text)] == [issue["id"]]
    for text in (turn, str(int(turn)), f"-{turn}"):
        assert look(here, text)[0]["id"] == issue["id"], text
    assert issue["id"] in [one["id"] for one in look(here, number[:8], limit=50)]
    assert look(here, number)[0]["detail"]["en"].startswith("received · ")


def test_an_issue_that_is_done_is_found_by_its_whole_number_alone(here: Served) -> None:
    issue = here.client.post("/v1/reports", json=lamp(), headers=here.as_(Role.DISPATCHER)).json()["issue"]
    said = {"action": "reject", "reason": "double", "version": 1}
    here.client.post(f"/v1/issues/{issue['id']}/actions", json=said, headers=here.as_(Role.DISPATCHER))
    assert [one["layer"] for one in look(here, issue["number"])] == ["rejected"]
    assert issue["id"] not in [one["id"] for one in look(here, issue["number"][-4:], limit=50)]


def test_issues_of_other_cells_are_not_found(here: Served) -> None:
    """Neither by the whole number, nor by a part, nor by id."""
    issue = here.client.post("/v1/reports", json=lamp(3.5), headers=here.as_(Role.DISPATCHER)).json()["issue"]
    number = issue["number"]
    for text in (number, number[:8], number.split("-")[1], issue["id"]):
        assert issue["id"] in [one["id"] for one in look(here, text, limit=50)]
        assert issue["id"] not in [one["id"] for one in look(here, text, Role.OFFICER, limit=50)]
    seen = look(here, number[:8], Role.OFFICER, limit=50)
    assert seen
    assert all(one["lng"] < at(2, 0)[0] for one in seen)


def test_what_was_reported_is_no_name(here: Served) -> None:
    assert look(here, "张三家门口") == []


@pytest.mark.parametrize("text", [
    "<script>alert(1)</script>", "' OR 1=1 --", "%", "_", "\\", "🙂", "٣٤", "a" * 200, "- -", "#", "-",
    "0" * 8,
    "99999999-999999999",
])  # fmt: skip
def test_odd_words_are_words(here: Served, text: str) -> None:
    assert all(text in json.dumps(one, ensure_ascii=False) for one in look(here, text) if text != "_")


@pytest.mark.parametrize(("query", "field"), [
    ("", "q"), ("q=", "q"), ("q=" + "x" * 201, "q"), ("q=a%00", "q"), ("q=a&limit=0", "limit"),
    ("q=a&limit=51", "limit"), ("q=a&colour=red", "colour"),
])  # fmt: skip
def test_a_search_that_cannot_be_is_refused(here: Served, query: str, field: str) -> None:
    answer = here.client.get(f"/v1/search?{query}", headers=here.as_(Role.DISPATCHER))
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


def test_reporters_and_strangers_do_not_search(here: Served) -> None:
    assert here.client.get("/v1/search?q=a", headers=here.as_(Role.REPORTER)).status_code == 403
    assert here.client.get("/v1/search?q=a").status_code == 401
