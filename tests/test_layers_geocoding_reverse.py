"""What lies at a place: as near as brute force has it, in words that people say, and nothing made up."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.bulk import at_once
from geo.errors import CoordinateError
from layers.city import City
from layers.gazetteer_entries import ADDRESS, BUILDING
from layers.generation import Generation, load_live
from layers.geocoder import Geocoder
from layers.geocoding_around import REACH_M
from layers.geocoding_reverse import MOST_ASSETS
from tests.cities import at
from tests.civic_city import civic_city

PLACES = st.tuples(st.floats(-0.5, 4.5), st.floats(-0.5, 4.5))


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_live(civic_city(tmp_path_factory.mktemp("civic")))


@pytest.fixture(scope="module")
def geocoder(generation: Generation) -> Geocoder:
    return Geocoder(generation)


def _point(generation: Generation, lng: float, lat: float) -> shapely.Point:
    return shapely.Point(*generation.metric.points(lng, lat))


@given(place=PLACES)
@settings(max_examples=60, deadline=None)
def test_the_street_is_the_nearest_of_all(
    geocoder: Geocoder, generation: Generation, place: tuple[float, float]
) -> None:
    lng, lat = at(*place)
    roads = generation.assets["road"]
    away = shapely.distance(generation.metric.geometries(roads.geometry), _point(generation, lng, lat))
    street = geocoder.reverse(lng, lat).street
    if away.min() > REACH_M:
        assert street is None
    else:
        assert street is not None
        assert street.distance_m == pytest.approx(away.min(), abs=1e-6)
        nearest = {roads.name[row] for row in np.flatnonzero(away <= away.min() + 1e-6)}
        assert street.name in nearest


@given(place=PLACES)
@settings(max_examples=60, deadline=None)
def test_the_address_is_the_nearest_of_all(
    geocoder: Geocoder, generation: Generation, place: tuple[float, float]
) -> None:
    lng, lat = at(*place)
    gazetteer = geocoder.city.gazetteer
    rows = np.flatnonzero((gazetteer.kind == ADDRESS) | (gazetteer.kind == BUILDING))
    shapes = np.array([geocoder.city.metric(row) for row in rows.tolist()], dtype=object)
    away = shapely.distance(shapes, _point(generation, lng, lat))
    near = geocoder.reverse(lng, lat).address
    assert (near is None) == (away.min() > REACH_M)
    if near is not None:
        assert near.distance_m == pytest.approx(away.min(), abs=1e-6)
        assert near.place.label == gazetteer.name[near.row]


@given(place=PLACES, radius_m=st.floats(0, 1_500))
@settings(max_examples=60, deadline=None)
def test_the_assets_are_all_within_the_radius_the_nearest_first(
    geocoder: Geocoder, generation: Generation, place: tuple[float, float], radius_m: float
) -> None:
    lng, lat = at(*place)
    point = _point(generation, lng, lat)
    wanted = []
    for kind, layer in generation.assets.items() if radius_m else ():
        away = shapely.distance(generation.metric.geometries(layer.geometry), point)
        wanted += [(away[row], kind, layer.id[row]) for row in np.flatnonzero(away <= radius_m)]
    found = geocoder.reverse(lng, lat, radius_m=radius_m)
    assert len(found.assets) + found.more_assets == len(wanted)
    assert len(found.assets) == min(len(wanted), MOST_ASSETS)
    told = [one.distance_m for one in found.assets]
    assert told == pytest.approx(sorted(away for away, *_ in wanted)[:MOST_ASSETS], abs=1e-6)
    assert {(one.kind, one.id) for one in found.assets} <= {(kind, id_) for _, kind, id_ in wanted}


@given(place=PLACES)
@settings(max_examples=60, deadline=None)
def test_the_cells_and_areas_are_those_that_cover_it(
    geocoder: Geocoder, generation: Generation, place: tuple[float, float]
) -> None:
    lng, lat = at(*place)
    point, cells = shapely.Point(lng, lat), generation.cells
    found = geocoder.reverse(lng, lat)
    leaves = [row for row in cells.leaves if shapely.covers(cells.geometry[row], point)]
    assert found.cell_path == (cells.path[leaves[0]] if leaves else "")
    assert [cell.code for cell in found.cells] == (found.cell_path.split("/") if leaves else [])
    areas = generation.areas["property"]
    assert {area.code for area in found.areas} == set(areas.id[shapely.covers(areas.geometry, point)])


@pytest.fixture(scope="module")
def staying(geocoder: Geocoder) -> Geocoder:
    """A geocoder of a program that stays: its indexes are others than those of a command."""
    generation = load_live(City(geocoder.city.generation.path.parent))
    made = Geocoder(generation)
    with at_once():
        made.reverse(*at(1, 1))
    return made


@given(place=PLACES)
@settings(max_examples=40, deadline=None)
def test_a_program_that_stays_gives_the_same_answer(
    geocoder: Geocoder, staying: Geocoder, place: tuple[float, float]
) -> None:
    assert geocoder.reverse(*at(*place)).json() == staying.reverse(*at(*place)).json()


@pytest.mark.parametrize(
    ("place", "zh", "en"),
    [
        ((0.5, 0.53), "人民西路北侧35米", "35 m north of 人民西路"),
        ((0.5, 0.5), "人民西路上", "on 人民西路"),
        ((1.05, 0.52), "北侧20米，近外环西路路口", "20 m north of 人民西路, near the corner of 外环西路"),
        ((0.67, 1.05), "虹桥北村内", "in 虹桥北村"),
        ((1, 1.49), "外环西路上，近人民西路闸口", "on 外环西路, near 人民西路闸口"),
        ((1.8, 1.49), "近运料河", "near 运料河"),
    ],
)
def test_a_place_is_told_as_people_tell_it(
    geocoder: Geocoder, place: tuple[float, float], zh: str, en: str
) -> None:
    found = geocoder.reverse(*at(*place))
    assert zh in found.zh
    assert en in found.en


def test_outside_the_city_there_is_no_cell_and_the_words_say_so(geocoder: Geocoder) -> None:
    found = geocoder.reverse(*at(-0.3, 0.5))
    assert (found.cells, found.cell_path, found.areas) == ((), "", ())
    assert found.zh.startswith("本市网格之外")
    assert found.en.startswith("outside the city's grid")


def test_far_from_everything_nothing_is_made_up(geocoder: Geocoder) -> None:
    found = geocoder.reverse(0.0, 0.0)
    assert (found.address, found.street, found.cells, found.assets) == (None, None, (), ())
    assert found.zh == "本市网格之外"


def test_an_address_tells_where_the_place_lies_from_it(geocoder: Geocoder) -> None:
    near = geocoder.reverse(*at(2.96, 3.03)).address
    assert near is not None
    assert near.place.label == "新港中心路19号"
    assert near.direction == "N"
    assert near.place.address["road"] == "新港中心路"
    assert near.place.address["house_number"] == "19"


def test_an_asset_is_told_by_its_id(geocoder: Geocoder) -> None:
    found = geocoder.reverse(*at(0.8, 0.52), radius_m=5)
    (lamp,) = (one for one in found.assets if one.kind == "street_light")
    assert lamp.id == "03120456"
    assert lamp.distance_m < 0.01


def test_the_answer_for_programs_is_a_geojson_feature(geocoder: Geocoder) -> None:
    lng, lat = at(2.96, 3.03)
    found = json.loads(json.dumps(geocoder.reverse(lng, lat).json(), allow_nan=False))
    assert found["type"] == "Feature"
    assert found["geometry"] == {"type": "Point", "coordinates": [lng, lat]}
    said = found["properties"]
    assert said["cell_path"] == "B/B2"
    assert [cell["name"] for cell in said["cells"]] == ["幸福街道", "八里庙村社区"]
    assert said["address"]["properties"]["distance_m"] > 0
    assert shapely.from_geojson(json.dumps(found)).equals(shapely.Point(lng, lat))


@pytest.mark.parametrize("place", [(181.0, 0.0), (0.0, 91.0), (float("nan"), 0.0), (float("inf"), 0.0)])
def test_what_is_no_place_is_refused(geocoder: Geocoder, place: tuple[float, float]) -> None:
    with pytest.raises(CoordinateError, match="no place on Earth"):
        geocoder.reverse(*place)


@pytest.mark.parametrize("radius_m", [-1.0, 3_001.0, float("nan")])
def test_a_radius_that_is_none_is_refused(geocoder: Geocoder, radius_m: float) -> None:
    with pytest.raises(CoordinateError, match="radius"):
        geocoder.reverse(*at(1, 1), radius_m=radius_m)
