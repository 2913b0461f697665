"""Positions and boxes refuse what they cannot be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CoordinateError
from geo.types import Bbox, Datum, LngLat


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_every_place_on_earth_is_a_position(lng: float, lat: float) -> None:
    assert LngLat.checked(lng, lat) == (lng, lat)


def test_zero_is_a_place() -> None:
    assert LngLat.checked(0, 0) == LngLat(0, 0)


@pytest.mark.parametrize(
    ("lng", "lat"),
    [(math.nan, 32), (120, math.nan), (math.inf, 32), (180.1, 0), (0, -90.1), (575595.6, 3542132.1)],
)
def test_what_is_no_position_is_refused_with_its_value(lng: float, lat: float) -> None:
    with pytest.raises(CoordinateError) as caught:
        LngLat.checked(lng, lat)
    assert repr(lng) in caught.value.message
    assert repr(lat) in caught.value.message


def test_swapped_axes_are_named() -> None:
    with pytest.raises(CoordinateError) as caught:
        LngLat.checked(32.0, 120.8)
    assert "swap" in caught.value.fix


def test_projected_coordinates_are_told_to_declare_their_system() -> None:
    with pytest.raises(CoordinateError) as caught:
        LngLat.checked(575595.6, 3542132.1)
    assert "EPSG" in caught.value.fix


def test_a_box_has_its_corners_in_order() -> None:
    assert Bbox(-1, -2, 3, 4).north == 4
    assert Bbox(1, 1, 1, 1).west == 1
    for corners in ((3, 0, 1, 1), (0, 3, 1, 1), (math.nan, 0, 1, 1), (0, 0, 181, 1)):
        with pytest.raises(CoordinateError):
            Bbox(*corners)


def test_datums_are_their_names() -> None:
    assert [str(datum) for datum in Datum] == ["wgs84", "gcj02", "bd09", "cgcs2000"]
