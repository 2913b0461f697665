"""Where, when and which way up a photo was taken: EXIF, read from bytes that may be anything.

An own reader of some tags, because a general one warns, raises or works without end on what people send.
Whatever is broken, missing or impossible is simply not said. Tags: CIPA DC-008 (EXIF 2.32), TIFF 6.0.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from geo.errors import CoordinateError
from geo.types import Datum, LngLat

ORIENTATION, EXIF_IFD, GPS_IFD = 0x0112, 0x8769, 0x8825
TAKEN, OFFSET_OF_TAKEN, OFFSET = 0x9003, 0x9011, 0x9010
LAT_REF, LAT, LNG_REF, LNG, GPS_TIME, MAP_DATUM, GPS_DAY, GPS_ERROR = 1, 2, 3, 4, 7, 18, 29, 31

MAX_ENTRIES, MAX_NUMBERS, MAX_TEXT = 1000, 16, 64
NULL_ISLAND = 1e-3
"""Degrees around 0, 0 that are taken for a receiver without a fix."""
MAX_ACCURACY_M = 20_000_000.0  # half the way around the earth
MAX_OFFSET_H = 14

_FORMATS = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d"}
_TEXT, _UNDEFINED = 2, 7
_DATUMS = {"": Datum.WGS84, "WGS84": Datum.WGS84, "CGCS2000": Datum.CGCS2000, "GCJ02": Datum.GCJ02}


@dataclass(frozen=True, slots=True)
class PhotoPosition:
    """Where a photo says that it was taken.

    Attributes:
        accuracy_m: GPSHPositioningError, which phones mean as a radius of 68 %; None where it is not said.
        datum: what GPSMapDatum says; WGS-84 where it says nothing.
    """

    lng: float
    lat: float
    accuracy_m: float | None = None
    datum: Datum = Datum.WGS84


@dataclass(frozen=True, slots=True)
class Exif:
    """What a photo says about itself.

    Attributes:
        orientation: 1 to 8 as EXIF numbers them.
        taken_at_us: UTC microseconds; None where no time zone is known.
    """

    orientation: int = 1
    position: PhotoPosition | None = None
    taken_at_us: int | None = None


def read_exif(data: bytes) -> Exif:
    """What an EXIF block says, with or without its ``Exif`` header; never raises."""
    tiff = data[6:] if data.startswith(b"Exif\0") else data
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return Exif()
    main = _Directory(tiff, order, _unpack(order + "I", tiff, 4))
    gps = _Directory(tiff, order, main.whole(GPS_IFD))
    return Exif(_orientation(main), _position(gps), _taken_at_us(main, gps))


def _orientation(main: _Directory) -> int:
    said = main.whole(ORIENTATION)
    return said if said is not None and 1 <= said <= 8 else 1


def _position(gps: _Directory) -> PhotoPosition | None:
    lng = _degrees(gps.numbers(LNG), gps.text(LNG_REF).upper(), "EW")
    lat = _degrees(gps.numbers(LAT), gps.text(LAT_REF).upper(), "NS")
    datum = _DATUMS.get(re.sub(r"[^A-Z0-9]", "", gps.text(MAP_DATUM).upper()))
    if lng is None or lat is None or datum is None:
        return None
    if abs(lng) < NULL_ISLAND and abs(lat) < NULL_ISLAND:
        return None
    try:
        LngLat.checked(lng, lat)
    except CoordinateError:
        return None
    error = next(iter(gps.numbers(GPS_ERROR)), -1.0)
    return PhotoPosition(lng, lat, error if 0 < error <= MAX_ACCURACY_M else None, datum)


def _degrees(parts: tuple[float, ...], side: str, sides: str) -> float | None:
    """Degrees, minutes and seconds as signed degrees; None without a side of the equator or Greenwich."""
    if len(side) != 1 or side not in sides or not 1 <= len(parts) <= 3:
        return None
    degrees, minutes, seconds = (*parts, 0.0, 0.0)[:3]
    # Written so that NaN fails too. Sixty is what rounding makes of 59.9999.
    if not (degrees >= 0 and 0 <= minutes <= 60 and 0 <= seconds <= 60):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return -value if side == sides[1] else value


def _taken_at_us(main: _Directory, gps: _Directory) -> int | None:
    """By the satellites' clock, which is in UTC; else by the camera's, if it says its zone."""
    at = _gps_time(gps.text(GPS_DAY), gps.numbers(GPS_TIME))
    if at is None:
        camera = _Directory(main.tiff, main.order, main.whole(EXIF_IFD))
        at = _camera_time(camera.text(TAKEN), camera.text(OFFSET_OF_TAKEN) or camera.text(OFFSET))
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _gps_time(day: str, clock: tuple[float, ...]) -> datetime | None:
    parts = re.fullmatch(r"(\d{4})[:/-](\d\d)[:/-](\d\d)", day)
    if parts is None or len(clock) != 3:
        return None
    hours, minutes, seconds = clock
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61):
        return None
    try:
        midnight = datetime(int(parts[1]), int(parts[2]), int(parts[3]), tzinfo=UTC)
        return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _camera_time(text: str, offset: str) -> datetime | None:
    zone = re.fullmatch(r"([+-])(\d\d):(\d\d)", "+00:00" if offset == "Z" else offset)
    if zone is None or int(zone[2]) > MAX_OFFSET_H or int(zone[3]) > 59:
        return None
    ahead = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (1 if zone[1] == "+" else -1)
    try:
        local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        return local.replace(tzinfo=timezone(ahead)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _Directory:
    """One directory of a TIFF structure: its entries by tag, values read when asked for."""

    def __init__(self, tiff: bytes, order: str, offset: int | None) -> None:
        self.tiff, self.order = tiff, order
        self._entries: dict[int, tuple[int, int, int]] = {}
        count = None if offset is None else _unpack(order + "H", tiff, offset)
        if offset is None or count is None:
            return
        for start in range(offset + 2, offset + 2 + 12 * min(count, MAX_ENTRIES), 12):
            if start + 12 > len(tiff):
                break
            tag, kind, length = struct.unpack_from(order + "HHI", tiff, start)
            self._entries.setdefault(tag, (kind, length, start + 8))

    def _place(self, tag: int, size: int) -> int | None:
        """Where a value of so many bytes begins: in the entry, if it fits there."""
        at = self._entries[tag][2]
        return at if size <= 4 else _unpack(self.order + "I", self.tiff, at)

    def numbers(self, tag: int) -> tuple[float, ...]:
        """The numbers of a tag; a fraction over zero is NaN. Empty if there are none or they are cut off."""
        kind, length, _ = self._entries.get(tag, (0, 0, 0))
        if kind not in _FORMATS or not 0 < length <= MAX_NUMBERS:
            return ()
        layout = self.order + _FORMATS[kind] * length
        size = struct.calcsize(layout)
        place = self._place(tag, size)
        if place is None or place + size > len(self.tiff):
            return ()
        values = struct.unpack_from(layout, self.tiff, place)
        if len(_FORMATS[kind]) == 1:
            return tuple(float(value) for value in values)
        return tuple(
            above / below if below else float("nan")
            for above, below in zip(values[::2], values[1::2], strict=True)
        )

    def whole(self, tag: int) -> int | None:
        """The first number of a tag if it is a whole one."""
        first = next(iter(self.numbers(tag)), None)
        return int(first) if first is not None and first.is_integer() and first >= 0 else None

    def text(self, tag: int) -> str:
        """The text of a tag up to its end mark, blanks around it taken away; empty if there is none."""
        kind, length, _ = self._entries.get(tag, (0, 0, 0))
        if kind not in (_TEXT, _UNDEFINED) or not 0 < length <= MAX_TEXT:
            return ""
        place = self._place(tag, length)
        raw = b"" if place is None else self.tiff[place : place + length]
        return raw.split(b"\0")[0].decode("ascii", "replace").strip()


def _unpack(layout: str, data: bytes, offset: int) -> int | None:
    """The one number at an offset, or None beyond the end."""
    if offset + struct.calcsize(layout) > len(data):
        return None
    value: int = struct.unpack_from(layout, data, offset)[0]
    return value
