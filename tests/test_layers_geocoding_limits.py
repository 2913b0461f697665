"""What a caller knows beside the words settles what the words leave open, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import NotFoundError
from layers.candidates import Match, Outcome
from layers.generation import load_live
from layers.geocoder import Geocoder
from layers.geocoding_limits import nearest_first
from layers.geocoding_spots import Spot
from tests.cities import at, bring, square
from tests.civic_city import civic_city


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    """A city with two estates of one name, in A2 and in B2."""
    folder: Path = tmp_path_factory.mktemp("civic")
    city = civic_city(folder)
    twins = [
        (square(0.4, 3, 0.2, 0.2), {"code": "T1", "name": "双子花园"}),
        (square(3.4, 3.5, 0.2, 0.2), {"code": "T2", "name": "双子花园"}),
    ]
    bring(city, "area:twins", twins)
    return Geocoder(load_live(city))


def test_a_cell_by_code_path_or_name_leaves_only_what_lies_in_it(geocoder: Geocoder) -> None:
    assert geocoder.geocode("双子花园").outcome is Outcome.AMBIGUOUS
    for cell, id_ in (("A", "T1"), ("A/A2", "T1"), ("北渡村", "T1"), ("B2", "T2"), ("幸福街道", "T2")):
        answer = geocoder.geocode("双子花园", within=cell)
        assert answer.outcome is Outcome.FOUND, cell
        assert [one.id for one in answer.candidates] == [id_]
    assert geocoder.geocode("双子花园", within="A1").outcome is Outcome.NONE


def test_a_cell_that_is_none_is_refused(geocoder: Geocoder) -> None:
    for cell in ("X", "a", "A/B1", "\0"):
        with pytest.raises(NotFoundError, match="no cell"):
            geocoder.geocode("双子花园", within=cell)


def test_of_equally_good_places_the_one_that_is_far_nearer_is_meant(geocoder: Geocoder) -> None:
    for near, id_ in ((at(0.4, 3), "T1"), (at(3.6, 3.4), "T2")):
        answer = geocoder.geocode("双子花园", near=near)
        assert (answer.outcome, answer.best and answer.best.id) == (Outcome.FOUND, id_)
    between = geocoder.geocode("双子花园", near=at(2.2, 3.3))
    assert (between.outcome, [one.id for one in between.candidates]) == (Outcome.AMBIGUOUS, ["T2", "T1"])


def test_a_place_that_fits_better_stays_the_one_however_far_it_is(geocoder: Geocoder) -> None:
    there = geocoder.geocode("虹桥北村65幢")
    assert geocoder.geocode("虹桥北村65幢", near=at(3.9, 3.9)) == there


def test_near_is_by_distance_and_ties_stay_in_their_order() -> None:
    spots = [Spot(x, 0, 1, Match.ESTATE, 1, f"{x}") for x in (1000, 0, -1000)]
    assert [one.x for one in nearest_first(spots, -10, 0)] == [0]
    assert [one.x for one in nearest_first(spots, 0, 1e6)] == [0, 1000, -1000]
    assert [one.x for one in nearest_first(spots[:1], 0, 0)] == [1000]
