"""Times as whole microseconds since 1970 UTC, as the store keeps them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import lru_cache

_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)
_DAY_US = 86_400_000_000


def now_us() -> int:
    """Now."""
    return time.time_ns() // 1000


def micros(utc: datetime) -> int:
    """A time in UTC, without its zone."""
    return (utc - _EPOCH) // _MICROSECOND


def time_text(at_us: int) -> str:
    """As RFC 3339, always with all six digits, so that it sorts."""
    day, since_us = divmod(at_us, _DAY_US)
    seconds, us = divmod(since_us, 1_000_000)
    return f"{_day(day)}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{us:06d}Z"


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).date().isoformat()
