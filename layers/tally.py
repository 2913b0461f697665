"""How often something happened since the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from threading import Lock


class Tally:
    """Counts words; from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, words: Iterable[str]) -> None:
        """Count each word once more."""
        with self._lock:
            self._counts.update(words)

    def counts(self) -> dict[str, int]:
        """How often each word was counted."""
        with self._lock:
            return dict(self._counts)
