"""Names of reports and issues: UUIDv7 for programs, numbers a day for people."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

_RANDOM_BITS = 74
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Monotone:
    """The last UUID's time and random bits: the next of this process must be greater."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self, at_ms: int) -> int:
        with self._lock:
            fresh = at_ms << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
            # Within a millisecond, or where the clock went back, count on by a random step (RFC 9562, 6.2).
            self._last = fresh if fresh > self._last else self._last + 1 + secrets.randbits(32)
            return self._last


_monotone = _Monotone()


def uuid7(at_us: int) -> UUID:
    """A version 7 UUID (RFC 9562, 5.7) of a time; greater than every one this process made before.

    Args:
        at_us: microseconds since 1970 UTC. Should it go back, the UUIDs keep the later time.
    """
    value = _monotone.next(max(at_us, 0) // 1000)
    at_ms, bits = value >> _RANDOM_BITS, value & ((1 << _RANDOM_BITS) - 1)
    high, low = bits >> 62, bits & ((1 << 62) - 1)
    return UUID(int=(at_ms & (1 << 48) - 1) << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low)


def human_number(day: date, count: int) -> str:
    """The number people say for the count-th issue of a day: ``20261121-0042``; longer after 9999."""
    return f"{day:%Y%m%d}-{count:04d}"


def city_day(at_us: int, zone: ZoneInfo) -> date:
    """The day of a time by the city's clock."""
    return (_EPOCH + timedelta(microseconds=at_us)).astimezone(zone).date()
