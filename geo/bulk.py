"""Whether what is dear to make and quick to ask may be made: for a million places it pays, not for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Generic, TypeVar

Index = TypeVar("Index")

_is_bulk: ContextVar[bool] = ContextVar("is_bulk", default=False)


@contextmanager
def bulk(is_bulk: bool = True) -> Iterator[None]:
    """Within it indexes for many points may be made.

    Elsewhere they are not: whoever asks of one place shall not wait for what pays with a million.
    """
    token = _is_bulk.set(is_bulk)
    try:
        yield
    finally:
        _is_bulk.reset(token)


class ForMany(Generic[Index]):
    """An index that is made in `bulk`, when as many points were asked for as would pay for it.

    May be shared between threads.

    Args:
        make: makes it.
        pays_from: so many points pay for it.
    """

    def __init__(self, make: Callable[[], Index], pays_from: int) -> None:
        self._make = make
        self._left = pays_from
        self._turn = Lock()
        self.made: Index | None = None

    def asked(self, points: int) -> Index | None:
        """The index, where there is one by now; to be called with how many points are asked for."""
        if self.made is None and _is_bulk.get():
            with self._turn:
                self._left -= points
                if self.made is None and self._left <= 0:
                    self.made = self._make()
        return self.made
