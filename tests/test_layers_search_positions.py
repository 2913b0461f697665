"""Coordinates are read in either order and in every datum, and only where they lie in the city."""

from __future__ import annotations

import numpy as np
import pytest
from cities import at
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import from_wgs84, parse_reference
from geo.datum import convert
from geo.types import Datum
from layers.generation import NONE, Generation
from layers.search_positions import meanings

DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
METRE = 1e-5  # degrees, about


@given(
    st.floats(0.1, 3.9), st.floats(0.1, 1.9), st.sampled_from(DATUMS), st.booleans(),
    st.sampled_from([", ", " ", "，", "/", ","]), st.sampled_from(["{0} {1}", "{1}：{0}", "（{0}） {1}坐标"]),
)  # fmt: skip
def test_a_place_of_the_city_is_found_however_it_is_written(
    generation: Generation, column: float, row: float, datum: str, swapped: bool, between: str, form: str
) -> None:
    lng, lat = at(column, row)
    x, y = (float(part) for part in convert(lng, lat, Datum.WGS84, Datum(datum)))
    pair = between.join(f"{part:.7f}" for part in ((y, x) if swapped else (x, y)))
    (found,) = meanings(generation, form.format(pair, datum))
    assert (found.lng, found.lat) == pytest.approx((lng, lat), abs=METRE)
    assert (found.read_as, found.swapped) == (datum, swapped)
    assert found.leaf != NONE


@given(st.floats(0.1, 3.9), st.floats(0.1, 1.9), st.booleans())
def test_without_a_datum_all_readings_in_the_city_are_told(
    generation: Generation, column: float, row: float, swapped: bool
) -> None:
    """The likeliest first; none that lies elsewhere."""
    lng, lat = at(column, row)
    text = f"{lat:.7f} {lng:.7f}" if swapped else f"{lng:.7f} {lat:.7f}"
    found = meanings(generation, text)
    assert found[0].read_as == "wgs84"
    assert (found[0].lng, found[0].lat) == pytest.approx((lng, lat), abs=METRE)
    expected = []
    for datum in (Datum.WGS84, Datum.GCJ02, Datum.BD09):
        x, y = convert(float(f"{lng:.7f}"), float(f"{lat:.7f}"), datum, Datum.WGS84)
        if generation.leaf_index.first(np.atleast_1d(x), np.atleast_1d(y))[0] >= 0:
            expected.append((datum.value, swapped))
    assert [(one.read_as, one.swapped) for one in found] == expected


def test_a_projected_position_is_read(generation: Generation) -> None:
    lng, lat = at(1.5, 1.2)
    x, y = from_wgs84([lng], [lat], parse_reference("EPSG:4549"))
    (found,) = meanings(generation, f"EPSG:4549 {x[0]:.2f}, {y[0]:.2f}")
    assert (found.lng, found.lat) == pytest.approx((lng, lat), abs=METRE)
    assert found.read_as == "EPSG:4549"


@pytest.mark.parametrize(
    "form", ["N{lat} E{lng}", "{lat}°N, {lng}°E", "北纬{lat}° 东经{lng}°", "东经{lng}，北纬{lat}"]
)
def test_letters_tell_the_order(generation: Generation, form: str) -> None:
    lng, lat = at(1.5, 1.2)
    found = meanings(generation, form.format(lng=lng, lat=lat))[0]
    assert (found.lng, found.lat) == pytest.approx((lng, lat))


@pytest.mark.parametrize(("text", "place"), [
    ("-0.1 51.5", (-0.1, 51.5)), ("51.5 N 0.1 W", (-0.1, 51.5)), ("51.5, 100.1", (100.1, 51.5)),
    ("0 0", (0, 0)),
    ("１２１．１，３１．２", (121.1, 31.2)),
])  # fmt: skip
def test_a_position_elsewhere_is_told_once(
    generation: Generation, text: str, place: tuple[float, float]
) -> None:
    (found,) = meanings(generation, text)
    assert (found.lng, found.lat) == pytest.approx(place)
    assert found.leaf == NONE


@pytest.mark.parametrize("text", [
    "", " ", "121", "121.1", "181 99", "1 2 3", "121.1 31.2 mars", "路灯 121.1 31.2 坏了", "nan nan", "1e5 3",
    "inf 3", "121.1 31.2 gcj02 bd09", "EPSG:99999 1 2", "EPSG:4549 900000000 900000000", "٣١ ٣٢", "--1 2",
    "9" * 400, "1 " * 90, "120,5 31,2",
])  # fmt: skip
def test_what_is_no_position_means_none(generation: Generation, text: str) -> None:
    assert meanings(generation, text) == []


@given(st.text(max_size=200))
def test_no_text_is_too_odd(generation: Generation, text: str) -> None:
    for found in meanings(generation, text):
        assert abs(found.lng) <= 180
        assert abs(found.lat) <= 90
