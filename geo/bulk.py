"""Whether what is dear to make and quick to ask may be made: for a million places it pays, not for one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Generic, TypeVar

Index = TypeVar("Index")

LOADING_PAYS = 100_000
"""Points for which a program that ends afterwards had better load what is compiled: GEOS takes as long."""

_weight: ContextVar[float] = ContextVar("weight", default=0.0)
"""How much a point that is asked for counts towards what an index costs."""


@contextmanager
def bulk(is_bulk: bool = True) -> Iterator[None]:
    """Within it indexes for many points may be made.

    Elsewhere they are not: whoever asks of one place shall not wait for what pays with a million.
    """
    token = _weight.set(max(_weight.get(), float(is_bulk)))
    try:
        yield
    finally:
        _weight.reset(token)


@contextmanager
def at_once() -> Iterator[None]:
    """Within it indexes for many points are made as soon as they are asked: for a program that stays."""
    token = _weight.set(math.inf)
    try:
        yield
    finally:
        _weight.reset(token)


class ForMany(Generic[Index]):
    """An index that is made in `bulk`, when as many points were asked for as would pay for it.

    May be shared between threads.

    Args:
        make: makes it.
        pays_from: so many points pay for it.
    """

    def __init__(self, make: Callable[[], Index], pays_from: int) -> None:
        self._make = make
        self._left = float(pays_from)
        self._turn = Lock()
        self.made: Index | None = None

    def asked(self, points: int) -> Index | None:
        """The index, where there is one by now; to be called with how many points are asked for."""
        weight = _weight.get()
        if self.made is None and points and weight:
            with self._turn:
                self._left -= weight * points
                if self.made is None and self._left <= 0:
                    self.made = self._make()
        return self.made
