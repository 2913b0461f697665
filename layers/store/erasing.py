"""Everything that is personal in some reports erased: in the store, on the disk, and in the store's log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from layers.store.photo_files import delete_unnamed
from layers.store.private import Erased, erase_before, erase_reporter
from layers.store.schema import PRIVATE, REPORTS
from layers.store.store import Store
from layers.store.writer import Work


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose reports: of one reporter, or those received before a time; one of both is None."""

    reporter: str | None = None
    before_us: int | None = None


def count_private(connection: Connection, whose: Whose) -> int:
    """How many reports still have what would be erased."""
    asked = select(func.count()).select_from(PRIVATE.join(REPORTS))
    if whose.reporter is not None:
        asked = asked.where(PRIVATE.c.reporter == whose.reporter)
    if whose.before_us is not None:
        asked = asked.where(REPORTS.c.received_us < whose.before_us)
    return connection.scalar(asked) or 0


def erase(
    store: Store, photos: Path, whose: Whose, *, at_us: int, actor: str, reason: str = ""
) -> tuple[tuple[str, ...], int]:
    """Erase what is personal, in works small enough that others need not wait.

    Deletes the files of photos that no report names any more, and empties the store's log.

    Args:
        photos: the city's folder of photos.
        actor: who erases.
        reason: why; part of the event, which is never erased.

    Returns:
        the uids of the reports, and how many photos are gone.
    """
    work = _erasing(whose, at_us, actor, reason)
    reports: list[str] = []
    gone = 0
    while (erased := store.write(work)).reports:
        reports += erased.reports
        gone += store.write(_deleting(photos, erased.photos))
    store.trim()
    return tuple(reports), gone


def _erasing(whose: Whose, at_us: int, actor: str, reason: str) -> Work[Erased]:
    def work(connection: Connection) -> Erased:
        if whose.reporter is not None:
            return erase_reporter(connection, whose.reporter, at_us=at_us, actor=actor, reason=reason)
        assert whose.before_us is not None
        return erase_before(connection, whose.before_us, at_us=at_us, actor=actor, reason=reason)

    return work


def _deleting(folder: Path, photos: Sequence[str]) -> Work[int]:
    return lambda connection: delete_unnamed(connection, folder, photos)
