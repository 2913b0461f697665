"""The feed: what is committed, in the order of its commits, handed on as it happens.

Nothing of a person is in it: an issue is told as any map may show it, and reasons are left out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

from geo.errors import StoreUnavailableError
from layers.generation import Generation
from layers.issue_features import Names, feature
from layers.life_cycle import DONE
from layers.live import LiveCity
from layers.store.changes import Change, changes_after
from layers.store.events import chain_head
from layers.store.values import Issue
from layers.times import now_us

AT_ONCE = 200  # changes read at a time
REST_S = 0.05  # between two looks, so that a thousand commits are not a thousand looks
LOOK_S = 1.0  # between looks where nobody wakes the feed
END_S = 5.0

logger = logging.getLogger("woodpecker")


@dataclass(frozen=True, slots=True)
class Told:
    """A change as it is told.

    Attributes:
        path: of the cell where the issue is now.
        left: of the cell that it has left by this change; None where it stayed.
        said: the change as JSON.
        parting: what is told to those who see the issue no more: that it has gone, and not where to.
    """

    seq: int
    path: str
    left: str | None
    said: bytes
    parting: bytes = b""

    def to(self, sees: Callable[[str], bool]) -> bytes:
        """What somebody who sees certain cells hears of it; nothing where it is none of his business."""
        if sees(self.path):
            return self.said
        return self.parting if self.left is not None and sees(self.left) else b""


@dataclass(frozen=True, slots=True)
class News:
    """What is new.

    Attributes:
        upto: all changes up to this seq have been told with it.
        generation: the one that has gone live since; None where it is still the same.
    """

    upto: int
    told: Sequence[Told] = ()
    generation: Generation | None = None

    @property
    def size(self) -> int:
        """Bytes, about."""
        return sum(len(one.said) for one in self.told)


def tell(change: Change, names: Names, now_us: int) -> Told:
    """A change as it is told at a time."""
    issue = change.issue
    said = _said(change, feature(issue, names, now_us), gone=issue.status in DONE)
    if change.left is None:
        return Told(change.seq, issue.cell_path, None, said)
    return Told(change.seq, issue.cell_path, change.left, said, _said(change, _stub(issue), gone=True))


def _said(change: Change, feature: bytes, *, gone: bool) -> bytes:
    """``feature`` is JSON already, and is not read again."""
    rest = orjson.dumps({"action": change.kind, "actor": change.actor, "gone": gone})
    return b"".join((b'{"feature":', feature, b",", rest[1:]))


def _stub(issue: Issue) -> bytes:
    """What an issue was known by, and nothing that it is now."""
    said = {"type": "Feature", "id": issue.uid, "geometry": None, "properties": {"number": issue.number}}
    return orjson.dumps(said)


class Feed:
    """Reads what is committed to a city's store, from `start` to `stop`, and hands it on in order.

    Nothing is left out and nothing comes twice: every look goes on where the last one ended.

    Args:
        city: open; `stop` comes before its store is closed.
        hand_on: called with all that is new, from the feed's thread.
    """

    def __init__(
        self, city: LiveCity, hand_on: Callable[[News], None], clock: Callable[[], int] = now_us
    ) -> None:
        self._city, self._hand_on, self._clock = city, hand_on, clock
        self._generation = city.generation
        self._place = 0
        self._is_well = True
        self._woken, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="woodpecker-feed", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it is at work."""
        return self._thread.is_alive() and not self._over.is_set()

    def start(self) -> int:
        """Begin; returns the seq after which all that is committed will be handed on.

        Raises:
            StoreUnavailableError: the store cannot be read now.
        """
        self._place = self.head()
        self._city.watchers.append(self._wake)
        self._thread.start()
        return self._place

    def stop(self) -> None:
        """End soon; what was committed last may not have been handed on."""
        self._over.set()
        self._woken.set()
        if self._wake in self._city.watchers:
            self._city.watchers.remove(self._wake)
        if self._thread.is_alive():
            self._thread.join(END_S)

    def head(self) -> int:
        """The seq of the last event that is committed."""
        with self._city.store.reading() as connection:
            return chain_head(connection).seq

    def read(self, after: int, upto: int) -> News:
        """Some of the changes after a seq, up to another one; ``upto`` tells how far it got."""
        with self._city.store.reading() as connection:
            changes = changes_after(connection, after, upto, AT_ONCE)
        names, now = self._city.words.names, self._clock()
        told = [tell(change, names, now) for change in changes]
        return News(changes[-1].seq if len(changes) == AT_ONCE else upto, told)

    def step(self) -> None:
        """Hand on all that is new."""
        generation = self._city.generation
        if generation is not self._generation:
            self._generation = generation
            self._hand_on(News(self._place, (), generation))
        end = self.head()
        while self._place < end and not self._over.is_set():
            news = self.read(self._place, end)
            self._place = news.upto
            self._hand_on(news)

    def _wake(self, _: Sequence[Issue]) -> None:
        self._woken.set()

    def _run(self) -> None:
        while not self._over.is_set():
            self._woken.wait(LOOK_S)
            self._woken.clear()
            self._try()
            self._over.wait(REST_S)

    def _try(self) -> None:
        try:
            self.step()
        except StoreUnavailableError as error:
            if self._is_well:  # said once, and tried again
                logger.warning("The feed of events: %s", error.message)
            self._is_well = False
        else:
            self._is_well = True
