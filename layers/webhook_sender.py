"""Sends a store's events to its webhooks: in order, at least once, each hook by a thread of its own.

Where a hook has got to is kept in the store, so that it goes on there after a restart. What was sent after
the last note of it is sent again, with the same id.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from geo.errors import StoreUnavailableError
from layers.store import Store
from layers.store.events import chain_head, events_after
from layers.store.meta import read_meta, write_meta
from layers.store.schema import ISSUES
from layers.store.values import Event
from layers.webhook_delivery import Courier, DeliveryError, Way
from layers.webhooks import Message, Webhook, headers, message

AT_ONCE = 100  # events read at a time, and told at most between two notes of the place
NOTE_S = 1.0  # and the seconds between them
REST_S = 0.1  # after being woken, so that a thousand commits are not a thousand looks
LOOK_S = 30.0  # between looks at the store where nobody wakes the sender
FIRST_S, LONGEST_S = 1.0, 3_600.0  # waits after failures
END_S = 2.0  # a name service may keep a thread longer than the program can wait
GONE = 410

logger = logging.getLogger("woodpecker")


@dataclass(frozen=True, slots=True)
class HookStats:
    """How a hook does.

    Attributes:
        delivered, failed: messages that were taken, and attempts that were not, since the start.
        waiting: events that it has not got past.
        gone: whether it asked for no more (410); it is asked again after a restart.
        alive: whether its thread is at work.
    """

    delivered: int
    failed: int
    waiting: int
    gone: bool
    alive: bool


@dataclass(frozen=True)
class Outside:
    """What sending takes from the world besides the store; tests have their own.

    Attributes:
        clock: seconds since 1970, which signatures tell.
        monotonic: seconds that never go back.
        jitter: from 0 to 1, so that not all come back at once.
    """

    way: Way = field(default_factory=Way)
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random


def wait_s(failures: int, jitter: float) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time, up to an hour."""
    return min(LONGEST_S, FIRST_S * 2.0 ** min(failures - 1, 12) * (1 + jitter / 2))


class WebhookSender:
    """Tells webhooks of what is committed, from `start` to `stop`.

    Args:
        store: open; `stop` comes before its `close`.
        hooks: of the city's serve.toml.
    """

    def __init__(self, store: Store, hooks: Sequence[Webhook], outside: Outside | None = None) -> None:
        self._store = store
        self._lines = [HookLine(store, hook, outside or Outside()) for hook in hooks]

    def start(self) -> None:
        """Begin. What is committed from now on is told, and what a hook has missed since it was known.

        Raises:
            StoreUnavailableError: the place of a new hook cannot be noted.
        """
        for line in self._lines:
            line.open()
        for line in self._lines:
            line.start()

    def stop(self) -> None:
        """End soon: what is under way is broken off, and sent again after the next start."""
        for line in self._lines:
            line.end()
        for line in self._lines:
            line.join()

    def wake(self) -> None:
        """Something was committed: look now. Cheap, from any thread."""
        for line in self._lines:
            line.wake()

    def stats(self) -> Mapping[str, HookStats]:
        """How each hook does, by its name.

        Raises:
            StoreUnavailableError: the store cannot be read now.
        """
        if not self._lines:
            return {}
        with self._store.reading() as connection:
            head = chain_head(connection).seq
        return {line.hook.name: line.stats(head) for line in self._lines}


