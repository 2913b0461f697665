"""Tiles over HTTP: what they hold, for whom, and when a browser may keep them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import mapbox_vector_tile
import pytest

from api import tile_routes
from api.access import ACCESS, STAFF
from api.city_routes import router as city_router
from api.issue_routes import router as issue_router
from api.tile_routes import router
from geo.tiles import Tile
from layers.actors import Actor
from layers.life_cycle import Role
from layers.open_issues import OPEN
from layers.publish import publish
from tests.cities import at, small_city
from tests.served import PUBLISHED, Served, published_city, served
from tests.stores import NOON, an_issue
from tests.test_maps_city_tiles import tile_at

LATER = NOON + 3_600_000_000
CONFINED = Actor("west", Role.DISPATCHER, ("A",))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The routes over the small city with 40 issues, half of them in the west."""
    with served(
        published_city(tmp_path_factory.mktemp("tiles")), router, city_router, issue_router
    ) as client:
        client.service.live.open.fill((issue, None) for issue in _issues())
        yield client


@pytest.fixture(autouse=True)
def _an_administrator_at_noon(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.actor = Actor("local", Role.ADMIN)
    monkeypatch.setattr(desk.service, "now_us", lambda: LATER, raising=False)


def _issues() -> list[Any]:
    return [
        an_issue(
            uid=f"01890000-0000-7000-8000-{n:012d}", number=f"20261121-{n:04d}", seq=n + 1,
            status=OPEN[n % 3].value, lng=at(0.05 + n % 4, 0.5)[0], lat=at(0, 0.1 + n / 50)[1],
            cell_path=f"A/A0{n % 4}" if n % 4 < 2 else f"B/B0{n % 4}", due_us=NOON if n % 5 == 0 else None,
            category="0118" if n % 2 else "E0105",
        )
        for n in range(40)
    ]  # fmt: skip


def address(layer: str, z: int, column: float = 2, row: float = 0.5) -> str:
    tile = tile_at(z, column, row)
    return f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"


def features(answer: Any) -> dict[str, list[dict[str, Any]]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    found = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in found.items()}


def counted(found: dict[str, list[dict[str, Any]]]) -> int:
    return len(found.get("issue", [])) + sum(one["properties"]["count"] for one in found.get("cluster", []))


# ---- TileJSON


def test_the_tile_json_of_the_city_leads_to_its_tiles(desk: Served) -> None:
    said = desk.get("/tiles/city.json").json()
    assert said["tilejson"] == "3.0.0"
    assert said["bounds"] == desk.get("/v1/city").json()["bbox"]
    assert said["levels"] == ["district", "cell"]
    assert [one["id"] for one in said["vector_layers"]] == ["water", "area", "cell", "asset", "cell_name"]
    (template,) = said["tiles"]
    assert template.startswith("http://localhost/tiles/city/{z}/{x}/{y}.mvt?generation=")
    tile = tile_at(12)
    path = template.removeprefix("http://localhost").format(z=tile.z, x=tile.x, y=tile.y)
    answer = desk.get(path)
    assert "immutable" in answer.headers["cache-control"]
    assert set(features(answer)) <= {one["id"] for one in said["vector_layers"]}


def test_the_tile_json_of_issues_hands_filters_on(desk: Served) -> None:
    said = desk.get("/tiles/issues.json?status=received&category=0118").json()
    assert said["tiles"] == ["http://localhost/tiles/issues/{z}/{x}/{y}.mvt?status=received&category=0118"]
    assert {one["id"] for one in said["vector_layers"]} == {"issue", "cluster"}
    assert desk.get("/tiles/issues.json?status=nonsense").status_code == 422


# ---- the city


def test_a_city_tile_is_asked_for_again_only_when_the_generation_changes(desk: Served) -> None:
    first = desk.get(address("city", 12))
    assert first.headers["cache-control"] == "private, no-cache"
    again = desk.get(address("city", 12), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = desk.get(address("city", 12), headers={"If-None-Match": '"another"'})
    assert other.content == first.content
    old = desk.get(f"{address('city', 12)}?generation=anotherone-1")
    assert old.headers["cache-control"] == "private, no-cache"


def test_another_generation_has_other_tiles(tmp_path: Any) -> None:
    city = published_city(tmp_path)
    with served(city, router) as client:
        before = client.get(address("city", 12))
        text = city.toml.read_text(encoding="utf-8")
        city.toml.write_text(text.replace("小城", "大城"), encoding="utf-8")
        publish(city, now=PUBLISHED)
        client.service.live.follow()
        after = client.get(address("city", 12), headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.headers["etag"] != before.headers["etag"]
        assert client.get("/tiles/city.json").json()["name"] == "大城"


def test_a_draft_is_never_kept(tmp_path: Any) -> None:
    with served(small_city(tmp_path / "draft"), router) as client:
        answer = client.get(address("city", 12))
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "private, no-cache"
        assert client.get("/tiles/city.json").json()["tiles"][0].endswith("mvt")


def test_tiles_are_zipped_for_those_who_take_it(desk: Served) -> None:
    plain = desk.get(address("city", 11), headers={"Accept-Encoding": "identity"})
    zipped = desk.get(address("city", 11), headers={"Accept-Encoding": "br, gzip"})
    refused = desk.get(address("city", 11), headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
    assert zipped.content == plain.content == refused.content
    assert all(one.headers["vary"] == "Accept-Encoding" for one in (plain, zipped))


@pytest.mark.parametrize("layer", ["city", "issues"])
@pytest.mark.parametrize(
    "numbers", ["23/0/0", "3/8/0", "3/0/-1", "-1/0/0", "22/99999999/1", f"9/9/{'9' * 30}"]
)
def test_a_tile_that_cannot_be_is_not_found(desk: Served, layer: str, numbers: str) -> None:
    answer = desk.get(f"/tiles/{layer}/{numbers}.mvt")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_an_address_that_is_none_is_refused(desk: Served) -> None:
    assert desk.get("/tiles/city/a/0/0.mvt").status_code == 422
    assert desk.get("/tiles/city/0/0/0.mvt?colour=red").status_code == 422
    assert desk.get("/tiles/issues/0/0/0.mvt?bbox=1,2,3").status_code == 422


def test_far_away_a_tile_is_empty(desk: Served) -> None:
    for layer in ("city", "issues"):
        answer = desk.get(f"/tiles/{layer}/6/3/3.mvt")
        assert (answer.status_code, answer.content) == (200, b"")


# ---- issues


def test_an_issue_tile_tells_its_version_and_all_open_issues(desk: Served) -> None:
    answer = desk.get(address("issues", 9))
    assert answer.headers["woodpecker-version"] == str(desk.service.live.open.version)
    found = features(answer)
    assert counted(found) == 40
    assert {one["properties"]["number"] for one in found["issue"]} == {f"20261121-{n:04d}" for n in range(40)}


def test_filters_are_those_of_the_list(desk: Served) -> None:
    for query in (
        "category=0118",
        "status=received,dispatched",
        "cell=A",
        "overdue=true",
        "bbox=120.8,32,120.81,32.02",
    ):
        listed = desk.get(
            f"/v1/issues?{query}" + ("" if "status" in query else "&status=open") + "&limit=1000"
        ).json()
        shown = features(desk.get(f"{address('issues', 9)}?{query}"))
        assert {one["properties"]["id"] for one in shown["issue"]} == {
            one["id"] for one in listed["features"]
        }
    assert desk.get(f"{address('issues', 9)}?status=closed").content == b""
    assert desk.get(f"{address('issues', 9)}?bbox=0,0,1,1").content == b""


def test_who_is_confined_to_cells_has_tiles_of_these_alone(desk: Served) -> None:
    """And never what was kept for, or named to, somebody who sees more."""
    whole = desk.get(address("issues", 9))
    desk.actor = CONFINED
    own = desk.get(address("issues", 9), headers={"If-None-Match": whole.headers["etag"]})
    shown = features(own)
    assert counted(shown) == 20
    assert own.headers["etag"] != whole.headers["etag"]
    assert counted(features(desk.get(f"{address('issues', 9)}?cell=B")) or {}) == 0
    assert desk.get("/v1/issues/counts").json()["cells"].keys() == {"A00", "A01"}
    assert desk.get("/v1/issues/counts?cell=B").json()["cells"] == {}


def test_a_change_makes_another_tile(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.get(address("issues", 9))
    assert desk.get(address("issues", 9), headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    monkeypatch.setattr(desk.service, "now_us", lambda: LATER + 59_000_000 - LATER % 60_000_000)
    assert desk.get(address("issues", 9), headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    monkeypatch.setattr(desk.service, "now_us", lambda: LATER + 61_000_000)
    assert desk.get(address("issues", 9)).headers["etag"] != first.headers["etag"], "what is late changes"
    issue = _issues()[0]
    desk.service.live.open.put(replace(issue, status="closed", seq=100))
    after = desk.get(address("issues", 9))
    assert after.headers["woodpecker-version"] == "100"
    assert counted(features(after)) == 39
    desk.service.live.open.put(replace(issue, seq=101))


def test_many_are_clusters(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maps.issue_tiles.FEW", 10)
    found = features(desk.get(f"{address('issues', 9)}?since=2020-01-01T00:00:00Z"))
    assert counted(found) == 40
    assert sum(one["properties"]["count"] for one in found["cluster"]) > 30


# ---- counts


def test_counts_name_cells_by_code_and_by_the_id_of_the_tiles(desk: Served) -> None:
    said = desk.get("/v1/issues/counts?level=district").json()
    assert said["level"] == "district"
    assert said["version"] == desk.service.live.open.version
    assert {code: (one["open"], one["overdue"]) for code, one in said["cells"].items()} == {
        "A": (20, 4),
        "B": (20, 4),
    }
    cells = {one["properties"]["code"]: one["id"] for one in features(desk.get(address("city", 11)))["cell"]}
    assert all(one["id"] == cells[code] for code, one in said["cells"].items())
    leaves = desk.get("/v1/issues/counts").json()
    assert leaves["level"] == "cell"
    assert sum(one["open"] for one in leaves["cells"].values()) + leaves["elsewhere"]["open"] == 40


def test_counts_obey_filters_and_refuse_levels_that_are_none(desk: Served) -> None:
    some = desk.get("/v1/issues/counts?level=district&category=0118").json()
    assert sum(one["open"] for one in some["cells"].values()) == 20
    assert desk.get("/v1/issues/counts?status=closed").json()["cells"] == {}
    refused = desk.get("/v1/issues/counts?level=planet")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "level"


# ---- the house


def test_staff_may_ask_and_reporters_may_not() -> None:
    paths = [path for _, path in ACCESS if path.startswith("/tiles/")]
    assert len(paths) == 4
    assert all(ACCESS["GET", path] == STAFF for path in [*paths, "/v1/issues/counts"])


def test_what_is_kept_is_bounded(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = desk.app.state.tiles
    monkeypatch.setattr(kept, "city_made", tile_routes.ByteCache(3_000))
    for z in range(8, 18):
        desk.get(address("city", z))
    assert 0 < kept.city_made.size <= 3_000
    assert Tile(0, 0, 0) not in kept.city_made._kept
    assert gzip.decompress(next(iter(kept.city_made._kept.values())))
