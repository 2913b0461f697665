"""Datums convert exactly, both ways, and only where the shift applies."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.datum import convert, in_mainland
from geo.outline import HONG_KONG, MACAU, MAINLAND
from geo.types import Datum

SHIFTED = (Datum.GCJ02, Datum.BD09)
NAMES = {"wgs": Datum.WGS84, "gcj": Datum.GCJ02, "bd": Datum.BD09}
CHINA = st.tuples(st.floats(73, 135), st.floats(18, 54))

INSIDE = {
    "Shenzhen": (114.057, 22.543), "Luohu": (114.117, 22.5345), "Shekou": (113.92, 22.48),
    "Yantian": (114.27, 22.57), "Zhuhai": (113.577, 22.271), "Gongbei": (113.547, 22.219),
    "Hengqin": (113.54, 22.13), "Wailingding": (114.03, 22.10), "Xiamen": (118.089, 24.48),
    "Weitou": (118.565, 24.522), "Pingtan": (119.79, 25.50), "Huangqi": (119.88, 26.33),
    "Zhoushan": (122.2, 29.98), "Shengsi": (122.8, 30.7), "Nantong": (120.86, 32.0), "Dalian": (121.6, 38.9),
    "Dandong": (124.383, 40.13), "Ji'an": (126.19, 41.125), "Linjiang": (126.91, 41.81),
    "Changbai": (128.20, 41.42), "Tumen": (129.845, 42.965), "Hunchun": (130.366, 42.863),
    "Fangchuan": (130.60, 42.45), "Suifenhe": (131.16, 44.40), "Hulin": (132.97, 45.76),
    "Raohe": (134.01, 46.80), "Fuyuan": (134.3, 48.36), "Tongjiang": (132.51, 47.64),
    "Heihe": (127.50, 50.245), "Mohe": (122.54, 52.97), "Beiji": (122.35, 53.48),
    "Manzhouli": (117.38, 49.598), "Arxan": (119.94, 47.18), "Erenhot": (111.977, 43.653),
    "Altay": (88.14, 47.84), "Jeminay": (85.87, 47.43), "Tacheng": (82.98, 46.75),
    "Alashankou": (82.57, 45.17), "Khorgos": (80.41, 44.21), "Yining": (81.32, 43.92),
    "Kashgar": (75.99, 39.47), "Taxkorgan": (75.23, 37.77), "Purang": (81.17, 30.29),
    "Zhangmu": (85.98, 27.99), "Yadong": (88.91, 27.48), "Lhasa": (91.14, 29.65), "Ruili": (97.855, 24.013),
    "Wanding": (98.07, 24.085), "Daluo": (100.04, 21.69), "Mohan": (101.69, 21.19), "Hekou": (103.96, 22.53),
    "Pingxiang": (106.766, 22.096), "Dongxing": (107.972, 21.547), "Weizhou": (109.1, 21.03),
    "Sanya": (109.5, 18.25), "Haikou": (110.2, 20.04),
}  # fmt: skip
OUTSIDE = {
    "Hong Kong": (114.158, 22.283), "Tsuen Wan": (114.12, 22.37), "Sheung Shui": (114.127, 22.505),
    "Tung Ping Chau": (114.433, 22.543), "Lantau": (113.91, 22.31), "Tai O": (113.864, 22.253),
    "Po Toi": (114.26, 22.165), "Macau": (113.543, 22.198), "Taipa": (113.557, 22.155),
    "Coloane": (113.565, 22.12), "Kinmen": (118.32, 24.435), "Mashan": (118.40, 24.52),
    "Lieyu": (118.235, 24.43), "Matsu": (119.93, 26.15), "Dongyin": (120.49, 26.37), "Wuqiu": (119.45, 24.99),
    "Taipei": (121.565, 25.033), "Kaohsiung": (120.3, 22.62), "Penghu": (119.57, 23.57),
    "Sinuiju": (124.398, 40.10), "Manpo": (126.29, 41.15), "Hyesan": (128.18, 41.395),
    "Hoeryong": (129.75, 42.44), "Musan": (129.21, 42.23), "Onsong": (129.99, 42.96),
    "Pyongyang": (125.75, 39.02), "Seoul": (126.98, 37.57), "Osaka": (135.5, 34.69), "Okinawa": (127.7, 26.2),
    "Vladivostok": (131.89, 43.12), "Khabarovsk": (135.07, 48.48), "Blagoveshchensk": (127.53, 50.28),
    "Zabaykalsk": (117.327, 49.652), "Zamyn-Uud": (111.904, 43.716), "Ulaanbaatar": (106.91, 47.89),
    "Almaty": (76.9, 43.24), "Dostyk": (82.48, 45.25), "Bishkek": (74.59, 42.87), "Osh": (72.8, 40.5),
    "Leh": (77.58, 34.16), "Kathmandu": (85.32, 27.7), "Thimphu": (89.64, 27.47), "Gangtok": (88.61, 27.33),
    "Myitkyina": (97.4, 25.38), "Muse": (97.90, 23.985), "Laukkai": (98.76, 23.69),
    "Lao Cai": (103.97, 22.49), "Ha Giang": (104.98, 22.82), "Lang Son": (106.76, 21.85),
    "Dong Dang": (106.70, 21.945), "Mong Cai": (107.966, 21.525), "Hanoi": (105.85, 21.03),
}  # fmt: skip


def metres(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    east = (a[0] - b[0]) * np.cos(np.radians(b[1]))
    return np.hypot(east, a[1] - b[1]) * 111_320


def vectors(path: Path) -> list[dict[str, str]]:
    with (path / "coordinates" / "vectors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def position(row: dict[str, str], name: str) -> tuple[np.ndarray, np.ndarray] | None:
    if not row[f"{name}_lon"]:
        return None
    return np.array(float(row[f"{name}_lon"])), np.array(float(row[f"{name}_lat"]))


@pytest.mark.parametrize("target", ["gcj", "bd"])
def test_every_reference_vector_is_met_both_ways(shared_data: Path, target: str) -> None:
    """Forward to its tolerance, and back for what was computed by the published algorithm."""
    checked = 0
    for row in vectors(shared_data):
        wgs, there = position(row, "wgs"), position(row, target)
        if wgs is None or there is None:
            continue
        tolerance = float(row["tolerance_m"])
        assert metres(convert(*wgs, Datum.WGS84, NAMES[target]), there) <= tolerance, row["id"]
        if row["kind"] == "algorithm":
            assert metres(convert(*there, NAMES[target], Datum.WGS84), wgs) <= 1e-6, row["id"]
        checked += 1
    assert checked >= 27


@pytest.mark.parametrize("target", SHIFTED)
@given(place=CHINA)
def test_mainland_positions_survive_the_round_trip_to_a_micrometre(
    target: Datum, place: tuple[float, float]
) -> None:
    assume(in_mainland(*place))
    there = convert(*place, Datum.WGS84, target)
    assert metres(convert(*there, target, Datum.WGS84), place) < 1e-6


@given(place=CHINA)
def test_what_an_inverse_moved_is_moved_back_by_the_shift(place: tuple[float, float]) -> None:
    """Everywhere, the outline's neighbourhood included: no answer belongs to another position."""
    wgs = convert(*place, Datum.GCJ02, Datum.WGS84)
    if in_mainland(*wgs):
        assert metres(convert(*wgs, Datum.WGS84, Datum.GCJ02), place) < 1e-6
    else:
        assert tuple(map(float, wgs)) == place


