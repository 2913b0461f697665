"""Which generation answers for a day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from cities import small_city

from layers.city import City
from layers.in_force import read_in_force

AT = "2026-01-01T00:00:00+08:00"


def history(folder: Path, *entries: tuple[int, str]) -> City:
    city = small_city(folder)
    city.history.parent.mkdir(exist_ok=True)
    lines = [
        json.dumps(
            {"at": "2026-01-01T00:00:00+08:00", "action": "publish", "generation": n, "effective": day}
        )
        for n, day in entries
    ]
    city.history.write_text("".join(f"{line}\n" for line in lines))
    return city


def test_a_day_is_answered_by_the_last_generation_that_had_begun(tmp_path: Path) -> None:
    found = read_in_force(history(tmp_path, (1, "2026-01-01"), (2, "2026-03-01"), (3, "2026-05-01")))
    days = [date(2025, 1, 1), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2027, 1, 1)]
    assert [found.on(day) for day in days] == [1, 1, 1, 2, 3]


def test_a_publication_takes_the_place_of_all_that_were_to_begin_later(tmp_path: Path) -> None:
    found = read_in_force(history(tmp_path, (1, "2026-01-01"), (2, "2026-06-01"), (3, "2026-03-01")))
    assert [found.on(date(2026, month, 2)) for month in (1, 3, 6, 7)] == [1, 3, 3, 3]


def test_of_several_for_one_day_the_last_counts(tmp_path: Path) -> None:
    found = read_in_force(history(tmp_path, (1, "2026-01-01"), (2, "2026-01-01"), (1, "2026-01-01")))
    assert found.on(date(2026, 1, 1)) == 1


def test_without_a_history_there_is_none(tmp_path: Path) -> None:
    assert read_in_force(small_city(tmp_path)).on(date(2026, 1, 1)) is None
