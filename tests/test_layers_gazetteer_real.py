"""The gazetteer of a real town: the centre of Helsinki, from its extract."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from layers.city import City
from layers.gazetteer import Gazetteer, build_gazetteer
from layers.gazetteer_columns import key
from layers.gazetteer_numbered import exploded, numbered
from layers.gazetteer_numbers import SAME_M
from layers.generation import Generation, load_draft
from layers.osm.importing import OsmOptions, import_osm


@pytest.fixture(scope="module")
def helsinki(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Generation, Gazetteer]:
    city = City(tmp_path_factory.mktemp("cities") / "helsinki")
    import_osm(city, shared_data / "osm" / "helsinki_centre_2019.osm.pbf", OsmOptions())
    generation = load_draft(city)
    return generation, build_gazetteer(generation)


def test_every_address_of_the_extract_is_an_entry_close_by(helsinki: tuple[Generation, Gazetteer]) -> None:
    generation, gazetteer = helsinki
    doors = exploded(numbered(generation).take(numbered(generation).house != ""))
    assert len(doors) > 1400
    rows = np.flatnonzero(gazetteer.kind == "address")
    known: dict[tuple[str, str], list[int]] = {}
    for row in rows.tolist():
        known.setdefault((gazetteer.street[row], key(gazetteer.number[row])), []).append(row)
    off = [
        min(np.hypot(gazetteer.x[row] - x, gazetteer.y[row] - y) for row in known[street, key(house)])
        for street, house, x, y in zip(doors.street, doors.house, doors.x, doors.y, strict=True)
    ]
    assert max(off) <= 2 * SAME_M
    assert np.median(off) == 0


def test_addresses_belong_to_streets(helsinki: tuple[Generation, Gazetteer]) -> None:
    _, gazetteer = helsinki
    rows = np.flatnonzero(gazetteer.kind == "address")
    assert (gazetteer.kind[gazetteer.parent[rows]] == "street").all()
    drawn = gazetteer.layer[gazetteer.parent[rows]] == "asset:road"
    assert drawn.mean() > 0.95


def test_streets_are_known_in_both_languages_of_the_town(helsinki: tuple[Generation, Gazetteer]) -> None:
    _, gazetteer = helsinki
    known = {text: gazetteer.name[row] for text, row in zip(*gazetteer.names, strict=True)}
    assert known["Mannerheimvägen"] == "Mannerheimintie"


def test_crossings_lie_on_both_of_their_streets(helsinki: tuple[Generation, Gazetteer]) -> None:
    generation, gazetteer = helsinki
    found = np.flatnonzero(gazetteer.kind == "crossing")
    assert len(found) > 150
    for street in (gazetteer.parent[found], gazetteer.other[found]):
        for row, at in zip(found.tolist(), street.tolist(), strict=True):
            pieces = generation.assets["road"].geometry[gazetteer.pieces_of(at)]
            spot = shapely.Point(gazetteer.x[row], gazetteer.y[row])
            gap_m = shapely.distance(generation.metric.geometries(pieces), spot).min()
            assert gap_m <= gazetteer.radius_m[row] + 1
