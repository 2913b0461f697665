"""What a city at work does now and then: follow a new generation, forget what is over, erase what is old."""

from __future__ import annotations

import logging
import threading
from functools import partial

from sqlalchemy import Connection

from geo.errors import GridError
from layers.generation import Generation
from layers.live import LiveCity
from layers.store.erasing import Whose
from layers.store.meta import read_meta, write_meta
from layers.store.repeats import forget_expired
from layers.store.values import Issue
from layers.times import now_us
from layers.transfers import AT_ONCE, assign_again

logger = logging.getLogger("woodpecker")

ASSIGNED_BY = "assigned_by"  # in the store: the SHA-256 of the generation that open issues were assigned by
LOOK_S, TIDY_S = 1.0, 3600.0
DAY_US = 86_400 * 1_000_000


def follow(city: LiveCity, at_us: int) -> int:
    """Go over to the generation that is live now, where that has changed, and assign open issues anew.

    Returns:
        how many issues have changed by it.
    """
    if city.is_stale():
        city.follow()
    with city.store.reading() as connection:
        if read_meta(connection, ASSIGNED_BY) == city.generation.sha256:
            return 0
    generation = city.generation
    changed = _assign_all(city, generation, at_us)
    city.store.write(lambda connection: write_meta(connection, ASSIGNED_BY, generation.sha256))
    return changed


def _assign_all(city: LiveCity, generation: Generation, at_us: int) -> int:
    def page(connection: Connection, after: int) -> tuple[list[Issue], int | None]:
        return assign_again(generation, connection, after, AT_ONCE, at_us)

    after: int | None = 0
    changed = 0
    while after is not None:
        issues, after = city.store.write(partial(page, after=after))
        city.changed([(issue, None) for issue in issues])
        changed += len(issues)
    return changed


def tidy(city: LiveCity, at_us: int, retention_days: int) -> int:
    """Forget answers whose time is over, and erase what is personal in reports older than that.

    Args:
        retention_days: 0 erases nothing.

    Returns:
        how many reports lost what was personal in them.
    """
    city.store.write(lambda connection: forget_expired(connection, at_us))
    if not retention_days:
        return 0
    whose = Whose(before_us=at_us - retention_days * DAY_US)
    return city.erase(whose, at_us=at_us, actor="woodpecker", reason="retention")[0]


class Keeper:
    """A thread that follows, quickens and tidies until it is stopped."""

    def __init__(self, city: LiveCity, retention_days: int = 0) -> None:
        self._city, self._retention_days = city, retention_days
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="woodpecker-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after what is at work now."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        waited, pause = TIDY_S, 0.0  # what was published while nothing ran is followed at once
        quick: Generation | None = None
        while not self._stop.wait(pause):
            pause = LOOK_S
            waited += pause
            try:
                if changed := follow(self._city, now_us()):
                    logger.info("Generation %s: %d issues changed.", self._city.generation.id, changed)
                if self._city.generation is not quick:
                    quick = self._city.generation
                    self._city.quicken(self._stop.is_set)
                if waited >= TIDY_S:
                    tidy(self._city, now_us(), self._retention_days)
                    waited = 0.0
            except (GridError, OSError) as error:  # said, and tried again: the service goes on as it was
                logger.error("Keeping the city failed: %s", error)
