"""When a rule holds: weekdays, hours and days by the city's clock; and the times that files say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layers.report_values import instants

Times = NDArray[np.datetime64]  # UTC, microseconds; NaT where not known
Bools = NDArray[np.bool_]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_TO = r"\s*(?:-|–|—|~|至|到)\s*"
_HOURS = re.compile(rf"(\d{{1,2}})[:：](\d{{2}}){_TO}(\d{{1,2}})[:：](\d{{2}})")
DAY_MINUTES = 24 * 60


def weekdays_said(text: str) -> frozenset[str]:
    """The weekdays, as in `DAYS`, of a text such as ``mon``, ``周一`` or ``fri-mon``, ends included.

    Raises:
        ValueError: it says no weekday.
    """
    ends = [_weekday(part) for part in re.split(_TO, text.strip())]
    if len(ends) > 2:
        raise ValueError(text)
    count = (ends[-1] - ends[0]) % 7 + 1
    return frozenset(DAYS[(ends[0] + step) % 7] for step in range(count))


def _weekday(text: str) -> int:
    chinese = _CHINESE.fullmatch(text)
    if chinese:
        return min("一二三四五六日天".index(chinese[1]), 6)
    word = text.casefold()
    return (DAYS if len(word) == 3 else _ENGLISH).index(word)


def hours_said(text: str) -> str:
    """The hours, written ``HH:MM-HH:MM``, of a text such as ``8:00-20:00`` or ``20:00-06:00``.

    Raises:
        ValueError: it says no hours, ones that no clock shows, or none at all.
    """
    found = _HOURS.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    h0, m0, h1, m1 = map(int, found.groups())
    start, end = h0 * 60 + m0, h1 * 60 + m1
    if m0 > 59 or m1 > 59 or start >= DAY_MINUTES or end > DAY_MINUTES or start == end:
        raise ValueError(text)
    return f"{h0:02d}:{m0:02d}-{h1:02d}:{m1:02d}"


def day_said(value: object) -> date:
    """The day of a TOML local date or a text ``YYYY-MM-DD``.

    Raises:
        ValueError: it is something else, such as a day with an hour.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
        return date.fromisoformat(value.strip())
    raise ValueError(value)


@dataclass(frozen=True)
class LocalTimes:
    """Times by a city's clock.

    Attributes:
        day: the day, NaT where the time is not known.
        weekday: position in `DAYS`, -1 where not known.
        minute: of the day by the clock, -1 where not known.
    """

    day: Times
    weekday: NDArray[np.int64]
    minute: NDArray[np.int64]

    def on(self, days: Iterable[str]) -> Bools:
        """Whether each time lies on one of the weekdays."""
        return np.isin(self.weekday, [DAYS.index(day) for day in days])

    def within(self, hours: Iterable[str]) -> Bools:
        """Whether each time lies in one of the hours (``HH:MM-HH:MM``): the first minute does, the last
        does not; those that end before they begin run over midnight.
        """
        inside = np.zeros(len(self.minute), dtype=bool)
        for start, end in map(_minutes, hours):
            after, before = self.minute >= start, self.minute < end
            inside |= (after & before) if start < end else (after | before)
        return inside & (self.minute >= 0)

    def between(self, first: date | None, last: date | None) -> Bools:
        """Whether each time lies on one of the days, both included; None is no bound."""
        inside = ~np.isnat(self.day)
        if first is not None:
            inside &= self.day >= np.datetime64(first, "D")
        if last is not None:
            inside &= self.day <= np.datetime64(last, "D")
        return inside


def _minutes(hours: str) -> tuple[int, int]:
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    return start, end


def local_times(utc: Times, time_zone: str) -> LocalTimes:
    """Times in UTC by the clock of a zone, daylight saving included; NaT stays unknown."""
    known = ~np.isnat(utc)
    day = np.full(len(utc), np.datetime64("NaT"), dtype="datetime64[D]")
    weekday, minute = np.full(len(utc), -1, dtype=np.int64), np.full(len(utc), -1, dtype=np.int64)
    clock = pd.DatetimeIndex(utc[known]).tz_localize("UTC").tz_convert(ZoneInfo(time_zone))
    day[known] = clock.tz_localize(None).to_numpy().astype("datetime64[D]")
    weekday[known] = clock.day_of_week
    minute[known] = clock.hour * 60 + clock.minute
    return LocalTimes(day, weekday, minute)


