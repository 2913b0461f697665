"""The search box finds places by what they are called, by a part of it, by a slip of it, or as described."""

from __future__ import annotations

from typing import Any

import pytest

from layers.generation import Generation, load_live
from layers.geocoder import Geocoder
from layers.search_places import BEGINS, DESCRIBED, HAS, IS, places
from tests.cities import at
from tests.civic_city import civic_city

FIELDS = {"kind", "label", "lng", "lat", "bbox", "id", "layer", "detail"}


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return load_live(civic_city(tmp_path_factory.mktemp("civic")))


@pytest.fixture(scope="module")
def geocoder(generation: Generation) -> Geocoder:
    return Geocoder(generation)


def _best(geocoder: Geocoder, text: str) -> tuple[int, dict[str, Any]]:
    return min(places(geocoder.city.generation, geocoder, text, 10), key=lambda found: found[0])


@pytest.mark.parametrize(
    ("text", "way", "kind", "layer", "label"),
    [
        ("人民西路", IS, "street", "road", "人民西路"),
        ("秦西社区", IS, "cell", "community", "秦西社区"),
        ("虹桥北村", IS, "area", "property", "虹桥北村"),
        ("03120456", IS, "asset", "street_light", "灯杆03120456"),
        ("H19", IS, "asset", "building", "新港中心路19号"),
        ("人民西", BEGINS, "street", "road", "人民西路"),
        ("虹桥北村6", BEGINS, "asset", "building", "虹桥北村61幢"),
        ("hqbc", BEGINS, "area", "property", "虹桥北村"),
        ("北村", HAS, "area", "property", "虹桥北村"),
        ("虹桥北村65幢楼道里的灯不亮", DESCRIBED, "asset", "building", "虹桥北村65幢"),
        ("人民西路与外环西路交叉口信号灯坏了", DESCRIBED, "place", "crossing", "人民西路与外环西路交叉口"),
        ("新港中心路18号", DESCRIBED, "place", "interpolated", "新港中心路18号"),
        ("新港中心路19号对面", DESCRIBED, "place", "relation", "新港中心路19号对面"),
    ],
)
def test_what_is_meant_comes_first(
    geocoder: Geocoder, text: str, way: int, kind: str, layer: str, label: str
) -> None:
    how, found = _best(geocoder, text)
    assert (how, found["kind"], found["layer"], found["label"]) == (way, kind, layer, label)
    assert set(found) == FIELDS
    assert (found["id"] is None) == (kind == "place")


def test_what_is_described_says_how_far_it_may_be_off_and_what_does_not_fit(geocoder: Geocoder) -> None:
    _, found = _best(geocoder, "新港中心路18号")
    assert "± " in found["detail"]["zh"]
    assert "16" in found["detail"]["zh"]
    assert "address, placed by others" in found["detail"]["en"]
    _, slip = _best(geocoder, "人名西路")
    assert "人民西路" in slip["detail"]["zh"]


def test_what_is_written_right_is_no_slip_of_something_else(geocoder: Geocoder) -> None:
    found = [one["label"] for way, one in places(geocoder.city.generation, geocoder, "外环西路", 10)]
    assert "人民西路" not in found


def test_an_asset_is_found_by_an_id_that_nobody_says(generation: Generation, geocoder: Geocoder) -> None:
    how, found = _best(geocoder, "R1")
    assert (how, found["kind"], found["layer"], found["label"]) == (IS, "asset", "river", "运料河")
    assert found["bbox"][0] == pytest.approx(at(0, 0)[0])
