"""Names of reports and issues: in order, never twice, and in the city's day."""

from __future__ import annotations

import threading
from datetime import date
from uuid import RFC_4122, UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from stores import NOON

from layers.store.ids import city_day, human_number, uuid7s


@given(st.lists(st.integers(min_value=0, max_value=NOON), min_size=1, max_size=30))
def test_uuids_of_one_process_only_grow_whatever_the_clock_does(times: list[int]) -> None:
    made = [UUID(name) for at_us in times for name in uuid7s(at_us, 2)]
    assert made == sorted(set(made))
    assert all(one.version == 7 and one.variant == RFC_4122 for one in made)


def test_a_uuid_says_its_millisecond() -> None:
    late = 10 * NOON  # later than any that this process has made
    assert UUID(uuid7s(late, 1)[0]).int >> 80 == late // 1000


def test_threads_never_get_the_same() -> None:
    made: list[str] = []

    def make() -> None:
        made.extend(name for _ in range(100) for name in uuid7s(NOON, 5))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000


def test_numbers_are_of_the_citys_day() -> None:
    evening = NOON + 12 * 3_600_000_000  # midnight in Shanghai, four in the afternoon in UTC
    assert city_day(evening - 1, ZoneInfo("Asia/Shanghai")) == date(2026, 11, 21)
    assert city_day(evening, ZoneInfo("Asia/Shanghai")) == date(2026, 11, 22)
    assert city_day(evening, ZoneInfo("UTC")) == date(2026, 11, 21)


def test_numbers_grow_longer_after_four_digits() -> None:
    day = date(2026, 11, 21)
    assert human_number(day, 42) == "20261121-0042"
    assert human_number(day, 12345) == "20261121-12345"