def test_points_on_both_sides_of_the_outline_round_trip_when_they_are_inside() -> None:
    """The image of a mainland point may fall outside the outline; the way back finds it all the same."""
    lng, lat = np.array(MAINLAND).T
    rng = np.random.default_rng(7)
    lng, lat = (np.repeat(v, 200) + rng.uniform(-0.01, 0.01, len(v) * 200) for v in (lng, lat))
    inside = in_mainland(lng, lat)
    wgs = lng[inside], lat[inside]
    image = convert(*wgs, Datum.WGS84, Datum.GCJ02)
    assert (~in_mainland(*image)).any()
    assert metres(convert(*image, Datum.GCJ02, Datum.WGS84), wgs).max() < 1e-6


def test_the_shift_over_the_mainland_is_as_large_as_known() -> None:
    lng, lat = (v.ravel() for v in np.meshgrid(np.linspace(73, 135, 200), np.linspace(18, 54, 200)))
    inside = in_mainland(lng, lat)
    wgs = lng[inside], lat[inside]
    shift = metres(convert(*wgs, Datum.WGS84, Datum.GCJ02), wgs)
    assert 15 < shift.min() < 40
    assert 650 < shift.max() < 720


@pytest.mark.parametrize("town", INSIDE)
def test_mainland_border_towns_are_shifted(town: str) -> None:
    assert in_mainland(*INSIDE[town])
    assert metres(convert(*INSIDE[town], Datum.WGS84, Datum.GCJ02), INSIDE[town]) > 10


