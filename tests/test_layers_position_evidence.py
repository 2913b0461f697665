"""Coordinates, photo and words of a report: what agrees narrows, what does not is flagged and kept."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pytest
import shapely
from cities import at
from hypothesis import given
from hypothesis import strategies as st
from photo_files import photo_at

from api.report_model import ReportIn
from geo.uncertainty import deviation
from layers.candidates import Match
from layers.generation import Generation
from layers.place_names import FoundPlace, GeocodedPlaces
from layers.position_evidence import STAND_OFF_M, TEXT_AMBIGUOUS, TEXT_ELSEWHERE
from layers.positions import Positions, read_positions

ZONE = ZoneInfo("Asia/Shanghai")


class Says:
    """Understands every text as the same places."""

    def __init__(self, *places: FoundPlace) -> None:
        self.places = places

    def find(self, _text: str) -> tuple[FoundPlace, ...]:
        """The places."""
        return self.places


def place(
    generation: Generation, geometry: shapely.Geometry, radius_m: float = 15, match: Match = Match.BUILDING
) -> FoundPlace:
    metric = generation.metric.geometries(np.array([geometry], dtype=object))[0]
    return FoundPlace(geometry, metric, "怡居小区65幢", radius_m, match)


def spot(generation: Generation, column: float, row: float, **said: object) -> FoundPlace:
    return place(generation, shapely.Point(*at(column, row)), **said)  # type: ignore[arg-type]


def positions(generation: Generation, finder: Says, **said: object) -> Positions:
    report = ReportIn.model_validate({"text": "灯不亮", "category": "0118", **said})
    return read_positions(generation, finder, [report.incoming(ZONE)])


def sources(found: Positions) -> list[dict]:
    return orjson.loads(found.sources[0]) if found.sources[0] else []


def metres(generation: Generation, lng: float, lat: float) -> np.ndarray:
    return np.array(generation.metric.points(lng, lat), dtype=float)


@given(accuracy=st.floats(1, 300), radius=st.floats(1, 200), aside=st.floats(0, 0.3))
def test_agreement_is_weighed_by_variances_and_never_makes_an_error_larger(
    generation: Generation, accuracy: float, radius: float, aside: float
) -> None:
    lng, lat = at(0.5, 0.5)
    named = spot(generation, 0.5 + aside, 0.5, radius_m=radius)
    found = positions(generation, Says(named), lng=lng, lat=lat, accuracy_m=accuracy, level=68)
    declared, meant = metres(generation, lng, lat), np.array([named.metric.x, named.metric.y])
    if found.flags[0]:
        assert found.flags[0] == (TEXT_ELSEWHERE,)
        assert (found.lng[0], found.accuracy_m[0]) == (lng, accuracy)
        return
    spread = STAND_OFF_M / np.sqrt(-2 * np.log(0.05))
    ours, theirs = deviation(accuracy) ** 2, deviation(radius) ** 2 + spread**2
    expected = (declared / ours + meant / theirs) / (1 / ours + 1 / theirs)
    assert metres(generation, found.lng[0], found.lat[0]) == pytest.approx(expected, abs=0.01)
    assert deviation(found.accuracy_m[0]) == pytest.approx((1 / ours + 1 / theirs) ** -0.5)
    assert found.accuracy_m[0] < accuracy
    assert {"source": "declared", "lng": lng, "lat": lat, "accuracy_m": accuracy, "level": 68} in sources(
        found
    )


def test_coordinates_without_an_error_stay_what_they_are(generation: Generation) -> None:
    lng, lat = at(0.5, 0.5)
    found = positions(generation, Says(spot(generation, 0.51, 0.5)), lng=lng, lat=lat, accuracy_m=0)
    assert (found.lng[0], found.lat[0], found.accuracy_m[0]) == (lng, lat, 0)
    assert [one["agrees"] for one in sources(found)] == [True]


def test_a_pole_that_is_named_counts_for_more_than_a_house(generation: Generation) -> None:
    lng, lat = at(0.5, 0.5)
    said = {"lng": lng, "lat": lat, "accuracy_m": 60}
    pole = spot(generation, 0.52, 0.5, radius_m=2, match=Match.CODE)
    house = spot(generation, 0.52, 0.5, radius_m=2)
    by_pole, by_house = (positions(generation, Says(one), **said) for one in (pole, house))
    assert by_pole.accuracy_m[0] < 2.1 < 10 < by_house.accuracy_m[0]
    assert abs(by_pole.lng[0] - at(0.52, 0.5)[0]) < abs(by_house.lng[0] - at(0.52, 0.5)[0])


def test_both_places_are_kept_where_words_lie_elsewhere(generation: Generation) -> None:
    lng, lat = at(0.5, 0.5)
    found = positions(generation, Says(spot(generation, 3.5, 0.5)), lng=lng, lat=lat, accuracy_m=20)
    assert found.flags[0] == (TEXT_ELSEWHERE,)
    assert (found.lng[0], found.lat[0], found.accuracy_m[0]) == (lng, lat, 20)
    (said,) = sources(found)
    assert (said["source"], said["label"], said["agrees"]) == ("text", "怡居小区65幢", False)
    assert [said["lng"], said["lat"]] == pytest.approx(at(3.5, 0.5), abs=1e-6)
    assert said["distance_m"] > 100


def test_of_several_places_that_words_may_mean_the_one_near_the_position_is_meant(
    generation: Generation,
) -> None:
    lng, lat = at(0.5, 0.5)
    both = Says(spot(generation, 3.5, 0.5), spot(generation, 0.52, 0.5))
    found = positions(generation, both, lng=lng, lat=lat, accuracy_m=50)
    assert found.flags[0] == ()
    assert found.accuracy_m[0] < 50


def test_words_that_may_mean_several_places_alone_put_it_nowhere_and_say_so(generation: Generation) -> None:
    found = positions(generation, Says(spot(generation, 3.5, 0.5), spot(generation, 0.5, 0.5)))
    assert found.flags[0] == (TEXT_AMBIGUOUS,)
    assert np.isnan(found.lng[0])
    assert [one["source"] for one in sources(found)] == ["text", "text"]


def test_a_rough_position_is_cut_to_the_street_that_is_named(generation: Generation) -> None:
    lng, lat = at(1.0, 0.5)
    street = shapely.LineString([at(0.0, 0.5), at(4.0, 0.5)])
    named = place(generation, street, radius_m=600, match=Match.STREET)
    rough = positions(generation, Says(named), lng=lng, lat=lat, accuracy_m=150)
    (shape,) = rough.shapes
    assert 0 < shape.length < street.length
    assert shapely.dwithin(shape, street, 1e-7)
    exact = positions(generation, Says(named), lng=lng, lat=lat, accuracy_m=10)
    assert exact.shapes[0] is None
    assert exact.lng[0] == lng


def test_the_better_of_two_fixes_counts_where_they_agree(generation: Generation) -> None:
    lng, lat = at(0.5, 0.5)
    photo = photo_at(*at(0.55, 0.5), accuracy_m=5)
    report = ReportIn(lng=lng, lat=lat, accuracy_m=80).incoming(ZONE, [photo])
    found = read_positions(generation, Says(), [report])
    assert found.flags[0] == ()
    assert [found.lng[0], found.lat[0]] == pytest.approx(at(0.55, 0.5), abs=1e-6)
    assert found.accuracy_m[0] == pytest.approx(5)


def test_the_name_of_the_whole_city_places_nothing(tmp_path: Path, generation: Generation) -> None:
    from layers.geocoder import Geocoder

    finder = GeocodedPlaces(generation, Geocoder(generation))
    assert [one.label for one in finder.find("怡居小区门口有垃圾")] == ["怡居小区"]
    assert finder.find("今天天气真好") == ()
