"""Times as whole microseconds since 1970 UTC, as the store keeps them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)


def now_us() -> int:
    """Now."""
    return time.time_ns() // 1000


def micros(utc: datetime) -> int:
    """A time in UTC, without its zone."""
    return (utc - _EPOCH) // _MICROSECOND


def time_text(at_us: int) -> str:
    """As RFC 3339, always with all six digits, so that it sorts."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat(timespec="microseconds") + "Z"
