"""Photos in a city's folder and the reports that name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from layers.store.private import named_photos
from layers.store.schema import PHOTOS

_TOGETHER = 500


def photo_file(folder: Path, sha256: str) -> Path:
    """Where a photo lies, as `layers.photos.store_photo` puts it there."""
    return folder / f"{sha256}.jpg"


def delete_unnamed(connection: Connection, folder: Path, photos: Collection[str]) -> int:
    """Delete the files of those photos that no report names; returns how many there were.

    Called in a work of the writer, so that no report comes to name one meanwhile. What was sent with a report
    that is still on its way must be kept from being asked for here.
    """
    gone = 0
    for sha256 in sorted(set(photos) - named_photos(connection, photos)):
        path = photo_file(folder, sha256)
        if path.exists():
            path.unlink()
            gone += 1
    return gone


def missing_photos(connection: Connection, folder: Path) -> list[str]:
    """The file names of photos that reports name and that are not there."""
    named = connection.scalars(select(PHOTOS.c.sha256).distinct().order_by(PHOTOS.c.sha256))
    return [photo_file(folder, sha256).name for sha256 in named if not photo_file(folder, sha256).exists()]


def unnamed_photos(connection: Connection, folder: Path, *, before_s: float) -> list[str]:
    """The names of files that no report names.

    Args:
        before_s: seconds since 1970; a later file may belong to a report that is on its way.
    """
    found = []
    for group in _groups(folder, before_s):
        named = {photo_file(folder, one).name for one in named_photos(connection, [p.stem for p in group])}
        found += [path.name for path in group if path.name not in named]
    return found


def _groups(folder: Path, before_s: float) -> Iterator[list[Path]]:
    paths = sorted(path for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < before_s)
    for start in range(0, len(paths), _TOGETHER):
        yield paths[start : start + _TOGETHER]
