"""Hotspots over HTTP: the columns of the contract, every format, to those who may see them, of now."""

from __future__ import annotations

import asyncio
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import httpx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hotspot_cities import LAMP, NOISE, code_of, lattice_city, somewhere
from services import Served, refused, served

from api.cli import woodpecker
from api.hotspot_routes import MEDIA, MOST_WAITING
from layers.keys import create_key
from layers.life_cycle import Role
from layers.times import now_us

CONTRACT = ["cell_code", "observed", "expected", "relative_risk", "z", "p", "q", "class"]
BATCH = {"Content-Type": "application/x-ndjson"}
WEST = {code_of(c, r) for c in range(8) for r in range(16)}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A city with many reports of lamps in the south-west, everybody, and two who may see its west alone."""
    folder = tmp_path_factory.mktemp("city")
    lattice_city(folder)
    with served(folder) as found:
        found.hire()
        for name, role in (("west", Role.DISPATCHER), ("west-planner", Role.PLANNER)):
            secret = create_key(
                found.service.live.city, role, name=name, cells=("D00", "D10"), now_us=now_us()
            )
            found.keys[name] = secret[1]  # type: ignore[index]
        rng = np.random.default_rng(1)
        file(found, somewhere(rng, 150), [LAMP, NOISE, "E0105"] * 50)
        file(found, somewhere(rng, 40, 4, 4, 2, 2), [LAMP] * 40)
        yield found


def file(here: Served, places: Any, category: list[str]) -> None:
    lines = [
        json.dumps({"lng": x, "lat": y, "category": code})
        for x, y, code in zip(*places, category, strict=True)
    ]
    answer = here.client.post(
        "/v1/reports/batch", content="\n".join(lines), headers={**BATCH, **here.as_(Role.DISPATCHER)}
    )
    assert answer.status_code < 300, answer.text


def asked(here: Served, query: str = "", role: Any = Role.DISPATCHER) -> httpx.Response:
    return here.client.get(f"/v1/hotspots?{query}", headers=here.as_(role))


def features(here: Served, query: str = "", role: Any = Role.DISPATCHER) -> dict[str, dict[str, Any]]:
    answer = asked(here, query, role)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    return {each["properties"]["cell_code"]: each["properties"] for each in body["features"]}


def test_each_cell_is_a_feature_with_the_columns_of_the_contract(here: Served) -> None:
    found = features(here, f"category={LAMP}")
    assert len(found) == 256
    for each in found.values():
        assert set(CONTRACT) <= set(each)
    hot = {code for code, each in found.items() if each["class"] == "hot"}
    assert code_of(4, 4) in hot
    assert hot <= {code_of(c, r) for c in range(3, 8) for r in range(3, 8)}
    assert found[code_of(4, 4)]["relative_risk"] > 1
    assert found[code_of(4, 4)]["top_category"] == LAMP


def test_coordinates_are_wgs84_and_lie_in_the_city(here: Served) -> None:
    body = asked(here, "bins=hex:400").json()
    frame = geopandas.GeoDataFrame.from_features(body["features"])
    west, south, east, north = frame.total_bounds
    assert 120.79 < west < east < 120.85
    assert 31.99 < south < north < 32.05


@pytest.mark.parametrize("kind", MEDIA)
def test_every_format_downloads_and_can_be_read(here: Served, kind: str, tmp_path: Path) -> None:
    answer = asked(here, f"category={LAMP}&format={kind}")
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == MEDIA[kind]
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if kind != "geojson":
        assert answer.headers["content-disposition"] == f'attachment; filename="hotspots.{kind}"'
    path = tmp_path / f"hotspots.{kind}"
    path.write_bytes(answer.content)
    assert rows_in(path, kind) in (256, None)


def rows_in(path: Path, kind: str) -> int | None:
    """How many hotspots a file holds; None where it is a picture of them."""
    if kind in ("gpkg", "geojson", "shp.zip", "fgb"):
        where = f"zip://{path}" if kind == "shp.zip" else path
        return len(
            geopandas.read_file(where, **({"layer": "hotspots"} if kind in ("gpkg", "shp.zip") else {}))
        )
    if kind == "parquet":
        return len(geopandas.read_parquet(path))
    if kind == "csv":
        return len(pd.read_csv(path))
    if kind == "xlsx":
        return len(pd.read_excel(path, sheet_name=0))
    if kind == "kmz":
        assert "<Placemark" in zipfile.ZipFile(path).read("doc.kml").decode()
        return None
    start = {"kml": b"<?xml", "png": b"\x89PNG", "html": b"<!DOCTYPE html", "dxf": b"  0"}[kind]
    assert path.read_bytes()[: len(start)].lower() == start.lower()
    return None


def test_what_a_format_cannot_hold_stands_in_a_header(here: Served) -> None:
    answer = asked(here, "format=csv")
    assert answer.headers["x-not-held"].isascii()
    assert "clusters" in answer.headers["x-not-held"]
    assert "x-not-held" not in asked(here, "format=gpkg").headers


def test_a_geopackage_holds_clusters_and_density_in_the_crs_asked_for(here: Served, tmp_path: Path) -> None:
    path = tmp_path / "hotspots.gpkg"
    path.write_bytes(asked(here, f"category={LAMP}&format=gpkg&crs=EPSG:4549").content)
    for layer in ("hotspots", "clusters", "density"):
        frame = geopandas.read_file(path, layer=layer)
        assert len(frame)
        assert frame.crs.to_epsg() == 4549


def test_office_may_ask_and_others_may_not(here: Served) -> None:
    for role in (Role.DISPATCHER, Role.PLANNER):
        assert asked(here, "level=district", role).status_code == 200
    for role in (Role.REPORTER, Role.OFFICER):
        assert refused(asked(here, "", role), 403)
    assert refused(here.client.get("/v1/hotspots"), 401)
    assert refused(here.client.post("/v1/hotspots", headers=here.as_(Role.DISPATCHER)), 405)


@pytest.mark.parametrize("who", ["west", "west-planner"])
def test_who_is_confined_to_cells_sees_only_those(here: Served, who: str, tmp_path: Path) -> None:
    assert set(features(here, f"category={LAMP}", who)) == WEST
    assert set(features(here, "level=district", who)) == {"D00", "D10"}
    path = tmp_path / "west.gpkg"
    path.write_bytes(asked(here, f"category={LAMP}&format=gpkg", who).content)
    assert geopandas.list_layers(path)["name"].tolist()[0] == "hotspots"
    assert {"clusters", "density"}.isdisjoint(geopandas.list_layers(path)["name"])
    page = asked(here, f"category={LAMP}&format=html", who).text
    assert code_of(3, 3) in page
    assert code_of(12, 3) not in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("bins=circle:5", 422), ("bins=square", 422), ("bins=square:0", 422), ("bins=square:1e-200", 422),
        ("bins=square:2", 422), ("level=street", 404), ("category=Lamps", 404), ("baseline=hydrant", 404),
        ("level=cell&bins=hex:400", 422), ("since=soon", 422), ("until=2026-13-01", 422),
        ("since=2026-05-02&until=2026-05-01", 422), ("alpha=0", 422), ("alpha=1", 422), ("alpha=nan", 422),
        ("recent=0", 422), ("recent=99999", 422), ("within=-1", 422), ("within=inf", 422),
        ("within=nan", 422), ("count=people", 422), ("format=pdf", 422), ("crs=EPSG:0", 422),
        ("crs=mars", 422), ("format=html&crs=EPSG:4549", 422), ("colour=red", 422), ("category=%00", 404),
        (f"category={'x' * 201}", 422), ("&".join(["category=x"] * 51), 422),
        (f"bins=square:30&within=5000&category={LAMP}", 422),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_a_problem_document(
    here: Served, query: str, status: int
) -> None:
    assert refused(asked(here, query), status)


def test_messages_are_in_the_language_of_who_asks_and_name_what_there_is(here: Served) -> None:
    said = asked(here, "level=street").json()
    assert "'street'" in said["detail"]
    assert "district, cell" in json.dumps(said)


def test_an_answer_changes_with_what_is_reported(here: Served) -> None:
    place = code_of(9, 12)
    before = features(here, "bins=")[place]["reports"]
    assert features(here, "baseline=none")[place]["reports"] == before
    file(here, somewhere(np.random.default_rng(5), 1, 9, 12, 1, 1), [NOISE])
    assert features(here)[place]["reports"] == before + 1
    assert features(here, "baseline=none")[place]["reports"] == before + 1


def test_commas_part_categories_as_repeated_names_do(here: Served) -> None:
    one = asked(here, f"category={LAMP},{NOISE}").json()
    assert one == asked(here, f"category={LAMP}&category={NOISE}").json()
    assert len(one["features"]) == 512


def test_the_command_line_says_the_same(here: Served, tmp_path: Path) -> None:
    out = tmp_path / "same.geojson"
    city = here.service.live.city.folder
    done = CliRunner().invoke(
        woodpecker,
        ["hotspots", "--city", str(city), "--category", LAMP, "--bins", "hex:400", "--out", str(out)],
    )
    assert done.exit_code == 0, done.output
    mine = json.loads(out.read_text(encoding="utf-8"))["features"]
    theirs = asked(here, f"category={LAMP}&bins=hex:400").json()["features"]
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        assert {k: v for k, v in one["properties"].items() if k != "stability"} == {
            k: v for k, v in other["properties"].items() if k != "stability"
        }
        assert one["geometry"] == other["geometry"]


async def at_once(here: Served, queries: list[str]) -> list[httpx.Response]:
    async with httpx.AsyncClient(transport=here.client.transport, base_url="http://localhost") as client:
        headers = here.as_(Role.DISPATCHER)
        return await asyncio.gather(
            *(client.get(f"/v1/hotspots?{query}", headers=headers, timeout=60) for query in queries)
        )


def test_questions_at_once_get_the_answers_they_get_alone(here: Served) -> None:
    queries = [f"category={LAMP}", "level=district", "bins=hex:400", f"category={NOISE}&baseline=none"]
    alone = [asked(here, query).json() for query in queries]
    together = asyncio.run(at_once(here, queries[::-1]))[::-1]
    assert [answer.json() for answer in together] == alone


def test_when_too_many_wait_the_next_is_told_to_come_again_and_then_served(here: Served) -> None:
    """Nobody's place in the line is lost, however the others' questions end."""
    go = threading.Event()
    here.service.analysing.submit(go.wait)
    threading.Timer(1.0, go.set).start()
    queries = ["level=district"] * MOST_WAITING + ["level=district", "level=nowhere"]
    answers = asyncio.run(at_once(here, queries))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * MOST_WAITING + [429, 429]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert refused(late, 429)
    assert asked(here, "level=district").status_code == 200
    assert here.app.state.hotspots_waiting == 0


def test_a_city_that_nothing_was_reported_to_has_no_hotspots(tmp_path: Path) -> None:
    lattice_city(tmp_path)
    with served(tmp_path) as empty:
        empty.hire()
        for query in ("", "category=each", "format=gpkg", "format=html", "bins=road:200&baseline=population"):
            assert asked(empty, query).status_code == 200
        assert {each["class"] for each in features(empty, f"category={LAMP}").values()} <= {
            "not significant", "excluded",
        }  # fmt: skip
