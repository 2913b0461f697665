"""Addresses come by their parts, under the names that programs know, from every door alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.city import create_city
from layers.generation import load_live
from layers.geocoder import Geocoder
from layers.geocoding_address import level_part
from tests.cities import METRIC, at, bring, square
from tests.civic_city import civic_city, line, spot

ABOVE = {"suburb": "虹桥街道", "neighbourhood": "新西社区", "city": "测试市"}


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    # The levels of this city are called street and community.
    return Geocoder(load_live(civic_city(tmp_path_factory.mktemp("civic"))))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("虹桥北村65幢", {"building": "虹桥北村65幢", "residential": "虹桥北村", **ABOVE}),
        ("人民西路与外环西路交叉口", {"road": "人民西路", **ABOVE}),
        ("外环西路", {"road": "外环西路"}),
        ("新港中心路19号", {"house_number": "19", "road": "新港中心路", "neighbourhood": "八里庙村社区"}),
        ("新港中心路18号", {"house_number": "18", "road": "新港中心路"}),
        ("运料河", {"waterway": "运料河"}),
    ],
)
def test_answers_have_the_parts_of_an_address(geocoder: Geocoder, text: str, parts: dict[str, str]) -> None:
    address = geocoder.geocode(text).candidates[0].address
    assert parts.items() <= address.items()
    assert all(address.values())


def test_the_same_place_has_the_same_parts_in_reverse(geocoder: Geocoder) -> None:
    found = geocoder.geocode("新港中心路19号").candidates[0]
    near = geocoder.reverse(found.lng, found.lat).address
    assert near is not None
    assert dict(near.place.address) == dict(found.address)
    assert near.place.cell_path == found.cell_path


def test_postcode_and_town_come_from_the_columns_of_the_layer(tmp_path: Path) -> None:
    city = create_city(tmp_path, "Kreis", metric_crs=METRIC)
    bring(city, "grid:square", [(square(0, 0, 2, 2), {"code": "R1C1"})])
    bring(city, "asset:road", [(line((0, 0.5), (2, 0.5)), {"id": "L1", "name": "Hauptstraße"})])
    row = {"id": "a1", "name": "", "street": "Hauptstraße", "housenumber": "12a", "postcode": "91207"}
    bring(city, "place", [(spot(1, 0.51), {**row, "city": "Lauf"})])
    geocoder = Geocoder(load_live(city))
    wanted = {"house_number": "12a", "road": "Hauptstraße", "city": "Lauf", "postcode": "91207"}
    assert geocoder.geocode("Hauptstraße 12a").candidates[0].address == wanted
    near = geocoder.reverse(*at(1, 0.52)).address
    assert near is not None
    assert near.place.address == wanted


@pytest.mark.parametrize(
    ("level", "part"),
    [
        ("district", "city_district"), ("street", "suburb"), ("community", "neighbourhood"),
        ("admin_6", "county"), ("admin_8", "city"), ("街道", "suburb"), ("社区", "neighbourhood"),
        ("区", "city_district"), ("cell", ""), ("square", ""),
    ],
)  # fmt: skip
def test_levels_of_the_grid_go_by_usual_names(level: str, part: str) -> None:
    assert level_part(level) == part
