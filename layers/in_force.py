"""Which generation was in force when: what a late report is answered by."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from geo.errors import CityError
from layers.city import City


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
    if not city.history.exists():
        return InForce((), ())
    for number, line in enumerate(city.history.read_text(encoding="utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            day, generation = date.fromisoformat(said["effective"]), int(said["generation"])
        except (ValueError, KeyError, TypeError) as error:
            fix = "Mend the line, or restore the file from a backup."
            raise CityError(f"{city.history}, line {number} cannot be read: {error}.", fix=fix) from error
        while days and days[-1] >= day:
            days.pop()
            numbers.pop()
        days.append(day)
        numbers.append(generation)
    return InForce(tuple(days), tuple(numbers))