@pytest.mark.parametrize("town", OUTSIDE)
def test_neighbours_are_not_shifted(town: str) -> None:
    place = OUTSIDE[town]
    assert tuple(map(float, convert(*place, Datum.WGS84, Datum.GCJ02))) == place
    assert tuple(map(float, convert(*place, Datum.GCJ02, Datum.WGS84))) == place


@pytest.mark.parametrize("ring", [MAINLAND, HONG_KONG, MACAU])
def test_the_outline_is_made_of_closed_simple_rings(ring: tuple[tuple[float, float], ...]) -> None:
    assert ring[0] == ring[-1]
    assert shapely.LinearRing(ring).is_simple


@given(place=CHINA)
def test_cgcs2000_is_wgs84_in_degrees(place: tuple[float, float]) -> None:
    assert tuple(map(float, convert(*place, Datum.CGCS2000, Datum.WGS84))) == place
    direct = convert(*place, Datum.WGS84, Datum.BD09)
    assert convert(*place, Datum.CGCS2000, Datum.BD09) == direct


@given(place=CHINA)
def test_baidu_and_gcj_convert_without_asking_where(place: tuple[float, float]) -> None:
    """BD-09's own offset has no outline, so it closes everywhere."""
    there = convert(*place, Datum.GCJ02, Datum.BD09)
    assert 100 < metres(there, place) < 2000
    assert metres(convert(*there, Datum.BD09, Datum.GCJ02), place) < 1e-6


@pytest.mark.parametrize("source", Datum)
@pytest.mark.parametrize("target", Datum)
def test_what_is_not_finite_becomes_nan_and_leaves_the_rest_alone(source: Datum, target: Datum) -> None:
    lng, lat = convert(
        [np.nan, 120.0, np.inf, 120.0, 120.0], [32.0, np.nan, 32.0, -np.inf, 32.0], source, target
    )
    assert np.isnan(lng).tolist() == np.isnan(lat).tolist() == [True, True, True, True, False]
    assert lng[4] == convert(120.0, 32.0, source, target)[0]


@pytest.mark.parametrize("place", [(0, 90), (105, -90), (180, 0), (1e300, -1e300), (575_595.6, 3_542_132.1)])
@pytest.mark.parametrize("datum", SHIFTED)
def test_numbers_from_anywhere_convert_without_a_warning(place: tuple[float, float], datum: Datum) -> None:
    """Warnings are errors here. What is far from the mainland is not shifted."""
    convert(*place, datum, Datum.WGS84)
    convert(*place, Datum.WGS84, datum)
    assert tuple(map(float, convert(*place, Datum.GCJ02, Datum.WGS84))) == place


def test_a_position_converts_alike_alone_and_in_company() -> None:
    """One report and a million must get the same answer, to the last bit."""
    rng = np.random.default_rng(3)
    lng, lat = rng.uniform(104.9999999, 105.0000001, 500), rng.uniform(20, 40, 500)
    together = np.array(convert(lng, lat, Datum.BD09, Datum.WGS84))
    alone = np.array([convert(x, y, Datum.BD09, Datum.WGS84) for x, y in zip(lng, lat, strict=True)]).T
    assert np.array_equal(together, alone)


def test_shapes_are_kept_and_broadcast() -> None:
    assert convert(120.0, 32.0, Datum.WGS84, Datum.GCJ02)[0].shape == ()
    lng, lat = convert(np.full((2, 1), 120.0), np.full(3, 32.0), Datum.WGS84, Datum.GCJ02)
    assert lng.shape == lat.shape == (2, 3)
    assert lng.dtype == np.float64
    assert convert([], [], Datum.WGS84, Datum.GCJ02)[0].shape == (0,)


def test_the_input_is_not_changed() -> None:
    lng, lat = np.array([120.0]), np.array([32.0])
    out = convert(lng, lat, Datum.WGS84, Datum.WGS84)
    out[0][0] = 0
    convert(lng, lat, Datum.WGS84, Datum.BD09)
    assert (lng[0], lat[0]) == (120.0, 32.0)
