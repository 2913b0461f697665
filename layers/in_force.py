"""Which generation was in force when: what a late report is answered by."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from layers.city import City
from layers.history import read_history


@dataclass(frozen=True, slots=True)
class InForce:
    """The generations of a city by the first day of each.

    Attributes:
        days: ascending.
        numbers: of the generations, from their day on.
    """

    days: tuple[date, ...]
    numbers: tuple[int, ...]

    def on(self, day: date) -> int | None:
        """The generation in force on a day, the first before all others; None where there is none."""
        at = max(bisect_right(self.days, day) - 1, 0)
        return self.numbers[at] if self.numbers else None


def read_in_force(city: City) -> InForce:
    """What the history of publications says; of several for one day the last counts, and a publication
    takes the place of all that were to begin later.

    Raises:
        CityError: the history is damaged.
    """
    days: list[date] = []
    numbers: list[int] = []
    for entry in read_history(city):
        day = entry.effective
        while days and days[-1] >= day:
            days.pop()
            numbers.pop()
        days.append(day)
        numbers.append(entry.number)
    return InForce(tuple(days), tuple(numbers))