def times_said(texts: Iterable[str] | pa.Array, time_zone: str) -> tuple[Times, Bools]:
    """The times of texts, in UTC, and which texts say something that is no time.

    A text without a zone is by the city's clock: of an hour that the clock shows twice the first, of one
    that it jumps over the time after the jump. An empty text is NaT, and so is null.
    """
    zone = ZoneInfo(time_zone)
    column = texts if isinstance(texts, pa.Array) else pa.array(list(texts), pa.string())
    rows = pc.utf8_trim_whitespace(column.fill_null(""))
    times, plain = _plain_times(rows, time_zone)
    rest = rows.filter(pa.array(~plain)).dictionary_encode()
    read = [time_said(text, zone) for text in rest.dictionary.to_pylist()]
    times[~plain] = np.array(read, dtype="datetime64[us]")[rest.indices.to_numpy()]
    empty = np.asarray(pc.equal(rows, "").to_numpy(zero_copy_only=False), dtype=np.bool_)
    return times, np.isnat(times) & ~empty


# What nearly every table writes: read by the column, a hundred times faster than one by one.
_PLAIN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?Z?)?$"


def _plain_times(rows: pa.Array, time_zone: str) -> tuple[Times, Bools]:
    """The times of the texts that are written plainly, and which these are; none if one is no time."""
    plain = np.asarray(pc.match_substring_regex(rows, _PLAIN).to_numpy(zero_copy_only=False), dtype=np.bool_)
    times = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[us]")
    in_utc = np.asarray(pc.ends_with(rows, "Z").to_numpy(zero_copy_only=False), dtype=np.bool_)
    try:
        for which, kind in (
            (plain & in_utc, pa.timestamp("us", "UTC")),
            (plain & ~in_utc, pa.timestamp("us")),
        ):
            some = rows.filter(pa.array(which))
            read = instants(some.cast(kind), time_zone)
            assert read is not None
            times[which] = read[0]
            plain[np.flatnonzero(which)[read[1]]] = False
    except pa.ArrowInvalid:  # the 31st of February
        return np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[us]"), np.zeros(len(rows), np.bool_)
    return times, plain


_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
_CHINESE_CLOCK = r"(?P<hour>\d{1,2})[:：时点](?:(?P<minute>\d{1,2})(?:[:：分](?P<second>\d{1,2}))?[分秒]?)?"
# Beside ISO 8601. A day and a month in either order are read only as open-data portals write them, with AM or
# PM: without, nobody can tell 01/02 from 02/01.
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})(?:\s+{_CLOCK})?",
        rf"(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})[日号](?:\s*{_CHINESE_CLOCK})?",
        rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}})\s+{_CLOCK}\s*(?P<half>[AaPp])[Mm]",
    )
)


def time_said(text: str, zone: ZoneInfo) -> datetime | None:
    """A time in UTC, without its zone; None where the text says none. As in `times_said`."""
    try:
        said = _written(text)
        with_zone = said if said.tzinfo is not None else said.replace(tzinfo=zone)
        return with_zone.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _written(text: str) -> datetime:
    """The time that a text says, with the zone that it names, if any.

    Raises:
        ValueError: it says none, or one that no calendar or clock shows.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found = next((found for form in _FORMS if (found := form.fullmatch(text))), None)
        if found is None:
            raise
    parts = found.groupdict(default="0")
    day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    hour, half = int(parts["hour"]), parts.get("half", "").upper()
    if half and not 1 <= hour <= 12:
        raise ValueError(text)
    hour = hour % 12 + 12 * (half == "P") if half else hour
    return datetime.combine(day, time(hour, int(parts["minute"]), int(parts["second"])))
