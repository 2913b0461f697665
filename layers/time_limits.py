"""How long an issue may take: hours by category, and the calendar that counts them.

The shipped table (``layers/data/limits_gbt30428.csv``) is a start. It says of each row whether a city is
known to have that limit (``fact``) or whether it is ours (``default``); all are steps that one city uses for
its components. GB/T 30428 leaves the limits to the cities. Its working days are natural ones here, 24 hours
each, until a calendar counts better.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Protocol

from geo.errors import ConfigError
from layers.life_cycle import AT_WORK, WAITING

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
CLAIM = "claim_minutes"
ANY = "*"
MOST_HOURS = 87_600.0  # ten years
MOST_CLAIM = 1_440.0  # minutes: a day
TABLE = "limits_gbt30428.csv"


class Calendar(Protocol):
    """Counts the hours of a limit.

    The seam for working hours, holidays, and the time in which an issue's clock stands still (a return pauses
    it): a calendar may know any of them, and is then made for one city or one issue.
    """

    def after(self, start_us: int, hours: float) -> int:
        """The moment, UTC microseconds, at which so many of its hours have passed since another."""
        ...


@dataclass(frozen=True, slots=True)
class NaturalHours:
    """Counts day and night, every day."""

    def after(self, start_us: int, hours: float) -> int:
        """As `Calendar.after`."""
        return start_us + round(hours * HOUR_US)


NATURAL = NaturalHours()


@dataclass(frozen=True, slots=True)
class Limits:
    """Hours by category or class.

    Attributes:
        hours: by the code of a category, by what the codes of a class begin with, and by ``*`` for all
            others.
        claim_minutes: how long a claim holds; see `layers.claims`.
    """

    hours: Mapping[str, float]
    claim_minutes: float = 30.0

    @property
    def claim_us(self) -> int:
        """How long a claim holds, in microseconds."""
        return round(self.claim_minutes * MINUTE_US)

    def hours_of(self, category: str) -> float:
        """The hours of a category: its own, else of the longest beginning of its code, else of ``*``."""
        begins = (category[:size] for size in range(len(category), 0, -1))
        return self.hours[next((code for code in begins if code in self.hours), ANY)]

    def due_at(self, category: str, received_at_us: int, calendar: Calendar = NATURAL) -> int:
        """When an issue of a category has to be handled, UTC microseconds."""
        return calendar.after(received_at_us, self.hours_of(category))

    def replaced(self, own: Mapping[str, object]) -> Limits:
        """These limits, but for those that a city sets itself.

        Raises:
            ConfigError: a limit that is not a number of hours above 0 and up to ten years, or a claim of
                more than a day.
        """
        hours = {code: _hours(code, own[code]) for code in own if code != CLAIM}
        minutes = _minutes(own[CLAIM]) if CLAIM in own else self.claim_minutes
        return Limits(MappingProxyType({**self.hours, **hours}), minutes)


def _hours(code: str, value: object) -> float:
    # Written so that NaN fails too.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_HOURS:
        raise ConfigError(
            f"The limit of {code!r} is {value!r}, not a number of hours.", fix=f'Write "{code}" = 72.'
        )
    return float(value)


def _minutes(value: object) -> float:
    # Written so that NaN fails too.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_CLAIM:
        fix = f"Write {CLAIM} = 30; a day ({MOST_CLAIM:g}) is the most."
        raise ConfigError(f"{CLAIM} is {value!r}, not a number of minutes.", fix=fix)
    return float(value)


@functools.cache
def shipped_limits() -> Limits:
    """The limits of the shipped table."""
    text = (resources.files("layers") / "data" / TABLE).read_text("utf-8")
    return Limits(
        MappingProxyType({row["code"]: float(row["hours"]) for row in csv.DictReader(text.splitlines())})
    )


def is_overdue(state: str, due_us: int | None, now_us: int) -> bool:
    """Whether an issue should have been handled by now and is not; without a limit it never is.

    The clock ends when it is handled, and runs again when it is reopened: against the same limit, until
    whoever reopens it sets another.
    """
    return due_us is not None and now_us > due_us and state in (*WAITING, *AT_WORK)
