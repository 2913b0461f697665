"""The list over HTTP: every place of it is that of the whole list sorted, and nobody sees what he may not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from services import Served, lamp, served

from layers.life_cycle import Role

BATCH = {"Content-Type": "application/x-ndjson"}
PRIVATE, MARKUP = "张三家门口", "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A city with twelve issues, a dispatcher, an officer of the west, a planner and a reporter."""
    with served(tmp_path_factory.mktemp("city")) as found:
        texts = (PRIVATE, MARKUP, "")
        lines = [json.dumps(lamp(0.5 + n % 4, text=texts[n % 3])) for n in range(12)]
        found.client.post("/v1/reports/batch", content="\n".join(lines), headers=BATCH)
        found.hire()
        yield found


def listed(here: Served, query: str = "", role: Role = Role.DISPATCHER) -> dict:
    answer = here.client.get(f"/v1/issues/list?{query}", headers=here.as_(role))
    assert answer.status_code == 200, answer.text
    said: dict = answer.json()
    return said


def numbers(said: dict) -> list[str]:
    return [row["properties"]["number"] for row in said["rows"]]


@pytest.mark.parametrize("query", ["sort=due", "sort=category&desc=true", "sort=status&cell=A", "sort=owner"])
def test_any_part_is_that_of_the_whole(here: Served, query: str) -> None:
    whole = listed(here, f"{query}&limit=1000")
    assert whole["total"] == len(whole["rows"]) >= 6
    for offset in range(0, whole["total"] + 2, 3):
        part = listed(here, f"{query}&offset={offset}&limit=4")
        assert numbers(part) == numbers(whole)[offset : offset + 4]
        assert (part["total"], part["version"]) == (whole["total"], whole["version"])


def test_where_an_issue_is_in_the_list_is_told(here: Served) -> None:
    """By number and id; also beyond the rows that are asked for, and only within the filter."""
    rows = listed(here, "sort=owner&desc=true&limit=1000")["rows"]
    for at in (0, 5, len(rows) - 1):
        for name in (rows[at]["id"], rows[at]["properties"]["number"]):
            assert listed(here, f"sort=owner&desc=true&limit=1&find={name}")["found"] == at
    assert "found" not in listed(here)
    for name in ("20200101-0001", "x", "%3Cb%3E", "00000000-0000", "-", "1-1"):
        assert listed(here, f"find={name}")["found"] is None
    other = next(row for row in rows if row["properties"]["cell_path"].startswith("B"))
    assert listed(here, f"find={other['id']}", Role.OFFICER)["found"] is None


def test_rows_are_the_features_of_the_issues(here: Served) -> None:
    page = here.client.get("/v1/issues?status=open&limit=1000", headers=here.as_(Role.DISPATCHER)).json()
    rows = listed(here, "sort=number&limit=1000")["rows"]
    assert sorted(rows, key=lambda row: row["id"]) == sorted(page["features"], key=lambda row: row["id"])
    assert numbers({"rows": rows}) == sorted(numbers({"rows": rows}))


def test_what_is_done_leaves_the_list_and_the_version_grows(here: Served) -> None:
    issue = here.client.post("/v1/reports", json=lamp(), headers=here.as_(Role.DISPATCHER)).json()["issue"]
    before = listed(here, "limit=1000")
    assert issue["number"] in numbers(before)
    said = {"action": "reject", "reason": "double", "version": 1}
    here.client.post(f"/v1/issues/{issue['id']}/actions", json=said, headers=here.as_(Role.DISPATCHER))
    after = listed(here, "limit=1000")
    assert issue["number"] not in numbers(after)
    assert after["total"] == before["total"] - 1
    assert after["version"] > before["version"]
    assert listed(here, "status=rejected")["rows"] == []


