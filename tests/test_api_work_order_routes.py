"""Work orders over HTTP: for who may see the issue, and with what he may read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from cities import at
from PIL import Image
from services import Served, lamp, refused, served

from layers.life_cycle import Role

TEXT, REPORTER, CONTACT = "张三家门口灯不亮", "u-4711", "138-0000"
ISSUES: dict[str, str] = {}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A city with an issue with a photo in the west, and one in the east."""
    with served(tmp_path_factory.mktemp("city")) as found:
        picture = io.BytesIO()
        Image.new("RGB", (64, 48), (90, 120, 140)).save(picture, "JPEG")
        lng, lat = at(0.5, 0.5)
        fields = {
            "lng": lng,
            "lat": lat,
            "category": "0118",
            "text": TEXT,
            "reporter": REPORTER,
            "contact": CONTACT,
        }
        answer = found.client.post(
            "/v1/reports",
            data={name: str(value) for name, value in fields.items()},
            files=[("photo", ("a.jpg", picture.getvalue(), "image/jpeg"))],
        )
        ISSUES["west"] = answer.json()["issue"]["number"]
        ISSUES["east"] = found.client.post("/v1/reports", json=lamp(3.5)).json()["issue"]["number"]
        found.hire()
        yield found


def page(here: Served, where: str = "west", role: Role = Role.DISPATCHER, query: str = "") -> str:
    answer = here.client.get(f"/issues/{ISSUES[where]}/work-order.html{query}", headers=here.as_(role))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def test_paper_names_the_address_where_people_reach_the_server(
    here: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"{here.client.base_url}/?issue=" in page(here)
    settings = here.service.settings
    config = replace(settings.config, address="https://woodpecker.intranet")
    monkeypatch.setattr(here.service, "settings", replace(settings, config=config))
    assert f"https://woodpecker.intranet/?issue={ISSUES['west']}" in page(here)


def test_it_says_what_where_and_whose(here: Served) -> None:
    said = page(here)
    for words in (ISSUES["west"], "路灯", "西区 › 格00", "路灯管理所", TEXT, '<img src="/v1/photos/'):
        assert words in said
    assert "Work order" in page(here, query="?lang=en")
    by_id = here.client.get(f"/v1/issues/{ISSUES['west']}", headers=here.as_(Role.DISPATCHER)).json()["id"]
    answer = here.client.get(f"/issues/{by_id}/work-order.html", headers=here.as_(Role.DISPATCHER))
    assert ISSUES["west"] in answer.text


def test_who_reported_stands_on_no_order(here: Served) -> None:
    for role in (Role.DISPATCHER, Role.OFFICER, Role.PLANNER):
        said = page(here, role=role)
        assert REPORTER not in said
        assert CONTACT not in said


def test_planners_read_no_reports_and_see_no_photos(here: Served) -> None:
    said = page(here, role=Role.PLANNER)
    assert TEXT not in said
    assert "/v1/photos/" not in said
    assert TEXT in page(here, role=Role.OFFICER)


def test_who_is_confined_to_cells_gets_no_order_of_others(here: Served) -> None:
    url = f"/issues/{ISSUES['east']}/work-order.html"
    assert refused(here.client.get(url, headers=here.as_(Role.OFFICER)), 404)
    assert ISSUES["east"] in page(here, "east")


def test_there_is_none_of_an_unknown_issue_and_in_no_third_language(here: Served) -> None:
    for name in ("20200101-0001", "x", "%3Cscript%3E", "..%2F.."):
        answer = here.client.get(f"/issues/{name}/work-order.html", headers=here.as_(Role.DISPATCHER))
        assert refused(answer, 404)
    url = f"/issues/{ISSUES['west']}/work-order.html?lang=fr"
    assert refused(here.client.get(url, headers=here.as_(Role.DISPATCHER)), 422)
    assert refused(here.client.get(url, headers=here.as_(Role.REPORTER)), 403)
    assert refused(here.client.get(url), 401)


def test_it_is_kept_by_no_cache_and_runs_nothing_but_its_own(here: Served) -> None:
    answer = here.client.get(f"/issues/{ISSUES['west']}/work-order.html", headers=here.as_(Role.DISPATCHER))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"
