"""Weekdays, hours and days by the city's clock, compared with a plain calculation row by row."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.rule_times import (
    DAYS,
    day_said,
    hours_said,
    local_times,
    time_said,
    times_said,
    weekdays_said,
)

ZONES = ("Asia/Shanghai", "America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "UTC", "Asia/Kolkata")
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2060, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))
# Moments about the changes of clocks, where a mistake of an hour shows.
CHANGES = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.sampled_from([datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)]),
    st.integers(-180, 180),
)
CLOCK = st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(0, 23), st.integers(0, 59))
HOURS = st.tuples(CLOCK, CLOCK | st.just("24:00")).filter(lambda ends: ends[0] != ends[1]).map("-".join)


def utc(moments: list[datetime | None]) -> np.ndarray:
    return np.array(
        [np.datetime64("NaT") if m is None else np.datetime64(m.replace(tzinfo=None)) for m in moments],
        dtype="datetime64[us]",
    )


def plainly_within(clock: datetime, hours: str) -> bool:
    """Whether a clock time lies in hours, the slow way: minute by minute from the first to the last."""
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    minute, now = start, clock.hour * 60 + clock.minute
    while minute % 1440 != end % 1440 or minute == start:
        if minute % 1440 == now:
            return True
        minute += 1
    return False


@given(
    st.lists(MOMENTS | CHANGES | st.none(), min_size=1, max_size=8),
    st.sampled_from(ZONES),
    st.frozensets(st.sampled_from(DAYS), min_size=1),
    st.lists(HOURS, min_size=1, max_size=3),
    st.dates(date(1975, 1, 1), date(2060, 1, 1)),
    st.integers(0, 900),
)
def test_conditions_of_time_agree_with_a_calculation_row_by_row(
    moments: list[datetime | None],
    zone: str,
    days: frozenset[str],
    hours: list[str],
    first: date,
    length: int,
) -> None:
    last = first + timedelta(days=length)
    local = local_times(utc(moments), zone)
    clocks = [None if m is None else m.astimezone(ZoneInfo(zone)) for m in moments]
    assert list(local.on(days)) == [c is not None and DAYS[c.weekday()] in days for c in clocks]
    assert list(local.within(hours)) == [
        c is not None and any(plainly_within(c, said) for said in hours) for c in clocks
    ]
    assert list(local.between(first, last)) == [c is not None and first <= c.date() <= last for c in clocks]
    assert list(local.between(None, None)) == [c is not None for c in clocks]


def test_hours_are_half_open_and_may_run_over_midnight() -> None:
    clocks = [(7, 59, 59), (8, 0, 0), (19, 59, 59), (20, 0, 0), (0, 0, 0), (5, 59, 59), (6, 0, 0)]
    moments = [datetime(2026, 7, 1, *clock, tzinfo=UTC) for clock in clocks]
    local = local_times(utc([*moments, None]), "UTC")
    assert list(local.within(["08:00-20:00"])) == [False, True, True, False, False, False, False, False]
    assert list(local.within(["20:00-06:00"])) == [False, False, False, True, True, True, False, False]
    assert list(local.within(["00:00-24:00"])) == [True] * 7 + [False]
    assert list(local.within(["20:00-00:00"])) == [False, False, False, True, False, False, False, False]


def test_the_weekday_after_midnight_is_that_of_the_clock() -> None:
    # Saturday 01:00 lies in the night that began on Friday; its weekday is Saturday.
    local = local_times(utc([datetime(2026, 7, 3, 17, tzinfo=UTC)]), "Asia/Shanghai")
    assert local.within(["20:00-06:00"])[0]
    assert not local.on(["fri"])[0]
    assert local.on(["sat"])[0]


def test_daylight_saving_moves_the_hours_with_the_clock() -> None:
    eight = [datetime(2026, 1, 15, 14, tzinfo=UTC), datetime(2026, 7, 15, 13, tzinfo=UTC)]
    local = local_times(utc(eight), "America/Chicago")
    assert list(local.minute) == [480, 480]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", "mon"),
        ("Friday", "fri"),
        (" SUN ", "sun"),
        ("周一", "mon"),
        ("星期天", "sun"),
        ("礼拜日", "sun"),
        ("mon-fri", "mon tue wed thu fri"),
        ("fri-mon", "fri sat sun mon"),
        ("周六至周日", "sat sun"),
        ("周一–周三", "mon tue wed"),
        ("mon-mon", "mon"),
    ],
)
def test_weekdays_are_read_in_both_languages(text: str, days: str) -> None:
    assert weekdays_said(text) == set(days.split())


@pytest.mark.parametrize("text", ["", "funday", "mo", "周八", "mon-", "mon-tue-wed", "1"])
def test_what_is_no_weekday_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        weekdays_said(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("08:00-20:00", "08:00-20:00"),
        ("8:00 – 20:00", "08:00-20:00"),
        ("20：00至6：00", "20:00-06:00"),
        ("00:00-24:00", "00:00-24:00"),
    ],
)
def test_hours_are_read(text: str, hours: str) -> None:
    assert hours_said(text) == hours


@pytest.mark.parametrize(
    "text", ["", "8-20", "08:00", "08:00-08:00", "25:00-26:00", "08:60-09:00", "24:00-06:00"]
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        hours_said(text)


def test_days_are_days_and_nothing_finer() -> None:
    assert day_said(date(2026, 7, 1)) == day_said("2026-07-01") == date(2026, 7, 1)
    for wrong in (datetime(2026, 7, 1, 8), "2026-7-1", "2026-02-30", "20260701", 2026, None):
        with pytest.raises(ValueError, match=r".*"):
            day_said(wrong)


def test_times_of_files_are_read_with_and_without_a_zone() -> None:
    texts = [
        "2026-07-01T08:00:00+08:00",
        "2026-07-01 08:00",
        "2026/7/1 8:00",
        "2026-07-01T00:00Z",
        "",
        "noon",
    ]
    times, wrong = times_said(texts, "Asia/Shanghai")
    assert list(times[:4]) == [np.datetime64("2026-07-01T00:00", "us")] * 4
    assert np.isnat(times[4:]).all()
    assert list(wrong) == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2013年06月01日", 0, 0),
        ("2013年6月1日 8:05", 8, 5),
        ("2013年6月1日8时05分30秒", 8, 5),
        ("2013年6月1日 20点", 20, 0),
        ("2013-6-1 8:05", 8, 5),
        ("2013/06/01 08:05:00.000", 8, 5),
        ("06/01/2013 12:00:00 AM", 0, 0),
        ("06/01/2013 12:05:00 PM", 12, 5),
        ("6/1/2013 1:05 pm", 13, 5),
        ("06/01/2013 11:59:59 PM", 23, 59),
    ],
)
def test_times_are_read_as_chinese_offices_and_data_portals_write_them(
    text: str, hour: int, minute: int
) -> None:
    said = time_said(text, ZoneInfo("UTC"))
    assert said is not None
    assert (said.year, said.month, said.day, said.hour, said.minute) == (2013, 6, 1, hour, minute)


@pytest.mark.parametrize(
    "text",
    [
        "01/02/2013", "01/02/2013 08:00", "31.01.2013 08:00", "1370044800", "2013年02月30日", "2013/6-1",
        "31/01/2013 08:00:00 AM", "01/31/2013 13:00 PM", "01/31/2013 0:30 AM", "01/31/2013 AM", "2013年6月",
    ],
)  # fmt: skip
def test_days_that_may_be_months_and_times_that_no_clock_shows_are_not_guessed(text: str) -> None:
    times, wrong = times_said([text], "UTC")
    assert np.isnat(times[0])
    assert wrong[0]


def test_a_clock_time_that_comes_twice_is_the_first_and_one_that_never_comes_is_later() -> None:
    times, _ = times_said(["2026-11-01 01:30", "2026-03-08 02:30"], "America/Chicago")
    assert list(times) == [np.datetime64("2026-11-01T06:30", "us"), np.datetime64("2026-03-08T08:30", "us")]


def test_times_beyond_the_calendar_are_no_times() -> None:
    assert list(times_said(["0001-01-01", "10000-01-01", "2026-13-01"], "Asia/Shanghai")[1]) == [True] * 3


_CLOCKS = st.datetimes(datetime(1850, 1, 1), datetime(2200, 1, 1))
_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y/%m/%d %H:%M")
_TEXTS = st.one_of(
    st.builds(lambda at, form: at.strftime(form).rjust(10, "0"), _CLOCKS, st.sampled_from(_FORMS)),
    st.sampled_from(["", "soon", "2026-02-30", "2026-03-08T02:30", "2026-11-01 01:30:00", "24:00"]),
)


@given(st.lists(_TEXTS, max_size=12), st.sampled_from(ZONES))
def test_a_column_of_times_says_what_each_text_says(texts: list[str], zone: str) -> None:
    times, wrong = times_said(texts, zone)
    column = pa.array([text and f" {text}\u3000" for text in texts] + [None], pa.string())
    of_column, wrong_of_column = times_said(column, zone)
    np.testing.assert_array_equal(of_column, [*times, np.datetime64("NaT")])
    assert wrong_of_column.tolist() == [*wrong.tolist(), False]
    for text, at, bad in zip(texts, times, wrong, strict=True):
        alone = time_said(text, ZoneInfo(zone))
        assert (None if np.isnat(at) else at.astype(datetime)) == alone
        assert bad == (bool(text) and alone is None)
