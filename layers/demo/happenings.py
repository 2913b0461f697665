"""One thing that happened and was reported, and the rhythm of days and hours in which things are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.demo.regions import Labels

DAYS = 180
# 2026-01-02, the first of the days, is a Friday.
FIRST_WEEKDAY = 4
BY_WEEKDAY = np.array([1.1, 1.05, 1.0, 1.0, 1.05, 0.75, 0.65])
HOURS: dict[str, tuple[float, ...]] = {
    "day": (1, 0, 0, 0, 0, 1, 3, 7, 11, 12, 11, 9, 6, 7, 10, 11, 10, 9, 7, 6, 5, 4, 3, 2),
    "evening": (4, 2, 1, 1, 1, 2, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 3, 7, 13, 17, 17, 13, 9, 6),
    "night": (9, 7, 5, 4, 3, 3, 2, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 3, 4, 7, 11, 16, 17, 14),
    "rush": (0, 0, 0, 0, 0, 1, 5, 15, 14, 6, 4, 5, 5, 4, 4, 6, 11, 14, 10, 6, 4, 3, 1, 0),
}


@dataclass(frozen=True)
class Happening:
    """A report before it is written down.

    ``minute`` counts from the first day's midnight, ``xy`` is in EPSG:4549 (None: told in words only),
    ``telling`` is how others would say it (templates and their words).
    """

    category: str
    text: str
    minute: int
    xy: tuple[float, float] | None
    telling: tuple[tuple[str, ...], dict[str, str]] = ((), {})
    channel: str = ""


def hours_of(rhythm: str, count: int, rng: np.random.Generator, *, growth: float = 0.15) -> Labels:
    """Minutes of so many happenings; there are (1 + ``growth``) times as many at the end as at the start."""
    day = np.arange(DAYS)
    weight = BY_WEEKDAY[(day + FIRST_WEEKDAY) % 7] * (1 + growth * day / DAYS)
    days = rng.choice(DAYS, count, p=weight / weight.sum())
    hour = np.array(HOURS[rhythm])
    hours = rng.choice(24, count, p=hour / hour.sum())
    return np.asarray(days * 1440 + hours * 60 + rng.integers(0, 60, count), dtype=np.intp)
