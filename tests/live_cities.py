"""Live cities and reports for the tests of intake and of the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cities import at, small_city

from api.report_model import ReportIn
from layers.city import City
from layers.incoming import Incoming
from layers.live import LiveCity, open_live
from layers.publish import publish
from layers.store import open_store

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZONE)
NOON = int(NOW.timestamp()) * 1_000_000


def published_city(folder: Path) -> City:
    """The small city, published."""
    city = small_city(folder)
    publish(city, now=NOW)
    return city


@contextmanager
def live_city(folder: Path) -> Iterator[LiveCity]:
    """The small city with its store open."""
    city = City(folder) if (folder / "city.toml").exists() else published_city(folder)
    with open_store(folder / "issues.db") as store:
        yield open_live(city, store)


def report(column: float = 0.5, row: float = 0.5, **said: Any) -> Incoming:
    """A report at a place of the lattice."""
    lng, lat = at(column, row)
    return ReportIn(**{"lng": lng, "lat": lat, "category": "0118", **said}).incoming(ZONE)


def words_only(text: str, **said: Any) -> Incoming:
    """A report without a position."""
    return ReportIn(text=text, **said).incoming(ZONE)
