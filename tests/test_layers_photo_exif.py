"""What a photo says of place and time: read in every order and way, and nothing impossible believed."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.types import Datum
from layers.photo_exif import Exif, read_exif
from tests.photo_files import CAMERA, GPS, TAKEN_US, Entry, exif, mutated


def _said(gps: Mapping[int, Entry | None] = {}, camera: Mapping[int, Entry | None] = {}) -> Exif:
    """The usual directories with some entries replaced, or taken away by None."""
    return read_exif(exif(_changed(GPS, gps), _changed(CAMERA, camera)))


def _changed(usual: Mapping[int, Entry], by: Mapping[int, Entry | None]) -> dict[int, Entry]:
    return {tag: entry for tag, entry in {**usual, **by}.items() if entry is not None}


SOUTH_WEST: dict[int, Entry | None] = {1: (2, b"S\0"), 3: (2, b"W\0")}


def test_south_and_west_are_negative() -> None:
    position = _said(SOUTH_WEST).position
    assert position is not None
    assert (position.lng, position.lat) == pytest.approx((-120.86, -32.0101))


NAN, INF = float("nan"), float("inf")
NOWHERE: dict[str, dict[int, Entry | None]] = {
    "no latitude": {2: None},
    "no side": {1: None},
    "a wrong side": {1: (2, b"E\0")},
    "an empty side": {3: (2, b"\0")},
    "over zero": {2: (5, [(32, 0), (0, 1), (0, 1)])},
    "zero over zero": {2: (5, [(0, 0), (0, 0), (0, 0)])},
    "NaN": {4: (12, [NAN, 0.0, 0.0])},
    "infinite": {4: (12, [INF, 0.0, 0.0])},
    "beyond the pole": {2: (5, [(91, 1), (0, 1), (0, 1)])},
    "just beyond the pole": {2: (5, [(90, 1), (0, 1), (1, 1)])},
    "beyond the date line": {4: (5, [(180, 1), (0, 1), (1, 10)])},
    "negative degrees": {2: (10, [(-32, 1), (0, 1), (0, 1)])},
    "seventy minutes": {2: (5, [(32, 1), (70, 1), (0, 1)])},
    "four parts": {2: (5, [(32, 1)] * 4)},
    "as text": {2: (2, b"32.01\0")},
    "the island at 0, 0": {2: (5, [(0, 1), (0, 1), (1, 1)]), 4: (5, [(0, 1), (0, 1), (1, 1)])},
    "an unknown datum": {18: (2, b"TOKYO\0")},
}


@pytest.mark.parametrize("gps", NOWHERE.values(), ids=NOWHERE)
def test_an_impossible_place_is_no_place(gps: dict[int, Entry | None]) -> None:
    said = _said(gps)
    assert said.position is None
    assert said.taken_at_us == TAKEN_US  # the rest still holds


@pytest.mark.parametrize(("parts", "degrees"), [
    ([(32, 1)], 32.0), ([(32, 1), (309, 10)], 32.515), ([(3201, 100), (0, 1), (0, 1)], 32.01),
    ([(31, 1), (59, 1), (60, 1)], 32.0), ([(0, 1), (0, 1), (0, 1)], 0.0), ([(90, 1), (0, 1), (0, 1)], 90.0),
])  # fmt: skip
def test_degrees_come_in_several_ways(parts: list[tuple[int, int]], degrees: float) -> None:
    """On the equator is a place; only there and at Greenwich at once is none."""
    position = _said({2: (5, parts)}).position
    assert position is not None
    assert position.lat == pytest.approx(degrees)


@pytest.mark.parametrize(
    "error", [None, (5, [(5, 0)]), (5, [(0, 1)]), (12, [NAN]), (12, [-3.0]), (12, [1e12])]
)
def test_an_impossible_accuracy_is_not_said(error: Entry | None) -> None:
    position = _said({31: error}).position
    assert position is not None
    assert position.accuracy_m is None


@pytest.mark.parametrize(("said", "datum"), [
    (b"WGS-84\0", Datum.WGS84), (b"wgs 84", Datum.WGS84), (b"GCJ-02\0", Datum.GCJ02),
    (b"CGCS2000", Datum.CGCS2000),
])  # fmt: skip
def test_the_datum_is_read(said: bytes, datum: Datum) -> None:
    position = _said({18: (2, said)}).position
    assert position is not None
    assert position.datum is datum


NO_GPS_TIME: dict[int, Entry | None] = {7: None, 29: None}


def test_without_the_satellites_clock_the_cameras_counts_if_it_knows_its_zone() -> None:
    assert _said(NO_GPS_TIME).taken_at_us == TAKEN_US + 1_000_000
    assert _said(NO_GPS_TIME, {0x9011: None}).taken_at_us is None
    assert _said(NO_GPS_TIME, {0x9011: None, 0x9010: (2, b"+08:00\0")}).taken_at_us == TAKEN_US + 1_000_000
    assert _said(NO_GPS_TIME, {0x9011: (2, b"-05:30\0")}).taken_at_us == TAKEN_US + 1_000_000 + 48_600_000_000
    assert _said(NO_GPS_TIME, {0x9011: (2, b"Z\0")}).taken_at_us == TAKEN_US + 1_000_000 + 28_800_000_000


@pytest.mark.parametrize("gps", [
    {29: (2, b"2026:13:30\0")}, {29: (2, b"0000:00:00\0")}, {29: (2, b"yesterday\0")},
    {7: (5, [(24, 1), (0, 1), (0, 1)])}, {7: (5, [(4, 0), (5, 1), (6, 1)])}, {7: (12, [NAN, 1.0, 1.0])},
    {7: (5, [(4, 1)])}, {29: (2, b"9999:12:31\0"), 7: (5, [(23, 1), (59, 1), (605, 10)])},
])  # fmt: skip
def test_an_impossible_time_of_the_satellites_leaves_it_to_the_camera(gps: dict[int, Entry | None]) -> None:
    assert _said(gps).taken_at_us == TAKEN_US + 1_000_000


@pytest.mark.parametrize("camera", [
    {0x9003: (2, b"    :  :     :  :  \0")}, {0x9003: (2, b"2026:02:30 12:00:00\0")}, {0x9003: None},
    {0x9011: (2, b"+25:00\0")}, {0x9011: (2, b"local\0")}, {0x9003: (2, b"0001:01:01 00:00:00\0")},
])  # fmt: skip
def test_an_impossible_time_of_the_camera_is_none(camera: dict[int, Entry | None]) -> None:
    assert _said(NO_GPS_TIME, camera).taken_at_us is None


@given(st.binary(max_size=300))
@example(b"")
@example(b"II*\0")
@example(b"II*\0\xff\xff\xff\xff")
@example(b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
def test_any_bytes_are_some_exif(data: bytes) -> None:
    assert isinstance(read_exif(data), Exif)
    assert isinstance(read_exif(b"II*\0" + data), Exif)


@given(data=st.data(), order=st.sampled_from("<>"))
@settings(max_examples=300)
def test_broken_exif_never_raises_and_never_says_an_impossible_place(data: st.DataObject, order: str) -> None:
    said = read_exif(mutated(exif(order=order), data))
    assert 1 <= said.orientation <= 8
    if said.position is not None:
        assert -180 <= said.position.lng <= 180
        assert -90 <= said.position.lat <= 90
        assert said.position.accuracy_m is None or 0 < said.position.accuracy_m < 3e7


def test_a_directory_that_leads_back_to_itself_ends() -> None:
    block = bytearray(exif())
    block[block.index(struct.pack("<HHI", 0x8825, 4, 1)) + 8 :][:4] = struct.pack("<I", 8)
    assert read_exif(bytes(block))
