"""Names of reports and issues: UUIDv7 for programs, numbers a day for people."""

from __future__ import annotations

import os
import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_RANDOM_BITS = 74
_STEP_BYTES = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Monotone:
    """The last UUID's time and random bits: the next of this process must be greater."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self, at_ms: int, count: int) -> list[int]:
        random = os.urandom(10 + _STEP_BYTES * count)
        fresh = at_ms << _RANDOM_BITS | int.from_bytes(random[:10]) >> (80 - _RANDOM_BITS)
        steps = (
            int.from_bytes(random[start : start + _STEP_BYTES])
            for start in range(10, len(random), _STEP_BYTES)
        )
        with self._lock:
            # Within a millisecond, or where the clock went back, count on by a random step (RFC 9562, 6.2).
            last = max(fresh, self._last)
            values = [last := last + 1 + step for step in steps]
            self._last = last
        return values


_monotone = _Monotone()


def uuid7s(at_us: int, count: int) -> list[str]:
    """Version 7 UUIDs (RFC 9562, 5.7) of a time; each greater than every one this process made before.

    Args:
        at_us: microseconds since 1970 UTC. Should it go back, the UUIDs keep the later time.
    """
    return [_uuid(value) for value in _monotone.next(max(at_us, 0) // 1000, count)]


def _uuid(value: int) -> str:
    at_ms, bits = value >> _RANDOM_BITS, value & ((1 << _RANDOM_BITS) - 1)
    high, low = bits >> 62, bits & ((1 << 62) - 1)
    digits = f"{(at_ms & (1 << 48) - 1) << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def human_number(day: date, count: int) -> str:
    """The number people say for the count-th issue of a day: ``20261121-0042``; longer after 9999."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}-{count:04d}"


def city_day(at_us: int, zone: ZoneInfo) -> date:
    """The day of a time by the city's clock."""
    return (_EPOCH + timedelta(microseconds=at_us)).astimezone(zone).date()
