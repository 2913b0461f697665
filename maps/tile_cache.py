"""What was made and may be asked for again, up to so many bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

ENTRY_BYTES = 500  # what a key and its place take, about


class ByteCache:
    """Bytes by key; what was asked for longest ago goes first. May be shared between threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._size = most_bytes, 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._turn = Lock()

    @property
    def size(self) -> int:
        """How many bytes it holds, about."""
        return self._size

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> bytes | None:
        """What was kept under a key."""
        with self._turn:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, value: bytes) -> None:
        """Keep something; what is larger than everything may be is not kept."""
        with self._turn:
            known = self._kept.pop(key, None)
            self._size -= 0 if known is None else len(known) + ENTRY_BYTES
            if len(value) + ENTRY_BYTES <= self._most:
                self._kept[key] = value
                self._size += len(value) + ENTRY_BYTES
            while self._size > self._most:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone) + ENTRY_BYTES
