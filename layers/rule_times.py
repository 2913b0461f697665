"""When a rule holds: weekdays, hours and days by the city's clock; and the times that files say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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


def times_said(texts: Iterable[str], time_zone: str) -> tuple[Times, Bools]:
    """The times of texts, in UTC, and which texts say something that is no time.

    A text without a zone is by the city's clock: of an hour that the clock shows twice the first, of one
    that it jumps over the time after the jump. An empty text is NaT.
    """
    zone = ZoneInfo(time_zone)
    read: dict[str, datetime | None] = {}
    rows = [text.strip() for text in texts]
    for text in set(rows):
        read[text] = time_said(text, zone)
    values = [np.datetime64("NaT") if (t := read[text]) is None else np.datetime64(t, "us") for text in rows]
    times = np.array(values, dtype="datetime64[us]")
    return times, np.isnat(times) & np.array([bool(text) for text in rows], dtype=bool)


def time_said(text: str, zone: ZoneInfo) -> datetime | None:
    """A time in UTC, without its zone; None where the text says none. As in `times_said`."""
    slashed = re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", text)
    try:
        if slashed:
            said = datetime(*(int(part or 0) for part in slashed.groups()))  # type: ignore[arg-type]
        else:
            said = datetime.fromisoformat(text)
        with_zone = said if said.tzinfo is not None else said.replace(tzinfo=zone)
        return with_zone.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
