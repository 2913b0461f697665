"""What was published when: the history of a city's generations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from geo.errors import CityError
from layers.city import City


@dataclass(frozen=True, slots=True)
class WentLive:
    """A line of the history.

    Attributes:
        at: when it was said.
        action: ``publish`` or ``rollback``.
        number: of the generation.
        effective: the day from which it holds.
    """

    at: datetime
    action: str
    number: int
    effective: date


@dataclass(frozen=True, slots=True)
class Published:
    """A generation that there is.

    Attributes:
        sha256: empty where nobody wrote it down.
        published_at: when it was made; None where the history does not say.
        effective: the day from which it held, as was said last.
        live: whether it is the live one.
    """

    number: int
    sha256: str
    published_at: datetime | None
    effective: date | None
    live: bool


def read_history(city: City) -> list[WentLive]:
    """Every publication and rollback, oldest first.

    Raises:
        CityError: the history is damaged.
    """
    if not city.history.exists():
        return []
    lines = city.history.read_text(encoding="utf-8").splitlines()
    return [_entry(city, number, line) for number, line in enumerate(lines, 1)]


def read_published(city: City) -> list[Published]:
    """The generations that there are, newest first.

    Raises:
        CityError: the history is damaged, or LIVE names a generation that is not there.
    """
    history, live = read_history(city), city.live_number()
    return [_published(city, number, history, live) for number in reversed(city.numbers())]


def _published(city: City, number: int, history: list[WentLive], live: int | None) -> Published:
    said = [one for one in history if one.number == number]
    noted = city.generation(number).with_suffix(".sha256")
    digest = noted.read_text(encoding="ascii", errors="replace").split() if noted.is_file() else []
    return Published(
        number,
        digest[0] if digest else "",
        said[0].at if said else None,
        said[-1].effective if said else None,
        number == live,
    )


def _entry(city: City, number: int, line: str) -> WentLive:
    try:
        said = json.loads(line)
        at, effective = datetime.fromisoformat(said["at"]), date.fromisoformat(said["effective"])
        return WentLive(at, str(said["action"]), int(said["generation"]), effective)
    except (ValueError, KeyError, TypeError) as error:
        fix = "Mend the line, or restore the file from a backup."
        raise CityError(f"{city.history}, line {number} cannot be read: {error}.", fix=fix) from error
