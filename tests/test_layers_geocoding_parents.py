"""Whether a place lies in a town that is both a cell and a point: its boundary says so."""

from __future__ import annotations

from typing import Any

import pytest

from layers.candidates import Candidate, Match, Outcome
from layers.city import create_city
from layers.generation import load_live
from layers.geocoder import Geocoder
from tests.cities import METRIC, bring, square
from tests.civic_city import line, spot


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    """Two villages, each with its point; a long street runs through both, and Masch is a point alone."""
    city = create_city(tmp_path_factory.mktemp("towns") / "towns", "Grenzland", metric_crs=METRIC)
    villages = [
        (square(0, 0, 2, 2), {"code": "a", "name": "Oberdorf"}),
        (square(2, 0, 2, 2), {"code": "b", "name": "Unterdorf"}),
    ]
    bring(city, "grid:village", villages)
    roads = [
        (line((0.4, 0.5), (3.8, 0.5)), {"id": "r1", "name": "Landstraße"}),
        (line((0.2, 1.8), (0.8, 1.8)), {"id": "r2", "name": "Kirchweg"}),
        (line((3.2, 1.8), (3.8, 1.8)), {"id": "r3", "name": "Kirchweg"}),
    ]
    bring(city, "asset:road", roads)
    bring(city, "place", [*_points(), *_houses()])
    return Geocoder(load_live(city))


def _points() -> Any:
    for name, column in (("Oberdorf", 1.5), ("Unterdorf", 2.5), ("Masch", 2.2)):
        yield spot(column, 0.6), {"id": f"p{name}", "name": name, "kind": "village"}


def _houses() -> Any:
    for number in range(1, 41):
        words = {"street": "Landstraße", "housenumber": str(number), "kind": "address", "name": ""}
        yield spot(0.6 + 0.08 * number, 0.52 - 0.04 * (number % 2)), {"id": f"h{number}", **words}
    for number in range(1, 10):  # of the Kirchweg in Oberdorf alone
        words = {"street": "Kirchweg", "housenumber": str(number), "kind": "address", "name": ""}
        yield spot(0.2 + 0.05 * number, 1.82 - 0.04 * (number % 2)), {"id": f"k{number}", **words}


def _best(geocoder: Geocoder, text: str) -> Candidate:
    return geocoder.geocode(text).candidates[0]


def test_a_street_is_cut_to_the_boundary_of_its_town(geocoder: Geocoder) -> None:
    best = _best(geocoder, "Landstraße, Oberdorf")
    assert (best.match, best.parents[0]) == (Match.STREET, "Oberdorf")
    assert best.radius_m < _best(geocoder, "Landstraße").radius_m / 1.5
    assert _best(geocoder, "Landstraße, Unterdorf").parents[0] == "Unterdorf"


def test_a_house_beyond_the_boundary_is_elsewhere_however_near_the_middle_is(geocoder: Geocoder) -> None:
    """House 19 lies 700 m from the point of Oberdorf, and 130 m inside Unterdorf."""
    for text, faults in (("Landstraße 19, Oberdorf", ["parent_elsewhere"]), ("Landstraße 19, Unterdorf", [])):
        best = _best(geocoder, text)
        assert (best.match, best.parents[0]) == (Match.ADDRESS, "Unterdorf")
        assert [fault.code for fault in best.faults] == faults


def test_a_number_elsewhere_is_asked_for_where_the_village_has_a_street_of_that_name(
    geocoder: Geocoder,
) -> None:
    answer = geocoder.geocode("Kirchweg 9, Unterdorf")
    assert answer.outcome is Outcome.AMBIGUOUS
    assert [
        (one.match, one.parents[0], [fault.code for fault in one.faults]) for one in answer.candidates
    ] == [
        (Match.ADDRESS, "Oberdorf", ["parent_elsewhere"]),
        (Match.STREET, "Unterdorf", ["number_unknown"]),
    ]


def test_a_village_without_a_boundary_still_counts_what_is_near(geocoder: Geocoder) -> None:
    assert _best(geocoder, "Landstraße 19, Masch").faults == ()
