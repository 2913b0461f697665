"""What the routes tell of a city is what was published; no question breaks them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from api.city_routes import router
from layers.city_features import CityFeatures, _plain
from layers.generation import Features, Generation
from layers.publish import publish
from tests.cities import SOUTH, STEP, WEST, small_city
from tests.served import PUBLISHED, Served, published_city, served

ODD = ["nan", "1e999", "9" * 400, "\0", "\ud800", "x" * 5000, "-1", "", "%", "true", "null", "a,b", "💡"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The routes over the small city."""
    with served(published_city(tmp_path_factory.mktemp("city")), router) as client:
        yield client


@pytest.fixture(scope="module")
def generation(city: Served) -> Generation:
    """What is live."""
    return city.service.live.generation


def pages(city: Served, path: str, items: str = "features", **query: Any) -> list[dict[str, Any]]:
    """Everything on all pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        said = city.get(path, params={**query, **({"cursor": cursor} if cursor else {})}).json()
        assert said["numberReturned"] == len(said[items])
        found += said[items]
        cursor = said["next"]
    assert said["numberMatched"] == len(found)
    return found


# ---- the city


def test_the_city_is_told_in_a_few_numbers(city: Served, generation: Generation) -> None:
    said = city.get("/v1/city").json()
    assert said["name"] == "小城"
    assert said["metric_crs"] == "EPSG:4549"
    assert said["generation"] == {"id": "0001", "sha256": generation.sha256}
    assert [(one["level"], one["count"]) for one in said["levels"]] == [("district", 2), ("cell", 8)]
    assert said["levels"][0]["name"] == {"zh": "区", "en": "district"}
    assert [(one["kind"], one["count"]) for one in said["assets"]] == [("river", 1), ("street_light", 4)]
    assert said["bbox"] == pytest.approx([WEST, SOUTH, WEST + 4 * STEP, SOUTH + 2 * STEP])
    assert said["open_issues"] == 0


def test_generations_are_told_with_their_digests(city: Served, generation: Generation) -> None:
    said = city.get("/v1/generations").json()
    assert said["generations"] == [
        {
            "id": "0001", "number": 1, "sha256": generation.sha256, "live": True, "effective": "2026-11-20",
            "published_at": PUBLISHED.isoformat(),
        }
    ]  # fmt: skip
    assert [one["action"] for one in said["history"]] == ["publish"]


def test_categories_have_their_asset_kinds_and_limits(city: Served, generation: Generation) -> None:
    said = {one["code"]: one for one in city.get("/v1/categories").json()["categories"]}
    config = generation.config
    assert said.keys() == config.categories.keys()
    assert list(said) == sorted(said)
    for code, one in said.items():
        assert one["asset_kinds"] == list(config.categories[code].asset_kinds)
        assert one["limit_h"] == config.limits.hours_of(code)


# ---- cells


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_cells_are_those_of_the_published_grid(city: Served, generation: Generation, limit: int) -> None:
    found = pages(city, "/v1/cells", limit=limit)
    cells = generation.cells
    assert [one["properties"]["code"] for one in found] == sorted(cells.code)
    for one in found:
        said = one["properties"]
        at = list(cells.path).index(one["id"])
        assert shape(one["geometry"]).equals_exact(cells.geometry[at], 0.0)
        assert said["level"] == cells.level[at]
        assert said["path"] == one["id"]
        assert said["leaf"] == (at in cells.leaves)
        assert said["owner_id"] == generation.owners[cells.body[at]].id
        assert (said["parent"] or "") == (cells.code[cells.parent[at]] if cells.parent[at] >= 0 else "")


def test_cells_of_a_level_and_a_box(city: Served) -> None:
    assert len(pages(city, "/v1/cells", level="cell", limit=2)) == 8
    middle = f"{WEST + 1.4 * STEP},{SOUTH + 0.4 * STEP},{WEST + 1.6 * STEP},{SOUTH + 0.6 * STEP}"
    assert [one["id"] for one in pages(city, "/v1/cells", bbox=middle)] == ["A", "A/A01"]
    edge = f"{WEST + STEP},{SOUTH + 0.4 * STEP},{WEST + STEP},{SOUTH + 0.6 * STEP}"
    assert [one["id"] for one in pages(city, "/v1/cells", bbox=edge, level="cell")] == ["A/A00", "A/A01"]
    assert pages(city, "/v1/cells", bbox="-10,-10,-9,-9") == []
    assert len(pages(city, "/v1/cells", bbox=f"{WEST},-90,-180,90")) == 10  # to the antimeridian


degrees = st.tuples(st.floats(WEST - STEP, WEST + 5 * STEP), st.floats(SOUTH - STEP, SOUTH + 3 * STEP))


@given(degrees, degrees)
def test_a_box_finds_what_geos_finds(city: Served, one: Any, other: Any) -> None:
    west, east = sorted((one[0], other[0]))
    south, north = sorted((one[1], other[1]))
    cells = city.service.live.generation.cells
    box = shapely.box(west, south, east, north)
    expected = sorted(cells.path[shapely.intersects(cells.geometry, box)])
    bbox = ",".join(map(repr, (west, south, east, north)))
    assert sorted(one["id"] for one in pages(city, "/v1/cells", bbox=bbox)) == expected


def test_one_cell_is_found_by_its_code(city: Served) -> None:
    said = city.get("/v1/cells/A01")
    assert said.headers["content-type"] == "application/geo+json"
    assert said.json()["properties"]["name"] == "格01"
    assert city.get("/v1/cells/A").json()["properties"]["level"] == "district"


def test_a_cell_that_is_not_there_is_a_problem(city: Served) -> None:
    for path in ("/v1/cells/Z", "/v1/cells/A01?level=district", "/v1/cells/" + quote("💡" * 200)):
        said = city.get(path)
        assert said.status_code == 404
        assert said.json()["code"] == "not_found"


def test_a_level_that_is_not_there_is_told_with_those_that_are(city: Served) -> None:
    for path in ("/v1/cells?level=town", "/v1/cells/A?level=town"):
        said = city.get(path)
        assert said.status_code == 422
        assert "district, cell" in said.json()["errors"][0]["problem"]


def test_of_levels_that_share_a_code_the_lowest_answers_unless_one_is_said() -> None:
    code, level = np.array(["X", "X"], dtype=object), np.array(["district", "cell"], dtype=object)
    features = CityFeatures.__new__(CityFeatures)
    features.__dict__["_rank"] = {"district": 0, "cell": 1}
    features.__dict__["generation"] = type("G", (), {"cells": type("C", (), {"code": code, "level": level})})
    features._cell_features = lambda rows: [str(rows[0]).encode()]  # type: ignore[method-assign]
    assert features.cell("X") == b"1"
    assert features.cell("X", "district") == b"0"
    assert features.cell("Y") is None


# ---- owners and assets


def test_owners_are_paged_by_id_with_what_they_have(city: Served, generation: Generation) -> None:
    found = {one["id"]: one for one in pages(city, "/v1/owners", "owners", limit=4)}
    assert list(found) == sorted(owner.id for owner in generation.owners)
    assert found["lamps"] == {
        "id": "lamps", "name": "路灯管理所", "name_en": None,
        "cells": 0, "areas": 0, "assets": 2, "sections": 0,
    }  # fmt: skip
    assert found["body-00"]["cells"] == 1
    assert found["wuye"]["areas"] == 1


def test_assets_are_those_of_the_published_layer(city: Served, generation: Generation) -> None:
    found = pages(city, "/v1/assets/street_light", limit=3)
    layer = generation.assets["street_light"]
    assert [one["id"] for one in found] == list(layer.id)
    assert [shape(one["geometry"]).wkb for one in found] == [one.wkb for one in layer.geometry]
    assert [one["properties"]["owner_id"] for one in found] == ["lamps", "parks", None, "lamps"]
    assert found[0]["properties"]["owner_name"] == "路灯管理所"


def test_assets_in_a_box(city: Served) -> None:
    box = f"{WEST + 0.4 * STEP},{SOUTH},{WEST + 1.5 * STEP},{SOUTH + STEP}"
    assert [one["id"] for one in pages(city, "/v1/assets/street_light", bbox=box)] == ["L0", "L1"]


def test_an_unknown_kind_is_told_with_those_there_are(city: Served) -> None:
    said = city.get("/v1/assets/hydrant")
    assert said.status_code == 404
    assert said.json()["fix"] == "Kinds: river, street_light."


def test_attributes_come_as_they_are_and_what_is_missing_as_null(generation: Generation) -> None:
    attributes = pd.DataFrame(
        {
            "height": [8.5, np.nan],
            "count": pd.array([3, None], dtype="Int64"),
            "since": pd.to_datetime(["2020-01-02T03:04:05", None]),
            "word": ["<b>灯</b>", None],
            "on": [True, False],
        }
    )
    layer = Features(
        "x",
        np.array(["1", "2"], dtype=object),
        np.array(["", "n"], dtype=object),
        np.array([-1, 0]),
        np.array([shapely.Point(120.8, 32.0), None], dtype=object),
        attributes,
    )
    made = CityFeatures(generation)._asset_features(layer, np.arange(2))
    first, second = map(json.loads, made)
    assert first["properties"]["attributes"] == {
        "height": 8.5, "count": 3, "since": "2020-01-02T03:04:05", "word": "<b>灯</b>", "on": True,
    }  # fmt: skip
    assert second["geometry"] is None
    assert second["properties"]["attributes"] == {
        "height": None, "count": None, "since": None, "word": None, "on": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "told"), [(np.int64(3), 3), (b"\x01\xff", "01ff"), (pd.NaT, None), (3 + 1j, "(3+1j)")]
)
def test_whatever_a_table_holds_can_be_told(value: Any, told: Any) -> None:
    assert _plain(value) == told


# ---- what clients keep


@pytest.mark.parametrize(
    "path", ["/v1/categories", "/v1/cells", "/v1/cells/A", "/v1/owners", "/v1/assets/river"]
)
def test_who_has_it_from_this_generation_is_told_so(city: Served, path: str) -> None:
    first = city.get(path)
    tag = first.headers["etag"]
    assert city.service.live.generation.sha256[:32] in tag
    for said in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = city.get(path, headers={"If-None-Match": said})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert city.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_another_generation_has_another_tag(tmp_path: Any) -> None:
    folder = published_city(tmp_path / "c")
    with served(folder, router) as city:
        tag = city.get("/v1/owners").headers["etag"]
        publish(folder, now=PUBLISHED)
        city.service.live.follow()
        assert city.get("/v1/owners", headers={"If-None-Match": tag}).status_code == 200


def test_a_draft_is_never_kept(tmp_path: Any) -> None:
    with served(small_city(tmp_path / "c"), router) as city:
        said = city.get("/v1/cells", headers={"If-None-Match": "*"})
        assert said.status_code == 200
        assert "etag" not in said.headers
        assert city.get("/v1/generations").json() == {"generations": [], "history": []}


# ---- no question breaks it


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["limit", "cursor", "bbox", "level", "other"])
@pytest.mark.parametrize("path", ["/v1/cells", "/v1/owners", "/v1/assets/river", "/v1/cells/A"])
def test_an_odd_question_is_answered_or_refused(city: Served, path: str, name: str, odd: str) -> None:
    raw = quote(odd, errors="surrogatepass")
    said = city.get(f"{path}?{name}={raw}&{name}={raw}")
    assert said.status_code in (200, 422)
    if said.status_code == 422:
        assert said.json()["code"] == "invalid_request"


@pytest.mark.parametrize("odd", ODD[:-1])
def test_an_odd_name_is_not_found(city: Served, odd: str) -> None:
    for path in ("/v1/cells/", "/v1/assets/"):
        raw = quote(odd, errors="surrogatepass", safe="")
        assert city.get(path + raw).status_code in (200, 307, 404)


@pytest.mark.parametrize(
    "bbox", ["nan,0,1,1", "0,0,1e999,1", "0,1,1,0", "-181,0,0,1", "0,0,1", "1,2,3,4,5", "a"]
)
def test_what_is_no_box_is_refused(city: Served, bbox: str) -> None:
    for path in ("/v1/cells", "/v1/assets/river"):
        said = city.get(path, params={"bbox": bbox})
        assert said.status_code == 422
        assert said.json()["errors"][0]["field"] == "bbox"
