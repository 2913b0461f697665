"""Clients of Nominatim ask a city as they are: geopy over the wire, others by the shapes that they read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_pages import Desk, desk_of
from geopy.exc import GeocoderAuthenticationFailure, GeocoderQueryError
from geopy.geocoders import Nominatim
from geopy.location import Location

from api.nominatim_routes import router
from layers.city import City
from layers.keys import create_key
from layers.life_cycle import Role
from layers.publish import publish
from layers.times import now_us
from tests.cities import at, bring, square
from tests.civic_city import civic_city, line
from tests.served import PUBLISHED, Served, served

BUILDING = "虹桥北村65幢"
SLACK = 0.0005  # degrees
_STORE = shutil.ignore_patterns("issues.db*", "*.lock", "serve*")


def clients_city(folder: Path) -> City:
    """The city with everything that people name, two estates of one name, a street with an English one."""
    city = civic_city(folder)
    twins = [
        (square(0.4, 3, 0.2, 0.2), {"code": "T1", "name": "双子花园"}),
        (square(3.4, 3.5, 0.2, 0.2), {"code": "T2", "name": "双子花园"}),
    ]
    bring(city, "area:twins", twins)
    quay = {"id": "w4711", "name": "码头街", "name:en": "Quay Street"}
    bring(city, "asset:quay", [(line((2.2, 2.2), (3.8, 2.2)), quay)])
    publish(city, now=PUBLISHED)
    return city


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clients_city(tmp_path_factory.mktemp("city")).folder


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Desk]:
    """The city, served by a process of its own, without keys."""
    with desk_of(folder) as server:
        yield server


@pytest.fixture(scope="module")
def geopy(desk: Desk) -> Nominatim:
    """Geopy's class as it is."""
    return Nominatim(
        domain=f"{desk.url.removeprefix('http://')}/nominatim", scheme="http", user_agent="tests", timeout=30
    )


