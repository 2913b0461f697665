"""Parameters are read as Nominatim reads them; what stands in them is a value, or refused in its words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.nominatim_query import MOST_LIMIT, QueryError, Said
from layers.candidates import Candidate, Match


@given(st.text(max_size=5))
def test_only_a_zero_is_no(said: str) -> None:
    assert Said({"a": said}).flag("a") is (said != "0")
    assert Said({}).flag("a") is False
    assert Said({}).flag("a", usual=True) is True


@given(st.text(max_size=8) | st.integers().map(str) | st.floats().map(str))
def test_a_number_is_finite_or_refused(said: str) -> None:
    try:
        is_one = math.isfinite(float(said))
    except ValueError:
        is_one = False
    if is_one:
        assert Said({"a": said}).number("a") == float(said)
    else:
        with pytest.raises(QueryError, match="Parameter 'a' must be a number"):
            Said({"a": said}).number("a")


@given(st.integers(-(10**20), 10**20))
def test_a_limit_is_1_to_50(limit: int) -> None:
    try:
        assert Said({"limit": str(limit)}).limit == max(1, min(MOST_LIMIT, limit))
    except QueryError:
        assert abs(limit) >= 10**18


@pytest.mark.parametrize(("said", "languages"), [
    ("", ()), ("de", ("de",)), ("de-AT,en;q=0.5,zh;q=0.8", ("de", "zh", "en")), ("EN_us", ("en",)),
    ("*", ()), ("zh,zh-CN;q=0.9", ("zh",)), ("a b,;,en;q=", ("en",)), ("en;q=nan,zh;q=.5", ("zh",)),
])  # fmt: skip
def test_languages_are_in_the_order_of_preference(said: str, languages: tuple[str, ...]) -> None:
    assert Said({}, said).languages == languages
    assert Said({"accept-language": said}).languages == languages


def test_the_parameter_goes_before_the_header() -> None:
    assert Said({"accept-language": "sv"}, "en").languages == ("sv",)


@given(st.text(max_size=600))
def test_any_text_is_some_languages(said: str) -> None:
    assert all(tag.isalpha() and tag.islower() for tag in Said({}, said).languages)


@given(st.lists(st.floats(-200, 200) | st.just(math.nan), min_size=3, max_size=5))
def test_a_box_has_two_corners_on_earth_in_any_order(sides: list[float]) -> None:
    said = Said({"viewbox": ",".join(map(str, sides))})
    is_one = len(sides) == 4 and all(map(math.isfinite, sides)) and max(map(abs, sides[1::2])) <= 90
    if not (is_one and max(map(abs, sides[::2])) <= 180):
        with pytest.raises(QueryError, match="viewbox"):
            _ = said.box
        return
    box = said.box
    assert box is not None
    for lng, lat in (sides[:2], sides[2:], box.centre):
        assert box.holds(Candidate(lng, lat, 1, Match.PLACE, 1, 1, "x"))


@pytest.mark.parametrize(("said", "texts"), [
    ({"q": "a b"}, ["a b"]), ({"q": ""}, [""]),
    ({"street": "人民路5号", "city": "南通"}, ["人民路5号, 南通"]),
    ({"street": "12a Canal St", "city": "Chicago", "country": "USA"},
     ["12a Canal St, Chicago", "Canal St 12a, Chicago"]),
    ({"street": "Hauptstraße 12", "postalcode": "91207", "city": "Lauf", "state": "Bayern"},
     ["Hauptstraße 12, 91207 Lauf"]),
    ({"amenity": "老桥", "county": "崇川区"}, ["老桥, 崇川区"]), ({"country": "中国"}, [""]),
])  # fmt: skip
def test_parts_of_an_address_are_one_text_in_the_orders_that_people_write(
    said: dict[str, str], texts: list[str]
) -> None:
    assert Said(said).searched() == texts


@pytest.mark.parametrize("said", [{}, {"street": ""}, {"q": "a", "city": "b"}, {"q": "x" * 2001}])
def test_nothing_or_too_much_to_search_for_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(QueryError):
        Said(said).searched()
