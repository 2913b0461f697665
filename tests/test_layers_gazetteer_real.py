"""The gazetteers of real towns: the centre of Helsinki from its extract, Chicago from a list of reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from layers.candidates import Outcome
from layers.city import City, create_city
from layers.gazetteer import Gazetteer, build_gazetteer
from layers.gazetteer_columns import key
from layers.gazetteer_numbered import exploded, numbered
from layers.gazetteer_numbers import SAME_M
from layers.generation import Generation, load_draft
from layers.geocoder import Geocoder
from layers.importing import ImportOptions, import_layer
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


def test_an_address_is_found_in_either_language(helsinki: tuple[Generation, Gazetteer]) -> None:
    geocoder = Geocoder(helsinki[0])
    swedish, finnish = (geocoder.geocode(text) for text in ("Mannerheimvägen 5", "Mannerheimintie 5"))
    assert swedish.outcome is finnish.outcome is Outcome.FOUND
    assert (swedish.candidates[0].lng, swedish.candidates[0].lat) == (
        finnish.candidates[0].lng,
        finnish.candidates[0].lat,
    )


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


def test_reports_with_their_addresses_are_a_gazetteer(shared_data: Path, tmp_path: Path) -> None:
    """Chicago's: every address belongs to a street, and most streets are one however far they reach."""
    city = create_city(tmp_path / "chicago", "Chicago")
    options = ImportOptions(
        lng="Longitude", lat="Latitude", code="Service_Request_Number", name="Street_Address"
    )
    import_layer(city, shared_data / "chicago" / "chicago_311_sanitation_2013H1.csv", "place", "", options)
    generation = load_draft(city)
    gazetteer = build_gazetteer(generation)
    streets, doors = (np.flatnonzero(gazetteer.kind == kind) for kind in ("street", "address"))
    assert len(streets) + len(doors) == len(gazetteer)
    assert len(doors) > 7000
    assert (gazetteer.kind[gazetteer.parent[doors]] == "street").all()
    assert len(set(gazetteer.name[streets])) < len(streets) < 1.5 * len(set(gazetteer.name[streets]))
    assert gazetteer.is_number_first
    assert Geocoder(generation).geocode("710 E 50th Pl").candidates[0].label == "710 E 50TH PL"
