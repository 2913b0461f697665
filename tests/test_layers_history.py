"""What was published when, as the routes tell it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from geo.errors import CityError
from layers.city import City, sha256
from layers.history import read_history, read_published
from layers.in_force import read_in_force
from layers.publish import publish, rollback
from tests.cities import small_city

FIRST, SECOND, THIRD = (datetime(2026, 11, day, 8, tzinfo=UTC) for day in (1, 2, 3))


@pytest.fixture
def city(tmp_path: Path) -> City:
    """Published twice, then rolled back to the first."""
    city = small_city(tmp_path / "c")
    publish(city, now=FIRST)
    publish(city, now=SECOND, effective=date(2026, 12, 1))
    rollback(city, 1, now=THIRD)
    return city


def test_every_generation_is_told_with_its_digest_and_which_is_live(city: City) -> None:
    second, first = read_published(city)
    assert (first.number, first.live, first.published_at) == (1, True, FIRST)
    assert first.effective == THIRD.date()  # it holds again from then on
    assert (second.number, second.live, second.effective) == (2, False, date(2026, 12, 1))
    assert first.sha256 == sha256(city.generation(1))


def test_the_history_has_every_publication_and_rollback(city: City) -> None:
    assert [(one.action, one.number) for one in read_history(city)] == [
        ("publish", 1),
        ("publish", 2),
        ("rollback", 1),
    ]
    assert read_in_force(city).numbers == (1, 1)


def test_nothing_published_is_no_history(tmp_path: Path) -> None:
    city = small_city(tmp_path / "c")
    assert read_history(city) == []
    assert read_published(city) == []


@pytest.mark.parametrize("line", ["no json", "{}", '{"at":"x","action":"publish","generation":1}', "[]"])
def test_a_damaged_line_is_named(city: City, line: str) -> None:
    with city.history.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(CityError, match="line 4"):
        read_history(city)