class HookLine:
    """One hook's place in the events, and the thread that moves it on."""

    def __init__(self, store: Store, hook: Webhook, outside: Outside) -> None:
        self.hook = hook
        self._store = store
        self._outside = outside
        self._courier = Courier(hook, outside.way)
        self._woken = threading.Event()
        self._over = threading.Event()
        self._gone = False
        self._delivered = self._failed = 0
        self._in_a_row = 0  # failures
        self._not_before = 0.0
        self._place = self._noted = 0
        self._noted_at = 0.0
        self._thread = threading.Thread(target=self._run, name=f"woodpecker-{hook.name}", daemon=True)

    def open(self) -> None:
        """Take up the hook's place; a new one's is the end of the chain."""
        self._place = self._noted = self._store.write(lambda connection: _place(connection, self.hook.key))
        self._noted_at = self._outside.monotonic()

    def start(self) -> None:
        """Go on in a thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def end(self) -> None:
        """Have the thread end."""
        self._over.set()
        self._courier.end()
        self._woken.set()

    def join(self) -> None:
        """Wait for it, but not for long."""
        if self._thread.is_alive():
            self._thread.join(END_S)

    def stats(self, head: int) -> HookStats:
        """How it does, where the chain ends at a seq."""
        waiting = max(0, head - self._place)
        return HookStats(self._delivered, self._failed, waiting, self._gone, self._thread.is_alive())

    def _run(self) -> None:
        while not self._over.is_set():
            self._woken.clear()
            if self._woken.wait(self.step()):
                self._over.wait(REST_S)
        self._note()

    def step(self) -> float:
        """Tell what is new until there is no more or somebody does not take it; the seconds to wait then."""
        if self._gone:
            return LOOK_S
        early_s = self._not_before - self._outside.monotonic()
        if early_s > 0:
            return early_s
        try:
            more = self._tell_some()
        except StoreUnavailableError as error:
            logger.warning("Webhook %s: %s", self.hook.name, error.message)
            return LOOK_S
        return 0.0 if more else self._pause()

    def _tell_some(self) -> bool:
        """Tell some events; whether there may be more to tell at once."""
        events, numbers, end = self._read()
        for event in events:
            if self._over.is_set() or not self._tell(event, numbers):
                return False
            self._move(event.seq)
        if len(events) == AT_ONCE:
            return True
        self._move(end)
        return False

    def _read(self) -> tuple[tuple[Event, ...], Mapping[str, str], int]:
        """The next events that the hook wants, the numbers of their issues, and the end of the chain."""
        with self._store.reading() as connection:
            end = chain_head(connection).seq
            events = events_after(connection, self._place, AT_ONCE, kinds=self.hook.kinds)
            uids = {event.issue_uid for event in events} - {None}
            asked = select(ISSUES.c.uid, ISSUES.c.number).where(ISSUES.c.uid.in_(uids))
            return events, {row.uid: row.number for row in connection.execute(asked)} if uids else {}, end

    def _tell(self, event: Event, numbers: Mapping[str, str]) -> bool:
        """Whether the hook took it; if not, it is known how long to wait."""
        told = message(event, numbers.get(event.issue_uid or ""))
        try:
            status = self._post(told)
        except DeliveryError as error:
            self._fail(error.message)
            return False
        if 200 <= status < 300:
            self._delivered += 1
            self._in_a_row = 0
            return True
        self._gone = status == GONE
        self._fail(f"Its answer is {status}.")
        return False

    def _post(self, told: Message) -> int:
        return self._courier.post(headers(told, self.hook.secret, self._outside.clock()), told.body)

    def _fail(self, why: str) -> None:
        if self._over.is_set():
            return
        self._failed += 1
        self._in_a_row += 1
        after_s = wait_s(self._in_a_row, self._outside.jitter())
        self._not_before = self._outside.monotonic() + after_s
        then = "it wants no more until the next start" if self._gone else f"again in {after_s:.0f} s"
        logger.warning("Webhook %s: %s (%s)", self.hook.name, why, then)
        self._note()

    def _move(self, seq: int) -> None:
        self._place = seq
        if seq - self._noted >= AT_ONCE or self._outside.monotonic() - self._noted_at >= NOTE_S:
            self._note()

    def _pause(self) -> float:
        """How long to wait: for the next look, the next attempt or the next note, whichever comes first."""
        now = self._outside.monotonic()
        if self._place != self._noted and now - self._noted_at >= NOTE_S:
            self._note()
        until = [LOOK_S] + ([self._not_before - now] if self._in_a_row else [])
        until += [self._noted_at + NOTE_S - now] if self._place != self._noted else []
        return max(0.0, min(until))

    def _note(self) -> None:
        """Write down how far the hook is; where that fails, some is told twice later."""
        place, key = self._place, self.hook.key
        self._noted_at = self._outside.monotonic()
        if place == self._noted:
            return
        with contextlib.suppress(StoreUnavailableError):
            self._store.write(lambda connection: write_meta(connection, key, str(place)))
            self._noted = place


def _place(connection: Connection, key: str) -> int:
    """Where a hook has got to; from now on the end of the chain, where it has no place in it."""
    head, said = chain_head(connection).seq, read_meta(connection, key)
    if said is not None and int(said) <= head:
        return int(said)
    write_meta(connection, key, str(head))
    return head
