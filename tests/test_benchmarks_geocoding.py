"""The examination of the geocoder: what counts as right, what the peers know, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer
from shapely import Point

from benchmarks import geocoding
from benchmarks.geocoding_cities import thinned
from benchmarks.geocoding_judging import (
    COARSE,
    ELSEWHERE,
    FALSE,
    LISTED,
    RIGHT,
    SAFE,
    SILENT,
    UNSURE,
    Judge,
)
from benchmarks.geocoding_peers import PeerAnswer, PeerCandidate, RapidFuzz, Trigrams, names_of
from benchmarks.geocoding_places import Place
from benchmarks.geocoding_tables import print_tables
from benchmarks.geocoding_texts import Text
from layers.city import City
from layers.tables import read_table
from tests.geocoding_towns import EAST, GAUSS, NORTH, UTM, X, Y, chinese, german

JUDGE = Judge(UTM)
TO_DEGREES = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)


def at(
    east: float, north: float = 0, match: str = "address", faults: tuple[object, ...] = ()
) -> PeerCandidate:
    """A candidate so many metres from the corner."""
    lng, lat = TO_DEGREES.transform(X + east, Y + north)
    return PeerCandidate(lng, lat, "somewhere", match, 10.0, faults)


def answer(*candidates: PeerCandidate) -> PeerAnswer:
    return PeerAnswer(("none", "found")[len(candidates)] if len(candidates) < 2 else "ambiguous", candidates)


def text(*truth: Point, many: bool = False) -> Text:
    return Text("address", "clean" if truth else "none", "…", truth, many)


HOUSE, OTHER = Point(X, Y), Point(X + 500, Y)


@pytest.mark.parametrize(
    ("asked", "said", "word"),
    [
        (text(HOUSE), answer(at(29)), RIGHT),
        (text(HOUSE), answer(at(31)), ELSEWHERE),
        (text(HOUSE), answer(), SILENT),
        (text(HOUSE), answer(at(400), at(3)), LISTED),
        (text(HOUSE), answer(at(400), at(300)), UNSURE),
        (text(HOUSE, OTHER, many=True), answer(at(0), at(505)), RIGHT),
        (text(HOUSE, OTHER, many=True), answer(at(0), at(700)), LISTED),
        (text(HOUSE, OTHER, many=True), answer(at(0)), ELSEWHERE),
        (text(HOUSE, many=True), answer(at(900), at(0)), RIGHT),
        (text(HOUSE, many=True), answer(at(0)), RIGHT),
        (text(), answer(), SAFE),
        (text(), answer(at(0), at(100)), SAFE),
        (text(), answer(at(0)), FALSE),
        (text(), answer(at(0, match="street")), FALSE),
        (text(), answer(at(0, match="street", faults=("number beyond",))), COARSE),
        (text(), answer(at(0, match="address", faults=("number beyond",))), FALSE),
    ],
)
def test_an_answer_is_worth_what_it_claims(asked: Text, said: PeerAnswer, word: str) -> None:
    assert JUDGE(asked, said).word == word


def test_inside_an_area_is_right_however_large_it_is() -> None:
    estate = Text("named", "clean", "…", (Point(X, Y).buffer(300),))
    assert JUDGE(estate, answer(at(250))).word == RIGHT
    assert JUDGE(estate, answer(at(250))).error_m == 0


def test_the_error_is_that_of_the_first_candidate() -> None:
    assert JUDGE(text(HOUSE), answer(at(40), at(0))).error_m == pytest.approx(40, abs=0.1)


@pytest.mark.parametrize("peer", [RapidFuzz, Trigrams])
def test_the_peers_know_names_houses_and_codes(tmp_path: Path, peer: type[RapidFuzz | Trigrams]) -> None:
    to_gauss = Transformer.from_crs("EPSG:4326", GAUSS, always_xy=True)
    chinese_peer, german_peer = peer(names_of(chinese(tmp_path))), peer(names_of(german(tmp_path)))
    for said, east, north in (
        ("虹桥北村10幢楼道灯不亮", 1015, 30), ("灯杆03120012不亮", 360, 8), ("丽都泵站有异味", 2100, 300)
    ):  # fmt: skip
        (found,) = chinese_peer.geocode(said).candidates
        assert to_gauss.transform(found.lng, found.lat) == pytest.approx((EAST + east, NORTH + north), abs=1)
    (house,) = german_peer.geocode("Laterne kaputt, Bachgasse 11a").candidates
    assert TO_DEGREES.transform(house.lng, house.lat, direction="INVERSE") == pytest.approx(
        (X + 305, Y + 110)
    )


@pytest.mark.parametrize("peer", [RapidFuzz, Trigrams])
def test_the_peers_answer_nothing_to_what_is_like_no_name(
    tmp_path: Path, peer: type[RapidFuzz | Trigrams]
) -> None:
    assert peer(names_of(german(tmp_path))).geocode("xyxyx qqq zzz").outcome == "none"


def test_a_thinned_city_lacks_the_rows_in_every_table_and_nothing_else(tmp_path: Path) -> None:
    city = City(chinese(tmp_path).parent)
    lost = [Place("interpolation", "人民西路", number="6"), Place("missing building", "虹桥北村", number="8")]
    thin = thinned(city, tmp_path / "thin", lost)
    before, after = (read_table(c.draft, "asset_building") for c in (city, thin))
    assert set(before["id"]) - set(after["id"]) == {"LZ3", "LZ8"}
    assert set(after["id"]) < set(before["id"])
    assert len(read_table(thin.draft, "place")) == len(read_table(city.draft, "place"))
    assert len(read_table(city.draft, "asset_building")) == 12


def test_a_thinned_town_lacks_the_house_however_it_is_written(tmp_path: Path) -> None:
    city = City(german(tmp_path).parent)
    thin = thinned(city, tmp_path / "thin", [Place("interpolation", "Bachgasse", number="4A")])
    kept = read_table(thin.draft, "place")
    assert len(kept) == 51
    assert not ((kept["street"] == "Bachgasse") & (kept["housenumber"] == "4a")).any()


@dataclass
class Knows:
    """A geocoder that knows one place."""

    place: PeerAnswer

    def geocode(self, _text: str) -> Any:
        """The same for everything."""
        return self.place


def test_the_tables_show_every_system_beside_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    some: Sequence[Text] = [text(HOUSE), text(OTHER), text()]
    asked = [
        one
        for system, said in (("right", answer(at(0))), ("silent", answer()))
        for one in geocoding._answers("lauf", system, Knows(said), some, JUDGE)
    ]
    print_tables(asked)
    printed = capsys.readouterr().out
    assert "| address | clean | 2 | 50.0 % | 0.0 % |" in printed
    assert "silent: right 0.0 %, listed 0.0 %, unsure 0.0 %, silent 100.0 %" in printed
    assert "right: false 100.0 %" in printed


def test_answers_are_saved_with_their_truths(tmp_path: Path) -> None:
    asked = list(geocoding._answers("lauf", "one", Knows(answer(at(0))), [text(HOUSE)], JUDGE))
    geocoding._save(tmp_path / "asked.csv", asked)
    head, row = (tmp_path / "asked.csv").read_text("utf-8").splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True))["truth"] == f"{X:.1f} {Y:.1f}"
    assert np.isclose(asked[0].verdict.error_m, 0, atol=0.01)
