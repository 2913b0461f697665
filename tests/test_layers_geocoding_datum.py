"""An answer in another datum is the same answer: every position in it moved, nothing else, and labelled."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import parse_reference
from geo.datum import convert
from geo.types import Datum
from layers.geocoding_datum import in_reference, name_of


def answer(lng: float = 120.85, lat: float = 32.01, width: float = 0.001) -> dict[str, Any]:
    """The JSON of an answer with a place in each of its corners."""
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lng, lat]},
        "bbox": [lng - width, lat - width, lng + width, lat + width],
        "properties": {"label": "x", "faults": [{"code": "coordinates"}]},
    }
    street = {"point": [lng + width, lat], "distance_m": 3.0}
    return {"features": [feature], "properties": {"street": street, "address": copy.deepcopy(feature)}}


def test_wgs84_is_answered_as_it_is() -> None:
    assert in_reference(answer(), Datum.WGS84) == answer()


@given(st.floats(100, 120), st.floats(25, 40), st.sampled_from([Datum.GCJ02, Datum.BD09, Datum.CGCS2000]))
def test_every_position_is_converted_and_nothing_else(lng: float, lat: float, datum: Datum) -> None:
    plain, said = answer(lng, lat), in_reference(answer(lng, lat), datum)
    assert said["datum"] == datum.value
    for whole, moved in ((plain["features"][0], said["features"][0]),
                         (plain["properties"]["address"], said["properties"]["address"])):  # fmt: skip
        there = [float(value) for value in convert(*whole["geometry"]["coordinates"], Datum.WGS84, datum)]
        assert moved["geometry"]["coordinates"] == there
        west, south, east, north = moved["bbox"]
        assert west < there[0] < east
        assert south < there[1] < north
        assert moved["properties"] == whole["properties"]
    assert said["properties"]["street"]["distance_m"] == 3.0
    assert said["properties"]["street"]["point"][0] > said["features"][0]["geometry"]["coordinates"][0]


def test_a_projected_box_holds_all_four_corners() -> None:
    said = in_reference(answer(), parse_reference("EPSG:4549"))
    west, south, east, north = said["features"][0]["bbox"]
    x, y = said["features"][0]["geometry"]["coordinates"]
    assert (said["datum"], west < x < east, south < y < north) == ("EPSG:4549", True, True)
    assert east - west == pytest.approx(189, abs=3)


def test_an_answer_without_places_is_labelled_all_the_same() -> None:
    assert in_reference({"features": []}, Datum.GCJ02) == {"datum": "gcj02", "features": []}
    assert name_of(parse_reference("epsg:4527")) == "EPSG:4527"
