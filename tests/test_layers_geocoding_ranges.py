"""House numbers that nobody has entered are found by what the pieces of a street say of their two sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layers.candidates import Candidate, Match, Outcome
from layers.city import create_city
from layers.generation import load_draft
from layers.geocoder import Geocoder
from tests.cities import METRIC, at, bring, square
from tests.civic_city import spot

METRES = (94_470.0, 110_900.0)  # a degree of the lattice, along and across
RANGES = "lf,lt,rf,rt"


def piece(ends: tuple[tuple[float, float], tuple[float, float]], *numbers: int, **columns: Any) -> Any:
    line = {"type": "LineString", "coordinates": [list(at(*end)) for end in ends]}
    return line, {**columns, **dict(zip(RANGES.split(","), map(str, numbers), strict=True))}


def door(street: str, column: float, row: float, number: str) -> Any:
    what = {"id": street[:1] + number, "name": "", "street": street, "housenumber": number, "kind": "address"}
    return spot(column, row + (-0.02 if int(number) % 2 == 0 else 0.02)), what


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    """Canal St runs east in three blocks, the last drawn westwards; Oak and Elm St have addresses, too."""
    city = create_city(Path(tmp_path_factory.mktemp("ranges")) / "town", "Town", metric_crs=METRIC)
    bring(city, "grid:district", [(square(0, 0, 4, 4), {"code": "A", "name": "Loop"})])
    roads = [
        piece(((0, 1), (1, 1)), 1201, 1299, 1200, 1298, id="c1", name="Canal St"),
        piece(((1, 1), (2, 1)), 1301, 1399, 1300, 1398, id="c2", name="Canal St"),
        piece(((3, 1), (2, 1)), 1498, 1400, 1499, 1401, id="c3", name="Canal St"),
        piece(((0, 3), (1, 3)), 1, 99, 2, 98, id="o1", name="Oak St"),
        piece(((1, 3), (2, 3)), 101, 199, 100, 198, id="o2", name="Oak St"),
        piece(((0, 2), (1, 2)), 1, 99, 2, 98, id="e1", name="Elm St"),
        piece(((1, 2), (2, 2)), 101, 199, 100, 198, id="e2", name="Elm St"),
    ]
    bring(city, "asset:road", roads, ranges=RANGES)
    # The even side is as the ranges say; 121 and 141 stand a block and a half away from theirs.
    doors = [(0.2, "20"), (0.3, "30"), (0.25, "121"), (0.45, "141")]
    places = [door("Oak St", column, 3, number) for column, number in doors]
    bring(city, "place", [*places, door("Elm St", 0.1, 2, "10"), door("Elm St", 1.9, 2, "190")])
    return Geocoder(load_draft(city))


def best(geocoder: Geocoder, text: str) -> Candidate:
    answer = geocoder.geocode(text)
    assert answer.outcome is Outcome.FOUND, answer
    return answer.candidates[0]


def off(found: Candidate, column: float, row: float) -> tuple[float, float]:
    """Metres east and north of a place of the lattice."""
    lng, lat = at(column, row)
    return (found.lng - lng) * METRES[0], (found.lat - lat) * METRES[1]


@pytest.mark.parametrize(
    ("text", "column", "north_m", "side"),
    [
        ("1283 Canal St", 0.835, 15, "1201-1299 of the left"),
        ("1250 Canal St", 0.51, -15, "1200-1298 of the right"),
        ("1390 Canal St", 1.91, -15, "1300-1398 of the right"),
        ("1420 Canal St", 2.21, -15, "1400-1498 of the left"),
        ("1421 Canal St", 2.21, 15, "1401-1499 of the right"),
    ],
)
def test_a_number_is_placed_on_its_side_where_its_share_of_the_range_is(
    geocoder: Geocoder, text: str, column: float, north_m: float, side: str
) -> None:
    found = best(geocoder, text)
    assert found.match is Match.INTERPOLATED
    east, north = off(found, column, 1)
    assert abs(east) < 10
    assert abs(north - north_m) < 2
    assert 100 < found.radius_m < 250
    (fault,) = found.faults
    assert fault.code == "number_by_range"
    assert side in fault.en
    assert side.split()[0] in fault.zh


def test_a_number_of_no_range_is_not_placed(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("1501 Canal St")
    assert all(one.match is not Match.INTERPOLATED for one in answer.candidates)


def test_a_known_address_comes_before_its_range(geocoder: Geocoder) -> None:
    found = best(geocoder, "20 Oak St")
    assert (found.match, found.faults) == (Match.ADDRESS, ())


def test_a_known_address_outside_its_range_is_found_and_doubted(geocoder: Geocoder) -> None:
    found = best(geocoder, "121 Oak St")
    assert found.match is Match.ADDRESS
    assert [fault.code for fault in found.faults] == ["range_elsewhere"]
    assert found.text_score < best(geocoder, "20 Oak St").text_score


def test_near_known_neighbours_count_for_more_than_a_range(geocoder: Geocoder) -> None:
    found = best(geocoder, "26 Oak St")
    assert [fault.code for fault in found.faults] == ["number_inferred"]
    assert abs(off(found, 0.26, 2.98)[0]) < 10


def test_neighbours_that_are_far_off_count_for_less_than_a_range_that_agrees(geocoder: Geocoder) -> None:
    """Between 10 and 190 lie almost two blocks; the range has one."""
    found = best(geocoder, "110 Elm St")
    assert [fault.code for fault in found.faults] == ["number_by_range"]
    assert abs(off(found, 1.11, 2)[0]) < 10


def test_where_neighbours_and_range_disagree_both_are_told_and_score_less(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("131 Oak St")
    first, second = answer.candidates[:2]
    assert answer.outcome is Outcome.FOUND
    assert [fault.code for fault in first.faults] == ["number_inferred", "range_elsewhere"]
    assert [fault.code for fault in second.faults] == ["number_by_range", "numbers_elsewhere"]
    assert abs(off(first, 0.35, 3)[0]) < 30
    assert abs(off(second, 1.31, 3)[0]) < 10


def test_a_number_beyond_the_known_ones_is_placed_by_its_range(geocoder: Geocoder) -> None:
    found = best(geocoder, "198 Oak St")
    assert [fault.code for fault in found.faults] == ["number_by_range"]