def test_who_is_confined_to_cells_lists_only_theirs(here: Served) -> None:
    """Whatever is asked for; the number of all is not told either."""
    rows = listed(here, "limit=1000", Role.OFFICER)
    assert 0 < rows["total"] < listed(here)["total"]
    assert {row["properties"]["cell_path"].split("/")[0] for row in rows["rows"]} == {"A"}
    assert listed(here, "cell=B", Role.OFFICER)["total"] == 0
    hidden = set(numbers(listed(here, "limit=1000"))) - set(numbers(rows))
    assert all(listed(here, f"text={number}", Role.OFFICER)["total"] == 0 for number in hidden)


def test_what_was_reported_is_searched_only_for_who_may_read_it(here: Served) -> None:
    assert listed(here, f"text={PRIVATE}")["total"] == 4
    assert listed(here, f"text={PRIVATE}", Role.OFFICER)["total"] == 2
    assert listed(here, f"text={PRIVATE}", Role.PLANNER)["total"] == 0
    assert PRIVATE not in json.dumps(listed(here, f"text={PRIVATE}"), ensure_ascii=False)


def test_words_filters_and_pages_of_issues_agree(here: Served) -> None:
    for query in (
        "text=lamps", "text=路灯", "text=0003", "overdue=true", "overdue=false", "certainty=certain,none",
        "flag=owner_differs", "claimed=nobody", "claimed=me", "created_until=2020-01-01",
        "due_before=2100-01-01T00:00:00Z", "created_since=2020-01-01", "text=zzz",
    ):  # fmt: skip
        pages = [
            here.client.get(f"/v1/issues?{query}{more}", headers=here.as_(Role.DISPATCHER)).json()
            for more in ("&status=open&limit=1000", "&limit=1000")
        ]
        memory, store = (
            sorted(f["properties"]["number"] for f in page["features"] if f["properties"]["queue"])
            for page in pages
        )
        assert memory == store == sorted(numbers(listed(here, f"{query}&limit=1000"))), query


def test_a_claim_is_mine_or_anothers(here: Served) -> None:
    issue = here.client.post("/v1/reports", json=lamp(), headers=here.as_(Role.DISPATCHER)).json()["issue"]
    claim = here.client.post(
        f"/v1/issues/{issue['id']}/actions", json={"action": "claim"}, headers=here.as_(Role.DISPATCHER)
    )
    assert claim.status_code == 200
    assert numbers(listed(here, "claimed=me")) == [issue["number"]]
    assert numbers(listed(here, "claimed=dispatcher", Role.PLANNER)) == [issue["number"]]
    assert numbers(listed(here, "claimed=me", Role.PLANNER)) == []
    assert issue["number"] not in numbers(listed(here, "claimed=nobody&limit=1000"))
    assert issue["number"] in numbers(listed(here, "claimed=nobody,me&limit=1000"))


@pytest.mark.parametrize(("query", "field"), [
    ("sort=colour", "sort"), ("offset=-1", "offset"), ("limit=0", "limit"), ("limit=1001", "limit"),
    ("desc=perhaps", "desc"), ("overdue=perhaps", "overdue"), ("due_before=soon", "due_before"),
    ("certainty=sure", "certainty"), ("text=%00", "text"), ("text=" + "x" * 201, "text"),
    ("offset=1e999", "offset"), ("cursor=x", "cursor"),
])  # fmt: skip
def test_a_list_that_cannot_be_is_refused(here: Served, query: str, field: str) -> None:
    answer = here.client.get(f"/v1/issues/list?{query}", headers=here.as_(Role.DISPATCHER))
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


def test_reporters_and_strangers_get_no_list(here: Served) -> None:
    assert here.client.get("/v1/issues/list", headers=here.as_(Role.REPORTER)).status_code == 403
    assert here.client.get("/v1/issues/list").status_code == 401


def test_the_place_of_an_issue_is_told(here: Served) -> None:
    whole = numbers(listed(here, "sort=category&desc=true&limit=1000"))
    for at in (0, 5, len(whole) - 1):
        assert listed(here, f"sort=category&desc=true&limit=1&find={whole[at]}")["found"] == at
    for other in ("20000101-0001", "x", "20261121-", "99999999-999999999"):
        assert listed(here, f"limit=1&find={other}")["found"] is None
    assert "found" not in listed(here, "limit=1")
