"""Erasing what is personal: rows, photos, and what lies on in the log; the chain of events stays whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from layers.store import Store
from layers.store.private import Erased, named_photos

EraseSome = Callable[[Connection], Erased]


def erase_all(store: Store, photos: Path, erase_some: EraseSome) -> Erased:
    """Erase in works of some reports until none is left, then their photos, then the log.

    Args:
        photos: the folder of photos.
        erase_some: `layers.store.private.erase_reporter` or ``erase_before`` with what it needs.

    Returns:
        the reports, and the photos whose files are gone.
    """
    reports: list[str] = []
    named: set[str] = set()
    while (some := store.write(erase_some)).reports:
        reports += some.reports
        named.update(some.photos)
    gone = store.write(lambda connection: _remove(connection, photos, named)) if named else ()
    if reports:
        store.trim()
    return Erased(tuple(reports), gone)


def _remove(connection: Connection, folder: Path, photos: set[str]) -> tuple[str, ...]:
    """Delete the files that no report names by now. In a work, so that nobody names one meanwhile: a report
    that comes with the same photo looks within its own work that the file is there.
    """
    gone = sorted(photos - named_photos(connection, photos))
    for photo in gone:
        (folder / f"{photo}.jpg").unlink(missing_ok=True)
    return tuple(gone)
