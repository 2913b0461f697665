"""Real extracts: what a file holds is what the city gets."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import osmium
import pytest
import shapely

from layers.assign import assign
from layers.check import check
from layers.city import City
from layers.generation import load_draft, load_live
from layers.osm.importing import ImportedOsm, OsmOptions, import_osm
from layers.publish import publish
from layers.tables import read_table

LIECHTENSTEIN, EARLIER = "liechtenstein_2021", "liechtenstein_2015"
LAUF, HELSINKI = "lauf_de_2020", "helsinki_centre_2019"


class Made(NamedTuple):
    """A city and what its import said."""

    city: City
    imported: ImportedOsm

    @property
    def codes(self) -> set[str]:
        """The kinds of finding there are."""
        return {finding.code for finding in self.imported.findings}


Maker = Callable[[str], Made]


@pytest.fixture(scope="module")
def made(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Cities by the name of their extract, each made once."""

    @cache
    def of(name: str) -> Made:
        city = City(tmp_path_factory.mktemp("osm") / name)
        return Made(city, import_osm(city, shared_data / "osm" / f"{name}.osm.pbf", OsmOptions()))

    return of


def held(path: Path) -> Counter[str]:
    """What a file holds, counted by osmium alone."""
    count: Counter[str] = Counter()
    for thing in osmium.FileProcessor(str(path)).with_filter(osmium.filter.EmptyTagFilter()):
        tags, letter = thing.tags, thing.type_str()
        count["asset_road"] += letter == "w" and "highway" in tags
        count["asset_bridge"] += letter == "w" and ("bridge" in tags or tags.get("man_made") == "bridge")
        count["asset_river"] += letter == "w" and "waterway" in tags and tags["waterway"] != "riverbank"
        count["asset_building"] += letter in "wr" and "building" in tags
        count["numbers"] += "addr:housenumber" in tags
        count["asset_street_light"] += tags.get("highway") == "street_lamp"
        count["asset_manhole"] += "manhole" in tags
        count["asset_traffic_sign"] += letter == "n" and "traffic_sign" in tags
    return count


@pytest.mark.parametrize("name", [LIECHTENSTEIN, EARLIER, LAUF, HELSINKI])
def test_counts_are_what_the_file_holds_but_for_what_is_listed(
    made: Maker, shared_data: Path, name: str
) -> None:
    """Within 2 %, once what the findings list as left out is added."""
    counts = dict(made(name).imported.counts)
    for finding in made(name).imported.findings:
        if finding.severity == "warning" and finding.layer.startswith("asset:"):
            counts[f"asset_{finding.layer[6:]}"] = counts.get(f"asset_{finding.layer[6:]}", 0) + finding.count
    counts["asset_river"] += counts.get("asset_weir", 0) + counts.get("asset_dam", 0)
    expected = held(shared_data / "osm" / f"{name}.osm.pbf")
    places = read_table(made(name).city.draft, "place")
    counts["numbers"] = int(places["housenumber"].notna().sum())
    for kind, number in expected.items():
        assert counts.get(kind, 0) == pytest.approx(number, rel=0.02, abs=5), kind


def test_the_known_figures_of_liechtenstein(made: Maker) -> None:
    counts = made(LIECHTENSTEIN).imported.counts
    known = {"asset_road": 6984, "asset_bridge": 301, "asset_building": 15847, "asset_street_light": 14}
    for kind, number in known.items():
        assert counts[kind] == pytest.approx(number, rel=0.02)


def test_liechtensteins_communes_are_two_levels_and_its_neighbours_are_cut_off(made: Maker) -> None:
    """15 boundaries of level 8 close: 11 communes and 4 exclave rings that are parts of them."""
    imported = made(LIECHTENSTEIN).imported
    assert imported.levels == ("admin_6", "admin_8")
    assert (imported.counts["grid_admin_6"], imported.counts["grid_admin_8"]) == (2, 11)
    of_level = {f.code: f for f in imported.findings if f.layer == "grid:admin_8"}
    assert of_level["osm_boundary_part"].count == 4
    assert of_level["osm_boundary_cut"].count == 11
    assert "Sennwald" in of_level["osm_boundary_cut"].value
    communes = read_table(made(LIECHTENSTEIN).city.draft, "grid_admin_8")
    assert communes["code"].tolist() == [f"LI-{number:02d}" for number in range(1, 12)]
    assert set(communes["name"]) >= {"Vaduz", "Schaan", "Balzers", "Planken"}
    assert (communes["parent_level"] == "admin_6").all()


def test_the_commune_of_a_point_is_what_geos_says_of_the_published_file(made: Maker, tmp_path: Path) -> None:
    shutil.copytree(made(LIECHTENSTEIN).city.folder, tmp_path / "live")
    city = City(tmp_path / "live")
    path = publish(city, now=datetime(2026, 6, 30, tzinfo=UTC)).path
    generation = load_live(city)
    communes = read_table(path, "grid_admin_8")
    west, south, east, north = communes.total_bounds
    rng = np.random.default_rng(7)
    lng, lat = rng.uniform(west, east, 40_000), rng.uniform(south, north, 40_000)
    points, areas = shapely.points(lng, lat), communes.geometry.to_numpy()
    covered = np.array([shapely.covers(area, points) for area in areas])
    inside = np.flatnonzero(covered.any(axis=0))[:10_000]
    assert len(inside) == 10_000
    assert (covered[:, inside].sum(axis=0) == 1).all()
    expected = communes["code"].to_numpy()[covered[:, inside].argmax(axis=0)]
    answers = assign(generation, lng[inside], lat[inside])
    assert (generation.cells.code[answers.cells.cell] == expected).all()


@pytest.mark.parametrize("name", [LAUF, HELSINKI])
def test_towns_without_a_closed_boundary_get_squares_and_are_told(made: Maker, name: str) -> None:
    assert made(name).imported.levels == ("square",)
    assert {"osm_square_grid", "osm_boundary_cut"} <= made(name).codes


def test_the_known_figures_of_helsinki(made: Maker) -> None:
    counts = made(HELSINKI).imported.counts
    known = {"asset_street_light": 586, "asset_manhole": 402, "asset_traffic_sign": 1677}
    for kind, number in known.items():
        assert counts[kind] == pytest.approx(number, rel=0.02)


@pytest.mark.parametrize("name", [LIECHTENSTEIN, LAUF, HELSINKI])
def test_a_town_can_go_live_at_once(made: Maker, name: str) -> None:
    findings = check(load_draft(made(name).city))
    assert not [finding for finding in findings if finding.severity == "error"]
    assert "rule_never" not in {finding.code for finding in findings}


def test_a_newer_extract_of_the_same_country_replaces_the_older_one(
    shared_data: Path, tmp_path: Path
) -> None:
    city = City(tmp_path / "li")
    for name in (EARLIER, LIECHTENSTEIN):
        imported = import_osm(city, shared_data / "osm" / f"{name}.osm.pbf", OsmOptions(name="li"))
    assert imported.counts["asset_road"] > 6800
    assert len(read_table(city.draft, "asset_road")) == imported.counts["asset_road"]