@pytest.fixture(scope="module")
def city(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same routes without a server."""
    there = shutil.copytree(folder, tmp_path_factory.mktemp("served") / "city", ignore=_STORE)
    with served(City(there), router) as client:
        yield client


def is_at(found: Location | None, column: float, row: float) -> bool:
    lng, lat = at(column, row)
    assert found is not None
    return found.longitude == pytest.approx(lng, abs=SLACK) and found.latitude == pytest.approx(
        lat, abs=SLACK
    )


# ---- geopy, unmodified


def test_geopy_finds_the_place_of_an_address(geopy: Nominatim) -> None:
    found = geopy.geocode(BUILDING)
    assert is_at(found, 0.67, 1.1)
    assert found.address == f"{BUILDING}, 新西社区, 虹桥街道, 测试市"
    assert geopy.geocode("今天天气真好") is None
    assert geopy.geocode("") is None


def test_geopy_lists_what_may_be_meant(geopy: Nominatim) -> None:
    found = geopy.geocode("双子花园", exactly_one=False, extratags=True)
    assert len(found) == 2
    assert {one.raw["extratags"]["outcome"] for one in found} == {"ambiguous"}
    assert len({one.raw["place_id"] for one in found}) == 2
    assert len(geopy.geocode("双子花园", exactly_one=False, limit=1)) == 1


def test_geopy_reads_the_parts_of_an_address(geopy: Nominatim) -> None:
    found = geopy.geocode("新港中心路19号", addressdetails=True, namedetails=True)
    address = found.raw["address"]
    assert (address["road"], address["house_number"]) == ("新港中心路", "19")
    assert address["city"] == "测试市"
    assert found.raw["namedetails"]["name"] == "新港中心路19号"
    assert "address" not in geopy.geocode("新港中心路19号").raw


def test_geopy_searches_by_parts(geopy: Nominatim) -> None:
    """The house number may stand before the street, and what the city cannot know is not held against it."""
    there = geopy.geocode("新港中心路19号")
    for query in (
        {"street": "新港中心路19号", "city": "测试市"},
        {"street": "19号 新港中心路", "city": "测试市", "country": "中国", "state": "江苏省"},
        {"street": "新港中心路19号", "county": "幸福街道", "postalcode": ""},
    ):
        assert geopy.geocode(query) == there, query
    assert geopy.geocode({"city": "虹桥街道"}).raw["addresstype"] == "suburb"
    assert geopy.geocode({"country": "中国"}) is None


def test_geopy_prefers_or_keeps_to_a_part_of_the_map(geopy: Nominatim) -> None:
    """Corners are latitude before longitude, and any two of the box."""
    west, east = [(32.02, 120.80), (32.04, 120.82)], [(32.04, 120.84), (32.03, 120.83)]
    for box, place in ((west, (0.5, 3.1)), (east, (3.5, 3.6))):
        assert is_at(geopy.geocode("双子花园", viewbox=box), *place)
        (one,) = geopy.geocode("双子花园", viewbox=box, bounded=True, exactly_one=False)
        assert is_at(one, *place)
    assert geopy.geocode(BUILDING, viewbox=east) is not None
    assert geopy.geocode(BUILDING, viewbox=east, bounded=True) is None


def test_geopy_gets_names_in_the_language_that_it_asks_for(geopy: Nominatim) -> None:
    names = {tag: geopy.geocode("码头街", language=tag).raw["name"] for tag in ("en", "zh", "de", "en-GB,zh")}
    assert names == {"en": "Quay Street", "zh": "码头街", "de": "码头街", "en-GB,zh": "Quay Street"}
    assert geopy.geocode("码头街", namedetails=True).raw["namedetails"]["name:en"] == "Quay Street"


def test_geopy_tells_what_lies_at_a_place(geopy: Nominatim) -> None:
    lng, lat = at(2.96, 3.02)
    house = geopy.reverse((lat, lng))
    assert house.raw["address"]["house_number"] == "19"
    assert house.address.startswith("新港中心路19号, ")
    street = geopy.reverse(f"{lat}, {lng}", zoom=17)
    assert (street.raw["name"], street.raw["addresstype"]) == ("新港中心路", "road")
    assert street.latitude == pytest.approx(at(3, 3)[1], abs=1e-5)  # on its axis, beside the place
    kinds = {zoom: geopy.reverse((lat, lng), zoom=zoom).raw["name"] for zoom in (3, 12, 13, 15)}
    assert kinds == {3: "幸福街道", 12: "幸福街道", 13: "幸福街道", 15: "八里庙村社区"}
    assert geopy.reverse((0, 0)) is None
    assert "address" not in geopy.reverse((lat, lng), addressdetails=False).raw
    assert geopy.reverse((lat, lng), exactly_one=False, namedetails=True)[0].raw["namedetails"]


def test_geopy_reads_whole_shapes(geopy: Nominatim) -> None:
    assert geopy.geocode("双子花园", geometry="geojson").raw["geojson"]["type"] == "Polygon"
    assert geopy.geocode("双子花园", geometry="wkt").raw["geotext"].startswith("POLYGON ((")
    assert geopy.geocode("灯杆03120456", geometry="geojson").raw["geojson"]["type"] == "Point"


def test_geopy_is_told_what_is_wrong(geopy: Nominatim) -> None:
    with pytest.raises(GeocoderQueryError):
        geopy.geocode("x" * 2001)
    with pytest.raises(GeocoderQueryError):
        geopy.reverse((32, 120), zoom="near")


def test_the_documentation_shows_geopy_as_it_is(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[1] / "docs" / "http.md").read_text("utf-8")
    first, second = re.findall(r"^```py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    example: dict[str, Any] = {}
    exec(first.replace("127.0.0.1:8000", desk.url.removeprefix("http://")), example)
    exec(second, example)
    assert capsys.readouterr().out.count(f"{BUILDING}, 新西社区") == 2
    assert example["city"].headers["Authorization"] == "Bearer KEY"


def test_geopy_shows_a_key_among_its_headers(folder: Path, desk: Desk, tmp_path: Path) -> None:
    """Once a city has keys, nobody asks without one."""
    domain = f"{desk.url.removeprefix('http://')}/nominatim"
    strange = Nominatim(domain=domain, scheme="http", user_agent="tests", timeout=30)
    _, key = create_key(City(folder), Role.REPORTER, name="geopy", now_us=now_us())
    try:
        with pytest.raises(GeocoderAuthenticationFailure):
            strange.geocode(BUILDING)
        strange.headers["Authorization"] = f"Bearer {key}"
        assert is_at(strange.geocode(BUILDING), 0.67, 1.1)
    finally:
        (folder / "keys.json").unlink()


# ---- what others read


def ask(city: Served, path: str, **said: object) -> Any:
    answer = city.get(f"/nominatim/{path}", params=said)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return answer.json()


def test_a_place_has_the_members_of_nominatim_in_its_types(city: Served) -> None:
    """Positions and boxes are texts of seven decimals, the box south, north, west, east."""
    (old,) = ask(city, "search", q=BUILDING, format="json")
    (new,) = ask(city, "search", q=BUILDING)
    assert list(new) == [
        "place_id", "licence", "lat", "lon", "category", "type", "place_rank", "importance", "addresstype",
        "name", "display_name", "boundingbox",
    ]  # fmt: skip
    assert old == {("class" if name == "category" else name): value for name, value in new.items()}
    lng, lat = at(0.67, 1.1)
    assert (new["lat"], new["lon"]) == (f"{lat:.7f}", f"{lng:.7f}")
    south, north, west, east = new["boundingbox"]
    assert all(len(side.partition(".")[2]) == 7 for side in new["boundingbox"])
    assert float(south) < lat < float(north)
    assert float(west) < lng < float(east)
    assert (new["category"], new["type"], new["place_rank"]) == ("building", "yes", 30)
    assert 0 < new["importance"] <= 1


def test_geojson_and_geocodejson_are_collections(city: Served) -> None:
    said = ask(city, "search", q="新港中心路19号", format="geojson", addressdetails=1)
    (feature,) = said["features"]
    assert feature["geometry"]["type"] == "Point"
    west, south, east, north = feature["bbox"]
    assert west < east
    assert south < north
    assert feature["properties"]["address"]["road"] == "新港中心路"
    whole = ask(city, "search", q="新港中心路19号", format="geojson", polygon_geojson=1)["features"][0]
    assert whole["geometry"]["type"] == "Polygon"
    said = ask(city, "reverse", lat=feature["geometry"]["coordinates"][1], format="geocodejson",
               lon=feature["geometry"]["coordinates"][0])  # fmt: skip
    told = said["features"][0]["properties"]["geocoding"]
    assert (told["type"], told["housenumber"], told["street"], told["accuracy"]) == (
        "house",
        "19",
        "新港中心路",
        0,
    )
    assert said["geocoding"]["version"] == "0.1.0"


def test_osmnx_reads_points_and_the_first_polygon(city: Served) -> None:
    """It takes `lat` and `lon` of the first, or of the first with an area that and its box."""
    asked = {"format": "json", "limit": 1, "dedupe": 0, "q": BUILDING}
    first = ask(city, "search", **asked)[0]
    assert (float(first["lat"]), float(first["lon"])) == pytest.approx(at(0.67, 1.1)[::-1], abs=SLACK)
    results = ask(city, "search", format="json", polygon_geojson=1, dedupe=0, limit=50, q="虹桥街道")
    area = next(one for one in results if one["geojson"]["type"] in {"Polygon", "MultiPolygon"})
    south, north, west, east = map(float, area["boundingbox"])
    assert (west, south) == pytest.approx(at(0, 0))
    assert (east, north) == pytest.approx(at(2, 4))
    (way,) = ask(city, "lookup", format="json", osm_ids="W4711", polygon_geojson=1)
    assert (way["osm_type"], way["osm_id"], way["geojson"]["type"]) == ("way", 4711, "LineString")


def test_leaflets_control_reads_box_address_and_nothing(city: Served) -> None:
    for item in ask(city, "search", q="新港中心路19号", limit=5, format="json", addressdetails=1):
        box = [float(side) for side in item["boundingbox"]]
        assert box[0] <= float(item["lat"]) <= box[1]
        assert box[2] <= float(item["lon"]) <= box[3]
        assert {"road", "house_number", "city"} <= set(item["address"])
    lng, lat = at(1, 1)
    item = ask(city, "reverse", lat=lat, lon=lng, zoom=15, addressdetails=1, format="json")
    assert item["lat"]
    assert item["lon"]
    assert item["display_name"]
    nothing = ask(city, "reverse", lat=0, lon=0, format="json")
    assert nothing == {"error": "Unable to geocode"}


def test_nothing_is_an_empty_list_and_a_miss_an_error_in_words(city: Served) -> None:
    for form in ("json", "jsonv2"):
        assert ask(city, "search", q="今天天气真好", format=form) == []
    assert ask(city, "search", q="") == []
    assert ask(city, "search", q="今天天气真好", format="geojson")["features"] == []
    for form in ("json", "jsonv2", "geojson", "geocodejson"):
        assert ask(city, "reverse", lat=0, lon=0, format=form) == {"error": "Unable to geocode"}


def test_positions_may_be_searched_for(city: Served) -> None:
    lng, lat = at(2.96, 3.02)
    assert ask(city, "search", q=f"{lat}, {lng}")[0]["name"] == "新港中心路19号"
    assert ask(city, "search", q="0.0, 0.0") == []


def test_ids_of_openstreetmap_and_of_the_city_are_looked_up_in_their_order(city: Served) -> None:
    said = ask(city, "lookup", osm_ids="asset:street_light/03120456, w4711,N5,x,grid:street/A,,W")
    assert [one["name"] for one in said] == ["灯杆03120456", "码头街", "虹桥街道"]
    assert "address" in said[0]
    assert "osm_id" not in said[0]
    assert ask(city, "lookup") == []


def test_what_is_an_area_is_told_with_what_holds_it_only(city: Served) -> None:
    (cell,) = ask(city, "search", q="新西社区", addressdetails=1)
    assert cell["display_name"] == "新西社区, 虹桥街道, 测试市"
    assert cell["address"] == {"neighbourhood": "新西社区", "suburb": "虹桥街道", "city": "测试市"}


def test_extra_tags_say_how_sure_it_is(city: Served) -> None:
    (one,) = ask(city, "search", q="虹桥北村68幢", extratags=1)
    tags = one["extratags"]
    assert (tags["match"], tags["outcome"]) == ("inferred", "found")
    assert float(tags["radius_m"]) > 5
    assert "number_inferred" in tags["faults"]


def test_places_may_be_left_out(city: Served) -> None:
    both = ask(city, "search", q="双子花园")
    left = ask(city, "search", q="双子花园", exclude_place_ids=f"{both[0]['place_id']},x")
    assert [one["place_id"] for one in left] == [both[1]["place_id"]]
    assert ask(city, "search", q="双子花园", featureType="settlement") == []
    assert ask(city, "search", q="虹桥街道", featureType="settlement") != []


def test_what_is_ruled_out_does_not_count_towards_the_limit(city: Served) -> None:
    first, second = ask(city, "search", q="双子花园")
    left = ask(city, "search", q="双子花园", limit=1, exclude_place_ids=first["place_id"])
    assert [one["place_id"] for one in left] == [second["place_id"]]
    assert [one["place_id"] for one in ask(city, "search", q="双子花园", limit=1)] == [first["place_id"]]
    for one in (first, second):
        south, north, west, east = one["boundingbox"]
        there = ask(
            city, "search", q="双子花园", limit=1, bounded=1, viewbox=f"{west},{south},{east},{north}"
        )
        assert [each["place_id"] for each in there] == [one["place_id"]]


@pytest.mark.parametrize("said", [
    {"email": "a@b.c", "countrycodes": "fr", "layer": "poi", "debug": "1", "json_callback": "alert"},
    {"x": "1"}, {"limit": "999"}, {"limit": "-3"}, {"limit": "0"}, {"bounded": "1"}, {"addressdetails": "0"},
    {"accept-language": "x;q=y,*,;;,en;q=,zh;q=nan"}, {"accept-language": "a" * 400}, {"dedupe": "0"},
    {"polygon_threshold": "-1", "polygon_geojson": "1"}, {"viewbox": ""}, {"featureType": "galaxy"},
    {"polygon_threshold": "0.01", "polygon_geojson": "1"},
])  # fmt: skip
def test_what_nominatim_lets_pass_passes(city: Served, said: dict[str, str]) -> None:
    assert ask(city, "search", q=BUILDING, **said)[0]["name"] == BUILDING


@pytest.mark.parametrize(("path", "said", "message"), [
    ("search", {}, "Nothing to search for."),
    ("search", {"q": "a", "street": "b"}, "cannot be used together"),
    ("search", {"q": "a", "format": "xml"}, "'format' must be one of: json, jsonv2, geojson, geocodejson"),
    ("search", {"q": "a", "limit": "many"}, "'limit' must be a number"),
    ("search", {"q": "a", "limit": "9" * 30}, "'limit' must be a number"),
    ("search", {"q": "x" * 2001}, "more than 2000"),
    ("search", {"q": "a", "viewbox": "1,2,3"}, "'viewbox'"),
    ("search", {"q": "a", "viewbox": "1,2,3,nan"}, "'viewbox'"),
    ("search", {"q": "a", "viewbox": "32,120,33,121"}, "longitude before latitude"),
    ("search", {"q": "a", "polygon_geojson": "1", "polygon_text": "1"}, "Too many polygon"),
    ("search", {"q": "a", "polygon_threshold": "inf"}, "'polygon_threshold' must be a number"),
    ("reverse", {}, "'lat' missing"), ("reverse", {"lat": "32"}, "'lon' missing"),
    ("reverse", {"lat": "nan", "lon": "120"}, "'lat' must be a number"),
    ("reverse", {"lat": "１e999", "lon": "120"}, "'lat' must be a number"),
    ("reverse", {"lat": "120.8", "lon": "32"}, "no place on Earth"),
    ("reverse", {"lat": "32", "lon": "120", "zoom": "x"}, "'zoom' must be a number"),
    ("lookup", {"osm_ids": "N1," * 51}, "Too many object IDs."), ("lookup", {"format": "xml"}, "'format'"),
    ("status", {"format": "xml"}, "'format' must be one of: text, json"),
])  # fmt: skip
def test_what_is_wrong_is_said_as_nominatim_says_it(
    city: Served, path: str, said: dict[str, str], message: str
) -> None:
    answer = city.get(f"/nominatim/{path}", params=said)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json; charset=utf-8")
    body = answer.json()
    assert (set(body), set(body["error"]), body["error"]["code"]) == ({"error"}, {"code", "message"}, 400)
    assert message in body["error"]["message"]


@pytest.mark.parametrize(
    "q", ["\0", "\x1b[2J", "<b>", "🙂" * 500, "路" * 2000, "\u202e", "[amenity=pub]", "%00", ","]
)
def test_odd_words_are_words(city: Served, q: str) -> None:
    assert isinstance(ask(city, "search", q=q), list)


def test_it_is_up(city: Served) -> None:
    plain = city.get("/nominatim/status")
    assert (plain.text, plain.headers["content-type"]) == ("OK", "text/plain; charset=utf-8")
    said = ask(city, "status", format="json")
    assert (said["status"], said["message"], said["database_version"]) == (0, "OK", "0001")
    assert said["data_updated"].startswith("2026-11-20T")


def test_old_addresses_lead_to_the_same(city: Served) -> None:
    for name, said in (("search", {"q": BUILDING}), ("reverse", {"lat": 32.01, "lon": 120.81}),
                       ("lookup", {"osm_ids": "w4711"}), ("status", {"format": "json"})):  # fmt: skip
        assert ask(city, f"{name}.php", **said) == ask(city, name, **said)
